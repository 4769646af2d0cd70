#!/bin/sh
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "logsock \"$WORK/sock\"" \
    "statsfile \"$STATS\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT" || exit 1
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "nobody listening is no trouble" wait_ledger stored 30
is "but counted" "$(counter relay_dropped)" 30
listen()
{
	rm -f "$WORK/sock" "$WORK/up"
	background "$BIN/flowrecv" -b -n "$1" -t 10 -r "$WORK/up" \
	    -u "$WORK/sock" >"$2"
	listener=$BG_PID
	wait_for 5 test -e "$WORK/up" || return 1
	chmod 666 "$WORK/sock"
}
listen 60 "$WORK/got"
# The first flow finds the socket wanting, then the parent connects, within a
# second, which nothing shows.
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "the socket is found" wait_ledger relay_dropped 60
ok "the log has them" wait_ledger stored 60
sleep 2
size=$(wc -c <"$WORK/flows")
"$BIN/flowgen" -f v5 -c 2 -r 100 127.0.0.1 "$PORT" >/dev/null
ok "who listens gets the flows" wait_ledger relayed 60
wait "$listener"
wait_ledger stored 120
tail -c +$((size + 1)) "$WORK/flows" >"$WORK/stored"
ok "the same bytes as in the log" cmp "$WORK/got" "$WORK/stored"
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
done_testing
