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

#include "archive/member.h"
#include "archive/rows-column.h"

/* Memory for all rows, at once: what is not used is not touched. */
static int
make_memory(struct rows_column *c, uint32_t rows, uint64_t seed)
{
	if (c->kind == ROWS_RUNS) {
		c->run = malloc(rows * sizeof(*c->run));
		c->from = malloc(rows * sizeof(*c->from));
		return (c->run == NULL || c->from == NULL ? -1 : 0);
	}
	if ((c->v = malloc((size_t)rows * c->width)) == NULL)
		return (-1);
	if (c->type == CT_ADDR || c->type == CT_BYTES)
		return (intern_init(c, rows, seed + c->id));
	return (0);
}

struct rows_column *
column_new(unsigned int id, enum rows_kind kind, uint8_t width, uint32_t rows,
    uint64_t seed)
{
	struct rows_column *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (NULL);
	c->id = (uint16_t)id;
	c->type = (uint8_t)member_type(id);
	c->kind = (uint8_t)kind;
	c->width = c->full = width;
	if (make_memory(c, rows, seed) == -1) {
		column_free(c);
		return (NULL);
	}
	return (c);
}

void
column_free(struct rows_column *c)
{
	if (c == NULL)
		return;
	intern_free(c);
	free(c->v);
	free(c->run);
	free(c->from);
	free(c);
}

/* An address column that had only IPv4 will most likely have that again. */
void
column_clear(struct rows_column *c)
{
	bool other = c->index != NULL && c->index->other;

	c->n = 0;
	c->last = 0;
	if (c->kind == ROWS_UPTIMES)
		c->kind = ROWS_NUMBERS;
	/* As narrow as would have done this time. */
	if (c->kind == ROWS_NUMBERS && c->need > 0)
		c->width = c->need;
	c->need = 0;
	if (c->index == NULL)
		return;
	intern_clear(c);
	if (c->kind == ROWS_CODES && c->type == CT_ADDR && c->width == 4)
		c->kind = other ? ROWS_CODES : ROWS_IPV4;
}

static uint64_t
number_at(const struct rows_column *c, uint32_t row)
{
	if (c->width == 1)
		return (((const uint8_t *)c->v)[row]);
	if (c->width == 2)
		return (((const uint16_t *)c->v)[row]);
	if (c->width == 4)
		return (((const uint32_t *)c->v)[row]);
	return (((const uint64_t *)c->v)[row]);
}

void
column_widen(struct rows_column *c, uint32_t rows, uint8_t width)
{
	uint64_t v;

	/* In place, from the last one on. */
	while (rows-- > 0) {
		v = number_at(c, rows);
		if (width == 2)
			((uint16_t *)c->v)[rows] = (uint16_t)v;
		else if (width == 4)
			((uint32_t *)c->v)[rows] = (uint32_t)v;
		else
			((uint64_t *)c->v)[rows] = v;
	}
	c->width = width;
}

void
column_run(struct rows_column *c, uint64_t value, uint32_t row)
{
	if (c->n == 0 || c->from[c->n - 1] != row)
		c->from[c->n++] = row;
	c->run[c->n - 1] = value;
	c->last = value;
}

void
column_codes(struct rows_column *c, uint32_t row)
{
	struct addr a = {.family = ADDR_V4};
	const uint8_t *from = c->v;
	uint16_t *to = c->v;
	uint32_t i;

	/* In place: a code is written where its address was, or before. */
	for (i = 0; i < row; i++) {
		memcpy(a.b, from + (size_t)i * 4, 4);
		to[i] = (uint16_t)intern_addr(c, &a);
	}
	c->kind = ROWS_CODES;
}

void
column_fill(struct rows_column *c, uint32_t row)
{
	if (c->kind == ROWS_RUNS) {
		if (c->n == 0 || c->last != 0)
			column_run(c, 0, c->n == 0 ? 0 : row);
		return;
	}
	if (c->n >= row)
		return;
	if (c->kind == ROWS_IPV4)
		column_codes(c, c->n);
	if (c->kind == ROWS_CODES) {
		memset((uint16_t *)c->v + c->n, 0, (row - c->n) * 2UL);
		c->index->none = true;
		c->index->other = true;
	} else {
		memset((uint8_t *)c->v + (size_t)c->n * c->width, 0,
		    (size_t)(row - c->n) * c->width);
	}
	c->n = row;
}

void
column_leave(struct rows_column *c, uint32_t row)
{
	if (c->kind == ROWS_RUNS)
		column_fill(c, row);
	else
		c->n = row;
}

void
column_settle(struct rows_column *c, uint32_t row, bool live)
{
	if (c->kind == ROWS_RUNS) {
		/* A flow that found no room may have begun one. */
		while (c->from[c->n - 1] >= row)
			c->n--;
		c->last = c->run[c->n - 1];
	} else if (live) {
		c->n = row;
	} else {
		column_fill(c, row);
	}
}
