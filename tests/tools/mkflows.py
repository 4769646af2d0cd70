#!/usr/bin/env python3
"""mkflows.py N [SIZE]: a capture, on standard output, of N flows

Each is one UDP packet of SIZE bytes of IP, 100 unless told, from a port of its
own; a millisecond apart, from 1700000000 on.
"""

import struct
import sys


def packet(n, size):
    udp = struct.pack(">HHHH", 1024 + n % 60000, 7, size - 20, 0)
    udp += bytes(size - 28)
    src = 0x0a000001 + n // 60000
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, size, n & 0xffff, 0, 64, 17, 0,
                     src, 0x0a010001)
    return bytes.fromhex("020000000002020000000001") + b"\x08\x00" + ip + udp


def main():
    count = int(sys.argv[1])
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    out = sys.stdout.buffer
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for n in range(count):
        frame = packet(n, size)
        out.write(struct.pack("<IIII", 1700000000 + n // 1000,
                              n % 1000 * 1000, len(frame), len(frame)))
        out.write(frame)


if len(sys.argv) < 2:
    sys.exit(__doc__)
main()
