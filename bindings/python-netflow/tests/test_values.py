# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""What the bytes of a field become."""

import gc
import struct
import unittest
import weakref
from ipaddress import ip_address
from typing import Any

import packets as p

import netflow
from netflow import _decode


def parse(data: bytes) -> Any:
    """Parse a packet that brings its templates."""
    return netflow.parse_packet(bytearray(data), p.templates())


def v9(content: bytes, *fields: tuple[int, int]) -> list[dict[str, Any]]:
    """Return the flows of one set with one template before it."""
    packet = p.v9(p.one_set(0, p.template(256, *fields)), p.one_set(256, content))
    return [flow.data for flow in parse(packet).flows]


def v9_records(content: bytes) -> list[Any]:
    """Return records of one byte."""
    packet = p.v9(p.one_set(0, p.template(256, (1, 1))), p.one_set(256, content))
    return list(parse(packet).flows)


def ipfix_records(content: bytes, *fields: tuple[int, ...]) -> list[Any]:
    """The same of IPFIX, as records."""
    packet = p.ipfix(p.one_set(2, p.template(256, *fields)), p.one_set(256, content))
    return list(parse(packet).flows)


def ipfix(content: bytes, *fields: tuple[int, ...]) -> list[dict[str, Any]]:
    """Return the data of them."""
    return [record.data for record in ipfix_records(content, *fields)]


