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
 * The narrowest of what a rule asks for, as bits that eight bytes of a flow
 * have: who fails it needs no other question.
 */

#include <string.h>

#include "filter-index.h"

/* A field that is absent is zero, and what is zero may match: see clauses. */
static struct guard
guard_of(const struct field *fd, uint64_t mask, uint64_t value)
{
	struct guard g = {.off = fd->off};
	const uint64_t v[2] = {mask, value};
	uint64_t bytes[2] = {0, 0};
	uint32_t v32;
	uint16_t v16;
	uint8_t v8;
	size_t i;

	for (i = 0; i < 2; i++) {
		v8 = (uint8_t)v[i];
		v16 = (uint16_t)v[i];
		v32 = (uint32_t)v[i];
		if (fd->type == FT_U8)
			memcpy(&bytes[i], &v8, sizeof(v8));
		else if (fd->type == FT_U16)
			memcpy(&bytes[i], &v16, sizeof(v16));
		else if (fd->type == FT_U32)
			memcpy(&bytes[i], &v32, sizeof(v32));
		else
			memcpy(&bytes[i], &v[i], sizeof(v[i]));
	}
	g.mask = bytes[0];
	g.value = bytes[1];
	return (g);
}

/* The upper bits that all numbers of the set have. */
static struct guard
number_guard(const struct clause *c)
{
	const struct numset *s = &c->u.num;
	const struct field *fd = c->field;
	uint64_t lo = s->all[0].lo, hi = s->all[s->n - 1].hi;
	uint64_t mask = UINT64_MAX;

	while (((lo ^ hi) & mask) != 0)
		mask <<= 1;
	if (c->kind != CL_FLAGS)
		return (guard_of(fd, mask, lo & mask));
	return (guard_of(&fields[FLOW_TCP_FLAGS], mask & c->mask, lo & mask));
}

/* The family, and what of the prefix is in the first seven bytes. */
static struct guard
addr_guard(const struct clause *c)
{
	const struct addrset *s = &c->u.addr;
	struct guard g = {.off = c->field->off};
	struct addr mask;

	memset(&mask, 0, sizeof(mask));
	mask.family = UINT8_MAX;
	memcpy(mask.b, s->mask, sizeof(mask.b));
	memcpy(&g.mask, &mask, sizeof(g.mask));
	memcpy(&g.value, &s->one.addr, sizeof(g.value));
	g.value &= g.mask;
	return (g);
}

static struct guard
clause_guard(const struct clause *c)
{
	const struct guard none = {.mask = 0};

	if (c->negated)
		return (none);
	switch (c->kind) {
	case CL_NUMBER:
	case CL_PORT:
	case CL_FLAGS:
		return (c->u.num.n > 0 ? number_guard(c) : none);
	case CL_ADDR:
		if (c->u.addr.own == NULL && c->u.addr.refs == NULL)
			return (addr_guard(c));
		return (none);
	default:
		return (none);
	}
}

static unsigned int
ones(uint64_t v)
{
	unsigned int n;

	for (n = 0; v != 0; n++)
		v &= v - 1;
	return (n);
}

struct guard
rule_guard(const struct rule *r)
{
	struct guard best = {.mask = 0}, g;
	size_t i;

	for (i = 0; i < r->nclauses; i++) {
		g = clause_guard(&r->clauses[i]);
		if (ones(g.mask) > ones(best.mask))
			best = g;
	}
	return (best);
}
