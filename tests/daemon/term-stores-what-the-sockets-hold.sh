#!/bin/sh
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
child=$(collector_pid)
# Nobody reads the socket while the collector is stopped.
kill -STOP "$child"
"$BIN/flowgen" -f v5 -c 50 127.0.0.1 "$PORT" >/dev/null
kill -TERM "$FLOWD_PID"
sleep 0.3
kill -CONT "$child"
ok "it ends with status 0" stop_flowd
is "all that was in the socket is in the log" \
    "$(reader "$WORK/flows" | wc -l | tr -d ' ')" 1500
ok "the last statistics add up" has "$STATS" '"balanced": true'
is "and count it" "$(counter stored)" 1500
ok "the pid file is gone" not test -e "$WORK/pid"
done_testing
