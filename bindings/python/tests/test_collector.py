# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Collector: every datagram is in the ledger, whoever takes it or nobody."""

import asyncio
import gc
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
from typing import Any

import flowd
from packets import RECORD, TEMPLATE, a_set, v5, v9

OUTCOMES = (
    *("decoded", "no_template", "unsupported", "malformed"),
    *("taken", "dropped_ring", "waiting"),
)


class Case(unittest.TestCase):
    """What the tests have in common."""

    def collector(self, host: str = "127.0.0.1", **options: Any) -> flowd.Collector:
        collector = flowd.Collector(host, 0, **options)
        self.addCleanup(collector.close)
        return collector

    def send(self, collector: flowd.Collector, *packets: bytes) -> None:
        """So that the socket has room: what was sent is received."""
        family = socket.AF_INET6 if ":" in collector.address[0] else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            for i, packet in enumerate(packets):
                sock.sendto(packet, collector.address)
                if i % 500 == 499:
                    self.received(collector, collector.stats["received"])
        self.adds_up(collector)

    def received(self, collector: flowd.Collector, n: int) -> dict[str, int]:
        """The ledger when so many are in it."""
        end = time.monotonic() + 20
        while (stats := dict(collector.stats))["received"] + stats["dropped_kernel"] < n:
            self.assertLess(time.monotonic(), end, stats)
            time.sleep(0.002)
        return stats

    def adds_up(self, collector: flowd.Collector) -> dict[str, int]:
        stats = dict(collector.stats)
        self.assertEqual(stats["received"], sum(stats[name] for name in OUTCOMES), stats)
        return stats


class Sync(Case):
    """Iteration, without asyncio."""

    def test_flows_come_in_order_until_it_is_closed(self) -> None:
        collector = self.collector()
        self.send(collector, *(v5(3, 3 * i) for i in range(2000)))
        self.received(collector, 2000)
        collector.close()
        flows = list(collector)
        self.assertEqual([f.octets for f in flows], [400, 401, 402] * 2000)
        self.assertEqual([f.sequence for f in flows[::3]], [3 * i for i in range(2000)])
        self.assertEqual({f.agent for f in flows}, {"127.0.0.1"})
        self.assertEqual(self.adds_up(collector)["decoded"], 2000)
        self.assertEqual(list(collector), [])

    def test_closing_in_another_thread_ends_who_waits(self) -> None:
        for iterate in (iter, flowd.Collector.packets, lambda c: iter(c.batches())):
            collector = self.collector()
            timer = threading.Timer(0.1, collector.close)
            timer.start()
            self.assertEqual(list(iterate(collector)), [])
            timer.join()

    def test_packets_are_as_they_were_sent(self) -> None:
        collector = self.collector()
        self.send(collector, v5(), b"", b"x" * 60000)
        self.received(collector, 3)
        collector.close()
        before = time.time_ns()
        got = list(collector.packets())
        self.assertEqual([p for p, _, _ in got], [v5(), b"", b"x" * 60000])
        for _, (host, port), when in got:
            self.assertEqual(host, "127.0.0.1")
            self.assertGreater(port, 0)
            self.assertLess(abs(when - before), 60 * 10**9)
        self.assertEqual(self.adds_up(collector)["taken"], 3)
        self.assertEqual(len(flowd.Decoder().decode_many(got[:1])), 2)

    def test_each_kind_of_packet_is_counted_once(self) -> None:
        collector = self.collector()
        self.send(
            collector,
            *(v5(), v5()[:-1], b"\0\6", b"", v9(a_set(256, RECORD))),
            *(v9(a_set(0, TEMPLATE)), v9(b"\0\0\0\3")),
        )
        self.received(collector, 7)
        collector.close()
        self.assertEqual(len(list(collector)), 2)
        stats = self.adds_up(collector)
        self.assertEqual([stats[name] for name in OUTCOMES], [2, 1, 1, 3, 0, 0, 0])

    def test_batches_have_at_most_so_many_rows_and_lose_none(self) -> None:
        collector = self.collector()
        self.send(collector, *(v5(30, 30 * i) for i in range(300)))
        self.received(collector, 300)
        collector.close()
        batches = list(collector.batches(1000, columns="octets,sequence"))
        self.assertEqual([len(b) for b in batches], [1000] * 9)
        self.assertEqual(batches[0].columns, ("octets", "sequence"))
        octets = [value for b in batches for value in b["octets"]]
        self.assertEqual(octets, [400 + i for i in range(30)] * 300)

    def test_a_batch_that_waited_is_given(self) -> None:
        collector = self.collector()
        self.send(collector, v5(5))
        batch = next(iter(collector.batches(max_delay=0.05)))
        self.assertEqual(len(batch), 5)

    def test_ipv6_is_collected(self) -> None:
        try:
            collector = self.collector("::1")
        except OSError as error:
            self.skipTest(f"no IPv6: {error}")
        self.send(collector, v5(1))
        self.assertEqual(next(iter(collector)).agent, "::1")

    def test_two_collectors_share_nothing_but_what_is_given(self) -> None:
        decoder = flowd.Decoder()
        one, two = self.collector(decoder=decoder), self.collector(decoder=decoder)
        self.send(one, v9(a_set(0, TEMPLATE)))
        self.received(one, 1)
        one.close()
        self.assertEqual(list(one), [])
        self.send(two, v9(a_set(256, RECORD)))
        self.assertEqual(next(iter(two)).octets, 1500)
        self.assertEqual((one.stats["received"], two.stats["received"]), (1, 1))
        self.assertEqual(decoder.stats["packets"], 2)

    def test_threads_share_what_comes(self) -> None:
        collector = self.collector()
        counts = [0] * 4

        def work(i: int) -> None:
            for _ in collector:
                counts[i] += 1

        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        self.send(collector, *(v5(10, 10 * i) for i in range(3000)))
        self.received(collector, 3000)
        collector.close()
        for thread in threads:
            thread.join()
        self.assertEqual(sum(counts), 10 * (3000 - collector.stats["dropped_kernel"]))

    def test_exporters_are_told_apart_by_port_if_asked(self) -> None:
        for ports, missing in ((False, 0), (True, 1)):
            collector = self.collector(ports=ports)
            self.send(collector, v9(a_set(0, TEMPLATE)))
            self.received(collector, 1)
            self.send(collector, v9(a_set(256, RECORD)))
            self.received(collector, 2)
            collector.close()
            self.assertEqual(len(list(collector)), 1 - missing)
            self.assertEqual(collector.stats["no_template"], missing)


