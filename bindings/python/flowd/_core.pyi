"""The extension: all but these is as package flowd has it."""

from collections.abc import Iterable, Sequence
from typing import Any, final, Self

from flowd import (
    Answer as Answer,
    Batch as Batch,
    Batches as Batches,
    Column as Column,
    DecodeError as DecodeError,
    Decoder as Decoder,
    Error as Error,
    Fault as Fault,
    Field as Field,
    Flow as Flow,
    FormatError as FormatError,
    Log as Log,
    Packet as Packet,
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

@final
class Receiver:
    """Receiver(fd, ring, rcvbuf, decoder, ports): it takes the socket."""

    def __new__(
        cls, fd: int, ring: int, rcvbuf: int, decoder: Decoder, ports: bool, /
    ) -> Self: ...
    def flows(self) -> list[Flow]: ...
    def packets(self, most: int, /) -> list[tuple[bytes, tuple[str, int], int]]: ...
    def gather(self, rows: int, /) -> int: ...
    def batch(self, rows: int, columns: str | Iterable[str] | None, /) -> Batch | None: ...
    def wait(self, timeout: float | None, /) -> bool: ...
    def fileno(self) -> int: ...
    def stop(self) -> None: ...
    def over(self) -> bool: ...
    def count(self) -> dict[str, int]: ...
