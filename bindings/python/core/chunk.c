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

/* Rows of a batch as flows. */

#include <string.h>

#include "archive/member.h"
#include "bindings/python/core/chunk.h"

enum block_err
chunk_begin(struct chunk *c, struct batch *b, const struct sel *sel)
{
	const struct vec *v;
	struct plain plain;
	enum block_err err;
	uint32_t n;
	int i;

	c->batch = b;
	c->sel = *sel;
	c->done = 0;
	c->n = 0;
	c->nvecs = 0;
	c->rare = false;
	for (i = 0; i < FLOW_NFIELDS; i++) {
		if (!batch_any(b, i))
			continue;
		v = NULL;
		if ((err = batch_plain(b, i, &plain)) != BLOCK_OK ||
		    (plain.p == NULL &&
			(err = batch_column(b, i, &v)) != BLOCK_OK))
			return (err);
		if (v == NULL && plain.p == NULL)
			continue;
		c->vecs[c->nvecs].vec = v;
		c->vecs[c->nvecs].plain = plain;
		c->vecs[c->nvecs++].field = &fields[i];
		c->rare = c->rare || fields[i].off >= FLOW_RARE;
	}
	if ((err = batch_column(b, COL_SHAPE, &c->shape)) != BLOCK_OK ||
	    (err = batch_column(b, COL_CLOCK, &c->clock)) != BLOCK_OK ||
	    (err = batch_column(b, COL_SAMPLING, &c->sampling)) != BLOCK_OK)
		return (err);
	c->shapes = batch_shapes(b, &n);
	return (BLOCK_OK);
}

void
chunk_end(struct chunk *c)
{
	c->sel.n = 0;
	c->done = 0;
	c->n = 0;
}

static void
take_numbers(const struct vec *v, const uint32_t *row, uint32_t n, uint64_t *to)
{
	uint32_t i;

	switch (v->kind) {
	case VEC_CONST:
		for (i = 0; i < n; i++)
			to[i] = v->num[0];
		return;
	case VEC_CODES:
		for (i = 0; i < n; i++)
			to[i] = v->num[v->codes[row[i]]];
		return;
	case VEC_U32:
		for (i = 0; i < n; i++)
			to[i] = v->u32[row[i]];
		return;
	default:
		for (i = 0; i < n; i++)
			to[i] = v->u64[row[i]];
		return;
	}
}

