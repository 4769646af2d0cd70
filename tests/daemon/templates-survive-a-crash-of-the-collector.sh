#!/bin/sh
# With a state file, and without: then the parent keeps one that has no name.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
"$BIN/mkexport" >"$WORK/template" <<END
v9 seq=1 uptime=1000 time=1700000000 source=7
template 256 8:4 12:4 2:4 1:4
END
"$BIN/mkexport" >"$WORK/data" <<END
v9 seq=2 uptime=1000 time=1700000000 source=7
set 256 x:0a0000010a000002000000010000002a
END

# The collector's descriptors are closed to us; what was saved is told by ps
# of nobody.  It is saved within two seconds of the first thing learned.
crash()
{
	_n=$(grep -c 'collector ready' "$WORK/flowd.err")
	kill -9 "$(collector_pid)"
	wait_logged 'collector ready' $((_n + 1))
}

try()
{
	_how=$1
	shift
	rm -f "$WORK/flows"
	start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" "$@" || exit 1
	send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/template"
	ok "$_how: a template is learned" wait_ledger templates 1
	sleep 3
	ok "$_how: the next collector starts" crash
	ok "$_how: it is given what was learned" wait_logged \
	    'state: 1 exporters, 1 templates, 0 facts of 20.*Z loaded, 0 skipped'
	send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/data"
	ok "$_how: data are decoded" wait_ledger stored 1
	# It lived for less than ten seconds with it.
	ok "$_how: another one starts" crash
	ok "$_how: what it may have died of is left alone" wait_logged \
	    'state: not loaded: the collector may have died of it'
	stop_flowd
}

try "without a file"
try "with a file" "statefile \"$WORK/state\""
done_testing
