# A second opinion: what we encode is stored by nfcapd as it was: addresses,
# ports, protocol, packets, bytes, and to the millisecond when it began and
# ended.  (nfdump 1.7 knows neither times of 150, 154 to 157 nor uptimes in IPFIX,
# and does not count options data in its sequence numbers.)
. "${0%/*}/../lib.sh"

need_tool nfcapd nfdump

theirs()
{
	nfdump -q -N -6 -R "$WORK/nf" \
	    -o 'fmt:%sa,%sp,%da,%dp,%pr,%ipkt,%ibyt,%ts,%te' |
	    awk -F, '{
		for (i = 1; i <= 7; i++)
			gsub(/ /, "", $i)
		proto["TCP"] = 6; proto["UDP"] = 17; proto["GRE"] = 47
		if ($5 in proto)
			$5 = proto[$5]
		print $1, $2 + 0, $3, $4 + 0, $5, $6, $7, $8, $9
	    }' | sort
}

# The same of the flows that were encoded.
ours()
{
	awk 'function when(ms) {
		return (strftime("%Y-%m-%d %H:%M:%S", int(ms / 1000), 1) \
		    sprintf(".%03d", ms % 1000))
	}
	{ print $1, $2, $3, $4, $5, $6, $7, when($8), when($9) }' \
	    "$WORK/truth" | sort
}

awk 'BEGIN { exit (strftime("%Y", 0, 1) != 1970) }' 2>/dev/null ||
    skip_all "awk has no strftime"

said()
{
	sed -n 's/.*Flows: \([0-9]*\),.*Sequence Errors: \([0-9]*\), Bad Packets: \([0-9]*\).*/\1 \2 \3/p' \
	    "$WORK/nfcapd.out" | tail -n 1
}

for what in 1 5 7 '9 uptime' '10 milliseconds'; do
	port=$(free_port)
	rm -rf "$WORK/nf"
	mkdir "$WORK/nf"
	background nfcapd -p "$port" -b 127.0.0.1 -w "$WORK/nf" -t 3600 \
	    >"$WORK/nfcapd.out" 2>&1
	nfcapd=$BG_PID
	wait_for 5 grep -q "Bound to" "$WORK/nfcapd.out"
	# shellcheck disable=SC2086 # two words
	"$BIN/encodehex" -n 400 -t "$WORK/truth" $what >"$WORK/hex"
	ok "version $what: all is sent" \
	    "$BIN/flowsend" -r 500 127.0.0.1 "$port" "$WORK/hex"
	sleep 0.3
	kill "$nfcapd"
	wait_for 10 not alive "$nfcapd"
	theirs >"$WORK/theirs"
	ours >"$WORK/ours"
	ok "version $what: nfcapd has what was encoded" same "$WORK/theirs" \
	    "$WORK/ours"
	is "version $what: 400 flows, no gap, nothing bad" "$(said)" "400 0 0"
done

done_testing
