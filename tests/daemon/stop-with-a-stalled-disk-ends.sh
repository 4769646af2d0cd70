#!/bin/sh
# What a disk does not take even at the end is lost, and told.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"
. "${0%/*}/faults.inc"

PORT=$(free_port)
start_faulty "logfile \"$WORK/flows\"" "archive \"$ARCHIVE\" rotate 1d" \
    "statsfile \"$STATS\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT" || exit 1
"$BIN/flowgen" -f v5 -c 10 127.0.0.1 "$PORT" >/dev/null
ok "flows are stored" wait_ledger stored 300
ok "and archived" wait_ledger archived 300
faults 0 -1
"$BIN/flowgen" -f v5 -c 20 -S 2 127.0.0.1 "$PORT" >/dev/null
ok "with a disk that stalls they wait" wait_ledger pending 600
stop_flowd
ok "told to stop, it ends" not alive "$FLOWD_PID"
is "with status 1" "$FLOWD_STATUS" 1
is "what the disk did not take is lost" "$(counter lost_behind)" 600
is "and of the archive" "$(counter archive_lost_behind)" 600
ok "the sums hold" has "$STATS" '"balanced": true'
ok "nobody had to kill it" not logged 'does not stop'
faults 0 0
is "the log has what the ledger says" "$(reader --format csv --columns octets \
    "$WORK/flows" | sed 1d | wc -l | tr -d ' ')" 300
is "and the archive" "$(archive_has flows)" 300
done_testing
