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
 * Sets of fields become programs, and columns come and go with them.
 */

#include <stdlib.h>
#include <string.h>

#include "archive/rows-column.h"
#include "archive/rows-inside.h"
#include "field.h"

/* clang-format off */
static const enum way ways[FT_MAX] = {
	[FT_U8] = C_U8,
	[FT_U16] = C_U16,
	[FT_U32] = C_U32,
	[FT_U64] = C_U64,
	[FT_TIME] = C_U64,
	[FT_ADDR] = C_ADDR,
	[FT_MAC] = C_BYTES,
	[FT_APPID] = C_BYTES,
	[FT_LABELS] = C_BYTES,
	[FT_TEXT] = C_BYTES,
};

/* What the flows of a datagram have in common. */
static const enum flow_field common[] = {
	FLOW_RECV_TIME, FLOW_AGENT, FLOW_VERSION, FLOW_SOURCE_ID,
	FLOW_SEQUENCE, FLOW_EXPORT_TIME, FLOW_SYS_UPTIME, FLOW_ENGINE_TYPE,
	FLOW_ENGINE_ID, FLOW_AGGREGATION, FLOW_SAMPLING_RATE,
	FLOW_SAMPLING_ALGORITHM, FLOW_SAMPLER_ID, FLOW_EXPORTER,
};
/* clang-format on */

