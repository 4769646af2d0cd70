# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Flows of logs into a table, a piece in each transaction, together with how
far that was."""

import mmap
import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flowd

from flowdtools import cli, segments
from flowdtools.blocks import MAGIC, Block, block_at, is_segment, next_block
from flowdtools.content import Content, LogMark, find_mark, new_mark, opened
from flowdtools.segments import Segment, SpanMark
from flowdtools.sqldb import Database
from flowdtools.sqlmarks import Marks

RECORD = 128  # bytes of a record of version 3, about
LOOK = 1 << 20  # bytes that are searched for a block
SLICE_MAX = 1 << 27  # bytes that are damaged from their first to their last


class Shorter(Exception):
    """The piece is to be taken anew, with so many bytes."""

    def __init__(self, size: int) -> None:
        self.size = size


class Inserter:
    def __init__(self, db: Database, select: dict[str, Any], batch: int) -> None:
        self.db = db
        self.select = select
        self.batch = batch
        self.progress = cli.Progress()
        self.inserted = 0
        self.damaged = 0
        self.fields = sorted({column.field for column in db.columns})
        with db.told():
            db.begin()
            self.marks = Marks(db)
            db.commit()
            self.logs = self.marks.logs()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = self.inserted
        try:
            with self.db.told():
                self.db.begin()
                self.marks.claim()
                yield
                self.db.commit()
                self.marks.committed()
        except BaseException:
            self.inserted = before
            self.db.rollback()
            raise

    def insert(self, source: Any) -> "flowd.Log":
        """What is selected of a log.  Its faults are not yet told."""
        log: flowd.Log
        with flowd.open(source, **self.select) as log:
            for batch in log.batches(columns=self.fields):
                self.inserted += self.db.insert(batch)
        return log

    def tell(self, name: str, log: "flowd.Log", base: int) -> None:
        for fault in log.faults:
            if fault.kind != "cut":
                self.complain(name, base + fault.offset, fault.text)

    def complain(self, name: str, offset: int, text: str) -> None:
        self.damaged += 1
        if self.damaged <= cli.FAULTS_TOLD:
            cli.say(f"{name}: offset {offset}: {text}")

    def show(self, name: str, part: float) -> None:
        self.progress.show(f"{name}: {part:.0%}, {self.inserted} flows inserted")

    #
    # Logs: what is behind the mark.
    #

    def log(self, path: str, name: str) -> None:
        with opened(path, name) as content:
            self.content(content)

    def content(self, content: Content) -> None:
        """All of it that is complete."""
        packed = content.packed
        if packed is not None:
            if any(mark.packed == packed for mark in self.logs):
                return
            content.unpack()
        mark = find_mark(self.logs, content)
        if mark is None:
            mark = new_mark(1 + max((m.number for m in self.logs), default=0), content.name)
        while (further := self.piece(content, mark)) is not None:
            mark = further
            self.show(content.name, mark.position / max(1, content.size()))
        if packed is not None and mark.position > 0:
            mark.packed = packed
            with self.transaction():
                self.remember(mark)
        self.progress.clear()

    def remember(self, mark: LogMark) -> None:
        self.marks.put_log(mark)
        self.logs = [m for m in self.logs if m.number != mark.number] + [mark]

    def piece(self, content: Content, mark: LogMark) -> LogMark | None:
        """One transaction.  None: there is no more."""
        head = content.read(0, 8)
        if mark.position >= content.size():
            return None
        if head[:1] == b"\x01":
            return self.old_log(content, mark) if mark.position == 0 else None
        if is_segment(head):
            return self.blocks(content, mark)
        size = max(self.batch, 16) * RECORD
        while True:
            try:
                return self.records(content, mark, size)
            except Shorter as error:
                size = error.size

    def old_log(self, content: Content, mark: LogMark) -> LogMark:
        """Version 2 has no lengths: it is all or nothing."""
        with mmap.mmap(content.file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            size = len(data)
            view = memoryview(data)
            try:
                with self.transaction():
                    log = self.insert(view)
                    mark = mark.moved(content, size, int(log.totals["records"]))
                    self.remember(mark)
                self.tell(content.name, log, 0)
                del log
            finally:
                view.release()
        return mark

    def records(self, content: Content, mark: LogMark, size: int) -> LogMark | None:
        """Some of version 3."""
        data = content.read(mark.position, size)
        final = mark.position + len(data) >= content.size()
        if (skip := garbage(data)) > 0:
            with self.transaction():
                further = mark.moved(content, mark.position + skip, 0)
                self.remember(further)
            self.complain(content.name, mark.position, f"no records: {skip} bytes skipped")
            return further
        with self.transaction():
            log = self.insert(data)
            done = taken(log, len(data), final, size)
            if done > 0:
                further = mark.moved(
                    content, mark.position + done, int(log.totals["records"])
                )
                self.remember(further)
        self.tell(content.name, log, mark.position)
        return further if done > 0 else None

    def blocks(self, content: Content, mark: LogMark) -> LogMark | None:
        """Some of a segment that is a file like any other."""
        end, flows = mark.position, 0
        while flows < self.batch and (block := whole_block(content, end)) is not None:
            end += block.size
            flows += block.flows
        if flows == 0:
            found = find_block(content, mark.position)
            if found is None:
                return None
            with self.transaction():
                further = mark.moved(content, found, 0)
                self.remember(further)
            self.complain(
                content.name, mark.position, f"no block: {found - mark.position} bytes skipped"
            )
            return further
        data = content.read(mark.position, end - mark.position)
        with self.transaction():
            log = self.insert(data)
            further = mark.moved(content, end, flows)
            self.remember(further)
        self.tell(content.name, log, mark.position)
        return further

    #
    # Archives.
    #

    def archive(self, directory: str) -> int:
        """What is sealed and not yet inserted.  Segments that are not sealed."""
        name = os.path.realpath(directory)
        ready, waiting = segments.sealed(directory)
        there = {segment.key for segment in ready}
        with self.db.told():
            self.db.begin()
            marks = self.marks.spans(name)
            self.db.commit()
        for segment in ready:
            try:
                with opened(segment.path) as content:
                    marks = self.segment(name, segment, content, marks, there)
            except FileNotFoundError:
                # Merged just now, or expired: the next look will tell.
                break
        self.progress.clear()
        return waiting

    def segment(
        self,
        archive: str,
        segment: Segment,
        content: Content,
        marks: list[SpanMark],
        there: set[segments.Key],
    ) -> list[SpanMark]:
        """Returns the marks as they are then."""
        status = os.fstat(content.file.fileno())
        if any(
            m.key == segment.key and (m.size, m.mtime) == (status.st_size, status.st_mtime_ns)
            for m in marks
        ):
            return marks
        old = segments.replaced(segment, marks, there)
        done = sum(mark.flows for mark in old)
        others = [mark for mark in marks if mark not in old]
        at, skip, mark = 0, done, SpanMark(segment.key, done, -1, 0)
        while at < status.st_size:
            block = whole_block(content, at)
            if block is None:
                found = find_block(content, at) or status.st_size
                self.complain(segment.path, at, f"no block: {found - at} bytes skipped")
                at = found
            elif skip >= block.flows:
                skip -= block.flows
                at += block.size
            else:
                mark = self.block(archive, content, at, block, skip, mark, old)
                old, skip, at = [], 0, at + block.size
                self.show(segment.path, at / status.st_size)
        mark = SpanMark(segment.key, mark.flows, status.st_size, status.st_mtime_ns)
        with self.transaction():
            self.marks.put_span(archive, mark, old)
        return [*others, mark]

    def block(
        self,
        archive: str,
        content: Content,
        at: int,
        block: Block,
        skip: int,
        mark: SpanMark,
        old: list[SpanMark],
    ) -> SpanMark:
        data = content.read(at, block.size)
        with self.transaction():
            if skip == 0:
                log = self.insert(data)
            else:
                log = self.insert_rest(data, skip)
            mark = SpanMark(mark.key, mark.flows + block.flows - skip, -1, 0)
            self.marks.put_span(archive, mark, old)
        self.tell(content.name, log, at)
        return mark

    def insert_rest(self, data: bytes, skip: int) -> "flowd.Log":
        """Without the first flows, which are inserted: what is selected of the
        others, by way of a segment of their own."""
        directory = os.environ.get("TMPDIR", "/var/tmp")
        fd, path = tempfile.mkstemp(prefix="flowd-sql-", suffix=".flow", dir=directory)
        os.close(fd)
        try:
            with flowd.open(path, "w", version=4) as writer, flowd.open(data) as log:
                for i, flow in enumerate(log):
                    if i >= skip:
                        writer.write(flow)
            return self.insert(path)
        finally:
            os.unlink(path)


def taken(log: "flowd.Log", size: int, final: bool, asked: int) -> int:
    """How many bytes of a piece of version 3 are done with."""
    faults = list(log.faults)
    damaged = [fault.offset for fault in faults if fault.kind == "damaged"]
    if damaged and not final:
        # The search for the next record may have come to the end of the
        # piece: what is damaged has to be at its beginning.
        if damaged[-1] > 0:
            raise Shorter(damaged[-1])
        if log.totals["records"] == 0 and asked < SLICE_MAX:
            raise Shorter(2 * asked)
    if faults and faults[-1].kind == "cut":
        done = int(faults[-1].offset)
        if done == 0 and not final:
            raise Shorter(2 * asked)
        return done
    return size


HEADER = struct.Struct(">BBHI")


def garbage(data: bytes) -> int:
    """How many bytes are in front of what may be a record of version 3.  The
    first byte says what a log is: it has to be right."""
    if data[0] >> 5 == 3:
        return 0
    at = data.find(b"\x60", 1)
    while at != -1 and at + HEADER.size <= len(data):
        _, words, reserved, fields = HEADER.unpack_from(data, at)
        if reserved == 0 and words <= 126 and fields & ~0x4007FFFF == 0:
            return at
        at = data.find(b"\x60", at + 1)
    return len(data)


def whole_block(content: Content, at: int) -> Block | None:
    """One that is good, and whole, in the file."""
    data = content.read(at, 16384)
    block = block_at(data, at=0) if data else None
    if isinstance(block, int):
        block = block_at(content.read(at, len(data) + block), 0)
    if isinstance(block, int) or block is None or at + block.size > content.size():
        return None
    return block


def find_block(content: Content, at: int) -> int | None:
    """Where the next good one begins.  None: there is none, or none yet."""
    data = content.read(at, LOOK)
    while len(data) > len(MAGIC) + 1:
        found = next_block(data, 0)
        while found is not None:
            if whole_block(content, at + found) is not None:
                return at + found
            found = next_block(data, found)
        at += len(data) - len(MAGIC) - 1
        data = content.read(at, LOOK)
    return None
