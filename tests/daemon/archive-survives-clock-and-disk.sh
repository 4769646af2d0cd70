#!/bin/sh
# The clock is set, the disk fails, the collector is stopped for a while.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"
. "${0%/*}/faults.inc"

PORT=$(free_port)

# load SEED
load()
{
	"$BIN/flowgen" -f v5 -c 10 -S "$1" 127.0.0.1 "$PORT" >/dev/null
}

n=0
archived()
{
	n=$((n + 300))
	wait_ledger archived $n
}

# opened N: so many segments were begun, or more
opened()
{
	stats && [ "$(kept opened)" -ge "$1" ]
}

start_faulty "archive \"$ARCHIVE\" rotate 1d keep 1d" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1

load 1
ok "flows are archived" archived
faults 432000 0
ok "five days ahead there is another segment" wait_for 5 opened 2
load 2
ok "which gets flows" archived
ok "the jump is noticed" wait_logged 'clock went 43[12]... s ahead'
faults -432000 0
ok "five days back, likewise" wait_for 5 opened 3
load 3
ok "it gets flows, too" archived
faults 0 0
ok "and again at the right time" wait_for 5 opened 4
load 4
ok "likewise" archived
is "nothing was removed for its age" "$(kept expired)" 0
is "all flows are there" "$(archive_has flows)" 1200
is "none twice" "$(twice)" 0
is "each in the segment of its time" "$(archive_has elsewhere)" 0

faults 0 5
load 5
ok "on a disk that fails they wait" wait_ledger archive_pending 300
ok "that is logged" wait_logged 'Input/output error'
opens=$(kept opened)
ok "other segments are tried" wait_for 5 opened $((opens + 1))
faults 0 0
ok "when it works again they are archived" archived
ok "the ledger adds up" has "$STATS" '"balanced": true'

child=$(collector_pid)
kill -STOP "$child"
load 6
sleep 1
kill -CONT "$child"
ok "a collector that was stopped for a while goes on" archived
is "all flows are there" "$(archive_has flows)" 1800
is "none twice" "$(twice)" 0
is "none is damaged" "$(archive_has damaged)" 0
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
done_testing
