#!/bin/sh
# --follow prints what is appended, waits for half a record, goes on with a new
# file of that name and with one that was cut, and ends with status 0.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

flows 1 20 "$WORK/all" || exit 99
log=$WORK/log

# part FIRST LAST: records
part()
{
	bytes "$WORK/all" $((($1 - 1) * RECLEN)) $((($2 - $1 + 1) * RECLEN))
}

start()
{
	background "$BUILD/flowd-reader" --follow --format csv \
	    --columns packets "$@" >"$WORK/out" 2>"$WORK/err"
}

printed()
{
	# shellcheck disable=SC2046,SC2005 # in a line
	equal "$(echo $(tail -n +2 "$WORK/out"))" "$1"
}

start "$log"
ok "a log that is not there is waited for" \
    wait_for 5 has "$WORK/err" "waiting for it"
part 1 2 >"$log"
ok "and read when it is" wait_for 5 printed "1 2"
part 3 3 >>"$log"
ok "what is appended is printed" wait_for 5 printed "1 2 3"
part 4 4 | head -c 50 >>"$log"
sleep 0.5
ok "half a record is waited for" printed "1 2 3"
part 4 4 | tail -c +51 >>"$log"
ok "and printed when it is whole" wait_for 5 printed "1 2 3 4"

mv "$log" "$log.0"
part 5 5 >>"$log.0"
part 6 6 >"$log.new"
mv "$log.new" "$log"
ok "after a rotation, both are read to their ends" \
    wait_for 5 printed "1 2 3 4 5 6"
part 7 8 >>"$log"
ok "and the new one is followed" wait_for 5 printed "1 2 3 4 5 6 7 8"

part 9 9 >"$log"
ok "a log that was cut is read from its start" \
    wait_for 5 printed "1 2 3 4 5 6 7 8 9"

{ echo garbage; part 10 16; } >>"$log"
ok "damage is skipped" wait_for 5 printed \
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"
ok "and told" has "$WORK/err" "8 bytes skipped"
kill -TERM "$BG_PID"
wait "$BG_PID"
is "with status 2 at the end" $? 2

for sig in INT TERM; do
	# The shell ignores SIGINT for what it starts in the background.
	part 1 3 >"$log"
	: >"$WORK/out"
	"$BUILD/flowd-reader" --follow --format csv --columns packets \
	    "$log" "$WORK/second" >"$WORK/out" 2>"$WORK/err" &
	pid=$!
	started="$started $pid"
	wait_for 5 printed "1 2 3"
	part 4 4 >"$WORK/second"
	ok "several logs are followed ($sig)" wait_for 5 printed "1 2 3 4"
	kill -"$sig" "$pid"
	wait "$pid"
	is "SIG$sig ends it with status 0" $? 0
	is "in silence" "$(grep -vc 'waiting for it' "$WORK/err")" 0
	rm -f "$WORK/second"
done

start -o "$WORK/copy" "$log"
part 4 6 >>"$log"
copied()
{
	cmp "$WORK/copy" "$log"
}
ok "-o is kept up to date, too" wait_for 5 copied
kill "$BG_PID"
wait "$BG_PID"
is "and ends well" $? 0

done_testing
