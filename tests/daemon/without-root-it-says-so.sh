#!/bin/sh
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT" || exit 1
ok "without root it starts and says what that means" \
    logged 'without root: no chroot, no change of user'
child=$(collector_pid)
ok "there are two processes" test -n "$child"
if [ "$(uname)" = Linux ]; then
	is "the system calls of the collector are filtered" \
	    "$(awk '/^Seccomp:/ { print $2 }' /proc/"$child"/status)" 2
fi
stop_flowd
done_testing
