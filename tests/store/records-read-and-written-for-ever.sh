# NAME.flows says what NAME.bin has, and NAME.ok how that reads.  A change
# here breaks the logs that people have: add files, do not change them.
. "${0%/*}/../lib.sh"

for flows in "$TOP"/tests/store/*.flows; do
	name=${flows##*/}
	name=${name%.flows}
	bin=${flows%.flows}.bin
	"$BIN/mkstore" <"$flows" >"$WORK/bin"
	ok "$name is written as ever" golden "$WORK/bin" "$bin"
	{
		"$BIN/storetext" -vU "$bin" | sed 1d
		"$BIN/storetext" -c "$bin"
		"$BIN/storetext" -j "$bin"
	} >"$WORK/ok" 2>&1
	ok "$name is read as ever" golden "$WORK/ok" "${flows%.flows}.ok"
	"$BIN/storetext" -q -o "$WORK/again" "$bin"
	"$BIN/storetext" -q -o "$WORK/third" "$WORK/again"
	ok "$name, copied twice, stays the same" \
	    same "$WORK/third" "$WORK/again"
done

done_testing
