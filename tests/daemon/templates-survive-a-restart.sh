#!/bin/sh
# What was learned is in the state file at the end, and read at the start.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
KEPT=$WORK/flowd.state
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

run()
{
	start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" "$@" || exit 1
}

run "statefile \"$KEPT\""
ok "there is nothing to load at first" not logged 'state: '
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/template"
ok "a template is learned" wait_ledger templates 1
ok "it ends well" stop_flowd
ok "the state is there" test -s "$KEPT"
is "nobody else may read it" "$(find "$KEPT" -perm 600)" "$KEPT"
ok "and nothing beside it" not test -e "$KEPT.new"

run "statefile \"$KEPT\""
ok "it is loaded, and that is said" wait_logged \
    'state: 1 exporters, 1 templates, 0 facts of 20.*Z loaded, 0 skipped'
ok "before anything is received" test \
    "$(grep -n 'state: 1' "$WORK/flowd.err" | cut -d: -f1)" -lt \
    "$(grep -n 'collector ready' "$WORK/flowd.err" | cut -d: -f1)"
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/data"
ok "data of the template from before are decoded" wait_ledger stored 1
stop_flowd
is "with the values sent" "$(reader --format csv \
    --columns src_addr,dst_addr,packets,octets "$WORK/flows" | sed 1d)" \
    10.0.0.1,10.0.0.2,1,42

rm -f "$WORK/flows"
run "statefile \"$KEPT\"" 'flow source 192.0.2.0/24'
ok "of exporters that may not send any more nothing is kept" wait_logged \
    'state: 0 exporters, 0 templates, 0 facts of 20.*Z loaded, 1 skipped'
stop_flowd

run
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/data"
ok "without a state file it is not known" wait_ledger no_template 1
done_testing
