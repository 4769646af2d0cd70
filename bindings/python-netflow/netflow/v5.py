# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""NetFlow version 5."""

from struct import Struct

from ._decode import Record
from ._plain import fixed_layout, fixed_records, load_record
from ._wire import Header, unpack

__all__ = ["V5DataFlow", "V5ExportPacket", "V5Header"]

_HEADER = Struct("!HHIIIIBBH")
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
    (None, 1),
    ("TCP_FLAGS", 1),
    ("PROTO", 1),
    ("TOS", 1),
    ("SRC_AS", 2),
    ("DST_AS", 2),
    ("SRC_MASK", 1),
    ("DST_MASK", 1),
    (None, 2),
])


class V5DataFlow(Record):
    """One flow; addresses are numbers."""

    __slots__ = ("__weakref__",)
    length = 48

    def __init__(self, data: bytes) -> None:
        load_record(_LAYOUT, self, data)

    def __repr__(self) -> str:
        return f"<DataRecord with data {self.data}>"


class V5Header(Header):
    """The header: uptime in milliseconds, timestamp in seconds."""

    length = 24
    version: int
    count: int
    uptime: int
    timestamp: int
    timestamp_nano: int
    sequence: int
    engine_type: int
    engine_id: int
    sampling_interval: int

    def __init__(self, data: bytes) -> None:
        (
            self.version,
            self.count,
            self.uptime,
            self.timestamp,
            self.timestamp_nano,
            self.sequence,
            self.engine_type,
            self.engine_id,
            self.sampling_interval,
        ) = unpack(_HEADER, data, "a packet of version 5")


class V5ExportPacket:
    """A packet: .header and .flows."""

    def __init__(self, data: bytes) -> None:
        self.header = V5Header(data)
        self.flows = fixed_records(
            _LAYOUT, V5DataFlow, data, _HEADER.size, self.header.count
        )

    def __repr__(self) -> str:
        return f"<ExportPacket v{self.header.version} with {self.header.count} records>"
