# flowd-sql inserts the flows of a log once: when it grew, was renamed, copied,
# compressed, or written to again; and what is another log is another.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
. "${0%/*}/sql.inc"
need_python sqlite3

cd "$WORK" || exit 1
log_of 3000 whole || exit 1
log_of 500 other 7 || exit 1
record=116
[ $(($(wc -c <whole) % record)) -eq 0 ] || record=$(($(wc -c <whole) / 3000))
insert()
{
	tool sql "$@" >out 2>&1 || { cat out; return 1; }
}

# 1,000 records and a half.
head -c $((1000 * record + 50)) whole >log
ok "a log that is being written" insert --create --batch 100 log
is "is inserted up to the record that is not complete" \
    "$(ask "SELECT count(*) FROM flows")" 1000
ok "again, nothing is new" insert log
is "and nothing is inserted" "$(ask "SELECT count(*) FROM flows")" 1000

head -c $((2000 * record + 8)) whole | tail -c +$((1000 * record + 51)) >>log
mv log log.0
ok "renamed, it is the same log" insert log.0
is "of which the rest is inserted" "$(ask "SELECT count(*) FROM flows")" 2000
tail -c +$((2000 * record + 9)) whole >>log.0
ok "its copy is, too" same log.0 whole
gzip -c whole >log.0.gz
ok "compressed, it is the same log" insert log.0.gz other
is "of which the rest is inserted, and all of another one" \
    "$(ask "$TOTALS")" "$(sums whole other)"
ok "all of them together" insert log.0 log.0.gz whole other
is "have nothing new" "$(ask "$TOTALS")" "$(sums whole other)"
is "two logs are known" "$(ask "SELECT count(*) FROM flowd_sql_log")" 2

# The same name, and other flows.
log_of 400 whole 9
ok "a log that begins anew under the name" insert whole
is "is another one" "$(ask "SELECT count(*) FROM flows")" 3900

# shellcheck disable=SC2002 # a pipe it has to be
cat other | tool sql -
is "by a pipe it ends well, too" $? 0
is "and it is the same log" "$(ask "SELECT count(*) FROM flows")" 3900
done_testing
