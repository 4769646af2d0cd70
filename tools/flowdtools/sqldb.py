# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Databases that flowd-sql inserts into: SQLite and PostgreSQL."""

import importlib
import io
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import flowd

from flowdtools.cli import Failure

SECOND = 1_000_000_000
BIGGEST = (1 << 63) - 1  # integer of SQLite

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$")

# The original's table: columns, and the fields that they are of.
ORIGINAL = {
    "tag": "tag",
    "received": "recv_time",
    "agent_addr": "agent",
    "src_addr": "src_addr",
    "dst_addr": "dst_addr",
    "src_port": "src_port",
    "dst_port": "dst_port",
    "octets": "octets",
    "packets": "packets",
    "protocol": "protocol",
}

Values = Sequence[Any]
Convert = Callable[[Values], Values]


@dataclass
class Column:
    name: str  # in the table
    field: str  # in flowd
    type: str  # of flowd, or "received"


def columns_for(more: str | None) -> list[Column]:
    """The original's, and a list of fields, or all of them."""
    fields = flowd.fields()
    columns = [
        Column(name, field, "received" if name == "received" else fields[field].type)
        for name, field in ORIGINAL.items()
    ]
    for name in (more or "").split(","):
        wanted = list(fields) if name.strip() == "all" else [name.strip()]
        for field in filter(None, wanted):
            if field not in fields:
                raise Failure(f"--columns: there is no field {field}: see flowd-reader(8)")
            # What the table has under another name is had by its own, too.
            if not any(column.name == field for column in columns):
                columns.append(Column(field, field, fields[field].type))
    return columns


def checked_name(name: str) -> str:
    if NAME.match(name) is None:
        raise Failure(f"not a name of a table or a column: {name}")
    return name


def as_they_are(values: Values) -> Values:
    return values


def zero_for_none(values: Values) -> Values:
    return [0 if value is None else value for value in values]


@lru_cache(maxsize=4096)
def second_text(second: int) -> str:
    return f"{flowd.to_datetime(second * SECOND):%Y-%m-%dT%H:%M:%S}"


def mac_text(value: Any) -> Any:
    return value.hex(":") if isinstance(value, bytes) else value


def plain_text(value: Any) -> Any:
    """Without what PostgreSQL takes for no text."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, bytes):
        return plain_text(value.decode("utf-8", "replace"))
    return value if value is None else str(value)


def each(convert: Callable[[Any], Any]) -> Convert:
    return lambda values: [None if v is None else convert(v) for v in values]


def listed(columns: Sequence[Column]) -> str:
    """Quoted: "end" is a word of SQL."""
    return ", ".join(f'"{column.name}"' for column in columns)


class Database:
    """What both have in common.  Every method is within a transaction, which
    commit() ends."""

    mark = "?"
    types: dict[str, str]
    converts: dict[str, Convert]
    errors: tuple[type[Exception], ...]
    connection: Any

    def __init__(self, table: str, columns: list[Column]) -> None:
        self.table = checked_name(table)
        self.columns = columns

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Any:
        cursor = self.connection.cursor()
        cursor.execute(sql.replace("?", self.mark), tuple(values))
        return cursor

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.execute(sql, values).fetchall()]

    def begin(self) -> None:
        pass

    def commit(self) -> None:
        self.connection.commit()

    def rollback(self) -> None:
        self.connection.rollback()

    def close(self) -> None:
        self.connection.close()

    def converter(self, column: Column) -> Convert:
        if column.name == "tag":
            return zero_for_none
        return self.converts.get(column.type, as_they_are)

    def create(self, indexes: Sequence[str]) -> None:
        definitions = ", ".join(f'"{c.name}" {self.types[c.type]}' for c in self.columns)
        self.execute(f"CREATE TABLE IF NOT EXISTS {self.table} ({definitions})")
        plain = self.table.replace(".", "_")
        known = {column.name for column in self.columns}
        for name in indexes:
            if name not in known:
                raise Failure(f"--index: there is no column {name}")
            self.execute(
                f"CREATE INDEX IF NOT EXISTS {plain.rpartition('.')[2]}_{name}"
                f' ON {self.table} ("{name}")'
            )

    def check_table(self) -> None:
        """That it is there, with these columns."""
        try:
            self.execute(f"SELECT {listed(self.columns)} FROM {self.table} LIMIT 0")
        except self.errors as error:
            self.rollback()
            raise Failure(f"{first_line(error)}: --create makes the table") from None

    def insert(self, batch: "flowd.Batch") -> int:
        values = [
            self.converter(column)(batch[column.field].to_list()) for column in self.columns
        ]
        self.put(list(zip(*values)))
        return len(batch)

    def put(self, rows: list[tuple[Any, ...]]) -> None:
        raise NotImplementedError

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turns the database's errors into one line."""
        try:
            yield
        except self.errors as error:
            raise Failure(f"database: {first_line(error)}") from None


