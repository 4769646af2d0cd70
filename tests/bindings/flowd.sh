# Package flowd: its tests in bindings/python/tests.
. "${0%/*}/../lib.sh"
. "$TOP/tests/python.sh"

python_flowd
flowd_fixtures "$WORK/fixtures"
tap_planned=yes
"$PYTHON" "$TOP/tests/tools/unittest-tap.py" "$TOP/bindings/python/tests"
