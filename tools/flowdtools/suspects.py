# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""flowd-suspects: who talks to more others, or to more ports, than is usual."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import flowd

from flowdtools import cli

SECOND = 1_000_000_000

# Sources in one question, and rows of one answer.
SOURCES = 500
ROWS = 1_000_000

HAS_SOURCE = "src { 0.0.0.0/0 ::/0 }"

Row = tuple[Any, ...]


@dataclass
class Suspect:
    source: str
    destinations: int = 0
    ports: int = 0
    flows: int = 0
    packets: int = 0
    octets: int = 0
    port: str = "-"  # protocol/port of most flows
    port_flows: int = 0
    window: str | None = None
    found_by: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return 100.0 * self.port_flows / self.flows if self.flows else 0.0


@dataclass
class Search:
    """Of one window of time."""

    log: flowd.Log
    protocols: str  # a clause, or nothing
    since: Any = None
    until: Any = None
    status: int = cli.OK

    def ask(self, filter: str = "", **question: Any) -> flowd.Answer:
        clauses = f"{self.protocols} {filter}".strip()
        return self.log.query(
            since=self.since, until=self.until, filter=clauses or None, **question
        )


def source_filter(sources: Sequence[str]) -> str:
    return f"src {{ {' '.join(sources)} }}"


def candidates(search: Search, least: int, most: int) -> dict[str, Suspect]:
    """Sources of so many flows at least: each of the destinations that are
    looked for takes one."""
    answer = search.ask(
        group_by="src_addr",
        columns=("records", "flows", "packets", "octets"),
        sort=("records", "src_addr"),
        top=most + 1,
        filter=HAS_SOURCE,
    )
    search.status = max(search.status, cli.tell_faults(answer))
    found: dict[str, Suspect] = {}
    for row in answer.to_dicts():
        if row["records"] < least:
            break
        if len(found) == most:
            cli.say(f"only the {most} sources of most flows are looked at: see --candidates")
            break
        name = str(row["src_addr"])
        found[name] = Suspect(
            name,
            flows=int(row["flows"] or 0),
            packets=int(row["packets"] or 0),
            octets=int(row["octets"] or 0),
        )
    return found


def pairs(search: Search, sources: list[str], key: str) -> Iterator[tuple[str, int]]:
    """Of each source how many different values of key there are: by pairs, in
    questions whose answers do not grow beyond ROWS."""
    left = sorted(sources, key=cli.address_order)
    while left:
        some, left = left[:SOURCES], left[SOURCES:]
        answer = search.ask(
            group_by=("src_addr", key),
            columns=("flows",),
            sort=("src_addr", key),
            top=ROWS,
            filter=source_filter(some),
        )
        counted: dict[str, int] = {}
        at, value = answer.columns.index("src_addr"), answer.columns.index(key)
        for row in answer:
            name = str(row[at])
            counted[name] = counted.get(name, 0) + (row[value] is not None)
        if len(answer) == ROWS:
            # The last one is not complete, and those behind it are missing.
            last = str(answer[-1][at])
            del counted[last]
            if not counted:
                counted[last] = alone(search, last, key)
            left = [name for name in some if name not in counted] + left
            yield from counted.items()
        else:
            yield from ((name, counted.get(name, 0)) for name in some)


PRESENT = {"dst_addr": "dst { 0.0.0.0/0 ::/0 }", "dst_port": "dst port >= 0"}


def alone(search: Search, source: str, key: str) -> int:
    answer = search.ask(
        group_by=key, distinct=True, filter=f"{source_filter([source])} {PRESENT[key]}"
    )
    return int(answer[0][0])


