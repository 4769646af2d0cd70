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
"""mktrace.py [-l ethernet|raw|null|sll2|ppp|pflog] FILE: a capture, from lines like

    0.0 tcp 10.0.0.1:1025 > 10.0.0.2:80 S
    0.1 tcp 10.0.0.2:80 > 10.0.0.1:1025 SA tos 16 vlan 7 data 100
    0.2 udp fd00::1:53 > fd00::2:1024 data 64 frag 7 0 more
    0.3 udp fd00::1:53 > fd00::2:1024 data 64 frag 7 72
    0.4 icmp 10.0.0.1 > 10.0.0.2 8 0
    0.5 hex 0001 0203

Words behind a packet:
    data N|text:..|hex:..  bytes of payload        tos N, ttl N, label N, seq N
    vlan N, svlan N        tags, the outer first   mpls L,L..   (bottom: last)
    pppoe                                          mac SRC>DST
    frag ID OFFSET [more]  IPv4 or IPv6            hop N   extension headers
    gre|ipip|vxlan|geneve|gtp A > B                the packet is inside that
    cut N                  bytes captured          pad     to 60 bytes
    times N                the same packet so often
Flags of TCP are letters of FSRPAUEC.  The last colon before a port counts.
"""

import ipaddress
import struct
import sys

LINKS = {"ethernet": 1, "raw": 101, "null": 0, "sll2": 276, "ppp": 9,
         "pflog": 117}
FLAGS = "FSRPAUEC"
T0 = 1700000000


def addr(text):
    return ipaddress.ip_address(text)


def end(text):
    host, port = text.rsplit(":", 1)
    return addr(host), int(port)


def data(text):
    if text.startswith("text:"):
        return text[5:].encode()
    if text.startswith("hex:"):
        return bytes.fromhex(text[4:])
    return b"x" * int(text)


