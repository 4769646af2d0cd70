#!/bin/sh
# -H n takes n flows of each file, and counts them before they are filtered.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

flows 1 20 "$WORK/a" || exit 99
flows 21 30 "$WORK/b" || exit 99
is "of each file" "$(numbers -H 3 "$WORK/a" "$WORK/b")" "1 2 3 21 22 23"
is "not more than there are" "$(numbers -H 15 "$WORK/b")" \
    "21 22 23 24 25 26 27 28 29 30"
is "counted before the filter" \
    "$(numbers -H 5 --since @1700000003 "$WORK/a")" "4 5"
capture 1 20 >"$WORK/pcap"
is "of captures, too" "$(numbers -H 3 --pcap "$WORK/pcap" "$WORK/pcap")" \
    "1 2 3 1 2 3"
{ bytes "$WORK/a" 0 $((4 * RECLEN)); echo garbage; } >"$WORK/bad"
ok "damage behind them is not looked for" status 0 reader -q -H 4 "$WORK/bad"
for n in 0 -1 x 1x 99999999999999999999 ""; do
	ok "-H '$n' is refused" status 1 reader -H "$n" "$WORK/a"
done

done_testing
