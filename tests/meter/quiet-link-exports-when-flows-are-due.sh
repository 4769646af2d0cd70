#!/bin/sh
# One conversation, then nothing at all: its flow comes when it is due, though
# no packet says so.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../wire.sh"
need_root
need_tool ping
own_network
wire_up

METER_AS_ROOT=yes
port=$(free_port)
collect "$port" 1
start_meter -i v0 --user nobody -v 5 -t icmp=2 -n "127.0.0.1:$port" icmp ||
    exit 1
ping -c 2 -i 0.2 -q 10.9.0.2 >/dev/null
before=$(date +%s)
ok "the packets are seen at once" wait_for 1 processed 4
ok "the flow comes" wait_for 30 collected 1
after=$(date +%s)
# Two seconds until it is due, one for its message, and one for rounding here.
ok "within a second of when it was due" test $((after - before)) -le 4
is "both directions of it" "$(flows_of_v5)" 2
ok "SIGTERM ends it" stop_meter
done_testing
