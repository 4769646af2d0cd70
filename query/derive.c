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

#include "compat/wide.h"
#include "query/derive.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CHAIN 4

/* clang-format off */
/* The first field of these that a flow has, or a number if it has none. */
static const struct source {
	size_t n;
	enum flow_field field[CHAIN];
	uint64_t otherwise;
} sources[Q_MAX] = {
	[Q_FLOWS] = { 1, { FLOW_FLOWS }, 1 },
	[Q_PACKETS] = { 1, { FLOW_PACKETS }, 0 },
	[Q_OCTETS] = { 1, { FLOW_OCTETS }, 0 },
	[Q_REVERSE_PACKETS] = { 1, { FLOW_REVERSE_PACKETS }, 0 },
	[Q_REVERSE_OCTETS] = { 1, { FLOW_REVERSE_OCTETS }, 0 },
	[Q_RECORDS] = { 0, { 0 }, 1 },
	[Q_START] = { 4, { FLOW_START, FLOW_END, FLOW_EVENT_TIME,
	    FLOW_RECV_TIME }, 0 },
	[Q_END] = { 4, { FLOW_END, FLOW_START, FLOW_EVENT_TIME,
	    FLOW_RECV_TIME }, 0 },
};

/* So many of a counter's units, for each of the other quantity's. */
static const struct ratio {
	enum quantity of;
	uint64_t times;
	enum quantity per;
} ratios[Q_MAX] = {
	[Q_PPS] = { Q_PACKETS, NSEC_PER_SEC, Q_DURATION },
	[Q_BPS] = { Q_OCTETS, 8 * NSEC_PER_SEC, Q_DURATION },
	[Q_BPP] = { Q_OCTETS, 1, Q_PACKETS },
};

static const enum flow_field counters[] = {
	FLOW_PACKETS,
	FLOW_OCTETS,
	FLOW_REVERSE_PACKETS,
	FLOW_REVERSE_OCTETS,
	FLOW_OUT_PACKETS,
	FLOW_OUT_OCTETS,
};
/* clang-format on */

/* A computed column, and the memory of it. */
struct made {
	struct vec vec;
	uint64_t *num; /* BLOCK_FLOWS; NULL before it is needed */
};

struct derive {
	struct made made[Q_MAX];
	struct made scaled[COUNT(counters)];
};

struct derive *
derive_new(void)
{
	return (calloc(1, sizeof(struct derive)));
}

void
derive_free(struct derive *d)
{
	size_t i;

	if (d == NULL)
		return;
	for (i = 0; i < Q_MAX; i++)
		free(d->made[i].num);
	for (i = 0; i < COUNT(counters); i++)
		free(d->scaled[i].num);
	free(d);
}

/* Numbers of all rows, or of a dictionary, to be filled in; or NULL. */
static uint64_t *
made_room(struct made *m, uint32_t rows)
{
	if (m->num == NULL &&
	    (m->num = reallocarray(NULL, BLOCK_FLOWS, sizeof(*m->num))) == NULL)
		return (NULL);
	memset(&m->vec, 0, sizeof(m->vec));
	m->vec.kind = VEC_U64;
	m->vec.type = CT_NUMBER;
	m->vec.n = rows;
	m->vec.u64 = m->num;
	return (m->num);
}

/* The same number for all rows. */
static enum block_err
made_constant(struct made *m, uint32_t rows, uint64_t value)
{
	if (made_room(m, rows) == NULL)
		return (BLOCK_NOMEM);
	m->num[0] = value;
	m->vec.kind = VEC_CONST;
	m->vec.u64 = NULL;
	m->vec.ndict = 1;
	m->vec.num = m->num;
	return (BLOCK_OK);
}

static bool
has(const struct flow_set *s, enum flow_field f)
{
	return (s->w[f / 64] >> f % 64 & 1);
}

static size_t
choose(const struct source *src, const struct flow_set *shape)
{
	size_t k;

	for (k = 0; k < src->n && !has(shape, src->field[k]); k++)
		;
	return (k);
}

