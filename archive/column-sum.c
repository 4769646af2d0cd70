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
 * The sum of some rows of a column, which then need not become a vec: 64 KB of
 * numbers that are looked at once would push out of the cache what is looked
 * at again.
 */

#include "archive/batch-state.h"
#include "field.h"

/* Of so many rows one: they are got one by one. */
#define FEW 12

struct some {
	const uint16_t *row; /* ascending; NULL: the first ones */
	uint32_t n;
};

static uint64_t
sum_vec(const struct vec *v, const struct some *of)
{
	uint64_t sum = 0;
	uint32_t i;

	if (v->kind == VEC_CONST)
		return (v->num[0] * of->n);
	if (v->kind == VEC_U32 && of->row == NULL)
		for (i = 0; i < of->n; i++)
			sum += v->u32[i];
	else if (v->kind == VEC_U32)
		for (i = 0; i < of->n; i++)
			sum += v->u32[of->row[i]];
	else
		for (i = 0; i < of->n; i++)
			sum += vec_number(v, of->row == NULL ? i : of->row[i]);
	return (sum);
}

/* All u are got, a few at a time. */
static uint64_t
sum_all(struct series *s, const struct some *of)
{
	uint64_t u[SERIES_CHUNK], sum = 0;
	uint32_t at = 0, i = 0, k, end;

	while (i < of->n && (k = series_next(s, u)) > 0) {
		end = at + k;
		if (of->row == NULL)
			for (; i < of->n && i < end; i++)
				sum += u[i - at];
		else
			for (; i < of->n && of->row[i] < end; i++)
				sum += u[of->row[i] - at];
		at = end;
	}
	return (sum);
}

static uint64_t
sum_planes(const struct series *s, const struct some *of)
{
	const uint8_t *p = s->p;
	uint64_t sum = 0, part;
	unsigned int shift;
	uint32_t i;

	for (shift = 0; shift < s->bits; shift += 8, p += s->n) {
		part = 0;
		for (i = 0; i < of->n; i++)
			part += p[of->row[i]];
		sum += part << shift;
	}
	return (sum);
}

static uint64_t
sum_series(struct series *s, const struct some *of)
{
	if (s->packing == CP_PLANES && of->row != NULL && of->n < s->n / FEW)
		return (sum_planes(s, of));
	return (sum_all(s, of));
}

/* A number for which no vec is made yet, nor has to be. */
static const struct block_column *
plain_column(const struct batch *b, unsigned int id)
{
	const int i = block_slot(id);
	const struct block_column *c;

	if (i == -1 || b->block == NULL || id >= FLOW_NFIELDS ||
	    fields[id].type != FT_U64 || b->slots[i].filling == b->filling ||
	    b->slots[i].replacing == b->filling || !batch_any(b, id))
		return (NULL);
	c = block_column(b->block, id);
	return (c != NULL && c->scheme == CS_PLAIN && c->type == CT_NUMBER &&
		    column_of_all(b->block, id)
		? c
		: NULL);
}

enum block_err
batch_sum(struct batch *b, unsigned int id, const uint16_t *row, uint32_t n,
    uint64_t *sum)
{
	const struct block_column *c = plain_column(b, id);
	const struct some of = {.row = row, .n = n};
	const struct vec *v;
	struct series s;
	enum block_err err;
	uint64_t unit;

	*sum = 0;
	if (c == NULL) {
		err = batch_column(b, id, &v);
		if (err == BLOCK_OK && v != NULL)
			*sum = sum_vec(v, &of);
		return (err);
	}
	if ((err = column_series(b, c, &s)) != BLOCK_OK)
		return (err);
	unit = s.unit;
	s.unit = 1;
	s.base = 0;
	*sum = c->base * n + unit * sum_series(&s, &of);
	return (BLOCK_OK);
}
