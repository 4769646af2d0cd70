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
 * From a captured frame to the UDP datagram in it, through whatever link and
 * tunnel headers stand before.
 */

#include <pcap/dlt.h>

#include <string.h>

#include "reader.h"

#define TYPE_IPV4 0x0800
#define TYPE_IPV6 0x86dd
#define TYPE_VLAN 0x8100
#define TYPE_QINQ 0x88a8
#define TYPE_QINQ_OLD 0x9100
#define TYPE_QINQ_OLDER 0x9200
#define TYPE_PPPOE 0x8864
#define TYPE_MPLS 0x8847
#define TYPE_MPLS_UPSTREAM 0x8848
#define TYPE_LEN_MAX 1500 /* below: IEEE 802.3, a length */
#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057
#define PPPOE_HDRLEN 6
#define IPV4_HDRLEN 20
#define IPV4_MORE 0x2000
#define IPV4_OFFSET 0x1fff
#define IPV6_HDRLEN 40
#define UDP_HDRLEN 8
#define NEXT_HOPOPTS 0
#define NEXT_UDP 17
#define NEXT_ROUTING 43
#define NEXT_FRAGMENT 44
#define NEXT_AUTH 51
#define NEXT_DSTOPTS 60
#define NEXT_MOBILITY 135
#define NEXT_HIP 139
#define NEXT_SHIM6 140

enum packet_result
packet_udp(struct packet *pkt)
{
	struct rd *rd = &pkt->payload;
	uint16_t len, sum;

	if (rd_u16(rd, &pkt->src_port) == -1 ||
	    rd_u16(rd, &pkt->dst_port) == -1 || rd_u16(rd, &len) == -1 ||
	    rd_u16(rd, &sum) == -1)
		return (PACKET_SHORT);
	/* Zero: longer than 16 bits can say (RFC 2675), all there is. */
	if (len == 0)
		return (PACKET_UDP);
	if (len < UDP_HDRLEN)
		return (PACKET_BAD);
	if (rd_sub(rd, len - UDP_HDRLEN, rd) == -1)
		return (PACKET_SHORT);
	return (PACKET_UDP);
}

static void
set_addr(struct addr *a, enum addr_family family, const uint8_t *p)
{
	memset(a, 0, sizeof(*a));
	a->family = family;
	memcpy(a->b, p, family == ADDR_V4 ? 4 : 16);
}

static enum packet_result
parse_ipv4(struct rd frame, struct packet *pkt)
{
	const uint8_t *p = frame.p;
	size_t hlen, total;

	if (frame.left < IPV4_HDRLEN)
		return (PACKET_SHORT);
	hlen = (size_t)(p[0] & 0x0f) * 4;
	total = be16(p + 2);
	/* Zero: the card had yet to cut it when it was captured. */
	if (total == 0)
		total = frame.left;
	if (hlen < IPV4_HDRLEN || total < hlen)
		return (PACKET_BAD);
	if (p[9] != NEXT_UDP)
		return (PACKET_OTHER);
	set_addr(&pkt->src, ADDR_V4, p + 12);
	set_addr(&pkt->dst, ADDR_V4, p + 16);
	pkt->frag_id = be16(p + 4);
	pkt->frag_offset = (uint32_t)(be16(p + 6) & IPV4_OFFSET) * 8;
	pkt->frag_more = (be16(p + 6) & IPV4_MORE) != 0;
	/* Ethernet pads short frames: the total length ends the packet. */
	if (rd_skip(&frame, hlen) == -1 ||
	    rd_sub(&frame, total - hlen, &pkt->payload) == -1)
		return (PACKET_SHORT);
	if (pkt->frag_more || pkt->frag_offset != 0)
		return (PACKET_FRAGMENT);
	return (packet_udp(pkt));
}

