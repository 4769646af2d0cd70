#!/bin/sh
# SIGINT ends a question with what was read until then and status 130; no file
# of -o is left half.  A file that is cut while it is read ends nothing.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"
. "${0%/*}/archive.inc"

segment 1000 "$WORK/seg.flow" || exit 99
mkfifo "$WORK/pipe" || exit 99

# interrupted SIGNAL ARGUMENT...: while it waits for more
interrupted()
{
	_sig=$1
	shift
	sh -c 'cat "$1"; exec sleep 30' sh "$WORK/seg.flow" >"$WORK/pipe" &
	started="$started $!"
	_writer=$!
	# The shell ignores SIGINT for what it starts in the background.
	# shellcheck disable=SC2016 # perl's own
	env -i PATH="$PATH" TZ=UTC perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' \
	    "$BUILD/flowd-reader" "$@" "$WORK/pipe" \
	    >"$WORK/out" 2>"$WORK/err" &
	_pid=$!
	started="$started $_pid"
	sleep 0.5
	kill -"$_sig" $_pid
	wait $_pid
	_rc=$?
	kill $_writer
	wait $_writer 2>/dev/null
	return $_rc
}

for sig in INT TERM; do
	ok "SIG$sig: status 130" status 130 interrupted $sig --count \
	    --threads 2
	ok "with what there was" has "$WORK/out" '^ *1000 '
	ok "and a word about it" has "$WORK/out" 'interrupted'
done
ok "flows that were read are printed" status 130 interrupted INT \
    --format csv --columns octets
is "all of them" "$(sed 1d "$WORK/out" | wc -l | tr -d ' ')" 1000
cat "$WORK/seg.flow" >"$WORK/keep"
ok "-o, too" status 130 interrupted INT --store-version 4 -o "$WORK/keep"
ok "leaves what was there" cmp "$WORK/keep" "$WORK/seg.flow"
ok "and says so" has "$WORK/err" "keep: not written"
is "with nothing beside it" "$(find "$WORK" -name 'keep*' | wc -l |
    tr -d ' ')" 1

# Cut under the reader's hands, which waits for who reads its output.
segment 300000 "$WORK/big.flow"
{ "$BUILD/flowd-reader" --threads 1 --format csv "$WORK/big.flow" \
    2>"$WORK/err"; echo $? >"$WORK/rc"; } | {
	head -n 2 >"$WORK/out"
	: >"$WORK/big.flow"
	cat >>"$WORK/out"
}
is "a file that is cut meanwhile: status 1" "$(cat "$WORK/rc")" 1
ok "which is told" has "$WORK/err" \
    "big.flow: became shorter, or unreadable, while it was read"
ok "and some of it was printed" test "$(wc -l <"$WORK/out")" -gt 1000

done_testing
