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

#include "decode/link.h"

#define TYPE_VLAN 0x8100
#define TYPE_QINQ 0x88a8
#define TYPE_QINQ_OLD 0x9100
#define TYPE_QINQ_OLDER 0x9200
#define TYPE_PPPOE 0x8864
#define TYPE_MPLS 0x8847
#define TYPE_MPLS_UPSTREAM 0x8848
#define TYPE_ETHERNET 0x6558 /* in GRE and Geneve: a frame */
#define TYPE_PPP 0x880b	     /* in GRE: RFC 2637 */
#define TYPE_MIN 0x0600	     /* below: IEEE 802.3, a length */

#define PPPOE_HDRLEN 6
#define MPLS_BOTTOM 0x100
#define MPLS_LABEL_SHIFT 12
#define VLAN_ID 0x0fff
#define HDLC_HDRLEN 4
#define HDLC_UNICAST 0x0f
#define HDLC_MULTICAST 0x8f

#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057
#define PPP_MPLS 0x0281
#define PPP_MPLS_MULTICAST 0x0283

/* RFC 3032.  Nothing says what is below: IP, or so its first bits say. */
bool
link_mpls(struct rd *rd, struct link *l)
{
	uint32_t entry;

	if (l->mpls != NULL) /* of PPP, in MPLS, in ... */
		return (false);
	l->mpls = rd->p;
	do {
		if (rd_u32(rd, &entry) == -1)
			return (false);
		l->labels++;
	} while ((entry & MPLS_BOTTOM) == 0);
	return (link_is_ip(rd));
}

static bool
ppp(struct rd *rd, struct link *l)
{
	uint16_t proto;
	uint8_t low;

	/* Address and control may be there, or compressed away (RFC 1661). */
	if (rd->left >= 2 && rd->p[0] == 0xff && rd->p[1] == 0x03)
		(void)rd_skip(rd, 2);
	if (rd->left >= 1 && rd->p[0] & 1) {
		(void)rd_u8(rd, &low);
		proto = low;
	} else if (rd_u16(rd, &proto) == -1)
		return (false);
	switch (proto) {
	case PPP_IPV4:
	case PPP_IPV6:
		return (link_is_ip(rd));
	case PPP_MPLS:
	case PPP_MPLS_MULTICAST:
		return (link_mpls(rd, l));
	default:
		return (false);
	}
}

static bool
vlan(struct rd *rd, struct link *l, uint16_t *type)
{
	uint16_t tci;

	if (rd_u16(rd, &tci) == -1)
		return (false);
	if (l->ntags < 2)
		l->tag[l->ntags++] = tci & VLAN_ID;
	return (rd_u16(rd, type) == 0);
}

/* IEEE 802.3: the type is behind an LLC and SNAP header, if anywhere. */
static bool
snap_type(struct rd *rd, uint16_t *type)
{
	static const uint8_t snap[] = {0xaa, 0xaa, 3, 0, 0, 0};

	if (rd->left < sizeof(snap) || memcmp(rd->p, snap, sizeof(snap)) != 0)
		return (false);
	(void)rd_skip(rd, sizeof(snap));
	return (rd_u16(rd, type) == 0);
}

static bool
typed(struct rd *rd, uint16_t type, struct link *l)
{
	for (;;) {
		switch (type) {
		case TYPE_VLAN:
		case TYPE_QINQ:
		case TYPE_QINQ_OLD:
		case TYPE_QINQ_OLDER:
			if (!vlan(rd, l, &type))
				return (false);
			continue;
		}
		if (type >= TYPE_MIN)
			break;
		if (!snap_type(rd, &type) || type < TYPE_MIN)
			return (false);
	}
	l->type = type;
	l->typed = true;
	switch (type) {
	case LINK_IPV4:
	case LINK_IPV6:
		return (link_is_ip(rd));
	case TYPE_MPLS:
	case TYPE_MPLS_UPSTREAM:
		return (link_mpls(rd, l));
	case TYPE_PPPOE:
		return (rd_skip(rd, PPPOE_HDRLEN) == 0 && ppp(rd, l));
	case TYPE_PPP:
		return (ppp(rd, l));
	default:
		return (false);
	}
}

bool
link_ethernet(struct rd *rd, struct link *l)
{
	const uint8_t *p = rd->p;

	if (rd->left >= LINK_ETHERNET_HDRLEN - 2)
		l->mac = p;
	if (rd_skip(rd, LINK_ETHERNET_HDRLEN) == -1)
		return (false);
	return (typed(rd, be16(p + LINK_ETHERNET_HDRLEN - 2), l));
}

bool
link_tunnel(struct rd *rd, uint16_t type, struct link *l)
{
	if (type == TYPE_ETHERNET)
		return (link_ethernet(rd, l));
	return (typed(rd, type, l));
}

/* PPP over SONET and the like, where Cisco has a type of Ethernet instead. */
static bool
serial(struct rd *rd, struct link *l)
{
	const uint8_t *p = rd->p;

	if (rd->left < HDLC_HDRLEN || p[1] != 0 ||
	    (p[0] != HDLC_UNICAST && p[0] != HDLC_MULTICAST))
		return (ppp(rd, l));
	(void)rd_skip(rd, HDLC_HDRLEN);
	return (typed(rd, be16(p + 2), l));
}

bool
link_walk(enum packet_link link, struct rd *rd, struct link *l)
{
	memset(l, 0, sizeof(*l));
	switch (link) {
	case PACKET_ETHERNET:
		return (link_ethernet(rd, l));
	case PACKET_MPLS:
		return (link_mpls(rd, l));
	case PACKET_PPP:
		return (serial(rd, l));
	default:
		return (link_is_ip(rd));
	}
}

static void
put_labels(struct flow *f, const struct link *l)
{
	uint32_t label;
	size_t i, n = 0;

	memset(f->mpls_labels, 0, sizeof(f->mpls_labels));
	for (i = 0; i < l->labels && n < FLOW_MPLS_MAX; i++) {
		label = be32(l->mpls + 4 * i) >> MPLS_LABEL_SHIFT;
		/* Explicit null is no path, and 0 ends the list. */
		if (label != 0)
			f->mpls_labels[n++] = label;
	}
	if (n > 0)
		flow_set(f, FLOW_MPLS_LABELS);
}

void
link_put(struct flow *f, const struct link *l)
{
	if (l->mac != NULL) {
		memcpy(f->in_dst_mac, l->mac, 6);
		memcpy(f->in_src_mac, l->mac + 6, 6);
		flow_set(f, FLOW_IN_DST_MAC);
		flow_set(f, FLOW_IN_SRC_MAC);
	}
	if (l->typed) {
		f->ethertype = l->type;
		flow_set(f, FLOW_ETHERTYPE);
	}
	if (l->ntags > 0) {
		f->vlan = l->tag[0];
		flow_set(f, FLOW_VLAN);
	}
	if (l->ntags > 1) {
		f->customer_vlan = l->tag[1];
		flow_set(f, FLOW_CUSTOMER_VLAN);
	}
	if (l->labels > 0)
		put_labels(f, l);
}