/* Flows of different shapes have it of different fields. */
static enum block_err
source_mixed(struct made *m, struct batch *b, const struct source *src,
    const uint8_t *choice)
{
	const struct vec *from[CHAIN] = {NULL}, *shape;
	enum block_err err;
	uint32_t i;
	size_t k;

	if ((err = batch_column(b, COL_SHAPE, &shape)) != BLOCK_OK)
		return (err);
	for (k = 0; k < src->n; k++)
		if ((err = batch_column(b, src->field[k], &from[k])) !=
		    BLOCK_OK)
			return (err);
	if (made_room(m, batch_flows(b)) == NULL)
		return (BLOCK_NOMEM);
	for (i = 0; i < m->vec.n; i++) {
		k = choice[vec_number(shape, i)];
		if (k == src->n)
			m->num[i] = src->otherwise;
		else
			m->num[i] =
			    from[k] == NULL ? 0 : vec_number(from[k], i);
	}
	return (BLOCK_OK);
}

static enum block_err
source(struct made *m, struct batch *b, const struct source *src,
    const struct vec **v)
{
	uint8_t choice[BATCH_SHAPES] = {(uint8_t)src->n};
	const struct flow_set *shapes;
	enum block_err err;
	bool same = true;
	uint32_t i, n;

	shapes = batch_shapes(b, &n);
	for (i = 0; i < n; i++) {
		choice[i] = (uint8_t)choose(src, &shapes[i]);
		same = same && choice[i] == choice[0];
	}
	/* Who has no counter has 0 in its column. */
	if (src->n == 1 && src->otherwise == 0 && !same) {
		same = true;
		choice[0] = 0;
	}
	*v = NULL;
	if (!same)
		err = source_mixed(m, b, src, choice);
	else if (choice[0] == src->n)
		err = made_constant(m, batch_flows(b), src->otherwise);
	else if ((err = batch_column(b, src->field[choice[0]], v)) ==
		BLOCK_OK &&
	    *v == NULL)
		err = made_constant(m, batch_flows(b), 0);
	if (*v == NULL)
		*v = &m->vec;
	return (err);
}

static uint64_t
between(const struct vec *start, const struct vec *end, uint32_t i)
{
	int64_t s = (int64_t)vec_number(start, i);
	int64_t e = (int64_t)vec_number(end, i);

	return (e > s ? (uint64_t)e - (uint64_t)s : 0);
}

static enum block_err
duration(struct made *m, struct batch *b)
{
	const struct vec *start, *end, *shape = NULL;
	const struct flow_set *shapes;
	bool both[BATCH_SHAPES];
	enum block_err err;
	uint32_t i, n;

	if ((err = batch_column(b, FLOW_START, &start)) != BLOCK_OK ||
	    (err = batch_column(b, FLOW_END, &end)) != BLOCK_OK)
		return (err);
	if (start == NULL || end == NULL)
		return (made_constant(m, batch_flows(b), 0));
	if (made_room(m, batch_flows(b)) == NULL)
		return (BLOCK_NOMEM);
	for (i = 0; i < m->vec.n; i++)
		m->num[i] = between(start, end, i);
	if (batch_all(b, FLOW_START) && batch_all(b, FLOW_END))
		return (BLOCK_OK);
	if ((err = batch_column(b, COL_SHAPE, &shape)) != BLOCK_OK)
		return (err);
	shapes = batch_shapes(b, &n);
	for (i = 0; i < n; i++)
		both[i] =
		    has(&shapes[i], FLOW_START) && has(&shapes[i], FLOW_END);
	for (i = 0; i < m->vec.n; i++)
		if (!both[vec_number(shape, i)])
			m->num[i] = 0;
	return (BLOCK_OK);
}

/* v * times / per of 128 bits, where per is not 0. */
static uint64_t
divide_wide(uint64_t v, uint64_t times, uint64_t per)
{
	struct wide w = wide_mul(v, times);
	uint64_t rest = w.hi, q = 0;
	bool carry;
	int i;

	if (w.hi >= per)
		return (UINT64_MAX);
	for (i = 63; i >= 0; i--) {
		carry = rest >> 63;
		rest = rest << 1 | (w.lo >> i & 1);
		q <<= 1;
		if (carry || rest >= per) {
			rest -= per;
			q |= 1;
		}
	}
	return (q);
}

