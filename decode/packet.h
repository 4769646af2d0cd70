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
	/* Those of captures: */
	PACKET_HDLC,	 /* Cisco's */
	PACKET_PPPOE,	 /* its header, and PPP */
	PACKET_LOOPBACK, /* four bytes of an address family, and IP */
	PACKET_SLL,	 /* Linux cooked */
	PACKET_SLL2,	 /* the same, version 2 */
	PACKET_ENC,	 /* IPsec of OpenBSD */
	PACKET_PFLOG,
	PACKET_NFLOG,
	PACKET_MAX
};

/* How a link type of libpcap (DLT_x) is read.  0, or -1: not known. */
int packet_dlt(int dlt, enum packet_link *);

/* Why a walk ended where it did. */
enum packet_end {
	PACKET_WHOLE,  /* the IP header and all that is looked at was there */
	PACKET_CUT,    /* the bytes ended before that */
	PACKET_NOT_IP, /* something else: ARP, an unknown type, ... */
	PACKET_LIES,   /* lengths that contradict each other or the version */
};

/*
 * Where things are in a packet.  Pointers are into it; NULL is for what is not
 * there, and what is pointed to is there in full.
 */
struct packet {
	const uint8_t *mac;  /* destination, then source */
	const uint8_t *mpls; /* label stack, `labels` words of it */
	const uint8_t *ip;   /* header: 20 or 40 bytes */
	const uint8_t *l4;   /* what is behind the IP headers, if that is
				the transport's beginning */
	uint32_t l4_left;    /* captured bytes behind the IP headers: from l4,
				or of a later fragment */
	uint32_t ip_len;     /* total length of the IP packet; 0: no IP, or the
				header leaves it open (a jumbogram, or the card
				had yet to cut it) */
	uint32_t fragment_id;
	uint16_t fragment_offset; /* units of 8 bytes */
	uint16_t hdrlen;	  /* of all IP headers; 0: they are cut */
	uint16_t labels;
	uint16_t tag[2];    /* VLAN ids, the outer first */
	uint16_t ethertype; /* behind the tags, if `typed` */
	uint8_t ntags;
	bool typed;
	uint8_t version;	/* 4, 6; 0: no IP */
	uint8_t protocol;	/* behind extension headers */
	uint8_t fragment_flags; /* IE 197 */
	bool fragment;		/* of a fragmented packet, or IPv6's atomic */
	bool tunnel; /* the addresses are those of the inner packet */
	uint8_t end; /* enum packet_end */
};

/*
 * One pass over a packet, forwards only, that costs no more than its headers.
 * `inner` as below.  A packet whose transport header is cut, or an IPv6 one
 * whose extension headers are, has `ip` still and ends in PACKET_CUT.
 */
void packet_walk(enum packet_link, struct rd, bool inner, struct packet *);

/* The fields of a flow that a packet has, as packet_decode sets them. */
void packet_put(const struct packet *, struct flow *);

/*
 * Sets the fields of the flow that the packet has, and their bits: addresses
 * of the link, VLANs, labels, ethertype, addresses, protocol, ports, flags,
 * ICMP, TTL, ToS, flow label; fragment fields if it is a fragment.  Not the
 * counters.  ICMP has no ports, and a fragment that is not the first neither
 * type nor port.
 *
 * Of packets in tunnels the outer one counts, or with `inner` the innermost
 * whose IP header is whole (GRE, VXLAN, Geneve, GTP-U, EtherIP, IP and MPLS
 * in IP). The link layer is then that of the inner frame, and of the outer one
 * if the tunnel has no frames.
 *
 * A packet that is cut gives what stands before the cut; there is no input
 * that it fails on, and none that costs more than its bytes.
 */
void packet_decode(enum packet_link, struct rd, bool inner, struct flow *,
    struct packet *);

#endif /* DECODE_PACKET_H */
