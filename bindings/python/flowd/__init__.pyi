"""Flow logs and flow packets: read, ask, decode, collect, write.

Times are nanoseconds since 1970 (int) unless something else is said; addresses
are text in flows and 16 bytes (IPv4 mapped into IPv6) in columns.  Field names
are those of `flowd-reader --columns`: see flowd.fields().
"""

import datetime
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, IO, Literal, SupportsIndex, final, overload

from _typeshed import structseq
from typing_extensions import Buffer, Self

from flowd.classic import *  # the original module

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

    offset: int  # of the first byte of what cannot be
    packet: Packet  # what was understood all the same

class QuestionError(Error, ValueError):
    """A filter, a column, a key or a time that cannot be understood."""

@final
class Fault(structseq[Any], tuple[str, str, int, str]):
    """Damage that was stepped over (unless strict, which raises it)."""

    @property
    def kind(self) -> Literal["unread", "damaged", "cut"]: ...
    @property
    def path(self) -> str: ...
    @property
    def offset(self) -> int: ...
    @property
    def text(self) -> str: ...

@final
class Field(structseq[Any], tuple[str, str, str]):
    """What there is to know of a field."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...  # "u8" "u16" "u32" "u64" "time" "address" "mac" "bytes" "labels" "text"
    @property
    def what(self) -> str: ...

def fields() -> Mapping[str, Field]:
    """All fields of a flow, by name."""

def to_datetime(ns: int) -> datetime.datetime:
    """A time of a flow as datetime in UTC, to the microsecond."""

@overload
def open(
    source: Path | int | IO[bytes] | Buffer | Sequence[Path],
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

@overload
def open(
    source: Path,
    mode: Literal["w", "x", "a"],
    *,
    version: Literal[3, 4] = 3,
    fields: int | None = None,
    compress: int = 1,
) -> Writer: ...

@final
class Flow:
    """One flow.  Each field is an attribute: None if the flow does not have
    it.  Those of FlowLog, Flow() and Flow(blob) are the original's: absent
    numbers are 0, see flowd.classic."""

    def __new__(cls, blob: Buffer | None = None, **fields: Any) -> Self: ...
    tag: int | None
    recv_time: int | None
    agent: str | None
    version: int | None
    source_id: int | None
    sequence: int | None
    export_time: int | None
    sys_uptime: int | None
    engine_type: int | None
    engine_id: int | None
    aggregation: int | None
    start: int | None
    end: int | None
    start_uptime: int | None
    end_uptime: int | None
    protocol: int | None
    tcp_flags: int | None
    tos: int | None
    src_addr: str | None
    dst_addr: str | None
    src_prefix: str | None
    dst_prefix: str | None
    next_hop: str | None
    bgp_next_hop: str | None
    src_port: int | None
    dst_port: int | None
    icmp_type: int | None
    icmp_code: int | None
    flows: int | None
    packets: int | None
    octets: int | None
    reverse_packets: int | None
    reverse_octets: int | None
    out_packets: int | None
    out_octets: int | None
    sampling_rate: int | None
    sampling_algorithm: int | None
    in_if: int | None
    out_if: int | None
    in_vrf: int | None
    out_vrf: int | None
    src_as: int | None
    dst_as: int | None
    src_mask: int | None
    dst_mask: int | None
    vlan: int | None
    post_vlan: int | None
    in_src_mac: str | None
    in_dst_mac: str | None
    out_src_mac: str | None
    out_dst_mac: str | None
    direction: int | None
    end_reason: int | None
    forwarding_status: int | None
    ttl: int | None
    min_ttl: int | None
    max_ttl: int | None
    flow_label: int | None
    fragment_id: int | None
    fragment_offset: int | None
    post_nat_src_addr: str | None
    post_nat_dst_addr: str | None
    post_nat_src_port: int | None
    post_nat_dst_port: int | None
    nat_event: int | None
    firewall_event: int | None
    fw_ext_event: int | None
    event_time: int | None
    application_id: bytes | None
    mpls_labels: tuple[int, ...] | None
    exporter: str | None
    sampler_id: int | None
    src_peer_as: int | None
    dst_peer_as: int | None
    customer_vlan: int | None
    post_customer_vlan: int | None
    ethertype: int | None
    post_tos: int | None
    fragment_flags: int | None
    flow_id: int | None
    nat_port_first: int | None
    nat_port_last: int | None
    in_if_name: str | None
    out_if_name: str | None
    in_vrf_name: str | None
    out_vrf_name: str | None
    application_name: str | None
    user_name: str | None
    reverse_tcp_flags: int | None
    reverse_tos: int | None
    reverse_icmp_type: int | None
    reverse_icmp_code: int | None
    tcp_rtt: int | None
    tcp_retransmits: int | None
    tcp_out_of_order: int | None
    dns_name: str | None
    tls_server_name: str | None
    # The original's names.
    agent_addr: str | None
    agent_addr_af: int
    agent_sec: int
    agent_usec: int
    crc32: int
    data: Any
    dst_addr_af: int
    fields: int
    flow_finish: int | None
    flow_sequence: int | None
    flow_start: int | None
    flow_ver: int
    gateway_addr: str | None
    gateway_addr_af: int
    if_ndx_in: int | None
    if_ndx_out: int | None
    netflow_ver: int | None
    recv_sec: int
    recv_usec: int
    src_addr_af: int
    sys_uptime_ms: int | None
    def to_dict(self) -> dict[str, Any]:
        """Fields that it has."""
    def format(self, utc: int = 0, mask: int = 0x39FF) -> str:
        """The line of flowd-reader, of the groups in mask (DISPLAY_BRIEF)."""
    def has_field(self, field: int) -> bool:
        """Are all these groups (FIELD_x) there?"""
    def serialise(self) -> bytes:
        """A record of version 3."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Column:
    """Values of one field, behind the buffer protocol (numbers and times in
    native order, addresses 16 bytes each, MACs 6), without copying."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def nulls(self) -> int: ...
    @property
    def validity(self) -> memoryview | None:
        """A bit for each value, as Arrow has it; None: all are there."""
    def __len__(self) -> int: ...
    def __getitem__(self, i: SupportsIndex, /) -> Any: ...
    def to_list(self) -> list[Any]: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

@final
class Batch:
    """Flows in columns; iterated over, they are Flows."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, name: str, /) -> Column: ...
    def __iter__(self) -> Iterator[Flow]: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

