#!/bin/sh
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/no/such/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
ok "it is told, by name" logged "pidfile $WORK/no/such/pid: No such file"
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "and flows are collected" wait_ledger stored 30
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
mkdir "$WORK/directory"
conf "logfile \"$WORK/flows\"" "pidfile \"$WORK/directory\"" \
    "listen on 127.0.0.1:$PORT"
start_flowd || exit 1
ok "a directory is none" logged "pidfile $WORK/directory: "
stop_flowd
ok "and stays" test -d "$WORK/directory"
echo 'nothing of flowd, and longer than a number' >"$WORK/pid"
chmod 666 "$WORK/pid"
conf "logfile \"$WORK/flows\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT"
start_flowd || exit 1
is "what was in a file gives way to the number" "$(cat "$WORK/pid")" \
    "$FLOWD_PID"
kill -9 "$FLOWD_PID"
wait_for 5 not alive "$FLOWD_PID"
sleep 0.5
ok "it is left behind by a kill" test -s "$WORK/pid"
start_flowd || exit 1
is "which does not hinder the next" "$(cat "$WORK/pid")" "$FLOWD_PID"
stop_flowd
done_testing
