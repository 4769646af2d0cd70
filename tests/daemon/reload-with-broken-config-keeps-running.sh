#!/bin/sh
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
    'accept tag 7 all' || exit 1
send=$("$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT")
: "$send"
ok "a flow before the reload is stored" wait_ledger stored 30
conf "logfile \"$WORK/other\"" "listen on 127.0.0.1:$PORT" \
    'accept tag 8 all' 'discard everything'
kill -HUP "$FLOWD_PID"
ok "the error is logged with file and line" \
    wait_logged "flowd.conf:4:"
ok "and that nothing changed" wait_logged 'everything stays as it was'
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "flows go on to the old log" wait_ledger stored 60
ok "with the old rules" sh -c "'$BUILD/flowd-reader' --format csv \
    --columns tag '$WORK/flows' | sed 1d | sort -u | grep -qx 7"
ok "no log of the broken configuration was made" not test -e "$WORK/other"
conf "logfile \"$WORK/other\"" "listen on 127.0.0.1:$PORT" \
    "statsfile \"$STATS\"" 'accept tag 8 all'
kill -HUP "$FLOWD_PID"
ok "mended, it is taken" wait_logged 'configuration reloaded'
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
done_testing
