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

#define SLOTS (2 * STUDY_DICT) /* of the distinct numbers of a column */
#define DIRECT 256	       /* codes of a byte: a dictionary of so many */

/* The distinct numbers of a column, while they are few. */
struct few {
	uint64_t value[STUDY_DICT];
	uint16_t slot[SLOTS]; /* number and one, 0: none */
	uint32_t n;
};

static uint32_t
hash(uint64_t v)
{
	return ((uint32_t)(v * UINT64_C(0x9e3779b97f4a7c15) >> 51) % SLOTS);
}

/* Number of a value; most + 1 if there are more than so many. */
static uint32_t
number_of(struct few *f, uint64_t v, uint32_t most)
{
	uint32_t i = hash(v), k;

	for (; (k = f->slot[i]) != 0; i = (i + 1) % SLOTS)
		if (f->value[k - 1] == v)
			return (k - 1);
	if (f->n == most)
		return (most + 1);
	f->value[f->n] = v;
	f->slot[i] = (uint16_t)++f->n;
	return (f->n - 1);
}

static int
by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x < *y ? -1 : *x > *y);
}

static bool
reserve(struct draft *d)
{
	if (d->code == NULL)
		d->code = malloc(BLOCK_FLOWS * sizeof(*d->code));
	if (d->dict == NULL)
		d->dict = malloc(BLOCK_FLOWS * sizeof(*d->dict));
	return (d->code != NULL && d->dict != NULL);
}

static void
consider(struct draft *d, enum column_scheme scheme, uint64_t cost)
{
	if (cost >= d->cost)
		return;
	d->c.scheme = (uint8_t)scheme;
	d->cost = cost;
}

/* Differences to the least. */
static void
consider_plain(struct study *s, struct draft *d)
{
	const uint64_t *v = d->col->num;
	uint64_t widest = d->c.max - d->c.min;
	uint32_t i;

	for (i = 0; i < s->samples; i++)
		s->sample[i] = v[i * s->step] - d->c.min;
	d->c.base = d->c.min;
	d->c.exponent = (uint8_t)common_unit(s->sample, s->samples);
	divide_by_unit(s->sample, s->samples, d->c.exponent);
	divide_by_unit(&widest, 1, d->c.exponent);
	consider(d, CS_PLAIN, study_cost(s, ints_bits(widest)));
}

static uint64_t
zigzag(uint64_t delta)
{
	return (delta << 1 ^ (uint64_t)((int64_t)delta >> 63));
}

static uint64_t
magnitude(uint64_t delta)
{
	return ((int64_t)delta < 0 ? -delta : delta);
}

/* What grows by about as much each time. */
static void
consider_delta(struct study *s, struct draft *d)
{
	const uint64_t *v = d->col->num;
	unsigned int exponent;
	uint64_t all = 0;
	uint32_t i, k;

	for (i = 0; i < s->samples; i++) {
		k = i * s->step + 1 < s->n ? i * s->step + 1 : s->n - 1;
		s->sample[i] = magnitude(v[k] - v[k - 1]);
	}
	exponent = common_unit(s->sample, s->samples);
	divide_by_unit(s->sample, s->samples, exponent);
	for (i = 0; i < s->samples; i++) {
		k = i * s->step + 1 < s->n ? i * s->step + 1 : s->n - 1;
		s->sample[i] = s->sample[i] << 1 | (v[k] - v[k - 1]) >> 63;
		all |= s->sample[i];
	}
	/* It is slower to read, and whoever reads a part reads all. */
	if (all >> 48 == 0)
		consider(d, CS_DELTA, study_cost(s, ints_bits(all)) + s->n / 8);
	if (d->c.scheme == CS_DELTA) {
		d->c.exponent = (uint8_t)exponent;
		d->c.base = v[0];
	}
}

