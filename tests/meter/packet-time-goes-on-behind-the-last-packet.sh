#!/bin/sh
# -a: packets of 2023 are open flows now, and end although none follows them.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"

find_meter
# shellcheck disable=SC2046 # two words
set -- $(free_port 2)
capture 5 "$WORK/five.pcap"
collect "$2" 1
start_meter -a -R "$1" -n "127.0.0.1:$2" -t udp=60 || exit 1
play "$WORK/five.pcap" "$1"
ok "packets came" wait_for 5 processed 10
ok "their flows are open" has "$WORK/statistics" \
    '^Number of active flows: 5$'
ok "nothing was exported" collected 0
ok "it ends" stop_meter
ok "they are exported then" wait_for 5 collected 1

collect "$2" 1
start_meter -a -R "$1" -n "127.0.0.1:$2" -t udp=1 || exit 1
"$METER" -r "$WORK/five.pcap" -v psamp -n "127.0.0.1:$1" \
    src host 192.0.2.5 >/dev/null 2>&1
ok "a flow that is due a second later is exported, without another packet" \
    wait_for 20 collected 1
is "it is the one" "$(flows_of_v5)" 1
ok "it ends" stop_meter
done_testing
