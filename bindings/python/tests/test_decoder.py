# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Decoder and Packet: packets in, flows out, and what cannot be."""

import collections.abc
import json
import pathlib
import random
import re
import threading
import unittest
from typing import Any

import flowd
import packets
from captures import datagrams
from common import SHARED, run_reader, value_of
from packets import RECORD, TEMPLATE, a_set, ipfix, sflow, v5, v9

TOP = pathlib.Path(__file__).resolve().parents[3]
NS = 1_000_000_000

# The report of decodehex, which the golden files of tests/decode have.
RESULTS = {
    "truncated",
    "unsupported version",
    "impossible length",
    "impossible record count",
    "impossible template",
}


def from_reader(line: dict[str, Any]) -> dict[str, Any]:
    """A flow of flowd-reader's JSON, as to_dict() has it but for bytes."""
    known = flowd.fields()
    return {
        name: value_of(name, value)
        for name, value in line.items()
        if name in known and known[name].type != "bytes"
    }


def as_read(flow: flowd.Flow) -> dict[str, Any]:
    """As from_reader() has it."""
    known = flowd.fields()
    return {k: v for k, v in flow.to_dict().items() if known[k].type != "bytes"}


def hex_packets(path: pathlib.Path) -> list[tuple[str, bytes]]:
    """Exporters and packets of tests/decode/NAME.hex, as decodehex reads them."""
    out: list[tuple[str, bytes]] = []
    digits, exporter = "", "192.0.2.1"
    for line in [*path.read_text().splitlines(), ""]:
        text, comment, _ = line.partition("#")
        if text.strip().startswith("@"):
            exporter = text.strip(" @")
        elif text.strip():
            digits += text
        elif digits and not comment:
            out.append((exporter, bytes.fromhex(digits)))
            digits = ""
    return out


class Decode(unittest.TestCase):
    """decode()"""

    def setUp(self) -> None:
        self.decoder = flowd.Decoder()

    def test_a_packet_is_a_sequence_of_its_flows(self) -> None:
        packet = self.decoder.decode(v5(3), "192.0.2.1", time=5)
        self.assertIsInstance(packet, collections.abc.Sequence)
        self.assertEqual(len(packet), 3)
        self.assertEqual([flow.octets for flow in packet], [400, 401, 402])
        self.assertEqual(packet[-1].octets, 402)
        self.assertEqual([flow.octets for flow in packet[1:]], [401, 402])
        self.assertEqual([f.octets for f in reversed(packet)], [402, 401, 400])
        self.assertIn(packet[1], packet)
        self.assertEqual(packet.index(packet[1]), 1)
        with self.assertRaises(IndexError):
            packet[3]

    def test_what_a_packet_says_of_itself_is_there(self) -> None:
        packet = self.decoder.decode(v9(a_set(0, TEMPLATE), a_set(256, RECORD), source=42))
        self.assertEqual((packet.version, packet.source_id, packet.templates), (9, 42, 1))
        self.assertEqual(packet.export_time, packets.SECONDS * NS)
        self.assertEqual((packet.missing, packet.options), (0, 0))
        self.assertEqual(packet.report["flows"], 1)
        self.assertEqual(packet[0].src_addr, "10.0.0.1")
        self.assertEqual(packet[0].octets, 1500)
        self.assertIsNone(packet[0].src_port)

    def test_the_exporter_and_the_time_are_as_given(self) -> None:
        flow = self.decoder.decode(v5(1), "2001:db8::1", time=7)[0]
        self.assertEqual((flow.agent, flow.recv_time), ("2001:db8::1", 7))
        self.assertEqual(self.decoder.decode(v5(1))[0].agent, "0.0.0.0")

    def test_any_buffer_is_a_packet(self) -> None:
        for buffer in (bytearray(v5()), memoryview(v5()), memoryview(b"x" + v5())[1:]):
            self.assertEqual(len(self.decoder.decode(buffer)), 2)

    def test_flows_outlive_packet_and_decoder(self) -> None:
        text = fields = packets.fields_of(300, [(371, 65535)])
        buffer = bytearray(ipfix(a_set(2, fields), a_set(300, b"\x05alice")))
        flow = self.decoder.decode(buffer)[0]
        buffer[:] = bytes(len(buffer))
        del self.decoder, text
        self.assertEqual(flow.user_name, "alice")

    def test_a_missing_template_is_counted_not_raised(self) -> None:
        packet = self.decoder.decode(v9(a_set(256, RECORD), a_set(257, RECORD)))
        self.assertEqual((len(packet), packet.missing), (0, 2))
        self.assertEqual(self.decoder.stats["no_template"], 1)

    def test_templates_are_of_an_exporter_and_a_source(self) -> None:
        self.decoder.decode(v9(a_set(0, TEMPLATE)), "192.0.2.1")
        data = v9(a_set(256, RECORD))
        self.assertEqual(len(self.decoder.decode(data, "192.0.2.1")), 1)
        self.assertEqual(len(self.decoder.decode(data, "192.0.2.2")), 0)
        self.assertEqual(len(self.decoder.decode(data, "192.0.2.1", 2055)), 0)
        self.assertEqual(len(self.decoder.decode(v9(a_set(256, RECORD), source=1), "192.0.2.1")), 0)

    def test_what_is_forgotten_is_missing(self) -> None:
        self.decoder.decode(v9(a_set(0, TEMPLATE)), "192.0.2.1")
        self.assertEqual(self.decoder.stats["known_templates"], 1)
        self.decoder.forget("192.0.2.1")
        self.assertEqual(self.decoder.stats["known_templates"], 0)
        self.assertEqual(self.decoder.decode(v9(a_set(256, RECORD)), "192.0.2.1").missing, 1)

    def test_names_of_options_data_are_in_flows(self) -> None:
        options = packets.fields_of(400, [(10, 4), (82, 8)])
        options = options[:4] + b"\0\1" + options[4:]
        interface = (7).to_bytes(4, "big")
        template = packets.fields_of(256, [(10, 4), (1, 4)])
        packet = ipfix(
            a_set(3, options),
            a_set(400, interface + b"eth7\0\0\0\0"),
            a_set(2, template),
            a_set(256, interface + RECORD[8:]),
        )
        self.assertEqual(self.decoder.decode(packet)[0].in_if_name, "eth7")
        self.assertIsNone(flowd.Decoder(names=False).decode(packet)[0].in_if_name)


