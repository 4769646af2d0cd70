#!/bin/sh
# In memory; and a state file that is new is written soon.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
"$BIN/mkexport" >"$WORK/template" <<END
v9 seq=1 uptime=1000 time=1700000000 source=7
template 256 8:4 12:4 2:4 1:4
END
"$BIN/mkexport" >"$WORK/data" <<END
v9 seq=2 uptime=1000 time=1700000000 source=7
set 256 x:0a0000010a000002000000010000002a
END
conf "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT"
start_flowd || exit 1
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/template"
ok "a template is learned" wait_ledger templates 1
echo "statefile \"$WORK/one\"" >>"$WORK/flowd.conf"
kill -HUP "$FLOWD_PID"
ok "a state file is named" wait_logged 'configuration reloaded'
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/data"
ok "data of a template from before are decoded" wait_ledger stored 1
ok "the state file is written" wait_for 12 test -s "$WORK/one"
echo "statefile \"$WORK/two\"" >>"$WORK/flowd.conf"
kill -HUP "$FLOWD_PID"
ok "another one is named" wait_logged 'configuration reloaded' 2
ok "and written" wait_for 12 test -s "$WORK/two"
# The head and the end have times and marks of their own.
is "as long as the first" "$(wc -c <"$WORK/two")" "$(wc -c <"$WORK/one")"
done_testing
