#!/bin/sh
# flowd -Pseal, started as the parent does: a report to descriptor 3, the
# output is 4, the inputs are those behind it.
. "${0%/*}/../lib.sh"
find_flowd
[ -x "$BIN/mkarchive" ] || skip_all "no $BIN/mkarchive"
"$BIN/mkarchive" -g 10 -R 1 >/dev/null 2>&1 || skip_all "no zstd"

cd "$WORK" || exit 1
"$BIN/mkarchive" -q -g 2000 -R 10 -S 1 >a 2>/dev/null
"$BIN/mkarchive" -q -g 30000 -R 1000 -S 2 -6 20 >b 2>/dev/null
"$BIN/mkarchive" -q -g 5000 -R 1000 -S 3 -D 1 >damaged 2>/dev/null
chmod 644 a b damaged

# report FILE NUMBER: that number of a report
report()
{
	case $2 in
	end)	_at=0 _len=4 ;;
	errno)	_at=4 _len=4 ;;
	*)	_at=$((8 + $2 * 8 + 4)) _len=4 ;;
	esac
	printf '%d' "0x$(od -An -tx1 -j $_at -N $_len "$1" | tr -d ' \n')"
}
# In the order of struct reseal_totals.
BLOCKS_OUT=3 FLOWS_OUT=4 BYTES_OUT=5 DAMAGED=6

: >out && : >said
as_user_wait "$FLOWD" -Pseal 1 2 3>said 4>>out 5<a 6<b
is "it ends well" $? 0
is "and says so" "$(report said end)" 0
is "with the flows that it wrote" "$(report said $FLOWS_OUT)" 32000
is "in one block" "$(report said $BLOCKS_OUT)" 1
is "and the bytes" "$(report said $BYTES_OUT)" "$(wc -c <out | tr -d ' ')"
"$BIN/mkarchive" -m -l 1 a b >want 2>/dev/null
ok "the output is what the library makes of them" cmp out want

: >out && : >said
as_user_wait "$FLOWD" -Pseal 0 1 3>said 4>>out 5<b
"$BIN/mkarchive" -m -l 0 b >want 2>/dev/null
ok "level 0 is without compression" cmp out want

: >out && : >said
as_user_wait "$FLOWD" -Pseal 1 2 3>said 4>>out 5<damaged 6<a
is "damage is no reason to fail" $? 0
is "it is counted" "$(report said $DAMAGED)" 1
ok "and the rest is kept" test "$(report said $FLOWS_OUT)" -ge 5000

: >out && : >said && : >empty
as_user_wait "$FLOWD" -Pseal 1 1 3>said 4>>out 5<empty
is "of nothing it makes nothing" "$(report said end) $(wc -c <out)" "0 0"

if [ -e /dev/full ]; then
	: >said
	as_user_wait "$FLOWD" -Pseal 1 1 3>said 4>>/dev/full 5<b 2>/dev/null
	is "a full disk is told: 3 is that it cannot be written" \
	    "$(report said end)" 3
	is "with its error, ENOSPC" "$(report said errno)" 28
fi

# Long enough to be looked at.
for _ in 1 2 3 4 5 6 7 8 9 10; do cat b b b b b; done >long
cksum long a >before
: >out && : >said
as_user "$FLOWD" -Pseal 1 2 3>said 4>>out 5<long 6<a &
pid=$!
started=$pid
ok "it begins to write" wait_for 20 test -s out
kill -STOP $pid
if [ "$(uname)" = Linux ]; then
	is "its priority is low" \
	    "$(ps -o cls= -o ni= -p $pid | tr -s ' ' | sed 's/^ //')" 'B 15'
	case $(awk '/^Seccomp:/ { print $2 }' /proc/$pid/status) in
	0)	skip "its system calls are filtered" "no sandbox here" ;;
	*)	is "its system calls are filtered" \
		    "$(awk '/^Seccomp:/ { print $2 }' /proc/$pid/status)" 2 ;;
	esac
fi
kill -9 $pid
wait $pid 2>/dev/null
ok "killed, it has said nothing" test ! -s said
cksum long a >after
ok "and its inputs are as they were" cmp before after
done_testing
