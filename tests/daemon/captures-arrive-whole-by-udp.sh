#!/bin/sh
# Exports recorded at some forty vendors' boxes, sent again by UDP, are in the
# log as their tables have them, as far as the log has room for what they say.
. "${0%/*}/../lib.sh"
[ "$(uname)" = Linux ] || skip_all "needs all of 127/8"
need_shared captures/compare_flows.py
need_tool python3
captures=$FLOWD_SHARED/captures
list=$TOP/tests/decode/captures.expected
# Version 3 of the log holds no more that tables tell of.
keys=src_addr,dst_addr,src_port,dst_port,protocol,octets,packets,tcp_flags,tos
keys=$keys,in_if,out_if,src_as,dst_as

# One daemon for all: the exporters of capture N are 127.1.N.1 and up.
PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
n=0
: >"$WORK/sent"
while read -r name; do
	n=$((n + 1))
	send -v -a 127.1.$n.1 127.0.0.1 "$PORT" "$captures/pcap/$name.pcap" \
	    >>"$WORK/sent" 2>"$WORK/send.err" || diag <"$WORK/send.err"
	echo "$n $name" >>"$WORK/numbers"
	# It reloads in the middle, and nobody can tell.
	[ $((n % 40)) -ne 20 ] || kill -HUP "$FLOWD_PID"
done <"$list"
sent=$(awk '{ n += $1 } END { print n }' "$WORK/sent")
ok "each datagram arrives" wait_ledger received "$sent"
ok "each flow in them is stored" \
    wait_ledger stored "$(ledger records)"
ok "the ledger adds up" has "$STATS" '"balanced": true'
ok "it reloaded meanwhile" has "$STATS" '"reloads": [1-9]'
ok "there are some thousand" test "$(counter stored)" -gt 3000
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0

reader --format ndjson "$WORK/flows" >"$WORK/all" 2>"$WORK/err"
is "all that was stored is in the log" "$(wc -l <"$WORK/all" | tr -d ' ')" \
    "$(counter stored)"
mkdir "$WORK/found" "$WORK/expected"
python3 - "$WORK" "$captures/expected" <<'END'
import json, sys
work, expected = sys.argv[1:]


def as_logged(line):
    """The log has the prefixes of version 8 as addresses.  What is disputed of
    some of its schemes is the order of the masks, which are not compared."""
    row = json.loads(line)
    if row.get("version") == 8:
        row.pop("disputed", None)
        for side in ("src", "dst"):
            if side + "_prefix" in row:
                row[side + "_addr"] = row.pop(side + "_prefix")
    return json.dumps(row) + "\n"


files = {}
for line in open(work + "/numbers"):
    n, name = line.split()
    files[n] = open(f"{work}/found/{name}.jsonl", "w")
    with open(f"{work}/expected/{name}.jsonl", "w") as copy:
        copy.writelines(map(as_logged, open(f"{expected}/{name}.jsonl")))
for line in open(work + "/all"):
    files[json.loads(line)["agent"].split(".")[2]].write(line)
END

# judge KEYS: names the captures that are wrong in any of these
judge()
{
	python3 "$captures/compare_flows.py" "$WORK/expected" "$WORK/found" \
	    --keys "$1" --show 1 --json "$WORK/result" >"$WORK/table"
	python3 - "$WORK/result" <<'END'
import json, sys
captures = sorted(json.load(open(sys.argv[1]))["captures"].items())
print(len(captures))
print(*(name for name, c in captures if not c["ok"]), sep="\n")
END
	grep '^captures fully right' "$WORK/table" | diag
}

# The table of this one has the sampled packet as bytes, and none of what is in
# it: the log has nothing else.
sampled=akvorado__datalink-frame
is "the captures are right, each flow" "$(judge "$keys" | sed 1d)" "$sampled"
is "all of them were judged" "$(judge "$keys" | sed -n 1p)" \
    "$(wc -l <"$list" | tr -d ' ')"
# The log has times as uptimes of 32 bits.  These captures have flows whose
# times are more than 49 days from that of the export, or an export of 1972.
is "and but for these so are their times" \
    "$(judge "$keys,start_ms,end_ms" | sed 1d)" "$sampled
akvorado__ipfixprobe-biflow
generated__pmacctd-ipfix
netflowparser__netflow7
pynetflow__ipfix-ether"
done_testing
