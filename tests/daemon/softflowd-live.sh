#!/bin/sh
# softflowd on a wire: in each version that it speaks, what flowd and nfcapd
# have of it is what a capture of the wire holds, flow by flow.  With -b each
# conversation is one record of two directions (RFC 5103).
. "${0%/*}/../lib.sh"
. "${0%/*}/../wire.sh"
need_root
need_tool softflowd softflowctl nfcapd nfdump
own_network
wire_up
# It has little room for the names of files.
cd "$WORK" || exit 1

# metered NAME ARGUMENT...: the wire's traffic, exported with these
metered()
{
	name=$1
	shift
	rm -f sf.ctl
	collectors_up || exit 1
	capture_on v0 wire.pcap
	wire_pid=$CAPTURE_PID
	# It signals its whole process group at the end: timeout makes one.
	# Only -d is asked for, so that it stays in the foreground.
	background timeout 30 softflowd -d -i v0 "$@" -n "127.0.0.1:$PORT" \
	    -p sf.pid -c sf.ctl 2>sf.err
	softflowd=$BG_PID
	wait_for 5 it_saw 0
	traffic || diag <sf.err
	# What its libpcap collects it gets when there is enough of it.
	filler
	wait_for 5 it_saw 3000
	softflowctl -c sf.ctl shutdown >sf.out 2>&1
	wait_for 5 not alive "$softflowd"
	CAPTURE_PID=$wire_pid
	capture_ends
	collectors_down
	is "$name: the ledger adds up" "$(counter received)" \
	    "$(counter decoded)"
}

# it_saw N: softflowd has processed as many packets
it_saw()
{
	_seen=$(softflowctl -c sf.ctl statistics |
	    sed -n 's/^Packets processed: //p')
	[ "${_seen:--1}" -ge "$1" ]
}

for version in 1 5 9 10; do
	metered "version $version" -v $version
	# The old versions have no IPv6.
	not_there=none
	[ $version -ge 9 ] || not_there=:
	truth wire.pcap | grep -v "$not_there" >sent.txt
	agree "version $version" sent.txt
done

metered "both directions" -v 10 -b
truth -b wire.pcap >sent.txt
# It has the echoes and the answers to them in two records.
in_full packets octets reverse_packets reverse_octets | as_echo >full.txt
ok "both directions: forth and back are as on the wire" same full.txt sent.txt
is "both directions: the log has the first" "$(ours packets octets | as_echo)" \
    "$(cut -d ' ' -f 1-7 sent.txt)"
done_testing
