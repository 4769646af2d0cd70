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
	"$BUILD/flowd-reader" --pcap "$pcap" --format ndjson \
	    >"$WORK/found/$name.jsonl" 2>"$WORK/$name.err"
	[ $? -le 3 ] || {
		bad=$((bad + 1))
		diag <"$WORK/$name.err"
	}
done
is "no capture kills the reader" "$bad" 0

# The tables stop at a frame in a record (RFC 7133): its keys are added here,
# and what it counts, for VLAN, IPv4 and UDP, which is all there is of it.
mkdir "$WORK/expected"
ok "the tables can be read" \
    python3 - "$captures/expected" "$WORK/expected" <<'EOF'
import ipaddress, json, os, struct, sys

def inside(r):
    raw = dict(field.split(":") for field in r.get("raw", []))
    if "315" not in raw:
        return
    frame = bytes.fromhex(raw["315"])
    tpid, tci, ethertype = struct.unpack("!HHH", frame[12:18])
    length, protocol = struct.unpack("!2xH5xB", frame[18:28])
    if (tpid, ethertype, frame[18], protocol) != (0x8100, 0x800, 0x45, 17):
        sys.exit("another kind of frame")
    src, dst, sport, dport = struct.unpack("!4s4sHH", frame[30:42])
    r.update(src_addr=str(ipaddress.ip_address(src)),
        dst_addr=str(ipaddress.ip_address(dst)), src_port=sport,
        dst_port=dport, protocol=protocol, tos=frame[19], ttl=frame[26],
        vlan=tci & 0xfff, in_dst_mac=frame[0:6].hex(":"),
        in_src_mac=frame[6:12].hex(":"), octets=length, packets=1)

for name in os.listdir(sys.argv[1]):
    with open(os.path.join(sys.argv[2], name), "w") as out:
        for line in open(os.path.join(sys.argv[1], name)):
            record = json.loads(line)
            inside(record)
            out.write(json.dumps(record) + "\n")
EOF

python3 "$captures/compare_flows.py" "$WORK/expected" "$WORK/found" \
    --manifest "$captures/MANIFEST.tsv" \
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

# The judge there knows some forty keys; we have more.
ok "every field that we have is that of the tables" \
    python3 "$TOP/tests/tools/same-fields.py" "$WORK/expected" "$WORK/found"

done_testing