def busiest_port(search: Search, suspects: dict[str, Suspect]) -> None:
    """The greatest come first: who is not in an answer is in that without
    those who are."""
    left = list(suspects)
    while left:
        some = left[:SOURCES]
        answer = search.ask(
            group_by=("src_addr", "protocol", "dst_port"),
            columns=("flows",),
            sort=("flows", "src_addr", "protocol", "dst_port"),
            top=ROWS,
            filter=source_filter(some),
        )
        order = [answer.columns.index(n) for n in ("src_addr", "protocol", "dst_port", "flows")]
        missing = set(some)
        for row in answer:
            source, protocol, port, flows = (row[at] for at in order)
            if source in missing:
                missing.remove(source)
                suspects[source].port = f"{text(protocol)}/{text(port)}"
                suspects[source].port_flows = int(flows or 0)
            if not missing:
                break
        again = missing if len(answer) == ROWS else set()
        left = [name for name in some if name in again] + left[SOURCES:]


def text(value: object) -> str:
    return "-" if value is None else str(value)


def look(search: Search, options: argparse.Namespace) -> list[Suspect]:
    """The suspects of a window."""
    least = min(options.addresses, options.ports)
    found = candidates(search, least, options.candidates)
    for name, number in pairs(search, list(found), "dst_addr"):
        found[name].destinations = number
    for name, number in pairs(search, list(found), "dst_port"):
        found[name].ports = number
    for suspect in found.values():
        if suspect.destinations >= options.addresses:
            suspect.found_by.append("addresses")
        if suspect.ports >= options.ports:
            suspect.found_by.append("ports")
    kept = {name: s for name, s in found.items() if s.found_by}
    busiest_port(search, kept)
    return list(kept.values())


def bounds(log: flowd.Log) -> tuple[int, int] | None:
    """Times of receipt of the first and the last flow, in ns."""
    first = last = None
    for batch in log.batches(columns=("recv_time",)):
        times = [t for t in batch["recv_time"].to_list() if t is not None]
        if times:
            first = min(times) if first is None else min(first, min(times))
            last = max(times) if last is None else max(last, max(times))
    return None if first is None or last is None else (first, last)


def windows(log: flowd.Log, options: argparse.Namespace) -> Iterator[tuple[Any, Any, str | None]]:
    if options.window is None:
        yield None, None, None
        return
    times = bounds(log)
    if times is None:
        return
    step = options.window * SECOND
    start = times[0] // step * step
    while start <= times[1]:
        yield start, start + step, f"{flowd.to_datetime(start):%Y-%m-%dT%H:%M:%SZ}"
        start += step


def worse(a: Suspect, b: Suspect) -> bool:
    return max(a.destinations, a.ports) > max(b.destinations, b.ports)


def search_all(log: flowd.Log, options: argparse.Namespace) -> tuple[list[Suspect], int]:
    """Of each source the worst window."""
    worst: dict[str, Suspect] = {}
    status = cli.OK
    progress = cli.Progress()
    for since, until, name in windows(log, options):
        progress.show(f"looking at {name or 'all'}")
        search = Search(log, options.protocols, since, until)
        for suspect in look(search, options):
            suspect.window = name
            if suspect.source not in worst or worse(suspect, worst[suspect.source]):
                worst[suspect.source] = suspect
        status = max(status, search.status)
    progress.clear()
    order = {"addresses": "destinations"}.get(options.sort, options.sort)
    return (
        sorted(
            worst.values(), key=lambda s: (-getattr(s, order), cli.address_order(s.source))
        )[: options.top],
        status,
    )


TITLES = ("source", "addresses", "ports", "flows", "packets", "octets", "most", "share", "by")


def cells(suspect: Suspect) -> tuple[str, ...]:
    numbers = (suspect.destinations, suspect.ports, suspect.flows)
    return (
        suspect.source,
        *(str(n) for n in (*numbers, suspect.packets, suspect.octets)),
        suspect.port,
        f"{suspect.share:.0f}%",
        ",".join(suspect.found_by),
        *((suspect.window,) if suspect.window is not None else ()),
    )


def print_table(suspects: list[Suspect], window: bool) -> None:
    lines = [TITLES + (("window",) if window else ()), *map(cells, suspects)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        row = [
            cell.rjust(width) if 1 <= i <= 7 else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths))
        ]
        print("  ".join(row).rstrip())


