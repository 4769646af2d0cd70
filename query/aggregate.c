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

#include "query/group-state.h"

#define MEMORY "out of memory"
/* Clearing and reading sums of fewer groups costs little. */
#define DENSE_FEW 1024
#define DIRECT_BITS 16

static bool
is_spread(const struct worker *w)
{
	return (w->g->q->every > 0 && w->g->q->spread == SPREAD_EVEN);
}

/* Some rows of a strip's measures. */
static uint64_t *const *
some_of(struct worker *w, const struct strip *which, uint64_t *const *v)
{
	unsigned int i;
	uint32_t j;

	if (which->row == NULL)
		return (v);
	for (i = 0; i < w->g->m.n; i++)
		for (j = 0; j < which->n; j++)
			w->v_some[i][j] = v[i][which->row[j]];
	return (w->v_some);
}

static bool
is_less(uint64_t *const *a, uint64_t *const *b, uint32_t i, unsigned int nk)
{
	unsigned int w;

	for (w = 0; w < nk; w++)
		if (a[w][i] != b[w][i])
			return (a[w][i] < b[w][i]);
	return (false);
}

static void
exchange(const struct measures *m, uint64_t *const *v, uint32_t i,
    enum measure a, enum measure b)
{
	uint64_t x = v[m->at[a]][i];

	v[m->at[a]][i] = v[m->at[b]][i];
	v[m->at[b]][i] = x;
}

/*
 * A key stands for both directions: the lesser of the two that the ends make.
 * Flows of the other count the other way round.
 */
static void
turn(struct worker *w, uint32_t n, unsigned int nk, uint64_t *const *v)
{
	const struct measures *m = &w->g->m;
	unsigned int word;
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (!is_less(w->k_turned, w->k, i, nk))
			continue;
		for (word = 0; word < nk; word++)
			w->k[word][i] = w->k_turned[word][i];
		exchange(m, v, i, ME_PACKETS, ME_REVERSE_PACKETS);
		exchange(m, v, i, ME_OCTETS, ME_REVERSE_OCTETS);
		exchange(m, v, i, ME_START, ME_REVERSE_START);
	}
}

static inline void
sum(uint64_t *acc, unsigned int stride, const uint32_t *number, uint32_t n,
    uint64_t *const *v, unsigned int nsums)
{
	unsigned int i;
	uint64_t *to;
	uint32_t j;

	for (j = 0; j < n; j++) {
		to = acc + (size_t)number[j] * stride;
		for (i = 0; i < nsums; i++)
			to[i] = measure_add(to[i], v[i][j]);
	}
}

static void
mark(uint64_t *acc, unsigned int stride, const uint32_t *number, uint32_t n)
{
	uint32_t j;

	for (j = 0; j < n; j++)
		acc[(size_t)number[j] * stride + stride - 1] = 1;
}

static void
greatest(uint64_t *acc, unsigned int stride, const uint32_t *number, uint32_t n,
    const uint64_t *v)
{
	uint64_t *to;
	uint32_t j;

	for (j = 0; j < n; j++) {
		to = acc + (size_t)number[j] * stride;
		if (*to < v[j])
			*to = v[j];
	}
}

/*
 * Words of a group's sums.  If each flow counts as one, the first, of flows,
 * tells who had some; else there is a word more for that.
 */
static unsigned int
stride_of(const struct worker *w)
{
	bool told = w->g->m.at[ME_FLOWS] == 0 && w->measures.ones;

	return (w->g->m.n + !told);
}

/* The compiler unrolls what is usual. */
static void
accumulate(const struct worker *w, uint64_t *acc, const uint32_t *number,
    uint32_t n, uint64_t *const *v)
{
	const struct measures *m = &w->g->m;
	const unsigned int stride = stride_of(w);
	unsigned int i;

	if (stride == 3 && m->nsums == 3)
		sum(acc, 3, number, n, v, 3);
	else if (stride == 2 && m->nsums == 2)
		sum(acc, 2, number, n, v, 2);
	else
		sum(acc, stride, number, n, v, m->nsums);
	for (i = m->nsums; i < m->n; i++)
		greatest(acc + i, stride, number, n, v[i]);
	if (stride > m->n)
		mark(acc, stride, number, n);
}

