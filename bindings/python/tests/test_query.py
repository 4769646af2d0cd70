# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Log.query() against flowd-reader's answers to the same questions."""

import datetime
import json
import unittest
from typing import Any

import arrow_abi
import flowd
from common import fixture, nanoseconds, run_reader

# What is asked, and flowd-reader's options for it.
QUESTIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({"group_by": "src_addr", "top": 10}, ["--group-by", "src_addr", "--top", "10"]),
    ({"group_by": ["protocol", "dst_port"]}, ["--group-by", "protocol,dst_port"]),
    (
        {"group_by": "src_addr/24/64", "sort": "-packets", "columns": "packets,flows,bps,duration"},
        ["--group-by", "src_addr/24/64", "--sort", "-packets", "--columns", "packets,flows,bps,duration"],
    ),
    ({"every": "1m"}, ["--every", "1m"]),
    (
        {"every": datetime.timedelta(minutes=1), "group_by": "protocol", "spread": "even"},
        ["--every", "60", "--group-by", "protocol", "--spread", "even"],
    ),
    ({"group_by": "src_addr,dst_port", "distinct": True}, ["--distinct", "src_addr,dst_port"]),
    ({"group_by": "dst_port", "bidirectional": True}, ["--group-by", "dst_port", "--bidirectional"]),
    ({"group_by": "port", "filter": "proto udp"}, ["--group-by", "port", "--filter", "proto udp"]),
    (
        {"sort": ["-octets", "src_addr"], "columns": "src_addr,octets,recv_time"},
        ["--sort", "-octets,src_addr", "--columns", "src_addr,octets,recv_time"],
    ),
    ({"top": 5, "columns": ["octets"]}, ["--top", "5", "--columns", "octets"]),
]


def same(ours: Any, theirs: Any, name: str) -> bool:
    """JSON has times as texts, and durations as seconds."""
    if isinstance(theirs, str) and theirs.endswith("Z") and isinstance(ours, int):
        return nanoseconds(theirs) == ours
    if name == "duration":
        return abs(ours / 1e9 - float(theirs)) < 1e-9
    return bool(ours == theirs)


class QueryTest(unittest.TestCase):
    def check_rows(self, rows: list[dict[str, Any]], want: list[dict[str, Any]]) -> None:
        self.assertEqual(len(rows), len(want))
        for row, other in zip(rows, want):
            there = {name: value for name, value in row.items() if value is not None}
            self.assertEqual(there.keys(), other.keys())
            for name, value in there.items():
                self.assertTrue(same(value, other[name], name), (name, value, other))

    def test_answers_are_those_of_flowd_reader(self) -> None:
        for name in ("archive", "log"):
            for options, arguments in QUESTIONS:
                with self.subTest(name, **options):
                    text = run_reader("--format", "json", *arguments, fixture(name))
                    want = json.loads(text)
                    self.assertGreater(len(want), 0)
                    self.check_rows(flowd.open(fixture(name)).query(**options).to_dicts(), want)

    def test_an_answer_without_groups_is_the_sums(self) -> None:
        flows = list(flowd.open(fixture("log")))
        row = flowd.open(fixture("log")).query().to_dicts()[0]
        self.assertEqual(row["octets"], sum(flow.octets or 0 for flow in flows))
        self.assertEqual(row["packets"], sum(flow.packets or 0 for flow in flows))
        self.assertEqual(row["flows"], len(flows))

    def test_rows_are_tuples_in_the_order_of_columns(self) -> None:
        answer = flowd.open(fixture("log")).query(group_by="src_addr", top=10)
        self.assertEqual(answer.columns, ("src_addr", "flows", "packets", "octets"))
        self.assertEqual(len(answer), 10)
        rows = list(answer)
        self.assertEqual(rows, [tuple(row.values()) for row in answer.to_dicts()])
        self.assertEqual(answer[-1], rows[9])
        self.assertEqual(answer[2:8:3], rows[2:8:3])
        self.assertEqual(answer[::-1], rows[::-1])
        self.assertEqual((answer.index(rows[3]), answer.count(rows[3])), (3, 1))
        self.assertEqual(answer.totals["records"], len(list(flowd.open(fixture("log")))))
        self.assertEqual(answer.faults, ())
        with self.assertRaises(IndexError):
            answer[10]
        with self.assertRaises(TypeError):
            answer["src_addr"]

    def test_columns_of_flows_come_in_the_order_that_is_asked_for(self) -> None:
        log = flowd.open(fixture("log"))
        answer = log.query(sort="octets", top=3, columns="octets,src_addr,agent")
        self.assertEqual(answer.columns, ("octets", "src_addr", "agent"))

    def test_an_answer_is_an_arrow_stream(self) -> None:
        log = flowd.open(fixture("archive"))
        answer = log.query(every="1m", group_by="src_addr,protocol", columns="octets,duration")
        for _ in range(2):
            formats, values = arrow_abi.table(answer.__arrow_c_stream__())
            rows = [dict(zip(formats, row)) for row in zip(*values.values())]
            self.assertEqual(rows, answer.to_dicts())
        self.assertEqual(list(formats.values()), [b"tsn:UTC", b"u", b"C", b"L", b"tDn"])

    def test_an_answer_of_nothing_has_its_columns(self) -> None:
        answer = flowd.open(fixture("log")).query(group_by="src_addr,vlan", filter="proto 253")
        self.assertEqual((len(answer), answer.to_dicts()), (0, []))
        formats, values = arrow_abi.table(answer.__arrow_c_stream__())
        self.assertEqual(list(formats), list(answer.columns))
        self.assertEqual(formats["src_addr"], b"u")

    def test_threads_and_memory_change_nothing(self) -> None:
        log = flowd.open(fixture("archive"))
        want = list(log.query(group_by="src_addr,dst_addr,src_port", threads=1))
        got = log.query(group_by="src_addr,dst_addr,src_port", threads=3, memory="1M")
        self.assertEqual(list(got), want)

    def test_what_cannot_be_asked_is_a_question_error(self) -> None:
        log = flowd.open(fixture("log"))
        wrong: list[dict[str, Any]] = [
            {"group_by": "nonsense"},
            {"group_by": ",".join(list(flowd.fields())[:17])},
            {"sort": "nonsense"},
            {"top": 0},
            {"top": "5"},
            {"every": "5x"},
            {"every": 0},
            {"every": datetime.timedelta(microseconds=1)},
            {"spread": "odd"},
            {"memory": 1000},
            {"memory": "much"},
            {"threads": 0},
            {"threads": 257},
            {"columns": "nonsense"},
            {"group_by": "tag", "columns": "src_addr"},
            {"filter": "nonsense"},
            {"since": "nonsense"},
        ]
        for options in wrong:
            with self.assertRaises(flowd.QuestionError, msg=options):
                log.query(**options)
        for options in ({"group_by": 1}, {"sort": [1]}, {"every": 1.5}, {"nonsense": 1}, {"top": 2**70}):
            with self.assertRaises((TypeError, AttributeError, OverflowError), msg=options):
                log.query(**options)


if __name__ == "__main__":
    unittest.main()
