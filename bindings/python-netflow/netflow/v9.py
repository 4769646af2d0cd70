# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""NetFlow version 9 (RFC 3954)."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from struct import Struct
from typing import Any, TypeAlias

from ._decode import ADDRESS, NONE, UNSIGNED, Layout, Record
from ._tables import V9_FIELD_TYPES, V9_FIELD_TYPES_CONTAINING_IP, V9_SCOPE_TYPES
from ._wire import (
    Compiled,
    Header,
    MalformedPacket,
    check_fields,
    check_padding,
    missing,
    sets,
    unpack,
)
from .ipfix import IPFIXDataTypes, IPFIXFieldTypes

__all__ = [
    "V9DataFlowSet",
    "V9DataRecord",
    "V9ExportPacket",
    "V9Header",
    "V9TemplateField",
    "V9TemplateFlowSet",
    "V9TemplateNotRecognized",
    "V9TemplateRecord",
    "V9OptionsTemplateFlowSet",
    "V9OptionsTemplateRecord",
    "V9OptionsDataRecord",
    "V9OptionsDataFlowset",
    "V9_FIELD_TYPES",
    "V9_FIELD_TYPES_CONTAINING_IP",
    "V9_SCOPE_TYPES",
    "IPFIXDataTypes",
    "IPFIXFieldTypes",
]

_HEADER = Struct("!HHIIII")
_PAIR = Struct("!HH")
_OPTIONS = Struct("!HHH")
_UNKNOWN = V9_FIELD_TYPES[0]
_ADDRESSES = frozenset(V9_FIELD_TYPES_CONTAINING_IP)
_TEMPLATES, _OPTION_TEMPLATES = 0, 1

# Layouts that are kept for the packets to come.
_KEPT = 512

_VARIABLE = 65535

_Fields: TypeAlias = tuple[tuple[int, int], ...]


class V9TemplateNotRecognized(KeyError):
    """Data without a template, .template_id: neither known nor later in the packet."""

    template_id: int


class V9TemplateField:
    """One field of a template."""

    def __init__(self, field_type: int, field_length: int) -> None:
        self.field_type = field_type
        self.field_length = field_length

    def __repr__(self) -> str:
        name = V9_FIELD_TYPES.get(self.field_type, _UNKNOWN)
        return f"<TemplateField type {self.field_type}:{name}, length {self.field_length}>"


class V9TemplateRecord:
    """A template: what records in sets of its number look like."""

    def __init__(self, template_id: int, field_count: int, fields: list[V9TemplateField]) -> None:
        self.template_id = template_id
        self.field_count = field_count
        self.fields = fields

    def __repr__(self) -> str:
        names = " ".join(V9_FIELD_TYPES.get(f.field_type, _UNKNOWN) for f in self.fields)
        return f"<TemplateRecord {self.template_id} with {self.field_count} fields: {names}>"


class V9OptionsTemplateRecord:
    """An options template: type to length, of the scope and of the options."""

    def __init__(
        self, template_id: int, scope_fields: dict[int, int], option_fields: dict[int, int]
    ) -> None:
        self.template_id = template_id
        self.scope_fields = scope_fields
        self.option_fields = option_fields

    def __repr__(self) -> str:
        return (
            f"<V9OptionsTemplateRecord with scope fields {self.scope_fields.keys()} "
            f"and option fields {self.option_fields.keys()}>"
        )


class _RepeatingTemplate(V9OptionsTemplateRecord):
    """One that has a type twice, which the dicts cannot say."""

    def __init__(self, template_id: int, scopes: _Fields, options: _Fields) -> None:
        super().__init__(template_id, dict(scopes), dict(options))
        self.scopes = scopes
        self.options = options


class V9DataRecord(Record):
    """One flow: its fields are attributes, and all of them are in .data."""

    __slots__ = ("__weakref__",)

    def __repr__(self) -> str:
        return f"<DataRecord with data: {self.data}>"


class V9OptionsDataRecord:
    """What an exporter tells of itself: .scopes says of which part, .data what."""

    def __init__(self) -> None:
        self.scopes: dict[str | int, int] = {}
        self.data: dict[str, int] = {}

    def __repr__(self) -> str:
        return (
            f"<V9OptionsDataRecord with scopes {self.scopes.keys()} "
            f"and data {self.data.keys()}>"
        )


class V9Header(Header):
    """The header: uptime in milliseconds, timestamp in seconds."""

    length = 20
    version: int
    count: int
    uptime: int
    timestamp: int
    sequence: int
    source_id: int

    def __init__(self, data: bytes) -> None:
        (
            self.version,
            self.count,
            self.uptime,
            self.timestamp,
            self.sequence,
            self.source_id,
        ) = unpack(_HEADER, data, "a packet of version 9")


