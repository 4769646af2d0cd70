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
 * One thing that rules ask of flows: whose place is looked up, and gives the
 * rules that it does not rule out.
 */

#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "filter-index.h"

/* Clauses that take more are not worth the memory: they are asked. */
#define CLAUSE_TOGGLES_MAX 16384
#define TOGGLES_MAX ((size_t)1 << 20)

static enum dim_how
how_of(const struct clause *c)
{
	switch (c->kind) {
	case CL_ADDR:
		return (DIM_ADDR);
	case CL_PORT:
		return (DIM_PORT);
	case CL_FLAGS:
		return (DIM_FLAGS);
	case CL_DURATION:
		return (DIM_DURATION);
	case CL_FAMILY:
		return (DIM_FAMILY);
	case CL_NUMBER:
		if (c->field->type == FT_U8)
			return (DIM_U8);
		if (c->field->type == FT_U32)
			return (DIM_U32);
		return (c->field->type == FT_U16 ? DIM_U16 : DIM_NUMBER);
	default:
		return (DIM_HOWS);
	}
}

bool
dim_takes(const struct clause *c)
{
	return (how_of(c) != DIM_HOWS);
}

int
dim_cmp(const struct clause *a, const struct clause *b)
{
	int fa = a->field == NULL ? -1 : (int)a->field->bit;
	int fb = b->field == NULL ? -1 : (int)b->field->bit;

	if (a->kind != b->kind)
		return ((int)a->kind - (int)b->kind);
	if (fa != fb)
		return (fa - fb);
	return ((int)a->mask - (int)b->mask);
}

/* While a dimension is made. */
struct making {
	struct dim *dim;
	struct rulesets *sets;
	struct dim_clause *c;
	size_t n;
	uint32_t *group;	/* of each clause: its first */
	uint64_t *bits, *start; /* the row; that below all places */
	struct toggles v4, v6;
};

/* Places and the row from each on, of one family; row[0] is that below. */
struct stretch {
	struct u128 *at;
	uint32_t *row;
	size_t n;
};

static void
flip(uint64_t *bits, uint32_t rule)
{
	bits[rule / 64] ^= UINT64_C(1) << rule % 64;
}

/* A table that many rules name changes its mind once for all. */
static const struct filter_table *
table_of(const struct clause *c)
{
	const struct addrset *s = &c->u.addr;

	if (c->kind != CL_ADDR || s->own != NULL || s->nrefs != 1 ||
	    s->refs[0].negated)
		return (NULL);
	return (s->refs[0].table);
}

/* By table, so that those of the same are neighbours. */
static int
by_table(const void *va, const void *vb)
{
	const struct dim_clause *a = va, *b = vb;
	uintptr_t ta = (uintptr_t)table_of(a->clause);
	uintptr_t tb = (uintptr_t)table_of(b->clause);

	if (ta != tb)
		return (ta < tb ? -1 : 1);
	return (a->rule < b->rule ? -1 : a->rule > b->rule);
}

/* The toggles of all clauses, and who toggles together. */
static int
collect(struct making *m)
{
	const struct filter_table *t, *last = NULL;
	size_t i, n;

	qsort(m->c, m->n, sizeof(*m->c), by_table);
	for (i = 0; i < m->n; i++, last = t) {
		t = table_of(m->c[i].clause);
		if (t != NULL && t == last) {
			m->c[i].out = m->c[i - 1].out;
			m->group[i] = m->group[i - 1];
			continue;
		}
		m->group[i] = (uint32_t)i;
		n = toggles_count(m->c[i].clause);
		m->c[i].out = n > CLAUSE_TOGGLES_MAX ||
		    n > TOGGLES_MAX - m->v4.n - m->v6.n;
		if (!m->c[i].out &&
		    toggles_of(m->c[i].clause, m->group[i], &m->v4, &m->v6) ==
			-1)
			return (-1);
	}
	return (0);
}

/* Every rule but those with a clause here; then negations, too. */
static enum ruleset_err
put_absent(struct making *m)
{
	enum ruleset_err err;
	size_t i;

	for (i = 0; i < m->sets->n; i++)
		flip(m->start, (uint32_t)i);
	for (i = 0; i < m->n; i++)
		if (!m->c[i].out)
			flip(m->start, m->c[i].rule);
	err = rulerows_put(m->sets, &m->dim->rows, m->start, &m->dim->never);
	if (err != RULESET_OK)
		return (err);
	for (i = 0; i < m->n; i++)
		if (!m->c[i].out && m->c[i].clause->negated)
			flip(m->start, m->c[i].rule);
	return (
	    rulerows_put(m->sets, &m->dim->rows, m->start, &m->dim->absent));
}

