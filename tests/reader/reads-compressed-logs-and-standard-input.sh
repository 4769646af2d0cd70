#!/bin/sh
# Logs may be compressed, whatever their name, and come from standard input.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

need_tool gzip
flows 1 40 "$WORK/flows" || exit 99
gzip -c "$WORK/flows" >"$WORK/log"
want=$(upto 40)

is "a plain log" "$(numbers "$WORK/flows")" "$want"
is "a compressed one" "$(numbers "$WORK/log")" "$want"
is "standard input" "$(numbers - <"$WORK/flows")" "$want"
is "compressed standard input" "$(numbers - <"$WORK/log")" "$want"
# shellcheck disable=SC2002 # a pipe is meant
is "a pipe" "$(cat "$WORK/flows" | numbers -)" "$want"
# shellcheck disable=SC2002
is "a compressed pipe" "$(cat "$WORK/log" | numbers -)" "$want"
# shellcheck disable=SC2002
is "all of them, in order" \
    "$(cat "$WORK/log" | numbers "$WORK/log" - "$WORK/flows")" \
    "$want $want $want"

trickle()
{
	bytes "$1" 0 1
	sleep 0.2
	bytes "$1" 1 300
	sleep 0.2
	bytes "$1" 301 100000
}
is "a pipe that trickles" "$(trickle "$WORK/flows" | numbers -)" "$want"
is "a compressed pipe that trickles" "$(trickle "$WORK/log" | numbers -)" \
    "$want"

cat "$WORK/log" "$WORK/log" >"$WORK/two"
is "compressed logs that cat made one of" "$(numbers "$WORK/two")" \
    "$want $want"

bytes "$WORK/log" 0 400 >"$WORK/short"
ok "a compressed log that ends early: status 2" status 2 \
    reader -q "$WORK/short"
reader -q "$WORK/short" 2>"$WORK/err"
ok "and why" has "$WORK/err" "gzip data ends early"

{ bytes "$WORK/log" 0 200; printf '\0\0\0\0\0\0\0\0'; bytes "$WORK/log" 208 9999; } \
    >"$WORK/bad"
ok "a damaged compressed log: status 2" status 2 reader -q "$WORK/bad"

{ cat "$WORK/log"; echo more; } >"$WORK/behind"
is "garbage behind it costs nothing" "$(numbers "$WORK/behind")" "$want"
ok "and is told" has "$WORK/err" "garbage behind the gzip data"

# Bytes of a live pipe are shown when they come, not when a buffer is full.
mkfifo "$WORK/fifo"
# shellcheck disable=SC2016 # the inner shell's
background sh -c 'exec "$1" --follow --format csv --columns packets - <"$2"' \
    sh "$BUILD/flowd-reader" "$WORK/fifo" >"$WORK/out"
exec 3>"$WORK/fifo"
bytes "$WORK/flows" 0 $((3 * RECLEN + 7)) >&3
ok "whole records of a pipe do not wait for the next" \
    wait_for 5 has "$WORK/out" '^3$'
exec 3>&-

done_testing
