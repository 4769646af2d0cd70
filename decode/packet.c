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
 * Packets: from the IP header down to ports, in one pass that only goes
 * forward, and on into tunnels.
 */

#include "decode/link.h"
#include "decode/plain.h"

#define IPV4_HDRLEN 20
#define IPV4_MORE 0x2000
#define IPV4_OFFSET 0x1fff
#define IPV4_FRAGMENT (IPV4_MORE | IPV4_OFFSET)
#define IPV6_HDRLEN 40
#define IPV6_LABEL 0xfffff
#define IPV6_MORE 0x0001

/* IE 197, RFC 7270: the bits of the IPv4 header where they are. */
#define FRAGMENT_MORE 0x20
#define FRAGMENT_BITS 0xe0

/* Extension headers in a row, and tunnels in one another: more is an attack. */
#define EXTENSIONS_MAX 8
#define TUNNELS_MAX 4

#define PORT_VXLAN 4789
#define PORT_GENEVE 6081
#define PORT_GTP 2152
#define UDP_HDRLEN 8
#define TCP_LOOKED_AT 14 /* up to its flags */
#define PORTS_LEN 4
#define ICMP_LOOKED_AT 2
#define VXLAN_HDRLEN 8
#define VXLAN_VALID 0x08
#define GENEVE_HDRLEN 8
#define ETHERIP_HDRLEN 2

/* 3GPP TS 29.281 */
#define GTP_HDRLEN 8
#define GTP_VERSION 0xf0 /* and that it is GTP, not GTP' */
#define GTP_VERSION_1 0x30
#define GTP_OPTIONS 0x07 /* any: four more bytes */
#define GTP_EXTENSION 0x04
#define GTP_PACKET 255

#define GRE_CHECKSUM 0x8000
#define GRE_ROUTING 0x4000
#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_ACK 0x0080
#define GRE_VERSION 0x0007

enum {
	P_HOPOPTS = 0,
	P_ICMP = 1,
	P_IPIP = 4,
	P_TCP = 6,
	P_UDP = 17,
	P_DCCP = 33,
	P_IPV6 = 41,
	P_ROUTING = 43,
	P_FRAGMENT = 44,
	P_GRE = 47,
	P_AUTH = 51,
	P_ICMPV6 = 58,
	P_NONE = 59,
	P_DSTOPTS = 60,
	P_ETHERIP = 97,
	P_SCTP = 132,
	P_MOBILITY = 135,
	P_UDPLITE = 136,
	P_MPLS = 137,
	P_HIP = 139,
	P_SHIM6 = 140,
};

/*
 * The IP packet ends where its header says, and what a frame has behind that
 * is padding.  0: it was yet to be cut by the card, or is a jumbogram.
 */
static inline void
trim(struct rd *rd, size_t len)
{
	if (len != 0 && len < rd->left)
		rd->left = len;
}

static inline void
fragment(struct packet *pkt, uint32_t id, uint16_t offset, uint8_t flags)
{
	pkt->fragment = true;
	pkt->fragment_id = id;
	pkt->fragment_offset = offset;
	pkt->fragment_flags = flags;
}

/* Those behind the IP header stand where the cursor does. */
static inline void
behind(struct packet *pkt, const struct rd *rd)
{
	pkt->hdrlen = (uint16_t)(rd->p - pkt->ip);
	pkt->l4_left = (uint32_t)rd->left;
	if (pkt->fragment_offset == 0)
		pkt->l4 = rd->p;
}

