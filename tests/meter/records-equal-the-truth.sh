# Every direction of every conversation, in each dialect: its packets, bytes,
# flags, type of service, and who began.
. "${0%/*}/../lib.sh"
. "${0%/*}/../export.sh"

python3 "$TRAFFIC" make 1 "$WORK/traffic" "$WORK/truth"
ok "traffic is exported as NetFlow 5" export_of "$WORK/traffic" -v 5
ok "which tells all that is IPv4" exports_are -4 -i "$WORK/truth"
ok "and as NetFlow 1" export_of "$WORK/traffic" -v 1
ok "which tells all that is IPv4" exports_are -4 -i "$WORK/truth"
ok "and as IPFIX" export_of "$WORK/traffic" -v 10
ok "which tells all of it" exports_are "$WORK/truth"

python3 "$TRAFFIC" make 2 "$WORK/traffic" "$WORK/truth"
ok "other traffic is exported as NetFlow 9" export_of "$WORK/traffic" -v 9
ok "which tells all of it" exports_are "$WORK/truth"
ok "and as biflows" export_of "$WORK/traffic" -v 10 -b
ok "which tell all of it" exports_are -b "$WORK/truth"
ok "options change nothing of it" export_of "$WORK/traffic" -v 10 -A nano \
    -T ether -x 3 --tcp --names --if-name
ok "all is told" exports_are "$WORK/truth"

# A comparison that finds nothing is to be doubted.
sed '7s/"octets":[0-9]*/"octets":1/' "$WORK/json" >"$WORK/other"
ok "a value that differs is told" \
    status 1 python3 "$TRAFFIC" check "$WORK/truth" "$WORK/other"
sed 7d "$WORK/json" >"$WORK/other"
ok "a record that is missing is told" \
    status 1 python3 "$TRAFFIC" check "$WORK/truth" "$WORK/other"

done_testing
