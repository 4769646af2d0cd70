# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Code of the caller that runs in the middle of a call, and uses the same
object; processes that were forked off in the middle."""

import datetime
import gc
import os
import pathlib
import socket
import tempfile
import unittest
import warnings
from collections.abc import Callable
from typing import Any

import arrow_abi
import flowd
from common import fixture
from packets import v5


class AtGarbage:
    """While it lives, what is collected calls back: allocations do so."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call
        self.before = gc.get_threshold()

    def __enter__(self) -> None:
        call = self.call

        class Dying:
            def __init__(self) -> None:
                self.me = self

            def __del__(self) -> None:
                call()

        self.garbage = [Dying() for _ in range(20)]
        gc.collect()
        gc.set_threshold(1)
        self.garbage.clear()

    def __exit__(self, *_: object) -> None:
        gc.set_threshold(*self.before)
        gc.collect()


def in_child(work: Callable[[], object]) -> int:
    """How a process that was forked off ended: 0 is well."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class ReentryTest(unittest.TestCase):
    def test_a_handler_of_warnings_may_change_the_flow_that_warns(self) -> None:
        for name, value in (("protocol", 6 + 256), ("src_port", 65536 + 80), ("tag", 2**32 + 7)):
            flow = flowd.Flow()
            flow.in_if_name = "a" * 200

            def change(*_: Any, flow: Any = flow, **__: Any) -> None:
                flow.in_if_name = "b" * 100
                flow.out_if_name = "c" * 100

            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.showwarning = change
                setattr(flow, name, value)
            self.assertEqual(getattr(flow, name), {"protocol": 6, "src_port": 80, "tag": 7}[name])
            self.assertEqual((flow.in_if_name, flow.out_if_name), ("b" * 100, "c" * 100))

    def test_a_warning_that_is_an_error_changes_nothing(self) -> None:
        flow = flowd.Flow()
        flow.tag = 5
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with self.assertRaises(RuntimeWarning):
                flow.tag = 2**32 + 7
        self.assertEqual(flow.tag, 5)

    def test_a_finalizer_may_change_the_flow_that_is_looked_at(self) -> None:
        flow = flowd.Flow(mpls_labels=(16, 17, 18), in_if_name="a")

        def change() -> None:
            flow.in_if_name = "b" * 250

        for _ in range(20):
            with AtGarbage(change):
                self.assertEqual(flow.mpls_labels, (16, 17, 18))
                self.assertEqual(flow.to_dict()["mpls_labels"], (16, 17, 18))

    def test_a_finalizer_may_iterate_over_the_log_whose_faults_are_listed(self) -> None:
        record = pathlib.Path(fixture("log")).read_bytes()[:4]
        log = flowd.open(b"\x60\x01\x00\x00\xff\xff\xff\xff\0\0\0\0" * 300 + record)
        with self.subTest("faults"):
            self.assertEqual(len(list(log)), 0)
            want = len(log.faults)
            self.assertGreater(want, 0)
            for _ in range(20):
                list(log)
                with AtGarbage(lambda: iter(log)):
                    self.assertIn(len(log.faults), (0, want))

    def test_flows_that_are_the_data_of_flows_may_be_any_number(self) -> None:
        flow = flowd.Flow()
        for _ in range(1000000):
            one = flowd.Flow()
            one.data = flow
            flow = one
        del one
        del flow

    def test_a_packet_in_a_cycle_is_collected(self) -> None:
        gc.collect()
        packet = flowd.Decoder().decode(v5())
        packet.report["itself"] = packet  # type: ignore[index]
        before = len([o for o in gc.get_objects() if isinstance(o, flowd.Packet)])
        del packet
        gc.collect()
        after = len([o for o in gc.get_objects() if isinstance(o, flowd.Packet)])
        self.assertEqual((before, after), (1, 0))

    def test_a_schema_that_was_imported_already_is_refused(self) -> None:
        log = flowd.open(fixture("log"))
        capsule = log.__arrow_c_schema__()
        schema = arrow_abi.struct_of(capsule, arrow_abi.Schema, b"arrow_schema")
        schema.release(schema)
        with self.assertRaises(flowd.QuestionError):
            log.__arrow_c_stream__(capsule)

    def test_times_whose_parts_cannot_be_are_refused(self) -> None:
        class Long(datetime.datetime):
            @property
            def microsecond(self) -> int:  # type: ignore[override]
                return 2**62

        with self.assertRaises((OverflowError, ValueError)):
            flowd.open(fixture("log"), since=Long(2026, 1, 1))

    def test_a_finalizer_may_take_from_the_collector_that_is_taken_from(self) -> None:
        said: list[str] = []
        with flowd.Collector("127.0.0.1", 0) as collector:
            core = collector._core

            def take() -> None:
                try:
                    core.packets(1)
                except flowd.Error as error:
                    said.append(str(error))

            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for _ in range(50):
                    sender.sendto(b"x", collector.address)
            self.assertTrue(core.wait(10))
            got = 0
            with AtGarbage(take):
                got += len(core.packets(100))
        for text in said:
            self.assertIn("already", text)


class ForkTest(unittest.TestCase):
    def write(self, path: str, child: Callable[[Any], object]) -> list[int]:
        """Tags of a log that is written while a child has the writer, too."""
        writer = flowd.open(path, "w")
        writer.write(flowd.Flow(tag=1))
        held = [writer]
        self.assertEqual(in_child(lambda: child(held)), 0)
        writer.write(flowd.Flow(tag=2))
        writer.close()
        return [flow.tag for flow in flowd.open(path)]

    def test_a_child_that_drops_a_writer_leaves_the_file_to_its_parent(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = f"{directory}/log"
            self.assertEqual(self.write(path, lambda held: held.pop().__exit__(OSError, 0, 0)), [1, 2])
            self.assertEqual(os.listdir(directory), ["log"])


class NetworkBytesTest(unittest.TestCase):
    def test_packets_may_be_any_buffer(self) -> None:
        packet = v5()
        decoder = flowd.Decoder()
        spread = bytes(byte for pair in zip(packet, packet) for byte in pair)
        for one in (packet, bytearray(packet), memoryview(packet), memoryview(spread)[::2]):
            self.assertEqual(decoder.decode(one).version, 5)
            self.assertEqual(len(decoder.decode_many([(one, "10.0.0.1", 1)])), 2)
        self.assertEqual(decoder.stats["decoded"], 8)
        for long in (bytes(65536), bytearray(65536)):
            with self.assertRaises(ValueError):
                decoder.decode(long)


if __name__ == "__main__":
    unittest.main()
