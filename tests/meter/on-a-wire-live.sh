#!/bin/sh
# Our softflowd on a wire: in each version that it speaks, what flowd and
# nfcapd have of it is what a capture of the wire holds, flow by flow.
. "${0%/*}/../lib.sh"
. "${0%/*}/../wire.sh"
need_root
need_tool nfcapd nfdump
own_network
wire_up
cd "$WORK" || exit 1
chmod 711 .
ctl=$WORK/sf.ctl

# meter_up ARGUMENT...: softflowd on v0
meter_up()
{
	rm -f "$ctl"
	background "$BUILD/softflowd" -d --user nobody --chroot /var/empty \
	    -i v0 -c "$ctl" "$@" 2>"$WORK/sf.err"
	SOFTFLOWD_PID=$BG_PID
	wait_for 5 asked statistics
}

# asked COMMAND...: of softflowctl, answered
asked()
{
	"$BUILD/softflowctl" -c "$ctl" "$@" >"$WORK/sf.out" 2>&1
}

# processed N: so many packets were
processed()
{
	asked statistics && [ "$(sed -n 's/^Packets processed: //p' \
	    "$WORK/sf.out")" -ge "$1" ]
}

# metered NAME ARGUMENT...: the wire's traffic, exported with these
metered()
{
	name=$1
	shift
	collectors_up || exit 1
	capture_on v0 wire.pcap
	wire_pid=$CAPTURE_PID
	meter_up -n "127.0.0.1:$PORT" "$@" || diag <sf.err
	traffic
	truth wire.pcap | grep -v "$not_there" >sent.txt
	ok "$name: packets are seen as they come" wait_for 2 processed \
	    "$(awk '{ n += $6 } END { print n }' sent.txt)"
	asked shutdown
	ok "$name: shutdown ends it" wait_for 5 not alive "$SOFTFLOWD_PID"
	ok "$name: its socket is gone" test ! -e "$ctl"
	CAPTURE_PID=$wire_pid
	capture_ends
	collectors_down
	is "$name: the ledger adds up" "$(counter received)" \
	    "$(counter decoded)"
	is "$name: no sequence number is missing" "$(counter seq_lost)" 0
	truth wire.pcap | grep -v "$not_there" >sent.txt
}

for version in 1 5 9 10; do
	# The old versions have no IPv6, and it is not looked at.
	not_there=none
	[ $version -ge 9 ] || not_there=:
	metered "version $version" -v $version
	agree "version $version" sent.txt
done

metered "both directions" -v 10 -b
# An echo and its answer have types of their own: two flows.
truth -b wire.pcap | awk '$5 != 1' >sent.txt
in_full packets octets reverse_packets reverse_octets |
    awk '$5 != 1' >full.txt
ok "both directions: forth and back are as on the wire" same full.txt sent.txt

# What people do: a stream, a page, a ping.
if command -v iperf3 >/dev/null && command -v curl >/dev/null &&
    command -v ping >/dev/null; then
	background far iperf3 -s -1 --forceflush >iperf.out 2>&1
	background far python3 -m http.server --bind 10.9.0.2 8080 \
	    >http.out 2>&1
	people()
	{
		wait_for 5 has iperf.out listening
		iperf3 -c 10.9.0.2 -n 20M -l 32K >/dev/null 2>&1
		wait_for 5 curl -fs -o /dev/null http://10.9.0.2:8080/
		ping -q -c 3 -i 0.2 10.9.0.2 >/dev/null
		ping -q -c 3 -i 0.2 fd09::2 >/dev/null
	}
	traffic()
	{
		people
	}
	# The kernel hands over segments as they are on a wire.
	python3 "$TOP/tests/tools/wire.py" plain v0
	far python3 "$TOP/tests/tools/wire.py" plain v1
	metered "iperf3, curl and ping" -v 10
	agree "iperf3, curl and ping" sent.txt
else
	skip "iperf3, curl and ping" "not here"
fi
done_testing
