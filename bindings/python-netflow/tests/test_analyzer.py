# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""python3 -m netflow.analyzer: what it prints of which file."""

import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from netflow import _entries, analyzer
from netflow._flows import flow_of
from netflow._pairs import Pending, human_duration, human_size

HEADER = "Timestamp           | Service        | Size     | Duration  | Packets | Involved hosts\n"
HEADER += "-" * 100 + "\n"
SKIPPED = "{} connections skipped, because they had less than {} packets "
SKIPPED += "(this value can be set with the -p flag).\n"


def flow(src: str, dest: str, ports: tuple[int, int], size: int, packets: int, **more: Any) -> Any:
    """Return a flow of version 9."""
    family = "IPV6" if ":" in src else "IPV4"
    found = {
        f"{family}_SRC_ADDR": src,
        f"{family}_DST_ADDR": dest,
        "L4_SRC_PORT": ports[0],
        "L4_DST_PORT": ports[1],
        "IN_BYTES": size,
        "IN_PKTS": packets,
        "PROTOCOL": 6,
        "FIRST_SWITCHED": 1000,
        "LAST_SWITCHED": 8000,
    }
    return found | more


def line(ts: str, *flows: Any, client: str = "192.0.2.1") -> str:
    """Return a packet as the collector writes it."""
    entry = {"client": [client, 4], "header": {"version": 9}, "flows": flows}
    return json.dumps({ts: entry}) + "\n"


# What netflow 0.12.2 prints of the same lines was compared with what is expected below.
HTTP = (
    flow("10.0.0.1", "10.0.0.2", (5000, 80), 500, 10),
    flow("10.0.0.2", "10.0.0.1", (80, 5000), 500, 10),
)
SAMPLE = [
    line("1700000000.5", *HTTP),
    line(
        "1700000001.5",
        flow("10.0.0.1", "10.0.0.3", (5000, 22), 5000, 100, FIRST_SWITCHED=2, LAST_SWITCHED=68002),
        flow("10.0.0.3", "10.0.0.1", (22, 5000), 400, 11, FIRST_SWITCHED=2, LAST_SWITCHED=9000),
    ),
    line("1700000003.5", flow("10.0.0.1", "10.0.0.4", (5, 60001), 5000, 100, FIRST_SWITCHED=3)),
    line("1700000004.5", flow("10.0.0.4", "10.0.0.1", (60001, 5), 1 << 22, 4, FIRST_SWITCHED=3)),
    line(
        "1700000005.5",
        flow("10.0.0.9", "10.0.0.8", (1, 2), 5, 1, FIRST_SWITCHED=4294967000, LAST_SWITCHED=1000),
        flow("10.0.0.8", "10.0.0.9", (2, 1), 5, 1, FIRST_SWITCHED=4294967000, LAST_SWITCHED=1000),
    ),
    line("1700000006.5", flow("10.0.0.7", "10.0.0.6", (443, 2), 5, 1, PROTOCOL=17)),
    line(
        "1700000007.5",
        flow("2001:db8::1", "2001:db8::2", (53, 5555), 777, 20, FIRST_SWITCHED=9),
        flow("2001:db8::2", "2001:db8::1", (5555, 53), 555, 30, FIRST_SWITCHED=9),
    ),
]
ROWS = [
    "2023-11-14 22:13.20 | HTTP           | 500B     | 7 sec     |      20 | "
    "Between 10.0.0.2 (10.0.0.2) and 10.0.0.1 (10.0.0.1)\n",
    "2023-11-14 22:13.21 | (5000 5000)    | 4.88K    | 01:08 min |     111 | "
    "Between 10.0.0.1 (10.0.0.1) and 10.0.0.3 (10.0.0.3)\n",
    "2023-11-14 22:13.24 | (60001 60001)  | 4.00M    | 7 sec     |     104 | "
    "Between 10.0.0.4 (10.0.0.4) and 10.0.0.1 (10.0.0.1)\n",
    "2023-11-14 22:13.27 | DOMAIN         | 777B     | 7 sec     |      50 | "
    "Between 2001:db8::1 (2001:db8::1) and 2001:db8::2 (2001:db8::2)\n",
]


