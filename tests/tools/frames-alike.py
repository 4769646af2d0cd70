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
"""frames-alike.py FRAMES JSON: what tshark reads of frames, and flowd-reader.

Every value that tshark has must be ours.  What we have and tshark has not is
an error, too, but for frames that were cut: there tshark gives up earlier.
"""

import ipaddress
import json
import subprocess
import sys


def number(text):
    return int(text, 0)


def addr(text):
    return str(ipaddress.ip_address(text))


def flag(text):
    return text in ("1", "True")


# tshark's fields, one of which the packet has; ours; how to read tshark's.
FIELDS = [
    (("eth.src",), "in_src_mac", str), (("eth.dst",), "in_dst_mac", str),
    (("ip.src", "ipv6.src"), "src_addr", addr),
    (("ip.dst", "ipv6.dst"), "dst_addr", addr),
    (("ip.dsfield", "ipv6.tclass"), "tos", number),
    (("ip.ttl", "ipv6.hlim"), "ttl", number),
    (("ipv6.flow",), "flow_label", number),
    (("tcp.srcport", "udp.srcport", "sctp.srcport", "dccp.srcport"), "src_port",
     number),
    (("tcp.dstport", "udp.dstport", "sctp.dstport", "dccp.dstport"), "dst_port",
     number),
    (("tcp.flags",), "tcp_flags", number),
    (("icmp.type", "icmpv6.type"), "icmp_type", number),
    (("icmp.code", "icmpv6.code"), "icmp_code", number),
    (("ipv6.fraghdr.ident",), "fragment_id", number),
]
MORE = ["frame.protocols", "ieee8021ad.id", "vlan.id", "mpls.label", "ip.proto", "ip.id", "ip.frag_offset",
        "ip.flags.mf", "ipv6.fraghdr.offset", "ipv6.fraghdr.more",
        "frame.cap_len", "frame.len"]
PORTS = {"src_port", "dst_port", "icmp_type", "icmp_code", "tcp_flags"}


def dissect(path):
    names = [n for f in FIELDS for n in f[0]] + MORE
    args = ["tshark", "-r", path, "-T", "fields", "-E", "occurrence=a",
            "-E", "separator=|", "-o", "ip.defragment:FALSE",
            "-o", "ipv6.defragment:FALSE"]
    for n in names:
        args += ["-e", n]
    run = subprocess.run(args, capture_output=True, text=True, check=True)
    for line in run.stdout.splitlines():
        # The first is the outer one.
        yield {n: v.split(",") for n, v in zip(names, line.split("|")) if v}


def expected(row):
    """What tshark has, by our names."""
    out = {}
    layers = row["frame.protocols"][0].split(":")
    packet = next((x for x in layers if x in ("ip", "ipv6")), None)
    other = {"ip": "ipv6.", "ipv6": "ip.", None: "ip"}[packet]
    for names, ours, read in FIELDS:
        for n in names:
            if n in row and not n.startswith(other):
                out[ours] = read(row[n][0])
                break
    tags = row.get("ieee8021ad.id", []) + row.get("vlan.id", [])
    for k, v in zip(("vlan", "customer_vlan"), tags):
        out[k] = number(v)
    if "mpls.label" in row:
        out["mpls_labels"] = [number(v) for v in row["mpls.label"]][:10]
    if packet == "ip" and "ip.proto" in row:
        out["protocol"] = number(row["ip.proto"][0])
    # Fragment fields are of fragments only.
    if packet == "ip" and "ip.dst" in row and (number(row["ip.frag_offset"][0]) != 0 or
                            flag(row["ip.flags.mf"][0])):
        out["fragment_id"] = number(row["ip.id"][0])
        out["fragment_offset"] = number(row["ip.frag_offset"][0])
        out["fragment_flags"] = 0x20 if flag(row["ip.flags.mf"][0]) else 0
    if "ipv6.fraghdr.ident" in row:
        out["fragment_offset"] = number(row["ipv6.fraghdr.offset"][0])
        out["fragment_flags"] = 0x20 if flag(row["ipv6.fraghdr.more"][0]) else 0
    # What is in a tunnel or in an error message is not of the packet.
    above = [x for x in layers if "." not in x]
    above = above[above.index(packet) + 1:][:1] if packet else []
    if above in (["ip"], ["gre"]):
        out = {k: v for k, v in out.items() if k not in PORTS}
    elif above in (["icmp"], ["icmpv6"]):
        out = {k: v for k, v in out.items() if not k.endswith("_port")}
    return out


def main():
    flows = [json.loads(line) for line in open(sys.argv[2])]
    rows = list(dissect(sys.argv[1]))
    bad = compared = 0
    if len(rows) != len(flows) or not rows:
        sys.exit(f"{len(rows)} frames, {len(flows)} flows")
    ours = {f[1] for f in FIELDS} | {"vlan", "customer_vlan", "mpls_labels",
                                     "fragment_offset", "fragment_flags"}
    for n, (row, flow) in enumerate(zip(rows, flows), 1):
        want = expected(row)
        cut = row["frame.cap_len"] != row["frame.len"]
        for k in sorted(set(want) | (ours & set(flow))):
            compared += 1
            if k not in want and cut:
                continue
            if flow.get(k) != want.get(k):
                bad += 1
                print(f"frame {n}: {k} is {flow.get(k)}, not {want.get(k)}")
    print(f"{compared} values compared")
    sys.exit(bad != 0)


main()
