#!/bin/sh
# softflowctl 1.1 and our softflowd, our softflowctl and softflowd 1.1: each
# prints what it would of its own.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../wire.sh"
need_root
need_tool softflowd softflowctl
own_network

find_meter
theirs=$(command -v softflowctl)

COMMANDS="help timeouts debug+ debug- send-template stop-gather start-gather
    dump-flows nonsense delete-all expire-all"

# The first may have seen packets still that the second did not.
plain()
{
	sed 's/ in [0-9]* seconds$/ in N seconds/; s/ed [01] flows/ed N flows/
	    s/seq:[0-9]*/seq:N/; s/flow [0-9]* in/flow N in/
	    s/ \(octets\|packets\)\([<>]\):[0-9]*/ \1\2:N/g
	    s/ \(start\|finish\):[-:.0-9T]*/ \1:TIME/g'
}

agree()
{
	for command in $COMMANDS; do
		[ "$command" != dump-flows ] || more >/dev/null
		"$theirs" -c "$SOCK" "$command" | plain >"$WORK/theirs"
		control "$command" | plain >"$WORK/ours"
		ok "$command is the same by both" same "$WORK/ours" \
		    "$WORK/theirs"
		ok "$command has an answer" test -s "$WORK/ours"
	done
	"$theirs" -c "$SOCK" shutdown >"$WORK/theirs"
	ok "shutdown is understood" has "$WORK/theirs" \
	    '^softflowd\[[0-9]*\]: Shutting down gracefully\.\.\.$'
}

# One flow of so many packets that 1.1 sees them.
more()
{
	python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 4000))
for i in range(2000):
    s.sendto(b"x" * 1000, ("127.0.0.1", 9))
'
	"$theirs" -c "$SOCK" statistics >"$WORK/statistics"
	has "$WORK/statistics" "^Number of active flows: 1\$"
}

METER_AS_ROOT=yes
start_meter -i lo --user nobody udp || exit 1
ok "softflowctl 1.1 reads our statistics" wait_for 10 more
agree
ok "ours has ended" stop_meter ''

cd "$WORK" || exit 1
background softflowd -d -i lo -c "$SOCK" -p "$WORK/pid" udp \
    2>"$WORK/original.err"
original=$BG_PID
ok "softflowd 1.1 answers ours" wait_for 10 control statistics
ok "it meters" wait_for 10 more
agree
ok "softflowd 1.1 has ended" wait_for 10 not alive "$original"
done_testing
