# make install-tools installs programs that run from there, with package flowd
# and pages, and make uninstall-tools takes them away again.
. "${0%/*}/../lib.sh"
. "${0%/*}/tools.inc"
need_python

cd "$BUILD" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL
MAKE=${MAKE:-make}
root=$WORK/root
run_make()
{
	"$MAKE" "$@" PYTHON="$PYTHON" DESTDIR="" prefix="$root" \
	    exec_prefix="$root" bindir="$root/bin" datarootdir="$root/share" \
	    mandir="$root/share/man"
}

ok "make install-tools succeeds" run_make install-tools
cd "$WORK" || exit 1
log_of 300 log || exit 1
for name in logsock rrd sql stats suspects; do
	ok "flowd-$name runs, and knows its version" \
	    "$root/bin/flowd-$name" --version
	ok "and its options" "$root/bin/flowd-$name" --help
	ok "and has a page" test -s "$root/share/man/man1/flowd-$name.1"
	ok "what it does not know is refused with status 1" \
	    status 1 "$root/bin/flowd-$name" --nonsense
done
"$root/bin/flowd-stats" log >got 2>/dev/null
tool stats log >want 2>/dev/null
ok "it does what those of the tree do" same got want
ok "with a package that it found" [ -s want ]
rm -rf "$root/lib/flowd/flowdtools/__pycache__" "$root/lib/flowd/flowd/__pycache__"
cd "$BUILD" || exit 1
ok "make uninstall-tools succeeds" run_make uninstall-tools
is "nothing is left" "$(find "$root" -type f)" ""
done_testing
