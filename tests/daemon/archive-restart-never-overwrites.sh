#!/bin/sh
# Three times in the same minute, the second time killed; and a second flowd
# keeps away.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"

PORT=$(free_port)
conf "archive \"$ARCHIVE\" rotate 1d" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT"
send_some()
{
	"$BIN/flowgen" -f v5 -c 10 -S "$1" 127.0.0.1 "$PORT" >/dev/null
}

start_flowd || exit 1
send_some 1
ok "flows are archived" wait_ledger archived 300
sed "s/$PORT/$(free_port)/; s/pid\"/pid2\"/" "$WORK/flowd.conf" \
    >"$WORK/second.conf"
ok "a second flowd does not keep the same archive" \
    status 1 as_user_wait "$FLOWD" -g -f "$WORK/second.conf" \
    2>"$WORK/second.err"
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
ok "a segment is there, to be sealed when its day is over" are_segments 1 live

start_flowd || exit 1
send_some 2
ok "flows are archived again" wait_ledger archived 300
child=$(collector_pid)
kill -9 "$FLOWD_PID"
ok "the collector ends without its parent" wait_for 10 not alive "$child"
is "both have their segment" "$(n_segments live)" 2

start_flowd || exit 1
send_some 3
ok "and again" wait_ledger archived 300
stop_flowd
ok "all three have theirs" are_segments 3
is "their names differ by a number" "$(segments | sed 's/.*-1d//' |
    tr '\n' ' ')" "-2.live -3.live .live "
is "all flows are there" "$(archive_has flows)" 900
is "none twice" "$(twice)" 0
is "none is damaged" "$(archive_has damaged)" 0
done_testing
