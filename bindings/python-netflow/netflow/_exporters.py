# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""What a collector remembers of its exporters, all of it bounded."""

import struct
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from ._inbox import RawPacket
from ._wire import MalformedPacket, sets
from .ipfix import IPFIXTemplateNotRecognized
from .utils import ExportPacket, get_export_version, parse_packet
from .v9 import V9OptionsTemplateRecord, V9TemplateNotRecognized, V9TemplateRecord

_Key: TypeAlias = tuple[Any, int, int]

_NUMBER = struct.Struct("!I")
# Where the source id or the domain is, and the sets are.
_DOMAIN = {9: (16, 20), 10: (12, 16)}
_TEMPLATE_SETS = range(4)


class Limits(NamedTuple):
    """What is held at most; of all exporters unless it says otherwise."""

    exporters: int = 4096
    templates_each: int = 1024
    fields: int = 1 << 19
    waiting: int = 10000
    waiting_each: int = 1000
    waiting_bytes: int = 16 << 20
    patience: float = 3600


def _key(packet: RawPacket) -> _Key:
    """Return what templates belong to: address, version and source id or domain."""
    version = get_export_version(packet.data)
    at, size = _DOMAIN.get(version, (0, 0))
    if len(packet.data) < size or size == 0:
        return packet.client[0], version, 0
    (domain,) = _NUMBER.unpack_from(packet.data, at)
    return packet.client[0], version, domain


def _has_templates(data: bytes) -> bool:
    _, start = _DOMAIN.get(get_export_version(data), (0, len(data)))
    try:
        return any(number in _TEMPLATE_SETS for number, _, _ in sets(data, start, len(data)))
    except MalformedPacket:
        # Those before the fault were learned all the same.
        return True


def _fields(template: Any) -> int:
    """Return how large a template is, with something for itself."""
    if isinstance(template, V9OptionsTemplateRecord):
        return 8 + len(template.scope_fields) + len(template.option_fields)
    return 8 + len(template.fields if isinstance(template, V9TemplateRecord) else template)


class Exporter:
    """One set of templates, and the packets that wait for more of them."""

    def __init__(self) -> None:
        self.templates: dict[str, dict[int, Any]] = {"netflow": {}, "ipfix": {}}
        self.fields = 0
        self.waiting: OrderedDict[int, tuple[int, RawPacket]] = OrderedDict()

    def forget(self, most: int) -> int:
        """Forget the oldest templates above that number; returns how many."""
        forgotten = 0
        for known in self.templates.values():
            for number in list(known)[: max(0, len(known) - most)]:
                del known[number]
                forgotten += 1
        return forgotten

    def measure(self) -> int:
        """Count the fields again; returns how many more they are."""
        before = self.fields
        known = (t for templates in self.templates.values() for t in templates.values())
        self.fields = sum(map(_fields, known))
        return self.fields - before


class Exporters:
    """All of them; those not heard of for the longest time go first."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self.given_up = 0
        self.forgotten = 0
        self._limits = limits
        self._known: OrderedDict[_Key, Exporter] = OrderedDict()
        self._fields = 0
        # The order in which packets began to wait.
        self._waiting: OrderedDict[int, Exporter] = OrderedDict()
        self._waiting_bytes = 0
        self._ticket = 0

    def parse(self, packet: RawPacket) -> ExportPacket | None:
        """Parse a packet; None if it has to wait for a template. Raises as parse_packet."""
        if get_export_version(packet.data) not in _DOMAIN:
            return parse_packet(memoryview(packet.data))
        exporter = self._of(packet)
        try:
            return parse_packet(memoryview(packet.data), exporter.templates)
        except (V9TemplateNotRecognized, IPFIXTemplateNotRecognized) as error:
            self._wait(exporter, error.template_id, packet)
            return None
        finally:
            if _has_templates(packet.data):
                self._bound(exporter)

    def retry(self, packet: RawPacket) -> Iterator[RawPacket]:
        """Give back what waited for templates that this packet's exporter has by now."""
        exporter = self._of(packet)
        known = exporter.templates["netflow"] | exporter.templates["ipfix"]
        ready = [ticket for ticket, (number, _) in exporter.waiting.items() if number in known]
        for ticket in ready:
            if ticket in exporter.waiting:
                yield self._resume(ticket)

    def expire(self, now: float) -> None:
        """Give up packets that have waited too long."""
        while self._waiting:
            ticket, exporter = next(iter(self._waiting.items()))
            if exporter.waiting[ticket][1].ts + self._limits.patience >= now:
                return
            self._give_up(ticket)

    def _of(self, packet: RawPacket) -> Exporter:
        key = _key(packet)
        exporter = self._known.get(key)
        if exporter is None:
            exporter = self._known[key] = Exporter()
            if len(self._known) > self._limits.exporters:
                self._forget()
        self._known.move_to_end(key)
        return exporter

    def _forget(self) -> None:
        """Forget whoever was silent for the longest time."""
        _, exporter = self._known.popitem(last=False)
        self._fields -= exporter.fields
        self.forgotten += exporter.forget(0)
        for ticket in list(exporter.waiting):
            self._give_up(ticket)

    def _bound(self, exporter: Exporter) -> None:
        self.forgotten += exporter.forget(self._limits.templates_each)
        self._fields += exporter.measure()
        while self._fields > self._limits.fields and len(self._known) > 1:
            self._forget()
        if self._fields > self._limits.fields:
            self.forgotten += exporter.forget(0)
            self._fields += exporter.measure()

    def _resume(self, ticket: int) -> RawPacket:
        _, packet = self._waiting.pop(ticket).waiting.pop(ticket)
        self._waiting_bytes -= len(packet.data)
        return packet

    def _give_up(self, ticket: int) -> None:
        self._resume(ticket)
        self.given_up += 1

    def _wait(self, exporter: Exporter, number: int, packet: RawPacket) -> None:
        self._ticket += 1
        exporter.waiting[self._ticket] = number, packet
        self._waiting[self._ticket] = exporter
        self._waiting_bytes += len(packet.data)
        if len(exporter.waiting) > self._limits.waiting_each:
            self._give_up(next(iter(exporter.waiting)))
        while (
            len(self._waiting) > self._limits.waiting
            or self._waiting_bytes > self._limits.waiting_bytes
        ):
            self._give_up(next(iter(self._waiting)))
