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

#include <stdint.h>

#include "bytes.h"
#include "decode/packet.h"
#include "flow.h"

#define LINK_ETHERNET_HDRLEN 14
#define LINK_IPV4 0x0800
#define LINK_IPV6 0x86dd

/*
 * PACKET_WHOLE if the cursor stands at an IP header, which has one byte at
 * least.  What is met on the way there is noted in the packet: its MAC
 * addresses, type, tags, labels.
 */
enum packet_end link_walk(enum packet_link, struct rd *, struct packet *);
enum packet_end link_ethernet(struct rd *, struct packet *);
enum packet_end link_mpls(struct rd *, struct packet *);
/* What follows the type of a tunnel: one of Ethernet, or a whole frame. */
enum packet_end link_tunnel(struct rd *, uint16_t type, struct packet *);

/* What was noted becomes fields. */
void link_put(const struct packet *, struct flow *);

static inline enum packet_end
link_ip(const struct rd *rd)
{
	if (rd->left == 0)
		return (PACKET_CUT);
	if (rd->p[0] >> 4 == 4 || rd->p[0] >> 4 == 6)
		return (PACKET_WHOLE);
	return (PACKET_LIES);
}

#endif /* DECODE_LINK_H */
