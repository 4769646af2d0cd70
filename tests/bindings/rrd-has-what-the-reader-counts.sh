# flowd-rrd stores what flowd-reader counts in each window, once, and draws it:
# with the real rrdtool.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
need_tool rrdtool
need_python

cd "$WORK" || exit 1
START=1699999800 # the beginning of a window, long ago
"$BIN/mkarchive" -g 3600 -R 3 -T $START >whole.flow 2>/dev/null || exit 1
"$BUILD/flowd-reader" -o whole whole.flow || exit 1
"$BUILD/flowd-reader" --until @$((START + 600)) -o part whole || exit 1

# windows: time protocol flows bytes packets, as flowd-reader has them
windows()
{
	for _at in 0 300 600 900; do
		"$BUILD/flowd-reader" --format csv --group-by protocol \
		    --columns flows,octets,packets --since @$((START + _at)) \
		    --until @$((START + _at + 300)) "$1" |
		    sed -n "2,\$s/^/$((START + _at + 300)),/p"
	done | awk -F, '
	    BEGIN {
		name[6] = "tcp"; name[17] = "udp"; name[1] = "icmp"
		name[47] = "gre"; name[50] = "esp"
	    }
	    {
		p = $1 " " ($2 in name ? name[$2] : "other")
		n[p "_flows"] += $3
		n[p "_bytes"] += $4
		n[p "_packets"] += $5
	    }
	    END { for (i in n) if (n[i] > 0) print i, n[i] }' | sort
}

# stored RRD: the same, of the database
stored()
{
	rrdtool fetch "$1" AVERAGE -s $((START - 300)) -e $((START + 6000)) |
	    awk 'NR == 1 { for (i = 1; i <= NF; i++) name[i + 1] = $i }
	    $1 ~ /^[0-9]+:$/ { for (i = 2; i <= NF; i++)
		if ($i !~ /nan/ && $i * 300 >= 0.5)
		    printf "%d %s %d\n", $1, name[i], $i * 300 + 0.5 }' | sort
}

ok "the first windows of a log" tool rrd part flows.rrd
windows part >want
stored flows.rrd >got
ok "are stored as they are, the last one, too" same got want
is "it ends where they do" "$(rrdtool last flows.rrd)" $((START + 600))
ok "the log that has grown" tool rrd whole flows.rrd
windows whole >want
stored flows.rrd >got
ok "has the others added" same got want
ok "and no more" [ "$(wc -l <want)" -gt 12 ]
cp flows.rrd before.rrd
ok "again" tool rrd whole flows.rrd
ok "nothing is new" cmp flows.rrd before.rrd
ok "an archive's segment" tool rrd whole.flow same.rrd
stored same.rrd >got
ok "has the same" same got want

rrdtool info flows.rrd | sed -n \
    's/^ds\[\(.*\)\]\.type = "\(.*\)"/\1 \2/p' | sort >got
for what in flows bytes packets; do
	for protocol in icmp tcp udp gre esp other; do
		echo "${protocol}_$what ABSOLUTE"
	done
done | sort >want
ok "the data sources are the original's" same got want
is "and the archives" "$(rrdtool info flows.rrd |
    sed -n 's/^rra\[.\]\.\(rows\|pdp_per_row\|xff\) = //p' | xargs)" \
    "4800 1 7.5000000000e-01 2400 6 5.0000000000e-01 1200 24 5.0000000000e-01 1500 288 5.0000000000e-01"

# Two windows, half an hour and a day apart.
for gap in 1800 86400; do
	"$BIN/mkarchive" -g 30 -R 30 -T $((START + gap)) >gap.flow 2>/dev/null
	"$BUILD/flowd-reader" --until @$((START + 300)) -o gap whole
	ok "flows $gap seconds apart" tool rrd gap gap.flow gap$gap.rrd
done
# in_between RRD: values of the windows between: zeros, or unknown
in_between()
{
	rrdtool fetch "$1" AVERAGE -s $((START + 600)) -e $((START + 1500)) |
	    sed -n 's/^[0-9]*: //p' | tr ' ' '\n' | sort -u | xargs
}
is "what is quiet has zeros" "$(in_between gap1800.rrd)" 0.0000000000e+00
is "what nobody saw is unknown" "$(in_between gap86400.rrd | tr -d -)" nan
is "and the first window behind it is there" \
    "$(rrdtool fetch gap86400.rrd AVERAGE -s $((START + 86400)) \
	-e $((START + 86400)) | sed -n '$p' | grep -c nan)" 0

ok "charts are drawn" tool rrd --charts charts --end last flows.rrd
for chart in flows packets bytes; do
	for span in day week month year; do
		echo "$chart-$span.png"
	done
done | sort >want
find charts -name '*.png' | sed 's,.*/,,' | sort >got
ok "twelve of them" same got want
is "that are PNG" "$(for f in charts/*.png; do head -c 4 "$f" | tail -c 3; done |
    sed 's/PNG/x/g')" xxxxxxxxxxxx
grep -o 'src="[^"]*"' charts/index.html | sed 's/src="//; s/"//' | sort >got
ok "and a page shows them" same got want
is "nothing else is left there" "$(find charts -name '.*' -type f)" ""

ok "what is no database is told" status 1 tool rrd whole whole
ok "and so is a log that is not there" status 1 tool rrd nothing flows.rrd
ok "and charts of nothing" status 1 tool rrd --charts charts nothing.rrd
done_testing
