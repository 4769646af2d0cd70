#!/bin/sh
# An interface that is down may come back, and one that is gone does not: in
# the sandbox too, where libpcap has to ask which it is.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../wire.sh"
need_root
need_tool python3
own_network
wire_up

METER_AS_ROOT=yes
start_meter -i v0 --user nobody udp port 49999 || exit 1
filler
ok "packets are seen" wait_for 5 processed 4000
ip link set v0 down
sleep 0.3
ip link set v0 up
# What the system forgot.
ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent
filler
ok "when it was down and is up again, too" wait_for 5 processed 8000
# It is down first: of its end the system says nothing then.
ip link set v0 down
sleep 0.3
ip link del v0
ok "when it is gone, softflowd ends" wait_for 10 not alive "$METER_PID"
wait "$METER_PID"
is "with status 1" $? 1
is "and says so once" "$(grep -c disappeared "$WORK/meter.err")" 1
ok "by its name" has "$WORK/meter.err" \
    '^softflowd: v0: The interface disappeared$'
done_testing
