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

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "meter/extra.h"

#define SLAB 64 /* entries of one allocation */

#define PROTO_TCP 6
#define PROTO_UDP 17
#define PORT_DNS 53

union slot {
	struct extra extra;
	uint32_t next; /* free: number of the next one, 0 for none */
};

struct extras {
	struct extra_config cfg;
	union slot **slab; /* they never move */
	uint32_t max;
	uint32_t made; /* numbers that were ever given out */
	uint32_t free;
};

struct extras *
extras_new(const struct extra_config *c, uint32_t max)
{
	struct extras *x;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return (NULL);
	x->cfg = *c;
	x->max = max;
	x->slab = calloc((size_t)max / SLAB + 1, sizeof(*x->slab));
	if (x->slab == NULL) {
		extras_free(x);
		return (NULL);
	}
	return (x);
}

void
extras_free(struct extras *x)
{
	uint32_t i;

	if (x == NULL)
		return;
	for (i = 0; i < x->made; i += SLAB)
		free(x->slab[i / SLAB]);
	free(x->slab);
	free(x);
}

static union slot *
slot_at(const struct extras *x, uint32_t number)
{
	return (&x->slab[(number - 1) / SLAB][(number - 1) % SLAB]);
}

/* One that was never used. */
static uint32_t
slot_make(struct extras *x)
{
	union slot **slab = &x->slab[x->made / SLAB];

	if (x->made == x->max)
		return (0);
	if (*slab == NULL && (*slab = calloc(SLAB, sizeof(**slab))) == NULL)
		return (0);
	return (++x->made);
}

uint32_t
extras_add(struct extras *x)
{
	uint32_t number = x->free;
	union slot *slot;

	if (number == 0)
		return (slot_make(x));
	slot = slot_at(x, number);
	x->free = slot->next;
	memset(slot, 0, sizeof(*slot));
	return (number);
}

void
extras_remove(struct extras *x, uint32_t number)
{
	if (number == 0)
		return;
	slot_at(x, number)->next = x->free;
	x->free = number;
}

struct extra *
extras_at(const struct extras *x, uint32_t number)
{
	return (number == 0 ? NULL : &slot_at(x, number)->extra);
}

size_t
extras_bytes(const struct extras *x)
{
	const size_t slabs = ((size_t)x->made + SLAB - 1) / SLAB;

	return (sizeof(*x) + (x->max / SLAB + 1) * sizeof(*x->slab) +
	    slabs * SLAB * sizeof(union slot));
}

/* Of the first packet of a side. */
static void
take_link(struct extra_side *s, const struct packet *p)
{
	struct rd rd;

	if (s->seen)
		return;
	s->seen = true;
	if (p->mac != NULL) {
		rd = rd_init(p->mac, 12);
		(void)rd_bytes(&rd, s->dst_mac, sizeof(s->dst_mac));
		(void)rd_bytes(&rd, s->mac, sizeof(s->mac));
	}
	if (p->ntags > 1)
		s->customer_vlan = p->tag[1];
	if (p->mpls == NULL)
		return;
	rd = rd_init(p->mpls, (size_t)p->labels * 4);
	while (s->nlabels < EXTRA_LABELS &&
	    rd_u32(&rd, &s->labels[s->nlabels]) == 0)
		s->nlabels++;
}

/* What is behind the IP headers, without padding of the frame. */
static struct rd
transport(const struct packet *p)
{
	struct rd rd = rd_init(p->l4, p->l4_left);

	if (p->ip_len > p->hdrlen && p->ip_len - p->hdrlen < rd.left)
		rd.left = p->ip_len - p->hdrlen;
	return (rd);
}

/* The segment, and the cursor in front of its payload. */
static int
take_segment(const struct observed *o, struct rd *rd,
    struct tcpstate_segment *g)
{
	const struct packet *p = &o->packet;
	const uint32_t total = p->ip_len - p->hdrlen;
	const size_t captured = rd->left;
	uint16_t bits, header;

	if (rd_skip(rd, 4) == -1 || rd_u32(rd, &g->seq) == -1 ||
	    rd_u32(rd, &g->ack) == -1 || rd_u16(rd, &bits) == -1)
		return (-1);
	header = (uint16_t)(bits >> 12 << 2);
	if (header < 20 || header > total)
		return (-1);
	g->len = total - header;
	g->flags = (uint8_t)bits;
	g->side = o->side;
	g->time = o->time;
	if (rd_skip(rd, header - (captured - rd->left)) == -1)
		rd->left = 0;
	return (0);
}

static void
take_tcp(const struct extras *x, struct extra *e, const struct observed *o)
{
	struct rd rd = transport(&o->packet);
	struct tcpstate_segment g;

	/* How much of it is in later fragments is not known here. */
	if (o->fragment || o->packet.ip_len <= o->packet.hdrlen ||
	    take_segment(o, &rd, &g) == -1)
		return;
	if (x->cfg.tcp)
		tcpstate_segment(&e->tcp, &g);
	if (x->cfg.names && e->tls_len == 0 && rd.left > 0)
		e->tls_len = (uint8_t)names_tls(rd, e->tls_name);
}

static void
take_udp(const struct extras *x, struct extra *e, const struct observed *o)
{
	struct rd rd = transport(&o->packet);
	uint16_t src, dst;

	if (!x->cfg.names || e->dns_len != 0)
		return;
	if (rd_u16(&rd, &src) == -1 || rd_u16(&rd, &dst) == -1 ||
	    (src != PORT_DNS && dst != PORT_DNS) || rd_skip(&rd, 4) == -1)
		return;
	e->dns_len = (uint8_t)names_dns(rd, e->dns_name);
}

void
extra_packet(struct extras *x, struct extra *e, const struct observed *o)
{
	const struct packet *p = &o->packet;

	if (x->cfg.link)
		take_link(&e->side[o->side], p);
	if (p->l4 == NULL || p->fragment_offset != 0)
		return;
	if (p->protocol == PROTO_TCP)
		take_tcp(x, e, o);
	else if (p->protocol == PROTO_UDP)
		take_udp(x, e, o);
}
