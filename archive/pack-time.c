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
 * Start and end, as milliseconds between times of a row: where they are from
 * uptimes nothing else is looked at.
 */

#include <string.h>

#include "archive/narrow.h"
#include "archive/packer.h"
#include "archive/range.h"

#define MSEC UINT64_C(1000000)
#define MSEC_EXPONENT 6
#define TIMES_ZERO UINT32_C(0x80000000)

/* What the header of the datagram said. */
struct clock {
	struct rows_walk export;
	struct rows_walk uptime; /* of no column: it is not needed */
};

/* To a row; up to which row, or stop, it says the same. */
static uint32_t
clock_to(struct clock *x, uint32_t row, uint32_t stop)
{
	rows_walk_to(&x->export, row);
	if (x->export.until < stop)
		stop = x->export.until;
	if (x->uptime.c == NULL)
		return (stop);
	rows_walk_to(&x->uptime, row);
	return (x->uptime.until < stop ? x->uptime.until : stop);
}

/* Do all flows with the column have these, too? */
static bool
clock_begin(const struct packer *k, struct clock *x, bool uptimes)
{
	*x = (struct clock){{.c = rows_column(k->r, FLOW_EXPORT_TIME)},
	    {.c = uptimes ? rows_column(k->r, FLOW_SYS_UPTIME) : NULL}};
	return (x->export.c != NULL && pack_within(k, FLOW_EXPORT_TIME) &&
	    (!uptimes ||
		(x->uptime.c != NULL && pack_within(k, FLOW_SYS_UPTIME))));
}

/*
 * Whole milliseconds are a multiple of 5^6 and of 2^6: multiplied by the
 * inverse of the one and rotated by the other they are divided; what is no
 * such multiple becomes far greater than any 32 bits.
 */
#define INVERSE UINT64_C(0x790fb65668c26139)

/* False if some are no whole milliseconds, or too far off. */
static bool
lag_times(uint32_t *restrict v, uint64_t export, const uint64_t *restrict t,
    uint32_t n)
{
	uint64_t less = export - TIMES_ZERO * MSEC, q, any = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		q = (t[i] - less) * INVERSE;
		q = q >> MSEC_EXPONENT | q << (64 - MSEC_EXPONENT);
		any |= q;
		v[i] = (uint32_t)q;
	}
	/* A time at the end of all time has no order with those behind it. */
	return ((any >> 32 | (export + (UINT64_C(1) << 61)) >> 62) == 0);
}

#define STEP 8 /* at a time: compilers make vectors of them */

static inline void
lag_step(uint32_t *restrict v, const uint32_t *restrict stamp, uint32_t less)
{
	uint32_t i;

	for (i = 0; i < STEP; i++)
		v[i] = stamp[i] - less;
}

/* As flow_uptime_to_time has it: up to an hour ahead, all others before. */
static void
lag_uptimes(uint32_t *restrict v, uint32_t now, const uint32_t *restrict stamp,
    uint32_t n)
{
	const uint32_t less = now + FLOW_AHEAD_MAX + 1;
	size_t i;

	for (i = 0; i + STEP <= n; i += STEP)
		lag_step(v + i, stamp + i, less);
	/* The last ones together with some that were done. */
	if (i > 0)
		lag_step(v + n - STEP, stamp + n - STEP, less);
	else
		for (; i < n; i++)
			v[i] = stamp[i] - less;
}

#define SIGN UINT32_C(0x80000000)

/* Vectors compare with a sign only: it is turned around. */
static inline int32_t
outside_step(const uint32_t *v, uint32_t less, int32_t span)
{
	int32_t out = 0;
	uint32_t i;

	for (i = 0; i < STEP; i++)
		out |= -((int32_t)(v[i] - less) > span);
	return (out);
}

/* Are some not within min and max? */
static bool
are_outside(const uint32_t *v, uint32_t n, uint32_t min, uint32_t max)
{
	const uint32_t less = min + SIGN;
	const int32_t span = (int32_t)(max - min - SIGN);
	int32_t out = 0;
	size_t i;

	for (i = 0; i + STEP <= n; i += STEP)
		out |= outside_step(v + i, less, span);
	if (i > 0)
		out |= outside_step(v + n - STEP, less, span);
	else
		for (; i < n; i++)
			out |= -((int32_t)(v[i] - less) > span);
	return (out != 0);
}

