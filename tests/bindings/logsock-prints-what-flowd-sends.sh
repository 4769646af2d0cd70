# flowd-logsock prints each flow that a real flowd stores, as flowd-reader
# prints it; and treats its socket, and other people's files, with care.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
need_python

cd "$WORK" || exit 1
chmod 755 "$WORK"
"$PYTHON" -c 'import sys; sys.path[:0] = [sys.argv[1]]; import flowd
flowd.Flow.format' "$TOP/bindings/python" 2>/dev/null ||
    skip_all "package flowd is not complete"

# listen OUTPUT ARGUMENT...
listen()
{
	_out=$1
	shift
	background exec_tool logsock "$@" "$WORK/sock" >"$_out" 2>"$_out.err"
	listener=$BG_PID
	wait_for 10 test -S "$WORK/sock"
}

# send LINE... of the original's datagrams; "rubbish" is none
cat >send.py <<'PYTHON'
import socket, sys
to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
to.connect(sys.argv[1])
for line in sys.stdin:
    to.send(b"rubbish" if line == "rubbish\n" else bytes.fromhex(line))
PYTHON

ended()
{
	wait "$listener"
	_got=$?
	[ "$_got" = "$1" ] && return 0
	echo "status $_got"
	cat ./*.err
	return 1
}

# lines_of FILE COUNT: so many at least
lines_of()
{
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# With flowd itself.
PORT=$(free_port)
ok "it listens" listen got -u -v -m 666
start_flowd "logfile \"$WORK/flows\"" "logsock \"$WORK/sock\"" \
    "statsfile \"$STATS\"" "listen on 127.0.0.1:$PORT" || exit 1
"$BIN/flowgen" -f v5 -c 3 127.0.0.1 "$PORT" >/dev/null
ok "flowd sends" wait_ledger relayed 90
stop_flowd
"$BUILD/flowd-reader" -v -U flows | grep '^FLOW' >want
wait_for 10 lines_of got 90
kill -TERM "$listener"
ok "a signal ends it with status 0" ended 0
ok "what was sent is printed as flowd-reader prints it" same got want
ok "the socket is gone" not test -e sock

logs=$FLOWD_SHARED/compat/flowd-logs
if [ -e "$logs/all.logsock.hex" ]; then
	lines=$(wc -l <"$logs/all.logsock.hex")
	listen got -u -n "$lines"
	ok "datagrams of the original" "$PYTHON" send.py sock \
	    <"$logs/all.logsock.hex"
	ok "are all taken" ended 0
	grep '^FLOW' "$logs/all.reader-brief-U.txt" >want
	ok "and printed as the original's reader did" same got want

	listen got --json -n "$lines"
	"$PYTHON" send.py sock <"$logs/all.logsock.hex"
	ended 0
	"$BUILD/flowd-reader" --format ndjson "$logs/all.bin" >want
	"$PYTHON" -c '
import json, sys
a, b = ([json.loads(line) for line in open(name)] for name in sys.argv[1:])
for one, other in zip(a, b):
    if one != other:
        sys.exit(f"{one}\n{other}")
sys.exit(len(a) != len(b))' got want >why 2>&1
	is "JSON has what flowd-reader's has" "$?$(head -c 3000 why)" 0

	listen got --filter "proto udp" -n $((lines + 0))
	{
		echo rubbish
		cat "$logs/all.logsock.hex"
	} | "$PYTHON" send.py sock
	ok "what is no record makes status 2" ended 2
	ok "and is counted" has got.err "20 records, and 1 datagrams"
	is "a filter selects" "$(grep -c 'proto 17' got)$(grep -vc 'proto 17' got)" 20
fi

# The socket.
listen got
is "nobody else may send" "$(find sock -perm 600)" sock
ok "where another one listens it does not" status 1 tool logsock "$WORK/sock"
ok "and leaves the socket" test -S sock
kill -9 "$listener"
wait "$listener" 2>/dev/null
ok "the socket of one that was killed is there" test -S sock
rm -f got
background exec_tool logsock sock >got 2>got.err
listener=$BG_PID
sleep 0.5
wait_for 10 "$PYTHON" send.py sock </dev/null
ok "and is replaced" test -S sock
kill -TERM "$listener"
ok "it ends as the others" ended 0
echo mine >sock
ok "a file is not replaced" status 1 tool logsock sock
is "and not touched" "$(cat sock)" mine
rm sock
listen got
rm sock
echo other >sock
kill -TERM "$listener"
ended 0
is "nor is what took its place meanwhile" "$(cat sock)" other
ok "a filter that makes no sense is told at once" status 1 \
    tool logsock --filter nonsense sock2
ok "before there is a socket" not test -e sock2
done_testing
