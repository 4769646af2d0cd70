# What the tests of softflowd have in common.  Sourced behind lib.sh.
# shellcheck shell=sh

METER=
CTL=
METER_PID=
METER_STATUS=
SOCK=$WORK/ctl

# find_meter: METER and CTL, where also who is not root can run them
find_meter()
{
	METER=$BUILD/softflowd
	CTL=$BUILD/softflowctl
	[ -x "$METER" ] || skip_all "there is no $METER"
	[ "$(id -u)" -eq 0 ] || return 0
	command -v setpriv >/dev/null 2>&1 ||
	    skip_all "no setpriv to leave root with: run it as a user"
	chown "$TEST_USER" "$WORK"
	if ! (as_user test -x "$METER"); then
		mkdir -p "$WORK/bin"
		cp "$METER" "$CTL" "$WORK/bin/"
		METER=$WORK/bin/softflowd
		CTL=$WORK/bin/softflowctl
	fi
}

# start_meter ARGUMENT...: in the foreground, with a control socket; returns
# when that answers.  Without root, unless METER_AS_ROOT=yes is set.
start_meter()
{
	[ -n "$METER" ] || find_meter
	_run=as_user
	[ -z "${METER_AS_ROOT:-}" ] || _run="exec"
	: >"$WORK/meter.err"
	$_run "$METER" -d -c "$SOCK" "$@" >"$WORK/meter.out" \
	    2>"$WORK/meter.err" &
	METER_PID=$!
	started="$started $METER_PID"
	wait_for 10 meter_ready_or_gone
	control statistics >/dev/null 2>&1 && return 0
	echo "softflowd did not start:" | diag
	diag <"$WORK/meter.err"
	return 1
}

meter_ready_or_gone()
{
	control statistics >/dev/null 2>&1 || ! alive "$METER_PID"
}

# control COMMAND: what softflowctl prints
control()
{
	"$CTL" -c "$SOCK" "$@"
}

# stop_meter [SIGNAL]: sets METER_STATUS
stop_meter()
{
	[ -z "${1:-TERM}" ] || kill "-${1:-TERM}" "$METER_PID" 2>/dev/null
	wait_for 20 not alive "$METER_PID" || kill -9 "$METER_PID"
	wait "$METER_PID" 2>/dev/null
	METER_STATUS=$?
	[ "$METER_STATUS" -eq 0 ]
}

# children PID: of that process
children()
{
	ps -A -o pid= -o ppid= | awk -v p="$1" '$2 == p { print $1 }'
}

# processed N: so many packets were
processed()
{
	control statistics >"$WORK/statistics" || return 1
	has "$WORK/statistics" "^Packets processed: $1\$"
}

# capture FLOWS FILE: two packets of UDP of each flow, all within a second
capture()
{
	_n=1
	while [ "$_n" -le "$1" ]; do
		for _seq in 1 2; do
			printf 'exporter 192.0.2.%d\n' "$_n"
			printf 'v5 seq=%d uptime=1 time=1700000000\n' $_seq
			printf 'flow src=10.0.0.1 dst=10.0.0.2 proto=6\n'
		done
		_n=$((_n + 1))
	done >"$WORK/capture.txt"
	"$BIN/mkexport" "$WORK/capture.txt" >"$WORK/capture.x" &&
	    "$BIN/mkpcap" "$WORK/capture.x" >"$2"
}

# play FILE PORT: the packets of a capture, to a softflowd that runs with -R
play()
{
	"$METER" -r "$1" -v psamp -n "127.0.0.1:$2" >"$WORK/play.out" 2>&1
}

# collect PORT COUNT: so many datagrams as lines of hex, in $WORK/collected
collect()
{
	# The port is that of the one before.
	if [ -n "${COLLECT_PID:-}" ]; then
		kill "$COLLECT_PID" 2>/dev/null
		wait_for 5 not alive "$COLLECT_PID"
	fi
	rm -f "$WORK/listens"
	: >"$WORK/collected"
	background "$BIN/flowrecv" -n "$2" -t 60 -r "$WORK/listens" \
	    127.0.0.1 "$1" >"$WORK/collected"
	COLLECT_PID=$BG_PID
	wait_for 5 test -e "$WORK/listens"
}

# collected N: so many lines are there, and what they came from has ended
collected()
{
	[ "$(wc -l <"$WORK/collected")" -eq "$1" ]
}

# flows_of_v5: how many records the datagrams have
flows_of_v5()
{
	while read -r _line; do
		_hex=${_line#0005}
		echo "$((0x$(printf '%s' "$_hex" | cut -c 1-4)))"
	done <"$WORK/collected" | awk '{ n += $1 } END { print n + 0 }'
}