/* Sorted, and the codes with them. */
static void
sort_few(struct few *f, uint16_t *code, uint32_t n)
{
	uint64_t was[STUDY_DICT];
	uint16_t to[STUDY_DICT];
	uint32_t i;

	memcpy(was, f->value, f->n * sizeof(*was));
	qsort(f->value, f->n, sizeof(*f->value), by_value);
	for (i = 0; i < f->n; i++) {
		const uint64_t *p =
		    bsearch(&was[i], f->value, f->n, sizeof(*was), by_value);

		to[i] = (uint16_t)(p - f->value);
	}
	for (i = 0; i < n; i++)
		code[i] = to[code[i]];
}

/* Their codes, when they are far between.  False: there are too many. */
static bool
number_wide(const struct study *s, const struct draft *d, struct few *f,
    uint16_t *code, uint32_t most)
{
	const uint64_t *v = d->col->num;
	uint32_t i, k;

	f->n = 0;
	memset(f->slot, 0, sizeof(f->slot));
	for (i = 0; i < s->n; i++) {
		if ((k = number_of(f, v[i], most)) > most)
			return (false);
		code[i] = (uint16_t)k;
	}
	sort_few(f, code, s->n);
	return (true);
}

/* The same, when each has a place in a table. */
static bool
number_narrow(const struct study *s, const struct draft *d, struct few *f,
    uint16_t *code, uint32_t most)
{
	const uint64_t *v = d->col->num, min = d->c.min;
	const uint32_t range = (uint32_t)(d->c.max - min) + 1;
	uint16_t *place = s->code;
	uint32_t i, n = 0;

	memset(place, 0, range * sizeof(*place));
	for (i = 0; i < s->n; i++) {
		n += place[v[i] - min] == 0;
		place[v[i] - min] = 1;
	}
	if (n > most)
		return (false);
	for (i = f->n = 0; i < range; i++)
		if (place[i] != 0) {
			f->value[f->n] = min + i;
			place[i] = (uint16_t)f->n++;
		}
	for (i = 0; i < s->n; i++)
		code[i] = place[v[i] - min];
	return (true);
}

/* Are there few, by the looks of a sample? */
static bool
seem_few(const struct study *s, const struct draft *d, struct few *f)
{
	uint32_t i, most = s->samples / 4;

	f->n = 0;
	memset(f->slot, 0, sizeof(f->slot));
	for (i = 0; i < s->samples; i++)
		if (number_of(f, d->col->num[i * s->step], most) > most)
			return (false);
	return (true);
}

static int
consider_dict(struct study *s, struct draft *d)
{
	uint32_t i, most = s->n / 8 < STUDY_DICT ? s->n / 8 : STUDY_DICT;
	const uint64_t range = d->c.max - d->c.min;
	uint16_t *code = (uint16_t *)s->u;
	uint64_t cost;
	struct few f;

	if (most < 2 || !reserve(d))
		return (most < 2 ? 0 : -1);
	if (!seem_few(s, d, &f))
		return (0);
	if (range < BLOCK_FLOWS ? !number_narrow(s, d, &f, code, most)
				: !number_wide(s, d, &f, code, most))
		return (0);
	for (i = 0; i < s->samples; i++)
		s->sample[i] = code[i * s->step];
	cost = study_cost(s, ints_bits(f.n - 1)) +
	    f.n * (uint64_t)(ints_bits(range) + 7) / 8;
	/* Questions are asked of a small dictionary first. */
	if (f.n <= DIRECT)
		cost -= cost / 8;
	consider(d, CS_DICT, cost);
	if (d->c.scheme == CS_DICT) {
		d->c.ndict = f.n;
		memcpy(d->dict, f.value, f.n * sizeof(*d->dict));
		memcpy(d->code, code, s->n * sizeof(*d->code));
	}
	return (0);
}

static int
consider_runs(struct study *s, struct draft *d)
{
	const uint64_t *v = d->col->num;
	uint32_t i, k = 0;

	if (d->runs > s->n / 4)
		return (0);
	if (!reserve(d))
		return (-1);
	s->value[0] = v[0];
	for (i = 1; i < s->n; i++)
		if (v[i] != v[i - 1])
			s->value[++k] = v[i];
	/* Whoever goes by it need not tell the lengths again. */
	consider(d, CS_RUNS,
	    d->runs * (uint64_t)(study_series(s, s->value, d->runs) + 6) / 8);
	if (d->c.scheme != CS_RUNS)
		return (0);
	d->c.ndict = d->runs;
	memcpy(d->dict, s->value, d->runs * sizeof(*d->dict));
	for (i = k = 0; i < s->n; i++) {
		k += i > 0 && v[i] != v[i - 1];
		d->code[i] = (uint16_t)k;
	}
	return (0);
}

