# One meter sends packets, another makes flows of them: they are those of the
# traffic, and so are the bytes of frames that were cut on the way.
. "${0%/*}/../lib.sh"
. "${0%/*}/../export.sh"

# processed N: so many packets were received
processed()
{
	"$BUILD/softflowctl" -c "$WORK/ctl" statistics >"$WORK/said" 2>&1 &&
	    grep -q "^Packets processed: $1\$" "$WORK/said"
}

# passed OPTION...: the traffic, from one to the other
passed()
{
	recording || return 1
	receiver=$(free_port)
	background "$BUILD/softflowd" -d -R "$receiver" -a -v 9 \
	    -c "$WORK/ctl" -n "127.0.0.1:$PORT" "$@" >"$WORK/err" 2>&1
	wait_for 10 processed 0 || return 1
	"$BUILD/softflowd" -r "$WORK/traffic" -v psamp --rate 2000 \
	    -n "127.0.0.1:$receiver" </dev/null >"$WORK/sender" 2>&1 || return 1
	packets=$(sed -n 's/^Packets processed: //p' "$WORK/sender")
	wait_for 10 processed "$packets" || return 1
	"$BUILD/softflowctl" -c "$WORK/ctl" expire-all || return 1
	wait_for 10 all_sent || return 1
	"$BUILD/softflowctl" -c "$WORK/ctl" shutdown || return 1
	wait_for 10 not alive "$BG_PID" && recorded
}

# No flow is there, and each message has gone.
all_sent()
{
	"$BUILD/softflowctl" -c "$WORK/ctl" statistics >"$WORK/said" 2>&1 &&
	    grep -q '^Number of active flows: 0$' "$WORK/said" &&
	    grep -q ' 0 waiting, ' "$WORK/said"
}

bytes()
{
	sed -n 's/.*"octets":\([0-9]*\).*/\1/p' "$WORK/json" |
	    awk '{ n += $1 } END { print n }'
}

python3 "$TRAFFIC" make 5 "$WORK/traffic" "$WORK/truth" 60
ok "packets go from one meter to another" passed
ok "which tells the flows of the traffic" exports_are "$WORK/truth"

ok "it can count the bytes of frames" export_of "$WORK/traffic" -v 9 \
    --frame-octets
exports_are "$WORK/truth" >/dev/null
direct=$(bytes)
ok "of those that come from another meter, too" passed --frame-octets
exports_are "$WORK/truth" >/dev/null
is "and they are as many" "$(bytes)" "$direct"

done_testing
