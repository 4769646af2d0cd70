#!/bin/sh
# Limits and what is known of sources are those of the configuration in force.
. "${0%/*}/../lib.sh"
[ "$(uname)" = Linux ] || skip_all "needs all of 127/8"

PORT=$(free_port)
lines()
{
	conf "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
	    'accept tag 1 sampling_rate 100' 'accept tag 2 sampling_rate 200' \
	    "$@"
}

reloaded=0
reload()
{
	lines "$@"
	reloaded=$((reloaded + 1))
	kill -HUP "$FLOWD_PID"
	wait_logged 'configuration reloaded' $reloaded
}

{
	echo "v9 seq=0 uptime=1000 time=1700000000 source=7"
	echo "template 256 8:4 12:4 2:4 1:4"
	echo "record 256 10.0.0.1 10.0.0.2 1 40"
} | "$BIN/mkexport" >"$WORK/export"

# one ADDRESS: a template and a flow from there
one()
{
	send -s "$1" 127.0.0.1 "$PORT" "$WORK/export"
}

# exporters N: so many are listed
exporters()
{
	stats && equal "$(grep -c '"agent"' "$STATS")" "$1"
}

lines 'flow source any sampling 100' 'flow source 127.0.7.9 separate ports'
start_flowd || exit 1
n=0
while [ $n -lt 20 ]; do
	n=$((n + 1))
	one 127.0.7.$((n + 100))
done
one 127.0.7.9
one 127.0.7.9
ok "all arrive" wait_ledger received 22
ok "each port of one exporter is one" exporters 22
ok "its port is shown" has "$STATS" '"port": '
is "so many are known" "$(counter exporters)" 22
is "each with its template" "$(counter templates_known)" 22
memory=$(counter state_bytes)
ok "they take memory" test "$memory" -gt 10000

ok "it takes fewer" reload 'limit exporters 5' \
    'flow source any sampling 200' 'flow source 127.0.7.9'
ok "as many as may be are left" exporters 5
is "and so the ledger says" "$(counter exporters)" 5
ok "less memory is used" test "$(counter state_bytes)" -lt "$memory"
one 127.0.7.120
one 127.0.7.9
one 127.0.7.9
ok "they arrive" wait_ledger received 25
ok "ports are one exporter again" exporters 5
ok "with no port" not has "$STATS" '"port": '
ok "the limit was said once" logged 'limit exporters 5 reached: ' 1
ok "the ledger adds up" has "$STATS" '"balanced": true'
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
is "rates are those of the configuration then" "$(reader --format csv \
    --columns tag "$WORK/flows" | grep -v tag | sort -n |
    uniq -c | tr -s ' \n' ' ')" ' 4 20 1 1 2 '
done_testing
