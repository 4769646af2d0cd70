#!/bin/sh
# With ten exporters known and nothing to do: few wake-ups, little memory.
. "${0%/*}/../lib.sh"
. "${0%/*}/../soak.sh"
[ "$(uname)" = Linux ] || skip_all "looks at Linux's /proc"

# switches: how often the processes of flowd went to sleep, ever
switches()
{
	for _pid in "$FLOWD_PID" $(collector_pid); do
		cat /proc/"$_pid"/task/*/status
	done | awk '/^voluntary_ctxt_switches/ { n += $2 } END { print n }'
}

at_most()
{
	echo "$1, and not at most $2"
	[ "$1" -le "$2" ]
}

conf "archive \"$WORK/archive\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:${PORT:=$(free_port)}"
# shellcheck disable=SC2119
start_flowd || exit 1
"$BIN/flowload" -a 10 -f v9 -r 500 -n 500 127.0.0.1 "$PORT" >"$WORK/sent"
written()
{
	stats >/dev/null && [ "$(counter archived)" -gt 0 ] &&
	    [ "$(counter archive_pending)" -eq 0 ]
}
ok "ten exporters have sent" wait_for 10 written
before=$(switches)
sleep 5
# 1.6 a second here; twice that would be another habit.
ok "they wake up seldom" at_most $(($(switches) - before)) 18
if grep -q '^#define SANITIZERS' "$BUILD/config.h"; then
	skip "they take less than 16 MB" "a sanitizer takes more itself"
else
	ok "they take less than 16 MB" at_most "$(soak_rss)" 16000
fi
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
done_testing
