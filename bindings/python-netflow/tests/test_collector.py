# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""The listener, its bounds, and python3 -m netflow.collector."""

import gzip
import io
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import packets as p

import netflow
from netflow._exporters import Exporters, Limits
from netflow._inbox import Inbox, RawPacket
from netflow._output import Output, Torn, read_lines
from netflow.collector import ParsedPacket, ThreadedNetFlowListener
from netflow.utils import UnknownExportVersion

TEMPLATE = p.v9(p.one_set(0, p.template(256, (1, 4))), p.one_set(256, bytes(4)))
DATA = p.v9(p.one_set(256, b"\0\0\0\7"))
PATIENCE = 20


def send(address: tuple[Any, ...], *packets: bytes) -> None:
    """Send packets there from one socket."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        for packet in packets:
            sender.sendto(packet, address)


def raw(data: bytes, client: str = "192.0.2.1", ts: float = 1.0) -> RawPacket:
    """Return a packet as if it came from there."""
    return RawPacket(ts, (client, 9), data)


class Listener(unittest.TestCase):
    """ThreadedNetFlowListener."""

    @contextmanager
    def listener(self, host: str = "127.0.0.1") -> Iterator[ThreadedNetFlowListener]:
        """One that is not started."""
        made = ThreadedNetFlowListener(host, 0)
        try:
            yield made
        finally:
            made.stop()
            if made.is_alive():
                made.join()

    def take(self, listener: ThreadedNetFlowListener, count: int) -> list[ParsedPacket]:
        """Fetch that many packets."""
        return [listener.get(timeout=PATIENCE) for _ in range(count)]

    def test_packets_that_came_before_start_are_given_with_their_time(self) -> None:
        with self.listener() as listener:
            before = time.time()
            send(listener.address, p.v5(bytes(48)), TEMPLATE)
            time.sleep(0.1)
            after = time.time()
            with self.assertRaises(queue.Empty):
                listener.get(block=False)
            listener.start()
            first, second = self.take(listener, 2)
            self.assertEqual((len(first.export.flows), first.client[0]), (1, "127.0.0.1"))
            self.assertEqual(second.export.header.version, 9)
            self.assertTrue(before <= first.ts <= second.ts <= after)

    def test_ipv6_is_listened_on_where_the_host_has_a_colon(self) -> None:
        try:
            made = self.listener("::1")
            with made as listener:
                listener.start()
                send(listener.address, p.v5(bytes(48)))
                self.assertEqual(self.take(listener, 1)[0].client[0], "::1")
        except OSError as error:
            self.skipTest(f"no IPv6 here: {error}")

    def test_data_waits_for_its_template_and_for_that_of_its_own_domain(self) -> None:
        other = p.v9(p.one_set(0, p.template(256, (1, 2))), source=5)
        with self.listener() as listener:
            listener.start()
            send(listener.address, DATA, other)
            self.assertEqual(self.take(listener, 1)[0].export.header.to_dict()["source_id"], 5)
            send(listener.address, TEMPLATE)
            values = [[f.IN_BYTES for f in got.export.flows] for got in self.take(listener, 2)]
            self.assertEqual(values, [[0], [7]])

    def test_packets_that_are_none_are_logged_and_ignored(self) -> None:
        with self.assertLogs("netflow-collector", "WARNING") as logged, self.listener() as listener:
            listener.start()
            send(listener.address, b"\xff\xff", b"", p.v5(count=9), TEMPLATE)
            self.assertEqual(self.take(listener, 1)[0].export.header.version, 9)
        self.assertIn("Unknown NetFlow version 65535", logged.output[0])

    def test_what_nobody_fetches_is_dropped_and_counted(self) -> None:
        inbox = Inbox(3, 1000)
        kept = [inbox.put(raw(bytes(n))) for n in (10, 10, 10, 10)]
        self.assertEqual((kept, inbox.dropped), ([True, True, True, False], 1))
        self.assertEqual(len(inbox.get(0).data), 10)  # type: ignore[union-attr]
        self.assertFalse(inbox.put(raw(bytes(981))))
        self.assertTrue(inbox.put(raw(bytes(980))))
        self.assertEqual([inbox.get(0) is None for _ in range(4)], [False, False, False, True])


class Memory(unittest.TestCase):
    """What is remembered of exporters has an end."""

    def test_waiting_packets_are_bounded_by_exporter_in_all_and_by_bytes(self) -> None:
        for limits, want in (
            (Limits(waiting_each=3), 14),
            (Limits(waiting=5), 15),
            (Limits(waiting_bytes=len(DATA) * 4), 16),
        ):
            exporters = Exporters(limits)
            for n in range(20):
                client = f"192.0.2.{n % 2}"
                self.assertIsNone(exporters.parse(raw(DATA, client)))
            self.assertEqual(exporters.given_up, want)

    def test_packets_wait_no_longer_than_their_time(self) -> None:
        exporters = Exporters(Limits(patience=10))
        for ts in (1.0, 5.0, 9.0):
            exporters.parse(raw(DATA, ts=ts))
        exporters.expire(12.0)
        self.assertEqual(exporters.given_up, 1)
        template = raw(TEMPLATE)
        exporters.parse(template)
        self.assertEqual([got.ts for got in exporters.retry(template)], [5.0, 9.0])

    def test_what_waits_for_another_template_is_not_tried_again(self) -> None:
        exporters = Exporters()
        exporters.parse(raw(p.v9(p.one_set(300, bytes(4)))))
        template = raw(TEMPLATE)
        exporters.parse(template)
        self.assertEqual(list(exporters.retry(template)), [])

    def test_templates_are_bounded_by_exporter_and_in_all(self) -> None:
        exporters = Exporters(Limits(templates_each=3))
        many = b"".join(p.template(256 + n, (1, 4)) for n in range(10))
        packet: Any = exporters.parse(raw(p.v9(p.one_set(0, many))))
        self.assertEqual(list(packet.templates), [263, 264, 265])
        self.assertEqual(exporters.forgotten, 7)
        exporters = Exporters(Limits(fields=100))
        for n in range(50):
            exporters.parse(raw(p.ipfix(p.one_set(2, p.template(256, *[(1, 4)] * 40))), f"c{n}"))
        self.assertEqual(exporters.forgotten, 48)

    def test_one_exporter_s_templates_alone_do_not_exceed_the_bound(self) -> None:
        exporters = Exporters(Limits(fields=100))
        many = b"".join(p.template(256 + n, *[(1, 4)] * 40) for n in range(3))
        exporters.parse(raw(p.ipfix(p.one_set(2, many))))
        self.assertEqual(exporters.forgotten, 3)

    def test_exporters_are_bounded_and_other_versions_are_none(self) -> None:
        exporters = Exporters(Limits(exporters=2))
        for client in ("a", "b", "a", "c"):
            exporters.parse(raw(TEMPLATE, client))
        for client in "defgh":
            exporters.parse(raw(p.v5(bytes(48)), client))
            with self.assertRaises(UnknownExportVersion):
                exporters.parse(raw(b"\0\7" + bytes(40), client))
        self.assertIsNotNone(exporters.parse(raw(DATA, "a")))
        self.assertIsNotNone(exporters.parse(raw(DATA, "c")))
        self.assertIsNone(exporters.parse(raw(DATA, "b")))


class Files(unittest.TestCase):
    """Members of gzip, one behind the other."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "out.gz"

    def lines(self) -> list[bytes]:
        """Read the file."""
        with open(self.path, "rb") as source:
            return list(read_lines(source, 1 << 20))

    def write(self, *lines: str) -> Output:
        """Append lines as one member."""
        output = Output(str(self.path))
        for line in lines:
            output.write(line)
        output.close()
        return output

    def test_lines_are_appended_as_members_that_gzip_reads(self) -> None:
        self.write("one\n", "two\n")
        self.write("three\n")
        self.write()
        self.assertEqual(gzip.decompress(self.path.read_bytes()), b"one\ntwo\nthree\n")
        self.assertEqual(self.lines(), [b"one", b"two", b"three"])

    def test_a_file_of_a_member_a_packet_is_read(self) -> None:
        members = [gzip.compress(f"line {n}\n".encode()) for n in range(100)]
        self.path.write_bytes(b"".join(members))
        self.assertEqual(self.lines(), [f"line {n}".encode() for n in range(100)])

    def test_a_torn_end_is_cut_off_wherever_it_is_torn(self) -> None:
        self.write("one\n")
        whole = self.path.read_bytes()
        for n in range(1, len(whole)):
            self.path.write_bytes(whole + whole[:n])
            self.assertEqual(self.write("two\n").repaired, n)
            self.assertEqual(self.lines(), [b"one", b"two"])

    def test_a_torn_file_is_read_up_to_there(self) -> None:
        self.write("one\n")
        whole = self.path.read_bytes()
        got: list[bytes] = []
        with self.assertRaises(Torn):
            for line in read_lines(io.BytesIO(whole + whole[:-1]), 1000):
                got.append(line)
        self.assertEqual(got[0], b"one")

    def test_what_is_no_gzip_is_left_alone(self) -> None:
        self.path.write_bytes(b"precious")
        with self.assertRaisesRegex(OSError, "not of gzip"):
            self.write("one\n")
        self.assertEqual(self.path.read_bytes(), b"precious")

    def test_a_line_without_end_does_not_fill_the_memory(self) -> None:
        bomb = gzip.compress(bytes(50 << 20))
        with self.assertRaisesRegex(ValueError, "more than 1000000 bytes"):
            list(read_lines(io.BytesIO(bomb), 1000000))

    def test_a_full_disk_loses_what_it_has_no_room_for_and_says_so(self) -> None:
        if not os.path.exists("/dev/full"):
            self.skipTest("there is no /dev/full")
        output = Output("/dev/full")
        output.write("one\n")
        output.write("two\n")
        with self.assertRaises(OSError):
            output.close()
        self.assertEqual(output.lost, 2)


