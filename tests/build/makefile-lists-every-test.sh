# A test, benchmark, fuzzer or header that the Makefile does not know is run by
# nobody.
. "${0%/*}/../lib.sh"

cd "$TOP" || exit 1

# listed VARIABLE: what the Makefile says it is
listed()
{
	awk -v name="$1" '
	    $1 == name && $2 == "=" { on = 1; sub(/^[^=]*=/, "") }
	    on { more = sub(/\\$/, ""); print; if (!more) exit }
	' Makefile | xargs -n 1 | sort
}

# knows VARIABLE FILE...
knows()
{
	listed "$1" >"$WORK/listed"
	shift
	for _file in "$@"; do
		[ ! -e "$_file" ] || echo "$_file"
	done | sort >"$WORK/there"
	same "$WORK/listed" "$WORK/there"
}

ok "every unit test is listed, and no other" knows UNIT_TESTS \
    tests/unit/*_test.c
ok "every benchmark is listed, and no other" knows BENCHES \
    tests/bench/bench_*.c
ok "every fuzzer is listed, and no other" knows FUZZERS tests/fuzz/fuzz_*.c

ok "every file of tools/ is listed, and no other" knows PYTHON_TOOLS \
    tools/flowd-*[!0-9]
ok "and so is what they have in common" knows PYTHON_TOOLS_COMMON \
    tools/flowdtools/*.py

listed TOOLS | sed 's,^tests/bin,tests/tools,; s,$,.c,' >"$WORK/listed"
printf '%s\n' tests/tools/*.c | sort >"$WORK/there"
ok "every tool is listed, and no other" same "$WORK/listed" "$WORK/there"

# Of each test directory, the Makefile names the whole.
listed TEST_DIRS >"$WORK/listed"
for script in tests/*/*.sh; do
	echo "${script%/*}"
done | sort -u | grep -v -e '^tests/lint$' -e '^tests/package$' >"$WORK/there"
missing=$(comm -13 "$WORK/listed" "$WORK/there")
is "every directory with shell tests is in TEST_DIRS, or has a target" "$missing" ""

done_testing
