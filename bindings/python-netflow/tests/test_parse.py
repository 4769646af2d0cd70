# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""parse_packet: what it takes, what it gives, what it refuses."""

import copy
import json
import pickle
import struct
import unittest
from typing import Any

import packets as p

import netflow
from netflow import ipfix, v1, v5, v9
from netflow.utils import MalformedPacket, UnknownExportVersion


def parse(data: Any, templates: Any = None) -> Any:
    """Parse with templates of its own, typed as tests like it."""
    return netflow.parse_packet(data, p.templates() if templates is None else templates)


def flows(data: Any, templates: Any = None) -> list[dict[str, Any]]:
    """Return the data of all flows."""
    return [flow.data for flow in parse(data, templates).flows]


class Input(unittest.TestCase):
    """The argument data."""

    packet = p.v5(bytes(range(48)))

    def test_hexadecimal_text_is_taken_as_str_and_as_bytes(self) -> None:
        want = flows(bytearray(self.packet))
        self.assertEqual(flows(self.packet.hex()), want)
        self.assertEqual(flows(self.packet.hex(" ")), want)
        self.assertEqual(flows(self.packet.hex().upper().encode()), want)

    def test_a_packet_of_nothing_but_text_characters_is_a_packet(self) -> None:
        packet = self.packet.replace(struct.pack("!I", p.TIME), b"abcd")
        self.assertTrue(packet.replace(b"\xe8", b"").isascii())
        packet = packet.replace(b"\xe8", b"\0")
        self.assertEqual(packet.decode("utf-8").encode("utf-8"), packet)
        self.assertEqual(len(flows(packet)), 1)

    def test_any_buffer_is_taken_and_not_kept(self) -> None:
        buffer = bytearray(self.packet)
        packet = parse(buffer)
        other = parse(memoryview(buffer)[:])
        buffer[:] = bytes(len(buffer))
        self.assertEqual(packet.flows[0].IPV4_SRC_ADDR, 0x00010203)
        self.assertEqual(other.flows[0].data, packet.flows[0].data)

    def test_text_that_is_not_hexadecimal_is_a_ValueError(self) -> None:
        for text in ("zz", "0", "0005x", b"00zz", "00\N{SNOWMAN}", b"00\xff"):
            with self.assertRaises(ValueError):
                parse(text)

    def test_what_is_no_data_is_a_TypeError(self) -> None:
        wrong: list[Any] = [5, None, [], {}, 1.5]
        for data in wrong:
            with self.assertRaises(TypeError):
                parse(data)

    def test_other_versions_are_told_with_their_number_and_data(self) -> None:
        for version in (0, 2, 7, 8, 11, 0xFFFF):
            data = struct.pack("!HH", version, 0) + bytes(20)
            with self.assertRaises(UnknownExportVersion) as caught:
                parse(bytearray(data))
            self.assertEqual(caught.exception.version, version)
            self.assertEqual(caught.exception.data, data)


