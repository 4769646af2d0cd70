#!/bin/sh
# The same question on the same flows prints the same bytes, with any number
# of threads, and of an archive the same as of a log of the same flows.

. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"

archive "$WORK/db" 12000 200 10 || exit 99
reader -o "$WORK/log" "$WORK/db" || exit 99
ok "the log has all flows" equal "$(count "$WORK/log")" 12000

# asked ARGUMENT...: by one thread, and then by more
asked()
{
	reader --threads 1 "$@" >"$WORK/want" 2>"$WORK/err" || {
		cat "$WORK/err"
		return 1
	}
	[ -s "$WORK/want" ] || return 1
	for _n in 2 5; do
		reader --threads $_n "$@" >"$WORK/got" || return
		cmp "$WORK/got" "$WORK/want" || return
	done
}

for how in "--format csv" "--format ndjson" "--format json" "" \
    "--format table --filter 'dst port 443'" "--count" "--stats" \
    "-c" "--format classic" "--filter 'proto udp' --format csv" \
    "--group-by src_addr/16 --format csv" \
    "--group-by src_addr,dst_addr --top 20" \
    "--every 10s --format csv" "--distinct src_addr,dst_addr" \
    "--sort octets --top 50 --format csv" "--sort start --format csv" \
    "--anonymize 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f --format csv"; do
	for what in db log; do
		ok "$what:${how:+ $how}" eval asked "$how" "$WORK/$what"
	done
done

# Nothing is printed, and all is done.
for how in "" "--sort octets" "--top 2" "--bidirectional" \
    "--bidirectional --sort start"; do
	ok "--format none${how:+ $how}" eval reader --format none "$how" \
	    "$WORK/db"
	is "--format none prints nothing${how:+: $how}" \
	    "$(eval reader --format none "$how" "$WORK/db")" ""
	ok "in the classic lines${how:+: $how}" eval reader -c "$how" \
	    "$WORK/db"
	ok "into a file${how:+: $how}" eval reader --store-version 4 \
	    -o "$WORK/o.flow" "$how" "$WORK/db"
done

# What does not tell of blocks.
for how in "--format csv --columns src_addr,dst_port,octets" \
    "--count --format csv" "--group-by dst_port --sort dst_port --format csv"; do
	eval reader "$how" "$WORK/db" >"$WORK/got"
	eval reader "$how" "$WORK/log" >"$WORK/want"
	ok "the archive and the log say the same: $how" cmp "$WORK/got" \
	    "$WORK/want"
done

ok "-o, too" reader --threads 1 --store-version 4 -o "$WORK/1.flow" \
    "$WORK/db"
reader --threads 4 --store-version 4 -o "$WORK/4.flow" "$WORK/db"
ok "by any number of threads" cmp "$WORK/1.flow" "$WORK/4.flow"
is "--head counts for each segment" \
    "$(count --head 10 "$WORK/db")" $((10 * $(find "$WORK/db" -name '*.flow' |
    wc -l)))

done_testing
