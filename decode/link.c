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

#define SNAP_LEN 6
#define SLL_TYPE_AT 14
#define SLL2_HDRLEN 20
#define LOOPBACK_HDRLEN 4
#define ENC_HDRLEN 12
#define NFLOG_HDRLEN 4
#define NFLOG_ATTRIBUTE 4 /* length and type of one */
#define NFLOG_PAYLOAD 9

#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057
#define PPP_MPLS 0x0281
#define PPP_MPLS_MULTICAST 0x0283

/*
 * RFC 3032.  Nothing says what is below: IP, or so its first bits say.  A
 * stack may be as long as the packet.
 */
enum packet_end
link_mpls(struct rd *rd, struct packet *pkt)
{
	uint32_t entry;

	do {
		if (rd->left >= sizeof(entry) && pkt->mpls == NULL)
			pkt->mpls = rd->p;
		if (rd_u32(rd, &entry) == -1)
			return (PACKET_CUT);
		if (pkt->labels < UINT16_MAX)
			pkt->labels++;
	} while ((entry & MPLS_BOTTOM) == 0);
	return (link_ip(rd) == PACKET_LIES ? PACKET_NOT_IP : link_ip(rd));
}

static enum packet_end
ppp(struct rd *rd, struct packet *pkt)
{
	uint16_t proto;
	uint8_t low;

	/* Address and control may be there, or compressed away (RFC 1661). */
	if (rd->left >= 2 && rd->p[0] == 0xff && rd->p[1] == 0x03)
		(void)rd_skip(rd, 2);
	if (rd->left >= 1 && rd->p[0] & 1 &&
	    (rd->left >= 2 || rd->p[0] != 0xff)) {
		(void)rd_u8(rd, &low);
		proto = low;
	} else if (rd_u16(rd, &proto) == -1)
		return (PACKET_CUT);
	switch (proto) {
	case PPP_IPV4:
	case PPP_IPV6:
		return (link_ip(rd));
	case PPP_MPLS:
	case PPP_MPLS_MULTICAST:
		return (link_mpls(rd, pkt));
	default:
		return (PACKET_NOT_IP);
	}
}

static enum packet_end
pppoe(struct rd *rd, struct packet *pkt)
{
	if (rd_skip(rd, PPPOE_HDRLEN) == -1)
		return (PACKET_CUT);
	return (ppp(rd, pkt));
}

static bool
is_tag(uint16_t type)
{
	return (type == TYPE_VLAN || type == TYPE_QINQ ||
	    type == TYPE_QINQ_OLD || type == TYPE_QINQ_OLDER);
}

static enum packet_end
tag(struct rd *rd, struct packet *pkt, uint16_t *type)
{
	uint16_t tci;

	if (rd_u16(rd, &tci) == -1)
		return (PACKET_CUT);
	if (pkt->ntags < 2)
		pkt->tag[pkt->ntags++] = tci & VLAN_ID;
	return (rd_u16(rd, type) == -1 ? PACKET_CUT : PACKET_WHOLE);
}

/* IEEE 802.3: the type is behind an LLC and SNAP header, if anywhere. */
static enum packet_end
snap(struct rd *rd, uint16_t *type)
{
	static const uint8_t head[SNAP_LEN] = {0xaa, 0xaa, 3, 0, 0, 0};
	size_t n = rd->left < SNAP_LEN ? rd->left : SNAP_LEN;

	if (memcmp(rd->p, head, n) != 0)
		return (PACKET_NOT_IP);
	if (rd_skip(rd, SNAP_LEN) == -1 || rd_u16(rd, type) == -1)
		return (PACKET_CUT);
	return (*type < TYPE_MIN ? PACKET_NOT_IP : PACKET_WHOLE);
}

/* What follows a type of Ethernet. */
static enum packet_end
typed(struct rd *rd, uint16_t type, struct packet *pkt)
{
	enum packet_end end = PACKET_WHOLE;

	while (end == PACKET_WHOLE && (is_tag(type) || type < TYPE_MIN))
		end = is_tag(type) ? tag(rd, pkt, &type) : snap(rd, &type);
	if (end != PACKET_WHOLE)
		return (end);
	pkt->ethertype = type;
	pkt->typed = true;
	switch (type) {
	case LINK_IPV4:
	case LINK_IPV6:
		return (link_ip(rd));
	case TYPE_MPLS:
	case TYPE_MPLS_UPSTREAM:
		return (link_mpls(rd, pkt));
	case TYPE_PPPOE:
		return (pppoe(rd, pkt));
	case TYPE_PPP:
		return (ppp(rd, pkt));
	default:
		return (PACKET_NOT_IP);
	}
}

enum packet_end
link_ethernet(struct rd *rd, struct packet *pkt)
{
	const uint8_t *p = rd->p;

	if (rd->left >= LINK_ETHERNET_HDRLEN - 2)
		pkt->mac = p;
	if (rd_skip(rd, LINK_ETHERNET_HDRLEN) == -1)
		return (PACKET_CUT);
	return (typed(rd, be16(p + LINK_ETHERNET_HDRLEN - 2), pkt));
}

enum packet_end
link_tunnel(struct rd *rd, uint16_t type, struct packet *pkt)
{
	if (type == TYPE_ETHERNET)
		return (link_ethernet(rd, pkt));
	return (typed(rd, type, pkt));
}

