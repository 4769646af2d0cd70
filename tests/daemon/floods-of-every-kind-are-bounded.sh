#!/bin/sh
# Whatever strangers make up: memory stays below its limit, and the exporter
# that is configured loses nothing.
. "${0%/*}/../lib.sh"
[ "$(uname)" = Linux ] || skip_all "needs all of 127/8"
need_tool python3

rss()
{
	ps -o rss= -p "$(collector_pid)" | tr -d ' '
}

# flood KIND COUNT RATE
flood()
{
	PORT=$(free_port)
	rm -f "$WORK/flows" "$STATS"
	start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
	    'limit memory 2M' 'limit exporters 1000' \
	    'flow source { 127.0.0.0/8 127.0.6.1 }' || exit 1
	before=$(rss)
	sent=$(python3 "$TOP/tests/tools/flood.py" "$PORT" "$1" "$2" "$3")
	ok "$1: all datagrams arrive" wait_ledger received "$sent"
	after=$(rss)
	echo "$1: $before KiB before, $after KiB after" | diag
	if grep -q '^#define SANITIZERS' "$BUILD/config.h"; then
		skip "$1: memory is bounded" "a sanitizer keeps what is freed"
	else
		# What arrives at once takes place, too: the batch, the log.
		ok "$1: memory is bounded" \
		    test $((after - before)) -lt $((2048 + 6144))
	fi
	ok "$1: it says how much is used" test "$(counter state_bytes)" \
	    -le 2000000
	ok "$1: the ledger adds up" has "$STATS" '"balanced": true'
	ok "$1: the limits are said at most once a minute" \
	    test "$(grep -c ' reached: ' "$WORK/flowd.err")" -le 1
	stop_flowd
	is "$1: it ends with status 0" "$FLOWD_STATUS" 0
	is "$1: nothing is lost of the one that is configured" \
	    "$(reader --format csv --columns agent "$WORK/flows" |
	    grep -c '^127\.0\.6\.1$')" 1000
}

flood exporters 8000 8000
flood templates 10000 10000
flood large 1000 300
flood options 2000 2000
flood unknown 10000 10000
done_testing
