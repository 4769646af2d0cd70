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

#include "archive/gather.h"
#include "archive/member.h"

#define SLOTS (2 * BLOCK_FLOWS) /* of an index: never more than half full */
#define CHUNK (256 * 1024)	/* bytes of texts: more than any one has */
#define UNKNOWN UINT32_MAX

/* Which value is where: 0, or its number and one. */
struct gather_index {
	uint32_t slot[SLOTS];
};

struct chunk {
	struct chunk *next;
	size_t used;
	char bytes[CHUNK];
};

struct gather {
	uint32_t count;
	uint32_t nshapes;
	struct flow_set shapes[BLOCK_SHAPES];
	uint16_t renumber[BATCH_SHAPES]; /* the batch's shapes */
	uint32_t map[BLOCK_FLOWS];	 /* the batch's dictionary */
	struct gather_column column[BATCH_COLUMNS];
	struct chunk *chunks; /* the first is in use, then the free ones */
	struct chunk *spent;
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

static void
free_chunks(struct chunk *c)
{
	struct chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
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
	free_chunks(g->chunks);
	free_chunks(g->spent);
	free(g);
}

void
gather_clear(struct gather *g)
{
	struct chunk *c;
	unsigned int i;

	for (i = 0; i < BATCH_COLUMNS; i++) {
		g->column[i].used = false;
		g->column[i].ndict = 0;
	}
	while ((c = g->spent) != NULL) {
		g->spent = c->next;
		c->next = g->chunks;
		g->chunks = c;
	}
	for (c = g->chunks; c != NULL; c = c->next)
		c->used = 0;
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

static const char *
keep_text(struct gather *g, const struct flow_text *t)
{
	struct chunk *c = g->chunks;
	char *p;

	if (c == NULL || CHUNK - c->used < t->len) {
		if (c == NULL || c->next == NULL) {
			if ((c = malloc(sizeof(*c))) == NULL)
				return (NULL);
			c->next = NULL;
		} else
			c = c->next;
		if (g->chunks != NULL) {
			g->chunks->next = g->spent;
			g->spent = g->chunks;
		}
		c->used = 0;
		g->chunks = c;
	}
	p = c->bytes + c->used;
	memcpy(p, t->len == 0 ? "" : t->p, t->len);
	c->used += t->len;
	return (p);
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
	if ((p = keep_text(g, t)) == NULL)
		return (UNKNOWN);
	c->text[c->ndict] = (struct flow_text){p, t->len};
	c->index->slot[i] = ++c->ndict;
	return (c->ndict - 1);
}

static uint32_t
put_value(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t k)
{
	static const struct addr no_addr;
	static const struct flow_text no_text;

	if (c->type == CT_ADDR)
		return (put_addr(g, c, v == NULL ? &no_addr : &v->addr[k]));
	return (put_text(g, c, v == NULL ? &no_text : &v->bytes[k]));
}

static bool
fill_codes(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t at, uint32_t n)
{
	uint32_t i, k = put_value(g, c, v, 0);

	if (k == UNKNOWN)
		return (false);
	for (i = 0; i < n; i++)
		c->code[at + i] = (uint16_t)k;
	return (true);
}

static bool
add_codes(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t from, uint32_t n)
{
	uint32_t i, k;

	if (v == NULL || v->kind == VEC_CONST)
		return (fill_codes(g, c, v, g->count, n));
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
add_numbers(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t from, uint32_t n)
{
	bool fill = v == NULL || v->kind == VEC_CONST;
	uint64_t value = v == NULL || !fill ? 0 : v->num[0];

	if (g->count == 0)
		c->same = fill;
	if (g->count == 0 && fill)
		c->num[0] = value;
	if (c->same && fill && c->num[0] == value)
		return;
	if (c->same)
		fill_numbers(c->num, c->num[0], g->count);
	c->same = false;
	if (fill)
		fill_numbers(c->num + g->count, value, n);
	else
		copy_numbers(c->num + g->count, v, from, n);
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

/* Those that its rows have, and no others. */
static bool
take_shapes(struct gather *g, struct batch *b, const struct vec *v,
    uint32_t from, uint32_t n)
{
	const struct flow_set *shapes;
	uint32_t i, k, nshapes, had = g->nshapes;
	int number;

	shapes = batch_shapes(b, &nshapes);
	memset(g->renumber, 0xff, sizeof(g->renumber));
	for (i = 0; i < n; i++) {
		k = v == NULL ? 0 : (uint32_t)vec_number(v, from + i);
		if (g->renumber[k] == UINT16_MAX) {
			if ((number = shape_number(g, &shapes[k])) == -1) {
				g->nshapes = had;
				return (false);
			}
			g->renumber[k] = (uint16_t)number;
		}
		if (v == NULL || v->kind == VEC_CONST)
			break;
	}
	return (true);
}

static void
add_shapes(struct gather *g, struct gather_column *c, const struct vec *v,
    uint32_t from, uint32_t n)
{
	uint64_t only = g->renumber[0];
	struct vec ours = {.kind = VEC_CONST, .type = CT_NUMBER, .num = &only};
	uint32_t i;

	if (v != NULL && v->kind != VEC_CONST) {
		if (c->same && g->count > 0)
			fill_numbers(c->num, c->num[0], g->count);
		c->same = false;
		for (i = 0; i < n; i++)
			c->num[g->count + i] =
			    g->renumber[vec_number(v, from + i)];
		return;
	}
	if (v != NULL)
		only = g->renumber[v->num[0]];
	add_numbers(g, c, &ours, from, n);
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

static bool
add_column(struct gather *g, unsigned int i, const struct vec *v, uint32_t from,
    uint32_t n)
{
	struct gather_column *c = &g->column[i];

	if (!reserve(c))
		return (false);
	if (!c->used) {
		c->used = true;
		c->same = true;
		if (is_number(c))
			c->num[0] = 0;
		else {
			memset(c->index, 0, sizeof(*c->index));
			if (g->count > 0 &&
			    !fill_codes(g, c, NULL, 0, g->count))
				return (false);
		}
	}
	if (c->id == COL_SHAPE)
		add_shapes(g, c, v, from, n);
	else if (is_number(c))
		add_numbers(g, c, v, from, n);
	else
		return (add_codes(g, c, v, from, n));
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
		if ((v[i] != NULL || g->column[i].used ||
			slot_id(i) == COL_SHAPE) &&
		    !add_column(g, i, v[i], from, n))
			return (BLOCK_NOMEM);
	g->count += n;
	*took = n;
	return (BLOCK_OK);
}
