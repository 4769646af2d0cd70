#!/bin/sh
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"
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
mkdir -m 750 "$ARCHIVE"
chgrp nogroup "$ARCHIVE"
start_flowd "logfile \"$WORK/flows\"" "archive \"$ARCHIVE\" rotate 1s" \
    "statsfile \"$STATS\"" \
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
# of_threads FIELD: what all of its threads have there
of_threads()
{
	awk -v f="^$1" '$0 ~ f { $1 = ""; print }' \
	    /proc/"$child"/task/*/status | sort -u
}
is "it has two threads" \
    "$(find /proc/"$child"/task -mindepth 1 -maxdepth 1 | wc -l | tr -d ' ')" 2
is "whose system calls are filtered" "$(of_threads Seccomp:)" " 2"
is "that can get no new privileges" "$(of_threads NoNewPrivs)" " 1"
is "that are not root" "$(of_threads Uid)" " $uid $uid $uid $uid"
is "nor in root's groups" "$(of_threads Gid)" " $gid $gid $gid $gid"
is "without capabilities" "$(of_threads 'Cap(Prm|Eff)')" " 0000000000000000"
is "its log is write-only and append-only" \
    "$(for f in /proc/"$child"/fd/*; do
	[ "$(readlink "$f")" = "$WORK/flows" ] || continue
	flags=$(awk '/^flags/ { print $2 }' /proc/"$child"/fdinfo/"${f##*/}")
	echo $((flags & 02003))
    done)" $((02001))
is "and so are its segments" \
    "$(for f in /proc/"$child"/fd/*; do
	case $(readlink "$f") in "$ARCHIVE"/*.live*) ;; *) continue ;; esac
	flags=$(awk '/^flags/ { print $2 }' /proc/"$child"/fdinfo/"${f##*/}")
	echo $((flags & 02003))
    done | sort -u)" $((02001))
"$BIN/flowgen" -f v5 -c 1 127.0.0.1 "$PORT" >/dev/null
ok "and it collects" wait_ledger stored 30
ok "into the archive, too, which is sealed" wait_for 15 all_sealed
is "all is there" "$(archive_has flows)" 30
is "whoever may read the archive may read its segments" \
    "$(find "$ARCHIVE" -name '*.flow' -exec stat -c '%U %G %a' {} +)" \
    "root nogroup 640"
is "and directories" "$(stat -c '%U %G %a' "$ARCHIVE"/*)" "root nogroup 750"
stop_flowd
is "it ends with status 0" "$FLOWD_STATUS" 0
[ -z "$made" ] || userdel _flowd
done_testing
