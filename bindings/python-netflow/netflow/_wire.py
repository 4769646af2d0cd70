# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""What all versions share: the error, headers and the walk over sets."""

from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any, Generic, Protocol, TypeVar

_SET = Struct("!HH")


class MalformedPacket(ValueError):
    """The bytes contradict themselves or end too early; the text says where."""

    __module__ = "netflow.utils"


_Compiled = TypeVar("_Compiled")
_Missing = TypeVar("_Missing", bound="TemplateMissing")


class TemplateMissing(Protocol):
    """What both errors about templates say."""

    template_id: int


def missing(kind: Callable[[], _Missing], number: int) -> _Missing:
    """Return the error, without a text, that says which template is missing."""
    error = kind()
    error.template_id = number
    return error


class Compiled(Generic[_Compiled]):
    """What the templates of one packet were compiled to: sets are many, templates few.

    A template with more than FIELDS fields is refused: compiling it for each small packet
    would be more work than anybody should be able to ask for.
    """

    FIELDS = 1024

    def __init__(self, compile_: Callable[[Any], _Compiled]) -> None:
        self._compile = compile_
        self._held: dict[int, tuple[Any, _Compiled]] = {}

    def of(self, number: int, template: Any) -> _Compiled:
        """Return what a template, which has that number at the moment, was compiled to."""
        held = self._held.get(number)
        if held is None or held[0] is not template:
            held = self._held[number] = (template, self._compile(template))
        return held[1]


def check_fields(count: int) -> None:
    """Raise where a template has too many fields."""
    if count > Compiled.FIELDS:
        raise MalformedPacket(f"a template has {count} fields, more than {Compiled.FIELDS}")


class Header:
    """A packet's header: its fields are its attributes, in the order of the packet."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name; a change of it is a change of the header."""
        return self.__dict__


def unpack(layout: Struct, data: bytes, what: str) -> tuple[Any, ...]:
    """Return the numbers at the start of data."""
    if len(data) < layout.size:
        raise MalformedPacket(f"{what} has {len(data)} bytes, its header needs {layout.size}")
    return layout.unpack_from(data)


def sets(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Walk over the sets of data[start:end]: number, first byte of the content, end.

    Zeros behind the last set are padding.
    """
    while start < end:
        if end - start < _SET.size:
            if not any(data[start:end]):
                return
            raise MalformedPacket(f"{end - start} bytes at offset {start} are no set")
        number, length = _SET.unpack_from(data, start)
        if length == 0 and not any(data[start:end]):
            return
        if not _SET.size <= length <= end - start:
            raise MalformedPacket(
                f"set {number} at offset {start} says that it has {length} bytes of {end - start}"
            )
        yield number, start + _SET.size, start + length
        start += length


def check_padding(data: bytes, start: int, end: int) -> None:
    """Raise where a set of templates goes on with more than zeros."""
    if any(data[start:end]):
        raise MalformedPacket(f"the padding at offset {start} is not zero")
