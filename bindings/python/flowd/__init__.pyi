"""Flow logs and flow packets: read, ask, decode, collect, write.

Times are nanoseconds since 1970 (int) unless something else is said; addresses
are text in flows and 16 bytes (IPv4 mapped into IPv6) in columns.  Field names
are those of `flowd-reader --columns`: see flowd.fields().
"""

import datetime
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, IO, Literal, SupportsIndex, overload

from typing_extensions import Buffer, Self

from flowd.classic import *  # the original module: see classic.pyi

__version__: str

# 2026-11-21T10:00:00Z, "-1h", "yesterday" (as flowd-reader --since), datetime,
# nanoseconds since 1970, or None for any time.
When = str | int | datetime.datetime | None
Path = str | os.PathLike[str]

class Error(Exception):
    """Of this package; the others are below it."""

class FormatError(Error, ValueError):
    """Bytes of a log or a segment that are not what they should be."""

    path: str
    offset: int

class DecodeError(Error, ValueError):
    """A packet that cannot be."""

    offset: int

class QuestionError(Error, ValueError):
    """A filter, a column, a key or a time that cannot be understood."""

class Fault:
    """Damage that was stepped over (unless strict, which raises it)."""

    kind: Literal["unread", "damaged", "cut"]
    path: str
    offset: int
    text: str

class Field:
    name: str
    type: str  # "u8" "u16" "u32" "u64" "time" "address" "mac" "bytes" "labels" "text"
    what: str

def fields() -> Mapping[str, Field]:
    """All fields of a flow, by name."""

def to_datetime(ns: int) -> datetime.datetime:
    """A time of a flow as datetime in UTC, to the microsecond."""

def open(
    path: Path | int | IO[bytes] | Buffer | Sequence[Path],
    mode: Literal["r"] = "r",
    *,
    filter: str | None = None,
    since: When = None,
    until: When = None,
    scale: bool = False,
    strict: bool = False,
) -> Log:
    """Archives (directories), segments, logs of version 3 and 2, also
    compressed.  "w", "x" and "a" as mode: see Writer."""

class Flow:
    """One flow.  Each field is an attribute: None if the flow does not have
    it.  Those of FlowLog and Flow() are the original's: see flowd.classic."""

    def __init__(self, blob: Buffer | None = None, **fields: Any) -> None: ...
    tag: int | None
    recv_time: int | None
    src_addr: str | None
    octets: int | None
    # ... all of fields(), and the original's names for them
    def to_dict(self) -> dict[str, Any]:
        """Fields that it has."""
    def __getattr__(self, name: str) -> Any: ...
    def __eq__(self, other: object) -> bool: ...

class Column:
    """Values of one field, behind the buffer protocol (numbers and times in
    native order, addresses 16 bytes each, MACs 6), without copying."""

    name: str
    type: str
    nulls: int
    @property
    def validity(self) -> memoryview | None:
        """A bit for each value, as Arrow has it; None: all are there."""
    def __len__(self) -> int: ...
    def __getitem__(self, i: SupportsIndex) -> Any: ...
    def to_list(self) -> list[Any]: ...
    def __buffer__(self, flags: int) -> memoryview: ...

class Batch:
    columns: tuple[str, ...]
    def __len__(self) -> int: ...
    def __getitem__(self, name: str) -> Column: ...
    def __iter__(self) -> Iterator[Flow]: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

class Batches:
    """An iterator of batches; as an Arrow stream it begins anew each time."""

    def __iter__(self) -> Iterator[Batch]: ...
    def __next__(self) -> Batch: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

