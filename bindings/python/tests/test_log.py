# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Log: every format against flowd-reader, and against the original's texts."""

import datetime
import gzip
import io
import os
import pathlib
import tempfile
import unittest

import flowd
from common import FIXTURES, fixture, reader_flows, run_reader, shared_logs


def flows_of(*arguments, **options):
    return [flow.to_dict() for flow in flowd.open(*arguments, **options)]


class FormatsTest(unittest.TestCase):
    def test_each_format_gives_what_flowd_reader_prints(self) -> None:
        for name in ("archive", "log", "log.gz", "every.bin"):
            with self.subTest(name):
                want = reader_flows(fixture(name))
                self.assertGreater(len(want), 5)
                self.assertEqual(flows_of(fixture(name)), want)

    def test_a_segment_alone_is_read(self) -> None:
        segment = str(sorted((FIXTURES / "archive").rglob("*.flow"))[0])
        want = reader_flows(segment)
        self.assertGreater(len(want), 5)
        self.assertEqual(flows_of(segment), want)

    def test_logs_of_the_original_give_what_flowd_reader_prints(self) -> None:
        if not shared_logs():
            self.skipTest("../shared is not here")
        for path in shared_logs():
            if "v2" in path.name:
                continue
            with self.subTest(path.name):
                self.assertEqual(flows_of(path), reader_flows(str(path)))

    def test_logs_of_version_2_give_what_flowd_reader_prints(self) -> None:
        logs = [path for path in shared_logs() if "v2" in path.name and "conv" not in path.name]
        if not logs:
            self.skipTest("../shared is not here")
        for path in logs:
            with self.subTest(path.name):
                got = flows_of(path)
                self.assertGreater(len(got), 2)
                self.assertEqual(got, reader_flows(str(path)))

    def test_the_originals_csv_says_the_same(self) -> None:
        path = next((path for path in shared_logs() if path.name == "all.bin"), None)
        if path is None:
            self.skipTest("../shared is not here")
        text = path.with_name("all.reader-c.csv").read_text(encoding="ascii")
        rows = [line.split(",") for line in text.splitlines() if not line.startswith("#")]
        flows = list(flowd.open(path))
        self.assertEqual(len(rows), len(flows))
        for row, flow in zip(rows, flows):
            want = (int(row[5]), int(row[4]), row[10], row[11])
            self.assertEqual((flow.octets or 0, flow.packets or 0, flow.src_addr, flow.dst_addr), want)


class SourcesTest(unittest.TestCase):
    def setUp(self) -> None:
        self.want = flows_of(fixture("log"))
        self.data = pathlib.Path(fixture("log")).read_bytes()

    def test_paths_descriptors_files_and_bytes_are_the_same_log(self) -> None:
        path = fixture("log")
        sources = [path, path.encode() and pathlib.Path(path), [path], (path,)]
        sources += [self.data, bytearray(self.data), memoryview(self.data), io.BytesIO(self.data)]
        for source in sources:
            with self.subTest(type(source)):
                self.assertEqual(flows_of(source), self.want)
        with open(path, "rb") as file, gzip.open(fixture("log.gz")) as packed:
            self.assertEqual(flows_of(file), self.want)
            self.assertEqual(flows_of(file.fileno()), self.want)
            self.assertEqual(flows_of(packed), self.want)
            log = flowd.open(file)
        self.assertEqual([flow.to_dict() for flow in log], self.want)

    def test_several_paths_are_read_one_after_the_other(self) -> None:
        twice = flows_of([fixture("log"), fixture("log.gz")])
        self.assertEqual(twice, self.want + self.want)

    def test_a_pipe_is_read_once(self) -> None:
        reading, writing = os.pipe()
        with os.fdopen(writing, "wb") as file:
            file.write(self.data[:30000])
        with os.fdopen(reading, "rb") as file:
            log = flowd.open(file)
        got = [flow.to_dict() for flow in log]
        self.assertGreater(len(got), 100)
        self.assertEqual(got, self.want[: len(got)])
        self.assertEqual(list(log), [])

    def test_changing_the_bytes_later_changes_nothing(self) -> None:
        data = bytearray(self.data)
        log = flowd.open(data)
        data[:] = b"\0" * len(data)
        del data[100:]
        self.assertEqual([flow.to_dict() for flow in log], self.want)

    def test_each_iteration_begins_anew(self) -> None:
        with flowd.open(fixture("log")) as log:
            first, second = iter(log), iter(log)
            for want in self.want[:100]:
                self.assertEqual(next(first).to_dict(), want)
                self.assertEqual(next(second).to_dict(), want)
            self.assertEqual(len(list(log)), len(self.want))

    def test_a_closed_log_begins_nothing(self) -> None:
        with flowd.open(fixture("log")) as log:
            begun = iter(log)
        for ask in (lambda: iter(log), log.batches, log.query, log.__arrow_c_stream__):
            with self.assertRaises(ValueError):
                ask()
        self.assertEqual(next(begun).to_dict(), self.want[0])

    def test_what_is_not_there_is_an_error_at_once(self) -> None:
        with self.assertRaises(FileNotFoundError):
            flowd.open("/nonexistent")
        with self.assertRaises(ValueError):
            flowd.open([])
        for wrong in (None, 1.5, object(), [None], [1]):
            with self.assertRaises((TypeError, OSError)):
                flowd.open(wrong)
        with self.assertRaises(OSError):
            flowd.open(9999)

    def test_a_refused_descriptor_is_not_kept(self) -> None:
        with open(fixture("log"), "rb") as file:
            before = os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd") else []
            for options in ({"nonsense": 1}, {"since": "nonsense"}, {"filter": 1}):
                with self.assertRaises((TypeError, ValueError)):
                    flowd.open(file, **options)
            flowd.open(file).close()
            after = os.listdir("/proc/self/fd") if before else []
            self.assertEqual(len(before), len(after))

    def test_an_empty_file_has_no_flows(self) -> None:
        with tempfile.NamedTemporaryFile() as file:
            log = flowd.open(file.name)
            self.assertEqual((list(log), log.faults), ([], ()))
        self.assertEqual(flows_of(b""), [])


