#!/bin/sh
# What is damaged in a log is skipped and told, and everything else is read.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

flows 1 10 "$WORK/good" || exit 99
is "the log has the records that are expected" \
    "$(size "$WORK/good")" $((10 * RECLEN))

# told OFFSET BYTES: the one message there is
told()
{
	[ "$(grep -c . "$WORK/err")" -eq 1 ] &&
	    has "$WORK/err" ": offset $1: .*: $2 bytes skipped"
}

# reads WANT PROMISE OFFSET BYTES: of $WORK/bad
reads()
{
	is "$2" "$(numbers "$WORK/bad")" "$1"
	ok "$2: and it is told" told "$3" "$4"
	ok "$2: with status 2" status 2 reader -q "$WORK/bad"
}

# splice FROM TO: good up to FROM, standard input, good behind TO
splice()
{
	bytes "$WORK/good" 0 "$1"
	cat
	bytes "$WORK/good" "$2" 100000
}

printf '\377' | splice 300 301 >"$WORK/bad"
reads "1 2 4 5 6 7 8 9 10" "a flipped byte costs one record" $((2 * RECLEN)) \
    "$RECLEN"

printf '\125' | splice $((3 * RECLEN + 1)) $((3 * RECLEN + 2)) >"$WORK/bad"
reads "1 2 3 5 6 7 8 9 10" "a wrong length costs one record" $((3 * RECLEN)) \
    "$RECLEN"

echo "this is no record of any kind" | splice $((5 * RECLEN)) $((5 * RECLEN)) \
    >"$WORK/bad"
reads "$(upto 10)" "garbage between records costs none" $((5 * RECLEN)) 30

dd if=/dev/zero bs=1000 count=3000 2>/dev/null |
    splice $((4 * RECLEN)) $((4 * RECLEN)) >"$WORK/bad"
reads "$(upto 10)" "a hole larger than any buffer costs none" \
    $((4 * RECLEN)) 3000000

dd if=/dev/zero bs=100 count=1 2>/dev/null |
    splice $((4 * RECLEN + 1)) $((4 * RECLEN + 101)) >"$WORK/bad"
reads "1 2 3 4 6 7 8 9 10" "a head before zeros is no empty record" \
    $((4 * RECLEN)) "$RECLEN"

splice $((2 * RECLEN + 50)) $((4 * RECLEN)) </dev/null >"$WORK/bad"
reads "1 2 5 6 7 8 9 10" "a record cut off in the middle costs itself" \
    $((2 * RECLEN)) 50

# The last record, made longer than what is left.
printf '\170' | splice $((8 * RECLEN + 1)) $((8 * RECLEN + 2)) >"$WORK/bad"
reads "1 2 3 4 5 6 7 8 10" "a length beyond the end hides no record" \
    $((8 * RECLEN)) "$RECLEN"

bytes "$WORK/good" 0 $((9 * RECLEN + 40)) >"$WORK/bad"
is "a torn record at the end costs itself" "$(numbers "$WORK/bad")" "$(upto 9)"
ok "and is told" has "$WORK/err" \
    "offset $((9 * RECLEN)): 40 bytes of an incomplete record at the end"
ok "with status 2" status 2 reader -q "$WORK/bad"

bytes "$WORK/good" 0 $((9 * RECLEN + 3)) >"$WORK/bad"
is "a torn head at the end costs itself" "$(numbers "$WORK/bad")" "$(upto 9)"
ok "and is told, too" has "$WORK/err" ": 3 bytes of an incomplete record"

# 30 places.
i=0
while [ $i -lt 30 ]; do
	cat "$WORK/good"
	echo garbage
	i=$((i + 1))
done >"$WORK/bad"
is "many damaged places cost no records" \
    "$(numbers "$WORK/bad" | wc -w | tr -d ' ')" 300
# The last one looks like the start of a record.
is "20 places are told" "$(grep -c 'offset.* skipped' "$WORK/err")" 20
ok "and the others counted" has "$WORK/err" \
    "damaged in 9 more places: 72 bytes skipped"

cat "$WORK/bad" >"$WORK/all"
cat "$WORK/good" >>"$WORK/all"
is "logs behind a damaged one are read" \
    "$(numbers "$WORK/bad" "$WORK/good" | wc -w | tr -d ' ')" 310

head -c 5000 /dev/urandom >"$WORK/noise" 2>/dev/null ||
    dd if=/dev/urandom of="$WORK/noise" bs=5000 count=1 2>/dev/null
ok "what is no log at all ends with status 2" status 2 reader -q "$WORK/noise"

: >"$WORK/empty"
ok "an empty log is a good log" status 0 reader "$WORK/empty"

done_testing