static int
toggle_cmp(const void *va, const void *vb)
{
	const struct toggle *a = va, *b = vb;

	return (u128_cmp(a->at, b->at));
}

/* All toggles at the place of the i-th; the first behind them. */
static size_t
turn(struct making *m, const struct toggles *t, size_t i)
{
	const struct u128 at = t->t[i].at;
	uint32_t group;
	size_t k;

	for (; i < t->n && u128_cmp(t->t[i].at, at) == 0; i++) {
		group = t->t[i].group;
		for (k = group; k < m->n && m->group[k] == group; k++)
			flip(m->bits, m->c[k].rule);
	}
	return (i);
}

static enum ruleset_err
sweep(struct making *m, const struct toggles *t, struct stretch *s)
{
	uint32_t *row = s->row;
	enum ruleset_err err;
	size_t i = 0;

	memcpy(m->bits, m->start, m->sets->words * sizeof(*m->bits));
	row[0] = m->dim->absent;
	for (s->n = 0; i < t->n; s->n += row[s->n + 1] != row[s->n]) {
		s->at[s->n] = t->t[i].at;
		i = turn(m, t, i);
		err = rulerows_put(m->sets, &m->dim->rows, m->bits,
		    &row[s->n + 1]);
		if (err != RULESET_OK)
			return (err);
	}
	return (RULESET_OK);
}

static void
stretch_clear(struct stretch *s)
{
	free(s->at);
	free(s->row);
	memset(s, 0, sizeof(*s));
}

static enum ruleset_err
make_stretch(struct making *m, struct toggles *t, struct stretch *s)
{
	enum ruleset_err err = RULESET_NOMEM;

	if (t->n > 1)
		qsort(t->t, t->n, sizeof(*t->t), toggle_cmp);
	s->at = reallocarray(NULL, t->n + 1, sizeof(*s->at));
	s->row = reallocarray(NULL, t->n + 1, sizeof(*s->row));
	if (s->at != NULL && s->row != NULL)
		err = sweep(m, t, s);
	if (err != RULESET_OK)
		stretch_clear(s);
	return (err);
}

/* How many values have a row each. */
static const uint32_t values[DIM_HOWS] = {
    [DIM_U8] = UINT8_MAX + 1,
    [DIM_U16] = UINT16_MAX + 1,
    [DIM_PORT] = UINT16_MAX + 1,
    [DIM_FLAGS] = UINT16_MAX + 1,
    [DIM_FAMILY] = 9,
};

/* Takes the stretch. */
static enum ruleset_err
make_direct(struct dim *d, struct stretch *s)
{
	uint32_t i, n = values[d->how];
	size_t k = 0;

	d->direct = calloc(n, sizeof(*d->direct));
	for (i = 0; d->direct != NULL && i < n; i++) {
		while (k < s->n && s->at[k].hi <= i)
			k++;
		d->direct[i] = (uint16_t)s->row[k];
	}
	stretch_clear(s);
	if (d->direct == NULL)
		return (RULESET_NOMEM);
	return (d->rows.n > UINT16_MAX ? RULESET_LARGE : RULESET_OK);
}

/* Takes the stretch. */
static enum ruleset_err
make_bounds(struct bounds *b, uint32_t **row, struct stretch *s)
{
	uint32_t *less = realloc(s->row, (s->n + 1) * sizeof(*less));

	*row = less != NULL ? less : s->row;
	return (bounds_make(b, s->at, s->n) == -1 ? RULESET_NOMEM : RULESET_OK);
}

static enum ruleset_err
make(struct making *m)
{
	struct dim *d = m->dim;
	struct stretch s = {NULL, NULL, 0};
	enum ruleset_err err;

	if (m->group == NULL || m->bits == NULL || m->start == NULL ||
	    collect(m) == -1)
		return (RULESET_NOMEM);
	if ((err = put_absent(m)) != RULESET_OK ||
	    (err = make_stretch(m, &m->v4, &s)) != RULESET_OK)
		return (err);
	if (values[d->how] != 0)
		return (make_direct(d, &s));
	if ((err = make_bounds(&d->at, &d->row, &s)) != RULESET_OK ||
	    d->how != DIM_ADDR ||
	    (err = make_stretch(m, &m->v6, &s)) != RULESET_OK)
		return (err);
	return (make_bounds(&d->at6, &d->row6, &s));
}

