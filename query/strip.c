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

#include "query/strip.h"

enum block_err
strip_col(struct strip_col *c, struct batch *b, enum flow_field id)
{
	const struct flow_set *shapes;
	enum block_err err;
	uint32_t i, n;

	c->all = batch_all(b, id);
	c->shape = NULL;
	if ((err = batch_column(b, id, &c->v)) != BLOCK_OK)
		return (err);
	if (c->all || c->v == NULL)
		return (BLOCK_OK);
	shapes = batch_shapes(b, &n);
	memset(c->has, 0, sizeof(c->has));
	for (i = 0; i < n && i < BATCH_SHAPES; i++)
		c->has[i] = shapes[i].w[id / 64] >> id % 64 & 1;
	return (batch_column(b, COL_SHAPE, &c->shape));
}

static void
from_u32(const uint32_t *v, const struct strip *s, uint64_t *to)
{
	uint32_t i;

	if (s->row == NULL)
		for (i = 0, v += s->base; i < s->n; i++)
			to[i] = v[i];
	else
		for (i = 0; i < s->n; i++)
			to[i] = v[s->row[i]];
}

static void
from_u64(const uint64_t *v, const struct strip *s, uint64_t *to)
{
	uint32_t i;

	if (s->row == NULL)
		memcpy(to, v + s->base, s->n * sizeof(*to));
	else
		for (i = 0; i < s->n; i++)
			to[i] = v[s->row[i]];
}

static void
from_codes(const struct vec *v, const struct strip *s, uint64_t *to)
{
	const uint16_t *c = v->codes;
	uint32_t i;

	if (s->row == NULL)
		for (i = 0, c += s->base; i < s->n; i++)
			to[i] = v->num[c[i]];
	else
		for (i = 0; i < s->n; i++)
			to[i] = v->num[c[s->row[i]]];
}

void
strip_numbers(const struct strip_col *c, const struct strip *s, uint64_t *to)
{
	uint32_t i;

	if (c->v == NULL) {
		memset(to, 0, s->n * sizeof(*to));
		return;
	}
	switch (c->v->kind) {
	case VEC_U32:
		from_u32(c->v->u32, s, to);
		return;
	case VEC_U64:
		from_u64(c->v->u64, s, to);
		return;
	case VEC_CODES:
		from_codes(c->v, s, to);
		return;
	case VEC_CONST:
	default:
		for (i = 0; i < s->n; i++)
			to[i] = c->v->num[0];
	}
}

void
strip_codes(const struct vec *v, const struct strip *s, uint32_t *to)
{
	const uint16_t *c = v->codes;
	uint32_t i;

	if (v->kind != VEC_CODES)
		memset(to, 0, s->n * sizeof(*to));
	else if (s->row == NULL)
		for (i = 0, c += s->base; i < s->n; i++)
			to[i] = c[i];
	else
		for (i = 0; i < s->n; i++)
			to[i] = c[s->row[i]];
}

void
strip_has(const struct strip_col *c, const struct strip *s, uint8_t *to)
{
	uint32_t i, row;

	if (c->all || c->v == NULL || c->shape == NULL) {
		memset(to, c->all && c->v != NULL, s->n);
		return;
	}
	for (i = 0; i < s->n; i++) {
		row = s->row == NULL ? s->base + i : s->row[i];
		to[i] = c->has[vec_number(c->shape, row) % BATCH_SHAPES];
	}
}
