#!/bin/sh
# The same capture through softflowd 1.1 and ours: where no defect of the former
# is met, the statistics are the same to the byte.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
need_tool softflowd

find_meter
original=$(command -v softflowd)
[ "$("$original" -h 2>&1 | grep -c 'version 1\.')" -eq 1 ] ||
    skip_all "the softflowd here is not 1.x"

capture 20 "$WORK/t.pcap"
PORT=$(free_port)
background "$BIN/flowrecv" -t 60 -r "$WORK/listens" 127.0.0.1 "$PORT" \
    >"$WORK/collected"
wait_for 5 test -e "$WORK/listens"

# of PROGRAM ARGUMENT...
of()
{
	(cd "$WORK" && as_user "$@" -r t.pcap -n "127.0.0.1:$PORT" \
	    2>"$WORK/err")
}

for version in 1 5 9 10; do
	of "$original" -v $version >"$WORK/theirs"
	of "$METER" -v $version >"$WORK/ours"
	is "-v $version: there are flows" \
	    "$(grep '^Flows expired' "$WORK/theirs")" \
	    "Flows expired: 20 (0 forced)"
	# What is flushed is forced, but 1.1 did not count it so; and the last
	# message of IPFIX takes its templates back.
	sed 's/20 forced/0 forced/; s/in 2 packets/in 1 packets/' "$WORK/ours" |
	    head -n "$(wc -l <"$WORK/theirs")" >"$WORK/block"
	ok "-v $version: the block is the same to the byte" \
	    same "$WORK/block" "$WORK/theirs"
	ok "-v $version: ours goes on behind it" \
	    has "$WORK/ours" '^Further statistics:$'
done

# Numbers differ with sampling, and what may be behind them.
numbers()
{
	sed 's/[0-9][0-9.]*/N/g; s/  *N/ N/g' "$1"
}
of "$original" -s 3 >"$WORK/theirs"
of "$METER" -s 3 >"$WORK/ours"
numbers "$WORK/theirs" >"$WORK/theirs.form"
numbers "$WORK/ours" | head -n "$(wc -l <"$WORK/theirs")" >"$WORK/ours.form"
ok "sampling has its line" same "$WORK/ours.form" "$WORK/theirs.form"
ok "and it is there" has "$WORK/ours" '^Packets non-sampled: [1-9]'
done_testing
