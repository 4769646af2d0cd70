# flowd-rrd --socket stores what it was sent when it ends, and again when it is
# started anew.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
need_tool rrdtool
need_python
need_shared compat/flowd-logs/all.logsock.hex

cd "$WORK" || exit 1
cat >send.py <<'PYTHON'
import socket, sys
to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
to.connect("sock")
for line in open(sys.argv[1]):
    to.send(bytes.fromhex(line))
to.send(b"rubbish")
PYTHON

# total NAME: of the windows that are over, and of the one that is not
total()
{
	{
		rrdtool fetch flows.rrd AVERAGE -s -1800 -e now |
		    awk -v name="$1" 'NR == 1 {
			for (i = 1; i <= NF; i++) if ($i == name) at = i + 1 }
			/^[0-9]+:/ && $at !~ /nan/ { print $at * 300 }'
		rrdtool info flows.rrd |
		    sed -n "s/^ds\[$1\]\.value = //p" | grep -v -i nan
	} | awk '{ n += $1 } END { printf "%d\n", n + 0.5 }'
}

flows=$("$BUILD/flowd-reader" --filter 'proto udp' --format csv --count \
    "$FLOWD_SHARED/compat/flowd-logs/all.bin" | sed -n '2s/,.*//p')
window=$(($(date +%s) / 300))
for run in 1 2; do
	background exec_tool rrd --socket sock flows.rrd 2>err
	collector=$BG_PID
	wait_for 10 test -S sock
	ok "datagrams are taken" "$PYTHON" send.py \
	    "$FLOWD_SHARED/compat/flowd-logs/all.logsock.hex"
	sleep 1.2
	kill -TERM "$collector"
	wait "$collector"
	is "what is no record makes status 2" $? 2
	ok "and is told" has err "1 datagrams were no records"
	is "the socket is gone" "$(find sock 2>/dev/null)" ""
	# Of a window that is over, in which nobody listened for some of the
	# time, there is a mean.
	if [ $(($(date +%s) / 300)) -eq $window ]; then
		is "the flows are in the database" "$(total udp_flows)" \
		    $((flows * run))
	fi
done
done_testing
