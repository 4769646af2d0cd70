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

#include <string.h>

#include "archive/ints.h"
#include "archive/le.h"
#include "archive/range.h"
#include "archive/series.h"

#define EXPONENT_MAX 9
#define SAMPLE 64 /* bits of entropy are counted in parts of this */

/* clang-format off */
static const uint64_t units[EXPONENT_MAX + 1] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000
};
/* clang-format on */

/* A way to write a row, and what it takes. */
struct plan {
	enum series_form form;
	uint8_t packing, bits, exponent;
	uint64_t base;
	size_t size;
};

size_t
series_bound(uint32_t n)
{
	return (SERIES_HDRLEN + (n + SERIES_GROUP - 1) / SERIES_GROUP +
	    (size_t)n * 8);
}

/*
 * The largest unit that all differences are multiples of.  Those of 2^63 or
 * more would not stay multiples when they wrap.
 */
static uint8_t
exponent_of(const uint64_t *v, uint32_t n, uint64_t min, uint64_t max)
{
	unsigned int e = max - min > INT64_MAX ? 0 : EXPONENT_MAX;
	uint32_t i;

	for (i = 0; i < n && e > 0; i++)
		while ((v[i] - min) % units[e] != 0)
			e--;
	return ((uint8_t)e);
}

/* u of row i. */
static uint64_t
value_of(const struct plan *p, const uint64_t *v, uint32_t i)
{
	const uint64_t before =
	    p->form != SF_PLAIN && i > 0 ? v[i - 1] : p->base;
	uint64_t u = v[i] - before;

	if (p->form == SF_DELTA) {
		if (p->exponent > 0)
			u = (uint64_t)((int64_t)u /
			    (int64_t)units[p->exponent]);
		return (u << 1 ^ -(u >> 63));
	}
	return (p->exponent > 0 ? u / units[p->exponent] : u);
}

static bool
rises(const uint64_t *v, uint32_t n)
{
	uint32_t i;

	for (i = 1; i < n; i++)
		if (v[i] < v[i - 1])
			return (false);
	return (true);
}

/* 64 * log2(v), nearly: v > 0. */
static uint64_t
log2_64(uint64_t v)
{
	const unsigned int whole = ints_bits(v) - 1;

	return (whole * SAMPLE +
	    (whole < 6 ? v << (6 - whole) : v >> (whole - 6)) - SAMPLE);
}

/* Bytes that an entropy coder takes for the planes of a row, nearly. */
static size_t
planes_size(const struct plan *p, const uint64_t *v, uint32_t n)
{
	uint32_t count[8][256];
	uint64_t u, bits = 0;
	unsigned int k, b;
	uint32_t i;

	memset(count, 0, sizeof(count));
	for (i = 0; i < n; i++) {
		u = value_of(p, v, i);
		for (k = 0; k < p->bits / 8; k++, u >>= 8)
			count[k][u & 0xff]++;
	}
	for (k = 0; k < p->bits / 8; k++)
		for (b = 0; b < 256; b++)
			if (count[k][b] > 0)
				bits += count[k][b] *
				    (log2_64(n) - log2_64(count[k][b]));
	return (bits / SAMPLE / 8);
}

/* Width of group g. */
static unsigned int
group_bits(const struct plan *p, const uint64_t *v, uint32_t n, uint32_t g)
{
	const uint32_t end = n - g < SERIES_GROUP ? n : g + SERIES_GROUP;
	uint64_t all = 0;

	for (; g < end; g++)
		all |= value_of(p, v, g);
	return (ints_bits(all));
}

static size_t
groups_size(const struct plan *p, const uint64_t *v, uint32_t n)
{
	size_t size = 0;
	uint32_t g, k;

	for (g = 0; g < n; g += k) {
		k = n - g < SERIES_GROUP ? n - g : SERIES_GROUP;
		size += 1 + ints_size(CP_BITS, group_bits(p, v, n, g), k);
	}
	return (size);
}

