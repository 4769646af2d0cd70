# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""A collector: a listener for programs, and python3 -m netflow.collector."""

import argparse
import logging
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from ._exporters import Exporters, Limits
from ._inbox import Inbox, RawPacket, Receiver, bind
from ._output import Output, line_of
from .ipfix import IPFIXTemplateNotRecognized
from .utils import ExportPacket, MalformedPacket, UnknownExportVersion, parse_packet
from .v9 import V9TemplateNotRecognized

__all__ = [
    "PACKET_TIMEOUT",
    "IPFIXTemplateNotRecognized",
    "ParsedPacket",
    "RawPacket",
    "ThreadedNetFlowListener",
    "UnknownExportVersion",
    "V9TemplateNotRecognized",
    "get_export_packets",
    "logger",
    "parse_packet",
]

logger = logging.getLogger("netflow-collector")

# Seconds that a packet waits for its template.
PACKET_TIMEOUT = 60 * 60

# What is held at most: datagrams not parsed yet, and packets not fetched yet.
_INBOX_PACKETS, _INBOX_BYTES = 65536, 64 << 20
_PARSED_PACKETS = 1024

_TICK = 0.2
_TELL_EVERY = 1.0
_EXPIRE_EVERY = 10.0
_FLUSH_EVERY = 1.0


class ParsedPacket(NamedTuple):
    """A packet: when it came, from whom, what parse_packet made of it."""

    ts: float
    client: tuple[Any, ...]
    export: ExportPacket


class _Complaints:
    """One line a second of what every exporter can cause; the others are counted."""

    def __init__(self) -> None:
        self._next = 0.0
        self._more = 0

    def tell(self, text: str) -> None:
        """Log it or count it."""
        now = time.monotonic()
        if now < self._next:
            self._more += 1
            return
        also = f" ({self._more} more like it)" if self._more else ""
        self._next, self._more = now + _TELL_EVERY, 0
        logger.error("%s%s", text, also)


