#!/usr/bin/env python3
"""Traffic between the two ends of a wire, and what a capture of it says.

usage: wire.py serve ADDRESS...     at the far end; "ready", until killed
       wire.py talk ADDRESS...      at the near end: some conversations with each
       wire.py fill ADDRESS         from port 49999: what fills buffers
       wire.py plain INTERFACE...   no checksum or segment is left to hardware
       wire.py flood ADDRESS COUNT  so many packets of 60 bytes, from 50 ports, as
                                    fast as they go
       wire.py count [-b] [-l] CAPTURE

count prints the flows of a capture (pcap, Ethernet), sorted:
    src sport dst dport protocol packets octets
ICMP has type * 256 + code as its dport.  Octets are those of IP, with -l of
the frame.  With -b a line is a conversation, from its first packet's side, and
packets and octets of the answer follow.  Multicast, link-local addresses and
what is not IP are left out, for the ends themselves say such things; and so is
what fills buffers.
"""
import collections
import ctypes
import fcntl
import ipaddress
import socket
import struct
import sys
import threading
import time

PORT = 7007
FILLER = 49999
FLOODER = 30000
UDP_SEGMENT = 103


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def echo_udp(address):
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    s.bind((address, PORT))
    while True:
        data, peer = s.recvfrom(65536)
        if data[:1] == b"e":
            s.sendto(data[:40], peer)


def answer_tcp(s):
    with s:
        left = struct.unpack(">I", s.recv(4, socket.MSG_WAITALL))[0]
        while left > 0:
            left -= len(s.recv(min(left, 65536)))
        s.sendall(b"y" * 700)


def serve_tcp(address):
    s = socket.socket(family(address), socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, PORT))
    s.listen(8)
    while True:
        threading.Thread(target=answer_tcp, args=(s.accept()[0],)).start()


def serve(addresses):
    for a in addresses:
        for f in (echo_udp, serve_tcp):
            threading.Thread(target=f, args=(a,), daemon=True).start()
    time.sleep(0.3)
    print("ready", flush=True)
    threading.Event().wait()


def talk_udp(address, port, packets, size):
    """Even ports are answered."""
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    s.bind(("", port))
    s.settimeout(5)
    for _ in range(packets):
        s.sendto((b"n" if port & 1 else b"e") + b"x" * (size - 1),
                 (address, PORT))
        if port & 1 == 0:
            s.recv(100)


def talk_tcp(address, port, size):
    s = socket.socket(family(address), socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.bind(("", port))
    s.settimeout(5)
    s.connect((address, PORT))
    s.sendall(struct.pack(">I", size))
    for at in range(0, size, 1000):
        s.sendall(b"x" * min(1000, size - at))
    while s.recv(65536):
        pass
    s.close()


def checksum(data):
    s = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    s = (s >> 16) + (s & 0xffff)
    return ~(s + (s >> 16)) & 0xffff


def talk_ping(address, packets):
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    s.settimeout(5)
    for n in range(packets):
        body = struct.pack(">HH", 99, n) + b"ping" * 10
        head = struct.pack(">BBH", 8, 0, 0)
        s.sendto(struct.pack(">BBH", 8, 0, checksum(head + body)) + body,
                 (address, 0))
        s.recv(100)


def talk(addresses):
    for a in addresses:
        for n in range(1, 9):
            talk_udp(a, 40000 + n, n, 20 * n)
        for n in range(1, 4):
            talk_tcp(a, 41000 + n, 3500 * n)
        if ":" not in a:
            talk_ping(a, 4)


def fill(addresses):
    """libpcap hands over no block that is not full (256 kB) to a program that
    waits without a timeout, as softflowd does."""
    talk_udp(addresses[0], FILLER, 4000, 300)


def flood(address, count):
    """Each call hands 50 packets to the kernel, which cuts them apart."""
    sockets = []
    for n in range(50):
        s = socket.socket(family(address), socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 18)
        s.bind(("", FLOODER + n))
        s.connect((address, 9))
        sockets.append(s)
    for n in range(count // 50):
        sockets[n % 50].send(bytes(18 * 50))
    for n in range(count % 50):
        sockets[n].send(bytes(18))


def plain(interfaces):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for name in interfaces:
        # ETHTOOL_STXCSUM, _SSG, _STSO, _SGSO, _SGRO
        for command in (0x17, 0x19, 0x1f, 0x24, 0x2c):
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            ask = struct.pack("16sP", name.encode(), ctypes.addressof(value))
            try:
                fcntl.ioctl(s, 0x8946, ask)  # SIOCETHTOOL
            except OSError:
                pass  # it never does that


def packets(path):
    data = open(path, "rb").read()
    if data[:4] != b"\xd4\xc3\xb2\xa1" or struct.unpack_from("<I", data, 20)[0] != 1:
        sys.exit(path + ": no little endian pcap of Ethernet")
    at = 24
    while at + 16 <= len(data):
        sec, frac, caplen, length = struct.unpack_from("<IIII", data, at)
        yield data[at + 16:at + 16 + caplen], length
        at += 16 + caplen


def key_of(frame):
    """(src, sport, dst, dport, protocol), octets of the IP packet; or None"""
    kind = struct.unpack_from(">H", frame, 12)[0]
    ip = frame[14:]
    if kind == 0x0800:
        hlen, proto = (ip[0] & 15) * 4, ip[9]
        octets = struct.unpack_from(">H", ip, 2)[0]
        src, dst = ip[12:16], ip[16:20]
    elif kind == 0x86dd:
        hlen, proto = 40, ip[6]
        octets = 40 + struct.unpack_from(">H", ip, 4)[0]
        src, dst = ip[8:24], ip[24:40]
    else:
        return None
    src, dst = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    if src.is_link_local or dst.is_multicast or int(src) == 0:
        return None
    sport = dport = 0
    if proto in (6, 17):
        sport, dport = struct.unpack_from(">HH", ip, hlen)
    elif proto in (1, 58):
        dport = struct.unpack_from(">H", ip, hlen)[0]
    return (str(src), sport, str(dst), dport, proto), octets


def reverse(key):
    src, sport, dst, dport, proto = key
    # An echo answers an echo request.
    return (dst, 0, src, 0, 1) if proto == 1 else (dst, dport, src, sport, proto)


def count(both, link, path):
    flows = collections.OrderedDict()
    for frame, length in packets(path):
        found = key_of(frame)
        if found is None:
            continue
        key, octets = found
        if FILLER in key:
            continue
        at = 0
        if both:
            if key[4] == 1:
                key = key[:3] + (0, 1)
            if key not in flows and reverse(key) in flows:
                key, at = reverse(key), 2
        flow = flows.setdefault(key, [0, 0, 0, 0])
        flow[at] += 1
        flow[at + 1] += length if link else octets
    lines = [" ".join(map(str, k + tuple(v if both else v[:2])))
             for k, v in flows.items()]
    print("\n".join(sorted(lines)))


def main(argv):
    if len(argv) < 3:
        sys.exit(__doc__)
    if argv[1] == "serve":
        serve(argv[2:])
    elif argv[1] == "talk":
        talk(argv[2:])
    elif argv[1] == "fill":
        fill(argv[2:])
    elif argv[1] == "flood":
        flood(argv[2], int(argv[3]))
    elif argv[1] == "plain":
        plain(argv[2:])
    elif argv[1] == "count":
        count("-b" in argv, "-l" in argv, argv[-1])
    else:
        sys.exit(__doc__)


main(sys.argv)