class Errors(unittest.TestCase):
    """What cannot be is raised, with its place."""

    def offset(self, packet: bytes) -> int:
        with self.assertRaises(flowd.DecodeError) as caught:
            flowd.Decoder().decode(packet)
        self.assertIsInstance(caught.exception, ValueError)
        self.assertIn(f"at byte {caught.exception.offset}", str(caught.exception))
        return caught.exception.offset

    def test_an_error_tells_the_byte(self) -> None:
        self.assertEqual(self.offset(b""), 0)
        self.assertEqual(self.offset(b"\0\6" + bytes(22)), 0)
        self.assertEqual(self.offset(v5()[:23]), 22)
        self.assertEqual(self.offset(v5()[:-1]), 2)
        self.assertEqual(self.offset(v9(b"\0\0\0\3")), 22)
        self.assertEqual(self.offset(v9(a_set(0, TEMPLATE), a_set(0, b"\1\0\0\0"))), 44)
        self.assertEqual(self.offset(ipfix(b"\0\2")[:-2]), 2)

    def test_flows_before_the_error_are_not_lost(self) -> None:
        packet = ipfix(a_set(2, TEMPLATE), a_set(256, RECORD * 2), b"\1\0\0\1")
        with self.assertRaises(flowd.DecodeError) as caught:
            flowd.Decoder().decode(packet)
        self.assertEqual(caught.exception.offset, len(packet) - 2)
        self.assertEqual(len(caught.exception.packet), 2)

    def test_cut_at_each_byte_each_protocol_tells_where_or_is_whole(self) -> None:
        whole = {
            "v5": v5(2),
            "v9": v9(a_set(0, TEMPLATE), a_set(256, RECORD * 2)),
            "ipfix": ipfix(a_set(2, TEMPLATE), a_set(256, RECORD * 2)),
            "sflow": sflow(2),
        }
        for name, packet in whole.items():
            self.assertEqual(len(flowd.Decoder().decode(packet)), 2, name)
            for end in range(len(packet)):
                try:
                    flowd.Decoder().decode(packet[:end])
                    self.assertEqual(name, "v9")  # between its sets
                except flowd.DecodeError as error:
                    self.assertLessEqual(error.offset, end)

    def test_arguments_of_other_kinds_are_refused(self) -> None:
        decoder = flowd.Decoder()
        for arguments in (
            (),
            ("text",),
            (None,),
            (5,),
            (v5(), 5),
            (v5(), b"::1"),
            (v5(), "::1", "x"),
        ):
            with self.assertRaises(TypeError, msg=arguments):
                decoder.decode(*arguments)
        for arguments in (
            (v5(), "nowhere"),
            (v5(), "10.0.0.1\0"),
            (v5(), "::1", -1),
            (v5(), "::1", 65536),
        ):
            with self.assertRaises(ValueError, msg=arguments):
                decoder.decode(*arguments)
        with self.assertRaises(ValueError):
            decoder.decode(bytes(65536))
        with self.assertRaises(TypeError):
            decoder.forget(5)  # type: ignore[arg-type]
        self.assertEqual(decoder.stats["packets"], 0)

    def test_random_bytes_do_no_harm(self) -> None:
        rng = random.Random(7)
        decoder = flowd.Decoder(max_exporters=50, max_templates=300, max_memory=1 << 20)
        seeds = [
            v5(),
            sflow(),
            v9(a_set(0, TEMPLATE), a_set(256, RECORD * 9)),
            ipfix(a_set(2, TEMPLATE), a_set(256, RECORD * 9)),
        ]
        refused = 0
        for _ in range(20000):
            packet = bytearray(rng.choice(seeds))
            for _ in range(rng.randrange(6)):
                packet[rng.randrange(len(packet))] = rng.randrange(256)
            del packet[rng.randrange(len(packet)) :: rng.randrange(1, 99)]
            try:
                decoder.decode(packet, f"10.0.0.{rng.randrange(9)}")
            except flowd.DecodeError as error:
                refused += 1
                self.assertLessEqual(error.offset, len(packet))
        stats = decoder.stats
        self.assertEqual(stats["packets"], 20000)
        self.assertEqual(stats["malformed"] + stats["unsupported"], refused)
        self.assertLessEqual(stats["known_templates"], 300)
        self.assertLessEqual(stats["memory"], 1 << 20)


