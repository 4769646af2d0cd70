#!/bin/sh
# The packets of the compatibility fixtures, sent to flowd with each of their
# configurations, make the records that the original flowd made, byte for byte
# apart from the time of arrival and the differences that docs/store.md lists.
. "${0%/*}/../lib.sh"
need_shared compat/flowd-logs/packets
need_tool python3

fixtures=$FLOWD_SHARED/compat/flowd-logs
compare=$TOP/tests/tools/same-records.py

# The original's first 17 packets came from 127.0.0.1, the others from ::1.
send_all()
{
	for packet in "$fixtures"/packets/*.bin; do
		send -s 127.0.0.1 127.0.0.1 "$1" "$packet" || return 1
	done
	for again in 01-v5-3flows 04-v9-templates-4and6 06-v9-ipv6-2flows; do
		send -s ::1 ::1 "$1" "$fixtures/packets/$again.bin" || return 1
	done
}

for name in all all-nocrc few-nocrc addr-crc engine tags nostore v4only \
    v6only; do
	PORT=$(free_port)
	rm -f "$WORK/$name.bin" "$WORK/$name.pid" "$STATS"
	sed -e "s|@DIR@|$WORK|" -e "s|:12345|:$PORT|" -e '/^logsock/d' \
	    "$fixtures/$name.conf" >"$WORK/flowd.conf"
	echo "statsfile \"$STATS\"" >>"$WORK/flowd.conf"
	start_flowd || exit 1
	ok "$name: the packets are sent" send_all "$PORT"
	ok "$name: they are received" wait_ledger received 20
	ok "$name: the ledger adds up" has "$STATS" '"balanced": true'
	stop_flowd
	ok "$name: the records are the original's" python3 "$compare" \
	    "$fixtures/$name.bin" "$WORK/$name.bin" "$name"
done
done_testing
