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
 * A column of a log becomes a vec: mostly borrowed.
 */

#include "archive/batch-state.h"
#include "archive/member.h"
#include "flat.h"

/* Shape k has the number that is given for it. */
static enum block_err
from_shapes(struct batch *b, struct slot *s, const uint64_t *number)
{
	const struct flat *t = b->flat;
	uint16_t *codes = mem_room(&s->codes, b->flows, sizeof(*codes));
	uint32_t i;

	if (codes == NULL)
		return (BLOCK_NOMEM);
	s->vec.kind = t->nshapes == 1 ? VEC_CONST : VEC_CODES;
	s->vec.codes = codes;
	s->vec.ndict = t->nshapes;
	s->vec.num = number;
	for (i = 0; i < b->flows && t->nshapes > 1; i++)
		codes[i] = t->shape[i];
	return (BLOCK_OK);
}

static bool
has_times(const struct flow_set *s)
{
	return ((s->w[FLOW_START / 64] >> FLOW_START % 64 & 1) != 0 ||
	    (s->w[FLOW_END / 64] >> FLOW_END % 64 & 1) != 0);
}

/* Which shape each row has, or where its times are from. */
static enum block_err
from_shape(struct batch *b, struct slot *s, bool clock)
{
	const struct flat *t = b->flat;
	uint64_t *number = mem_room(&s->dict, t->nshapes, sizeof(*number));
	uint32_t i;

	if (number == NULL)
		return (BLOCK_NOMEM);
	for (i = 0; i < t->nshapes && !clock; i++)
		number[i] = i;
	for (i = 0; i < t->nshapes && clock; i++)
		number[i] = has_times(&t->shapes[i]) ? t->clock : CLOCK_NONE;
	return (from_shapes(b, s, number));
}

static enum block_err
from_numbers(struct batch *b, struct slot *s, const void *v, size_t width)
{
	s->vec.kind = width == 8 ? VEC_U64 : VEC_U32;
	if (width <= 2)
		return (column_widen_vec(b, s, v, (uint8_t)width));
	s->vec.u32 = v;
	s->vec.u64 = v;
	return (BLOCK_OK);
}

enum block_err
column_from_flat(struct batch *b, struct slot *s, unsigned int id, bool *none)
{
	const struct flat *t = b->flat;

	*none = t->n == 0 || id == COL_SAMPLING ||
	    (id < FLOW_NFIELDS && t->v[id] == NULL);
	if (*none)
		return (BLOCK_OK);
	s->vec = (struct vec){.type = CT_NUMBER, .n = b->flows};
	if (id >= FLOW_NFIELDS)
		return (from_shape(b, s, id == COL_CLOCK));
	s->vec.type = member_type(id);
	if (fields[id].type == FT_ADDR)
		return (column_mapped(b, s, t->v[id], t->family[id]));
	return (from_numbers(b, s, t->v[id], field_size(fields[id].type)));
}
