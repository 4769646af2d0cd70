# What the tests of real exporters have in common: a network of their own with
# a wire in it, traffic on that, and a capture of it to compare with.
# Sourced behind lib.sh, by a test that needs root:
#
#	need_root
#	own_network
#	wire_up
#	traffic
#
# The namespaces of network, mounts and processes are gone with the test, and
# whatever runs in them.
#
# NEAR and FAR are pairs of addresses:
# shellcheck shell=sh disable=SC2086

# own_network: the test begins anew, in namespaces of its own
own_network()
{
	need_tool unshare nsenter ip tcpdump python3
	if [ -z "${OWN_NETWORK:-}" ]; then
		why=$(unshare -n -m -p -f --mount-proc ip link add v0 type veth \
		    peer name v1 2>&1) ||
		    skip_all "cannot make a network of its own: $why"
		rm -rf "$WORK"
		OWN_NETWORK=yes
		export OWN_NETWORK
		exec unshare -n -m -p -f --mount-proc --kill-child sh "$0"
	fi
	ip link set lo up
}

NEAR="10.9.0.1 fd09::1"
FAR="10.9.0.2 fd09::2"

# end_up NAME MAC ADDRESS ADDRESS OTHER-MAC ADDRESS ADDRESS: set up one end.
# All neighbours are known, so that nobody asks for any.
end_up()
{
	ip link set "$1" address "$2" mtu 1500 gso_max_size 1500
	ip addr add "$3/24" dev "$1"
	ip addr add "$4/64" dev "$1" nodad
	ip link set "$1" up
	ip neigh add "$6" lladdr "$5" dev "$1" nud permanent
	ip neigh add "$7" lladdr "$5" dev "$1" nud permanent
}

# wire_up [NAME]: that, or v0, is here, and v1 in a namespace that $FAR_PID holds
wire_up()
{
	ends_apart
	ip link add "${1:-v0}" type veth peer name v1
	both_up "${1:-v0}"
}

# wire_cut [NAME]: the same, and between the two are p0 and p1, for a switch
wire_cut()
{
	ends_apart
	ip link add "${1:-v0}" type veth peer name p0
	ip link add v1 type veth peer name p1
	# A switch in user space takes packets as they are.
	python3 "$TOP/tests/tools/wire.py" plain "${1:-v0}" v1 p0 p1
	ip link set p0 up
	ip link set p1 up
	both_up "${1:-v0}"
}

ends_apart()
{
	background unshare -n sleep 600
	FAR_PID=$BG_PID
	wait_for 5 far_is_apart
}

both_up()
{
	ip link set v1 netns "$FAR_PID"
	end_up "$1" 02:00:00:00:00:01 $NEAR 02:00:00:00:00:02 $FAR
	far sh -c ". '$TOP/tests/wire.sh'; ip link set lo up
	    end_up v1 02:00:00:00:00:02 $FAR 02:00:00:00:00:01 $NEAR"
	background far python3 "$TOP/tests/tools/wire.py" serve $FAR \
	    >"$WORK/far.out" 2>&1
	wait_for 5 has "$WORK/far.out" ready
}

far_is_apart()
{
	[ "$(readlink "/proc/$FAR_PID/ns/net")" != \
	    "$(readlink /proc/self/ns/net)" ]
}

# far COMMAND...: at the other end
far()
{
	nsenter -t "$FAR_PID" -n "$@"
}

# capture_on INTERFACE FILE [FILTER]: sets CAPTURE_PID
capture_on()
{
	: >"$2.err"
	background tcpdump --immediate-mode -Z root -i "$1" -s 2000 -B 8192 -U -w "$2" ${3:+"$3"} 2>"$2.err"
	CAPTURE_PID=$BG_PID
	wait_for 5 has "$2.err" listening
}

capture_ends()
{
	sleep 0.3
	kill -INT "$CAPTURE_PID"
	wait_for 5 not alive "$CAPTURE_PID"
}

