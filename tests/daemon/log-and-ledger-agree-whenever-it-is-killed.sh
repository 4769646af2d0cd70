#!/bin/sh
# Five times under load: whenever it was, the log has what the ledger says.
. "${0%/*}/../lib.sh"

# within N LEAST MOST
within()
{
	echo "$1 is not in $2..$3"
	[ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
}

# Killed within recvmmsg(2) it has no time to count what the kernel handed
# over: one batch at most.
batch=64
in_the_call=0
round=0
while [ $round -lt 5 ]; do
	round=$((round + 1))
	rm -f "$WORK"/flows* "$WORK/sent"
	PORT=$(free_port)
	start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
	background "$BIN/flowgen" -f v5 -r 5000 -s 2 127.0.0.1 "$PORT" \
	    >"$WORK/sent"
	gen=$BG_PID
	sleep 0.$((2 + round))
	# A new log just before is the worst moment.
	if [ $((round % 2)) -eq 0 ]; then
		mv "$WORK/flows" "$WORK/flows.0"
		kill -USR1 "$FLOWD_PID"
		sleep 0.01
	fi
	kill -9 "$(collector_pid)"
	ok "killed, it is replaced ($round)" wait_logged 'collector ready' 2
	wait "$gen"
	sleep 0.5
	# What the kernel dropped last it tells with the next datagram.
	"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >"$WORK/last"
	sleep 0.3
	stop_flowd
	is "it ends with status 0" "$FLOWD_STATUS" 0
	ok "the ledger adds up" has "$STATS" '"balanced": true'
	cat "$WORK"/flows* >"$WORK/all"
	is "the log has as many flows as the ledger" "$(reader --format csv \
	    --columns octets "$WORK/all" 2>"$WORK/err" | sed 1d | wc -l |
	    tr -d ' ')" "$(counter stored)"
	ok "and no damage" not test -s "$WORK/err"
	flows=$(sed 's/.*"flows": *\([0-9]*\).*/\1/' "$WORK/sent")
	# Of the datagram it died in, some flows or all may have got through.
	extra=$(($(counter stored) + $(counter lost_crash) - flows - 30 +
	    30 * ($(counter kernel_drops) + $(counter crashed))))
	ok "all that was sent is accounted for" \
	    within $extra $((-batch * 30)) 30
	[ $extra -ge 0 ] || in_the_call=$((in_the_call + 1))
done
ok "if not taken out of the kernel when it died, which is rare" \
    test $in_the_call -le 1
done_testing
