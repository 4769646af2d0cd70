#!/bin/sh
. "${0%/*}/../lib.sh"
[ "$(uname)" = Linux ] || skip_all "needs all of 127/8"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
    'flow source 127.0.5.0/24' 'flow source 127.0.6.1' || exit 1
"$BIN/mkexport" >"$WORK/one" <<END
v5 seq=1 uptime=1000 time=1700000000
flow src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 proto=6 packets=1 octets=40
END
for from in 127.0.5.9 127.0.6.1 127.0.6.2 127.0.0.1; do
	send -s $from 127.0.0.1 "$PORT" "$WORK/one"
done
ok "all are received" wait_ledger received 4
is "two are not allowed" "$(counter not_allowed)" 2
is "nothing is remembered of them" "$(counter exporters)" 2
ok "the others are stored" wait_ledger stored 2
is "with their exporters" \
    "$(reader --format csv --columns agent "$WORK/flows" | sed 1d | sort |
    tr '\n' ' ')" "127.0.5.9 127.0.6.1 "
ok "the ledger adds up" has "$STATS" '"balanced": true'
stop_flowd
done_testing
