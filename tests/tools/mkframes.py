#!/usr/bin/env python3
# Copyright (c) 2026 The flowd authors
#
# Permission to use, copy, modify, and distribute this software for any
# purpose with or without fee is hereby granted, provided that the above
# copyright notice and this permission notice appear in all copies.
#
# THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
# WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
# MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
# ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
# WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
# ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
# OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
"""mkframes.py SEED FRAMES SFLOW: frames, and the same as sFlow samples them.

Random, but the same for the same seed: tags, labels, PPPoE or SNAP, IPv4 and
IPv6 with what may stand before the transport, fragments, and tunnels.  Every
third frame is cut.  Two captures are written; frame N of the first is in
datagram N of the second.
"""

import random
import struct
import sys

FRAMES = 400


def transport(r, version):
    ports = struct.pack(">HH", r.randint(20000, 65535), r.randint(20000, 65535))
    icmp = (58, bytes([r.choice((1, 3, 128, 129, 135)), r.randint(0, 3)]))
    if version == 4:
        icmp = (1, bytes([r.choice((0, 3, 8, 11)), r.randint(0, 3)]))
    return r.choice([
        (6, ports + r.randbytes(8) +
            struct.pack(">HHHH", 0x5000 | r.getrandbits(12), 1024, 0, 0)),
        (17, ports + struct.pack(">HH", 8, 0)),
        (132, ports + bytes(8)),
        (33, ports + bytes([3, 0, 0, 0, 0x24, 0, 0, 1]) + bytes(4)),
        (icmp[0], icmp[1] + bytes(26)),
        (2, bytes([0x16, 0, 0, 0, 224, 0, 0, 5])),
        (89, bytes(24)),
        tunnel(r),
    ])


def tunnel(r):
    inner = ipv4(r, 17, struct.pack(">HHHH", 1, 2, 8, 0))
    key = r.choice((b"\0\0\x08\0", b"\x20\0\x08\0" + r.randbytes(4)))
    return r.choice(((4, inner), (47, key + inner)))


def ipv4(r, proto, payload):
    options = b"\1" * (4 * r.choice((0, 0, 0, 1, 5, 10)))
    # Whole, mostly; else the first fragment or another.
    fragment = r.choice((0, 0x4000, 0, 0x4000, 0x2000, 0x2000 | 185, 370))
    if fragment & 0x3fff:
        payload += bytes(-len(payload) % 8)
    return struct.pack(">BBHHHBBH", 0x45 + len(options) // 4, r.getrandbits(8),
                       20 + len(options) + len(payload), r.getrandbits(16),
                       fragment, r.randint(1, 255), proto, 0) + \
        bytes([r.randint(1, 126)]) + r.randbytes(3) + \
        bytes([r.randint(1, 126)]) + r.randbytes(3) + options + payload


def ipv6(r, proto, payload):
    for kind in sorted(r.sample((0, 43, 44, 60), r.choice((0, 0, 1, 2, 3))),
                       reverse=True):
        # A pad option fills what is behind the first two bytes.
        head = bytes([proto, 0, 1, 4, 0, 0, 0, 0])
        if kind == 43:
            head = bytes([proto, 2, 2, 0]) + bytes(20)
        elif kind == 44:
            offset = r.choice((0, 0, 1, 185 << 3, 185 << 3 | 1))
            head = struct.pack(">BBHI", proto, 0, offset, r.getrandbits(32))
        payload, proto = head + payload, kind
    return struct.pack(">IHBB", 6 << 28 | r.getrandbits(28), len(payload), proto,
                       r.randint(1, 255)) + b"\x20\x01" + r.randbytes(14) + \
        b"\x20\x01" + r.randbytes(14) + payload


def frame(r):
    version = r.choice((4, 6))
    packet = (ipv4 if version == 4 else ipv6)(r, *transport(r, version))
    out = b"\x02" + r.randbytes(5) + b"\x02" + r.randbytes(5)
    below = r.random()
    # tshark knows of no length behind a tag of 802.1ad.
    outer = 0x8100 if 0.25 <= below < 0.3 else r.choice((0x8100, 0x88a8))
    for i in range(r.choice((0, 0, 1, 2))):
        out += struct.pack(">HH", 0x8100 if i else outer, r.getrandbits(16))
    kind = 0x0800 if version == 4 else 0x86dd
    if below < 0.15:
        n = r.randint(1, 12)
        out += b"\x88\x47"
        for i in range(n):
            out += struct.pack(">I", r.randint(16, 2**20 - 1) << 12 |
                               r.getrandbits(3) << 9 | (i == n - 1) << 8 | 64)
    elif below < 0.25:
        out += struct.pack(">HBBHHH", 0x8864, 0x11, 0, 1, 2 + len(packet),
                           0x0021 if version == 4 else 0x0057)
    elif below < 0.3 and len(packet) < 1400:
        out += struct.pack(">H6sH", 8 + len(packet), b"\xaa\xaa\3\0\0\0", kind)
    else:
        out += struct.pack(">H", kind)
    return out + packet


def pcap(path):
    f = open(path, "wb")
    f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    return f


def put(f, n, data, length):
    f.write(struct.pack("<IIII", 1700000000 + n, 0, len(data), length) + data)


def sampled(n, data, length):
    """A datagram with one sample of it, in a frame of its own."""
    header = struct.pack(">IIII", 1, length, 0, len(data)) + data
    header += bytes(-len(header) % 4)
    sample = struct.pack(">10I", n, 7, 400, 400 * n, 0, 1, 2, 1, 1,
                         len(header)) + header
    out = struct.pack(">II4sIIIIII", 5, 1, bytes((192, 0, 2, 1)), 0, n,
                      1000 * n, 1, 1, len(sample)) + sample
    udp = struct.pack(">HHHH", 50000, 6343, 8 + len(out), 0) + out
    return b"\x02" + bytes(11) + b"\x08\0" + \
        struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                    bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))) + udp


def main():
    r = random.Random(int(sys.argv[1]))
    frames, sflow = pcap(sys.argv[2]), pcap(sys.argv[3])
    for n in range(1, FRAMES + 1):
        whole = frame(r)
        data = whole[:r.randint(14, len(whole))] if n % 3 == 0 else whole
        put(frames, n, data, len(whole))
        datagram = sampled(n, data, len(whole))
        put(sflow, n, datagram, len(datagram))


main()
