#!/bin/sh
. "${0%/*}/../lib.sh"

set -- $(free_port 3)
PORT=$1
taken=$2
background "$BIN/flowrecv" -t 60 -r "$WORK/up" 127.0.0.1 "$taken" >/dev/null
wait_for 5 test -e "$WORK/up" || exit 1
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
    'accept tag 7 all' || exit 1
collector=$(collector_pid)
conf "logfile \"$WORK/other\"" "statsfile \"$WORK/other.json\"" \
    "listen on 127.0.0.1:$3" "listen on 127.0.0.1:$taken" 'accept tag 8 all'
kill -HUP "$FLOWD_PID"
ok "the address in use is named" \
    wait_logged "listen on 127.0.0.1:$taken: Address already in use"
ok "and that nothing changed" wait_logged 'everything stays as it was'
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "the old address is listened on, the old statistics are written" \
    wait_ledger stored 30
is "the reload counts as refused" "$(sed -n \
    's/^"reloads_refused": \([0-9]*\),/\1/p' "$STATS")" 1
is "flows go to the old log with the old rules" "$(reader --format csv \
    --columns tag "$WORK/flows" | sed 1d | sort -u)" 7
ok "not to the other" not test -e "$WORK/other"
is "the collector is the same" "$(collector_pid)" "$collector"
ok "the new address that was free is free" sh -c "
    '$BIN/flowrecv' -t 1 -r '$WORK/free' 127.0.0.1 $3 >/dev/null
    test -e '$WORK/free'"
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
done_testing