static enum packet_end
walk_ipv4(struct rd *rd, struct packet *pkt)
{
	const uint8_t *p = rd->p;
	uint16_t frag;
	size_t hlen;

	if (rd->left < IPV4_HDRLEN)
		return (PACKET_CUT);
	pkt->ip = p;
	pkt->version = 4;
	pkt->ip_len = be16(p + 2);
	pkt->protocol = p[9];
	frag = be16(p + 6);
	if (frag & IPV4_FRAGMENT)
		fragment(pkt, be16(p + 4), frag & IPV4_OFFSET,
		    p[6] & FRAGMENT_BITS);
	hlen = (size_t)(p[0] & 0x0f) * 4;
	if (hlen < IPV4_HDRLEN || (pkt->ip_len != 0 && pkt->ip_len < hlen))
		return (PACKET_LIES);
	trim(rd, pkt->ip_len);
	if (rd_skip(rd, hlen) == -1)
		return (PACKET_CUT);
	behind(pkt, rd);
	return (PACKET_WHOLE);
}

/* RFC 8200 4.5 */
static int
walk_fragment(struct rd *rd, struct packet *pkt)
{
	uint8_t next, reserved;
	uint16_t off;
	uint32_t id;

	if (rd_u8(rd, &next) == -1 || rd_u8(rd, &reserved) == -1 ||
	    rd_u16(rd, &off) == -1 || rd_u32(rd, &id) == -1)
		return (-1);
	fragment(pkt, id, off >> 3, off & IPV6_MORE ? FRAGMENT_MORE : 0);
	pkt->protocol = next;
	return (0);
}

static bool
is_extension(uint8_t protocol)
{
	switch (protocol) {
	case P_HOPOPTS:
	case P_ROUTING:
	case P_FRAGMENT:
	case P_AUTH:
	case P_DSTOPTS:
	case P_MOBILITY:
	case P_HIP:
	case P_SHIM6:
		return (true);
	default:
		return (false);
	}
}

/* One extension header that is none of a fragment. */
static int
walk_extension(struct rd *rd, struct packet *pkt, uint8_t *next)
{
	struct rd head = *rd;
	uint8_t len;

	if (rd_u8(&head, next) == -1 || rd_u8(&head, &len) == -1)
		return (-1);
	return (rd_skip(rd,
	    pkt->protocol == P_AUTH ? (len + 2U) * 4 : (len + 1U) * 8));
}

/* The protocol is that of the last header, and of the one that is cut. */
static enum packet_end
walk_extensions(struct rd *rd, struct packet *pkt)
{
	uint8_t next = P_NONE;
	int i;

	for (i = 0; is_extension(pkt->protocol); i++) {
		if (i == EXTENSIONS_MAX)
			return (PACKET_CUT);
		if (pkt->protocol == P_FRAGMENT) {
			if (walk_fragment(rd, pkt) == -1)
				return (PACKET_CUT);
			if (pkt->fragment_offset != 0)
				break;
			continue;
		}
		if (walk_extension(rd, pkt, &next) == -1)
			return (PACKET_CUT);
		/* These are messages of their own: nothing comes behind. */
		if (next == P_NONE && pkt->protocol >= P_MOBILITY)
			break;
		pkt->protocol = next;
	}
	behind(pkt, rd);
	return (PACKET_WHOLE);
}

static enum packet_end
walk_ipv6(struct rd *rd, struct packet *pkt)
{
	const uint8_t *p = rd->p;
	uint16_t len;

	if (rd_skip(rd, IPV6_HDRLEN) == -1)
		return (PACKET_CUT);
	len = be16(p + 4);
	pkt->ip = p;
	pkt->version = 6;
	pkt->protocol = p[6];
	if (len != 0 || p[6] == P_NONE)
		pkt->ip_len = len + (uint32_t)IPV6_HDRLEN;
	trim(rd, len);
	return (walk_extensions(rd, pkt));
}

/* Is as much of the transport there as is looked at? */
static enum packet_end
transport_end(const struct packet *pkt)
{
	size_t want;

	switch (pkt->protocol) {
	case P_TCP:
		want = TCP_LOOKED_AT;
		break;
	case P_UDP:
	case P_UDPLITE:
	case P_SCTP:
	case P_DCCP:
		want = PORTS_LEN;
		break;
	case P_ICMP:
	case P_ICMPV6:
		want = ICMP_LOOKED_AT;
		break;
	default:
		want = 0;
	}
	if (pkt->l4 != NULL && pkt->l4_left < want)
		return (PACKET_CUT);
	return (PACKET_WHOLE);
}

