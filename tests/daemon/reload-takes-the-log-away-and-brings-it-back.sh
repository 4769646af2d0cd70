#!/bin/sh
. "${0%/*}/../lib.sh"

# shellcheck disable=SC2046 # two words
set -- $(free_port 2)
PORT=$1
elsewhere=$2
others="statsfile \"$STATS\"
pidfile \"$WORK/pid\"
listen on 127.0.0.1:$PORT
forward to 127.0.0.1:$elsewhere"
start_flowd "logfile \"$WORK/flows\"" "$others" || exit 1
one()
{
	"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
}

# count FILE: the flows in it
count()
{
	reader --format csv --columns octets "$1" | sed 1d | wc -l | tr -d ' '
}

one
ok "a log is written" wait_ledger stored 30
one
wait_ledger received 2
conf "$others"
kill -HUP "$FLOWD_PID"
ok "a configuration without is taken" wait_logged 'configuration reloaded'
ok "what was accepted before is stored" wait_ledger stored 60
one
ok "flows are accepted for no log" wait_ledger unlogged 30
is "none is stored" "$(counter stored)" 60
is "none is lost" "$(counter lost_nolog)" 0
ok "the ledger adds up" has "$STATS" '"balanced": true'
kill -USR1 "$FLOWD_PID"
one
ok "a request to open the log does nothing" wait_ledger unlogged 60
mv "$WORK/flows" "$WORK/first"
conf "logfile \"$WORK/flows\"" "$others"
kill -HUP "$FLOWD_PID"
ok "the log comes back" wait_logged 'configuration reloaded' 2
one
ok "and flows go there" wait_ledger stored 90
ok "the ledger adds up again" has "$STATS" '"balanced": true'
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
is "the first log has what was for it" "$(count "$WORK/first")" 60
is "the second the rest" "$(count "$WORK/flows")" 30
done_testing
