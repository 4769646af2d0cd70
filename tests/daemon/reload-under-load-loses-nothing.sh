#!/bin/sh
# Twenty reloads and twenty rotations while datagrams come in.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
background "$BIN/flowgen" -f v9 -r 2000 -s 6 -T 100 127.0.0.1 "$PORT" \
    >"$WORK/sent"
gen=$BG_PID
n=0
while [ $n -lt 20 ]; do
	n=$((n + 1))
	sleep 0.1
	kill -HUP "$FLOWD_PID"
	sleep 0.1
	mv "$WORK/flows" "$WORK/flows.$n" 2>/dev/null
	kill -USR1 "$FLOWD_PID"
done
wait "$gen"
flows=$(sed 's/.*"flows": *\([0-9]*\).*/\1/' "$WORK/sent")
ok "some flows were sent" test "$flows" -gt 100000
ok "each of them was stored" wait_ledger stored "$flows"
ok "the ledger adds up" has "$STATS" '"balanced": true'
is "no datagram was dropped" "$(counter kernel_drops)" 0
is "none is missing by sequence number" "$(counter seq_lost)" 0
stop_flowd
cat "$WORK"/flows "$WORK"/flows.* >"$WORK/all"
is "all of them are in the files" \
    "$(reader --format csv --columns octets "$WORK/all" | sed 1d | wc -l |
    tr -d ' ')" "$flows"
ok "there were many files" test -s "$WORK/flows.15"
done_testing
