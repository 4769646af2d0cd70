# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""The way in: bytes to a packet of their version."""

from typing import Any, TypeAlias

from ._wire import MalformedPacket
from .ipfix import IPFIXExportPacket
from .v1 import V1ExportPacket
from .v5 import V5ExportPacket
from .v9 import V9ExportPacket

__all__ = ["MalformedPacket", "UnknownExportVersion", "get_export_version", "parse_packet"]

ExportPacket: TypeAlias = V1ExportPacket | V5ExportPacket | V9ExportPacket | IPFIXExportPacket

_SHOWN = 25


class UnknownExportVersion(Exception):
    """The version is none of 1, 5, 9 and 10: .data is the packet, .version the number."""

    def __init__(self, data: bytes, version: int) -> None:
        self.data = data
        self.version = version
        shown = repr(data)
        super().__init__(
            f"Unknown NetFlow version {version} for data {shown[:_SHOWN]}..."
        )


def get_export_version(data: bytes) -> int:
    """Return the version, which every packet starts with."""
    if len(data) < 2:
        raise MalformedPacket(f"{len(data)} bytes have no version")
    return data[0] << 8 | data[1]


def _raw(data: str | bytes | bytearray | memoryview) -> bytes:
    if isinstance(data, str):
        return bytes.fromhex(data)
    if not isinstance(data, bytes):
        return memoryview(data).tobytes()
    # "00" is no version, and all versions in hexadecimal start with it.
    return bytes.fromhex(data.decode("ascii")) if data.startswith(b"00") else data


def _of(templates: dict[str, Any] | None, key: str, name: str) -> dict[int, Any]:
    if templates is None:
        raise ValueError(
            f"{name} packets refer to templates of earlier ones: "
            'keep a dict {"netflow": {}, "ipfix": {}} and pass it with each packet'
        )
    known = templates.get(key)
    # An empty list stands for a dict where a caller followed old documentation.
    if known is None or known == []:
        known = templates[key] = {}
    if not isinstance(known, dict):
        raise TypeError(f"templates[{key!r}] is {type(known).__name__}, not dict")
    return known


def parse_packet(
    data: str | bytes | bytearray | memoryview, templates: dict[str, Any] | None = None
) -> ExportPacket:
    """Parse one packet of NetFlow 1, 5, 9 or IPFIX.

    data is the payload of a datagram, or hexadecimal text: a str, or bytes that start with
    "00". Versions 9 and 10 need templates, a dict like {"netflow": {}, "ipfix": {}}, which
    is updated in place and belongs to one exporter.

    Raises UnknownExportVersion, V9TemplateNotRecognized or IPFIXTemplateNotRecognized (both
    KeyError) where templates are missing, and ValueError for the rest: MalformedPacket and
    those below it for bytes that are no packet, ValueError itself for text that is not
    hexadecimal or for templates that were not passed.
    """
    raw = _raw(data)
    version = get_export_version(raw)
    if version == 9:
        return V9ExportPacket(raw, _of(templates, "netflow", "NetFlow v9"))
    if version == 5:
        return V5ExportPacket(raw)
    if version == 10:
        return IPFIXExportPacket(raw, _of(templates, "ipfix", "IPFIX"))
    if version == 1:
        return V1ExportPacket(raw)
    raise UnknownExportVersion(raw, version)
