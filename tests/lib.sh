# What the shell tests have in common: TAP, a scratch directory, the daemon.
# Sourced from tests/DIR/NAME.sh, which is run with any POSIX sh:
#
#	. "${0%/*}/../lib.sh"
#	start_flowd "logfile \"$WORK/flows\"" "listen on 127.0.0.1:$PORT"
#	ok "a v5 export is stored" wait_ledger accepted 30
#	done_testing
#
# shellcheck shell=sh

set -u
LC_ALL=C
TZ=UTC
umask 022
export LC_ALL TZ

TOP=${TOP:-$(cd "${0%/*}/../.." && pwd)}
# Where the programs are: a build out of tree sets it.
BUILD=${BUILD:-$TOP}
BIN=$BUILD/tests/bin
FLOWD_SHARED=${FLOWD_SHARED:-$TOP/../shared}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/flowd-test.XXXXXX") || exit 99
export TOP BUILD FLOWD_SHARED WORK

# As root, the daemon of an ordinary test runs as this user.
TEST_USER=${TEST_USER:-nobody}

tap_n=0
tap_bad=0
tap_planned=no
started=

at_exit()
{
	status=$?
	trap - EXIT HUP INT TERM
	# shellcheck disable=SC2086 # a list of numbers
	if [ -n "$started" ]; then
		kill $started 2>/dev/null
		tries=0
		while [ $tries -lt 40 ] && alive $started; do
			tries=$((tries + 1))
			sleep 0.05
		done
		kill -9 $started 2>/dev/null
	fi
	if [ "$tap_planned" = no ]; then
		echo "Bail out before done_testing, status $status" | diag
		[ $status -ne 0 ] || status=99
	fi
	[ -n "${KEEP_WORK:-}" ] || rm -rf "$WORK"
	exit $status
}
trap at_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Any of these processes is there (a zombie is not).
alive()
{
	for _pid in "$@"; do
		_stat=$(ps -o stat= -p "$_pid" 2>/dev/null) || continue
		case $_stat in
		Z*|'')	;;
		*)	return 0 ;;
		esac
	done
	return 1
}

#
# TAP
#

diag()
{
	sed 's/^/# /' >&2
}

# ok PROMISE COMMAND...: the promise is kept if the command succeeds.
ok()
{
	_name=$1
	shift
	tap_n=$((tap_n + 1))
	"$@" >"$WORK/.tap" 2>&1
	_rc=$?
	if [ $_rc -eq 0 ]; then
		echo "ok $tap_n - $_name"
		return 0
	fi
	tap_bad=$((tap_bad + 1))
	echo "not ok $tap_n - $_name"
	{
		echo "failed with status $_rc: $*"
		head -n 60 "$WORK/.tap"
		if [ -s "$WORK/flowd.err" ]; then
			echo "the daemon said:"
			tail -n 30 "$WORK/flowd.err"
		fi
	} | diag
	return 1
}

# is PROMISE GOT WANT
is()
{
	ok "$1" equal "$2" "$3"
}

equal()
{
	[ "$1" = "$2" ] && return 0
	printf 'got:  %s\nwant: %s\n' "$1" "$2"
	return 1
}

