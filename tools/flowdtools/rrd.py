# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""flowd-rrd: flows, bytes and packets of protocols in a round robin database."""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import flowd

from flowdtools import charts, cli, unixsock
from flowdtools.rrdtool import rrdtool

STEP = 300  # seconds
SECOND = 1_000_000_000
# A gap that is no longer is a quiet hour: zeros.  Longer, nobody was there.
QUIET = 3600

PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp"}
NAMES = (*PROTOCOLS.values(), "other")
FIELDS = ("flows", "bytes", "packets")
SOURCES = tuple(f"{name}_{field}" for field in FIELDS for name in NAMES)
ARCHIVES = ("0.75:1:4800", "0.5:6:2400", "0.5:24:1200", "0.5:288:1500")

UPDATES = 100  # in one call of rrdtool


@dataclass
class Window:
    """Sums of the flows that were received in it."""

    start: int
    sums: list[int] = field(default_factory=lambda: [0] * len(SOURCES))

    def add(self, protocol: int | None, flows: int, octets: int, packets: int) -> None:
        at = NAMES.index(PROTOCOLS.get(protocol or 0, "other"))
        for i, value in enumerate((flows, octets, packets)):
            self.sums[i * len(NAMES) + at] += value


class Database:
    """A file of rrdtool: made when there is something to store."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.last = int(rrdtool("last", path)) if os.path.exists(path) else None
        self.waiting: list[str] = []

    def create(self, start: int) -> None:
        cli.say(f"creating {self.path}")
        rrdtool(
            "create",
            self.path,
            "--no-overwrite",
            f"-b{start}",
            f"-s{STEP}",
            *(f"DS:{name}:ABSOLUTE:{2 * STEP}:0:U" for name in SOURCES),
            *(f"RRA:AVERAGE:{archive}" for archive in ARCHIVES),
        )
        self.last = start

    def put(self, at: int, values: Sequence[int | str]) -> None:
        """What was counted between the last time and this one."""
        self.waiting.append(":".join(map(str, (at, *values))))
        self.last = at
        if len(self.waiting) == UPDATES:
            self.flush()

    def store(self, window: Window) -> bool:
        """False: it was stored before, or something behind it."""
        if self.last is None:
            self.create(window.start)
        assert self.last is not None
        if window.start + STEP <= self.last:
            return False
        if window.start - self.last > QUIET:
            self.put(window.start, ["U"] * len(SOURCES))
        while self.last < window.start:
            self.put(min(self.last // STEP * STEP + STEP, window.start), [0] * len(SOURCES))
        self.put(window.start + STEP, window.sums)
        return True

    def flush(self) -> None:
        if self.waiting:
            rrdtool("update", self.path, "-t", ":".join(SOURCES), *self.waiting)
            self.waiting.clear()


def window_of(seconds: int) -> int:
    return seconds // STEP * STEP


#
# From files.
#

COLUMNS = ("recv_time", "protocol", "octets", "packets", "flows")


def read_windows(log: flowd.Log) -> Iterator[Window]:
    """In one pass.  Windows are done when flows are received two later."""
    windows: dict[int, Window] = {}
    progress = cli.Progress()
    for batch in log.batches(columns=COLUMNS):
        columns = [batch[name].to_list() for name in COLUMNS]
        for recv, protocol, octets, packets, flows in zip(*columns):
            if recv is None:
                continue
            start = recv // SECOND // STEP * STEP
            window = windows.get(start)
            if window is None:
                window = windows[start] = Window(start)
            window.add(protocol, 1 if flows is None else flows, octets or 0, packets or 0)
        if windows:
            newest = max(windows)
            progress.show(f"{flowd.to_datetime(newest * SECOND):%Y-%m-%d %H:%M}")
            for start in sorted(w for w in windows if w < newest - STEP):
                yield windows.pop(start)
    progress.clear()
    for start in sorted(windows):
        yield windows[start]


def update_from_files(paths: list[str], rrd: str, options: argparse.Namespace) -> int:
    """Windows that are over, and not yet stored."""
    database = Database(rrd)
    over = int(time.time()) - options.delay
    since = None if database.last is None else window_of(database.last) * SECOND
    with flowd.open(cli.Files(paths).paths, filter=options.filter, since=since) as log:
        late = 0
        for window in read_windows(log):
            if window.start + STEP > over:
                continue
            partly = database.last is not None and window.start < database.last
            if partly or not database.store(window):
                late += sum(window.sums[: len(NAMES)])
        database.flush()
        if late:
            cli.say(f"{late} flows came after their windows were stored: left out")
        return cli.tell_faults(log)


#
# From the log socket.
#


def add_record(window: Window, datagram: bytes) -> bool:
    try:
        has = flowd.Flow(datagram).to_dict()
    except ValueError:
        return False
    window.add(has.get("protocol"), 1, has.get("octets", 0), has.get("packets", 0))
    return True


def nothing() -> None:
    pass


def receive(listener: unixsock.Listener, database: Database, window: Window) -> int:
    """Until a signal comes; a window ends by the clock.  Datagrams that are no
    records."""
    bad = 0
    try:
        while True:
            left = window.start + STEP - time.time()
            if left <= 0:
                store_live(database, window, window.start + STEP)
                window.start = window_of(int(time.time()))
                window.sums = [0] * len(SOURCES)
                continue
            datagram = listener.receive(nothing, left)
            if datagram is not None and not add_record(window, datagram):
                bad += 1
    except KeyboardInterrupt:
        # What of this window there is so far.
        store_live(database, window, int(time.time()))
    return bad


def store_live(database: Database, window: Window, at: int) -> None:
    if database.last is not None and at > database.last:
        database.put(at, window.sums)
        database.flush()


def update_from_socket(path: str, rrd: str, options: argparse.Namespace) -> int:
    database = Database(rrd)
    now = int(time.time())
    if database.last is None:
        database.create(now - 1)
    with unixsock.Listener(path) as listener:
        listener.bind(options.mode)
        if database.last is not None and now > database.last:
            # Nobody counted until now.
            database.put(now, ["U"] * len(SOURCES))
            database.flush()
        bad = receive(listener, database, Window(window_of(now)))
    if bad:
        cli.say(f"{bad} datagrams were no records")
    return cli.DAMAGED if bad else cli.OK


def arguments() -> cli.Arguments:
    args = cli.Arguments(
        "flowd-rrd",
        "Stores flows, bytes and packets of protocols with rrdtool, and draws charts of them.",
    )
    args.add_argument(
        "-s", "--socket", action="store_true", help="log is a log socket, which is made"
    )
    args.add_argument(
        "-c", "--charts", metavar="directory", help="draw charts there, with an index.html"
    )
    args.add_argument(
        "-e", "--end", metavar="time", default="now", help="of the charts: seconds, now or last"
    )
    args.add_argument("--title", metavar="text", default="flowd", help="of the page")
    args.add_argument("--filter", metavar="clauses", help="only flows of files that match")
    args.add_argument(
        "--delay",
        metavar="time",
        type=cli.duration,
        default=30,
        help="a window is over so long after its end: 30s",
    )
    args.add_argument(
        "-m", "--mode", metavar="mode", type=unixsock.octal_mode, default=0o600,
        help="of the socket, in octal: 600",
    )
    args.add_argument(
        "paths", nargs="+", metavar="log ... rrd", help="logs, archives or a socket; the database"
    )
    return args


def rrd(argv: Sequence[str]) -> int:
    args = arguments()
    options = args.parse_args(argv)
    *sources, database = options.paths
    if not sources and options.charts is None:
        args.error("a log and a database, or --charts and a database")
    if options.socket and len(sources) != 1:
        args.error("--socket: one socket and a database")
    status = cli.OK
    if options.socket:
        status = update_from_socket(sources[0], database, options)
    elif sources:
        status = update_from_files(sources, database, options)
    if options.charts is not None:
        charts.draw(database, options.charts, options.end, options.title)
    sys.stdout.flush()
    return status


def main(argv: Sequence[str] | None = None) -> int:
    """The program."""
    return cli.run(rrd, argv)
