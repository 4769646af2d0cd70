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
#include <unistd.h>

#include "archive/member.h"
#include "archive/rows-column.h"
#include "archive/rows-state.h"
#include "archive/rows.h"
#include "field.h"

#define PROGRAMS BLOCK_SHAPES
#define SLOTS (2 * PROGRAMS)
#define TEXT_FLOW 16		/* bytes of text that each flow may have, ... */
#define TEXT_LEAST (128 * 1024) /* and all of them at least */

/* What a member is gathered by. */
enum way {
	C_U8,
	C_U16,
	C_U32,
	C_U64,
	C_RUN8,
	C_RUN16,
	C_RUN32,
	C_RUN64,
	C_ADDR,	 /* of one end: there are many */
	C_AGENT, /* likely the one before */
	C_BYTES,
	C_MAX
};

struct step {
	struct rows_column *c;
	void *to;     /* numbers: all rows' */
	uint32_t off; /* of the member */
};

/* How the flows of a set of fields are gathered: made once, kept for long. */
struct program {
	struct flow_set has;
	struct flow_set shape; /* of these what is kept */
	uint32_t epoch;	       /* of the rows that have its shape */
	uint32_t number;       /* of the shape, there */
	/* The ends of its steps: a way behind the other. */
	const struct step *end[C_MAX];
	struct step step[];
};

/* What is gathered as runs, of the last flow: equal in most. */
struct shared {
	int64_t recv_time, export_time;
	uint64_t sampler_id;
	uint32_t source_id, sequence, sys_uptime, sampling_rate;
	uint16_t version, engine_type, engine_id;
	uint8_t aggregation, sampling_algorithm, clock, sampling;
};

struct rows {
	uint32_t size;
	uint32_t n;
	bool full;
	struct program *now;	      /* the columns are ready for it */
	const struct program *shaped; /* whose the last row is */
	struct flow_set live;	      /* the columns of now */
	struct flow_set any;
	struct flow_set keep;
	uint32_t epoch; /* they were cleared so often */
	uint32_t nshapes;
	struct flow_set shapes[BLOCK_SHAPES];
	struct shared last;
	struct arena arena;
	uint64_t seed;
	uint32_t nprograms;
	struct program *programs[PROGRAMS];
	uint16_t slot[SLOTS]; /* of programs: 0 free, else place + 1 */
	struct rows_column *column[BATCH_COLUMNS];
	uint8_t order[BATCH_COLUMNS]; /* places of columns, by way */
};

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

static bool
set_has(const struct flow_set *s, unsigned int bit)
{
	return (s->w[bit / 64] >> bit % 64 & 1);
}

static bool
set_equal(const struct flow_set *a, const struct flow_set *b)
{
	uint64_t differ = 0;
	size_t i;

	for (i = 0; i < FLOW_WORDS; i++)
		differ |= a->w[i] ^ b->w[i];
	return (differ == 0);
}

