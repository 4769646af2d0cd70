# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""flowd-stats: totals, and the greatest of ports, protocols and addresses."""

import argparse
import heapq
import json
import pickle
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flowd

from flowdtools import cli

QUANTITIES = ("octets", "packets", "flows")

# As many groups as this are ranked here; of more, the engine finds the first
# of each order, in a pass for each, which costs less than to see them all.
FEW = 5000


@dataclass
class Topic:
    title: str  # in the report
    name: str  # in JSON
    keys: tuple[str, ...]
    has: str  # the filter that says that a flow has them


SRC = "src { 0.0.0.0/0 ::/0 }"
DST = "dst { 0.0.0.0/0 ::/0 }"
TOPICS = (
    Topic("src_ports", "src_ports", ("src_port",), "src port >= 0"),
    Topic("dst_ports", "dst_ports", ("dst_port",), "dst port >= 0"),
    Topic("protocols", "protocols", ("protocol",), "proto >= 0"),
    Topic("source address", "src_addrs", ("src_addr",), SRC),
    Topic("destination address", "dst_addrs", ("dst_addr",), DST),
    Topic(
        "source / destination tuples", "pairs", ("src_addr", "dst_addr"), f"{SRC} {DST}"
    ),
)

Row = tuple[Any, ...]


@dataclass
class Ranks:
    total: int
    top: dict[str, list[tuple[str, int]]]


def key_order(key: Row) -> tuple[Any, ...]:
    return tuple(cli.address_order(k) if isinstance(k, str) else (0, k) for k in key)


def named(topic: Topic, row: Row) -> str:
    return " -> ".join(str(part) for part in row[: len(topic.keys)])


def rows_of(answer: flowd.Answer, topic: Topic) -> list[Row]:
    """Keys first, then octets, packets and flows, whatever order they have."""
    order = [answer.columns.index(name) for name in topic.keys + QUANTITIES]
    return [tuple(row[i] for i in order) for row in answer]


def ask(log: flowd.Log, topic: Topic, by: str, top: int) -> list[Row]:
    answer = log.query(
        group_by=topic.keys,
        columns=QUANTITIES,
        sort=(by, *topic.keys),
        top=top,
        filter=topic.has,
    )
    return rows_of(answer, topic)


def ranked(topic: Topic, rows: list[Row], by: str, top: int) -> list[tuple[str, int]]:
    at = len(topic.keys) + QUANTITIES.index(by)
    keys = len(topic.keys)
    # Without the counter nothing is counted: it is no group of this order.
    there = (row for row in rows if row[at] is not None)
    best = heapq.nsmallest(top, there, key=lambda row: (-row[at], key_order(row[:keys])))
    return [(named(topic, row), row[at]) for row in best]


def rank(log: flowd.Log, topic: Topic, top: int) -> Ranks:
    rows = ask(log, topic, "octets", max(FEW, top) + 1)
    if len(rows) <= max(FEW, top):
        return Ranks(len(rows), {by: ranked(topic, rows, by, top) for by in QUANTITIES})
    different = log.query(group_by=topic.keys, distinct=True, filter=topic.has)
    first = {"octets": rows}
    for by in QUANTITIES[1:]:
        first[by] = ask(log, topic, by, top)
    return Ranks(
        int(different[0][0]), {by: ranked(topic, first[by], by, top) for by in QUANTITIES}
    )


def sums(answer: flowd.Answer) -> dict[str, int]:
    if len(answer) == 0:
        return {name: 0 for name in QUANTITIES}
    found = dict(zip(answer.columns, answer[0]))
    return {name: int(found[name] or 0) for name in QUANTITIES}


@dataclass
class Report:
    files: list[tuple[str, int]]
    totals: dict[str, int]
    topics: dict[str, Ranks]
    status: int

    def plain(self) -> dict[str, Any]:
        """As JSON has it, and the pickle."""
        out: dict[str, Any] = {
            "files": [{"name": name, "flows": flows} for name, flows in self.files],
            "total_flows": self.totals["flows"],
            "total_octets": self.totals["octets"],
            "total_packets": self.totals["packets"],
        }
        for topic in TOPICS:
            ranks = self.topics[topic.name]
            tops = {
                by: [{"key": key, by: value} for key, value in ranks.top[by]]
                for by in QUANTITIES
            }
            out[topic.name] = {"total": ranks.total, **tops}
        return out

    def text(self) -> str:
        """As the original printed it."""
        lines = [f"total_{name}: {self.totals[name]}" for name in ("flows", *QUANTITIES[:2])]
        lines.append("")
        for topic in TOPICS:
            ranks = self.topics[topic.name]
            lines += [f"{topic.title}:", f"Total: {ranks.total}"]
            for by in QUANTITIES:
                lines.append(by.capitalize())
                # The original has an empty line where there is nothing.
                lines += [f"  {key}: {value}" for key, value in ranks.top[by]] or [""]
            lines += ["", ""]
        return "\n".join(lines[:-1])


def make(files: cli.Files, options: argparse.Namespace) -> Report:
    select = {"filter": options.filter, "since": options.since, "until": options.until}
    progress = cli.Progress()
    counted: list[tuple[str, int]] = []
    totals = {name: 0 for name in QUANTITIES}
    status = cli.OK
    for name, path in zip(files.names, files.paths):
        progress.show(f"{name}: totals")
        with flowd.open(path, **select) as log:
            answer = log.query(columns=QUANTITIES)
        log_sums = sums(answer)
        counted.append((name, log_sums["flows"]))
        for quantity in QUANTITIES:
            totals[quantity] += log_sums[quantity]
        progress.clear()
        sys.stderr.write(
            f"\r{name}: {log_sums['flows']} flows (total {totals['flows']})\n\n"
        )
        status = max(status, cli.tell_faults(answer, name if name == "-" else ""))
    topics = {}
    with flowd.open(files.paths, **select) as log:
        for topic in TOPICS:
            progress.show(topic.title)
            topics[topic.name] = rank(log, topic, options.top)
    progress.clear()
    return Report(counted, totals, topics, status)


def arguments() -> cli.Arguments:
    args = cli.Arguments(
        "flowd-stats", "Totals of flow logs and archives, and what has most of them."
    )
    args.add_argument("-p", "--pickle", metavar="file", help="write the numbers there, too")
    args.add_argument("--json", action="store_true", help="print JSON")
    args.add_argument(
        "-n", "--top", metavar="count", type=cli.count, default=10, help="so many of each: 10"
    )
    cli.add_utc(args)
    cli.add_selection(args)
    args.add_argument("log", nargs="+", help='a log, an archive, or "-"')
    return args


def stats(argv: Sequence[str]) -> int:
    options = arguments().parse_args(argv)
    if options.utc:
        cli.use_utc()
    report = make(cli.Files(options.log), options)
    if options.json:
        json.dump(report.plain(), sys.stdout, indent=1)
        print()
    else:
        print(report.text())
    if options.pickle is not None:
        with open(options.pickle, "wb") as file:
            pickle.dump(report.plain(), file)
        sys.stderr.write(f'Statistics pickled to "{options.pickle}"\n')
    return report.status


def main(argv: Sequence[str] | None = None) -> int:
    """The program."""
    return cli.run(stats, argv)
