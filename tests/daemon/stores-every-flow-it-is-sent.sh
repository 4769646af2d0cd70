#!/bin/sh
# Flows of every version, sent at a moderate rate, are on disk, each once, and
# the sums of their packets and bytes are those that were sent.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1

json_sum()
{
	sed 's/.*"'"$2"'": *\([0-9]*\).*/\1/' "$1" |
	    awk '{ n += $1 } END { printf "%d\n", n }'
}

stored_sum()
{
	reader --format csv --columns "$1" "$WORK/flows" |
	    awk 'NR > 1 { n += $1 } END { printf "%d\n", n }'
}

: >"$WORK/sent"
for format in v1 v5 v7 v9 ipfix; do
	"$BIN/flowgen" -f $format -6 30 -a 3 -c 200 -r 2000 -T 20 \
	    127.0.0.1 "$PORT" >>"$WORK/sent"
done
flows=$(json_sum "$WORK/sent" flows)
ok "every flow is in the ledger" wait_ledger stored "$flows"
ok "the ledger adds up" has "$STATS" '"balanced": true'
is "nothing was dropped on the way" "$(counter kernel_drops)" 0
is "nothing is missing by sequence number" "$(counter seq_lost)" 0
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
is "as many records are in the log" \
    "$(reader --format csv --columns octets "$WORK/flows" | sed 1d | wc -l |
    tr -d ' ')" "$flows"
is "with the packets that were sent" "$(stored_sum packets)" \
    "$(json_sum "$WORK/sent" packets)"
is "and the bytes" "$(stored_sum octets)" "$(json_sum "$WORK/sent" octets)"
done_testing
