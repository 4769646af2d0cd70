# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""pyarrow, polars, duckdb, numpy and pandas as they take logs, batches, answers.

The truth is what plain iteration over the same log gives.
"""

import ipaddress
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import duckdb
import numpy
import pandas
import polars
import pyarrow
import pyarrow.parquet

import flowd
from common import every_field, fixture


def octets() -> list[int | None]:
    return [flow.octets for flow in flowd.open(fixture("log"))]


def by_source() -> dict[str, int]:
    sums: dict[str, int] = {}
    for flow in flowd.open(fixture("log")):
        sums[flow.src_addr or ""] = sums.get(flow.src_addr or "", 0) + (flow.octets or 0)
    return sums


class NumpyTest(unittest.TestCase):
    def test_numpy_sees_a_column_without_copying(self) -> None:
        batch = next(flowd.open(fixture("log")).batches())
        column = batch["octets"]
        array = numpy.asarray(column)
        self.assertEqual((array.dtype, array.shape), (numpy.uint64, (len(batch),)))
        self.assertEqual(array.tolist(), column.to_list())
        again = numpy.frombuffer(memoryview(column), dtype=numpy.uint64)
        self.assertTrue(numpy.shares_memory(array, again))
        self.assertFalse(array.flags.writeable)

    def test_numpy_sees_addresses_and_times(self) -> None:
        batch = next(flowd.open(fixture("log")).batches(columns="src_addr,recv_time,protocol"))
        rows = numpy.frombuffer(memoryview(batch["src_addr"]).cast("B"), dtype="u1").reshape(-1, 16)
        first = ipaddress.IPv6Address(rows[0].tobytes())
        self.assertEqual(str(first.ipv4_mapped or first), batch["src_addr"][0])
        times = numpy.asarray(batch["recv_time"]).astype("datetime64[ns]")
        self.assertEqual(int(times[0].astype("i8")), batch["recv_time"][0])
        self.assertEqual(numpy.asarray(batch["protocol"]).dtype, numpy.uint8)


class PyarrowTest(unittest.TestCase):
    def test_pyarrow_takes_a_log_and_finds_it_valid(self) -> None:
        for name in ("archive", "log", "every.bin"):
            table = pyarrow.table(flowd.open(fixture(name)))
            table.validate(full=True)
            flows = list(flowd.open(fixture(name)))
            self.assertEqual(table.num_rows, len(flows))
            self.assertEqual(table["octets"].to_pylist(), [flow.octets for flow in flows])
            self.assertEqual(table["src_port"].to_pylist(), [flow.src_port for flow in flows])
            times = table["recv_time"].cast(pyarrow.int64()).to_pylist()
            self.assertEqual(times, [flow.recv_time for flow in flows])
            self.assertEqual(str(table.schema.field("recv_time").type), "timestamp[ns, tz=UTC]")

    def test_pyarrow_takes_every_type_of_field(self) -> None:
        import tempfile

        with tempfile.TemporaryDirectory() as where:
            with flowd.open(f"{where}/all", "w", version=4) as writer:
                writer.write(every_field())
                writer.write(flowd.Flow(recv_time=1))
            table = pyarrow.table(flowd.open(f"{where}/all"))
            table.validate(full=True)
            first, second = table.drop(["recv_time"]).to_pylist()
            self.assertEqual(first["mpls_labels"], [16, 1048575])
            self.assertEqual(first["in_src_mac"], bytes.fromhex("001b21aabbcc"))
            self.assertEqual(first["application_id"], b"\x03\x00\x00\x50")
            self.assertEqual(first["user_name"], "Gi0/1 \u00e9")
            self.assertEqual(set(second.values()), {None})

    def test_pyarrow_reads_batches_with_bounded_memory_into_parquet(self) -> None:
        import tempfile

        batches = flowd.open(fixture("log")).batches(1000, columns="recv_time,octets,src_addr")
        reader = pyarrow.RecordBatchReader.from_stream(batches)
        with tempfile.TemporaryDirectory() as where:
            with pyarrow.parquet.ParquetWriter(f"{where}/flows", reader.schema) as writer:
                for batch in reader:
                    self.assertLessEqual(batch.num_rows, 1000)
                    writer.write_batch(batch)
            got = pyarrow.parquet.read_table(f"{where}/flows")
        self.assertEqual(got["octets"].to_pylist(), octets())

    def test_pyarrow_chooses_columns_by_a_schema(self) -> None:
        schema = pyarrow.schema([("octets", pyarrow.uint64()), ("src_addr", pyarrow.string())])
        table = pyarrow.table(flowd.open(fixture("log")), schema=schema)
        self.assertEqual(table.schema, schema)
        want = [flow.src_addr for flow in flowd.open(fixture("log"))]
        self.assertEqual(table["src_addr"].to_pylist(), want)

    def test_pyarrow_takes_one_batch_and_one_column(self) -> None:
        batch = next(flowd.open(fixture("log")).batches())
        got = pyarrow.record_batch(batch)
        got.validate(full=True)
        self.assertEqual(got["octets"].to_pylist(), batch["octets"].to_list())
        self.assertEqual(pyarrow.array(batch["src_port"]).to_pylist(), batch["src_port"].to_list())

    def test_pyarrow_says_what_is_wrong_with_a_strict_log(self) -> None:
        data = bytearray(pathlib.Path(fixture("log")).read_bytes())
        data[70] ^= 1
        log = flowd.open(data, strict=True)
        with self.assertRaisesRegex(OSError, "<bytes>: at 0: "):
            pyarrow.table(log.batches(columns="octets"))

    def test_an_arrow_table_outlives_its_log(self) -> None:
        log = flowd.open(fixture("log"))
        table = pyarrow.table(log)
        del log
        self.assertEqual(table["octets"].to_pylist(), octets())

    def test_an_answer_becomes_a_table(self) -> None:
        answer = flowd.open(fixture("log")).query(group_by="src_addr", columns="octets")
        table = pyarrow.table(answer)
        table.validate(full=True)
        got = dict(zip(table["src_addr"].to_pylist(), table["octets"].to_pylist()))
        self.assertEqual(got, by_source())
        self.assertEqual(table.to_pylist(), answer.to_dicts())


class OthersTest(unittest.TestCase):
    def test_polars_takes_logs_and_answers(self) -> None:
        log = flowd.open(fixture("log"))
        frame = polars.DataFrame(log)
        self.assertEqual(frame["octets"].to_list(), octets())
        self.assertEqual(frame.schema["recv_time"], polars.Datetime("ns", "UTC"))
        text = polars.DataFrame(log.batches(columns="src_addr,octets", addresses="text"))
        sums = text.group_by("src_addr").agg(polars.col("octets").sum())
        self.assertEqual(dict(sums.iter_rows()), by_source())
        answer = polars.DataFrame(log.query(group_by="src_addr", columns="octets"))
        self.assertEqual(dict(answer.iter_rows()), by_source())

    def test_duckdb_asks_a_log_as_often_as_it_likes(self) -> None:
        log = flowd.open(fixture("log")).batches(columns="src_addr,octets", addresses="text")
        for _ in range(2):
            rows = duckdb.sql("select src_addr, sum(octets)::ubigint from log group by 1").fetchall()
            self.assertEqual(dict(rows), by_source())
        whole = flowd.open(fixture("log"))
        rows = duckdb.sql("select count(*), sum(octets), max(epoch_ns(recv_time)) from whole").fetchall()
        self.assertEqual(rows[0][:2], (len(octets()), sum(n or 0 for n in octets())))
        self.assertEqual(rows[0][2], max(flow.recv_time or 0 for flow in whole))

    def test_pandas_gets_a_frame(self) -> None:
        frame = pyarrow.table(flowd.open(fixture("log")).batches(columns="octets,recv_time")).to_pandas()
        self.assertEqual(int(frame["octets"].sum()), sum(n or 0 for n in octets()))
        self.assertEqual(str(frame["recv_time"].dtype), "datetime64[ns, UTC]")
        if hasattr(pandas.DataFrame, "from_arrow"):
            again = pandas.DataFrame.from_arrow(flowd.open(fixture("log")))
            self.assertEqual(int(again["octets"].sum()), sum(n or 0 for n in octets()))

    def test_consumers_in_threads_get_whole_tables(self) -> None:
        log = flowd.open(fixture("log"))
        rows = []

        def work() -> None:
            for _ in range(5):
                rows.append(pyarrow.table(log).num_rows + len(polars.DataFrame(log)))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(rows, [2 * len(octets())] * 15)


if __name__ == "__main__":
    unittest.main()
