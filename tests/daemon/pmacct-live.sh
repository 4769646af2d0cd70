#!/bin/sh
# pmacctd on a wire: what its nfprobe exports as NetFlow 5, 9 and IPFIX is
# stored as a capture of the wire has it, flow by flow, and nfcapd agrees.
# Sampled, the flows carry the rate.  So it is with the sFlow of its sfprobe.
. "${0%/*}/../lib.sh"
. "${0%/*}/../wire.sh"
need_root
need_tool pmacctd nfcapd nfdump
own_network
wire_up
cd "$WORK" || exit 1

# metered LINE...: the wire's traffic, exported with these; PORT is the port
metered()
{
	collectors_up || exit 1
	{
		echo "daemonize: false"
		echo "pcap_interface: v0"
		echo "aggregate: src_host, dst_host, src_port, dst_port, proto, tos"
		for line in "$@"; do
			echo "$line"
		done | sed "s/PORT/$PORT/"
	} >pmacctd.conf
	background pmacctd -f pmacctd.conf >pmacctd.out 2>&1
	pmacctd=$BG_PID
	wait_for 5 has pmacctd.out 'Exporting flows'
	capture_on v0 wire.pcap
	wire_pid=$CAPTURE_PID
	sleep 0.3
	traffic
	filler
	# libpcap hands packets over late.
	sleep 0.5
	kill -INT "$pmacctd"
	wait_for 8 not alive "$pmacctd"
	CAPTURE_PID=$wire_pid
	capture_ends
	collectors_down
}

for version in 5 9 10; do
	metered "plugins: nfprobe" "nfprobe_receiver: 127.0.0.1:PORT" \
	    "nfprobe_version: $version"
	not_there=none
	[ $version -ge 9 ] || not_there=:
	truth wire.pcap | grep -v "$not_there" >sent.txt
	# Its type of ICMP in version 9 is lost on nfdump.
	filter="cat"
	[ $version -ne 9 ] || filter="as_echo"
	agree "version $version" sent.txt $filter
done

for version in 5 9 10; do
	metered "plugins: nfprobe" "nfprobe_receiver: 127.0.0.1:PORT" \
	    "nfprobe_version: $version" "sampling_rate: 10"
	reader --pcap --port "$PORT" --format csv --columns sampling_rate \
	    exports.pcap | sed 1d | sort -u >rates.txt
	is "version $version: each flow has the sampling rate" \
	    "$(cat rates.txt)" 10
done
# sFlow has the first bytes of frames: each packet is a record, and octets are
# those of the frame and the 4 of its checksum.
metered "plugins: sfprobe" "sfprobe_receiver: 127.0.0.1:PORT" \
    "sampling_rate: 1" "sfprobe_agentip: 10.9.0.1"
truth -l wire.pcap | awk '{ $7 += 4 * $6; print }' >sent.txt
in_full packets octets >full.txt
ok "sFlow: flowd has what was on the wire" same full.txt sent.txt
done_testing