#define PUT(bits, f, off, from, n)                                             \
	do {                                                                   \
		for (i = 0; i < (n); i++)                                      \
			*(uint##bits##_t *)(void *)((char *)&(f)[i] + (off)) = \
			    (uint##bits##_t)(from)[i];                         \
	} while (0)

static void
put_numbers(struct flow *f, const struct field *fd, const uint64_t *from,
    uint32_t n)
{
	uint32_t i;

	switch (field_size(fd->type)) {
	case 1:
		PUT(8, f, fd->off, from, n);
		return;
	case 2:
		PUT(16, f, fd->off, from, n);
		return;
	case 4:
		PUT(32, f, fd->off, from, n);
		return;
	default:
		PUT(64, f, fd->off, from, n);
		return;
	}
}

/* An address and a prefix share a member: whichever is there. */
static void
put_addrs(struct chunk *c, const struct vec *v, const struct field *fd,
    const uint32_t *row)
{
	uint32_t i;

	for (i = 0; i < c->n; i++)
		if (flow_has(&c->flow[i], fd->bit))
			*(struct addr *)field_ptr(&c->flow[i], fd) =
			    *vec_addr(v, row[i]);
}

static void
put_plain_addrs(struct chunk *c, const struct plain *pl, const struct field *fd,
    const uint32_t *row)
{
	const uint8_t *p = pl->p, *from;
	struct addr *to;
	uint32_t i;

	for (i = 0; i < c->n; i++) {
		if (!flow_has(&c->flow[i], fd->bit))
			continue;
		to = field_ptr(&c->flow[i], fd);
		from = p + (size_t)row[i] * pl->width;
		to->family = pl->family == NULL ? ADDR_V4 : pl->family[row[i]];
		if (pl->width == 4)
			memcpy(to->b, from, 4);
		else if (to->family == ADDR_V4)
			memcpy(to->b, from + 12, 4);
		else
			memcpy(to->b, from, 16);
	}
}

/* From an array of such to members as wide, or wider. */
#define PLAIN(from, to)                                                 \
	do {                                                            \
		for (i = 0; i < c->n; i++)                              \
			*(uint##to##_t *)(void *)((char *)&c->flow[i] + \
			    fd->off) =                                  \
			    ((const uint##from##_t *)pl->p)[row[i]];    \
	} while (0)

static void
put_plain(struct chunk *c, const struct plain *pl, const struct field *fd,
    const uint32_t *row, uint64_t *number)
{
	uint32_t i;

	if (fd->type == FT_ADDR)
		put_plain_addrs(c, pl, fd, row);
	else if (pl->width == 8)
		PLAIN(64, 64);
	else if (pl->width == 4 && field_size(fd->type) == 4)
		PLAIN(32, 32);
	else if (pl->width == 2 && field_size(fd->type) == 2)
		PLAIN(16, 16);
	else if (pl->width == 1 && field_size(fd->type) == 1)
		PLAIN(8, 8);
	else {
		for (i = 0; i < c->n; i++)
			number[i] = pl->width == 1
			    ? ((const uint8_t *)pl->p)[row[i]]
			    : pl->width == 2
			    ? ((const uint16_t *)pl->p)[row[i]]
			    : ((const uint32_t *)pl->p)[row[i]];
		put_numbers(c->flow, fd, number, c->n);
	}
}

static void
put_bytes(struct chunk *c, const struct vec *v, const struct field *fd,
    const uint32_t *row)
{
	uint32_t i;

	for (i = 0; i < c->n; i++)
		if (flow_has(&c->flow[i], fd->bit))
			member_set_bytes(&c->flow[i], fd,
			    *vec_bytes(v, row[i]));
}

static void
put_notes(struct chunk *c, const uint32_t *row)
{
	struct flow *f;
	uint32_t i;

	for (i = 0; i < c->n; i++) {
		f = &c->flow[i];
		if (c->clock != NULL &&
		    (flow_has(f, FLOW_START) || flow_has(f, FLOW_END)))
			f->clock = (uint8_t)vec_number(c->clock, row[i]);
		if (c->sampling != NULL && flow_has(f, FLOW_SAMPLING_RATE))
			f->sampling = (uint8_t)vec_number(c->sampling, row[i]);
	}
}

static void
put_columns(struct chunk *c, const uint32_t *row)
{
	uint64_t number[CHUNK_FLOWS];
	const struct field *fd;
	const struct vec *v;
	uint16_t i;

	for (i = 0; i < c->nvecs; i++) {
		fd = c->vecs[i].field;
		v = c->vecs[i].vec;
		if (v == NULL)
			put_plain(c, &c->vecs[i].plain, fd, row, number);
		else if (v->type == CT_ADDR)
			put_addrs(c, v, fd, row);
		else if (v->type == CT_BYTES)
			put_bytes(c, v, fd, row);
		else {
			take_numbers(v, row, c->n, number);
			put_numbers(c->flow, fd, number, c->n);
		}
	}
}

bool
chunk_next(struct chunk *c)
{
	const size_t size = c->rare ? sizeof(struct flow) : FLOW_RARE;
	uint32_t row[CHUNK_FLOWS], i;

	c->n = c->sel.n - c->done;
	if (c->n > CHUNK_FLOWS)
		c->n = CHUNK_FLOWS;
	for (i = 0; i < c->n; i++) {
		row[i] = sel_row(&c->sel, c->done + i);
		memset(&c->flow[i], 0, size);
		c->flow[i].has = c->shapes[vec_number(c->shape, row[i])];
	}
	put_columns(c, row);
	put_notes(c, row);
	c->done += c->n;
	return (c->n > 0);
}
