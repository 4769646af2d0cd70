# flowd-sql inserts what flowd-reader can read of a damaged log or segment, in
# pieces of any size, and tells where the damage is.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
. "${0%/*}/sql.inc"
need_python sqlite3

cd "$WORK" || exit 1
log_of 2000 whole || exit 1
"$BIN/mkarchive" -q -g 3000 -R 500 -T "$START" >whole.flow 2>/dev/null

# damage FILE TO KIND: at some places
cat >damage.py <<'PYTHON'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
where = [len(data) * i // 11 + 5 for i in range(1, 10)]
for at in reversed(where):
    if sys.argv[3] == "flips":
        data[at] ^= 0x55
    elif sys.argv[3] == "zeros":
        data[at : at + 300] = bytes(300)
    elif sys.argv[3] == "cuts":
        del data[at : at + 33]
    elif sys.argv[3] == "more":
        # Looks like another format where it begins.
        data[at:at] = b"\x01\x1f\x8b\x08" * 200
open(sys.argv[2], "wb").write(data)
PYTHON

# readable FILE: flows, packets, octets of those whose columns are all whole
readable()
{
	"$BUILD/flowd-reader" --format csv --columns \
	    packets,octets,tag,recv_time,agent,src_addr,dst_addr,src_port,dst_port,protocol \
	    "$1" 2>/dev/null | sed 1d |
	    awk -F, '{ n++; p += $1; o += $2 }
		END { print n + 0 "," (n ? p : "None") "," (n ? o : "None") }'
}

for kind in flips zeros cuts more; do
	"$PYTHON" damage.py whole $kind $kind
	for batch in 16 5000; do
		rm -f flows.sqlite
		tool sql --create --batch $batch $kind 2>err
		is "of a log with $kind, $batch at a time: status 2" $? 2
		is "all that is readable is inserted" "$(ask "$TOTALS")" \
		    "$(sums $kind)"
	done
	ok "it is told where" has err "^flowd-sql: $kind: offset [0-9]"
	tool sql --batch 100 $kind 2>err
	is "again it is known" "$? $(cat err)" "0 "
	is "and nothing is inserted" "$(ask "$TOTALS")" "$(sums $kind)"

	"$PYTHON" damage.py whole.flow $kind.flow $kind
	rm -f flows.sqlite
	tool sql --create --batch 100 $kind.flow 2>err
	is "of a segment with $kind: status 2" $? 2
	is "all that is readable is inserted, too" "$(ask "$TOTALS")" \
	    "$(readable $kind.flow)"
done

head -c 3000 /dev/urandom >rubbish
ok "rubbish is no log" not tool sql -d rubbish.sqlite --create rubbish
: >empty
ok "an empty file is one" tool sql empty
done_testing
