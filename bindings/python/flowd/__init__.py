# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Flow logs and flow packets: read, ask, decode, collect, write."""

import builtins
import collections.abc
import datetime
import io
import os
import stat
import sys

if getattr(sys, "_is_gil_enabled", None) and not sys._is_gil_enabled():
    raise ImportError("package flowd needs a Python with its global lock: this one is free-threaded")

from flowd._core import (
    Answer,
    Batch,
    Batches,
    Column,
    DecodeError,
    Error,
    Fault,
    Field,
    Flow,
    FormatError,
    Log,
    QuestionError,
    STORE_ALL,
    Writer,
    __version__,
    fields,
    open_log,
    open_writer,
)

__all__ = [
    "Answer",
    "Batch",
    "Batches",
    "Column",
    "DecodeError",
    "Error",
    "Fault",
    "Field",
    "Flow",
    "FormatError",
    "Log",
    "QuestionError",
    "Writer",
    "__version__",
    "fields",
    "open",
    "to_datetime",
]

collections.abc.Sequence.register(Answer)

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def to_datetime(ns):
    """A time of a flow as datetime in UTC, to the microsecond."""
    return _EPOCH + datetime.timedelta(microseconds=ns // 1000)


def _descriptor(fd, name, close):
    """A descriptor of our own, read by the name that it has in /dev/fd."""
    kept = os.dup(fd)
    try:
        once = not stat.S_ISREG(os.fstat(kept).st_mode)
        return ((f"/dev/fd/{kept}",), None, kept, name, once)
    except BaseException:
        os.close(kept)
        raise


def _plain_file(source):
    """The descriptor of a file object that holds nothing but a file."""
    raw = getattr(source, "raw", source)
    return raw.fileno() if isinstance(raw, io.FileIO) else None


def _check_path(path):
    """An error at once is better than a fault later."""
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        os.scandir(path).close()
    elif stat.S_ISREG(mode):
        builtins.open(path, "rb").close()
    return stat.S_ISFIFO(mode)


def _source(source):
    """paths, data, fd, name, once of open_log()."""
    if isinstance(source, (str, os.PathLike)):
        source = [source]
    if isinstance(source, int):
        return _descriptor(source, f"<fd {source}>", False)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return ((), source, -1, None, False)
    if hasattr(source, "read"):
        name = getattr(source, "name", None)
        name = name if isinstance(name, str) else "<file>"
        fd = _plain_file(source)
        if fd is not None:
            return _descriptor(fd, name, False)
        return ((), source.read(), -1, name, False)
    try:
        return ((), memoryview(source), -1, None, False)
    except TypeError:
        pass
    paths = tuple(os.fspath(path) for path in source)
    if not paths:
        raise ValueError("no paths")
    once = [_check_path(path) for path in paths]
    return (paths, None, -1, None, any(once))


def open(source, mode="r", **options):
    """Archives (directories), segments, logs of version 3 and 2, also
    compressed.  "w", "x" and "a" as mode: see Writer."""
    if mode != "r":
        return _open_writer(source, mode, **options)
    return open_log(*_source(source), **options)


def _open_writer(path, mode, *, version=3, fields=STORE_ALL, compress=1):
    return open_writer(path, mode, version, fields, compress)
