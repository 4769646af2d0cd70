#!/bin/sh
# What the processes of a softflowd that root started have left.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
. "${0%/*}/../wire.sh"
need_root
[ "$(uname)" = Linux ] || skip_all "reads /proc"
own_network

METER_AS_ROOT=yes
find_meter
port=$(free_port)
mkdir -p /var/empty
uid=$(id -u nobody) gid=$(id -g nobody)

# field PID NAME: of its status
field()
{
	awk -v want="$2:" '$1 == want { $1 = ""; print substr($0, 2) }' \
	    "/proc/$1/status"
}

ok "a user that does not exist is refused" status 1 "$METER" -d -i lo \
    -c "$SOCK" --user nosuchuser
ok "and so is root" status 1 "$METER" -d -i lo -c "$SOCK" --user root
mkdir "$WORK/loose"
chmod 777 "$WORK/loose"
ok "and a directory that others can write to" status 1 "$METER" -d -i lo \
    -c "$SOCK" --user nobody --chroot "$WORK/loose"

exec 9>"$WORK/foreign"
for mode in -d background; do
	if [ "$mode" = -d ]; then
		start_meter -i lo --user nobody -n "127.0.0.1:$port"
		pid=$METER_PID
	else
		ok "it goes to the background" "$METER" -i lo --user nobody \
		    -p "$WORK/pid" -c "$SOCK" -n "127.0.0.1:$port" -P tcp
		pid=$(cat "$WORK/pid")
		started="$started $pid"
	fi
	is "$mode: the monitor is root" "$(field "$pid" Uid)" "0 0 0 0"
	is "$mode: there are two others" \
	    "$(children "$pid" | wc -l | tr -d ' ')" 2
	for child in $(children "$pid"); do
		is "$mode: another is nobody, in any way" \
		    "$(field "$child" Uid)" \
		    "$uid $uid $uid $uid"
		is "$mode: and in no group of root's" \
		    "$(field "$child" Gid)" \
		    "$gid $gid $gid $gid"
		is "$mode: or in any other" \
		    "$(field "$child" Groups | tr -d ' ')" "$gid"
		is "$mode: it has no capabilities" \
		    "$(awk '/^Cap(Prm|Eff)/ { print $2 }' \
		    "/proc/$child/status" | sort -u)" 0000000000000000
		is "$mode: it is in its directory" \
		    "$(readlink "/proc/$child/root")" /var/empty
		is "$mode: its system calls are filtered" \
		    "$(field "$child" Seccomp)" 2
		is "$mode: it can get no new privileges" \
		    "$(field "$child" NoNewPrivs)" 1
		is "$mode: it has nothing of who started it" \
		    "$(readlink "/proc/$child/fd/"* | grep -c "$WORK/foreign")" 0
		is "$mode: it leaves no core" \
		    "$(awk '/^Max core/ { print $5 }' \
		    "/proc/$child/limits")" 0
	done
	is "$mode: one of them has counters that it cannot write" \
	    "$(for child in $(children "$pid"); do
		grep -h "softflowd.counters" "/proc/$child/maps" |
		    awk '{ print $2 }'
	    done | sort | tr '\n' ' ')" "r--s rw-s "
	ping -c 3 -i 0.2 -q 127.0.0.1 >/dev/null
	ok "$mode: it meters" wait_for 5 processed '[1-9][0-9]*'
	is "$mode: the socket is for root alone" \
	    "$(stat -c '%U %a' "$SOCK")" "root 600"
	kill "$pid"
	ok "$mode: it ends" wait_for 20 not alive "$pid"
	ok "$mode: the socket is gone" test ! -e "$SOCK"
done
ok "the pid file is gone" test ! -e "$WORK/pid"

start_meter -i lo --user nobody --control-owner nobody --control-mode 0660
is "the socket is whose it should be" "$(stat -c '%U %a' "$SOCK")" "nobody 660"
ok "who can use it" as_user_wait "$CTL" -c "$SOCK" statistics
ok "it ends with status 0" stop_meter
done_testing