class Log:
    """Flows of files.  Each iteration begins anew.  What batches() and query()
    select by is beside what open() was given: flows have to pass both."""

    paths: tuple[str, ...]
    @property
    def faults(self) -> Sequence[Fault]:
        """Of the last iteration; 1,000 at most, faults_total counts all."""
    @property
    def faults_total(self) -> int: ...
    @property
    def totals(self) -> Mapping[str, int]:
        """What was looked at: records, matched, blocks, blocks_skipped, bytes,
        bytes_read, damaged, damaged_bytes."""
    @property
    def fields(self) -> int:
        """Classic logs: FIELD_x of the records read so far."""
    def __iter__(self) -> Iterator[Flow]: ...
    def batches(
        self,
        rows: int = 65536,
        *,
        columns: str | Iterable[str] | None = None,
        filter: str | None = None,
        since: When = None,
        until: When = None,
        addresses: Literal["bytes", "text"] = "bytes",
    ) -> Batches: ...
    def query(
        self,
        *,
        group_by: str | Iterable[str] = (),
        sort: str | Iterable[str] | None = None,
        top: int | None = None,
        every: str | int | datetime.timedelta | None = None,
        spread: Literal["start", "even"] = "start",
        bidirectional: bool = False,
        distinct: bool = False,
        columns: str | Iterable[str] | None = None,
        filter: str | None = None,
        since: When = None,
        until: When = None,
        scale: bool = False,
        threads: int | None = None,
        memory: int | None = None,
    ) -> Answer:
        """As flowd-reader's options of these names, without the GIL."""
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

class Answer:
    """Rows of an answer: tuples in the order of columns."""

    columns: tuple[str, ...]
    totals: Mapping[str, int]
    faults: Sequence[Fault]
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, i: SupportsIndex) -> tuple[Any, ...]: ...
    @overload
    def __getitem__(self, i: slice) -> list[tuple[Any, ...]]: ...
    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...
    def index(self, row: tuple[Any, ...], /) -> int: ...
    def count(self, row: tuple[Any, ...], /) -> int: ...
    def to_dicts(self) -> list[dict[str, Any]]: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

class Writer:
    """open(path, "w" | "x" | "a", version=3 | 4, fields=..., compress=1):
    a log of version 3 (fields: FIELD_x), or a segment of version 4."""

    written: int
    def write(self, flow: Flow) -> None: ...
    def write_batch(self, batch: Batch) -> None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

class Decoder:
    """Packets in, flows out.  Templates are remembered for each exporter,
    within limits."""

    def __init__(
        self,
        *,
        max_exporters: int = ...,
        max_templates: int = ...,
        max_memory: int = ...,
        expire_v9: int = 0,
        expire_ipfix: int = 0,
        names: bool = True,
    ) -> None: ...
    def decode(
        self, packet: Buffer, exporter: str = "0.0.0.0", port: int = 0, time: int | None = None
    ) -> Packet:
        """DecodeError if it cannot be; a template that is missing is none."""
    def decode_many(
        self,
        packets: Iterable[tuple[Buffer, str, int]],
        *,
        columns: str | Iterable[str] | None = None,
    ) -> Batch:
        """(packet, exporter, time) each; what is wrong is counted."""
    def forget(self, exporter: str, port: int = 0) -> None: ...
    @property
    def stats(self) -> Mapping[str, int]: ...

class Packet(Sequence[Flow]):
    version: int
    source_id: int
    export_time: int | None
    templates: int
    options: int
    missing: int  # sets whose template is not known
    report: Mapping[str, int]

class Collector:
    """A UDP socket, a thread that receives, a bounded ring, a decoder."""

    def __init__(
        self,
        host: str = "0.0.0.0",
        port: int = 2055,
        *,
        ring: int = 16 << 20,
        rcvbuf: int | None = None,
        decoder: Decoder | None = None,
    ) -> None: ...
    address: tuple[str, int]
    def fileno(self) -> int:
        """Readable when there is something to take."""
    def packets(self) -> Iterator[tuple[bytes, tuple[str, int], int]]: ...
    def batches(
        self,
        max_rows: int = 65536,
        max_delay: float = 0.5,
        *,
        columns: str | Iterable[str] | None = None,
    ) -> CollectorBatches: ...
    def __iter__(self) -> Iterator[Flow]: ...
    def __aiter__(self) -> AsyncIterator[Flow]: ...
    @property
    def stats(self) -> Mapping[str, int]:
        """received = decoded + malformed + ... + dropped_ring; dropped_kernel
        beside them."""
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...

class CollectorBatches:
    def __iter__(self) -> Iterator[Batch]: ...
    def __aiter__(self) -> AsyncIterator[Batch]: ...
