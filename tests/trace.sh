# What the tests of softflowd have in common, behind lib.sh.
#
#	trace <<END			a capture, see tests/tools/mktrace.py
#	0.0 udp 10.0.0.1:5 > 10.0.0.2:7 data 10
#	END
#	is "..." "$(metered src_addr,octets)" "10.0.0.1 38"
#
# shellcheck shell=sh

need_tool python3
METERS='src_addr,src_port,dst_addr,dst_port,protocol,packets,octets'
cd "$WORK" || exit 1

# trace [-l LINK]: from lines on standard input
trace()
{
	python3 "$TOP/tests/tools/mktrace.py" "$@" "$WORK/trace.pcap" ||
	    diag "the capture cannot be made"
}

# metered COLUMNS [ARGUMENT...]: the chosen columns of what softflowd exports
# of it, by IPFIX unless another version is asked for
metered()
{
	_columns=$1
	shift
	[ "$_columns" != -n ] || {
		_columns="-n src_addr"
	}
	# shellcheck disable=SC2086 # -n is a word of its own
	python3 "$TOP/tests/tools/metered.py" $_columns \
	    timeout -k 5 60 "${METER:-$BUILD/softflowd}" -v 10 "$@" \
	    -r "$WORK/trace.pcap" -n '127.0.0.1:{port}' || {
		echo "softflowd ended with status $?"
		diag <"$WORK/metered.out"
	}
}

# reported NAME: of the datagrams, as decodehex has it, added up
reported()
{
	grep -o "\"$1\":[0-9]*" "$WORK/metered.report" |
	    awk -F : '{ n += $2 } END { print n + 0 }'
}

# datagrams: one line of hexadecimal digits each
datagrams()
{
	grep '^[0-9a-f]' "$WORK/metered.hex"
}
