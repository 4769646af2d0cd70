# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Packets that tests write down readably."""

from struct import pack
from typing import Any

TIME = 1700000000


def templates() -> dict[str, dict[int, Any]]:
    """Return what an exporter's packets share."""
    return {"netflow": {}, "ipfix": {}}


def one_set(number: int, content: bytes, length: int | None = None) -> bytes:
    """Return a set; length is what it says of itself."""
    return pack("!HH", number, len(content) + 4 if length is None else length) + content


def v5(*records: bytes, count: int | None = None) -> bytes:
    """Return a packet of version 5."""
    n = len(records) if count is None else count
    return pack("!HHIIIIBBH", 5, n, 1000, TIME, 7, 99, 1, 2, 3) + b"".join(records)


def v9(*sets: bytes, source: int = 0) -> bytes:
    """Return a packet of version 9."""
    return pack("!HHIIII", 9, len(sets), 1000, TIME, 99, source) + b"".join(sets)


def ipfix(*sets: bytes, length: int | None = None, domain: int = 0) -> bytes:
    """Return an IPFIX packet; length is what it says of itself."""
    content = b"".join(sets)
    size = 16 + len(content) if length is None else length
    return pack("!HHIII", 10, size, TIME, 99, domain) + content


def template(number: int, *fields: tuple[int, ...]) -> bytes:
    """Return a template; a field is (type, length) or (type, length, enterprise)."""
    return pack("!HH", number, len(fields)) + b"".join(_field(*field) for field in fields)


def _field(number: int, length: int, enterprise: int | None = None) -> bytes:
    if enterprise is None:
        return pack("!HH", number, length)
    return pack("!HHI", number | 0x8000, length, enterprise)


def v9_options(number: int, scopes: list[tuple[int, int]], options: list[tuple[int, int]]) -> bytes:
    """Return an options template of version 9."""
    head = pack("!HHH", number, 4 * len(scopes), 4 * len(options))
    return head + b"".join(_field(*field) for field in scopes + options)


def ipfix_options(number: int, scopes: int, *fields: tuple[int, ...]) -> bytes:
    """Return an options template of IPFIX."""
    head = pack("!HHH", number, len(fields), scopes)
    return head + b"".join(_field(*field) for field in fields)
