#!/bin/sh
. "${0%/*}/../lib.sh"

set -- $(free_port 2)
PORT=$1 SECOND=$2
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
"$BIN/mkexport" >"$WORK/template" <<END
v9 seq=1 uptime=1000 time=1700000000 source=7
template 256 8:4 12:4 2:4 1:4
END
"$BIN/mkexport" >"$WORK/data" <<END
v9 seq=2 uptime=1000 time=1700000000 source=7
template 999 1:4
record 999 1
END
# The data alone, without its template, of the same domain.
"$BIN/mkexport" >"$WORK/data" <<END
v9 seq=2 uptime=1000 time=1700000000 source=7
set 256 x:0a0000010a000002000000010000002a
END
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/template"
ok "a template is learned" wait_ledger templates 1
conf "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "listen on 127.0.0.1:$PORT" "listen on 127.0.0.1:$SECOND" \
    'accept tag 9 all'
kill -HUP "$FLOWD_PID"
ok "the configuration is reloaded" wait_logged 'configuration reloaded'
is "the counters go on" "$(ledger templates)" 1
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/data"
ok "data of a template from before is decoded" wait_ledger stored 1
send -s 127.0.0.1 127.0.0.1 "$SECOND" "$WORK/data"
ok "the new address is listened to, by the same collector" \
    wait_ledger stored 2
is "the new rules are in force" \
    "$(reader --format csv --columns tag "$WORK/flows" | sed 1d | sort -u)" 9
conf "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "listen on 127.0.0.1:$SECOND"
kill -HUP "$FLOWD_PID"
ok "reloaded again" wait_logged 'configuration reloaded' 2
received=$(ledger received)
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/data" >/dev/null 2>&1
send -s 127.0.0.1 127.0.0.1 "$SECOND" "$WORK/data"
ok "the address that is gone is not listened to" \
    wait_ledger received $((received + 1))
stop_flowd
done_testing
