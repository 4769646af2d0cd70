#!/bin/sh
# IP is found behind whatever a network puts before it, and what lies about
# itself costs nothing but a count.
. "${0%/*}/../lib.sh"
. "${0%/*}/../trace.sh"

flow="10.0.0.1 5 10.0.0.2 7 17 1 38"
packet="0.0 udp 10.0.0.1:5 > 10.0.0.2:7 data 10"

for around in '' 'vlan 5' 'svlan 4 vlan 5' 'svlan 4 svlan 5' 'vlan 4 vlan 5' \
    pppoe 'vlan 4 pppoe' 'mpls 16' 'mpls 16,17,18' 'vlan 3 mpls 16'; do
	echo "$packet $around" | trace
	is "${around:-nothing} around it" "$(metered "$METERS")" "$flow"
done
for link in raw null sll2 ppp pflog; do
	echo "$packet" | trace -l $link
	is "a capture of link type $link" "$(metered "$METERS")" "$flow"
done
for around in gre ipip vxlan geneve gtp; do
	echo "$packet $around 192.0.2.1 > 192.0.2.2" | trace
	is "--tunnels sees what is in $around" \
	    "$(metered "$METERS" --tunnels)" "$flow"
	is "else $around is between its ends" \
	    "$(metered src_addr,dst_addr,packets)" "192.0.2.1 192.0.2.2 1"
done

# No label of it says that it is the last.
{
	printf '0.0 hex 020000000002 020000000001 8847'
	n=300
	while [ $n -gt 0 ]; do
		printf ' 00010040'
		n=$((n - 1))
	done
	echo
	echo "$packet"
} | trace
is "300 labels without a bottom end, and what follows is seen" \
    "$(metered "$METERS")" "$flow"
ok "they are counted as not IP or too short" \
    has metered.out 'Ignored packets: 1 ('

# Destination options that are longer than the packet, cut at each byte.
whole="0.0 udp fd00::1:5 > fd00::2:7 data 10 hop 3"
cut=15
while [ $cut -lt 96 ]; do
	echo "$whole cut $cut"
	cut=$((cut + 1))
done | trace
is "a chain of extension headers that is cut anywhere is counted once" \
    "$(metered src_addr,packets | awk '{ n += $2 } END { print n + 0 }'
	sed -n 's/^Ignored packets: \([0-9]*\).*/\1/p' metered.out)" "42
39"
done_testing
