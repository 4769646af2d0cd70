#!/bin/sh
# A limit on the size of files stands for a full disk: the kernel writes what
# still fits and then refuses.
. "${0%/*}/../lib.sh"
need_tool prlimit

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "buffer 1M" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
child=$(collector_pid)
"$BIN/flowgen" -f v5 -c 10 127.0.0.1 "$PORT" >/dev/null
ok "flows are stored" wait_ledger stored 300
size=$(wc -c <"$WORK/flows")
as_user_wait prlimit --pid "$child" --fsize=$((size + 5000)):unlimited
"$BIN/flowgen" -f v5 -c 10 127.0.0.1 "$PORT" >/dev/null
ok "on a full disk they wait" wait_ledger pending 300
ok "the trouble is logged" wait_logged 'No space left'
is "the file ends on a record's boundary" "$(wc -c <"$WORK/flows" | tr -d ' ')" \
    "$((size))"
ok "a reader finds no damage" reader -q "$WORK/flows"
# More than a megabyte of records finds no room.
"$BIN/flowgen" -f v5 -c 500 -r 5000 127.0.0.1 "$PORT" >/dev/null
ok "what does not fit in memory is counted as lost" \
    wait_for 10 sh -c "kill -USR2 $FLOWD_PID; sleep 0.3;
    grep -q '\"records\": 15600,' '$STATS' &&
    ! grep -q '\"lost_space\": 0,' '$STATS'"
ok "the ledger adds up" has "$STATS" '"balanced": true'
lost=$(counter lost_space)
as_user_wait prlimit --pid "$child" --fsize=unlimited
ok "with room again, what waited is stored" \
    wait_ledger stored $((15600 - lost))
ok "the end of the trouble is logged" wait_logged 'writing works again'
is "the trouble itself was logged once or twice" \
    "$(grep -c -e 'No space left' -e 'File too large' "$WORK/flowd.err" |
    tr 2 1)" 1
stop_flowd
is "the log has the flows that the ledger says" \
    "$(reader "$WORK/flows" | wc -l | tr -d ' ')" $((15600 - lost))
is "it ends with status 0" "$FLOWD_STATUS" 0
done_testing
