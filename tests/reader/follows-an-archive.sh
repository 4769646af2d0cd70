#!/bin/sh
# --follow prints what is appended to the open segment, once, whatever becomes
# of it, and goes on with the next ones.

. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"

# Four seconds, each a block, and then the rest.
"$BIN/mkarchive" -q -g 1200 -R 300 -T "$START" >"$WORK/all" 2>/dev/null ||
    exit 99
reader --format csv --columns src_port,octets "$WORK/all" | sed 1d >"$WORK/want"
LC_ALL=C grep -abo 'flowd
' "$WORK/all" | sed -n 's/:flowd.*//p' >"$WORK/at"
block()
{
	_from=$(sed -n "$1p" "$WORK/at")
	_to=$(sed -n "$(($1 + 1))p" "$WORK/at")
	tail -c +"$_from" "$WORK/all" |
	    if [ -n "$_to" ]; then head -c $((_to - _from)); else cat; fi
}
# After so many blocks, so many flows.
block 1 >"$WORK/1"
block 2 >"$WORK/2"
block 3 >"$WORK/3"
block 4 >"$WORK/4"
n1=$(count "$WORK/1")
n2=$((n1 + $(count "$WORK/2")))
n3=$((n2 + $(count "$WORK/3")))
n4=$((n3 + $(count "$WORK/4")))

printed()
{
	head -n "$1" "$WORK/want" >"$WORK/part"
	sed 1d "$WORK/out" | cmp -s - "$WORK/part"
}

day=$WORK/db/2026/11/21
mkdir -p "$day"
first=$day/20261121T100000Z-5m
second=$day/20261121T100500Z-5m
background "$BUILD/flowd-reader" --follow --format csv \
    --columns src_port,octets "$WORK/db" >"$WORK/out" 2>"$WORK/err"
sleep 0.3
cp "$WORK/1" "$first.live"
ok "the first segment is found" wait_for 10 printed "$n1"
head -c 100 "$WORK/2" >>"$first.live"
sleep 0.5
ok "half a block is waited for" printed "$n1"
tail -c +101 "$WORK/2" >>"$first.live"
ok "and printed when it is whole" wait_for 10 printed "$n2"
# The next begins, and then the first is sealed.
cp "$WORK/3" "$second.live"
ok "the next segment is followed" wait_for 10 printed "$n3"
"$BIN/mkarchive" -m "$first.live" >"$first.tmp" 2>/dev/null
mv "$first.tmp" "$first.seal"
rm "$first.live"
mv "$first.seal" "$first.flow"
cat "$WORK/4" >>"$second.live"
ok "what is sealed is not printed again" wait_for 10 printed "$n4"
sleep 1.5
ok "nor later" printed "$n4"
is "without a word" "$(cat "$WORK/err")" ""
kill -TERM "$BG_PID"
wait "$BG_PID"
is "SIGTERM ends it with status 0" $? 0

done_testing