static enum way
way_of(unsigned int id)
{
	enum way way;
	size_t i;

	if (id >= FLOW_NFIELDS)
		return (C_RUN8);
	way = ways[fields[id].type];
	for (i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (common[i] == id)
			return (way == C_ADDR ? C_AGENT : way + C_RUN8);
	return (way);
}

static unsigned int
id_of(unsigned int place)
{
	return (
	    place < FLOW_NFIELDS ? place : COL_SHAPE + (place - FLOW_NFIELDS));
}

static unsigned int
place_of(unsigned int id)
{
	return (id < COL_SHAPE ? id : FLOW_NFIELDS + (id - COL_SHAPE));
}

static uint16_t
offset_of(unsigned int id)
{
	if (id < FLOW_NFIELDS)
		return (fields[id].off);
	return ((uint16_t)(id == COL_CLOCK ? offsetof(struct flow, clock)
					   : offsetof(struct flow, sampling)));
}

static void
sort_columns(struct rows *r)
{
	unsigned int way, place;
	size_t n = 0;

	for (way = 0; way < C_MAX; way++)
		for (place = 0; place < BATCH_COLUMNS; place++)
			if (way_of(id_of(place)) == way)
				r->order[n++] = (uint8_t)place;
}

struct rows *
rows_new(uint32_t size, const struct flow_set *set)
{
	struct rows *r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	r->size = size < BLOCK_FLOWS ? size : BLOCK_FLOWS;
	r->epoch = 1;
	sort_columns(r);
	memset(&r->keep, 0xff, sizeof(r->keep));
	if (set != NULL)
		r->keep = *set;
	r->arena.size = TEXT_LEAST + (size_t)r->size * TEXT_FLOW;
	if (getentropy(&r->seed, sizeof(r->seed)) == -1 ||
	    (r->arena.p = malloc(r->arena.size)) == NULL) {
		rows_free(r);
		return (NULL);
	}
	return (r);
}

static void
forget_programs(struct rows *r)
{
	while (r->nprograms > 0)
		free(r->programs[--r->nprograms]);
	memset(r->slot, 0, sizeof(r->slot));
}

void
rows_free(struct rows *r)
{
	size_t i;

	if (r == NULL)
		return;
	forget_programs(r);
	for (i = 0; i < BATCH_COLUMNS; i++)
		column_free(r->column[i]);
	free(r->arena.p);
	free(r);
}

uint32_t
rows_count(const struct rows *r)
{
	return (r->n);
}

void
rows_clear(struct rows *r)
{
	size_t i;

	for (i = 0; i < BATCH_COLUMNS; i++)
		if (r->column[i] != NULL)
			column_clear(r->column[i]);
	r->n = r->nshapes = 0;
	r->full = false;
	r->now = NULL;
	r->shaped = NULL;
	memset(&r->live, 0, sizeof(r->live));
	memset(&r->any, 0, sizeof(r->any));
	r->arena.len = 0;
	r->epoch++;
	if (r->nprograms == PROGRAMS)
		forget_programs(r);
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
	    [C_RUN8] = {ROWS_RUNS, 0},
	    [C_RUN16] = {ROWS_RUNS, 0},
	    [C_RUN32] = {ROWS_RUNS, 0},
	    [C_RUN64] = {ROWS_RUNS, 0},
	    [C_ADDR] = {ROWS_IPV4, 4},
	    [C_AGENT] = {ROWS_CODES, 2},
	    [C_BYTES] = {ROWS_CODES, 2},
	};
	struct rows_column **c = &r->column[place_of(id)];

	if (*c != NULL)
		return (*c);
	*c = column_new(id, how[way_of(id)].kind, how[way_of(id)].width,
	    r->size, r->seed);
	return (*c);
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
				column_fill(r->column[bit], r->n);
			else
				column_leave(r->column[bit], r->n);
		}
	}
	r->live = *to;
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
		id = id_of(r->order[i]);
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

	if (r->nprograms == PROGRAMS || column_get(r, COL_SHAPE) == NULL)
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
	for (i = (h >> 32) % SLOTS; r->slot[i] != 0; i = (i + 1) % SLOTS)
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

/* The flow has other fields than the one before. */
static struct program *
change(struct rows *r, const struct flow *f)
{
	struct program *p = program_get(r, &f->has);

	if (p == NULL || !number_shape(r, p))
		return (NULL);
	switch_columns(r, &p->shape);
	if (r->n == 0) {
		column_fill(r->column[place_of(COL_CLOCK)], 0);
		column_fill(r->column[place_of(COL_SAMPLING)], 0);
	}
	r->now = p;
	return (p);
}

/* The first of some rows of that shape is there. */
static void
note_shape(struct rows *r, struct program *p)
{
	size_t i;

	p->epoch = r->epoch;
	if (p->number == r->nshapes)
		r->shapes[r->nshapes++] = p->shape;
	for (i = 0; i < FLOW_WORDS; i++)
		r->any.w[i] |= p->shape.w[i];
	column_run(r->column[place_of(COL_SHAPE)], p->number, r->n);
	r->shaped = p;
}

/* From where the way before ended; what is stored is no step. */
#define STEPS(p, s, stop, way) for (stop = (p)->end[way]; s < stop; s++)

static bool
put_addr(struct rows_column *c, const struct addr *a, uint32_t row)
{
	uint32_t code;

	if (c->kind == ROWS_IPV4) {
		if (a->family == ADDR_V4) {
			memcpy((uint8_t *)c->v + row * 4UL, a->b, 4);
			return (true);
		}
		column_codes(c, row);
	}
	if ((code = intern_addr(c, a)) == INTERN_FULL)
		return (false);
	((uint16_t *)c->v)[row] = (uint16_t)code;
	return (true);
}

static bool
put_agent(struct rows_column *c, const struct addr *a, uint32_t row)
{
	uint32_t code = c->index->last;

	if (code == 0 || !intern_same_addr(&c->addr[code], a))
		code = intern_addr(c, a);
	((uint16_t *)c->v)[row] = (uint16_t)code;
	return (code != INTERN_FULL);
}

static bool
put_bytes(struct rows *r, const struct step *s, const struct flow *f)
{
	char buf[MEMBER_MAX];
	uint32_t code = intern_bytes(s->c, &r->arena,
	    member_bytes(f, &fields[s->c->id], buf));

	((uint16_t *)s->to)[r->n] = (uint16_t)code;
	return (code != INTERN_FULL);
}

