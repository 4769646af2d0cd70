#!/bin/sh
. "${0%/*}/../lib.sh"

find_flowd
conf "logfile \"/nowhere/flows\"" "listen on \$at" \
    'net = "10.0.0.0/8"' "accept tag 5 src \$net"
ok "-n is content with a sound configuration" \
    "$FLOWD" -n -D at=127.0.0.1:2055 -f "$WORK/flowd.conf"
"$FLOWD" -n -v -D at=127.0.0.1:2055 -f "$WORK/flowd.conf" >"$WORK/printed"
ok "-n -v prints it" has "$WORK/printed" 'listen on .127.0.0.1:2055'
"$FLOWD" -n -v -f "$WORK/printed" >"$WORK/again"
ok "in a form that parses back to itself" same "$WORK/again" "$WORK/printed"
conf "logfile \"/nowhere/flows\"" "listen on 127.0.0.1" "accept src 10.0.0"
ok "a broken one ends with status 1" \
    status 1 "$FLOWD" -n -f "$WORK/flowd.conf"
"$FLOWD" -n -f "$WORK/flowd.conf" 2>"$WORK/errors"
ok "each error has its line" sh -c "grep -q 'flowd.conf:2:' '$WORK/errors' &&
    grep -q 'flowd.conf:3:' '$WORK/errors'"
ok "a file that is not there is said to be so" \
    sh -c "! '$FLOWD' -n -f '$WORK/none' 2>&1 | grep -qv 'none'"
ok "nothing was opened" not test -e /nowhere
ok "--help ends with 0" "$FLOWD" --help
ok "an unknown option ends with 1" status 1 "$FLOWD" -z
done_testing
