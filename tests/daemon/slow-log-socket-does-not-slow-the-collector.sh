#!/bin/sh
# Who listens on the log socket stands still, then goes on.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
background "$BIN/flowrecv" -t 20 -r "$WORK/up" -u "$WORK/sock" >"$WORK/got"
listener=$BG_PID
wait_for 5 test -e "$WORK/up" || exit 1
chmod 666 "$WORK/sock"
start_flowd "logfile \"$WORK/flows\"" "logsock \"$WORK/sock\"" \
    "statsfile \"$STATS\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT" || exit 1
kill -STOP "$listener"
"$BIN/flowgen" -f v5 -r 2000 -s 2 127.0.0.1 "$PORT" >"$WORK/sent"
flows=$(sed 's/.*"flows": *\([0-9]*\).*/\1/' "$WORK/sent")
ok "each flow is stored all the same" wait_ledger stored "$flows"
is "no datagram was dropped" "$(counter kernel_drops)" 0
ok "what the socket does not take is counted" \
    test "$(counter relay_dropped)" -gt 0
kill -CONT "$listener"
sleep 0.5
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
wait_ledger stored $((flows + 30))
ok "it goes on when the listener does" wait_ledger relayed \
    $((flows + 30 - $(counter relay_dropped)))
kill -TERM "$listener"
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
done_testing