/* RFC 8200 4.5: the extension header takes its own 8 bytes off. */
static int
fragment_header(struct packet *pkt, uint8_t *next)
{
	struct rd *rd = &pkt->payload;
	uint16_t off;
	uint8_t reserved;

	if (rd_u8(rd, next) == -1 || rd_u8(rd, &reserved) == -1 ||
	    rd_u16(rd, &off) == -1 || rd_u32(rd, &pkt->frag_id) == -1)
		return (-1);
	pkt->frag_offset = off & ~7U;
	pkt->frag_more = off & 1;
	return (0);
}

static int
extension_header(struct rd *rd, uint8_t kind, uint8_t *next)
{
	uint8_t len;

	if (rd_u8(rd, next) == -1 || rd_u8(rd, &len) == -1)
		return (-1);
	return (rd_skip(rd,
	    kind == NEXT_AUTH ? (len + 2U) * 4 - 2 : (len + 1U) * 8 - 2));
}

static enum packet_result
parse_ipv6_next(struct packet *pkt, uint8_t next)
{
	for (;;) {
		switch (next) {
		case NEXT_UDP:
			return (packet_udp(pkt));
		case NEXT_FRAGMENT:
			if (fragment_header(pkt, &next) == -1)
				return (PACKET_SHORT);
			/* An atomic fragment (RFC 6946) is whole. */
			if (pkt->frag_more || pkt->frag_offset != 0)
				return (next == NEXT_UDP ? PACKET_FRAGMENT
							 : PACKET_OTHER);
			break;
		case NEXT_HOPOPTS:
		case NEXT_ROUTING:
		case NEXT_AUTH:
		case NEXT_DSTOPTS:
		case NEXT_MOBILITY:
		case NEXT_HIP:
		case NEXT_SHIM6:
			if (extension_header(&pkt->payload, next, &next) == -1)
				return (PACKET_SHORT);
			break;
		default:
			return (PACKET_OTHER);
		}
	}
}

static enum packet_result
parse_ipv6(struct rd frame, struct packet *pkt)
{
	const uint8_t *p = frame.p;
	size_t len;

	if (rd_skip(&frame, IPV6_HDRLEN) == -1)
		return (PACKET_SHORT);
	set_addr(&pkt->src, ADDR_V6, p + 8);
	set_addr(&pkt->dst, ADDR_V6, p + 24);
	/* Zero: a jumbogram, or not yet cut by the card. */
	len = be16(p + 4);
	if (len == 0)
		len = frame.left;
	if (rd_sub(&frame, len, &pkt->payload) == -1) {
		/* Say "something else" of what is not UDP, cut or not. */
		return (p[6] == NEXT_UDP ? PACKET_SHORT : PACKET_OTHER);
	}
	return (parse_ipv6_next(pkt, p[6]));
}

static enum packet_result
parse_ip(struct rd frame, struct packet *pkt)
{
	if (frame.left == 0)
		return (PACKET_SHORT);
	switch (frame.p[0] >> 4) {
	case 4:
		return (parse_ipv4(frame, pkt));
	case 6:
		return (parse_ipv6(frame, pkt));
	default:
		return (PACKET_OTHER);
	}
}

static enum packet_result
parse_mpls(struct rd frame, struct packet *pkt)
{
	uint32_t label;

	do {
		if (rd_u32(&frame, &label) == -1)
			return (PACKET_SHORT);
	} while ((label & 0x100) == 0); /* bottom of the stack, RFC 3032 */
	return (parse_ip(frame, pkt));
}

static enum packet_result
parse_ppp(struct rd frame, struct packet *pkt)
{
	uint16_t proto;
	uint8_t low;

	/* Address and control may be there, or compressed away (RFC 1661). */
	if (frame.left >= 2 && frame.p[0] == 0xff && frame.p[1] == 0x03)
		(void)rd_skip(&frame, 2);
	if (frame.left >= 1 && frame.p[0] & 1) {
		(void)rd_u8(&frame, &low);
		proto = low;
	} else if (rd_u16(&frame, &proto) == -1)
		return (PACKET_SHORT);
	if (proto != PPP_IPV4 && proto != PPP_IPV6)
		return (PACKET_OTHER);
	return (parse_ip(frame, pkt));
}

