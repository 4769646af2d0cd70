#!/bin/sh
# By age and by size, and it tells what it removed.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"

PORT=$(free_port)
others="statsfile \"$STATS\"
pidfile \"$WORK/pid\"
listen on 127.0.0.1:$PORT"
day=$ARCHIVE/2020/01/01
mkdir -p "$day"
echo "not a block" >"$day/20200101T000000Z-5m.flow"
echo "a stranger" >"$day/README"
[ "$(id -u)" -ne 0 ] || chown -R "$TEST_USER" "$ARCHIVE"

start_flowd "archive \"$ARCHIVE\" rotate 1s keep 2s" "$others" || exit 1
"$BIN/flowgen" -f v5 -r 500 -s 2 127.0.0.1 "$PORT" >/dev/null
ok "what is older than two seconds goes" \
    wait_for 10 not test -e "$day/20200101T000000Z-5m.flow"
ok "what is not the archive's stays" test -e "$day/README"
ok "in the end nothing is left" wait_for 15 are_segments 0
ok "it is told" wait_logged 'removed: too old'
stats
removed=$(kept expired)
ok "and counted" test "$removed" -ge 3
ok "with its bytes" test "$(kept expired_bytes)" -gt 10000
conf "archive \"$ARCHIVE\" rotate 1s maxsize 200K" "$others"
kill -HUP "$FLOWD_PID"
ok "another limit is taken by a reload" wait_logged 'configuration reloaded'
"$BIN/flowgen" -f v5 -r 500 -s 4 127.0.0.1 "$PORT" >/dev/null
ok "all is sealed" wait_for 10 all_sealed
small()
{
	_size=$(find "$ARCHIVE" -name '*.flow' -exec cat {} + | wc -c)
	echo "$_size bytes"
	[ "$_size" -le 200000 ]
}
ok "segments are no larger than that together" wait_for 10 small
stats
ok "the others were counted" test "$(kept expired)" -gt "$removed"
ok "some stay" not are_segments 0
if command -v python3 >/dev/null 2>&1; then
	ok "the statistics are JSON" python3 -m json.tool "$STATS"
else
	skip "the statistics are JSON" "there is no python3 here"
fi
is "and are whole" "$(archive_has damaged)" 0
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
done_testing
