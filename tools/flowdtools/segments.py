# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""The segments of an archive, by their names: see flowd-store(5).

Sealing and merging put segments behind one another, in the order of their
names, and never change the order of flows.  So how far a span of time was
inserted is a number of flows, whatever files it is in by now.
"""

import calendar
import os
import re
import time
from dataclasses import dataclass

NAME = re.compile(r"(\d{8}T\d{6}Z)-(\d+)([smhd])(?:-(\d+))?\.(live|flow|seal)$")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, order=True)
class Key:
    """Of a segment: sorts as it was written."""

    start: int  # seconds since 1970
    shorter: int  # -span: the longer first
    copy: int

    @property
    def end(self) -> int:
        return self.start - self.shorter

    def within(self, other: "Key") -> bool:
        return other.start <= self.start and self.end <= other.end


@dataclass
class Segment:
    key: Key
    kind: str
    path: str


@dataclass
class SpanMark:
    """How far the flows of a segment were inserted."""

    key: Key
    flows: int
    size: int  # of the whole file; -1: there are more
    mtime: int  # ns


def parse(path: str) -> Segment | None:
    match = NAME.match(os.path.basename(path))
    if match is None:
        return None
    try:
        start = calendar.timegm(time.strptime(match[1], "%Y%m%dT%H%M%SZ"))
    except ValueError:
        return None
    span = int(match[2]) * UNITS[match[3]]
    return Segment(Key(start, -span, int(match[4] or 1)), match[5], path)


def walk(directory: str) -> list[Segment]:
    found = []
    for where, below, names in os.walk(directory, onerror=unreadable):
        below.sort()
        for name in names:
            segment = parse(os.path.join(where, name))
            if segment is not None:
                found.append(segment)
    return found


def unreadable(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # merged just now
        raise error


def sealed(directory: str) -> tuple[list[Segment], int]:
    """What is complete, in order, up to the first that is being written; and
    how many wait for that one."""
    found = walk(directory)
    seals = [s for s in found if s.kind == "seal"]
    by_key: dict[Key, Segment] = {}
    for segment in found:
        if segment.kind != "seal" and any(segment.key.within(s.key) for s in seals):
            continue
        by_key[segment.key] = segment
    ordered = [by_key[key] for key in sorted(by_key)]
    ready = []
    for segment in ordered:
        if segment.kind == "live":
            break
        ready.append(segment)
    return ready, len(ordered) - len(ready)


def replaced(segment: Segment, marks: list[SpanMark], there: set[Key]) -> list[SpanMark]:
    """Marks of what has become this segment: within it, and not there any more
    beside it."""
    return [
        mark
        for mark in marks
        if mark.key == segment.key or (mark.key.within(segment.key) and mark.key not in there)
    ]
