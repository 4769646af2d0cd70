"""The extension: all but these is as package flowd has it."""

from collections.abc import Sequence
from typing import Any

from flowd import (
    Answer as Answer,
    Batch as Batch,
    Batches as Batches,
    Column as Column,
    DecodeError as DecodeError,
    Error as Error,
    Fault as Fault,
    Field as Field,
    Flow as Flow,
    FormatError as FormatError,
    Log as Log,
    QuestionError as QuestionError,
    When,
    Writer as Writer,
    __version__ as __version__,
    fields as fields,
)

STORE_ALL: int

def open_log(
    paths: Sequence[str | bytes],
    data: Any,
    fd: int,
    name: str | None,
    once: bool,
    *,
    filter: str | None = None,
    since: When = None,
    until: When = None,
    scale: bool = False,
    strict: bool = False,
) -> Log: ...
def open_writer(path: Any, mode: str, version: int, fields: int, compress: int) -> Writer: ...

# Of flowd.classic.
def iso_time(time: float, utc_flag: int = 0) -> str: ...
def interval_time(time: float) -> str: ...
def classic_read(data: Any, version: int, most: int = ..., /) -> tuple[list[Flow], int, int, str | None]: ...
def classic_record(flow: Flow, fieldmask: int, /) -> bytes: ...