# skip PROMISE REASON
skip()
{
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

# skip_all REASON: nothing here can be tested.
skip_all()
{
	[ $tap_n -eq 0 ] || {
		echo "skip_all after a test" | diag
		exit 99
	}
	echo "1..0 # SKIP $1"
	tap_planned=yes
	exit 0
}

done_testing()
{
	if [ $tap_n -eq 0 ]; then
		echo "nothing was tested" | diag
		exit 99
	fi
	if [ -n "$FLOWD_PID" ] && alive "$FLOWD_PID"; then
		stop_flowd TERM
	fi
	echo "1..$tap_n"
	tap_planned=yes
	[ $tap_bad -eq 0 ]
	exit
}

# Words for ok.
not()
{
	if "$@"; then
		echo "succeeded, and should not have: $*"
		return 1
	fi
}

# status N COMMAND...: it ends with exactly that status.
status()
{
	_want=$1
	shift
	"$@"
	_got=$?
	[ "$_got" -eq "$_want" ] && return 0
	echo "status $_got, want $_want: $*"
	return 1
}

# same GOT WANT: two files
same()
{
	diff -u "$2" "$1"
}

# golden GOT FILE: the same; with UPDATE set, FILE becomes so instead
golden()
{
	if [ -n "${UPDATE:-}" ]; then
		cp "$1" "$2"
	else
		same "$1" "$2"
	fi
}

# has FILE PATTERN
has()
{
	grep -q -e "$2" "$1" && return 0
	echo "$1 has nothing like: $2"
	tail -n 20 "$1"
	return 1
}

#
# What a test needs
#

need_root()
{
	[ "$(id -u)" -eq 0 ] || skip_all "needs root: run it with make check-root"
}

# need_tool NAME...: programs that are not everywhere
need_tool()
{
	for _tool in "$@"; do
		command -v "$_tool" >/dev/null 2>&1 ||
		    skip_all "there is no $_tool here"
	done
}

# need_shared PATH: a file or directory beside the tree
need_shared()
{
	[ -e "$FLOWD_SHARED/$1" ] || skip_all "there is no $FLOWD_SHARED/$1"
}

# free_port [N]: UDP ports that nobody on 127.0.0.1 and ::1 has
free_port()
{
	"$BIN/freeport" "${1:-1}"
}

# wait_for SECONDS COMMAND...: until it succeeds, not longer
wait_for()
{
	_tries=$(($1 * 20))
	shift
	while ! "$@" >"$WORK/.wait" 2>&1; do
		_tries=$((_tries - 1))
		if [ $_tries -le 0 ]; then
			echo "gave up waiting for: $*"
			cat "$WORK/.wait"
			return 1
		fi
		sleep 0.05
	done
}

# background COMMAND...: started now, ended with the test; sets BG_PID
background()
{
	"$@" &
	BG_PID=$!
	started="$started $BG_PID"
}

#
# The daemon
#

PORT=${PORT:-}
FLOWD_PID=
FLOWD_STATUS=
FLOWD_FLAGS=
STATS=$WORK/stats.json

# as_user COMMAND...: without root's rights, also when root runs the tests.
# Replaces the shell: call it in the background or in a subshell.
as_user()
{
	if [ "$(id -u)" -ne 0 ]; then
		exec "$@"
	fi
	exec setpriv --reuid="$TEST_USER" --regid="$(id -g "$TEST_USER")" \
	    --clear-groups "$@"
}

# The same, and its status.
as_user_wait()
{
	(as_user "$@")
}

# The tree may be where only root can look: /root.
find_flowd()
{
	FLOWD=$BUILD/flowd
	[ -x "$FLOWD" ] || skip_all "there is no $FLOWD"
	[ "$(id -u)" -eq 0 ] || return 0
	[ -z "${AS_ROOT:-}" ] || return 0
	command -v setpriv >/dev/null 2>&1 ||
	    skip_all "no setpriv to leave root with: run it as a user"
	chown "$TEST_USER" "$WORK"
	if ! (as_user test -x "$FLOWD"); then
		mkdir -p "$WORK/bin"
		cp "$FLOWD" "$WORK/bin/"
		FLOWD=$WORK/bin/flowd
	fi
}

# conf LINE...: writes $WORK/flowd.conf
conf()
{
	for _line in "$@"; do
		printf '%s\n' "$_line"
	done >"$WORK/flowd.conf"
}

# start_flowd LINE...: in the foreground mode, with that configuration; no
# lines: with the flowd.conf that is there.  Without root, unless AS_ROOT=yes
# is set.  FLOWD_FLAGS are more options, WORKERS is how many collectors it has.
# Returns when they listen.
start_flowd()
{
	[ $# -eq 0 ] || conf "$@"
	find_flowd
	: >"$WORK/flowd.err"
	_pid='' _run=as_user
	[ -z "${AS_ROOT:-}" ] || _run="exec"
	# shellcheck disable=SC2086 # FLOWD_FLAGS is a list
	$_run "$FLOWD" -g -f "$WORK/flowd.conf" $FLOWD_FLAGS \
	    2>>"$WORK/flowd.err" &
	FLOWD_PID=$!
	started="$started $FLOWD_PID"
	wait_for 10 ready_or_gone || return 1
	all_ready && return 0
	echo "flowd did not start:" | diag
	diag <"$WORK/flowd.err"
	return 1
}

ready_or_gone()
{
	all_ready || ! alive "$FLOWD_PID"
}

all_ready()
{
	[ "$(grep -c 'collector[ 0-9]* ready' "$WORK/flowd.err")" -ge \
	    "${WORKERS:-1}" ]
}

# stop_flowd [SIGNAL]: sets FLOWD_STATUS
stop_flowd()
{
	kill "-${1:-TERM}" "$FLOWD_PID" 2>/dev/null
	_tries=0
	while alive "$FLOWD_PID"; do
		_tries=$((_tries + 1))
		if [ $_tries -gt 200 ]; then
			echo "flowd did not stop in 10 seconds" | diag
			kill -9 "$FLOWD_PID"
			break
		fi
		sleep 0.05
	done
	wait "$FLOWD_PID" 2>/dev/null
	FLOWD_STATUS=$?
	check_sums
	return $FLOWD_STATUS
}

# Whatever a test does to the daemon, its sums hold at the end.
check_sums()
{
	sums_hold >"$WORK/.sums" 2>&1 && return 0
	tap_n=$((tap_n + 1))
	tap_bad=$((tap_bad + 1))
	echo "not ok $tap_n - the sums of the ledger hold at the end"
	diag <"$WORK/.sums"
}

sums_hold()
{
	if grep 'does not add up' "$WORK/flowd.err"; then
		return 1
	fi
	[ -s "$STATS" ] || return 0
	has "$STATS" '"balanced": true' && exporters_sum
}

# exporters_sum: what the exporters have is what there is in all, unless some
# were forgotten
exporters_sum()
{
	awk '
	    BEGIN {
		n = split("decoded malformed unsupported no_template " \
		    "malformed_truncated malformed_length malformed_count " \
		    "malformed_template decoded_v1 decoded_v5 decoded_v7 " \
		    "decoded_v8 decoded_v9 decoded_ipfix decoded_sflow " \
		    "templates templates_withdrawn templates_refused " \
		    "sets_no_template sets_skipped options records accepted " \
		    "discarded stored pending lost_space lost_io lost_nolog " \
		    "lost_behind unlogged archived archive_pending " \
		    "archive_lost_space archive_lost_io archive_lost_nolog " \
		    "archive_lost_behind unarchived " \
		    "seq_received seq_lost seq_recovered " \
		    "seq_reordered seq_duplicates seq_resets " \
		    "seq_other_unit", names)
	    }
	    { gsub(/[",:]/, " ") }
	    $1 == "collector_starts" { starts = $2 }
	    $1 == "{" && $2 == "number" { workers++ }
	    $1 == "reloads" && $2 != 0 { forgotten = 1 }
	    $1 == "exporters_evicted" && $2 != 0 { forgotten = 1 }
	    $1 == "totals" { part = "totals" }
	    $1 == "exporters" && $2 == "[" { part = "exporters" }
	    NF == 2 { sum[part, $1] += $2 }
	    END {
		if (starts != (workers == 0 ? 1 : workers))
			forgotten = 1
		if (part != "exporters") {
			print "no exporters in the statistics"
			exit 1
		}
		for (i = 1; i <= n && !forgotten; i++) {
			a = sum["totals", names[i]]
			b = sum["exporters", names[i]] + 0
			if (a == "" || a != b) {
				print names[i], a, "in all, of exporters", b
				bad = 1
			}
		}
		exit bad
	    }
	' "$STATS"
}

# The collector: the child of the daemon that is not the sealer.
collector_pid()
{
	ps -A -o pid= -o ppid= -o args= |
	    awk -v p="$FLOWD_PID" '$2 == p && !/seal/ { print $1; exit }'
}

# The process that seals a segment, if there is one now.
sealer_pid()
{
	ps -A -o pid= -o ppid= -o args= |
	    awk -v p="$FLOWD_PID" '$2 == p && /seal/ { print $1; exit }'
}

# logged PATTERN [N]: the daemon said that (at least N times)
logged()
{
	_n=$(grep -c -e "$1" "$WORK/flowd.err")
	[ "$_n" -ge "${2:-1}" ] && return 0
	echo "the daemon said \"$1\" $_n times, not ${2:-1}:"
	tail -n 20 "$WORK/flowd.err"
	return 1
}

# wait_logged PATTERN [N]
wait_logged()
{
	wait_for 10 logged "$1" "${2:-1}"
}

# stats: a fresh statistics file.  The configuration must say
# statsfile "$STATS".  It appears whole: the daemon renames it into place.
stats()
{
	rm -f "$STATS"
	kill -USR2 "$FLOWD_PID" || return 1
	wait_for 5 test -s "$STATS"
}

# counter NAME: out of the statistics file as it is
counter()
{
	awk -v want="\"$1\":" '
	    /"totals": *\{/ { in_totals = 1; next }
	    in_totals && /\}/ { exit }
	    in_totals && $1 == want { sub(/,$/, "", $2); print $2; exit }
	' "$STATS"
}

# ledger NAME: the counter's value now
ledger()
{
	stats >/dev/null || return 1
	counter "$1"
}

# wait_ledger NAME VALUE: until the counter is that
wait_ledger()
{
	_tries=0
	while [ $_tries -lt 50 ]; do
		_value=$(ledger "$1")
		[ "$_value" = "$2" ] && return 0
		_tries=$((_tries + 1))
		sleep 0.1
	done
	echo "$1 is $_value, not $2"
	cat "$STATS"
	return 1
}

# send ARGUMENT...: real UDP to the daemon; see tests/tools/flowsend.c
send()
{
	"$BIN/flowsend" "$@"
}

# reader ARGUMENT...
reader()
{
	"$BUILD/flowd-reader" "$@"
}
