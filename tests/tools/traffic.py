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
"""traffic.py make SEED PCAP TRUTH [N]: conversations, and what they add up to.
traffic.py capture HEX PCAP: datagrams, a line each, as one to port 2055.
traffic.py check [-4] [-b] [-i] TRUTH JSON: does an export of them tell that?

TCP that begins with a SYN, with its answer or in the middle, UDP, ICMP and ESP,
IPv4 and IPv6, VLANs, short frames padded, fragments in and out of order.  The
truth has a line of JSON for each direction.  -4: the export has no IPv6; -b:
both directions are in one record; -i: of ICMP the type and code are the
destination port, as in version 5.
"""

import collections
import ipaddress
import json
import random
import struct
import sys

BEGIN = 1700000000
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def ether(r, side, vlan, version, body):
    macs = bytes([2, 0, 0, 0, 0, 2 - side, 2, 0, 0, 0, 0, 1 + side])
    tag = struct.pack(">HH", 0x8100, vlan) if vlan else b""
    head = macs + tag + struct.pack(">H", 0x0800 if version == 4 else 0x86DD)
    return (head + body).ljust(60, b"\0")


class Flow:
    def __init__(self, r, number):
        self.r = r
        self.version = r.choice((4, 4, 6))
        self.proto = r.choice((6, 6, 6, 17, 17, 1, 50))
        if self.proto == 1 and self.version == 6:
            self.proto = 58
        pair = [r.randrange(1, 1 << 16) for _ in range(2)]
        while pair[0] == pair[1]:
            pair[1] = r.randrange(1, 1 << 16)
        base = 0x0A000000 if self.version == 4 else 0x20010DB8 << 96
        make = (ipaddress.IPv4Address if self.version == 4
                else ipaddress.IPv6Address)
        self.addr = [make(base + a) for a in pair]
        # By its number nobody else has it.
        self.port = [20000 + number, r.choice((53, 80, 443, 8080))]
        self.icmp = (8, 0) if self.proto == 1 else (128, 0)
        if self.proto == 50:
            self.port = [0, 0]
        self.vlan = r.choice((0, 0, 0, 100, 200))
        self.tos = [r.choice((0, 0x20, 0xB8)), r.choice((0, 0x28))]
        self.ttl = [r.randrange(30, 65), r.randrange(30, 65)]
        self.opening = r.choice(("syn", "answer", "middle"))
        self.oneway = r.random() < 0.2
        self.seq = [r.getrandbits(32), r.getrandbits(32)]
        self.id = r.getrandbits(16)
        self.first = None
        self.truth = [dict(packets=0, octets=0, flags=0) for _ in range(2)]

    def ports(self, side):
        return struct.pack(">HH", self.port[side], self.port[1 - side])

    def transport(self, side, flags, size):
        if self.proto == 6:
            return self.ports(side) + struct.pack(
                ">IIHHHH", self.seq[side], self.seq[1 - side],
                0x5000 | flags, 1024, 0, 0) + bytes(size)
        if self.proto == 17:
            return self.ports(side) + struct.pack(
                ">HH", 8 + size, 0) + bytes(size)
        if self.proto == 50:
            return struct.pack(">II", 7, 7) + bytes(size)
        return struct.pack(">BBHI", *self.icmp, 0, 0) + bytes(size)

    def ip(self, side, body, fragment=None):
        src, dst = self.addr[side].packed, self.addr[1 - side].packed
        tos, ttl = self.tos[side], self.ttl[side]
        offset, more = fragment or (0, 0)
        if self.version == 4:
            return struct.pack(
                ">BBHHHBBH", 0x45, tos, 20 + len(body), self.id,
                more << 13 | offset, ttl, self.proto, 0) + src + dst + body
        proto = self.proto
        if fragment:
            body = struct.pack(">BBHI", proto, 0, offset << 3 | more,
                               self.id) + body
            proto = 44
        return struct.pack(">IHBB", 6 << 28 | tos << 20 | 0xABC, len(body),
                           proto, ttl) + src + dst + body

    def send(self, side, flags, size):
        """The frames of one packet."""
        body = self.transport(side, flags, size)
        parts = [self.ip(side, body)]
        if self.proto == 17 and len(body) > 600 and self.r.random() < 0.3:
            self.id = (self.id + 1) & 0xFFFF
            parts = [self.ip(side, body[:600], (0, 1)),
                     self.ip(side, body[600:], (75, 0))]
        if self.first is None:
            self.first = side
            if self.proto == 6 and flags & (SYN | ACK) == SYN | ACK:
                self.first = 1 - side
        t = self.truth[side]
        for p in parts:
            t["packets"] += 1
            t["octets"] += len(p)
            t["flags"] |= flags if self.proto == 6 else 0
        return [ether(self.r, side, self.vlan, self.version, p) for p in parts]

    def talk(self):
        r = self.r
        if self.proto == 6 and self.opening == "syn":
            yield self.send(0, SYN | (0xC0 if r.random() < 0.5 else 0), 0)
        if self.proto == 6 and self.opening != "middle" and not self.oneway:
            yield self.send(1, SYN | ACK, 0)
        for _ in range(r.randrange(1, 40)):
            side = 0 if self.oneway or self.proto in (1, 58) else r.randrange(2)
            yield self.send(side, ACK | PSH, r.choice((0, 1, 100, 700, 1300)))
        if self.proto == 6 and r.random() < 0.5:
            yield self.send(0, FIN | ACK, 0)

    def rows(self):
        for side, t in enumerate(self.truth):
            if t["packets"] == 0:
                continue
            row = dict(src=str(self.addr[side]), dst=str(self.addr[1 - side]),
                       protocol=self.proto, tos=self.tos[side], **t)
            if self.proto in (1, 58):
                row["icmp"] = list(self.icmp)
            else:
                row["ports"] = [self.port[side], self.port[1 - side]]
            # Where both were heard, who began is first.
            row["direction"] = int(side != self.first)
            yield row


