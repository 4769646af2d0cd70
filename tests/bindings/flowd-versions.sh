# One extension for all Pythons from 3.11 on: those that are here.
. "${0%/*}/../lib.sh"
. "$TOP/tests/python.sh"

python_flowd
flowd_fixtures "$WORK/fixtures"

# What is not the Python that it was built with.
others()
{
	for _version in 3.11 3.12 3.13 3.14; do
		command -v "python$_version" 2>/dev/null
		ls -d "${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}/versions/$_version".*/bin/python 2>/dev/null
	done
	[ ! -x /usr/bin/python3 ] || echo /usr/bin/python3
}

# version PYTHON: "3.12.1", of one that can be asked, from 3.11 on
version()
{
	"$1" -c 'import sys
print(".".join(map(str, sys.version_info[:3]))) if sys.version_info >= (3, 11) else sys.exit(1)' 2>/dev/null
}

in_tests()
{
	(cd "$FLOWD_PACKAGE/tests" && "$@")
}

tested=" "
for python in $(others); do
	number=$(version "$python") || continue
	case $tested in
	*" $number "*) continue ;;
	esac
	tested="$tested$number "
	ok "flows, columns and Arrow are right in Python $number" \
	    in_tests "$python" -m unittest test_columns test_flow
done
[ "$tested" != " " ] || skip_all "there is no Python from 3.11 on by its version"
done_testing
