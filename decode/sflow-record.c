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
 * Records of sFlow samples.  They come in any order, and several can tell the
 * same: they are noted first, and then taken in the order of the table, where
 * what was seen on the wire stands before what the agent made of it.
 */

#include "decode/packet.h"
#include "decode/sflow.h"

#define ADDR_UNKNOWN 0
#define ADDR_IPV4 1
#define ADDR_IPV6 2

#define MAC_PAD 2 /* XDR */
#define VLAN_ID 0x0fff
#define VLAN_UNKNOWN 0xffffffff
#define LABEL_SHIFT 12 /* RFC 3032 */
#define PREFIX_MAX 128

int
sflow_addr(struct rd *rd, struct addr *a)
{
	const struct rd start = *rd;
	struct addr got = {0};
	uint32_t type;

	if (rd_u32(rd, &type) == -1)
		return (-1);
	switch (type) {
	case ADDR_UNKNOWN:
		break;
	case ADDR_IPV4:
		got.family = ADDR_V4;
		if (rd_bytes(rd, got.b, 4) == -1)
			return (-1);
		break;
	case ADDR_IPV6:
		got.family = ADDR_V6;
		if (rd_bytes(rd, got.b, 16) == -1)
			return (-1);
		break;
	default:
		*rd = start;
		return (-1);
	}
	*a = got;
	return (0);
}

int
sflow_opaque(struct rd *rd, struct rd *opaque, bool *cut)
{
	uint32_t len;

	if (rd_u32(rd, &len) == -1)
		return (-1);
	*cut = len > rd->left;
	if (*cut)
		len = (uint32_t)rd->left;
	if (rd_sub(rd, len, opaque) == -1)
		return (-1);
	/* XDR fills up to four bytes, RFC 4506 4.10. */
	(void)rd_skip(rd, -len & 3);
	return (0);
}

static void
put_octets(struct flow *f, uint32_t octets)
{
	if (flow_has(f, FLOW_OCTETS))
		return;
	f->octets = octets;
	flow_set(f, FLOW_OCTETS);
}

/* An address of no known family says nothing. */
static void
put_addr(struct flow *f, enum flow_field bit, struct addr *member,
    const struct addr *a)
{
	if (a->family == ADDR_NONE || flow_has(f, bit))
		return;
	*member = *a;
	flow_set(f, bit);
}

/* 0 is no VLAN, IEEE 802.1Q; all ones is what the agent does not know. */
static void
put_vlan(struct flow *f, enum flow_field bit, uint16_t *member, uint32_t vlan)
{
	if (vlan == 0 || vlan > VLAN_ID || flow_has(f, bit))
		return;
	*member = (uint16_t)vlan;
	flow_set(f, bit);
}

static void
raw_header(struct ctx *x, struct rd rd)
{
	static const struct {
		uint32_t protocol;
		enum packet_link link;
	} links[] = {
	    {1, PACKET_ETHERNET}, {7, PACKET_PPP}, {11, PACKET_IP},
	    {12, PACKET_IP}, {13, PACKET_MPLS},
	    {14, PACKET_PPP}, /* over SONET */
	};
	uint32_t protocol, octets, stripped;
	struct packet pkt;
	struct rd bytes;
	bool cut;
	size_t i;

	if (rd_u32(&rd, &protocol) == -1 || rd_u32(&rd, &octets) == -1)
		return;
	put_octets(&x->flow, octets);
	if (rd_u32(&rd, &stripped) == -1 ||
	    sflow_opaque(&rd, &bytes, &cut) == -1)
		return;
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].protocol == protocol) {
			packet_decode(links[i].link, bytes, x->src->inner,
			    &x->flow, &pkt);
			return;
		}
	x->report->records_skipped++;
}

