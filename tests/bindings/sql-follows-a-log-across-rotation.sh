# flowd-sql --follow inserts what is appended, also what comes to a log after it
# was renamed, and then to the new one; archives beside; a signal ends it well.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
. "${0%/*}/sql.inc"
need_python sqlite3

cd "$WORK" || exit 1
for part in 1 2 3 4; do
	log_of 500 part$part $part || exit 1
done
"$BIN/mkarchive" -g 600 -R 500 -r 1 -T "$START" -a made 2>/dev/null
mkdir archive

background exec_tool sql --create --follow --interval 1 log archive 2>err
follower=$BG_PID
wait_for 10 at_least 0
cat part1 >log
ok "a log that was not there is waited for" wait_for 10 at_least 500
head -c 1000 part2 >>log
tail -c +1001 part2 >rest
sleep 0.3
mv log log.0
cp part3 log
cat rest >>log.0
ok "what comes after it was renamed is inserted, and the new one" \
    wait_for 10 at_least 1500
cat part4 >>log
cp -R made/. archive
ok "what is appended, and an archive" wait_for 10 at_least 2600
sleep 1.2
is "is inserted once" "$(ask "$TOTALS")" \
    "$(sums part1 part2 part3 part4 made)"
kill -TERM "$follower"
wait "$follower"
is "a signal ends it with status 0" $? 0
is "and it has complained of nothing" "$(cat err)" ""
done_testing
