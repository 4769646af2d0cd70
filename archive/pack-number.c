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
 * Numbers, in as many whole bytes as the widest needs.  Odd numbers of bits
 * would save a byte or two a flow and take longer than writing these.
 */

#include <stdlib.h>
#include <string.h>

#include "archive/dict.h"
#include "archive/le.h"
#include "archive/packer.h"

#define MSEC UINT64_C(1000000)
#define MSEC_EXPONENT 6

static void
set_range(struct block_column *b, const struct pack_range *g)
{
	b->min = g->min;
	b->max = g->max;
	b->sum = b->type == CT_NUMBER ? g->sum : 0;
}

static bool
less(enum column_type type, uint64_t a, uint64_t b)
{
	return (type == CT_TIME ? (int64_t)a < (int64_t)b : a < b);
}

/* Two at a time: each comparison waits for the one before. */
#define RANGE_FN(bits, type)                                            \
	static void range##bits(struct pack_range *g, const type *v,    \
	    uint32_t n)                                                 \
	{                                                               \
		type min[2] = {v[0], v[0]}, max[2] = {v[0], v[0]};      \
		uint64_t sum[2] = {0, 0};                               \
		uint32_t i;                                             \
                                                                        \
		for (i = 0; i + 2 <= n; i += 2) {                       \
			min[0] = v[i] < min[0] ? v[i] : min[0];         \
			max[0] = v[i] > max[0] ? v[i] : max[0];         \
			sum[0] += (uint64_t)v[i];                       \
			min[1] = v[i + 1] < min[1] ? v[i + 1] : min[1]; \
			max[1] = v[i + 1] > max[1] ? v[i + 1] : max[1]; \
			sum[1] += (uint64_t)v[i + 1];                   \
		}                                                       \
		if (i < n) {                                            \
			min[0] = v[i] < min[0] ? v[i] : min[0];         \
			max[0] = v[i] > max[0] ? v[i] : max[0];         \
			sum[0] += (uint64_t)v[i];                       \
		}                                                       \
		g->min = (uint64_t)(min[0] < min[1] ? min[0] : min[1]); \
		g->max = (uint64_t)(max[0] > max[1] ? max[0] : max[1]); \
		g->sum = sum[0] + sum[1];                               \
	}

RANGE_FN(8, uint8_t)
RANGE_FN(16, uint16_t)
RANGE_FN(32, uint32_t)
RANGE_FN(64, uint64_t)
RANGE_FN(64s, int64_t)

static void
range_part(struct pack_range *g, const struct rows_column *c, uint32_t from,
    uint32_t n)
{
	const uint8_t *v = (const uint8_t *)c->v + (size_t)from * c->width;

	if (c->width == 1)
		range8(g, v, n);
	else if (c->width == 2)
		range16(g, (const void *)v, n);
	else if (c->width == 4)
		range32(g, (const void *)v, n);
	else if (c->type == CT_TIME)
		range64s(g, (const void *)v, n);
	else
		range64(g, (const void *)v, n);
}

static void
range_add(struct pack_range *g, const struct pack_range *part,
    enum column_type type)
{
	if (less(type, part->min, g->min))
		g->min = part->min;
	if (less(type, g->max, part->max))
		g->max = part->max;
	g->sum += part->sum;
}

/* Of the flows that have it. */
static void
range_of(const struct packer *k, struct pack_range *g,
    const struct rows_column *c)
{
	struct stretch s = {0, 0, 0};
	struct pack_range part;
	bool first = true;

	*g = (struct pack_range){0, 0, 0};
	for (; pack_stretch(k, &s); first = false) {
		range_part(&part, c, s.from, s.until - s.from);
		if (first)
			*g = part;
		else
			range_add(g, &part, c->type);
	}
}

/* Each store is of 8 bytes, and the next one covers what is too much. */
#define PUT_FN(bits)                                                \
	static void put##bits(uint8_t *to, const uint##bits##_t *v, \
	    uint32_t n, uint64_t base, unsigned int bytes)          \
	{                                                           \
		uint32_t i;                                         \
                                                                    \
		for (i = 0; i < n; i++, to += bytes)                \
			le64_put(to, (uint64_t)v[i] - base);        \
	}

PUT_FN(8)
PUT_FN(16)
PUT_FN(32)
PUT_FN(64)

