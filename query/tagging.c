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

#include "query/bitmap.h"
#include "query/tagging.h"

struct tagging {
	struct batch *batch;
	uint32_t n;
	uint32_t words;
	bool any;
	bool same; /* all have the first one's */
	uint64_t first;
	uint64_t tagged[BITMAP_WORDS];
	uint32_t tags[BLOCK_FLOWS];
	struct vec vec;
	/* shapes: behind those of the batch the same ones with a tag */
	struct vec of;
	uint16_t codes[BLOCK_FLOWS];
	uint64_t numbers[BATCH_SHAPES];
	struct flow_set shapes[BATCH_SHAPES];
};

struct tagging *
tagging_new(void)
{
	return (calloc(1, sizeof(struct tagging)));
}

void
tagging_free(struct tagging *t)
{
	free(t);
}

void
tagging_begin(struct tagging *t, struct batch *b)
{
	t->batch = b;
	t->n = batch_flows(b);
	t->words = bitmap_words(t->n);
	t->any = false;
	t->same = true;
	memset(t->tagged, 0, t->words * sizeof(*t->tagged));
}

void
tagging_add(struct tagging *t, const uint64_t *rows, uint32_t tag)
{
	uint64_t bits;
	uint32_t i;

	if (!t->any)
		t->first = tag;
	t->any = true;
	t->same = t->same && t->first == tag;
	for (i = 0; i < t->words; i++)
		for (bits = rows[i]; bits != 0; bits &= bits - 1)
			t->tags[i * 64 + bitmap_lowest(bits)] = tag;
	bitmap_or(t->tagged, t->tagged, rows, t->words);
}

static void
add_field(struct flow_set *s)
{
	s->w[FLOW_TAG / 64] |= UINT64_C(1) << FLOW_TAG % 64;
}

/* Who asks, asks of rows that have one. */
static void
all_have(struct tagging *t)
{
	const struct flow_set *shapes;
	uint32_t i, n;

	shapes = batch_shapes(t->batch, &n);
	for (i = 0; i < n; i++) {
		t->shapes[i] = shapes[i];
		add_field(&t->shapes[i]);
	}
	batch_reshape(t->batch, t->shapes, n, NULL);
}

static enum block_err
some_have(struct tagging *t)
{
	const struct flow_set *shapes;
	const struct vec *of;
	enum block_err err;
	uint32_t i, n;

	if ((err = batch_column(t->batch, COL_SHAPE, &of)) != BLOCK_OK)
		return (err);
	shapes = batch_shapes(t->batch, &n);
	if (of == NULL || n > BATCH_SHAPES / 2)
		return (BLOCK_COLUMN);
	for (i = 0; i < n; i++) {
		t->shapes[i] = t->shapes[n + i] = shapes[i];
		add_field(&t->shapes[n + i]);
	}
	for (i = 0; i < 2 * n; i++)
		t->numbers[i] = i;
	for (i = 0; i < t->n; i++)
		t->codes[i] = (uint16_t)(vec_number(of, i) +
		    (bitmap_has(t->tagged, i) ? n : 0));
	t->of = (struct vec){.kind = VEC_CODES,
	    .type = CT_NUMBER,
	    .n = t->n,
	    .codes = t->codes,
	    .ndict = 2 * n,
	    .num = t->numbers};
	batch_reshape(t->batch, t->shapes, 2 * n, &t->of);
	return (BLOCK_OK);
}

/* The tags that the other rows have already, or 0. */
static enum block_err
keep_others(struct tagging *t)
{
	const struct vec *v;
	enum block_err err;
	uint64_t bits;
	uint32_t i, row;

	if ((err = batch_column(t->batch, FLOW_TAG, &v)) != BLOCK_OK)
		return (err);
	for (i = 0; i < t->words; i++)
		for (bits = ~t->tagged[i]; bits != 0; bits &= bits - 1) {
			row = i * 64 + bitmap_lowest(bits);
			if (row >= t->n)
				break;
			t->tags[row] =
			    v == NULL ? 0 : (uint32_t)vec_number(v, row);
		}
	return (BLOCK_OK);
}

enum block_err
tagging_end(struct tagging *t, const uint64_t *rows)
{
	enum block_err err = BLOCK_OK;
	bool all = true;
	uint32_t i;

	if (!t->any)
		return (BLOCK_OK);
	for (i = 0; i < t->words; i++)
		all = all && (rows[i] & ~t->tagged[i]) == 0;
	t->vec = (struct vec){.type = CT_NUMBER, .n = t->n};
	if (all && t->same) {
		t->vec.kind = VEC_CONST;
		t->vec.num = &t->first;
		t->vec.ndict = 1;
	} else {
		if ((err = keep_others(t)) != BLOCK_OK)
			return (err);
		t->vec.kind = VEC_U32;
		t->vec.u32 = t->tags;
	}
	batch_replace(t->batch, FLOW_TAG, &t->vec);
	if (all)
		all_have(t);
	else if (!batch_all(t->batch, FLOW_TAG))
		err = some_have(t);
	return (err);
}