bool
worker_direct(const struct worker *w)
{
	return (w->g->keys.narrow == 1 && w->g->keys.bits > 0 &&
	    w->g->keys.bits <= DIRECT_BITS && !w->g->keys.both &&
	    stride_of(w) == w->g->m.n);
}

/* Keys of few bits are the numbers of their groups. */
static void
direct_add(struct worker *w, uint32_t n, uint64_t *const *v)
{
	const unsigned int shift = 64 - w->g->keys.bits;
	uint32_t number[STRIP], i;

	for (i = 0; i < n; i++)
		number[i] = (uint32_t)(w->k[0][i] >> shift);
	accumulate(w, w->direct.acc, number, n, v);
}

/* Rows that are all narrow or all wide. */
static const char *
add(struct worker *w, int side, const struct keycols *c,
    const struct strip *which, uint64_t *const *v)
{
	int width = which->base; /* NARROW, WIDE */
	struct gtable *t = &w->table[width];

	if (which->n == 0)
		return (NULL);
	v = some_of(w, which, v);
	keyer_pack(w->keyer, side, c, which, width == WIDE, false, w->k);
	if (w->g->keys.both) {
		keyer_pack(w->keyer, side, c, which, width == WIDE, true,
		    w->k_turned);
		turn(w, which->n, t->nk, v);
	}
	if (width == NARROW && w->direct.acc != NULL && worker_direct(w)) {
		direct_add(w, which->n, v);
		return (NULL);
	}
	if (gtable_add(t, which->n, w->k, v) == -1)
		return (MEMORY);
	if (w->g->budget != SIZE_MAX && worker_bytes(w) > w->g->budget)
		return (worker_spill(w));
	return (NULL);
}

/* Those of a kind among which. */
static void
pick(const struct strip *which, const uint8_t *wide, int width, uint16_t *row,
    struct strip *to)
{
	uint32_t i, at;

	to->n = 0;
	to->row = row;
	to->base = (uint32_t)width;
	for (i = 0; i < which->n; i++) {
		at = which->row == NULL ? i : which->row[i];
		if (wide[at] == (width == WIDE))
			row[to->n++] = (uint16_t)at;
	}
}

const char *
aggregate_rows(struct worker *w, int side, const struct keycols *c,
    const struct strip *which, uint64_t *const *v)
{
	uint16_t row[STRIP];
	uint8_t wide[STRIP];
	struct strip some = *which;
	uint32_t i, n = 0, last = 0;
	const char *err;

	/* Rows up to the last that is wanted. */
	last = which->row == NULL || which->n == 0
	    ? which->n
	    : which->row[which->n - 1] + 1u;
	n = keyer_wide(w->keyer, c, last, wide);
	if (n == 0 || n == last) {
		some.base = n == 0 ? NARROW : WIDE;
		return (add(w, side, c, &some, v));
	}
	for (i = 0; i < WIDTHS; i++) {
		pick(which, wide, (int)i, row, &some);
		if ((err = add(w, side, c, &some, v)) != NULL)
			return (err);
	}
	return (NULL);
}

static struct strip
strip_at(const struct sel *sel, uint32_t at)
{
	struct strip s = {.n = sel->n - at < STRIP ? sel->n - at : STRIP};

	if (sel->row == NULL)
		s.base = at;
	else
		s.row = sel->row + at;
	return (s);
}

struct strip
aggregate_counting(const uint8_t *counts, uint32_t n, uint16_t *row)
{
	struct strip s = {.n = n};
	uint32_t i;

	if (memchr(counts, 0, n) == NULL)
		return (s);
	s.row = row;
	s.n = 0;
	for (i = 0; i < n; i++)
		if (counts[i])
			row[s.n++] = (uint16_t)i;
	return (s);
}

