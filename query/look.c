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
 * Rows whose values stand a test.  A dictionary's values are asked once each;
 * arrays are gone through in tight loops, 64 rows at a time, but only where
 * there are rows left.
 */

#include <stdlib.h>
#include <string.h>

#include "query/look.h"

/* Of 64 rows no more than so many are asked one by one. */
#define FEW 6

struct look *
look_new(void)
{
	return (calloc(1, sizeof(struct look)));
}

void
look_free(struct look *l)
{
	size_t i;

	if (l == NULL)
		return;
	for (i = 0; i < FLOW_NFIELDS; i++)
		free(l->present[i]);
	free(l);
}

void
look_begin(struct look *l, struct batch *b)
{
	l->batch = b;
	l->n = batch_flows(b);
	l->words = bitmap_words(l->n);
	l->ports_known = false;
	memset(l->presence, PRESENT_UNKNOWN, sizeof(l->presence));
}

void
look_forget(struct look *l, enum flow_field f)
{
	l->presence[f] = PRESENT_UNKNOWN;
}

static bool
number_in_table(const struct test *t, uint64_t v)
{
	return (t->table[v]);
}

static enum block_err
present_some(struct look *l, enum flow_field f)
{
	const struct flow_set *shapes;
	uint8_t has[BATCH_SHAPES];
	const struct test t = {.number = number_in_table, .table = has};
	uint64_t *w;
	uint32_t i, n;

	shapes = batch_shapes(l->batch, &n);
	for (i = 0; i < n; i++)
		has[i] = shapes[i].w[f / 64] >> f % 64 & 1;
	if (l->present[f] == NULL &&
	    (l->present[f] = calloc(BITMAP_WORDS, sizeof(*w))) == NULL)
		return (BLOCK_NOMEM);
	w = l->present[f];
	bitmap_fill(w, l->n);
	return (look_column(l, COL_SHAPE, &t, w, w));
}

enum block_err
look_present(struct look *l, enum flow_field f, enum presence *how,
    const uint64_t **p)
{
	enum block_err err;

	if (l->presence[f] == PRESENT_UNKNOWN) {
		if (!batch_any(l->batch, f))
			l->presence[f] = PRESENT_NONE;
		else if (batch_all(l->batch, f))
			l->presence[f] = PRESENT_ALL;
		else {
			if ((err = present_some(l, f)) != BLOCK_OK)
				return (err);
			l->presence[f] = PRESENT_SOME;
		}
	}
	*how = (enum presence)l->presence[f];
	*p = l->present[f];
	return (BLOCK_OK);
}

/* A value of a dictionary. */
static bool
ask(const struct test *t, const struct vec *v, uint32_t i)
{
	if (v->type == CT_NUMBER || v->type == CT_TIME)
		return (test_number(t, v->num[i]));
	return (t->value(t, v, i));
}

static bool
ask_row(const struct test *t, const struct vec *v, uint32_t row)
{
	switch (v->kind) {
	case VEC_U32:
		return (test_number(t, v->u32[row]));
	case VEC_U64:
		return (test_number(t, v->u64[row]));
	case VEC_CODES:
		return (ask(t, v, v->codes[row]));
	case VEC_CONST:
	default:
		return (ask(t, v, 0));
	}
}

/* The answers for 64 rows from one on. */
typedef uint64_t many(const struct test *, const struct vec *, uint32_t row);

static uint64_t
many_codes(const struct test *t, const struct vec *v, uint32_t row)
{
	const uint8_t *answers = t->answers;
	const uint16_t *codes = v->codes + row;
	uint8_t yes[64];
	unsigned int j;

	for (j = 0; j < 64; j++)
		yes[j] = answers[codes[j]];
	return (bitmap_pack(yes));
}

static uint64_t
many_range32(const struct test *t, const struct vec *v, uint32_t row)
{
	uint32_t lo = (uint32_t)t->lo, span = (uint32_t)t->span;
	const uint32_t *u = v->u32 + row;
	uint8_t yes[64];
	unsigned int j;

	for (j = 0; j < 64; j++)
		yes[j] = u[j] - lo <= span;
	return (bitmap_pack(yes));
}

static uint64_t
many_range64(const struct test *t, const struct vec *v, uint32_t row)
{
	uint64_t lo = t->lo, span = t->span;
	const uint64_t *u = v->u64 + row;
	uint8_t yes[64];
	unsigned int j;

	for (j = 0; j < 64; j++)
		yes[j] = u[j] - lo <= span;
	return (bitmap_pack(yes));
}

static uint64_t
many_bits32(const struct test *t, const struct vec *v, uint32_t row)
{
	const uint32_t *u = v->u32 + row;
	uint8_t yes[64];
	unsigned int j;

	for (j = 0; j < 64; j++)
		yes[j] = u[j] < 65536 && (t->bits[u[j] / 64] >> u[j] % 64 & 1);
	return (bitmap_pack(yes));
}

/* Few of 64 rows are left: ask for each. */
static uint64_t
few(const struct test *t, const struct vec *v, uint32_t row, uint64_t bits)
{
	uint64_t yes = 0;
	unsigned int j;
	bool one;

	for (; bits != 0; bits &= bits - 1) {
		j = bitmap_lowest(bits);
		if (t->answers != NULL)
			one = t->answers[v->codes[row + j]];
		else
			one = ask_row(t, v, row + j);
		yes |= (uint64_t)one << j;
	}
	return (yes);
}

