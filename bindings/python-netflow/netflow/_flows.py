# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""What the fields of a flow mean, whatever version they are of."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, NamedTuple, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

_SRC4, _SRC6 = ("IPV4_SRC_ADDR", "sourceIPv4Address"), ("IPV6_SRC_ADDR", "sourceIPv6Address")
_DEST4 = ("IPV4_DST_ADDR", "destinationIPv4Address")
_DEST6 = ("IPV6_DST_ADDR", "destinationIPv6Address")
_VERSION = ("IP_PROTOCOL_VERSION", "ipVersion")
_SIZE = ("IN_BYTES", "IN_OCTETS", "octetDeltaCount", "octetTotalCount")
_PACKETS = ("IN_PKTS", "IN_PACKETS", "packetDeltaCount", "packetTotalCount")
_SRC_PORT = ("L4_SRC_PORT", "SRC_PORT", "sourceTransportPort", "udpSourcePort", "tcpSourcePort")
_DEST_PORT = (
    "L4_DST_PORT",
    "DST_PORT",
    "destinationTransportPort",
    "udpDestinationPort",
    "tcpDestinationPort",
)
_PROTOCOL = ("PROTOCOL", "PROTO", "protocolIdentifier")

# First, last, how many are a millisecond, where they begin again.
_TIMES = (
    ("FIRST_SWITCHED", "LAST_SWITCHED", 1.0, 1 << 32),
    ("flowStartSysUpTime", "flowEndSysUpTime", 1.0, 1 << 32),
    ("flowStartMilliseconds", "flowEndMilliseconds", 1.0, 0),
    ("flowStartMicroseconds", "flowEndMicroseconds", 2**32 / 1000, 0),
    ("flowStartNanoseconds", "flowEndNanoseconds", 2**32 / 1000, 0),
    ("flowStartSeconds", "flowEndSeconds", 0.001, 0),
)


class Flow(NamedTuple):
    """One direction of a connection."""

    exporter: str
    src: Address
    dest: Address
    src_port: int
    dest_port: int
    protocol: int | None
    first: int | None
    duration: int
    size: int
    packets: int


def fallback(fields: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    """Return the number under the first of these names that has one."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, int) and value >= 0:
            return value
    return None


def _number(fields: Mapping[str, Any], names: tuple[str, ...]) -> int:
    return fallback(fields, names) or 0


def _address(
    fields: Mapping[str, Any], four: tuple[str, ...], six: tuple[str, ...]
) -> Address | None:
    """A record of a template for both has both, and a version."""
    order = (*six, *four) if fallback(fields, _VERSION) == 6 else (*four, *six)
    for name in order:
        value = fields.get(name)
        if value is None:
            continue
        try:
            if isinstance(value, int) and name in six:
                return IPv6Address(value)
            return ip_address(value)
        except ValueError:
            continue
    return None


def _instant(value: Any) -> int | None:
    """A pair is seconds and a fraction of them (RFC 5905)."""
    if isinstance(value, int):
        return value
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, int) for v in value):
        return int(value[0] << 32) + int(value[1])
    return None


def _times(fields: Mapping[str, Any]) -> tuple[int | None, int]:
    """Return when it started, in its own unit, and how many milliseconds it took."""
    for first_name, last_name, unit, wrap in _TIMES:
        first, last = _instant(fields.get(first_name)), _instant(fields.get(last_name))
        if first is None:
            continue
        taken = 0 if last is None else last - first
        taken += wrap if taken < 0 else 0
        return first, max(0, int(min(taken, 1 << 80) / unit))
    return None, _number(fields, ("flowDurationMilliseconds",))


def flow_of(fields: Any, exporter: str) -> Flow | None:
    """Return what a flow of a file says; None where it has no addresses."""
    if not isinstance(fields, dict):
        return None
    src, dest = _address(fields, _SRC4, _SRC6), _address(fields, _DEST4, _DEST6)
    if src is None or dest is None:
        return None
    first, duration = _times(fields)
    return Flow(
        exporter,
        src,
        dest,
        _number(fields, _SRC_PORT),
        _number(fields, _DEST_PORT),
        fallback(fields, _PROTOCOL),
        first,
        duration,
        _number(fields, _SIZE),
        _number(fields, _PACKETS),
    )
