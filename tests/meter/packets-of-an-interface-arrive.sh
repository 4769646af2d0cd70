#!/bin/sh
# What a capture owes, live: every packet, once, soon; also those that wait
# when it ends.
. "${0%/*}/../lib.sh"
. "$TOP/tests/wire.sh"

need_root
own_network

NAMES=0

# wire: v0, where packets are sent, and v1, where they arrive
wire()
{
	ip link add v0 type veth peer name v1
	ip link set v0 address 02:00:00:00:00:01 gso_max_segs 1 gso_max_size 1500
	ip link set v1 address 02:00:00:00:00:02
	ip addr add 10.9.0.1/24 dev v0
	ip link set v0 up
	ip link set v1 up
	ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent
	wait_for 5 is_up v0
	wait_for 5 is_up v1
}

is_up()
{
	ip -o link show dev "$1" | grep -q LOWER_UP
}

# count ARGUMENT...: framecount in the background, its words in $OUT
count()
{
	NAMES=$((NAMES + 1))
	OUT=$WORK/count.$NAMES
	background "$BIN/framecount" "$@" >"$OUT" 2>&1
	COUNT_PID=$BG_PID
	wait_for 5 has "$OUT" '^ready'
}

count_ends()
{
	kill "$COUNT_PID"
	wait_for 5 not alive "$COUNT_PID"
}

flood()
{
	python3 "$TOP/tests/tools/wire.py" flood 10.9.0.2 "$1"
}

# ended [FILE]: packets, received, dropped
ended()
{
	sed -n 's/^end \([0-9]*\) [0-9]* \([0-9]*\) \([0-9]*\) .*/\1 \2 \3/p' \
	    "${1:-$OUT}"
}

# between LEAST N MOST
between()
{
	echo "$2"
	[ "$1" -le "$2" ] && [ "$2" -le "$3" ]
}

# says PATTERN ARGUMENT...: it ends with that
says()
{
	_pattern=$1
	shift
	"$BIN/framecount" "$@" >"$WORK/said" 2>&1
	has "$WORK/said" "$_pattern"
}

wire
count v1 'udp port 9'
is "link type, name, index and address are the interface's" \
    "$(sed -n 1p "$OUT")" \
    "ready 1 v1 $(ip -o link show v1 | cut -d: -f1) 02:00:00:00:00:02"
flood 3
ok "packets of a quiet link are seen while it is quiet" \
    wait_for 2 has "$OUT" '^packet 3 60'
flood 4
count_ends
is "what waited at the end is not lost" "$(ended)" "7 7 0"

count v1 'udp port 9'
flood 1
kill -USR1 "$COUNT_PID"
wait_for 5 has "$OUT" '^stopped'
is "what waited when it was stopped is read" \
    "$(sed -n 's/^stopped //p' "$OUT")" 1
flood 20
kill -USR2 "$COUNT_PID"
wait_for 5 has "$OUT" '^started'
flood 2
count_ends
is "nothing is read of what came while it was stopped" "$(ended)" "3 3 0"

count -w 1500 v1 'udp port 9'
flood 150000
count_ends
is "150000 packets wait while nobody reads" "$(ended)" "150000 150000 0"

count -g 4711 v1 'udp port 9'
first=$COUNT_PID first_out=$OUT
count -g 4711 v1 'udp port 9'
flood 100000
kill "$first"
count_ends
wait_for 5 not alive "$first"
share=$(ended "$first_out")
share=${share%% *}
other=$(ended)
other=${other%% *}
is "two that share an interface see each packet once" $((share + other)) 100000
ok "and each has a part of them" between 1 "$share" 99999

count 7:v1
ok "a number before the name is the index that is told" \
    has "$OUT" '^ready 1 v1 7 '
count_ends
count v1:1
is "a colon in a name is no number" "$(sed -n 1p "$OUT")" \
    "ready 1 v1:1 $(ip -o link show v1 | cut -d: -f1) 02:00:00:00:00:02"
count_ends
ok "an interface that is not there is an error" \
    says '^framecount: v9: No such device exists' v9
ok "a filter that means nothing is an error" \
    says '^framecount: v1: filter: ' v1 'udp frob'

count any 'udp port 9'
flood 3
count_ends
ok "all interfaces are one, with a header of its own" \
    has "$OUT" '^ready 276 any 0 '
is "where a packet is seen once going out and once coming in" \
    "$(ended)" "6 6 0"

count v1
ip link set v1 down
sleep 0.2
ip link set v1 up
wait_for 5 is_up v1
flood 2
ok "an interface that was down goes on" \
    wait_for 5 has "$OUT" '^packet [0-9]* 60 '
ip link del v0
ok "an interface that is gone is a failure" \
    wait_for 5 has "$OUT" '^failed .*disappeared'

done_testing
