# flowd-suspects finds a worm and a scan among ordinary traffic, and counts what
# flowd-reader's flows say; in windows of time, too.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
need_python

cd "$WORK" || exit 1
# A log with 8,000 ordinary flows; a worm: 150 hosts at port 445, each twice;
# a scan: 300 ports of one host; slow: 120 hosts in 20 minutes.
log_of 8000 ordinary || exit 1
"$PYTHON" - "$START" >bad <<'PYTHON'
import ipaddress, struct, sys
start = int(sys.argv[1])
def flow(at, src, dst, port, proto=6):
    groups = struct.pack(">IIBBBB", at, 0, 2, proto, 0, 0)
    groups += ipaddress.ip_address(src).packed + ipaddress.ip_address(dst).packed
    groups += struct.pack(">HHQQ", 40000, port, 1, 60)
    mask = 0x2 | 0x4 | 0x20 | 0x80 | 0x800 | 0x1000 | 0x2000
    sys.stdout.buffer.write(struct.pack(">BBHI", 0x60, len(groups) // 4, 0, mask) + groups)
for i in range(300):
    flow(start + i % 60, "203.0.113.66", f"198.18.{i % 150}.1", 445)
for i in range(300):
    flow(start + i // 5, "203.0.113.77", "198.18.0.9", 1000 + i)
for i in range(120):
    flow(start + 10 * i, "203.0.113.88", f"198.18.{i}.2", 53, 17)
PYTHON
"$BUILD/flowd-reader" -o all ordinary bad

# The truth, by counting.
"$BUILD/flowd-reader" --format csv --columns \
    src_addr,dst_addr,dst_port,protocol,packets,octets all | sed 1d |
    awk -F, '
	{ flows[$1]++; packets[$1] += $5; octets[$1] += $6 }
	!(($1, $2) in d) { d[$1, $2]; addresses[$1]++ }
	$3 != "" && !(($1, $3) in p) { p[$1, $3]; ports[$1]++ }
	END { for (s in flows) if (addresses[s] >= 40 || ports[s] >= 200)
	    print s, addresses[s], ports[s] + 0, flows[s], packets[s], octets[s] }' |
    sort -k2,2nr -k1,1 >want
ok "there are some" [ "$(wc -l <want)" -ge 3 ]
tool suspects -a 40 -P 200 -n 1000 all >table
awk 'NR > 1 { print $1, $2, $3, $4, $5, $6 }' table | sort -k2,2nr -k1,1 >got
ok "the suspects are those that talk to many, exactly" same got want
line()
{
	grep "^$1 " table | tr -s ' '
}
is "a worm is at one port" "$(line 203.0.113.66)" \
    "203.0.113.66 150 1 300 300 18000 6/445 100% addresses"
is "a scan at many" "$(line 203.0.113.77)" \
    "203.0.113.77 1 300 300 300 18000 6/1000 0% ports"
is "the greatest comes first" "$(awk 'NR > 1 { print $2 }' table)" \
    "$(awk 'NR > 1 { print $2 }' table | sort -nr)"

tool suspects -a 100 -P 100000 -w 5m --filter 'src 203.0.113.0/24' all >table
is "in five minutes who is slow is none" "$(awk 'NR > 1 { print $1 }' table)" \
    203.0.113.66
ok "and the window is told" grep -q "addresses  2026-11-21T10:00:00Z$" table
tool suspects -a 100 -P 100000 --protocol udp --sort flows --json \
    --filter 'src 203.0.113.66 or src 203.0.113.88' all |
    "$PYTHON" -c '
import json, sys
for s in json.load(sys.stdin):
    print(s["source"], s["addresses"], s["port"], s["port_flows"], s["found_by"])' >got
is "protocols and JSON" "$(cat got)" \
    "203.0.113.88 120 17/53 120 ['addresses']"

# More pairs than an answer may have: as from one source with a million.
cat >small.py <<'PYTHON'
import sys
sys.path[:0] = [sys.argv.pop(1), sys.argv.pop(1)]
from flowdtools import suspects
suspects.ROWS, suspects.SOURCES = int(sys.argv.pop(1)), int(sys.argv.pop(1))
sys.exit(suspects.main())
PYTHON
tool suspects -a 40 -P 200 -n 1000 all >want
for limits in "60 500" "1000 3" "7 1"; do
	# shellcheck disable=SC2086 # two numbers
	"$PYTHON" small.py "$TOP/tools" "$TOP/bindings/python" $limits \
	    -a 40 -P 200 -n 1000 all | awk 'NF' >got
	ok "many pairs come in parts: $limits" same got want
done

tool suspects --original bad >got
cat >want <<'TEXT'
                         Address    Proto     Port                 Num Flows
                         -------    -----     ----                 ---------
                    203.0.113.66        6      445              300 (41.67%)
                    203.0.113.88       17       53              120 (16.67%)
TEXT
head -n 4 got >first
ok "the original's report" same first want
is "has eleven" "$(grep -c '(' got)" 12
is "and the others" "$(tail -n 1 got)" \
    "$(printf '%32s %8s %8s %16d (40.42%%)' OTHER '' '' 291)"
: >empty
ok "of nothing there is no suspect" tool suspects empty
ok "nor a division by zero" tool suspects --original empty
done_testing
