#!/bin/sh
# -f takes rules and store lines of a flowd.conf, --filter the clauses of one
# rule; both hold.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

flows 1 20 "$WORK/flows" || exit 99

clauses()
{
	is "--filter '$1'" "$(numbers --filter "$1" "$WORK/flows")" "$2"
}

clauses "src 10.0.0.4/30" "4 5 6 7"
clauses "src 10.0.0.4/30 port 5" "5"
clauses "packets > 18" "19 20"
clauses "octets < 300" "1 2"
clauses "dst port { 80 443 } packets 9" "9"
clauses "proto udp" ""
clauses "all" "$(upto 20)"

ok "clauses that are wrong: status 1" \
    status 1 reader --filter "src nowhere" "$WORK/flows"
ok "and empty ones" status 1 reader --filter "packets >" "$WORK/flows"

# A whole configuration of the daemon will do.
cat >"$WORK/conf" <<END
logfile "/nowhere/flows"
listen on 127.0.0.1:2055
store SRC_ADDR
store PACKETS
store TAG
discard all
accept tag 7 src 10.0.0.0/29
discard quick src 10.0.0.3
END
is "-f: the rules" "$(numbers -f "$WORK/conf" "$WORK/flows")" "1 2 4 5 6 7"
is "-f and --filter: both" \
    "$(numbers -f "$WORK/conf" --filter "packets > 5" "$WORK/flows")" "6 7"
is "-f: tags, and the fields of its store lines" \
    "$(reader -v -f "$WORK/conf" -H 1 "$WORK/flows")" \
    "LOGFILE $WORK/flows
FLOW tag 7 src [10.0.0.1] packets 1 "
is "in JSON, too" \
    "$(reader --format ndjson -f "$WORK/conf" -H 1 "$WORK/flows")" \
    '{"tag":7,"src_addr":"10.0.0.1","packets":1}'
reader -f "$WORK/conf" -o "$WORK/out" "$WORK/flows"
is "and in what -o writes" "$(size "$WORK/out")" $((6 * (8 + 4 + 4 + 8)))
is "which reads back" "$(numbers "$WORK/out")" "1 2 4 5 6 7"

echo "discard all tag" >"$WORK/bad"
ok "a broken file: status 1" status 1 reader -f "$WORK/bad" "$WORK/flows"
reader -f "$WORK/bad" "$WORK/flows" 2>"$WORK/err"
ok "with its line" has "$WORK/err" "bad:1: "
ok "a missing file: status 1" status 1 reader -f "$WORK/none" "$WORK/flows"
reader -d -q -f "$WORK/conf" "$WORK/flows" >"$WORK/out" 2>"$WORK/err"
ok "-d tells the rules and how often they matched" \
    has "$WORK/err" "10.0.0.0/29"
is "on standard error only" "$(cat "$WORK/out")" ""

done_testing