/* Numbers of a width, less base, in so many bytes. */
static void
put_numbers(struct packer *k, struct block_column *b, const void *v,
    unsigned int width, unsigned int bytes)
{
	size_t len = (size_t)k->n * bytes;
	uint8_t *to;

	b->bits = (uint8_t)(bytes * 8);
	if ((to = blockwr_room(&k->w, len + PACK_SLACK)) == NULL)
		return;
	if (bytes == 0)
		return;
	if (width == bytes && b->base == 0 && !LE_SWAP)
		memcpy(to, v, len);
	else if (width == 1)
		put8(to, v, k->n, b->base, bytes);
	else if (width == 2)
		put16(to, v, k->n, b->base, bytes);
	else if (width == 4)
		put32(to, v, k->n, b->base, bytes);
	else
		put64(to, v, k->n, b->base, bytes);
	pack_data(b, to, len);
}

static void
pack_plain(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	unsigned int bytes = pack_bytes(b->max - b->min);

	if (bytes == 0) {
		b->scheme = CS_CONST;
		b->base = b->min;
		return;
	}
	b->scheme = CS_PLAIN;
	/* Nothing to take off if it is no shorter then. */
	if (b->type == CT_TIME || bytes < pack_bytes(b->max))
		b->base = b->min;
	put_numbers(k, b, c->v, c->width, bytes);
}

/* Runs. */

static uint32_t
run_end(const struct rows_column *c, uint32_t i, uint32_t rows)
{
	return (i + 1 < c->n ? c->from[i + 1] : rows);
}

void
pack_range_runs(struct pack_range *g, const struct rows_column *c,
    uint32_t rows)
{
	uint32_t i;

	*g = (struct pack_range){c->run[0], c->run[0], 0};
	for (i = 0; i < c->n; i++) {
		if (less(c->type, c->run[i], g->min))
			g->min = c->run[i];
		if (less(c->type, g->max, c->run[i]))
			g->max = c->run[i];
		g->sum += c->run[i] * (run_end(c, i, rows) - c->from[i]);
	}
}

/* Hardly any run has two rows. */
static void
pack_expanded(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	unsigned int bytes = pack_bytes(b->max - b->min);
	uint8_t *to = blockwr_room(&k->w, (size_t)k->n * bytes + PACK_SLACK);
	uint32_t i, row = 0;
	uint8_t *p = to;

	if (to == NULL)
		return;
	for (i = 0; i < c->n; i++)
		for (; row < run_end(c, i, k->n); row++, p += bytes)
			le64_put(p, c->run[i] - b->min);
	b->scheme = CS_PLAIN;
	b->base = b->min;
	b->bits = (uint8_t)(bytes * 8);
	pack_data(b, to, (size_t)k->n * bytes);
}

static void
put_runs(struct packer *k, struct block_column *b, const struct rows_column *c)
{
	uint32_t i, most = 0;
	unsigned int bytes;
	uint8_t *dict, *data, *p;

	for (i = 0; i < c->n; i++)
		if (run_end(c, i, k->n) - c->from[i] > most)
			most = run_end(c, i, k->n) - c->from[i];
	bytes = pack_bytes(most);
	dict = blockwr_room(&k->w, dict_bound(CT_NUMBER, c->n, 0));
	data = blockwr_room(&k->w, (size_t)c->n * bytes + PACK_SLACK);
	if (dict == NULL || data == NULL)
		return;
	b->scheme = CS_RUNS;
	b->bits = (uint8_t)(bytes * 8);
	pack_dict(b, dict, dict_put_numbers(dict, c->run, c->n, DICT_QUICK),
	    c->n);
	for (p = data, i = 0; i < c->n; i++, p += bytes)
		le64_put(p, run_end(c, i, k->n) - c->from[i]);
	pack_data(b, data, (size_t)c->n * bytes);
}

/*
 * Without the runs in which nobody has it, which are of 0, and those that are
 * then as the one before.
 */
static uint32_t
merge_runs(const struct packer *k, const struct rows_column *c, uint64_t *run,
    uint32_t *from)
{
	struct stretch s = {0, 0, 0};
	bool more = pack_stretch(k, &s);
	uint32_t i, n = 0;

	for (i = 0; i < c->n; i++) {
		while (more && s.until <= c->from[i])
			more = pack_stretch(k, &s);
		if (!more || s.from >= run_end(c, i, k->n))
			continue;
		if (n > 0 && run[n - 1] == c->run[i])
			continue;
		from[n] = n == 0 ? 0 : c->from[i];
		run[n++] = c->run[i];
	}
	if (n == 0)
		run[n] = from[n] = 0;
	return (n > 0 ? n : 1);
}

