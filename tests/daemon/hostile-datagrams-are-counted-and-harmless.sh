#!/bin/sh
# The probes that ended the original flowd, and noise.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
child=$(collector_pid)
cat >"$WORK/probes" <<END
# a template with no fields, then data for it
00090001 00000001 65000000 00000001 00000001 00000008 01000000

00090001 00000001 65000000 00000002 00000001 01000008 00000000

# sets of length 0: options, reserved, and in IPFIX
00090001 00000001 65000000 00000003 00000001 00010000

00090001 00000001 65000000 00000004 00000001 00050000

000a0014 65000000 00000000 00000001 0100ffff

000a0014 65000000 00000000 00000001 00020000

# a set header of one byte, and a template header cut short
00090001 00000001 65000000 00000005 00000001 01

00090001 00000001 65000000 00000006 00000001 00000006 ff00

END
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/probes"
ok "each probe is malformed, or has no template" wait_ledger malformed 7
is "the one" "$(counter no_template)" 1
is "and each has its reason" "$(counter malformed_truncated) \
$(counter malformed_length) $(counter malformed_template)" "3 3 1"
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
