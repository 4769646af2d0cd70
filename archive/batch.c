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

#include "archive/batch-state.h"
#include "archive/member.h"
#include "archive/rows-state.h"
#include "flat.h"

struct batch *
batch_new(void)
{
	return (calloc(1, sizeof(struct batch)));
}

static void
mem_free(struct mem *m)
{
	free(m->p);
}

void
batch_free(struct batch *b)
{
	size_t i;

	if (b == NULL)
		return;
	for (i = 0; i < BATCH_COLUMNS; i++) {
		mem_free(&b->slots[i].values);
		mem_free(&b->slots[i].codes);
		mem_free(&b->slots[i].dict);
		mem_free(&b->slots[i].text);
		mem_free(&b->slots[i].mask);
	}
	mem_free(&b->scratch);
	mem_free(&b->shape);
	mem_free(&b->table);
	expand_free(b->expand);
	free(b);
}

#define ROOM_MIN 64

void *
mem_room(struct mem *m, size_t n, size_t size)
{
	if (n > SIZE_MAX / size)
		return (NULL);
	size *= n;
	if (size < ROOM_MIN)
		size = ROOM_MIN;
	if (m->size >= size)
		return (m->p);
	free(m->p);
	m->size = 0;
	if ((m->p = malloc(size)) != NULL)
		m->size = size;
	return (m->p);
}

/* What is in the slots is of another filling from now on. */
static void
fill(struct batch *b, uint32_t flows)
{
	size_t i;

	b->flows = flows;
	if (++b->filling != 0)
		return;
	/* The count began again: a slot must not take it for an old one. */
	for (i = 0; i < BATCH_COLUMNS; i++)
		b->slots[i].filling = b->slots[i].showing =
		    b->slots[i].replacing = b->slots[i].whole = 0;
	b->shaping = 0;
	b->filling = 1;
}

/* Which fields some and all flows have, as the shapes are. */
static void
sum_up(struct batch *b)
{
	uint32_t i, w;

	b->any = (struct flow_set){{0}};
	memset(&b->all, b->nshapes > 0 ? 0xff : 0, sizeof(b->all));
	for (i = 0; i < b->nshapes; i++)
		for (w = 0; w < FLOW_WORDS; w++) {
			b->any.w[w] |= b->shapes[i].w[w];
			b->all.w[w] &= b->shapes[i].w[w];
		}
}

void
batch_set_block(struct batch *b, const struct block *block)
{
	fill(b, block->flows);
	b->block = block;
	b->rows = NULL;
	b->flat = NULL;
	b->shapes = block->shapes;
	b->nshapes = block->nshapes;
	b->any = block->any;
	b->all = block->all;
}

void
batch_set_fetch(struct batch *b, batch_fetch *fetch, void *arg)
{
	b->fetch = fetch;
	b->fetch_arg = arg;
}

void
batch_set_rows(struct batch *b, const struct rows *rows)
{
	fill(b, rows_count(rows));
	b->block = NULL;
	b->rows = rows;
	b->flat = NULL;
	b->shapes = rows_shapes(rows, &b->nshapes);
	sum_up(b);
}

void
batch_set_flat(struct batch *b, const struct flat *flat)
{
	fill(b, flat->n);
	b->block = NULL;
	b->rows = NULL;
	b->flat = flat;
	b->shapes = flat->shapes;
	b->nshapes = flat->nshapes;
	sum_up(b);
}

void
batch_set_empty(struct batch *b, uint32_t flows)
{
	fill(b, flows);
	b->block = NULL;
	b->rows = NULL;
	b->flat = NULL;
	batch_reshape(b, NULL, 0, NULL);
}

const struct block *
batch_block(const struct batch *b)
{
	return (b->block);
}

uint32_t
batch_flows(const struct batch *b)
{
	return (b->flows);
}

static bool
in_set(const struct flow_set *s, unsigned int field)
{
	return (s->w[field / 64] >> field % 64 & 1);
}

bool
batch_any(const struct batch *b, enum flow_field field)
{
	return (in_set(&b->any, field));
}

bool
batch_all(const struct batch *b, enum flow_field field)
{
	return (in_set(&b->all, field));
}

const struct flow_set *
batch_shapes(const struct batch *b, uint32_t *n)
{
	*n = b->nshapes;
	return (b->shapes);
}

