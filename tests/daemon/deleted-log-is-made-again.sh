#!/bin/sh
. "${0%/*}/../lib.sh"

fresh_stats_has()
{
	stats && has "$STATS" "$1"
}

PORT=$(free_port)
mkdir "$WORK/logs"
[ "$(id -u)" -ne 0 ] || chown "$TEST_USER" "$WORK/logs"
start_flowd "logfile \"$WORK/logs/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "flows are stored" wait_ledger stored 30
rm "$WORK/logs/flows"
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "they wait when the file is deleted, and are stored in a new one" \
    wait_ledger stored 60
is "30 flows are there" \
    "$(reader "$WORK/logs/flows" | wc -l | tr -d ' ')" 30
ok "it is said in the log" logged 'logfile: it was deleted'
ok "and that it is mended" logged 'opened anew'
rm "$WORK/logs/flows"
mkdir "$WORK/logs/flows"
"$BIN/flowgen" -f v5 -c 2 127.0.0.1 "$PORT" >/dev/null
ok "a log that cannot be opened is no reason to end" \
    wait_ledger pending 60
sleep 2
ok "the failure is counted each time" \
    fresh_stats_has '"log_opens_failed": [1-9]'

is "and logged once" "$(grep -c 'Is a directory' "$WORK/flowd.err")" 1
rmdir "$WORK/logs/flows"
ok "when it can be opened again, what waited is stored" \
    wait_ledger stored 120
ok "the ledger adds up" has "$STATS" '"balanced": true'
is "60 more flows are there" \
    "$(reader "$WORK/logs/flows" | wc -l | tr -d ' ')" 60
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
done_testing
