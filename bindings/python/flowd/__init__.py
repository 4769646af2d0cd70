# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Flow logs and flow packets: read, ask, decode, collect, write."""

from flowd._core import (
    DecodeError,
    Error,
    Fault,
    Field,
    Flow,
    FormatError,
    QuestionError,
    __version__,
    fields,
)

__all__ = [
    "DecodeError",
    "Error",
    "Fault",
    "Field",
    "Flow",
    "FormatError",
    "QuestionError",
    "__version__",
    "fields",
]
