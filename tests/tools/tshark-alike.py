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
"""tshark-alike.py PDML JSON: do tshark and flowd-reader read the same?

PDML is what "tshark -T pdml" and JSON what "flowd-reader --pcap --format ndjson"
made of one capture.  Flows are paired by the time of their datagram and in
their order there; each value that both have is compared.  Prints what differs
and how much was compared; the status is 1 if anything differs.

With --core, for captures that are broken: what has no address, port, protocol
or counter is no flow, those only are compared, and datagrams of which the two
find different numbers of flows are counted and left out.

With --flows, what has none of these is no flow: tshark has records of options
data among them.
"""

import calendar
import collections
import decimal
import ipaddress
import json
import re
import sys
import xml.etree.ElementTree as ET

# tshark's names of what is the same number for us.
NUMBERS = {
    "dstas": "dst_as", "dstmask": "dst_mask", "dstmaskv6": "dst_mask",
    "dstport": "dst_port", "direction": "direction",
    "dot1q_customer_vlan_id": "customer_vlan", "dot1q_vlan_id": "vlan",
    "egress_physical_interface": "out_if", "egress_vrfid": "out_vrf",
    "engine_id": "engine_id", "engine_type": "engine_type",
    "ethernet_type": "ethertype", "firewall_event": "firewall_event",
    "flow_end_reason": "end_reason", "flow_id": "flow_id", "flows": "flows",
    "frag_ident": "fragment_id", "fragment_offset": "fragment_offset",
    "fw_ext_event": "fw_ext_event", "icmp_ipv4_code": "icmp_code",
    "icmp_ipv4_type": "icmp_type", "icmp_ipv6_code": "icmp_code",
    "icmp_ipv6_type": "icmp_type", "ingress_physical_interface": "in_if",
    "ingress_vrfid": "in_vrf", "initiator_octets": "octets",
    "initiator_packets": "packets", "inputint": "in_if",
    "ip_fragment_flags": "fragment_flags", "ip_ttl": "ttl",
    "ipv6flowlabel": "flow_label", "layer2_octet_delta_count": "octets",
    "nat_event": "nat_event", "octets": "octets", "outputint": "out_if",
    "packets": "packets", "peer_dstas": "dst_peer_as",
    "peer_srcas": "src_peer_as", "permanent_octets": "octets",
    "permanent_packets": "packets", "port_range_end": "nat_port_last",
    "port_range_start": "nat_port_first",
    "post_dot1q_customer_vlan_id": "post_customer_vlan",
    "post_dot1q_vlan_id": "post_vlan",
    "post_naptdestination_transport_port": "post_nat_dst_port",
    "post_naptsource_transport_port": "post_nat_src_port",
    "post_octets": "out_octets", "post_packets": "out_packets",
    "post_tos": "post_tos", "post_total_octets": "out_octets",
    "post_total_packets": "out_packets", "post_vlanid": "post_vlan",
    "protocol": "protocol", "responder_octets": "reverse_octets",
    "responder_packets": "reverse_packets",
    "sampler_random_interval": "sampling_rate",
    "sampling_algorithm": "sampling_algorithm",
    "sampling_interval": "sampling_rate", "srcas": "src_as",
    "srcmask": "src_mask", "srcmaskv6": "src_mask", "srcport": "src_port",
    "tcpflags": "tcp_flags", "tos": "tos", "ttl_max": "max_ttl",
    "ttl_min": "min_ttl", "vlanid": "vlan",
}
ADDRESSES = {
    "bgpnexthop": "bgp_next_hop", "bgpnexthopv6": "bgp_next_hop",
    "dstaddr": "dst_addr", "dstaddrv6": "dst_addr", "dstnet": "dst_prefix",
    "dstnetv6": "dst_prefix", "dstprefix": "dst_prefix",
    "nexthop": "next_hop", "nexthopv6": "next_hop",
    "post_nat_destination_ipv6_address": "post_nat_dst_addr",
    "post_nat_source_ipv6_address": "post_nat_src_addr",
    "post_natdestination_ipv4_address": "post_nat_dst_addr",
    "post_natsource_ipv4_address": "post_nat_src_addr",
    "srcaddr": "src_addr", "srcaddrv6": "src_addr", "srcnet": "src_prefix",
    "srcnetv6": "src_prefix", "srcprefix": "src_prefix",
}
TEXTS = {
    "appl_name": "application_name", "dstmac": "in_dst_mac",
    "if_name": "in_if_name", "post_dstmac": "out_dst_mac",
    "post_srcmac": "out_src_mac", "srcmac": "in_src_mac",
    "user_name": "user_name", "vrfname": "in_vrf_name",
}
UPTIMES = {"timestart": "start_uptime", "timeend": "end_uptime"}
TIMES = {
    "abstimestart": "start", "abstimeend": "end",
    "observation_time_seconds": "event_time",
    "observation_time_milliseconds": "event_time",
    "observation_time_microseconds": "event_time",
    "observation_time_nanoseconds": "event_time",
}
TEXT_MAX = 255
CORE = ("src_addr", "dst_addr", "src_port", "dst_port", "protocol", "packets",
        "octets")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
