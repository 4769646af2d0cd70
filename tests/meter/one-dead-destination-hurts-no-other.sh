#!/bin/sh
# Of several destinations some refuse, and some never read.  softflowd 1.1 lost
# a whole batch of flows, for all, with the first send that failed.
. "${0%/*}/../lib.sh"
. "${0%/*}/../wire.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../collect.sh"
need_root
own_network

find_meter
METER_AS_ROOT=yes
python3 "$TOP/tests/tools/mkflows.py" 3000 >"$WORK/flows.pcap"

# shellcheck disable=SC2046 # ports
set -- $(free_port 4)
# All may come before it has read the first: what one loses is not the matter.
collector udp --buffer 212992 udp 127.0.0.1 "$1"
(as_user "$METER" -r "$WORK/flows.pcap" -v 10 \
    -n "127.0.0.1:$2,[::1]:$3,127.0.0.1:$1,127.0.0.1:$4") >"$WORK/out" 2>&1
ok "the one that listens has all" wait_for 5 has_total udp records 3000
is "whole" "$(total udp octets lost unknown)" "octets=300000 lost=0 unknown=0 "
ok "which the statistics say" has "$WORK/out" \
    "^To 127.0.0.1:$1 .* 3000 records in"
ok "and none is missing in those for all" has "$WORK/out" \
    "^Flows exported: 3000 (3000 records)"

# By TCP one is not there, and one stays silent.
collector silent --silent tcp 127.0.0.1 "$2"
collector good tcp 127.0.0.1 "$3"
start_meter --user "$TEST_USER" -i lo -v 10 -P tcp --queue 100 -m 100000 \
    -n "127.0.0.1:$1,127.0.0.1:$2,127.0.0.1:$3" udp port 7
ok "a destination that refuses at the start is a warning" \
    has "$WORK/meter.err" "127.0.0.1:$1: connect: Connection refused"
for round in 1 2 3; do
	# shellcheck disable=SC2046 # ports
	become_metered 1 $(seq 2001 4000)
	wait_for 10 processed $((round * 2000))
	control expire-all >/dev/null
	ok "round $round: the one that reads has all" \
	    wait_for 10 has_total good records $((round * 2000))
done
is "whole, too" "$(total good octets lost unknown)" \
    "octets=600000 lost=0 unknown=0 "
ok "the one that is not there lost the oldest, counted" \
    told "^To 127.0.0.1:$1 (down): 0 records .* 100 waiting, [1-9]"
# TERM would give the two ten seconds more.
control exit >/dev/null
ok "it ends all the same" stop_meter ''
done_testing