class SelectionTest(unittest.TestCase):
    def test_flows_pass_the_filter_of_open_and_that_of_the_question(self) -> None:
        for name in ("log", "archive"):
            for first, second in (
                ("proto tcp", "proto >= 0"),
                ("proto udp or proto tcp", "dst port 443 or dst port 53"),
            ):
                want = sum(
                    (flow.protocol in (6, 17) if " or " in first else flow.protocol == 6)
                    and (flow.dst_port in (443, 53) or " or " not in second)
                    for flow in flowd.open(fixture(name))
                )
                log = flowd.open(fixture(name), filter=first)
                self.assertGreater(want, 0)
                self.assertEqual(sum(map(len, log.batches(filter=second))), want)
                self.assertEqual(log.query(filter=second)[0][0], want)

    def test_a_filter_gives_the_flows_that_flowd_reader_gives(self) -> None:
        for clauses in ("proto udp", "dst port 443", "src 10.0.0.0/8 proto tcp"):
            for name in ("archive", "log"):
                want = reader_flows("--filter", clauses, fixture(name))
                self.assertGreater(len(want), 0)
                self.assertEqual(flows_of(fixture(name), filter=clauses), want)

    def test_times_select_as_flowd_reader_does(self) -> None:
        times = sorted(flow["recv_time"] for flow in flows_of(fixture("archive")))
        since, until = times[len(times) // 4], times[len(times) // 2]
        want = reader_flows(
            "--since",
            f"@{since // 10**9}.{since % 10**9:09}",
            "--until",
            f"@{until // 10**9}.{until % 10**9:09}",
            fixture("archive"),
        )
        self.assertGreater(len(want), 100)
        self.assertEqual(flows_of(fixture("archive"), since=since, until=until), want)

    def test_a_time_is_a_number_a_text_or_a_datetime(self) -> None:
        moment = datetime.datetime(2023, 11, 14, 22, 15, 0, 250000, datetime.timezone.utc)
        number = 1700000100250000000
        want = flows_of(fixture("archive"), since=number)
        self.assertTrue(0 < len(want) < len(flows_of(fixture("archive"))))
        self.assertEqual(flows_of(fixture("archive"), since=moment), want)
        self.assertEqual(flows_of(fixture("archive"), since="2023-11-14T22:15:00.25Z"), want)
        self.assertEqual(flows_of(fixture("archive"), since="-1s"), [])
        naive = datetime.datetime.fromtimestamp(1700000100).replace(microsecond=250000)
        self.assertEqual(flows_of(fixture("archive"), since=naive), want)
        early = datetime.datetime(1950, 1, 1, tzinfo=datetime.timezone.utc)
        self.assertEqual(flows_of(fixture("archive"), until=early), [])

    def test_what_cannot_be_understood_is_a_question_error(self) -> None:
        log = flowd.open(fixture("log"))
        for filter in ("proto foo", "nonsense", "src", "\u00e9", ")"):
            with self.assertRaises(flowd.QuestionError, msg=filter):
                list(log.batches(filter=filter))
            with self.assertRaises(flowd.QuestionError, msg=filter):
                list(flowd.open(fixture("log"), filter=filter))
        for since in ("yesteryear", "2023-13-01", ""):
            with self.assertRaises(flowd.QuestionError, msg=since):
                flowd.open(fixture("log"), since=since)
        with self.assertRaises(TypeError):
            flowd.open(fixture("log"), since=1.5)
        with self.assertRaises(OverflowError):
            flowd.open(fixture("log"), since=2**64)
        with self.assertRaises(ValueError):
            flowd.open(fixture("log"), filter="proto\0tcp")
        with self.assertRaises(TypeError):
            flowd.open(fixture("log"), nonsense=1)

    def test_counters_are_scaled_as_flowd_reader_does(self) -> None:
        flow = flowd.Flow(recv_time=1, octets=100, packets=2, sampling_rate=10)
        with tempfile.TemporaryDirectory() as where:
            path = f"{where}/sampled"
            with flowd.open(path, "w", version=4) as writer:
                writer.write(flow)
            self.assertEqual(flows_of(path)[0]["octets"], 100)
            self.assertEqual(flows_of(path, scale=True)[0]["octets"], 1000)

    def test_totals_tell_what_was_looked_at(self) -> None:
        log = flowd.open(fixture("log"), filter="proto udp")
        count = len(list(log))
        self.assertEqual(log.totals["matched"], count)
        self.assertEqual(log.totals["records"], len(flows_of(fixture("log"))))
        self.assertEqual(log.totals["bytes"], os.path.getsize(fixture("log")))
        self.assertEqual(run_reader("--count", "--filter", "proto udp", fixture("log")).count("\n") > 0, True)

    def test_fields_are_the_groups_of_the_records(self) -> None:
        log = flowd.open(fixture("log"))
        next(iter(log))
        self.assertEqual(log.fields & 0x1000, 0x1000)
        self.assertEqual(log.paths, (fixture("log"),))


if __name__ == "__main__":
    unittest.main()
