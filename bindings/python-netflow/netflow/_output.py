# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Files of the collector: JSON lines in members of gzip, one behind the other."""

import gzip
import json
import os
import stat
import zlib
from collections.abc import Iterator
from typing import IO, Any

_MEMBER_BYTES = 1 << 20
_CHUNK = 1 << 16
_GZIP = 31
_LEVEL = 4


def line_of(ts: float, client: Any, export: Any) -> str:
    """Return the line of a packet."""
    entry = {
        "client": client,
        "header": export.header.to_dict(),
        "flows": [flow.data for flow in export.flows],
    }
    return json.dumps({str(ts): entry}) + "\n"


class Torn(Exception):
    """A file ends within a member, or is not of gzip from there on."""


def _pieces(source: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Decompress member by member: a bounded piece, and where the last whole member ended."""
    end = at = 0
    rest = source.read(_CHUNK)
    while rest:
        member = zlib.decompressobj(_GZIP)
        while not member.eof:
            try:
                piece = member.decompress(rest, _CHUNK)
            except zlib.error as error:
                raise Torn(str(error)) from None
            left = member.unused_data or member.unconsumed_tail
            at += len(rest) - len(left)
            if piece:
                yield piece, end
            rest = left or (b"" if member.eof else source.read(_CHUNK))
            # Without more input there may be output that had no room before.
            if not (rest or piece or member.eof):
                raise Torn("its last member is not whole")
        end = at
        yield b"", end
        rest = rest or source.read(_CHUNK)


def whole_members(source: IO[bytes]) -> int:
    """Return where the last whole member of a file ends."""
    end = 0
    try:
        for _, end in _pieces(source):
            pass
    except Torn:
        pass
    return end


def read_lines(source: IO[bytes], longest: int) -> Iterator[bytes]:
    """Give the lines of a file of members, each without its end.

    Raises Torn behind the last line where the file is torn or not of gzip, and ValueError for
    a line of more than longest bytes.
    """
    text = b""
    for piece, _ in _pieces(source):
        lines = (text + piece).split(b"\n")
        text = lines.pop()
        if len(text) > longest:
            raise ValueError(f"a line has more than {longest} bytes")
        yield from lines
    if text:
        yield text


class Output:
    """Appends packets to a file; a member is written in one piece, or not at all.

    A torn member at the end of the file, of a machine that stopped, is cut off; what is no
    gzip from its start is left alone and raises OSError.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.lost = 0
        self.repaired = 0
        self._lines: list[bytes] = []
        self._held = 0
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._regular = stat.S_ISREG(os.fstat(self._fd).st_mode)
        try:
            if self._regular:
                self._repair()
        except BaseException:
            os.close(self._fd)
            raise

    def _repair(self) -> None:
        with open(self._fd, "rb", closefd=False) as source:
            end = whole_members(source)
            size = os.fstat(self._fd).st_size
            source.seek(0)
            start = source.read(3)
        if end == 0 and size > 0 and start != b"\x1f\x8b\x08"[: len(start)]:
            raise OSError(f"{self.path} is there and is not of gzip: it stays as it is")
        self.repaired = size - end
        os.ftruncate(self._fd, end)

    def write(self, line: str) -> None:
        """Add a line; raises OSError where a member cannot be written."""
        encoded = line.encode()
        self._lines.append(encoded)
        self._held += len(encoded)
        if self._held >= _MEMBER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is held as one member; OSError tells of lines that are lost."""
        if not self._lines:
            return
        lines, self._lines, self._held = self._lines, [], 0
        member = gzip.compress(b"".join(lines), _LEVEL)
        end = os.fstat(self._fd).st_size
        try:
            if os.write(self._fd, member) != len(member):
                raise OSError(f"{self.path}: the disk is full")
        except OSError:
            self.lost += len(lines)
            if self._regular:
                os.ftruncate(self._fd, end)
            raise

    def close(self) -> None:
        """Write the rest and close the file."""
        try:
            self.flush()
            if self._regular:
                os.fsync(self._fd)
        finally:
            os.close(self._fd)
