# For the tests of what softflowd sends: sourced behind lib.sh.
#
#	export_of FILE OPTION...
#	ok "..." exports_are -b "$WORK/truth"
#
# shellcheck shell=sh

need_tool python3
TRAFFIC=$TOP/tests/tools/traffic.py

# lines FILE N
lines()
{
	[ "$(wc -l <"$1")" -eq "$2" ]
}

# recording: datagrams that come to $PORT are lines of $WORK/hex
recording()
{
	PORT=$(free_port)
	rm -f "$WORK/ready"
	background "$BIN/flowrecv" -t 60 -r "$WORK/ready" 127.0.0.1 "$PORT" \
	    >"$WORK/hex"
	RECORDER_PID=$BG_PID
	wait_for 10 test -e "$WORK/ready"
}

# recorded: all that was sent, as $WORK/said has it, is in $WORK/pcap
recorded()
{
	_sent=$(sed -n 's/.*records) in \([0-9]*\) .*/\1/p' "$WORK/said")
	wait_for 10 lines "$WORK/hex" "${_sent:-0}"
	_rc=$?
	kill "$RECORDER_PID"
	python3 "$TRAFFIC" capture "$WORK/hex" "$WORK/pcap" || return 1
	return $_rc
}

# export_of FILE OPTION...: what it sends of a capture
export_of()
{
	_file=$1
	shift
	recording || return 1
	"$BUILD/softflowd" -r "$_file" -n "127.0.0.1:$PORT" "$@" \
	    </dev/null >"$WORK/said" 2>&1 || return 1
	recorded
}

# exports_are OPTION... TRUTH: see traffic.py
exports_are()
{
	"$BUILD/flowd-reader" --pcap --format ndjson "$WORK/pcap" \
	    >"$WORK/json" && python3 "$TRAFFIC" check "$@" "$WORK/json"
}
