# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Recorded exports of many makers: each field against what two other decoders read."""

import csv
import json
import os
import subprocess
import unittest
from collections import Counter, defaultdict
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from capture import Datagram, datagrams

from netflow._exporters import Exporters
from netflow._inbox import RawPacket
from netflow.ipfix import IPFIXFieldTypes
from netflow.utils import MalformedPacket, UnknownExportVersion
from netflow.v9 import V9_FIELD_TYPES

TOP = Path(__file__).resolve().parents[3]
CAPTURES = Path(os.environ.get("FLOWD_SHARED", TOP.parent / "shared")) / "captures"
READER = Path(os.environ.get("BUILD", TOP)) / "flowd-reader"
VERSIONS = {"netflow1", "netflow5", "netflow9", "ipfix"}

# What version 1 and 5 call the elements.
PLAIN = {
    8: "IPV4_SRC_ADDR",
    12: "IPV4_DST_ADDR",
    15: "NEXT_HOP",
    10: "INPUT",
    14: "OUTPUT",
    2: "IN_PACKETS",
    1: "IN_OCTETS",
    22: "FIRST_SWITCHED",
    21: "LAST_SWITCHED",
    7: "SRC_PORT",
    11: "DST_PORT",
    4: "PROTO",
    5: "TOS",
    6: "TCP_FLAGS",
    16: "SRC_AS",
    17: "DST_AS",
    9: "SRC_MASK",
    13: "DST_MASK",
}
ADDRESSES = {8, 12, 15, 18, 27, 28, 62, 63}

ENDS = {end: (f"{end}IPv4Address", f"{end}IPv6Address") for end in ("source", "destination")}

# The fields that flowd stores, by the names of each version.
COMMON = (
    ("src_addr", "IPV4_SRC_ADDR", "IPV6_SRC_ADDR", *ENDS["source"]),
    ("dst_addr", "IPV4_DST_ADDR", "IPV6_DST_ADDR", *ENDS["destination"]),
    ("src_port", "SRC_PORT", "L4_SRC_PORT", "sourceTransportPort"),
    ("dst_port", "DST_PORT", "L4_DST_PORT", "destinationTransportPort"),
    ("protocol", "PROTO", "PROTOCOL", "protocolIdentifier"),
    ("octets", "IN_OCTETS", "IN_BYTES", "octetDeltaCount"),
    ("packets", "IN_PACKETS", "IN_PKTS", "packetDeltaCount"),
)


def number(hexadecimal: str) -> int:
    """Return a number of any length, none of it too."""
    return int(hexadecimal or "0", 16)


def v9_value(element: int, text: str) -> tuple[str, Any]:
    """Return name and value as version 9 has them."""
    value: Any = number(text)
    if element in ADDRESSES and len(text) in (8, 32):
        value = ip_address(bytes.fromhex(text)).compressed
    return V9_FIELD_TYPES.get(element, "UNKNOWN_FIELD_TYPE"), value


def ipfix_value(element: str, text: str) -> tuple[str, Any]:
    """Return name and value as IPFIX has them."""
    pen, _, rest = element.rpartition(".")
    known = IPFIXFieldTypes.by_id(int(rest)) if not pen else None
    if known is None or not known.name:
        return f"e{pen or 0}id{rest}", long_value(text)
    data = bytes.fromhex(text)
    if known.type == "string":
        try:
            return known.name, data.decode()
        except UnicodeDecodeError:
            return known.name, str(data)
    if known.type.startswith("signed"):
        return known.name, int.from_bytes(data, "big", signed=True)
    if known.type.endswith(("Microseconds", "Nanoseconds")):
        return known.name, (number(text[:8]), number(text[8:16]))
    return known.name, long_value(text)


def long_value(text: str) -> Any:
    """Return a number, or text where it is too long for one."""
    return number(text) if len(text) <= 2048 else "0x" + text


