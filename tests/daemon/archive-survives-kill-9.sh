#!/bin/sh
# Ten times, or as often as ROUNDS says, collector, parent or sealer is killed
# at some moment under load.  Each time: what the ledger says is archived is in
# the archive, nothing is twice, nothing is damaged; and at the end all of it is
# in sealed segments.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"

ROUNDS=${ROUNDS:-10}
PORT=$(free_port)
conf "archive \"$ARCHIVE\" rotate 1s merge 1m compress zstd 15" \
    "statsfile \"$STATS\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT"

# within N LEAST MOST
within()
{
	echo "$1 is not in $2..$3"
	[ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
}

kill_collector()
{
	kill -9 "$(collector_pid)"
	wait_logged 'collector ready' 2
}

kill_sealer()
{
	_n=0
	while [ $_n -lt 200 ]; do
		_n=$((_n + 1))
		_pid=$(sealer_pid)
		[ -z "$_pid" ] || ! kill -9 "$_pid" 2>/dev/null || return 0
		sleep 0.01
	done
	echo "there was no sealer"
	return 1
}

# What was counted then is acknowledged.
kill_parent()
{
	stats
	child=$(collector_pid)
	kill -9 "$FLOWD_PID"
	wait_for 10 not alive "$child"
}

random()
{
	od -An -N2 -tu2 /dev/urandom | tr -d ' '
}

before=0
round=0
while [ $round -lt "$ROUNDS" ]; do
	round=$((round + 1))
	seconds=1
	case $((round % 3)) in
	0)	victim=parent ;;
	1)	victim=collector ;;
	2)	victim=sealer seconds=3 ;;
	esac
	start_flowd || exit 1
	background "$BIN/flowgen" -f v5 -r 600 -s "$seconds" -S "$round" 127.0.0.1 \
	    "$PORT" >"$WORK/sent"
	gen=$BG_PID
	sleep "0.$(($(random) % 900 + 100))"
	if [ "$victim" != sealer ]; then
		ok "the $victim is killed ($round)" "kill_$victim"
	elif kill_sealer >/dev/null; then
		ok "the sealer is killed ($round)" true
	else
		skip "the sealer is killed ($round)" "it was too quick"
	fi
	wait "$gen"
	flows=$(sent "$WORK/sent")
	if [ "$victim" != parent ]; then
		stop_flowd
		is "it ends with status 0" "$FLOWD_STATUS" 0
	fi
	got=$(($(archive_has flows) - before))
	if [ "$victim" = parent ]; then
		ok "what was acknowledged is archived" \
		    within "$got" "$(counter archived)" "$flows"
	else
		is "what the ledger says is archived" "$got" \
		    "$(counter archived)"
	fi
	is "nothing is there twice" "$(twice)" 0
	is "nothing is damaged" "$(archive_has damaged)" 0
	before=$((before + got))
done

start_flowd || exit 1
ok "in the end all is sealed" wait_for 60 all_sealed
is "and there" "$(archive_has flows)" $before
is "once" "$(twice)" 0
stop_flowd
done_testing
