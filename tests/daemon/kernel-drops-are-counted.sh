#!/bin/sh
. "${0%/*}/../lib.sh"
[ "$(uname)" = Linux ] || skip_all "the count of drops is Linux's"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT bufsize 65536" ||
    exit 1
child=$(collector_pid)
background "$BIN/flowgen" -f v5 -r 1000 -s 3 127.0.0.1 "$PORT" >"$WORK/sent"
gen=$BG_PID
sleep 1
kill -STOP "$child"
sleep 1
kill -CONT "$child"
wait "$gen"
sleep 0.2
ok "statistics are there" stats
drops=$(counter kernel_drops)
ok "some were dropped" test "$drops" -gt 100
is "received and dropped are what was sent" \
    $(($(counter received) + drops)) 3000
is "and so it says of the socket" "$(sed -n '/"listeners"/,/]/p' "$STATS" |
    sed -n 's/.*"kernel_drops": *//p')" "$drops"
# Not those behind the last that was received: nothing tells of them.
lost=$(counter seq_lost)
ok "flows in them are missing by sequence number" test "$lost" -gt 3000
ok "and no others" test "$lost" -le $((drops * 30))
ok "the ledger adds up" has "$STATS" '"balanced": true'
stop_flowd
done_testing
