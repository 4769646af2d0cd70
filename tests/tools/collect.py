#!/usr/bin/env python3
"""collect.py [option ...] udp|tcp ADDRESS PORT: a collector of IPFIX

It says "ready", and in a line what each message had:

    N sequence=S templates=T records=R packets=P octets=O lost=L unknown=U hops=H

N counts connections, or is 1.  lost is how many records the sequence numbers
say were missed, unknown how many sets had no template.  The end of a
connection is "N end", with "torn" behind it if there was a part of a message.

--close-after N   close each connection after so many messages
--pause MS        think so long about each message
--buffer BYTES    of the socket
--join INTERFACE  ADDRESS is a group
--silent          accept, but never read
"""

import argparse
import signal
import socket
import struct
import sys
import time

IP_RECVTTL = 12  # of Linux; it has no name in Python
MESSAGE = struct.Struct(">HHIII")


def say(*words):
    print(*words, flush=True)


class Stream:
    """What one exporter has said on one connection."""

    def __init__(self, number):
        self.number = number
        self.templates = {}
        self.options = set()
        self.expected = None

    def template_set(self, body, options):
        count = 0
        while len(body) >= 4:
            tid, n = struct.unpack_from(">HH", body)
            if tid < 256:
                break
            body = body[4:]
            count += 1
            if n == 0:
                self.templates.pop(tid, None)
                continue
            if options:
                body = body[2:]
                self.options.add(tid)
            fields = []
            for _ in range(n):
                ie, length = struct.unpack_from(">HH", body)
                pen = 0
                body = body[4:]
                if ie & 0x8000:
                    pen = struct.unpack_from(">I", body)[0]
                    body = body[4:]
                fields.append((pen, ie & 0x7fff, length))
            self.templates[tid] = fields
        return count

    def record(self, body, fields, sums):
        at = 0
        for pen, ie, length in fields:
            if length == 65535:
                length = body[at]
                at += 1
                if length == 255:
                    length = struct.unpack_from(">H", body, at)[0]
                    at += 2
            if pen in (0, 29305) and ie in (1, 2):
                sums[ie] += int.from_bytes(body[at:at + length], "big")
            at += length
        return at

    def message(self, data, hops=None):
        version, length, _, sequence, _ = MESSAGE.unpack_from(data)
        if version != 10 or length != len(data):
            sys.exit("collect.py: this is no message of IPFIX")
        templates = records = unknown = every = 0
        sums = {1: 0, 2: 0}
        at = 16
        while at + 4 <= length:
            sid, slen = struct.unpack_from(">HH", data, at)
            body = data[at + 4:at + slen]
            if slen < 4 or at + slen > length:
                sys.exit("collect.py: a set is longer than its message")
            at += slen
            if sid in (2, 3):
                templates += self.template_set(body, sid == 3)
            elif sid not in self.templates:
                unknown += 1
            else:
                fields = self.templates[sid]
                least = sum(1 if f[2] == 65535 else f[2] for f in fields)
                while len(body) >= least:
                    used = self.record(body, fields, sums)
                    body = body[used:]
                    every += 1
                    records += sid not in self.options
        lost = 0
        if self.expected is not None and unknown == 0:
            lost = (sequence - self.expected + 2 ** 31) % 2 ** 32 - 2 ** 31
        self.expected = (sequence + every) % 2 ** 32 if unknown == 0 else None
        say(f"{self.number} sequence={sequence} templates={templates}"
            f" records={records} packets={sums[2]} octets={sums[1]}"
            f" lost={lost} unknown={unknown} hops={hops}")


def take_datagrams(sock, args):
    stream = Stream(1)
    for level, option in ((socket.IPPROTO_IP, IP_RECVTTL),
                          (socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT)):
        try:
            sock.setsockopt(level, option, 1)
        except OSError:
            pass
    say("ready")
    while True:
        data, control, _, _ = sock.recvmsg(65535, 200)
        hops = [struct.unpack("i", c[2])[0] for c in control]
        stream.message(data, hops[0] if hops else None)
        time.sleep(args.pause / 1000)


def whole(conn, length):
    data = b""
    while len(data) < length:
        try:
            piece = conn.recv(length - len(data))
        except ConnectionResetError:
            piece = b""
        if not piece:
            return data, False
        data += piece
    return data, True


def take_stream(conn, args, number):
    stream = Stream(number)
    count = 0
    data = b""
    while args.close_after == 0 or count < args.close_after:
        data, ok = whole(conn, 16)
        if ok:
            rest, ok = whole(conn, MESSAGE.unpack(data)[1] - 16)
            data += rest
        if not ok:
            break
        stream.message(data)
        data = b""
        count += 1
        time.sleep(args.pause / 1000)
    conn.close()
    say(f"{number} end" + (" torn" if data else ""))


def take_streams(sock, args):
    sock.listen(5)
    say("ready")
    number = 0
    while True:
        conn, _ = sock.accept()
        number += 1
        if args.silent:
            signal.pause()
        take_stream(conn, args, number)


def join(sock, args):
    index = socket.if_nametoindex(args.join)
    group = socket.inet_pton(sock.family, args.address)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                        group + struct.pack("@I", index))
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                        group + struct.pack("=4si", b"", index))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--close-after", type=int, default=0)
    p.add_argument("--pause", type=float, default=0)
    p.add_argument("--buffer", type=int, default=0)
    p.add_argument("--join")
    p.add_argument("--silent", action="store_true")
    p.add_argument("transport", choices=("udp", "tcp"))
    p.add_argument("address")
    p.add_argument("port", type=int)
    args = p.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    family = socket.AF_INET6 if ":" in args.address else socket.AF_INET
    udp = args.transport == "udp"
    sock = socket.socket(family, socket.SOCK_DGRAM if udp else
                         socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if args.buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, args.buffer)
    any_of = "::" if family == socket.AF_INET6 else "0.0.0.0"
    sock.bind((any_of if args.join else args.address, args.port))
    if args.join:
        join(sock, args)
    if udp:
        take_datagrams(sock, args)
    else:
        take_streams(sock, args)


main()
