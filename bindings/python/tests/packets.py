# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Packets made by hand, for the tests of Decoder and Collector."""

import struct

SECONDS = 1_700_000_000
V5_RECORD = struct.Struct(">4s4s4sHHIIIIHHBBBBHHBBH")


def v5(flows: int = 2, sequence: int = 0) -> bytes:
    """So many flows of 10.0.0.1 to 10.0.0.2: octets 400 + number."""
    head = struct.pack(">HHIIIIBBH", 5, flows, 1000, SECONDS, 0, sequence, 0, 0, 0)
    addresses = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]), bytes(4)
    return head + b"".join(
        V5_RECORD.pack(
            *addresses, 1, 2, 3, 400 + i, 100, 200, 1234, 80, 0, 2, 6, 0, 1, 2, 24, 24, 0
        )
        for i in range(flows)
    )


def a_set(number: int, body: bytes) -> bytes:
    """A set of version 9 or IPFIX."""
    return struct.pack(">HH", number, 4 + len(body)) + body


def fields_of(number: int, fields: list[tuple[int, ...]]) -> bytes:
    """A template: (element, length) each, or (element, length, enterprise)."""
    body = struct.pack(">HH", number, len(fields))
    for field in fields:
        if len(field) == 3:
            body += struct.pack(">HHI", field[0] | 0x8000, *field[1:])
        else:
            body += struct.pack(">HH", *field)
    return body


def v9(*sets: bytes, sequence: int = 0, source: int = 0) -> bytes:
    """A packet of version 9."""
    return struct.pack(">HHIIII", 9, len(sets), 1000, SECONDS, sequence, source) + b"".join(sets)


def ipfix(*sets: bytes, sequence: int = 0, domain: int = 0) -> bytes:
    """A message of IPFIX."""
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, 16 + len(body), SECONDS, sequence, domain) + body


# source and destination address, octets
TEMPLATE = fields_of(256, [(8, 4), (12, 4), (1, 4)])
RECORD = bytes([10, 0, 0, 1, 10, 0, 0, 2]) + (1500).to_bytes(4, "big")


def sflow(samples: int = 2) -> bytes:
    """Of 198.51.100.1: samples of a UDP packet in Ethernet, one in 400."""
    packet = bytes.fromhex(
        "021122334455"
        "0266778899aa"
        "0800"
        "4500002800000000"
        "40110000"
        "0a000001"
        "0a000002"
        "c00001bb00140000"
    ) + bytes(12)
    record = (
        struct.pack(">IIIII", 1, 16 + len(packet), 1, 64, 4)
        + struct.pack(">I", len(packet))
        + packet
    )
    record += bytes(-len(packet) % 4)
    sample = struct.pack(">IIIIIIII", 1, 7, 400, 4000, 0, 1, 2, 1) + record
    body = struct.pack(">II", 1, len(sample)) + sample
    head = struct.pack(">IIIIIII", 5, 1, 0xC6336401, 0, 1, 1000, samples)
    return head + body * samples
