#!/bin/sh
# NetFlow of each version, IPFIX and sFlow to one port, in turn: each is told
# by its content, and each flow is in the log with its version.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
"$BIN/mkexport" >"$WORK/traffic" <<END
raw x:00000004000000010a00000100000001
v1 uptime=1000 time=1700000000
flow src=10.0.0.1 dst=10.1.0.1 sport=1 dport=80 proto=6 packets=1 octets=101
sflow agent=192.0.2.1 seq=1 uptime=1000
sample 2 seq=1 source=7 count=1
part 1 7 6
sample 1 seq=1 source=7 rate=400 in=1 out=2
part 2 205 02:00:00:00:00:0a 02:00:00:00:00:0b 0x0800
part 3 191 17 0x0a000002 0x0a010002 1 53 0 0
sample 6
part 0 0
v5 seq=1 uptime=1000 time=1700000000
flow src=10.0.0.3 dst=10.1.0.3 sport=1 dport=80 proto=6 packets=1 octets=105
v7 seq=1 uptime=1000 time=1700000000
flow src=10.0.0.4 dst=10.1.0.4 sport=1 dport=80 proto=6 packets=1 octets=107
v9 seq=1 uptime=1000 time=1700000000 source=7
template 256 8:4 12:4 1:4
record 256 10.0.0.5 10.1.0.5 109
sflow agent=192.0.2.1 seq=2 uptime=2000
sample 3 seq=2 class=0 source=7 rate=500 in=1 out_format=2 out=9
part 1 11 206 4 x:4500001c0001400040010000c0000201c63364020800000000010001
ipfix seq=0 time=1700000000 domain=7
template 300 8:4 12:4 1:4
record 300 10.0.0.6 10.1.0.6 110
END
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/traffic"
ok "each flow is stored" wait_ledger stored 7
is "each datagram is decoded" "$(counter decoded)" 7
is "but for one of sFlow 4, which nobody sends" "$(counter unsupported)" 1
is "a sample of counters is counted" "$(counter samples_counters)" 1
is "and one that nobody knows" "$(counter samples_skipped)" 1
is "nothing is missing by sequence number" "$(counter seq_lost)" 0
ok "the ledger adds up" has "$STATS" '"balanced": true'
stop_flowd
is "each has its version, and its bytes" \
    "$(reader --format csv --columns version,octets "$WORK/flows" | sed 1d |
    tr '\n' ' ')" "1,101 105,205 5,105 7,107 9,109 105,206 10,110 "
# To the second: the log has less of the one than of the other.
is "a sample has its type of ICMP as port, and the time at which it came" \
    "$(reader --format csv --columns octets,dst_port,start,recv_time \
	"$WORK/flows" | awk -F, '$1 == 206 {
	    print $2, substr($3, 1, 19) == substr($4, 1, 19) }')" "2048 1"
done_testing
