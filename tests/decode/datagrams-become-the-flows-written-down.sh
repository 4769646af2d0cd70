# NAME.hex is a run of datagrams, and NAME.ok what becomes of them: a line for
# each flow, and behind those of a datagram one of the report.  With UPDATE
# set, NAME.ok is written instead: then read the difference.
. "${0%/*}/../lib.sh"

for hex in "$TOP"/tests/decode/*.hex; do
	name=${hex##*/}
	"$BIN/decodehex" <"$hex" >"$WORK/ok" 2>&1
	ok "${name%.hex} is decoded as written down" \
	    golden "$WORK/ok" "${hex%.hex}.ok"
done

done_testing
