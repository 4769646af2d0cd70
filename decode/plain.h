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
 * What nearly every packet is: Ethernet with two tags at most, IP without
 * options or extension headers, no fragment, TCP or UDP.  It is recognized in
 * one look, inline; the others take the long way (packet_walk).
 */

#ifndef DECODE_PLAIN_H
#define DECODE_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "decode/packet.h"

#define PLAIN_ETHERNET 14
#define PLAIN_TAG 4
#define PLAIN_IPV4 20
#define PLAIN_IPV6 40
#define PLAIN_TRANSPORT 14 /* TCP up to its flags */
#define PLAIN_TYPE_TAG 0x8100
#define PLAIN_TYPE_AD 0x88a8 /* 802.1ad: the outer of two tags */
#define PLAIN_VLAN 0x0fff
#define PLAIN_TYPE_IPV4 0x0800
#define PLAIN_TYPE_IPV6 0x86dd
#define PLAIN_TCP 6
#define PLAIN_UDP 17

static inline bool
plain_is_tag(uint16_t type)
{
	return (type == PLAIN_TYPE_TAG || type == PLAIN_TYPE_AD);
}

/* n bytes of the packet are there, the IP header among them. */
static inline bool
plain_transport(struct packet *pkt, size_t hdrlen, size_t n)
{
	if (pkt->ip_len < n)
		n = pkt->ip_len;
	pkt->hdrlen = (uint16_t)hdrlen;
	pkt->l4 = pkt->ip + hdrlen;
	pkt->l4_left = (uint32_t)(n - hdrlen);
	return (n >= hdrlen + PLAIN_TRANSPORT &&
	    (pkt->protocol == PLAIN_TCP || pkt->protocol == PLAIN_UDP));
}

static inline bool
plain_ipv4(struct packet *pkt, size_t n)
{
	const uint8_t *p = pkt->ip;

	/* No options; neither more fragments nor an offset. */
	if (p[0] != 0x45 || (be16(p + 6) & 0x3fff) != 0)
		return (false);
	pkt->version = 4;
	pkt->protocol = p[9];
	pkt->ip_len = be16(p + 2);
	return (plain_transport(pkt, PLAIN_IPV4, n));
}

static inline bool
plain_ipv6(struct packet *pkt, size_t n)
{
	const uint8_t *p = pkt->ip;

	/* A length of 0 is not known, and so too short for the quick way. */
	if (p[0] >> 4 != 6)
		return (false);
	pkt->version = 6;
	pkt->protocol = p[6];
	pkt->ip_len = be16(p + 4) + (uint32_t)PLAIN_IPV6;
	return (plain_transport(pkt, PLAIN_IPV6, n));
}

/* False: it is something else, or looks like it; *pkt is of no use then. */
static inline __attribute__((__always_inline__)) bool
plain_walk(const uint8_t *p, size_t len, struct packet *pkt)
{
	size_t head = PLAIN_ETHERNET;

	*pkt = (struct packet){.mac = p, .typed = true, .end = PACKET_WHOLE};
	if (len < PLAIN_ETHERNET + PLAIN_IPV4 + PLAIN_TRANSPORT)
		return (false);
	pkt->ethertype = be16(p + 12);
	if (plain_is_tag(pkt->ethertype)) {
		pkt->ntags = 1;
		pkt->tag[0] = be16(p + 14) & PLAIN_VLAN;
		pkt->ethertype = be16(p + 16);
		head += PLAIN_TAG;
		if (plain_is_tag(pkt->ethertype)) {
			pkt->ntags = 2;
			pkt->tag[1] = be16(p + 18) & PLAIN_VLAN;
			pkt->ethertype = be16(p + 20);
			head += PLAIN_TAG;
		}
	}
	/* No shorter than an IPv4 header and what is behind it. */
	if (len < head + PLAIN_IPV4 + PLAIN_TRANSPORT)
		return (false);
	pkt->ip = p + head;
	if (pkt->ethertype == PLAIN_TYPE_IPV4)
		return (plain_ipv4(pkt, len - head));
	if (pkt->ethertype == PLAIN_TYPE_IPV6)
		return (plain_ipv6(pkt, len - head));
	return (false);
}

#endif /* DECODE_PLAIN_H */