/* Rows of which the export, and the uptime at that, are the same. */
struct lag_run {
	const uint32_t *v;
	uint32_t n;
	int64_t time;	/* of a lag of 0 */
	int64_t uptime; /* likewise, as if none wrapped */
};

static int64_t
least_of(int64_t a, int64_t b)
{
	return (a < b ? a : b);
}

static int64_t
greatest_of(int64_t a, int64_t b)
{
	return (a > b ? a : b);
}

/* Would the run change nothing of what was found? */
static bool
lags_have(const struct pack_lags *l, const struct lag_run *r)
{
	const int64_t msec = (int64_t)MSEC;
	int64_t min, max, before, behind;

	if (l->min > l->max)
		return (false);
	/* From the run's time of a lag of 0; modulo 2^64, for any export. */
	before = (int64_t)((uint64_t)l->first - (uint64_t)r->time);
	behind = (int64_t)((uint64_t)l->last - (uint64_t)r->time);
	if (behind < 0)
		return (false);
	min = greatest_of(l->min, l->least - r->uptime);
	max = least_of(l->max, l->greatest - r->uptime);
	if (before > 0)
		min = greatest_of(min, (before - 1) / msec + 1);
	max = least_of(max, behind / msec);
	return (min <= max &&
	    !are_outside(r->v, r->n, (uint32_t)min, (uint32_t)max));
}

static int64_t
time_of(const struct lag_run *r, uint32_t lag)
{
	return ((int64_t)((uint64_t)r->time + lag * MSEC));
}

static void
lags_add(struct pack_lags *l, const struct lag_run *r)
{
	uint32_t i, min = UINT32_MAX, max = 0;

	for (i = 0; i < r->n; i++) {
		min = r->v[i] < min ? r->v[i] : min;
		max = r->v[i] > max ? r->v[i] : max;
	}
	l->min = min < l->min ? min : l->min;
	l->max = max > l->max ? max : l->max;
	l->first = least_of(l->first, time_of(r, min));
	l->last = greatest_of(l->last, time_of(r, max));
	l->least = least_of(l->least, r->uptime + min);
	l->greatest = greatest_of(l->greatest, r->uptime + max);
}

/* Rows that have it; c has numbers, uptimes or times. */
static bool
lags_stretch(struct pack_lags *l, struct clock *x, const struct stretch *part,
    const struct rows_column *c)
{
	struct lag_run r = {.uptime = 0};
	uint32_t i, now;

	for (i = part->from; i < part->until; i += r.n) {
		r.n = clock_to(x, i, part->until) - i;
		r.v = l->v + i;
		r.time = (int64_t)(x->export.value - l->zero * MSEC);
		if (x->uptime.c != NULL) {
			now = (uint32_t)x->uptime.value;
			r.uptime = (int64_t)now - l->zero;
			lag_uptimes(l->v + i, now, (const uint32_t *)c->v + i,
			    r.n);
		} else if (!lag_times(l->v + i, x->export.value,
			       (const uint64_t *)c->v + i, r.n)) {
			return (false);
		}
		if (!lags_have(l, &r))
			lags_add(l, &r);
	}
	return (true);
}

static void
lags_of(struct packer *k, struct pack_lags *l, const struct rows_column *c)
{
	const bool end = c->id == FLOW_END;
	const bool uptimes = c->kind == ROWS_UPTIMES;
	struct stretch part = {0, 0, 0};
	struct clock x;

	*l = (struct pack_lags){.v = pack_scratch(k, end),
	    .zero = uptimes ? UINT32_MAX - FLOW_AHEAD_MAX : TIMES_ZERO,
	    .min = UINT32_MAX,
	    .first = INT64_MAX,
	    .last = INT64_MIN,
	    .least = INT64_MAX,
	    .greatest = INT64_MIN,
	    .all = !k->partial};
	if (uptimes)
		c = rows_column(k->r,
		    end ? FLOW_END_UPTIME : FLOW_START_UPTIME);
	if (l->v == NULL || c == NULL || !clock_begin(k, &x, uptimes))
		return;
	if (k->partial)
		memset(l->v, 0, k->n * sizeof(*l->v));
	l->known = true;
	while (l->known && pack_stretch(k, &part))
		l->known = lags_stretch(l, &x, &part, c);
}

/* Milliseconds, in a packer's scratch memory, relative to a parent. */
struct between {
	enum flow_field parent;
	const uint32_t *v;
	uint32_t min;	    /* of v, maybe with a sign */
	int64_t base;	    /* that min means */
	unsigned int bytes; /* that the differences to it take */
};

