#!/usr/bin/env python3
"""incore.py drop|count FILE...: the page cache's part of files.

drop lets go of all their pages; count prints the bytes that are in memory.
"""
import ctypes
import mmap
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)


def drop(path):
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(fd)


def count(path):
    size = os.path.getsize(path)
    fd = os.open(path, os.O_RDWR)
    # Private and writable, so that ctypes may have its address.
    area = mmap.mmap(fd, size, mmap.MAP_PRIVATE)
    os.close(fd)
    pages = (size + mmap.PAGESIZE - 1) // mmap.PAGESIZE
    there = (ctypes.c_ubyte * pages)()
    start = ctypes.addressof(ctypes.c_char.from_buffer(area))
    if libc.mincore(ctypes.c_void_p(start), ctypes.c_size_t(size), there) != 0:
        sys.exit("mincore: " + os.strerror(ctypes.get_errno()))
    return sum(page & 1 for page in there) * mmap.PAGESIZE


if sys.argv[1] == "drop":
    for name in sys.argv[2:]:
        drop(name)
else:
    print(sum(count(name) for name in sys.argv[2:]))
