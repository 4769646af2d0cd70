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
 * The places at which a clause changes its mind: in order of address or number
 * it says no at first, then yes, and so on in turn.
 */

#include <stdlib.h>
#include <string.h>

#include "filter-index.h"

static int
put(struct toggles *s, struct u128 at, uint32_t group)
{
	struct toggle *t;
	size_t size;

	if (s->n == s->size) {
		size = s->size == 0 ? 64 : s->size * 2;
		if ((t = reallocarray(s->t, size, sizeof(*t))) == NULL)
			return (-1);
		s->t = t;
		s->size = size;
	}
	s->t[s->n++] = (struct toggle){.at = at, .group = group};
	return (0);
}

/* The place behind; false: there is none. */
static bool
next(struct u128 *v)
{
	if (++v->lo == 0 && ++v->hi == 0)
		return (false);
	return (true);
}

static int
numbers(const struct numset *s, uint32_t group, struct toggles *to)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (put(to, (struct u128){s->all[i].lo, 0}, group) == -1)
			return (-1);
		if (s->all[i].hi != UINT64_MAX &&
		    put(to, (struct u128){s->all[i].hi + 1, 0}, group) == -1)
			return (-1);
	}
	return (0);
}

/* Where a set of addresses may change its mind. */
struct places {
	struct u128 *at;
	size_t n;
	enum addr_family family;
};

/* IPv4 addresses are 32 bits of 128: the next one is 2^96 higher. */
static int
add_prefix(void *arg, const struct prefix *p, bool negated)
{
	struct places *pl = arg;
	struct u128 last = u128_of(&p->addr), tail = u128_tail(p->len);

	(void)negated;
	if (p->addr.family != pl->family)
		return (0);
	pl->at[pl->n++] = last;
	last.hi |= tail.hi;
	last.lo |= tail.lo;
	if (next(&last))
		pl->at[pl->n++] = last;
	return (0);
}

static int
place_cmp(const void *va, const void *vb)
{
	return (u128_cmp(*(const struct u128 *)va, *(const struct u128 *)vb));
}

static struct addr
addr_of(struct u128 v, enum addr_family family)
{
	struct addr a;
	int i;

	memset(&a, 0, sizeof(a));
	a.family = (uint8_t)family;
	for (i = 0; i < 8; i++) {
		a.b[i] = (uint8_t)(v.hi >> (56 - i * 8));
		a.b[i + 8] = (uint8_t)(v.lo >> (56 - i * 8));
	}
	return (a);
}

static size_t
members(const struct addrset *s)
{
	size_t i, n = 0;

	if (s->own == NULL && s->refs == NULL)
		return (1);
	if (s->own != NULL)
		n += table_count(s->own);
	for (i = 0; i < s->nrefs; i++)
		n += table_count(s->refs[i].table->table);
	return (n);
}

static int
addresses(const struct addrset *s, uint32_t group, struct toggles *to,
    enum addr_family family)
{
	struct places pl = {.family = family};
	bool in = false, was;
	struct addr a;
	size_t i;
	int r = 0;

	pl.at = calloc(members(s) * 2 + 1, sizeof(*pl.at));
	if (pl.at == NULL)
		return (-1);
	if (s->own == NULL && s->refs == NULL)
		add_prefix(&pl, &s->one, false);
	if (s->own != NULL)
		table_walk(s->own, add_prefix, &pl);
	for (i = 0; i < s->nrefs; i++)
		table_walk(s->refs[i].table->table, add_prefix, &pl);
	if (pl.n > 1)
		qsort(pl.at, pl.n, sizeof(*pl.at), place_cmp);
	for (i = 0; i < pl.n && r == 0; i++) {
		a = addr_of(pl.at[i], family);
		was = in;
		in = addrset_has(s, &a);
		if (in != was)
			r = put(to, pl.at[i], group);
	}
	free(pl.at);
	return (r);
}

/* Source and destination, each none, IPv4 or IPv6: see dim_row. */
static int
families(const struct clause *c, uint32_t group, struct toggles *to)
{
	uint64_t mine = c->family == ADDR_V4 ? 1 : 2, v;
	bool in = false, was;

	for (v = 0; v < 9; v++) {
		was = in;
		in = v / 3 == mine || v % 3 == mine;
		if (in != was && put(to, (struct u128){v, 0}, group) == -1)
			return (-1);
	}
	return (0);
}

int
toggles_of(const struct clause *c, uint32_t group, struct toggles *v4,
    struct toggles *v6)
{
	switch (c->kind) {
	case CL_ADDR:
		if (addresses(&c->u.addr, group, v4, ADDR_V4) == -1)
			return (-1);
		return (addresses(&c->u.addr, group, v6, ADDR_V6));
	case CL_FAMILY:
		return (families(c, group, v4));
	default:
		return (numbers(&c->u.num, group, v4));
	}
}

size_t
toggles_count(const struct clause *c)
{
	switch (c->kind) {
	case CL_ADDR:
		return (members(&c->u.addr) * 2);
	case CL_FAMILY:
		return (9);
	default:
		return (c->u.num.n * 2);
	}
}