class Limits(unittest.TestCase):
    """What is remembered is bounded."""

    def test_templates_of_one_exporter_are_bounded(self) -> None:
        decoder = flowd.Decoder(max_templates=10)
        for number in range(256, 300):
            decoder.decode(v9(a_set(0, packets.fields_of(number, [(8, 4)]))))
        self.assertEqual(decoder.stats["known_templates"], 10)
        self.assertEqual(decoder.stats["templates_refused"], 34)

    def test_one_exporter_has_a_quarter_of_many_templates(self) -> None:
        decoder = flowd.Decoder(max_templates=2000)
        for number in range(256, 1256):
            decoder.decode(v9(a_set(0, packets.fields_of(number, [(8, 4)]))))
        self.assertEqual(decoder.stats["known_templates"], 500)

    def test_exporters_are_bounded_and_the_oldest_make_room(self) -> None:
        decoder = flowd.Decoder(max_exporters=3)
        for i in range(5):
            decoder.decode(v9(a_set(0, TEMPLATE)), f"10.0.0.{i}", time=i)
        self.assertEqual(decoder.stats["known_domains"], 3)
        self.assertEqual(decoder.stats["domains_evicted"], 2)
        data = v9(a_set(256, RECORD))
        self.assertEqual(decoder.decode(data, "10.0.0.4").missing, 0)

    def test_memory_is_bounded(self) -> None:
        decoder = flowd.Decoder(max_memory=100_000)
        many = [(8, 4)] * 100
        for number in range(256, 1000):
            decoder.decode(v9(a_set(0, packets.fields_of(number, many))), f"10.0.{number % 7}.1")
        self.assertLessEqual(decoder.stats["memory"], 100_000)
        self.assertGreater(decoder.stats["known_templates"], 0)

    def test_templates_expire_when_asked(self) -> None:
        decoder = flowd.Decoder(expire_v9=60)
        decoder.decode(v9(a_set(0, TEMPLATE)), time=0)
        data = v9(a_set(256, RECORD))
        self.assertEqual(len(decoder.decode(data, time=60 * NS)), 1)
        self.assertEqual(len(decoder.decode(data, time=61 * NS)), 0)

    def test_limits_that_cannot_be_are_refused(self) -> None:
        for name, value in (
            ("max_exporters", 0),
            ("max_templates", -1),
            ("max_templates", 1 << 32),
            ("max_memory", 0),
            ("expire_v9", -1),
            ("expire_ipfix", 1 << 32),
        ):
            with self.assertRaises(ValueError, msg=name):
                flowd.Decoder(**{name: value})  # type: ignore[arg-type]
        with self.assertRaises(TypeError):
            flowd.Decoder(5)  # type: ignore[misc]
        with self.assertRaises((TypeError, OverflowError)):
            flowd.Decoder(max_memory=1 << 80)


