# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""open(): what there is behind a path, a descriptor, a file or bytes."""

import builtins
import datetime
import io
import os
import stat
from typing import Any

from flowd import _core

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

# paths, data, fd, name and once of _core.open_log()
_Source = tuple[tuple[str | bytes, ...], Any, int, str | None, bool]


def to_datetime(ns: int) -> datetime.datetime:
    """A time of a flow as datetime in UTC, to the microsecond."""
    return _EPOCH + datetime.timedelta(microseconds=ns // 1000)


def _of_descriptor(fd: int, name: str) -> _Source:
    """A descriptor of our own, read by the name that it has in /dev/fd."""
    kept = os.dup(fd)
    try:
        once = not stat.S_ISREG(os.fstat(kept).st_mode)
    except BaseException:
        os.close(kept)
        raise
    return ((f"/dev/fd/{kept}",), None, kept, name, once)


def _of_file(file: Any) -> _Source:
    """A plain file is read by its descriptor, any other by its read()."""
    name = getattr(file, "name", None)
    name = name if isinstance(name, str) else "<file>"
    raw = getattr(file, "raw", file)
    if isinstance(raw, io.FileIO):
        return _of_descriptor(raw.fileno(), name)
    data = file.read()
    if isinstance(data, str):
        raise TypeError("a file of text: open it in mode 'rb'")
    return ((), data, -1, name, False)


def _check_path(path: str | bytes) -> bool:
    """An error at once is better than a fault later.  Is it a pipe?"""
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        os.scandir(path).close()
    elif stat.S_ISREG(mode):
        builtins.open(path, "rb").close()
    return stat.S_ISFIFO(mode)


def _of_paths(paths: Any) -> _Source:
    names = tuple(os.fspath(path) for path in paths)
    if not names:
        raise ValueError("no paths")
    once = [_check_path(name) for name in names]
    return (names, None, -1, None, any(once))


def _is_buffer(source: Any) -> bool:
    try:
        memoryview(source).release()
    except TypeError:
        return False
    return True


def _source(source: Any) -> _Source:
    if isinstance(source, (str, os.PathLike)):
        return _of_paths([source])
    if isinstance(source, int):
        return _of_descriptor(source, f"<fd {source}>")
    if _is_buffer(source):
        return ((), source, -1, None, False)
    if hasattr(source, "read"):
        return _of_file(source)
    return _of_paths(source)


def _read(found: _Source, options: dict[str, Any]) -> _core.Log:
    try:
        return _core.open_log(*found, **options)
    except BaseException:
        if found[2] != -1:
            os.close(found[2])
        raise


def _write(path: Any, mode: str, version: int, fields: int | None, compress: int) -> _core.Writer:
    fields = _core.STORE_ALL if fields is None else fields
    return _core.open_writer(path, mode, version, fields, compress)


def open(source: Any, mode: str = "r", **options: Any) -> Any:
    """Archives (directories), segments, logs of version 3 and 2, also
    compressed: paths, a descriptor, a file object (from its beginning), or
    bytes.  "w", "x" and "a" as mode: see Writer."""
    if mode == "r":
        return _read(_source(source), options)
    allowed = {"version": 3, "fields": None, "compress": 1}
    wrong = options.keys() - allowed.keys()
    if wrong:
        raise TypeError(f"open() for writing has no {', '.join(sorted(wrong))}")
    return _write(source, mode, **{**allowed, **options})