/* Is the start closer to the end?  To which others are close to the export. */
static void
start_by_end(struct packer *k, struct between *w)
{
	const struct pack_lags *s = &k->lags[0], *e = &k->lags[1];
	uint32_t *d = pack_scratch(k, PACK_ROOMS - 1);
	unsigned int bytes;
	struct range g;

	if (!e->known || !e->all || !s->all ||
	    (int64_t)s->max - e->min > INT32_MAX ||
	    (int64_t)s->min - e->max < INT32_MIN)
		return;
	g = range_between((int32_t *)d, s->v, e->v, k->n);
	bytes = pack_bytes(g.max - g.min);
	if (bytes < w->bytes)
		*w = (struct between){FLOW_END, d, (uint32_t)g.min,
		    (int64_t)g.min + e->zero - s->zero, bytes};
}

static void
pack_between(struct packer *k, struct block_column *b, const struct between *w)
{
	b->scheme = CS_RELATIVE;
	b->parent = (uint16_t)w->parent;
	b->exponent = MSEC_EXPONENT;
	b->base = (uint64_t)w->base * MSEC;
	pack_narrow(k, b, w->v, sizeof(*w->v), w->bytes, w->min);
}

void
pack_time(struct packer *k, struct block_column *b, const struct rows_column *c)
{
	struct pack_lags *l = &k->lags[c->id == FLOW_END];
	struct between w;

	lags_of(k, l, c);
	w = (struct between){FLOW_EXPORT_TIME, l->v, l->min,
	    (int64_t)l->min - l->zero, pack_bytes((uint64_t)l->max - l->min)};
	if (l->known && c->id == FLOW_START)
		start_by_end(k, &w);
	b->min = (uint64_t)l->first;
	b->max = (uint64_t)l->last;
	if (l->known && b->min == b->max) {
		b->scheme = CS_CONST;
		b->base = b->min;
	} else if (l->known &&
	    (c->kind == ROWS_UPTIMES || w.bytes < pack_bytes(b->max - b->min)))
		pack_between(k, b, &w);
	else if (c->kind == ROWS_NUMBERS)
		pack_numbers(k, b, c);
	else
		k->failed = true;
}

/* Does an uptime follow from the time in all rows? */
static bool
follows(const struct packer *k, const struct pack_lags *l,
    const struct rows_column *c)
{
	const uint32_t *stamp = c->v;
	struct stretch part = {0, 0, 0};
	uint32_t i, stop, less, differ = 0;
	struct clock x;

	if (!clock_begin(k, &x, true))
		return (false);
	while (differ == 0 && pack_stretch(k, &part))
		for (i = part.from; i < part.until && differ == 0;) {
			stop = clock_to(&x, i, part.until);
			less = (uint32_t)x.uptime.value - l->zero;
			for (; i < stop; i++)
				differ |= stamp[i] - less - l->v[i];
		}
	return (differ == 0);
}

/* Of uptimes that were looked at already, unless these wrap. */
static struct range
range_stamps(const struct packer *k, const struct pack_lags *l,
    const struct rows_column *c)
{
	if (k->partial || !l->all || l->least < 0 || l->greatest > UINT32_MAX)
		return (pack_range_numbers(k, c));
	return ((struct range){(uint64_t)l->least, (uint64_t)l->greatest,
	    range_sum(c->v, k->n)});
}

void
pack_uptime(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	const enum flow_field parent =
	    c->id == FLOW_END_UPTIME ? FLOW_END : FLOW_START;
	const struct pack_lags *l = &k->lags[parent == FLOW_END];
	const struct rows_column *times = rows_column(k->r, parent);
	struct range g;

	if (!l->known || !pack_within(k, parent)) {
		pack_numbers(k, b, c);
		return;
	}
	if (times->kind == ROWS_UPTIMES) {
		g = range_stamps(k, l, c);
	} else if (follows(k, l, c)) {
		g = pack_range_numbers(k, c);
	} else {
		pack_numbers(k, b, c);
		return;
	}
	pack_range(b, &g);
	b->scheme = CS_UPTIME;
	b->parent = (uint16_t)parent;
	if (b->min == b->max) {
		b->scheme = CS_CONST;
		b->parent = COL_NONE;
		b->base = b->min;
	}
}
