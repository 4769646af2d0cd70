#!/bin/sh
# Four collectors share what 60 exporters send, each exporter at one of them
# for good, also when it sends from another port; and nothing is lost between
# them: the statistics are the sum of all, and the archive has every flow once.
. "${0%/*}/../lib.sh"
. "${0%/*}/archive.inc"
. "${0%/*}/workers.inc"

PORT=$(free_port)
WORKERS=4
AGENTS=60
start_flowd "workers 4" "logfile \"$WORK/flows\"" "archive \"$ARCHIVE\" rotate 1d" \
    "statsfile \"$STATS\"" "pidfile \"$WORK/pid\"" \
    "listen on 127.0.0.1:$PORT" || exit 1

# load SEED: each agent sends from a new socket
load()
{
	"$BIN/flowgen" -f v9 -a $AGENTS -r 1500 -c 1200 -T 20 -S "$1" \
	    127.0.0.1 "$PORT" >"$WORK/sent.$1"
	flows=$((flows + $(sent "$WORK/sent.$1")))
}

flows=0
load 1
ok "every flow is counted once" settles 10 records $flows
each_exporter | cut -d' ' -f1,2 >"$WORK/first"
is "every exporter is there" "$(wc -l <"$WORK/first" | tr -d ' ')" $AGENTS
is "once" "$(cut -d' ' -f1 "$WORK/first" | uniq -d)" ""
is "and every collector has some" \
    "$(cut -d' ' -f2 "$WORK/first" | sort -u | tr '\n' ' ')" "0 1 2 3 "

load 2
ok "from other ports they come as well" settles 10 records $flows
each_exporter | cut -d' ' -f1,2 >"$WORK/second"
ok "to the same collectors" same "$WORK/second" "$WORK/first"

stats
is "no datagram was dropped" "$(counter kernel_drops)" 0
is "what was received is the sum of all four" "$(in_all received)" 2400
is "and so are the flows" "$(in_all records)" $flows
is "each tells its exporters' flows" "$(each_exporter |
    awk '{ n[$2] += $3 } END { for (i = 0; i < 4; i++) print n[i] }')" \
    "$(for n in 0 1 2 3; do of_worker $n records; done)"
ok "four processes collect" test "$(for n in 0 1 2 3; do
    of_worker $n pid; done | sort -u | wc -l)" -eq 4
ok "the log tells of each" logged 'collector [0-3]: pid [0-9]*, received' 4

ok "they end well" stop_flowd
is "the ledger has all of it in the archive" "$(counter archived)" $flows
is "and the archive has" "$(archive_has flows)" $flows
is "and so does the log that they share" \
    "$(reader --format csv --columns src_addr "$WORK/flows" | sed 1d | wc -l |
    tr -d ' ')" $flows
is "nothing twice" "$(twice)" 0
is "nothing damaged" "$(archive_has damaged)" 0
ok "the segments were each collector's own" are_segments 4 live
done_testing
