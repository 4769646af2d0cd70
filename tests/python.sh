# What the tests of package flowd have in common.  Sourced behind lib.sh.
#
# shellcheck shell=sh

FLOWD_PACKAGE=$TOP/bindings/python
FLOWD_CORE=$BUILD/bindings/python/flowd/_core.abi3.so

# python_flowd: $PYTHON imports what was built, or all is skipped
python_flowd()
{
	[ -e "$FLOWD_CORE" ] ||
	    skip_all "there is no $FLOWD_CORE: make python was not done, or could not be"
	PYTHON=${PYTHON:-$(sed -n 's/^PYTHON = //p' "$BUILD/config.mk")}
	[ -n "$PYTHON" ] || skip_all "there is no Python"
	PYTHONPATH=$FLOWD_PACKAGE
	# A tree elsewhere: the package with what was built.
	if [ "$BUILD" != "$TOP" ]; then
		cp -R "$FLOWD_PACKAGE/flowd" "$WORK/flowd"
		cp "$FLOWD_CORE" "$WORK/flowd/"
		PYTHONPATH=$WORK
	fi
	PYTHONDONTWRITEBYTECODE=1
	export PYTHONPATH PYTHONDONTWRITEBYTECODE
	python_sanitized
}

# Python itself knows nothing of the sanitizers.
python_sanitized()
{
	grep -q '^FLOWD_CFLAGS.*-fsanitize' "$BUILD/config.mk" || return 0
	cc=$(sed -n 's/^CC = //p' "$BUILD/config.mk")
	asan=$($cc -print-file-name=libclang_rt.asan-x86_64.so)
	[ -e "$asan" ] || asan=$($cc -print-file-name=libasan.so)
	[ -e "$asan" ] || skip_all "no runtime of AddressSanitizer to preload"
	LD_PRELOAD=$asan
	PYTHONMALLOC=malloc
	ASAN_OPTIONS=detect_leaks=0
	export LD_PRELOAD PYTHONMALLOC ASAN_OPTIONS
}

# flowd_fixtures DIRECTORY: see bindings/python/tests/common.py
flowd_fixtures()
{
	FLOWD_FIXTURES=$1
	FLOWD_READER=$BUILD/flowd-reader
	export FLOWD_FIXTURES FLOWD_READER
	mkdir -p "$1"
	# The programs have runtimes of their own.
	if ! (
		unset LD_PRELOAD
		"$BIN/mkarchive" -g 6000 -6 25 -r 60 -R 20 -a "$1/archive" &&
		    "$FLOWD_READER" -q -o "$1/log" "$1/archive"
	) >"$WORK/fixtures.out" 2>&1; then
		diag <"$WORK/fixtures.out"
		exit 99
	fi
	gzip -c "$1/log" >"$1/log.gz"
	cp "$TOP/tests/store/every-version.bin" "$1/every.bin"
}
