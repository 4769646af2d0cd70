# Package netflow: parse_packet, in bindings/python-netflow/tests.
. "${0%/*}/../lib.sh"
. "$TOP/tests/netflow.sh"

python_tests "test_[!ac]*.py"