def expected(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a record is in our names, of the bytes of its fields."""
    fields = {}
    for entry in row["raw"]:
        element, text = entry.split(":")
        element = element.rstrip("*")
        if row["version"] == 10:
            name, value = ipfix_value(element, text)
        elif row["version"] == 9:
            name, value = v9_value(int(element), text)
        else:
            name, value = PLAIN[int(element)], number(text)
        # Outer before inner headers in IPFIX; unknown types of version 9 are one name.
        if row["version"] != 10 or name not in fields:
            fields[name] = value
    return fields


def comparable(fields: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return them so that they can be counted; floats are as good as their text."""
    return tuple(sorted((name, repr(value)) for name, value in fields.items()))


def parse(name: str) -> tuple[dict[int, list[dict[str, Any]]], int]:
    """Return the flows of each datagram of a capture, and how many datagrams waited."""
    exporters = Exporters()
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    waited = 0

    def one(datagram: Datagram, raw: RawPacket) -> None:
        nonlocal waited
        try:
            export = exporters.parse(raw)
        except (MalformedPacket, UnknownExportVersion):
            return
        if export is None:
            waited += 1
        else:
            found[datagram.number] += [flow.data for flow in export.flows]

    for datagram in datagrams(CAPTURES / "pcap" / f"{name}.pcap"):
        one(datagram, RawPacket(0.0, (datagram.src, 0), datagram.payload))
    return found, waited


def names() -> list[str]:
    """Return the captures of our versions that no exporter has broken."""
    with (CAPTURES / "MANIFEST.tsv").open() as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t"))
    good = (
        row for row in rows if row["protocol"] in VERSIONS and "malformed" not in row["flags"]
    )
    return [Path(row["path"]).stem for row in good]


@unittest.skipUnless(CAPTURES.is_dir(), f"there is no {CAPTURES}")
class Captures(unittest.TestCase):
    """All captures of versions 1, 5, 9 and of IPFIX."""

    def rows(self, name: str) -> dict[int, list[dict[str, Any]]]:
        """Return the records of each datagram that nobody disputes."""
        found = defaultdict(list)
        with (CAPTURES / "expected" / f"{name}.jsonl").open() as lines:
            for line in lines:
                row = json.loads(line)
                # The options of version 9 are not among the flows.
                if row["kind"] == "flow" or row["version"] == 10:
                    found[row["datagram"]].append(row)
        return found

    def test_every_field_of_every_record_has_the_value_of_its_bytes(self) -> None:
        compared = 0
        for name in names():
            parsed, _ = parse(name)
            for datagram, rows in self.rows(name).items():
                if datagram not in parsed or any("late" in r or "lenient" in r for r in rows):
                    continue
                got = Counter(map(comparable, parsed[datagram]))
                want = Counter(comparable(expected(row)) for row in rows)
                self.assertEqual(got - want, Counter(), f"{name} {datagram}: too much")
                self.assertEqual(want - got, Counter(), f"{name} {datagram}: missing")
                compared += len(rows)
        self.assertGreater(compared, 1000)

    @unittest.skipUnless(READER.exists(), f"there is no {READER}")
    def test_flows_are_those_of_flowd_reader(self) -> None:
        compared = 0
        for name in names():
            parsed, waited = parse(name)
            ours = Counter(
                key for flows in parsed.values() for key in map(self.key, flows) if key
            )
            theirs = Counter(self.reader(name))
            if waited:
                continue
            self.assertEqual(ours - theirs, Counter(), name)
            compared += sum(ours.values())
        self.assertGreater(compared, 1000)

    def key(self, fields: dict[str, Any]) -> tuple[Any, ...] | None:
        """Return the common fields of a flow of ours that has all of them."""
        found: list[Any] = []
        for _, *choices in COMMON:
            present = [fields[name] for name in choices if name in fields]
            if len(present) != 1:
                return None
            found.append(present[0])
        six = "sourceIPv6Address" in fields
        for i in (0, 1):
            packed = found[i].to_bytes(16 if six else 4, "big") if type(found[i]) is int else None
            found[i] = str(ip_address(packed or found[i]))
        return tuple(found)

    def reader(self, name: str) -> list[tuple[Any, ...]]:
        """Return the common fields of the flows of flowd-reader."""
        path = CAPTURES / "pcap" / f"{name}.pcap"
        done = subprocess.run(
            [READER, "--pcap", "--port", "any", "--format", "ndjson", path],
            env={**os.environ, "LD_PRELOAD": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=60,
        )
        rows = map(json.loads, done.stdout.splitlines())
        return [tuple(row.get(name) for name, *_ in COMMON) for row in rows]


if __name__ == "__main__":
    unittest.main()
