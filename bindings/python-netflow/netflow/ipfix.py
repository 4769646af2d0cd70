# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""IPFIX (RFC 7011)."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from struct import Struct
from typing import Any, NamedTuple, TypeAlias

from ._decode import FLOAT, NONE, PAIR, SIGNED, TEXT, UNSIGNED, Layout, Record
from ._tables import IANA_DATA_TYPES, IANA_FIELD_TYPES
from ._wire import Compiled, Header, MalformedPacket, check_fields, missing, unpack

_HEADER = Struct("!HHIII")
_SET = Struct("!HH")
_PAIR = Struct("!HH")
_NUMBER = Struct("!I")
_OPTIONS = Struct("!HHH")

_TEMPLATES, _OPTION_TEMPLATES, _DATA = 2, 3, 256
_ENTERPRISE = 0x8000

# Layouts that are kept for the packets to come.
_KEPT = 512


class IPFIXMalformedRecord(MalformedPacket):
    """A template or a record is cut off or contradicts itself."""


class IPFIXRFCError(MalformedPacket):
    """A set has a number that RFC 7011 keeps free: 0, 1 and 4 to 255."""


class IPFIXMalformedPacket(MalformedPacket):
    """The lengths of the packet and of its sets do not agree."""


class IPFIXTemplateError(MalformedPacket):
    """A template cannot describe records."""


class IPFIXTemplateNotRecognized(KeyError):
    """Data without a template before it, which is .template_id."""

    template_id: int


class PaddingCalculationError(MalformedPacket):
    """Something that is not zero is behind the last record of a set."""


class FieldType(NamedTuple):
    """An information element of IANA."""

    id: int
    name: str
    type: str


class DataType(NamedTuple):
    """A data type and what struct calls it; None where its length varies."""

    type: str
    unpack_format: str | None


class TemplateField(NamedTuple):
    """A field of a template that IANA knows."""

    id: int
    length: int


class TemplateFieldEnterprise(NamedTuple):
    """A field of a template that its enterprise knows."""

    id: int
    length: int
    enterprise_number: int


Field: TypeAlias = TemplateField | TemplateFieldEnterprise
_Fields: TypeAlias = tuple[tuple[int, ...], ...]

_BY_NUMBER = {row[0]: FieldType(*row) for row in IANA_FIELD_TYPES}
_BY_NAME = {row[1]: FieldType(*row) for row in IANA_FIELD_TYPES}
_TYPES = {row[0]: DataType(*row) for row in IANA_DATA_TYPES}


class IPFIXFieldTypes:
    """The information elements."""

    iana_field_types = IANA_FIELD_TYPES

    @classmethod
    def by_id(cls, id_: int) -> FieldType | None:
        """Return the element of that number, None where there is none."""
        return _BY_NUMBER.get(id_)

    @classmethod
    def by_name(cls, key: str) -> FieldType | None:
        """Return the element of that name, None where there is none."""
        return _BY_NAME.get(key)

    @classmethod
    def get_type_unpack(cls, key: int | str) -> DataType | None:
        """Return the data type of an element by its number or name."""
        item = cls.by_id(key) if isinstance(key, int) else cls.by_name(key)
        return IPFIXDataTypes.by_name(item.type) if item else None


class IPFIXDataTypes:
    """The abstract data types."""

    iana_data_types = IANA_DATA_TYPES

    @classmethod
    def by_name(cls, key: str) -> DataType | None:
        """Return the data type of that name, None where there is none."""
        return _TYPES.get(key)

    @classmethod
    def _name(cls, dt: DataType | str) -> str:
        return dt.type if isinstance(dt, DataType) else dt

    @classmethod
    def is_signed(cls, dt: DataType | str) -> bool:
        """It is an integer that can be below zero."""
        return cls._name(dt).startswith("signed")

    @classmethod
    def is_float(cls, dt: DataType | str) -> bool:
        """It is a floating point number."""
        return cls._name(dt).startswith("float")

    @classmethod
    def is_bytes(cls, dt: DataType | str) -> bool:
        """It is none of numbers, booleans and plain times."""
        known = cls.by_name(cls._name(dt))
        return known is not None and (known.unpack_format or "s").endswith("s")