static void
ethernet(struct ctx *x, struct rd rd)
{
	struct flow *f = &x->flow;
	uint8_t src[6], dst[6];
	uint32_t octets, type;

	if (rd_u32(&rd, &octets) == -1 || rd_bytes(&rd, src, 6) == -1 ||
	    rd_skip(&rd, MAC_PAD) == -1 || rd_bytes(&rd, dst, 6) == -1 ||
	    rd_skip(&rd, MAC_PAD) == -1 || rd_u32(&rd, &type) == -1)
		return;
	put_octets(f, octets);
	if (flow_has(f, FLOW_IN_SRC_MAC))
		return;
	memcpy(f->in_src_mac, src, 6);
	memcpy(f->in_dst_mac, dst, 6);
	flow_set(f, FLOW_IN_SRC_MAC);
	flow_set(f, FLOW_IN_DST_MAC);
	if (flow_has(f, FLOW_ETHERTYPE) || type > UINT16_MAX)
		return;
	f->ethertype = (uint16_t)type;
	flow_set(f, FLOW_ETHERTYPE);
}

/* What the agent read of an IP packet, behind its addresses. */
static void
transport(struct flow *f, struct rd *rd, uint32_t protocol)
{
	uint32_t src, dst, flags, tos;

	if (rd_u32(rd, &src) == -1 || rd_u32(rd, &dst) == -1 ||
	    rd_u32(rd, &flags) == -1 || rd_u32(rd, &tos) == -1)
		return;
	f->protocol = (uint8_t)protocol;
	f->tos = (uint8_t)tos;
	flow_set(f, FLOW_PROTOCOL);
	flow_set(f, FLOW_TOS);
	/* Zero if the protocol has none. */
	if (src != 0 || dst != 0) {
		f->src_port = (uint16_t)src;
		f->dst_port = (uint16_t)dst;
		flow_set(f, FLOW_SRC_PORT);
		flow_set(f, FLOW_DST_PORT);
	}
	if (protocol == 6) {
		f->tcp_flags = (uint16_t)flags;
		flow_set(f, FLOW_TCP_FLAGS);
	}
}

static void
ip(struct ctx *x, struct rd rd, enum addr_family family)
{
	struct flow *f = &x->flow;
	const size_t len = family == ADDR_V4 ? 4 : 16;
	struct addr src = {.family = family}, dst = {.family = family};
	uint32_t octets, protocol;

	if (rd_u32(&rd, &octets) == -1 || rd_u32(&rd, &protocol) == -1 ||
	    rd_bytes(&rd, src.b, len) == -1 || rd_bytes(&rd, dst.b, len) == -1)
		return;
	put_octets(f, octets);
	/* The packet itself tells more, unless it was cut before that. */
	if (flow_has(f, FLOW_DST_ADDR))
		return;
	f->src_addr = src;
	f->dst_addr = dst;
	flow_set(f, FLOW_SRC_ADDR);
	flow_set(f, FLOW_DST_ADDR);
	transport(f, &rd, protocol);
}

static void
ipv4(struct ctx *x, struct rd rd)
{
	ip(x, rd, ADDR_V4);
}

static void
ipv6(struct ctx *x, struct rd rd)
{
	ip(x, rd, ADDR_V6);
}

/*
 * Tags that the agent took off, outermost first: they stand before those that
 * the packet has left.
 */
static void
vlan_tunnel(struct ctx *x, struct rd rd)
{
	struct flow *f = &x->flow;
	uint32_t n, outer, inner;

	if (rd_u32(&rd, &n) == -1 || n == 0 || rd_u32(&rd, &outer) == -1)
		return;
	if (n > 1 && rd_u32(&rd, &inner) == 0) {
		f->customer_vlan = inner & VLAN_ID;
		flow_set(f, FLOW_CUSTOMER_VLAN);
	} else if (flow_has(f, FLOW_VLAN)) {
		f->customer_vlan = f->vlan;
		flow_set(f, FLOW_CUSTOMER_VLAN);
	}
	f->vlan = outer & VLAN_ID;
	flow_set(f, FLOW_VLAN);
}

