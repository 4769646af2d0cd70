#!/bin/sh
# What is counted is the length that the IP header tells: neither the padding
# of short frames nor what stands before the header.  Counters have 64 bits.
. "${0%/*}/../lib.sh"
. "${0%/*}/../trace.sh"

trace <<END
0.0 tcp 10.0.0.1:1025 > 10.0.0.2:80 A pad
0.1 udp 10.0.0.1:5 > 10.0.0.2:7 data 1 pad
0.2 udp 10.0.0.3:5 > 10.0.0.4:7 data 100 mpls 16,17
0.3 udp fd00::1:5 > fd00::2:7 data 3 pad
END
is "padding and labels are no octets" \
    "$(metered src_addr,octets)" "10.0.0.1 29
10.0.0.1 40
10.0.0.3 128
fd00::1 51"
is "--frame-octets counts what softflowd 1.1 did: all behind the link header" \
    "$(metered src_addr,octets --frame-octets)" "10.0.0.1 46
10.0.0.1 46
10.0.0.3 136
fd00::1 51"

# Five GiB in one flow, each packet cut by the capture.
trace <<END
0.0 udp 10.0.0.1:5 > 10.0.0.2:7 data 65000 cut 60 times 82592
END
is "a flow of more than 4 GiB is one flow with one exact sum" \
    "$(metered packets,octets)" "82592 5370792576"
is "version 9 has 64 bits, too" \
    "$(metered packets,octets -v 9)" "82592 5370792576"
is "a counter of 32 bits in version 5 stops at its largest value" \
    "$(metered packets,octets -v 5)" "82592 4294967295"
done_testing
