#!/bin/sh
# --pcap finds exports in captures of every link type, over IPv4 and IPv6,
# whole or in fragments, and says what it could not use.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

# seen ARGUMENT...: agents and numbers
seen()
{
	# shellcheck disable=SC2046,SC2005 # in a line
	echo $(reader --pcap --format csv --columns agent,packets "$@" \
	    2>"$WORK/err" | tail -n +2)
}

v4="192.0.2.7,1 192.0.2.7,2 192.0.2.7,3"
v6="2001:db8::7,1 2001:db8::7,2 2001:db8::7,3"
pcap=$WORK/pcap

for link in ethernet vlan qinq mpls pppoe snap sll sll2 raw null loop ppp \
    hdlc labels enc pflog; do
	capture 1 3 -l $link >"$pcap"
	is "$link" "$(seen "$pcap")" "$v4"
	capture 1 3 -l $link -6 >"$pcap"
	is "$link: IPv6" "$(seen "$pcap")" "$v6"
	is "$link: nothing to say" "$(cat "$WORK/err")" ""
	capture 1 3 -l $link -s 60 >"$pcap"
	is "$link: cut packets are not decoded" "$(seen "$pcap")" ""
	ok "$link: and told" has "$WORK/err" "3 packets cut short"
done

capture 1 3 -6 -e >"$pcap"
is "IPv6 extension headers" "$(seen "$pcap")" "$v6"
for how in "-f 24" "-f 24 -R" "-6 -f 24" "-6 -e -f 24 -R" "-f 8"; do
	# shellcheck disable=SC2086 # how is a list
	capture 1 3 $how >"$pcap"
	is "fragments ($how) are put together" "$(seen "$pcap" | wc -w | tr -d ' ')" 3
	is "without a word ($how)" "$(cat "$WORK/err")" ""
done
capture 1 3 -f 24 -F >"$pcap"
is "incomplete fragments are not decoded" "$(seen "$pcap")" ""
ok "and counted" has "$WORK/err" "9 fragments of incomplete datagrams"
capture 1 400 -f 24 -F >"$pcap"
is "many of them, too" "$(seen "$pcap")" ""
ok "and all counted" has "$WORK/err" "1200 fragments of incomplete datagrams"

capture 1 3 -l 147 >"$pcap"
ok "an unknown link: status 1" status 1 reader --pcap "$pcap"
reader --pcap "$pcap" 2>"$WORK/err"
ok "and why" has "$WORK/err" "link type .* (147) is not supported"

capture 1 3 -p 9000 >"$pcap"
is "other ports are left alone" "$(seen "$pcap")" ""
is "--port takes them" "$(seen --port 2055,9000 "$pcap")" "$v4"
is "--port any, too" "$(seen --port any "$pcap")" "$v4"
for port in 2055 4739 6343 9995 9996; do
	capture 1 3 -p $port >"$pcap"
	is "port $port" "$(seen "$pcap")" "$v4"
done
for bad in "" 0 65536 x 1,,2 2055x; do
	ok "--port '$bad' is refused" status 1 reader --pcap --port "$bad" "$pcap"
done

capture 1 3 >"$pcap"
is "as an argument of --pcap" "$(seen --pcap="$pcap")" "$v4"
is "standard input" "$(seen - <"$pcap")" "$v4"
# shellcheck disable=SC2002 # a pipe is meant
is "a pipe" "$(cat "$pcap" | seen -)" "$v4"
if command -v gzip >/dev/null; then
	gzip -c "$pcap" >"$pcap.x"
	is "compressed" "$(seen "$pcap.x")" "$v4"
fi
is "several" "$(seen "$pcap" "$pcap")" "$v4 $v4"
reader --pcap "$pcap" >"$WORK/out"
ok "JSON is the default" has "$WORK/out" '^{.*"agent":"192.0.2.7".*}$'
for key in '"version":5' '"sequence":1,' \
    '"recv_time":"2023-11-14T22:13:20.123456789Z"' '"packets":1,'; do
	ok "with $key" has "$WORK/out" "$key"
done
reader --pcap -c "$pcap" >"$WORK/out"
ok "CSV like flow-tools'" has "$WORK/out" \
    '^1700000000,0,100000,192.0.2.7,1,100,90000,99000,1,2,10.0.0.1,10.1.0.1,'
reader --pcap --format text "$pcap" >"$WORK/out"
ok "text has names and values" has "$WORK/out" 'src_addr 10.0.0.1 '

head -c 200 "$pcap" >"$WORK/short"
ok "a capture that ends early: status 2" status 2 reader --pcap "$WORK/short"
echo "no capture" >"$WORK/none"
ok "no capture: status 1" status 1 reader --pcap "$WORK/none"

# Damaged datagrams: told, with status 2.
{
	echo 0005001e000000000000000000000000
	echo
	echo 000a0004
	echo
} | "$BIN/mkpcap" >"$pcap"
ok "malformed datagrams: status 2" status 2 reader --pcap "$pcap"
reader -v --pcap "$pcap" 2>"$WORK/err"
ok "told with -v, one by one" has "$WORK/err" "pcap: packet 2: "
ok "and in sum" has "$WORK/err" "2 packets, 2 datagrams, 0 flows"

done_testing
