#!/bin/sh
# The same datagrams go to flowd, which keeps an archive of them, and through
# it to nfcapd.  Then flowd-reader and nfdump are asked the same questions, and
# have the same answers.
. "${0%/*}/../lib.sh"
need_tool nfcapd nfdump python3

set -- $(free_port 2)
mkdir "$WORK/nf"
background nfcapd -p "$2" -b 127.0.0.1 -w "$WORK/nf" -t 3600 -B 8000000 \
    >"$WORK/nfcapd.out" 2>&1
nfcapd=$BG_PID
# Without root's rights, flowd makes what is in it.
mkdir "$WORK/archive"
[ "$(id -u)" -ne 0 ] || chown "$TEST_USER" "$WORK/archive"
start_flowd "archive \"$WORK/archive\" rotate 1d" "statsfile \"$STATS\"" \
    "pidfile \"$WORK/pid\"" "listen on 127.0.0.1:$1" \
    "forward to 127.0.0.1:$2" || exit 1
for format in v5 v9 ipfix; do
	"$BIN/flowgen" -f $format -r 400 -c 400 -6 40 127.0.0.1 "$1" \
	    >>"$WORK/sent"
done
flows=$(sed 's/.*"flows": *\([0-9]*\).*/\1/' "$WORK/sent" |
    awk '{ n += $1 } END { print n }')
ok "all flows are archived" wait_ledger archived "$flows"
stop_flowd
kill "$nfcapd"
wait_for 10 not alive "$nfcapd"

# theirs NAME ARGUMENT...: rows of words, sorted
theirs()
{
	_name=$1
	shift
	TZ=UTC nfdump -q -N -6 -R "$WORK/nf" "$@" |
	    sed 's/^ *//; s/ *; */;/g; s/ *$//; s/;TCP/;6/; s/;UDP/;17/
		s/;ICMP6/;58/; s/;ICMP/;1/; s/ /T/' | sort >"$WORK/$_name.nf"
}

# ours NAME COLUMNS ARGUMENT...: the same, of these columns of the answer
ours()
{
	_name=$1
	_columns=$2
	shift 2
	reader -U --format csv "$@" "$WORK/archive" |
	    python3 -c '
import csv, sys
names = sys.argv[1].split(",")
for row in csv.DictReader(sys.stdin):
    cells = [row[n] for n in names]
    for i, n in enumerate(names):
        if n in ("start", "end"):
            t = cells[i].rstrip("Z")
            whole, _, frac = t.partition(".")
            cells[i] = whole + "." + (frac + "000")[:3]
        if cells[i] == "" and n not in ("start", "end"):
            cells[i] = "0"
    print(";".join(cells))
' "$_columns" | sort >"$WORK/$_name.fd"
}

agree()
{
	is "$1: there is an answer" "$([ -s "$WORK/$1.fd" ] && echo yes)" yes
	ok "$1: the answers agree" same "$WORK/$1.fd" "$WORK/$1.nf"
}

theirs flows -o 'fmt:%sa;%da;%sp;%dp;%pr;%pkt;%byt'
ours flows src_addr,dst_addr,src_port,dst_port,protocol,packets,octets \
    --columns src_addr,dst_addr,src_port,dst_port,protocol,packets,octets
is "as many flows as were sent" "$(wc -l <"$WORK/flows.fd" | tr -d ' ')" \
    "$flows"
agree flows

some=$(cut -d ';' -f 1 "$WORK/flows.nf" | grep -v : | sort | uniq -c |
    sort -rn | awk 'NR == 1 { print $2 }')
net=${some%.*.*}.0.0/16
theirs net -o 'fmt:%sa;%da;%pkt' "src net $net"
ours net src_addr,dst_addr,packets --columns src_addr,dst_addr,packets \
    --filter "src $net"
agree net

port=$(cut -d ';' -f 4 "$WORK/flows.nf" | sort | uniq -c | sort -rn |
    awk 'NR == 1 { print $2 }')
theirs port -o 'fmt:%sa;%da;%pkt' "dst port $port and proto tcp"
ours port src_addr,dst_addr,packets --columns src_addr,dst_addr,packets \
    --filter "dst port $port proto tcp"
agree port

theirs pairs -A srcip,dstip -o 'fmt:%sa;%da;%fl;%pkt;%byt'
ours pairs src_addr,dst_addr,flows,packets,octets \
    --group-by src_addr,dst_addr
agree pairs

theirs nets -A srcip4/16,dstport 'inet' -o 'fmt:%sa;%dp;%fl;%byt'
ours nets src_addr/16,dst_port,flows,octets \
    --group-by src_addr/16,dst_port --filter inet
sed -i 's,/16;,;,' "$WORK/nets.fd"
agree nets

ours ports dst_port,flows,packets,octets --group-by dst_port
theirs ports -A dstport -o 'fmt:%dp;%fl;%pkt;%byt'
agree ports

theirs tuples -a -o 'fmt:%sa;%da;%sp;%dp;%pr;%fl;%pkt;%byt'
ours tuples src_addr,dst_addr,src_port,dst_port,protocol,flows,packets,octets \
    --group-by src_addr,dst_addr,src_port,dst_port,protocol
agree tuples
done_testing