/* The cursor goes behind the IP headers. */
static enum packet_end
walk_ip(struct rd *rd, struct packet *pkt)
{
	enum packet_end end;

	end = rd->p[0] >> 4 == 4 ? walk_ipv4(rd, pkt) : walk_ipv6(rd, pkt);
	return (end == PACKET_WHOLE ? transport_end(pkt) : end);
}

/* RFC 2784, 2890; version 1 is that of PPTP, RFC 2637. */
static enum packet_end
walk_gre(struct rd *rd, struct packet *in)
{
	uint16_t flags, type;
	size_t len = 0;

	if (rd_u16(rd, &flags) == -1 || rd_u16(rd, &type) == -1)
		return (PACKET_CUT);
	if (flags & GRE_ROUTING || (flags & GRE_VERSION) > 1)
		return (PACKET_NOT_IP);
	if (flags & GRE_CHECKSUM)
		len += 4;
	if (flags & GRE_KEY)
		len += 4;
	if (flags & GRE_SEQUENCE)
		len += 4;
	if (flags & GRE_VERSION && flags & GRE_ACK)
		len += 4;
	if (rd_skip(rd, len) == -1)
		return (PACKET_CUT);
	return (link_tunnel(rd, type, in));
}

static enum packet_end
walk_vxlan(struct rd *rd, struct packet *in)
{
	const uint8_t *p = rd->p;

	if (rd_skip(rd, VXLAN_HDRLEN) == -1)
		return (PACKET_CUT);
	return (p[0] & VXLAN_VALID ? link_ethernet(rd, in) : PACKET_NOT_IP);
}

static enum packet_end
walk_geneve(struct rd *rd, struct packet *in)
{
	const uint8_t *p = rd->p;

	if (rd->left < GENEVE_HDRLEN)
		return (PACKET_CUT);
	if (p[0] >> 6 != 0)
		return (PACKET_NOT_IP);
	if (rd_skip(rd, GENEVE_HDRLEN + (size_t)(p[0] & 0x3f) * 4) == -1)
		return (PACKET_CUT);
	return (link_tunnel(rd, be16(p + 2), in));
}

/* Extension headers: of four bytes each or a multiple, the next one's last. */
static enum packet_end
walk_gtp(struct rd *rd, struct packet *in)
{
	const uint8_t *p = rd->p;
	uint8_t next = 0;

	(void)in;
	if (rd_skip(rd, GTP_HDRLEN) == -1)
		return (PACKET_CUT);
	if ((p[0] & GTP_VERSION) != GTP_VERSION_1 || p[1] != GTP_PACKET)
		return (PACKET_NOT_IP);
	if (p[0] & GTP_OPTIONS) {
		if (rd_skip(rd, 4) == -1)
			return (PACKET_CUT);
		if (p[0] & GTP_EXTENSION)
			next = rd->p[-1];
	}
	while (next != 0) {
		p = rd->p;
		if (rd->left == 0 || p[0] == 0 ||
		    rd_skip(rd, (size_t)p[0] * 4) == -1)
			return (PACKET_CUT);
		next = rd->p[-1];
	}
	return (link_ip(rd));
}

static enum packet_end
walk_udp(struct rd *rd, struct packet *in)
{
	const uint8_t *p = rd->p;

	if (rd_skip(rd, UDP_HDRLEN) == -1)
		return (PACKET_CUT);
	switch (be16(p + 2)) {
	case PORT_VXLAN:
		return (walk_vxlan(rd, in));
	case PORT_GENEVE:
		return (walk_geneve(rd, in));
	case PORT_GTP:
		return (walk_gtp(rd, in));
	default:
		return (PACKET_NOT_IP);
	}
}

