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

/* Columns of a batch: which, how large, and which values are there. */

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "bindings/python/core/columns.h"

#define ALIGNED 64 /* as Arrow likes it */

enum column_kind
column_kind(const struct field *fd, bool text)
{
	static const uint8_t kinds[FT_MAX] = {
	    [FT_U8] = COLUMN_U8,
	    [FT_U16] = COLUMN_U16,
	    [FT_U32] = COLUMN_U32,
	    [FT_U64] = COLUMN_U64,
	    [FT_TIME] = COLUMN_TIME,
	    [FT_ADDR] = COLUMN_ADDR,
	    [FT_MAC] = COLUMN_MAC,
	    [FT_APPID] = COLUMN_BYTES,
	    [FT_LABELS] = COLUMN_LABELS,
	    [FT_TEXT] = COLUMN_TEXT,
	};

	if (fd->type == FT_ADDR && text)
		return (COLUMN_TEXT);
	return (kinds[fd->type]);
}

size_t
column_size(enum column_kind kind)
{
	static const uint8_t sizes[COLUMN_KINDS] = {
	    [COLUMN_U8] = 1,
	    [COLUMN_U16] = 2,
	    [COLUMN_U32] = 4,
	    [COLUMN_U64] = 8,
	    [COLUMN_TIME] = 8,
	    [COLUMN_ADDR] = 16,
	    [COLUMN_MAC] = 6,
	    [COLUMN_DURATION] = 8,
	    [COLUMN_RATE] = 8,
	};

	return (sizes[kind]);
}

void
asked_any(struct asked *a, const struct flow_set *any)
{
	int i;

	if (a->n != 0)
		return;
	for (i = 0; i < FLOW_NFIELDS; i++)
		if (any->w[i / 64] >> i % 64 & 1)
			a->field[a->n++] = (uint8_t)i;
}

struct flow_set
asked_set(const struct asked *a)
{
	struct flow_set set = {0};
	uint16_t i;

	for (i = 0; i < a->n; i++)
		set.w[a->field[i] / 64] |= (uint64_t)1 << a->field[i] % 64;
	return (set);
}

void *
gather_room(struct gather *g, size_t size)
{
	size_t whole = (size + ALIGNED) / ALIGNED * ALIGNED;
	void *p =
	    size > SIZE_MAX - ALIGNED ? NULL : aligned_alloc(ALIGNED, whole);

	if (p == NULL)
		g->err = BLOCK_NOMEM;
	return (p);
}

/* Nobody has it: zeros. */
static bool
absent(struct gather *g, struct column *c)
{
	size_t size = column_size(c->kind), n = g->sel->n;

	c->nulls = g->sel->n;
	if ((c->validity = gather_room(g, (n + 7) / 8)) == NULL ||
	    (c->values = gather_room(g, size * n)) == NULL)
		return (false);
	memset(c->validity, 0, (n + 7) / 8);
	memset(c->values, 0, size * n);
	if (size != 0)
		return (true);
	if ((c->offsets = gather_room(g, (n + 1) * sizeof(int32_t))) == NULL)
		return (false);
	memset(c->offsets, 0, (n + 1) * sizeof(int32_t));
	return (true);
}

/* A bit for each row, by its shape: eight of them at a time. */
static uint32_t
fill_bits(uint8_t *bits, const struct sel *sel, const struct vec *shape,
    const uint8_t *has)
{
	uint32_t i, k, n = 0;
	uint8_t one;

	for (i = 0; i < sel->n; i += 8) {
		for (one = 0, k = 0; k < 8 && i + k < sel->n; k++)
			one |= (uint8_t)(has[vec_number(shape,
					     sel_row(sel, i + k))]
			    << k);
		bits[i / 8] = one;
		n += (uint32_t)__builtin_popcount(one);
	}
	return (n);
}

/* The same by codes, whose numbers are few. */
static uint32_t
fill_bits_of_codes(uint8_t *bits, const struct sel *sel,
    const struct vec *shape, const uint8_t *has)
{
	uint8_t by[BATCH_SHAPES];
	const uint16_t *codes = shape->codes;
	uint32_t i, k, n = 0, whole = sel->n & ~7U;
	uint8_t one;

	for (i = 0; i < shape->ndict; i++)
		by[i] = has[shape->num[i]];
	for (i = 0; i < whole; i += 8) {
		for (one = 0, k = 0; k < 8; k++)
			one |= (uint8_t)(by[codes[i + k]] << k);
		bits[i / 8] = one;
		n += (uint32_t)__builtin_popcount(one);
	}
	if (whole == sel->n)
		return (n);
	for (one = 0; i < sel->n; i++)
		one |= (uint8_t)(by[codes[i]] << i % 8);
	bits[whole / 8] = one;
	return (n + (uint32_t)__builtin_popcount(one));
}

