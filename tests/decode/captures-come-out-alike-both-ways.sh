# Records that are taken together make the flows that they make one by one:
# of all captures, whether all, none or some of them are taken.
. "${0%/*}/../lib.sh"

need_shared captures/MANIFEST.tsv

"$BIN/bothways" "$FLOWD_SHARED"/captures/pcap/*.pcap >"$WORK/sums" \
    2>"$WORK/differs"
is "captures come out alike both ways" "$?" 0
diag <"$WORK/differs"
diag <"$WORK/sums"

# A line each: N flows, N of them together
set -- $(sed 's/[^0-9]/ /g' "$WORK/sums")
is "all flows are tried each time" "$3 $5" "$1 $1"
ok "most of them can be taken together" [ "$2" -gt $(($1 / 2)) ]
is "none are if the callback takes none" "$4" 0

done_testing
