#!/usr/bin/env python3
# Floods of the loopback: flood.py PORT KIND COUNT [RATE].
#
# KIND is what is made up: exporters (an address and a template each),
# templates (of one exporter, in many domains), large (the largest that a
# datagram takes), options (names and samplers), unknown (data of unknown
# templates).  Beside it 127.0.6.1, which sends its template once, sends a
# thousand flows to 10.99.0.2, one to a datagram.  Says how many datagrams it
# sent.
import socket
import struct
import sys
import time

FLOWS = 1000
STRANGER = "127.0.9.1"


def v9(seq, domain, *sets):
    head = struct.pack(">HHIIII", 9, len(sets), 1000, 1700000000, seq, domain)
    return head + b"".join(sets)


def a_set(number, body):
    return struct.pack(">HH", number, 4 + len(body)) + body


def template(number, fields):
    return a_set(0, struct.pack(">HH", number, len(fields) // 4) + fields)


def packed(fields):
    return b"".join(struct.pack(">HH", *f) for f in fields)


def names(n):
    # Scope: an interface.  Then its name, and a sampler with its rate.
    fields = [(2, 4), (82, 16), (48, 4), (50, 4)]
    body = struct.pack(">HHH", 300, 4, 12)
    body += packed(fields)
    records = b""
    for i in range(20):
        n += 1
        name = b"interface%d" % n
        records += struct.pack(">I16sII", n, name, n, 100)
    return [a_set(1, body), a_set(300, records)]


COMMON = packed([(8, 4), (12, 4), (7, 2), (11, 2), (2, 4), (1, 4), (4, 1),
                 (6, 1)])
LARGE = packed([(1000 + i, 1) for i in range(16000)])


def sets_of(kind, i):
    if kind in ("exporters", "templates"):
        return i // 500, [template(256 + i % 500, COMMON)]
    if kind == "large":
        return i // 500, [template(256 + i % 500, LARGE)]
    if kind == "options":
        return i // 1000, names(i * 20)
    return i // 500, [a_set(1024 + i % 500, bytes(44))]


def sender(address, port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 0))
    s.connect(("127.0.0.1", port))
    return s


def main():
    port, kind, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    rate = float(sys.argv[4]) if len(sys.argv) > 4 else 20000
    named = sender("127.0.6.1", port)
    fields = packed([(8, 4), (12, 4), (2, 4), (1, 4)])
    named.send(v9(0, 7, template(256, fields)))
    record = a_set(256, bytes([10, 0, 0, 1, 10, 99, 0, 2] +
                              [0, 0, 0, 1, 0, 0, 0, 40]))
    s = sender(STRANGER, port)
    start, sent = time.monotonic(), 1
    for i in range(count):
        if kind == "exporters":
            s.close()
            s = sender("127.%d.%d.%d" %
                       (16 + i // 62500, i // 250 % 250, 1 + i % 250), port)
        domain, sets = sets_of(kind, i)
        s.send(v9(i, 0 if kind == "exporters" else domain, *sets))
        sent += 1
        if i % (count // FLOWS) == 0 and i // (count // FLOWS) < FLOWS:
            named.send(v9(i // (count // FLOWS) + 1, 7, record))
            sent += 1
        ahead = sent / rate - (time.monotonic() - start)
        if ahead > 0.005:
            time.sleep(ahead)
    print(sent)


main()
