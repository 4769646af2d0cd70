# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
from collections.abc import Hashable, Sequence
from typing import Any, TypeVar

UNSIGNED: int
SIGNED: int
FLOAT: int
ADDRESS: int
TEXT: int
PAIR: int
NONE: int

_R = TypeVar("_R", bound=Record)

class Record:
    data: dict[Any, Any]
    @property
    def _layout(self) -> Layout | None: ...
    @property
    def _length(self) -> int: ...
    def __getattr__(self, name: str) -> Any: ...
    def __getstate__(self) -> dict[str, Any]: ...

class Layout:
    def __new__(
        cls,
        names: tuple[Hashable, ...],
        kinds: Sequence[int],
        lengths: Sequence[int],
        ids: tuple[Hashable, ...] = ...,
        /,
    ) -> Layout: ...
    @property
    def names(self) -> tuple[Any, ...]: ...
    @property
    def ids(self) -> tuple[Any, ...]: ...
    @property
    def size(self) -> int: ...
    def cut(
        self, type: type[_R], packet: bytes, start: int, end: int, records: list[_R], /
    ) -> int: ...
    def measure(self, packet: bytes, start: int, end: int, /) -> int: ...
    def load(self, record: Record, packet: bytes, start: int, end: int, /) -> None: ...
    def decode(self, packet: bytes, start: int, end: int, /) -> dict[Any, Any]: ...
