#!/bin/sh
# Groups of both families, over the interface of -S, with the hops of -L; one
# hop if nothing is said.
. "${0%/*}/../lib.sh"
. "${0%/*}/../wire.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../collect.sh"
need_root
own_network

find_meter
python3 "$TOP/tests/tools/mkflows.py" 100 >"$WORK/flows.pcap"
for i in 0 1; do
	ip link add d$i type veth peer name e$i
	ip link set e$i up
	ip addr add 10.9.$i.1/24 dev d$i
	ip addr add fd09:$i::1/64 dev d$i nodad
	ip link set d$i up multicast on
done

# arrives NAME GROUP HOPS ARGUMENT...
arrives()
{
	_port=$(free_port)
	_host=$2
	case $2 in
	*:*)	_host="[$2]" ;;
	esac
	collector "$1" --join d1 udp "$2" "$_port"
	_collector=$BG_PID
	what=$1 hops=$3
	shift 3
	(as_user "$METER" -r "$WORK/flows.pcap" -v 10 -S d1 "$@" \
	    -n "$_host:$_port") >"$WORK/out" 2>&1 || diag <"$WORK/out"
	ok "$what: all flows arrive" \
	    wait_for 5 has_total "$what" records 100
	is "$what: with $hops hops" \
	    "$(sed -n 's/.*hops=//p' "$WORK/$what" | sort -u)" "$hops"
	kill "$_collector"
}

arrives ipv4 239.255.9.9 1
arrives ipv4-far 239.255.9.9 17 -L 17
arrives ipv6 ff05::9:9 1
arrives ipv6-far ff05::9:9 17 -L 17
# Of this link only: the address does not say which.
arrives ipv6-link ff02::9:9 1
done_testing
