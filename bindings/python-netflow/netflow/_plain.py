# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""The versions without templates: fixed records behind a header that counts them."""

from typing import TypeVar

from ._decode import NONE, UNSIGNED, Layout, Record
from ._wire import MalformedPacket

_R = TypeVar("_R", bound=Record)


def fixed_layout(fields: list[tuple[str | None, int]]) -> Layout:
    """Return the layout of unsigned fields; None names bytes that mean nothing."""
    names = tuple(name or "" for name, _ in fields)
    kinds = bytes(NONE if name is None else UNSIGNED for name, _ in fields)
    return Layout(names, kinds, [length for _, length in fields])


def fixed_records(
    layout: Layout, kind: type[_R], data: bytes, start: int, count: int
) -> list[_R]:
    """Return count records of data, the first of them at start."""
    end = start + count * layout.size
    if end > len(data):
        raise MalformedPacket(
            f"{count} records of {layout.size} bytes are not in {len(data)} bytes"
        )
    records: list[_R] = []
    layout.cut(kind, data, start, end, records)
    return records


def load_record(layout: Layout, record: Record, data: bytes) -> None:
    """Make record the one that data starts with."""
    if len(data) < layout.size:
        raise MalformedPacket(f"a record has {layout.size} bytes, not {len(data)}")
    layout.load(record, data, 0, layout.size)