uint64_t
batch_bytes_read(const struct batch *b)
{
	return (b->bytes_read);
}

/* A column that is not there: the only shape, or no clock. */
static enum block_err
make_zero(struct batch *b, struct slot *s)
{
	uint64_t *num = mem_room(&s->dict, 1, sizeof(*num));

	if (num == NULL)
		return (BLOCK_NOMEM);
	*num = 0;
	s->vec = (struct vec){.kind = VEC_CONST,
	    .type = CT_NUMBER,
	    .n = b->flows,
	    .ndict = 1,
	    .num = num};
	return (BLOCK_OK);
}

static enum block_err
make(struct batch *b, struct slot *s, unsigned int id)
{
	const struct block_column *in_block = NULL;
	const struct rows_column *in_rows = NULL;
	enum block_err err;
	bool none;

	if (b->block != NULL && (in_block = block_column(b->block, id)) != NULL)
		return (column_decode(b, s, in_block));
	if (b->rows != NULL && (in_rows = rows_column(b->rows, id)) != NULL)
		return (column_from_rows(b, s, in_rows));
	s->vec.n = 0;
	if (b->flat != NULL) {
		err = column_from_flat(b, s, id, &none);
		if (err != BLOCK_OK || !none)
			return (err);
	}
	return (id >= COL_SHAPE ? make_zero(b, s) : BLOCK_OK);
}

enum block_err
batch_raw(struct batch *b, unsigned int id, const struct vec **v)
{
	const int i = block_slot(id);
	struct slot *s;

	*v = NULL;
	if (i == -1)
		return (BLOCK_OK);
	s = &b->slots[i];
	if (s->filling != b->filling) {
		s->filling = b->filling;
		s->err = make(b, s, id);
	}
	if (s->err == BLOCK_OK && s->vec.n > 0)
		*v = &s->vec;
	return (s->err);
}

/* What is shown of what the slot has. */
static enum block_err
show(struct batch *b, struct slot *s, unsigned int id)
{
	const struct block_column *c = NULL;
	enum block_err err = BLOCK_OK;

	s->shown = s->vec;
	if (b->block != NULL)
		c = block_column(b->block, id);
	if (c == NULL || s->vec.n == 0)
		return (BLOCK_OK);
	if (!column_of_all(b->block, id))
		err = column_mask(b, s, c);
	return (err == BLOCK_OK ? column_fits(b, &s->shown, c) : err);
}

enum block_err
batch_own(struct batch *b, unsigned int id, const struct vec **v)
{
	const int i = block_slot(id);
	enum block_err err;
	struct slot *s;

	if ((err = batch_raw(b, id, v)) != BLOCK_OK || *v == NULL)
		return (err);
	s = &b->slots[i];
	if (s->showing != b->filling) {
		s->showing = b->filling;
		s->shown_err = show(b, s, id);
	}
	*v = s->shown_err == BLOCK_OK ? &s->shown : NULL;
	return (s->shown_err);
}

enum block_err
batch_column(struct batch *b, unsigned int id, const struct vec **v)
{
	const int i = block_slot(id);

	*v = NULL;
	if (i == -1)
		return (BLOCK_OK);
	if (b->slots[i].replacing == b->filling) {
		*v = b->slots[i].replaced;
		return (BLOCK_OK);
	}
	if (id < FLOW_NFIELDS && !in_set(&b->any, id))
		return (BLOCK_OK);
	return (batch_own(b, id, v));
}

enum block_err
batch_addr4(struct batch *b, unsigned int id, const uint8_t **p)
{
	const int i = block_slot(id);
	const struct block_column *c = NULL;
	const struct rows_column *r = NULL;

	*p = NULL;
	if (i == -1 || b->slots[i].replacing == b->filling ||
	    b->slots[i].filling == b->filling)
		return (BLOCK_OK);
	if (b->rows != NULL && (r = rows_column(b->rows, id)) != NULL &&
	    r->kind == ROWS_IPV4)
		*p = r->v;
	if (b->block == NULL || (c = block_column(b->block, id)) == NULL ||
	    c->type != CT_ADDR || c->scheme != CS_ADDR4 ||
	    !column_of_all(b->block, id) || c->data.squeeze != SQ_NONE ||
	    c->data.stored != (size_t)b->flows * 4 ||
	    c->data.expanded != c->data.stored)
		return (BLOCK_OK);
	*p = c->data.p;
	return (column_whole(b, &b->slots[i], c));
}

