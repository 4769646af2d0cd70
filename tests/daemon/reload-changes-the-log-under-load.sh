#!/bin/sh
# Ten reloads, each with another log, while datagrams come in.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
write_conf()
{
	conf "logfile \"$WORK/flows.$1\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT"
}

write_conf 0
start_flowd || exit 1
background "$BIN/flowgen" -f v9 -r 2000 -s 6 -T 100 127.0.0.1 "$PORT" \
    >"$WORK/sent"
gen=$BG_PID
sleep 0.4
n=0
while [ $n -lt 10 ]; do
	n=$((n + 1))
	write_conf $n
	kill -HUP "$FLOWD_PID"
	wait_logged 'configuration reloaded' $n || break
	# So that something is written to this one, too.
	sleep 0.4
done
is "ten reloads are done" $n 10
wait "$gen"
flows=$(sed 's/.*"flows": *\([0-9]*\).*/\1/' "$WORK/sent")
ok "some flows were sent" test "$flows" -gt 50000
ok "each of them was stored" wait_ledger stored "$flows"
ok "the ledger adds up" has "$STATS" '"balanced": true'
is "no datagram was dropped" "$(counter kernel_drops)" 0
stop_flowd
full=0
: >"$WORK/all"
for n in 0 1 2 3 4 5 6 7 8 9 10; do
	[ -s "$WORK/flows.$n" ] && full=$((full + 1))
	cat "$WORK/flows.$n" >>"$WORK/all"
done
is "every log got some" $full 11
is "and all of them together each flow" \
    "$(reader --format csv --columns octets "$WORK/all" | sed 1d | wc -l |
    tr -d ' ')" "$flows"
done_testing
