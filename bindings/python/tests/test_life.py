# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Threads, signals, memory: what a long-running program depends on."""

import gc
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

import arrow_abi
import flowd
from common import every_field, fixture

SANITIZED = "LD_PRELOAD" in os.environ


def memory() -> int:
    """Bytes of this process."""
    pages = int(pathlib.Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


class ThreadsTest(unittest.TestCase):
    def run_threads(self, count: int, work) -> list[BaseException]:
        failures: list[BaseException] = []

        def guarded() -> None:
            try:
                work()
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=guarded) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return failures

    def test_two_threads_with_one_iterator_lose_and_double_nothing(self) -> None:
        data = pathlib.Path(fixture("log")).read_bytes() * 3
        want = sum(flow.octets or 0 for flow in flowd.open(data))
        flows, sums = iter(flowd.open(data)), []

        def work() -> None:
            total = 0
            while True:
                try:
                    flow = next(flows, None)
                except flowd.Error:
                    continue  # the other one is reading
                if flow is None:
                    break
                total += flow.octets or 0
            sums.append(total)

        self.assertEqual(self.run_threads(3, work), [])
        self.assertEqual(sum(sums), want)

    def test_two_threads_with_one_batch_iterator_lose_and_double_nothing(self) -> None:
        data = pathlib.Path(fixture("log")).read_bytes() * 3
        want = len(list(flowd.open(data)))
        batches, rows = flowd.open(data).batches(500), []

        def work() -> None:
            while True:
                try:
                    batch = next(batches, None)
                except flowd.Error:
                    continue
                if batch is None:
                    return
                rows.append(len(batch))

        self.assertEqual(self.run_threads(3, work), [])
        self.assertEqual(sum(rows), want)

    def test_threads_may_ask_one_log_at_once(self) -> None:
        log = flowd.open(fixture("archive"))
        want = list(log.query(group_by="src_addr"))

        def work() -> None:
            for _ in range(3):
                assert list(log.query(group_by="src_addr")) == want
                arrow_abi.table(log.batches(columns="octets").__arrow_c_stream__())
                log.faults, log.totals, log.fields

        self.assertEqual(self.run_threads(3, work), [])

    def test_threads_with_one_writer_write_whole_flows(self) -> None:
        with tempfile.TemporaryDirectory() as where:
            path = f"{where}/log"
            writer = flowd.open(path, "w", version=3)
            flow = next(iter(flowd.open(fixture("log"))))
            batch = next(flowd.open(fixture("log")).batches(50))
            wrote = []

            def work() -> None:
                for i in range(200):
                    try:
                        if i % 2:
                            writer.write(flow)
                            wrote.append(1)
                        else:
                            writer.write_batch(batch)
                            wrote.append(len(batch))
                    except flowd.Error:
                        pass  # the other one is writing

            self.assertEqual(self.run_threads(2, work), [])
            writer.close()
            self.assertEqual(writer.written, sum(wrote))
            log = flowd.open(path, strict=True)
            self.assertEqual(sum(len(part) for part in log.batches(columns="octets")), sum(wrote))


LONG = """
import os, signal, sys, threading, time, flowd
# A shell's background has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
paths = [sys.argv[1]] * 20000
threading.Timer(0.5, lambda: os.kill(os.getpid(), 2)).start()
try:
    log = flowd.open(paths[:1])
    log = flowd._core.open_log(tuple(paths), None, -1, None, False, filter="proto 253")
    eval(sys.argv[2])(log)
except KeyboardInterrupt:
    print("interrupted")
except OSError as error:
    print(error.args[1])
"""


class SignalsTest(unittest.TestCase):
    def interrupted(self, work: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", LONG, fixture("log"), work],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        return done.stdout.strip() or done.stderr

    def test_ctrl_c_ends_an_iteration(self) -> None:
        self.assertEqual(self.interrupted("lambda log: next(iter(log), None)"), "interrupted")

    def test_ctrl_c_ends_a_batch(self) -> None:
        self.assertEqual(self.interrupted("lambda log: next(log.batches())"), "interrupted")

    def test_ctrl_c_ends_a_question(self) -> None:
        self.assertEqual(self.interrupted("lambda log: log.query(group_by='src_addr')"), "interrupted")

    def test_ctrl_c_ends_an_arrow_stream(self) -> None:
        stream = (
            "lambda log: __import__('arrow_abi').table("
            "log.batches(columns='tag').__arrow_c_stream__())"
        )
        self.assertEqual(self.interrupted(stream), "interrupted")


class MemoryTest(unittest.TestCase):
    def everything(self) -> None:
        with open(fixture("log"), "rb") as file:
            log = flowd.open(file.read(60000))
        flows = list(log)
        for batch in log.batches(100):
            [batch[name].to_list() for name in batch.columns]
            [batch[name].validity for name in batch.columns]
            batch.__arrow_c_array__()
        log.__arrow_c_stream__()
        log.__arrow_c_schema__()
        arrow_abi.table(log.batches(columns="octets,src_addr").__arrow_c_stream__())
        list(log.query(group_by="src_addr,protocol"))
        iter(log), log.batches(), next(iter(log)), next(log.batches())
        for wrong in ({"filter": "nonsense"}, {"columns": "nonsense"}, {"since": "x"}):
            try:
                next(log.batches(**wrong))
            except flowd.QuestionError:
                pass
        try:
            list(flowd.open(b"\x60" * 100, strict=True))
        except flowd.FormatError:
            pass
        every_field(), flows

    @unittest.skipIf(SANITIZED, "AddressSanitizer keeps freed memory")
    def test_memory_stays_the_same_whatever_is_done(self) -> None:
        for _ in range(3):
            self.everything()
        gc.collect()
        before, objects = memory(), len(gc.get_objects())
        for _ in range(6):
            self.everything()
        gc.collect()
        self.assertLess(memory() - before, 4 << 20)
        self.assertLess(len(gc.get_objects()) - objects, 100)

    @unittest.skipIf(SANITIZED, "AddressSanitizer keeps freed memory")
    def test_reading_needs_no_more_memory_for_more_flows(self) -> None:
        data = pathlib.Path(fixture("log")).read_bytes()
        with tempfile.NamedTemporaryFile() as file:
            for _ in range(60):
                file.write(data)
            file.flush()
            list(zip(range(70000), flowd.open(file.name)))
            before = memory()
            rows = sum(len(batch) for batch in flowd.open(file.name).batches())
            count = sum(1 for _ in flowd.open(file.name))
            self.assertEqual((rows, count), (360000, 360000))
            self.assertLess(memory() - before, 64 << 20)

    def test_types_lose_no_references(self) -> None:
        kinds = [flowd.Flow, flowd.Log, flowd.Batch, flowd.Batches, flowd.Column, flowd.Answer]
        self.everything()
        gc.collect()
        before = [sys.getrefcount(kind) for kind in kinds]
        for _ in range(3):
            self.everything()
        gc.collect()
        after = [sys.getrefcount(kind) for kind in kinds]
        for kind, old, new in zip(kinds, before, after):
            self.assertLess(abs(new - old), 5, kind)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    unittest.main()