uint64_t
derive_divide(uint64_t v, uint64_t times, uint64_t per)
{
	if (v == 0 || per == 0)
		return (0);
	if (v <= UINT64_MAX / times)
		return (v * times / per);
	return (divide_wide(v, times, per));
}

static enum block_err
ratio(struct derive *d, struct batch *b, enum quantity q)
{
	const struct ratio *r = &ratios[q];
	struct made *m = &d->made[q];
	const struct vec *of, *per;
	enum block_err err;
	uint32_t i;

	if ((err = derive_quantity(d, b, r->of, &of)) != BLOCK_OK ||
	    (err = derive_quantity(d, b, r->per, &per)) != BLOCK_OK)
		return (err);
	if (made_room(m, batch_flows(b)) == NULL)
		return (BLOCK_NOMEM);
	for (i = 0; i < m->vec.n; i++)
		m->num[i] = derive_divide(vec_number(of, i), r->times,
		    vec_number(per, i));
	return (BLOCK_OK);
}

enum block_err
derive_quantity(struct derive *d, struct batch *b, enum quantity q,
    const struct vec **v)
{
	*v = &d->made[q].vec;
	if (q == Q_DURATION)
		return (duration(&d->made[q], b));
	if (ratios[q].times != 0)
		return (ratio(d, b, q));
	return (source(&d->made[q], b, &sources[q], v));
}

static uint64_t
times(uint64_t v, uint64_t rate)
{
	/* Two numbers of 32 bits have a product of 64. */
	if ((v | rate) >> 32 == 0)
		return (v * rate);
	return (v > UINT64_MAX / rate ? UINT64_MAX : v * rate);
}

/* A rate of 0 is none. */
static uint64_t
rate_of(const struct vec *v, uint32_t i)
{
	uint64_t rate = vec_number(v, i);

	return (rate == 0 ? 1 : rate);
}

static enum block_err
scale(struct made *m, const struct vec *v, const struct vec *rate)
{
	uint32_t i;

	if (made_room(m, v->n) == NULL)
		return (BLOCK_NOMEM);
	if (rate->kind == VEC_CONST && v->ndict > 0) {
		m->vec = *v;
		m->vec.num = m->num;
		for (i = 0; i < v->ndict; i++)
			m->num[i] = times(v->num[i], rate_of(rate, 0));
		return (BLOCK_OK);
	}
	for (i = 0; i < v->n; i++)
		m->num[i] = times(vec_number(v, i), rate_of(rate, i));
	return (BLOCK_OK);
}

enum block_err
derive_scale(struct derive *d, struct batch *b)
{
	const struct vec *rate, *v;
	enum block_err err;
	size_t i;

	if ((err = batch_column(b, FLOW_SAMPLING_RATE, &rate)) != BLOCK_OK)
		return (err);
	if (rate == NULL || (rate->kind == VEC_CONST && rate_of(rate, 0) == 1))
		return (BLOCK_OK);
	for (i = 0; i < COUNT(counters); i++) {
		if ((err = batch_column(b, counters[i], &v)) != BLOCK_OK)
			return (err);
		if (v == NULL)
			continue;
		if ((err = scale(&d->scaled[i], v, rate)) != BLOCK_OK)
			return (err);
		batch_replace(b, counters[i], &d->scaled[i].vec);
	}
	return (BLOCK_OK);
}

static void
need(struct flow_set *s, enum flow_field f)
{
	s->w[f / 64] |= UINT64_C(1) << f % 64;
}

void
derive_needs(enum quantity q, struct flow_set *s)
{
	size_t k;

	if (q == Q_DURATION) {
		need(s, FLOW_START);
		need(s, FLOW_END);
	} else if (ratios[q].times != 0) {
		derive_needs(ratios[q].of, s);
		derive_needs(ratios[q].per, s);
	} else
		for (k = 0; k < sources[q].n; k++)
			need(s, sources[q].field[k]);
}

void
derive_scale_needs(struct flow_set *s)
{
	size_t i;

	need(s, FLOW_SAMPLING_RATE);
	for (i = 0; i < COUNT(counters); i++)
		need(s, counters[i]);
}
