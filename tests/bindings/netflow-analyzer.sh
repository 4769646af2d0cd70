# Package netflow: python3 -m netflow.analyzer.
. "${0%/*}/../lib.sh"
. "$TOP/tests/netflow.sh"

python_tests "test_a*.py"
