# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Bytes from anybody: an answer or a documented error, in bounded time and memory."""

import json
import os
import random
import resource
import struct
import unittest
from pathlib import Path
from typing import Any

import packets as p

import netflow
from netflow import _decode, ipfix, v9
from netflow.utils import MalformedPacket, UnknownExportVersion

TOP = Path(__file__).resolve().parents[3]
INPUT = Path(os.environ.get("FLOWD_SHARED", TOP.parent / "shared"))
INPUT = INPUT / "compat" / "netflow-golden-input.json"

DOCUMENTED = (
    MalformedPacket,
    UnknownExportVersion,
    v9.V9TemplateNotRecognized,
    ipfix.IPFIXTemplateNotRecognized,
)


def seeds() -> list[bytes]:
    """Return packets to spoil: our own, and the golden ones where they are."""
    fields = ((8, 4), (27, 16), (1, 8), (82, 5), (154, 8), (434, 3))
    content = bytes(range(100))
    variable = p.template(257, (82, 65535), (1, 4, 35632), (1, 65535))
    own = [
        p.v5(bytes(range(48)), bytes(range(48, 96))),
        struct.pack("!HHIII", 1, 2, 3, 4, 5) + content[:96],
        p.v9(p.one_set(0, p.template(256, *fields)), p.one_set(256, content)),
        p.v9(
            p.one_set(1, p.v9_options(300, [(1, 4), (2, 2)], [(34, 4), (82, 5)]) + b"\0\0"),
            p.one_set(300, content),
        ),
        p.ipfix(p.one_set(2, p.template(256, *fields)), p.one_set(256, content[:88])),
        p.ipfix(p.one_set(2, variable), p.one_set(257, b"\4eth0\0\0\0\1\2ab" * 3)),
        p.ipfix(p.one_set(3, p.ipfix_options(258, 1, (149, 4), (41, 8))), p.one_set(258, b"")),
    ]
    if INPUT.exists():
        golden = json.loads(INPUT.read_text())
        own += [bytes.fromhex(text) for sequence in golden.values() for text in sequence]
    return own


def spoil(packet: bytearray, rnd: random.Random) -> None:
    """Change a packet in one of the ways that have broken parsers."""
    way, at = rnd.randrange(6), rnd.randrange(len(packet) + 1)
    if way < 2 and at < len(packet):
        packet[at] = rnd.choice((0, 1, 2, 3, 4, 127, 128, 255, rnd.randrange(256)))
    elif way == 2:
        del packet[at:]
    elif way == 3:
        number = rnd.choice((0, 1, 3, 4, 255, 256, 65535, len(packet) & 65535))
        packet[at : at + 2] = struct.pack("!H", number)
    elif way == 4:
        packet += rnd.randbytes(rnd.randrange(40))
    else:
        packet[at:at] = packet[rnd.randrange(len(packet) + 1) :][: rnd.randrange(80)]
    if len(packet) > 4 and packet[1] == 10 and rnd.random() < 0.7:
        packet[2:4] = struct.pack("!H", min(len(packet), 65535))


def use(packet: Any) -> None:
    """Look at all of a packet."""
    repr(packet)
    for flow in packet.flows:
        repr(flow)
        vars(flow)
        for name, value in flow.data.items():
            if getattr(flow, name) != value and value == value:
                raise AssertionError(name)
    json.dumps([flow.data for flow in packet.flows])
    for option in getattr(packet, "options", ()):
        repr(option)
        json.dumps(option.data)


