#!/bin/sh
# Headers count what RFC 3954 and RFC 7011 say, so no collector sees gaps, and
# each version keeps to its own limits.
. "${0%/*}/../lib.sh"
. "${0%/*}/../trace.sh"

i=0
while [ $i -lt 100 ]; do
	echo "$i.0 udp 10.0.0.1:$((i + 1000)) > 10.0.0.2:7 data 10"
	echo "$i.5 udp fd00::1:$((i + 1000)) > fd00::2:7 data 10"
	i=$((i + 1))
done | trace

for version in 9 10; do
	is "version $version: all flows arrive" \
	    "$(metered -n -v $version)" 200
	is "version $version: no sequence number is missing" \
	    "$(reported seq_lost) $(reported seq_other_unit)" "0 0"
	is "version $version: every datagram is well formed" \
	    "$(grep -vc '"result":"decoded"' metered.report)" 0
	ok "version $version: no message is longer than 1428 bytes" \
	    test -z "$(datagrams | awk 'length($0) > 2856')"
done

# Flow sets and their records, by hand: v9's count has all of them.
metered -n -v 9 >/dev/null
is "the count of version 9 has templates and options records in it" \
    "$(python3 - <<'END'
import struct
bad = []
for line in open("metered.hex"):
    if line[:1] in "@\n":
        continue
    d = bytes.fromhex(line.strip())
    want, at, n, sizes = struct.unpack(">H", d[2:4])[0], 20, 0, globals().setdefault("S", {})
    while at + 4 <= len(d):
        i, l = struct.unpack(">HH", d[at:at + 4])
        body = d[at + 4:at + l]
        if i == 0:
            while len(body) >= 4:
                t, c = struct.unpack(">HH", body[:4])
                sizes[t] = sum(struct.unpack(">H", body[6 + 4 * k:8 + 4 * k])[0] for k in range(c))
                body = body[4 + 4 * c:]
                n += 1
        elif i == 1:
            t, sc, op = struct.unpack(">HHH", body[:6])
            sizes[t] = sum(struct.unpack(">H", body[8 + 4 * k:10 + 4 * k])[0] for k in range((sc + op) // 4))
            n += 1
        else:
            n += len(body) // sizes[i]
        at += l
    if n != want:
        bad.append((want, n))
print(bad or "right")
END
)" right

is "version 5: IPv6 is not sent, and that is told" "$(metered -n -v 5)" 100
is "version 5: 30 records a datagram at most" \
    "$(datagrams | awk '{ n = length($0) / 2 - 24
	if (n > 30 * 48) bad++ } END { print bad + 0, NR }')" "0 4"
is "version 5: no sequence number is missing" "$(reported seq_lost)" 0
is "version 1: all of IPv4" "$(metered -n -v 1)" 100
is "version 1: 24 records a datagram at most" \
    "$(datagrams | awk '{ n = length($0) / 2 - 16
	if (n > 24 * 48) bad++ } END { print bad + 0, NR }')" "0 5"
is "sampling is told in the header of version 5" \
    "$(metered packets,sampling_rate -v 5 -s 50 | sort -u)" "1 50"
for version in 9 10; do
	is "sampling is told by options in version $version" \
	    "$(metered packets,sampling_rate -v $version -s 50 | sort -u)" \
	    "1 50"
done
done_testing