THEIRS = re.compile(r"(\w+) +(\d+), (\d{4}) (\d+):(\d+):(\d+)\.(\d+) UTC$")
OURS = re.compile(r"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(?:\.(\d+))?Z$")


def nanoseconds(groups):
    whole = calendar.timegm(tuple(int(x) for x in groups[:6]))
    return whole * 10**9 + int((groups[6] or "0").ljust(9, "0")[:9])


def our_time(text):
    return nanoseconds(OURS.match(text).groups())


def their_time(text):
    m = THEIRS.match(text)
    if not m:
        return None
    month = MONTHS.index(m[1]) + 1
    return nanoseconds((m[3], month, m[2], m[4], m[5], m[6], m[7]))


def readings(name, show, value):
    """Our key, and what is to be there; none if it is nothing of ours."""
    if name in NUMBERS:
        yield NUMBERS[name], int(show, 0)
    elif name in ADDRESSES:
        yield ADDRESSES[name], ipaddress.ip_address(show)
    elif name in TEXTS:
        yield TEXTS[name], show[:TEXT_MAX]
    elif name in UPTIMES:
        yield UPTIMES[name], int(value, 16)
    elif name in TIMES:
        # An uptime of 0 is no time to tshark.
        yield TIMES[name], their_time(show) or None
    elif name in ("ip_dscp", "post_ip_diff_serv_code_point"):
        yield "tos" if name == "ip_dscp" else "post_tos", int(show, 0) << 2
    elif name == "icmp_type_code_ipv4":
        yield "icmp_type", int(show, 0) >> 8
        yield "icmp_code", int(show, 0) & 255
    elif name == "mpls_label":
        yield "mpls_labels", [int(show, 0)]


def same(key, ours, theirs):
    if isinstance(theirs, (ipaddress.IPv4Address, ipaddress.IPv6Address)):
        return ipaddress.ip_address(ours) == theirs
    if key in ("start", "end", "event_time"):
        # Microseconds are told as such: the rest of the fraction is nothing.
        return abs(our_time(ours) - theirs) <= 1000
    if key == "mpls_labels" and theirs == [0]:
        return ours in ([], [0])  # 0 ends them
    return ours == theirs


def flow_of(field, header):
    """Keys and values, the first where an element is there twice."""
    out = {}
    for f in field.iter("field"):
        name = f.get("name", "")
        if f is field or not name.startswith("cflow."):
            continue
        show, value = f.get("show", ""), f.get("value", "")
        if name.startswith("cflow.appl_id."):
            out["application_id"] = out.get("application_id", "") + value
            continue
        for key, want in readings(name[6:], show, value):
            if want is not None:
                out.setdefault(key, want)
    # Where the two are known to differ: flow-tools has it as we do.
    if header.get("aggmethod") in ("5", "13", "14"):
        out["src_mask"], out["dst_mask"] = out["dst_mask"], out["src_mask"]
    if header.get("aggmethod") == "9":
        for key in ("tos", "in_if", "out_if"):
            del out[key]
    return out


def their_flows(path):
    """Of each datagram, by its time."""
    packets = {}
    for _, packet in ET.iterparse(path):
        if packet.tag != "packet":
            continue
        flows = []
        for proto in packet.findall("proto"):
            if proto.get("name") != "cflow":
                continue
            header = {f.get("name", "")[6:]: f.get("show")
                      for f in proto.findall("field")}
            flows += [flow_of(f, header) for f in proto.iter("field")
                      if re.match(r"(Flow|pdu) \d", f.get("show", ""))]
        when = packet.find(".//field[@name='timestamp']").get("value")
        packets[int(decimal.Decimal(when) * 10**9)] = flows
        packet.clear()
    return packets


def main():
    core = "--core" in sys.argv
    only = core or "--flows" in sys.argv
    pdml, ours = [a for a in sys.argv[1:] if not a.startswith("--")]
    theirs = their_flows(pdml)
    flows = collections.defaultdict(list)
    with open(ours) as f:
        for line in f:
            flow = json.loads(line)
            flows[our_time(flow["recv_time"])].append(flow)
    values = records = apart = bad = 0
    fields = set()
    for when in sorted(set(flows) | set(theirs)):
        us, them = flows[when], theirs.get(when, [])
        if only:
            us = [f for f in us if any(k in f for k in CORE)]
            them = [f for f in them if any(k in f for k in CORE)]
        if len(us) != len(them):
            apart += 1
            if not core:
                print("datagram at %d: %d flows, of tshark %d" %
                      (when, len(us), len(them)))
            continue
        for mine, other in zip(us, them):
            records += 1
            for key, want in other.items():
                if key not in mine or (core and key not in CORE):
                    continue
                values += 1
                fields.add(key)
                if not same(key, mine[key], want):
                    bad += 1
                    print("datagram at %d: %s is %s, of tshark %s" %
                          (when, key, mine[key], want))
            if not core:
                for key in sorted(set(other) - set(mine)):
                    bad += 1
                    print("datagram at %d: no %s, of tshark %s" %
                          (when, key, other[key]))
    print("%d flows, %d values of %d fields; %d datagrams apart" %
          (records, values, len(fields), apart))
    sys.exit(1 if bad or not values or (apart and not core) else 0)


if __name__ == "__main__":
    main()
