#!/bin/sh
# Across many boundaries of a second: each flow is in one segment, and in that
# of the time at which it was received; then they are sealed, and still are.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"

PORT=$(free_port)
start_flowd "archive \"$ARCHIVE\" rotate 1s" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
"$BIN/flowgen" -f v5 -r 400 -s 5 127.0.0.1 "$PORT" >"$WORK/sent"
flows=$(sent "$WORK/sent")
ok "some flows were sent" test "$flows" -gt 50000
ok "each of them was archived" wait_ledger archived "$flows"
ok "the ledger adds up" has "$STATS" '"balanced": true'
is "no datagram was dropped" "$(counter kernel_drops)" 0
ok "they are sealed" wait_for 10 all_sealed
is "and are all there" "$(archive_has flows)" "$flows"
is "none twice" "$(twice)" 0
is "none is damaged" "$(archive_has damaged)" 0
is "none is in a segment of another time" "$(archive_has elsewhere)" 0
ok "each second has a segment" test "$(n_segments flow)" -ge 5
stats
is "what was sealed is counted" "$(kept sealed_flows)" "$flows"
is "nothing failed" "$(kept seal_failed)" 0
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
is "what nobody wrote to is not left" "$(n_segments live)" 0
done_testing