class Command(unittest.TestCase):
    """Its output and its statuses."""

    maxDiff = 2000

    def run_on(self, data: bytes, *arguments: str) -> tuple[int, str, str]:
        """Run it on standard input."""
        done = subprocess.run(
            [sys.executable, "-m", "netflow.analyzer", "-n", *arguments],
            input=data,
            capture_output=True,
            env=os.environ | {"TZ": "UTC"},
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def output(self, lines: list[str], *arguments: str) -> str:
        """Return what it prints of good lines."""
        status, out, err = self.run_on(gzip.compress("".join(lines).encode()), *arguments)
        self.assertEqual((status, err), (0, ""))
        return out

    def test_connections_are_printed_as_the_original_does(self) -> None:
        want = HEADER + "".join(ROWS) + SKIPPED.format(1, 10)
        self.assertEqual(self.output(SAMPLE), want)

    def test_lines_in_any_order_give_the_same(self) -> None:
        want = HEADER + "".join(ROWS) + SKIPPED.format(1, 10)
        self.assertEqual(self.output([*SAMPLE[3:], *SAMPLE[:3]]), want)

    def test_connections_with_few_packets_are_counted_only(self) -> None:
        self.assertEqual(
            self.output(SAMPLE, "-p", "105"),
            HEADER + ROWS[1] + SKIPPED.format(4, 105),
        )
        self.assertEqual(self.output(SAMPLE, "-p", "1000"), SKIPPED.format(5, 1000))

    def test_match_host_leaves_the_others_out(self) -> None:
        self.assertEqual(self.output(SAMPLE, "--match-host", "10.0.0.4"), HEADER + ROWS[2])
        self.assertEqual(self.output(SAMPLE, "--match-host", "2001:DB8::2"), HEADER + ROWS[3])
        self.assertEqual(self.output(SAMPLE, "--match-host", "10.9.9.9"), "")

    def test_verbose_lists_what_had_no_answer(self) -> None:
        want = "\nThere are 1 first_switched entries left in the pending dict!\n"
        want += "From 10.0.0.7:443 to 10.0.0.6:2 with proto UDP and size 5B (1 packets)\n"
        self.assertEqual(self.output([SAMPLE[5]], "-v", "-p", "0"), want)

    def test_no_input_is_no_output(self) -> None:
        self.assertEqual(self.run_on(b""), (0, "", ""))
        self.assertEqual(self.output([]), "")

    def test_wrong_arguments_and_files_are_told_with_status_1(self) -> None:
        for arguments in (("--match-host", "nobody"), ("-f", "/nonexistent"), ("-f", "/")):
            status, out, err = self.run_on(b"", *arguments)
            self.assertEqual((status, out), (1, ""))
            self.assertIn(arguments[1], err)
            self.assertEqual(err.count("\n"), 1)
        self.assertEqual(self.run_on(b"", "--no-such-option")[0], 2)

    def test_what_is_no_gzip_is_told_with_status_1(self) -> None:
        status, out, err = self.run_on(b"text\n")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("standard input", err)

    def test_a_torn_file_is_told_behind_what_it_has(self) -> None:
        whole = b"".join(gzip.compress(text.encode()) for text in SAMPLE)
        torn = gzip.compress(SAMPLE[0].encode())[:20]
        status, out, err = self.run_on(whole + torn)
        self.assertEqual(status, 1)
        self.assertTrue(out.startswith(HEADER + "".join(ROWS)))
        self.assertIn("not whole", err)

    def test_lines_that_are_no_packets_are_told_and_skipped(self) -> None:
        wrong = ["{\n", "5\n", '{"x": {"flows": []}}\n', '{"1": 5}\n', "[" * 9999 + "\n"]
        wrong += ['{"nan": {"flows": []}}\n', '{"1e99": {"flows": []}}\n', "\n"]
        data = gzip.compress("".join([*wrong, SAMPLE[0]]).encode())
        status, out, err = self.run_on(data)
        self.assertEqual((status, out), (0, HEADER + ROWS[0]))
        self.assertEqual(err.count("is skipped"), 7)

    def test_a_reader_that_has_enough_is_no_error_text(self) -> None:
        many = "".join(line(f"17000{n:05}", *HTTP) for n in range(3000))
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "many.gz"
            path.write_bytes(gzip.compress(many.encode()))
            process = subprocess.Popen(
                [sys.executable, "-m", "netflow.analyzer", "-n", "-f", str(path)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            assert process.stdout is not None and process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            err = process.stderr.read()
            process.stderr.close()
            self.assertEqual((process.wait(60), err), (1, b""))


class Versions(unittest.TestCase):
    """Flows of each version, and with less than all fields."""

    def rows(self, *flows: Any) -> list[str]:
        """Return the rows of one packet without their time."""
        source = io.BytesIO(gzip.compress(line("1700000000.5", *flows).encode()))
        arguments = mock.Mock(packets_threshold=0, match_host=None, no_dns=True, verbose=False)
        with mock.patch("sys.stdout", io.StringIO()) as out:
            analyzer.analyze(source, arguments)
        return [row[22:] for row in out.getvalue().splitlines()[2:]]

    want = "HTTPS          | 2.00K    | 4 sec     |      12 | "
    want += "Between 10.0.0.2 (10.0.0.2) and 10.0.0.1 (10.0.0.1)"

    def both(self, names: str, times: list[Any]) -> None:
        """Two directions with these names of src, dest, ports, protocol, bytes, packets, times."""
        keys = names.split()
        one = [0x0A000001, 0x0A000002, 40000, 443, 6, 1024, 5, *times]
        two = [0x0A000002, 0x0A000001, 443, 40000, 6, 2048, 7, *times]
        rows = self.rows(dict(zip(keys, one)), dict(zip(keys, two)))
        self.assertEqual(rows, [self.want])

    def test_versions_1_and_5_are_understood(self) -> None:
        names = "IPV4_SRC_ADDR IPV4_DST_ADDR SRC_PORT DST_PORT PROTO IN_OCTETS IN_PACKETS "
        self.both(names + "FIRST_SWITCHED LAST_SWITCHED", [1000, 5999])

    def test_ipfix_is_understood_with_each_of_its_times(self) -> None:
        names = "sourceIPv4Address destinationIPv4Address sourceTransportPort "
        names += "destinationTransportPort protocolIdentifier octetDeltaCount packetDeltaCount "
        pair = [[1, 1 << 31], [6, 0]]
        for unit, times in (
            ("SysUpTime", [(1 << 32) - 1000, 3001]),
            ("Milliseconds", [1000, 5999]),
            ("Seconds", [1, 5]),
            ("Microseconds", pair),
            ("Nanoseconds", pair),
        ):
            self.both(names + f"flowStart{unit} flowEnd{unit}", times)
        self.both(names + "flowDurationMilliseconds", [4321])

    def test_ipv6_numbers_of_ipfix_are_ipv6(self) -> None:
        found = flow_of({"sourceIPv6Address": 1, "destinationIPv6Address": 2}, "")
        self.assertEqual((str(found and found.src), str(found and found.dest)), ("::1", "::2"))

    def test_records_with_both_families_are_of_the_one_they_say(self) -> None:
        four = {"IPV4_SRC_ADDR": "0.0.0.0", "IPV4_DST_ADDR": "0.0.0.0"}
        six = {"IPV6_SRC_ADDR": "::1", "IPV6_DST_ADDR": "::2"}
        found = flow_of({**four, **six, "IP_PROTOCOL_VERSION": 6}, "")
        self.assertEqual(str(found and found.src), "::1")

    def test_missing_and_mistyped_fields_are_tolerated(self) -> None:
        least = {"IPV4_SRC_ADDR": "10.0.0.1", "IPV4_DST_ADDR": "10.0.0.2"}
        back = {"IPV4_SRC_ADDR": "10.0.0.2", "IPV4_DST_ADDR": "10.0.0.1"}
        want = "(0 0)          | 0B       | 0 sec     |       0 | "
        want += "Between 10.0.0.2 (10.0.0.2) and 10.0.0.1 (10.0.0.1)"
        self.assertEqual(self.rows(least, back), [want])
        odd: dict[str, Any] = {"IN_BYTES": "x", "IN_PKTS": None, "L4_SRC_PORT": -1}
        odd |= {"PROTOCOL": [], "FIRST_SWITCHED": {}}
        self.assertEqual(self.rows(least | odd, back | odd), [want])
        wrong: list[Any] = [5, None, [], {}, {"IPV4_SRC_ADDR": "x", "IPV4_DST_ADDR": "10.0.0.1"}]
        wrong += [{"IPV4_SRC_ADDR": 1 << 200, "IPV4_DST_ADDR": 1}]
        self.assertEqual(self.rows(*wrong), [])

    def test_ports_protocol_and_exporter_must_fit(self) -> None:
        self.assertEqual(len(self.rows(*HTTP)), 1)
        for change in ({"L4_SRC_PORT": 81}, {"L4_DST_PORT": 1}, {"PROTOCOL": 17}):
            self.assertEqual(self.rows(HTTP[0], HTTP[1] | change), [])
        self.assertEqual(self.rows(HTTP[0], HTTP[1] | {"FIRST_SWITCHED": 999}), [])

    def test_icmp_is_paired_without_its_type(self) -> None:
        ping = flow("10.0.0.1", "10.0.0.2", (0, 2048), 84, 1, PROTOCOL=1)
        pong = flow("10.0.0.2", "10.0.0.1", (0, 0), 84, 1, PROTOCOL=1)
        self.assertEqual(len(self.rows(ping, pong)), 1)

    def test_several_flows_of_the_same_ends_are_several_connections(self) -> None:
        self.assertEqual(len(self.rows(HTTP[0], HTTP[0], HTTP[1], HTTP[1])), 2)


class Units(unittest.TestCase):
    """Sizes and durations as people read them."""

    def test_sizes(self) -> None:
        for size, want in (
            (0, "0B"),
            (1023, "1023B"),
            (1024, "1.00K"),
            (24883, "24.30K"),
            (1048575, "1024.00K"),
            (1048576, "1.00M"),
            (5 << 30, "5.00G"),
            (5 << 40, "5120.00G"),
        ):
            self.assertEqual(human_size(size), want)
        self.assertEqual(human_size(1 << 2000)[-4:], ".00G")

    def test_durations(self) -> None:
        for seconds, want in (
            (0, "0 sec"),
            (59, "59 sec"),
            (60, "01:00 min"),
            (3600, "60:00 min"),
            (3601, "1:00.01 hours"),
            (86399, "23:59.59 hours"),
            (90000, "25:00.00 hours"),
            (61.7, "01:01 min"),
        ):
            self.assertEqual(human_duration(seconds), want)


class Memory(unittest.TestCase):
    """A huge file is a stream."""

    def test_packets_wait_for_their_order_within_bounds(self) -> None:
        lines = [line(str(1000 + n), *HTTP) for n in (3, 1, 2, 6, 5, 4, 0)]
        source = io.BytesIO(gzip.compress("".join(lines).encode()))
        with mock.patch.object(_entries, "_PACKETS", 3):
            got = [entry.ts - 1000 for entry in _entries.entries(source)]
        self.assertEqual(got, [1, 2, 3, 0, 4, 5, 6])
        source.seek(0)
        with mock.patch.object(_entries, "_FLOWS", 4):
            got = [entry.ts - 1000 for entry in _entries.entries(source)]
        self.assertEqual(got, [1, 2, 3, 4, 0, 5, 6])

    def test_flows_without_an_answer_are_kept_within_bounds(self) -> None:
        pending = Pending(most=10)
        for n in range(50):
            found = flow_of(flow("10.0.0.1", "10.0.0.2", (n, 80), 1, 1), "")
            assert found is not None
            self.assertIsNone(pending.match(found))
        self.assertEqual((len(list(pending.flows())), pending.dropped), (10, 40))


if __name__ == "__main__":
    unittest.main()
