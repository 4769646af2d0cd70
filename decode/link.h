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
 * What a frame has before the IP header: addresses, tags, labels.  For
 * packet.c, which knows the rest.
 */

#ifndef DECODE_LINK_H
#define DECODE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "decode/packet.h"
#include "flow.h"

#define LINK_ETHERNET_HDRLEN 14
#define LINK_IPV4 0x0800
#define LINK_IPV6 0x86dd

/* What was seen on the way to the IP header. */
struct link {
	const uint8_t *mac;  /* destination and source, or NULL */
	const uint8_t *mpls; /* the stack, or NULL */
	size_t labels;	     /* of it that are there */
	uint16_t tag[2];
	uint16_t type; /* behind the tags */
	uint8_t ntags;
	bool typed;
};

/*
 * True if the cursor stands at an IP header, which has one byte at least.
 * These add to what is noted; link_walk begins anew.
 */
bool link_walk(enum packet_link, struct rd *, struct link *);
bool link_ethernet(struct rd *, struct link *);
bool link_mpls(struct rd *, struct link *);
/* What follows the type of a tunnel: one of Ethernet, or a whole frame. */
bool link_tunnel(struct rd *, uint16_t type, struct link *);

/* What was noted becomes fields. */
void link_put(struct flow *, const struct link *);

static inline bool
link_is_ip(const struct rd *rd)
{
	return (rd->left > 0 && (rd->p[0] >> 4 == 4 || rd->p[0] >> 4 == 6));
}

/*
 * Ethernet without tags, and IP in it, is nearly every frame: into the flow
 * with it, and the cursor stands at the IP header.  False: it is none, and
 * nothing was done.
 */
static inline bool
link_plain(struct rd *rd, struct flow *f)
{
	const uint8_t *p = rd->p;
	uint16_t type;

	if (rd->left <= LINK_ETHERNET_HDRLEN)
		return (false);
	type = be16(p + LINK_ETHERNET_HDRLEN - 2);
	if ((type != LINK_IPV4 || p[LINK_ETHERNET_HDRLEN] >> 4 != 4) &&
	    (type != LINK_IPV6 || p[LINK_ETHERNET_HDRLEN] >> 4 != 6))
		return (false);
	memcpy(f->in_dst_mac, p, sizeof(f->in_dst_mac));
	memcpy(f->in_src_mac, p + 6, sizeof(f->in_src_mac));
	f->ethertype = type;
	flow_set(f, FLOW_IN_DST_MAC);
	flow_set(f, FLOW_IN_SRC_MAC);
	flow_set(f, FLOW_ETHERTYPE);
	(void)rd_skip(rd, LINK_ETHERNET_HDRLEN);
	return (true);
}

#endif /* DECODE_LINK_H */