class Templates(unittest.TestCase):
    """The argument templates."""

    def test_an_empty_dict_becomes_what_both_versions_need(self) -> None:
        templates: dict[str, Any] = {}
        parse(p.v9(p.one_set(0, p.template(256, (1, 4)))), templates)
        parse(p.ipfix(p.one_set(2, p.template(257, (1, 4)))), templates)
        self.assertEqual(list(templates["netflow"]), [256])
        self.assertEqual(templates["ipfix"], {257: [(1, 4)]})

    def test_empty_lists_become_dicts(self) -> None:
        templates: dict[str, Any] = {"netflow": [], "ipfix": []}
        parse(p.v9(p.one_set(0, p.template(256, (1, 4)))), templates)
        parse(p.ipfix(p.one_set(2, p.template(257, (1, 4)))), templates)
        self.assertEqual(list(templates["netflow"]), [256])

    def test_without_templates_versions_9_and_10_are_a_ValueError(self) -> None:
        for packet in (p.v9(), p.ipfix()):
            with self.assertRaisesRegex(ValueError, "templates"):
                netflow.parse_packet(packet)

    def test_templates_of_a_caller_are_used_as_they_are_by_then(self) -> None:
        fields = [v9.V9TemplateField(7, 2), v9.V9TemplateField(8, 4)]
        own = [ipfix.TemplateField(7, 2), ipfix.TemplateFieldEnterprise(9, 4, 5)]
        templates = {
            "netflow": {300: v9.V9TemplateRecord(300, 2, fields)},
            "ipfix": {300: own},
        }
        content = p.one_set(300, b"\0\x50\x0a\0\0\1")
        want9 = {"L4_SRC_PORT": 80, "IPV4_SRC_ADDR": "10.0.0.1"}
        want10 = {"sourceTransportPort": 80, "e5id9": 0x0A000001}
        self.assertEqual(flows(p.v9(content), templates), [want9])
        self.assertEqual(flows(p.ipfix(content), templates), [want10])
        fields.reverse()
        own.reverse()
        content = p.one_set(300, b"\x0a\0\0\1\0\x50")
        self.assertEqual(flows(p.v9(content), templates), [want9])
        self.assertEqual(flows(p.ipfix(content), templates), [want10])

    def test_templates_survive_pickle_and_a_copy(self) -> None:
        templates = p.templates()
        nine = p.v9_options(257, [(1, 4)], [(34, 4), (34, 4)])
        parse(p.v9(p.one_set(0, p.template(256, (1, 4))), p.one_set(1, nine)), templates)
        ten = p.ipfix_options(257, 1, (149, 4), (41, 8))
        plain = p.template(256, (1, 4), (2, 4, 9))
        parse(p.ipfix(p.one_set(2, plain), p.one_set(3, ten)), templates)
        for other in (pickle.loads(pickle.dumps(templates)), copy.deepcopy(templates)):
            self.assertEqual(repr(other), repr(templates))
            packet = parse(p.v9(p.one_set(257, bytes(range(12)))), other)
            self.assertEqual(packet.options[0].data, {"SAMPLING_INTERVAL": 0x08090A0B})
            got = flows(p.ipfix(p.one_set(256, bytes(range(8)))), other)
            self.assertEqual(got, [{"octetDeltaCount": 0x00010203, "e9id2": 0x04050607}])

    def test_a_template_that_changes_holds_for_what_comes_after_it(self) -> None:
        templates = p.templates()
        data = p.one_set(256, bytes(range(8)))
        first = parse(p.v9(p.one_set(0, p.template(256, (1, 4))), data), templates)
        second = parse(p.v9(data, p.one_set(0, p.template(256, (1, 8))), data), templates)
        self.assertEqual(len(first.flows), 2)
        got = [flow.IN_BYTES for flow in second.flows]
        self.assertEqual(got, [0x00010203, 0x04050607, 0x0001020304050607])
        self.assertTrue(first.contains_new_templates)
        self.assertFalse(second.contains_new_templates)

    def test_a_withdrawn_ipfix_template_is_gone(self) -> None:
        templates = p.templates()
        two = p.template(256, (1, 4)) + p.template(257, (2, 4))
        options = p.ipfix_options(258, 1, (149, 4))
        parse(p.ipfix(p.one_set(2, two), p.one_set(3, options)), templates)
        parse(p.ipfix(p.one_set(2, p.template(256) + p.template(999))), templates)
        self.assertEqual(list(templates["ipfix"]), [257, 258])
        with self.assertRaises(ipfix.IPFIXTemplateNotRecognized):
            parse(p.ipfix(p.one_set(256, bytes(4))), templates)
        parse(p.ipfix(p.one_set(2, p.template(2))), templates)
        self.assertEqual(list(templates["ipfix"]), [258])
        parse(p.ipfix(p.one_set(3, p.template(3))), templates)
        self.assertEqual(templates["ipfix"], {})

    def test_v9_data_before_its_template_in_a_packet_is_decoded(self) -> None:
        packet = p.v9(p.one_set(256, bytes(4)), p.one_set(0, p.template(256, (1, 4))))
        self.assertEqual(flows(packet), [{"IN_BYTES": 0}])

    def test_data_without_a_template_is_a_KeyError_and_what_was_learned_stays(self) -> None:
        templates = p.templates()
        known, unknown = p.template(256, (1, 4)), p.one_set(300, bytes(4))
        with self.assertRaises(v9.V9TemplateNotRecognized):
            parse(p.v9(p.one_set(0, known), unknown), templates)
        with self.assertRaises(ipfix.IPFIXTemplateNotRecognized):
            parse(p.ipfix(p.one_set(2, known), unknown), templates)
        self.assertEqual(list(templates["netflow"]), [256])
        self.assertEqual(list(templates["ipfix"]), [256])
        self.assertTrue(issubclass(v9.V9TemplateNotRecognized, KeyError))
        self.assertTrue(issubclass(ipfix.IPFIXTemplateNotRecognized, KeyError))


