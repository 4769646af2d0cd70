#!/bin/sh
# The first start and the last end of what was selected are exact, though most
# blocks' times are never decoded: whatever the order of the blocks, and
# whatever the threads.

. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"

"$BIN/mkarchive" -q -g 9000 -R 100 -r 1 -T "$START" -a "$WORK/db" \
    2>"$WORK/mkarchive" || exit 99
find "$WORK/db" -type f | sort >"$WORK/names"
xargs cat <"$WORK/names" >"$WORK/forth.flow"
sort -r "$WORK/names" | xargs cat >"$WORK/back.flow"
reader --store-version 4 -o "$WORK/one.flow" "$WORK/db" || exit 99
ok "there are more blocks than are kept in mind" [ "$(wc -l <"$WORK/names")" \
    -gt 64 ]

# listed FILE FILTER: least start and greatest end of all rows
listed()
{
	reader --format csv --columns start,end --filter "$2" "$1" |
	    sed 1d >"$WORK/times"
	cut -d, -f1 "$WORK/times" | sort | sed -n 1p | tr '\n' ,
	cut -d, -f2 "$WORK/times" | sort | sed -n '$p'
}

# told THREADS FILE FILTER: by the totals
told()
{
	reader --threads "$1" --format csv --count --filter "$3" "$2" |
	    sed -n '2s/^[^,]*,[^,]*,[^,]*,//p'
}

for f in forth back one; do
	for filter in "proto tcp" "dst port 443" "octets > 20000" \
	    "duration > 30" "src port 1024-40000 proto udp"; do
		want=$(listed "$WORK/$f.flow" "$filter")
		for n in 1 2 5; do
			is "$f, $n threads: $filter" \
			    "$(told $n "$WORK/$f.flow" "$filter")" "$want"
		done
	done
done

# threads THREADS: all that is said, with bytes read
said()
{
	reader --threads "$1" --count --filter "dst port 443" \
	    "$WORK/back.flow"
}
said 1 >"$WORK/1"
said 4 >"$WORK/4"
ok "the same columns are read by any number of threads" cmp "$WORK/1" \
    "$WORK/4"
is "what the row says is not said again below" \
    "$(grep -c "^[0-9]* flows, " "$WORK/1")" 0
is "but what was read" "$(grep -c "records selected; " "$WORK/1")" 1

done_testing