/* Is there a packet in the packet?  Then rd stands at its IP header. */
static enum packet_end
walk_tunnel(uint8_t protocol, struct rd *rd, struct packet *in)
{
	switch (protocol) {
	case P_IPIP:
	case P_IPV6:
		return (link_ip(rd));
	case P_GRE:
		return (walk_gre(rd, in));
	case P_UDP:
		return (walk_udp(rd, in));
	case P_ETHERIP:
		if (rd_skip(rd, ETHERIP_HDRLEN) == -1)
			return (PACKET_CUT);
		return (link_ethernet(rd, in));
	case P_MPLS:
		return (link_mpls(rd, in));
	default:
		return (PACKET_NOT_IP);
	}
}

/*
 * Replace the packet by the one in it, if that has all of an IP header: else
 * what is known of the outer one is worth more.
 */
static bool
enter(struct rd *rd, struct packet *pkt)
{
	struct packet in;
	struct rd inner = *rd;

	if (pkt->l4 == NULL)
		return (false);
	memset(&in, 0, sizeof(in));
	if (walk_tunnel(pkt->protocol, &inner, &in) != PACKET_WHOLE ||
	    inner.left < (inner.p[0] >> 4 == 4 ? IPV4_HDRLEN : IPV6_HDRLEN))
		return (false);
	/* A tunnel for packets leaves the frame what it was. */
	if (in.mac == NULL) {
		in = *pkt;
		in.l4 = NULL;
		in.l4_left = in.ip_len = in.fragment_id = 0;
		in.fragment_offset = in.hdrlen = 0;
		in.fragment_flags = 0;
		in.fragment = false;
	}
	in.tunnel = true;
	in.end = walk_ip(&inner, &in);
	*pkt = in;
	*rd = inner;
	return (true);
}

/* True if the cursor stands at an IP header that is cut, the first one. */
static bool
walk(enum packet_link link, struct rd *rd, bool inner, struct packet *pkt)
{
	int i;

	if (link == PACKET_ETHERNET && plain_walk(rd->p, rd->left, pkt) &&
	    !(inner && pkt->protocol == P_UDP))
		return (false);
	memset(pkt, 0, sizeof(*pkt));
	pkt->end = link_walk(link, rd, pkt);
	if (pkt->end != PACKET_WHOLE)
		return (false);
	pkt->end = walk_ip(rd, pkt);
	for (i = 0; inner && i < TUNNELS_MAX && enter(rd, pkt); i++)
		;
	return (pkt->version == 0);
}

void
packet_walk(enum packet_link link, struct rd rd, bool inner, struct packet *pkt)
{
	(void)walk(link, &rd, inner, pkt);
}

static inline void
put_addr(struct addr *a, enum addr_family family, const uint8_t *p)
{
	memset(a, 0, sizeof(*a));
	a->family = family;
	memcpy(a->b, p, family == ADDR_V4 ? 4 : 16);
}

/* The fields of an IPv4 header of which n bytes are there, at least one. */
static inline void
put_ipv4(struct flow *f, const uint8_t *p, size_t n)
{
	if (n >= 2) {
		f->tos = p[1];
		flow_set(f, FLOW_TOS);
	}
	if (n >= 9) {
		f->ttl = p[8];
		flow_set(f, FLOW_TTL);
	}
	if (n >= 10) {
		f->protocol = p[9];
		flow_set(f, FLOW_PROTOCOL);
	}
	if (n >= 16) {
		put_addr(&f->src_addr, ADDR_V4, p + 12);
		flow_set(f, FLOW_SRC_ADDR);
	}
	if (n >= 20) {
		put_addr(&f->dst_addr, ADDR_V4, p + 16);
		flow_set(f, FLOW_DST_ADDR);
	}
}

