#!/bin/sh
# With -j 2 the control socket tells sums, and flows of both processes.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../wire.sh"
need_root
need_tool python3
own_network
find_meter
METER_AS_ROOT=yes

start_meter -j 2 -i lo --user nobody "udp dst portrange 5000-5199" || exit 1
python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 4000))
for n in range(5):
    for port in range(5000, 5200):
        s.sendto(b"x" * 100, ("127.0.0.1", port))
'
ok "all packets are counted" wait_for 10 processed 1000
is "flows are the sum" "$(sed -n 's/^Number of active flows: //p' \
    "$WORK/statistics")" 200
control dump-flows >"$WORK/flows"
is "a dump has the flows of both" "$(grep -c '^ACTIVE ' "$WORK/flows")" 200
sed -n 's/^ACTIVE seq:\([0-9]*\) .*/\1/p' "$WORK/flows" | sort -n | uniq -d \
    >"$WORK/both"
ok "and both had some" test -s "$WORK/both"
is "each is there once" "$(sed -n \
    's/^ACTIVE .*\(127.0.0.1]:5[0-9]*\) .*/\1/p' "$WORK/flows" | sort -u |
    wc -l | tr -d ' ')" 200
is "expire-all tells the sum" "$(control expire-all | sed 's/.*: //')" \
    "Expired 200 flows."
control statistics --json >"$WORK/json"
ok "all sums hold" python3 -c '
import json, sys
c = json.load(open(sys.argv[1]))
assert c["balanced"] is True, c["sums"]
assert (c["flows"], c["expired"], c["active"]) == (200, 200, 0), c
assert c["flow_packets_min"] == c["flow_packets_max"] == 5, c
assert c["flow_packets"] == 1000, c
' "$WORK/json"
is "shutdown ends both" "$(control shutdown | sed 's/.*: //')" \
    "Shutting down gracefully..."
ok "and all of softflowd" stop_meter ''
done_testing
