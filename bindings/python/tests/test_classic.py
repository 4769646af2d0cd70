# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""The original module: its texts and bytes are the truth."""

import csv
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
import warnings

import flowd
import flowd.classic

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD", TOP))
READER = BUILD / "flowd-reader"
LOGS = pathlib.Path(os.environ.get("FLOWD_SHARED", TOP.parent / "shared")) / "compat/flowd-logs"
EDGE = {  # how many flows, and what is wrong behind them
    "bad-crc-then-good": (0, "Flow checksum mismatch"),
    "bad-major4": (0, "Unsupported version"),
    "both-src4-src6": (0, "Flow has both v4/v6 src addrs"),
    "len_words-126": (1, None),
    "len_words-127": (0, "internal flow buffer too small (flow is probably corrupt)"),
    "minor0-bit31": (0, "Flow has unknown fields"),
    "minor0-extra": (0, "Flow has unknown fields"),
    "minor0-longer-len": (1, None),
    "minor0-shorter-len": (0, "Flow has both v4/v6 src addrs"),
    "minor1-extra-crc-all": (0, "Flow checksum mismatch"),
    "minor1-extra-crc-known": (1, None),
    "minor1-extra-nocrc": (1, None),
    "minor1-noextra-crc": (1, None),
    "no-fields": (2, None),
    "ok-empty-file": (0, None),
    "ok-two": (2, None),
    "reserved-nonzero-crc-ok": (1, None),
    "trunc-in-body": (1, None),
    "trunc-in-header": (1, None),
}


