#!/bin/sh
# Each way to end a softflowd in the foreground, and what it still exports.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"

find_meter
# shellcheck disable=SC2046 # two words
set -- $(free_port 2)
capture 5 "$WORK/five.pcap"

# begin: five flows are open
begin()
{
	collect "$2" 1 || return 1
	start_meter -a -R "$1" -n "127.0.0.1:$2" || return 1
	play "$WORK/five.pcap" "$1"
	wait_for 5 processed 10
}

# ended HOW FLOWS
ended()
{
	ok "$1 ends it with status 0" stop_meter ''
	if [ "$2" -gt 0 ]; then
		ok "$1 exports all" wait_for 5 collected 1
	else
		ok "$1 exports nothing" collected 0
	fi
	is "each flow, after $1" "$(flows_of_v5)" "$2"
	ok "the control socket is gone after $1" test ! -e "$SOCK"
}

for signal in TERM INT; do
	ok "five flows are open" begin "$@"
	kill -$signal "$METER_PID"
	ended SIG$signal 5
done

ok "five flows are open" begin "$@"
ok "shutdown is said to be done" has "$(control shutdown >"$WORK/said"
    echo "$WORK/said")" 'Shutting down gracefully'
ended shutdown 5

ok "five flows are open" begin "$@"
ok "exit is said to be done" has "$(control exit >"$WORK/said"
    echo "$WORK/said")" 'Exiting now'
ended exit 0

# The monitor is killed: what it started does not stay, nor loses anything.
ok "five flows are open" begin "$@"
orphans=$(children "$METER_PID")
is "a meter and one who answers" "$(echo "$orphans" | wc -w | tr -d ' ')" 2
kill -9 "$METER_PID"
# shellcheck disable=SC2086 # a list
ok "children of a monitor that was killed end" wait_for 10 not alive $orphans
ok "and export all" wait_for 5 collected 1
is "each flow" "$(flows_of_v5)" 5
rm -f "$SOCK"

# A meter is killed: systemd is to know.
ok "five flows are open" begin "$@"
for pid in $(children "$METER_PID"); do
	# The one that has the port.
	ls -l /proc/"$pid"/fd >"$WORK/fds" 2>&1
	grep -c socket: "$WORK/fds" >"$WORK/n"
	echo "$(cat "$WORK/n") $pid"
done | sort -rn | { read -r _ pid && kill -9 "$pid"; }
stop_meter ''
is "a meter that dies ends all with status 1" "$METER_STATUS" 1
ok "and is told of" has "$WORK/meter.err" 'meter: ended by signal 9'
ok "with what is lost" has "$WORK/meter.err" '5 flows are lost'
ok "the control socket is gone" test ! -e "$SOCK"
done_testing
