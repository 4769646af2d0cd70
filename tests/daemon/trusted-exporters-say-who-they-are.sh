#!/bin/sh
# An exporter behind a relay is the agent of its flows if the source is
# trusted: in the rules and in the log.  Who is not trusted is who sent it.
. "${0%/*}/../lib.sh"
[ "$(uname)" = Linux ] || skip_all "needs all of 127/8"

PORT=$(free_port)
{
	echo "ipfix seq=0 time=1700000000 domain=7"
	echo "template 256 8:4 12:4 2:4 1:4 130:4"
	echo "record 256 10.0.0.1 10.0.0.2 1 40 10.9.9.9"
} | "$BIN/mkexport" >"$WORK/export" || exit 1

start_flowd "logfile \"$WORK/flows\"" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$PORT" \
    "flow source 127.0.0.1 trust exporter" "flow source 127.0.0.2" \
    "accept tag 1 agent 10.9.9.9" "accept tag 2 agent 127.0.0.0/8" || exit 1
send -s 127.0.0.1 127.0.0.1 "$PORT" "$WORK/export"
send -s 127.0.0.2 127.0.0.1 "$PORT" "$WORK/export"
ok "both are stored" wait_ledger stored 2
stop_flowd
reader --format csv --columns tag,agent,src_addr "$WORK/flows" | sort \
    >"$WORK/got"
is "the one that is trusted is who it says" "$(sed -n 1p "$WORK/got")" \
    "1,10.9.9.9,10.0.0.1"
is "the other is who sent it" "$(sed -n 2p "$WORK/got")" \
    "2,127.0.0.2,10.0.0.1"
done_testing
