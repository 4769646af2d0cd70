#!/bin/sh
# Flows that end together go out evenly: a collector with little room that
# takes its time misses none.  softflowd 1.1 sent them in a burst, once a minute.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../collect.sh"
need_tool python3

find_meter
PORT=$(free_port)
python3 "$TOP/tests/tools/mkflows.py" 10000 >"$WORK/flows.pcap"

# At 500 messages a second it has 2 ms for each, and needs a quarter of that;
# there is room for some 8.
collector slow --buffer 20000 --pause 0.5 udp 127.0.0.1 "$PORT"
begun=$(date +%s)
(as_user "$METER" -r "$WORK/flows.pcap" -v 10 --rate 500 \
    -n "127.0.0.1:$PORT") >"$WORK/out" 2>&1
messages=$(sed -n 's/^Flows exported: .* in \([0-9]*\) packets.*/\1/p' \
    "$WORK/out")
ok "a slow collector has all" wait_for 5 has_total slow records 10000
is "and misses no message" "$(total slow octets lost unknown)" \
    "octets=1000000 lost=0 unknown=0 "
ok "it took the time that the pace needs" \
    test $(($(date +%s) - begun + 1)) -ge $((${messages:-100000} / 500))
done_testing
