# A second opinion: messages of encode/, of each version and each kind of times,
# read by tshark and by us.
. "${0%/*}/../lib.sh"

need_tool tshark python3
alike=$TOP/tests/tools/tshark-alike.py

# What tshark finds wrong with a capture, and gaps in sequence numbers.
complaints()
{
	tshark -r "$1" -d udp.port==2055,cflow -Y '_ws.malformed || _ws.expert' \
	    2>"$WORK/err" || cat "$WORK/err"
}

for what in 1 5 7 '9 uptime' '9 milliseconds' '10 uptime' '10 seconds' \
    '10 milliseconds' '10 microseconds' '10 nanoseconds'; do
	# shellcheck disable=SC2086 # two words
	"$BIN/encodehex" -n 400 -t "$WORK/truth" $what | "$BIN/mkpcap" \
	    >"$WORK/pcap"
	tshark -r "$WORK/pcap" -d udp.port==2055,cflow -T pdml >"$WORK/pdml" \
	    2>"$WORK/err" || skip_all "tshark: $(tail -n 1 "$WORK/err")"
	"$BUILD/flowd-reader" --pcap "$WORK/pcap" --format ndjson >"$WORK/json"
	is "version $what: there are 400 flows" \
	    "$(wc -l <"$WORK/json" | tr -d ' ')" 400
	ok "version $what: tshark reads what we read" \
	    python3 "$alike" "$WORK/pdml" "$WORK/json"
	is "version $what: tshark has no complaint" \
	    "$(complaints "$WORK/pcap")" ""
done

for version in 9 10; do
	"$BIN/encodehex" -o -n 400 $version | "$BIN/mkpcap" >"$WORK/pcap"
	is "version $version, with options: tshark has no complaint" \
	    "$(complaints "$WORK/pcap")" ""
done

# A search that finds nothing is to be doubted: here a message is missing.
"$BIN/encodehex" -n 400 10 | awk -v RS= -v ORS='\n\n' 'NR != 3' |
    "$BIN/mkpcap" >"$WORK/pcap"
ok "a message that is missing is complained about" \
    test -n "$(complaints "$WORK/pcap")"

done_testing
