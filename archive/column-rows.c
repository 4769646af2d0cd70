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
 * A column of rows becomes a vec: mostly borrowed.
 */

#include <string.h>

#include "archive/batch-state.h"
#include "archive/rows-state.h"

enum block_err
column_widen_vec(struct batch *b, struct slot *s, const void *p, uint8_t width)
{
	uint32_t *v = mem_room(&s->values, b->flows, sizeof(*v)), i;
	const uint8_t *from8 = p;
	const uint16_t *from16 = p;

	if (v == NULL)
		return (BLOCK_NOMEM);
	if (width == 1)
		for (i = 0; i < b->flows; i++)
			v[i] = from8[i];
	else
		for (i = 0; i < b->flows; i++)
			v[i] = from16[i];
	s->vec.u32 = v;
	return (BLOCK_OK);
}

static enum block_err
from_numbers(struct batch *b, struct slot *s, const struct rows_column *c)
{
	s->vec.kind = c->width == 8 ? VEC_U64 : VEC_U32;
	if (c->width <= 2)
		return (column_widen_vec(b, s, c->v, c->width));
	s->vec.u32 = c->v;
	s->vec.u64 = c->v;
	return (BLOCK_OK);
}

/* Run k has the code k. */
static enum block_err
from_runs(struct batch *b, struct slot *s, const struct rows_column *c)
{
	uint16_t *codes = mem_room(&s->codes, b->flows, sizeof(*codes));
	uint32_t i, k, end;

	if (codes == NULL)
		return (BLOCK_NOMEM);
	s->vec.kind = c->n == 1 ? VEC_CONST : VEC_CODES;
	s->vec.codes = codes;
	s->vec.ndict = c->n;
	s->vec.num = c->run;
	for (k = 0; k < c->n && c->n > 1; k++) {
		end = k + 1 < c->n ? c->from[k + 1] : b->flows;
		for (i = c->from[k]; i < end; i++)
			codes[i] = (uint16_t)k;
	}
	return (BLOCK_OK);
}

static enum block_err
from_uptimes(struct batch *b, struct slot *s, const struct rows_column *c)
{
	int64_t *t = mem_room(&s->values, b->flows, sizeof(*t));

	if (t == NULL)
		return (BLOCK_NOMEM);
	rows_times(b->rows, c, t);
	s->vec.kind = VEC_U64;
	s->vec.u64 = (const uint64_t *)t;
	return (BLOCK_OK);
}

static enum block_err
from_ipv4(struct batch *b, struct slot *s, const struct rows_column *c)
{
	return (column_addrs(b, s, c->v, 4));
}

static enum block_err
from_codes(struct batch *b, struct slot *s, const struct rows_column *c)
{
	(void)b;
	s->vec.kind = VEC_CODES;
	s->vec.codes = c->v;
	s->vec.ndict = c->ndict;
	s->vec.addr = c->addr;
	s->vec.bytes = c->bytes;
	return (BLOCK_OK);
}

enum block_err
column_from_rows(struct batch *b, struct slot *s, const struct rows_column *c)
{
	static enum block_err (*const from[])(struct batch *, struct slot *,
	    const struct rows_column *) = {[ROWS_NUMBERS] = from_numbers,
	    [ROWS_RUNS] = from_runs,
	    [ROWS_IPV4] = from_ipv4,
	    [ROWS_CODES] = from_codes,
	    [ROWS_UPTIMES] = from_uptimes};

	s->vec = (struct vec){.type = c->type, .n = b->flows};
	return (from[c->kind](b, s, c));
}
