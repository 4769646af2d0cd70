# make install puts everything below DESTDIR and prefix, keeps a flowd.conf
# that is there, and make uninstall takes everything but that away.
. "${0%/*}/../lib.sh"

cd "$BUILD" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL
MAKE=${MAKE:-make}
root=$WORK/root

run_make()
{
	"$MAKE" "$@" DESTDIR="$root" prefix=/opt/flowd exec_prefix=/opt/flowd \
	    sbindir=/opt/flowd/sbin bindir=/opt/flowd/bin \
	    datarootdir=/opt/flowd/share mandir=/opt/flowd/share/man \
	    sysconfdir=/opt/flowd/etc
}

tree()
{
	(cd "$root" && find . -type f | sed 's,^\./,,' | sort)
}

ok "make install succeeds" run_make install
tree >"$WORK/installed"
for file in sbin/flowd bin/flowd-reader share/man/man8/flowd.8 \
    sbin/softflowd sbin/softflowctl share/man/man8/softflowd.8 \
    share/bash-completion/completions/softflowd \
    share/bash-completion/completions/softflowctl \
    share/zsh/site-functions/_softflowd share/zsh/site-functions/_softflowctl \
    etc/softflowd.conf.example \
    share/man/man8/flowd-reader.8 share/man/man5/flowd.conf.5 \
    share/man/man5/flowd-store.5 share/man/man7/flowd-exporters.7 \
    etc/flowd.conf.example etc/flowd.conf; do
	ok "$file is installed" grep -qx "opt/flowd/$file" "$WORK/installed"
done
outside=$(grep -v '^opt/flowd/' "$WORK/installed")
is "nothing is installed outside of the prefix" "$outside" ""
ok "what is installed runs" "$root/opt/flowd/bin/flowd-reader" --version
ok "the example is a sound configuration" "$root/opt/flowd/sbin/flowd" -n \
    -f "$root/opt/flowd/etc/flowd.conf.example"

echo "# mine" >>"$root/opt/flowd/etc/flowd.conf"
run_make install >/dev/null 2>&1
is "a flowd.conf that is there is kept" \
    "$(tail -n 1 "$root/opt/flowd/etc/flowd.conf")" "# mine"
ok "make uninstall succeeds" run_make uninstall
is "it leaves flowd.conf, and only that" "$(tree)" opt/flowd/etc/flowd.conf

done_testing
