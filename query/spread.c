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
 * Flows in a time series that count in each step they last over, evenly: each
 * counter is dealt out in integers whose sum is what it was.  The flow itself
 * counts where it starts.
 */

#include <string.h>

#include "query/derive.h"
#include "query/group-state.h"

#define SIGN ((uint64_t)1 << 63)
/* A flow over more steps counts where it starts: its times are not true. */
#define STEPS_MOST 65536

struct dealer {
	struct worker *w;
	int side;
	uint32_t n; /* rows of w->spread */
	uint64_t start[STRIP], end[STRIP];
	uint8_t has_start[STRIP], has_end[STRIP];
};

/* A row, and a part of its time. */
struct part {
	uint32_t row;
	uint64_t from, to, all; /* ns since its start, and its duration */
};

enum block_err
spread_load(struct worker *w, struct batch *b)
{
	enum block_err err;

	if ((err = strip_col(&w->start, b, FLOW_START)) != BLOCK_OK)
		return (err);
	return (strip_col(&w->end, b, FLOW_END));
}

static const char *
flush(struct dealer *d)
{
	struct strip all = {.n = d->n};

	d->n = 0;
	return (
	    aggregate_rows(d->w, d->side, &d->w->spread, &all, d->w->v_spread));
}

static uint64_t
share(uint64_t count, const struct part *p)
{
	uint64_t upto = derive_divide(count, p->to, p->all);

	return (
	    p->from == 0 ? upto : upto - derive_divide(count, p->from, p->all));
}

static void
deal_measures(struct dealer *d, const struct part *p)
{
	const struct measures *m = &d->w->g->m;
	uint64_t *const *v = d->w->v, *const *to = d->w->v_spread;
	unsigned int i;

	for (i = 0; i < m->n; i++)
		to[i][d->n] = v[i][p->row];
	if (p->all == 0)
		return;
	for (i = 0; i < m->nsums; i++)
		to[i][d->n] = share(v[i][p->row], p);
	if (m->at[ME_FLOWS] != MEASURE_NONE)
		to[m->at[ME_FLOWS]][d->n] =
		    p->from == 0 ? v[m->at[ME_FLOWS]][p->row] : 0;
	if (m->at[ME_RECORDS] != MEASURE_NONE)
		to[m->at[ME_RECORDS]][d->n] = p->from == 0;
	if (m->at[ME_START] != MEASURE_NONE)
		to[m->at[ME_START]][d->n] =
		    (d->start[p->row] + p->from) ^ ~SIGN;
	if (m->at[ME_END] != MEASURE_NONE)
		to[m->at[ME_END]][d->n] = (d->start[p->row] + p->to) ^ SIGN;
}

static const char *
deal(struct dealer *d, const struct part *p, uint64_t step)
{
	const struct keycols *from = &d->w->cols[d->side];
	struct keycols *to = &d->w->spread;
	unsigned int i;

	for (i = 0; i < d->w->g->keys.n; i++) {
		to->hi[i][d->n] = from->hi[i][p->row];
		to->lo[i][d->n] = from->lo[i][p->row];
		to->tag[i][d->n] = from->tag[i][p->row];
	}
	if (p->all > 0)
		to->hi[0][d->n] = step;
	deal_measures(d, p);
	return (++d->n == STRIP ? flush(d) : NULL);
}

static const char *
deal_row(struct dealer *d, uint32_t row)
{
	const uint64_t every = (uint64_t)d->w->g->q->every;
	const int64_t start = (int64_t)d->start[row];
	const int64_t end = (int64_t)d->end[row];
	struct part p = {.row = row};
	uint64_t step = d->w->cols[d->side].hi[0][row], next;
	const char *err = NULL;

	if (!d->has_start[row] || !d->has_end[row] || end <= start)
		return (deal(d, &p, step));
	p.all = (uint64_t)end - (uint64_t)start;
	/* From the start to where the next step begins. */
	next = every - ((d->start[row] ^ SIGN) - step);
	if (p.all <= next || p.all / every >= STEPS_MOST) {
		p.all = 0;
		return (deal(d, &p, step));
	}
	for (; p.from < p.all && err == NULL; p.from = p.to, step += every) {
		p.to = p.all - p.from < next ? p.all : p.from + next;
		next = every;
		err = deal(d, &p, step);
	}
	return (err);
}

static const char *
deal_side(struct dealer *d, const struct strip *which)
{
	const char *err = NULL;
	uint32_t i;

	for (i = 0; i < which->n && err == NULL; i++)
		err = deal_row(d, which->row == NULL ? i : which->row[i]);
	return (err == NULL && d->n > 0 ? flush(d) : err);
}

const char *
spread_rows(struct worker *w, const struct strip *s)
{
	const int sides = w->g->keys.either ? SIDES : 1;
	uint8_t once[SIDES][STRIP];
	struct dealer d = {.w = w};
	struct strip which;
	uint16_t row[STRIP];
	const char *err = NULL;

	strip_numbers(&w->start, s, d.start);
	strip_has(&w->start, s, d.has_start);
	strip_numbers(&w->end, s, d.end);
	strip_has(&w->end, s, d.has_end);
	memset(once, 1, sizeof(once));
	for (d.side = 0; d.side < sides; d.side++)
		keyer_strip(w->keyer, d.side, s, &w->cols[d.side]);
	if (sides == SIDES)
		keyer_once(w->keyer, &w->cols[0], &w->cols[1], s->n, once[0],
		    once[1]);
	for (d.side = 0; d.side < sides && err == NULL; d.side++) {
		which = aggregate_counting(once[d.side], s->n, row);
		err = deal_side(&d, &which);
	}
	return (err);
}
