# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""The program rrdtool."""

import subprocess

from flowdtools.cli import Failure


def rrdtool(*args: str) -> str:
    """What it prints; Failure with what it complained of."""
    try:
        done = subprocess.run(
            ("rrdtool", *args), capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise Failure("rrdtool is not installed") from None
    if done.returncode != 0:
        said = done.stderr.strip() or f"status {done.returncode}"
        raise Failure(f"rrdtool {args[0]}: {said}")
    return done.stdout