_KINDS = {
    "string": TEXT,
    "dateTimeMicroseconds": PAIR,
    "dateTimeNanoseconds": PAIR,
    "float32": FLOAT,
    "float64": FLOAT,
    "signed8": SIGNED,
    "signed16": SIGNED,
    "signed32": SIGNED,
    "signed64": SIGNED,
}


def _element(field: tuple[int, ...]) -> tuple[str, int]:
    """Return what a field is called and becomes."""
    if len(field) > 2:
        return f"e{field[2]}id{field[0] & ~_ENTERPRISE}", UNSIGNED
    known = _BY_NUMBER.get(field[0])
    if known is None or known.name == "":
        return f"e0id{field[0]}", UNSIGNED
    return known.name, _KINDS.get(known.type, UNSIGNED)


@lru_cache(_KEPT)
def _layout(fields: _Fields) -> Layout:
    """Where an element comes twice its first field counts: the outer one (RFC 7011 8)."""
    if any(field[1] == 0 for field in fields):
        raise IPFIXTemplateError("a template has a field of no bytes")
    elements = [_element(field) for field in fields]
    names = tuple([name for name, _ in elements])
    first = {name: i for i, name in reversed(list(enumerate(names)))}
    kinds = bytes(kind if first[name] == i else NONE for i, (name, kind) in enumerate(elements))
    return Layout(
        names, kinds, [field[1] for field in fields], tuple([field[0] for field in fields])
    )


def _compile(template: Sequence[tuple[int, ...]]) -> Layout:
    check_fields(len(template))
    return _layout(tuple(template))


class IPFIXDataRecord(Record):
    """One record: its fields are attributes, and all of them are in .data."""

    __slots__ = ("__weakref__",)

    def __init__(self, data: bytes, template: Sequence[Field]) -> None:
        layout = _compile(template)
        try:
            layout.load(self, data, 0, len(data))
        except ValueError as error:
            raise IPFIXMalformedRecord(str(error)) from None

    @property
    def fields(self) -> set[tuple[int, Any]]:
        """The number of each element and its value."""
        if self._layout is None:
            return set()
        data = self.data
        pairs = zip(self._layout.ids, self._layout.names)
        return {(number, data[name]) for number, name in pairs if name in data}

    def get_length(self) -> int:
        """Return the bytes that the record has in the packet."""
        return self._length

    def __repr__(self) -> str:
        return f"<IPFIXDataRecord with {len(self.data)} entries>"


class IPFIXHeader(Header):
    """The header: export_uptime is the time of the export in seconds."""

    size = 16
    version: int
    length: int
    export_uptime: int
    sequence_number: int
    obervation_domain_id: int

    def __init__(self, data: bytes) -> None:
        (
            self.version,
            self.length,
            self.export_uptime,
            self.sequence_number,
            self.obervation_domain_id,
        ) = unpack(_HEADER, data, "an IPFIX packet")


class IPFIXSetHeader(Header):
    """The header of a set; length includes it."""

    size = 4
    set_id: int
    length: int

    def __init__(self, data: bytes) -> None:
        self.set_id, self.length = unpack(_SET, data, "an IPFIX set")

    def __repr__(self) -> str:
        return f"<IPFIXSetHeader with set_id {self.set_id} and length {self.length}>"


class _OptionsTemplate(list[Field]):
    """The fields of an options template, scopes first."""


def parse_fields(data: bytes, count: int) -> tuple[list[Field], int]:
    """Return count fields of a template and the bytes that they took."""
    fields: list[Field] = []
    at = 0
    for _ in range(count):
        size = 8 if len(data) > at and data[at] & 0x80 else 4
        if at + size > len(data):
            raise IPFIXMalformedRecord(f"a template with {count} fields is cut off")
        number, length = _PAIR.unpack_from(data, at)
        if size == 8:
            (enterprise,) = _NUMBER.unpack_from(data, at + 4)
            fields.append(TemplateFieldEnterprise(number & ~_ENTERPRISE, length, enterprise))
        else:
            fields.append(TemplateField(number, length))
        at += size
    return fields, at


def rest_is_padding_zeroes(data: bytes, offset: int) -> bool:
    """Nothing but zeros comes from offset on."""
    return not any(data[offset:])


