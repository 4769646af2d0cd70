#!/bin/sh
# All flows end on demand, or because the meter does: with more messages than
# its queue has room for, each arrives, at the pace that was asked for.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../collect.sh"
need_tool python3

find_meter
FLOWS=6000
python3 "$TOP/tests/tools/mkflows.py" $FLOWS >"$WORK/flows.pcap"

# metered NAME [OPTION...]: all of them, to a queue for a few
metered()
{
	set -- "$@" $(free_port 2)
	_name=$1
	shift
	eval "_from=\${$#}"
	eval "_to=\${$(($# - 1))}"
	collector "$_name" udp 127.0.0.1 "$_to"
	start_meter -R "$_from" -a -v 10 -m 10000 --rate 2000 --queue 40 \
	    -n "127.0.0.1:$_to" || exit 1
	(as_user "$METER" -r "$WORK/flows.pcap" -v psamp --rate 3000 \
	    -n "127.0.0.1:$_from") >"$WORK/sender" 2>&1
	wait_for 20 processed $FLOWS
}

ok "all flows are open" metered asked
is "all of them end when that is asked for" \
    "$(control expire-all | sed 's/.*: //')" "Expired $FLOWS flows."
ok "the collector has all" wait_for 20 has_total asked records $FLOWS
is "and misses no message" "$(total asked lost unknown)" "lost=0 unknown=0 "
ok "nothing was pushed out" told ' 0 dropped, 0 failures'
ok "it ends" stop_meter

ok "all flows are open again" metered ended
ok "it ends with status 0" stop_meter
is "and said nothing" "$(cat "$WORK/meter.err")" ""
ok "all flows have arrived" wait_for 5 has_total ended records $FLOWS
is "and no message is missed" "$(total ended lost unknown)" "lost=0 unknown=0 "

ok "all flows are open once more" metered deleted
is "all of them are deleted" \
    "$(control delete-all | sed 's/.*: //')" "Deleted $FLOWS flows."
is "those that wait for it are not exported" \
    "$(control expire-all | sed 's/.*: //')" "Expired 0 flows."
ok "it ends with status 0" stop_meter
is "and nothing has arrived" "$(total deleted records)" "records=0 "
done_testing
