# flowd-stats prints what the original's stats.py printed of the same logs, but
# for the order of what is equal; of any number of groups, and of any kind of
# file.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
need_python
need_shared compat/flowd-logs/all.stats.txt

logs=$FLOWD_SHARED/compat/flowd-logs
cd "$WORK" || exit 1

# blurred FILE: which of those that are equal comes first, and is there at all
# at the end, is chance in the original
blurred()
{
	awk '
	    function put(end, i, text) {
		for (i = 1; i <= count; i++) {
			text = line[i]
			if (count > 1)
				text = "  one of " count
			if (end)
				text = "  one of them"
			print text ": " last
		}
		count = 0
	    }
	    /^  / {
		n = $NF
		sub(/: [0-9]+$/, "")
		if (n != last)
			put(0)
		last = n
		line[++count] = $0
		next
	    }
	    { put(1); print }' "$1"
}

# whole FILE: each line of it is true of everything
whole()
{
	tool stats -n 1000 "$logs/$1" >all 2>/dev/null
	grep '^  ' "$2" | sort >some
	sort -u all | comm -13 - some >false
	[ ! -s false ] || { cat false; return 1; }
}

for log in all few-nocrc; do
	tool stats "$logs/$log.bin" >report 2>err
	is "the report of $log" $? 0
	blurred report >got
	blurred "$logs/$log.stats.txt" >want
	ok "is that of the original" same got want
	ok "which has lines" [ "$(wc -l <want)" -gt 150 ]
	ok "whose lines are all true" whole $log.bin "$logs/$log.stats.txt"
	ok "as are its own" whole $log.bin report
done
is "standard error has the flows of each file" \
    "$(tr -d '\r' <err | head -n 1)" \
    "$logs/few-nocrc.bin: 20 flows (total 20)"

tool stats - <"$logs/all.bin" >got 2>/dev/null
tool stats "$logs/all.bin" >want 2>/dev/null
ok "standard input is the same" same got want
head -c 1300 "$logs/all.bin" >a
tail -c +1301 "$logs/all.bin" >b
"$BUILD/flowd-reader" -o c.bin --store-version 4 "$logs/all.bin"
tool stats c.bin >got 2>/dev/null
ok "and so is a segment of the archive" same got want

# More groups than are ranked outside of the engine.
log_of 9000 log || exit 1
tool stats -n 7 log >got 2>/dev/null
reader_top()
{
	echo "$1:"
	echo "Total: $("$BUILD/flowd-reader" --format csv --distinct "$2" log |
	    sed -n '$p')"
	for _by in octets packets flows; do
		echo "$_by" | sed 's/^o/O/; s/^p/P/; s/^f/F/'
		"$BUILD/flowd-reader" --format csv --group-by "$2" --columns "$_by" \
		    --sort "$_by,$2" --top 7 log |
		    sed '1d; s/,\([^,]*\)$/: \1/; s/,/ -> /; s/^/  /'
	done
}
{
	"$BUILD/flowd-reader" --format csv --count log | awk -F, 'NR == 2 {
	    print "total_flows: " $1; print "total_octets: " $3
	    print "total_packets: " $2; print "" }'
	reader_top src_ports src_port; echo; echo
	reader_top dst_ports dst_port; echo; echo
	reader_top protocols protocol; echo; echo
	reader_top "source address" src_addr; echo; echo
	reader_top "destination address" dst_addr; echo; echo
	reader_top "source / destination tuples" src_addr,dst_addr; echo
} >want
ok "many groups are as flowd-reader has them" same got want

tool stats --json -n 3 -p pickled --filter "proto tcp" log >json 2>/dev/null
"$PYTHON" - json pickled <<'PYTHON' >got
import json, pickle, sys
report = json.load(open(sys.argv[1]))
assert report == pickle.load(open(sys.argv[2], "rb"))
print(report["total_octets"], report["protocols"]["total"],
      report["protocols"]["flows"][0])
PYTHON
is "JSON and the pickle have the same numbers" "$(cat got)" \
    "$("$BUILD/flowd-reader" --format csv --count --filter 'proto tcp' log |
	awk -F, 'NR == 2 { print $3, 1, "{'"'key'"': '"'6'"', '"'flows'"': " $1 "}" }')"

printf 'rubbish' >rubbish
ok "a file that is no log" not tool stats rubbish
ok "a file that is not there" status 1 tool stats nothing
head -c 60 "$logs/all.bin" >torn
dd if=/dev/zero bs=40 count=1 2>/dev/null >>torn
tail -c +121 "$logs/all.bin" >>torn
ok "what is damaged is told by the status" status 2 tool stats torn
ok "a filter that makes no sense" status 1 tool stats --filter "nonsense" torn
done_testing
