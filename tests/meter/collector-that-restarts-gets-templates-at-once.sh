#!/bin/sh
# softflowd 1.1 sent templates with every 16th message and never else: a
# collector that was restarted waited for them as long as the exporter was
# quiet.
. "${0%/*}/../lib.sh"
. "${0%/*}/../wire.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../collect.sh"
need_root
own_network

METER_AS_ROOT=yes
PORT=$(free_port)
n=0

# start TIME: templates are due after that, never by a count of messages
start()
{
	n=0
	collector collected udp 127.0.0.1 "$PORT"
	collector=$BG_PID
	start_meter --user "$TEST_USER" -i lo -v 10 -n "127.0.0.1:$PORT" \
	    --template-messages 100000 --template-time "$1" udp port 7
	export_one
	wait_for 5 has_total collected records 1
}

# export_one: a flow of one packet goes out
export_one()
{
	n=$((n + 1))
	become_metered 1 $((2000 + n))
	wait_for 5 processed "$n"
	control expire-all >/dev/null
	wait_for 5 told "^To .* $n records in"
}

# restart FLOWS: the collector is away while so many flows end
restart()
{
	kill "$collector"
	wait_for 5 not alive "$collector"
	_left=$1
	while [ "$_left" -gt 0 ]; do
		_left=$((_left - 1))
		export_one
	done
	collector collected udp 127.0.0.1 "$PORT"
	collector=$BG_PID
}

ok "the first flow arrives" start 1d
restart 3
export_one
ok "after refusals the next flow is understood" \
    wait_for 5 has_total collected records 1
is "by its templates, without a gap" "$(total collected unknown lost)" \
    "unknown=0 lost=0 "
ok "it ends well" stop_meter

# A firewall swallows the refusals, or nothing was sent meanwhile.
kill "$collector"
wait_for 5 not alive "$collector"
ok "the first flow arrives again" start 1s
restart 0
sleep 1.1
export_one
ok "when templates are due the next flow is understood" \
    wait_for 5 has_total collected records 1
is "by its templates" "$(total collected unknown lost)" "unknown=0 lost=0 "
ok "it ends well again" stop_meter
done_testing