@final
class Batches:
    """An iterator of batches; as an Arrow stream it begins anew each time."""

    def __iter__(self) -> Iterator[Batch]: ...
    def __next__(self) -> Batch: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Log:
    """Flows of files.  Each iteration begins anew.  What batches() and query()
    select by is beside what open() was given: flows have to pass both."""

    @property
    def paths(self) -> tuple[str, ...]: ...
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

@final
class Answer:
    """Rows of an answer: tuples in the order of columns."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def totals(self) -> Mapping[str, int]: ...
    @property
    def faults(self) -> Sequence[Fault]: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, i: SupportsIndex, /) -> tuple[Any, ...]: ...
    @overload
    def __getitem__(self, i: slice, /) -> list[tuple[Any, ...]]: ...
    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...
    def index(self, row: tuple[Any, ...], /) -> int: ...
    def count(self, row: tuple[Any, ...], /) -> int: ...
    def to_dicts(self) -> list[dict[str, Any]]: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Writer:
    """open(path, "w" | "x" | "a", version=3 | 4, fields=..., compress=1):
    a log of version 3 (fields: FIELD_x), or a segment of version 4."""

    @property
    def written(self) -> int: ...
    def write(self, flow: Flow, /) -> None: ...
    def write_batch(self, batch: Batch, /) -> None: ...
    def flush(self) -> None:
        """Version 3: all so far is in the file."""
    def close(self) -> None:
        """The file gets its name.  Without it, nothing is kept of a new one."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