class IPFIXTemplateRecord:
    """A template, which data starts with; one without fields withdraws its number."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _PAIR.size:
            raise IPFIXMalformedRecord("a template is cut off")
        self.template_id, self.field_count = _PAIR.unpack_from(data)
        self.fields, length = parse_fields(data[_PAIR.size :], self.field_count)
        self._length = _PAIR.size + length

    def get_length(self) -> int:
        """Return the bytes that the template has in the packet."""
        return self._length

    def __repr__(self) -> str:
        return f"<IPFIXTemplateRecord with {len(self.fields)} fields>"


class IPFIXOptionsTemplateRecord:
    """An options template, which data starts with."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _PAIR.size:
            raise IPFIXMalformedRecord("an options template is cut off")
        self.template_id, self.field_count = _PAIR.unpack_from(data)
        self.scope_field_count, start = 0, _PAIR.size
        # A withdrawal ends there (RFC 7011 8.1).
        if self.field_count > 0:
            self.scope_field_count, start = self._scopes(data), _OPTIONS.size
        fields, length = parse_fields(data[start:], self.field_count)
        self.scope_fields = fields[: self.scope_field_count]
        self.fields = fields[self.scope_field_count :]
        self._length = start + length

    def _scopes(self, data: bytes) -> int:
        if len(data) < _OPTIONS.size:
            raise IPFIXMalformedRecord("an options template is cut off")
        _, count, scopes = _OPTIONS.unpack_from(data)
        if scopes > count:
            raise IPFIXMalformedRecord(f"{scopes} of {count} fields cannot be scopes")
        return int(scopes)

    def get_length(self) -> int:
        """Return the bytes that the template has in the packet."""
        return self._length

    def __repr__(self) -> str:
        return (
            f"<IPFIXOptionsTemplateRecord with {len(self.scope_fields)} scope fields "
            f"and {len(self.fields)} fields>"
        )


Template: TypeAlias = IPFIXTemplateRecord | IPFIXOptionsTemplateRecord


def _templates(kind: type[Template], data: bytes, start: int, end: int) -> Iterator[Template]:
    """Walk over the templates of a set; zeros at its end are padding."""
    content = memoryview(data)[start:end]
    while len(content) >= _PAIR.size and (content[0] or content[1]):
        record = kind(content)  # type: ignore[arg-type]
        yield record
        content = content[record.get_length() :]
    if any(content):
        raise PaddingCalculationError("a set of templates ends with more than zeros")


def _withdraw(known: dict[int, Any], record: Template) -> None:
    if record.template_id not in (_TEMPLATES, _OPTION_TEMPLATES):
        known.pop(record.template_id, None)
        return
    options = record.template_id == _OPTION_TEMPLATES
    for number in [n for n, t in known.items() if isinstance(t, _OptionsTemplate) == options]:
        del known[number]


def _learn(known: dict[int, Any], record: Template) -> None:
    if record.field_count == 0:
        _withdraw(known, record)
    elif isinstance(record, IPFIXOptionsTemplateRecord):
        known[record.template_id] = _OptionsTemplate(record.scope_fields + record.fields)
    else:
        known[record.template_id] = record.fields


def _check(data: bytes, start: int, end: int, layout: Layout) -> None:
    if layout.size == 0:
        raise IPFIXTemplateError("a template describes no bytes")
    rest = layout.measure(data, start, end)
    if rest < end and any(data[rest:end]):
        raise PaddingCalculationError(
            f"{end - rest} bytes at offset {rest} are no record and not zero"
        )