def _layout(names: Iterable[str | int], kinds: Iterable[int], lengths: Iterable[int]) -> Layout:
    """Where a name comes twice, its last field counts."""
    names, lengths = tuple(names), tuple(lengths)
    # No set has room for it, and in a layout it says that the length varies.
    if _VARIABLE in lengths:
        raise MalformedPacket(f"a template has a field of {_VARIABLE} bytes")
    last = {name: i for i, name in enumerate(names)}
    used = bytes(k if last[n] == i else NONE for i, (n, k) in enumerate(zip(names, kinds)))
    layout = Layout(names, used, lengths)
    # Or a small packet has more values than bytes, up to no end of records.
    if layout.size < len(last):
        raise MalformedPacket(f"a template has {len(last)} fields in {layout.size} bytes")
    return layout


@lru_cache(_KEPT)
def _data_layout(fields: _Fields) -> Layout:
    return _layout(
        (V9_FIELD_TYPES.get(number, _UNKNOWN) for number, _ in fields),
        (ADDRESS if number in _ADDRESSES else UNSIGNED for number, _ in fields),
        (length for _, length in fields),
    )


def _option_name(number: int) -> str:
    element = IPFIXFieldTypes.by_id(number)
    return V9_FIELD_TYPES.get(number) or (element.name if element else "") or f"e0id{number}"


@lru_cache(_KEPT)
def _options_layouts(scopes: _Fields, options: _Fields) -> tuple[Layout, Layout]:
    return (
        _layout(
            (V9_SCOPE_TYPES.get(number, number) for number, _ in scopes),
            (UNSIGNED for _ in scopes),
            (length for _, length in scopes),
        ),
        _layout(
            (_option_name(number) for number, _ in options),
            (UNSIGNED for _ in options),
            (length for _, length in options),
        ),
    )


def _compile(template: V9TemplateRecord) -> Layout:
    check_fields(len(template.fields))
    layout = _data_layout(tuple([(f.field_type, f.field_length) for f in template.fields]))
    if layout.size == 0:
        raise MalformedPacket(f"template {template.template_id} describes no bytes")
    return layout


def _compile_options(template: V9OptionsTemplateRecord) -> tuple[Layout, Layout]:
    scopes: _Fields = tuple(template.scope_fields.items())
    options: _Fields = tuple(template.option_fields.items())
    if isinstance(template, _RepeatingTemplate):
        scopes, options = template.scopes, template.options
    check_fields(len(scopes) + len(options))
    scope, option = _options_layouts(scopes, options)
    if scope.size + option.size == 0:
        raise MalformedPacket(f"options template {template.template_id} describes no bytes")
    return scope, option


def _records(data: bytes, runs: Iterable[tuple[Layout, int, int]]) -> list[V9DataRecord]:
    """Cut sets into records; what is left of each is padding."""
    records: list[V9DataRecord] = []
    for layout, start, end in runs:
        layout.cut(V9DataRecord, data, start, end, records)
    return records


def _option_records(
    data: bytes, layouts: tuple[Layout, Layout], start: int, end: int
) -> list[V9OptionsDataRecord]:
    scope, option = layouts
    size = scope.size + option.size
    records = []
    while end - start >= size:
        record = V9OptionsDataRecord()
        record.scopes = scope.decode(data, start, end)
        record.data = option.decode(data, start + scope.size, end)
        records.append(record)
        start += size
    return records


def _pairs(data: bytes, start: int, end: int) -> _Fields:
    return tuple(_PAIR.iter_unpack(data[start:end]))


def _templates(data: bytes, start: int, end: int) -> dict[int, V9TemplateRecord]:
    found = {}
    while end - start >= _PAIR.size:
        number, count = _PAIR.unpack_from(data, start)
        if number == 0:
            check_padding(data, start, end)
            break
        start += _PAIR.size
        if count * _PAIR.size > end - start:
            raise MalformedPacket(f"template {number} with {count} fields is cut off")
        fields = [V9TemplateField(*pair) for pair in _pairs(data, start, start + count * 4)]
        found[number] = V9TemplateRecord(number, count, fields)
        start += count * _PAIR.size
    return found


def _options_template(number: int, scopes: _Fields, options: _Fields) -> V9OptionsTemplateRecord:
    record = V9OptionsTemplateRecord(number, dict(scopes), dict(options))
    if len(record.scope_fields) == len(scopes) and len(record.option_fields) == len(options):
        return record
    return _RepeatingTemplate(number, scopes, options)


def _option_templates(data: bytes, start: int, end: int) -> dict[int, V9OptionsTemplateRecord]:
    found = {}
    while end - start >= _OPTIONS.size:
        number, scopes, options = _OPTIONS.unpack_from(data, start)
        if number == 0:
            check_padding(data, start, end)
            break
        start += _OPTIONS.size
        if scopes % 4 or options % 4 or scopes + options > end - start:
            raise MalformedPacket(f"options template {number} is cut off")
        middle, last = start + scopes, start + scopes + options
        found[number] = _options_template(
            number, _pairs(data, start, middle), _pairs(data, middle, last)
        )
        start = last
    return found


