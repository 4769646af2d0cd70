#!/bin/sh
# Ten seconds of what tests/bench/soak does for ten minutes: under load, with
# rotation, reloads, an exporter that restarts, readers and a follower, each
# flow is archived or counted.
. "${0%/*}/../lib.sh"
. "${0%/*}/../soak.sh"
[ "$(uname)" = Linux ] || skip_all "the load is sent by Linux's ways"

soak_start 200 ipfix 2s || exit 1
n=0
while [ $n -lt 5 ]; do
	n=$((n + 1))
	soak_restart
	soak_reload
	soak_ask
	sleep 0.5
done
soak_check
ok "it was reloaded" has "$STATS" "\"reloads\": $soak_reloads"
done_testing