static const char *
strip_plain(struct worker *w, const struct strip *s)
{
	struct strip all = {.n = s->n};

	keyer_strip(w->keyer, SIDE_FIRST, s, &w->cols[0]);
	return (aggregate_rows(w, SIDE_FIRST, &w->cols[0], &all, w->v));
}

static const char *
strip_either(struct worker *w, const struct strip *s)
{
	uint8_t once[SIDES][STRIP];
	uint16_t row[STRIP];
	struct strip which;
	const char *err = NULL;
	int side;

	for (side = 0; side < SIDES; side++)
		keyer_strip(w->keyer, side, s, &w->cols[side]);
	keyer_once(w->keyer, &w->cols[0], &w->cols[1], s->n, once[0], once[1]);
	for (side = 0; side < SIDES && err == NULL; side++) {
		which = aggregate_counting(once[side], s->n, row);
		err = aggregate_rows(w, side, &w->cols[side], &which, w->v);
	}
	return (err);
}

static const char *
by_strips(struct worker *w, const struct sel *sel)
{
	const char *err = NULL;
	struct strip s;
	uint32_t at;

	for (at = 0; at < sel->n && err == NULL; at += s.n) {
		s = strip_at(sel, at);
		measure_strip(&w->g->m, &w->measures, &s, w->v);
		if (is_spread(w))
			err = spread_rows(w, &s);
		else if (w->g->keys.either)
			err = strip_either(w, &s);
		else
			err = strip_plain(w, &s);
	}
	return (err);
}

static int
dense_room(struct dense *d, size_t words)
{
	if (words > d->words) {
		free(d->acc);
		d->words = 0;
		if ((d->acc = calloc(words, sizeof(*d->acc))) == NULL)
			return (-1);
		d->words = words;
	} else
		memset(d->acc, 0, words * sizeof(*d->acc));
	return (0);
}

int
aggregate_direct(struct worker *w)
{
	if (w->direct.acc != NULL)
		return (0);
	return (
	    dense_room(&w->direct, ((size_t)1 << w->g->keys.bits) * w->g->m.n));
}

/* Groups that had flows, up to a strip of them from *at on. */
static uint32_t
take_some(const struct worker *w, const uint64_t *acc, uint32_t size,
    uint32_t *at, uint32_t *number)
{
	const unsigned int stride = stride_of(w), nv = w->g->m.n;
	const unsigned int marked = stride > nv ? nv : 0;
	const uint64_t *from;
	unsigned int i;
	uint32_t n = 0;

	for (; *at < size && n < STRIP; ++*at) {
		from = acc + (size_t)*at * stride;
		if (from[marked] == 0)
			continue;
		number[n] = *at;
		for (i = 0; i < nv; i++)
			w->v[i][n] = from[i];
		n++;
	}
	return (n);
}

static const char *
dense_flush(struct worker *w, int side, uint32_t size)
{
	uint32_t number[STRIP], at = 0;
	const char *err = NULL;
	struct strip s = {0};

	while (err == NULL && at < size) {
		s.n = take_some(w, w->dense[side].acc, size, &at, number);
		keyer_decode(w->keyer, side, number, s.n, &w->cols[0]);
		err = aggregate_rows(w, side, &w->cols[0], &s, w->v);
	}
	return (err);
}

/* Numbers and measures of the rows that count. */
static void
dense_some(struct worker *w, int side, const struct strip *which,
    const uint32_t *number)
{
	uint32_t some[STRIP], i;
	uint64_t *const *v = some_of(w, which, w->v);

	for (i = 0; which->row != NULL && i < which->n; i++)
		some[i] = number[which->row[i]];
	accumulate(w, w->dense[side].acc, which->row == NULL ? number : some,
	    which->n, v);
}

