#!/bin/sh
# One of three collectors is killed under load, three times.  The exporters of
# the others lose nothing; what the dead one had under way is counted; and what
# the ledger says is archived is in the archive, once and undamaged.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"
. "${0%/*}/workers.inc"

PORT=$(free_port)
WORKERS=3
start_flowd "workers 3" "archive \"$ARCHIVE\" rotate 1s" \
    "statsfile \"$STATS\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT" || exit 1

# 45 agents, 90 datagrams of 30 flows of each
background "$BIN/flowgen" -f v5 -a 45 -r 1000 -c 4050 127.0.0.1 "$PORT" \
    >"$WORK/sent"
gen=$BG_PID
stats
first=$(of_worker 0 pid) second=$(of_worker 1 pid) third=$(of_worker 2 pid)
for round in 1 2 3; do
	stats
	victim=$(of_worker 1 pid)
	ok "the second one is killed ($round)" kill -9 "$victim"
	ok "that is said ($round)" wait_logged \
	    'collector 1: ended with signal 9' "$round"
	ok "it comes back ($round)" wait_for 20 logged \
	    'collector 1 ready' $((round + 1))
done
wait "$gen"
flows=$(sent "$WORK/sent")

# The seconds of a good while: what the sockets hold is read then.
all_received()
{
	stats || return 1
	got=$(($(counter received) + $(counter kernel_drops)))
	echo "$got of 4050"
	# A batch may have been received and not be counted as that yet.
	[ $got -le 4050 ] && [ $got -ge $((4050 - 3 * 64)) ]
}
ok "what was sent is received" wait_for 20 all_received
stats
is "the first one is who it was" "$(of_worker 0 pid)" "$first"
is "and so is the third" "$(of_worker 2 pid)" "$third"
ok "the second one is not" not test "$(of_worker 1 pid)" = "$second"
is "of their exporters every flow is there" "$(each_exporter |
    awk '$2 != 1 && $3 != 90 * 30')" ""
ok "and they have some" test "$(each_exporter |
    awk '$2 != 1' | wc -l)" -ge 10
is "they lost nothing under way" "$(($(of_worker 0 records) +
    $(of_worker 2 records)))" "$(each_exporter |
    awk '$2 != 1 { n += $3 } END { print n }')"

ok "it ends well" stop_flowd
lost=$((flows - $(counter archived)))
ok "what is not archived was under way in a crash" test \
    "$lost" -le $((3 * (65536 + 64 * 30))) -a "$lost" -ge 0
ok "and is counted" test \
    $((lost - $(counter archive_lost_crash) - $(counter kernel_drops) * 30)) \
    -le $((3 * 64 * 30))
is "what is, is in the archive" "$(archive_has flows)" "$(counter archived)"
is "once" "$(twice)" 0
is "undamaged" "$(archive_has damaged)" 0
start_flowd || exit 1
ok "in the end all is sealed, those of three as one" wait_for 60 all_sealed
is "and there" "$(archive_has flows)" $((flows - lost))
is "nothing twice" "$(twice)" 0
stop_flowd
done_testing
