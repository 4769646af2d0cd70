# A Cisco ASA tells of a connection when it begins, from time to time, and when
# it ends.  Each event is a flow.  What has been counted since the event before
# (ASA 9: elements 231, 232, 298, 299) or in all, at the end only (ASA 8: 85)
# can be summed: over the events of a connection, each byte is there once.
. "${0%/*}/../lib.sh"

# sum FIELD FILE: over its flows, absent is nothing
sum()
{
	sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$2" |
	    awk '{ n += $1 } END { print n + 0 }'
}

# value FIELD FILE: of each flow, - where it has none
values()
{
	grep '"recv_time"' "$2" | while read -r line; do
		case $line in
		*"\"$1\":"*) printf '%s\n' "$line" |
		    sed "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/" ;;
		*) echo - ;;
		esac
	done | tr '\n' ' '
}

keys='148:4 8:4 7:2 10:2 12:4 11:2 14:2 4:1'
flow='77 10.1.1.1 40000 3 192.0.2.9 443 2 6'

"$BIN/mkexport" >"$WORK/asa9" <<END
v9 seq=1 uptime=1000 time=1700000000 source=0
template 263 $keys 233:1 33002:2 323:8 152:8 231:4 232:4 298:4 299:4 40000:20
template 264 $keys 225:4 226:4 227:2 228:2 233:1 33002:2 323:8 152:8 40000:65
template 260 $keys 233:1 33002:2 323:8
record 264 $flow 198.51.100.1 192.0.2.9 1024 443 1 0 1700000000100 1700000000100 "dom\\jo"
record 263 $flow 5 0 1700000060100 1700000000100 1000 5000 10 9 "jo"
record 263 $flow 5 0 1700000120100 1700000000100 2000 6000 20 8 "jo"
record 263 $flow 2 2030 1700000130100 1700000000100 300 700 3 2 "jo"
record 260 78 10.1.1.2 40001 3 192.0.2.9 25 2 6 3 1001 1700000130200
END
"$BIN/decodehex" <"$WORK/asa9" >"$WORK/asa9.json"

is "each event is a flow" "$(values firewall_event "$WORK/asa9.json")" \
    "1 5 5 2 3 "
is "bytes of the initiator are there once" "$(sum octets "$WORK/asa9.json")" \
    3300
is "and those of the responder" "$(sum reverse_octets "$WORK/asa9.json")" 11700
is "and packets" "$(sum packets "$WORK/asa9.json")" 33
is "of both" "$(sum reverse_packets "$WORK/asa9.json")" 19
is "the first event has no counters" "$(values octets "$WORK/asa9.json")" \
    "- 1000 2000 300 - "
is "events of a connection have its number" \
    "$(values flow_id "$WORK/asa9.json")" "77 77 77 77 78 "
is "and its start, but one that was denied has none" \
    "$(values start "$WORK/asa9.json")" "2023-11-14T22:13:20.100Z \
2023-11-14T22:13:20.100Z 2023-11-14T22:13:20.100Z 2023-11-14T22:13:20.100Z - " ||
    values start "$WORK/asa9.json" | diag
is "no event is an end" "$(values end "$WORK/asa9.json")" "- - - - - "
is "users have their names" "$(values user_name "$WORK/asa9.json")" \
    'dom\\jo jo jo jo - '
is "why it was denied is told" "$(values fw_ext_event "$WORK/asa9.json")" \
    "0 0 0 2030 1001 "

"$BIN/mkexport" >"$WORK/asa8" <<END
v9 seq=1 uptime=1000 time=1700000000 source=0
template 265 $keys 40001:4 40002:4 40003:2 40004:2 40005:1 33002:2 323:8 85:4 152:8
record 265 $flow 10.1.1.1 192.0.2.9 40000 443 1 0 1700000000100 0 1700000000100
record 265 $flow 10.1.1.1 192.0.2.9 40000 443 2 2030 1700000130100 4711 1700000000100
END
"$BIN/decodehex" <"$WORK/asa8" >"$WORK/asa8.json"
is "without updates the total comes at the end" \
    "$(values octets "$WORK/asa8.json")" "0 4711 "
is "events under the older numbers" \
    "$(values firewall_event "$WORK/asa8.json")" "1 2 "
is "translations under them" \
    "$(values post_nat_src_port "$WORK/asa8.json")" "40000 40000 "

done_testing