def ip(src, dst, proto, payload, o):
    frag = o.get("frag")
    tos, ttl = o.get("tos", 0), o.get("ttl", 64)
    if src.version == 4:
        ident, off = (frag[0], frag[1] // 8 | (0x2000 if frag[2] else 0)) \
            if frag else (0, 0)
        return struct.pack(">BBHHHBBH", 0x45, tos, 20 + len(payload), ident,
                           off, ttl, proto, 0) + src.packed + dst.packed + payload
    if frag:
        payload = struct.pack(">BBHI", proto, 0, frag[1] | bool(frag[2]),
                              frag[0]) + payload
        proto = 44
    for _ in range(o.get("hop", 0)):
        payload = struct.pack(">BBHI", proto, 0, 0x0104, 0) + payload
        proto = 60
    return struct.pack(">IHBB", 6 << 28 | tos << 20 | o.get("label", 0),
                       len(payload), proto, ttl) + \
        src.packed + dst.packed + payload


def transport(kind, w, o):
    """The addresses, the protocol, and what is in the IP packet."""
    payload = o.get("data", b"")
    if kind == "icmp":
        src, dst = addr(w[0]), addr(w[2])
        body = struct.pack(">BBHHH", int(w[3]), int(w[4]), 0, 1, 1)
        return src, dst, 1 if src.version == 4 else 58, body + payload
    if kind == "ip":
        return addr(w[0]), addr(w[2]), int(w[3]), payload
    (src, sport), (dst, dport) = end(w[0]), end(w[2])
    if kind == "udp":
        return src, dst, 17, struct.pack(">HHHH", sport, dport,
                                         8 + len(payload), 0) + payload
    flags = sum(1 << FLAGS.index(f) for f in w[3])
    return src, dst, 6, struct.pack(
        ">HHIIBBHHH", sport, dport, o.get("seq", 0), o.get("ack", 0), 0x50,
        flags, 8192, 0, 0) + payload


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ethernet(o, packet, version):
    src, dst = o.get("mac", (b"\2\0\0\0\0\1", b"\2\0\0\0\0\2"))
    kind = 0x0800 if version == 4 else 0x86dd
    if o.get("mpls"):
        labels = o["mpls"]
        packet = b"".join(
            struct.pack(">I", l << 12 | (i == len(labels) - 1) << 8 | 64)
            for i, l in enumerate(labels)) + packet
        kind = 0x8847
    if o.get("pppoe"):
        packet = struct.pack(">BBHHH", 0x11, 0, 1, len(packet) + 2,
                             0x21 if version == 4 else 0x57) + packet
        kind = 0x8864
    for tpid, tag in reversed(o.get("tags", [])):
        packet = struct.pack(">HH", tag, kind) + packet
        kind = tpid
    frame = dst + src + struct.pack(">H", kind) + packet
    return frame.ljust(60, b"\0") if o.get("pad") else frame


def tunnel(kind, a, b, packet, version):
    inner = 0x0800 if version == 4 else 0x86dd
    if kind == "ipip":
        return ip(a, b, 4 if version == 4 else 41, packet, {})
    if kind == "gre":
        return ip(a, b, 47, struct.pack(">HH", 0, inner) + packet, {})
    head, port = {
        "vxlan": (struct.pack(">II", 8 << 24, 5 << 8) +
                  ethernet({}, b"", version), 4789),
        "geneve": (struct.pack(">HHI", 0, inner, 5 << 8), 6081),
        "gtp": (struct.pack(">BBHI", 0x30, 255, len(packet), 1), 2152),
    }[kind]
    body = head + packet
    return ip(a, b, 17, struct.pack(">HHHH", 9999, port, 8 + len(body), 0) +
              body, {})


def options(w):
    """What follows the packet's own words."""
    o = {"tags": []}
    w = list(w)
    while w:
        k = w.pop(0)
        if k in ("tos", "ttl", "label", "seq", "ack", "hop", "cut", "times"):
            o[k] = int(w.pop(0), 0)
        elif k == "data":
            o[k] = data(w.pop(0))
        elif k in ("vlan", "svlan"):
            o["tags"].append((0x8100 if k == "vlan" else 0x88a8,
                              int(w.pop(0))))
        elif k == "mpls":
            o[k] = [int(l) for l in w.pop(0).split(",")]
        elif k == "mac":
            o[k] = tuple(mac(m) for m in w.pop(0).split(">"))
        elif k == "frag":
            o[k] = (int(w.pop(0)), int(w.pop(0)), w[:1] == ["more"])
            w = w[1:] if w[:1] == ["more"] else w
        elif k in ("pppoe", "pad"):
            o[k] = True
        elif k in ("gre", "ipip", "vxlan", "geneve", "gtp"):
            o["tunnel"] = (k, addr(w.pop(0)), addr(w.pop(1)))
            w.pop(0)
        else:
            sys.exit("mktrace: %s?" % k)
    return o


def link(name, o, packet, version):
    if name == "ethernet":
        return ethernet(o, packet, version)
    family = 2 if version == 4 else 10
    return {
        "raw": b"",
        "null": struct.pack("<I", 2 if version == 4 else 30),
        "ppp": struct.pack(">BBH", 0xff, 3, 0x21 if version == 4 else 0x57),
        "sll2": struct.pack(">HHIHBB8s", 0x0800 if version == 4 else 0x86dd, 0,
                            1, 1, 0, 6, b"\2\0\0\0\0\1"),
        "pflog": struct.pack(">BBBB", 61, family, 0, 0) + bytes(60),
    }[name] + packet


def frame(name, words):
    kind, w = words[0], words[1:]
    if kind == "hex":
        return bytes.fromhex("".join(w)), None, 1
    own = {"tcp": 4, "udp": 3, "icmp": 5, "ip": 4}[kind]
    o = options(w[own:])
    src, dst, proto, payload = transport(kind, w[:own], o)
    # Only the first fragment begins with the transport's header.
    if o.get("frag") and o["frag"][1] > 0:
        payload = o.get("data", b"")
    packet, version = ip(src, dst, proto, payload, o), src.version
    if "tunnel" in o:
        how, a, b = o["tunnel"]
        packet, version = tunnel(how, a, b, packet, version), a.version
    return link(name, o, packet, version), o.get("cut"), o.get("times", 1)


def main(args):
    name = "ethernet"
    if args[:1] == ["-l"]:
        name, args = args[1], args[2:]
    if len(args) != 1:
        sys.exit(__doc__)
    with open(args[0], "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535,
                              LINKS[name]))
        for line in sys.stdin:
            words = line.split("#")[0].split()
            if not words:
                continue
            f, cut, times = frame(name, words[1:])
            at = round(float(words[0]) * 1e9) + T0 * 10**9
            kept = f if cut is None else f[:cut]
            out.write(times * (struct.pack("<IIII", at // 10**9, at % 10**9,
                                           len(kept), len(f)) + kept))


main(sys.argv[1:])
