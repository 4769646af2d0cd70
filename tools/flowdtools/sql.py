# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""flowd-sql: flows of logs and archives into SQLite or PostgreSQL."""

import argparse
import os
import time
from collections.abc import Sequence
from typing import BinaryIO

from flowdtools import cli, sqldb
from flowdtools.content import Content
from flowdtools.inserter import Inserter


class Followed:
    """A log by its name: when another file has it, the rest of the old one is
    read first."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.file: BinaryIO | None = None

    def renamed(self) -> bool:
        if self.file is None or self.file.closed:
            self.file = None
            return True
        try:
            there = os.stat(self.path)
        except FileNotFoundError:
            return True
        here = os.fstat(self.file.fileno())
        return (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino)

    def look(self, inserter: Inserter) -> None:
        # First: what is written between the two is read by the next look.
        renamed = self.renamed()
        if self.file is not None:
            inserter.content(Content(self.path, self.file))
        if not renamed:
            return
        if self.file is not None:
            self.file.close()
            self.file = None
        try:
            self.file = open(self.path, "rb")
        except FileNotFoundError:
            return
        inserter.content(Content(self.path, self.file))


def follow(inserter: Inserter, paths: list[str], interval: int) -> None:
    """Until a signal comes."""
    followed = {path: Followed(path) for path in paths}
    while True:
        for path in paths:
            if os.path.isdir(path):
                inserter.archive(path)
            else:
                followed[path].look(inserter)
        time.sleep(interval)


def once(inserter: Inserter, files: cli.Files) -> None:
    for name, path in zip(files.names, files.paths):
        if not os.path.isdir(path):
            inserter.log(path, name)
            continue
        waiting = inserter.archive(path)
        if waiting:
            cli.say(f"{path}: {waiting} segments are inserted when flowd has sealed them")


def arguments() -> cli.Arguments:
    args = cli.Arguments(
        "flowd-sql", "Inserts flows into an SQL table; what was inserted before is left out."
    )
    args.add_argument(
        "-d",
        "--database",
        metavar="name",
        default="flows.sqlite",
        help="a file of SQLite, postgresql://... or dbname=...: flows.sqlite",
    )
    args.add_argument("-t", "--table", metavar="name", default="flows", help="flows")
    args.add_argument(
        "--create", action="store_true", help="make the table and its index if they are not there"
    )
    args.add_argument(
        "--columns", metavar="list", help="also these fields, or all: see flowd-reader(8)"
    )
    args.add_argument(
        "--index",
        metavar="list",
        default="received",
        help="with --create: an index on each of these columns: received",
    )
    args.add_argument(
        "-b",
        "--batch",
        metavar="count",
        type=cli.count,
        default=65536,
        help="so many flows in a transaction, about: 65536",
    )
    args.add_argument("--follow", action="store_true", help="wait for more, until a signal comes")
    args.add_argument(
        "--interval", metavar="time", type=cli.duration, default=5, help="of --follow: 5s"
    )
    cli.add_utc(args)
    cli.add_selection(args)
    args.add_argument("log", nargs="+", help='a log, an archive, or "-"')
    return args


def prepared(options: argparse.Namespace) -> sqldb.Database:
    columns = sqldb.columns_for(options.columns)
    db = sqldb.connect(options.database, options.table, columns)
    with db.told():
        if options.create:
            db.begin()
            db.create([name.strip() for name in options.index.split(",") if name.strip()])
            db.commit()
        db.check_table()
        db.rollback()
    return db


def sql(argv: Sequence[str]) -> int:
    options = arguments().parse_args(argv)
    if options.utc:
        cli.use_utc()
    select = {"filter": options.filter, "since": options.since, "until": options.until}
    files = None if options.follow else cli.Files(options.log)
    db = prepared(options)
    inserter = Inserter(db, select, options.batch)
    try:
        if files is None:
            follow(inserter, options.log, options.interval)
        else:
            once(inserter, files)
    except KeyboardInterrupt:
        if not options.follow:
            raise
    finally:
        inserter.progress.clear()
        db.close()
    return cli.DAMAGED if inserter.damaged else cli.OK


def main(argv: Sequence[str] | None = None) -> int:
    """The program."""
    return cli.run(sql, argv)
