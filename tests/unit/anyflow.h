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
 * Flows with any fields and any values, for tests of what keeps them.
 */

#ifndef ANYFLOW_H
#define ANYFLOW_H

#include <string.h>

#include "field.h"
#include "flow.h"

struct anyflow {
	uint64_t state;	  /* of the random numbers: any but 0 */
	char text[65536]; /* the texts of flows are somewhere in it */
};

static inline uint64_t
any(struct anyflow *a)
{
	a->state ^= a->state << 13;
	a->state ^= a->state >> 7;
	a->state ^= a->state << 17;
	return (a->state * UINT64_C(0x2545f4914f6cdd1d) >> 8);
}

static inline void
anyflow_init(struct anyflow *a, uint64_t seed)
{
	size_t i;

	a->state = seed * 2 + 1;
	for (i = 0; i < sizeof(a->text); i++)
		a->text[i] = (char)any(a);
}

/* Small ones are as likely as large ones. */
static inline uint64_t
any64(struct anyflow *a)
{
	uint64_t v = any(a) << 32 ^ any(a);

	return (v >> any(a) % 64);
}

/* One of `many` addresses of each family; now and then none. */
static inline void
any_addr(struct anyflow *a, struct addr *addr, uint32_t many, int v6)
{
	uint64_t n = any(a) % many * UINT64_C(2654435761);

	memset(addr, 0, sizeof(*addr));
	if (v6 && any(a) % 8 == 0)
		return;
	addr->family = v6 && any(a) % 2 ? ADDR_V6 : ADDR_V4;
	memcpy(addr->b, &n, 4);
	if (addr->family == ADDR_V6)
		memcpy(addr->b + 9, &n, 7);
}

static inline void
any_text(struct anyflow *a, struct flow_text *t)
{
	t->len = any(a) % 3 == 0 ? (uint16_t)(any(a) % (FLOW_TEXT_MAX + 1))
				 : (uint16_t)(any(a) % 9);
	t->p = a->text + any(a) % 64 * 512;
}

static inline void
any_member(struct anyflow *a, struct flow *f, const struct field *fd)
{
	uint8_t *m = field_ptr(f, fd);
	uint64_t n = any64(a);
	size_t i;

	switch (fd->type) {
	case FT_TIME:
		if (any(a) % 2)
			n = -n;
		memcpy(m, &n, 8);
		return;
	case FT_ADDR:
		any_addr(a, (struct addr *)m, 1000, 1);
		return;
	case FT_APPID:
		memset(m, 0, 1 + FLOW_APPID_MAX);
		m[0] = (uint8_t)(n % (FLOW_APPID_MAX + 1));
		for (i = 1; i <= m[0]; i++)
			m[i] = (uint8_t)any(a);
		return;
	case FT_LABELS:
		memset(m, 0, FLOW_MPLS_MAX * 4);
		for (i = 0; i < any(a) % (FLOW_MPLS_MAX + 1); i++)
			((uint32_t *)m)[i] = (uint32_t)(1 + any(a) % 0xfffff);
		return;
	case FT_TEXT:
		any_text(a, (struct flow_text *)m);
		return;
	default:
		/* Little endian or not: any bytes will do. */
		memcpy(m, &n,
		    field_size(fd->type) < 8 ? field_size(fd->type) : 8);
		return;
	}
}

/* A flow of the fields of a set. */
static inline void
any_flow(struct anyflow *a, struct flow *f, const struct flow_set *has)
{
	unsigned int i;

	memset(f, 0, sizeof(*f));
	for (i = 0; i < FLOW_NFIELDS; i++) {
		if (!(has->w[i / 64] >> i % 64 & 1))
			continue;
		/* They share a member: the address was put already. */
		if ((i == FLOW_SRC_PREFIX && flow_has(f, FLOW_SRC_ADDR)) ||
		    (i == FLOW_DST_PREFIX && flow_has(f, FLOW_DST_ADDR)))
			continue;
		any_member(a, f, &fields[i]);
		flow_set(f, (enum flow_field)i);
	}
	f->clock = (uint8_t)(any(a) % 6);
	f->sampling = (uint8_t)(any(a) % 5);
}

/* Any fields, each with a chance of one in so many. */
static inline void
any_set(struct anyflow *a, struct flow_set *s, unsigned int one_in)
{
	unsigned int i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < FLOW_NFIELDS; i++)
		if (any(a) % one_in == 0)
			s->w[i / 64] |= (uint64_t)1 << i % 64;
}

#endif /* ANYFLOW_H */
