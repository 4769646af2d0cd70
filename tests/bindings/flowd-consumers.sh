# Package flowd with those who take its columns, and its types by mypy: in a
# virtual environment of their own, that stays: FLOWD_TEST_VENV, or one below
# ~/.cache/flowd.
. "${0%/*}/../lib.sh"
. "$TOP/tests/python.sh"

PACKAGES="numpy pyarrow polars duckdb pandas mypy matplotlib"

# make_venv DIRECTORY: once for these packages
make_venv()
{
	[ "$(cat "$1/ready" 2>/dev/null)" != "$PACKAGES" ] || return 0
	rm -rf "$1"
	mkdir -p "${1%/*}" || return 1
	# shellcheck disable=SC2086 # a list
	timeout 240 "$PYTHON" -m venv "$1" &&
	    timeout 240 "$1/bin/pip" install -q --only-binary :all: $PACKAGES &&
	    echo "$PACKAGES" >"$1/ready"
}

python_flowd
[ -z "${LD_PRELOAD:-}" ] ||
    skip_all "extensions of others are not made for AddressSanitizer"
venv=${FLOWD_TEST_VENV:-}
if [ -z "$venv" ]; then
	version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
	venv=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/flowd/venv-$version
	make_venv "$venv" >"$WORK/venv.out" 2>&1 ||
	    skip_all "pip cannot install them: $(tail -n 1 "$WORK/venv.out")"
fi
flowd_fixtures "$WORK/fixtures"

# The tests of each, and then ours behind them.
"$venv/bin/python" "$TOP/tests/tools/unittest-tap.py" \
    "$FLOWD_PACKAGE/tests/consumers" >"$WORK/tap" 2>"$WORK/err"
ended=$?
diag <"$WORK/err"
while read -r line; do
	case $line in
	"ok "*)		ok "${line#ok * - }" true ;;
	"not ok "*)	ok "${line#not ok * - }" false ;;
	esac
done <"$WORK/tap"
is "the consumers' tests ended well" "$ended" 0

typed()
{
	mkdir -p "$WORK/typed"
	cp -R "$FLOWD_PACKAGE/flowd" "$TOP/tools/flowdtools" "$WORK/typed/" &&
	    (cd "$WORK/typed" && "$venv/bin/python" -m mypy --strict \
		--cache-dir "$WORK/mypy" -p flowd -p flowdtools)
}
stubs()
{
	(cd "$FLOWD_PACKAGE" && "$venv/bin/python" -m mypy.stubtest \
	    --allowlist tests/stubtest.allow --ignore-unused-allowlist flowd)
}
"$venv/bin/python" -c 'import flowd.classic; flowd.Decoder' 2>/dev/null || {
	skip "mypy and the stubs" "the package is not whole"
	done_testing
}
ok "docs/python.md shows what its blocks print" \
    "$venv/bin/python" "$TOP/docs/python/run" --check
ok "mypy --strict finds nothing in the stubs, the package and the tools" typed
ok "the stubs are what the package has" stubs
done_testing
