#!/bin/sh
# The collector is killed while recorded exports arrive: the next one goes on with
# them, and what is not in the log is in the ledger.
. "${0%/*}/../lib.sh"
[ "$(uname)" = Linux ] || skip_all "needs all of 127/8"
need_shared captures/pcap
captures=$FLOWD_SHARED/captures
list=$TOP/tests/decode/captures.expected

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
n=0
while read -r name; do
	n=$((n + 1))
	send -v -a 127.1.$n.1 127.0.0.1 "$PORT" "$captures/pcap/$name.pcap" \
	    >>"$WORK/sent" 2>"$WORK/send.err" || diag <"$WORK/send.err"
	case $n in
	40)	kill -9 "$(collector_pid)" ;;
	80)	wait_logged 'collector ready' 2
		kill -9 "$(collector_pid)" ;;
	esac
done <"$list"
ok "the collector was started three times" wait_logged 'collector ready' 3
sent=$(awk '{ n += $1 } END { print n }' "$WORK/sent")
# Those that it died in are counted when the next one starts.
ok "each datagram is accounted for" wait_ledger received "$sent"
ok "the ledger adds up" has "$STATS" '"balanced": true'
is "the sockets lost none meanwhile" "$(counter kernel_drops)" 0
sleep 1.2
ok "nothing waits" wait_ledger pending 0
is "each flow is stored or was lost in a crash" \
    $(($(counter stored) + $(counter lost_crash))) "$(counter accepted)"
ok "most are stored" test "$(counter stored)" -gt 3000
stop_flowd
is "the log holds what the ledger says" \
    "$(reader "$WORK/flows" | wc -l | tr -d ' ')" "$(counter stored)"
done_testing