static void
dense_strip(struct worker *w, const struct strip *s)
{
	uint8_t once[SIDES][STRIP];
	uint32_t number[STRIP];
	uint16_t row[STRIP];
	struct strip which = {.n = s->n};
	int side;

	if (!w->g->keys.either) {
		keyer_numbers(w->keyer, SIDE_FIRST, s, number);
		dense_some(w, SIDE_FIRST, &which, number);
		return;
	}
	for (side = 0; side < SIDES; side++)
		keyer_strip(w->keyer, side, s, &w->cols[side]);
	keyer_once(w->keyer, &w->cols[0], &w->cols[1], s->n, once[0], once[1]);
	for (side = 0; side < SIDES; side++) {
		which = aggregate_counting(once[side], s->n, row);
		keyer_numbers(w->keyer, side, s, number);
		dense_some(w, side, &which, number);
	}
}

static const char *
by_numbers(struct worker *w, const struct sel *sel, const uint32_t *size)
{
	const int sides = w->g->keys.either ? SIDES : 1;
	const char *err = NULL;
	struct strip s;
	uint32_t at;
	int side;

	for (side = 0; side < sides; side++)
		if (dense_room(&w->dense[side],
			(size_t)size[side] * stride_of(w)) == -1)
			return (MEMORY);
	for (at = 0; at < sel->n; at += s.n) {
		s = strip_at(sel, at);
		measure_strip(&w->g->m, &w->measures, &s, w->v);
		dense_strip(w, &s);
	}
	for (side = 0; side < sides && err == NULL; side++)
		err = dense_flush(w, side, size[side]);
	return (err);
}

/* Is it worth it, and possible? */
static bool
numbered(const struct worker *w, const struct sel *sel, uint32_t *size)
{
	const int sides = w->g->keys.either ? SIDES : 1;
	int side;

	if (w->g->keys.both || is_spread(w))
		return (false);
	for (side = 0; side < sides; side++) {
		size[side] = keyer_dense(w->keyer, side);
		if (size[side] == 0 ||
		    (size[side] > DENSE_FEW && worker_direct(w)) ||
		    (size[side] > DENSE_FEW && size[side] > sel->n))
			return (false);
	}
	return (true);
}

const char *
aggregate_end(struct worker *w)
{
	uint32_t number[STRIP], size, at = 0, n, i;
	const char *err;
	struct dense d;

	if ((err = tight_end(w)) != NULL)
		return (err);
	d = w->direct;
	/* Keys may have more bits than a table could. */
	if (d.acc == NULL)
		return (NULL);
	size = 1u << w->g->keys.bits;
	w->direct.acc = NULL;
	w->measures.ones = true; /* as when they were added */
	while (at < size && err == NULL) {
		n = take_some(w, d.acc, size, &at, number);
		for (i = 0; i < n; i++)
			w->k[0][i] = (uint64_t)number[i]
			    << (64 - w->g->keys.bits);
		if (gtable_add(&w->table[NARROW], n, w->k, w->v) == -1)
			err = MEMORY;
	}
	free(d.acc);
	return (err);
}

const char *
aggregate(struct worker *w, struct batch *b, const struct sel *sel)
{
	uint32_t size[SIDES];
	enum block_err err;
	const char *fault;
	bool done;

	if (sel->n == 0)
		return (NULL);
	if ((err = keyer_load(w->keyer, b)) != BLOCK_OK ||
	    (err = measure_load(&w->g->m, &w->measures, b)) != BLOCK_OK ||
	    (is_spread(w) && (err = spread_load(w, b)) != BLOCK_OK))
		return (block_strerror(err));
	if (!is_spread(w)) {
		fault = tight(w, sel, &done);
		if (fault != NULL || done)
			return (fault);
	}
	if (numbered(w, sel, size))
		return (by_numbers(w, sel, size));
	if (worker_direct(w) && aggregate_direct(w) == -1)
		return (MEMORY);
	return (by_strips(w, sel));
}