# traffic [ADDRESS...]: conversations with the far end
traffic()
{
	[ $# -gt 0 ] || set -- $FAR
	python3 "$TOP/tests/tools/wire.py" talk "$@"
}

# filler: 4000 packets more, not counted as flows of the wire
filler()
{
	python3 "$TOP/tests/tools/wire.py" fill 10.9.0.2
}

# truth [-b] [-l] CAPTURE: its flows, see wire.py
truth()
{
	python3 "$TOP/tests/tools/wire.py" count "$@"
}

# collectors_up: flowd and nfcapd for what will be exported to $PORT, and a
# capture of it.  Both read each datagram: flowd forwards them.
collectors_up()
{
	set -- $(free_port 2)
	PORT=$1
	rm -rf "$WORK/flows" "$WORK/nf" "$WORK/exports.pcap" "$STATS"
	mkdir "$WORK/nf"
	background nfcapd -p "$2" -b 127.0.0.1 -w "$WORK/nf" -t 3600 \
	    >"$WORK/nfcapd.out" 2>&1
	NFCAPD_PID=$BG_PID
	capture_on lo "$WORK/exports.pcap" "udp dst port $PORT"
	EXPORTS_PID=$CAPTURE_PID
	start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
	    "forward to 127.0.0.1:$2"
}

# collectors_down: after the last datagram
collectors_down()
{
	wait_for 5 all_is_stored
	stop_flowd
	sleep 0.2
	kill "$NFCAPD_PID"
	wait_for 5 not alive "$NFCAPD_PID"
	CAPTURE_PID=$EXPORTS_PID
	capture_ends
}

# Nothing more came within a tenth of a second.
all_is_stored()
{
	_before=$(ledger received)
	sleep 0.1
	[ "${_before:-0}" -gt 0 ] && [ "$(ledger received)" = "$_before" ] &&
	    [ "$(counter pending)" = 0 ]
}

# sums: lines of a key of five words, and numbers that are added up
sums()
{
	awk '{
		key = $1 " " $2 " " $3 " " $4 " " $5
		if (!(key in seen))
			seen[key] = 0
		if (NF > most)
			most = NF
		for (i = 6; i <= NF; i++)
			n[key, i] += $i
	    }
	    END {
		for (key in seen) {
			line = key
			for (i = 6; i <= most; i++)
				line = line " " n[key, i] + 0
			print line
		}
	    }' | sort
}

# The flows of the test, not the multicast of the ends themselves, and not what
# fills buffers.
of_the_wire()
{
	awk '$1 ~ /^(10\.9|fd09)/ && $3 ~ /^(10\.9|fd09)/ && $2 != 49999'
}

# ours FIELD...: of flowd's log, as "src sport dst dport protocol" and these
ours()
{
	reader --format csv --columns "$(wire_columns "$@")" "$WORK/flows" |
	    wire_lines
}

# in_full FIELD...: the same of the captured exports, with every field
in_full()
{
	reader --pcap --port "$PORT" --format csv \
	    --columns "$(wire_columns "$@")" "$WORK/exports.pcap" | wire_lines
}

wire_columns()
{
	printf 'src_addr,src_port,dst_addr,dst_port,protocol,icmp_type,icmp_code'
	printf ',%s' "$@"
}

wire_lines()
{
	awk -F, 'NR > 1 {
		if ($6 != "")
			$4 = $6 * 256 + $7
		line = $1 " " $2 + 0 " " $3 " " $4 + 0 " " $5
		for (i = 8; i <= NF; i++)
			line = line " " $i + 0
		print line
	    }' | of_the_wire | sums
}

# theirs: packets and octets of nfcapd's files, likewise
theirs()
{
	nfdump -q -N -6 -R "$WORK/nf" \
	    -o 'fmt:%sa,%sp,%da,%dp,%pr,%ipkt,%ibyt' | awk -F, '{
		for (i = 1; i <= NF; i++)
			gsub(/ /, "", $i)
		proto["TCP"] = 6; proto["UDP"] = 17; proto["ICMP"] = 1
		if ($5 in proto)
			$5 = proto[$5]
		# Type and code have a notation of their own.
		if (($5 == 1 || $5 == 58) && split($4, t, ".") == 2)
			$4 = t[1] * 256 + t[2]
		print $1, $2, $3, $4, $5, $6, $7
	    }' | of_the_wire | sums
}

# agree NAME FILE [FILTER]: flowd, nfcapd and the captured export have the flows
# in FILE, when all of these have gone through the filter
agree()
{
	_filter=${3:-cat}
	"$_filter" <"$2" >"$WORK/want.txt"
	ours packets octets | "$_filter" >"$WORK/ours.txt"
	theirs | "$_filter" >"$WORK/theirs.txt"
	in_full packets octets | "$_filter" >"$WORK/full.txt"
	ok "$1: flowd has what was on the wire" same "$WORK/ours.txt" \
	    "$WORK/want.txt"
	ok "$1: nfcapd has the same" same "$WORK/theirs.txt" "$WORK/ours.txt"
	ok "$1: the exports hold no more" same "$WORK/full.txt" \
	    "$WORK/ours.txt"
}

# as_echo: ICMP without its type, as in truth -b
as_echo()
{
	awk '$5 == 1 { $2 = $4 = 0 } { print }' | sums
}
