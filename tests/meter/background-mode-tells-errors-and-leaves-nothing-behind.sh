#!/bin/sh
# Without root: packets come from another softflowd.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"

find_meter
# shellcheck disable=SC2046 # three words
set -- $(free_port 3)
capture 5 "$WORK/five.pcap"

daemon()
{
	as_user_wait "$METER" -a -R "$1" -p "$WORK/pid" -c "$SOCK" \
	    -n "127.0.0.1:$2" >"$WORK/daemon.out" 2>"$WORK/daemon.err"
}

# fails ARGUMENT...: with status 1, and words in $WORK/errors
fails()
{
	as_user_wait "$METER" "$@" 2>"$WORK/errors"
	[ $? -eq 1 ]
}

ok "a collector that cannot be is an error, in the background too" \
    fails -R "$1" -p "$WORK/pid" -c "$SOCK" -n "127.0.0.1:$2" -e 192.0.2.1
ok "it is said on standard error" has "$WORK/errors" 'source address'
is "in one line" "$(wc -l <"$WORK/errors" | tr -d ' ')" 1
ok "no pid file is left" test ! -e "$WORK/pid"
ok "nor a control socket" test ! -e "$SOCK"

# A number that nobody has: the largest that Linux gives out is below.
echo 4194999 >"$WORK/pid"
chmod 666 "$WORK/pid"
collect "$2" 1
ok "a pid file of one that died is no obstacle" daemon "$1" "$2"
is "nothing is said when all is well" "$(cat "$WORK/daemon.out" \
    "$WORK/daemon.err")" ""
pid=$(cat "$WORK/pid")
started="$started $pid"
ok "the file has the number of a process that runs" alive "$pid"
ok "it answers at once" control statistics
ok "a second one does not start" fails -R "$3" -p "$WORK/pid" \
    -c "$WORK/ctl2"
ok "and says who runs" has "$WORK/errors" "process $pid"
is "the file of the first is as it was" "$(cat "$WORK/pid")" "$pid"
ok "nor does one with its control socket" fails -R "$3" -p "$WORK/pid2" \
    -c "$SOCK"
ok "which answers still" control statistics

play "$WORK/five.pcap" "$1"
ok "it takes packets" wait_for 5 processed 10
ok "none was exported yet" collected 0
kill -HUP "$pid"
ok "SIGHUP does not end it" control statistics
kill -TERM "$pid"
ok "SIGTERM does" wait_for 10 not alive "$pid"
ok "all flows were exported then" wait_for 5 collected 1
is "each of them" "$(flows_of_v5)" 5
ok "the pid file is gone" test ! -e "$WORK/pid"
ok "and so is the control socket" test ! -e "$SOCK"

# As others could make one, of a file that is not theirs, for root to write to.
echo precious >"$WORK/precious"
chmod 666 "$WORK/precious"
for kind in "" -s; do
	rm -f "$WORK/link"
	ln $kind "$WORK/precious" "$WORK/link"
	ok "it starts with a link${kind:+ $kind} as its pid file" \
	    as_user_wait "$METER" -R "$1" -p "$WORK/link" -c "$SOCK"
	is "which it leaves alone" "$(cat "$WORK/precious")" precious
	control exit >/dev/null
	ok "it ends" wait_for 10 test ! -e "$SOCK"
	is "and the link is there" "$(cat "$WORK/link")" precious
done
done_testing
