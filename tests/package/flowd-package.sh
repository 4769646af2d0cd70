# Package flowd as others get it: a source distribution of this checkout, a
# wheel of that, installed where nothing else is.
. "${0%/*}/../lib.sh"
. "$TOP/tests/python.sh"

python_flowd
[ -z "${LD_PRELOAD:-}" ] || skip_all "a wheel is not built with sanitizers"
command -v autoconf >/dev/null 2>&1 || skip_all "there is no autoconf"
unset PYTHONPATH

prepare()
{
	timeout 120 "$PYTHON" -m venv "$WORK/venv" &&
	    timeout 120 "$WORK/venv/bin/pip" install -q 'setuptools>=64' wheel &&
	    timeout 120 "$PYTHON" -m venv "$WORK/clean"
}
prepare >"$WORK/venv.out" 2>&1 ||
    skip_all "pip cannot install setuptools: $(tail -n 1 "$WORK/venv.out")"

# A checkout, without what was built.
mkdir "$WORK/checkout"
(cd "$TOP" && git ls-files -z -co --exclude-standard 2>/dev/null |
    xargs -0 tar cf -) | (cd "$WORK/checkout" && tar xf -) ||
    skip_all "this is no checkout"

sdist()
{
	(cd "$WORK/checkout/bindings/python" &&
	    "$WORK/venv/bin/python" setup.py -q sdist -d "$WORK/sdist")
}
ok "a checkout makes a source distribution" sdist
rm -rf "$WORK/checkout"

wheel()
{
	CFLAGS=-O0 timeout 250 "$WORK/venv/bin/pip" wheel -q --no-deps \
	    --no-build-isolation -w "$WORK/wheel" "$WORK"/sdist/flowd-*.tar.gz
}
ok "it makes a wheel, with nothing else around" wheel
tagged()
{
	ls "$WORK"/wheel/flowd-*-cp311-abi3-*.whl
}
ok "the wheel is for all Pythons from 3.11 on" tagged
ok "a clean environment takes it" \
    "$WORK/clean/bin/pip" install -q --no-index "$WORK"/wheel/flowd-*.whl
flowd_fixtures "$WORK/fixtures"
ok "and its flows are right there" "$WORK/clean/bin/python" -m unittest \
    discover -s "$FLOWD_PACKAGE/tests" -p 'test_flow.py'
has()
{
	"$WORK/clean/bin/pip" show -f flowd | grep -q "flowd/$1\$"
}
ok "its types come along" has __init__.pyi
ok "and are marked as such" has py.typed

free()
{
	cat >"$WORK/free.py" <<-END
	import runpy, sys, sysconfig
	real = sysconfig.get_config_var
	sysconfig.get_config_var = lambda name: 1 if name == "Py_GIL_DISABLED" else real(name)
	sys.argv = ["setup.py", "--version"]
	runpy.run_path("setup.py", run_name="__main__")
	END
	cd "$FLOWD_PACKAGE" || return 1
	! "$WORK/venv/bin/python" "$WORK/free.py" >"$WORK/free.out" 2>&1 &&
	    grep "free-threaded" "$WORK/free.out"
}
ok "a free-threaded Python is refused by a sentence that says why" free
done_testing
