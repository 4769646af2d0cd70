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
#include "archive/narrow.h"
#include "archive/packer.h"
#include "archive/range.h"

void
pack_range(struct block_column *b, const struct range *g)
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

static void
range_add(struct range *g, const struct range *part, enum column_type type)
{
	if (less(type, part->min, g->min))
		g->min = part->min;
	if (less(type, g->max, part->max))
		g->max = part->max;
	g->sum += part->sum;
}

static struct range
range_part(const struct rows_column *c, uint32_t from, uint32_t n)
{
	const uint8_t *v = (const uint8_t *)c->v + (size_t)from * c->width;

	if (c->type == CT_TIME)
		return (range_times((const void *)v, n));
	return (range_numbers(v, c->width, n));
}

struct range
pack_range_numbers(const struct packer *k, const struct rows_column *c)
{
	struct range all = {0, 0, 0}, part;
	struct stretch s = {0, 0, 0};
	bool first = true;

	for (; pack_stretch(k, &s); first = false) {
		part = range_part(c, s.from, s.until - s.from);
		if (first)
			all = part;
		else
			range_add(&all, &part, c->type);
	}
	return (all);
}

void
pack_narrow(struct packer *k, struct block_column *b, const void *v,
    unsigned int width, unsigned int bytes, uint64_t base)
{
	size_t len = (size_t)k->n * bytes;
	uint8_t *to;

	b->bits = (uint8_t)(bytes * 8);
	if (bytes == 0 ||
	    (to = blockwr_room(&k->w, len + NARROW_SLACK)) == NULL)
		return;
	narrow_put(to, bytes, v, width, k->n, base);
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
	pack_narrow(k, b, c->v, c->width, bytes, b->base);
}

/* Runs. */

static uint32_t
run_end(const struct rows_column *c, uint32_t i, uint32_t rows)
{
	return (i + 1 < c->n ? c->from[i + 1] : rows);
}

/* The numbers of the runs, each as often as it has rows. */
static struct range
range_runs(const struct rows_column *c, const uint32_t *rows)
{
	struct range g = c->type == CT_TIME
	    ? range_times((const int64_t *)c->run, c->n)
	    : range_numbers(c->run, sizeof(*c->run), c->n);
	uint32_t i;

	for (g.sum = 0, i = 0; i < c->n; i++)
		g.sum += c->run[i] * rows[i];
	return (g);
}

static void
rows_of_runs(const struct packer *k, const struct rows_column *c,
    uint32_t *restrict rows)
{
	uint32_t i;

	for (i = 0; i + 1 < c->n; i++)
		rows[i] = c->from[i + 1] - c->from[i];
	rows[i] = k->n - c->from[i];
}

/* Hardly any run has two rows. */
static void
pack_expanded(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	unsigned int bytes = pack_bytes(b->max - b->min);
	uint8_t *to = blockwr_room(&k->w, (size_t)k->n * bytes + NARROW_SLACK);
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
put_runs(struct packer *k, struct block_column *b, const struct rows_column *c,
    const uint32_t *rows)
{
	const uint64_t most = range_numbers(rows, sizeof(*rows), c->n).max;
	const unsigned int bytes = pack_bytes(most);
	uint8_t *dict, *data;

	dict = blockwr_room(&k->w, dict_bound(CT_NUMBER, c->n, 0));
	data = blockwr_room(&k->w, (size_t)c->n * bytes + NARROW_SLACK);
	if (dict == NULL || data == NULL)
		return;
	b->scheme = CS_RUNS;
	b->bits = (uint8_t)(bytes * 8);
	pack_dict(b, dict, dict_put_numbers(dict, c->run, c->n, DICT_QUICK),
	    c->n);
	narrow_put(data, bytes, rows, sizeof(*rows), c->n, 0);
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
    const struct rows_column *c, const uint32_t *rows)
{
	if (b->min == b->max) {
		b->scheme = CS_CONST;
		b->base = b->min;
	} else if (c->n > k->n / 4) {
		pack_expanded(k, b, c);
	} else {
		put_runs(k, b, c, rows);
	}
}

static void
pack_partial_runs(struct packer *k, struct block_column *b,
    const struct rows_column *c, uint32_t *rows)
{
	struct rows_column merged = *c;
	struct range g, all = range_runs(c, rows);

	merged.run = reallocarray(NULL, c->n, sizeof(*merged.run));
	merged.from = reallocarray(NULL, c->n, sizeof(*merged.from));
	if (merged.run == NULL || merged.from == NULL) {
		k->failed = true;
	} else {
		merged.n = merge_runs(k, c, merged.run, merged.from);
		rows_of_runs(k, &merged, rows);
		g = range_runs(&merged, rows);
		/* Flows without the field add 0 to the sum. */
		g.sum = all.sum;
		pack_range(b, &g);
		pack_all_runs(k, b, &merged, rows);
	}
	free(merged.run);
	free(merged.from);
}

void
pack_runs(struct packer *k, struct block_column *b, const struct rows_column *c)
{
	uint32_t *rows = pack_scratch(k, PACK_ROOMS - 1);
	struct range g;

	if (rows == NULL) {
		k->failed = true;
		return;
	}
	rows_of_runs(k, c, rows);
	if (k->partial) {
		pack_partial_runs(k, b, c, rows);
		return;
	}
	g = range_runs(c, rows);
	pack_range(b, &g);
	pack_all_runs(k, b, c, rows);
}

void
pack_numbers(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	struct range g = pack_range_numbers(k, c);

	pack_range(b, &g);
	pack_plain(k, b, c);
}