static void
extended_switch(struct ctx *x, struct rd rd)
{
	struct flow *f = &x->flow;
	uint32_t in, in_priority, out;

	if (rd_u32(&rd, &in) == -1)
		return;
	put_vlan(f, FLOW_VLAN, &f->vlan, in);
	if (rd_u32(&rd, &in_priority) == 0 && rd_u32(&rd, &out) == 0)
		put_vlan(f, FLOW_POST_VLAN, &f->post_vlan, out);
}

static void
put_mask(struct flow *f, enum flow_field bit, uint8_t *member, uint32_t len)
{
	if (len > PREFIX_MAX)
		return;
	*member = (uint8_t)len;
	flow_set(f, bit);
}

static void
router(struct ctx *x, struct rd rd)
{
	struct flow *f = &x->flow;
	struct addr next;
	uint32_t src, dst;

	if (sflow_addr(&rd, &next) == -1)
		return;
	put_addr(f, FLOW_NEXT_HOP, &f->next_hop, &next);
	if (rd_u32(&rd, &src) == -1 || rd_u32(&rd, &dst) == -1)
		return;
	put_mask(f, FLOW_SRC_MASK, &f->src_mask, src);
	put_mask(f, FLOW_DST_MASK, &f->dst_mask, dst);
}

/* The path is sequences and sets: the first is the peer, the last the end. */
static void
as_path(struct flow *f, struct rd *rd)
{
	uint32_t segments, type, n;
	struct rd as;

	if (rd_u32(rd, &segments) == -1)
		return;
	for (; segments > 0; segments--) {
		if (rd_u32(rd, &type) == -1 || rd_u32(rd, &n) == -1 ||
		    n > rd->left / 4 || rd_sub(rd, (size_t)n * 4, &as) == -1) {
			/* Cut: its end is not known. */
			f->dst_as = 0;
			flow_unset(f, FLOW_DST_AS);
			return;
		}
		if (n == 0)
			continue;
		if (!flow_has(f, FLOW_DST_PEER_AS)) {
			f->dst_peer_as = be32(as.p);
			flow_set(f, FLOW_DST_PEER_AS);
		}
		f->dst_as = be32(as.p + as.left - 4);
		flow_set(f, FLOW_DST_AS);
	}
}

static void
gateway(struct ctx *x, struct rd rd)
{
	struct flow *f = &x->flow;
	struct addr next;
	uint32_t own_as, src_as, peer_as;

	if (sflow_addr(&rd, &next) == -1)
		return;
	put_addr(f, FLOW_BGP_NEXT_HOP, &f->bgp_next_hop, &next);
	if (rd_u32(&rd, &own_as) == -1 || rd_u32(&rd, &src_as) == -1 ||
	    rd_u32(&rd, &peer_as) == -1)
		return;
	f->src_as = src_as;
	f->src_peer_as = peer_as;
	flow_set(f, FLOW_SRC_AS);
	flow_set(f, FLOW_SRC_PEER_AS);
	as_path(f, &rd);
}

/* Of the source, or else of the destination. */
static void
user(struct ctx *x, struct rd rd)
{
	struct flow *f = &x->flow;
	uint32_t charset;
	struct rd name;
	bool cut;
	int i;

	for (i = 0; i < 2 && !flow_has(f, FLOW_USER_NAME); i++) {
		if (rd_u32(&rd, &charset) == -1 ||
		    sflow_opaque(&rd, &name, &cut) == -1)
			return;
		if (text_take(&f->user_name, name.p, name.left))
			flow_set(f, FLOW_USER_NAME);
	}
}

