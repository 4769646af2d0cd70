#!/bin/sh
# workers 2 cpu a,b: one runs on a, with its thread that writes; b is no
# processor that any machine here has, which is said, and it runs all the same.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"
. "${0%/*}/workers.inc"
[ "$(uname)" = Linux ] || skip_all "reads /proc"

allowed=$(awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)
cpu=${allowed%%[,-]*}
PORT=$(free_port)
start_flowd "workers 2 cpu $cpu,1023" "logfile \"$WORK/flows\"" \
    "statsfile \"$STATS\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT" || exit 1

# processors NUMBER: of that collector, of each thread
processors()
{
	cat /proc/"$(of_worker "$1" pid)"/task/*/status |
	    awk '/^Cpus_allowed_list/ { print $2 }'
}

ok "both are there" wait_logged 'collector [01] ready' 2
stats
is "both threads of the first stay on its processor" "$(processors 0)" \
    "$cpu
$cpu"
is "those of the second are where they may be" "$(processors 1)" "$allowed
$allowed"
ok "which is said" logged 'collector 1: not kept on cpu 1023: Invalid argument'
ok "they end well" stop_flowd
done_testing
