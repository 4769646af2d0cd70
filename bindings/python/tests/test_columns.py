# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Batches and columns against the flows of the same log; Arrow by ctypes."""

import io
import ipaddress
import pathlib
import tempfile
import threading
import unittest
from typing import Any

import arrow_abi
import flowd
from common import every_field, fixture, shared_logs

FORMATS = {
    "u8": b"C",
    "u16": b"S",
    "u32": b"I",
    "u64": b"L",
    "time": b"tsn:UTC",
    "address": b"w:16",
    "mac": b"w:6",
    "bytes": b"z",
    "labels": b"+l",
    "text": b"u",
}
LOGS = ("archive", "log", "every.bin")


def native(name: str, value: Any) -> Any:
    """A value of a flow as a column has it."""
    if value is None:
        return None
    kind = flowd.fields()[name].type
    if kind == "address":
        address = ipaddress.ip_address(value)
        return (b"\0" * 10 + b"\xff\xff" if address.version == 4 else b"") + address.packed
    return bytes.fromhex(value.replace(":", "")) if kind == "mac" else value


def expected(path: str, names: Any, **options: Any) -> dict[str, list[Any]]:
    flows = list(flowd.open(path, **options))
    return {name: [native(name, getattr(flow, name)) for flow in flows] for name in names}


