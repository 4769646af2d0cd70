# flowd-sql fills the original's table with what is in a log, to the bit.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
. "${0%/*}/sql.inc"
need_python sqlite3
need_shared compat/flowd-logs/all.bin

logs=$FLOWD_SHARED/compat/flowd-logs
cd "$WORK" || exit 1

tool sql "$logs/all.bin" 2>err
is "without a table it ends with status 1" $? 1
ok "and says what to do, which is --create" has err "no such table: flows: --create makes"
ok "with it it is made and filled" tool sql --create "$logs/all.bin"
is "flows, packets and octets are the log's" "$(ask "$TOTALS")" \
    "$(sums "$logs/all.bin")"

# The same values, by way of the reader.
"$BUILD/flowd-reader" --format csv --columns \
    recv_time,agent,src_addr,dst_addr,src_port,dst_port,octets,packets,protocol \
    "$logs/all.bin" | sed '1d; s/\.[0-9]*Z//' >want
ask "SELECT received, agent_addr, src_addr, dst_addr, src_port, dst_port,
    octets, packets, protocol FROM flows ORDER BY rowid" |
    sed 's/None//g' >got
ok "every value of every flow is as flowd-reader prints it" same got want
is "the columns are the original's" \
    "$(ask "SELECT group_concat(name || ' ' || type) FROM pragma_table_info('flows')")" \
    "tag INTEGER,received TIMESTAMP,agent_addr VARCHAR(64),src_addr VARCHAR(64),dst_addr VARCHAR(64),src_port INTEGER,dst_port INTEGER,octets INTEGER,packets INTEGER,protocol INTEGER"
is "a flow without a tag has tag 0, as there" \
    "$(ask "SELECT DISTINCT tag FROM flows")" 0

ok "a log of version 2" tool sql -d old.sqlite --create "$logs/legacy-v2.bin"
is "is inserted, too" "$(ask "$TOTALS" old.sqlite)" \
    "$(sums "$logs/legacy-v2.bin")"
ok "once" tool sql -d old.sqlite "$logs/legacy-v2.bin"
is "and not again" "$(ask "$TOTALS" old.sqlite)" \
    "$(sums "$logs/legacy-v2.bin")"

ok "all columns that there are can be had" tool sql -d wide.sqlite --create \
    --columns all "$logs/all.bin"
"$BUILD/flowd-reader" --format csv --columns \
    next_hop,in_if,out_if,src_as,dst_as,src_mask,engine_id,sequence,sys_uptime \
    "$logs/all.bin" | sed 1d >want
ask "SELECT next_hop, in_if, out_if, src_as, dst_as, src_mask, engine_id,
    sequence, sys_uptime FROM flows ORDER BY rowid" wide.sqlite |
    sed 's/None//g' >got
ok "with their values" same got want

ok "a filter is one of flowd.conf" tool sql -d some.sqlite --create \
    --filter "proto udp" "$logs/all.bin"
is "and selects" "$(ask "SELECT count(*), min(protocol), max(protocol) FROM flows" \
    some.sqlite)" 2,17,17
tool sql -d some.sqlite --columns nose "$logs/all.bin" 2>err
is "a field that is none is told" $? 1
ok "by its name" has err "no field nose"
ok "a table's name is no place for SQL" status 1 tool sql -d some.sqlite \
    -t "flows; DROP TABLE flows" "$logs/all.bin"

# 2^64 - 1 octets: more than an integer of SQLite.
printf '\140\003\000\000\000\000\040\004\000\021\000\000\377\377\377\377\377\377\377\377' \
    >huge.bin
ok "a counter above the integers of SQLite" tool sql -d huge.sqlite --create \
    huge.bin
is "is exact nevertheless" \
    "$(ask "SELECT CAST(octets AS TEXT), protocol FROM flows" huge.sqlite)" \
    18446744073709551615,17
done_testing