class Loss(Case):
    """What finds no room is counted."""

    def test_a_hundred_thousand_packets_are_all_in_the_ledger(self) -> None:
        collector = self.collector(rcvbuf=32 << 20)
        got = 0

        def work() -> None:
            nonlocal got
            for batch in collector.batches(columns="octets"):
                got += len(batch)

        thread = threading.Thread(target=work)
        thread.start()
        packet = v5(30)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(collector.address)
            for i in range(100_000):
                sock.send(packet)
                if i % 4000 == 3999:
                    self.received(collector, i + 1)
        stats = self.received(collector, 100_000)
        collector.close()
        thread.join()
        stats = self.adds_up(collector)
        self.assertEqual(stats["received"] + stats["dropped_kernel"], 100_000)
        self.assertEqual(stats["decoded"] + stats["dropped_ring"], stats["received"])
        self.assertEqual(got, 30 * stats["decoded"])
        self.assertEqual(stats["waiting"], 0)

    def test_a_ring_that_nobody_reads_drops_the_newest(self) -> None:
        collector = self.collector(ring=1 << 17)
        self.send(collector, *(v5(30, 30 * i) for i in range(1000)))
        stats = self.received(collector, 1000)
        self.assertGreater(stats["dropped_ring"], 0)
        self.assertGreater(stats["waiting"], 50)
        self.assertLess(stats["waiting"] * len(v5(30)), 1 << 17)
        collector.close()
        flows = list(collector)
        wanted = [30 * i for i in range(stats["waiting"])]
        self.assertEqual([f.sequence for f in flows[::30]], wanted)
        self.assertEqual(self.adds_up(collector)["waiting"], 0)

    def test_the_ring_is_used_again_and_again(self) -> None:
        collector = self.collector(ring=1 << 17)
        packets = iter(collector.packets())
        for i in range(3000):
            size = (i * 7919) % 3000
            self.send(collector, bytes([i % 256]) * size)
            packet, _, _ = next(packets)
            self.assertEqual(packet, bytes([i % 256]) * size)
        self.assertEqual(self.adds_up(collector)["taken"], 3000)


