#!/bin/sh
# The probes that ended the original flowd, and noise.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
child=$(collector_pid)
"$BIN/mkexport" >"$WORK/probes" <<END
# a template with no fields, then data for it
v9 seq=1 uptime=1 time=1700000000 source=1
set 0 x:01000000
v9 seq=2 uptime=1 time=1700000000 source=1
set 256 x:00000000
# sets of length 0: options, reserved, and in IPFIX
raw x:000900010000000165000000000000030000000100010000
raw x:000900010000000165000000000000040000000100050000
raw x:000a00146500000000000000000000010100ffff
raw x:000a001465000000000000000000000100020000
# a set header of one byte, and a template header cut short
raw x:00090001000000016500000000000005000000010001
raw x:000900010000000165000000000000060000000100000006ff00
END
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/probes"
i=0
while [ $i -lt 20 ]; do
	i=$((i + 1))
	head -c $((i * 70)) /dev/urandom >"$WORK/noise"
	send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/noise"
done
ok "all are received" wait_for 10 sh -c "kill -USR2 $FLOWD_PID; sleep 0.2;
    awk '/\"received\":/ { exit !(\$2 + 0 >= 20) }' '$STATS'"
ok "the ledger adds up" has "$STATS" '"balanced": true'
is "no flow came of them" "$(counter records)" 0
is "the collector is the same" "$(collector_pid)" "$child"
ok "a complaint is logged, but not for each" test \
    "$(grep -c 'datagram of' "$WORK/flowd.err")" -le 3
"$BIN/flowgen" -f v9 -c 3 127.0.0.1 "$PORT" >"$WORK/sent"
flows=$(sed 's/.*"flows": *\([0-9]*\).*/\1/' "$WORK/sent")
ok "good datagrams are stored as before" wait_ledger stored "$flows"
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
done_testing