static inline void
put_ipv6(struct flow *f, const uint8_t *p, size_t n)
{
	if (n >= 2) {
		f->tos = (uint8_t)(be16(p) >> 4);
		flow_set(f, FLOW_TOS);
	}
	if (n >= 4) {
		f->flow_label = be32(p) & IPV6_LABEL;
		flow_set(f, FLOW_FLOW_LABEL);
	}
	if (n >= 7) {
		f->protocol = p[6];
		flow_set(f, FLOW_PROTOCOL);
	}
	if (n >= 8) {
		f->ttl = p[7];
		flow_set(f, FLOW_TTL);
	}
	if (n >= 24) {
		put_addr(&f->src_addr, ADDR_V6, p + 8);
		flow_set(f, FLOW_SRC_ADDR);
	}
	if (n >= 40) {
		put_addr(&f->dst_addr, ADDR_V6, p + 24);
		flow_set(f, FLOW_DST_ADDR);
	}
}

static inline void
put_ip(const struct packet *pkt, struct flow *f)
{
	if (pkt->version == 4)
		put_ipv4(f, pkt->ip, IPV4_HDRLEN);
	else
		put_ipv6(f, pkt->ip, IPV6_HDRLEN);
	f->protocol = pkt->protocol;
}

static void
put_fragment(const struct packet *pkt, struct flow *f)
{
	f->fragment_id = pkt->fragment_id;
	f->fragment_offset = pkt->fragment_offset;
	f->fragment_flags = pkt->fragment_flags;
	flow_set(f, FLOW_FRAGMENT_ID);
	flow_set(f, FLOW_FRAGMENT_OFFSET);
	flow_set(f, FLOW_FRAGMENT_FLAGS);
}

static inline void
put_ports(const struct packet *pkt, struct flow *f)
{
	if (pkt->l4_left < 2)
		return;
	f->src_port = be16(pkt->l4);
	flow_set(f, FLOW_SRC_PORT);
	if (pkt->l4_left < 4)
		return;
	f->dst_port = be16(pkt->l4 + 2);
	flow_set(f, FLOW_DST_PORT);
}

static void
put_icmp(const struct packet *pkt, struct flow *f)
{
	if (pkt->l4_left < 1)
		return;
	f->icmp_type = pkt->l4[0];
	flow_set(f, FLOW_ICMP_TYPE);
	if (pkt->l4_left < 2)
		return;
	f->icmp_code = pkt->l4[1];
	flow_set(f, FLOW_ICMP_CODE);
}

static inline void
put_transport(const struct packet *pkt, struct flow *f)
{
	switch (pkt->protocol) {
	case P_TCP:
		put_ports(pkt, f);
		/* The reserved bits belong to IE 6, the data offset not. */
		if (pkt->l4_left >= TCP_LOOKED_AT) {
			f->tcp_flags = be16(pkt->l4 + 12) & 0x0fff;
			flow_set(f, FLOW_TCP_FLAGS);
		}
		break;
	case P_UDP:
	case P_UDPLITE:
	case P_SCTP:
	case P_DCCP:
		put_ports(pkt, f);
		break;
	case P_ICMP:
	case P_ICMPV6:
		put_icmp(pkt, f);
		break;
	}
}

void
packet_put(const struct packet *pkt, struct flow *f)
{
	link_put(pkt, f);
	if (pkt->version != 0)
		put_ip(pkt, f);
	if (pkt->fragment)
		put_fragment(pkt, f);
	if (pkt->l4 != NULL)
		put_transport(pkt, f);
}

/* An IP header that is cut: what there is of it. */
static void
put_cut(const struct rd *rd, struct packet *pkt, struct flow *f)
{
	if (rd->p[0] >> 4 == 4) {
		put_ipv4(f, rd->p, rd->left);
		if (rd->left >= 4)
			pkt->ip_len = be16(rd->p + 2);
	} else {
		put_ipv6(f, rd->p, rd->left);
		if (rd->left >= 6)
			pkt->ip_len = be16(rd->p + 4) + (uint32_t)IPV6_HDRLEN;
	}
}

void
packet_decode(enum packet_link link, struct rd rd, bool inner, struct flow *f,
    struct packet *pkt)
{
	bool cut = walk(link, &rd, inner, pkt);

	packet_put(pkt, f);
	if (cut)
		put_cut(&rd, pkt, f);
}