class Values(unittest.TestCase):
    """Each kind of field."""

    def test_v9_addresses_are_text_as_ipaddress_writes_it(self) -> None:
        for text in ("0.0.0.0", "255.255.255.255", "10.0.200.9", "192.168.1.100"):
            self.assertEqual(v9(ip_address(text).packed, (8, 4)), [{"IPV4_SRC_ADDR": text}])
        for text in ("2001:db8::1:0:0:1", "fe80::1:0:2", "1:2:3:4:5:6:7:8", "::ffff:0:0:1"):
            self.assertEqual(v9(ip_address(text).packed, (27, 16)), [{"IPV6_SRC_ADDR": text}])

    def test_every_pattern_of_zero_groups_is_compressed_as_ipaddress_does(self) -> None:
        for bits in range(256):
            packed = struct.pack("!8H", *(0x1A0 * (bits >> i & 1) for i in range(8)))
            want = ip_address(packed).compressed
            self.assertEqual(v9(packed, (62, 16)), [{"IPV6_NEXT_HOP": want}])

    def test_addresses_of_odd_length_are_numbers(self) -> None:
        want = {"IPV4_SRC_ADDR": 0x010203, "IPV4_DST_ADDR": 0x0102030405}
        self.assertEqual(v9(b"\1\2\3\1\2\3\4\5", (8, 3), (12, 5)), [want])

    def test_numbers_have_any_length(self) -> None:
        content = bytes(range(1, 256)) * 5
        for n in [*range(1, 20), 64, 1024]:
            want = int.from_bytes(content[:n], "big")
            self.assertEqual(v9(content[:n], (1, n)), [{"IN_BYTES": want}])
            self.assertEqual(ipfix(content[:n], (1, n)), [{"octetDeltaCount": want}])

    def test_a_number_too_long_to_print_is_hexadecimal_text(self) -> None:
        content = bytes(range(256)) * 8
        self.assertEqual(v9(content, (1, 2048)), [{"IN_BYTES": "0x" + content.hex()}])

    def test_signed_numbers_of_each_length_have_their_sign(self) -> None:
        for n in range(1, 9):
            for value in (-1, -(1 << 8 * n - 1), (1 << 8 * n - 1) - 1, 0, 1, -2):
                content = value.to_bytes(n, "big", signed=True)
                self.assertEqual(ipfix(content, (434, n)), [{"mibObjectValueInteger": value}])

    def test_floats_have_four_or_eight_bytes(self) -> None:
        for code, n in (("!f", 4), ("!d", 8)):
            content = struct.pack(code, -0.5)
            self.assertEqual(ipfix(content, (320, n)), [{"absoluteError": -0.5}])

    def test_fine_times_are_pairs(self) -> None:
        content = struct.pack("!II", 3900000000, 0x80000000)
        want = (3900000000, 0x80000000)
        self.assertEqual(ipfix(content, (154, 8)), [{"flowStartMicroseconds": want}])
        self.assertEqual(ipfix(content, (156, 8)), [{"flowStartNanoseconds": want}])

    def test_ipfix_text_is_text_and_v9_text_a_number(self) -> None:
        name = "Gi0/\N{DEGREE SIGN}"
        encoded = name.encode()
        self.assertEqual(ipfix(encoded, (82, len(encoded))), [{"interfaceName": name}])
        self.assertEqual(ipfix(b"\xff\0a'", (82, 4)), [{"interfaceName": str(b"\xff\0a'")}])
        self.assertEqual(v9(b"eth0", (82, 4)), [{"IF_NAME": 1702127664}])

    def test_a_name_that_comes_twice_has_its_last_value_and_in_ipfix_its_first(self) -> None:
        got = v9(b"\1\2\3", (400, 1), (1, 1), (401, 1))
        self.assertEqual(got, [{"IN_BYTES": 2, "UNKNOWN_FIELD_TYPE": 3}])
        got = ipfix(b"\1\2\3", (1, 1), (2, 1), (1, 1))
        self.assertEqual(got, [{"octetDeltaCount": 1, "packetDeltaCount": 2}])

    def test_variable_lengths_are_read_where_they_are(self) -> None:
        fields = ((82, 65535), (1, 4), (1, 65535, 9), (2, 65535))
        long = b"x" * 300
        content = b"\4eth0" + bytes([0, 0, 0, 7]) + b"\3abc" + b"\1\5"
        content += b"\xff" + struct.pack("!H", 300) + long + bytes([0, 0, 0, 8]) + b"\0\0"
        records = ipfix_records(content, *fields)
        first = {"interfaceName": "eth0", "octetDeltaCount": 7}
        first |= {"e9id1": 0x616263, "packetDeltaCount": 5}
        second = {"interfaceName": "x" * 300, "octetDeltaCount": 8}
        second |= {"e9id1": 0, "packetDeltaCount": 0}
        self.assertEqual([record.data for record in records], [first, second])
        self.assertEqual([record.e9id1 for record in records], [0x616263, 0])
        self.assertEqual([record.get_length() for record in records], [15, 309])

    def test_elements_of_an_enterprise_do_not_hide_those_of_iana(self) -> None:
        got = ipfix(b"\1\2\3\4\5", (1, 1), (1, 2, 29305), (1, 1, 0xFFFFFFFF), (32000, 1))
        want = {"octetDeltaCount": 1, "e29305id1": 0x0203}
        want |= {"e4294967295id1": 4, "e0id32000": 5}
        self.assertEqual(got, [want])
        self.assertEqual(ipfix_records(b"\1\2", (1, 1), (1, 1, 5))[0].fields, {(1, 1), (1, 2)})

    def test_v9_options_have_scopes_and_data(self) -> None:
        scopes, options = [(1, 4), (2, 2), (9, 1)], [(34, 4), (8, 4), (400, 1), (65000, 1)]
        content = bytes([1, 2, 3, 4, 0, 5, 6, 0, 0, 0, 100, 10, 0, 0, 1, 7, 8])
        template = p.one_set(1, p.v9_options(257, scopes, options) + b"\0\0")
        packet = parse(p.v9(template, p.one_set(257, content + b"\0\0\0")))
        self.assertEqual(packet.flows, [])
        (record,) = packet.options
        self.assertEqual(record.scopes, {"System": 0x01020304, "Interface": 5, 9: 6})
        want = {"SAMPLING_INTERVAL": 100, "IPV4_SRC_ADDR": 0x0A000001}
        self.assertEqual(record.data, want | {"hashFlowDomain": 7, "e0id65000": 8})

    def test_ipfix_options_are_among_the_flows(self) -> None:
        template = p.one_set(3, p.ipfix_options(257, 1, (149, 4), (41, 8)) + b"\0\0")
        packet = parse(p.ipfix(template, p.one_set(257, bytes(range(12)))))
        want = {"observationDomainId": 0x00010203}
        want |= {"exportedMessageTotalCount": 0x0405060708090A0B}
        self.assertEqual([flow.data for flow in packet.flows], [want])
        self.assertEqual([s.is_template for s in packet.sets], [True, False])
        self.assertEqual([s.is_data for s in packet.sets], [False, True])


