# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Datagrams from a socket into a queue that has an end."""

import logging
import socket
import threading
import time
from collections import deque
from typing import Any, NamedTuple

logger = logging.getLogger("netflow-collector")

_DATAGRAM = 65536
_TICK = 0.2
_RECEIVE_BUFFER = 8 << 20


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
        self._listener = listener
        self._inbox = inbox
        self._stopped = threading.Event()

    def run(self) -> None:
        """Receive; called by start()."""
        while not self._stopped.is_set():
            try:
                data, client = self._listener.recvfrom(_DATAGRAM)
            except TimeoutError:
                continue
            except OSError as error:
                if not self._stopped.is_set():
                    logger.error("cannot receive: %s", error)
                    self._stopped.wait(_TICK)
                continue
            self._inbox.put(RawPacket(time.time(), client, data))
            logger.debug("Received %d bytes of data from %s", len(data), client)

    def stop(self) -> None:
        """End it and close the socket; returns when that is done."""
        self._stopped.set()
        if self.is_alive():
            self.join()
        self._listener.close()
