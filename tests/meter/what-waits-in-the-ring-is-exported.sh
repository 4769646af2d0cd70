#!/bin/sh
# SIGTERM right behind the last packet: what the kernel has captured by then
# counts, and each packet is in a record.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../wire.sh"
need_root
need_tool python3
own_network
wire_up

METER_AS_ROOT=yes
for n in 1 2; do
	port=$(free_port)
	rm -rf "$WORK/flows" "$STATS"
	PORT=$port
	start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$port" || exit 1
	start_meter -i v0 -j $n --user nobody -v 10 -n "127.0.0.1:$port" \
	    udp port 49999 || exit 1
	filler
	ok "-j $n: SIGTERM ends it with status 0" stop_meter
	is "-j $n: nothing was said" "$(cat "$WORK/meter.err")" ""
	stop_flowd
	is "-j $n: all 4000 packets are in records" \
	    "$(reader --format ndjson "$WORK/flows" | sed \
	    's/.*"packets":\([0-9]*\).*/\1/' | awk '{ n += $1 } END { print n }')" \
	    4000
done
done_testing
