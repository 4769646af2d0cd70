#!/bin/sh
# A directory is read by the names of its segments: in the order of their
# times, what is not complete left out, what a .seal stands for, too; and of a
# window of time only those that can have flows of it are opened.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"
. "${0%/*}/archive.inc"

# Twenty minutes of ten flows a second.
archive "$WORK/db" 12000 10 60 || exit 99
day=$WORK/db/2026/11/21
is "there are twenty segments" "$(find "$WORK/db" -name '*.flow' | wc -l |
    tr -d ' ')" 20
is "all flows are found" "$(count "$WORK/db")" 12000
is "with a slash behind the name, too" "$(count "$WORK/db/")" 12000
is "below it" "$(count "$day")" 12000
is "as the files themselves" "$(count "$day"/*.flow)" 12000

reader --format csv --columns recv_time "$WORK/db" | sed 1d >"$WORK/times"
sort "$WORK/times" >"$WORK/sorted"
ok "in the order of their times" same "$WORK/times" "$WORK/sorted"
# Names that sort another way.
mkdir "$WORK/db/0" && mv "$day/20261121T101900Z-1m.flow" "$WORK/db/0/"
reader --format csv --columns recv_time "$WORK/db" | sed 1d >"$WORK/moved"
ok "wherever they lie" same "$WORK/moved" "$WORK/times"
mv "$WORK/db/0/20261121T101900Z-1m.flow" "$day/" && rmdir "$WORK/db/0"

cp "$day/20261121T100300Z-1m.flow" "$WORK/keep"
gzip "$day/20261121T100300Z-1m.flow"
mv "$day/20261121T100500Z-1m.flow" "$day/five"
reader --format csv --columns recv_time "$WORK/db" | sed 1d >"$WORK/moved"
ok "whatever their names, and compressed, too" same "$WORK/moved" "$WORK/times"
mv "$day/five" "$day/20261121T100500Z-1m.flow"
rm "$day/20261121T100300Z-1m.flow.gz"
mv "$WORK/keep" "$day/20261121T100300Z-1m.flow"

# What is in the window, by each flow's own time.
window()
{
	awk -v a="$1" -v b="$2" '$0 >= a && $0 < b' "$WORK/times" |
	    wc -l | tr -d ' '
}

want=$(window 2026-11-21T10:10 2026-11-21T10:12)
ok "there are some within two minutes" test "$want" -gt 1000
set -- --since 2026-11-21T10:10Z --until 2026-11-21T10:12Z "$WORK/db"
is "those of the window are found" "$(count "$@")" "$want"

# The others could not even be read.
for min in 00 01 02 03 18 19; do
	cp "$day/20261121T10${min}00Z-1m.flow" "$WORK/keep-$min"
	echo garbage >"$day/20261121T10${min}00Z-1m.flow"
done
is "without a look at the others" "$(count "$@")" "$want"
is "of which nothing is said" "$(cat "$WORK/err")" ""
ok "status 0" status 0 reader -q "$@"
ok "without a window they are damaged" status 2 reader -q "$WORK/db"
for min in 00 01 02 03 18 19; do
	cp "$WORK/keep-$min" "$day/20261121T10${min}00Z-1m.flow"
done
# Directories of other days are not even opened.
mkdir -p "$WORK/db/2026/11/20" "$WORK/db/2025/01"
cp "$WORK/keep-00" "$WORK/db/2025/01/20250101T000000Z-1m.flow"
echo garbage >"$WORK/db/2026/11/20/20261120T000000Z-1m.flow"
ok "other days are left alone" status 0 reader -q "$@"
rm -r "$WORK/db/2026/11/20" "$WORK/db/2025"
ok "a window without any is an answer: none" status 0 \
    reader -q --since 2020-01-01Z --until 2020-01-02Z "$WORK/db"

# What is on its way.
cp "$WORK/keep-00" "$day/20261121T103000Z-1m.tmp"
is "a .tmp is nothing" "$(count "$WORK/db")" 12000
"$BIN/mkarchive" -m "$day"/20261121T100[0-4]*.flow 2>/dev/null \
    >"$day/20261121T100000Z-5m.seal"
is "a .seal stands for those within it" "$(count "$WORK/db")" 12000
rm "$day"/20261121T100[0-4]*.flow
is "whether they are there or not" "$(count "$WORK/db")" 12000
mv "$day/20261121T100000Z-5m.seal" "$day/20261121T100000Z-5m.flow"
is "and when it has its name" "$(count "$WORK/db")" 12000
head -c 100 "$day/20261121T101900Z-1m.flow" >"$day/20261121T102000Z-1m.live"
is "a torn end of what is being written is no damage" "$(count "$WORK/db")" \
    12000
is "and is not told" "$(cat "$WORK/err")" ""
ok "but by --check" status 2 reader --check "$WORK/db"

# Logs in directories.
mkdir -p "$WORK/logs/old"
flows 1 3 "$WORK/logs/flows" || exit 99
flows 4 5 "$WORK/logs/old/flows.0" || exit 99
echo "about these logs" >"$WORK/logs/README"
: >"$WORK/logs/.hidden"
is "a directory of logs is read, too" "$(numbers "$WORK/logs" | wc -w |
    tr -d ' ')" 5
ok "other files are left alone" status 0 reader -q "$WORK/logs"
cp "$WORK/logs/flows" "$WORK/db/"
is "beside segments, too" "$(count "$WORK/db")" 12003
mkdir "$WORK/empty"
ok "an empty directory: status 1" status 1 reader "$WORK/empty"

done_testing