/* Of a column of a log, or of rows. */
static struct plain
plain_column(const struct batch *b, unsigned int id)
{
	const struct rows_column *r;
	struct plain pl = {NULL, NULL, 0};

	if (id >= FLOW_NFIELDS)
		return (pl);
	if (b->flat != NULL) {
		pl.p = b->flat->v[id];
		pl.family = b->flat->family[id];
		pl.width = fields[id].type == FT_ADDR
		    ? 16
		    : (uint8_t)field_size(fields[id].type);
	} else if (b->rows != NULL && (r = rows_column(b->rows, id)) != NULL &&
	    r->kind == ROWS_NUMBERS) {
		pl.p = r->v;
		pl.width = r->width;
	}
	return (pl);
}

enum block_err
batch_plain(struct batch *b, unsigned int id, struct plain *pl)
{
	const int i = block_slot(id);
	const uint8_t *addr4;
	enum block_err err;

	*pl = (struct plain){NULL, NULL, 0};
	if (i == -1 || b->slots[i].replacing == b->filling ||
	    (id < FLOW_NFIELDS && !in_set(&b->any, id)))
		return (BLOCK_OK);
	*pl = plain_column(b, id);
	if (pl->p != NULL)
		return (BLOCK_OK);
	if ((err = batch_addr4(b, id, &addr4)) == BLOCK_OK && addr4 != NULL)
		*pl = (struct plain){addr4, NULL, 4};
	return (err);
}

void
batch_replace(struct batch *b, unsigned int id, const struct vec *v)
{
	const int i = block_slot(id);

	if (i == -1)
		return;
	b->slots[i].replacing = b->filling;
	b->slots[i].replaced = v;
}

void
batch_reshape(struct batch *b, const struct flow_set *shapes, uint32_t n,
    const struct vec *of)
{
	b->shapes = shapes;
	b->nshapes = n;
	sum_up(b);
	if (of != NULL)
		batch_replace(b, COL_SHAPE, of);
}

static void
set_member(struct flow *f, unsigned int id, const struct vec *v, uint32_t row)
{
	const struct field *fd = &fields[id];

	switch (v->type) {
	case CT_ADDR:
		*(struct addr *)field_ptr(f, fd) = *vec_addr(v, row);
		return;
	case CT_BYTES:
		member_set_bytes(f, fd, *vec_bytes(v, row));
		return;
	default:
		member_set_number(f, fd, vec_number(v, row));
		return;
	}
}

static enum block_err
set_field(struct batch *b, uint32_t row, unsigned int id, struct flow *f)
{
	const struct vec *v;
	enum block_err err;

	if ((err = batch_column(b, id, &v)) != BLOCK_OK)
		return (err);
	flow_set(f, id);
	if (v != NULL)
		set_member(f, id, v, row);
	return (BLOCK_OK);
}

/* Where times and rates are from: a number beside them. */
static enum block_err
set_note(struct batch *b, uint32_t row, unsigned int id, uint8_t *note)
{
	const struct vec *v;
	enum block_err err;

	if ((err = batch_column(b, id, &v)) == BLOCK_OK && v != NULL)
		*note = (uint8_t)vec_number(v, row);
	return (err);
}

enum block_err
batch_row(struct batch *b, uint32_t row, const struct flow_set *of,
    struct flow *f)
{
	const struct vec *shape;
	enum block_err err;
	uint64_t left;
	unsigned int w;

	flow_clear(f);
	if ((err = batch_column(b, COL_SHAPE, &shape)) != BLOCK_OK)
		return (err);
	for (w = 0; w < FLOW_WORDS; w++) {
		left = b->shapes[vec_number(shape, row)].w[w];
		if (of != NULL)
			left &= of->w[w];
		for (; left != 0; left &= left - 1)
			if ((err = set_field(b, row,
				 w * 64 + (unsigned int)__builtin_ctzll(left),
				 f)) != BLOCK_OK)
				return (err);
	}
	if (flow_has(f, FLOW_START) || flow_has(f, FLOW_END))
		err = set_note(b, row, COL_CLOCK, &f->clock);
	if (err == BLOCK_OK && flow_has(f, FLOW_SAMPLING_RATE))
		err = set_note(b, row, COL_SAMPLING, &f->sampling);
	return (err);
}
