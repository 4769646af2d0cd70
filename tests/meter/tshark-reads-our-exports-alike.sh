# A second opinion on what we send: tshark reads it as our reader does.
. "${0%/*}/../lib.sh"
. "${0%/*}/../export.sh"

need_tool tshark
alike=$TOP/tests/tools/tshark-alike.py

# Nothing that tshark would complain of.
is_clean()
{
	tshark -r "$WORK/pcap" -d udp.port==2055,cflow -V >"$WORK/text" \
	    2>"$WORK/err" || return 1
	! grep -iE 'malformed|expert info|unknown' "$WORK/text"
}

python3 "$TRAFFIC" make 3 "$WORK/traffic" "$WORK/truth"
for options in "5" "9" "10 -b -A milli" \
    "10 -A nano -T ether -x 3 --tcp --names --if-name -s 2 --flow-sampling 2"
do
	# shellcheck disable=SC2086 # options are words
	ok "traffic is exported by -v $options" \
	    export_of "$WORK/traffic" -v $options
	ok "tshark has no complaint" is_clean
	tshark -r "$WORK/pcap" -d udp.port==2055,cflow -T pdml >"$WORK/pdml" \
	    2>"$WORK/err" || skip_all "tshark: $(tail -n 1 "$WORK/err")"
	"$BUILD/flowd-reader" --pcap "$WORK/pcap" --format ndjson >"$WORK/json"
	ok "and reads what we do" \
	    python3 "$alike" --flows "$WORK/pdml" "$WORK/json"
done

done_testing
