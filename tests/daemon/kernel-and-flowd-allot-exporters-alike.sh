#!/bin/sh
# In a network of its own, which has as many IPv6 addresses as are needed.
. "${0%/*}/../lib.sh"
[ "$(uname)" = Linux ] || skip_all "needs the network namespaces of Linux"
need_root
need_tool unshare ip
test=$BUILD/tests/unit/allot_test.t
[ -x "$test" ] || skip_all "there is no $test"
if [ -z "${IN_NAMESPACE:-}" ]; then
	unshare -n true 2>/dev/null || skip_all "no network namespace to be had"
	rm -rf "$WORK"
	IN_NAMESPACE=yes exec unshare -n sh "$0"
fi
ip link set lo up 2>"$WORK/err" ||
    skip_all "no interface: $(head -n 1 "$WORK/err")"
i=1
while [ $i -le 100 ]; do
	printf 'addr add 2001:db8::%x/128 dev lo\n' $i
	i=$((i + 1))
done >"$WORK/addresses"
ip -batch "$WORK/addresses" 2>"$WORK/err" ||
    skip_all "no addresses: $(head -n 1 "$WORK/err")"

"$test" >"$WORK/out" 2>&1
diag <"$WORK/out"
ok "datagrams arrive where they are allotted by IPv6, too" has "$WORK/out" '^ok .* so_they_do_by_ipv6$'
done_testing
