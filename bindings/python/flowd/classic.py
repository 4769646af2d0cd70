# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""The module that came with flowd 0.9, for Python 3: programs written for it
run as they did.  All of it is in package flowd, too.

What is better: FlowLog closes, and is a context manager; it also reads logs of
version 2; Flow and FlowLog are classes; source_id is right; has_field(),
serialise() and write_flow(fieldmask=) work.  An address is checked when it is
set, not when it is used.
"""

from __future__ import annotations

import builtins
import os
import threading
from collections.abc import Iterator
from typing import IO, Any

from flowd import _core
from flowd._core import Flow, interval_time, iso_time

FIELD_TAG = 0x00000001
FIELD_RECV_TIME = 0x00000002
FIELD_PROTO_FLAGS_TOS = 0x00000004
FIELD_AGENT_ADDR4 = 0x00000008
FIELD_AGENT_ADDR6 = 0x00000010
FIELD_SRC_ADDR4 = 0x00000020
FIELD_SRC_ADDR6 = 0x00000040
FIELD_DST_ADDR4 = 0x00000080
FIELD_DST_ADDR6 = 0x00000100
FIELD_GATEWAY_ADDR4 = 0x00000200
FIELD_GATEWAY_ADDR6 = 0x00000400
FIELD_SRCDST_PORT = 0x00000800
FIELD_PACKETS = 0x00001000
FIELD_OCTETS = 0x00002000
FIELD_IF_INDICES = 0x00004000
FIELD_AGENT_INFO = 0x00008000
FIELD_FLOW_TIMES = 0x00010000
FIELD_AS_INFO = 0x00020000
FIELD_FLOW_ENGINE_INFO = 0x00040000
FIELD_CRC32 = 0x40000000
FIELD_RESERVED = 0x80000000
FIELD_ALL = 0x4007FFFF
FIELD_AGENT_ADDR = FIELD_AGENT_ADDR4 | FIELD_AGENT_ADDR6
FIELD_SRC_ADDR = FIELD_SRC_ADDR4 | FIELD_SRC_ADDR6
FIELD_DST_ADDR = FIELD_DST_ADDR4 | FIELD_DST_ADDR6
FIELD_SRCDST_ADDR = FIELD_SRC_ADDR | FIELD_DST_ADDR
FIELD_GATEWAY_ADDR = FIELD_GATEWAY_ADDR4 | FIELD_GATEWAY_ADDR6
DISPLAY_ALL = FIELD_ALL
DISPLAY_BRIEF = 0x000039FF
STORE_VER_MAJOR = 3
STORE_VER_MINOR = 0
STORE_VERSION = 0x60

_PIECE = 65536
_HEADER = 8
_LOST = -1

__all__ = [
    "Flow",
    "FlowLog",
    "FlowLog_fromfile",
    "interval_time",
    "iso_time",
    "FIELD_TAG",
    "FIELD_RECV_TIME",
    "FIELD_PROTO_FLAGS_TOS",
    "FIELD_AGENT_ADDR4",
    "FIELD_AGENT_ADDR6",
    "FIELD_SRC_ADDR4",
    "FIELD_SRC_ADDR6",
    "FIELD_DST_ADDR4",
    "FIELD_DST_ADDR6",
    "FIELD_GATEWAY_ADDR4",
    "FIELD_GATEWAY_ADDR6",
    "FIELD_SRCDST_PORT",
    "FIELD_PACKETS",
    "FIELD_OCTETS",
    "FIELD_IF_INDICES",
    "FIELD_AGENT_INFO",
    "FIELD_FLOW_TIMES",
    "FIELD_AS_INFO",
    "FIELD_FLOW_ENGINE_INFO",
    "FIELD_CRC32",
    "FIELD_RESERVED",
    "FIELD_ALL",
    "FIELD_AGENT_ADDR",
    "FIELD_SRC_ADDR",
    "FIELD_DST_ADDR",
    "FIELD_SRCDST_ADDR",
    "FIELD_GATEWAY_ADDR",
    "DISPLAY_ALL",
    "DISPLAY_BRIEF",
    "STORE_VER_MAJOR",
    "STORE_VER_MINOR",
    "STORE_VERSION",
]


class FlowLog:
    """FlowLog(path, mode="rb"): a log of version 3 (or 2, to read).

    What is read ahead is given back when .file is asked for.
    """

    def __init__(self, path: str | os.PathLike[str], mode: str = "rb") -> None:
        if "b" not in mode:
            mode += "b"
        self._begin(builtins.open(path, mode), ahead=True)

    def _begin(self, file: IO[Any], ahead: bool) -> None:
        self._file = file
        # Who opened it may look at its position at any time.
        self._bytes: IO[bytes] = getattr(file, "buffer", file)
        self._ahead = ahead or not self._bytes.seekable()
        self._take = getattr(self._bytes, "read1", self._bytes.read)
        self._lock = threading.RLock()
        self._version = 0  # not known yet
        self._forget()

    def _forget(self) -> None:
        self._piece = b""  # bytes that flows were made of, and what is behind
        self._used = 0  # how many, with what was wrong
        self._start = self._version
        self._count = 0  # flows that were made
        self._flows: list[Flow] = []  # those that nobody has yet, the next one last
        self._error: str | None = None
        self._broken = False  # there was an error

    @property
    def file(self) -> IO[Any]:
        """The file, at the place behind the last flow that was read."""
        with self._lock:
            self._sync()
        return self._file

    def _sync(self) -> None:
        """Give back what was read ahead, where that can be."""
        used = self._used
        if self._flows or self._error:
            taken = self._count - len(self._flows)
            _, used, _, _ = _core.classic_read(self._piece, self._start, taken)
        if used < len(self._piece) and self._bytes.seekable():
            self._bytes.seek(used - len(self._piece), 1)
            self._forget()

    def _more(self, rest: bytes) -> bytes:
        """More of the log; empty at the end."""
        if self._ahead or self._version == 2:
            return self._take(_PIECE)
        want = _HEADER if len(rest) < _HEADER else _HEADER + 4 * rest[1]
        return self._bytes.read(want - len(rest))

    def _fill(self) -> bool:
        """Flows or an error.  False: no more."""
        while not self._flows and not self._error:
            rest = self._piece[self._used :]
            if self._version not in (0, 3) and not rest and self._is_at_start():
                self._version = 0
            if self._version == _LOST:
                return False
            # Behind what was wrong there may be flows.
            more = b"" if self._broken else self._more(rest)
            if not more and not self._broken:
                return False
            data = rest + more
            start = self._version
            flows, used, self._version, self._error = _core.classic_read(data, start)
            self._piece, self._used, self._start = data, used, start
            self._count = len(flows)
            self._broken = self._error is not None
            flows.reverse()
            self._flows = flows
        return True

    def _is_at_start(self) -> bool:
        return self._bytes.seekable() and self._bytes.tell() == 0

    def read_flow(self) -> Flow | None:
        """The next flow; None at the end, where a record may be incomplete.
        ValueError if it is damaged; then the next call goes on behind it."""
        try:
            return self._flows.pop()
        except IndexError:
            pass
        with self._lock:
            if not self._fill():
                return None
            if self._flows:
                return self._flows.pop()
            why, self._error = self._error, None
            raise ValueError(why)

    def write_flow(self, flow: Flow, fieldmask: int = DISPLAY_ALL) -> None:
        """Append a flow: what of its fields is in the mask."""
        record = _core.classic_record(flow, fieldmask)
        with self._lock:
            self._sync()
            self._bytes.write(record)

    def __iter__(self) -> Iterator[Flow]:
        read = self.read_flow
        while (flow := read()) is not None:
            yield flow

    def close(self) -> None:
        with self._lock:
            self._forget()
            self._file.close()

    def __enter__(self) -> FlowLog:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def FlowLog_fromfile(file: IO[Any]) -> FlowLog:
    """A log in a file that is open.  If it can be sought in, its position is
    behind the last flow that was read, at any time."""
    log = FlowLog.__new__(FlowLog)
    log._begin(file, ahead=False)
    return log
