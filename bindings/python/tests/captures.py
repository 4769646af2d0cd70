# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""UDP datagrams of a capture file, of the simple kinds: for tests."""

import ipaddress
import pathlib
import struct

Datagram = tuple[bytes, str, int]  # payload, source, time

_ORDERS = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}  # nanoseconds of the fraction
_ETHERNET, _RAW, _COOKED = 1, (12, 101), 113


def datagrams(path: pathlib.Path) -> list[Datagram] | None:
    """None if it is none of the simple kinds: fragments, tunnels, pcapng."""
    raw = path.read_bytes()
    for order in "<>":
        magic, *_, link = struct.unpack_from(order + "IHHiIII", raw)
        if magic in _ORDERS:
            break
    else:
        return None
    found, at = [], 24
    while at + 16 <= len(raw):
        seconds, fraction, kept, length = struct.unpack_from(order + "IIII", raw, at)
        frame = raw[at + 16 : at + 16 + kept]
        at += 16 + kept
        datagram = _udp(_network(frame, link & 0xFFFF))
        if datagram is None or kept != length:
            return None
        found.append((*datagram, seconds * 10**9 + fraction * _ORDERS[magic]))
    return found


def _network(frame: bytes, link: int) -> bytes:
    """The IP packet; nothing if there is none."""
    if link in _RAW:
        return frame
    at = {_ETHERNET: 12, _COOKED: 14}.get(link)
    if at is None:
        return b""
    kind = int.from_bytes(frame[at : at + 2], "big")
    while kind in (0x8100, 0x88A8):
        at += 4
        kind = int.from_bytes(frame[at : at + 2], "big")
    return frame[at + 2 :] if kind in (0x0800, 0x86DD) else b""


def _udp(packet: bytes) -> tuple[bytes, str] | None:
    """Payload and source."""
    if len(packet) < 28:
        return None
    if packet[0] >> 4 == 4:
        head = packet[0] % 16 * 4
        if packet[9] != 17 or int.from_bytes(packet[6:8], "big") & 0x3FFF:
            return None
        source = str(ipaddress.IPv4Address(packet[12:16]))
    else:
        head = 40
        if packet[6] != 17:
            return None
        source = str(ipaddress.IPv6Address(packet[8:24]))
    length = int.from_bytes(packet[head + 4 : head + 6], "big")
    return packet[head + 8 : head + length], source
