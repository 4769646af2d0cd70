# Package netflow: python3 -m netflow.collector, and the listener.
. "${0%/*}/../lib.sh"
. "$TOP/tests/netflow.sh"

python_tests "test_c*.py"
