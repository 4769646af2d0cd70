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
 * Which dimensions are worth a lookup for each flow: those that rule out rules
 * that no other does.  The guess is that flows are spread as the rules are.
 */

#include <stdlib.h>
#include <string.h>

#include "filter-index.h"

/* That so many rules need not be asked is worth it, and more of more words. */
#define WORTH_RULES 3.0
#define WORTH_WORDS 8.0

static uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return (h ^ h >> 29);
}

/* The same of clauses that ask for the same, and rarely of others. */
static uint64_t
value_of(const struct clause *c)
{
	const struct addrset *s = &c->u.addr;
	uint64_t h = c->negated;
	size_t i;

	if (c->kind == CL_FAMILY)
		return (mix(h, c->family));
	if (c->kind == CL_ADDR) {
		if (s->own != NULL)
			return (mix(h, (uintptr_t)s->own));
		for (i = 0; i < s->nrefs; i++)
			h = mix(h, (uintptr_t)s->refs[i].table);
		h = mix(mix(h, s->net[0]), s->net[1]);
		return (mix(h, s->one.len));
	}
	for (i = 0; i < c->u.num.n; i++)
		h = mix(mix(h, c->u.num.all[i].lo), c->u.num.all[i].hi);
	return (h);
}

/* What part of all flows a clause lets through, if they are anywhere. */
static double
width_of(const struct clause *c)
{
	const struct addrset *s = &c->u.addr;
	double most = UINT16_MAX, width = 0;
	size_t i;

	if (c->negated)
		return (1);
	if (c->kind == CL_FAMILY)
		return (0.5);
	if (c->kind == CL_ADDR) {
		if (s->own != NULL || s->refs != NULL)
			return (0.25);
		return (1.0 / (1U << (s->one.len < 16 ? s->one.len : 16)));
	}
	if (c->field != NULL && c->field->type == FT_U8)
		most = UINT8_MAX;
	for (i = 0; i < c->u.num.n; i++)
		width += (double)(c->u.num.all[i].hi - c->u.num.all[i].lo);
	return (width < most ? width / most : 1);
}

static int
value_cmp(const void *va, const void *vb)
{
	uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return (a < b ? -1 : a > b);
}

/* How many of the sorted values are below v. */
static size_t
below(const uint64_t *values, size_t n, uint64_t v)
{
	size_t from = 0, half;

	for (; n > 0; n = half) {
		half = n / 2;
		if (values[from + half] < v) {
			from += half + 1;
			half = n - half - 1;
		}
	}
	return (from);
}

/* How many of them are v: also if that is most, without a walk. */
static size_t
how_many(const uint64_t *values, size_t n, uint64_t v)
{
	size_t to = v == UINT64_MAX ? n : below(values, n, v + 1);

	return (to - below(values, n, v));
}

int
worth_weigh(struct dim_clause *c, size_t n)
{
	uint64_t *values;
	double share;
	size_t i, same = 0;

	if ((values = calloc(n, sizeof(*values))) == NULL)
		return (-1);
	for (i = 0; i < n; i++)
		values[i] = value_of(c[i].clause);
	qsort(values, n, sizeof(*values), value_cmp);
	for (i = 0; i < n; i++) {
		/* A run of the same is counted once. */
		if (i == 0 ||
		    value_of(c[i].clause) != value_of(c[i - 1].clause))
			same = how_many(values, n, value_of(c[i].clause));
		share = (double)same / (double)n;
		c[i].passes = width_of(c[i].clause);
		if (share > c[i].passes)
			c[i].passes = share;
	}
	free(values);
	return (0);
}

double
worth_gain(const struct dim_clause *c, size_t n, const double *left)
{
	double gain = 0;
	size_t i;

	for (i = 0; i < n; i++)
		gain += left[c[i].rule] * (1 - c[i].passes);
	return (gain);
}

bool
worth_it(double gain, size_t rules)
{
	return (gain > WORTH_RULES + (double)(rules / 64) / WORTH_WORDS);
}
