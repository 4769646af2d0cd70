# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Packets of a collector's file in the order of their time."""

import heapq
import json
import sys
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from ._output import read_lines

# What waits to be put in order: a collector writes packets late that waited for a template.
_PACKETS = 20000
_FLOWS = 200000
_LINE = 64 << 20


class Entry(NamedTuple):
    """A packet of the file."""

    ts: float
    number: int
    client: str
    flows: list[Any]


def _client(value: Any) -> str:
    return str(value[0]) if isinstance(value, list) and value else ""


def _parse(line: bytes, number: int) -> Iterator[Entry]:
    """Give the packets of a line; ValueError where it is none."""
    found = json.loads(line)
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")
    for key, value in found.items():
        flows = value.get("flows") if isinstance(value, dict) else None
        if not isinstance(flows, list):
            raise ValueError("it has no list of flows")
        ts = float(key)
        # What no clock shows, and no date has.
        if not 0 <= ts < 1 << 37:
            raise ValueError(f"{key} is no time")
        yield Entry(ts, number, _client(value.get("client")), flows)


def _read(source: IO[bytes]) -> Iterator[Entry]:
    for number, line in enumerate(read_lines(source, _LINE), 1):
        if not line.strip():
            continue
        try:
            yield from _parse(line, number)
        except (ValueError, RecursionError) as error:
            print(f"line {number} is skipped: {error}", file=sys.stderr)


def entries(source: IO[bytes]) -> Iterator[Entry]:
    """Give all packets of a file by time, as far as those that wait for it allow.

    Raises as read_lines, behind the packets before the fault.
    """
    heap: list[tuple[float, int, int, Entry]] = []
    flows = ticket = 0
    try:
        for entry in _read(source):
            ticket += 1
            heapq.heappush(heap, (entry.ts, entry.number, ticket, entry))
            flows += len(entry.flows)
            while len(heap) > _PACKETS or flows > _FLOWS:
                first = heapq.heappop(heap)[-1]
                flows -= len(first.flows)
                yield first
    except GeneratorExit:
        raise
    except BaseException:
        yield from (heapq.heappop(heap)[-1] for _ in range(len(heap)))
        raise
    yield from (heapq.heappop(heap)[-1] for _ in range(len(heap)))
