#!/bin/sh
# Text and CSV of real logs are those of flowd-reader 0.9.1, byte for byte,
# but for the engine of NetFlow 5, which the original showed with its bytes
# swapped.

. "${0%/*}/../lib.sh"

need_shared compat/flowd-logs
logs=$FLOWD_SHARED/compat/flowd-logs
cd "$logs" || exit 99

# What the original should have printed.
repaired()
{
	sed '/ ver 5 /s/engine_type 256 engine_id 512/engine_type 1 engine_id 2/' \
	    "$1"
}

# In CSV only the values tell: engine type 256 and number 512 are v5's.
repaired_csv()
{
	awk -F, -v OFS=, '$9 == 256 && $10 == 512 { $9 = 1; $10 = 2 } 1' "$1"
}

for x in all all-nocrc few-nocrc addr-crc engine tags nostore v4only v6only; do
	repaired "$x.reader-v-U.txt" >"$WORK/want"
	reader -v -U "$x.bin" >"$WORK/got" 2>&1
	ok "$x: all fields" same "$WORK/got" "$WORK/want"
	repaired "$x.reader-brief-U.txt" >"$WORK/want"
	reader -U "$x.bin" >"$WORK/got" 2>&1
	ok "$x: the usual ones" same "$WORK/got" "$WORK/want"
	repaired "$x.reader-v.EuropeBerlin.txt" >"$WORK/want"
	TZ=Europe/Berlin reader -v "$x.bin" >"$WORK/got" 2>&1
	ok "$x: in local time" same "$WORK/got" "$WORK/want"
	repaired_csv "$x.reader-c.csv" >"$WORK/want"
	reader -c "$x.bin" >"$WORK/got" 2>&1
	ok "$x: CSV" same "$WORK/got" "$WORK/want"
	reader -c "$x.bin" "$x.bin" >"$WORK/got"
	ok "$x: CSV has its head once" equal "$(grep -c '^#' "$WORK/got")" 1
done

for x in legacy-v2 legacy-v2-flowd085-all legacy-v2-flowd085-few; do
	reader -L -v -U "$x.bin" >"$WORK/got" 2>&1
	ok "$x: version 2" same "$WORK/got" "$x.reader-L-v-U.txt"
	reader -v -U "$x.bin" >"$WORK/got" 2>&1
	ok "$x: version 2, seen by itself" same "$WORK/got" \
	    "$x.reader-L-v-U.txt"
	if [ -f "$x.reader-L-c.csv" ]; then
		reader -L -c "$x.bin" >"$WORK/got" 2>&1
		ok "$x: CSV" same "$WORK/got" "$x.reader-L-c.csv"
	fi
	reader -o "$WORK/new" "$x.bin"
	reader -v -U "$x.bin" | sed -e 1d -e 's/crc32.*//' >"$WORK/want"
	reader -v -U "$WORK/new" | sed -e 1d -e 's/crc32.*//' >"$WORK/got"
	ok "$x: converted, it says the same" same "$WORK/got" "$WORK/want"
done

ok "a log of version 3 is none of version 2: status 1" \
    status 1 reader -L all.bin
reader -L all.bin 2>"$WORK/err"
ok "and why" has "$WORK/err" "all.bin: Bad magic"

# Records at the edge: what the original read, we read.
for x in ok-empty-file ok-two reserved-nonzero-crc-ok minor1-extra-nocrc \
    minor1-extra-crc-known minor1-noextra-crc minor0-longer-len \
    len_words-126 no-fields; do
	ok "edge/$x: status 0" status 0 reader -q "edge/$x.bin"
done
for x in bad-crc-then-good bad-major4 both-src4-src6 len_words-127 \
    minor0-bit31 minor0-extra minor0-shorter-len minor1-extra-crc-all \
    trunc-in-body trunc-in-header; do
	ok "edge/$x: status 2" status 2 reader -q "edge/$x.bin"
done

done_testing
