#!/bin/sh
. "${0%/*}/../lib.sh"
need_root
[ "$(uname)" = Linux ] || skip_all "reads /proc"

PORT=$(free_port)
made=
if ! id _flowd >/dev/null 2>&1; then
	useradd -r -M -d /var/empty -s /usr/sbin/nologin _flowd ||
	    skip_all "cannot make the user _flowd"
	made=yes
fi
mkdir -p /var/empty
AS_ROOT=yes
start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" || exit 1
child=$(collector_pid)
uid=$(id -u _flowd) gid=$(id -g _flowd)
is "the parent is root" "$(awk '/^Uid/ { print $2 }' /proc/"$FLOWD_PID"/status)" 0
is "the collector is not, in any way" \
    "$(awk '/^Uid/ { print $2, $3, $4, $5 }' /proc/"$child"/status)" \
    "$uid $uid $uid $uid"
is "nor in root's groups" \
    "$(awk '/^Gid/ { print $2, $3, $4, $5 }' /proc/"$child"/status)" \
    "$gid $gid $gid $gid"
is "or any other" "$(awk '/^Groups/ { print $2 }' /proc/"$child"/status)" "$gid"
is "it has no capabilities" \
    "$(awk '/^Cap(Prm|Eff)/ { print $2 }' /proc/"$child"/status | sort -u)" \
    0000000000000000
is "it is in its directory" "$(readlink /proc/"$child"/root)" /var/empty
is "its system calls are filtered" \
    "$(awk '/^Seccomp:/ { print $2 }' /proc/"$child"/status)" 2
is "it can get no new privileges" \
    "$(awk '/^NoNewPrivs/ { print $2 }' /proc/"$child"/status)" 1
is "its log is write-only and append-only" \
    "$(for f in /proc/"$child"/fd/*; do
	[ "$(readlink "$f")" = "$WORK/flows" ] || continue
	flags=$(awk '/^flags/ { print $2 }' /proc/"$child"/fdinfo/"${f##*/}")
	echo $((flags & 02003))
    done)" $((02001))
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "and it collects" wait_ledger stored 30
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
[ -z "$made" ] || userdel _flowd
done_testing
