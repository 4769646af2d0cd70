#!/bin/sh
# Open vSwitch between the ends of a wire, with its datapath in user space: what
# it exports as NetFlow 5, IPFIX and sFlow is stored as a capture of the wire has it,
# and nfcapd agrees.
. "${0%/*}/../lib.sh"
. "${0%/*}/../wire.sh"
need_root
need_tool ovs-vswitchd ovsdb-server ovsdb-tool ovs-vsctl nfcapd nfdump
own_network
wire_cut
cd "$WORK" || exit 1

# All that it keeps is in the directory of the test.
schema=/usr/share/openvswitch/vswitch.ovsschema
OVS_RUNDIR=$WORK OVS_LOGDIR=$WORK OVS_DBDIR=$WORK
export OVS_RUNDIR OVS_LOGDIR OVS_DBDIR

vsctl()
{
	ovs-vsctl --db="unix:$WORK/db.sock" --timeout=5 "$@"
}

switch_up()
{
	ovsdb-tool create "$WORK/conf.db" $schema || return 1
	background ovsdb-server "$WORK/conf.db" --remote="punix:$WORK/db.sock" \
	    --unixctl="$WORK/db.ctl" >db.out 2>&1
	wait_for 5 test -S db.sock || return 1
	background ovs-vswitchd "unix:$WORK/db.sock" --disable-system \
	    --unixctl="$WORK/vs.ctl" >vs.out 2>&1
	vsctl add-br br0 -- set bridge br0 datapath_type=netdev \
	    -- add-port br0 p0 -- add-port br0 p1 \
	    -- set Open_vSwitch . other_config:max-idle=500
}
switch_up || skip_all "Open vSwitch does not start here: $(tail -n 1 vs.out)"
wait_for 5 has vs.out 'added interface p1' || skip_all \
    "its datapath in user space does not work here: $(tail -n 1 vs.out)"

# metered ARGUMENT...: the wire's traffic, exported by what these set up
metered()
{
	collectors_up || exit 1
	# shellcheck disable=SC2046 # words
	vsctl $(printf '%s\n' "$@" | sed "s/PORT/$PORT/") >/dev/null
	sleep 0.3
	capture_on v0 wire.pcap
	wire_pid=$CAPTURE_PID
	traffic
	# Until what is idle has expired.
	sleep 2.5
	vsctl clear bridge br0 netflow ipfix sflow
	CAPTURE_PID=$wire_pid
	capture_ends
	collectors_down
}

# Its octets are those of the frames.
metered -- set bridge br0 netflow=@n -- --id=@n create NetFlow \
    'targets="127.0.0.1:PORT"' active-timeout=1
truth -l wire.pcap | grep -v : >sent.txt
agree NetFlow sent.txt

# It samples packets on their way in and on their way out.  Its switches for
# that are wired the wrong way round: true turns them off.  nfdump takes its
# total counters for those of a record.
metered -- set bridge br0 ipfix=@i -- --id=@i create IPFIX \
    'targets="127.0.0.1:PORT"' sampling=1 cache_active_timeout=1 \
    other_config:enable-output-sampling=true
truth wire.pcap >sent.txt
ours packets octets >ours.txt
ok "IPFIX: flowd has what was on the wire" same ours.txt sent.txt
in_full packets octets direction | cut -d ' ' -f 1-8 | awk '$8 > 0' >out.txt
is "IPFIX: nothing was sampled on its way out" "$(cat out.txt)" ""

# Octets are those of the frame and the 4 of its checksum.
metered -- set bridge br0 sflow=@s -- --id=@s create sFlow agent=lo \
    'target="127.0.0.1:PORT"' header=128 sampling=1 polling=0
truth -l wire.pcap | awk '{ $7 += 4 * $6; print }' >sent.txt
in_full packets octets >full.txt
ok "sFlow: flowd has what was on the wire" same full.txt sent.txt
done_testing