class IPFIXSet:
    """A set, which data starts with: .header and .records.

    Data records are made when they are asked for: a packet that waits in a queue is small.
    """

    def __init__(self, data: bytes, templates: dict[int, Any]) -> None:
        self._begin(data, templates)
        compiled = Compiled(_compile)
        if not _SET.size <= self._length <= len(data):
            raise IPFIXMalformedPacket(
                f"set {self.header.set_id} says that it has {self._length} bytes of {len(data)}"
            )
        self._read(bytes(data), (_SET.size, self._length), compiled)

    @classmethod
    def _within(
        cls,
        data: bytes,
        where: tuple[int, int],
        templates: dict[int, Any],
        compiled: Compiled[Layout],
    ) -> "IPFIXSet":
        """The set of a packet whose content is from where to where."""
        self = cls.__new__(cls)
        self._begin(data[where[0] - _SET.size : where[0]], templates)
        self._read(data, where, compiled)
        return self

    def _begin(self, head: bytes, templates: dict[int, Any]) -> None:
        self.header = IPFIXSetHeader(head)
        self._length = self.header.length
        self._templates = templates
        self._records: list[Any] = []
        self._run: tuple[Layout, bytes, int, int] | None = None

    def _read(self, data: bytes, where: tuple[int, int], compiled: Compiled[Layout]) -> None:
        number, (start, end) = self.header.set_id, where
        if number >= _DATA:
            if number not in self._templates:
                raise missing(IPFIXTemplateNotRecognized, number)
            layout = compiled.of(number, self._templates[number])
            _check(data, start, end, layout)
            self._run = layout, data, start, end
        elif number in (_TEMPLATES, _OPTION_TEMPLATES):
            plain = number == _TEMPLATES
            kind = IPFIXTemplateRecord if plain else IPFIXOptionsTemplateRecord
            for record in _templates(kind, data, start, end):
                self._records.append(record)
                _learn(self._templates, record)
        else:
            raise IPFIXRFCError(f"IPFIX set has forbidden ID {number}")

    @property
    def records(self) -> list[Any]:
        """The records or the templates of the set."""
        if self._run is not None:
            layout, data, start, end = self._run
            self._run = None
            layout.cut(IPFIXDataRecord, data, start, end, self._records)
        return self._records

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_records": self.records, "_run": None}

    def get_length(self) -> int:
        """Return the bytes that the set has in the packet."""
        return self._length

    @property
    def is_template(self) -> bool:
        """It has templates or options templates."""
        return self.header.set_id in (_TEMPLATES, _OPTION_TEMPLATES)

    @property
    def is_data(self) -> bool:
        """It has records."""
        return self.header.set_id >= _DATA

    @property
    def templates(self) -> dict[int, Any]:
        """All templates that are known so far, by their number."""
        return self._templates

    def __repr__(self) -> str:
        return f"<IPFIXSet with set_id {self.header.set_id} and {len(self.records)} records>"


class IPFIXExportPacket:
    """A packet: .header, .sets, .flows, and .templates, the dict that was passed."""

    def __init__(self, data: bytes, templates: dict[int, Any]) -> None:
        self.header = IPFIXHeader(data)
        self.sets: list[IPFIXSet] = []
        self._contains_new_templates = False
        self._flows: list[IPFIXDataRecord] | None = None
        self._templates = templates
        end = self.header.length
        if not IPFIXHeader.size <= end <= len(data):
            raise IPFIXMalformedPacket(
                f"the packet has {len(data)} bytes and says that it has {end}"
            )
        at, compiled = IPFIXHeader.size, Compiled(_compile)
        while at < end:
            at = self._read(data, at, end, compiled)

    def _read(self, data: bytes, at: int, end: int, compiled: Compiled[Layout]) -> int:
        length = _SET.unpack_from(data, at)[1] if end - at >= _SET.size else 0
        if not _SET.size <= length <= end - at:
            raise IPFIXMalformedPacket(f"{end - at} bytes at offset {at} are no set")
        where = at + _SET.size, at + length
        found = IPFIXSet._within(data, where, self._templates, compiled)
        self.sets.append(found)
        if found.is_template:
            self._contains_new_templates = True
        return at + length

    @property
    def contains_new_templates(self) -> bool:
        """It has templates, known or not."""
        return self._contains_new_templates

    @property
    def flows(self) -> list[IPFIXDataRecord]:
        """The records of all sets, those of options too."""
        if self._flows is None:
            data = [found.records for found in self.sets if found.is_data]
            self._flows = [record for records in data for record in records]
        return self._flows

    @property
    def templates(self) -> dict[int, Any]:
        """All templates that are known so far, by their number."""
        return self._templates

    def __repr__(self) -> str:
        return (
            f"<IPFIXExportPacket with {len(self.sets)} sets, "
            f"exported at {self.header.export_uptime}>"
        )
