# The keyword table of the language is sorted, as its search needs it, and
# flowd.conf(5) has every word of it.
. tests/lint/files.sh

[ -e lex.c ] || { echo "lex.c is missing"; exit 1; }
# The rows of the table look like { "word", TOKEN },
words=$(sed -n '/keywords\[\]/,/^};/s/^[[:space:]]*{ *"\([^"]*\)".*/\1/p' lex.c)
n=$(printf '%s\n' "$words" | grep -c .)
bad=0
[ "$n" -ge 30 ] || { echo "lex.c: only $n keywords found"; exit 1; }
[ "$words" = "$(printf '%s\n' "$words" | LC_ALL=C sort -u)" ] || {
	echo "lex.c: the keywords are not sorted:"
	printf '%s\n' "$words" | LC_ALL=C sort -c 2>&1
	bad=1
}
for word in $words; do
	grep -Eqi "(^|[^a-z0-9_])$word([^a-z0-9_]|\$)" flowd.conf.5 || {
		echo "flowd.conf.5: nothing about $word"
		bad=1
	}
done
exit $bad
