# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Where the blocks of a segment are: see flowd-store(5)."""

import struct
import zlib
from dataclasses import dataclass

MAGIC = b"flowd\r\n"  # behind a byte with the version
HEAD = struct.Struct("<8sIIII")
HEADER_MAX = 1 << 20
BLOCK_MAX = 1 << 28


@dataclass
class Block:
    size: int  # bytes
    flows: int


def is_segment(head: bytes) -> bool:
    return head[1:8] == MAGIC and head[0] >> 5 == 4


def may_become(head: bytes) -> bool:
    """Less than a header: the beginning of one?"""
    return head[1:8] == MAGIC[: max(0, len(head) - 1)] and (not head or head[0] >> 5 == 4)


def block_at(data: bytes, at: int) -> Block | int | None:
    """What the header there says, if it is whole and its checksum holds; or
    how many bytes of it are missing, at least; or None: none begins there.
    The block may end behind the data."""
    left = len(data) - at
    if left < HEAD.size:
        return HEAD.size - left if may_become(data[at:]) else None
    magic, crc, header, size, flows = HEAD.unpack_from(data, at)
    if not is_segment(magic) or not HEAD.size <= header <= min(size, HEADER_MAX):
        return None
    if size > BLOCK_MAX or not 1 <= flows <= 65536:
        return None
    if left < header:
        return int(header) - left
    if zlib.crc32(data[at + 12 : at + header]) != crc:
        return None
    return Block(size, flows)


def next_block(data: bytes, at: int) -> int | None:
    """Where behind at the next one may begin."""
    found = data.find(MAGIC, at + 2)
    return found - 1 if found != -1 else None
