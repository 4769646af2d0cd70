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
 * The parts of a rule: sets of numbers and addresses, clauses, rules.
 */

#include <stdlib.h>
#include <string.h>

#include "rule.h"

/* More ranges than this are looked up, not walked. */
#define RANGES_FEW 3
#define BITS 65536

void
numset_clear(struct numset *s)
{
	free(s->all);
	free(s->bits);
	memset(s, 0, sizeof(*s));
}

int
numset_add(struct numset *s, uint64_t lo, uint64_t hi)
{
	struct range *r;
	size_t size;

	if (s->n == s->size) {
		size = s->size == 0 ? 4 : s->size * 2;
		if ((r = reallocarray(s->all, size, sizeof(*r))) == NULL)
			return (-1);
		s->all = r;
		s->size = size;
	}
	s->all[s->n++] = (struct range){.lo = lo, .hi = hi};
	return (0);
}

static int
range_cmp(const void *va, const void *vb)
{
	const struct range *a = va, *b = vb;

	return (a->lo < b->lo ? -1 : a->lo > b->lo);
}

static int
numset_map(struct numset *s)
{
	uint64_t v;
	size_t i;

	if (s->n <= RANGES_FEW || s->all[s->n - 1].hi >= BITS)
		return (0);
	if ((s->bits = calloc(BITS / 64, sizeof(*s->bits))) == NULL)
		return (-1);
	for (i = 0; i < s->n; i++)
		for (v = s->all[i].lo; v <= s->all[i].hi; v++)
			s->bits[v / 64] |= UINT64_C(1) << v % 64;
	return (0);
}

int
numset_seal(struct numset *s)
{
	struct range *r = s->all;
	size_t i, n = 0;

	if (s->n == 0)
		return (0);
	qsort(r, s->n, sizeof(*r), range_cmp);
	for (i = 0; i < s->n; i++) {
		/* Touching ranges are one; hi + 1 would wrap at the top. */
		if (n > 0 &&
		    (r[n - 1].hi >= r[i].lo || r[n - 1].hi == r[i].lo - 1)) {
			if (r[i].hi > r[n - 1].hi)
				r[n - 1].hi = r[i].hi;
		} else
			r[n++] = r[i];
	}
	s->n = n;
	s->one = r[0];
	return (numset_map(s));
}

static bool
numset_search(const struct numset *s, uint64_t v)
{
	size_t lo = 0, hi = s->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (v > s->all[mid].hi)
			lo = mid + 1;
		else if (v < s->all[mid].lo)
			hi = mid;
		else
			return (true);
	}
	return (false);
}

bool
numset_has(const struct numset *s, uint64_t v)
{
	if (s->n == 1)
		return (v >= s->one.lo && v <= s->one.hi);
	if (s->bits != NULL)
		return (v < BITS && (s->bits[v / 64] >> v % 64 & 1));
	return (numset_search(s, v));
}

void
addrset_clear(struct addrset *s)
{
	table_free(s->own);
	table_free(s->out);
	free(s->refs);
	memset(s, 0, sizeof(*s));
}

void
addrset_one(struct addrset *s, const struct prefix *p)
{
	uint8_t mask[16];
	unsigned int i;

	for (i = 0; i < sizeof(mask); i++)
		mask[i] = i * 8 + 8 <= p->len ? 0xff
		    : i * 8 >= p->len	      ? 0
					      : (uint8_t)(0xff00 >> p->len % 8);
	s->one = *p;
	memcpy(s->net, p->addr.b, sizeof(s->net));
	memcpy(s->mask, mask, sizeof(s->mask));
}

/*
 * A table with "!" takes its members out of everything else; then the longest
 * prefix of the list decides, then the tables without.
 */
static bool
addrset_list(const struct addrset *s, const struct addr *a)
{
	bool in = false;
	size_t i;

	for (i = 0; i < s->nrefs; i++) {
		if (in && !s->refs[i].negated)
			continue;
		if (!table_match(s->refs[i].table->table, a))
			continue;
		if (s->refs[i].negated)
			return (false);
		in = true;
	}
	if (s->own != NULL && table_match(s->own, a))
		return (true);
	return (in && (s->out == NULL || !table_match(s->out, a)));
}

bool
addrset_has(const struct addrset *s, const struct addr *a)
{
	uint64_t b[2];

	if (s->own != NULL || s->refs != NULL)
		return (addrset_list(s, a));
	memcpy(b, a->b, sizeof(b));
	return (a->family == s->one.addr.family &&
	    (((b[0] ^ s->net[0]) & s->mask[0]) |
		((b[1] ^ s->net[1]) & s->mask[1])) == 0);
}

