# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""flowd-logsock: prints what flowd sends to its log socket."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import flowd

from flowdtools import cli, unixsock

SECOND = 1_000_000_000


def json_time(ns: int) -> str:
    """2026-11-21T10:00:00.5Z with 0, 3, 6 or 9 digits, as flowd-reader has it."""
    seconds, rest = divmod(ns, SECOND)
    digits = f"{rest:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    point = "." if digits else ""
    return f"{flowd.to_datetime(seconds * SECOND):%Y-%m-%dT%H:%M:%S}{point}{digits}Z"


TIMES = frozenset(name for name, field in flowd.fields().items() if field.type == "time")


def json_value(name: str, value: Any) -> Any:
    if name in TIMES and isinstance(value, int):
        return json_time(value)
    return value.hex() if isinstance(value, bytes) else value


def json_line(flow: flowd.Flow) -> str:
    fields = {name: json_value(name, value) for name, value in flow.to_dict().items()}
    return json.dumps(fields, separators=(",", ":"))


def flow_of(datagram: bytes, select: str | None) -> flowd.Flow | None:
    """None: it does not match."""
    if len(datagram) > unixsock.RECORD_MAX:
        raise ValueError(f"longer than {unixsock.RECORD_MAX} bytes")
    flow = flowd.Flow(datagram)
    if select is None:
        return flow
    with flowd.open(datagram, filter=select) as log:
        return flow if next(iter(log), None) is not None else None


def printer(options: argparse.Namespace) -> Callable[[flowd.Flow], str]:
    if options.json:
        return json_line
    mask = flowd.DISPLAY_ALL if options.verbose else flowd.DISPLAY_BRIEF
    return lambda flow: str(flow.format(utc=options.utc, mask=mask))


class Counts:
    def __init__(self) -> None:
        self.records = 0
        self.bad = 0

    def refuse(self, error: ValueError) -> None:
        self.bad += 1
        if self.bad <= cli.FAULTS_TOLD:
            cli.say(f"a datagram that is no record: {error}")


def listen(listener: unixsock.Listener, options: argparse.Namespace, counts: Counts) -> None:
    text = printer(options)
    while options.count is None or counts.records < options.count:
        datagram = listener.receive(sys.stdout.flush)
        if datagram is None:
            continue
        try:
            flow = flow_of(datagram, options.filter)
        except ValueError as error:
            if isinstance(error, flowd.QuestionError):
                raise
            counts.refuse(error)
            continue
        counts.records += 1
        if flow is not None:
            sys.stdout.write(text(flow) + "\n")


def arguments() -> cli.Arguments:
    args = cli.Arguments("flowd-logsock", "Prints the flows that flowd sends to a log socket.")
    args.add_argument("-v", "--verbose", action="store_true", help="print all fields")
    cli.add_utc(args)
    args.add_argument("--json", action="store_true", help="print a line of JSON for each flow")
    args.add_argument("--filter", metavar="clauses", help="only flows that match")
    args.add_argument(
        "-n", "--count", metavar="count", type=cli.count, help="end after so many records"
    )
    args.add_argument(
        "-m",
        "--mode",
        metavar="mode",
        type=unixsock.octal_mode,
        default=0o600,
        help="of the socket, in octal: 600",
    )
    args.add_argument("socket", help="its path, that of logsock in flowd.conf")
    return args


def check_filter(select: str | None) -> None:
    """Before the first flow is lost to it."""
    if select is not None:
        with flowd.open(b"", filter=select) as log:
            next(iter(log), None)


def logsock(argv: Sequence[str]) -> int:
    options = arguments().parse_args(argv)
    if options.utc:
        cli.use_utc()
    check_filter(options.filter)
    counts = Counts()
    try:
        with unixsock.Listener(options.socket) as listener:
            listener.bind(options.mode)
            listen(listener, options, counts)
    except KeyboardInterrupt:
        pass
    sys.stdout.flush()
    if counts.bad:
        cli.say(f"{counts.records} records, and {counts.bad} datagrams that are none")
    return cli.DAMAGED if counts.bad else cli.OK


def main(argv: Sequence[str] | None = None) -> int:
    """The program."""
    return cli.run(logsock, argv)
