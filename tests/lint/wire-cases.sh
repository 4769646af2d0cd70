#!/bin/sh
# The tests that docs/wire-cases.md names are there.

sed -n 's/^|//p' docs/wire-cases.md | grep -o "\`[^\`]*\`" | tr -d "\`" |
    sort -u | {
	bad=0
	while read -r name; do
		case $name in
		*.hex)	[ -f "tests/decode/$name" ] ;;
		*.sh)	[ -n "$(find tests -name "$name")" ] ;;
		*)	grep -q "^$name(" tests/unit/*_test.c ;;
		esac && continue
		echo "docs/wire-cases.md: there is no test $name"
		bad=1
	done
	exit $bad
}
