#!/bin/sh
# And the ledger and the log agree afterwards, whenever it was.
. "${0%/*}/../lib.sh"

# within N LEAST MOST
within()
{
	echo "$1 is not in $2..$3"
	[ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
}

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
background "$BIN/flowgen" -f v5 -r 3000 -s 5 127.0.0.1 "$PORT" >"$WORK/sent"
gen=$BG_PID
sleep 1
first=$(collector_pid)
kill -9 "$first"
ok "its end is logged with the signal" wait_logged 'ended with signal 9'
ok "another one starts" wait_logged 'collector ready' 2
second=$(collector_pid)
ok "in another process" not test "$first" = "$second"
sleep 0.5
kill -SEGV "$second"
ok "and another" wait_logged 'collector ready' 3
ok "the wait grows" wait_logged 'another one starts in 2 s'
wait "$gen"
sleep 0.5
# What the kernel dropped last it tells with the next datagram.
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >"$WORK/last"
sleep 1.5
ok "statistics are there" stats
ok "the ledger adds up" has "$STATS" '"balanced": true'
ok "it shows the starts" has "$STATS" '"collector_starts": 3'
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
is "the log holds as many flows as the ledger says" \
    "$(reader "$WORK/flows" | wc -l | tr -d ' ')" "$(counter stored)"
ok "a reader finds no damage in it" reader -q "$WORK/flows"
flows=$(sed 's/.*"flows": *\([0-9]*\).*/\1/' "$WORK/sent")
# Of the two datagrams it died in, some flows or all may have got through.
extra=$(($(counter stored) + $(counter lost_crash) - flows - 30 +
    30 * ($(counter kernel_drops) + $(counter crashed))))
ok "what was sent is stored, lost in a crash, or was dropped by the kernel" \
    within $extra 0 60
done_testing
