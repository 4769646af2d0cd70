# Package netflow as it was built.  Sourced behind lib.sh by
# tests/bindings/netflow*.sh.
#
# shellcheck shell=sh

package=$TOP/bindings/python-netflow
built=$BUILD/bindings/python-netflow/netflow/_decode.abi3.so
[ -e "$built" ] || skip_all "there is no $built: make netflow"
PYTHON=${PYTHON:-$(sed -n 's/^PYTHON = //p' "$BUILD/config.mk")}
[ -n "$PYTHON" ] || skip_all "there is no Python"

# A tree elsewhere: the sources with what was built.
PYTHONPATH=$package
if [ "$BUILD" != "$TOP" ]; then
	cp -R "$package/netflow" "$WORK/netflow"
	cp "$built" "$WORK/netflow/"
	PYTHONPATH=$WORK
fi
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE PYTHONPATH

# Python itself knows nothing of the sanitizers.
if grep -q '^FLOWD_CFLAGS.*-fsanitize' "$BUILD/config.mk"; then
	cc=$(sed -n 's/^CC = //p' "$BUILD/config.mk")
	asan=$($cc -print-file-name=libclang_rt.asan-x86_64.so)
	[ -e "$asan" ] || asan=$($cc -print-file-name=libasan.so)
	[ -e "$asan" ] || skip_all "no runtime of AddressSanitizer to preload"
	PRELOAD="LD_PRELOAD=$asan PYTHONMALLOC=malloc"
	ASAN_OPTIONS=detect_leaks=0
	export ASAN_OPTIONS
fi

# python ARGUMENT...: with the package
python()
{
	# shellcheck disable=SC2086 # a list of settings
	env ${PRELOAD:-} "$PYTHON" "$@"
}

# python_tests PATTERN: each of them is a test of this one; ends it.
python_tests()
{
	tap_planned=yes
	python "$TOP/tests/tools/unittest-tap.py" "$package/tests" "$1"
	exit
}
