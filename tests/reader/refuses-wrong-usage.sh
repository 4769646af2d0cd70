#!/bin/sh
# What was meant wrongly is told with status 1 and the usage; what cannot be
# read is named, and the other files are read all the same.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

flows 1 3 "$WORK/flows" || exit 99

refused()
{
	ok "refused:$(printf ' %s' "$@")" status 1 reader "$@"
	reader "$@" >"$WORK/out" 2>"$WORK/err"
	ok "with the usage" has "$WORK/err" '^usage: flowd-reader '
	is "and no output" "$(cat "$WORK/out")" ""
}

refused
refused -x "$WORK/flows"
refused --nonsense "$WORK/flows"
refused -f
refused --format
refused -H 0 "$WORK/flows"
refused --pcap --follow "$WORK/flows"
refused --pcap -L "$WORK/flows"

mkdir "$WORK/dir"
ok "a missing file: status 1" status 1 reader "$WORK/none" "$WORK/flows"
is "the others are read" "$(numbers "$WORK/none" "$WORK/flows")" "1 2 3"
ok "and it is named" has "$WORK/err" "/none: No such file or directory"
is "with a directory, too" "$(numbers "$WORK/dir" "$WORK/flows")" "1 2 3"
ok "which is told" has "$WORK/err" "/dir: no segments and no logs are there"
ok "a directory: status 1" status 1 reader "$WORK/dir"
ok "a missing capture: status 1" status 1 reader --pcap "$WORK/none"
# shellcheck disable=SC2016 # the inner shell's
ok "status 1 is worse than 2" sh -c '
    echo garbage >"$2/bad"
    "$1" "$2/none" "$2/bad" 2>/dev/null
    test $? -eq 1 || exit 1
    "$1" "$2/bad" "$2/none" 2>/dev/null
    test $? -eq 1' sh "$BUILD/flowd-reader" "$WORK"

reader --help >"$WORK/help"
is "--help: status 0" $? 0
ok "it begins with the usage" has "$WORK/help" '^usage: flowd-reader '
is "no line of it is too long" "$(awk 'length > 80' "$WORK/help")" ""
reader -h >"$WORK/out"
ok "-h is the same" same "$WORK/out" "$WORK/help"
ok "--version" equal "$(reader --version | sed 's/[0-9.]*$/N/')" \
    "flowd-reader N"

done_testing
