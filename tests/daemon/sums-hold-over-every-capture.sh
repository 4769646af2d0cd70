#!/bin/sh
# All that was recorded, broken captures and those of many exporters too, and
# what the fuzzers of the decoder keep, from an address each: all datagrams are
# accounted for, and the exporters' counters make up the totals.
. "${0%/*}/../lib.sh"
[ "$(uname)" = Linux ] || skip_all "needs all of 127/8"
need_tool python3

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1

n=0
: >"$WORK/sent"
for pcap in "$FLOWD_SHARED"/captures/pcap/*.pcap; do
	[ -e "$pcap" ] || break
	n=$((n + 1))
	send -v -a 127.1.$n.1 127.0.0.1 "$PORT" "$pcap" >>"$WORK/sent" \
	    2>"$WORK/send.err" || diag <"$WORK/send.err"
done
# An input is a run of: a byte that says who, two of length, the datagram.
cat >"$WORK/corpus.py" <<'END'
import socket, sys
port, sent = int(sys.argv[1]), 0
for i, name in enumerate(sys.argv[2:]):
    data = open(name, "rb").read()
    while len(data) >= 3:
        n = min(int.from_bytes(data[1:3], "big"), len(data) - 3)
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.2.%d.%d" % (i % 250, 1 + data[0] % 8), 0))
        if n <= 65507:
            s.sendto(data[3 : 3 + n], ("127.0.0.1", port))
            sent += 1
        s.close()
        data = data[3 + n :]
print(sent)
END
python3 "$WORK/corpus.py" "$PORT" "$TOP"/tests/fuzz/corpus/decode/* \
    >>"$WORK/sent"
sent=$(awk '{ n += $1 } END { print n }' "$WORK/sent")
echo "$n captures, $sent datagrams" | diag
ok "each datagram arrives" wait_ledger received "$sent"
ok "some are malformed" test "$(counter malformed)" -gt 0
ok "and each is in one counter, with a reason or a protocol" \
    has "$STATS" '"balanced": true'
ok "no exporter was forgotten" test "$(counter exporters_evicted)" -eq 0
ok "and all of them together are the totals" exporters_sum
ok "what is stored is what was accepted" \
    wait_ledger stored "$(counter accepted)"
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
is "and it is all in the log" "$(reader --format csv --columns agent \
    "$WORK/flows" | sed 1d | wc -l | tr -d ' ')" "$(counter stored)"
done_testing
