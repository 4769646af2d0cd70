#!/bin/sh
# head(1) and the like may stop reading: no message, no signal, no failure.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

flows 1 200 "$WORK/one" || exit 99
i=0
while [ $i -lt 40 ]; do
	cat "$WORK/one"
	i=$((i + 1))
done >"$WORK/many"

for how in "" -c "--format ndjson" "--format csv" "-o -"; do
	# shellcheck disable=SC2086 # how is a list
	{ reader $how "$WORK/many" 2>"$WORK/err"; echo $? >"$WORK/rc"; } |
	    head -c 100 >"$WORK/head"
	is "status 0${how:+ with $how}" "$(cat "$WORK/rc")" 0
	is "no message${how:+ with $how}" "$(cat "$WORK/err")" ""
	is "what was read is there${how:+ with $how}" "$(size "$WORK/head")" 100
done

# The file of -o is another matter.
{ reader --format ndjson -o "$WORK/copy" "$WORK/many"; echo $? >"$WORK/rc"; } |
    head -c 100 >/dev/null
is "the file of -o is written to its end" "$(size "$WORK/copy")" \
    "$(size "$WORK/many")"
is "with status 0" "$(cat "$WORK/rc")" 0

done_testing