class Command(unittest.TestCase):
    """python3 -m netflow.collector."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start it there."""
        process = subprocess.Popen(
            [sys.executable, "-m", "netflow.collector", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.directory,
        )
        self.addCleanup(process.kill)
        return process

    def free_port(self) -> int:
        """Return a port that was free just now."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    def ended(self, process: "subprocess.Popen[str]") -> tuple[int, str, str]:
        """Return status and output."""
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def collect(self, number: int, *arguments: str) -> tuple[int, str, str]:
        """Send packets until there is a file with some, then the signal."""
        port = self.free_port()
        process = self.start("--host", "127.0.0.1", "-p", str(port), *arguments)
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            send(("127.0.0.1", port), TEMPLATE, DATA)
            if any(path.stat().st_size for path in self.directory.glob("*.gz")):
                break
            time.sleep(0.05)
        process.send_signal(number)
        return self.ended(process)

    def test_packets_become_json_lines_in_the_order_of_the_original(self) -> None:
        self.assertEqual(self.collect(signal.SIGTERM, "-o", "a.gz"), (0, "", ""))
        text = gzip.decompress((self.directory / "a.gz").read_bytes()).decode()
        first = text.splitlines()[0]
        ((ts, entry),) = json.loads(first).items()
        self.assertLess(abs(float(ts) - time.time()), 60)
        self.assertEqual(list(entry), ["client", "header", "flows"])
        packet: Any = netflow.parse_packet(TEMPLATE, p.templates())
        want = {"client": entry["client"], "header": packet.header.to_dict()}
        want["flows"] = [{"IN_BYTES": 0}]
        self.assertEqual(first, json.dumps({ts: want}))
        self.assertEqual(entry["client"][0], "127.0.0.1")

    def test_the_file_is_named_after_the_time(self) -> None:
        self.assertEqual(self.collect(signal.SIGINT)[0], 0)
        (path,) = self.directory.glob("*.gz")
        self.assertLess(abs(int(path.stem) - time.time()), 60)

    def test_packets_that_came_before_the_signal_are_written(self) -> None:
        port = self.free_port()
        process = self.start("--host", "127.0.0.1", "-p", str(port), "-o", "a.gz", "-D")
        assert process.stderr is not None
        # What it says first is that it listens.
        process.stderr.readline()
        send(("127.0.0.1", port), TEMPLATE, *[DATA] * 99)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.ended(process)[0], 0)
        text = gzip.decompress((self.directory / "a.gz").read_bytes())
        self.assertEqual(text.count(b"\n"), 100)

    def test_debug_tells_of_each_packet(self) -> None:
        _, _, err = self.collect(signal.SIGTERM, "-D", "--file", "a.gz")
        self.assertRegex(err, r"(?m)^[-\d]+ [:\d]+,\d+ - INFO - Starting .*127\.0\.0\.1")
        self.assertRegex(err, r"DEBUG - Received \d+ bytes of data")

    def test_a_port_or_a_file_that_cannot_be_had_is_status_1(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = str(taken.getsockname()[1])
            status, _, err = self.ended(self.start("--host", "127.0.0.1", "--port", port))
        self.assertEqual(status, 1)
        self.assertIn("Address already in use", err)
        for arguments in (("-o", "no/where.gz"), ("--host", "not an address"), ("-p", "70000")):
            status, _, err = self.ended(self.start(*arguments))
            self.assertEqual(status, 1, err)
            self.assertNotIn("Traceback", err)

    def test_get_export_packets_ends_with_a_signal(self) -> None:
        code = (
            "import sys, os, signal\n"
            "from netflow.collector import get_export_packets\n"
            "for packet in get_export_packets('127.0.0.1', int(sys.argv[1])):\n"
            "    print(len(packet.export.flows), flush=True)\n"
            "    os.kill(os.getpid(), signal.SIGTERM)\n"
            "print('end')\n"
        )
        port = self.free_port()
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(port)], stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(process.kill)
        give_up = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < give_up:
            send(("127.0.0.1", port), p.v5(bytes(48)))
            time.sleep(0.05)
        out, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual((process.returncode, out.splitlines()[0]), (0, "1"))
        self.assertEqual(out.splitlines()[-1], "end")


if __name__ == "__main__":
    unittest.main()
