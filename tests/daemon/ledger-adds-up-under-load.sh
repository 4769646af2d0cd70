#!/bin/sh
# Whoever asks, whenever: the counters are those of one moment.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
background "$BIN/flowgen" -f v9 -r 20000 -s 5 127.0.0.1 "$PORT" >"$WORK/sent"
gen=$BG_PID
n=0 bad=0
while [ $n -lt 100 ] && alive "$gen"; do
	n=$((n + 1))
	stats
	grep -q '"balanced": true' "$STATS" || bad=$((bad + 1))
done
ok "statistics were asked for under load" test $n -ge 20
is "each time the ledger adds up" $bad 0
ok "nor does the daemon find anything wrong" \
    not grep 'does not add up' "$WORK/flowd.err"
wait "$gen"
stop_flowd
done_testing
