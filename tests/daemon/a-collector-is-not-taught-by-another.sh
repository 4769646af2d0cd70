#!/bin/sh
# A collector that starts again reads what the one before it has written, and
# nothing that another wrote since: one that was taken over teaches itself only.
. "${0%/*}/../lib.sh"
. "${0%/*}/workers.inc"

PORT=$(free_port)
KEPT=$WORK/flowd.state
WORKERS=2
printf 'v9 seq=1 uptime=1000 time=1700000000 source=7\n%s\n' \
    'template 256 8:4 12:4 2:4 1:4' | "$BIN/mkexport" >"$WORK/template"
start_flowd "workers 2" "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
    "statefile \"$KEPT\"" || exit 1
teach()
{
	for agent in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		send -s "127.0.3.$agent" 127.0.0.1 "$PORT" "$WORK/template"
	done
}
teach
ok "two learn" wait_ledger templates 16
ok "both have had exporters" test "$(each_exporter | cut -d' ' -f2 | sort -u |
    wc -l)" -eq 2
ok "the first one saves it" wait_for 20 test -s "$KEPT"
ok "the second one, too" wait_for 20 test -s "$KEPT.1"

# start_again N: the second one, for the n-th time, of what its file is
start_again()
{
	stats
	kill -9 "$(of_worker 1 pid)"
	ok "it starts again ($1)" wait_logged 'collector 1 ready' "$1"
}
# Who dies early of what it was given is given nothing: so not twice.
mv "$KEPT.1" "$KEPT"
start_again 2
ok "of what is in the file of the other it reads nothing" \
    logged_times 'collector 1: state: .* loaded' 0
teach
ok "it learns anew" wait_ledger templates 32
ok "and saves it" wait_for 20 test -s "$KEPT.1"
start_again 3
ok "its own it reads" wait_logged 'collector 1: state: .* loaded' 1
ok "it ends well" stop_flowd
done_testing