def make(seed, pcap, truth, number=300):
    r = random.Random(seed)
    flows = [Flow(r, i) for i in range(int(number))]
    talks = [f.talk() for f in flows]
    now = BEGIN * 1000000
    with open(pcap, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        while talks:
            talk = r.choice(talks)
            frames = next(talk, None)
            if frames is None:
                talks.remove(talk)
                continue
            for frame in frames:
                now += r.randrange(1, 9000)
                out.write(struct.pack("<IIII", now // 1000000, now % 1000000,
                                      len(frame), len(frame)) + frame)
    with open(truth, "w") as out:
        for f in flows:
            for row in f.rows():
                print(json.dumps(row), file=out)


def capture(hexes, pcap):
    """In microseconds: tshark's PDML has times as floating point."""
    with open(hexes) as lines, open(pcap, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for n, line in enumerate(lines):
            data = bytes.fromhex(line)
            frame = struct.pack(
                ">12xHBBHHHBBH4s4sHHHH", 0x0800, 0x45, 0, 28 + len(data), n, 0,
                64, 17, 0, bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]),
                40000, 2055, 8 + len(data), 0) + data
            out.write(struct.pack("<IIII", BEGIN + n, 0, len(frame),
                                  len(frame)) + frame)


def key(row):
    return (row["src"], row["dst"], row["protocol"],
            tuple(row.get("ports", ())), tuple(row.get("icmp", ())))


def exported(flow, icmp_in_port):
    """A record as rows of one direction each."""
    row = dict(src=flow["src_addr"], dst=flow["dst_addr"],
               protocol=flow["protocol"], tos=flow["tos"],
               packets=flow["packets"], octets=flow["octets"],
               flags=flow.get("tcp_flags", 0),
               direction=flow.get("direction"))
    if flow["protocol"] in (1, 58):
        row["icmp"] = (divmod(flow["dst_port"], 256) if icmp_in_port
                       else (flow["icmp_type"], flow["icmp_code"]))
    else:
        row["ports"] = (flow["src_port"], flow["dst_port"])
    yield row
    if flow.get("reverse_packets"):
        back = dict(row, src=row["dst"], dst=row["src"], direction=1,
                    packets=flow["reverse_packets"],
                    octets=flow["reverse_octets"], tos=flow["reverse_tos"],
                    flags=flow.get("reverse_tcp_flags", 0))
        if "ports" in row:
            back["ports"] = row["ports"][::-1]
        yield back


def check(args):
    options = [a for a in args if a.startswith("-")]
    truth, export = [a for a in args if not a.startswith("-")]
    want = {}
    with open(truth) as lines:
        for row in map(json.loads, lines):
            if "-4" not in options or ":" not in row["src"]:
                want[key(row)] = row
    got = collections.Counter()
    bad = 0
    with open(export) as lines:
        for flow in map(json.loads, lines):
            if "packets" not in flow:
                continue
            for row in exported(flow, "-i" in options):
                k = key(row)
                if "-b" in options and k not in want:
                    print("nobody sent", row)
                    bad += 1
                    continue
                got[k] += 1
                w = want.get(k, {})
                if "flags" in w and row["protocol"] != 6:
                    row["flags"] = 0
                for name in ("packets", "octets", "flags", "tos", "direction"):
                    if row[name] is not None and row[name] != w.get(name):
                        print(k, name, row[name], "but was", w.get(name))
                        bad += 1
    for k in want:
        if got[k] != 1:
            print(k, "is there", got[k], "times")
            bad += 1
    print(len(want), "directions,", bad, "wrong")
    return bad != 0 or not want


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:])
    elif sys.argv[1] == "capture":
        capture(*sys.argv[2:])
    else:
        sys.exit(check(sys.argv[2:]))
