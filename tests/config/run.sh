# Every NAME.conf parses to NAME.ok, or fails with NAME.err; what parses, prints
# to what parses and prints the same.  Every example of the manual parses.
#
# shellcheck shell=sh
. "${0%/*}/../lib.sh"

check=$BIN/confcheck
[ -x "$check" ] || { echo "there is no $check" | diag; exit 99; }
cd "$TOP/tests/config" || exit 99

# The order of what is said is part of it.
parses()
{
	"$check" -D who=10.7.0.0/16 "$1.conf" >"$WORK/out" 2>"$WORK/err" &&
	    golden "$WORK/out" "$1.ok"
}

round_trip()
{
	"$check" "$WORK/out" >"$WORK/again" 2>&1 &&
	    same "$WORK/again" "$WORK/out"
}

fails()
{
	status 1 "$check" "$1.conf" >"$WORK/out" 2>"$WORK/err" &&
	    golden "$WORK/err" "$1.err" && not test -s "$WORK/out"
}

for conf in *.conf; do
	name=${conf%.conf}
	case $name in
	bad-*)
		ok "$name is refused for these reasons" fails "$name" ;;
	*)
		ok "$name means that" parses "$name"
		ok "$name survives print and parse" round_trip ;;
	esac
done

# The displayed examples of the manual, one file each.
awk -v dir="$WORK" '
    /^\.Bd -literal/ { n++; on = 1; next }
    /^\.Ed/ { on = 0 }
    on && !/^\./ { gsub(/\\e/, "\\"); gsub(/\\&/, "")
	print > (dir "/example" n ".conf") }
' "$TOP/flowd.conf.5"

# An example that is a file is one; parts are completed.
example()
{
	cp "$1" "$WORK/whole.conf"
	grep -q '^listen' "$1" ||
	    echo 'listen on 127.0.0.1:1' >>"$WORK/whole.conf"
	grep -q '^log' "$1" || echo 'logfile "/x"' >>"$WORK/whole.conf"
	"$check" "$WORK/whole.conf"
}

# What the examples name.
printf '192.0.2.0/24\n' >"$WORK/blocklist"
printf 'accept all\n' >"$WORK/local.conf"
count=0
for file in "$WORK"/example*.conf; do
	[ -e "$file" ] || continue
	count=$((count + 1))
	ok "example ${file##*/example} of the manual parses" example "$file"
done
ok "the manual has examples" test "$count" -ge 10
ok "the installed example parses" "$check" "$TOP/packaging/flowd.conf"

# Every word that asks about a field has its line in the manual.
words_are_documented()
{
	"$check" -w | while read -r word; do
		grep -q "^\\.It Cm $word\$\\|^\\.It Cm $word " \
		    "$TOP/flowd.conf.5" || echo "not in flowd.conf(5): $word"
	done >"$WORK/missing"
	cat "$WORK/missing"
	[ ! -s "$WORK/missing" ] && [ "$("$check" -w | wc -l)" -gt 40 ]
}
ok "every filter word is in the manual" words_are_documented

deep()
{
	i=0
	while [ $i -lt 20 ]; do
		echo "include \"deep$((i + 1))\"" >"$WORK/deep$i"
		i=$((i + 1))
	done
	echo 'accept all' >"$WORK/deep$i"
	status 1 "$check" -F "$WORK/deep0" 2>"$WORK/err" &&
	    has "$WORK/err" 'more than 16 files deep'
}
ok "includes nest only so deep" deep

clauses()
{
	"$check" -c 'src 10.0.0.0/8 proto tcp dst port 443' >"$WORK/out" &&
	    has "$WORK/out" \
		'^accept src 10.0.0.0/8 dst port 443 proto 6$' &&
	    has "$WORK/out" '^discard all$' &&
	    status 1 "$check" -c 'src foo' 2>"$WORK/err" &&
	    has "$WORK/err" '^filter:1: syntax error at "foo": expected' &&
	    status 1 "$check" -c 'accept all
		logfile "/x"' 2>"$WORK/err" &&
	    has "$WORK/err" '^filter:2: expected a rule'
}
ok "clauses alone make a filter" clauses

done_testing
