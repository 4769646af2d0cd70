#!/bin/sh
# Whenever flowd is killed, the state file is whole: an old one or a new one.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
KEPT=$WORK/flowd.state
i=0
while [ $i -lt 250 ]; do
	echo "v9 seq=$i uptime=1000 time=1700000000 source=$i"
	echo 'template 256 8:4 12:4 2:4 1:4 4:1 7:2 11:2 10:4 14:4'
	i=$((i + 1))
done | "$BIN/mkexport" >"$WORK/many"

start()
{
	start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
	    "statefile \"$KEPT\""
}

start || exit 1
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/many"
ok "templates are learned" wait_ledger templates 250
stop_flowd
for pause in 1.00 1.05 1.10 1.20 1.5; do
	start || exit 1
	send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/many"
	sleep $pause
	# Both, as when the machine goes off.
	collector=$(collector_pid)
	kill -9 "$FLOWD_PID" "$collector" 2>/dev/null
	wait "$FLOWD_PID" 2>/dev/null
	start || exit 1
	ok "killed after $pause s: what was known is loaded whole" wait_logged \
	    'state: 1 exporters, 250 templates, 0 facts of 20.*Z loaded, 0 skipped'
	ok "and no damage is found" not logged 'state: damaged'
	stop_flowd
done
# What a flowd left that was killed in the middle.
echo half >"$KEPT.new"
[ "$(id -u)" -ne 0 ] || chown "$TEST_USER" "$KEPT.new"
start || exit 1
ok "half a file beside it is no matter" wait_logged 'state: 1 exporters, 250'
stop_flowd
ok "and is taken away" not test -e "$KEPT.new"
done_testing
