#!/usr/bin/env python3
"""Compare two version 3 flow logs record by record, as bytes.

usage: same-records.py ORIGINAL OURS NAME

The time of arrival is left out, and what docs/store.md has as decided:
  - engine type and id of version 5 are big endian in ours;
  - ours carries a checksum on version 9 and IPFIX too, when it is selected;
  - ours has no address of the family that `store` does not select, where the
    original wrote what was on its stack (v4only, v6only);
  - without a `store` line ours stores everything (nostore: only the number of
    records can be compared).
Every checksum of ours must be right.
"""
import struct
import sys
import zlib

SIZES = [4, 8, 4, 4, 16, 4, 16, 4, 16, 4, 16, 4, 8, 8, 8, 16, 8, 12, 12]
RECV_TIME, AGENT4, AGENT6, AGENT_INFO, ENGINE = 1, 3, 4, 15, 18
CRC32 = 1 << 30


def records(path):
    data = open(path, "rb").read()
    at = 0
    while at < len(data):
        version, words, reserved, fields = struct.unpack_from(">BBHI", data, at)
        end = at + 8 + 4 * words
        assert version == 0x60 and reserved == 0 and end <= len(data), at
        rec, pos = {}, at + 8
        for bit, size in enumerate(SIZES):
            if fields >> bit & 1:
                rec[bit] = data[pos:pos + size]
                pos += size
        crc = None
        if fields & CRC32:
            crc = struct.unpack_from(">I", data, pos)[0]
            want = zlib.crc32(data[at:pos], 0xffffffff) ^ 0xffffffff
            assert crc == want, "checksum at %d" % at
            pos += 4
        assert pos == end, "length at %d" % at
        yield rec, crc
        at = end


def version_of(rec):
    return struct.unpack_from(">H", rec[AGENT_INFO], 12)[0] if AGENT_INFO in rec else None


def normal(rec, name, original, v5):
    rec = dict(rec)
    rec.pop(RECV_TIME, None)
    if original and v5 and ENGINE in rec:
        e = rec[ENGINE]
        rec[ENGINE] = e[1::-1] + e[3:1:-1] + e[4:]
    if name in ("v4only", "v6only"):
        # The stack garbage, and what should have been there.
        rec.pop(AGENT4, None)
        rec.pop(AGENT6, None)
    return rec


def main():
    path, ours_path, name = sys.argv[1:]
    theirs, ours = list(records(path)), list(records(ours_path))
    if len(theirs) != len(ours):
        sys.exit("%d records, the original has %d" % (len(ours), len(theirs)))
    mask_crc = any(crc is not None for _, crc in theirs)
    for i, ((t, tcrc), (o, ocrc)) in enumerate(zip(theirs, ours)):
        if mask_crc and ocrc is None:
            sys.exit("record %d has no checksum" % i)
        if name == "nostore":
            if t or not o:
                sys.exit("record %d: the original's is not empty, or ours is" % i)
            continue
        if not mask_crc and ocrc is not None:
            sys.exit("record %d has a checksum" % i)
        v5 = version_of(t) == 5
        if normal(t, name, True, v5) != normal(o, name, False, v5):
            sys.exit("record %d differs:\n%s\n%s" % (i, t, o))
        family = {"v4only": AGENT4, "v6only": AGENT6}.get(name)
        if family is not None:
            agent = o.get(family)
            wrong = {AGENT4: AGENT6, AGENT6: AGENT4}[family]
            if wrong in o or (agent is not None and agent not in
                              (bytes([127, 0, 0, 1]), bytes(15) + b"\1")):
                sys.exit("record %d: agent %r" % (i, agent))


if __name__ == "__main__":
    main()
