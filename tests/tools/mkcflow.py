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
"""mkcflow.py SEED PCAP: datagrams of NetFlow 1, 5, 7, 8, 9 and IPFIX.

Templates and values are random, but the same for the same seed, and such that
there is one right reading of each: no two elements for one field, no times
that are none.
"""

import random
import struct
import sys

T0 = 1700000000

# Elements that a flow has a field for, and the sizes that are asked of all.
# Of each group one at most is in a template.
COUNTER, NUMBER, SHORT, BYTE = (1, 2, 3, 4, 5, 6, 7, 8), (1, 2, 3, 4), (1, 2), (1,)
GROUPS = [
    [(1, COUNTER), (85, COUNTER), (231, COUNTER), (352, COUNTER)],
    [(2, COUNTER), (86, COUNTER), (298, COUNTER)],
    [(23, COUNTER), (171, COUNTER)], [(24, COUNTER), (172, COUNTER)],
    [(232, COUNTER)], [(299, COUNTER)],
    [(3, NUMBER)], [(4, BYTE)], [(5, BYTE), (195, "dscp")],
    [(6, SHORT)],
    [(7, SHORT), (180, SHORT), (182, SHORT)],
    [(11, SHORT), (181, SHORT), (183, SHORT)],
    [(8, "ipv4"), (27, "ipv6"), (44, "ipv4"), (170, "ipv6")],
    [(12, "ipv4"), (28, "ipv6"), (45, "ipv4"), (169, "ipv6")],
    [(15, "ipv4"), (62, "ipv6")], [(18, "ipv4"), (63, "ipv6")],
    [(225, "ipv4"), (281, "ipv6")], [(226, "ipv4"), (282, "ipv6")],
    [(227, SHORT)], [(228, SHORT)],
    [(9, BYTE), (29, BYTE)], [(13, BYTE), (30, BYTE)],
    [(10, NUMBER), (252, NUMBER)], [(14, NUMBER), (253, NUMBER)],
    [(16, NUMBER)], [(17, NUMBER)], [(128, NUMBER)], [(129, NUMBER)],
    [(21, "uptime")], [(22, "uptime")],
    [(150, "seconds"), (152, "milliseconds"), (154, "ntp"), (156, "ntp"),
     (158, "delta")],
    [(151, "seconds"), (153, "milliseconds"), (155, "ntp"), (157, "ntp"),
     (159, "delta")],
    [(322, "seconds"), (323, "milliseconds"), (324, "ntp"), (325, "ntp")],
    [(31, NUMBER)], [(34, NUMBER), (50, NUMBER)], [(35, BYTE)],
    [(32, (2,)), (139, (2,)), (176, BYTE), (178, BYTE)],
    [(38, BYTE)], [(39, BYTE)], [(52, BYTE)], [(53, BYTE)], [(192, BYTE)],
    [(54, NUMBER)], [(88, SHORT)], [(197, BYTE)], [(55, BYTE), (98, "dscp")],
    [(56, "mac")], [(57, "mac")], [(80, "mac")], [(81, "mac")],
    [(58, SHORT), (243, SHORT)], [(59, SHORT), (254, SHORT)],
    [(245, SHORT)], [(255, SHORT)], [(256, (2,))],
    [(61, BYTE)], [(70, "label")], [(95, "application")],
    [(96, "text")], [(82, "text")], [(236, "text")], [(371, "text")],
    [(136, BYTE)], [(148, COUNTER)], [(230, BYTE)], [(233, BYTE)],
    [(234, NUMBER)], [(235, NUMBER)], [(361, SHORT)], [(362, SHORT)],
]
# v9 has them without an enterprise.
CISCO = [[(33002, SHORT)], [(40001, "ipv4"), (225, "ipv4")], [(40003, SHORT)],
         [(40005, BYTE)]]
LENGTHS = {"dscp": 1, "ipv4": 4, "ipv6": 16, "mac": 6, "uptime": 4, "seconds": 4,
           "milliseconds": 8, "ntp": 8, "delta": 4, "label": 3}
VARIABLE = 65535

# NetFlow 8 by scheme: the bytes of a record.
V8 = (28, 28, 32, 32, 40, 32, 40, 44, 32, 32, 32, 32, 40, 40)


def value(r, kind, length):
    if kind in ("ipv4", "ipv6"):
        return bytes([r.randint(1, 223)]) + r.randbytes(length - 1)
    if kind == "dscp":
        return bytes([r.randint(0, 63)])
    if kind == "text":
        return bytes(r.choice(b"abcdefghijklmnopqrstuvwxyz0123456789-_")
                     for _ in range(length))
    if kind == "uptime":
        return struct.pack(">I", r.randint(1, 5000000))
    if kind == "seconds":
        return struct.pack(">I", T0 - r.randint(0, 10**6))
    if kind == "milliseconds":
        return struct.pack(">Q", T0 * 1000 - r.randint(0, 10**9))
    if kind == "ntp":
        return struct.pack(">II", T0 + 2208988800 - r.randint(0, 10**6),
                           r.getrandbits(32))
    if kind == "delta":
        return struct.pack(">I", r.randint(1, 10**9))
    if kind == "label":
        return struct.pack(">I", r.randint(16, 2**20 - 1) << 12)[:3]
    return r.randbytes(length)


