#!/bin/sh
# A reload brings the archive, moves it, cuts it otherwise and takes it away:
# each flow is in the archive or in the log of its time, and in one place.
#
# shellcheck disable=SC2034 # ARCHIVE is for archive.inc
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"

PORT=$(free_port)
others="statsfile \"$STATS\"
pidfile \"$WORK/pid\"
listen on 127.0.0.1:$PORT"
reloads=0
reload()
{
	conf "$@" "$others"
	kill -HUP "$FLOWD_PID"
	reloads=$((reloads + 1))
	wait_logged 'configuration reloaded' $reloads
	sleep 0.7
}

start_flowd "logfile \"$WORK/flows\"" "$others" || exit 1
background "$BIN/flowgen" -f v5 -r 250 -s 6 127.0.0.1 "$PORT" >"$WORK/sent"
gen=$BG_PID
sleep 0.5
mkdir "$WORK/a" "$WORK/b"
chmod 700 "$WORK/a" "$WORK/b"
[ "$(id -u)" -ne 0 ] || chown "$TEST_USER" "$WORK/a" "$WORK/b"
ARCHIVE=$WORK/a
ok "an archive is added" reload "logfile \"$WORK/flows\"" \
    "archive \"$WORK/a/x\" rotate 1d"
ok "it is cut otherwise" reload "logfile \"$WORK/flows\"" \
    "archive \"$WORK/a/x\" rotate 1h"
ok "it is the only place" reload "archive \"$WORK/a/x\" rotate 1h"
ok "it is elsewhere" reload "archive \"$WORK/b/x\" rotate 1s"
conf "archive \"$WORK/nowhere/x\"" "$others"
kill -HUP "$FLOWD_PID"
ok "one that cannot be is refused" wait_logged 'not reloaded'
ok "and back again" reload "archive \"$WORK/a/x\" rotate 1s"
wait "$gen"
flows=$(sent "$WORK/sent")
ok "all flows are accepted" wait_ledger accepted "$flows"
ok "nothing waits" wait_ledger archive_pending 0
ok "the ledger adds up" has "$STATS" '"balanced": true'
is "no datagram was dropped" "$(counter kernel_drops)" 0
is "each was archived but those before" \
    "$(($(counter archived) + $(counter unarchived)))" "$flows"
ok "which are in the log" \
    test "$(counter unarchived)" -le "$(counter stored)"
archived=$(counter archived)
ok "no archive is a configuration, too" reload "logfile \"$WORK/flows\""
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "then nothing is archived" wait_ledger archived "$archived"
ARCHIVE=$WORK/b
ok "what is left behind is sealed" wait_for 10 all_sealed
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
in_b=$(archive_has flows)
ok "the second place has some" test "$in_b" -gt 0
is "none twice" "$(twice)" 0
ARCHIVE=$WORK/a
is "both have all" "$(($(archive_has flows) + in_b))" "$archived"
is "none twice" "$(twice)" 0
is "none is damaged" "$(archive_has damaged)" 0
done_testing
