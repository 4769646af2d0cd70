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

#include "archive/chunks.h"
#include "archive/gather.h"
#include "archive/member.h"

#define SLOTS (2 * BLOCK_FLOWS) /* of an index: never more than half full */
#define UNKNOWN UINT32_MAX

/* Which value is where: 0, or its number and one. */
struct gather_index {
	uint32_t slot[SLOTS];
};

struct gather {
	uint32_t count;
	uint32_t nshapes;
	struct flow_set shapes[BLOCK_SHAPES];
	/* Of what is being taken. */
	uint16_t renumber[BATCH_SHAPES]; /* the batch's shapes */
	struct flow_set any, all;	 /* fields that some and all have */
	uint8_t shape[BLOCK_FLOWS];	 /* of each row, if there are several */
	uint32_t map[BLOCK_FLOWS];	 /* the batch's dictionary */
	struct gather_column column[BATCH_COLUMNS];
	struct chunks texts;
	uint64_t seed;
};

unsigned int
gather_slot(unsigned int id)
{
	return (id < COL_SHAPE ? id : FLOW_NFIELDS + id - COL_SHAPE);
}

static unsigned int
slot_id(unsigned int slot)
{
	return (slot < FLOW_NFIELDS ? slot : COL_SHAPE + slot - FLOW_NFIELDS);
}

struct gather *
gather_new(void)
{
	struct gather *g;
	unsigned int i;

	if ((g = calloc(1, sizeof(*g))) == NULL)
		return (NULL);
	for (i = 0; i < BATCH_COLUMNS; i++) {
		g->column[i].id = (uint16_t)slot_id(i);
		g->column[i].type = (uint8_t)member_type(slot_id(i));
	}
	/* Where memory is, nobody outside knows: no sender makes collisions. */
	g->seed = (uintptr_t)g * UINT64_C(0x9e3779b97f4a7c15);
	return (g);
}

void
gather_free(struct gather *g)
{
	unsigned int i;

	if (g == NULL)
		return;
	for (i = 0; i < BATCH_COLUMNS; i++) {
		free(g->column[i].num);
		free(g->column[i].code);
		free(g->column[i].addr);
		free(g->column[i].text);
		free(g->column[i].index);
	}
	chunks_free(&g->texts);
	free(g);
}

void
gather_clear(struct gather *g)
{
	unsigned int i;

	for (i = 0; i < BATCH_COLUMNS; i++) {
		g->column[i].used = false;
		g->column[i].ndict = 0;
	}
	chunks_clear(&g->texts);
	g->count = 0;
	g->nshapes = 0;
}

uint32_t
gather_count(const struct gather *g)
{
	return (g->count);
}

const struct flow_set *
gather_shapes(const struct gather *g, uint32_t *n)
{
	*n = g->nshapes;
	return (g->shapes);
}

static bool
in_set(const struct flow_set *s, unsigned int id)
{
	return (id >= FLOW_NFIELDS || (s->w[id / 64] >> id % 64 & 1) != 0);
}

bool
gather_present(const struct gather *g, unsigned int id, bool has[BLOCK_SHAPES])
{
	bool all = true;
	uint32_t i;

	for (i = 0; i < g->nshapes; i++)
		all &= has[i] = in_set(&g->shapes[i], id);
	return (all);
}

const struct gather_column *
gather_column(const struct gather *g, unsigned int slot)
{
	return (g->column[slot].used ? &g->column[slot] : NULL);
}

/* Memory for a column, and an empty one in front of what comes. */

static bool
is_number(const struct gather_column *c)
{
	return (c->type == CT_NUMBER || c->type == CT_TIME);
}

