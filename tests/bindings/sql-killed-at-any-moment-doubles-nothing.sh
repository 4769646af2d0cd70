# kill -9 in the middle of flowd-sql, again and again: at the end each flow of
# logs, segments and archives is in the table once.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
. "${0%/*}/sql.inc"
need_python sqlite3

cd "$WORK" || exit 1
FLOWS=12000
log_of $FLOWS log 1 || exit 1
"$BIN/mkarchive" -q -g $FLOWS -R 1000 -T "$START" -S 2 >loose.flow 2>/dev/null
"$BIN/mkarchive" -g $FLOWS -R 1000 -r 2 -T "$START" -S 3 -a archive 2>/dev/null

# killed_beyond FLOWS: started, and killed when so many are there
killed_beyond()
{
	background exec_tool sql --create --batch 100 log loose.flow archive
	wait_for 20 at_least "$1" || return 1
	kill -9 "$BG_PID"
	wait "$BG_PID" 2>/dev/null
	return 0
}

for part in 1 3000 11950 13000 26000; do
	ok "killed when $part flows are there" killed_beyond $part
done
ok "the last one ends by itself" tool sql --batch 5000 log loose.flow archive
is "and everything is there once" "$(ask "$TOTALS")" \
    "$(sums log loose.flow archive)"
is "every flow is" "$(ask "SELECT count(*) FROM (SELECT DISTINCT * FROM flows)")" \
    "$("$BUILD/flowd-reader" --format csv --columns recv_time,agent,src_addr,dst_addr,src_port,dst_port,octets,packets,protocol \
	log loose.flow archive | sed '1d; s/\.[0-9]*Z/Z/' | sort -u | wc -l)"
ok "a run more" tool sql log loose.flow archive
is "changes nothing" "$(ask "$TOTALS")" "$(sums log loose.flow archive)"
done_testing
