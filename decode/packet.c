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
#define UDP_HDRLEN 8
#define VXLAN_HDRLEN 8
#define VXLAN_VALID 0x08
#define GENEVE_HDRLEN 8
#define ETHERIP_HDRLEN 2

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

/* The packet under way. */
struct walk {
	struct rd rd; /* what is left */
	struct flow *f;
	struct packet pkt; /* what is known of it so far */
	uint8_t protocol;  /* what rd begins with */
};

static inline void
put_addr(struct addr *a, enum addr_family family, const uint8_t *p)
{
	memset(a, 0, sizeof(*a));
	a->family = family;
	memcpy(a->b, p, family == ADDR_V4 ? 4 : 16);
}

/* The fields of an IPv4 header of which n bytes are there, at least one. */
static inline void
put_ipv4(struct walk *w, const uint8_t *p, size_t n)
{
	struct flow *f = w->f;

	if (n >= 2) {
		f->tos = p[1];
		flow_set(f, FLOW_TOS);
	}
	if (n >= 4)
		w->pkt.ip_len = be16(p + 2);
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

static void
put_fragment(struct flow *f, uint32_t id, uint16_t offset, uint8_t flags)
{
	f->fragment_id = id;
	f->fragment_offset = offset;
	f->fragment_flags = flags;
	flow_set(f, FLOW_FRAGMENT_ID);
	flow_set(f, FLOW_FRAGMENT_OFFSET);
	flow_set(f, FLOW_FRAGMENT_FLAGS);
}

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

/* True if the header of the transport follows. */
static inline bool
walk_ipv4(struct walk *w)
{
	struct rd *rd = &w->rd;
	const uint8_t *p = rd->p;
	uint16_t frag;
	size_t hlen;

	if (rd->left < IPV4_HDRLEN) {
		put_ipv4(w, p, rd->left);
		return (false);
	}
	put_ipv4(w, p, IPV4_HDRLEN);
	w->protocol = p[9];
	frag = be16(p + 6);
	if (frag & IPV4_FRAGMENT)
		put_fragment(w->f, be16(p + 4), frag & IPV4_OFFSET,
		    p[6] & FRAGMENT_BITS);
	hlen = (size_t)(p[0] & 0x0f) * 4;
	trim(rd, w->pkt.ip_len);
	if (hlen < IPV4_HDRLEN || rd_skip(rd, hlen) == -1)
		return (false);
	return ((frag & IPV4_OFFSET) == 0);
}

/* RFC 8200 4.5.  True if the transport follows: this is the first one. */
static bool
walk_fragment(struct walk *w)
{
	uint8_t next, reserved;
	uint16_t off;
	uint32_t id;

	if (rd_u8(&w->rd, &next) == -1 || rd_u8(&w->rd, &reserved) == -1 ||
	    rd_u16(&w->rd, &off) == -1 || rd_u32(&w->rd, &id) == -1)
		return (false);
	put_fragment(w->f, id, off >> 3, off & IPV6_MORE ? FRAGMENT_MORE : 0);
	w->protocol = next;
	return (off >> 3 == 0);
}

static bool
walk_extension(struct walk *w)
{
	struct rd rd = w->rd;
	uint8_t next, len;

	if (w->protocol == P_FRAGMENT)
		return (walk_fragment(w));
	if (rd_u8(&rd, &next) == -1 || rd_u8(&rd, &len) == -1 ||
	    rd_skip(&w->rd,
		w->protocol == P_AUTH ? (len + 2U) * 4 : (len + 1U) * 8) == -1)
		return (false);
	/* These are messages of their own: nothing comes behind. */
	if (next == P_NONE && w->protocol >= P_MOBILITY)
		return (false);
	w->protocol = next;
	return (true);
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

static void
put_ipv6(struct walk *w, const uint8_t *p, size_t n)
{
	struct flow *f = w->f;

	if (n >= 2) {
		f->tos = (uint8_t)(be16(p) >> 4);
		flow_set(f, FLOW_TOS);
	}
	if (n >= 4) {
		f->flow_label = be32(p) & IPV6_LABEL;
		flow_set(f, FLOW_FLOW_LABEL);
	}
	if (n >= 6)
		w->pkt.ip_len = be16(p + 4) + (uint32_t)IPV6_HDRLEN;
	if (n >= 7) {
		w->protocol = f->protocol = p[6];
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

static bool
walk_ipv6(struct walk *w)
{
	const uint8_t *p = w->rd.p;
	bool more = true;
	int i;

	if (w->rd.left < IPV6_HDRLEN) {
		put_ipv6(w, p, w->rd.left);
		return (false);
	}
	put_ipv6(w, p, IPV6_HDRLEN);
	(void)rd_skip(&w->rd, IPV6_HDRLEN);
	trim(&w->rd, be16(p + 4));
	for (i = 0; more && is_extension(w->protocol); i++)
		more = i < EXTENSIONS_MAX && walk_extension(w);
	w->f->protocol = w->protocol;
	return (more);
}

static inline bool
walk_ip(struct walk *w)
{
	if (w->rd.p[0] >> 4 == 4)
		return (walk_ipv4(w));
	return (walk_ipv6(w));
}

static inline void
put_ports(struct flow *f, const struct rd *rd)
{
	if (rd->left < 2)
		return;
	f->src_port = be16(rd->p);
	flow_set(f, FLOW_SRC_PORT);
	if (rd->left < 4)
		return;
	f->dst_port = be16(rd->p + 2);
	flow_set(f, FLOW_DST_PORT);
}

static void
put_icmp(struct flow *f, const struct rd *rd)
{
	if (rd->left < 1)
		return;
	f->icmp_type = rd->p[0];
	flow_set(f, FLOW_ICMP_TYPE);
	if (rd->left < 2)
		return;
	f->icmp_code = rd->p[1];
	flow_set(f, FLOW_ICMP_CODE);
}

static inline void
put_transport(const struct walk *w)
{
	struct flow *f = w->f;

	switch (w->protocol) {
	case P_TCP:
		put_ports(f, &w->rd);
		/* The reserved bits belong to IE 6, the data offset not. */
		if (w->rd.left >= 14) {
			f->tcp_flags = be16(w->rd.p + 12) & 0x0fff;
			flow_set(f, FLOW_TCP_FLAGS);
		}
		break;
	case P_UDP:
	case P_UDPLITE:
	case P_SCTP:
	case P_DCCP:
		put_ports(f, &w->rd);
		break;
	case P_ICMP:
	case P_ICMPV6:
		put_icmp(f, &w->rd);
		break;
	}
}

/* RFC 2784, 2890; version 1 is that of PPTP, RFC 2637. */
static bool
walk_gre(struct rd *rd, struct link *l)
{
	uint16_t flags, type;
	size_t len = 0;

	if (rd_u16(rd, &flags) == -1 || rd_u16(rd, &type) == -1 ||
	    flags & GRE_ROUTING || (flags & GRE_VERSION) > 1)
		return (false);
	if (flags & GRE_CHECKSUM)
		len += 4;
	if (flags & GRE_KEY)
		len += 4;
	if (flags & GRE_SEQUENCE)
		len += 4;
	if (flags & GRE_VERSION && flags & GRE_ACK)
		len += 4;
	if (rd_skip(rd, len) == -1)
		return (false);
	return (link_tunnel(rd, type, l));
}

static bool
walk_udp(struct rd *rd, struct link *l)
{
	const uint8_t *p = rd->p;
	uint16_t port, type;

	if (rd_skip(rd, UDP_HDRLEN) == -1)
		return (false);
	port = be16(p + 2);
	p = rd->p;
	if (port == PORT_VXLAN)
		return (rd_skip(rd, VXLAN_HDRLEN) == 0 && p[0] & VXLAN_VALID &&
		    link_ethernet(rd, l));
	if (port != PORT_GENEVE || rd->left < GENEVE_HDRLEN || p[0] >> 6 != 0 ||
	    rd_skip(rd, GENEVE_HDRLEN + (size_t)(p[0] & 0x3f) * 4) == -1)
		return (false);
	type = be16(p + 2);
	return (link_tunnel(rd, type, l));
}

/* Is there a packet in the packet?  Then rd stands at its IP header. */
static bool
walk_tunnel(uint8_t protocol, struct rd *rd, struct link *l)
{
	memset(l, 0, sizeof(*l));
	switch (protocol) {
	case P_IPIP:
	case P_IPV6:
		return (link_is_ip(rd));
	case P_GRE:
		return (walk_gre(rd, l));
	case P_UDP:
		return (walk_udp(rd, l));
	case P_ETHERIP:
		return (
		    rd_skip(rd, ETHERIP_HDRLEN) == 0 && link_ethernet(rd, l));
	case P_MPLS:
		return (link_mpls(rd, l));
	default:
		return (false);
	}
}

/* No field of the outer packet shall be taken for one of the inner. */
static void
clear_ip(struct flow *f)
{
	static const enum flow_field bits[] = {FLOW_SRC_PORT, FLOW_DST_PORT,
	    FLOW_TCP_FLAGS, FLOW_ICMP_TYPE, FLOW_ICMP_CODE, FLOW_FLOW_LABEL,
	    FLOW_FRAGMENT_ID, FLOW_FRAGMENT_OFFSET, FLOW_FRAGMENT_FLAGS};
	size_t i;

	f->src_port = f->dst_port = f->tcp_flags = 0;
	f->icmp_type = f->icmp_code = 0;
	f->flow_label = f->fragment_id = 0;
	f->fragment_offset = f->fragment_flags = 0;
	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		flow_unset(f, bits[i]);
}

static void
clear_link(struct flow *f)
{
	static const enum flow_field bits[] = {FLOW_VLAN, FLOW_CUSTOMER_VLAN,
	    FLOW_MPLS_LABELS};
	size_t i;

	f->vlan = f->customer_vlan = 0;
	memset(f->mpls_labels, 0, sizeof(f->mpls_labels));
	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		flow_unset(f, bits[i]);
}

/*
 * Replace the packet by the one in it, if that has all of an IP header: else
 * what is known of the outer one is worth more.
 */
static bool
enter(struct walk *w)
{
	struct rd rd = w->rd;
	struct link l;

	if (!walk_tunnel(w->protocol, &rd, &l) ||
	    rd.left < (rd.p[0] >> 4 == 4 ? IPV4_HDRLEN : IPV6_HDRLEN))
		return (false);
	clear_ip(w->f);
	/* A tunnel for packets leaves the frame what it was. */
	if (l.mac != NULL) {
		clear_link(w->f);
		link_put(w->f, &l);
	}
	w->rd = rd;
	w->pkt.tunnel = true;
	return (true);
}

void
packet_decode(enum packet_link link, struct rd rd, bool inner, struct flow *f,
    struct packet *pkt)
{
	struct walk w = {.rd = rd, .f = f};
	struct link l;
	bool more;
	int i;

	more = link == PACKET_ETHERNET && link_plain(&w.rd, f);
	if (!more) {
		more = link_walk(link, &w.rd, &l);
		link_put(f, &l);
	}
	for (i = 0; more && walk_ip(&w); i++) {
		put_transport(&w);
		more = inner && i < TUNNELS_MAX && enter(&w);
	}
	*pkt = w.pkt;
}