class Many(unittest.TestCase):
    """decode_many()"""

    def test_many_packets_are_one_batch_in_their_order(self) -> None:
        given = [(v5(30, 30 * i), f"10.1.{i // 256}.{i % 256}", 1000 + i) for i in range(5000)]
        batch = flowd.Decoder().decode_many(given)
        self.assertEqual(len(batch), 150_000)
        self.assertEqual(
            list(batch["recv_time"]), [1000 + i for i in range(5000) for _ in range(30)]
        )
        self.assertEqual(list(batch["octets"]), [400 + i for i in range(30)] * 5000)
        agents = [bytes(10) + b"\xff\xff" + bytes([10, 1, i // 256, i % 256]) for i in range(5000)]
        self.assertEqual([bytes(a) for a in memoryview_of(batch["agent"], 16)][::30], agents)

    def test_it_gives_the_flows_that_decode_gives(self) -> None:
        rng = random.Random(3)
        given = []
        for i in range(3000):
            sets = [a_set(2, TEMPLATE)] if i % 7 == 0 else []
            if i % 11 == 0:
                sets.append(a_set(2, packets.fields_of(300, [(371, 65535), (7, 2)])))
            sets.append(a_set(256, RECORD * rng.randrange(1, 40)))
            name = b"user%d" % rng.randrange(1000)
            sets.append(a_set(300, bytes([len(name)]) + name + b"\0\7"))
            given.append((ipfix(*sets), "2001:db8::%x" % (i % 3), i))
        one = flowd.Decoder()
        flows = [f for p, a, t in given for f in one.decode(p, a, time=t)]
        many = flowd.Decoder()
        batch = many.decode_many(given)
        self.assertEqual(len(batch), len(flows))
        for column in batch.columns:
            wanted = [getattr(f, column) for f in flows]
            got = [getattr(f, column) for f in batch]
            self.assertEqual(got, wanted, column)
        self.assertEqual(many.stats, one.stats)

    def test_what_is_wrong_is_counted(self) -> None:
        decoder = flowd.Decoder()
        given = [
            (v5(), "10.0.0.1", 1),
            (b"", "10.0.0.1", 2),
            (v5()[:-1], "10.0.0.1", 3),
            (b"\0\7", "10.0.0.1", 3),
            (b"\0\6", "10.0.0.1", 3),
            (v9(a_set(256, RECORD)), "10.0.0.1", 4),
        ]
        self.assertEqual(len(decoder.decode_many(given)), 2)
        stats = decoder.stats
        self.assertEqual(
            [
                stats[k]
                for k in (
                    "packets",
                    "decoded",
                    "malformed",
                    "malformed_truncated",
                    "malformed_count",
                    "unsupported",
                    "no_template",
                )
            ],
            [6, 1, 3, 2, 1, 1, 1],
        )

    def test_columns_are_those_asked_for(self) -> None:
        batch = flowd.Decoder().decode_many([(v5(), "10.0.0.1", 1)], columns="octets,user_name")
        self.assertEqual(batch.columns, ("octets", "user_name"))
        self.assertEqual(list(batch["user_name"]), [None, None])
        empty = flowd.Decoder().decode_many([], columns=["octets"])
        self.assertEqual((len(empty), empty.columns), (0, ("octets",)))
        with self.assertRaises(flowd.QuestionError):
            flowd.Decoder().decode_many([], columns="nothing")

    def test_ports_tell_exporters_apart_if_given(self) -> None:
        template, data = v9(a_set(0, TEMPLATE)), v9(a_set(256, RECORD))
        given = [
            (template, ("10.0.0.1", 1), 0),
            (data, ("10.0.0.1", 1), 0),
            (data, ("10.0.0.1", 2), 0),
        ]
        decoder = flowd.Decoder()
        self.assertEqual(len(decoder.decode_many(given)), 1)
        self.assertEqual(decoder.stats["no_template"], 1)

    def test_items_of_other_kinds_are_refused(self) -> None:
        decoder = flowd.Decoder()
        for item in (
            5,
            v5(),
            (v5(),),
            (v5(), "::1"),
            (v5(), "::1", "x"),
            ("x", "::1", 1),
            (v5(), 5, 1),
            (v5(), ("::1",), 1),
            (v5(), ("::1", 1 << 20), 1),
            (5, "::1", 1),
            (v5(), "nowhere", 1),
            (bytes(65536), "::1", 1),
            (v5(), "::1", 1 << 70),
        ):
            with self.assertRaises((TypeError, ValueError, OverflowError), msg=item):
                decoder.decode_many([item])  # type: ignore[list-item]
        with self.assertRaises(TypeError):
            decoder.decode_many(None)  # type: ignore[arg-type]

        def ends() -> Any:
            yield v5(), "::1", 1
            raise KeyError("mine")

        with self.assertRaises(KeyError):
            decoder.decode_many(ends())

    def test_threads_share_a_decoder(self) -> None:
        decoder = flowd.Decoder()
        given = [(v5(30), "10.0.0.1", 1)] * 500
        failed: list[BaseException] = []

        def work(many: bool) -> None:
            try:
                for _ in range(10):
                    if many:
                        assert len(decoder.decode_many(given)) == 15000
                    else:
                        for _ in range(500):
                            assert len(decoder.decode(v5(3))) == 3
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(i % 2 == 0,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])
        self.assertEqual(decoder.stats["packets"], 20 * 500 + 20 * 500)


def memoryview_of(column: flowd.Column, size: int) -> list[bytes]:
    """Values of a column of bytes."""
    raw = memoryview(column).cast("B")
    return [bytes(raw[i : i + size]) for i in range(0, len(raw), size)]


class Written(unittest.TestCase):
    """Packets whose flows are written down in the tree."""

    def test_packets_become_the_flows_and_errors_written_down(self) -> None:
        for path in sorted((TOP / "tests/decode").glob("*.hex")):
            wanted = [json.loads(line) for line in path.with_suffix(".ok").read_text().splitlines()]
            decoder = flowd.Decoder(names=True)
            got: list[dict[str, Any]] = []
            for number, (exporter, packet) in enumerate(hex_packets(path), 1):
                time = (packets.SECONDS + number) * NS
                try:
                    flows = decoder.decode(packet, exporter, time=time)
                    end: dict[str, Any] = {"result": None}
                except flowd.DecodeError as error:
                    flows = error.packet
                    result, at = re.fullmatch(r"(.*) at byte (\d+)", str(error)).groups()  # type: ignore[union-attr]
                    end = {"result": result, "error_at": int(at)}
                got += [as_read(flow) for flow in flows]
                got.append({**end, **{k: v for k, v in flows.report.items() if v}})
            self.check(path.name, wanted, got)

    def check(self, name: str, wanted: list[dict[str, Any]], got: list[dict[str, Any]]) -> None:
        self.assertEqual(len(got), len(wanted), name)
        for want, have in zip(wanted, got):
            if "datagram" not in want:
                self.assertEqual(have, from_reader(want), name)
                continue
            if want["result"] not in RESULTS:
                want["result"] = None
            for key, value in want.items():
                if key in have or key in ("result", "error_at"):
                    self.assertEqual(have.get(key), value, (name, want))


@unittest.skipUnless((SHARED / "captures/pcap").is_dir(), "there are no ../shared/captures")
class Captures(unittest.TestCase):
    """Exports of some forty vendors' boxes."""

    def test_captures_are_decoded_as_flowd_reader_does(self) -> None:
        compared = flows = 0
        for path in sorted((SHARED / "captures/pcap").glob("*.pcap")):
            sent = datagrams(path)
            if sent is None:
                continue
            text = run_reader("--pcap", str(path), "--format", "ndjson")
            wanted = [from_reader(json.loads(line)) for line in text.splitlines()]
            decoder = flowd.Decoder()
            got: list[dict[str, Any]] = []
            for payload, source, time in sent:
                try:
                    packet = decoder.decode(payload, source, time=time)
                except flowd.DecodeError as error:
                    packet = error.packet
                got += [as_read(flow) for flow in packet]
            self.assertEqual(len(got), len(wanted), path.name)
            for have, want in zip(got, wanted):
                self.assertEqual(have, want, path.name)
            compared += 1
            flows += len(got)
        self.assertGreater(compared, 100)
        self.assertGreater(flows, 1000)


if __name__ == "__main__":
    unittest.main()
