#!/bin/sh
# A disk that stalls for longer than the buffer lasts.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"
. "${0%/*}/faults.inc"

PORT=$(free_port)
start_faulty "logfile \"$WORK/flows\"" "archive \"$ARCHIVE\" rotate 1d" \
    "buffer 1M" "statsfile \"$STATS\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT" || exit 1
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "flows are stored" wait_ledger stored 30
faults 0 -1
"$BIN/flowgen" -f v5 -r 2000 -c 2000 -S 2 127.0.0.1 "$PORT" >/dev/null
ok "all are taken" wait_ledger records 60030
lost=$(counter lost_behind)
ok "what finds no room is lost" test "$lost" -gt 0
is "that is all that is" $((lost + $(counter pending) + 30)) 60030
ok "it is less than what the buffer has" test "$(counter pending)" -gt 8000
ok "that is logged" logged 'logfile: the disk is behind'
is "once" "$(grep -c 'logfile: the disk is behind' "$WORK/flowd.err")" 1
ok "the sums hold" has "$STATS" '"balanced": true'
faults 0 0
ok "what waited is stored" wait_ledger stored $((60030 - lost))
ok "its end is logged" wait_logged 'logfile: the disk has caught up'
ok "and flows are stored again" sh -c \
    "'$BIN/flowgen' -f v5 -c 1 -S 3 127.0.0.1 $PORT >/dev/null"
ok "all of them" wait_ledger stored $((60060 - lost))
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
is "the log has what the ledger says" "$(reader --format csv --columns octets \
    "$WORK/flows" | sed 1d | wc -l | tr -d ' ')" "$(counter stored)"
is "and the archive" "$(archive_has flows)" "$(counter archived)"
done_testing
