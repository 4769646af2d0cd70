#!/bin/sh
# Twenty thousand addresses, each with a template of its own, beside one
# exporter that is configured and sends its template once.
. "${0%/*}/../lib.sh"
[ "$(uname)" = Linux ] || skip_all "needs all of 127/8"
need_tool python3

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
    'flow source { 127.0.0.0/8 127.0.6.1 }' || exit 1

{
	echo "v9 seq=0 uptime=1000 time=1700000000 source=7"
	echo "template 256 8:4 12:4 2:4 1:4"
	n=0
	while [ $n -lt 1000 ]; do
		n=$((n + 1))
		echo "v9 seq=$n uptime=1000 time=1700000000 source=7"
		echo "record 256 10.0.0.1 10.0.0.2 1 40"
	done
} | "$BIN/mkexport" >"$WORK/configured"

rss()
{
	ps -o rss= -p "$(collector_pid)" | tr -d ' '
}

before=$(rss)
background send -s 127.0.6.1 -r 300 127.0.0.1 "$PORT" "$WORK/configured"
sender=$BG_PID
cat >"$WORK/flood.py" <<'END'
import socket, struct, sys, time
port = int(sys.argv[1])
fields = struct.pack(">%dH" % 120, *sum(([1000 + i, 1] for i in range(60)), []))
body = struct.pack(">HH", 256, 60) + fields
sets = struct.pack(">HH", 0, 4 + len(body)) + body
sets += struct.pack(">HH", 256, 64) + bytes(60)
packet = struct.pack(">HHIIII", 9, 2, 1000, 1700000000, 0, 1) + sets
for i in range(20000):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.%d.%d.1" % (10 + i // 250, i % 250), 0))
    s.sendto(packet, ("127.0.0.1", port))
    s.close()
    if i % 20 == 0:
        time.sleep(0.001)
END
python3 "$WORK/flood.py" "$PORT"
wait "$sender"
ok "all datagrams arrive" wait_ledger received 21001
is "each is decoded" "$(counter decoded)" 21001
after=$(rss)
echo "resident: $before KiB before, $after KiB after" | diag
if grep -q '^#define SANITIZERS' "$BUILD/config.h"; then
	skip "memory is bounded" "a sanitizer keeps what is freed"
else
	ok "memory is bounded" test $((after - before)) -lt 16384
fi
ok "exporters were forgotten" test "$(counter exporters_evicted)" -gt 10000
is "as many as can be are known" "$(counter exporters)" 4096
ok "the ledger adds up" has "$STATS" '"balanced": true'
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
is "nothing is lost of the one that is configured" "$(reader --format csv \
    --columns agent "$WORK/flows" | grep -c '^127\.0\.6\.1$')" 1000
done_testing
