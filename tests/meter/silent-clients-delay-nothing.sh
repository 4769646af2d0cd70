#!/bin/sh
# Clients of the control socket that say nothing, or do not read: packets are
# counted, and others answered.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
need_tool python3

find_meter
PORT=$(free_port)
capture 100 "$WORK/t.pcap"
start_meter -a -R "$PORT" || exit 1

# Fifteen that are silent, of which the last takes nothing of a dump.
background python3 -c '
import socket, sys, time
all = []
for i in range(15):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    all.append(s)
s.send(b"dump-flows\n")
print("ready", flush=True)
time.sleep(60)
' "$SOCK" >"$WORK/silent"
ok "fifteen clients are silent" wait_for 5 has "$WORK/silent" ready
play "$WORK/t.pcap" "$PORT"
ok "packets are counted meanwhile" wait_for 5 processed 200
is "a command is carried out meanwhile" \
    "$(control expire-all | sed 's/.*: //')" "Expired 100 flows."
stop_meter
is "and they do not keep it from ending" "$METER_STATUS" 0
done_testing
