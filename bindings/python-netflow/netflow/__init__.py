# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Export packets of NetFlow versions 1, 5, 9 and of IPFIX as Python objects.

    templates = {"netflow": {}, "ipfix": {}}
    packet = netflow.parse_packet(payload, templates)
    for flow in packet.flows:
        print(flow.IPV4_SRC_ADDR, flow.data)
"""

from .utils import parse_packet

__all__ = ["parse_packet"]
