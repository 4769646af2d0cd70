#!/bin/sh
# What a question does not ask for is not read from the disk: after the page
# cache is emptied, it has only the heads and the columns of the question.

. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"

command -v python3 >/dev/null || skip_all "no python3 here"
segment 400000 "$WORK/seg.flow" || exit 99
all=$(wc -c <"$WORK/seg.flow")
incore()
{
	python3 "$TOP/tests/tools/incore.py" "$@" "$WORK/seg.flow"
}
incore drop 2>"$WORK/err" || skip_all "$(cat "$WORK/err")"
[ "$(incore count)" -eq 0 ] || skip_all "the page cache cannot be emptied here"

# reads AT_MOST_PERCENT ARGUMENT...: from the disk
reads()
{
	_most=$1
	shift
	incore drop
	"$BUILD/flowd-reader" "$@" "$WORK/seg.flow" >"$WORK/out" || return
	_got=$(incore count)
	echo "$_got of $all bytes"
	[ "$_got" -gt 0 ] && [ $((_got * 100)) -le $((all * _most)) ]
}

ok "totals are in the heads" reads 2 --count
ok "a window that nothing is in, too" reads 2 --until 2000-01-01 --format csv
ok "of a network that is nowhere, the addresses" \
    reads 35 --filter 'src 203.0.113.77' --format csv
ok "top ports need ports and counters" \
    reads 50 --group-by dst_port --top 10 --format csv
ok "a filter needs its columns" \
    reads 25 --filter 'proto icmp' -q
ok "one column of a listing is one" \
    reads 15 --format csv --columns protocol
ok "all of them are all" not reads 80 --format csv

# And it says how much.
reader --format table --group-by dst_port "$WORK/seg.flow" >"$WORK/out"
said=$(sed -n 's/.* \([0-9]*\) of [0-9]* bytes read$/\1/p' "$WORK/out")
ok "the table says so" test "$said" -gt 0
ok "which is less than half" test $((said * 2)) -lt "$all"

done_testing
