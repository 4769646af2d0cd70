#!/bin/sh
# A warning, and flowd goes on without, or with what is whole.
. "${0%/*}/../lib.sh"

PORT=$(free_port)
KEPT=$WORK/flowd.state
"$BIN/mkexport" >"$WORK/template" <<END
v9 seq=1 uptime=1000 time=1700000000 source=7
template 256 8:4 12:4 2:4 1:4
END
"$BIN/mkexport" >"$WORK/other" <<END
v9 seq=1 uptime=1000 time=1700000000 source=8
template 256 8:4 12:4 2:4 1:4
END

start()
{
	start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
	    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
	    "statefile \"$KEPT\""
}

# warns PROMISE PATTERN: with the state file as it is
warns()
{
	start || exit 1
	ok "$1: it is said" wait_logged "$2"
	ok "$1: flowd runs" alive "$FLOWD_PID"
	ok "$1: and ends well" stop_flowd
}

start || exit 1
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/template" "$WORK/other"
ok "two templates are learned" wait_ledger templates 2
stop_flowd
cp "$KEPT" "$WORK/good"
size=$(($(wc -c <"$WORK/good")))

damage()
{
	cp "$WORK/good" "$KEPT"
	[ "$(id -u)" -ne 0 ] || chown "$TEST_USER" "$KEPT"
	chmod 600 "$KEPT"
}

damage
printf 'X' | dd of="$KEPT" bs=1 seek=60 conv=notrunc 2>/dev/null
warns "a byte is wrong" \
    'state: 1 exporters, 1 templates, 0 facts of 20.*Z loaded, 1 skipped'
damage
dd if="$WORK/good" of="$KEPT" bs=1 count=$((size - 40)) 2>/dev/null
warns "its end is missing" 'damaged in .* and its end is missing'
damage
printf '\002' | dd of="$KEPT" bs=1 seek=4 conv=notrunc 2>/dev/null
warns "a later version" 'state: not loaded: it was written by a later flowd'
damage
head -c 5000 /dev/urandom >"$KEPT"
warns "garbage" "state: not loaded: no state of flowd's"
damage
: >"$KEPT"
warns "an empty file" "state: not loaded: no state of flowd's"
damage
chmod 666 "$KEPT"
warns "others may write to it" 'statefile .*others may write to it'
damage
truncate -s 65M "$KEPT"
warns "a file of 65 MB" 'statefile .*is too large'

mv "$WORK/good" "$WORK/elsewhere"
cp "$WORK/elsewhere" "$WORK/good"
ln -sf "$WORK/elsewhere" "$KEPT"
warns "a symbolic link" 'statefile .*: not loaded: '
is "what it pointed to is as it was" \
    "$(cmp "$WORK/elsewhere" "$WORK/good" && echo same)" same
ok "and the link is a file now" test ! -L "$KEPT"

rm -f "$KEPT"
mkdir "$KEPT"
warns "a directory" 'statefile .*: not loaded: is no regular file'
rmdir "$KEPT"

mkdir "$WORK/closed"
chmod 555 "$WORK/closed"
KEPT=$WORK/closed/state
start || exit 1
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/template"
ok "it cannot be written: that is said" wait_logged \
    'statefile .*: cannot be written: Permission denied'
sleep 2
is "once" "$(grep -c 'cannot be written' "$WORK/flowd.err")" 1
ok "and flowd runs" wait_ledger templates 1
ok "and ends well" stop_flowd
chmod 755 "$WORK/closed"
done_testing
