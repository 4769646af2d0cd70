#!/bin/sh
# What flowd-exporters(7) says to type for exporters that are at hand works as
# it stands there: taken out of the page and run, in a network where 192.0.2.1 is
# the collector and eth0 the interface, it makes flows of the wire's traffic.
. "${0%/*}/../lib.sh"
. "${0%/*}/../wire.sh"
need_root
own_network
cd "$WORK" || exit 1
page=$TOP/flowd-exporters.7

# typed NAME: the blocks behind the heading that the page marks as to be run
typed()
{
	awk -v want=".Ss $1" '
	    /^\.S[sh]/ { here = $0 == want }
	    here && /^\.\\" run/ { run = 1; next }
	    run && /^\.Ed/ { run = 0; print "" }
	    run && !/^\.Bd/ { gsub(/\\e/, "\\"); print }' "$page"
}

# Their files are where Debian has them, on a file system of the test's own.
mount -t tmpfs none /run
mkdir -p /run/softflowd/chroot
ip addr add 192.0.2.1/32 dev lo

collect()
{
	rm -f flows
	start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 192.0.2.1:2055" || exit 1
}

# all_there [N]: each conversation of IPv4 that has ports, or N of them
all_there()
{
	_found=$(reader --format csv --columns src_addr,src_port,dst_addr flows |
	    grep -c '^10\.9\.0\.1,4[01]00[1-8],10\.9\.0\.2' )
	[ "$_found" -ge "${1:-11}" ] || {
		echo "only $_found flows"
		reader --format csv --columns src_addr,src_port,dst_addr flows
		return 1
	}
}

# Packets go through a switch, or the two plugs are bridged.
switch_up()
{
	mkdir /run/openvswitch
	ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
	OVS_RUNDIR=/run/openvswitch OVS_LOGDIR=$WORK OVS_DBDIR=$WORK
	export OVS_RUNDIR OVS_LOGDIR OVS_DBDIR
	background ovsdb-server conf.db --unixctl=/run/openvswitch/db.ctl \
	    --remote=punix:/run/openvswitch/db.sock >db.out 2>&1
	wait_for 5 test -S /run/openvswitch/db.sock
	background ovs-vswitchd --disable-system \
	    --unixctl=/run/openvswitch/vs.ctl >vs.out 2>&1
	ovs-vsctl --timeout=5 add-br br0 -- set bridge br0 \
	    datapath_type=netdev -- add-port br0 p0 -- add-port br0 p1 \
	    -- set Open_vSwitch . other_config:max-idle=500
	wait_for 5 has vs.out 'added interface p1'
}

if command -v ovs-vswitchd >/dev/null && command -v ovsdb-tool >/dev/null; then
	wire_cut eth0
	switch_up || exit 1
else
	wire_up eth0
fi

if command -v softflowctl >/dev/null; then
	typed "Linux: softflowd" >softflowd.sh
	collect
	ok "softflowd: it starts" sh -e softflowd.sh
	wait_for 5 softflowctl statistics
	traffic && filler
	sleep 0.5
	softflowctl shutdown >/dev/null
	ok "softflowd: the flows come" wait_for 5 all_there
	stop_flowd
else
	skip "softflowd: the flows come" "there is no softflowd here"
fi

if command -v pmacctd >/dev/null; then
	typed "Linux: pmacct" >pmacctd.conf
	collect
	background pmacctd -f pmacctd.conf >pmacctd.out 2>&1
	pmacctd=$BG_PID
	ok "pmacct: it starts" wait_for 5 has pmacctd.out 'Exporting flows'
	sleep 0.5
	traffic && filler
	sleep 0.5
	kill -INT "$pmacctd"
	ok "pmacct: the flows come" wait_for 8 all_there
	stop_flowd
else
	skip "pmacct: the flows come" "there is no pmacctd here"
fi

# One packet in 64 is a flow of sFlow, and the filler has 4000.
sampled()
{
	test "$(ledger records)" -gt 20
}

# It has one block for each protocol.
block()
{
	typed "Linux: Open vSwitch" | awk -v RS= -v n="$1" 'NR == n'
}

if [ -n "${OVS_RUNDIR:-}" ]; then
	for n in 1 2 3; do
		block $n >ovs.sh
		protocol=$(grep -oE 'create [A-Za-z]+' ovs.sh)
		collect
		ok "Open vSwitch: $protocol is taken" sh -e ovs.sh
		sleep 0.3
		traffic
		if [ $n -lt 3 ]; then
			sleep 3
			ovs-vsctl clear bridge br0 netflow ipfix sflow
			# Its NetFlow keeps what had one packet until later.
			ok "Open vSwitch: the flows of $protocol come" \
			    wait_for 5 all_there 10
		else
			filler
			ok "Open vSwitch: flows of $protocol come" \
			    wait_for 10 sampled
			ovs-vsctl clear bridge br0 netflow ipfix sflow
		fi
		stop_flowd
	done
else
	skip "Open vSwitch: the flows come" "there is no Open vSwitch here"
fi
done_testing
