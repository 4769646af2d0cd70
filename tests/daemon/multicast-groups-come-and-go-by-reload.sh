#!/bin/sh
# In a network of its own, with a cable that leads nowhere.
. "${0%/*}/../lib.sh"
[ "$(uname)" = Linux ] || skip_all "needs the network namespaces of Linux"
need_root
need_tool unshare ip
if [ -z "${IN_NAMESPACE:-}" ]; then
	unshare -n true 2>/dev/null || skip_all "no network namespace to be had"
	rm -rf "$WORK"
	IN_NAMESPACE=yes exec unshare -n sh "$0"
fi
{
	ip link set lo up && ip link add mc0 type veth peer name mc1 &&
	    ip link set mc0 up && ip link set mc1 up &&
	    ip addr add 192.0.2.1/24 dev mc0 &&
	    ip addr add fe80::1/64 dev mc0 nodad &&
	    ip route add 224.0.0.0/4 dev mc0
} 2>"$WORK/err" || skip_all "no interface: $(head -n 1 "$WORK/err")"

v4=224.0.1.20
v6=ff02::114%mc0
PORT=$(free_port)

# configure GROUP...
configure()
{
	conf "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 0.0.0.0:$PORT" \
	    "listen on [::]:$PORT"
	for group in "$@"; do
		echo "join group $group" >>"$WORK/flowd.conf"
	done
}

reloads=0
reload()
{
	configure "$@"
	reloads=$((reloads + 1))
	kill -HUP "$FLOWD_PID"
	wait_logged 'configuration reloaded' $reloads
}

# A datagram to each, and one that arrives whatever is joined: behind it the
# others have come, or do not.
send_all()
{
	"$BIN/flowgen" -f v5 -c 1 $v4 "$PORT" >/dev/null &&
	    "$BIN/flowgen" -f v5 -c 1 "$v6" "$PORT" >/dev/null &&
	    "$BIN/flowgen" -f v5 -c 1 192.0.2.1 "$PORT" >/dev/null &&
	    "$BIN/flowgen" -f v5 -c 1 fe80::1%mc0 "$PORT" >/dev/null &&
	    sleep 0.2
}

# Somebody else on this machine is in both groups, all the time.
other=$(free_port)
start_flowd "logfile \"$WORK/other\"" "pidfile \"$WORK/other.pid\"" \
    "listen on 0.0.0.0:$other" "listen on [::]:$other" \
    "join group $v4" "join group $v6" || exit 1

configure
start_flowd || exit 1
ok "datagrams can be sent" send_all
ok "what is not joined does not arrive" wait_ledger received 2
reload $v4
send_all
ok "a group that a reload adds is joined" wait_ledger received 5
reload "$v6"
send_all
ok "an IPv6 group of an interface comes, that of IPv4 goes" \
    wait_ledger received 8
reload $v4 "$v6"
send_all
ok "both are joined" wait_ledger received 12
reload
send_all
ok "both are left" wait_ledger received 14
ok "each flow is stored" wait_ledger stored $((14 * 30))
configure $v4 ff02::114%nosuch
kill -HUP "$FLOWD_PID"
ok "a group that cannot be joined is told, by name" \
    wait_logged 'join group .ff02::114%nosuch.: '
ok "and refuses the reload" wait_logged 'everything stays as it was'
send_all
ok "what was not joined before is not now" wait_ledger received 16
conf "logfile \"$WORK/flows\"" "listen on [::]:$PORT" "join group $v4"
kill -HUP "$FLOWD_PID"
ok "a group that no socket can join is told" \
    wait_logged "join group $v4: there is no IPv4 address to listen on"
ok "the ledger adds up" has "$STATS" '"balanced": true'
stop_flowd
done_testing
