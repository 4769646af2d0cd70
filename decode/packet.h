/*
 * Copyright (c) 2026 The flowd authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * A sampled packet, or as much of its front as there is, becomes the fields
 * of a flow: sFlow's raw headers, IPFIX header sections, captured frames.
 */

#ifndef DECODE_PACKET_H
#define DECODE_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "flow.h"

/* What the first byte belongs to. */
enum packet_link {
	PACKET_ETHERNET,
	PACKET_IP,   /* IPv4 or IPv6: its first nibble tells */
	PACKET_MPLS, /* a label stack, and IP under it */
	PACKET_PPP,  /* in HDLC's framing or without it; Cisco's, too */
	PACKET_MAX
};

struct packet {
	uint32_t ip_len; /* total length of the IP packet; 0: no IP */
	bool tunnel;	 /* the addresses are those of the inner packet */
};

/*
 * Sets the fields of the flow that the packet has, and their bits: addresses
 * of the link, VLANs, labels, ethertype, addresses, protocol, ports, flags,
 * ICMP, TTL, ToS, flow label; fragment fields if it is a fragment.  Not the
 * counters.  ICMP has no ports, and a fragment that is not the first neither
 * type nor port.
 *
 * Of packets in tunnels the outer one counts, or with `inner` the innermost
 * whose IP header is whole (GRE, VXLAN, Geneve, EtherIP, IP and MPLS in IP).
 * The link layer is then that of the inner frame, and of the outer one if the
 * tunnel has no frames.
 *
 * A packet that is cut gives what stands before the cut; there is no input
 * that it fails on, and none that costs more than its bytes.
 */
void packet_decode(enum packet_link, struct rd, bool inner, struct flow *,
    struct packet *);

#endif /* DECODE_PACKET_H */
