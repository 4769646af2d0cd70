#!/bin/sh
. "${0%/*}/../lib.sh"

PORT=$(free_port)
"$BIN/mkexport" >"$WORK/two" <<END
v5 seq=1 uptime=1000 time=1700000000
flow src=10.0.0.1 dst=10.0.0.2 sport=1025 dport=53 proto=17 packets=3 octets=99
flow src=10.9.9.9 dst=10.0.0.2 sport=1026 dport=80 proto=6 packets=1 octets=40
END
FLOWD_FLAGS=-d
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
    'discard src 10.9.0.0/16' || exit 1
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/two"
ok "one of two is stored" wait_ledger stored 1
ok "the one discarded" wait_ledger discarded 1
ok "a flow that is accepted is told" \
    wait_logged 'accept .*\[10\.0\.0\.1\]:1025 .*\[10\.0\.0\.2\]:53'
ok "with its counters" logged 'accept .*packets 3 octets 99'
ok "and one that is discarded" \
    logged 'discard .*\[10\.9\.9\.9\]:1026 .*\[10\.0\.0\.2\]:80'
ok "each once" equal "$(grep -cE ' (accept|discard) ' "$WORK/flowd.err")" 2
stop_flowd
# Not -d.
FLOWD_FLAGS=
start_flowd || exit 1
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/two"
ok "without the option it collects, too" wait_ledger stored 1
stop_flowd
ok "and tells of none" not grep -E ' (accept|discard) ' "$WORK/flowd.err"
done_testing