static enum packet_end
hdlc(struct rd *rd, struct packet *pkt)
{
	const uint8_t *p = rd->p;

	if (rd_skip(rd, HDLC_HDRLEN) == -1)
		return (PACKET_CUT);
	return (typed(rd, be16(p + 2), pkt));
}

/* PPP over SONET and the like, where Cisco has a type of Ethernet instead. */
static enum packet_end
serial(struct rd *rd, struct packet *pkt)
{
	const uint8_t *p = rd->p;

	if (rd->left == 0 || (p[0] != HDLC_UNICAST && p[0] != HDLC_MULTICAST) ||
	    (rd->left > 1 && p[1] != 0))
		return (ppp(rd, pkt));
	return (hdlc(rd, pkt));
}

static enum packet_end
plain(struct rd *rd, struct packet *pkt)
{
	(void)pkt;
	return (link_ip(rd));
}

static enum packet_end
ip_behind(struct rd *rd, size_t len)
{
	return (rd_skip(rd, len) == -1 ? PACKET_CUT : link_ip(rd));
}

static enum packet_end
loopback(struct rd *rd, struct packet *pkt)
{
	(void)pkt;
	return (ip_behind(rd, LOOPBACK_HDRLEN));
}

static enum packet_end
enc(struct rd *rd, struct packet *pkt)
{
	(void)pkt;
	return (ip_behind(rd, ENC_HDRLEN));
}

/* Its first byte is its length, which is padded to four. */
static enum packet_end
pflog(struct rd *rd, struct packet *pkt)
{
	(void)pkt;
	if (rd->left == 0)
		return (PACKET_CUT);
	return (ip_behind(rd, (rd->p[0] + 3U) & ~3U));
}

/* Attributes of netlink, one of which is the packet. */
static enum packet_end
nflog(struct rd *rd, struct packet *pkt)
{
	uint16_t head[2]; /* length and type, as the machine has them */
	size_t pad;

	(void)pkt;
	if (rd_skip(rd, NFLOG_HDRLEN) == -1)
		return (PACKET_CUT);
	for (;;) {
		if (rd_bytes(rd, head, sizeof(head)) == -1)
			return (PACKET_CUT);
		if (head[0] < NFLOG_ATTRIBUTE)
			return (PACKET_LIES);
		if (head[1] == NFLOG_PAYLOAD)
			return (link_ip(rd));
		pad = ((head[0] + 3U) & ~3U) - NFLOG_ATTRIBUTE;
		if (rd_skip(rd, pad) == -1)
			return (PACKET_CUT);
	}
}

static enum packet_end
sll(struct rd *rd, struct packet *pkt)
{
	uint16_t type;

	if (rd_skip(rd, SLL_TYPE_AT) == -1 || rd_u16(rd, &type) == -1)
		return (PACKET_CUT);
	return (typed(rd, type, pkt));
}

static enum packet_end
sll2(struct rd *rd, struct packet *pkt)
{
	const uint8_t *p = rd->p;

	if (rd_skip(rd, SLL2_HDRLEN) == -1)
		return (PACKET_CUT);
	return (typed(rd, be16(p), pkt));
}

enum packet_end
link_walk(enum packet_link link, struct rd *rd, struct packet *pkt)
{
	static enum packet_end (*const walks[PACKET_MAX])(struct rd *,
	    struct packet *) = {
	    [PACKET_ETHERNET] = link_ethernet,
	    [PACKET_IP] = plain,
	    [PACKET_MPLS] = link_mpls,
	    [PACKET_PPP] = serial,
	    [PACKET_HDLC] = hdlc,
	    [PACKET_PPPOE] = pppoe,
	    [PACKET_LOOPBACK] = loopback,
	    [PACKET_SLL] = sll,
	    [PACKET_SLL2] = sll2,
	    [PACKET_ENC] = enc,
	    [PACKET_PFLOG] = pflog,
	    [PACKET_NFLOG] = nflog,
	};

	return (walks[link](rd, pkt));
}

static void
put_labels(const struct packet *pkt, struct flow *f)
{
	uint32_t label;
	size_t i, n = 0;

	memset(f->mpls_labels, 0, sizeof(f->mpls_labels));
	for (i = 0; i < pkt->labels && n < FLOW_MPLS_MAX; i++) {
		label = be32(pkt->mpls + 4 * i) >> MPLS_LABEL_SHIFT;
		/* Explicit null is no path, and 0 ends the list. */
		if (label != 0)
			f->mpls_labels[n++] = label;
	}
	if (n > 0)
		flow_set(f, FLOW_MPLS_LABELS);
}

void
link_put(const struct packet *pkt, struct flow *f)
{
	if (pkt->mac != NULL) {
		memcpy(f->in_dst_mac, pkt->mac, 6);
		memcpy(f->in_src_mac, pkt->mac + 6, 6);
		flow_set(f, FLOW_IN_DST_MAC);
		flow_set(f, FLOW_IN_SRC_MAC);
	}
	if (pkt->typed) {
		f->ethertype = pkt->ethertype;
		flow_set(f, FLOW_ETHERTYPE);
	}
	if (pkt->ntags > 0) {
		f->vlan = pkt->tag[0];
		flow_set(f, FLOW_VLAN);
	}
	if (pkt->ntags > 1) {
		f->customer_vlan = pkt->tag[1];
		flow_set(f, FLOW_CUSTOMER_VLAN);
	}
	if (pkt->labels > 0)
		put_labels(pkt, f);
}
