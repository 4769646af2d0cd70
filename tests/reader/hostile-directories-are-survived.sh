#!/bin/sh
# A directory that somebody else filled: pipes, devices and circles that have
# the names of segments, names for terminals, more files than can be open.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"
. "${0%/*}/archive.inc"

# A hundred and fifty segments of a second.
archive "$WORK/db" 45000 300 1 || exit 99
day=$WORK/db/2026/11/21
is "there are that many segments" "$(find "$WORK/db" -name '*.flow' | wc -l |
    tr -d ' ')" 150

# All of it at once, and the answer is the same in reasonable time.
mkfifo "$day/20261121T110000Z-1s.flow" "$day/20261121T110001Z-1s.live"
ln -s /dev/zero "$day/20261121T110002Z-1s.flow"
ln -s /dev/tty "$day/20261121T110003Z-1s.flow"
ln -s . "$day/20261121T110004Z-1s.flow"
ln -s "$WORK/db" "$day/db"
ln -s nowhere "$day/20261121T110005Z-1s.flow"
ln -s 20261121T110006Z-1s.flow "$day/20261121T110006Z-1s.flow"
mkdir "$day/20261121T110007Z-1s.flow"
: >"$day/20261121T110008Z-1s.flow"
timeout 30 "$BUILD/flowd-reader" --format csv --count "$WORK/db" \
    >"$WORK/out" 2>"$WORK/err"
is "pipes, devices and circles are passed over" $? 0
is "the flows are there, once each" "$(sed -n '2s/,.*//p' "$WORK/out")" 45000
is "nothing is said of them" "$(cat "$WORK/err")" ""
timeout 30 "$BUILD/flowd-reader" --check "$WORK/db" >"$WORK/out" 2>"$WORK/err"
is "--check passes them over, too" $? 0
find "$day" ! -type f ! -path "$day" -exec rm -rf {} +

# What a name does to a terminal.
esc=$(printf '\033]0;x\007')
mkdir "$day/$esc"
head -c 100 "$day/20261121T100000Z-1s.flow" >"$day/$esc/20261121T120000Z-1s.flow"
is "what is below such a name is left out" "$(count "$WORK/db")" 45000
ok "that is said" has "$WORK/err" "1 names with control characters"
is "without them" "$(LC_ALL=C tr -d '\n -~' <"$WORK/err" | wc -c |
    tr -d ' ')" 0
rm -r "${day:?}/$esc"

# What a .seal stands for goes, and what is beside it stays.
mv "$day/20261121T100000Z-1s.flow" "$day/20261121T100000Z-2s.seal"
cp "$day/20261121T100002Z-1s.flow" "$day/20261121T100000Z-1s-2.flow"
is "of a span that is sealed, the .seal is read" "$(count "$WORK/db")" 44700
mv "$day/20261121T100000Z-2s.seal" "$day/20261121T100000Z-1s.seal"
is "and what is behind it" "$(count "$WORK/db")" 45000
mv "$day/20261121T100000Z-1s.seal" "$day/20261121T100000Z-1s.flow"
rm "$day/20261121T100000Z-1s-2.flow"

# Few descriptors, and a question that needs files of its own.
ask()
{
	reader --format csv --group-by src_addr,src_port,dst_addr,dst_port \
	    --memory 1M --tmpdir "$WORK" "$WORK/db"
}
ask >"$WORK/want" 2>"$WORK/err"
is "with all it likes, it is answered" $? 0
(
	# shellcheck disable=SC3045 # every sh has it
	ulimit -n 80
	ask >"$WORK/got" 2>"$WORK/err"
)
is "more segments than may be open are read all the same" $? 0
ok "with the same answer" same "$WORK/got" "$WORK/want"
is "and no file of its own stays" "$(find "$WORK" -name 'flowd-reader.*')" ""

# Twenty thousand names take no more than a look at each.
mkdir -p "$WORK/many/2026/11/22"
perl -e 'chdir $ARGV[0] or die;
	for (0 .. 19999) {
		open my $f, ">", sprintf("20261122T%02d%02d%02dZ-1s.live",
		    $_ / 3600, $_ / 60 % 60, $_ % 60) or die;
	}' "$WORK/many/2026/11/22"
timeout 60 "$BUILD/flowd-reader" --format csv --count "$WORK/many" \
    >"$WORK/out" 2>"$WORK/err"
is "many names are read" $? 0
rm -r "$WORK/many"
done_testing
