#!/bin/sh
. "${0%/*}/../lib.sh"

set -- $(free_port 2)
PORT=$1
start_flowd "logfile \"$WORK/flows\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT" || exit 1
is "the pid file names the parent" "$(cat "$WORK/pid")" "$FLOWD_PID"
as_user_wait "$FLOWD" -g -f "$WORK/flowd.conf" 2>"$WORK/err"
is "with the same address: it ends with 1" $? 1
ok "and names the address" has "$WORK/err" "127.0.0.1:$PORT: .*in use"
sed "s/$PORT/$2/" "$WORK/flowd.conf" >"$WORK/second.conf"
ok "with the same pid file, too" status 1 as_user_wait "$FLOWD" -g -f \
    "$WORK/second.conf"
is "the pid file is as it was" "$(cat "$WORK/pid")" "$FLOWD_PID"
stop_flowd
ok "it is gone at the end" not test -e "$WORK/pid"
done_testing
