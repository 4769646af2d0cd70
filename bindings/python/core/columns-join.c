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

/* Columns of several batches, one behind the other. */

#include <stdlib.h>
#include <string.h>

#include "bindings/python/core/pile.h"

#define ALIGNED 64

/* At least a byte: NULL is no memory. */
static void *
space(size_t size)
{
	return (size > SIZE_MAX - ALIGNED
		? NULL
		: aligned_alloc(ALIGNED, (size + ALIGNED) / ALIGNED * ALIGNED));
}

/* Bits of one part, all set if it has none, from bit `at` on. */
static void
put_bits(uint8_t *to, uint64_t at, const uint8_t *from, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++, at++)
		if (from == NULL || (from[i / 8] >> i % 8 & 1))
			to[at / 8] |= (uint8_t)(1 << at % 8);
}

static bool
join_validity(struct column *c, struct columns *const *part, size_t n,
    uint16_t which, uint64_t rows)
{
	const struct column *from;
	uint64_t at = 0;
	size_t i;

	for (i = 0; i < n; i++)
		c->nulls += part[i]->column[which].nulls;
	if (c->nulls == 0)
		return (true);
	if ((c->validity = space((rows + 7) / 8)) == NULL)
		return (false);
	memset(c->validity, 0, (rows + 7) / 8);
	for (i = 0; i < n; at += part[i++]->rows) {
		from = &part[i]->column[which];
		put_bits(c->validity, at, from->validity, part[i]->rows);
	}
	return (true);
}

static bool
join_fixed(struct column *c, struct columns *const *part, size_t n,
    uint16_t which, uint64_t rows)
{
	const size_t size = column_size(c->kind);
	uint8_t *to;
	size_t i;

	if ((c->values = to = space(rows * size)) == NULL)
		return (false);
	for (i = 0; i < n; to += part[i++]->rows * size)
		memcpy(to, part[i]->column[which].values, part[i]->rows * size);
	return (true);
}

static bool
join_offsets(struct column *c, struct columns *const *part, size_t n,
    uint16_t which, uint64_t rows)
{
	const size_t one = c->kind == COLUMN_LABELS ? sizeof(uint32_t) : 1;
	const struct column *from;
	uint64_t all = 0, at = 0;
	size_t i;
	uint32_t k;

	for (i = 0; i < n; i++)
		all += (uint64_t)part[i]->column[which].offsets[part[i]->rows];
	if (all > INT32_MAX || (c->values = space(all * one)) == NULL ||
	    (c->offsets = space((rows + 1) * sizeof(int32_t))) == NULL)
		return (false);
	for (all = 0, i = 0; i < n; at += part[i++]->rows) {
		from = &part[i]->column[which];
		for (k = 0; k < part[i]->rows; k++)
			c->offsets[at + k] = (int32_t)all + from->offsets[k];
		memcpy((char *)c->values + all * one, from->values,
		    (size_t)from->offsets[k] * one);
		all += (uint64_t)from->offsets[k];
	}
	c->offsets[rows] = (int32_t)all;
	return (true);
}

struct columns *
columns_join(struct columns *const *part, size_t n)
{
	struct columns *cs;
	struct column *c;
	uint64_t rows = 0;
	uint16_t which;
	bool ok = true;
	size_t i;

	for (i = 0; i < n; i++)
		rows += part[i]->rows;
	if (rows > UINT32_MAX ||
	    (cs = columns_new(part[0]->n, (uint32_t)rows)) == NULL)
		return (NULL);
	for (which = 0; which < cs->n && ok; which++) {
		c = &cs->column[which];
		c->name = part[0]->column[which].name;
		c->field = part[0]->column[which].field;
		c->kind = part[0]->column[which].kind;
		ok = join_validity(c, part, n, which, rows) &&
		    (column_size(c->kind) != 0
			    ? join_fixed(c, part, n, which, rows)
			    : join_offsets(c, part, n, which, rows));
	}
	if (ok)
		return (cs);
	columns_drop(cs);
	return (NULL);
}
