# docs/python.md prints what it shows.
. "${0%/*}/../lib.sh"
. "$TOP/tests/python.sh"

python_flowd
