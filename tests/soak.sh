# A collector under a steady load, while all that can happen to it does:
# rotation, reloads, an exporter that restarts, readers and a follower.
# Sourced behind lib.sh, by tests/daemon/soak-in-short.sh and tests/bench/soak.
# shellcheck shell=sh

# soak_start RATE FORMAT ROTATE: flowd, its load of so many datagrams a second,
# and who follows it
soak_start()
{
	ARCHIVE=$WORK/archive
	PORT=$(free_port)
	conf "archive \"$ARCHIVE\" rotate $3" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" 'accept all'
	# shellcheck disable=SC2119
	start_flowd || return 1
	mkdir -p "$WORK/sent"
	background "$BIN/flowload" -a 20 -f "$2" -r "$1" -g 8 127.0.0.1 \
	    "$PORT" >"$WORK/sent/main"
	soak_main=$BG_PID
	background "$BUILD/flowd-reader" --follow --format csv --columns src_port \
	    --filter 'agent 127.9.9.9' "$ARCHIVE" >"$WORK/followed" \
	    2>"$WORK/follow.err"
	soak_follower=$BG_PID
	soak_n=0 soak_asked=0 soak_bad=0 soak_reloads=0
}

# soak_restart: an exporter that begins anew, at each call: 127.9.9.9
soak_restart()
{
	soak_n=$((soak_n + 1))
	"$BIN/flowload" -b 127.9.9.9 -f v9 -r 50 -n 25 -u $((3600 - soak_n * 20)) \
	    127.0.0.1 "$PORT" \
	    >"$WORK/sent/restart.$soak_n"
}

soak_reload()
{
	kill -HUP "$FLOWD_PID"
	soak_reloads=$((soak_reloads + 1))
}

# soak_ask: readers at work, about what came of late, for all of it would take a
# processor after some minutes; whatever they are told is whole
soak_ask()
{
	soak_asked=$((soak_asked + 1))
	reader --since '1 minute ago' --filter 'agent 127.9.9.9' \
	    --group-by proto --format csv \
	    "$ARCHIVE" >/dev/null 2>>"$WORK/ask.err" ||
	    soak_bad=$((soak_bad + 1))
}

# soak_rss: KiB of the collectors and the parent
soak_rss()
{
	for _pid in "$FLOWD_PID" $(ps -A -o pid= -o ppid= -o args= |
	    awk -v p="$FLOWD_PID" '$2 == p && !/seal/ { print $1 }'); do
		awk '/^VmRSS/ { print $2 }' "/proc/$_pid/status" 2>/dev/null
	done | awk '{ n += $1 } END { print n + 0 }'
}

soak_sent()
{
	cat "$WORK"/sent/* | sed 's/.*"'"$1"'":\([0-9]*\).*/\1/' |
	    awk '{ n += $1 } END { printf "%.0f\n", n }'
}

soak_settled()
{
	stats >/dev/null && [ "$(counter archive_pending)" = 0 ] &&
	    [ "$(counter received)" -gt 0 ]
}

soak_followed()
{
	equal "$(sed 1d "$WORK/followed" | wc -l | tr -d ' ')" \
	    $((soak_n * 25 * 25))
}

# What must be true at the end, each a test.
soak_check()
{
	kill -TERM "$soak_main"
	wait "$soak_main"
	ok "what came is written" wait_for 20 soak_settled
	_drops=$(counter kernel_drops)
	_each=$(sed 's/.*"records":\([0-9]*\).*/\1/' "$WORK/sent/main")
	_sent=$(soak_sent flows)
	ok "there was a load" test "$_sent" -gt 1000
	_lost=0
	for _name in space io nolog behind crash; do
		_lost=$((_lost + $(counter archive_lost_$_name)))
	done
	_blind=$(($(counter no_template) * _each))
	is "each flow sent is archived, or counted as lost" \
	    $(($(counter archived) + _lost + _blind + _drops * _each)) \
	    "$_sent"
	is "and datagrams likewise" $(($(counter received) + _drops)) \
	    "$(soak_sent datagrams)"
	for _name in malformed unsupported not_allowed; do
		is "$_name: none" "$(counter $_name)" 0
	done
	is "the exporter was seen to restart, each time" \
	    "$(counter seq_resets)" $((soak_n - 1))
	ok "all is readable" soak_readable "$(counter archived)"
	_promise="the follower has each flow of the exporter that restarted"
	if [ $((_lost + _drops)) -eq 0 ]; then
		ok "$_promise" wait_for 10 soak_followed
	else
		skip "$_promise" "$_drops datagrams, $_lost flows were lost"
	fi
	is "and nothing to complain of" "$(cat "$WORK/follow.err")" ''
	is "nor have readers, $soak_asked times" \
	    "$soak_bad $(cat "$WORK/ask.err")" '0 '
	kill -TERM "$soak_follower"
	stop_flowd
	is "it ends with status 0" "$FLOWD_STATUS" 0
	is "without a warning" "$(soak_warnings)" ''
}

# What the daemon said that is neither a statistic nor its life.
soak_warnings()
{
	sed 's/^[^:]*: //' "$WORK/flowd.err" | grep -v \
	    -e '^\(protocols\|contents\|datagrams\|malformed\|decoded\|templates\|flows\|log\): ' \
	    -e '^\(archive\|copies\|arrival\|state\|statistics\): ' \
	    -e '^\(exporter\|listening\|collector\) ' -e reload -e '^stopping'
}

# soak_readable FLOWS: that many are in the archive
soak_readable()
{
	reader --count --format ndjson "$ARCHIVE" |
	    sed 's/.*"flows": *\([0-9]*\).*/\1/' >"$WORK/count"
	equal "$(cat "$WORK/count")" "$1"
}
