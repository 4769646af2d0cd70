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

#include <string.h>

#include "decode/packet.h"
#include "reader.h"

#define UDP_HDRLEN 8
#define P_UDP 17
#define FRAGMENT_MORE 0x20

enum datagram_result
datagram_udp(struct datagram *dg)
{
	struct rd *rd = &dg->payload;
	uint16_t len, sum;

	if (rd_u16(rd, &dg->src_port) == -1 ||
	    rd_u16(rd, &dg->dst_port) == -1 || rd_u16(rd, &len) == -1 ||
	    rd_u16(rd, &sum) == -1)
		return (DATAGRAM_SHORT);
	/* Zero: longer than 16 bits can say (RFC 2675), all there is. */
	if (len == 0)
		return (DATAGRAM_UDP);
	if (len < UDP_HDRLEN)
		return (DATAGRAM_BAD);
	if (rd_sub(rd, len - UDP_HDRLEN, rd) == -1)
		return (DATAGRAM_SHORT);
	return (DATAGRAM_UDP);
}

static void
set_addrs(struct datagram *dg, const struct packet *pkt)
{
	size_t len = pkt->version == 4 ? 4 : 16;
	const uint8_t *p = pkt->ip + (pkt->version == 4 ? 12 : 8);

	dg->src.family = dg->dst.family = pkt->version == 4 ? ADDR_V4 : ADDR_V6;
	memcpy(dg->src.b, p, len);
	memcpy(dg->dst.b, p + len, len);
}

static void
set_fragment(struct datagram *dg, const struct packet *pkt)
{
	dg->frag_id = pkt->fragment_id;
	dg->frag_offset = (uint32_t)pkt->fragment_offset * 8;
	dg->frag_more = (pkt->fragment_flags & FRAGMENT_MORE) != 0;
}

/* What the walk found: is it all of a datagram? */
static enum datagram_result
take(const struct packet *pkt, struct datagram *dg)
{
	if (pkt->protocol != P_UDP)
		return (pkt->hdrlen == 0 && pkt->version == 6 ? DATAGRAM_SHORT
							      : DATAGRAM_OTHER);
	set_addrs(dg, pkt);
	set_fragment(dg, pkt);
	if (pkt->hdrlen == 0 ||
	    (pkt->ip_len != 0 && pkt->hdrlen + pkt->l4_left < pkt->ip_len))
		return (DATAGRAM_SHORT);
	dg->payload = rd_init(pkt->ip + pkt->hdrlen, pkt->l4_left);
	/* An atomic fragment (RFC 6946) is whole. */
	if (dg->frag_more || dg->frag_offset != 0)
		return (DATAGRAM_FRAGMENT);
	return (datagram_udp(dg));
}

enum datagram_result
datagram_parse(int dlt, struct rd frame, struct datagram *dg)
{
	enum packet_link link;
	struct packet pkt;

	memset(dg, 0, sizeof(*dg));
	if (packet_dlt(dlt, &link) == -1)
		return (DATAGRAM_OTHER);
	packet_walk(link, frame, false, &pkt);
	if (pkt.version == 0)
		return (
		    pkt.end == PACKET_CUT ? DATAGRAM_SHORT : DATAGRAM_OTHER);
	if (pkt.end == PACKET_LIES)
		return (DATAGRAM_BAD);
	return (take(&pkt, dg));
}

bool
datagram_link_known(int dlt)
{
	enum packet_link link;

	return (packet_dlt(dlt, &link) == 0);
}
