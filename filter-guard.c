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
 * What a rule asks for, as bits that eight bytes of a flow have: who fails the
 * narrowest needs no other question, and few clauses need to be asked at all.
 */

#include <netinet/in.h>

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

/* Is the value in one range, that a mask can say? */
static bool
number_exact(const struct clause *c)
{
	const struct range *r = &c->u.num.all[0];
	uint64_t diff = r->lo ^ r->hi;

	return (
	    c->u.num.n == 1 && (diff & (diff + 1)) == 0 && (r->lo & diff) == 0);
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

/* Sets exact if the guard, and that the field is there, say all. */
static struct guard
clause_guard(const struct clause *c, bool *exact)
{
	const struct guard none = {.mask = 0};

	*exact = false;
	if (c->negated)
		return (none);
	switch (c->kind) {
	case CL_NUMBER:
	case CL_PORT:
	case CL_FLAGS:
		if (c->u.num.n == 0)
			return (none);
		*exact = number_exact(c);
		return (number_guard(c));
	case CL_ADDR:
		if (c->u.addr.own != NULL || c->u.addr.refs != NULL)
			return (none);
		*exact = c->u.addr.one.len <= 56;
		return (addr_guard(c));
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

static void
require(struct check *k, const struct clause *c)
{
	enum flow_field bit = c->field == NULL ? FLOW_TCP_FLAGS : c->field->bit;

	k->has.w[bit / 64] |= UINT64_C(1) << bit % 64;
	if (c->kind == CL_PORT)
		k->protocols |= CHECK_PORTS;
	if (c->kind == CL_FLAGS)
		k->protocols |= CHECK_TCP;
}

/* The narrowest comes first. */
static void
swap_first(struct check *k, struct guard *g)
{
	struct guard first = k->first;

	if (ones(g->mask) > ones(first.mask)) {
		k->first = *g;
		*g = first;
	}
}

struct check
rule_check(const struct rule *r)
{
	struct check k;
	struct guard g;
	bool exact;
	size_t i;

	memset(&k, 0, sizeof(k));
	for (i = 0; i < r->nclauses; i++) {
		g = clause_guard(&r->clauses[i], &exact);
		if ((g.mask == 0 && g.value == 0) || k.nmore == CHECK_MORE)
			continue;
		swap_first(&k, &g);
		if (g.mask != 0 || g.value != 0)
			k.more[k.nmore++] = g;
		if (exact && i < 64) {
			k.said |= UINT64_C(1) << i;
			require(&k, &r->clauses[i]);
		}
	}
	return (k);
}

/* A prefix in the place of the address will do. */
static uint64_t
with_prefixes(uint64_t w)
{
	const uint64_t both =
	    UINT64_C(1) << FLOW_SRC_ADDR | UINT64_C(1) << FLOW_DST_ADDR;

	return (w | (w >> (FLOW_SRC_PREFIX - FLOW_SRC_ADDR) & both));
}

_Static_assert(FLOW_WORDS == 2, "check_more looks at two words");

bool
check_more(const struct check *k, const struct flow *f)
{
	size_t i;

	if ((k->has.w[0] & ~with_prefixes(f->has.w[0])) != 0 ||
	    (k->has.w[1] & ~f->has.w[1]) != 0)
		return (false);
	for (i = 0; i < k->nmore; i++)
		if (!guard_passes(&k->more[i], f))
			return (false);
	if (k->protocols == 0 || !flow_has(f, FLOW_PROTOCOL))
		return (true);
	if (k->protocols & CHECK_PORTS && !rule_has_ports(f->protocol))
		return (false);
	return (!(k->protocols & CHECK_TCP) || f->protocol == IPPROTO_TCP);
}
