# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Connections out of a collector's file: python3 -m netflow.analyzer."""

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import IO

from ._entries import Entry, entries
from ._flows import Flow, flow_of
from ._output import Torn
from ._pairs import Connection, Pair, Pending, human_duration, human_size, resolve_hostname

__all__ = ["Connection", "Pair", "human_duration", "human_size", "main", "resolve_hostname"]

IP_PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}

_HEADER = (
    f"{'Timestamp':<19} | {'Service':<14} | {'Size':<8} | {'Duration':<9} | "
    f"{'Packets':<7} | Involved hosts"
)


def _row(ts: float, connection: Connection, dns: bool) -> str:
    when = datetime.fromtimestamp(ts).strftime("%Y-%m-%d %H:%M.%S")
    names = connection.hostnames if dns else Pair(str(connection.src), str(connection.dest))
    return (
        f"{when} | {connection.service.upper():<14} | {connection.human_size:8} | "
        f"{connection.human_duration:9} | {connection.total_packets:7} | "
        f"Between {names.src} ({connection.src}) and {names.dest} ({connection.dest})"
    )


def _left(flow: Flow) -> str:
    name = "UNKNOWN" if flow.protocol is None else IP_PROTOCOLS.get(flow.protocol, "UNKNOWN")
    return (
        f"From {flow.src}:{flow.src_port} to {flow.dest}:{flow.dest_port} with "
        f"proto {name} and size {human_size(flow.size)} ({flow.packets} packets)"
    )


class _Report:
    """What is printed, and what is counted to be told at the end."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._least = arguments.packets_threshold
        self._host = arguments.match_host
        self._dns = not arguments.no_dns
        self._begun = False
        self._small = 0

    def connection(self, ts: float, connection: Connection) -> None:
        """Print a row, where it is asked for."""
        if self._host is not None and self._host not in (connection.src, connection.dest):
            return
        if connection.total_packets < self._least:
            self._small += 1
            return
        if not self._begun:
            print(_HEADER)
            print("-" * 100)
            self._begun = True
        print(_row(ts, connection, self._dns))

    def end(self) -> None:
        """Print what was left out."""
        if self._small:
            print(
                f"{self._small} connections skipped, because they had less than {self._least} "
                "packets (this value can be set with the -p flag)."
            )


def _leftovers(pending: Pending, least: int) -> None:
    flows = list(pending.flows())
    if not flows and not pending.dropped:
        return
    starts = len({(flow.exporter, flow.first) for flow in flows})
    print(f"\nThere are {starts} first_switched entries left in the pending dict!")
    large = [flow for flow in flows if flow.packets >= least]
    for flow in large:
        print(_left(flow))
    if len(large) < len(flows):
        print(f"{len(flows) - len(large)} flows of less than {least} packets are not listed.")
    if pending.dropped:
        print(f"{pending.dropped} older flows without an answer are not listed.")


def _flows(entry: Entry) -> Iterator[Flow]:
    """Give the flows of a packet in the order of their start."""
    found = (flow_of(flow, entry.client) for flow in entry.flows)
    yield from sorted((f for f in found if f is not None), key=lambda flow: flow.first or 0)


def analyze(source: IO[bytes], arguments: argparse.Namespace) -> None:
    """Print the connections of a file; raises Torn and ValueError behind what is readable."""
    report, pending = _Report(arguments), Pending()
    try:
        for entry in entries(source):
            for flow in _flows(entry):
                other = pending.match(flow)
                if other is not None:
                    report.connection(entry.ts, Connection(flow, other))
    finally:
        if arguments.verbose:
            _leftovers(pending, arguments.packets_threshold)
        report.end()


def _address(text: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(text)
    except ValueError:
        sys.exit(f"{text!r} is no address, neither IPv4 nor IPv6")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Show the connections in a file of netflow.collector."
    )
    parser.add_argument("-f", "--file", help="the file (standard input)")
    parser.add_argument(
        "-p",
        "--packets",
        dest="packets_threshold",
        type=int,
        default=10,
        help="leave connections with less packets out (%(default)s)",
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="list flows without an answer, too"
    )
    parser.add_argument("--match-host", help="only connections from or to this address")
    parser.add_argument(
        "-n", "--no-dns", action="store_true", help="do not look up names of addresses"
    )
    return parser.parse_args()


def _open(path: str | None) -> IO[bytes]:
    if path is None:
        return sys.stdin.buffer
    try:
        return open(path, "rb")
    except FileNotFoundError:
        sys.exit(f"{path}: there is no such file")
    except OSError as error:
        sys.exit(f"{path}: {error.strerror}")


def main() -> int:
    """Run the command; 1 where arguments or the file are wrong."""
    arguments = _arguments()
    if arguments.match_host is not None:
        arguments.match_host = _address(arguments.match_host)
    try:
        with _open(arguments.file) as source:
            analyze(source, arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has enough; Python shall not flush once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, Torn, ValueError) as error:
        print(f"{arguments.file or 'standard input'}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
