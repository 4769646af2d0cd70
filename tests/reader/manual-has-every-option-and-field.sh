#!/bin/sh
# The manual, --help and the completions know every option of the program; the
# manual has every field, and its examples work as they stand there.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

page=$TOP/flowd-reader.8
src=$TOP/reader-args.c
reader --help >"$WORK/help"

long=$(sed -n "s/^	{ [^,]*, \"\([a-z][a-z-]*\)\", .*ARG_.*/\1/p" "$src")
short=$(sed -n "s/^	{ '\(.\)', .*ARG_.*/\1/p" "$src")
ok "there are long options" test "$(echo "$long" | wc -w)" -ge 10
ok "there are short options" test "$(echo "$short" | wc -w)" -ge 10
for opt in $long; do
	ok "the manual has --$opt" has "$page" "Fl Fl $opt\b"
	ok "--help has --$opt" has "$WORK/help" "--$opt\b"
	for file in flowd-reader.bash _flowd-reader; do
		ok "$file has --$opt" has "$TOP/packaging/completion/$file" \
		    "--$opt\b"
	done
done
for opt in $short; do
	ok "the manual has -$opt" has "$page" "^\.It Fl $opt\b"
	ok "--help has -$opt" has "$WORK/help" "^  -$opt\b"
	for file in flowd-reader.bash _flowd-reader; do
		ok "$file has -$opt" has "$TOP/packaging/completion/$file" \
		    "[ '{]-$opt\b"
	done
done

reader --columns '?' - 2>&1 | sed -n 's/^    //p' | tr ' ' '\n' >"$WORK/fields"
ok "the program tells its fields" test "$(wc -l <"$WORK/fields")" -ge 60
sed -n '/^\.Sh COLUMNS/,/^\.El/s/^\.It Cm \([a-z_]*\)$/\1/p' "$page" \
    >"$WORK/listed"
ok "the manual lists them, in their order" same "$WORK/listed" "$WORK/fields"

# The files that the examples name.
flows 1 5 "$WORK/flows" || exit 99
cp "$WORK/flows" "$WORK/flows.0"
if command -v gzip >/dev/null; then
	gzip "$WORK/flows.0"
else
	mv "$WORK/flows.0" "$WORK/flows.0.gz"
fi
capture 1 3 -p 9000 >"$WORK/export.pcap"
if [ -f "$FLOWD_SHARED/compat/flowd-logs/legacy-v2.bin" ]; then
	cp "$FLOWD_SHARED/compat/flowd-logs/legacy-v2.bin" "$WORK/old.log"
fi
cd "$WORK" || exit 99
PATH=$BUILD:$PATH

# The archive that they mean is here: of now, and of the times they name.
for day in 2026/11/20 2026/11/21; do
	mkdir -p "db/$day"
	for hour in 09 10 11; do
		flowd-reader --store-version 4 -o \
		    "db/$day/$(echo $day | tr -d /)T${hour}0000Z-1h.flow" flows
	done
done
cp -R db db2
cat >host.conf <<END
discard all
accept src 10.0.0.1
accept dst 10.0.0.1
END
here() { sed "s|/var/db/flowd|$WORK/db|g"; }

sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$page" | grep '^flowd-reader ' | here \
    >"$WORK/examples"
ok "there are examples" test "$(wc -l <"$WORK/examples")" -ge 20
ok "of those who come from nfdump, 30 at least" test 30 -le \
    "$(sed -n '/^\.Sh COMING FROM/,/^\.Sh SEE/p' "$page" |
	grep -c '^flowd-reader ')"
while read -r example <&3; do
	case $example in
	*old.log*)
		if [ ! -f old.log ]; then
			skip "$example" "no log of version 2"
			continue
		fi ;;
	*--follow*)
		sh -c "exec $example" >"$WORK/out" 2>&1 &
		pid=$!
		sleep 0.5
		kill "$pid"
		wait "$pid"
		is "$example" $? 0
		continue ;;
	esac
	ok "$example" sh -c "$example"
	has "$WORK/.tap" . >/dev/null || case $example in
	*-o*|*filter*|*since*|*host.conf*)	;;
	*)	ok "it prints something: $example" false ;;
	esac
done 3<"$WORK/examples"

if command -v mandoc >/dev/null; then
	is "mandoc has nothing to say" \
	    "$(mandoc -Tlint -Wwarning "$page" 2>&1)" ""
else
	skip "mandoc has nothing to say" "no mandoc here"
fi

done_testing
