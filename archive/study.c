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

#include "archive/ints.h"
#include "archive/study.h"

int
study_init(struct study *s)
{
	*s = (struct study){.n = 0};
	s->u = malloc(BLOCK_FLOWS * sizeof(*s->u));
	s->value = malloc(BLOCK_FLOWS * sizeof(*s->value));
	s->code = malloc(BLOCK_FLOWS * sizeof(*s->code));
	s->row = malloc(BLOCK_FLOWS * sizeof(*s->row));
	s->best = malloc(BLOCK_FLOWS * sizeof(*s->best));
	if (s->u != NULL && s->value != NULL && s->code != NULL &&
	    s->row != NULL && s->best != NULL)
		return (0);
	study_clear(s);
	return (-1);
}

void
study_clear(struct study *s)
{
	unsigned int i;

	for (i = 0; i < BATCH_COLUMNS; i++) {
		free(s->draft[i].code);
		free(s->draft[i].dict);
		free(s->draft[i].pick);
	}
	free(s->u);
	free(s->value);
	free(s->code);
	free(s->row);
	free(s->best);
	*s = (struct study){.n = 0};
}

/* Signed numbers in their order as if they were unsigned. */
static uint64_t
flip(const struct gather_column *col)
{
	return (col->type == CT_TIME ? UINT64_C(1) << 63 : 0);
}

/* Their number matters where they are few: most columns have none. */
static uint32_t
count_runs(const struct study *s, const uint64_t *v)
{
	uint32_t i, k, runs = 1;

	for (i = 1, k = s->step; i < s->samples; i++, k += s->step)
		runs += v[k] != v[k - 1];
	if (runs > s->samples / 3)
		return (s->n);
	for (i = runs = 1; i < s->n; i++)
		runs += v[i] != v[i - 1];
	return (runs);
}

static uint64_t
partial_sum(const struct study *s, const struct draft *d)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < s->n; i++)
		if (draft_has(s, d, i))
			sum += draft_number(d, i);
	return (sum);
}

static void
measure_numbers(const struct study *s, struct draft *d)
{
	const uint64_t *v = d->col->num, f = flip(d->col);
	uint64_t x, min = v[0] ^ f, max = min, sum = v[0];
	uint32_t i;

	d->runs = 1;
	if (d->col->same)
		sum *= s->n;
	else {
		for (i = 1; i < s->n; i++) {
			x = v[i] ^ f;
			min = x < min ? x : min;
			max = x > max ? x : max;
			sum += v[i];
		}
		d->runs = count_runs(s, v);
	}
	d->c.min = min ^ f;
	d->c.max = max ^ f;
	if (d->partial)
		sum = partial_sum(s, d);
	d->c.sum = d->c.type == CT_NUMBER ? sum : 0;
}

void
study_begin(struct study *s, const struct gather *g, bool squeezed)
{
	struct draft *d;
	unsigned int i;

	s->n = gather_count(g);
	(void)gather_shapes(g, &s->nshapes);
	s->shape = gather_column(g, gather_slot(COL_SHAPE));
	s->squeezed = squeezed;
	s->decided = 0;
	s->step = (s->n + STUDY_SAMPLE - 1) / STUDY_SAMPLE;
	s->samples = s->n / s->step;
	for (i = 0; i < BATCH_COLUMNS; i++) {
		d = &s->draft[i];
		if ((d->col = gather_column(g, i)) == NULL)
			continue;
		d->c = (struct block_column){.id = d->col->id,
		    .parent = COL_NONE,
		    .type = d->col->type};
		d->cost = UINT64_MAX;
		d->partial = !gather_present(g, d->col->id, d->has);
		if (d->col->num != NULL)
			measure_numbers(s, d);
	}
}

/* 256 times the binary logarithm, to some hundredths. */
static uint32_t
log2_256(uint32_t x)
{
	uint32_t whole = ints_bits(x) - 1;

	return (whole * 256 + (uint32_t)(((uint64_t)x << 8) >> whole) - 256);
}

/* Bits of m values of a plane with these statistics. */
static uint64_t
entropy(const uint16_t *count, uint32_t m)
{
	uint64_t sum = 0;
	uint32_t i, all = log2_256(m);

	for (i = 0; i < 256; i++)
		if (count[i] != 0)
			sum += (uint64_t)count[i] * (all - log2_256(count[i]));
	return (sum / 256);
}

uint64_t
study_cost(const struct study *s, unsigned int bits)
{
	const uint64_t plain = ((uint64_t)s->n * bits + 7) / 8;
	uint64_t sum = 0, e;
	uint32_t i, m = s->samples;
	uint16_t count[256];
	unsigned int shift;

	if (!s->squeezed || bits == 0)
		return (plain);
	for (shift = 0; shift < bits; shift += 8) {
		memset(count, 0, sizeof(count));
		for (i = 0; i < m; i++)
			count[s->sample[i] >> shift & 0xff]++;
		e = entropy(count, m);
		/* An eighth of a bit at least, however alike they are. */
		sum += e < m / 8 ? m / 8 : e;
	}
	sum = sum * s->n / m / 8;
	return (sum < plain ? sum : plain);
}

static bool
all_multiples(const uint64_t *u, uint32_t n, unsigned int exponent)
{
	uint32_t i = 0;

	/* Division by what the compiler knows is a multiplication. */
	if (exponent == 9)
		while (i < n && u[i] % 1000000000 == 0)
			i++;
	else if (exponent == 6)
		while (i < n && u[i] % 1000000 == 0)
			i++;
	else
		while (i < n && u[i] % 1000 == 0)
			i++;
	return (i == n);
}

unsigned int
common_unit(const uint64_t *u, uint32_t n)
{
	unsigned int exponent;

	for (exponent = 9; exponent > 0; exponent -= 3)
		if (all_multiples(u, n, exponent))
			return (exponent);
	return (0);
}

void
divide_by_unit(uint64_t *u, uint32_t n, unsigned int exponent)
{
	uint32_t i;

	if (exponent == 9)
		for (i = 0; i < n; i++)
			u[i] /= 1000000000;
	else if (exponent == 6)
		for (i = 0; i < n; i++)
			u[i] /= 1000000;
	else if (exponent == 3)
		for (i = 0; i < n; i++)
			u[i] /= 1000;
}

/* Either of their range, or of the differences between neighbours. */
unsigned int
study_series(const struct study *s, const uint64_t *v, uint32_t n)
{
	uint64_t min = v[0], max = v[0], all = 0;
	uint32_t i;

	s->u[0] = 0;
	for (i = 1; i < n; i++) {
		min = v[i] < min ? v[i] : min;
		max = v[i] > max ? v[i] : max;
		s->u[i] = v[i] > v[i - 1] ? v[i] - v[i - 1] : v[i - 1] - v[i];
	}
	divide_by_unit(s->u, n, common_unit(s->u, n));
	for (i = 1; i < n; i++)
		all |= s->u[i];
	max -= min;
	return (ints_bits(max < all ? max : all) + 1);
}
