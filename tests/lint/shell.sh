# The scripts pass shellcheck.
. tests/lint/files.sh

need shellcheck
# 1091: it cannot follow what is sourced by a computed name.
# 2046: set -- $(free_port 2) is meant so.
# 2034, 2154: variables of tests/lib.sh and of those that source it.
scripts=$(files 'script/*' '.ci/*' tests/bench/run tests/fuzz/run \
    tests/fuzz/coverage \
    tests/lint/run)
tests=$(files 'tests/*.sh' 'tests/*/*.sh')
bad=0
# shellcheck disable=SC2086 # lists
{
	shellcheck -e SC1091 $scripts || bad=1
	shellcheck -s sh -e SC1091,SC2034,SC2046,SC2154 $tests || bad=1
}
exit $bad
