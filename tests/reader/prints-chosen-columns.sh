#!/bin/sh
# --columns and --format: those fields, in that order, in text, CSV and JSON.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

flows 1 2 "$WORK/flows" || exit 99

lines()
{
	printf '%s\n' "$@" >"$WORK/want"
	same "$WORK/out" "$WORK/want"
}

reader --columns octets,src_addr,vlan "$WORK/flows" >"$WORK/out"
ok "text" lines "octets 100 src_addr 10.0.0.1" "octets 200 src_addr 10.0.0.2"
reader --format csv --columns octets,vlan,src_addr "$WORK/flows" >"$WORK/out"
ok "CSV" lines octets,vlan,src_addr 100,,10.0.0.1 200,,10.0.0.2
reader --format ndjson --columns octets,src_addr,vlan "$WORK/flows" >"$WORK/out"
ok "JSON" lines '{"octets":100,"src_addr":"10.0.0.1"}' \
    '{"octets":200,"src_addr":"10.0.0.2"}'
reader --format csv "$WORK/flows" "$WORK/flows" >"$WORK/out"
is "CSV has one head line" "$(grep -c '^tag,recv_time,' "$WORK/out")" 1
reader --format text "$WORK/flows" >"$WORK/out"
ok "text without columns is the classic line" has "$WORK/out" \
    '^FLOW recv_time 2023-11-14T22:13:20.123456 proto 6 '
reader --format ndjson "$WORK/flows" >"$WORK/out"
ok "JSON without columns has all that is there" has "$WORK/out" \
    '"start":"20.*"src_port":1,'

if command -v python3 >/dev/null; then
	reader --format ndjson "$WORK/flows" | python3 -c 'if True:
		import json, sys
		flows = [json.loads(line) for line in sys.stdin]
		assert [f["packets"] for f in flows] == [1, 2], flows
		assert flows[0]["dst_port"] == 443' 2>"$WORK/err"
	is "JSON parses" $? 0
else
	skip "JSON parses" "no python3 here"
fi

ok "an unknown column: status 1" status 1 reader --columns a "$WORK/flows"
reader --columns src_addr,octet "$WORK/flows" 2>"$WORK/err"
ok "it is named" has "$WORK/err" "octet: no such field"
ok "and those that there are" has "$WORK/err" " octets "
for bad in "" "," "a,,b" "src_addr,"; do
	ok "--columns '$bad' is refused" \
	    status 1 reader --columns "$bad" "$WORK/flows"
done
ok "an unknown format: status 1" status 1 reader --format xml "$WORK/flows"
ok "-c is a format of its own" \
    status 1 reader -c --columns octets "$WORK/flows"

done_testing
