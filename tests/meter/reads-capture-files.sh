#!/bin/sh
# -r: what it prints, and with which status it ends.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"

find_meter
capture 5 "$WORK/five.pcap"
size=$(wc -c <"$WORK/five.pcap")
head -c $((size - 20)) "$WORK/five.pcap" >"$WORK/cut.pcap"

# read_file ARGUMENT...
read_file()
{
	as_user_wait "$METER" "$@" >"$WORK/out" 2>"$WORK/err"
}

ok "a capture is read to its end" read_file -r "$WORK/five.pcap"
cat >"$WORK/want" <<END
Number of active flows: 0
Packets processed: 10
Fragments: 0
Ignored packets: 0 (0 non-IP, 0 too short)
Flows expired: 5 (5 forced)
Flows exported: 5 (5 records) in 0 packets (0 failures)

Expired flow statistics:  minimum       average       maximum
  Flow bytes:                 200           200           200
  Flow packets:                 2             2             2
  Duration:                  1.00s         1.00s         1.00s
END
head -n 11 "$WORK/out" >"$WORK/got"
ok "the statistics are on standard output" same "$WORK/got" "$WORK/want"
is "standard error is silent" "$(cat "$WORK/err")" ""
ok "no control socket was made" test ! -e /var/run/softflowd.ctl

ok "standard input is read" read_file -r - <"$WORK/five.pcap"
ok "as a file" has "$WORK/out" '^Packets processed: 10$'
gzip -c "$WORK/five.pcap" >"$WORK/five.pcap.gz"
ok "so is one that gzip made" read_file -r "$WORK/five.pcap.gz"
ok "the same" has "$WORK/out" '^Packets processed: 10$'
ok "a filter leaves packets out" read_file -r "$WORK/five.pcap" src host \
    192.0.2.1
ok "those that do not match" has "$WORK/out" '^Packets processed: 2$'

ok "one that was cut ends with status 1" status 1 read_file -r \
    "$WORK/cut.pcap"
ok "and is told of" has "$WORK/err" "$WORK/cut.pcap"
ok "what came before counts" has "$WORK/out" '^Packets processed: 9$'
ok "one that is none ends with status 1" status 1 read_file -r "$WORK/want"
ok "and is told of" has "$WORK/err" "$WORK/want: not a capture"
ok "so does one that is not there" status 1 read_file -r "$WORK/none"
ok "by its name" has "$WORK/err" "$WORK/none: No such file"
to_full()
{
	"$METER" -r "$WORK/five.pcap" >/dev/full
}
ok "a full standard output is an error" status 1 to_full

# -s: one in so many, and the first is as good as any.
ok "packets are sampled" read_file -r "$WORK/five.pcap" -s 5
ok "one in five of ten" has "$WORK/out" '^Packets processed: 2$'
ok "the others are counted" has "$WORK/out" '^Packets non-sampled: 8$'

# Timeouts by the time of the packets.
ok "a flow ends by the time of its packets" read_file -r "$WORK/five.pcap" \
    -t maxlife=1
ok "by its rule" has "$WORK/out" 'maxlife = *[1-9]'

ok "the example of a configuration works" read_file \
    -f "$TOP/packaging/softflowd.conf" -r "$WORK/five.pcap" \
    -n "127.0.0.1:$(free_port)"
ok "as it stands" has "$WORK/out" '^Packets processed: 10$'

# Each flow is exported in each version.
for v in 1 5 9 10; do
	port=$(free_port)
	collect "$port" 1
	ok "version $v is exported" read_file -r "$WORK/five.pcap" -v $v \
	    -n "127.0.0.1:$port"
	ok "all flows of it" has "$WORK/out" \
	    '^Flows exported: 5 (5 records) in [1-9]'
	ok "a message of version $v came" wait_for 5 collected 1
	is "of that version" "$(cut -c 1-4 "$WORK/collected")" \
	    "$(printf '%04x' $v)"
done
done_testing
