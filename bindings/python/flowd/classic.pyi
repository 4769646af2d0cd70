# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""The module that came with flowd 0.9: see classic.py for where it differs."""

import os
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Any

from typing_extensions import Self

from flowd import Flow as Flow

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

FIELD_TAG: int
FIELD_RECV_TIME: int
FIELD_PROTO_FLAGS_TOS: int
FIELD_AGENT_ADDR4: int
FIELD_AGENT_ADDR6: int
FIELD_SRC_ADDR4: int
FIELD_SRC_ADDR6: int
FIELD_DST_ADDR4: int
FIELD_DST_ADDR6: int
FIELD_GATEWAY_ADDR4: int
FIELD_GATEWAY_ADDR6: int
FIELD_SRCDST_PORT: int
FIELD_PACKETS: int
FIELD_OCTETS: int
FIELD_IF_INDICES: int
FIELD_AGENT_INFO: int
FIELD_FLOW_TIMES: int
FIELD_AS_INFO: int
FIELD_FLOW_ENGINE_INFO: int
FIELD_CRC32: int
FIELD_RESERVED: int
FIELD_ALL: int
FIELD_AGENT_ADDR: int
FIELD_SRC_ADDR: int
FIELD_DST_ADDR: int
FIELD_SRCDST_ADDR: int
FIELD_GATEWAY_ADDR: int
DISPLAY_ALL: int
DISPLAY_BRIEF: int
STORE_VER_MAJOR: int
STORE_VER_MINOR: int
STORE_VERSION: int

def iso_time(time: float, utc_flag: int = 0) -> str:
    """Seconds since 1970 as 2023-11-14T22:13:20."""

def interval_time(time: float) -> str:
    """Seconds as 1d2h3m4s."""

class FlowLog:
    """A log of version 3 (or 2, to read)."""

    def __init__(self, path: str | os.PathLike[str], mode: str = "rb") -> None: ...
    @property
    def file(self) -> Any:
        """The file, at the place behind the last flow that was read."""
    def read_flow(self) -> Flow | None:
        """The next flow; None at the end, where a record may be incomplete.
        ValueError if it is damaged; then the next call goes on behind it."""
    def write_flow(self, flow: Flow, fieldmask: int = ...) -> None:
        """Append a flow: what of its fields is in the mask."""
    def __iter__(self) -> Iterator[Flow]: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

def FlowLog_fromfile(file: IO[Any]) -> FlowLog:
    """A log in a file that is open."""
