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
#include "archive/rows-inside.h"
#include "field.h"

#define TEXT_FLOW 16		/* bytes of text that each flow may have, ... */
#define TEXT_LEAST (128 * 1024) /* and all of them at least */

struct rows *
rows_new(uint32_t size, const struct flow_set *set)
{
	struct rows *r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	r->size = size < BLOCK_FLOWS ? size : BLOCK_FLOWS;
	r->epoch = r->layout = 1;
	rows_sort(r);
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

void
rows_free(struct rows *r)
{
	size_t i;

	if (r == NULL)
		return;
	rows_forget_programs(r);
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
	r->wide = r->shaped = NULL;
	memset(&r->live, 0, sizeof(r->live));
	memset(&r->any, 0, sizeof(r->any));
	r->arena.len = 0;
	r->epoch++;
	r->layout++;
	if (r->nprograms == ROWS_PROGRAMS)
		rows_forget_programs(r);
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
	column_run(r->column[rows_place(COL_SHAPE)], p->number, r->n);
	r->shaped = p;
}

static bool
put_addr(struct rows *r, struct rows_column *c, const struct addr *a)
{
	uint32_t code;

	if (c->kind == ROWS_IPV4) {
		if (a->family == ADDR_V4) {
			memcpy((uint8_t *)c->v + r->n * 4UL, a->b, 4);
			return (true);
		}
		column_codes(c, r->n);
		r->layout++;
	}
	if ((code = intern_addr(c, a)) == INTERN_FULL)
		return (false);
	((uint16_t *)c->v)[r->n] = (uint16_t)code;
	return (true);
}

static bool
put_agent(struct rows *r, struct rows_column *c, const struct addr *a)
{
	uint32_t code = c->index->last;

	if (code == 0 || !intern_same_addr(&c->addr[code], a))
		code = intern_addr(c, a);
	((uint16_t *)c->v)[r->n] = (uint16_t)code;
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

bool
rows_put(struct rows *r, const struct step *s, enum way way,
    const struct flow *f)
{
	const void *from = (const uint8_t *)f + s->off;

	if (way == C_ADDR)
		return (put_addr(r, s->c, from));
	if (way == C_AGENT)
		return (put_agent(r, s->c, from));
	return (put_bytes(r, s, f));
}

/* What may find no room: before anything else is put. */
static bool
put_values(struct rows *r, const struct program *p, const struct flow *f)
{
	const uint8_t *from = (const uint8_t *)f;
	const struct step *s = p->end[C_RUN64], *stop;

	STEPS(p, s, stop, C_ADDR)
	if (!put_addr(r, s->c, (const struct addr *)(from + s->off)))
		return (false);
	STEPS(p, s, stop, C_AGENT)
	if (!put_agent(r, s->c, (const struct addr *)(from + s->off)))
		return (false);
	STEPS(p, s, stop, C_BYTES)
	if (!put_bytes(r, s, f))
		return (false);
	return (true);
}

/* Start or end: not put if the uptimes tell it. */
static void
put_end(struct rows *r, const struct step *s, const struct flow *f)
{
	bool start = s->c->id == FLOW_START;
	int64_t t = start ? f->start : f->end;

	if (s->c->kind == ROWS_UPTIMES) {
		/* Modulo 2^64: a time may be anything. */
		if ((uint64_t)t - (uint64_t)f->export_time ==
		    (uint64_t)flow_uptime_to_time(0, f->sys_uptime,
			start ? f->start_uptime : f->end_uptime))
			return;
		rows_reckon(r, s->c, r->n);
	}
	((int64_t *)s->to)[r->n] = t;
}

static void
put_numbers(struct rows *r, const struct program *p, const struct flow *f)
{
	const uint8_t *from = (const uint8_t *)f;
	const struct step *s = p->step, *stop;
	const uint32_t row = r->n;

	STEPS(p, s, stop, C_U8)
	((uint8_t *)s->to)[row] = from[s->off];
	STEPS(p, s, stop, C_U16)
	((uint16_t *)s->to)[row] = *(const uint16_t *)(from + s->off);
	STEPS(p, s, stop, C_U32)
	((uint32_t *)s->to)[row] = *(const uint32_t *)(from + s->off);
	STEPS(p, s, stop, C_U64)
	((uint64_t *)s->to)[row] = *(const uint64_t *)(from + s->off);
	STEPS(p, s, stop, C_ENDS)
	put_end(r, s, f);
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
	const struct step *s = p->end[C_ENDS], *stop;

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

static inline bool
is_as_last(const struct rows *r, const struct program *p, const struct flow *f)
{
	return (r->shaped == p && is_shared(&r->last, f));
}

void
rows_share(struct rows *r, struct program *p, const struct flow *f)
{
	if (is_as_last(r, p, f))
		return;
	put_runs(p, f, r->n);
	share(&r->last, f);
	if (r->shaped != p)
		note_shape(r, p);
}

bool
rows_add(struct rows *r, const struct flow *f)
{
	struct program *p = r->now;

	if (r->n == r->size || r->full)
		return (false);
	if ((p == NULL || !set_equal(&p->has, &f->has)) &&
	    (p = rows_ready(r, &f->has)) == NULL) {
		r->full = true;
		return (false);
	}
	if (r->wide != p)
		rows_widen(r, p);
	if (!put_values(r, p, f)) {
		r->full = true;
		return (false);
	}
	put_numbers(r, p, f);
	if (!is_as_last(r, p, f))
		rows_share(r, p, f);
	r->n++;
	return (true);
}

const struct rows_column *
rows_column(const struct rows *r, unsigned int id)
{
	unsigned int place = rows_place(id);
	struct rows_column *c;

	if (place >= BATCH_COLUMNS || r->n == 0 ||
	    (id < FLOW_NFIELDS && !set_has(&r->any, id)))
		return (NULL);
	c = r->column[place];
	if (c->kind == ROWS_UPTIMES && c->n < r->n && !set_has(&r->live, place))
		rows_reckon(r, c, c->n);
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
