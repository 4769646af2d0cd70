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
 * What a column's entry says of its values is true: who skips blocks and sums
 * up from headers relies on it.
 */

#include "archive/batch-state.h"
#include "archive/dict.h"

struct summary {
	uint64_t min, max, sum;
};

static bool
less(enum column_type type, uint64_t a, uint64_t b)
{
	return (type == CT_TIME ? (int64_t)a < (int64_t)b : a < b);
}

/* Of the flows that have it; 0 if none has. */
static struct summary
summarise(const struct vec *v, const uint8_t *shape, const bool *has)
{
	struct summary s = {0, 0, 0};
	bool first = true;
	uint64_t n;
	uint32_t i;

	for (i = 0; i < v->n; i++) {
		if (shape != NULL && !has[shape[i]])
			continue;
		n = vec_number(v, i);
		if (first || less(v->type, n, s.min))
			s.min = n;
		if (first || less(v->type, s.max, n))
			s.max = n;
		s.sum += n;
		first = false;
	}
	return (s);
}

static bool
is_sketched(const struct vec *v, const struct block_column *c)
{
	const uint64_t said[2] = {c->min, c->max};
	uint64_t sketch[2] = {0, 0};
	uint32_t i;

	for (i = 0; i < v->n; i++)
		sketch_add(sketch, vec_addr(v, i));
	return ((sketch[0] & ~said[0]) == 0 && (sketch[1] & ~said[1]) == 0);
}

static enum block_err
check_numbers(struct batch *b, const struct vec *v,
    const struct block_column *c)
{
	bool has[BLOCK_SHAPES] = {false};
	const uint8_t *shape = NULL;
	enum block_err err;
	struct summary s;
	uint32_t i;

	if (!column_of_all(b->block, c->id)) {
		if ((shape = column_shapes(b, &err)) == NULL)
			return (err);
		for (i = 0; i < b->block->nshapes; i++)
			has[i] =
			    b->block->shapes[i].w[c->id / 64] >> c->id % 64 & 1;
	}
	s = summarise(v, shape, has);
	if (s.min != c->min || s.max != c->max ||
	    (v->type == CT_NUMBER && s.sum != c->sum))
		return (BLOCK_COLUMN);
	return (BLOCK_OK);
}

static enum block_err
check_entry(struct batch *b, const struct vec *v, const struct block_column *c)
{
	if (v->type == CT_BYTES)
		return (BLOCK_OK);
	if (v->type == CT_ADDR)
		return (is_sketched(v, c) ? BLOCK_OK : BLOCK_COLUMN);
	return (check_numbers(b, v, c));
}

static enum block_err
check_columns(struct batch *batch, const struct block *b, unsigned int *id)
{
	const struct vec *v;
	enum block_err err = BLOCK_OK;
	unsigned int i;

	for (i = 0; i < b->ncolumns && err == BLOCK_OK; i++) {
		*id = b->columns[i].id;
		if ((err = batch_own(batch, *id, &v)) == BLOCK_OK)
			err = check_entry(batch, v, &b->columns[i]);
	}
	return (err);
}

/* The times of receipt stand in the header, too. */
static enum block_err
check_times(const struct block *b, unsigned int *id)
{
	const struct block_column *c = block_column(b, FLOW_RECV_TIME);

	*id = FLOW_RECV_TIME;
	if (!b->timed || c == NULL ||
	    (b->all.w[FLOW_RECV_TIME / 64] >> FLOW_RECV_TIME % 64 & 1) == 0)
		return (BLOCK_OK);
	return (b->first == (int64_t)c->min && b->last == (int64_t)c->max
		? BLOCK_OK
		: BLOCK_COLUMN);
}

enum block_err
batch_check(struct batch *batch, const struct block *b, unsigned int *id)
{
	enum block_err err;

	batch_set_block(batch, b);
	batch->strict = true;
	err = check_columns(batch, b, id);
	batch->strict = false;
	/* what was decoded so is not for others */
	batch_set_block(batch, b);
	return (err != BLOCK_OK ? err : check_times(b, id));
}

enum block_err
block_check(const struct block *b, unsigned int *id)
{
	struct batch *batch;
	enum block_err err;

	if ((batch = batch_new()) == NULL) {
		*id = COL_NONE;
		return (BLOCK_NOMEM);
	}
	err = batch_check(batch, b, id);
	batch_free(batch);
	return (err);
}
