#!/bin/sh
# Nine exporters, three of them with sequence numbers that tell something.
. "${0%/*}/../lib.sh"
[ "$(uname)" = Linux ] || skip_all "needs all of 127/8"
need_tool python3

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1

# v5 FROM SEQUENCE...: a datagram of one flow each
v5()
{
	from=$1
	shift
	for seq in "$@"; do
		echo "v5 seq=$seq uptime=1000 time=1700000000"
		echo "flow src=10.0.0.1 dst=10.0.0.2 proto=6 packets=1 octets=40"
	done | "$BIN/mkexport" | send -s "$from" 127.0.0.1 "$PORT"
}

"$BIN/flowgen" -a 5 -f ipfix -c 50 -r 1000 127.0.0.1 "$PORT" >"$WORK/sent"
flows=$(sed 's/.*"flows": *\([0-9]*\).*/\1/' "$WORK/sent")
v5 127.0.9.1 1 2 12 13	# 9 are missing
v5 127.0.9.2 1 2 4 3 5	# one is missing, and then late
v5 127.0.9.3 1 2 2 5 4	# one twice, one lost, one late
{
	echo "ipfix seq=0 time=1700000000 domain=1"
	echo "template 256 8:4 12:4 9.12235:2 99999.5:1"
	echo "record 256 10.0.0.1 10.0.0.2 7 1"
	echo "record 256 10.0.0.1 10.0.0.2 7 1"
} | "$BIN/mkexport" | send -s 127.0.9.4 127.0.0.1 "$PORT"
ok "all of it is stored" wait_ledger stored $((flows + 16))
stop_flowd
ok "the statistics are JSON" python3 -m json.tool "$STATS"
python3 - "$STATS" "127.0.0.1:$PORT" >"$WORK/told" <<'END'
import json, sys
s = json.load(open(sys.argv[1]))
names = [e["agent"] for e in s["exporters"]]
print("exporters", len(names), len(set(names)), s["totals"]["exporters"])
e = {x["agent"]: x for x in s["exporters"]}
for name in "127.0.9.1", "127.0.9.2", "127.0.9.3":
    print(name, *(e[name][k] for k in ("received", "stored", "seq_lost",
        "seq_recovered", "seq_reordered", "seq_duplicates", "seq_resets")))
print("others", sum(x["seq_lost"] + x["seq_reordered"] for n, x in e.items()
    if not n.startswith("127.0.9.")))
print("loss", e["127.0.9.1"]["loss"])
print("clock", all(x["clock_ms_least"] <= x["clock_ms"] <= x["clock_ms_most"]
    for x in e.values()), e["127.0.9.1"]["clock_ms"] < -3 * 10**10)
print(s["ignored"], s["ignored_more"])
print(s["listeners"] == [{"address": sys.argv[2], "kernel_drops": 0}])
for k in "received", "decoded", "records", "accepted", "stored", "seq_lost":
    if sum(x[k] for x in s["exporters"]) != s["totals"][k]:
        print("the exporters' sum is not the total:", k)
END
cat >"$WORK/want" <<END
exporters 9 9 9
127.0.9.1 4 4 9 0 0 0 0
127.0.9.2 5 5 1 1 1 0 0
127.0.9.3 5 5 2 1 1 1 0
others 0
loss 0.692308
clock True True
[{'pen': 9, 'id': 12235, 'records': 2}, {'pen': 99999, 'id': 5, 'records': 2}] 0
True
END
ok "each exporter has its own, and the sums are the totals" \
    same "$WORK/told" "$WORK/want"
ok "a clock that is years behind is logged, for one of them in a second" \
    has "$WORK/flowd.err" 'its clock is [0-9]* s behind ours'
ok "elements that are ignored are logged" has "$WORK/flowd.err" \
    'ignored, enterprise.number and records: 9.12235 2, 99999.5 2, 0 others'
ok "and not for each datagram" \
    test "$(grep -c 'its clock is' "$WORK/flowd.err")" -le 8
done_testing
