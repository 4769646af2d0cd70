# nfcapd takes what we send, misses nothing, and stores sums that are the
# truth.
. "${0%/*}/../lib.sh"

need_tool nfcapd nfdump python3
traffic=$TOP/tests/tools/traffic.py

# sums FILTER: packets and bytes that the truth has
sums()
{
	python3 -c '
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
rows = [r for r in rows if sys.argv[2] == "all" or ":" not in r["src"]]
print(sum(r["packets"] for r in rows), sum(r["octets"] for r in rows))
' "$WORK/truth" "$1"
}

# through_nfcapd OPTION...: what nfcapd made of the export
through_nfcapd()
{
	port=$(free_port)
	rm -rf "$WORK/nf"
	mkdir "$WORK/nf"
	background nfcapd -p "$port" -b 127.0.0.1 -w "$WORK/nf" -t 3600 \
	    >"$WORK/log" 2>&1
	wait_for 10 grep -q Startup "$WORK/log" || return 1
	"$BUILD/softflowd" -r "$WORK/traffic" -n "127.0.0.1:$port" "$@" \
	    </dev/null >"$WORK/said" 2>&1 || return 1
	sleep 0.3 # it says nothing until it ends
	kill "$BG_PID"
	wait_for 10 not alive "$BG_PID"
	nfdump -R "$WORK/nf" -I >"$WORK/info" 2>&1
}

stored()
{
	awk '$1 == "Packets:" { p = $2 } $1 == "Bytes:" { b = $2 }
	    END { print p, b }' "$WORK/info"
}

# complaints N: but for so many gaps at most
complaints()
{
	grep -iE 'error|unknown|malformed|missing|skip|short' "$WORK/log" |
	    grep -v "Sequence Errors: [0-$1], Bad Packets: 0"
}

python3 "$traffic" make 4 "$WORK/traffic" "$WORK/truth"
for options in "5" "9" "9 -A milli -T ether -x 3 --tcp"; do
	# shellcheck disable=SC2086 # options are words
	ok "nfcapd receives -v $options" through_nfcapd -v $options
	[ "$options" = 5 ] && want=$(sums 4) || want=$(sums all)
	is "and stores the truth" "$(stored)" "$want"
	is "without a complaint" "$(complaints 0)" ""
done

# nfdump 1.7 does not count records of options data, as RFC 7011 3.1 has it
# (and as its own comments say): each of them is a gap to it.
for options in "10" "10 -b -A nano --tcp --names"; do
	# shellcheck disable=SC2086 # options are words
	ok "nfcapd receives -v $options" through_nfcapd -v $options
	is "and stores the truth" "$(stored)" "$(sums all)"
	is "without a complaint but for options data" "$(complaints 3)" ""
done

done_testing
