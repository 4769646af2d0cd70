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
 * Columns that are not of all flows: whatever the data say, a flow without the
 * field has 0, the address none, or no bytes.
 */

#include <string.h>

#include "archive/batch-state.h"

bool
column_of_all(const struct block *b, unsigned int id)
{
	return (id >= FLOW_NFIELDS || (b->all.w[id / 64] >> id % 64 & 1) != 0);
}

const uint8_t *
column_shapes(struct batch *b, enum block_err *err)
{
	uint8_t *to = mem_room(&b->shape, b->flows, 1);
	const struct vec *v;
	uint32_t i;

	*err = to == NULL ? BLOCK_NOMEM : BLOCK_OK;
	if (*err != BLOCK_OK || b->shaping == b->filling)
		return (to);
	if ((*err = batch_own(b, COL_SHAPE, &v)) != BLOCK_OK)
		return (NULL);
	for (i = 0; i < b->flows; i++)
		to[i] = (uint8_t)vec_number(v, i);
	b->shaping = b->filling;
	return (to);
}

struct mask {
	const uint8_t *shape;	    /* of a row */
	uint32_t has[BLOCK_SHAPES]; /* of a shape: all bits, or none */
	uint32_t n;
};

static enum block_err
mask_values(struct slot *s, const struct mask *m)
{
	const bool wide = s->vec.kind == VEC_U64;
	uint32_t *to32, i;
	uint64_t *to64;

	if ((to32 = mem_room(&s->mask, m->n, wide ? 8 : 4)) == NULL)
		return (BLOCK_NOMEM);
	s->shown.u32 = to32;
	s->shown.u64 = to64 = s->mask.p;
	if (wide)
		for (i = 0; i < m->n; i++)
			to64[i] = m->has[m->shape[i]] == 0 ? 0 : s->vec.u64[i];
	else
		for (i = 0; i < m->n; i++)
			to32[i] = s->vec.u32[i] & m->has[m->shape[i]];
	return (BLOCK_OK);
}

/* There is no room in the dictionary for 0: it takes none. */
static enum block_err
mask_expanded(struct slot *s, const struct mask *m)
{
	uint64_t *to = mem_room(&s->mask, m->n, sizeof(*to));
	uint32_t i;

	if (to == NULL)
		return (BLOCK_NOMEM);
	for (i = 0; i < m->n; i++)
		to[i] =
		    m->has[m->shape[i]] == 0 ? 0 : s->vec.num[s->vec.codes[i]];
	s->shown.kind = VEC_U64;
	s->shown.u64 = to;
	return (BLOCK_OK);
}

/*
 * The code that 0 gets.  Of a full dictionary a value that no flow with the
 * field has: a flow without it is there, so the others cannot have all.
 */
static uint32_t
free_code(const struct slot *s, const struct mask *m)
{
	uint8_t used[BLOCK_FLOWS / 8];
	uint32_t i, code;

	if (s->vec.ndict < BLOCK_FLOWS)
		return (s->vec.ndict);
	memset(used, 0, sizeof(used));
	for (i = 0; i < m->n; i++) {
		code = s->vec.codes[i];
		if (m->has[m->shape[i]] != 0)
			used[code / 8] |= (uint8_t)(1 << code % 8);
	}
	for (i = 0; i < BLOCK_FLOWS - 1 && (used[i / 8] >> i % 8 & 1) != 0;)
		i++;
	return (i);
}

/* Value k of what is shown is 0. */
static void
put_none(struct slot *s, uint32_t k)
{
	if (s->vec.type == CT_ADDR)
		((struct addr *)s->dict.p)[k] =
		    (struct addr){.family = ADDR_NONE};
	else if (s->vec.type == CT_BYTES)
		((struct flow_text *)s->dict.p)[k] = (struct flow_text){"", 0};
	else
		((uint64_t *)s->dict.p)[k] = 0;
	if (k >= s->shown.ndict)
		s->shown.ndict = k + 1;
}

static bool
lacks_any(const struct mask *m)
{
	uint32_t i, has = UINT32_MAX;

	for (i = 0; i < m->n; i++)
		has &= m->has[m->shape[i]];
	return (has == 0);
}

static enum block_err
mask_codes(struct slot *s, const struct mask *m)
{
	uint16_t *to;
	uint32_t i, none;

	if (!lacks_any(m))
		return (BLOCK_OK);
	if (s->vec.kind == VEC_CODES && s->vec.ndict == BLOCK_FLOWS &&
	    s->vec.num != NULL)
		return (mask_expanded(s, m));
	if ((to = mem_room(&s->mask, m->n, sizeof(*to))) == NULL)
		return (BLOCK_NOMEM);
	none = s->vec.kind == VEC_CONST ? 1 : free_code(s, m);
	for (i = 0; i < m->n; i++) {
		const uint16_t code =
		    s->vec.kind == VEC_CONST ? 0 : s->vec.codes[i];

		to[i] = m->has[m->shape[i]] != 0 ? code : (uint16_t)none;
	}
	s->shown.kind = VEC_CODES;
	s->shown.codes = to;
	s->shown.ndict = s->vec.kind == VEC_CONST ? 1 : s->vec.ndict;
	put_none(s, none);
	return (BLOCK_OK);
}

enum block_err
column_mask(struct batch *b, struct slot *s, const struct block_column *c)
{
	struct mask m = {.n = b->flows};
	enum block_err err;
	uint32_t i;

	if ((m.shape = column_shapes(b, &err)) == NULL)
		return (err);
	for (i = 0; i < b->block->nshapes; i++)
		if (b->block->shapes[i].w[c->id / 64] >> c->id % 64 & 1)
			m.has[i] = UINT32_MAX;
	if (s->vec.kind == VEC_U32 || s->vec.kind == VEC_U64)
		return (mask_values(s, &m));
	return (mask_codes(s, &m));
}