/* Measure a form, and keep it if it is less than what there is. */
static void
consider(struct plan *best, struct plan p, const uint64_t *v, uint32_t n,
    enum dict_effort effort)
{
	uint64_t all = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		all |= value_of(&p, v, i);
	p.bits = (uint8_t)ints_bits(all);
	p.packing = CP_BITS;
	p.size = ints_size(CP_BITS, p.bits, n);
	if (effort == DICT_PLANES) {
		p.packing = CP_PLANES;
		p.bits = (uint8_t)((p.bits + 7) / 8 * 8);
		p.size = planes_size(&p, v, n);
	}
	if (p.size < best->size)
		*best = p;
	if (effort != DICT_SMALL ||
	    (p.size = groups_size(&p, v, n)) >= best->size)
		return;
	p.packing = SP_GROUPS;
	*best = p;
}

static struct plan
choose(const uint64_t *v, uint32_t n, enum dict_effort effort)
{
	struct plan best = {.size = SIZE_MAX}, p = {.form = SF_PLAIN};
	const struct range all = range_numbers(v, sizeof(*v), n);
	const uint64_t max = all.max;

	p.base = all.min;
	if (effort == DICT_QUICK) {
		p.bits = (uint8_t)ints_bits(max - p.base);
		return (p);
	}
	p.exponent = exponent_of(v, n, p.base, max);
	consider(&best, p, v, n, effort);
	p.base = v[0];
	p.form = rises(v, n) ? SF_RISE : SF_DELTA;
	consider(&best, p, v, n, effort);
	return (best);
}

static void
put_groups(uint8_t *to, const struct plan *p, const uint64_t *v, uint32_t n)
{
	uint8_t *widths = to;
	uint64_t u[SERIES_GROUP];
	uint32_t g, i, k;

	to += (n + SERIES_GROUP - 1) / SERIES_GROUP;
	for (g = 0; g < n; g += k) {
		k = n - g < SERIES_GROUP ? n - g : SERIES_GROUP;
		for (i = 0; i < k; i++)
			u[i] = value_of(p, v, g + i);
		*widths = (uint8_t)group_bits(p, v, n, g);
		ints_put64(to, CP_BITS, *widths, u, k);
		to += ints_size(CP_BITS, *widths++, k);
	}
}

/* So many u, from row at on. */
static void
values_of(const struct plan *p, const uint64_t *v, uint32_t at, uint32_t n,
    uint64_t *u)
{
	uint32_t i;

	if (p->form == SF_PLAIN && p->exponent == 0)
		for (i = 0; i < n; i++)
			u[i] = v[at + i] - p->base;
	else
		for (i = 0; i < n; i++)
			u[i] = value_of(p, v, at + i);
}

static void
put_values(uint8_t *to, const struct plan *p, const uint64_t *v, uint32_t n)
{
	uint64_t u[SERIES_CHUNK];
	uint32_t at, i, j, k;

	for (at = 0; at < n; at += k) {
		k = n - at < SERIES_CHUNK ? n - at : SERIES_CHUNK;
		values_of(p, v, at, k, u);
		if (p->packing == CP_BITS) {
			ints_put64(to + (size_t)at / 8 * p->bits, CP_BITS,
			    p->bits, u, k);
			continue;
		}
		for (j = 0; j < p->bits / 8; j++)
			for (i = 0; i < k; i++)
				to[(size_t)j * n + at + i] =
				    (uint8_t)(u[i] >> 8 * j);
	}
}

size_t
series_put(uint8_t *to, const uint64_t *v, uint32_t n, enum dict_effort effort)
{
	const struct plan p = choose(v, n, effort);

	to[0] = (uint8_t)p.form;
	to[1] = p.packing;
	to[2] = p.bits;
	to[3] = p.exponent;
	le64_put(to + 4, p.base);
	if (p.packing == SP_GROUPS) {
		put_groups(to + SERIES_HDRLEN, &p, v, n);
		return (SERIES_HDRLEN + p.size);
	}
	put_values(to + SERIES_HDRLEN, &p, v, n);
	return (SERIES_HDRLEN + ints_size(p.packing, p.bits, n));
}

