# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""A consumer of Arrow's C interfaces by ctypes: as the specification has them."""

import ctypes
import struct
from typing import Any

_CAPSULE = ctypes.pythonapi.PyCapsule_GetPointer
_CAPSULE.restype = ctypes.c_void_p
_CAPSULE.argtypes = [ctypes.py_object, ctypes.c_char_p]


class Schema(ctypes.Structure):
    pass


class Array(ctypes.Structure):
    pass


class Stream(ctypes.Structure):
    pass


ReleaseSchema = ctypes.CFUNCTYPE(None, ctypes.POINTER(Schema))
ReleaseArray = ctypes.CFUNCTYPE(None, ctypes.POINTER(Array))
ReleaseStream = ctypes.CFUNCTYPE(None, ctypes.POINTER(Stream))
Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", ctypes.POINTER(Schema)),
    ("release", ReleaseSchema),
    ("private_data", ctypes.c_void_p),
]
Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))),
    ("dictionary", ctypes.POINTER(Array)),
    ("release", ReleaseArray),
    ("private_data", ctypes.c_void_p),
]
Stream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Schema))),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Array))),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.POINTER(Stream))),
    ("release", ReleaseStream),
    ("private_data", ctypes.c_void_p),
]

_SIZES = {b"C": "B", b"S": "H", b"I": "I", b"L": "Q", b"tsn:UTC": "q", b"tDn": "q", b"g": "d"}


def struct_of(capsule: object, kind: type, name: bytes) -> Any:
    """The struct in a capsule: good as long as the capsule."""
    return kind.from_address(_CAPSULE(capsule, name))


def stream_of(capsule: object) -> Any:
    return struct_of(capsule, Stream, b"arrow_array_stream")


def _bytes(array: Any, buffer: int, size: int) -> bytes:
    return ctypes.string_at(array.buffers[buffer], size) if size else b""


def column(schema: Any, array: Any) -> list[Any]:
    """The values of a child, None where there is none."""
    form, length = schema.format, array.length
    if form in _SIZES:
        code = f"{length}{_SIZES[form]}"
        values: Any = struct.unpack(f"={code}", _bytes(array, 1, struct.calcsize(f"={code}")))
    elif form.startswith(b"w:"):
        size = int(form[2:])
        data = _bytes(array, 1, size * length)
        values = [data[i * size : (i + 1) * size] for i in range(length)]
    else:
        offsets = struct.unpack(f"={length + 1}i", _bytes(array, 1, 4 * (length + 1)))
        assert list(offsets) == sorted(offsets)
        pairs = list(zip(offsets, offsets[1:]))
        if form == b"+l":
            child = column(schema.children[0].contents, array.children[0].contents)
            values = [tuple(child[i:k]) for i, k in pairs]
        else:
            data = _bytes(array, 2, offsets[-1])
            values = [data[i:k] for i, k in pairs]
            values = [value.decode() for value in values] if form == b"u" else values
    if not array.buffers[0]:
        assert array.null_count == 0
        return list(values)
    bits = _bytes(array, 0, (length + 7) // 8)
    there = [bits[i // 8] >> i % 8 & 1 for i in range(length)]
    assert there.count(0) == array.null_count
    return [value if one else None for value, one in zip(values, there)]


def table(capsule: object) -> tuple[dict[str, bytes], dict[str, list[Any]]]:
    """All of a stream: formats and values by the names of columns."""
    stream = stream_of(capsule)
    schema, array = Schema(), Array()
    assert stream.get_schema(stream, schema) == 0, stream.get_last_error(stream)
    assert schema.format == b"+s"
    children = [schema.children[i].contents for i in range(schema.n_children)]
    formats = {child.name.decode(): child.format for child in children}
    values: dict[str, list[Any]] = {name: [] for name in formats}
    while True:
        error = stream.get_next(stream, array)
        if error:
            raise OSError(error, stream.get_last_error(stream).decode())
        if not array.release:
            break
        assert array.n_children == len(children)
        for i, child in enumerate(children):
            part = array.children[i].contents
            assert part.length == array.length and part.offset == 0
            values[child.name.decode()] += column(child, part)
        array.release(array)
        assert not array.release
    schema.release(schema)
    stream.release(stream)
    return formats, values