static void
pack_all_runs(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	if (b->min == b->max) {
		b->scheme = CS_CONST;
		b->base = b->min;
	} else if (c->n > k->n / 4) {
		pack_expanded(k, b, c);
	} else {
		put_runs(k, b, c);
	}
}

static void
pack_partial_runs(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	struct rows_column merged = *c;
	struct pack_range all, g;

	merged.run = reallocarray(NULL, c->n, sizeof(*merged.run));
	merged.from = reallocarray(NULL, c->n, sizeof(*merged.from));
	if (merged.run == NULL || merged.from == NULL) {
		k->failed = true;
	} else {
		merged.n = merge_runs(k, c, merged.run, merged.from);
		/* Flows without the field add 0 to the sum. */
		pack_range_runs(&all, c, k->n);
		pack_range_runs(&g, &merged, k->n);
		g.sum = all.sum;
		set_range(b, &g);
		pack_all_runs(k, b, &merged);
	}
	free(merged.run);
	free(merged.from);
}

void
pack_runs(struct packer *k, struct block_column *b, const struct rows_column *c)
{
	struct pack_range g;

	if (k->partial) {
		pack_partial_runs(k, b, c);
		return;
	}
	pack_range_runs(&g, c, k->n);
	set_range(b, &g);
	pack_all_runs(k, b, c);
}

/* Times, and uptimes that follow from them. */

/* A column of runs, from the first row on. */
struct walk {
	const struct rows_column *c;
	uint32_t next;	/* the run to come, ... */
	uint32_t until; /* ... and its first row */
	uint64_t value;
};

static void
walk_to(struct walk *x, uint32_t row)
{
	const struct rows_column *c = x->c;

	while (row >= x->until) {
		x->value = c->run[x->next++];
		x->until = x->next < c->n ? c->from[x->next] : UINT32_MAX;
	}
}

struct spread {
	int64_t min, max; /* ms */
	uint64_t odd;	  /* not 0: some are not whole */
};

static inline void
distance(struct spread *s, uint8_t *q, uint64_t from, uint64_t to)
{
	int64_t d = (int64_t)(to - from), ms = d / (int64_t)MSEC;

	s->odd |= (uint64_t)ms * MSEC ^ (uint64_t)d;
	s->min = ms < s->min ? ms : s->min;
	s->max = ms > s->max ? ms : s->max;
	le64_put(q, (uint64_t)ms);
}

static void
from_runs(const struct stretch *part, struct spread *s, const uint64_t *v,
    struct walk *other, uint8_t *q)
{
	struct walk x = *other;
	struct spread t = *s;
	uint32_t i = part->from, stop;

	while (i < part->until && t.odd == 0) {
		walk_to(&x, i);
		stop = x.until < part->until ? x.until : part->until;
		for (; i < stop; i++)
			distance(&t, q + i * 8UL, x.value, v[i]);
	}
	*s = t;
	*other = x;
}

static void
from_numbers(const struct stretch *part, struct spread *s, const uint64_t *v,
    const uint64_t *other, uint8_t *q)
{
	struct spread t = *s;
	uint32_t i;

	for (i = part->from; i < part->until; i++)
		distance(&t, q + i * 8UL, other[i], v[i]);
	*s = t;
}

/*
 * Milliseconds between a time and another of the same row go to q.  False if
 * some are not whole.
 */
static bool
distances(const struct packer *k, const struct rows_column *c,
    const struct rows_column *other, uint8_t *q, struct pack_range *g)
{
	struct spread s = {INT64_MAX, INT64_MIN, 0};
	struct stretch part = {0, 0, 0};
	struct walk x = {.c = other};

	if (k->partial)
		memset(q, 0, k->n * 8UL);
	while (pack_stretch(k, &part) && s.odd == 0)
		if (other->kind == ROWS_RUNS)
			from_runs(&part, &s, c->v, &x, q);
		else
			from_numbers(&part, &s, c->v, other->v, q);
	g->min = (uint64_t)s.min;
	g->max = (uint64_t)s.max;
	return (s.odd == 0);
}

