# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""The client's side of logsock in flowd.conf(5): records as datagrams."""

import errno
import os
import signal
import socket
import stat
from collections.abc import Callable

from flowdtools.cli import Failure

RECORD_MAX = 512  # bytes, of any reader
LONGER = RECORD_MAX + 1  # so that what is too long is seen to be


def octal_mode(text: str) -> int:
    """An argument: 600, 0660."""
    mode = int(text, 8)
    if not 0 <= mode <= 0o777:
        raise ValueError
    return mode


def answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(path)
        except OSError as error:
            if error.errno == errno.ECONNREFUSED:
                return False
            raise
    return True


def clear_away(path: str) -> None:
    """Removes the socket of a client that died.  Nothing else."""
    try:
        there = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(there.st_mode):
        raise Failure(f"{path}: there is a file that is no socket, and it stays")
    if answers(path):
        raise Failure(f"{path}: another program listens there")
    os.unlink(path)


class Listener:
    """A socket that goes away with its name at the end of the with statement:

    with Listener(path) as listener:
        listener.bind(mode)
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.identity: tuple[int, int] | None = None
        clear_away(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def bind(self, mode: int) -> None:
        # The mode is right from the start: nobody slips in before a chmod.  A
        # signal waits, or the name would stay behind.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        before = os.umask(0o777 & ~mode)
        try:
            self.socket.bind(self.path)
            self.identity = self._identity()
        except OSError as error:
            raise Failure(f"{self.path}: {error.strerror or error}") from None
        finally:
            os.umask(before)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _identity(self) -> tuple[int, int] | None:
        try:
            there = os.lstat(self.path)
        except OSError:
            return None
        return there.st_dev, there.st_ino

    def receive(self, idle: Callable[[], None], timeout: float | None = None) -> bytes | None:
        """The next datagram.  Calls idle() before it waits.  None: it waited in
        vain."""
        self.socket.settimeout(0)
        try:
            return self.socket.recv(LONGER)
        except BlockingIOError:
            pass
        idle()
        self.socket.settimeout(timeout)
        try:
            return self.socket.recv(LONGER)
        except (TimeoutError, BlockingIOError):
            return None

    def close(self) -> None:
        self.socket.close()
        # By now it may be somebody else's.
        if self.identity is not None and self._identity() == self.identity:
            os.unlink(self.path)

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