static uint32_t
row_addr(const struct dim *d, const struct flow *f)
{
	const struct addr *a = field_cptr(f, d->field);

	if (!flow_has(f, d->bit) && !flow_has(f, d->twin))
		return (d->absent);
	if (a->family == ADDR_V4)
		return (d->row[bounds_find(&d->at, u128_of(a))]);
	if (a->family == ADDR_V6)
		return (d->row6[bounds_find(&d->at6, u128_of(a))]);
	return (d->absent);
}

static uint32_t
row_u8(const struct dim *d, const struct flow *f)
{
	if (!flow_has(f, d->bit))
		return (d->absent);
	return (d->direct[*(const uint8_t *)field_cptr(f, d->field)]);
}

static uint32_t
row_u16(const struct dim *d, const struct flow *f)
{
	if (!flow_has(f, d->bit))
		return (d->absent);
	return (d->direct[*(const uint16_t *)field_cptr(f, d->field)]);
}

static uint32_t
row_at(const struct dim *d, uint64_t v)
{
	return (d->row[bounds_find(&d->at, (struct u128){v, 0})]);
}

static uint32_t
row_u32(const struct dim *d, const struct flow *f)
{
	if (!flow_has(f, d->bit))
		return (d->absent);
	return (row_at(d, *(const uint32_t *)field_cptr(f, d->field)));
}

static uint32_t
row_number(const struct dim *d, const struct flow *f)
{
	if (!flow_has(f, d->bit))
		return (d->absent);
	return (row_at(d, field_number(f, d->field)));
}

static uint32_t
row_port(const struct dim *d, const struct flow *f)
{
	bool has = flow_has(f, d->bit);

	if (flow_has(f, FLOW_PROTOCOL) ? !rule_has_ports(f->protocol) : !has)
		return (d->never);
	return (has ? row_u16(d, f) : d->absent);
}

static uint32_t
row_flags(const struct dim *d, const struct flow *f)
{
	if (flow_has(f, FLOW_PROTOCOL) && f->protocol != IPPROTO_TCP)
		return (d->never);
	if (!flow_has(f, FLOW_TCP_FLAGS))
		return (d->absent);
	return (d->direct[f->tcp_flags & d->mask]);
}

static uint32_t
row_duration(const struct dim *d, const struct flow *f)
{
	uint64_t seconds;

	if (!clause_duration(f, &seconds))
		return (d->absent);
	return (row_at(d, seconds));
}

static unsigned int
family(const struct addr *a)
{
	return (a->family == ADDR_V4 ? 1 : a->family == ADDR_V6 ? 2 : 0);
}

static uint32_t
row_family(const struct dim *d, const struct flow *f)
{
	return (d->direct[family(&f->src_addr) * 3 + family(&f->dst_addr)]);
}

static dim_lookup *const lookups[DIM_HOWS] = {
    [DIM_ADDR] = row_addr,
    [DIM_U8] = row_u8,
    [DIM_U16] = row_u16,
    [DIM_U32] = row_u32,
    [DIM_NUMBER] = row_number,
    [DIM_PORT] = row_port,
    [DIM_FLAGS] = row_flags,
    [DIM_DURATION] = row_duration,
    [DIM_FAMILY] = row_family,
};

enum ruleset_err
dim_make(struct dim *d, struct rulesets *sets, struct dim_clause *c, size_t n)
{
	const struct clause *first = c[0].clause;
	struct making m = {.dim = d, .sets = sets, .c = c, .n = n};
	enum ruleset_err err;

	memset(d, 0, sizeof(*d));
	d->how = (uint8_t)how_of(first);
	d->row_of = lookups[d->how];
	d->mask = first->mask;
	d->field = first->field;
	if (first->field != NULL)
		d->bit = d->twin = first->field->bit;
	if (d->bit == FLOW_SRC_ADDR)
		d->twin = FLOW_SRC_PREFIX;
	else if (d->bit == FLOW_DST_ADDR)
		d->twin = FLOW_DST_PREFIX;
	m.group = calloc(n, sizeof(*m.group));
	m.bits = calloc(sets->words, sizeof(*m.bits));
	m.start = calloc(sets->words, sizeof(*m.start));
	err = make(&m);
	free(m.group);
	free(m.bits);
	free(m.start);
	free(m.v4.t);
	free(m.v6.t);
	if (err != RULESET_OK)
		dim_clear(d, sets);
	return (err);
}

void
dim_clear(struct dim *d, struct rulesets *sets)
{
	free(d->direct);
	bounds_clear(&d->at);
	bounds_clear(&d->at6);
	free(d->row);
	free(d->row6);
	rulerows_clear(sets, &d->rows);
	memset(d, 0, sizeof(*d));
}
