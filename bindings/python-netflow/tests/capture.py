# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""UDP payloads of a capture: classic pcap, Ethernet, IPv4 or IPv6, nothing fragmented."""

import struct
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple


class Datagram(NamedTuple):
    """One of them; number counts from 1."""

    number: int
    src: str
    payload: bytes


_UDP = 17


def _frames(data: bytes) -> Iterator[bytes]:
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">"}.get(data[:4])
    if order is None:
        raise ValueError("no classic pcap")
    at = 24
    while at + 16 <= len(data):
        (length,) = struct.unpack_from(order + "I", data, at + 8)
        yield data[at + 16 : at + 16 + length]
        at += 16 + length


def _udp(frame: bytes) -> tuple[str, bytes] | None:
    """Return the sender and what is in the UDP datagram."""
    packet = frame[14:]
    if frame[12:14] == b"\x08\x00" and packet[9] == _UDP:
        return str(ip_address(packet[12:16])), packet[(packet[0] & 15) * 4 :]
    if frame[12:14] == b"\x86\xdd" and packet[6] == _UDP:
        return str(ip_address(packet[8:24])), packet[40:]
    return None


def datagrams(path: Path) -> Iterator[Datagram]:
    """Give the UDP payloads of a file."""
    number = 0
    for frame in _frames(path.read_bytes()):
        found = _udp(frame)
        if found is None:
            continue
        number += 1
        src, udp = found
        (length,) = struct.unpack_from("!H", udp, 4)
        yield Datagram(number, src, udp[8:length])
