# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""What the tests have in common: fixtures, and what flowd-reader says of them.

FLOWD_FIXTURES names a directory that tests/bindings/flowd.sh fills:
    archive     an archive of some segments, IPv4 and IPv6
    log         the same flows as a log of version 3, log.gz compressed
    every.bin   a log with records of every kind, of tests/store
"""

import calendar
import json
import os
import pathlib
import subprocess
import time
from typing import Any

import flowd

FIXTURES = pathlib.Path(os.environ["FLOWD_FIXTURES"])
READER = os.environ["FLOWD_READER"]
SHARED = pathlib.Path(os.environ["FLOWD_SHARED"])
ALL = ",".join(flowd.fields())
EVERY_VALUE: dict[str, Any] = {
    "u8": 200,
    "u16": 60000,
    "u32": 4000000000,
    "u64": 2**64 - 1,
    "time": 1700000000123456789,
    "address": "2001:db8::1",
    "mac": "00:1b:21:aa:bb:cc",
    "bytes": b"\x03\x00\x00\x50",
    "labels": (16, 1048575),
    "text": "Gi0/1 \u00e9",
}


def fixture(name: str) -> str:
    return str(FIXTURES / name)


def shared_logs() -> list[pathlib.Path]:
    """Logs of the original, if they are here."""
    return sorted((SHARED / "compat/flowd-logs").glob("*.bin"))


def run_reader(*arguments: str) -> str:
    """What flowd-reader prints; that it met damage does not matter."""
    # It has its own runtime of AddressSanitizer, if any.
    environment = {**os.environ, "LD_PRELOAD": ""}
    command = [READER, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.stdout


def nanoseconds(text: str) -> int:
    """Of "2023-11-14T22:13:20.123456789Z"."""
    whole, _, rest = text.removesuffix("Z").partition(".")
    seconds = calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S"))
    return seconds * 1000000000 + int(rest.ljust(9, "0") or 0)


def value_of(name: str, value: Any) -> Any:
    """A value of JSON as attributes have it."""
    kind = flowd.fields()[name].type
    if kind == "time":
        return nanoseconds(value)
    if kind == "bytes":
        return bytes.fromhex(value)
    if kind == "labels":
        return tuple(value)
    return value


def reader_flows(*arguments: str, columns: str = ALL) -> list[dict[str, Any]]:
    """The flows as flowd-reader sees them, as to_dict() has them."""
    text = run_reader("--format", "ndjson", "--columns", columns, *arguments)
    return [
        {name: value_of(name, value) for name, value in json.loads(line).items()}
        for line in text.splitlines()
    ]


def every_field() -> flowd.Flow:
    """A flow that has all fields."""
    values = {
        name: EVERY_VALUE[field.type]
        for name, field in flowd.fields().items()
        if not name.endswith("_prefix")
    }
    return flowd.Flow(**values)
