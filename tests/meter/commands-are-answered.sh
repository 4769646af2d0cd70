#!/bin/sh
# Each command of softflowctl(8), and what it does.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
need_tool python3

find_meter
# shellcheck disable=SC2046 # two words
set -- $(free_port 2)
capture 5 "$WORK/five.pcap"
background "$BIN/flowrecv" -t 60 -r "$WORK/listens" 127.0.0.1 "$2" \
    >"$WORK/collected"
wait_for 5 test -e "$WORK/listens"
start_meter -a -v 9 -t udp=111 -R "$1" -n "127.0.0.1:$2" || exit 1

# said COMMAND...: without the number of the process
said()
{
	control "$@" | sed "s/\[$METER_PID\]/[PID]/"
}

is "debug+" "$(said debug+)" "softflowd[PID]: Debug level increased."
is "debug-" "$(said debug-)" "softflowd[PID]: Debug level decreased."
is "send-template" "$(said send-template)" \
    "softflowd[PID]: Template will be sent at next flow export"
is "version" "$(said version | sed 's/version .*/version/')" \
    "softflowd[PID]: version"
said timeouts >"$WORK/timeouts"
ok "timeouts has the name first" has "$WORK/timeouts" \
    '^softflowd\[PID\]: Printing timeouts:$'
ok "timeouts has what was configured" has "$WORK/timeouts" \
    '^           UDP timeout: 111s$'
control help >"$WORK/help"
for word in $(control -h | sed -n '/^commands/,$p' | tr -d '[]' |
    sed 's/^commands://'); do
	[ "$word" = --json ] ||
	    ok "help knows $word" has "$WORK/help" "[[:space:]]$word"
done

play "$WORK/five.pcap" "$1"
ok "five flows are open" wait_for 5 processed 10
said dump-flows >"$WORK/flows"
is "dump-flows begins so" "$(head -n 1 "$WORK/flows")" \
    "softflowd[PID]: Dumping flow data:"
is "dump-flows has each" "$(grep -c '^ACTIVE seq:[1-5] \[192\.0\.2\.[1-5]]:' \
    "$WORK/flows")" 5
is "dump-flows tells when they end" \
    "$(grep -c '^EXPIRY EVENT for flow [1-5] in 1[01][0-9] seconds$' \
    "$WORK/flows")" 5
is "a flow has an empty line behind it" "$(grep -c '^$' "$WORK/flows")" 5

control top -1 -n 3 -s 0.1 >"$WORK/top"
is "top tells how many flows there are" "$(head -n 1 "$WORK/top" |
    sed 's/,.*//')" "5 flows"
is "top shows as many as it is asked for" \
    "$(grep -c '^udp .*192\.0\.2\.[1-5]:' "$WORK/top")" 3

is "expire-all" "$(said expire-all)" "softflowd[PID]: Expired 5 flows."
ok "and they come" wait_for 5 test -s "$WORK/collected"
play "$WORK/five.pcap" "$1"
ok "five more" wait_for 5 processed 20
is "delete-all" "$(said delete-all)" "softflowd[PID]: Deleted 5 flows."
processed_more()
{
	play "$WORK/five.pcap" "$1"
	control statistics >"$WORK/statistics"
	has "$WORK/statistics" '^Packets processed: [3-9][0-9]$'
}

is "stop-gather" "$(said stop-gather)" \
    "softflowd[PID]: Data collection stopped."
play "$WORK/five.pcap" "$1"
is "start-gather" "$(said start-gather)" \
    "softflowd[PID]: Data collection resumed."
ok "packets count again" wait_for 5 processed_more "$1"
is "no more than those of now are open" \
    "$(control statistics | sed -n 's/^Number of active flows: //p')" 5

json_holds()
{
	control "$@" >"$WORK/json" && python3 - "$WORK/json" "$PORT" <<'PY'
import json, sys
c = json.load(open(sys.argv[1]))
assert c["balanced"] is True, c["sums"]
names = [s["name"] for s in c["sums"]]
assert len(set(names)) == len(names) == 11, names
for s in c["sums"]:
    holds = {"=": s["left"] == s["right"], ">=": s["left"] >= s["right"]}
    assert s["ok"] is True and holds[s["relation"]], s
assert c["frames"] == sum(c["seen"].values()) + c["unsampled"] + c["stopped"]
assert (c["flows"], c["active"]) == (15, 5), c
assert (c["expired"], c["forced"], c["deleted"]) == (5, 5, 5), c
assert c["reasons"]["flushed"] == 5 and sum(c["reasons"].values()) == 5
assert c["deleted_packets"] == 10 and c["flow_packets"] == 10
assert [p["protocol"] for p in c["protocols"]] == [17]
assert c["protocols"][0]["name"] == "udp"
(d,) = c["destinations"]
assert d["name"] == "127.0.0.1:" + sys.argv[2], d
assert d["up"] == 1 and d["messages"] >= 1
assert d["records"] == c["exported_records"] == 5, d
PY
}
PORT=$2
ok "statistics --json adds up" json_holds statistics --json
ok "statistics-json is the same" json_holds statistics-json

for bad in "" bogus "statistics x" "top x y" "help help"; do
	# shellcheck disable=SC2086 # words
	set -- $bad
	ok "\"$bad\" is not known, and that is a failure" \
	    status 1 control "${@:-}"
done
control "$(printf 'x\033[2Jy')" >"$WORK/said"
is "what is not known is repeated as plain text" "$(cat "$WORK/said")" \
    'Unknown control command "x\x1b[2Jy"'

is "shutdown" "$(said shutdown)" \
    "softflowd[PID]: Shutting down gracefully..."
ok "and it ends" stop_meter ''
ok "then nobody answers, which is a failure" status 1 control statistics
done_testing