static bool
make_bits(struct gather *g, struct column *c, const uint8_t *has)
{
	const size_t size = (g->sel->n + 7) / 8;
	const struct vec *shape;

	if ((g->err = batch_column(g->batch, COL_SHAPE, &shape)) != BLOCK_OK ||
	    (c->validity = gather_room(g, size)) == NULL)
		return (false);
	/* Fields come and go together: often it is that of the last. */
	if (g->bits != NULL && memcmp(has, g->has, sizeof(g->has)) == 0) {
		memcpy(c->validity, g->bits, size);
		c->nulls = g->nulls;
		return (true);
	}
	if (shape->kind == VEC_CODES && shape->ndict <= BATCH_SHAPES &&
	    g->sel->row == NULL)
		c->nulls = g->sel->n -
		    fill_bits_of_codes(c->validity, g->sel, shape, has);
	else
		c->nulls =
		    g->sel->n - fill_bits(c->validity, g->sel, shape, has);
	g->bits = c->validity;
	g->nulls = c->nulls;
	memcpy(g->has, has, sizeof(g->has));
	return (true);
}

static bool
validity(struct gather *g, struct column *c)
{
	uint8_t has[BATCH_SHAPES] = {0};
	const struct flow_set *shapes;
	uint32_t n, i, bit = c->field->bit;

	if (batch_all(g->batch, bit))
		return (true);
	shapes = batch_shapes(g->batch, &n);
	for (i = 0; i < n; i++)
		has[i] = shapes[i].w[bit / 64] >> bit % 64 & 1;
	if (!make_bits(g, c, has))
		return (false);
	if (c->nulls == 0) {
		if (g->bits == c->validity)
			g->bits = NULL;
		free(c->validity);
		c->validity = NULL;
	}
	return (true);
}

/* What lies there as it is needs no vec. */
static bool
plain(struct gather *g, struct column *c, bool *done)
{
	struct plain pl;

	*done = false;
	g->err = batch_plain(g->batch, c->field->bit, &pl);
	if (g->err != BLOCK_OK)
		return (false);
	*done = pl.p != NULL && (c->kind != COLUMN_TEXT || pl.width == 4);
	if (!*done)
		return (true);
	return (c->kind == COLUMN_TEXT ? gather_text4(g, pl.p, c)
				       : gather_plain(g, pl.p, pl.width, c));
}

static bool
by_vec(struct gather *g, struct column *c)
{
	const struct vec *v;

	if ((g->err = batch_column(g->batch, c->field->bit, &v)) != BLOCK_OK)
		return (false);
	if (v->type == CT_NUMBER || v->type == CT_TIME)
		return (gather_numbers(g, v, c));
	return (c->kind == COLUMN_MAC || c->kind == COLUMN_ADDR
		? gather_addrs(g, v, c)
		: gather_texts(g, v, c));
}

static bool
column_fill(struct gather *g, struct column *c)
{
	bool done;

	if (!batch_any(g->batch, c->field->bit))
		return (absent(g, c));
	if (!validity(g, c))
		return (false);
	if (c->nulls == g->sel->n) {
		if (g->bits == c->validity)
			g->bits = NULL;
		free(c->validity);
		c->validity = NULL;
		return (absent(g, c));
	}
	if (!plain(g, c, &done) || done)
		return (done);
	return (by_vec(g, c));
}

struct columns *
columns_new(uint16_t n, uint32_t rows)
{
	struct columns *cs;

	cs = calloc(1, sizeof(*cs) + n * sizeof(cs->column[0]));
	if (cs == NULL)
		return (NULL);
	atomic_init(&cs->refs, 1);
	cs->rows = rows;
	cs->n = n;
	return (cs);
}

static void
name_columns(struct columns *cs, const struct asked *a)
{
	const struct field *fd;
	uint16_t i;

	for (i = 0; i < cs->n; i++) {
		fd = &fields[a->field[i]];
		cs->column[i].name = fd->name;
		cs->column[i].field = fd;
		cs->column[i].kind = column_kind(fd, a->text);
	}
}

struct columns *
columns_build(struct batch *b, const struct sel *sel, const struct asked *a,
    enum block_err *err)
{
	struct gather g = {.batch = b, .sel = sel, .err = BLOCK_NOMEM};
	struct asked all = *a;
	struct flow_set any = {0};
	struct columns *cs;
	uint16_t i;

	for (i = 0; i < FLOW_NFIELDS; i++)
		if (batch_any(b, i))
			any.w[i / 64] |= (uint64_t)1 << i % 64;
	asked_any(&all, &any);
	if ((cs = columns_new(all.n, sel->n)) != NULL)
		name_columns(cs, &all);
	g.scratch = malloc(BLOCK_FLOWS * sizeof(struct addr));
	for (i = 0; cs != NULL && i < cs->n; i++) {
		if (g.scratch == NULL || !column_fill(&g, &cs->column[i])) {
			columns_drop(cs);
			cs = NULL;
		}
	}
	free(g.scratch);
	*err = cs == NULL ? g.err : BLOCK_OK;
	return (cs);
}

struct columns *
columns_hold(struct columns *cs)
{
	atomic_fetch_add_explicit(&cs->refs, 1, memory_order_relaxed);
	return (cs);
}

void
columns_drop(struct columns *cs)
{
	uint16_t i;

	if (cs == NULL ||
	    atomic_fetch_sub_explicit(&cs->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (i = 0; i < cs->n; i++) {
		free(cs->column[i].validity);
		free(cs->column[i].values);
		free(cs->column[i].offsets);
	}
	free(cs->names);
	free(cs);
}