def template(r, version):
    """A list of (id, pen, length, kind)."""
    fields = []
    groups = GROUPS + (CISCO if version == 9 else [])
    if version == 9:
        groups = [g for g in groups if g[0][0] not in (225, 233, 227)]
    # Uptimes go before deltas, for us; for tshark what comes last.
    other = "delta" if r.random() < 0.5 else "uptime"
    groups = [[e for e in g if e[1] != other] for g in groups]
    groups = [g for g in groups if g]
    for group in r.sample(groups, r.randint(1, 25)):
        element, kind = r.choice(group)
        if isinstance(kind, tuple):
            length, kind = r.choice(kind), None
        elif kind == "application":
            length = r.randint(2, 9)
        elif kind == "text":
            long = version == 10 and r.random() < 0.5
            length = VARIABLE if long else r.randint(1, 40)
        else:
            length = LENGTHS[kind]
        fields.append((element, None, length, kind))
        if r.random() < 0.1:
            # Nobody knows it, and it moves what is behind it.
            pen = r.choice((None, 4711)) if version == 10 else None
            fields.append((20000 + r.randint(0, 9), pen, r.randint(1, 20), None))
    return fields


def template_set(version, number, fields):
    body = struct.pack(">HH", number, len(fields))
    for element, pen, length, _ in fields:
        body += struct.pack(">HH", element | (0x8000 if pen else 0), length)
        body += struct.pack(">I", pen) if pen else b""
    return struct.pack(">HH", 0 if version == 9 else 2, 4 + len(body)) + body


def record(r, fields):
    out = b""
    for _, _, length, kind in fields:
        if length == VARIABLE:
            length = r.choice((0, 1, 17, 254, 255, 300))
            out += (bytes([length]) if length < 255 and r.random() < 0.9
                    else b"\377" + struct.pack(">H", length))
        out += value(r, kind, length)
    return out


def sets(r, version, number):
    out = b""
    for i in range(r.randint(1, 3)):
        fields = template(r, version)
        out += template_set(version, number + i, fields)
        body = b""
        for _ in range(r.randint(1, 4)):
            rec = record(r, fields)
            if len(out) + len(body) + len(rec) > 1300:
                break
            body += rec
        if body:
            # At most as much padding as cannot be a record.
            least = sum(1 if f[2] == VARIABLE else f[2] for f in fields)
            body += bytes(min(-len(body) % 4, least - 1))
            out += struct.pack(">HH", number + i, 4 + len(body)) + body
    return out


def with_templates(r, version, i):
    body = sets(r, version, 256 + 4 * i)
    if version == 9:
        return struct.pack(">HHIIII", 9, 100, 6000000, T0 + i, i, 7) + body
    return struct.pack(">HHIII", 10, 16 + len(body), T0 + i, i, 7) + body


def plain(r, addresses):
    """Keys of v1, v5 and v7."""
    out = b"".join(value(r, "ipv4", 4) for _ in range(addresses))
    out += r.randbytes(12)
    out += value(r, "uptime", 4) + value(r, "uptime", 4)
    return out + r.randbytes(4)


def fixed(r, version, i):
    n = r.randint(1, 8)
    out = struct.pack(">HHIII", version, n, 6000000, T0 + i, r.randint(0, 999999999))
    if version > 1:
        out += struct.pack(">I", i)
    if version == 5:
        out += struct.pack(">BBH", r.randint(0, 255), r.randint(0, 255),
                           r.randint(0, 2) << 14 | r.randint(0, 16383))
    elif version == 7:
        out += bytes(4)
    for _ in range(n):
        out += plain(r, 3)
        out += r.randbytes({1: 12, 5: 12, 7: 16}[version])
    return out


def aggregated(r, scheme, i):
    n = r.randint(1, 8)
    out = struct.pack(">HHIIII", 8, n, 6000000, T0 + i, r.randint(0, 999999999), i)
    out += struct.pack(">BBBBI", 1, 2, scheme, 2, 0)
    for _ in range(n):
        rec = bytearray(r.randbytes(V8[scheme - 1]))
        # Where the uptimes of the first and the last packet are.
        at = {6: 12, 7: 16, 8: 20}.get(scheme, 12)
        rec[at:at + 8] = value(r, "uptime", 4) + value(r, "uptime", 4)
        out += bytes(rec)
    return out


def pcap(datagrams):
    yield struct.pack(">IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
    for i, data in enumerate(datagrams):
        frame = bytes(12) + struct.pack(
            ">HBBHHHBBH4B4B", 0x0800, 0x45, 0, 28 + len(data), 0, 0, 64, 17, 0,
            192, 0, 2, 1, 192, 0, 2, 254)
        frame += struct.pack(">HHHH", 50000, 2055, 8 + len(data), 0) + data
        yield struct.pack(">IIII", T0 + i, 0, len(frame), len(frame)) + frame


def main():
    r = random.Random(int(sys.argv[1]))
    datagrams = []
    for _ in range(10):
        for version in (1, 5, 7):
            datagrams.append(fixed(r, version, len(datagrams)))
    for scheme in range(1, 15):
        datagrams.append(aggregated(r, scheme, len(datagrams)))
    for _ in range(60):
        for version in (9, 10):
            datagrams.append(with_templates(r, version, len(datagrams)))
    with open(sys.argv[2], "wb") as f:
        f.writelines(pcap(datagrams))


if __name__ == "__main__":
    main()
