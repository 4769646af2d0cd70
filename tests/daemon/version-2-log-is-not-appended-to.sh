#!/bin/sh
. "${0%/*}/../lib.sh"

PORT=$(free_port)
printf '\001\054\360\107\000\000\000\002\145\000\000\000\000\000\000\000' \
    >"$WORK/flows"
cp "$WORK/flows" "$WORK/before"
conf "logfile \"$WORK/flows\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT"
find_flowd
[ "$(id -u)" -ne 0 ] || chown "$TEST_USER" "$WORK/flows"
ok "flowd refuses to start" status 1 as_user_wait "$FLOWD" -g -f \
    "$WORK/flowd.conf"
ok "the file is as it was" cmp "$WORK/flows" "$WORK/before"
start_flowd "logfile \"$WORK/good\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT" || exit 1
conf "logfile \"$WORK/flows\"" "listen on 127.0.0.1:$PORT"
kill -HUP "$FLOWD_PID"
ok "a reload to it is refused" wait_logged 'everything stays as it was'
ok "with the reason" wait_logged 'is a version 2 log'
ok "the file is as it was" cmp "$WORK/flows" "$WORK/before"
stop_flowd
done_testing
