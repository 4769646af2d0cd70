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
"""same-fields.py EXPECTED FOUND: are all fields of a flow those of the tables?

EXPECTED is a directory of tables, NAME.jsonl; FOUND has what flowd-reader
--format ndjson made of each capture.  Every key of ours that a table has under
one of its names is compared, and every such key that a table has and we do
not is told.  Both sides are in the order of the wire; what a collector may
leave out is stepped over.  Prints a line for each field and capture that
differ, and how many values were compared; the status is 1 if any differ.
"""

import calendar
import collections
import glob
import ipaddress
import json
import os
import re
import sys

# Our names, where the tables have others: the first that is there counts,
# the others are right, too.
NAMES = {
    "aggregation": "aggregation",
    "customer_vlan": "dot1q_cust_vlan",
    "dst_peer_as": "next_adj_as",
    "end": "end_ms",
    "end_reason": "flow_end_reason",
    "end_uptime": "end_uptime_ms",
    "event_time": "event_ms",
    "export_time": "export_ms",
    "fragment_id": "ip_ident fragment_id",
    "octets": "octets octets_total octets_initiator layer2_octets",
    "packets": "packets packets_total packets_initiator",
    "post_vlan": "post_vlan post_dot1q_vlan dst_vlan",
    "reverse_octets": "rev_octets rev_octets_total octets_responder",
    "reverse_packets": "rev_packets rev_packets_total packets_responder",
    "sampler_id": "sampler_id selector_id",
    "sampling_rate": "sampling_interval sampling_rate sampler_interval",
    "src_peer_as": "prev_adj_as",
    "start": "start_ms",
    "start_uptime": "start_uptime_ms",
    "sys_uptime": "sysuptime_ms",
    "user_name": "user_name pan_user_id",
    "vlan": "vlan dot1q_vlan src_vlan",
}
SAME = """application_id application_name bgp_next_hop direction dst_addr
    dst_as dst_mask dst_port dst_prefix engine_id engine_type ethertype
    firewall_event flow_id flow_label flows forwarding_status fragment_flags
    fragment_offset fw_ext_event icmp_code icmp_type in_dst_mac in_if in_src_mac
    in_vrf max_ttl min_ttl mpls_labels nat_event next_hop out_dst_mac out_if
    out_octets out_packets out_src_mac out_vrf post_customer_vlan
    post_nat_dst_addr post_nat_dst_port post_nat_src_addr post_nat_src_port
    post_tos protocol sampling_algorithm sequence source_id src_addr src_as
    src_mask src_port src_prefix tcp_flags tos ttl version"""
NAMES = {k: v.split() for k, v in NAMES.items()}
NAMES.update({k: [k] for k in SAME.split()})

YEAR_1980 = 315532800 * 1000  # in ms
TIMES = ("start", "end", "event_time", "export_time")
KEYS = ("src_addr", "dst_addr", "octets", "packets", "sequence")
# The last is what sFlow has for a VLAN that the agent does not know.
NOTHING = (None, 0, "", [], "0.0.0.0", "::", "00:00:00:00:00:00",
           4294967295)
TIME = re.compile(r"(\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?Z$")


def load(path):
    with open(path, errors="replace") as f:
        return [json.loads(line) for line in f]


def milliseconds(text):
    m = TIME.match(text)
    whole = calendar.timegm(tuple(int(x) for x in m.groups()[:6]))
    return whole * 1000 + float(m[7] or 0) * 1000


def same(key, ours, theirs, row):
    if key in TIMES:
        off = abs(milliseconds(ours) - theirs)
        # Either reading of an uptime that may have wrapped is right.
        return off <= 1.001 or (
            row.get("time_ambiguous", False) and abs(off - 2**32) <= 1.001)
    if key == "version" and row["proto"] == "sflow5":
        return ours == 105
    if key == "mpls_labels":
        return ours == [label for label in theirs if label]
    try:
        return ipaddress.ip_address(ours) == ipaddress.ip_address(theirs)
    except ValueError:
        return str(ours).lower() == str(theirs).lower()


def right(key, ours, row):
    """None where the table says nothing."""
    names = [n for n in NAMES.get(key, []) if n in row]
    if not names:
        return None
    values = [row[n] for n in names]
    for n in names:
        values += row.get("alt", {}).get(n, [])
    return any(same(key, ours, v, row) for v in values)


def absent(flow, row):
    for key, names in NAMES.items():
        if key in flow:
            continue
        # Of these the engine is told, and not as one number.
        if key == "source_id" and row["proto"][:8] in (
                "netflow5", "netflow7", "netflow8"):
            continue
        for n in names:
            # No interface, but how many, or why the packet went nowhere.
            if n == "out_if" and row.get("out_if_format", 0) != 0:
                continue
            # By a clock that was never set there is no time.
            unset = key in TIMES and row.get(n, 0) < YEAR_1980
            if row.get(n) not in NOTHING and not unset:
                yield key, "not here", row[n]


def compare(flows, rows):
    """Yields key, ours, the table's; then what was compared, by None."""
    at = 0
    for flow in flows:
        at = next((i + 1 for i in range(at, len(rows)) if all(
            right(k, flow[k], rows[i]) is not False
            for k in KEYS if k in flow)), None)
        if at is None:
            yield "record", flow, "in no table"
            return
        row = rows[at - 1]
        for key, ours in flow.items():
            ok = right(key, ours, row)
            if ok is not None:
                yield None, key, None
            if ok is False:
                yield key, ours, [row[n] for n in NAMES[key] if n in row]
        yield from absent(flow, row)


def main():
    expected, found = sys.argv[1:3]
    values, fields, bad = 0, set(), 0
    for path in sorted(glob.glob(os.path.join(expected, "*.jsonl"))):
        name = os.path.basename(path)
        rows = [r for r in load(path) if r["kind"] in ("flow", "sflow_flow")]
        wrong = collections.defaultdict(list)
        flows = load(os.path.join(found, name))
        for key, ours, theirs in compare(flows, rows):
            if key is None:
                values += 1
                fields.add(ours)
            else:
                wrong[key].append((ours, theirs))
        for key, differ in sorted(wrong.items()):
            bad += 1
            print("%s: %s: %d times, first %s, not %s" %
                  (name[:-6], key, len(differ), *differ[0]))
    print("%d values of %d fields compared" % (values, len(fields)))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
