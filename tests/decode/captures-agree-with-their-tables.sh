# Exports recorded at some forty vendors' boxes, against tables of what is in
# them.  The captures are not ours to give away: they stand beside the tree.
# captures.expected lists those that agree; one more is told, one less fails.
. "${0%/*}/../lib.sh"

need_shared captures/compare_flows.py
need_tool python3
captures=$FLOWD_SHARED/captures
list=$TOP/tests/decode/captures.expected

# What a collector may do with a capture that was broken on purpose is its
# own choice: it shall say so, and go on.
mkdir "$WORK/found"
bad=0
for pcap in "$captures"/pcap/*.pcap; do
	name=${pcap##*/}
	name=${name%.pcap}
	"$BUILD/flowd-reader" --pcap "$pcap" --format json \
	    >"$WORK/found/$name.jsonl" 2>"$WORK/$name.err"
	[ $? -le 3 ] || {
		bad=$((bad + 1))
		diag <"$WORK/$name.err"
	}
done
is "no capture kills the reader" "$bad" 0

python3 "$captures/compare_flows.py" "$captures/expected" "$WORK/found" \
    --show 1 --json "$WORK/result" >"$WORK/table"
diag <"$WORK/table"
python3 - "$WORK/result" >"$WORK/right" <<'EOF'
import json, sys
for name, c in sorted(json.load(open(sys.argv[1]))["captures"].items()):
    # With nothing to find, nothing found proves little.
    if c["ok"] and c["expected"] + c["optional"] + c["found"] > 0:
        print(name)
EOF
is "captures were compared" "$(test -s "$WORK/right" && echo yes)" yes
if [ -n "${UPDATE:-}" ]; then
	cp "$WORK/right" "$list"
fi
ok "no capture that agreed is wrong now" \
    equal "$(comm -23 "$list" "$WORK/right")" ""
comm -13 "$list" "$WORK/right" | sed 's/^/agrees, and is not listed: /' | diag

done_testing
