#!/bin/sh
. "${0%/*}/../lib.sh"

PORT=$(free_port)
find_flowd
conf "logfile \"$WORK/no/such/flows\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT"
as_user_wait "$FLOWD" -f "$WORK/flowd.conf" 2>"$WORK/errors"
is "what is wrong is said on standard error, with status 1" $? 1
ok "in words" has "$WORK/errors" 'No such file'
conf "logfile \"flows\"" "listen on 127.0.0.1:$PORT"
ok "a relative path is refused" status 1 as_user_wait "$FLOWD" -f \
    "$WORK/flowd.conf"
conf "logfile \"$WORK/flows\"" "pidfile \"$WORK/pid\"" \
    "statsfile \"$STATS\"" "listen on 127.0.0.1:$PORT"
ok "a sound one goes to the background" as_user_wait "$FLOWD" -f \
    "$WORK/flowd.conf"
ok "and writes its pid" wait_for 5 test -s "$WORK/pid"
FLOWD_PID=$(cat "$WORK/pid")
started="$started $FLOWD_PID"
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "it collects" wait_ledger stored 30
kill -TERM "$FLOWD_PID"
ok "and ends when told to" wait_for 10 not alive "$FLOWD_PID"
is "with everything stored" "$(reader "$WORK/flows" | wc -l | tr -d ' ')" 30
done_testing
