#!/bin/sh
. "${0%/*}/../lib.sh"

PORT=$(free_port)
[ -e /proc/sys/net/ipv6 ] || [ "$(uname)" != Linux ] || skip_all "no IPv6"
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 0.0.0.0:$PORT" \
    "listen on [::]:$PORT" || exit 1
ok "both families share a port" logged 'collector ready'
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
"$BIN/flowgen" -f v5 -c 1 ::1 "$PORT" >/dev/null
ok "flows of both are stored" wait_ledger stored 60
is "with their exporters" \
    "$(reader --format csv --columns agent "$WORK/flows" | sed 1d | sort -u |
    tr '\n' ' ')" "127.0.0.1 ::1 "
stop_flowd
done_testing
