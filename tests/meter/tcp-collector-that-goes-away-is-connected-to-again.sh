#!/bin/sh
# A collector on TCP that closes the connection: softflowd 1.1 died of SIGPIPE.
# Here what it meters meanwhile waits, and the next connection begins with
# templates and has no gap.
. "${0%/*}/../lib.sh"
. "${0%/*}/../wire.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../collect.sh"
need_root
own_network

METER_AS_ROOT=yes
PORT=$(free_port)

collector first tcp 127.0.0.1 "$PORT"
first=$BG_PID
start_meter --user "$TEST_USER" -i lo -v 10 -P tcp -S lo \
    -n "127.0.0.1:$PORT" udp port 7
become_metered 3 2001
ok "a flow is metered" wait_for 5 processed 3
control expire-all >/dev/null
ok "and is at the collector" wait_for 5 has_total first packets 3

kill "$first"
ok "that it closed is noticed, though nothing is to be sent" \
    wait_for 5 told "^To .*(down)"
become_metered 5 2002
wait_for 5 processed 8
control expire-all >/dev/null
ok "what is metered meanwhile waits" \
    wait_for 5 told "^To .* [1-9] waiting, 0 dropped"

collector second tcp 127.0.0.1 "$PORT"
ok "it is connected to again" wait_for 10 told "^To .*(up).* 2 connections"
ok "and what waited arrives" wait_for 5 has_total second packets 5
is "templates came first, and no gap" "$(total second octets lost unknown)" \
    "octets=500 lost=0 unknown=0 "
become_metered 7 2003
wait_for 5 processed 15
ok "it ends well" stop_meter
ok "and the last flow with it" wait_for 5 has_total second packets 12
ok "and the connection, behind a whole message" \
    wait_for 5 has "$WORK/second" '^1 end$'
is "still no gap" "$(total second octets lost unknown)" \
    "octets=1200 lost=0 unknown=0 "
done_testing