/* Addresses and bytes have dictionaries, always. */
static int
choose_codes(struct study *s, struct draft *d)
{
	uint32_t i;

	d->c.ndict = d->col->ndict;
	if (d->c.type == CT_ADDR && popular_order(s, d) == -1)
		return (-1);
	if (d->c.type == CT_BYTES) {
		if (d->code == NULL &&
		    (d->code = malloc(BLOCK_FLOWS * sizeof(*d->code))) == NULL)
			return (-1);
		memcpy(d->code, d->col->code, s->n * sizeof(*d->code));
	}
	if (d->c.ndict == 1) {
		d->c.scheme = CS_CONST;
		d->cost = 0;
		return (0);
	}
	d->c.scheme = CS_DICT;
	for (i = 0; i < s->samples; i++)
		s->sample[i] = d->code[i * s->step];
	d->cost =
	    study_cost(s, ints_bits(d->c.ndict - 1)) + (uint64_t)d->c.ndict * 4;
	return (0);
}

int
choose_first(struct study *s, struct draft *d)
{
	if (d->col->num == NULL)
		return (choose_codes(s, d));
	if (d->c.min == d->c.max) {
		d->c.scheme = CS_CONST;
		d->c.base = d->c.min;
		d->cost = 0;
		return (0);
	}
	consider_plain(s, d);
	return (consider_runs(s, d));
}

int
choose_alone(struct study *s, struct draft *d)
{
	if (d->col->num == NULL)
		return (0);
	if (ints_bits(d->c.max - d->c.min) > 16)
		consider_delta(s, d);
	return (consider_dict(s, d));
}

/* The unit was that of a sample: it may be too large for all. */
static void
settle_unit(struct study *s, struct draft *d)
{
	if (d->c.exponent > 0)
		d->c.exponent = (uint8_t)common_unit(s->u, s->n);
	divide_by_unit(s->u, s->n, d->c.exponent);
}

/* The differences of a relative one, to the parent's and to base. */
static void
differences(struct study *s, struct draft *d)
{
	const struct draft *parent = &s->draft[gather_slot(d->c.parent)];
	uint32_t i;

	for (i = 0; i < s->n; i++)
		s->u[i] =
		    draft_number(d, i) - draft_number(parent, i) - d->c.base;
	settle_unit(s, d);
}

static void
deltas(struct study *s, struct draft *d)
{
	const uint64_t *v = d->col->num;
	uint32_t i;

	s->u[0] = 0;
	for (i = 1; i < s->n; i++)
		s->u[i] = magnitude(v[i] - v[i - 1]);
	settle_unit(s, d);
	for (i = 1; i < s->n; i++)
		s->u[i] =
		    zigzag((v[i] - v[i - 1]) >> 63 != 0 ? -s->u[i] : s->u[i]);
}

static uint32_t
run_lengths(struct study *s, const struct draft *d)
{
	uint32_t i;

	memset(s->u, 0, d->c.ndict * sizeof(*s->u));
	for (i = 0; i < s->n; i++)
		s->u[d->code[i]]++;
	return (d->c.ndict);
}

uint32_t
choose_integers(struct study *s, struct draft *d)
{
	uint32_t i;

	switch (d->c.scheme) {
	case CS_PLAIN:
		for (i = 0; i < s->n; i++)
			s->u[i] = d->col->num[i] - d->c.base;
		settle_unit(s, d);
		return (s->n);
	case CS_DELTA:
		deltas(s, d);
		return (s->n);
	case CS_RELATIVE:
		differences(s, d);
		return (s->n);
	case CS_RUNS:
		return (run_lengths(s, d));
	case CS_DICT:
		for (i = 0; i < s->n; i++)
			s->u[i] = d->code[i];
		return (s->n);
	default:
		return (0);
	}
}