static enum packet_result
parse_pppoe(struct rd frame, struct packet *pkt)
{
	if (rd_skip(&frame, PPPOE_HDRLEN) == -1)
		return (PACKET_SHORT);
	return (parse_ppp(frame, pkt));
}

/* What follows an Ethernet type. */
static enum packet_result
parse_type(struct rd frame, uint16_t type, struct packet *pkt)
{
	static const uint8_t snap[] = {0xaa, 0xaa, 3, 0, 0, 0};

	for (;;) {
		switch (type) {
		case TYPE_VLAN:
		case TYPE_QINQ:
		case TYPE_QINQ_OLD:
		case TYPE_QINQ_OLDER:
			if (rd_skip(&frame, 2) == -1)
				return (PACKET_SHORT);
			break;
		case TYPE_IPV4:
		case TYPE_IPV6:
			return (parse_ip(frame, pkt));
		case TYPE_PPPOE:
			return (parse_pppoe(frame, pkt));
		case TYPE_MPLS:
		case TYPE_MPLS_UPSTREAM:
			return (parse_mpls(frame, pkt));
		default:
			if (type > TYPE_LEN_MAX || frame.left < sizeof(snap) ||
			    memcmp(frame.p, snap, sizeof(snap)) != 0)
				return (PACKET_OTHER);
			(void)rd_skip(&frame, sizeof(snap));
			break;
		}
		if (rd_u16(&frame, &type) == -1)
			return (PACKET_SHORT);
	}
}

/* Links whose headers have a fixed length and end in, or hold, a type. */
static const struct link {
	int dlt;
	uint8_t hdrlen;
	uint8_t type_at; /* of 16 bits */
} typed_links[] = {
    {DLT_EN10MB, 14, 12},
    {DLT_LINUX_SLL, 16, 14},
    {DLT_LINUX_SLL2, 20, 0},
    {DLT_C_HDLC, 4, 2},
};

/* Links whose headers tell nothing that the IP header does not tell. */
static const struct {
	int dlt;
	uint8_t hdrlen;
} plain_links[] = {
    {DLT_RAW, 0},
    {DLT_IPV4, 0},
    {DLT_IPV6, 0},
    {DLT_NULL, 4},
    {DLT_LOOP, 4},
    {DLT_ENC, 12},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct link *
typed_link(int dlt)
{
	size_t i;

	for (i = 0; i < COUNT(typed_links); i++)
		if (typed_links[i].dlt == dlt)
			return (&typed_links[i]);
	return (NULL);
}

/* -1 if it is no such link. */
static int
plain_link(int dlt)
{
	size_t i;

	for (i = 0; i < COUNT(plain_links); i++)
		if (plain_links[i].dlt == dlt)
			return (plain_links[i].hdrlen);
	return (-1);
}

bool
packet_link_known(int link)
{
	return (typed_link(link) != NULL || plain_link(link) != -1 ||
	    link == DLT_PPP || link == DLT_PPP_SERIAL ||
	    link == DLT_PPP_ETHER || link == DLT_PFLOG);
}

enum packet_result
packet_parse(int link, struct rd frame, struct packet *pkt)
{
	const struct link *typed = typed_link(link);
	int plain = plain_link(link);
	const uint8_t *p = frame.p;
	size_t hdrlen;

	memset(pkt, 0, sizeof(*pkt));
	if (typed != NULL) {
		if (rd_skip(&frame, typed->hdrlen) == -1)
			return (PACKET_SHORT);
		return (parse_type(frame, be16(p + typed->type_at), pkt));
	}
	if (link == DLT_PPP || link == DLT_PPP_SERIAL)
		return (parse_ppp(frame, pkt));
	if (link == DLT_PPP_ETHER)
		return (parse_pppoe(frame, pkt));
	if (link == DLT_PFLOG && frame.left > 0)
		hdrlen = (size_t)(p[0] + 3) & ~(size_t)3;
	else if (plain != -1)
		hdrlen = (size_t)plain;
	else
		return (PACKET_OTHER);
	if (rd_skip(&frame, hdrlen) == -1)
		return (PACKET_SHORT);
	return (parse_ip(frame, pkt));
}
