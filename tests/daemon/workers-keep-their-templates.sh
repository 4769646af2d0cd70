#!/bin/sh
# What several collectors learned is in as many files.  However many start next,
# each reads all of them and knows the templates of the exporters that it has
# from then on; and files that nobody writes any more go.
. "${0%/*}/../lib.sh"
. "${0%/*}/workers.inc"

PORT=$(free_port)
KEPT=$WORK/flowd.state
AGENTS="1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"
# v9 SEQ SET...: a datagram of one set
v9()
{
	_seq=$1
	shift
	printf 'v9 seq=%s uptime=1000 time=1700000000 source=7\n%s\n' \
	    "$_seq" "$*" | "$BIN/mkexport"
}
v9 1 'template 256 8:4 12:4 2:4 1:4' >"$WORK/template"
v9 2 'set 256 x:0a0000010a000002000000010000002a' >"$WORK/data"

send_all()
{
	for _agent in $AGENTS; do
		send -s "127.0.3.$_agent" 127.0.0.1 "$PORT" "$1"
	done
}

# run N: so many collectors
run()
{
	WORKERS=$1
	rm -f "$WORK/flows"
	start_flowd "workers $1" "logfile \"$WORK/flows\"" \
	    "statsfile \"$STATS\"" "pidfile \"$WORK/pid\"" \
	    "listen on 127.0.0.1:$PORT" "statefile \"$KEPT\"" || exit 1
}

# knows N: so many collectors know all templates
knows()
{
	run "$1"
	send_all "$WORK/data"
	ok "$1 know all templates at once" wait_ledger stored 16
	is "and none is missed" "$(counter no_template)" 0
	ok "they end well" stop_flowd
	is "the log of $1 is whole" "$(reader "$WORK/flows" | wc -l |
	    tr -d ' ')" 16
}

files()
{
	find "$WORK" -name 'flowd.state*' | sed 's,.*/,,' | LC_ALL=C sort |
	    tr '\n' ' '
}

run 3
send_all "$WORK/template"
ok "three learn" wait_ledger templates 16
ok "they end well" stop_flowd
is "each has a file" "$(files)" "flowd.state flowd.state.1 flowd.state.2 "
is "nobody else may read them" "$(find "$WORK" -name 'flowd.state*' \
    ! -perm 600)" ""
knows 2
is "of two there are two files" "$(files)" "flowd.state flowd.state.1 "
knows 5
knows 1
is "of one there is one" "$(files)" "flowd.state "
knows 4
is "of four there are four" "$(files)" \
    "flowd.state flowd.state.1 flowd.state.2 flowd.state.3 "
done_testing
