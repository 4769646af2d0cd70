# script/demo ends by itself, shows the flows of all five exporters, and leaves
# neither a process nor a file behind.
. "${0%/*}/../lib.sh"

[ "$BUILD" = "$TOP" ] || skip_all "the demo builds in the source tree"
cd "$TOP" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL
mkdir "$WORK/tmp"
chmod 755 "$WORK" "$WORK/tmp"

TMPDIR=$WORK/tmp script/demo >"$WORK/out" 2>&1 </dev/null
is "the demo ends with status 0" $? 0 || tail -n 20 "$WORK/out" | diag
for agent in 1 2 3 4 5; do
	ok "flows of exporter $agent are shown" \
	    has "$WORK/out" "agent \[127\.0\.1\.$agent\]"
done
ok "all eight datagrams are decoded" has "$WORK/out" '"decoded": 8,'
ok "all flows but the ping are stored" has "$WORK/out" '"stored": 17,'
ok "JSON is shown" has "$WORK/out" '^{"agent":"127.0.1.4".*"tag":2}$'
is "no file is left" "$(ls -A "$WORK/tmp")" ""
# shellcheck disable=SC2009 # pgrep is not everywhere
left=$(ps -A -o args= | grep -F "$WORK/tmp" | grep -v grep)
is "no process is left" "$left" ""
ok "--help tells what it does" script/demo --help
ok "other words are refused" status 2 script/demo --what

done_testing
