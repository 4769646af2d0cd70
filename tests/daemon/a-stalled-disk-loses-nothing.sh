#!/bin/sh
# Writes do not come back for some seconds, under load, with a rotation of the
# log and a reload meanwhile: who receives does not notice.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"
. "${0%/*}/faults.inc"

PORT=$(free_port)
start_faulty "logfile \"$WORK/flows\"" "archive \"$ARCHIVE\" rotate 1s" \
    "statsfile \"$STATS\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT" || exit 1

# load SEED
load()
{
	"$BIN/flowgen" -f v5 -r 1000 -c 500 -S "$1" 127.0.0.1 "$PORT" >/dev/null
}

load 1
ok "flows are stored" wait_ledger stored 15000
ok "and archived" wait_ledger archived 15000
faults 0 -1
load 2
ok "a disk that stalls: flows go on to be taken" wait_ledger records 30000
mv "$WORK/flows" "$WORK/flows.0"
kill -USR1 "$FLOWD_PID"
ok "another log is there at once" wait_for 5 test -e "$WORK/flows"
load 3
kill -HUP "$FLOWD_PID"
ok "a reload does not wait for the disk" wait_logged 'configuration reloaded'
load 4
ok "all are taken" wait_ledger records 60000
ok "nothing more was stored" wait_ledger stored 15000
is "nor archived" "$(counter archived)" 15000
ok "the sums hold" has "$STATS" '"balanced": true'
faults 0 0
ok "when the disk goes on, all are stored" wait_ledger stored 60000
ok "and archived" wait_ledger archived 60000
is "none was dropped by the kernel" "$(counter kernel_drops)" 0
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
first=$(reader --format csv --columns octets "$WORK/flows.0" 2>"$WORK/err" |
    sed 1d | wc -l | tr -d ' ')
second=$(reader --format csv --columns octets "$WORK/flows" 2>>"$WORK/err" |
    sed 1d | wc -l | tr -d ' ')
is "both logs have them" $((first + second)) 60000
ok "what came before the rotation is in the first" test "$first" -ge 30000
ok "what came after it in the second" test "$second" -ge 15000
ok "without damage" not test -s "$WORK/err"
is "the archive has them" "$(archive_has flows)" 60000
is "none twice" "$(twice)" 0
is "none damaged" "$(archive_has damaged)" 0
done_testing
