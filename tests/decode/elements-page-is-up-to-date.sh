# docs/elements.md is what tests/bin/elementdoc makes of field.c: if it is not,
# "make docs" writes it.  tests/tools/elementnames.h has the names.
. "${0%/*}/../lib.sh"

"$BIN/elementdoc" >"$WORK/elements.md"
ok "docs/elements.md is that of field.c" \
    golden "$WORK/elements.md" "$TOP/docs/elements.md"
ok "it has a row for each field" has "$WORK/elements.md" "^| src_addr | address "
is "every element has a name" "$(grep -o 'NAMELESS [0-9/]*' "$WORK/elements.md")" ""


done_testing
