#!/bin/sh
# A disk that is full is told, with status 1: on standard output and for -o.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

[ -c /dev/full ] || skip_all "there is no /dev/full here"
flows 1 50 "$WORK/flows" || exit 99

full()
{
	"$BUILD/flowd-reader" "$@" >/dev/full 2>"$WORK/err"
}

for how in "" "--format ndjson" "-o -" --help --version; do
	# shellcheck disable=SC2086 # how is a list
	ok "status 1${how:+ with $how}" status 1 full $how "$WORK/flows"
	ok "and the reason${how:+ with $how}" has "$WORK/err" \
	    "standard output: write: No space left on device"
done
ok "status 1 with -o" status 1 reader -o /dev/full "$WORK/flows"
reader -o /dev/full "$WORK/flows" 2>"$WORK/err"
ok "and the reason with -o" has "$WORK/err" \
    "/dev/full: write: No space left on device"

# A file system that has room for some of it.
(
	ulimit -f 4
	trap '' XFSZ
	i=0
	while [ $i -lt 40 ]; do
		echo "$WORK/flows"
		i=$((i + 1))
	done | xargs "$BUILD/flowd-reader" -o "$WORK/cut" 2>"$WORK/err"
)
if [ -s "$WORK/err" ]; then
	ok "a file that may not grow ends on a whole record" \
	    status 0 reader -q "$WORK/cut"
	ok "and the reason is told" has "$WORK/err" "cut: write: File too large"
else
	skip "a file that may not grow" "no limit on file sizes here"
fi

done_testing
