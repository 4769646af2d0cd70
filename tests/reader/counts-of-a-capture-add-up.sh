#!/bin/sh
# What --pcap -v says of a capture is what it prints: each datagram in one
# count, and of the flows those that a filter takes, and the rest.
. "${0%/*}/../lib.sh"

{
	echo "v5 seq=0 uptime=1000 time=1700000000"
	echo "flow src=10.0.0.1 dst=10.0.0.2 proto=6 packets=1 octets=40"
	echo "flow src=10.0.0.1 dst=10.0.0.2 proto=17 packets=2 octets=40"
	echo "v5 seq=7 uptime=1000 time=1700000000"
	echo "flow src=10.0.0.1 dst=10.0.0.2 proto=6 packets=3 octets=40"
	echo "v5 seq=2 uptime=1000 time=1700000000"
	echo "flow src=10.0.0.1 dst=10.0.0.2 proto=6 packets=4 octets=40"
	echo "v9 seq=1 uptime=1 time=1700000000 source=1"
	echo "set 256 x:0a000001"
	echo "ipfix seq=0 time=1700000000 domain=1"
	echo "template 256 8:4 9.12235:2"
	echo "record 256 10.0.0.1 7"
	echo "v9 seq=2 uptime=1 time=1700000000 source=1"
	echo "raw x:01"
} | "$BIN/mkexport" >"$WORK/hex"
printf '\nffff0001\n\n' >>"$WORK/hex"
"$BIN/mkpcap" "$WORK/hex" >"$WORK/pcap"

# flows ARGUMENT...: how many are printed
flows()
{
	reader --pcap --format csv --columns packets "$@" "$WORK/pcap" \
	    2>"$WORK/err" | sed 1d | wc -l | tr -d ' '
}

# told PATTERN: the number before it, 0 if it is not there
told()
{
	_n=$(sed -n "s/^.*[^0-9]\([0-9][0-9]*\) $1.*/\1/p" "$WORK/err")
	echo "${_n:-0}"
}

all=$(flows -v)
is "as many flows are printed as it says" "$(told flows)" "$all"
is "all are there" "$all" 5
sum=0
for result in decoded 'template not known' 'unsupported version' truncated; do
	sum=$((sum + $(told "datagrams: $result")))
done
is "each datagram is in one count" "$sum" "$(told 'datagrams,')"
is "and none is missing" "$sum" 7
ok "loss is told in flows, what came late is none" \
    has "$WORK/err" 'by sequence numbers 4 lost; datagrams: 1 late, 0 twice'
ok "so is what is ignored" \
    has "$WORK/err" 'ignored: element 9.12235 in 1 records'
is "a filter takes some" "$(flows --filter 'proto udp')" 1
is "and its contrary the rest" "$(flows --filter 'proto ! udp')" 4
done_testing
