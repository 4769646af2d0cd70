#!/bin/sh
# With -r the clock is that of the packets: flows end by their timeouts, and
# times are those of the file, in every version.
. "${0%/*}/../lib.sh"
. "${0%/*}/../trace.sh"

trace <<END
0.25 udp 10.0.0.1:5 > 10.0.0.2:7 data 1
1.5 udp 10.0.0.1:5 > 10.0.0.2:7 data 1
4000 udp 10.0.0.1:5 > 10.0.0.2:7 data 1
4000 udp 10.0.0.8:5 > 10.0.0.9:7 data 1
END
for version in 1 5 9 10; do
	is "version $version: an hour later it is another flow" \
	    "$(metered src_addr,packets,start,end -v $version)" \
	    "10.0.0.1 1 4000 4000
10.0.0.1 2 0.25 1.5
10.0.0.8 1 4000 4000"
done
for clock in sec:0:1 milli:0.25:1.5 micro:0.25:1.5 nano:0.25:1.5; do
	times=${clock#*:}
	is "-A ${clock%%:*} is right" \
	    "$(metered start,end -A "${clock%%:*}" | sort -n | head -n 1)" \
	    "${times%:*} ${times#*:}"
done
is "-t changes when flows end" "$(metered -n -t udp=1h30m)" 2
is "a flow is cut at its longest life" \
    "$(metered packets,start -t udp=2h -t maxlife=3600 | sort -n)" \
    "1 4000
1 4000
2 0.25"
is "why they ended is told" \
    "$(metered start,end_reason | sort -n)" "0.25 1
4000 4
4000 4"

# FIN of both, RST, and life behind them.
trace <<END
0 tcp 10.0.0.1:1025 > 10.0.0.2:80 S
1 tcp 10.0.0.2:80 > 10.0.0.1:1025 SA
2 tcp 10.0.0.1:1025 > 10.0.0.2:80 FA
3 tcp 10.0.0.2:80 > 10.0.0.1:1025 FA
400 tcp 10.0.0.1:1025 > 10.0.0.2:80 S
401 tcp 10.0.0.2:80 > 10.0.0.1:1025 RA
600 tcp 10.0.0.1:1025 > 10.0.0.2:80 S
4000 tcp 10.0.0.1:1025 > 10.0.0.2:80 A
END
is "FIN, RST and silence end TCP flows, each by its timeout" \
    "$(metered start,end,packets,reverse_packets,end_reason -b | sort -n)" \
    "0 3 2 2 3
400 401 1 1 3
600 4000 2 0 4"
is "an active timeout tells of a flow while it goes on" \
    "$(metered start,end,packets,end_reason -t active=60 | sort -n | tail -n 2)" \
    "600 600 1 2
4000 4000 1 4"
done_testing
