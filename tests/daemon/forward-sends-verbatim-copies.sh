#!/bin/sh
. "${0%/*}/../lib.sh"

set -- $(free_port 3)
PORT=$1
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
    "forward to 127.0.0.1:$2" "forward to [::1]:$3" || exit 1
background "$BIN/flowrecv" -n 3 -t 10 -r "$WORK/up4" 127.0.0.1 "$2" \
    >"$WORK/got4"
four=$BG_PID
background "$BIN/flowrecv" -n 3 -t 10 -r "$WORK/up6" ::1 "$3" >"$WORK/got6"
six=$BG_PID
wait_for 5 test -e "$WORK/up4" && wait_for 5 test -e "$WORK/up6"
"$BIN/mkexport" >"$WORK/sent" <<END
v5 seq=1 uptime=1000 time=1700000000
flow src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 proto=6 packets=1 octets=40
END
echo 'raw x:0009' | "$BIN/mkexport" >>"$WORK/sent"
echo 'raw x:ffff00' | "$BIN/mkexport" >>"$WORK/sent"
send 127.0.0.1 "$PORT" "$WORK/sent"
wait "$four" "$six"
tr -d ' \n' <"$WORK/got4" >"$WORK/got4.flat"
grep -v -e '^#' -e '^@' "$WORK/sent" | tr -d ' \n' >"$WORK/sent.flat"
ok "copies are what was received, the malformed ones too" \
    cmp "$WORK/got4.flat" "$WORK/sent.flat"
ok "each target gets them" cmp "$WORK/got4" "$WORK/got6"
ok "they are counted" wait_ledger forwarded 6
stop_flowd
done_testing
