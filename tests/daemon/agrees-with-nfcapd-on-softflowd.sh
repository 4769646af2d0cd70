#!/bin/sh
# A real exporter and a real collector: softflowd meters a capture and exports
# it to flowd, which stores it and sends the datagrams on to nfcapd.  Both must
# have the same flows: addresses, ports, protocol, packets and bytes; and of
# version 5 the times.  (nfdump 1.7 lands 49.7 days off where an uptime of version
# 9 wrapped, and exchanges start and end of IPFIX.  softflowd puts more flows into
# a version 1 datagram than nfdump takes.)
. "${0%/*}/../lib.sh"
need_tool softflowd nfcapd nfdump timeout

# Traffic of 200 hosts: what is in the datagrams does not matter to a meter.
n=0
while [ $n -lt 200 ]; do
	n=$((n + 1))
	printf 'exporter 10.1.%d.%d\nraw x:%0*d\n' $((n / 250)) $((n % 250 + 1)) \
	    $((2 * (20 + n))) 0
done | "$BIN/mkexport" >"$WORK/traffic.hex"
cat "$WORK/traffic.hex" "$WORK/traffic.hex" "$WORK/traffic.hex" |
    "$BIN/mkpcap" >"$WORK/t.pcap"

# "src sport dst dport proto packets bytes first last", sorted
ours()
{
	reader --format csv --columns \
	    src_addr,src_port,dst_addr,dst_port,protocol,packets,octets,tcp_flags,start,end \
	    "$WORK/flows" |
	    awk -F, 'NR > 1 {
		sub(/[.Z].*/, "", $9)
		sub(/[.Z].*/, "", $10)
		print $1, $2 + 0, $3, $4 + 0, $5 + 0, $6, $7, $9, $10
	    }' | sort
}

theirs()
{
	nfdump -q -N -R "$WORK/nf" \
	    -o 'fmt:%sa,%sp,%da,%dp,%pr,%pkt,%byt,%ts,%te' |
	    awk -F, '{
		for (i = 1; i <= NF; i++) {
			sub(/^ */, "", $i); sub(/ *$/, "", $i)
		}
		sub(/\..*/, "", $8); sub(/\..*/, "", $9)
		sub(" ", "T", $8); sub(" ", "T", $9)
		$5 = $5 == "UDP" ? 17 : $5 == "TCP" ? 6 : $5 + 0
		print $1, $2 + 0, $3, $4 + 0, $5, $6, $7, $8, $9
	    }' | sort
}

# At its end softflowd signals its whole process group: timeout makes one.
# It has little room for the names of files.
metered()
{
	(
		cd "$WORK" || exit 1
		timeout 20 softflowd -d -v "$1" -r t.pcap -n "127.0.0.1:$2" \
		    -p sf.pid -c sf.ctl
	)
}

for version in 5 9 10; do
	set -- $(free_port 2)
	rm -rf "$WORK/flows" "$WORK/nf" "$STATS"
	mkdir "$WORK/nf"
	background nfcapd -p "$2" -b 127.0.0.1 -w "$WORK/nf" -t 3600 \
	    >"$WORK/nfcapd.out" 2>&1
	nfcapd=$BG_PID
	start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$1" \
	    "forward to 127.0.0.1:$2" || exit 1
	ok "version $version: softflowd exports" metered "$version" "$1"
	ok "version $version: flowd stores 200 flows" wait_ledger stored 200
	ok "version $version: the ledger adds up" has "$STATS" '"balanced": true'
	stop_flowd
	kill "$nfcapd"
	wait_for 10 not alive "$nfcapd"
	last=9
	[ "$version" = 5 ] || last=7
	ours | cut -d ' ' -f "1-$last" >"$WORK/ours"
	theirs | cut -d ' ' -f "1-$last" >"$WORK/theirs"
	is "version $version: both have 200" \
	    "$(wc -l <"$WORK/theirs" | tr -d ' ')" 200
	ok "version $version: flowd and nfcapd agree on each" same \
	    "$WORK/ours" "$WORK/theirs"
done
done_testing
