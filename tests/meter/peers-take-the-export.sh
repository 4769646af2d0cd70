#!/bin/sh
# The sums of what other collectors keep of an export are those of the capture:
# nfcapd, nfacctd and tshark, none of which complains.
. "${0%/*}/../lib.sh"
. "${0%/*}/../trace.sh"
need_tool nfcapd nfdump nfacctd tshark

i=0
while [ $i -lt 300 ]; do
	echo "$i.1 tcp 10.0.0.1:$((i + 1000)) > 10.0.0.2:80 S"
	echo "$i.2 tcp 10.0.0.2:80 > 10.0.0.1:$((i + 1000)) SA"
	echo "$i.3 udp fd00::1:$((i + 1000)) > fd00::2:53 data $((i + 9))"
	echo "$i.4 icmp 10.0.0.$((i % 9 + 1)) > 10.0.0.77 8 0"
	i=$((i + 1))
done | trace
# 300 * (40 + 40 + 28) + 300 * 57 + 0 + .. + 299
packets=1200
octets=$((300 * 108 + 300 * 57 + 299 * 300 / 2))

export_to()
{
	timeout -k 5 60 "${METER:-$BUILD/softflowd}" -r trace.pcap -n "127.0.0.1:$1" \
	    -v "$2" >meter.out 2>&1
}

# summed FIELD: of all records, as tshark has them
summed()
{
	tshark -nr exports.pcap -d udp.port==2055,cflow -T fields -e "$1" \
	    2>/dev/null | tr , '\n' | awk '{ n += $1 } END { print n + 0 }'
}

for version in 9 10; do
	# shellcheck disable=SC2046 # two ports
	set -- $(free_port 2)

	mkdir "nf$version"
	background nfcapd -p "$1" -b 127.0.0.1 -w "nf$version" -t 3600 \
	    >nfcapd.out 2>&1
	nfcapd=$BG_PID
	wait_for 5 has nfcapd.out 'Startup'
	export_to "$1" $version
	sleep 0.3
	kill "$nfcapd"
	wait_for 5 not alive "$nfcapd"
	is "version $version: nfcapd has all packets and octets" \
	    "$(nfdump -q -N -6 -R "nf$version" -o 'fmt:%pkt,%byt' | tr -d ' ' |
		awk -F, '{ p += $1; o += $2 } END { print p, o }')" \
	    "$packets $octets"
	# It does not count the records of options (RFC 7011 3.1 does), and so
	# misses one behind each of them, but none in front of the first flow.
	options=0
	[ $version -eq 9 ] || {
		metered -n >/dev/null
		options=$(reported options)
	}
	ok "version $version: and no sequence failure but by options" \
	    grep -Eq "Sequence Errors: ($options|$((options - 1)))," nfcapd.out

	cat >acct.conf <<END
daemonize: false
nfacctd_ip: 127.0.0.1
nfacctd_port: $2
nfacctd_time_new: true
aggregate: proto
plugins: print
print_output: csv
print_refresh_time: 1
print_output_file: $WORK/acct.csv
END
	rm -f acct.csv
	background nfacctd -f acct.conf >acct.out 2>&1
	nfacctd=$BG_PID
	# Its plugin is there when it first had nothing to write.
	wait_for 9 has acct.out 'cache - END'
	export_to "$2" $version
	wait_for 15 test -s acct.csv
	is "version $version: nfacctd has them, too" \
	    "$(awk -F, 'NR > 1 { p += $(NF - 1); o += $NF }
		END { print p, o }' acct.csv)" "$packets $octets"
	kill "$nfacctd"

	metered -n -v $version >/dev/null
	datagrams | sed 's/../& /g' | awk '{ print "0000 " $0; print "" }' \
	    >hex.txt
	text2pcap -q -u 2055,2055 hex.txt exports.pcap 2>/dev/null
	is "version $version: tshark has nothing to say against it" \
	    "$(tshark -nr exports.pcap -Y '_ws.expert || _ws.malformed' \
		2>/dev/null | wc -l | tr -d ' ')" 0
	is "version $version: and reads the same sums" \
	    "$(summed cflow.packets) $(summed cflow.octets)" \
	    "$packets $octets"
done
done_testing
