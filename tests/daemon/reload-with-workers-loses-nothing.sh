#!/bin/sh
# Three collectors go over to another configuration under load, and no datagram
# is lost; their number stays what it was.  One that dies meanwhile starts again
# with the one that is in force.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"
. "${0%/*}/workers.inc"

# shellcheck disable=SC2046
set -- $(free_port 2)
PORT=$1 MORE=$2
WORKERS=3
# again LINE...: the same, and these
again()
{
	conf "archive \"$ARCHIVE\" rotate 1d" \
	    "statsfile \"$STATS\"" "pidfile \"$WORK/pid\"" \
	    "listen on 127.0.0.1:$PORT" "$@"
}
again "workers 3"
start_flowd || exit 1
stats
pids=$(for n in 0 1 2; do of_worker $n pid; done)

background "$BIN/flowgen" -f v5 -a 30 -r 1000 -c 3000 127.0.0.1 "$PORT" \
    >"$WORK/sent"
gen=$BG_PID
again "workers 3" "listen on 127.0.0.1:$MORE" "limit exporters 1000"
kill -HUP "$FLOWD_PID"
ok "a reload is in force" wait_logged 'configuration reloaded' 1
again "workers 3" "accept all"
kill -HUP "$FLOWD_PID"
ok "another one, too" wait_logged 'configuration reloaded' 2
again "workers 2" "listen on 127.0.0.1:$MORE"
kill -HUP "$FLOWD_PID"
ok "one with fewer collectors is" wait_logged 'configuration reloaded' 3
ok "but for that, which is said" logged \
    'workers: as before until flowd is restarted'
again "workers 3" "listen on 127.0.0.1:$MORE"
kill -HUP "$FLOWD_PID"
ok "and back" wait_logged 'configuration reloaded' 4
wait "$gen"
flows=$(sent "$WORK/sent")
ok "no flow was lost meanwhile" settles 10 records "$flows"
is "no datagram was dropped" "$(counter kernel_drops)" 0
is "the processes are those from before" \
    "$(for n in 0 1 2; do of_worker $n pid; done)" "$pids"
is "none was started anew" \
    "$(sed -n 's/^"collector_starts": //p' "$STATS")" 3,

"$BIN/flowgen" -f v5 -a 30 -r 1000 -c 300 127.0.0.1 "$MORE" >"$WORK/sent.more"
flows=$((flows + $(sent "$WORK/sent.more")))
ok "the address that is new is shared, too" settles 10 records "$flows"
ok "by all of them" test "$(in_all received)" -eq 3300 -a \
    "$(each_exporter | cut -d' ' -f2 | sort -u | wc -l)" -eq 3

ok "all is in the archive" settles 10 archived "$flows"
# Stopped, it cannot answer, and dies of something else.
kill -STOP "$(of_worker 2 pid)"
again "workers 3" "limit exporters 900"
kill -HUP "$FLOWD_PID"
sleep 0.5
ok "a reload waits for all" logged_times 'configuration reloaded' 4
kill -9 "$(of_worker 2 pid)"
ok "but not for the dead" wait_logged 'configuration reloaded' 5
ok "which start again" wait_for 20 logged 'collector 2 ready' 2
ok "it ends well" stop_flowd
is "all is archived" "$(archive_has flows)" "$flows"
done_testing