@final
class Decoder:
    """Packets in, flows out: NetFlow 1, 5, 7, 8, 9, IPFIX and sFlow 5.
    Templates are remembered for each exporter, within limits; what is too much
    makes room by forgetting who was silent the longest.  Threads that use one
    decoder wait for each other."""

    def __new__(
        cls,
        *,
        max_exporters: int = 16384,  # and their source ids
        max_templates: int = 131072,  # a quarter, or 256, of one exporter
        max_memory: int = 64 << 20,  # bytes of all that is remembered
        expire_v9: int = 0,  # seconds; 0: never
        expire_ipfix: int = 0,
        names: bool = True,  # of interfaces and the like, from options data
    ) -> Self: ...
    def decode(
        self, packet: Buffer, exporter: str = "0.0.0.0", port: int = 0, time: When = None
    ) -> Packet:
        """DecodeError if it cannot be; a template that is missing is none.
        Port 0: one exporter, whatever the port.  time is its recv_time."""
    def decode_many(
        self,
        packets: Iterable[tuple[Buffer, str | tuple[str, int], int]],
        *,
        columns: str | Iterable[str] | None = None,
    ) -> Batch:
        """(packet, exporter, time) each, where exporter may be an address and
        a port; what is wrong is counted (stats)."""
    def forget(self, exporter: str, port: int = 0) -> None:
        """All that it taught."""
    @property
    def stats(self) -> Mapping[str, int]:
        """packets = decoded + no_template + unsupported + malformed; flows,
        templates, seq_lost and more, as of Packet.report; known_templates,
        memory and more, at the moment."""

@final
class Packet(Sequence[Flow]):
    """What a packet was: a sequence of its flows."""

    @property
    def version(self) -> int:
        """1, 5, 7, 8, 9, 10 (IPFIX) or 105 (sFlow 5)."""
    @property
    def source_id(self) -> int: ...
    @property
    def export_time(self) -> int | None: ...
    @property
    def templates(self) -> int:
        """Those that it has."""
    @property
    def options(self) -> int:
        """Records of options data."""
    @property
    def missing(self) -> int:
        """Sets whose template is not known."""
    @property
    def report(self) -> Mapping[str, int]:
        """All that was counted."""
    @overload
    def __getitem__(self, i: SupportsIndex, /) -> Flow: ...
    @overload
    def __getitem__(self, i: slice, /) -> tuple[Flow, ...]: ...
    def __len__(self) -> int: ...

class Collector:
    """A UDP socket, a thread that receives, a bounded ring, a decoder.

    Iterated over, by for or async for, it gives flows.  Several iterations, in
    whatever threads or tasks, share what comes.  A process that was forked off
    cannot use it."""

    def __init__(
        self,
        host: str = "0.0.0.0",
        port: int = 2055,
        *,
        ring: int = 16 << 20,  # bytes
        rcvbuf: int | None = None,  # bytes; None: what the system allows, to 16 MB
        decoder: Decoder | None = None,
        ports: bool = False,  # do ports tell exporters apart?
    ) -> None: ...
    address: tuple[str, int]
    decoder: Decoder
    def fileno(self) -> int:
        """Readable when there is something to take, and for good when it is
        closed."""
    def packets(self) -> Iterator[tuple[bytes, tuple[str, int], int]]:
        """(packet, (address, port), time) each, as they came: not decoded."""
    def batches(
        self,
        max_rows: int = 65536,
        max_delay: float = 0.5,
        *,
        columns: str | Iterable[str] | None = None,
    ) -> CollectorBatches:
        """Batches of so many flows (65,536 at most), or less when the first of
        them waited so many seconds."""
    def __iter__(self) -> Iterator[Flow]: ...
    def __aiter__(self) -> AsyncIterator[Flow]: ...
    @property
    def stats(self) -> Mapping[str, int]:
        """received = decoded + no_template + unsupported + malformed + taken +
        dropped_ring + waiting; dropped_kernel beside them.  taken are those
        that packets() gave."""
    def close(self) -> None:
        """No more is received.  What waits can still be taken, and then
        iteration ends."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...

class CollectorBatches:
    def __iter__(self) -> Iterator[Batch]: ...
    def __aiter__(self) -> AsyncIterator[Batch]: ...