class Records(unittest.TestCase):
    """Flows as users see them."""

    def setUp(self) -> None:
        self.packet = parse(p.v5(bytes(range(48)), bytes(48)))
        self.flow = self.packet.flows[0]

    def test_flows_are_a_list_and_their_data_a_dict(self) -> None:
        self.assertIs(type(self.packet.flows), list)
        self.assertIs(type(self.flow.data), dict)
        self.assertIs(self.flow.data, self.flow.data)
        self.assertEqual(json.loads(json.dumps(self.flow.data)), self.flow.data)
        self.assertEqual(repr(self.flow), f"<DataRecord with data {self.flow.data}>")

    def test_attributes_are_the_data(self) -> None:
        for name, value in self.flow.data.items():
            self.assertEqual(getattr(self.flow, name), value)
            self.assertIn(name, dir(self.flow))
            self.assertIn(name, vars(self.flow))
        self.assertFalse(hasattr(self.flow, "IN_BYTES"))
        with self.assertRaisesRegex(AttributeError, "V5DataFlow.*nonsense"):
            _ = self.flow.nonsense

    def test_a_flow_takes_other_values_and_attributes(self) -> None:
        self.flow.PROTO = 17
        self.flow.host = "a"
        self.flow.data["PROTO"] = 6
        self.assertEqual((self.flow.PROTO, self.flow.host, self.flow.data["PROTO"]), (17, "a", 6))
        self.assertEqual(vars(self.flow)["PROTO"], 17)
        self.flow.data = {"x": 1}
        self.assertEqual((self.flow.data, vars(self.flow)["data"]), ({"x": 1}, {"x": 1}))
        with self.assertRaises(AttributeError):
            del self.flow.data

    def test_flows_survive_pickle_and_copy(self) -> None:
        for other in (
            pickle.loads(pickle.dumps(self.flow)),
            copy.copy(self.flow),
            copy.deepcopy(self.flow),
        ):
            self.assertIs(type(other), v5.V5DataFlow)
            self.assertEqual(other.data, self.flow.data)
            self.assertEqual(other.DST_PORT, self.flow.DST_PORT)
        whole = pickle.loads(pickle.dumps(self.packet))
        self.assertEqual([f.data for f in whole.flows], [f.data for f in self.packet.flows])
        self.assertEqual(whole.header.to_dict(), self.packet.header.to_dict())

    def test_records_are_made_of_bytes_too(self) -> None:
        self.assertEqual(v5.V5DataFlow(bytes(range(48))).data, self.flow.data)
        self.assertEqual(v1.V1DataFlow(bytes(48)).TOS, 0)
        fields = [ipfix.TemplateField(7, 2)]
        self.assertEqual(ipfix.IPFIXDataRecord(b"\0\x50", fields).sourceTransportPort, 80)
        self.assertEqual(v9.V9DataRecord().data, {})
        with self.assertRaises(MalformedPacket):
            v5.V5DataFlow(bytes(47))
        with self.assertRaises(ipfix.IPFIXMalformedRecord):
            ipfix.IPFIXDataRecord(b"\0", fields)

    def test_headers_are_attributes_and_a_dict(self) -> None:
        header = self.packet.header
        want = {"version": 5, "count": 2, "uptime": 1000, "timestamp": p.TIME}
        want |= {"timestamp_nano": 7, "sequence": 99, "engine_type": 1, "engine_id": 2}
        want |= {"sampling_interval": 3}
        self.assertEqual(header.to_dict(), want)
        self.assertIs(header.to_dict(), header.__dict__)


class Padding(unittest.TestCase):
    """What is behind the last record of a set."""

    def test_v9_records_end_where_no_whole_one_is_left(self) -> None:
        eight = bytes(range(8))
        for content, length, want in (
            (eight + b"\1\2\3", 8, 1),
            (eight, 2, 4),
            (eight, 1, 8),
            (b"", 8, 0),
        ):
            template = p.one_set(0, p.template(256, (1, length)))
            self.assertEqual(len(flows(p.v9(template, p.one_set(256, content)))), want)

    def test_zeros_behind_v9_templates_are_no_template(self) -> None:
        for zeros in range(12):
            templates = p.templates()
            parse(p.v9(p.one_set(0, p.template(256, (1, 4)) + bytes(zeros))), templates)
            self.assertEqual(list(templates["netflow"]), [256])

    def test_zeros_behind_the_last_v9_set_are_passed_over(self) -> None:
        packet = p.v9(p.one_set(0, p.template(256, (1, 4))), p.one_set(256, bytes(4)))
        for zeros in range(12):
            self.assertEqual(len(flows(packet + bytes(zeros))), 1)

    def test_ipfix_padding_is_of_zeros(self) -> None:
        template = p.template(256, (1, 4))
        first = p.one_set(2, template)
        self.assertEqual(len(flows(p.ipfix(first, p.one_set(256, b"\1\2\3\4\0\0\0")))), 1)
        with self.assertRaises(ipfix.PaddingCalculationError):
            parse(p.ipfix(first, p.one_set(256, b"\1\2\3\4\0\1")))
        for zeros in range(20):
            parse(p.ipfix(p.one_set(2, template + bytes(zeros))))

    def test_bytes_behind_the_length_of_an_ipfix_packet_are_passed_over(self) -> None:
        self.assertEqual(flows(p.ipfix() + b"\1\2\3"), [])