def _one_set(data: bytes) -> tuple[int, int, int]:
    """Return the set that data starts with: number, first byte of the content, end."""
    for number, start, end in sets(data, 0, len(data)):
        return number, start, end
    raise MalformedPacket("there is no set")


class V9TemplateFlowSet:
    """The templates of one set, which data starts with."""

    def __init__(self, data: bytes) -> None:
        self.flowset_id, start, self.length = _one_set(data)
        self.templates = _templates(data, start, self.length)

    def __repr__(self) -> str:
        return (
            f"<TemplateFlowSet with id {self.flowset_id} of length {self.length} "
            f"containing templates: {self.templates.keys()}>"
        )


class V9OptionsTemplateFlowSet:
    """The options templates of one set, which data starts with."""

    def __init__(self, data: bytes) -> None:
        self.flowset_id, start, self.flowset_length = _one_set(data)
        self.templates = _option_templates(data, start, self.flowset_length)

    def __repr__(self) -> str:
        return (
            f"<V9OptionsTemplateFlowSet with {len(self.templates)} templates: "
            f"{self.templates.keys()}>"
        )


class V9DataFlowSet:
    """The flows of one set, which data starts with."""

    def __init__(self, data: bytes, template: V9TemplateRecord) -> None:
        self.template_id, start, self.length = _one_set(data)
        self.flows = _records(data, [(_compile(template), start, self.length)])

    def __repr__(self) -> str:
        return (
            f"<DataFlowSet with template {self.template_id} of length {self.length} "
            f"holding {len(self.flows)} flows>"
        )


class V9OptionsDataFlowset:
    """The option records of one set, which data starts with."""

    def __init__(self, data: bytes, template: V9OptionsTemplateRecord) -> None:
        self.template_id, start, self.length = _one_set(data)
        layouts = _compile_options(template)
        self.option_data_records = _option_records(data, layouts, start, self.length)


class V9ExportPacket:
    """A packet: .header, .flows, .options, and .templates, the dict that was passed.

    Records are made when they are asked for: a packet that waits in a queue is small.
    """

    def __init__(self, data: bytes, templates: dict[int, Any]) -> None:
        self.header = V9Header(data)
        self._templates = templates
        self._new_templates = False
        self._data = data
        self._runs: list[tuple[Layout, int, int]] = []
        self._option_runs: list[tuple[tuple[Layout, Layout], int, int]] = []
        self._flows: list[V9DataRecord] | None = None
        self._options: list[V9OptionsDataRecord] | None = None
        self._plain, self._special = Compiled(_compile), Compiled(_compile_options)
        early = []
        for number, start, end in sets(data, V9Header.length, len(data)):
            if number == _TEMPLATES:
                self._learn(_templates(data, start, end))
            elif number == _OPTION_TEMPLATES:
                self._learn(_option_templates(data, start, end))
            elif number in templates:
                self._read(number, start, end)
            else:
                early.append((number, start, end))
        for number, start, end in early:
            if number not in templates:
                raise missing(V9TemplateNotRecognized, number)
            self._read(number, start, end)
        del self._plain, self._special

    def _learn(self, found: dict[int, Any]) -> None:
        if any(number not in self._templates for number in found):
            self._new_templates = True
        self._templates.update(found)

    def _read(self, number: int, start: int, end: int) -> None:
        template = self._templates[number]
        if isinstance(template, V9OptionsTemplateRecord):
            self._option_runs.append((self._special.of(number, template), start, end))
        else:
            self._runs.append((self._plain.of(number, template), start, end))

    def __getstate__(self) -> dict[str, Any]:
        made = {"_flows": self.flows, "_options": self.options}
        return self.__dict__ | made | {"_data": b"", "_runs": [], "_option_runs": []}

    @property
    def contains_new_templates(self) -> bool:
        """A template of this packet was not known before it."""
        return self._new_templates

    @property
    def flows(self) -> list[V9DataRecord]:
        """The flows of all sets."""
        if self._flows is None:
            self._flows = _records(self._data, self._runs)
        return self._flows

    @property
    def options(self) -> list[V9OptionsDataRecord]:
        """The option records of all sets."""
        if self._options is None:
            runs = (_option_records(self._data, *run) for run in self._option_runs)
            self._options = [record for records in runs for record in records]
        return self._options

    @property
    def templates(self) -> dict[int, Any]:
        """All templates that are known so far, by their number."""
        return self._templates

    def __repr__(self) -> str:
        more = " and new template(s)" if self._new_templates else ""
        return f"<V9ExportPacket with {self.header.count} records{more}>"