void
textset_clear(struct textset *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free((void *)(uintptr_t)s->all[i].p);
	free(s->all);
	memset(s, 0, sizeof(*s));
}

int
textset_add(struct textset *s, const char *text)
{
	struct flow_text *all;
	char *copy;

	all = reallocarray(s->all, s->n + 1, sizeof(*all));
	if (all == NULL)
		return (-1);
	s->all = all;
	if ((copy = strdup(text)) == NULL)
		return (-1);
	s->all[s->n].p = copy;
	s->all[s->n++].len = (uint16_t)strlen(copy);
	return (0);
}

static int
text_cmp(const void *va, const void *vb)
{
	const struct flow_text *a = va, *b = vb;
	size_t n = a->len < b->len ? a->len : b->len;
	/* What is empty may be nowhere. */
	int r = n == 0 ? 0 : memcmp(a->p, b->p, n);

	return (r != 0 ? r : (int)a->len - (int)b->len);
}

void
textset_seal(struct textset *s)
{
	if (s->n > 1)
		qsort(s->all, s->n, sizeof(*s->all), text_cmp);
}

bool
textset_has(const struct textset *s, const struct flow_text *t)
{
	return (s->n > 0 &&
	    bsearch(t, s->all, s->n, sizeof(*s->all), text_cmp) != NULL);
}

struct rule *
rule_new(enum filter_verdict verdict)
{
	struct rule *r;

	if ((r = calloc(1, sizeof(*r))) != NULL)
		r->verdict = verdict;
	return (r);
}

static void
clause_clear(struct clause *c)
{
	switch (c->kind) {
	case CL_ADDR:
		addrset_clear(&c->u.addr);
		break;
	case CL_TEXT:
		textset_clear(&c->u.text);
		break;
	case CL_NUMBER:
	case CL_PORT:
	case CL_FLAGS:
	case CL_DURATION:
		numset_clear(&c->u.num);
		break;
	default:
		break;
	}
}

void
rule_free(struct rule *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->nclauses; i++)
		clause_clear(&r->clauses[i]);
	free(r->clauses);
	free(r);
}

struct clause *
rule_clause(struct rule *r, enum clause_kind kind)
{
	struct clause *c;

	c = reallocarray(r->clauses, r->nclauses + 1, sizeof(*c));
	if (c == NULL)
		return (NULL);
	r->clauses = c;
	c += r->nclauses++;
	memset(c, 0, sizeof(*c));
	c->kind = (uint8_t)kind;
	return (c);
}

/* clang-format off */
/* What clauses look at beside the field that they name. */
static const struct {
	size_t n;
	enum flow_field field[2];
} asks[CL_MAX] = {
	[CL_PORT] = { 1, { FLOW_PROTOCOL } },
	[CL_FAMILY] = { 2, { FLOW_SRC_ADDR, FLOW_DST_ADDR } },
	[CL_FLAGS] = { 2, { FLOW_PROTOCOL, FLOW_TCP_FLAGS } },
	[CL_DURATION] = { 2, { FLOW_START, FLOW_END } },
	[CL_DAYS] = { 1, { FLOW_RECV_TIME } },
	[CL_TIME] = { 1, { FLOW_RECV_TIME } },
	[CL_DATE] = { 1, { FLOW_RECV_TIME } },
};

/* They share a member of the flow. */
static const enum flow_field twins[][2] = {
	{ FLOW_SRC_ADDR, FLOW_SRC_PREFIX },
	{ FLOW_DST_ADDR, FLOW_DST_PREFIX },
};
/* clang-format on */

static void
put_bit(struct flow_set *s, enum flow_field f)
{
	s->w[f / 64] |= UINT64_C(1) << f % 64;
}

static void
put_field(struct flow_set *s, enum flow_field f)
{
	size_t i;

	put_bit(s, f);
	for (i = 0; i < sizeof(twins) / sizeof(twins[0]); i++)
		if (f == twins[i][0] || f == twins[i][1]) {
			put_bit(s, twins[i][0]);
			put_bit(s, twins[i][1]);
		}
}

void
clause_fields(const struct clause *c, struct flow_set *s)
{
	size_t i;

	for (i = 0; i < asks[c->kind].n; i++)
		put_field(s, asks[c->kind].field[i]);
	if (c->field != NULL)
		put_field(s, c->field->bit);
}
