# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Flow: attributes, comparison, hostile values."""

import gc
import sys
import unittest

import flowd
from common import EVERY_VALUE, every_field


class FlowTest(unittest.TestCase):
    def test_every_field_is_an_attribute_and_keeps_its_value(self) -> None:
        flow = every_field()
        for name, field in flowd.fields().items():
            if not name.endswith("_prefix"):
                self.assertEqual(getattr(flow, name), EVERY_VALUE[field.type], name)
        self.assertEqual(len(flow.to_dict()), len(flowd.fields()) - 2)

    def test_a_field_is_removed_by_none_and_by_del(self) -> None:
        flow = every_field()
        for name in flow.to_dict():
            if len(name) % 2:
                setattr(flow, name, None)
            else:
                delattr(flow, name)
        self.assertEqual(flow.to_dict(), {})
        self.assertIsNone(flow.in_if_name)
        self.assertIsNone(flow.octets)

    def test_a_prefix_takes_the_place_of_an_address(self) -> None:
        flow = flowd.Flow(src_addr="10.0.0.1")
        flow.src_prefix = "10.0.0.0"
        self.assertEqual(flow.to_dict(), {"src_prefix": "10.0.0.0"})
        flow.src_addr = "10.0.0.2"
        self.assertEqual(flow.to_dict(), {"src_addr": "10.0.0.2"})

    def test_values_that_do_not_fit_are_refused_and_change_nothing(self) -> None:
        wrong = {
            "u8": (256, -1, "1", 1.5),
            "u16": (65536, -1, b""),
            "u32": (2**32, -1, None.__class__),
            "u64": (2**64, -1, []),
            "time": (2**63, "now", 1.0),
            "address": ("10.0.0.256", "10.0.0.1/8", "10.0.0.1\0", "", 1, b"10.0.0.1"),
            "mac": ("00:1b:21:aa:bb", "00:1b:21:aa:bb:cc:dd", "gg:00:00:00:00:00", 5, b"12345"),
            "bytes": (b"x" * 16, "text", 1),
            "labels": ((1,) * 11, (0,), (2**20,), ("a",), [1], 1),
            "text": ("x" * 256, "\u20ac" * 86, b"bytes", 1, "\udc80"),
        }
        flow = every_field()
        before = flow.to_dict()
        for name, field in flowd.fields().items():
            if name.endswith("_prefix"):
                continue
            for value in wrong[field.type]:
                with self.assertRaises((ValueError, TypeError, OverflowError), msg=(name, value)):
                    setattr(flow, name, value)
        self.assertEqual(flow.to_dict(), before)

    def test_flows_are_equal_if_all_their_fields_are(self) -> None:
        self.assertEqual(every_field(), every_field())
        for name in every_field().to_dict():
            other = every_field()
            delattr(other, name)
            self.assertNotEqual(other, every_field(), name)
        self.assertNotEqual(flowd.Flow(dns_name="a"), flowd.Flow(dns_name="b"))
        self.assertFalse(flowd.Flow() == 1)
        with self.assertRaises(TypeError):
            hash(flowd.Flow())
        with self.assertRaises(TypeError):
            flowd.Flow() < flowd.Flow()  # type: ignore[operator]

    def test_the_original_names_are_the_same_fields(self) -> None:
        flow = flowd.Flow(agent="10.0.0.1", next_hop="::1", in_if=3, recv_time=1700000000123456789)
        self.assertEqual((flow.agent_addr, flow.gateway_addr), ("10.0.0.1", "::1"))
        self.assertEqual((flow.if_ndx_in, flow.recv_sec, flow.recv_usec), (3, 1700000000, 123456))
        flow.recv_usec = 7
        self.assertEqual(flow.recv_time, 1700000000000007000)
        flow.flow_sequence = 9
        self.assertEqual(flow.sequence, 9)

    def test_what_is_no_field_is_no_attribute(self) -> None:
        with self.assertRaises(AttributeError):
            flowd.Flow(nonsense=1)
        with self.assertRaises(AttributeError):
            flowd.Flow().nonsense
        with self.assertRaises(TypeError):
            flowd.Flow(b"", b"")

    def test_a_record_cut_at_each_byte_is_refused(self) -> None:
        with open(__file__, "rb") as file:
            noise = file.read(64)
        for blob in [b"", noise, *(noise[:n] for n in range(64))]:
            with self.assertRaises(ValueError):
                flowd.Flow(blob)
        for wrong in (1, "text", object()):
            with self.assertRaises(TypeError):
                flowd.Flow(wrong)

    def test_a_dict_that_holds_its_flow_is_collected(self) -> None:
        gc.collect()
        for _ in range(10):
            flow = flowd.Flow()
            flow.data["me"] = flow
        del flow
        self.assertGreaterEqual(gc.collect(), 20)

    def test_attributes_leave_no_references_behind(self) -> None:
        flow = every_field()
        none = sys.getrefcount(None)
        for _ in range(200):
            flow.to_dict()
            repr(flow)
            flow.vlan = None
            flow.vlan = 5
            flow.dns_name = "a"
            flow.dns_name = "b" * 200
        self.assertLess(abs(sys.getrefcount(None) - none), 50)
        self.assertEqual(flow.dns_name, "b" * 200)


class FieldsTest(unittest.TestCase):
    def test_fields_say_their_type_and_cannot_be_changed(self) -> None:
        fields = flowd.fields()
        self.assertEqual(fields["octets"].type, "u64")
        self.assertEqual(fields["src_addr"].name, "src_addr")
        self.assertEqual({field.type for field in fields.values()}, set(EVERY_VALUE))
        with self.assertRaises(TypeError):
            fields["x"] = fields["octets"]  # type: ignore[index]


if __name__ == "__main__":
    unittest.main()
