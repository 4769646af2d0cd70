#!/bin/sh
# On the interface that it exports by, softflowd leaves its own messages out,
# and only these: packets that were sent as PSAMP would else come back for ever.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../wire.sh"
need_root
need_tool python3
own_network
METER_AS_ROOT=yes
cd "$WORK" || exit 1

# say_twice PORT: two datagrams to a collector, one from each of two addresses
say_twice()
{
	python3 - "$1" <<'END'
import socket, sys
for me in ("127.0.0.1", "127.0.0.9"):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((me, 0))
    s.sendto(b"not ours", ("127.0.0.1", int(sys.argv[1])))
END
}

# exported: more has come than what we said
exported()
{
	[ "$(wc -l <"$WORK/collected")" -gt 2 ]
}

for version in psamp 10; do
	# shellcheck disable=SC2046 # a port
	set -- $(free_port)
	collect "$1" 100
	start_meter --user nobody -i lo -v $version -t udp=1 -n "127.0.0.1:$1"
	say_twice "$1"
	ok "$version: another exporter to the same collector is metered" \
	    wait_for 5 processed 1
	# What it exported of that has come by, and would have been metered.
	ok "$version: it is exported" wait_for 5 exported
	sleep 0.5
	ok "$version: and our own messages are not" processed 1
	ok "$version: which is told" grep -q ' [1-9][0-9]* own export' \
	    "$WORK/statistics"
	stop_meter
done
done_testing
