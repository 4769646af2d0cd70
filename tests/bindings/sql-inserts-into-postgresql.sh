# flowd-sql and a real PostgreSQL: the sums are those of flowd-reader, addresses
# and counters are exact, and kill -9 in the middle doubles nothing.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
PGBIN=$(find /usr/lib/postgresql/*/bin /usr/local/bin /usr/bin -maxdepth 1 \
    -name initdb 2>/dev/null | sort | tail -n 1)
[ -n "$PGBIN" ] || skip_all "there is no PostgreSQL server here"
PGBIN=${PGBIN%/*}
if [ "$(id -u)" -eq 0 ]; then
	need_tool setpriv
fi
need_python psycopg2
need_shared compat/flowd-logs/all.bin

# In a directory of its own, by a socket there, as no particular user.
cd "$WORK" || exit 1
mkdir pg
chmod 755 "$WORK"
[ "$(id -u)" -ne 0 ] || chown "$TEST_USER" pg
as_user_wait "$PGBIN/initdb" -D "$WORK/pg/data" -U flowd -A trust --no-sync \
    >initdb.log 2>&1 || { diag <initdb.log; exit 1; }
as_user "$PGBIN/postgres" -D "$WORK/pg/data" -k "$WORK/pg" \
    -c listen_addresses= -c fsync=off -c shared_buffers=16MB >pg.log 2>&1 &
server=$!
started="$started $server"
DB="host=$WORK/pg user=flowd dbname=postgres"

# ask SQL: rows, with commas
ask()
{
	"$PYTHON" -c '
import psycopg2, sys
db = psycopg2.connect(sys.argv[1])
cursor = db.cursor()
cursor.execute("SET TIME ZONE 0; " + sys.argv[2])
for row in cursor.fetchall():
    print(*row, sep=",")' "$DB" "$1"
}
TOTALS="SELECT count(*), sum(packets), sum(octets) FROM flows"
at_least()
{
	_rows=$(ask "SELECT count(*) FROM flows" 2>/dev/null)
	[ "${_rows:-0}" -ge "$1" ]
}

wait_for 20 ask "SELECT 1" || { diag <pg.log; exit 1; }
logs=$FLOWD_SHARED/compat/flowd-logs

tool sql -d "$DB" "$logs/all.bin" 2>err
is "without a table it ends with status 1" $? 1
ok "and says what to do" has err "relation \"flows\" does not exist.*--create"
ok "the log of the original" tool sql --create --columns start,end,next_hop,in_if \
    -d "$DB" "$logs/all.bin"
is "is inserted, to the last octet" "$(ask "$TOTALS")" "$(sums "$logs/all.bin")"
"$BUILD/flowd-reader" --format csv --columns \
    agent,src_addr,dst_addr,src_port,dst_port,octets,packets,protocol,next_hop,in_if \
    "$logs/all.bin" | sed 1d | sort >want
ask "SELECT host(agent_addr), host(src_addr), host(dst_addr), src_port, dst_port,
    octets, packets, protocol, host(next_hop), in_if FROM flows" |
    sed 's/None//g' | sort >got
ok "with every value" same got want
"$BUILD/flowd-reader" --format csv --columns recv_time,start "$logs/all.bin" |
    sed '1d; s/T/ /g; s/Z//g; s/\(\.[0-9]\{6\}\)[0-9]*/\1/g
	s/\(:[0-9][0-9]\)\(,\|$\)/\1.000000\2/g
	s/\(\.[0-9]\{3\}\)\(,\|$\)/\1000\2/g' | sort >want
ask "SELECT to_char(received, 'YYYY-MM-DD HH24:MI:SS.US'),
    to_char(start, 'YYYY-MM-DD HH24:MI:SS.US') FROM flows" |
    sed 's/None//g' | sort >got
ok "and times to the microsecond" same got want
is "addresses are of type inet" \
    "$(ask "SELECT count(*) FROM flows WHERE src_addr << '10.0.0.0/8'")" \
    "$("$BUILD/flowd-reader" --filter 'src 10.0.0.0/8' --count --format csv \
	"$logs/all.bin" | sed -n '2s/,.*//p')"
printf '\140\003\000\000\000\000\040\004\000\021\000\000\377\377\377\377\377\377\377\377' \
    >huge.bin
ok "a counter of 64 bits" tool sql -d "$DB" huge.bin
is "is exact" "$(ask "SELECT max(octets) FROM flows")" 18446744073709551615
ask "DELETE FROM flows RETURNING 1; COMMIT; SELECT 1" >/dev/null

log_of 12000 log 1 || exit 1
"$BIN/mkarchive" -g 12000 -R 1000 -r 2 -T "$START" -S 3 -a archive 2>/dev/null
killed_beyond()
{
	background exec_tool sql -d "$DB" --create --batch 100 log archive
	wait_for 20 at_least "$1" || return 1
	kill -9 "$BG_PID"
	wait "$BG_PID" 2>/dev/null
	return 0
}
for part in 1 5000 13000; do
	ok "killed when $part flows are there" killed_beyond $part
done
ok "the last one ends by itself" tool sql -d "$DB" log archive
is "and everything is there once" "$(ask "$TOTALS")" "$(sums log archive)"

# Another one, who inserted in between.
log_of 500 more 8
cp more grows
background exec_tool sql -d "$DB" --follow --interval 1 grows 2>err
follower=$BG_PID
ok "one that follows a log" wait_for 20 at_least 24500
ask "UPDATE flowd_sql SET generation = generation + 1 RETURNING 1; COMMIT;
    SELECT 1" >/dev/null
log_of 300 later 9
cat later >>grows
wait "$follower"
is "ends when another one inserts into the table" $? 1
ok "and says why" has err "another flowd-sql inserts into flows"
ok "the rest" tool sql -d "$DB" grows
is "is not doubled" "$(ask "$TOTALS")" "$(sums log archive more later)"
kill -INT "$server"
wait "$server" 2>/dev/null
done_testing
