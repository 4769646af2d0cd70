#!/bin/sh
# A log of version 3 becomes a segment and again the same log; -o selects,
# orders and merges flows on the way, and a file is there only when it is whole.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"
. "${0%/*}/archive.inc"

flows 1 300 "$WORK/log" || exit 99
flows 301 400 "$WORK/log2" || exit 99
ok "a log becomes a segment" reader --store-version 4 -o "$WORK/seg.flow" \
    "$WORK/log"
is "of version 4" "$(head -c 6 "$WORK/seg.flow" | tail -c 5)" flowd
ok "which is smaller" test "$(size "$WORK/seg.flow")" -lt \
    $(($(size "$WORK/log") / 4))
ok "and becomes a log" reader -o "$WORK/back" "$WORK/seg.flow"
ok "the same, byte by byte" cmp "$WORK/back" "$WORK/log"
# shellcheck disable=SC2016 # eval's own
ok "and so with all that version 3 has" eval 'reader --store-version 4 \
    -o "$WORK/every.flow" "$TOP/tests/store/every-version.bin" &&
    reader -o "$WORK/every" "$WORK/every.flow" &&
    reader --format ndjson "$TOP/tests/store/every-version.bin" >"$WORK/want" &&
    reader --format ndjson "$WORK/every.flow" >"$WORK/got" &&
    same "$WORK/got" "$WORK/want" &&
    reader --format ndjson "$WORK/every" >"$WORK/got" &&
    same "$WORK/got" "$WORK/want"'

ok "several become one" reader --store-version 4 -o "$WORK/both.flow" \
    "$WORK/seg.flow" "$WORK/log2"
is "in their order" "$(numbers "$WORK/both.flow")" "$(upto 400)"
ok "without compression, too" reader --store-version 4 --compress none \
    -o "$WORK/plain.flow" "$WORK/both.flow"
is "with the same flows" "$(numbers "$WORK/plain.flow")" "$(upto 400)"
reader --store-version 4 -o "$WORK/some.flow" --filter 'packets < 4' \
    "$WORK/seg.flow"
is "a filter picks" "$(numbers "$WORK/some.flow")" "1 2 3"
reader -o "$WORK/some" --filter 'packets < 4' "$WORK/seg.flow"
is "into a log, too" "$(numbers "$WORK/some")" "1 2 3"
reader --head 2 --store-version 4 -o "$WORK/some.flow" "$WORK/seg.flow" \
    "$WORK/log2"
is "-H counts for each file" "$(numbers "$WORK/some.flow")" "1 2 301 302"
is "- is standard output" "$(reader --store-version 4 -o - "$WORK/log" |
    cmp - "$WORK/seg.flow")" ""
is "what is asked for is printed, too" "$(reader --format csv --columns packets \
    --store-version 4 -o "$WORK/seg2.flow" "$WORK/log" | sed 1d | wc -l |
    tr -d ' ')" 300
ok "and written" cmp "$WORK/seg.flow" "$WORK/seg2.flow"
{ reader --format csv --store-version 4 -o "$WORK/seg3.flow" "$WORK/log"
  echo $? >"$WORK/rc"; } | head -c 10 >/dev/null
ok "to its end, whoever reads the text" cmp "$WORK/seg.flow" "$WORK/seg3.flow"

# The fields that store lines leave.
echo "store SRC_ADDR" >"$WORK/conf"
reader -f "$WORK/conf" --format ndjson "$WORK/log" >"$WORK/want"
reader -f "$WORK/conf" --format ndjson "$WORK/seg.flow" >"$WORK/got"
ok "store lines leave the same fields" same "$WORK/got" "$WORK/want"
is "and those only" "$(head -n 1 "$WORK/got")" '{"src_addr":"10.0.0.1"}'
printf 'discard all\naccept tag 7 dst port 443 packets < 3\n' >"$WORK/conf"
is "rules give tags" "$(reader -f "$WORK/conf" --format csv \
    --columns tag,packets "$WORK/seg.flow" | tail -n +2 | tr '\n' ' ')" "7,1 7,2 "
reader -f "$WORK/conf" --store-version 4 -o "$WORK/some.flow" "$WORK/seg.flow"
is "which are written" "$(reader --format csv --columns tag,packets \
    "$WORK/some.flow" | tail -n +2 | tr '\n' ' ')" "7,1 7,2 "

# Files.
# shellcheck disable=SC2012 # a name of ours
is "others may not read it" "$(ls -l "$WORK/seg.flow" | cut -c1-10)" \
    "-rw-------"
cp "$WORK/seg.flow" "$WORK/keep"
ok "nothing is written over what is read" status 1 \
    reader --store-version 4 -o "$WORK/seg.flow" "$WORK/log" "$WORK/seg.flow"
ok "which is as it was" cmp "$WORK/seg.flow" "$WORK/keep"
if [ -c /dev/full ]; then
	ok "a full disk: status 1" status 1 reader --store-version 4 \
	    -o /dev/full "$WORK/log"
fi
(
	ulimit -f 1
	trap '' XFSZ
	reader --store-version 4 --compress none -o "$WORK/keep" \
	    "$WORK/both.flow" "$WORK/log" "$WORK/log2" 2>"$WORK/err"
	echo $? >"$WORK/rc"
)
is "no room: status 1" "$(cat "$WORK/rc")" 1
ok "what was there is there still" cmp "$WORK/seg.flow" "$WORK/keep"
is "and nothing half is left behind" "$(find "$WORK" -name 'keep*' | wc -l |
    tr -d ' ')" 1

done_testing