static enum way
way_of(unsigned int id)
{
	enum way way;
	size_t i;

	if (id >= FLOW_NFIELDS)
		return (C_RUN8);
	if (id == FLOW_START || id == FLOW_END)
		return (C_ENDS);
	way = ways[fields[id].type];
	for (i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (common[i] == id)
			return (way == C_ADDR ? C_AGENT : way + C_RUN8);
	return (way);
}

static uint16_t
offset_of(unsigned int id)
{
	if (id < FLOW_NFIELDS)
		return (fields[id].off);
	return ((uint16_t)(id == COL_CLOCK ? offsetof(struct flow, clock)
					   : offsetof(struct flow, sampling)));
}

void
rows_sort(struct rows *r)
{
	unsigned int way, place;
	size_t n = 0;

	for (way = 0; way < C_MAX; way++)
		for (place = 0; place < BATCH_COLUMNS; place++)
			if (way_of(rows_id(place)) == way)
				r->order[n++] = (uint8_t)place;
}

void
rows_forget_programs(struct rows *r)
{
	rows_forget_plans(r);
	while (r->nprograms > 0)
		free(r->programs[--r->nprograms]);
	memset(r->slot, 0, sizeof(r->slot));
}

static struct rows_column *
column_get(struct rows *r, unsigned int id)
{
	static const struct {
		enum rows_kind kind;
		uint8_t width;
	} how[C_MAX] = {
	    [C_U8] = {ROWS_NUMBERS, 1},
	    [C_U16] = {ROWS_NUMBERS, 2},
	    [C_U32] = {ROWS_NUMBERS, 4},
	    [C_U64] = {ROWS_NUMBERS, 8},
	    [C_ENDS] = {ROWS_NUMBERS, 8},
	    [C_RUN8] = {ROWS_RUNS, 0},
	    [C_RUN16] = {ROWS_RUNS, 0},
	    [C_RUN32] = {ROWS_RUNS, 0},
	    [C_RUN64] = {ROWS_RUNS, 0},
	    [C_ADDR] = {ROWS_IPV4, 4},
	    [C_AGENT] = {ROWS_CODES, 2},
	    [C_BYTES] = {ROWS_CODES, 2},
	};
	struct rows_column **c = &r->column[rows_place(id)];

	if (*c != NULL)
		return (*c);
	*c = column_new(id, how[way_of(id)].kind, how[way_of(id)].width,
	    r->size, r->seed);
	return (*c);
}

/* A gap in what uptimes tell: they have to be told for it. */
static void
fill(struct rows *r, struct rows_column *c, uint32_t row)
{
	const enum rows_kind kind = c->kind;

	if (c->kind == ROWS_UPTIMES && c->n < row)
		rows_reckon(r, c, c->n);
	column_fill(c, row);
	/* Records that move addresses as they are must not, into codes. */
	if (c->kind != kind)
		r->layout++;
}

/* Columns that come and go with the shape. */
static void
switch_columns(struct rows *r, const struct flow_set *to)
{
	uint64_t w;
	unsigned int bit;
	size_t i;

	for (i = 0; i < FLOW_WORDS; i++) {
		for (w = r->live.w[i] ^ to->w[i]; w != 0; w &= w - 1) {
			bit = (unsigned int)(i * 64) +
			    (unsigned int)__builtin_ctzll(w);
			if (set_has(to, bit))
				fill(r, r->column[bit], r->n);
			else
				column_leave(r->column[bit], r->n);
		}
	}
	r->live = *to;
}

/* Does its shape have all that tells one end, FLOW_START or FLOW_END? */
static bool
uptimes_tell(const struct program *p, unsigned int end)
{
	const unsigned int stamp =
	    end == FLOW_START ? FLOW_START_UPTIME : FLOW_END_UPTIME;

	return (set_has(&p->shape, end) && set_has(&p->shape, stamp) &&
	    set_has(&p->shape, FLOW_EXPORT_TIME) &&
	    set_has(&p->shape, FLOW_SYS_UPTIME));
}

/* Uptimes may tell it from the first row on, or not any more. */
static void
switch_end(struct rows *r, const struct program *p, unsigned int end)
{
	struct rows_column *c = r->column[end];
	bool tell = uptimes_tell(p, end);

	if (!set_has(&p->shape, end))
		return;
	if (r->n == 0 && tell != (c->kind == ROWS_UPTIMES)) {
		c->kind = tell ? ROWS_UPTIMES : ROWS_NUMBERS;
		r->layout++;
	} else if (c->kind == ROWS_UPTIMES && !tell) {
		rows_reckon(r, c, r->n);
	}
}

void
rows_widen(struct rows *r, const struct program *p)
{
	const struct step *s;

	for (s = p->step; s < p->end[C_U64]; s++) {
		s->c->need = s->c->full;
		if (s->c->width == s->c->full)
			continue;
		column_widen(s->c, r->n, s->c->full);
		r->layout++;
	}
	r->wide = p;
}

static bool
wanted(const struct program *p, unsigned int id)
{
	if (id >= FLOW_NFIELDS)
		return (id != COL_SHAPE);
	return (set_has(&p->shape, id));
}

static int
compile(struct rows *r, struct program *p)
{
	struct rows_column *c;
	unsigned int id;
	size_t i, n = 0, way;

	for (way = 0; way < C_MAX; way++)
		p->end[way] = p->step;
	for (i = 0; i < BATCH_COLUMNS; i++) {
		id = rows_id(r->order[i]);
		if (!wanted(p, id))
			continue;
		if ((c = column_get(r, id)) == NULL)
			return (-1);
		p->step[n++] = (struct step){c, c->v, offset_of(id)};
		for (way = way_of(id); way < C_MAX; way++)
			p->end[way] = p->step + n;
	}
	return (0);
}

static struct program *
program_new(struct rows *r, const struct flow_set *has)
{
	struct program *p;
	size_t i;

	if (r->nprograms == ROWS_PROGRAMS || column_get(r, COL_SHAPE) == NULL)
		return (NULL);
	p = calloc(1, sizeof(*p) + (FLOW_NFIELDS + 2) * sizeof(p->step[0]));
	if (p == NULL)
		return (NULL);
	p->has = *has;
	for (i = 0; i < FLOW_WORDS; i++)
		p->shape.w[i] = has->w[i] & r->keep.w[i];
	if (compile(r, p) == -1) {
		free(p);
		return (NULL);
	}
	r->programs[r->nprograms++] = p;
	return (p);
}

static struct program *
program_get(struct rows *r, const struct flow_set *has)
{
	uint64_t h = r->seed;
	struct program *p;
	size_t i;

	for (i = 0; i < FLOW_WORDS; i++)
		h = (h ^ has->w[i]) * UINT64_C(0x9e3779b97f4a7c15);
	for (i = (h >> 32) % ROWS_SLOTS; r->slot[i] != 0;
	     i = (i + 1) % ROWS_SLOTS)
		if (set_equal(&r->programs[r->slot[i] - 1]->has, has))
			return (r->programs[r->slot[i] - 1]);
	if ((p = program_new(r, has)) != NULL)
		r->slot[i] = (uint16_t)r->nprograms;
	return (p);
}

/* Two programs have one shape if they differ in what is not kept. */
static bool
number_shape(struct rows *r, struct program *p)
{
	uint32_t i;

	if (p->epoch == r->epoch)
		return (true);
	for (i = 0; i < r->nshapes; i++)
		if (set_equal(&r->shapes[i], &p->shape))
			break;
	if (i == BLOCK_SHAPES)
		return (false);
	p->number = i;
	p->epoch = i < r->nshapes ? r->epoch : 0;
	return (true);
}

struct program *
rows_ready(struct rows *r, const struct flow_set *has)
{
	struct program *p = program_get(r, has);

	if (p == NULL || !number_shape(r, p))
		return (NULL);
	switch_columns(r, &p->shape);
	switch_end(r, p, FLOW_START);
	switch_end(r, p, FLOW_END);
	if (r->n == 0) {
		column_fill(r->column[rows_place(COL_CLOCK)], 0);
		column_fill(r->column[rows_place(COL_SAMPLING)], 0);
	}
	r->now = p;
	r->wide = NULL;
	return (p);
}
