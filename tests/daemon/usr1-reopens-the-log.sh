#!/bin/sh
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "flows are stored" wait_ledger stored 30
mv "$WORK/flows" "$WORK/flows.0"
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "after a rename they go to the old file" wait_ledger stored 60
ok "until the signal no new one is made" not test -e "$WORK/flows"
kill -USR1 "$FLOWD_PID"
ok "the signal makes it" wait_for 5 test -e "$WORK/flows"
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "flows go there" wait_ledger stored 90
is "60 are in the old file" "$(reader "$WORK/flows.0" | wc -l | tr -d ' ')" 60
is "30 in the new one" "$(reader "$WORK/flows" | wc -l | tr -d ' ')" 30
is "only its owner can read it" \
    "$(find "$WORK/flows" -perm 600 | wc -l | tr -d ' ')" 1
stop_flowd
done_testing
