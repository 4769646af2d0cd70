# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Bytes of a log, and how it is known again: by what is in it, so that it may
be renamed, copied or compressed."""

import gzip
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from flowdtools.cli import Failure

HEAD_MAX = 65536
TAIL_MAX = 4096
GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Content:
    """A file that may grow.  Of a compressed one: what is in it."""

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self.name = name
        self.file = file
        # What stands for a compressed file without decompressing it.
        self.packed: str | None = None
        head = self.read(0, HEAD_MAX)
        if head[:2] == GZIP or head[:4] == ZSTD:
            self.packed = f"{self.size()}:{digest(head)}"
            self.packer = "gzip" if head[:2] == GZIP else "zstd"

    def read(self, at: int, most: int) -> bytes:
        parts = []
        while most > 0:
            part = os.pread(self.file.fileno(), min(most, 1 << 26), at)
            if not part:
                break
            parts.append(part)
            at += len(part)
            most -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def size(self) -> int:
        return os.fstat(self.file.fileno()).st_size

    def unpack(self) -> None:
        """Puts the decompressed content, in a file without a name, in its place."""
        if self.packed is None:
            return
        out = tempfile.TemporaryFile(dir=os.environ.get("TMPDIR", "/var/tmp"))
        os.lseek(self.file.fileno(), 0, os.SEEK_SET)
        if self.packer == "gzip":
            self._gunzip(out)
        else:
            self._unzstd(out)
        self.file.close()
        self.file = out

    def _gunzip(self, out: IO[bytes]) -> None:
        try:
            with gzip.open(self.file) as file:
                while data := file.read(1 << 20):
                    out.write(data)
        except (EOFError, gzip.BadGzipFile, OSError) as error:
            raise Failure(f"{self.name}: {error}") from None
        out.flush()

    def _unzstd(self, out: IO[bytes]) -> None:
        try:
            done = subprocess.run(
                ("zstd", "-dcq"), stdin=self.file, stdout=out, stderr=subprocess.PIPE, text=True
            )
        except FileNotFoundError:
            raise Failure(f"{self.name}: zstd is not installed") from None
        if done.returncode != 0:
            raise Failure(f"{self.name}: {done.stderr.strip()}")

    def close(self) -> None:
        self.file.close()


@dataclass
class LogMark:
    """How far a log was inserted."""

    number: int
    name: str  # as it was called last: for people
    head_len: int
    head: str
    position: int
    tail_len: int
    tail: str
    flows: int
    packed: str

    def is_of(self, content: Content, heads: dict[int, str]) -> bool:
        """Is it the one that it was, or has it grown since?"""
        if self.position > content.size():
            return False
        if self.head_len not in heads:
            heads[self.head_len] = digest(content.read(0, self.head_len))
        if heads[self.head_len] != self.head:
            return False
        tail = content.read(self.position - self.tail_len, self.tail_len)
        return digest(tail) == self.tail

    def moved(self, content: Content, position: int, flows: int) -> "LogMark":
        """What is to be remembered when it was inserted up to a position."""
        head_len = min(HEAD_MAX, position)
        tail_len = min(TAIL_MAX, position)
        return LogMark(
            self.number,
            content.name,
            head_len,
            digest(content.read(0, head_len)),
            position,
            tail_len,
            digest(content.read(position - tail_len, tail_len)),
            self.flows + flows,
            self.packed,
        )


def new_mark(number: int, name: str) -> LogMark:
    return LogMark(number, name, 0, "", 0, 0, "", 0, "")


def find_mark(marks: list[LogMark], content: Content) -> LogMark | None:
    """The one that is furthest."""
    heads: dict[int, str] = {}
    found = [mark for mark in marks if mark.position > 0 and mark.is_of(content, heads)]
    return max(found, key=lambda mark: mark.position, default=None)


@contextmanager
def opened(path: str, name: str | None = None) -> Iterator[Content]:
    content = Content(name or path, open(path, "rb"))
    try:
        yield content
    finally:
        content.close()
