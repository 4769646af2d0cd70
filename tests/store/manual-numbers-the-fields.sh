# flowd-store(5) has the number of each field, as archives have it.
. "${0%/*}/../lib.sh"

# A row of the table has two fields.
sed -n 's/^\.It \([0-9]*\) Ta \([a-z0-9_]*\) Ta \([0-9]*\) Ta \([a-z0-9_]*\)$/\1 \2\
\3 \4/p; s/^\.It \([0-9]*\) Ta \([a-z0-9_]*\) Ta "" Ta ""$/\1 \2/p' \
    "$TOP/flowd-store.5" | sort -n >"$WORK/manual"
sed -n 's/^	FLOW_\([A-Z0-9_]*\),$/\1/p' "$TOP/flow-bits.h" |
    tr '[:upper:]' '[:lower:]' | awk '{ print NR - 1, $0 }' >"$WORK/code"
ok "there are fields" test -s "$WORK/code"
is "the manual has them all, with their numbers" "$(cat "$WORK/manual")" \
    "$(cat "$WORK/code")"

# The block of the example is as long as it says.
sed -n '/^A block of version 4.0 with/,/^\.Ed/p' "$TOP/flowd-store.5" |
    sed -n 's/^\(\([0-9a-f][0-9a-f] \{0,1\}\)\{8\}\)\([^0-9a-f].*\)\{0,1\}$/\1/p' |
    tr -d ' \t\n' >"$WORK/example"
is "the example has 216 bytes" "$(wc -c <"$WORK/example" | tr -d ' ')" 432

done_testing
