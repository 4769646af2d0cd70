# A second opinion: random frames, read by tshark, and by us out of the samples
# of sFlow that they are in.
. "${0%/*}/../lib.sh"

need_tool tshark python3
alike=$TOP/tests/tools/frames-alike.py

for seed in 1 2 3; do
	python3 "$TOP/tests/tools/mkframes.py" $seed "$WORK/frames" \
	    "$WORK/sflow"
	tshark -r "$WORK/frames" -c 1 >"$WORK/out" 2>"$WORK/err" ||
	    skip_all "tshark: $(tail -n 1 "$WORK/err")"
	"$BUILD/flowd-reader" --pcap "$WORK/sflow" --format ndjson >"$WORK/json"
	ok "what we read of frames $seed is what tshark reads" \
	    python3 "$alike" "$WORK/frames" "$WORK/json"
done

# A comparison that finds nothing is to be doubted.
sed '7s/"ttl":[0-9]*/"ttl":0/' "$WORK/json" >"$WORK/other"
ok "a value that differs is told" \
    status 1 python3 "$alike" "$WORK/frames" "$WORK/other"
sed 7d "$WORK/json" >"$WORK/other"
ok "a flow that is missing is told" \
    status 1 python3 "$alike" "$WORK/frames" "$WORK/other"

done_testing
