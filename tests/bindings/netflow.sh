# Package netflow: its tests in bindings/python-netflow/tests.
. "${0%/*}/../lib.sh"

package=$TOP/bindings/python-netflow
built=$BUILD/bindings/python-netflow/netflow/_decode.abi3.so
[ -e "$built" ] || skip_all "there is no $built: make netflow"
PYTHON=${PYTHON:-$(sed -n 's/^PYTHON = //p' "$BUILD/config.mk")}
[ -n "$PYTHON" ] || skip_all "there is no Python"

# A tree elsewhere: the sources with what was built.
if [ "$BUILD" != "$TOP" ]; then
	cp -R "$package/netflow" "$WORK/netflow"
	cp "$built" "$WORK/netflow/"
	package_path=$WORK
else
	package_path=$package
fi

# Python itself knows nothing of the sanitizers.
if grep -q '^FLOWD_CFLAGS.*-fsanitize' "$BUILD/config.mk"; then
	cc=$(sed -n 's/^CC = //p' "$BUILD/config.mk")
	asan=$($cc -print-file-name=libclang_rt.asan-x86_64.so)
	[ -e "$asan" ] || asan=$($cc -print-file-name=libasan.so)
	[ -e "$asan" ] || skip_all "no runtime of AddressSanitizer to preload"
	LD_PRELOAD=$asan
	PYTHONMALLOC=malloc
	ASAN_OPTIONS=detect_leaks=0
	export LD_PRELOAD PYTHONMALLOC ASAN_OPTIONS
fi

PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=$package_path
export PYTHONDONTWRITEBYTECODE PYTHONPATH

tap_planned=yes
"$PYTHON" "$TOP/tests/tools/unittest-tap.py" "$package/tests"