class Malformed(unittest.TestCase):
    """A typed error that says where, and nothing else."""

    def refused(self, data: bytes, kind: type[Exception] = MalformedPacket) -> None:
        """It is, by that exception, which is a ValueError with a text."""
        with self.assertRaises(kind) as caught:
            parse(bytearray(data))
        self.assertIsInstance(caught.exception, MalformedPacket)
        self.assertIsInstance(caught.exception, ValueError)
        self.assertNotEqual(str(caught.exception), "")

    def test_packets_that_end_in_their_header_are_refused(self) -> None:
        v1_header = b"\0\1" + bytes(14)
        for packet, size in ((p.v5(), 24), (p.v9(), 20), (p.ipfix(), 16), (v1_header, 16)):
            parse(bytearray(packet[:size]))
            for n in range(size):
                self.refused(packet[:n])

    def test_v5_and_v1_with_more_records_than_bytes_are_refused(self) -> None:
        self.refused(p.v5(bytes(48), count=2))
        self.refused(p.v5(bytes(47), count=1))
        self.refused(struct.pack("!HHIII", 1, 65535, 0, 0, 0) + bytes(48))

    def test_sets_with_a_wrong_length_are_refused(self) -> None:
        for length in (0, 1, 2, 3, 9, 65535):
            wrong = p.one_set(256, b"\1\1\1\1", length=length)
            self.refused(p.v9(wrong))
            self.refused(p.ipfix(wrong), ipfix.IPFIXMalformedPacket)
        self.refused(p.v9() + b"\1")
        self.refused(p.ipfix(b"\0\2"), ipfix.IPFIXMalformedPacket)

    def test_ipfix_packets_with_a_wrong_length_are_refused(self) -> None:
        for length in (0, 15, 17, 65535):
            self.refused(p.ipfix(length=length), ipfix.IPFIXMalformedPacket)

    def test_templates_that_are_cut_off_are_refused(self) -> None:
        self.refused(p.v9(p.one_set(0, p.template(256, (1, 4), (2, 4))[:-1])))
        self.refused(p.v9(p.one_set(1, p.v9_options(256, [(1, 4)], [(2, 4)])[:-1])))
        self.refused(p.v9(p.one_set(1, struct.pack("!HHH", 256, 3, 0) + bytes(8))))
        cut = ipfix.IPFIXMalformedRecord
        self.refused(p.ipfix(p.one_set(2, p.template(256, (1, 4), (2, 4))[:-1])), cut)
        self.refused(p.ipfix(p.one_set(2, p.template(256, (1, 4, 9))[:-1])), cut)
        self.refused(p.ipfix(p.one_set(3, p.ipfix_options(256, 1, (1, 4))[:-1])), cut)
        self.refused(p.ipfix(p.one_set(3, p.ipfix_options(256, 2, (1, 4)))), cut)

    def test_templates_of_records_without_bytes_are_refused_and_do_not_loop(self) -> None:
        one = p.one_set(256, bytes(4))
        self.refused(p.v9(p.one_set(0, p.template(256, (1, 0))), one))
        self.refused(p.v9(p.one_set(0, p.template(256)), one))
        self.refused(p.v9(p.one_set(1, p.v9_options(256, [(1, 0)], [])), one))
        wrong = ipfix.IPFIXTemplateError
        self.refused(p.ipfix(p.one_set(2, p.template(256, (1, 0), (2, 4))), one), wrong)
        with self.assertRaises(wrong):
            parse(p.ipfix(one), {"ipfix": {256: []}})

    def test_v9_has_no_variable_lengths(self) -> None:
        one = p.one_set(256, bytes(8))
        self.refused(p.v9(p.one_set(0, p.template(256, (1, 65535))), one))
        self.refused(p.v9(p.one_set(1, p.v9_options(256, [(1, 4)], [(34, 65535)])), one))
        self.refused(p.v9(p.one_set(1, p.v9_options(256, [(1, 65535)], [(34, 4)])), one))

    def test_ipfix_sets_that_are_kept_free_are_refused(self) -> None:
        for number in (0, 1, 4, 255):
            self.refused(p.ipfix(p.one_set(number, bytes(4))), ipfix.IPFIXRFCError)

    def test_a_variable_length_behind_its_set_is_refused(self) -> None:
        first = p.one_set(2, p.template(256, (82, 65535)))
        for content in (b"\5abc", b"\xff\1\0abc", b"\xff\1", b"\xff"):
            packet = p.ipfix(first, p.one_set(256, content))
            self.refused(packet, ipfix.PaddingCalculationError)


if __name__ == "__main__":
    unittest.main()