class BatchTest(unittest.TestCase):
    def test_batches_have_the_flows_that_iteration_has(self) -> None:
        for name in LOGS:
            for rows in (65536, 1000, 7):
                batches = list(flowd.open(fixture(name)).batches(rows))
                self.assertTrue(all(0 < len(batch) <= rows for batch in batches))
                flows = [flow for batch in batches for flow in batch]
                self.assertEqual(flows, list(flowd.open(fixture(name))))

    def test_columns_come_in_the_order_that_is_asked_for(self) -> None:
        log = flowd.open(fixture("log"))
        for asked in ("octets, src_addr,tag", ["octets", "src_addr", "tag", "octets"]):
            batch = next(log.batches(columns=asked))
            self.assertEqual(batch.columns, ("octets", "src_addr", "tag"))
            self.assertEqual(batch["tag"].nulls, len(batch))
            self.assertEqual(batch["tag"].to_list(), [None] * len(batch))
        with self.assertRaises(KeyError):
            batch["packets"]
        for wrong in (0, None, slice(0)):
            with self.assertRaises(TypeError):
                batch[wrong]  # type: ignore[index]

    def test_values_are_those_of_the_flows(self) -> None:
        for name in LOGS:
            flows = iter(flowd.open(fixture(name)))
            for batch in flowd.open(fixture(name)).batches(500):
                columns = [batch[column].to_list() for column in batch.columns]
                for i in range(len(batch)):
                    got = {n: c[i] for n, c in zip(batch.columns, columns) if c[i] is not None}
                    self.assertEqual(got, next(flows).to_dict())

    def test_numbers_show_their_memory(self) -> None:
        batch = next(flowd.open(fixture("log")).batches(columns="octets,protocol,recv_time,src_addr"))
        formats = {"octets": "Q", "protocol": "B", "recv_time": "q", "src_addr": "16s"}
        for name, form in formats.items():
            view = memoryview(batch[name])
            self.assertEqual((view.format, view.shape, view.readonly), (form, (len(batch),), True))
            if form != "16s":
                self.assertEqual(view.tolist(), batch[name].to_list())
        data = bytes(memoryview(batch["src_addr"]))
        self.assertEqual(data[:16], native("src_addr", batch["src_addr"][0]))

    def test_the_memory_outlives_what_it_came_from(self) -> None:
        batches = flowd.open(fixture("log")).batches(columns="octets")
        batch = next(batches)
        want = batch["octets"].to_list()
        view = memoryview(batch["octets"])
        bits = memoryview(next(flowd.open(fixture("every.bin")).batches())["src_mask"].validity or b"")
        before = bytes(bits)
        del batch, batches
        self.assertEqual(view.tolist(), want)
        self.assertEqual(bytes(bits), before)

    def test_validity_has_a_bit_for_each_value(self) -> None:
        batch = next(flowd.open(fixture("every.bin")).batches())
        mixed = 0
        for name in batch.columns:
            column = batch[name]
            values = column.to_list()
            self.assertEqual(column.nulls, values.count(None))
            if column.validity is None:
                self.assertEqual(column.nulls, 0)
                continue
            mixed += 1
            bits = bytes(column.validity)
            got = [bits[i // 8] >> i % 8 & 1 == 1 for i in range(len(values))]
            self.assertEqual(got, [value is not None for value in values])
        self.assertGreater(mixed, 3)

    def test_texts_have_no_buffer_but_a_list(self) -> None:
        with tempfile.TemporaryDirectory() as where:
            path = f"{where}/all"
            with flowd.open(path, "w", version=4) as writer:
                writer.write(every_field())
                writer.write(flowd.Flow(recv_time=1))
            batch = next(flowd.open(path).batches())
            for name, field in flowd.fields().items():
                if name.endswith("_prefix"):
                    continue
                self.assertEqual(batch[name][0], getattr(every_field(), name))
                self.assertEqual(batch[name].type, field.type)
                if field.type in ("text", "bytes", "labels"):
                    with self.assertRaises(BufferError):
                        memoryview(batch[name])
            self.assertEqual(list(batch), [every_field(), flowd.Flow(recv_time=1)])
            self.assert_arrow(path, [name for name in batch.columns])

    def assert_arrow(self, path: str, names: list[str]) -> None:
        formats, values = arrow_abi.table(flowd.open(path).__arrow_c_stream__())
        self.assertEqual(list(formats), names)
        self.assertEqual(formats, {name: FORMATS[flowd.fields()[name].type] for name in names})
        self.assertEqual(values, expected(path, names))

    def test_rows_are_indexed_like_a_sequence(self) -> None:
        column = next(flowd.open(fixture("log")).batches(columns="octets"))["octets"]
        self.assertEqual(column[-1], column.to_list()[-1])
        self.assertEqual(column[len(column) - 1], column[-1])
        for wrong in (len(column), -len(column) - 1, 2**40):
            with self.assertRaises(IndexError):
                column[wrong]
        for bad in ("0", slice(2), 1.0, None):
            with self.assertRaises((TypeError, IndexError)):
                column[bad]  # type: ignore[index]
        with self.assertRaises((BufferError, TypeError)):
            io.BytesIO(b"x" * 8).readinto(column)  # type: ignore[arg-type]

    def test_arguments_that_cannot_be_are_refused(self) -> None:
        log = flowd.open(fixture("log"))
        wrong: list[dict[str, Any]] = [
            {"rows": 0},
            {"rows": -1},
            {"rows": 2**70},
            {"rows": "1"},
            {"columns": "nonsense"},
            {"columns": ""},
            {"columns": []},
            {"columns": 1},
            {"columns": [1]},
            {"columns": "a" * 1000},
            {"columns": ["octets\0"]},
            {"addresses": "hex"},
            {"addresses": None},
            {"filter": 1},
            {"since": object()},
            {"nonsense": 1},
        ]
        for options in wrong:
            with self.assertRaises((ValueError, TypeError, OverflowError), msg=options):
                log.batches(**options)
        for kind in (flowd.Log, flowd.Batch, flowd.Batches, flowd.Column, flowd.Answer, flowd.Writer):
            with self.assertRaises(TypeError):
                kind()


class ArrowTest(unittest.TestCase):
    def test_a_stream_has_the_values_of_the_flows(self) -> None:
        for name in LOGS:
            with self.subTest(name):
                formats, values = arrow_abi.table(flowd.open(fixture(name)).__arrow_c_stream__())
                for column, form in formats.items():
                    self.assertEqual(form, FORMATS[flowd.fields()[column].type])
                self.assertEqual(values, expected(fixture(name), formats))
                seen = set().union(*(flow.to_dict() for flow in flowd.open(fixture(name))))
                self.assertLessEqual(seen, set(formats))

    def test_logs_of_the_original_have_no_column_too_few(self) -> None:
        if not shared_logs():
            self.skipTest("../shared is not here")
        for path in shared_logs():
            formats, values = arrow_abi.table(flowd.open(path).__arrow_c_stream__())
            self.assertEqual(values, expected(str(path), formats), path)
            flows = [flow.to_dict() for flow in flowd.open(path)]
            self.assertLessEqual(set().union(*flows), set(formats), path)

    def test_each_stream_begins_anew(self) -> None:
        log = flowd.open(fixture("log"))
        batches = log.batches(columns="octets")
        next(batches)
        first = arrow_abi.table(batches.__arrow_c_stream__())
        self.assertEqual(arrow_abi.table(batches.__arrow_c_stream__()), first)
        self.assertEqual(first[1]["octets"], [flow.octets for flow in log])

    def test_addresses_come_as_text_on_request(self) -> None:
        for name in ("archive", "log", "every.bin"):
            log = flowd.open(fixture(name))
            batches = log.batches(columns="src_addr,agent", addresses="text")
            formats, values = arrow_abi.table(batches.__arrow_c_stream__())
            self.assertEqual(formats, {"src_addr": b"u", "agent": b"u"})
            self.assertEqual(values["src_addr"], [flow.src_addr for flow in log])

    def test_a_requested_schema_chooses_columns_by_name(self) -> None:
        log = flowd.open(fixture("log"))
        schema = log.batches(columns="packets,octets").__arrow_c_schema__()
        formats, values = arrow_abi.table(log.__arrow_c_stream__(schema))
        self.assertEqual(list(formats), ["packets", "octets"])
        self.assertEqual(values["octets"], [flow.octets for flow in log])
        for wrong in (1, "schema", log.__arrow_c_stream__()):
            with self.assertRaises((TypeError, ValueError)):
                log.__arrow_c_stream__(wrong)

    def test_a_batch_is_an_array(self) -> None:
        batch = next(flowd.open(fixture("every.bin")).batches())
        schema, array = batch.__arrow_c_array__()
        first = arrow_abi.struct_of(schema, arrow_abi.Schema, b"arrow_schema")
        values = arrow_abi.struct_of(array, arrow_abi.Array, b"arrow_array")
        self.assertEqual(values.length, len(batch))
        for i, name in enumerate(batch.columns):
            child = first.children[i].contents
            self.assertEqual(child.name.decode(), name)
            got = arrow_abi.column(child, values.children[i].contents)
            self.assertEqual(got, [native(name, value) for value in batch[name].to_list()])
        schema, array = batch["octets"].__arrow_c_array__()
        one = arrow_abi.struct_of(schema, arrow_abi.Schema, b"arrow_schema")
        got = arrow_abi.column(one, arrow_abi.struct_of(array, arrow_abi.Array, b"arrow_array"))
        self.assertEqual(got, batch["octets"].to_list())

    def test_what_was_moved_away_lives_on(self) -> None:
        batch = next(flowd.open(fixture("log")).batches(columns="octets"))
        want = batch["octets"].to_list()
        schema, array = batch.__arrow_c_array__()
        parent = arrow_abi.struct_of(array, arrow_abi.Array, b"arrow_array")
        child = arrow_abi.Array.from_buffer_copy(parent.children[0].contents)
        parent.children[0].contents.release = arrow_abi.ReleaseArray()
        form = arrow_abi.struct_of(schema, arrow_abi.Schema, b"arrow_schema").children[0].contents
        parent.release(parent)
        del array, batch
        self.assertEqual(arrow_abi.column(form, child), want)
        child.release(child)

    def test_a_stream_is_read_and_released_by_other_threads(self) -> None:
        want = expected(fixture("log"), ["octets"])["octets"]
        capsules = [
            flowd.open(fixture("log")).batches(1000, columns="octets").__arrow_c_stream__()
            for _ in range(4)
        ]
        got: list[Any] = [None] * 4

        def read(i: int) -> None:
            got[i] = arrow_abi.table(capsules[i])[1]["octets"]

        threads = [threading.Thread(target=read, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(got, [want] * 4)

    def test_damage_ends_a_strict_stream_with_its_place(self) -> None:
        data = bytearray(pathlib.Path(fixture("log")).read_bytes())
        data[-20] ^= 1
        log = flowd.open(data, strict=True)
        with self.assertRaisesRegex(OSError, r"<bytes>: at \d+: .*"):
            arrow_abi.table(log.batches(columns="octets").__arrow_c_stream__())
        stream = log.batches(columns="octets").__arrow_c_stream__()
        array = arrow_abi.Array()
        first = arrow_abi.stream_of(stream)
        while first.get_next(first, array) == 0:
            array.release(array)
        self.assertNotEqual(first.get_next(first, array), 0)
        self.assertEqual(len(log.faults), 1)


if __name__ == "__main__":
    unittest.main()
