#!/bin/sh
# The two directions of a conversation are one flow, whatever the frames have
# around them, and forward is from the one who began.
. "${0%/*}/../lib.sh"
. "${0%/*}/../trace.sh"

both=src_addr,src_port,packets,reverse_packets

trace <<END
0.0 tcp 10.0.0.9:1025 > 10.0.0.1:80 S vlan 5 tos 8
0.1 tcp 10.0.0.1:80 > 10.0.0.9:1025 SA vlan 5 tos 16 mac 02:00:00:00:00:02>02:00:00:00:00:01
0.2 tcp 10.0.0.9:1025 > 10.0.0.1:80 A vlan 5 tos 8
END
is "forward is from the initiator, not from the lower address" \
    "$(metered "$both" -b)" "10.0.0.9 1025 2 1"
is "--address-order makes it the lower address" \
    "$(metered "$both" -b --address-order)" "10.0.0.1 80 1 2"
for level in full vlan ether; do
	is "with -T $level tags do not split a conversation" \
	    "$(metered "$both" -b -T $level)" "10.0.0.9 1025 2 1"
done
is "each direction has its own type of service" \
    "$(metered src_addr,tos)" "10.0.0.1 16
10.0.0.9 8"
is "each direction has its VLAN" \
    "$(metered src_addr,vlan -T vlan)" "10.0.0.1 5
10.0.0.9 5"

# The capture began later.
trace <<END
0.0 tcp 10.0.0.1:80 > 10.0.0.9:1025 SA
0.1 tcp 10.0.0.9:1025 > 10.0.0.1:80 A
END
is "a SYN-ACK tells that the other side began" \
    "$(metered "$both" -b)" "10.0.0.9 1025 1 1"

trace <<END
0.0 udp 10.0.0.9:5353 > 10.0.0.1:53 data 20
0.1 udp 10.0.0.1:53 > 10.0.0.9:5353 data 60
END
is "else the first packet tells who began" \
    "$(metered "$both" -b)" "10.0.0.9 5353 1 1"

trace <<END
0.0 udp 10.0.0.9:7 > 10.0.0.1:7 data 5
END
is "who got no answer is no reverse direction" \
    "$(metered src_addr,packets,octets,reverse_packets -b)" "10.0.0.9 1 33 0"

trace <<END
0.0 udp 10.0.0.1:7 > 10.0.0.2:9 data 64 frag 7 0 more
0.1 udp 10.0.0.1:7 > 10.0.0.2:9 data 64 frag 7 72 more
0.2 udp 10.0.0.1:7 > 10.0.0.2:9 data 16 frag 7 136
0.3 udp fd00::1:7 > fd00::2:9 data 64 frag 8 0 more
0.4 udp fd00::1:7 > fd00::2:9 data 64 frag 8 72
END
is "later fragments count for the flow of the first" \
    "$(metered "$METERS")" "10.0.0.1 7 10.0.0.2 9 17 3 212
fd00::1 7 fd00::2 9 17 2 232"

trace <<END
0.0 icmp fe80::1 > ff02::2 133 0
0.1 icmp 10.0.0.1 > 10.0.0.2 8 0
0.2 icmp 10.0.0.2 > 10.0.0.1 3 1
END
is "short ICMP has its type and code" \
    "$(metered src_addr,icmp_type,icmp_code)" "10.0.0.1 8 0
10.0.0.2 3 1
fe80::1 133 0"

trace <<END
0.0 udp 10.0.0.1:7 > 10.0.0.1:9 data 1
0.1 udp 10.0.0.1:9 > 10.0.0.1:7 data 1
END
is "a host that talks with itself has two directions" \
    "$(metered "$METERS")" "10.0.0.1 7 10.0.0.1 9 17 1 29
10.0.0.1 9 10.0.0.1 7 17 1 29"

# Each level of -T knows less.
trace <<END
0.0 tcp 10.0.0.1:1 > 10.0.0.2:2 A
0.1 tcp 10.0.0.1:3 > 10.0.0.2:4 A
0.2 udp 10.0.0.1:1 > 10.0.0.2:2
0.3 tcp 10.0.0.1:1 > 10.0.0.2:2 A vlan 9
0.4 tcp 10.0.0.1:1 > 10.0.0.2:2 A mac 02:00:00:00:00:07>02:00:00:00:00:02
END
for level in ip:1 proto:2 port:3 full:3 vlan:4 ether:5; do
	is "-T ${level%:*} sees ${level#*:} flows" \
	    "$(metered -n -T "${level%:*}")" "${level#*:}"
done
done_testing
