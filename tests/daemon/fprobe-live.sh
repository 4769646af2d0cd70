#!/bin/sh
# fprobe on a wire: what it exports as NetFlow 1, 5 and 7 is stored as a capture
# of the wire has it, flow by flow, and nfcapd agrees.
. "${0%/*}/../lib.sh"
. "${0%/*}/../wire.sh"
need_root
need_tool fprobe nfcapd nfdump
own_network
wire_up
cd "$WORK" || exit 1

for version in 1 5 7; do
	collectors_up || exit 1
	# Its queue of 100 packets drops what libpcap hands over at once.
	# -l 2 keeps it in the foreground.
	background timeout 30 fprobe -i v0 -f ip -n $version -q 5000 -l 2 -c / -u root \
	    "127.0.0.1:$PORT" >fprobe.out 2>&1
	fprobe=$BG_PID
	wait_for 5 has fprobe.out 'collector #1'
	capture_on v0 wire.pcap
	wire_pid=$CAPTURE_PID
	sleep 0.3
	traffic
	# libpcap hands packets over a second late.
	sleep 1.2
	kill "$fprobe"
	wait_for 5 has fprobe.out Done
	CAPTURE_PID=$wire_pid
	capture_ends
	collectors_down
	truth wire.pcap | grep -v : >sent.txt
	# It has the type of ICMP as the source port, which nfdump mends.
	agree "version $version" sent.txt as_echo
done
done_testing
