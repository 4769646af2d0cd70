# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Flow logs and flow packets: read, ask, decode, collect, write."""

import sys

if getattr(sys, "_is_gil_enabled", None) and not sys._is_gil_enabled():
    raise ImportError("package flowd needs a Python with its global lock: this one is free-threaded")

from flowd._core import (
    Answer,
    Batch,
    Batches,
    Column,
    DecodeError,
    Decoder,
    Error,
    Fault,
    Field,
    Flow,
    FormatError,
    Log,
    Packet,
    QuestionError,
    Writer,
    __version__,
    fields,
)
from flowd._collector import Collector, CollectorBatches
from flowd._open import open, to_datetime
from flowd import classic
from flowd.classic import *  # the original module

__all__ = [
    "Answer",
    "Batch",
    "Batches",
    "Collector",
    "CollectorBatches",
    "Column",
    "DecodeError",
    "Decoder",
    "Error",
    "Fault",
    "Field",
    "Flow",
    "FormatError",
    "Log",
    "Packet",
    "QuestionError",
    "Writer",
    "__version__",
    "fields",
    "open",
    "to_datetime",
]

__all__ += classic.__all__[1:]  # Flow is there
