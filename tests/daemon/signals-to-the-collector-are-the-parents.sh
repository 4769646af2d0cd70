#!/bin/sh
# A service manager that signals both must not cut anything short.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
child=$(collector_pid)
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
for sig in HUP USR1 USR2 INT TERM; do
	kill -$sig "$child"
done
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "the collector goes on" wait_ledger stored 60
is "it is the same" "$(collector_pid)" "$child"
kill -TERM "$child"
ok "both together end with status 0" stop_flowd
done_testing