class Loop(Case):
    """asyncio"""

    def test_flows_and_batches_come_by_async_for(self) -> None:
        async def main() -> tuple[int, int]:
            async with flowd.Collector("127.0.0.1", 0) as collector:
                self.send(collector, *(v5(3) for _ in range(100)))
                flows = 0
                async for _ in collector:
                    flows += 1
                    if flows == 300:
                        break
                self.send(collector, *(v5(3) for _ in range(100)))
                self.received(collector, 200)
                asyncio.get_running_loop().call_later(0.05, collector.close)
                rows = 0
                async for batch in collector.batches(64, 0.01):
                    rows += len(batch)
                return flows, rows

        self.assertEqual(asyncio.run(main()), (300, 300))

    def test_tasks_wait_together_and_may_be_cancelled(self) -> None:
        async def main() -> None:
            async with flowd.Collector("127.0.0.1", 0) as collector:

                async def take() -> flowd.Flow | None:
                    async for flow in collector:
                        return flow
                    return None

                tasks = [asyncio.create_task(take()) for _ in range(3)]
                await asyncio.sleep(0.02)
                tasks[0].cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await tasks[0]
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(take(), 0.02)
                self.send(collector, v5(2))
                got = await asyncio.wait_for(asyncio.gather(*tasks[1:]), 10)
                self.assertEqual(sorted(f.octets for f in got if f), [400, 401])
                self.assertEqual(collector._waiters, {})  # type: ignore[attr-defined]
                waits = asyncio.create_task(take())
                await asyncio.sleep(0.02)
                collector.close()
                self.assertIsNone(await asyncio.wait_for(waits, 10))

        asyncio.run(main())

    def test_a_loop_of_ones_own_waits_for_fileno(self) -> None:
        collector = self.collector()
        self.assertEqual(select.select([collector], [], [], 0)[0], [])
        self.send(collector, v5(1), v5(1))
        self.assertEqual(select.select([collector], [], [], 10)[0], [collector])
        self.received(collector, 2)
        packets = collector.packets()
        next(packets), next(packets)
        self.assertEqual(select.select([collector], [], [], 0)[0], [])
        collector.close()
        self.assertEqual(select.select([collector], [], [], 0)[0], [collector])


class Life(Case):
    """Beginnings and ends."""

    def script(self, text: str, *, interrupt: bool = False) -> subprocess.CompletedProcess[str]:
        # A shell's background has SIGINT ignored.
        text = (
            "import flowd, os, signal, sys, threading\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "c = flowd.Collector('127.0.0.1', 0)\n"
        ) + text
        process = subprocess.Popen(
            [sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if interrupt:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess([], process.returncode, out, err)

    def test_control_c_ends_who_waits(self) -> None:
        done = self.script("print('ready', flush=True)\nfor f in c: pass\n", interrupt=True)
        self.assertIn("KeyboardInterrupt", done.stderr)
        self.assertNotEqual(done.returncode, 0)

    def test_no_thread_outlives_the_interpreter(self) -> None:
        done = self.script("import gc; c.me = c\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_process_that_was_forked_off_is_refused(self) -> None:
        done = self.script(
            "pid = os.fork()\n"
            "if pid == 0:\n"
            "    try: next(iter(c))\n"
            "    except flowd.Error as e: print(e, flush=True)\n"
            "    c.close(); del c\n"
            "    os._exit(0)\n"
            "os.waitpid(pid, 0)\n"
            "packet = bytes.fromhex('0005000100000000' * 3 + '00' * 48)\n"
            "print(c.stats['received'], len(c.decoder.decode(packet)))\n"
        )
        self.assertEqual(done.stderr, "")
        self.assertIn("forked", done.stdout)
        self.assertEqual(done.stdout.splitlines()[-1], "0 1")

    def test_the_port_is_free_when_it_is_closed(self) -> None:
        before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
        for _ in range(20):
            collector = flowd.Collector("127.0.0.1", 0)
            with self.assertRaises(OSError):
                flowd.Collector(*collector.address)
            collector.close()
            collector.close()
            flowd.Collector(*collector.address).close()
        del collector
        gc.collect()
        if before:
            self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_arguments_that_cannot_be_are_refused(self) -> None:
        for options in (
            {"ring": 1},
            {"ring": -1},
            {"rcvbuf": -5},
            {"rcvbuf": 1 << 40},
            {"ring": 1 << 60},
        ):
            with self.assertRaises(ValueError, msg=options):
                flowd.Collector("127.0.0.1", 0, **options)  # type: ignore[arg-type]
        with self.assertRaises(TypeError):
            flowd.Collector("127.0.0.1", 0, decoder=5)  # type: ignore[arg-type]
        with self.assertRaises(OSError):
            flowd.Collector("192.0.2.1", 0)
        with self.assertRaises(ValueError):
            self.collector().batches(0)
        with self.assertRaises(flowd.QuestionError):
            collector = self.collector()
            self.send(collector, v5(1))
            next(iter(collector.batches(max_delay=0, columns="nothing")))


if __name__ == "__main__":
    unittest.main()
