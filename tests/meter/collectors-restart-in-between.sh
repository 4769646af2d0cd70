#!/bin/sh
# flowd and nfcapd are stopped while softflowd exports to both, and started
# again, as if they had never been: what ends from then on is at each, to the
# last byte.
. "${0%/*}/../lib.sh"
. "${0%/*}/../wire.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../collect.sh"
need_root
need_tool nfcapd nfdump
own_network

METER_AS_ROOT=yes
# shellcheck disable=SC2046 # ports
set -- $(free_port 2)
PORT=$1
NF_PORT=$2

# both_start: with nothing that they have learned
both_start()
{
	rm -rf "$WORK/flows" "$WORK/nf" "$STATS"
	mkdir "$WORK/nf"
	background nfcapd -p "$NF_PORT" -b 127.0.0.1 -w "$WORK/nf" -t 3600 \
	    >"$WORK/nfcapd.out" 2>&1
	NFCAPD_PID=$BG_PID
	start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT"
	wait_for 5 bound "$NF_PORT"
}

# bound PORT: somebody has it
bound()
{
	grep -qi "^ *[0-9]*: 0100007F:$(printf %04X "$1") " /proc/net/udp
}

# both_stop: when each has what was sent
both_stop()
{
	wait_for 5 all_is_stored
	stop_flowd
	sleep 0.2
	kill "$NFCAPD_PID"
	wait_for 5 not alive "$NFCAPD_PID"
}

# round FROM TO: a flow of two packets from each of these ports
round()
{
	# shellcheck disable=SC2046 # ports
	become_metered 2 $(seq "$1" "$2")
	seen=$((seen + 2 * ($2 - $1 + 1)))
	wait_for 5 processed $seen
	control expire-all >/dev/null
	flows=$((flows + $2 - $1 + 1))
	wait_for 5 told "^To 127.0.0.1:$NF_PORT .* $flows records in"
}

# want FROM TO: their source ports, packets and octets
want()
{
	seq "$1" "$2" | sed 's/$/ 2 200/'
}

of_flowd()
{
	reader --format csv --columns src_port,packets,octets "$WORK/flows" |
	    sed '1d; y/,/ /' | sort -n
}

of_nfcapd()
{
	nfdump -q -N -R "$WORK/nf" -o 'fmt:%sp,%pkt,%byt' | tr -d ' ' |
	    tr , ' ' | sort -n
}

for version in 9 10; do
	seen=0 flows=0
	both_start
	start_meter --user "$TEST_USER" -i lo -v $version \
	    -n "127.0.0.1:$PORT,127.0.0.1:$NF_PORT" udp port 7
	round 2001 2100
	both_stop
	round 3001 3100
	both_start
	round 4001 4300
	both_stop
	want 4001 4300 >"$WORK/want"
	of_flowd >"$WORK/got"
	ok "version $version: flowd has every flow since" \
	    same "$WORK/got" "$WORK/want"
	is "version $version: and understood each" \
	    "$(counter no_template) $(counter malformed)" "0 0"
	of_nfcapd >"$WORK/got"
	ok "version $version: nfcapd has the same" \
	    same "$WORK/got" "$WORK/want"
	ok "version $version: and missed no template" \
	    not grep -i template "$WORK/nfcapd.out"
	ok "version $version: softflowd ends well" stop_meter
done
done_testing