class Hostile(unittest.TestCase):
    """Seeded, so that what is found is found again."""

    def parse(self, packet: bytes | bytearray, templates: Any) -> None:
        """Parse it; no exception but those of the documentation."""
        try:
            use(netflow.parse_packet(bytearray(packet), templates))
        except DOCUMENTED:
            pass

    def test_spoiled_packets_raise_nothing_but_what_is_documented(self) -> None:
        rnd = random.Random(20261121)
        all_seeds = seeds()
        templates = p.templates()
        for n in range(6000):
            packet = bytearray(rnd.choice(all_seeds))
            for _ in range(rnd.choice((1, 1, 2, 4, 16))):
                spoil(packet, rnd)
            if n % 200 == 0:
                templates = p.templates()
            with self.subTest(packet=packet.hex()):
                self.parse(packet, templates)

    def test_every_packet_cut_anywhere_raises_nothing_but_what_is_documented(self) -> None:
        for packet in seeds():
            templates = p.templates()
            for n in range(0, len(packet), 1 + len(packet) // 150):
                self.parse(packet[:n], templates)

    def test_noise_behind_each_version_raises_nothing_but_what_is_documented(self) -> None:
        rnd = random.Random(7)
        templates = p.templates()
        for n in range(2000):
            noise = rnd.randbytes(rnd.randrange(200))
            self.parse(struct.pack("!H", (1, 5, 9, 10)[n % 4]) + noise, templates)

    def test_packets_that_are_thrown_away_leave_no_memory_behind(self) -> None:
        if "ASAN_OPTIONS" in os.environ:
            self.skipTest("AddressSanitizer keeps what was freed")
        all_seeds = seeds()
        for _ in range(30):
            self.all_of(all_seeds)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(150):
            self.all_of(all_seeds)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        self.assertLess(grown, 4096, "KB")

    def all_of(self, all_seeds: list[bytes]) -> None:
        """Parse each of them, whole and cut, with templates of their own."""
        templates = p.templates()
        for packet in all_seeds:
            self.parse(packet, templates)
            self.parse(packet[: len(packet) // 2], templates)

    def test_the_largest_packets_are_as_many_records_as_they_have_bytes(self) -> None:
        one = p.template(256, (1, 1))
        content = b"\1" * 65000
        for packet in (
            p.v9(p.one_set(0, one), p.one_set(256, content)),
            p.ipfix(p.one_set(2, one), p.one_set(256, content)),
        ):
            parsed = netflow.parse_packet(packet, p.templates())
            self.assertEqual(len(parsed.flows), 65000)

    def test_many_empty_sets_of_a_large_template_are_no_work(self) -> None:
        fields = [(1, 1, i) for i in range(1024)]
        packet = p.ipfix(p.one_set(2, p.template(256, *fields)), p.one_set(256, b"") * 14000)
        parsed: Any = netflow.parse_packet(packet, p.templates())
        self.assertEqual((len(parsed.sets), parsed.flows), (14001, []))

    def test_templates_of_more_than_1024_fields_are_refused(self) -> None:
        fields = [(1, 1)] * 1025
        for packet in (
            p.v9(p.one_set(0, p.template(256, *fields)), p.one_set(256, b"")),
            p.v9(p.one_set(1, p.v9_options(256, fields[:1], fields[1:])), p.one_set(256, b"")),
            p.ipfix(p.one_set(2, p.template(256, *fields)), p.one_set(256, b"")),
        ):
            with self.assertRaisesRegex(MalformedPacket, "1025 fields"):
                netflow.parse_packet(packet, p.templates())

    def test_v9_templates_with_more_names_than_bytes_are_refused(self) -> None:
        fields = [(number, 0) for number in range(1, 40)] + [(50, 1)]
        packet = p.v9(p.one_set(0, p.template(256, *fields)), p.one_set(256, b"\1" * 100))
        with self.assertRaisesRegex(MalformedPacket, "40 fields in 1 bytes"):
            netflow.parse_packet(packet, p.templates())


class Loader(str):
    """A name that makes a record another one when it is looked up."""

    load: Any = None

    def __hash__(self) -> int:
        if self.load is not None:
            self.load()
        return str.__hash__(self)


class ReentryTest(unittest.TestCase):
    def test_a_name_that_loads_another_record_asks_the_one_that_was(self) -> None:
        layout = _decode.Layout(("a",), (_decode.UNSIGNED,), (4,))
        records: list[Any] = []
        layout.cut(_decode.Record, bytes([0, 0, 0, 7]), 0, 4, records)
        del layout

        def load() -> None:
            other = _decode.Layout(("b",) * 200, (_decode.UNSIGNED,) * 200, (1,) * 200)
            other.load(records[0], bytes(200), 0, 200)

        name = Loader("a")
        name.load = load
        self.assertEqual(getattr(records[0], name), 7)
        self.assertEqual(records[0].b, 0)


if __name__ == "__main__":
    unittest.main()