def look_at_all_of_it() -> None:
    """Call what allocates."""
    data = bytes(range(200)) * 12
    kinds, lengths = [0, 1, 2, 3, 4, 5], [16, 3, 8, 16, 4, 8]
    layout = _decode.Layout(tuple("abcdef"), kinds, lengths, (1, 2))
    variable = _decode.Layout(("a", "b"), [4, 0], [65535, 2000])
    records: list[Any] = []
    layout.cut(_decode.Record, data, 0, 200, records)
    vars(records[0])
    records[0].x = records[1].data, records[1].e, repr(records)
    variable.decode(b"\4abc\xff" + data, 0, 2100)
    layout.load(_decode.Record(), data, 0, 100)


class Extension(unittest.TestCase):
    """netflow._decode: no argument makes more of it than an exception."""

    def test_wrong_arguments_are_exceptions(self) -> None:
        layout: Any = _decode.Layout(("a",), [0], [2])
        make: Any = _decode.Layout
        record: Any = _decode.Record
        for call, kind in (
            (lambda: make(), TypeError),
            (lambda: make(["a"], [0], [1]), TypeError),
            (lambda: make(("a",), [0], []), ValueError),
            (lambda: make(("a",), 5, 5), TypeError),
            (lambda: make(("a",), [7], [1]), ValueError),
            (lambda: make(("a",), [-1], [1]), ValueError),
            (lambda: make(("a",), [0], [65536]), ValueError),
            (lambda: make(("a",), [0], [1 << 80]), OverflowError),
            (lambda: make(("a",), [0], ["x"]), TypeError),
            (lambda: make(([],), [0], [1]), TypeError),
            (lambda: make(("a",), [0], [1], [1]), TypeError),
            (lambda: make(("a",), [0], [1], x=1), TypeError),
            (lambda: make(("a",) * 65536, bytes(65536), bytes(65536)), ValueError),
            (lambda: layout.cut(int, b"", 0, 0, []), TypeError),
            (lambda: layout.cut(5, b"", 0, 0, []), TypeError),
            (lambda: layout.cut(record, "", 0, 0, []), TypeError),
            (lambda: layout.cut(record, b"abc", 0, 4, []), ValueError),
            (lambda: layout.cut(record, b"abc", -1, 3, []), ValueError),
            (lambda: layout.cut(record, b"abc", 3, 2, []), ValueError),
            (lambda: layout.cut(record, b"abc", 0, 3, ()), TypeError),
            (lambda: layout.load(5, b"abc", 0, 3), TypeError),
            (lambda: layout.load(record(), b"abc", 2, 3), ValueError),
            (lambda: layout.decode(b"abc", 2, 3), ValueError),
            (lambda: layout.decode(b"abc", 0, 1 << 70), OverflowError),
            (lambda: setattr(layout, "names", ()), AttributeError),
            (lambda: setattr(layout, "other", ()), AttributeError),
        ):
            with self.assertRaises(kind):
                call()

    def test_every_allocation_that_fails_is_a_MemoryError(self) -> None:
        try:
            import _testcapi  # type: ignore[import-not-found,unused-ignore]
        except ImportError:
            self.skipTest("this Python has no _testcapi")
        failed = 0
        for n in range(1, 400):
            _testcapi.set_nomemory(n, n + 1)
            try:
                look_at_all_of_it()
            except MemoryError:
                failed += 1
            finally:
                _testcapi.remove_mem_hooks()
        self.assertGreater(failed, 50)

    def test_a_record_that_refers_to_itself_is_freed(self) -> None:
        record = v9_records(b"\1")[0]
        gone = weakref.ref(record)
        record.itself = record.data["itself"] = record
        del record
        gc.collect()
        self.assertIsNone(gone())

    def test_a_layout_without_bytes_gives_no_records(self) -> None:
        records: list[Any] = []
        empty = _decode.Layout(("a",), [0], [0])
        self.assertEqual(empty.cut(_decode.Record, b"abc", 0, 3, records), 0)
        self.assertEqual((records, empty.decode(b"", 0, 0)), ([], {"a": 0}))

    def test_a_record_loaded_again_is_the_other_one(self) -> None:
        layout = _decode.Layout(("a",), [0], [2])
        record = _decode.Record()
        layout.load(record, b"\0\1\0\2", 0, 4)
        self.assertEqual(record.data, {"a": 1})
        layout.load(record, b"\0\1\0\2", 2, 4)
        self.assertEqual((record.a, record.data), (2, {"a": 2}))


if __name__ == "__main__":
    unittest.main()
