#!/bin/sh
# NetFlow 8 tells of prefixes where others tell of hosts: rules and the log take
# them as addresses, with their length beside them.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
    "accept all" "accept tag 5 src 10.1.0.0/16 dst 10.2.0.0/15" || exit 1
send -s 127.0.0.1 127.0.0.1 "$PORT" "$TOP/tests/decode/v8.hex"
ok "each flow is stored" wait_ledger stored 16
ok "and every datagram is counted" wait_ledger received 21
is "as one of version 8" "$(counter decoded_v8)" 16
is "or of a scheme that nobody knows" "$(counter unsupported)" 3
is "or as malformed" "$(counter malformed)" 2
is "what is missing is counted for each scheme" "$(counter seq_lost)" 3
ok "the ledger adds up" has "$STATS" '"balanced": true'
stop_flowd
is "prefixes are matched by rules" \
    "$(reader --format csv --columns tag,src_addr,src_mask,dst_addr,dst_mask \
	"$WORK/flows" | grep '^5,' | sort | uniq -c | tr -s ' ')" \
    " 3 5,10.1.0.0,16,10.2.2.0,23"
is "and so are the hosts of others" \
    "$(reader --format csv --columns src_addr,dst_addr \
	--filter 'dst 10.0.0.2' "$WORK/flows" | sed 1d | tr '\n' ' ')" \
    ",10.0.0.2 10.0.0.1,10.0.0.2 10.0.0.1,10.0.0.2 "

done_testing
