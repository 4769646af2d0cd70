#!/bin/sh
# -o writes a log of what was read: all of it, byte for byte, or what was
# selected; never over one of the logs that are read.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

flows 1 20 "$WORK/a" || exit 99
flows 21 30 "$WORK/b" || exit 99
cat "$WORK/a" "$WORK/b" >"$WORK/want"

ok "two logs become one" reader -o "$WORK/got" "$WORK/a" "$WORK/b"
ok "the same that cat(1) makes of them" cmp "$WORK/got" "$WORK/want"
ok "again, with no tail of what was longer" reader -o "$WORK/got" "$WORK/a"
ok "what was there before is gone" cmp "$WORK/got" "$WORK/a"
reader -o - "$WORK/a" "$WORK/b" >"$WORK/got"
ok "- is standard output" cmp "$WORK/got" "$WORK/want"
is "and no text is among it" "$(reader -v -c -o - "$WORK/a" | cmp - "$WORK/a")" ""
is "no text with -o" "$(reader -v -o "$WORK/got" "$WORK/a")" ""
is "but with -d" \
    "$(reader -d -o "$WORK/got" "$WORK/a" | grep -c '^FLOW ')" 20
is "and with a format asked for" \
    "$(reader --format ndjson -o "$WORK/got" "$WORK/a" | grep -c '^{')" 20
rm -f "$WORK/new"
reader -o "$WORK/new" "$WORK/a"
# shellcheck disable=SC2012 # a name of ours
is "others may not read it" "$(ls -l "$WORK/new" | cut -c1-10)" "-rw-------"

cp "$WORK/a" "$WORK/keep"
ln -s a "$WORK/link"
ln "$WORK/a" "$WORK/hard"
for out in a link hard; do
	ok "it is not written over a log that is read: $out" \
	    status 1 reader -o "$WORK/$out" "$WORK/b" "$WORK/a"
done
# shellcheck disable=SC2016 # the inner shell's
ok "nor by standard output" not sh -c '"$1" -o - "$2" >>"$2"' sh \
    "$BUILD/flowd-reader" "$WORK/a"
ok "which is as it was" cmp "$WORK/a" "$WORK/keep"
ok "a directory that is not there: status 1" \
    status 1 reader -o "$WORK/none/x" "$WORK/a"

reader -H 2 -o "$WORK/got" "$WORK/a" "$WORK/b"
is "with -H, the first of each" "$(numbers "$WORK/got")" "1 2 21 22"
reader --since @1700000005 --until @1700000007 -o "$WORK/got" "$WORK/a"
is "with a window, those in it" "$(numbers "$WORK/got")" "6 7"

done_testing
