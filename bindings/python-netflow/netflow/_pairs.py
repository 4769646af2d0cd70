# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Two flows that are the two directions of a connection."""

import socket
from collections import OrderedDict
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from ._flows import Address, Flow

# Their ports are type and code, which differ in the answer.
_ICMP = (1, 58)
_HELD = 200000

_Key: TypeAlias = tuple[object, ...]


class Pair(NamedTuple):
    """The two ends of a connection."""

    src: str
    dest: str


@lru_cache(4096)
def resolve_hostname(ip: str) -> str:
    """Return the name of an address, or the address."""
    return socket.getfqdn(ip)


@lru_cache(4096)
def _service(port: int) -> str | None:
    try:
        return socket.getservbyport(port)
    except (OSError, OverflowError):
        return None


def human_size(size_bytes: int) -> str:
    """Return a size in the unit that suits it: 999B, 24.30K."""
    if size_bytes < 1024:
        return f"{size_bytes}B"
    power = min((size_bytes.bit_length() - 1) // 10, 3)
    # In whole hundredths: a crafted number may be too large for a float.
    hundredths = (size_bytes * 100 + (1 << 10 * power - 1)) >> 10 * power
    return f"{hundredths // 100}.{hundredths % 100:02}{'KMG'[power - 1]}"


def human_duration(seconds: float) -> str:
    """Return a duration: 16 sec, 02:01 min, 1:23.09 hours."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} sec"
    minutes, rest = divmod(whole, 60)
    if whole <= 3600:
        return f"{minutes:02}:{rest:02} min"
    return f"{minutes // 60}:{minutes % 60:02}.{rest:02} hours"


class Connection:
    """Two flows; the one with more bytes says who is the source, how long, how much."""

    def __init__(self, flow1: Flow, flow2: Flow) -> None:
        larger, smaller = (flow1, flow2) if flow1.size >= flow2.size else (flow2, flow1)
        self.src_flow = larger
        self.dest_flow = smaller
        self.src: Address = larger.src
        self.dest: Address = larger.dest
        self.src_port = larger.src_port
        self.dest_port = smaller.dest_port
        self.size = larger.size
        self.duration = larger.duration

    def __repr__(self) -> str:
        return f"<Connection from {self.src} to {self.dest}, size {self.human_size}>"

    @property
    def hostnames(self) -> Pair:
        """The names of both ends."""
        return Pair(resolve_hostname(str(self.src)), resolve_hostname(str(self.dest)))

    @property
    def service(self) -> str:
        """The name of one of the ports, or both ports."""
        known = _service(self.src_port) or _service(self.dest_port)
        return known or f"({self.src_port} {self.dest_port})"

    @property
    def human_size(self) -> str:
        """The size as people read it."""
        return human_size(self.size)

    @property
    def human_duration(self) -> str:
        """The duration as people read it."""
        return human_duration(self.duration // 1000)

    @property
    def total_packets(self) -> int:
        """The packets of both directions."""
        return self.src_flow.packets + self.dest_flow.packets


class Pending:
    """Flows that have had no answer so far; the oldest go where there are too many."""

    def __init__(self, most: int = _HELD) -> None:
        self.dropped = 0
        self._most = most
        self._count = 0
        self._flows: OrderedDict[_Key, list[Flow]] = OrderedDict()

    def match(self, flow: Flow) -> Flow | None:
        """Return the flow that this one answers, or keep it and return None."""
        ports = (0, 0) if flow.protocol in _ICMP else (flow.src_port, flow.dest_port)
        common = (flow.exporter, flow.first, flow.protocol)
        answered = self._take((*common, flow.dest, ports[1], flow.src, ports[0]))
        if answered is None:
            self._keep((*common, flow.src, ports[0], flow.dest, ports[1]), flow)
        return answered

    def flows(self) -> Iterator[Flow]:
        """Give all that are left."""
        for flows in self._flows.values():
            yield from flows

    def _take(self, key: _Key) -> Flow | None:
        flows = self._flows.get(key)
        if flows is None:
            return None
        flow = flows.pop()
        if not flows:
            del self._flows[key]
        self._count -= 1
        return flow

    def _keep(self, key: _Key, flow: Flow) -> None:
        self._flows.setdefault(key, []).append(flow)
        self._count += 1
        while self._count > self._most:
            _, oldest = self._flows.popitem(last=False)
            self._count -= len(oldest)
            self.dropped += len(oldest)
