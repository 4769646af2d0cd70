# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""NetFlow version 1."""

from struct import Struct

from ._decode import Record
from ._plain import fixed_layout, fixed_records, load_record
from ._wire import Header, unpack

__all__ = ["V1DataFlow", "V1ExportPacket", "V1Header"]

_HEADER = Struct("!HHIII")
_LAYOUT = fixed_layout([
    ("IPV4_SRC_ADDR", 4),
    ("IPV4_DST_ADDR", 4),
    ("NEXT_HOP", 4),
    ("INPUT", 2),
    ("OUTPUT", 2),
    ("IN_PACKETS", 4),
    ("IN_OCTETS", 4),
    ("FIRST_SWITCHED", 4),
    ("LAST_SWITCHED", 4),
    ("SRC_PORT", 2),
    ("DST_PORT", 2),
    (None, 2),
    ("PROTO", 1),
    ("TOS", 1),
    ("TCP_FLAGS", 1),
    (None, 7),
])


class V1DataFlow(Record):
    """One flow; addresses are numbers."""

    __slots__ = ("__weakref__",)
    length = 48

    def __init__(self, data: bytes) -> None:
        load_record(_LAYOUT, self, data)

    def __repr__(self) -> str:
        return f"<DataRecord with data {self.data}>"


class V1Header(Header):
    """The header: uptime in milliseconds, timestamp in seconds."""

    length = 16
    version: int
    count: int
    uptime: int
    timestamp: int
    timestamp_nano: int

    def __init__(self, data: bytes) -> None:
        (
            self.version,
            self.count,
            self.uptime,
            self.timestamp,
            self.timestamp_nano,
        ) = unpack(_HEADER, data, "a packet of version 1")


class V1ExportPacket:
    """A packet: .header and .flows."""

    def __init__(self, data: bytes) -> None:
        self.header = V1Header(data)
        self.flows = fixed_records(
            _LAYOUT, V1DataFlow, data, _HEADER.size, self.header.count
        )

    def __repr__(self) -> str:
        return f"<ExportPacket v{self.header.version} with {self.header.count} records>"