static bool
reserve(struct gather_column *c)
{
	if (is_number(c)) {
		if (c->num == NULL)
			c->num = malloc(BLOCK_FLOWS * sizeof(*c->num));
		return (c->num != NULL);
	}
	if (c->code == NULL)
		c->code = malloc(BLOCK_FLOWS * sizeof(*c->code));
	if (c->index == NULL)
		c->index = malloc(sizeof(*c->index));
	if (c->type == CT_ADDR && c->addr == NULL)
		c->addr = malloc(BLOCK_FLOWS * sizeof(*c->addr));
	if (c->type == CT_BYTES && c->text == NULL)
		c->text = malloc(BLOCK_FLOWS * sizeof(*c->text));
	return (c->code != NULL && c->index != NULL &&
	    (c->addr != NULL || c->text != NULL));
}

/* Distinct addresses and bytes. */

static uint32_t
put_addr(struct gather *g, struct gather_column *c, const struct addr *a)
{
	uint64_t i = addr_hash(a, g->seed + a->family) % SLOTS;
	uint32_t k;

	for (; (k = c->index->slot[i]) != 0; i = (i + 1) % SLOTS)
		if (memcmp(&c->addr[k - 1], a, sizeof(*a)) == 0)
			return (k - 1);
	c->addr[c->ndict] = *a;
	c->index->slot[i] = ++c->ndict;
	return (c->ndict - 1);
}

