# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Datagrams from a socket into a queue that has an end."""

import logging
import socket
import struct
import sys
import threading
import time
from collections import deque
from typing import Any, NamedTuple

logger = logging.getLogger("netflow-collector")

_DATAGRAM = 65536
_TICK = 0.2
# Seconds that a stopped receiver goes on while there is more.
_LAST = 0.5
_RECEIVE_BUFFER = 8 << 20

# Linux counts what found no room in the socket, in a message beside each datagram.
_RXQ_OVFL = 40 if sys.platform == "linux" else None
_COUNT = struct.Struct("=I")
_BESIDE = socket.CMSG_SPACE(_COUNT.size)


class RawPacket(NamedTuple):
    """A datagram: when it came, from whom, its payload."""

    ts: float
    client: tuple[Any, ...]
    data: bytes


class Inbox:
    """A queue of datagrams, bounded in number and in bytes: what finds no room is dropped."""

    def __init__(self, packets: int, size: int) -> None:
        self.dropped = 0
        self._packets = packets
        self._size = size
        self._held = 0
        self._queue: deque[RawPacket] = deque()
        self._changed = threading.Condition()

    def put(self, packet: RawPacket) -> bool:
        """Append a datagram; False if there is no room and it is dropped."""
        with self._changed:
            if len(self._queue) >= self._packets or self._held + len(packet.data) > self._size:
                self.dropped += 1
                return False
            self._held += len(packet.data)
            self._queue.append(packet)
            self._changed.notify()
        return True

    def __len__(self) -> int:
        return len(self._queue)

    def get(self, timeout: float) -> RawPacket | None:
        """Take the first datagram, or None if none comes within timeout seconds."""
        with self._changed:
            if not self._queue and not self._changed.wait_for(lambda: self._queue, timeout):
                return None
            packet = self._queue.popleft()
            self._held -= len(packet.data)
            return packet


def bind(host: str, port: int) -> socket.socket:
    """Return a UDP socket that listens there; a host with a colon is IPv6."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_DGRAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        if _RXQ_OVFL is not None:
            listener.setsockopt(socket.SOL_SOCKET, _RXQ_OVFL, 1)
        listener.bind((host, port))
        listener.settimeout(_TICK)
    except BaseException:
        listener.close()
        raise
    return listener


class Receiver(threading.Thread):
    """Moves datagrams from a socket into an inbox until it is stopped."""

    def __init__(self, listener: socket.socket, inbox: Inbox) -> None:
        super().__init__(name="netflow-receiver", daemon=True)
        self.address: tuple[Any, ...] = listener.getsockname()
        self.missed = 0
        self._listener = listener
        self._inbox = inbox
        self._stopped = threading.Event()

    def run(self) -> None:
        """Receive; called by start(). When it is stopped it takes what came before."""
        while not self._stopped.is_set():
            self._receive()
        end = time.monotonic() + _LAST
        while self._receive() and time.monotonic() < end:
            pass

    def _receive(self) -> bool:
        """Take one datagram; False if there was none for a moment."""
        try:
            data, beside, _, client = self._listener.recvmsg(_DATAGRAM, _BESIDE)
        except TimeoutError:
            return False
        except OSError as error:
            logger.error("cannot receive: %s", error)
            self._stopped.wait(_TICK)
            return False
        self._inbox.put(RawPacket(time.time(), client, data))
        for level, kind, content in beside:
            if (level, kind) == (socket.SOL_SOCKET, _RXQ_OVFL) and len(content) == _COUNT.size:
                (self.missed,) = _COUNT.unpack(content)
        logger.debug("Received %d bytes of data from %s", len(data), client)
        return True

    def stop(self) -> None:
        """End it and close the socket; returns when that is done."""
        self._stopped.set()
        if self.is_alive():
            self.join()
        self._listener.close()
