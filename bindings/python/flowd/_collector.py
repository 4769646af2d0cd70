# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Collector: what waits and iterates around the receiver of the extension."""

import asyncio
import atexit
import collections
import socket
import time
import weakref
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Self

from flowd._core import Batch, Decoder, Flow, Packet, Receiver

Sequence.register(Packet)

Columns = str | Iterable[str] | None

_PACKETS_AT_ONCE = 64

# No thread outlives the interpreter.
_open: "weakref.WeakSet[Collector]" = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for collector in list(_open):
        collector.close()


def _bind(host: str, port: int) -> socket.socket:
    """A socket of that address; IPv6 and IPv4 are apart."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE
    )[0]
    sock = socket.socket(family, kind, protocol)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
    except BaseException:
        sock.close()
        raise
    return sock


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
        ports: bool = False,
    ) -> None:
        self._pending: collections.deque[Flow] = collections.deque()
        self._waiters: dict[asyncio.AbstractEventLoop, set[asyncio.Future[None]]] = {}
        decoder = Decoder() if decoder is None else decoder
        with _bind(host, port) as sock:
            self.address: tuple[str, int] = sock.getsockname()[:2]
            self._core = Receiver(sock.fileno(), ring, rcvbuf or 0, decoder, ports)
            sock.detach()
        self.decoder = decoder
        _open.add(self)

    def __repr__(self) -> str:
        return f"<flowd.Collector on {self.address[0]} port {self.address[1]}>"

    def fileno(self) -> int:
        """Readable when there is something to take, and for good when it is
        closed."""
        return self._core.fileno()

    @property
    def stats(self) -> Mapping[str, int]:
        """received = decoded + no_template + unsupported + malformed + taken +
        dropped_ring + waiting; dropped_kernel beside them.  taken are those
        that packets() gave."""
        return self._core.count()

    def close(self) -> None:
        """No more is received.  What waits can still be taken, and then
        iteration ends."""
        self._core.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()

    def _take(self) -> bool:
        """Flows into _pending; false if nothing waits."""
        self._pending.extend(self._core.flows())
        return bool(self._pending)

    def __iter__(self) -> Iterator[Flow]:
        pending = self._pending
        while self._take() or not self._core.over():
            try:
                while True:
                    yield pending.popleft()
            except IndexError:
                pass
            self._core.wait(None)

    async def __aiter__(self) -> AsyncIterator[Flow]:
        pending = self._pending
        while self._take() or not self._core.over():
            try:
                while True:
                    yield pending.popleft()
            except IndexError:
                pass
            await self._ready(None)

    def packets(self) -> Iterator[tuple[bytes, tuple[str, int], int]]:
        """(packet, (address, port), time) each, as they came: not decoded."""
        while True:
            taken = self._core.packets(_PACKETS_AT_ONCE)
            yield from taken
            if not taken:
                if self._core.over():
                    return
                self._core.wait(None)

    def batches(
        self, max_rows: int = 65536, max_delay: float = 0.5, *, columns: Columns = None
    ) -> "CollectorBatches":
        """Batches of so many flows, or less when the first of them waited so
        many seconds."""
        if max_rows < 1:
            raise ValueError("max_rows: one at least")
        return CollectorBatches(self, max_rows, max_delay, columns)

    async def _ready(self, timeout: float | None) -> None:
        """Until something waits, or so many seconds: however many tasks."""
        loop = asyncio.get_running_loop()
        fd = self._core.fileno()
        waiters = self._waiters.setdefault(loop, set())
        if not waiters:
            loop.add_reader(fd, _wake, waiters)
        future: asyncio.Future[None] = loop.create_future()
        waiters.add(future)
        timer = None if timeout is None else loop.call_later(timeout, _wake, {future})
        try:
            await future
        finally:
            if timer is not None:
                timer.cancel()
            waiters.discard(future)
            if not waiters:
                loop.remove_reader(fd)
                self._waiters.pop(loop, None)


def _wake(waiters: set[asyncio.Future[None]]) -> None:
    for future in waiters:
        if not future.done():
            future.set_result(None)


class CollectorBatches:
    """Iterators of batches, for and async for."""

    def __init__(
        self, collector: Collector, max_rows: int, max_delay: float, columns: Columns
    ) -> None:
        self._collector = collector
        self._core = collector._core
        self._rows = min(max_rows, 65536)
        self._delay = max_delay
        self._columns = columns if columns is None or isinstance(columns, str) else tuple(columns)
        self._due: float | None = None  # when what was gathered is to be given

    def _step(self) -> tuple[Batch | None, float | None]:
        """A batch, or how long to wait for one; None is for ever."""
        gathered = self._core.gather(self._rows)
        now = time.monotonic()
        if gathered and self._due is None:
            self._due = now + self._delay
        if gathered >= self._rows or (
            self._due is not None and (now >= self._due or self._core.over())
        ):
            self._due = None
            return self._core.batch(self._rows, self._columns), 0.0
        return None, None if self._due is None else self._due - now

    def _ended(self) -> bool:
        return self._core.over() and self._core.gather(self._rows) == 0

    def __iter__(self) -> Iterator[Batch]:
        while not self._ended():
            batch, delay = self._step()
            if batch is not None:
                yield batch
            else:
                self._core.wait(delay)

    async def __aiter__(self) -> AsyncIterator[Batch]:
        while not self._ended():
            batch, delay = self._step()
            if batch is not None:
                yield batch
                await asyncio.sleep(0)
            else:
                await self._collector._ready(delay)
