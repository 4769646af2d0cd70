# Every input that a fuzzer is fed with, or ever failed on, passes.
. "${0%/*}/../lib.sh"

found=0
for fuzzer in "$TOP"/tests/fuzz/fuzz_*.c; do
	[ -e "$fuzzer" ] || continue
	name=${fuzzer##*/fuzz_}
	name=${name%.c}
	corpus=$TOP/tests/fuzz/corpus/$name
	replay=$BUILD/tests/fuzz/fuzz_$name.replay
	found=$((found + 1))
	n=$(find "$corpus" -type f ! -name '.*' 2>/dev/null | wc -l)
	n=$((n))
	ok "$name has a corpus of its own" test "$n" -gt 0
	"$replay" "$corpus" >"$WORK/out" 2>&1
	is "$name survives its whole corpus" "$(tail -n 1 "$WORK/out")" \
	    "$n inputs" || diag <"$WORK/out"
done
[ $found -gt 0 ] || skip_all "there are no fuzzers"

done_testing