/* The widths of groups, and how much follows them. */
static int
open_groups(struct series *s, struct rd *rd)
{
	const uint32_t groups = (s->n + SERIES_GROUP - 1) / SERIES_GROUP;
	size_t size = 0;
	uint32_t g, k;

	s->widths = rd->p;
	if (rd_skip(rd, groups) == -1)
		return (-1);
	for (g = 0; g < groups; g++) {
		if (s->widths[g] > s->bits)
			return (-1);
		k = s->n - g * SERIES_GROUP;
		size += ints_size(CP_BITS, s->widths[g],
		    k < SERIES_GROUP ? k : SERIES_GROUP);
	}
	s->p = rd->p;
	s->end = rd->p + rd->left;
	return (rd_skip(rd, size));
}

int
series_open(struct series *s, struct rd *rd, uint32_t n)
{
	const uint8_t *h = rd->p;

	if (rd_skip(rd, SERIES_HDRLEN) == -1 || h[0] >= SF_MAX ||
	    h[1] >= SP_MAX || h[2] > 64 || h[3] > EXPONENT_MAX ||
	    (h[1] == CP_PLANES && h[2] % 8 != 0))
		return (-1);
	*s = (struct series){.n = n,
	    .form = h[0],
	    .packing = h[1],
	    .bits = h[2],
	    .unit = units[h[3]],
	    .base = le64(h + 4)};
	if (s->packing == SP_GROUPS)
		return (open_groups(s, rd));
	s->p = rd->p;
	s->end = rd->p + rd->left;
	return (rd_skip(rd, ints_size(s->packing, s->bits, n)));
}

static void
next_groups(struct series *s, uint64_t *to, uint32_t k)
{
	uint32_t m;

	for (; k > 0; k -= m, to += m) {
		m = k < SERIES_GROUP ? k : SERIES_GROUP;
		ints_part64(to, s->p, (size_t)(s->end - s->p), *s->widths, m);
		s->p += ints_size(CP_BITS, *s->widths++, m);
	}
}

static void
next_planes(struct series *s, uint64_t *to, uint32_t k)
{
	ints_planes64(to, s->p + s->at, s->n, s->bits, k);
}

static void
next_bits(struct series *s, uint64_t *to, uint32_t k)
{
	const uint8_t *p = s->p + (size_t)s->at / 8 * s->bits;

	ints_part64(to, p, (size_t)(s->end - p), s->bits, k);
}

/* Differences become values; returns the last. */
static uint64_t
add_up(const struct series *s, uint64_t *to, uint32_t k)
{
	const uint64_t unit = s->unit;
	uint64_t v = s->base;
	uint32_t i;

	if (s->form == SF_DELTA)
		for (i = 0; i < k; i++)
			to[i] = v += (to[i] >> 1 ^ -(to[i] & 1)) * unit;
	else
		for (i = 0; i < k; i++)
			to[i] = v += to[i] * unit;
	return (v);
}

uint32_t
series_next(struct series *s, uint64_t to[SERIES_CHUNK])
{
	static void (*const next[SP_MAX])(struct series *, uint64_t *,
	    uint32_t) = {next_bits, next_planes, next_groups};
	const uint32_t left = s->n - s->at;
	const uint32_t k = left < SERIES_CHUNK ? left : SERIES_CHUNK;
	uint64_t v = s->base;
	uint32_t i;

	next[s->packing](s, to, k);
	s->at += k;
	if (s->form == SF_PLAIN && s->unit == 1)
		for (i = 0; i < k; i++)
			to[i] += v;
	else if (s->form == SF_PLAIN)
		for (i = 0; i < k; i++)
			to[i] = v + to[i] * s->unit;
	else
		v = add_up(s, to, k);
	s->base = v;
	return (k);
}
