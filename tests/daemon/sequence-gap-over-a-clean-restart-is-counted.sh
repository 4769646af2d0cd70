#!/bin/sh
# And over a crash it is not: nobody knows what came between the last saving
# and the crash.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
for seq in 10 13 20; do
	"$BIN/mkexport" >"$WORK/$seq" <<END
v9 seq=$seq uptime=1000 time=1700000000 source=7
template 256 8:4 12:4 2:4 1:4
END
done

start()
{
	start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
	    "statefile \"$WORK/state\""
}

start || exit 1
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/10"
ok "the first datagram" wait_ledger decoded 1
sleep 3
kill -9 "$(collector_pid)"
ok "another collector starts" wait_logged 'collector ready' 2
ok "and knows the template" wait_logged 'state: 1 exporters, 1 templates'
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/13"
ok "the first one after the crash" wait_ledger decoded 2
is "nothing is said to be lost" "$(ledger seq_lost)" 0
ok "flowd ends well" stop_flowd
start || exit 1
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/20"
ok "the first one after the restart" wait_ledger decoded 1
is "what was sent meanwhile is lost" "$(ledger seq_lost)" 6
done_testing
