# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Damaged bytes: an error with its place, or a fault, and never more."""

import pathlib
import random
import tempfile
import unittest

import flowd
from common import every_field, fixture


def tried(data: bytes) -> tuple[int, int]:
    """Flows and faults, by each way of reading."""
    log = flowd.open(data)
    flows = list(log)
    faults = log.faults_total
    rows = sum(len(batch) for batch in log.batches())
    assert rows == len(flows), (rows, len(flows))
    try:
        strict = list(flowd.open(data, strict=True))
    except flowd.FormatError as error:
        assert faults > 0
        assert error.path == "<bytes>" and 0 <= error.offset <= len(data), error
    else:
        assert faults == 0 and len(strict) == len(flows)
    return len(flows), faults


class DamageTest(unittest.TestCase):
    def setUp(self) -> None:
        data = pathlib.Path(fixture("log")).read_bytes()
        self.ends = [0]
        for _ in range(8):
            self.ends.append(self.ends[-1] + 8 + 4 * data[self.ends[-1] + 1])
        self.log = data[: self.ends[-1]]
        with tempfile.TemporaryDirectory() as where:
            path = pathlib.Path(where) / "segment"
            with flowd.open(path, "w", version=4) as writer:
                for flow in flowd.open(self.log):
                    writer.write(flow)
                writer.write(every_field())
            self.segment = path.read_bytes()

    def test_a_log_cut_at_each_byte_gives_the_flows_before(self) -> None:
        whole = list(flowd.open(self.log))
        self.assertEqual(len(whole), 8)
        for n in range(len(self.log)):
            got = list(flowd.open(self.log[:n]))
            before = sum(end <= n for end in self.ends) - 1
            self.assertEqual(got[:before], whole[:before])
            flows, faults = tried(self.log[:n])
            self.assertEqual(len(got), flows)
            # What is left of a record may look like one without a checksum.
            self.assertLessEqual(flows, before + (faults > 0))
            self.assertEqual(faults > 0, n not in self.ends)

    def test_a_log_with_each_byte_changed_loses_one_flow_and_says_so(self) -> None:
        whole = len(list(flowd.open(self.log)))
        for n in range(0, len(self.log), 3):
            data = bytearray(self.log)
            data[n] ^= 0x10
            flows, faults = tried(bytes(data))
            self.assertGreaterEqual(flows, whole - 2, n)
            self.assertGreater(faults, 0, n)

    def test_a_segment_cut_at_each_byte_is_told(self) -> None:
        for n in range(1, len(self.segment), 7):
            flows, faults = tried(self.segment[:n])
            self.assertEqual(flows, 0)
            self.assertGreater(faults, 0, n)

    def test_a_segment_with_any_byte_changed_never_lies(self) -> None:
        whole = list(flowd.open(self.segment))
        chance = random.Random(7)
        for n in chance.sample(range(len(self.segment)), min(300, len(self.segment))):
            data = bytearray(self.segment)
            data[n] ^= 1 << chance.randrange(8)
            log = flowd.open(bytes(data))
            flows = list(log)
            self.assertTrue(flows == whole or log.faults_total > 0, n)
            tried(bytes(data))

    def test_noise_is_no_log(self) -> None:
        chance = random.Random(3)
        for n in (1, 7, 8, 9, 100, 5000):
            flows, faults = tried(chance.randbytes(n))
            self.assertEqual(flows, 0)
            self.assertGreater(faults, 0)

    def test_the_faults_say_where_and_what(self) -> None:
        data = bytearray(self.log)
        data[self.ends[2] + 60] ^= 1
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            log = flowd.open(file.name)
            list(log)
            (fault,) = log.faults
            self.assertEqual((fault.kind, fault.path), ("damaged", file.name))
            self.assertEqual(fault.offset, self.ends[2])
            self.assertIn("checksum", fault.text)
            with self.assertRaises(flowd.FormatError) as caught:
                list(flowd.open(file.name, strict=True))
            self.assertEqual((caught.exception.path, caught.exception.offset), (file.name, self.ends[2]))

    def test_a_thousand_faults_are_kept_and_all_are_counted(self) -> None:
        two = bytearray(self.log[: self.ends[2]])
        two[60] ^= 1
        log = flowd.open(bytes(two) * 1100)
        self.assertEqual(len(list(log)), 1100)
        self.assertEqual((len(log.faults), log.faults_total), (1000, 1100))
        self.assertEqual(log.totals["damaged"], 1100)


if __name__ == "__main__":
    unittest.main()
