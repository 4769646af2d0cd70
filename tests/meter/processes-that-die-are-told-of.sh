#!/bin/sh
# Of the processes of softflowd any can be killed: it is logged, who can goes
# on or exports what it has, and no file is left.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../wire.sh"
need_root
need_tool python3
own_network
wire_up

METER_AS_ROOT=yes
PORT=$(free_port)

# the WORD: the first process of that title
the()
{
	for _pid in $(children "$METER_PID"); do
		tr '\0' ' ' <"/proc/$_pid/cmdline" | grep -q ": $1" || continue
		echo "$_pid"
		return
	done
}

start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
start_meter -i v0 -j 2 --user nobody -v 10 -n "127.0.0.1:$PORT" \
    udp port 49999 || exit 1
kill -9 "$(the control)"
ok "that nobody answers is logged" wait_for 5 has "$WORK/meter.err" \
    'control: ended by signal 9'
ok "by the meters as well" wait_for 5 has "$WORK/meter.err" \
    'the control process is gone'
is "which live on" "$(children "$METER_PID" | wc -l | tr -d ' ')" 2
filler
ok "SIGTERM ends it with status 0" stop_meter
stop_flowd
is "all that came later is in records" \
    "$(reader --format ndjson "$WORK/flows" | sed \
    's/.*"packets":\([0-9]*\).*/\1/' | awk '{ n += $1 } END { print n }')" 4000
ok "the control socket is gone" test ! -e "$SOCK"

start_meter -i v0 -j 2 --user nobody -v 10 -n "127.0.0.1:$PORT" || exit 1
filler
kill -9 "$(the meter)"
ok "a meter that dies ends all" wait_for 20 not alive "$METER_PID"
wait "$METER_PID"
is "with status 1" $? 1
ok "it is logged" has "$WORK/meter.err" 'meter: ended by signal 9'
is "only the one died" "$(grep -c ended "$WORK/meter.err")" 1
ok "the control socket is gone" test ! -e "$SOCK"

start_meter -i v0 -j 2 --user nobody -v 10 -n "127.0.0.1:$PORT" || exit 1
_all="$(children "$METER_PID" | tr '\n' ' ')"
kill -9 "$METER_PID"
for _pid in $_all; do
	ok "without its monitor, none stays" wait_for 20 not alive "$_pid"
done
done_testing