NAMES = {"destinations": "addresses"}


def print_json(suspects: list[Suspect]) -> None:
    rows = []
    for suspect in suspects:
        row = {NAMES.get(k, k): v for k, v in asdict(suspect).items() if v is not None}
        rows.append(row)
    json.dump(rows, sys.stdout, indent=1)
    print()


#
# The report of the original's wormsuspects.
#


def print_original(log: flowd.Log, options: argparse.Namespace) -> int:
    search = Search(log, options.protocols)
    answer = search.ask(
        group_by=("src_addr", "protocol", "dst_port"),
        columns=("flows",),
        sort=("flows", "src_addr", "protocol", "dst_port"),
        top=options.top,
    )
    sums = search.ask(columns=("flows",))
    total = int(sums[0][0] or 0) if len(sums) else 0
    print("%32s %8s %8s  %24s" % ("Address", "Proto", "Port", "Num Flows"))
    print("%32s %8s %8s  %24s" % ("-------", "-----", "----", "---------"))
    shown = 0
    for row in answer.to_dicts():
        # 0 is as good as none there.
        names = [row[k] or "???" for k in ("src_addr", "protocol", "dst_port")]
        print_share(names, int(row["flows"] or 0), total)
        shown += int(row["flows"] or 0)
    print("%32s %8s %8s  %24s" % ("-----", "", "", ""))
    print_share(["OTHER", "", ""], total - shown, total)
    return cli.tell_faults(answer)


def print_share(names: list[Any], flows: int, total: int) -> None:
    share = flows * 100.0 / total if total else 0.0
    print("%32s %8s %8s %16d (%05.2f%%)" % (*names, flows, share))


def arguments() -> cli.Arguments:
    args = cli.Arguments(
        "flowd-suspects", "Sources that talk to many addresses or ports: worms and scans."
    )
    number: dict[str, Any] = {"metavar": "count", "type": cli.count}
    args.add_argument(
        "-a", "--addresses", **number, default=100, help="suspect from so many destinations: 100"
    )
    args.add_argument("-P", "--ports", **number, default=100, help="or from so many ports: 100")
    args.add_argument("-n", "--top", **number, help="print so many: 20, with --original 11")
    args.add_argument(
        "--sort", choices=("addresses", "ports", "flows", "octets"), default="addresses"
    )
    args.add_argument(
        "--protocol",
        metavar="list",
        dest="protocols",
        type=protocols,
        default="",
        help="only flows of these, by name or number: tcp,udp",
    )
    args.add_argument(
        "-w", "--window", metavar="time", type=cli.duration, help="in each step of so long a time"
    )
    args.add_argument(
        "--candidates", **number, default=10000, help="look at so many sources: 10000"
    )
    args.add_argument(
        "--original", action="store_true", help="source, protocol and port of most flows instead"
    )
    args.add_argument("--json", action="store_true", help="print JSON")
    cli.add_utc(args)
    cli.add_selection(args)
    args.add_argument("log", nargs="+", help='a log, an archive, or "-"')
    return args


def protocols(text: str) -> str:
    """An argument: "tcp,17" as a clause of a filter, "" as none."""
    return f"proto {{ {text.replace(',', ' ')} }}" if text else ""


def suspects(argv: Sequence[str]) -> int:
    options = arguments().parse_args(argv)
    if options.utc:
        cli.use_utc()
    if options.top is None:
        options.top = 11 if options.original else 20
    select = {"filter": options.filter, "since": options.since, "until": options.until}
    with flowd.open(cli.Files(options.log).paths, **select) as log:
        if options.original:
            return print_original(log, options)
        found, status = search_all(log, options)
    if options.json:
        print_json(found)
    else:
        print_table(found, options.window is not None)
    return status


def main(argv: Sequence[str] | None = None) -> int:
    """The program."""
    return cli.run(suspects, argv)
