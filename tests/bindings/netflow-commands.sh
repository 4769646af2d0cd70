# Package netflow: python3 -m netflow.collector and netflow.analyzer.
. "${0%/*}/../lib.sh"
. "$TOP/tests/netflow.sh"

python_tests "test_[ac]*.py"