/* In place: no value is written behind where it was. */
static void
shrink(uint8_t *p, uint32_t n, uint64_t base, unsigned int bytes)
{
	const uint8_t *from = p;
	uint64_t v;
	uint32_t i;

	for (i = 0; i < n; i++, from += 8, p += bytes) {
		v = le64(from) - base;
		le64_put(p, v);
	}
}

static bool
pack_relative(struct packer *k, struct block_column *b,
    const struct rows_column *c, enum flow_field to)
{
	const struct rows_column *other = rows_column(k->r, to);
	unsigned int bytes;
	struct pack_range g;
	uint8_t *q;

	if (other == NULL || !pack_within(k, to) ||
	    (q = blockwr_room(&k->w, k->n * 8UL + PACK_SLACK)) == NULL ||
	    !distances(k, c, other, q, &g))
		return (false);
	bytes = pack_bytes(g.max - g.min);
	if (bytes >= pack_bytes(b->max - b->min))
		return (false);
	shrink(q, k->n, g.min, bytes);
	b->scheme = CS_RELATIVE;
	b->parent = (uint16_t)to;
	b->exponent = MSEC_EXPONENT;
	b->base = g.min * MSEC;
	b->bits = (uint8_t)(bytes * 8);
	pack_data(b, q, (size_t)k->n * bytes);
	return (true);
}

/* Columns of runs, and how far they were looked at. */
struct clocks {
	struct walk export;
	struct walk uptime;
};

/* What uptimes tell in rows that have them differs from times by so many bits.
 */
static uint64_t
clocks_differ(struct clocks *x, const struct stretch *part,
    const uint32_t *stamp, const uint64_t *t)
{
	uint32_t i = part->from, stop, now;
	uint64_t differ = 0;

	while (i < part->until && differ == 0) {
		walk_to(&x->export, i);
		walk_to(&x->uptime, i);
		stop = x->export.until < x->uptime.until ? x->export.until
							 : x->uptime.until;
		stop = stop < part->until ? stop : part->until;
		now = (uint32_t)x->uptime.value;
		for (; i < stop; i++)
			differ |= (t[i] - x->export.value) ^
			    (uint64_t)(int32_t)(stamp[i] - now) * MSEC;
	}
	return (differ);
}

/* Do uptimes of a column tell the same as times of the other, in all rows? */
static bool
same_clock(const struct packer *k, const struct rows_column *stamps,
    const struct rows_column *times)
{
	struct clocks x = {{.c = rows_column(k->r, FLOW_EXPORT_TIME)},
	    {.c = rows_column(k->r, FLOW_SYS_UPTIME)}};
	struct stretch part = {0, 0, 0};
	uint64_t differ = 0;

	if (x.export.c == NULL || x.uptime.c == NULL ||
	    !pack_within(k, FLOW_EXPORT_TIME) ||
	    !pack_within(k, FLOW_SYS_UPTIME))
		return (false);
	while (differ == 0 && pack_stretch(k, &part))
		differ = clocks_differ(&x, &part, stamps->v, times->v);
	return (differ == 0);
}

static bool
pack_uptime(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	enum flow_field parent =
	    c->id == FLOW_START_UPTIME ? FLOW_START : FLOW_END;
	const struct rows_column *times = rows_column(k->r, parent);

	if (times == NULL || !pack_within(k, parent) ||
	    !same_clock(k, c, times))
		return (false);
	b->scheme = CS_UPTIME;
	b->parent = (uint16_t)parent;
	return (true);
}

static bool
pack_dependent(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	switch (c->id) {
	case FLOW_START:
		return (pack_relative(k, b, c, FLOW_EXPORT_TIME));
	case FLOW_END:
		return (pack_relative(k, b, c, FLOW_START));
	case FLOW_START_UPTIME:
	case FLOW_END_UPTIME:
		return (pack_uptime(k, b, c));
	default:
		return (false);
	}
}

void
pack_numbers(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	struct pack_range g;

	range_of(k, &g, c);
	set_range(b, &g);
	if (b->min != b->max && pack_dependent(k, b, c))
		return;
	/* What was tried may have taken room. */
	k->w.used = 0;
	pack_plain(k, b, c);
}
