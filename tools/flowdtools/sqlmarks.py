# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""How far logs were inserted: kept in the database, and changed in the same
transaction as the flows, so that neither is ever there without the other."""

from dataclasses import astuple

from flowdtools.cli import Failure
from flowdtools.content import LogMark
from flowdtools.segments import Key, SpanMark
from flowdtools.sqldb import Database

TABLES = (
    """CREATE TABLE IF NOT EXISTS flowd_sql (
        tbl VARCHAR(200) PRIMARY KEY, generation BIGINT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS flowd_sql_log (
        tbl VARCHAR(200) NOT NULL, number BIGINT NOT NULL, name TEXT,
        head_len BIGINT, head VARCHAR(64), position BIGINT,
        tail_len BIGINT, tail VARCHAR(64), flows BIGINT, packed VARCHAR(100),
        PRIMARY KEY (tbl, number))""",
    """CREATE TABLE IF NOT EXISTS flowd_sql_span (
        tbl VARCHAR(200) NOT NULL, archive TEXT NOT NULL, start BIGINT NOT NULL,
        span BIGINT NOT NULL, copy BIGINT NOT NULL, flows BIGINT, size BIGINT,
        mtime BIGINT, PRIMARY KEY (tbl, archive, start, span, copy))""",
)


class Marks:
    """Those of one table."""

    def __init__(self, db: Database) -> None:
        self.db = db
        for statement in TABLES:
            db.execute(statement)
        found = db.rows("SELECT generation FROM flowd_sql WHERE tbl = ?", (db.table,))
        if not found:
            db.execute("INSERT INTO flowd_sql VALUES (?, 0)", (db.table,))
        self.generation = int(found[0][0]) if found else 0

    def claim(self) -> None:
        """First in each transaction: two programs that insert into one table
        would double what both read."""
        changed = self.db.execute(
            "UPDATE flowd_sql SET generation = generation + 1 WHERE tbl = ? AND generation = ?",
            (self.db.table, self.generation),
        ).rowcount
        if changed != 1:
            raise Failure(f"another flowd-sql inserts into {self.db.table}")

    def committed(self) -> None:
        self.generation += 1

    def logs(self) -> list[LogMark]:
        rows = self.db.rows(
            "SELECT number, name, head_len, head, position, tail_len, tail, flows, packed"
            " FROM flowd_sql_log WHERE tbl = ?",
            (self.db.table,),
        )
        return [LogMark(*row) for row in rows]

    def put_log(self, mark: LogMark) -> None:
        self.db.execute(
            "DELETE FROM flowd_sql_log WHERE tbl = ? AND number = ?", (self.db.table, mark.number)
        )
        self.db.execute(
            "INSERT INTO flowd_sql_log (tbl, number, name, head_len, head, position, tail_len,"
            " tail, flows, packed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (self.db.table, *astuple(mark)),
        )

    def spans(self, archive: str) -> list[SpanMark]:
        rows = self.db.rows(
            "SELECT start, span, copy, flows, size, mtime FROM flowd_sql_span"
            " WHERE tbl = ? AND archive = ?",
            (self.db.table, archive),
        )
        return [SpanMark(Key(r[0], -r[1], r[2]), r[3], r[4], r[5]) for r in rows]

    def put_span(self, archive: str, mark: SpanMark, instead_of: list[SpanMark]) -> None:
        for old in [*instead_of, mark]:
            self.db.execute(
                "DELETE FROM flowd_sql_span WHERE tbl = ? AND archive = ?"
                " AND start = ? AND span = ? AND copy = ?",
                (self.db.table, archive, old.key.start, -old.key.shorter, old.key.copy),
            )
        self.db.execute(
            "INSERT INTO flowd_sql_span (tbl, archive, start, span, copy, flows, size, mtime)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.db.table, archive, mark.key.start, -mark.key.shorter, mark.key.copy,
                mark.flows, mark.size, mark.mtime,
            ),
        )  # fmt: skip
