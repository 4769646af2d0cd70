# Segments of an archive are sealed, merged and removed while flowd-sql inserts
# them: each flow is inserted once, whatever file it is in.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
. "${0%/*}/sql.inc"
need_python sqlite3

cd "$WORK" || exit 1
"$BIN/mkarchive" -g 10000 -R 500 -r 2 -T "$START" -S 3 -a made 2>/dev/null
want=$(sums made)
day=2026/11/21
mkdir -p "archive/$day"
name()
{
	echo "$day/20261121T1000$1Z-$2"
}

ok "there are segments of two seconds" test -e "made/$(name 02 2s.flow)"
insert()
{
	tool sql --create --batch 300 archive >out 2>err ||
	    { cat err; return 1; }
}
flows()
{
	ask "SELECT count(*) FROM flows"
}

cp "made/$(name 00 2s.flow)" "made/$(name 02 2s.flow)" "archive/$day"
cp "made/$(name 04 2s.flow)" "archive/$(name 04 2s.live)"
cp "made/$(name 06 2s.flow)" "archive/$day"
ok "what is sealed" insert
is "is inserted" "$(ask "$TOTALS")" \
    "$(sums "made/$(name 00 2s.flow)" "made/$(name 02 2s.flow)")"
ok "and what is being written, or behind it, waits" \
    has err "2 segments are inserted when"
ok "again" insert
is "nothing is inserted" "$(flows)" \
    "$(sums "made/$(name 00 2s.flow)" "made/$(name 02 2s.flow)" | cut -d, -f1)"

# Everything up to 10:00:08 becomes one; first it takes the place of what is
# not yet removed.
"$BIN/mkarchive" -m "made/$(name 00 2s.flow)" "made/$(name 02 2s.flow)" \
    "made/$(name 04 2s.flow)" "made/$(name 06 2s.flow)" \
    >"archive/$(name 00 8s.seal)" 2>/dev/null
ok "a merged segment" insert
upto8=$(sums "made/$(name 00 2s.flow)" "made/$(name 02 2s.flow)" \
    "made/$(name 04 2s.flow)" "made/$(name 06 2s.flow)")
is "has only what is new in it inserted" "$(ask "$TOTALS")" "$upto8"
rm -f archive/$day/*2s.*
mv "archive/$(name 00 8s.seal)" "archive/$(name 00 8s.flow)"
ok "renamed, and without its parts" insert
is "it has nothing new" "$(ask "$TOTALS")" "$upto8"

cp made/$day/*.flow .
for second in 00 02 04 06; do
	rm -f "20261121T1000${second}Z-2s.flow"
done
mv ./*-2s.flow "archive/$day"
ok "the rest" insert
is "is inserted, too" "$(ask "$TOTALS")" "$want"
is "it knows seven segments" "$(ask "SELECT count(*) FROM flowd_sql_span")" 7

# A segment more for seconds that were merged, as after a clock was set back;
# then everything becomes one again.
"$BIN/mkarchive" -g 700 -R 500 -T "$START" -S 5 >late.flow 2>/dev/null
cp late.flow "archive/$(name 02 2s.flow)"
ok "flows that come late for a merged segment" insert
is "are inserted" "$(ask "$TOTALS")" "$(sums made late.flow)"
# shellcheck disable=SC2046 # names in their order
"$BIN/mkarchive" -m $(ls archive/$day/*.flow) >all 2>/dev/null
rm -f archive/$day/*
mv all "archive/$(name 00 1m.flow)"
ok "all in one" insert
is "is nothing new" "$(ask "$TOTALS")" "$(sums made late.flow)"
is "and one segment is known" "$(ask "SELECT count(*) FROM flowd_sql_span")" 1
done_testing
