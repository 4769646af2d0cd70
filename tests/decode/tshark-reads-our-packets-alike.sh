# A second opinion: datagrams of all the elements that we know and of all fixed
# layouts, with random values, read by tshark and by us.
. "${0%/*}/../lib.sh"

need_tool tshark python3
alike=$TOP/tests/tools/tshark-alike.py

for seed in 1 2 3; do
	python3 "$TOP/tests/tools/mkcflow.py" $seed "$WORK/pcap"
	# As root it says on standard error that it should not.
	tshark -r "$WORK/pcap" -d udp.port==2055,cflow -T pdml >"$WORK/pdml" \
	    2>"$WORK/err" || skip_all "tshark: $(tail -n 1 "$WORK/err")"
	"$BUILD/flowd-reader" --pcap "$WORK/pcap" --format ndjson >"$WORK/json"
	ok "what we read of datagrams $seed is what tshark reads" \
	    python3 "$alike" "$WORK/pdml" "$WORK/json"
done

# A comparison that finds nothing is to be doubted.
sed '7s/"octets":[0-9]*/"octets":1/' "$WORK/json" >"$WORK/other"
ok "a value that differs is told" \
    status 1 python3 "$alike" "$WORK/pdml" "$WORK/other"
sed 7d "$WORK/json" >"$WORK/other"
ok "a flow that is missing is told" \
    status 1 python3 "$alike" "$WORK/pdml" "$WORK/other"

done_testing