static uint64_t
text_hash(const struct flow_text *t, uint64_t seed)
{
	uint64_t h = seed ^ t->len;
	uint16_t i;

	for (i = 0; i < t->len; i++) {
		h = (h ^ (uint8_t)t->p[i]) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	return (h);
}

/* UNKNOWN for want of memory. */
static uint32_t
put_text(struct gather *g, struct gather_column *c, const struct flow_text *t)
{
	uint64_t i = text_hash(t, g->seed) % SLOTS;
	const struct flow_text *had;
	const char *p;
	uint32_t k;

	for (; (k = c->index->slot[i]) != 0; i = (i + 1) % SLOTS) {
		had = &c->text[k - 1];
		if (had->len == t->len &&
		    memcmp(had->p, t->len == 0 ? "" : t->p, t->len) == 0)
			return (k - 1);
	}
	if ((p = chunks_keep(&g->texts, t)) == NULL)
		return (UNKNOWN);
	c->text[c->ndict] = (struct flow_text){p, t->len};
	c->index->slot[i] = ++c->ndict;
	return (c->ndict - 1);
}

static uint32_t
put_value(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t k)
{
	if (c->type == CT_ADDR)
		return (put_addr(g, c, &v->addr[k]));
	return (put_text(g, c, &v->bytes[k]));
}

static void
fill_codes(struct gather *g, struct gather_column *c, uint32_t code, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		c->code[g->count + i] = (uint16_t)code;
}

/* Row i's number in the dictionary of a batch. */
static uint32_t
code_of(const struct vec *v, uint32_t i)
{
	return (v->kind == VEC_CODES ? v->codes[i] : 0);
}

/* What flows lack is as it was in the row before. */
static bool
carry_codes(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t from, uint32_t n)
{
	uint32_t i, k, last = g->count > 0 ? c->code[g->count - 1] : 0;
	bool has[BLOCK_SHAPES];

	(void)gather_present(g, c->id, has);
	memset(g->map, 0xff, v->ndict * sizeof(*g->map));
	for (i = 0; i < n; i++) {
		if (has[g->shape[i]]) {
			k = code_of(v, from + i);
			if (g->map[k] == UNKNOWN &&
			    (g->map[k] = put_value(g, c, v, k)) == UNKNOWN)
				return (false);
			last = g->map[k];
		}
		c->code[g->count + i] = (uint16_t)last;
	}
	return (true);
}

static bool
add_codes(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t from, uint32_t n)
{
	uint32_t i, k;

	if (v->kind == VEC_CONST) {
		if ((k = put_value(g, c, v, 0)) == UNKNOWN)
			return (false);
		fill_codes(g, c, k, n);
		return (true);
	}
	memset(g->map, 0xff, v->ndict * sizeof(*g->map));
	for (i = 0; i < n; i++) {
		k = v->codes[from + i];
		if (g->map[k] == UNKNOWN &&
		    (g->map[k] = put_value(g, c, v, k)) == UNKNOWN)
			return (false);
		c->code[g->count + i] = (uint16_t)g->map[k];
	}
	return (true);
}

static bool
take_codes(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t from, uint32_t n)
{
	if (v == NULL) {
		fill_codes(g, c, c->code[g->count - 1], n);
		return (true);
	}
	if (!in_set(&g->all, c->id))
		return (carry_codes(g, c, v, from, n));
	return (add_codes(g, c, v, from, n));
}

/* Numbers. */

static void
fill_numbers(uint64_t *to, uint64_t value, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		to[i] = value;
}

static void
copy_numbers(uint64_t *to, const struct vec *v, uint32_t from, uint32_t n)
{
	uint32_t i;

	if (v->kind == VEC_U64)
		memcpy(to, v->u64 + from, n * sizeof(*to));
	else if (v->kind == VEC_U32)
		for (i = 0; i < n; i++)
			to[i] = v->u32[from + i];
	else
		for (i = 0; i < n; i++)
			to[i] = v->num[v->codes[from + i]];
}

static void
expand(struct gather *g, struct gather_column *c)
{
	if (c->same)
		fill_numbers(c->num, c->num[0], g->count);
	c->same = false;
}

static void
add_number(struct gather *g, struct gather_column *c, uint64_t value,
    uint32_t n)
{
	if (c->same && c->num[0] == value)
		return;
	expand(g, c);
	fill_numbers(c->num + g->count, value, n);
}

/* What flows lack is as it was in the row before. */
static void
carry_numbers(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t from, uint32_t n)
{
	uint64_t last = c->num[c->same ? 0 : g->count - 1];
	bool has[BLOCK_SHAPES];
	uint32_t i;

	(void)gather_present(g, c->id, has);
	expand(g, c);
	for (i = 0; i < n; i++) {
		if (has[g->shape[i]])
			last = vec_number(v, from + i);
		c->num[g->count + i] = last;
	}
}

static void
take_numbers(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t from, uint32_t n)
{
	if (v == NULL)
		add_number(g, c, c->num[c->same ? 0 : g->count - 1], n);
	else if (!in_set(&g->all, c->id))
		carry_numbers(g, c, v, from, n);
	else if (v->kind == VEC_CONST)
		add_number(g, c, v->num[0], n);
	else {
		expand(g, c);
		copy_numbers(c->num + g->count, v, from, n);
	}
}

/* Shapes: the batch's numbers become ours. */

static int
shape_number(struct gather *g, const struct flow_set *s)
{
	uint32_t i;

	for (i = 0; i < g->nshapes; i++)
		if (memcmp(&g->shapes[i], s, sizeof(*s)) == 0)
			return ((int)i);
	if (g->nshapes == BLOCK_SHAPES)
		return (-1);
	g->shapes[g->nshapes++] = *s;
	return ((int)i);
}

/* The batch's shape k is one of ours; false: there are too many. */
static bool
take_shape(struct gather *g, const struct flow_set *s, uint32_t k)
{
	uint32_t w;
	int number;

	if (g->renumber[k] != UINT16_MAX)
		return (true);
	if ((number = shape_number(g, s)) == -1)
		return (false);
	g->renumber[k] = (uint16_t)number;
	for (w = 0; w < FLOW_WORDS; w++) {
		g->any.w[w] |= s->w[w];
		g->all.w[w] &= s->w[w];
	}
	return (true);
}

/* Those that its rows have, and no others. */
static bool
take_shapes(struct gather *g, struct batch *b, const struct vec *v,
    uint32_t from, uint32_t n)
{
	const struct flow_set *shapes;
	uint32_t i, k, nshapes, had = g->nshapes;

	shapes = batch_shapes(b, &nshapes);
	memset(g->renumber, 0xff, sizeof(g->renumber));
	memset(&g->any, 0, sizeof(g->any));
	memset(&g->all, 0xff, sizeof(g->all));
	for (i = 0; i < n; i++) {
		k = v == NULL ? 0 : (uint32_t)vec_number(v, from + i);
		if (!take_shape(g, &shapes[k], k)) {
			g->nshapes = had;
			return (false);
		}
		g->shape[i] = (uint8_t)g->renumber[k];
		if (v == NULL || v->kind == VEC_CONST)
			break;
	}
	return (true);
}

static void
add_shapes(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t n)
{
	uint32_t i;

	if (v == NULL || v->kind == VEC_CONST) {
		add_number(g, c, g->renumber[v == NULL ? 0 : v->num[0]], n);
		return;
	}
	expand(g, c);
	for (i = 0; i < n; i++)
		c->num[g->count + i] = g->shape[i];
}

/* All of it, before anything is taken. */
static enum block_err
decode(struct batch *b, const struct vec *v[BATCH_COLUMNS])
{
	enum block_err err;
	unsigned int i;

	for (i = 0; i < BATCH_COLUMNS; i++)
		if ((err = batch_column(b, slot_id(i), &v[i])) != BLOCK_OK)
			return (err);
	return (BLOCK_OK);
}

/* The first row of these that has it. */
static uint32_t
first_of(const struct gather *g, unsigned int id, uint32_t n)
{
	bool has[BLOCK_SHAPES];
	uint32_t i = 0;

	if (!in_set(&g->all, id) && !gather_present(g, id, has))
		while (i < n - 1 && !has[g->shape[i]])
			i++;
	return (i);
}

/* All before the first row that has it are as that. */
static bool
begin_column(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t from, uint32_t n)
{
	const uint32_t row = from + first_of(g, c->id, n);

	if (!reserve(c))
		return (false);
	c->used = c->same = true;
	if (is_number(c)) {
		c->num[0] =
		    c->id == COL_SHAPE ? g->shape[0] : vec_number(v, row);
		return (true);
	}
	memset(c->index, 0, sizeof(*c->index));
	memset(c->code, 0, g->count * sizeof(*c->code));
	return (put_value(g, c, v, code_of(v, row)) != UNKNOWN);
}

static bool
add_column(struct gather *g, unsigned int i, const struct vec *v, uint32_t from,
    uint32_t n)
{
	static const uint64_t none;
	static const struct addr no_addr;
	static const struct flow_text no_text = {"", 0};
	static const struct vec zero = {.kind = VEC_CONST,
	    .ndict = 1,
	    .num = &none,
	    .addr = &no_addr,
	    .bytes = &no_text};
	struct gather_column *c = &g->column[i];

	if (!in_set(&g->any, c->id))
		v = NULL;
	else if (v == NULL)
		v = &zero;
	if (!c->used && v == NULL)
		return (true);
	if (!c->used && !begin_column(g, c, v, from, n))
		return (false);
	if (c->id == COL_SHAPE)
		add_shapes(g, c, v, n);
	else if (is_number(c))
		take_numbers(g, c, v, from, n);
	else
		return (take_codes(g, c, v, from, n));
	return (true);
}

enum block_err
gather_take(struct gather *g, struct batch *b, uint32_t from, uint32_t *took)
{
	const struct vec *v[BATCH_COLUMNS];
	uint32_t n = batch_flows(b) - from;
	enum block_err err;
	unsigned int i;

	*took = 0;
	if ((err = decode(b, v)) != BLOCK_OK)
		return (err);
	if (n > BLOCK_FLOWS - g->count)
		n = BLOCK_FLOWS - g->count;
	if (n == 0)
		return (BLOCK_OK);
	if (!take_shapes(g, b, v[gather_slot(COL_SHAPE)], from, n))
		return (g->count == 0 ? BLOCK_HEADER : BLOCK_OK);
	for (i = 0; i < BATCH_COLUMNS; i++)
		if (!add_column(g, i, v[i], from, n))
			return (BLOCK_NOMEM);
	g->count += n;
	*took = n;
	return (BLOCK_OK);
}
