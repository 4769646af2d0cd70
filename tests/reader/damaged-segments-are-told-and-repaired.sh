#!/bin/sh
# A damaged block of a segment is told with its place and skipped, the rest is
# read; --check says what is whole, and --repair keeps it.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"
. "${0%/*}/archive.inc"

# Ten blocks of a second.
"$BIN/mkarchive" -q -g 1000 -R 100 -T "$START" >"$WORK/good.flow" 2>/dev/null ||
    exit 99
is "the segment is whole" "$(count "$WORK/good.flow")" 1000
reader --check "$WORK/good.flow" >"$WORK/out"
is "--check: status 0" $? 0
is "and says so" "$(cat "$WORK/out")" \
    "$WORK/good.flow: whole: 10 blocks, 1000 flows"
is "in silence with -q" "$(reader -q --check "$WORK/good.flow")" ""
all=$(size "$WORK/good.flow")

# Where the blocks begin.
LC_ALL=C grep -abo 'flowd
' "$WORK/good.flow" | sed -n 's/:flowd.*//p' >"$WORK/at"
second=$(sed -n 2p "$WORK/at")
third=$(sed -n 3p "$WORK/at")
second=$((second - 1)) third=$((third - 1))

# So many flows are in the second one, and behind it.
tail -c +$((second + 1)) "$WORK/good.flow" | head -c $((third - second)) \
    >"$WORK/second.flow"
lost=$(count "$WORK/second.flow")
ok "the second block has some" test "$lost" -gt 50
left=$((1000 - lost))

# splice FROM TO: good up to FROM, standard input, good behind TO
splice()
{
	head -c "$1" "$WORK/good.flow"
	cat
	tail -c +$(($2 + 1)) "$WORK/good.flow"
}

# damaged PROMISE FLOWS: what can be had of bad.flow
damaged()
{
	is "$1: the others are read" "$(reader --format csv "$WORK/bad.flow" \
	    2>"$WORK/err" | sed 1d | wc -l | tr -d ' ')" "$2"
	ok "$1: it is told" has "$WORK/err" "bad.flow: offset $second: "
	ok "$1: status 2" status 2 reader --format csv "$WORK/bad.flow"
	ok "$1: --check ends with 2" status 2 reader --check "$WORK/bad.flow"
	reader --check "$WORK/bad.flow" >"$WORK/out" 2>"$WORK/err"
	ok "$1: and counts the whole ones" has "$WORK/out" \
	    "bad.flow: damaged: .* $2 flows are whole"
	rm -f "$WORK/new.flow"
	ok "$1: --repair ends with 2" status 2 \
	    reader --repair "$WORK/new.flow" "$WORK/bad.flow"
	ok "$1: and what it writes is whole" status 0 \
	    reader --check "$WORK/new.flow"
	is "$1: and all there is" "$(count "$WORK/new.flow")" "$2"
	reader --format csv "$WORK/bad.flow" >"$WORK/want" 2>/dev/null
	reader --format csv "$WORK/new.flow" >"$WORK/got"
	ok "$1: flow by flow" cmp "$WORK/got" "$WORK/want"
}

printf 'XXXX' | splice $((second + 50)) $((second + 54)) >"$WORK/bad.flow"
damaged "a damaged head" "$left"
printf 'XXXX' | splice $((third - 40)) $((third - 36)) >"$WORK/bad.flow"
damaged "a damaged column" "$left"
head -c $((third - second)) /dev/zero | splice "$second" "$third" \
    >"$WORK/bad.flow"
damaged "a hole" "$left"
splice $((second + 100)) "$third" </dev/null >"$WORK/bad.flow"
damaged "a block that is cut" "$left"
head -c 3000000 /dev/zero | splice "$second" "$second" >"$WORK/bad.flow"
damaged "a large hole" 1000

head -c "$second" "$WORK/good.flow" >"$WORK/first.flow"
first=$(count "$WORK/first.flow")
head -c $((second + 200)) "$WORK/good.flow" >"$WORK/bad.flow"
is "a torn end costs its block" "$(count "$WORK/bad.flow")" "$first"
ok "and is told" has "$WORK/err" "offset $second: a block that is not complete"
cp "$WORK/bad.flow" "$WORK/20261121T100000Z-1m.live"
ok "but not of a segment that is being written" \
    status 0 reader -q "$WORK/20261121T100000Z-1m.live"
# In a pipe, and compressed.
is "in a pipe, too" "$(cat "$WORK/bad.flow" "$WORK/good.flow" |
    count -)" $((1000 + first))
ok "which is told" has "$WORK/err" "^flowd-reader: -: offset $second: "

ok "what is repaired is never there already" status 1 \
    reader --repair "$WORK/good.flow" "$WORK/bad.flow"
is "and stays as it is" "$(size "$WORK/good.flow")" "$all"
flows 1 10 "$WORK/log" || exit 99
{
	bytes "$WORK/log" 0 300
	bytes "$WORK/log" 400 10000
} >"$WORK/bad.log"
ok "logs are checked, too" status 2 reader --check "$WORK/bad.log"
reader --check "$WORK/bad.log" >"$WORK/out" 2>/dev/null
ok "and counted" has "$WORK/out" "bad.log: damaged: 8 flows are whole"
rm -f "$WORK/new"
ok "and repaired" status 2 reader --repair "$WORK/new" "$WORK/bad.log"
ok "into what is whole" status 0 reader --check "$WORK/new"
is "with the same flows" "$(numbers "$WORK/new")" "$(numbers "$WORK/bad.log")"
ok "what cannot be opened: status 1" status 1 reader --check "$WORK/none"

# flipped SEED: not one of the flows that are printed was not there
flipped()
{
	"$BIN/mkarchive" -q -g 500 -R 100 -S "$1" -T "$START" >"$WORK/whole" \
	    2>/dev/null
	"$BIN/mkarchive" -q -g 500 -R 100 -S "$1" -D 3 -T "$START" \
	    >"$WORK/flip.flow" 2>/dev/null
	reader --format csv "$WORK/whole" | sort >"$WORK/want"
	reader --format csv "$WORK/flip.flow" 2>/dev/null | sort >"$WORK/got"
	[ $? -le 2 ] && ! cmp -s "$WORK/flip.flow" "$WORK/whole" &&
	    [ -z "$(comm -23 "$WORK/got" "$WORK/want")" ]
}
for seed in 1 2 3 4 5 6 7 8 9 10; do
	ok "no flow of flipped bits is printed as good: $seed" flipped $seed
done

done_testing