static bool
is_few(uint64_t bits)
{
	unsigned int i;

	for (i = 0; i < FEW && bits != 0; i++)
		bits &= bits - 1;
	return (bits == 0);
}

/* fn is NULL for none. */
static void
by_words(const struct vec *v, const struct test *t, const uint64_t *from,
    uint64_t *to, many *fn)
{
	uint64_t flip = t->negated ? UINT64_MAX : 0;
	uint32_t i, words = bitmap_words(v->n);

	for (i = 0; i < words; i++) {
		if (from[i] == 0)
			to[i] = 0;
		/* The last word may have rows that are not there. */
		else if (fn == NULL || i * 64 + 64 > v->n || is_few(from[i]))
			to[i] = from[i] & (few(t, v, i * 64, from[i]) ^ flip);
		else
			to[i] = from[i] & (fn(t, v, i * 64) ^ flip);
	}
}

/* The tests that arrays have loops for. */
static void
by_range32(const struct vec *v, const struct test *t, const uint64_t *from,
    uint64_t *to)
{
	struct test narrow = *t;

	/* A range of negative times, or from one on, is not of 32 bits. */
	if (t->lo > UINT32_MAX || t->lo + t->span < t->lo) {
		by_words(v, t, from, to, NULL);
		return;
	}
	if (t->lo + t->span > UINT32_MAX)
		narrow.span = UINT32_MAX - t->lo;
	by_words(v, &narrow, from, to, many_range32);
}

static void
all_or_none(const uint64_t *from, uint64_t *to, uint32_t words, bool all)
{
	if (!all)
		memset(to, 0, words * sizeof(*to));
	else if (to != from)
		memcpy(to, from, words * sizeof(*to));
}

static void
by_dictionary(struct look *l, const struct vec *v, const struct test *t,
    const uint64_t *from, uint64_t *to)
{
	struct test narrow = *t;
	uint32_t i, yes = 0;

	/* Where more values than rows are left, only the rows' are asked. */
	if (v->ndict > 64 && bitmap_count(from, l->words) < v->ndict / 2) {
		by_words(v, t, from, to, NULL);
		return;
	}
	if (t->values != NULL)
		t->values(t, v, l->answers);
	else
		for (i = 0; i < v->ndict; i++)
			l->answers[i] = ask(t, v, i);
	for (i = 0; i < v->ndict; i++)
		yes += l->answers[i];
	if (yes == 0 || yes == v->ndict) {
		all_or_none(from, to, l->words, (yes != 0) != t->negated);
		return;
	}
	narrow.answers = l->answers;
	by_words(v, &narrow, from, to, many_codes);
}

void
look_values(struct look *l, const struct vec *v, const struct test *t,
    const uint64_t *from, uint64_t *to)
{
	if (v->kind == VEC_CONST)
		all_or_none(from, to, l->words, ask(t, v, 0) != t->negated);
	else if (v->kind == VEC_CODES)
		by_dictionary(l, v, t, from, to);
	else if (v->kind == VEC_U32 && t->ranged)
		by_range32(v, t, from, to);
	else if (v->kind == VEC_U32 && t->bits != NULL)
		by_words(v, t, from, to, many_bits32);
	else
		by_words(v, t, from, to, t->ranged ? many_range64 : NULL);
}

enum block_err
look_column(struct look *l, unsigned int id, const struct test *t,
    const uint64_t *from, uint64_t *to)
{
	const struct vec *v;
	enum block_err err;

	if ((err = batch_column(l->batch, id, &v)) != BLOCK_OK)
		return (err);
	if (v == NULL)
		all_or_none(from, to, l->words, t->negated);
	else
		look_values(l, v, t, from, to);
	return (BLOCK_OK);
}

/* Some have it: of the others only negation takes. */
static enum block_err
field_of_some(struct look *l, enum flow_field f, const struct test *t,
    const uint64_t *from, uint64_t *to)
{
	uint64_t with[BITMAP_WORDS], without[BITMAP_WORDS];
	const uint64_t *p = l->present[f];
	enum block_err err;

	bitmap_and(with, from, p, l->words);
	bitmap_without(without, from, p, l->words);
	if ((err = look_column(l, f, t, with, to)) == BLOCK_OK && t->negated)
		bitmap_or(to, to, without, l->words);
	return (err);
}

/*
 * What stands for an absent value, is it answered with no, as absence is?  Then
 * nobody needs to know who has the field.
 */
static bool
absent_is_no(enum flow_field f, const struct test *t)
{
	if (t->number != NULL || t->ranged)
		return (!test_number(t, 0));
	return (fields[f].type == FT_ADDR);
}

enum block_err
look_field(struct look *l, enum flow_field f, const struct test *t,
    const uint64_t *from, uint64_t *to)
{
	enum block_err err;
	enum presence how;
	const uint64_t *p;

	if (absent_is_no(f, t))
		return (look_column(l, f, t, from, to));
	if ((err = look_present(l, f, &how, &p)) != BLOCK_OK)
		return (err);
	if (how == PRESENT_SOME)
		return (field_of_some(l, f, t, from, to));
	if (how == PRESENT_ALL)
		return (look_column(l, f, t, from, to));
	all_or_none(from, to, l->words, t->negated);
	return (BLOCK_OK);
}
