# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Whatever is called with whatever: an exception or a value, never a crash."""

import itertools
import math
import random
import tempfile
import unittest
import warnings
from typing import Any

import flowd
from common import every_field, fixture


class Evil:
    """Answers each question wrongly."""

    def __index__(self) -> Any:
        return "no number"

    def __len__(self) -> int:
        return -1

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        raise RuntimeError("nothing")

    def __str__(self) -> Any:
        return 5

    def __fspath__(self) -> Any:
        return 5

    def timestamp(self) -> Any:
        return "never"

    def total_seconds(self) -> Any:
        return math.nan

    def replace(self, **_: Any) -> Any:
        return self


POOL: list[Any] = [
    None,
    0,
    -1,
    1,
    2**31,
    2**63,
    2**64,
    2**80,
    -(2**63) - 1,
    1.5,
    math.nan,
    math.inf,
    "",
    "a",
    "octets",
    "x" * 100000,
    "\0",
    "\ud800",
    "octets," * 1000,
    b"",
    b"\x60" * 50,
    bytearray(300),
    memoryview(b"abcdef")[::2],
    [],
    [1],
    ["octets", None],
    (),
    {},
    {"a": 1},
    set(),
    Evil(),
    Evil,
    object(),
    slice(None),
    slice(2**70, -(2**70), -3),
    every_field(),
    len,
]
# Exceptions that say what is wrong; anything else, and a crash, is a failure.
TOLD = (
    ArithmeticError,
    AttributeError,
    BufferError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    flowd.Error,
)


def attempt(call: Any, *args: Any, **kwargs: Any) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = call(*args, **kwargs)
        if hasattr(result, "__next__"):
            list(itertools.islice(result, 3))
    except TOLD:
        pass
    except StopIteration:
        pass


class HostileTest(unittest.TestCase):
    def objects(self, where: str) -> list[Any]:
        log = flowd.open(fixture("every.bin"))
        batch = next(log.batches())
        answer = log.query(group_by="src_addr")
        found = [log, batch, answer, log.batches(), every_field(), flowd.Flow(), iter(log)]
        found += [iter(batch), batch["octets"], batch["src_addr"], batch[batch.columns[0]]]
        return [*found, flowd.open(f"{where}/w3", "w"), flowd.open(f"{where}/w4", "w", version=4)]

    def test_every_method_withstands_every_argument(self) -> None:
        chance = random.Random(11)
        with tempfile.TemporaryDirectory() as where:
            for target in self.objects(where):
                for name in dir(target):
                    if name in ("__class__", "__init_subclass__", "__subclasshook__", "__new__"):
                        continue
                    try:
                        method = getattr(target, name)
                    except TOLD:
                        continue
                    if not callable(method):
                        continue
                    attempt(method)
                    for value in POOL:
                        attempt(method, value)
                    for _ in range(20):
                        attempt(method, *chance.choices(POOL, k=chance.randrange(2, 5)))

    def test_every_keyword_withstands_every_argument(self) -> None:
        log = flowd.open(fixture("every.bin"))
        batches = ("rows", "columns", "filter", "since", "until", "addresses")
        query = ("group_by", "sort", "top", "every", "spread", "bidirectional", "distinct")
        query += ("columns", "filter", "since", "until", "scale", "threads", "memory")
        reading = ("filter", "since", "until", "scale", "strict")
        for value in POOL:
            for name in batches:
                attempt(log.batches, **{name: value})
            for name in query:
                attempt(log.query, **{name: value})
                attempt(log.query, group_by="src_addr", **{name: value} if name != "group_by" else {})
            for name in reading:
                attempt(flowd.open, fixture("every.bin"), **{name: value})
            if not isinstance(value, int):
                attempt(flowd.open, value)
            attempt(flowd.Flow, value)
            attempt(flowd.to_datetime, value)

    def test_every_attribute_withstands_every_value(self) -> None:
        for target in (every_field(), flowd.Flow()):
            names = [name for name in dir(target) if not name.startswith("__")]
            for name in names:
                for value in POOL:
                    attempt(setattr, target, name, value)
                attempt(getattr, target, name)
                attempt(delattr, target, name)
            target.to_dict()
            repr(target)
            self.assertEqual(target, target)

    def test_the_inner_functions_withstand_every_argument(self) -> None:
        from flowd import _core

        chance = random.Random(5)
        for name in ("open_log", "open_writer"):
            for _ in range(300):
                values = chance.choices(POOL, k=chance.randrange(0, 8))
                if name == "open_writer" or any(type(value) is int for value in values):
                    continue  # numbers of descriptors are the caller's word
                attempt(getattr(_core, name), *values)


if __name__ == "__main__":
    unittest.main()