class ThreadedNetFlowListener(threading.Thread):
    """Receives packets from when it is made, and parses them from start() on.

    Packets that came are held until get() fetches them, within bounds: .dropped counts those
    that found no room, .given_up those whose template did not come.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__(name="netflow-listener", daemon=True)
        self._inbox = Inbox(_INBOX_PACKETS, _INBOX_BYTES)
        self._receiver = Receiver(bind(host, port), self._inbox)
        logger.info("Starting the NetFlow listener on %s:%d", *self.address[:2])
        self._parsed: queue.Queue[ParsedPacket] = queue.Queue(_PARSED_PACKETS)
        self._exporters = Exporters(Limits(patience=PACKET_TIMEOUT))
        self._complaints = _Complaints()
        self._told = (0, 0, 0, 0)
        self._shutdown = threading.Event()
        self._finishing = threading.Event()
        self._receiver.start()

    @property
    def address(self) -> tuple[Any, ...]:
        """Where it listens: port 0 becomes one that is free."""
        return self._receiver.address

    @property
    def dropped(self) -> int:
        """Packets that came and found no room, here or in the kernel where it counts them."""
        return self._inbox.dropped + self._receiver.missed

    @property
    def given_up(self) -> int:
        """Packets that were dropped while they waited for a template."""
        return self._exporters.given_up

    def get(self, block: bool = True, timeout: float | None = None) -> ParsedPacket:
        """Return the next packet; raises queue.Empty where none comes in time."""
        return self._parsed.get(block, timeout)

    def run(self) -> None:
        """Parse; called by start()."""
        now = time.monotonic()
        tell, expire = now + _TELL_EVERY, now + _EXPIRE_EVERY
        while not self._shutdown.is_set():
            packet = self._inbox.get(_TICK)
            if packet is not None:
                self._take(packet)
            elif self._finishing.is_set():
                break
            now = time.monotonic()
            if now >= tell:
                self._tell()
                tell = now + _TELL_EVERY
            if now >= expire:
                self._exporters.expire(time.time())
                expire = now + _EXPIRE_EVERY
        self._tell()

    def finish(self) -> None:
        """Receive no more; the thread ends when what came is parsed and fetched."""
        self._receiver.stop()
        self._finishing.set()

    @property
    def waiting(self) -> int:
        """Packets that came and were not fetched, but for those without a template."""
        return len(self._inbox) + self._parsed.qsize()

    def stop(self) -> None:
        """End it; packets that were parsed can still be fetched."""
        logger.info("Shutting down the NetFlow listener")
        self._shutdown.set()
        self._receiver.stop()

    def _take(self, packet: RawPacket) -> None:
        export = self._parse(packet)
        if export is None:
            return
        self._give(packet, export)
        if not getattr(export, "contains_new_templates", False):
            return
        for waiting in self._exporters.retry(packet):
            late = self._parse(waiting)
            if late is not None:
                self._give(waiting, late)

    def _parse(self, packet: RawPacket) -> ExportPacket | None:
        try:
            export = self._exporters.parse(packet)
        except (UnknownExportVersion, MalformedPacket) as error:
            self._complaints.tell(f"{error}, ignoring the packet from {packet.client[0]}")
            return None
        if export is None:
            logger.debug("a packet from %s waits for its template", packet.client)
        return export

    def _give(self, packet: RawPacket, export: ExportPacket) -> None:
        """Wait for room: what piles up meanwhile piles up in the inbox, which counts."""
        parsed = ParsedPacket(packet.ts, packet.client, export)
        while not self._shutdown.is_set():
            try:
                self._parsed.put(parsed, timeout=_TICK)
            except queue.Full:
                self._tell()
                continue
            logger.debug("Processed %r", export)
            return

    def _tell(self) -> None:
        exporters = self._exporters
        counts = self._inbox.dropped, self._receiver.missed, exporters.given_up, exporters.forgotten
        if counts != self._told:
            logger.warning(
                "so far %d packets dropped because too many wait to be fetched, "
                "%d dropped by the kernel because they came too fast, "
                "%d given up because their template did not come, %d templates forgotten",
                *counts,
            )
            self._told = counts


@contextmanager
def _until_signal() -> Iterator[threading.Event]:
    """Give an event that SIGINT and SIGTERM set; only in the main thread they do."""
    ended = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield ended
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: ended.set()) for number in numbers]
    try:
        yield ended
    finally:
        for number, handler in zip(numbers, before):
            signal.signal(number, handler)


def _packets(
    listener: ThreadedNetFlowListener, ended: threading.Event
) -> Iterator[ParsedPacket | None]:
    """Give packets as they come, and None now and then."""
    while not ended.is_set():
        try:
            yield listener.get(timeout=_TICK)
        except queue.Empty:
            yield None


@contextmanager
def _listening(host: str, port: int) -> Iterator[ThreadedNetFlowListener]:
    listener = ThreadedNetFlowListener(host, port)
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()
        listener.join()


def get_export_packets(host: str, port: int) -> Iterator[ParsedPacket]:
    """Give packets as they come, until SIGINT or SIGTERM."""
    with _until_signal() as ended, _listening(host, port) as listener:
        yield from (packet for packet in _packets(listener, ended) if packet is not None)


def _write(output: Output, packet: ParsedPacket | None, flush: bool) -> None:
    """Losing packets to a full disk is no reason to lose those behind it."""
    try:
        if packet is not None:
            output.write(line_of(*packet))
        if flush:
            output.flush()
    except OSError as error:
        logger.error("cannot write: %s; %d packets lost so far", error, output.lost)


def _collect(
    listener: ThreadedNetFlowListener, output: Output, ended: threading.Event
) -> None:
    """Write packets until a signal comes."""
    due = time.monotonic() + _FLUSH_EVERY
    for packet in _packets(listener, ended):
        now = time.monotonic()
        _write(output, packet, now >= due)
        if now >= due:
            due = now + _FLUSH_EVERY


def _drain(
    listener: ThreadedNetFlowListener, output: Output, ended: threading.Event
) -> None:
    """Write what came before the signal, until another one comes."""
    ended.clear()
    listener.finish()
    for packet in _packets(listener, ended):
        if packet is None and not (listener.is_alive() or listener.waiting):
            return
        _write(output, packet, False)
    logger.warning("%d packets that came are not written", listener.waiting)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Collect NetFlow and IPFIX packets into a file of JSON lines."
    )
    parser.add_argument("--host", default="0.0.0.0", help="address to listen on (%(default)s)")
    parser.add_argument("--port", "-p", type=int, default=2055, help="its port (%(default)s)")
    parser.add_argument(
        "--file",
        "-o",
        dest="output_file",
        default=f"{int(time.time())}.gz",
        help="file to append to (%(default)s: the time in seconds)",
    )
    parser.add_argument("--debug", "-D", action="store_true", help="tell of each packet")
    return parser.parse_args()


def _log_to_stderr(debug: bool) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s - %(levelname)s - %(message)s"))
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.DEBUG if debug else logging.WARNING)


def _run(arguments: argparse.Namespace, ended: threading.Event) -> int:
    """Collect until the end; returns how many packets could not be written."""
    output = Output(arguments.output_file)
    if output.repaired:
        logger.warning("%d bytes of a torn end cut off %s", output.repaired, output.path)
    try:
        with _listening(arguments.host, arguments.port) as listener:
            _collect(listener, output, ended)
            _drain(listener, output, ended)
    finally:
        output.close()
    return output.lost


def main() -> int:
    """Run the command; 1 if it cannot start or could not write everything."""
    arguments = _arguments()
    _log_to_stderr(arguments.debug)
    try:
        with _until_signal() as ended:
            return 1 if _run(arguments, ended) else 0
    except (OSError, OverflowError) as error:
        logger.error("%s", error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