def first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def sqlite_counters(values: Values) -> Values:
    """Above its integers: the digits, as bytes, which stay as they are."""
    try:
        if max(v for v in values if v is not None) <= BIGGEST:
            return values
    except ValueError:
        return values
    return [str(v).encode() if v is not None and v > BIGGEST else v for v in values]


class SQLite(Database):
    types = {
        "u8": "INTEGER",
        "u16": "INTEGER",
        "u32": "INTEGER",
        "u64": "INTEGER",
        "time": "INTEGER",
        "received": "TIMESTAMP",
        "address": "VARCHAR(64)",
        "mac": "TEXT",
        "bytes": "BLOB",
        "labels": "TEXT",
        "text": "TEXT",
    }
    converts = {
        "u64": sqlite_counters,
        "received": each(lambda ns: second_text(ns // SECOND)),
        "mac": each(mac_text),
        "labels": each(plain_text),
        "text": each(plain_text),
    }
    errors = (sqlite3.Error,)

    def __init__(self, path: str, table: str, columns: list[Column]) -> None:
        super().__init__(table, columns)
        # Transactions begin and end where it is said.
        self.connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        marks = ", ".join("?" * len(columns))
        self.statement = f"INSERT INTO {self.table} ({listed(columns)}) VALUES ({marks})"

    def begin(self) -> None:
        # It is going to write: rather wait at once than fail later.
        self.connection.execute("BEGIN IMMEDIATE")

    def put(self, rows: list[tuple[Any, ...]]) -> None:
        self.connection.executemany(self.statement, rows)


ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def time_text(ns: int) -> str:
    seconds, rest = divmod(ns, SECOND)
    return f"{second_text(seconds)}.{rest // 1000:06d}Z"


def copied(convert: Callable[[Any], str]) -> Convert:
    """As COPY reads it."""
    return lambda values: ["\\N" if v is None else convert(v) for v in values]


class PostgreSQL(Database):
    mark = "%s"
    types = {
        "u8": "integer",
        "u16": "integer",
        "u32": "bigint",
        "u64": "numeric(20)",
        "time": "timestamp with time zone",
        "received": "timestamp with time zone",
        "address": "inet",
        "mac": "macaddr",
        "bytes": "bytea",
        "labels": "text",
        "text": "text",
    }
    converts = {
        "time": copied(time_text),
        "received": copied(time_text),
        "mac": copied(mac_text),
        "bytes": copied(lambda v: "\\\\x" + bytes(v).hex()),
        "labels": copied(lambda v: str(plain_text(v)).translate(ESCAPES)),
        "text": copied(lambda v: str(plain_text(v)).translate(ESCAPES)),
    }

    def __init__(self, name: str, table: str, columns: list[Column]) -> None:
        super().__init__(table, columns)
        driver, self.old = postgresql_driver()
        self.errors = (driver.Error,)
        with self.told():
            self.connection = driver.connect(name)
            self.execute("SET TIME ZONE 'UTC'")
            self.commit()
        self.statement = f"COPY {self.table} ({listed(columns)}) FROM STDIN"

    def converter(self, column: Column) -> Convert:
        if column.name == "tag":
            return lambda values: ["0" if v is None else str(v) for v in values]
        return self.converts.get(column.type, copied(str))

    def put(self, rows: list[tuple[Any, ...]]) -> None:
        text = "".join("\t".join(row) + "\n" for row in rows)
        cursor = self.connection.cursor()
        if self.old:
            cursor.copy_expert(self.statement, io.StringIO(text))
            return
        with cursor.copy(self.statement) as copy:
            copy.write(text)


def postgresql_driver() -> tuple[Any, bool]:
    """psycopg 3, or 2: true."""
    for name in ("psycopg", "psycopg2"):
        try:
            return importlib.import_module(name), name == "psycopg2"
        except ImportError:
            continue
    raise Failure("PostgreSQL needs psycopg (Debian: python3-psycopg2)")


CONNINFO = re.compile(r"postgres(ql)?://|(host|hostaddr|port|dbname|user|service)\s*=")


def is_postgresql(name: str) -> bool:
    return CONNINFO.match(name) is not None


def connect(name: str, table: str, columns: list[Column]) -> Database:
    """By a path, postgresql://..., or "dbname=...": see flowd-sql(1)."""
    if is_postgresql(name):
        return PostgreSQL(name, table, columns)
    try:
        return SQLite(name, table, columns)
    except sqlite3.Error as error:
        raise Failure(f"{name}: {error}") from None
