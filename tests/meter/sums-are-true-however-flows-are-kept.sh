#!/bin/sh
# Packets and octets of all records, by protocol, are those of the capture: at
# each level, with a table that is always full, and with timeouts that cut
# flows into pieces.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
find_meter

"$BIN/mktraffic" -p 60000 -f 5000 -a 3000 -m 5 >"$WORK/traffic" \
    2>"$WORK/truth"

# values FILE: packets, octets and those of each protocol, a line each
values()
{
	tr -d '{}' <"$1" | sed 's/,"/\n"/g' |
	    grep -E '^"(packets|octets|proto[0-9]+)"' | sort
}

# total FILE: without the protocols, which "ip" does not tell
total()
{
	values "$1" | grep -v proto
}

# value NAME: of what was exported
value()
{
	values "$WORK/sums" | sed -n "s/^\"$1\"://p"
}

# export_sums ARGUMENT...: what softflowd exports of it, into $WORK/sums
export_sums()
{
	port=$(free_port)
	rm -f "$WORK/listens"
	"$BIN/flowsum" -r "$WORK/listens" "$port" >"$WORK/sums" &
	sum=$!
	wait_for 5 test -e "$WORK/listens"
	status=0
	"$METER" -r "$WORK/traffic" -n "127.0.0.1:$port" "$@" \
	    >"$WORK/statistics" 2>"$WORK/err" || status=$?
	kill "$sum"
	wait "$sum"
	values "$WORK/truth" >"$WORK/want"
	values "$WORK/sums" >"$WORK/got"
	return $status
}

for level in ip proto port full vlan ether; do
	ok "level $level exports" export_sums -v 10 -T $level
	if [ $level = ip ]; then
		total "$WORK/truth" >"$WORK/want"
		total "$WORK/sums" >"$WORK/got"
	fi
	ok "and all of it" same "$WORK/want" "$WORK/got"
done
for version in 9 "10 -b"; do
	# shellcheck disable=SC2086 # an option with it
	ok "version $version exports" export_sums -v $version
	ok "and all of it" same "$WORK/want" "$WORK/got"
done

ok "a table that is full exports" export_sums -v 10 -m 100
ok "and all of it" same "$WORK/want" "$WORK/got"
ok "of flows that made room" has "$WORK/statistics" \
    '^ *maxflows = *[1-9][0-9][0-9][0-9]'

ok "short timeouts export" export_sums -v 10 -t udp=1 -t tcp=1 -t general=1 \
    -t icmp=1
ok "and all of it" same "$WORK/want" "$WORK/got"
ok "flows that ended" has "$WORK/statistics" '^ *tcp = *[1-9][0-9][0-9][0-9]'

ok "parts of flows that go on export" export_sums -v 10 -t active=2
ok "and all of it" same "$WORK/want" "$WORK/got"
ok "of which there are many" has "$WORK/statistics" \
    '^ *active = *[1-9][0-9][0-9][0-9]'

done_testing