/* What may find no room: before anything else is put. */
static bool
put_values(struct rows *r, const struct program *p, const struct flow *f)
{
	const uint8_t *from = (const uint8_t *)f;
	const struct step *s = p->end[C_RUN64], *stop;

	STEPS(p, s, stop, C_ADDR)
	if (!put_addr(s->c, (const struct addr *)(from + s->off), r->n))
		return (false);
	STEPS(p, s, stop, C_AGENT)
	if (!put_agent(s->c, (const struct addr *)(from + s->off), r->n))
		return (false);
	STEPS(p, s, stop, C_BYTES)
	if (!put_bytes(r, s, f))
		return (false);
	return (true);
}

static void
put_numbers(const struct program *p, const struct flow *f, uint32_t row)
{
	const uint8_t *from = (const uint8_t *)f;
	const struct step *s = p->step, *stop;

	STEPS(p, s, stop, C_U8)
	((uint8_t *)s->to)[row] = from[s->off];
	STEPS(p, s, stop, C_U16)
	((uint16_t *)s->to)[row] = *(const uint16_t *)(from + s->off);
	STEPS(p, s, stop, C_U32)
	((uint32_t *)s->to)[row] = *(const uint32_t *)(from + s->off);
	STEPS(p, s, stop, C_U64)
	((uint64_t *)s->to)[row] = *(const uint64_t *)(from + s->off);
}

static inline void
put_run(struct rows_column *c, uint64_t value, uint32_t row)
{
	if (value != c->last)
		column_run(c, value, row);
}

static void
put_runs(const struct program *p, const struct flow *f, uint32_t row)
{
	const uint8_t *from = (const uint8_t *)f;
	const struct step *s = p->end[C_U64], *stop;

	STEPS(p, s, stop, C_RUN8)
	put_run(s->c, from[s->off], row);
	STEPS(p, s, stop, C_RUN16)
	put_run(s->c, *(const uint16_t *)(from + s->off), row);
	STEPS(p, s, stop, C_RUN32)
	put_run(s->c, *(const uint32_t *)(from + s->off), row);
	STEPS(p, s, stop, C_RUN64)
	put_run(s->c, *(const uint64_t *)(from + s->off), row);
}

static inline bool
is_shared(const struct shared *l, const struct flow *f)
{
	return (
	    ((uint64_t)(f->recv_time ^ l->recv_time) |
		(uint64_t)(f->export_time ^ l->export_time) |
		(f->sampler_id ^ l->sampler_id) |
		(f->source_id ^ l->source_id) | (f->sequence ^ l->sequence) |
		(f->sys_uptime ^ l->sys_uptime) |
		(f->sampling_rate ^ l->sampling_rate) |
		(uint64_t)(f->version ^ l->version) |
		(uint64_t)(f->engine_type ^ l->engine_type) |
		(uint64_t)(f->engine_id ^ l->engine_id) |
		(uint64_t)(f->aggregation ^ l->aggregation) |
		(uint64_t)(f->sampling_algorithm ^ l->sampling_algorithm) |
		(uint64_t)(f->clock ^ l->clock) |
		(uint64_t)(f->sampling ^ l->sampling)) == 0);
}

static void
share(struct shared *l, const struct flow *f)
{
	l->recv_time = f->recv_time;
	l->export_time = f->export_time;
	l->sampler_id = f->sampler_id;
	l->source_id = f->source_id;
	l->sequence = f->sequence;
	l->sys_uptime = f->sys_uptime;
	l->sampling_rate = f->sampling_rate;
	l->version = f->version;
	l->engine_type = f->engine_type;
	l->engine_id = f->engine_id;
	l->aggregation = f->aggregation;
	l->sampling_algorithm = f->sampling_algorithm;
	l->clock = f->clock;
	l->sampling = f->sampling;
}

bool
rows_add(struct rows *r, const struct flow *f)
{
	struct program *p = r->now;

	if (r->n == r->size || r->full)
		return (false);
	if ((p == NULL || !set_equal(&p->has, &f->has)) &&
	    (p = change(r, f)) == NULL) {
		r->full = true;
		return (false);
	}
	if (!put_values(r, p, f)) {
		r->full = true;
		return (false);
	}
	put_numbers(p, f, r->n);
	if (r->shaped != p || !is_shared(&r->last, f)) {
		put_runs(p, f, r->n);
		share(&r->last, f);
	}
	if (r->shaped != p)
		note_shape(r, p);
	r->n++;
	return (true);
}

const struct rows_column *
rows_column(const struct rows *r, unsigned int id)
{
	unsigned int place = place_of(id);
	struct rows_column *c;

	if (place >= BATCH_COLUMNS || r->n == 0 ||
	    (id < FLOW_NFIELDS && !set_has(&r->any, id)))
		return (NULL);
	c = r->column[place];
	column_settle(c, r->n,
	    place < FLOW_NFIELDS && set_has(&r->live, place));
	return (c);
}

const struct flow_set *
rows_shapes(const struct rows *r, uint32_t *n)
{
	*n = r->nshapes;
	return (r->shapes);
}
