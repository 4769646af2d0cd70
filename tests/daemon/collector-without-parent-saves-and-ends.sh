#!/bin/sh
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT" || exit 1
child=$(collector_pid)
"$BIN/flowgen" -f v5 -c 10 127.0.0.1 "$PORT" >/dev/null
kill -9 "$FLOWD_PID"
ok "it ends" wait_for 10 not alive "$child"
is "and what came in is in the log" \
    "$(reader "$WORK/flows" | wc -l | tr -d ' ')" 300
done_testing