def record(fields, body=b""):
    """A record of version 3 without a checksum."""
    return struct.pack(">BBHI", 0x60, len(body) // 4, 0, fields) + body


def reader_lines(*args):
    """What flowd-reader prints, without the lines that name files."""
    # It has its own runtime of AddressSanitizer, if any.
    bare = {**os.environ, "LD_PRELOAD": ""}
    run = subprocess.run([READER, *args], capture_output=True, text=True, check=True, env=bare)
    return [line for line in run.stdout.splitlines() if not line.startswith("LOGFILE")]


def all_of(log):
    """Lines, and what was wrong behind them."""
    lines = []
    try:
        for flow in log:
            lines.append(flow.format(utc=1, mask=flowd.DISPLAY_ALL))
    except ValueError as error:
        return lines, str(error)
    return lines, None


class Own(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, "log")

    def write(self, *records):
        pathlib.Path(self.path).write_bytes(b"".join(records))
        return self.path


@unittest.skipUnless(LOGS.is_dir(), "shared/compat/flowd-logs is not here")
class Fixtures(Own):
    def logs(self):
        return sorted(LOGS.glob("*.bin"))

    def test_every_log_of_the_original_prints_as_flowd_reader_does(self):
        for path in self.logs():
            want = reader_lines("-v", "-U", path)
            with self.subTest(log=path.name, by="FlowLog"):
                self.assertEqual(all_of(flowd.FlowLog(path)), (want, None))
            with self.subTest(log=path.name, by="FlowLog_fromfile"), open(path, "rb") as file:
                self.assertEqual(all_of(flowd.FlowLog_fromfile(file)), (want, None))

    def test_what_the_original_python_module_wrote_prints_as_it_did(self):
        want = (LOGS / "py2-module-written.reader-v-U.txt").read_text().splitlines()[1:]
        # Engines of NetFlow 5 that it wrote with swapped bytes are put right.
        want = [line.replace("engine_type 256 engine_id 512", "engine_type 1 engine_id 2")
                for line in want]
        self.assertEqual(all_of(flowd.FlowLog(LOGS / "py2-module-written.bin"))[0], want)

    def test_every_damaged_or_strange_log_gives_what_it_should(self):
        self.assertEqual({path.stem for path in (LOGS / "edge").glob("*.bin")}, set(EDGE))
        for name, (count, why) in EDGE.items():
            with self.subTest(log=name):
                lines, error = all_of(flowd.FlowLog(LOGS / "edge" / f"{name}.bin"))
                self.assertEqual((len(lines), error), (count, why))

    def test_behind_a_damaged_record_reading_goes_on(self):
        log = flowd.FlowLog(LOGS / "edge/bad-crc-then-good.bin")
        self.assertRaisesRegex(ValueError, "checksum", log.read_flow)
        self.assertEqual(log.read_flow().src_addr, "10.9.1.1")
        self.assertIsNone(log.read_flow())

    def test_a_record_made_by_hand_is_the_originals_to_the_byte(self):
        flow = flowd.Flow()
        flow.tag = 7
        flow.src_addr = "10.0.0.1"
        flow.dst_addr = "2001:db8::1"
        flow.src_port = 80
        flow.dst_port = 65535
        flow.packets = 1099511627776
        flow.octets = 5
        flow.fields = flowd.FIELD_TAG | flowd.FIELD_SRCDST_PORT | flowd.FIELD_CRC32
        want = (LOGS / "py2-module-written.bin").read_bytes()[:56]
        self.assertEqual(flow.serialise(), want)

    def test_logs_are_copied_to_the_byte(self):
        for path in self.logs():
            data = path.read_bytes()
            if data[:1] == b"\x01":
                continue
            # The original daemon shifted them; what it converted from version 2 is right.
            shifted = "converted" not in path.name
            with self.subTest(log=path.name):
                with flowd.FlowLog(self.path, "wb") as copy, flowd.FlowLog(path) as log:
                    for flow in log:
                        if shifted and flow.netflow_ver == 5:
                            flow.engine_type = flow.engine_type << 8
                            flow.engine_id = flow.engine_id << 8
                        copy.write_flow(flow)
                self.assertEqual(pathlib.Path(self.path).read_bytes(), data)

    def test_an_old_script_runs_unchanged(self):
        path = LOGS / "all.bin"
        script = [sys.executable, HERE / "old-script.py", "-u", "-v", "-o", self.path]
        out = subprocess.run([*script, path], capture_output=True, text=True, check=True)
        self.assertEqual(out.stdout.splitlines(), reader_lines("-v", "-U", path))
        sums = {}
        for row in csv.reader(reader_lines("-c", path)[1:]):
            sums[row[10]] = sums.get(row[10], 0) + int(row[5])
        self.assertEqual(out.stderr.splitlines(), [f"{a}: {sums[a]}" for a in sorted(sums)])
        copied = [line.split(" crc32")[0].rstrip() for line in reader_lines("-v", "-U", path)]
        self.assertEqual([x.rstrip() for x in reader_lines("-v", "-U", self.path)], copied)
        with open(path, "rb") as stdin:
            again = subprocess.run([*script, "-"], stdin=stdin, capture_output=True, text=True)
        self.assertEqual((again.stdout, again.stderr), (out.stdout, out.stderr))
        piped = subprocess.run([*script, "-"], input=path.read_bytes(), capture_output=True)
        self.assertEqual(piped.stdout.decode(), out.stdout)


class Flows(Own):
    def test_absent_numbers_are_0_and_absent_counters_and_addresses_none(self):
        flow = flowd.Flow()
        numbers = """tag recv_sec recv_usec tcp_flags protocol tos src_port dst_port if_ndx_in
            if_ndx_out sys_uptime_ms agent_sec agent_usec netflow_ver flow_start flow_finish
            src_as dst_as src_mask dst_mask engine_type engine_id flow_sequence source_id crc32
            src_addr_af dst_addr_af agent_addr_af gateway_addr_af fields""".split()
        self.assertEqual({name: getattr(flow, name) for name in numbers}, dict.fromkeys(numbers, 0))
        others = "octets packets src_addr dst_addr agent_addr gateway_addr".split()
        self.assertEqual([getattr(flow, name) for name in others], [None] * len(others))
        self.assertEqual((flow.flow_ver, flow.data), (0x60, {}))
        self.assertRaises(AttributeError, getattr, flow, "no_such_attribute")
        self.assertIsInstance(flow, flowd.Flow)

    def test_every_attribute_reads_what_was_written(self):
        flow = flowd.Flow()
        values = {}
        bits = {8: "tcp_flags protocol tos src_mask dst_mask flow_ver",
                16: "src_port dst_port netflow_ver engine_type engine_id",
                32: """tag recv_sec if_ndx_in if_ndx_out sys_uptime_ms agent_sec flow_start
                    flow_finish src_as dst_as flow_sequence source_id crc32 fields""",
                64: "octets packets"}
        for width, names in bits.items():
            values.update({name: 2**width - 1 for name in names.split()})
        values.update(recv_usec=999999, agent_usec=999999999, src_addr="192.0.2.1",
                      dst_addr="2001:db8::2", agent_addr="::1", gateway_addr="10.0.0.254")
        for name, value in values.items():
            setattr(flow, name, value)
        self.assertEqual({name: getattr(flow, name) for name in values}, values)
        flow.data = [1]
        self.assertEqual(flow.data, [1])

    def test_too_large_numbers_are_cut_with_a_warning(self):
        for name, bits, kind in (("protocol", 8, "char"), ("tcp_flags", 8, "char"),
                                 ("src_port", 16, "short"), ("tag", 32, "int"),
                                 ("recv_sec", 32, "int"), ("fields", 32, "int")):
            with self.subTest(attribute=name), warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                flow = flowd.Flow()
                setattr(flow, name, 2**bits + 5)
                self.assertEqual(getattr(flow, name), 5)
                self.assertEqual([(w.category, str(w.message)) for w in said],
                                 [(RuntimeWarning, f"Truncation of value to unsigned {kind}")])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.assertRaises(RuntimeWarning, setattr, flowd.Flow(), "src_port", 70000)
        self.assertRaises(OverflowError, setattr, flowd.Flow(), "tag", 2**64)
        self.assertRaises(OverflowError, setattr, flowd.Flow(), "octets", 2**64)
        self.assertRaises(TypeError, setattr, flowd.Flow(), "tag", "7")

    def test_an_address_that_is_none_is_refused_by_name(self):
        for name in ("src_addr", "dst_addr", "agent_addr", "gateway_addr"):
            with self.subTest(attribute=name):
                flow = flowd.Flow()
                with self.assertRaises(ValueError) as caught:
                    setattr(flow, name, "10.0.0.999")
                self.assertEqual(str(caught.exception), f'Invalid "{name}"')
                setattr(flow, name, "")
                self.assertIsNone(getattr(flow, name))
                self.assertRaises(TypeError, setattr, flow, name, 5)

    def test_a_record_is_read_with_its_64_bits(self):
        body = struct.pack(">QQ", 2**64 - 1, 2**53 + 1)
        flow = flowd.Flow(record(flowd.FIELD_PACKETS | flowd.FIELD_OCTETS, body))
        self.assertEqual((flow.packets, flow.octets), (2**64 - 1, 2**53 + 1))
        self.assertEqual(flow.format(mask=flowd.DISPLAY_ALL),
                         "FLOW packets 18446744073709551615 octets 9007199254740993 ")

    def test_the_source_id_keeps_its_32_bits(self):
        body = struct.pack(">HHII", 5, 6, 7, 0x01020304)
        flow = flowd.Flow(record(flowd.FIELD_FLOW_ENGINE_INFO, body))
        self.assertEqual(flow.source_id, 0x01020304)
        self.assertEqual(flowd.Flow(flow.serialise()).source_id, 0x01020304)

    def test_errors_of_records_are_the_originals(self):
        whole = record(flowd.FIELD_TAG, bytes(4))
        short = "store_flow_deserialise: supplied length is too small"
        for blob, why in ((whole[:7], short), (b"", short),
                          (whole[:8], "store_flow_deserialise: incomplete flow record supplied"),
                          (b"\x80" + whole[1:], "Unsupported version"),
                          (struct.pack(">BBHIII", 0x60, 2, 0, 0x40000001, 7, 8),
                           "Flow checksum mismatch")):
            with self.subTest(why=why), self.assertRaises(ValueError) as caught:
                flowd.Flow(blob)
            self.assertEqual(str(caught.exception), why)
        self.assertRaises(TypeError, flowd.Flow, "text")
        self.assertEqual(flowd.Flow(bytearray(whole) + b"more").serialise(), whole)

    def test_has_field_is_true_if_all_are_there(self):
        flow = flowd.Flow()
        flow.src_addr = "10.0.0.1"
        flow.fields = flowd.FIELD_TAG
        self.assertIs(flow.has_field(flowd.FIELD_TAG), True)
        self.assertTrue(flow.has_field(flowd.FIELD_TAG | flowd.FIELD_SRC_ADDR))
        self.assertTrue(flow.has_field(field=flowd.FIELD_SRC_ADDR4))
        self.assertFalse(flow.has_field(flowd.FIELD_SRC_ADDR6))
        self.assertFalse(flow.has_field(flowd.FIELD_SRCDST_ADDR))
        self.assertFalse(flow.has_field(flowd.FIELD_TAG | flowd.FIELD_OCTETS))
        flow.octets = 0
        self.assertTrue(flow.has_field(flowd.FIELD_TAG | flowd.FIELD_OCTETS))
        with self.assertRaises(ValueError) as caught:
            flow.has_field(0)
        self.assertEqual(str(caught.exception), "No field specified")
        self.assertRaises(TypeError, flow.has_field, "TAG")
        self.assertRaises(TypeError, flow.has_field)

    def test_what_fields_does_not_name_is_not_written(self):
        flow = flowd.Flow()
        flow.tag = 7
        flow.src_port = 80
        self.assertEqual(flow.serialise(), record(0))
        flow.fields = flowd.FIELD_TAG
        self.assertEqual(flow.serialise(), record(flowd.FIELD_TAG, struct.pack(">I", 7)))
        flow.fields |= flowd.FIELD_SRC_ADDR6  # it has no address
        self.assertEqual(flow.serialise(), record(flowd.FIELD_TAG, struct.pack(">I", 7)))

    def test_a_flow_made_of_fields_has_just_these(self):
        flow = flowd.Flow(tag=7, src_addr="::1")
        self.assertIsNone(flow.protocol)
        self.assertEqual(flow.format(1), "FLOW tag 7 src [::1] ")
        self.assertTrue(flow.has_field(flowd.FIELD_TAG | flowd.FIELD_SRC_ADDR))
        self.assertFalse(flow.has_field(flowd.FIELD_PROTO_FLAGS_TOS))
        self.assertEqual(flowd.Flow(flow.serialise()).src_addr, "::1")
        self.assertRaises(OverflowError, setattr, flow, "tag", 2**32)

    def test_format_is_brief_and_local_unless_it_is_told(self):
        flow = flowd.Flow(record(flowd.FIELD_RECV_TIME | flowd.FIELD_CRC32 & 0,
                                 struct.pack(">II", 1700000000, 42)))
        self.assertEqual(flow.format(1), "FLOW recv_time 2023-11-14T22:13:20.00042 ")
        local = flowd.iso_time(1700000000)
        self.assertEqual(flow.format(), f"FLOW recv_time {local}.00042 ")
        flow = flowd.Flow(record(flowd.FIELD_IF_INDICES, struct.pack(">II", 1, 2)))
        self.assertEqual(flow.format(), "FLOW ")
        self.assertEqual(flow.format(mask=flowd.FIELD_IF_INDICES), "FLOW in_if 1 out_if 2 ")


class Logs(Own):
    def tags(self, n):
        return [record(flowd.FIELD_TAG, struct.pack(">I", i)) for i in range(n)]

    def test_the_position_of_a_file_is_behind_the_last_flow(self):
        path = self.write(*self.tags(3000))
        log = flowd.FlowLog(path)
        with open(path, "rb") as file:
            other = flowd.FlowLog_fromfile(file)
            for i in range(2000):
                self.assertEqual((log.read_flow().tag, other.read_flow().tag), (i, i))
            self.assertEqual((log.file.tell(), file.tell()), (24000, 24000))
        self.assertEqual(log.read_flow().tag, 2000)
        log.file.seek(12)
        self.assertEqual([flow.tag for flow in log], list(range(1, 3000)))
        self.assertEqual(log.file.tell(), 36000)

    def test_a_file_that_others_move_is_read_where_it_stands(self):
        with open(self.write(*self.tags(3000)), "rb") as file:
            log = flowd.FlowLog_fromfile(file)
            self.assertEqual(log.read_flow().tag, 0)
            file.seek(12 * 100)
            self.assertEqual([log.read_flow().tag for _ in range(3)], [100, 101, 102])
            file.seek(0)
            self.assertEqual(sum(1 for _ in log), 3000)

    def test_a_log_that_grows_has_more_behind_its_end(self):
        whole = self.tags(2)
        path = self.write(whole[0], whole[1][:5])
        log = flowd.FlowLog(path)
        self.assertEqual(log.read_flow().tag, 0)
        self.assertIsNone(log.read_flow())
        with open(path, "ab") as file:
            file.write(whole[1][5:])
        self.assertEqual(log.read_flow().tag, 1)
        self.assertIsNone(log.read_flow())

    def test_a_pipe_gives_what_has_come(self):
        read, write = os.pipe()
        whole = self.tags(2)
        os.write(write, whole[0] + whole[1][:3])
        with flowd.FlowLog_fromfile(os.fdopen(read, "rb")) as log:
            self.assertEqual(log.read_flow().tag, 0)
            os.write(write, whole[1][3:])
            self.assertEqual(log.read_flow().tag, 1)
            os.close(write)
            self.assertIsNone(log.read_flow())

    def test_flows_are_appended_and_read_again(self):
        flow = flowd.Flow(self.tags(8)[7])
        path = self.write(*self.tags(2))
        with flowd.FlowLog(path, "r+b") as log:
            self.assertEqual(log.read_flow().tag, 0)
            log.write_flow(flow)  # in the place of the second
        self.assertEqual([f.tag for f in flowd.FlowLog(path)], [0, 7])
        with flowd.FlowLog(path, "a") as log:
            log.write_flow(flow, flowd.FIELD_TAG)
            log.write_flow(flow, fieldmask=flowd.FIELD_OCTETS)
        self.assertEqual(pathlib.Path(path).read_bytes()[24:],
                         self.tags(8)[7] + record(0))

    def test_a_closed_log_says_so(self):
        log = flowd.FlowLog(self.write(*self.tags(1)))
        log.close()
        self.assertTrue(log.file.closed)
        self.assertRaises(ValueError, log.read_flow)
        log = flowd.FlowLog(self.path)
        log.file.close()
        self.assertRaises(ValueError, log.read_flow)

    def test_a_log_that_is_not_there_is_an_ioerror(self):
        self.assertRaises(IOError, flowd.FlowLog, self.path)
        self.assertRaises(TypeError, flowd.FlowLog, None)

    def test_what_is_no_flow_is_not_written(self):
        with flowd.FlowLog(self.path, "w") as log:
            for wrong in (None, 5, b"bytes", object()):
                self.assertRaises(TypeError, log.write_flow, wrong)
            self.assertRaises(TypeError, log.write_flow, flowd.Flow(), "mask")
        with flowd.FlowLog(self.path) as log:
            self.assertRaises(OSError, log.write_flow, flowd.Flow())

    def test_a_file_of_anything_ends(self):
        for junk in (b"\0" * 5000, b"\xff" * 5000, b"\x60" * 5000, b"\x01\x2c\xf0\x47" * 50,
                     bytes(range(256)) * 20, b"\x60\xff" + bytes(10)):
            log = flowd.FlowLog(self.write(junk))
            found = wrong = 0
            while True:
                try:
                    if log.read_flow() is None:
                        break
                    found += 1
                except ValueError:
                    wrong += 1
            self.assertLessEqual(found + wrong, len(junk) // 8 + 1)

    def test_threads_share_a_log_and_lose_nothing(self):
        log = flowd.FlowLog(self.write(*self.tags(20000)))
        got = [[] for _ in range(4)]
        threads = [threading.Thread(target=lambda to=to: to.extend(f.tag for f in log))
                   for to in got]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(sum(got, [])), list(range(20000)))


class Names(unittest.TestCase):
    def test_times_are_the_originals_texts(self):
        self.assertEqual(flowd.iso_time(1700000000, 1), "2023-11-14T22:13:20")
        self.assertEqual(flowd.iso_time(time=0, utc_flag=True), "1970-01-01T00:00:00")
        self.assertEqual(flowd.iso_time(1.9, 1), "1970-01-01T00:00:01")
        self.assertEqual(flowd.interval_time(694861), "1w1d1h1m1s")
        self.assertEqual(flowd.interval_time(0), "0s")
        for wrong in (-1, 2**32, 2**70):
            self.assertRaises(OverflowError, flowd.interval_time, wrong)
        self.assertRaises(OverflowError, flowd.iso_time, 2**62)
        self.assertRaises(TypeError, flowd.iso_time, "now")
        self.assertRaises(ValueError, flowd.iso_time, float("nan"))

    def test_constants_have_their_values(self):
        groups = """TAG RECV_TIME PROTO_FLAGS_TOS AGENT_ADDR4 AGENT_ADDR6 SRC_ADDR4 SRC_ADDR6
            DST_ADDR4 DST_ADDR6 GATEWAY_ADDR4 GATEWAY_ADDR6 SRCDST_PORT PACKETS OCTETS IF_INDICES
            AGENT_INFO FLOW_TIMES AS_INFO FLOW_ENGINE_INFO""".split()
        want = {f"FIELD_{name}": 1 << i for i, name in enumerate(groups)}
        want.update(FIELD_CRC32=1 << 30, FIELD_RESERVED=1 << 31, FIELD_ALL=0x4007FFFF,
                    FIELD_AGENT_ADDR=0x18, FIELD_SRC_ADDR=0x60, FIELD_DST_ADDR=0x180,
                    FIELD_SRCDST_ADDR=0x1E0, FIELD_GATEWAY_ADDR=0x600, DISPLAY_ALL=0x4007FFFF,
                    DISPLAY_BRIEF=0x39FF, STORE_VER_MAJOR=3, STORE_VER_MINOR=0, STORE_VERSION=0x60)
        self.assertEqual({name: getattr(flowd, name) for name in want}, want)
        self.assertEqual({name: getattr(flowd.classic, name) for name in want}, want)
        self.assertTrue(set(want) <= set(flowd.classic.__all__) & set(flowd.__all__))


if __name__ == "__main__":
    unittest.main()
