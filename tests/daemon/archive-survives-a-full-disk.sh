#!/bin/sh
# A small file system of its own: it is full, and then has room again; and it
# has less free than is asked for, which stops, alarms and expires.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"
need_root
need_tool unshare mount

# The mount ends with its namespace.
if [ -z "${FLOWD_OWN_MOUNTS:-}" ]; then
	unshare -m true 2>/dev/null || skip_all "no mount namespaces here"
	rm -rf "$WORK"
	FLOWD_OWN_MOUNTS=yes exec unshare -m sh "$0"
fi

PORT=$(free_port)
DISK=$WORK/disk
ARCHIVE=$DISK/archive
mkdir "$DISK"
mount -t tmpfs -o "size=8m,uid=$(id -u "$TEST_USER"),mode=755" none "$DISK" ||
    skip_all "no tmpfs here"
others="statsfile \"$STATS\"
pidfile \"$WORK/pid\"
listen on 127.0.0.1:$PORT"

# take MEGABYTES: so much of the disk is somebody else's
take()
{
	dd if=/dev/zero of="$DISK/ballast" bs=1048576 count="$1" 2>/dev/null
}

# send DATAGRAMS
load()
{
	"$BIN/flowgen" -f v5 -r 5000 -c "$1" -S "$1" 127.0.0.1 "$PORT" \
	    >/dev/null
}

# What was written in part is taken back behind what is said of it.
ends_with_a_block()
{
	[ "$(archive_has damaged)" = 0 ]
}

reload()
{
	conf "$@" "$others"
	_n=$(grep -c 'configuration reloaded' "$WORK/flowd.err")
	kill -HUP "$FLOWD_PID"
	wait_logged 'configuration reloaded' $((_n + 1))
}

start_flowd "archive \"$ARCHIVE\" rotate 1d" "$others" || exit 1
load 100
ok "flows are archived" wait_ledger archived 3000
take 8
load 101
ok "on a full disk they wait" wait_ledger archive_pending 3030
ok "the trouble is logged" wait_logged 'No space left'
ok "the ledger adds up" has "$STATS" '"balanced": true'
ok "the segment ends with a block" wait_for 10 ends_with_a_block
is "it has what the ledger says" "$(archive_has flows)" 3000
rm "$DISK/ballast"
ok "with room again, what waited is archived" wait_ledger archived 6030
ok "the end of the trouble is logged" wait_logged 'writing works again'
is "none twice" "$(twice)" 0

ok "minfree: stop" reload "archive \"$ARCHIVE\" rotate 1d minfree 4M stop"
take 6
ok "it is said that nothing is written" wait_logged 'nothing is written'
load 102
ok "it waits" wait_ledger archive_pending 3060
is "nothing was written" "$(archive_has flows)" 6030
ok "the statistics say so" has "$STATS" '"held": true'
rm "$DISK/ballast"
ok "it goes on when there is enough" wait_ledger archived 9090
ok "that is said" wait_logged 'bytes free: enough'

ok "minfree: alarm" reload "archive \"$ARCHIVE\" rotate 1d minfree 50% alarm"
take 6
ok "it is said" wait_logged 'something has to be done'
load 103
ok "and flows are archived all the same" wait_ledger archived 12180
stats
ok "the statistics say so" has "$STATS" '"low": true'
is "nothing is removed" "$(kept expired)" 0
rm "$DISK/ballast"
ok "its end is said" wait_logged 'bytes free: enough' 2

ok "minfree: expire" reload "archive \"$ARCHIVE\" rotate 1s minfree 4M expire"
"$BIN/flowgen" -f v5 -r 500 -s 4 127.0.0.1 "$PORT" >/dev/null
first=$(segments | head -n 1)
take 6
ok "it is said that segments go" wait_logged 'segments are removed'
ok "the oldest goes" wait_for 10 not test -e "$first"
ok "that is told" wait_logged 'removed: the disk has less free'
rm "$DISK/ballast"
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
umount "$DISK"
done_testing