static void
mpls(struct ctx *x, struct rd rd)
{
	struct flow *f = &x->flow;
	struct addr next;
	uint32_t i, n, entry;
	size_t out = 0;

	if (sflow_addr(&rd, &next) == -1)
		return;
	put_addr(f, FLOW_NEXT_HOP, &f->next_hop, &next);
	if (rd_u32(&rd, &n) == -1 || flow_has(f, FLOW_MPLS_LABELS))
		return;
	for (i = 0; i < n && out < FLOW_MPLS_MAX; i++) {
		if (rd_u32(&rd, &entry) == -1)
			break;
		if (entry >> LABEL_SHIFT != 0)
			f->mpls_labels[out++] = entry >> LABEL_SHIFT;
	}
	if (out > 0)
		flow_set(f, FLOW_MPLS_LABELS);
}

static void
nat(struct ctx *x, struct rd rd)
{
	struct flow *f = &x->flow;
	struct addr src, dst;

	if (sflow_addr(&rd, &src) == -1 || sflow_addr(&rd, &dst) == -1)
		return;
	put_addr(f, FLOW_POST_NAT_SRC_ADDR, &f->post_nat_src_addr, &src);
	put_addr(f, FLOW_POST_NAT_DST_ADDR, &f->post_nat_dst_addr, &dst);
}

static void
nat_ports(struct ctx *x, struct rd rd)
{
	struct flow *f = &x->flow;
	uint32_t src, dst;

	if (rd_u32(&rd, &src) == -1 || rd_u32(&rd, &dst) == -1)
		return;
	f->post_nat_src_port = (uint16_t)src;
	f->post_nat_dst_port = (uint16_t)dst;
	flow_set(f, FLOW_POST_NAT_SRC_PORT);
	flow_set(f, FLOW_POST_NAT_DST_PORT);
}

/* clang-format off */
static const struct record {
	uint16_t format;	/* of no enterprise: the upper 20 bits are 0 */
	bool packet;		/* tells of a packet */
	uint8_t reclen;		/* never less, whatever its length says */
	void (*take)(struct ctx *, struct rd);
} records[] = {
	{ 1, true, 0, raw_header },
	{ 2, true, 0, ethernet },
	{ 3, true, 0, ipv4 },
	{ 4, true, 0, ipv6 },
	{ 1012, false, 0, vlan_tunnel },
	{ 1001, false, 16, extended_switch },	/* Juniper writes 6 */
	{ 1002, false, 0, router },
	{ 1003, false, 0, gateway },
	{ 1004, false, 0, user },
	{ 1006, false, 0, mpls },
	{ 1007, false, 0, nat },
	{ 1020, false, 0, nat_ports },
};
/* clang-format on */

#define NRECORDS (sizeof(records) / sizeof(records[0]))

/* The next record of a sample; its row is NRECORDS if that is not known. */
static int
next_record(struct rd *rd, size_t *row, struct rd *body)
{
	struct rd at;
	uint32_t format;
	bool cut;

	if (rd_u32(rd, &format) == -1)
		return (-1);
	at = *rd;
	if (sflow_opaque(rd, body, &cut) == -1)
		return (-1);
	for (*row = 0; *row < NRECORDS; ++*row)
		if (records[*row].format == format)
			break;
	if (*row == NRECORDS || body->left >= records[*row].reclen)
		return (0);
	if (rd_skip(&at, 4) == 0 &&
	    rd_sub(&at, records[*row].reclen, body) == 0)
		*rd = at;
	return (0);
}

bool
sflow_records(struct ctx *x, struct rd rd, uint32_t n)
{
	struct rd body, noted[NRECORDS];
	size_t row;
	uint32_t there = 0; /* a bit for each row */
	bool packet = false;

	for (; n > 0 && next_record(&rd, &row, &body) == 0; n--) {
		if (row == NRECORDS || there & UINT32_C(1) << row) {
			x->report->records_skipped++;
			continue;
		}
		there |= UINT32_C(1) << row;
		noted[row] = body;
	}
	x->report->records_short += n;
	for (row = 0; there != 0; row++, there >>= 1) {
		if ((there & 1) == 0)
			continue;
		records[row].take(x, noted[row]);
		packet = packet || records[row].packet;
	}
	return (packet);
}
