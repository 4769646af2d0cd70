# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Command lines, errors, exit statuses and progress of the programs."""

import argparse
import atexit
import os
import re
import shutil
import signal
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import flowd

OK, FAILED, DAMAGED, INTERRUPTED = 0, 1, 2, 130
FAULTS_TOLD = 20

EXIT = """Exit status: 0 all was read; 1 something could not be done; 2 a file
is damaged, all else was done; 130 interrupted."""


class Failure(Exception):
    """What a person can mend: told in one line, status 1."""


class Arguments(argparse.ArgumentParser):
    """Long options whole, and status 1 for what cannot be understood."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(
            prog=name,
            description=what,
            epilog=EXIT,
            allow_abbrev=False,
        )
        self.add_argument(
            "--version", action="version", version=f"{name} {flowd.__version__}"
        )

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(FAILED, f"{self.prog}: {message}\n")


def add_selection(args: argparse.ArgumentParser) -> None:
    """The options that select flows, as flowd-reader's."""
    args.add_argument(
        "--filter", metavar="clauses", help="only flows that match: see flowd.conf(5)"
    )
    args.add_argument("--since", metavar="time", help="only flows received at time or later")
    args.add_argument("--until", metavar="time", help="only flows received before time")


def add_utc(args: argparse.ArgumentParser) -> None:
    args.add_argument(
        "-u",
        "-U",
        "--utc",
        action="store_true",
        help="times are in UTC, not in local time",
    )


def count(text: str) -> int:
    """An argument: a number of 1 or more."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1 << 31:
        raise argparse.ArgumentTypeError(f"not a number of 1 or more: {text}")
    return int(text)


DURATION = re.compile(r"(\d+)([smhdw]?)$")
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def duration(text: str) -> int:
    """An argument such as 300, 30s, 5m, 1h or 2d: seconds."""
    match = DURATION.match(text)
    if match is None or int(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"not a time such as 30s, 5m or 1h: {text}")
    return int(match[1]) * SECONDS[match[2]]


def use_utc() -> None:
    os.environ["TZ"] = "UTC"
    time.tzset()


def program() -> str:
    return os.path.basename(sys.argv[0])


def say(text: str) -> None:
    """A line for a person, on standard error."""
    sys.stderr.write(f"{program()}: {text}\n")
    sys.stderr.flush()


def tell_faults(log: "flowd.Log | flowd.Answer", name: str = "") -> int:
    """Says what is damaged: DAMAGED if something is, else OK."""
    faults = list(log.faults)
    for fault in faults[:FAULTS_TOLD]:
        say(f"{name or fault.path}: offset {fault.offset}: {fault.text}")
    total = max(len(faults), int(getattr(log, "faults_total", 0)))
    if total > FAULTS_TOLD:
        say(f"{total - FAULTS_TOLD} more places are damaged")
    return DAMAGED if total else OK


class Files:
    """Paths that can be read more than once: what comes by a pipe, "-" too, is
    copied to a temporary file.  Says which files cannot be read."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.names: list[str] = []
        self.paths: list[str] = []
        for path in paths:
            self.names.append(path)
            self.paths.append(readable(path))


def readable(path: str) -> str:
    if path == "-":
        return spooled(sys.stdin.buffer)
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            return path
        with open(path, "rb") as file:
            return spooled(file)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None


def spooled(file: Any) -> str:
    directory = os.environ.get("TMPDIR", "/var/tmp")
    fd, copy = tempfile.mkstemp(prefix="flowd-", dir=directory)
    atexit.register(os.unlink, copy)
    with open(fd, "wb") as out:
        shutil.copyfileobj(file, out, 1 << 20)
    return copy


class Progress:
    """A line on a terminal, now and then."""

    def __init__(self) -> None:
        self.on = sys.stderr.isatty()
        self.shown = False
        self.next = 0.0

    def show(self, text: str) -> None:
        if not self.on or time.monotonic() < self.next:
            return
        self.next = time.monotonic() + 0.2
        self.shown = True
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()

    def clear(self) -> None:
        if self.shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
            self.shown = False


def address_order(text: str) -> tuple[int, bytes]:
    """Sorts addresses by their bits, IPv4 before IPv6."""
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        return 6 if ":" in text else 4, socket.inet_pton(family, text.partition("%")[0])
    except OSError:
        return 0, text.encode()


def stop_by_signal(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def quiet_output() -> None:
    """Nobody reads standard output any more: nor shall Python complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(main: Callable[[Sequence[str]], int], argv: Sequence[str] | None) -> int:
    """The program: its status, with errors told as they should be."""
    signal.signal(signal.SIGTERM, stop_by_signal)
    try:
        status = main(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        quiet_output()
        return OK
    except KeyboardInterrupt:
        return INTERRUPTED
    except Failure as error:
        say(str(error))
    except flowd.Error as error:
        say(str(error))
        return DAMAGED if isinstance(error, flowd.FormatError) else FAILED
    except OSError as error:
        name = f"{error.filename}: " if error.filename is not None else ""
        say(f"{name}{error.strerror or error}")
    except MemoryError:
        say("out of memory")
    return FAILED
