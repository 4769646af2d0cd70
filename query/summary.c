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

#include "query/derive.h"
#include "query/summary-state.h"
#include "query/summary.h"

#define CHUNK 1024 /* rows at a time: they stay in the cache */
/* The columns of a batch; NULL: no flow has it. */
struct columns {
	const struct vec *flows, *packets, *octets, *start, *end, *duration;
	const struct vec *protocol, *agent, *rate;
};

/* Those rows of them. */
struct chunk {
	uint32_t n;
	uint64_t flows[CHUNK], packets[CHUNK], octets[CHUNK];
	uint64_t other[CHUNK];
};

struct worker {
	struct summary summary;
	struct derive *derive;
	struct chunk chunk;
	struct sums batch;
	struct sums *codes; /* of a dictionary's values */
};

static void
summary_clear(struct summary *s)
{
	tally_clear(&s->agents);
	tally_clear(&s->rates);
}

static void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	summary_clear(&w->summary);
	derive_free(w->derive);
	free(w->codes);
	free(w);
}

static void *
begin(void *arg)
{
	struct worker *w;

	(void)arg;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (NULL);
	w->summary.first = INT64_MAX;
	w->summary.last = INT64_MIN;
	w->codes = calloc(BLOCK_FLOWS, sizeof(*w->codes));
	if ((w->derive = derive_new()) == NULL || w->codes == NULL) {
		worker_free(w);
		return (NULL);
	}
	return (w);
}

static const char *
find_columns(struct worker *w, struct batch *b, struct columns *c)
{
	const struct {
		enum quantity quantity;
		const struct vec **vec;
	} derived[] = {{Q_FLOWS, &c->flows}, {Q_PACKETS, &c->packets},
	    {Q_OCTETS, &c->octets}, {Q_START, &c->start}, {Q_END, &c->end},
	    {Q_DURATION, &c->duration}};
	const struct {
		enum flow_field field;
		const struct vec **vec;
	} stored[] = {{FLOW_PROTOCOL, &c->protocol}, {FLOW_AGENT, &c->agent},
	    {FLOW_SAMPLING_RATE, &c->rate}};
	enum block_err err;
	size_t i;

	for (i = 0; i < sizeof(derived) / sizeof(derived[0]); i++) {
		err = derive_quantity(w->derive, b, derived[i].quantity,
		    derived[i].vec);
		if (err != BLOCK_OK)
			return (block_strerror(err));
	}
	for (i = 0; i < sizeof(stored) / sizeof(stored[0]); i++) {
		err = batch_column(b, stored[i].field, stored[i].vec);
		if (err != BLOCK_OK)
			return (block_strerror(err));
	}
	return (NULL);
}

/* Numbers of the rows from one on. */
static void
gather(const struct vec *v, const struct sel *sel, uint32_t from, uint32_t n,
    uint64_t *to)
{
	uint32_t i;

	switch (v->kind) {
	case VEC_CONST:
		for (i = 0; i < n; i++)
			to[i] = v->num[0];
		break;
	case VEC_CODES:
		for (i = 0; i < n; i++)
			to[i] = v->num[v->codes[sel_row(sel, from + i)]];
		break;
	case VEC_U32:
		for (i = 0; i < n; i++)
			to[i] = v->u32[sel_row(sel, from + i)];
		break;
	case VEC_U64:
		for (i = 0; i < n; i++)
			to[i] = v->u64[sel_row(sel, from + i)];
		break;
	}
}

static struct sums
total(const struct chunk *k)
{
	struct sums s = {.records = k->n};
	uint32_t i;

	for (i = 0; i < k->n; i++) {
		s.flows += k->flows[i];
		s.packets += k->packets[i];
		s.octets += k->octets[i];
	}
	return (s);
}

static inline void
add_row(struct sums *s, const struct chunk *k, uint32_t i)
{
	s->records++;
	s->flows += k->flows[i];
	s->packets += k->packets[i];
	s->octets += k->octets[i];
}

static void
by_protocol(struct worker *w, const struct vec *v, const struct sel *sel,
    uint32_t from, const struct sums *sums)
{
	struct chunk *k = &w->chunk;
	struct sums *p = w->summary.protocols;
	uint32_t i;

	if (v == NULL || v->kind == VEC_CONST) {
		sums_add(&p[v == NULL ? 0 : v->num[0] % PROTOCOLS], sums);
		return;
	}
	gather(v, sel, from, k->n, k->other);
	for (i = 0; i < k->n; i++)
		add_row(&p[k->other[i] % PROTOCOLS], k, i);
}

/* By the code of a dictionary; codes_end() adds them up. */
static void
by_code(struct worker *w, const struct vec *v, const struct sel *sel,
    uint32_t from)
{
	const struct chunk *k = &w->chunk;
	uint32_t i;

	for (i = 0; i < k->n; i++)
		add_row(&w->codes[v->codes[sel_row(sel, from + i)]], k, i);
}

static struct addr
key_of(const struct vec *v, uint32_t code)
{
	return (
	    v->type == CT_ADDR ? v->addr[code] : tally_number(v->num[code]));
}

/* What by_code() found. */
static const char *
codes_end(struct worker *w, struct tally *t, const struct vec *v)
{
	const char *error = NULL;
	struct addr key;
	uint32_t code;

	for (code = 0; code < v->ndict && error == NULL; code++) {
		if (w->codes[code].records == 0)
			continue;
		key = key_of(v, code);
		error = tally_add(t, &key, &w->codes[code]);
		w->codes[code] = (struct sums){0};
	}
	return (error);
}

/* Numbers as they are: rows that follow one another have mostly the same. */
static const char *
by_number(struct worker *w, struct tally *t, const struct vec *v,
    const struct sel *sel, uint32_t from)
{
	struct chunk *k = &w->chunk;
	const char *error = NULL;
	struct sums run = {0};
	struct addr key;
	uint32_t i;

	gather(v, sel, from, k->n, k->other);
	for (i = 0; i < k->n && error == NULL; i++) {
		add_row(&run, k, i);
		if (i + 1 < k->n && k->other[i + 1] == k->other[i])
			continue;
		key = tally_number(k->other[i]);
		error = tally_add(t, &key, &run);
		run = (struct sums){0};
	}
	return (error);
}

static void
counters(struct worker *w, const struct columns *c, const struct sel *sel,
    uint32_t at)
{
	struct chunk *k = &w->chunk;

	k->n = sel->n - at < CHUNK ? sel->n - at : CHUNK;
	gather(c->flows, sel, at, k->n, k->flows);
	gather(c->packets, sel, at, k->n, k->packets);
	gather(c->octets, sel, at, k->n, k->octets);
}

/*
 * All rows by a key; of a batch with one key only, the sums are known.  Who
 * has none has the same one in every batch.
 */
static const char *
by_key(struct worker *w, struct tally *t, const struct vec *v,
    const struct columns *c, const struct sel *sel)
{
	const char *error = NULL;
	struct addr key;
	uint32_t at;

	if (v == NULL || v->kind == VEC_CONST) {
		key = v != NULL		      ? key_of(v, 0)
		    : t == &w->summary.agents ? (struct addr){0}
					      : tally_number(0);
		return (tally_add(t, &key, &w->batch));
	}
	for (at = 0; at < sel->n && error == NULL; at += w->chunk.n) {
		counters(w, c, sel, at);
		if (v->kind == VEC_CODES)
			by_code(w, v, sel, at);
		else
			error = by_number(w, t, v, sel, at);
	}
	return (v->kind == VEC_CODES ? codes_end(w, t, v) : error);
}

/* Rounded down; a double has room for all digits below 2^53. */
static inline uint64_t
per(uint64_t octets, uint64_t packets)
{
	if (octets >> 53 == 0 && packets >> 53 == 0)
		return ((uint64_t)((double)octets / (double)packets));
	return (octets / packets);
}

static void
spreads(struct worker *w)
{
	struct percentile *p = w->summary.spreads;
	const struct chunk *k = &w->chunk;
	uint32_t i;

	for (i = 0; i < k->n; i++) {
		if (k->octets[i] != 0)
			percentile_add(&p[SP_OCTETS], k->octets[i]);
		if (k->packets[i] == 0)
			continue;
		percentile_add(&p[SP_PACKETS], k->packets[i]);
		if (k->octets[i] != 0)
			percentile_add(&p[SP_BPP],
			    per(k->octets[i], k->packets[i]));
	}
}

static void
times(struct worker *w, const struct columns *c, const struct sel *sel,
    uint32_t from)
{
	struct summary *s = &w->summary;
	struct chunk *k = &w->chunk;
	uint64_t *other = k->other;
	uint32_t i;

	gather(c->start, sel, from, k->n, other);
	for (i = 0; i < k->n; i++)
		if ((int64_t)other[i] < s->first && other[i] != 0)
			s->first = (int64_t)other[i];
	gather(c->end, sel, from, k->n, other);
	for (i = 0; i < k->n; i++)
		if ((int64_t)other[i] > s->last && other[i] != 0)
			s->last = (int64_t)other[i];
	gather(c->duration, sel, from, k->n, other);
	for (i = 0; i < k->n; i++)
		percentile_add(&s->spreads[SP_DURATION], other[i]);
}

static const char *
take(void *worker, struct batch *b, const struct sel *sel, struct outbuf *out)
{
	struct worker *w = worker;
	struct summary *s = &w->summary;
	const char *error;
	struct sums sums;
	struct columns c;
	uint32_t at;

	(void)out;
	if (sel->n == 0)
		return (NULL);
	if ((error = find_columns(w, b, &c)) != NULL)
		return (error);
	w->batch = (struct sums){0};
	for (at = 0; at < sel->n; at += w->chunk.n) {
		counters(w, &c, sel, at);
		sums = total(&w->chunk);
		sums_add(&w->batch, &sums);
		by_protocol(w, c.protocol, sel, at, &sums);
		spreads(w);
		times(w, &c, sel, at);
	}
	sums_add(&s->all, &w->batch);
	if ((error = by_key(w, &s->agents, c.agent, &c, sel)) != NULL)
		return (error);
	return (by_key(w, &s->rates, c.rate, &c, sel));
}

/* All workers */

struct summing {
	struct consumer consumer;
	struct summary summary;
	struct sheet *sheet;
};

static const char *
merge(void *arg, void *worker)
{
	struct summing *g = arg;
	struct worker *w = worker;
	struct summary *to = &g->summary, *from = &w->summary;
	const char *error;
	size_t i;

	sums_add(&to->all, &from->all);
	for (i = 0; i < PROTOCOLS; i++)
		sums_add(&to->protocols[i], &from->protocols[i]);
	for (i = 0; i < SP_MAX; i++)
		percentile_merge(&to->spreads[i], &from->spreads[i]);
	if (from->first < to->first)
		to->first = from->first;
	if (from->last > to->last)
		to->last = from->last;
	if ((error = tally_merge(&to->agents, &from->agents)) == NULL)
		error = tally_merge(&to->rates, &from->rates);
	worker_free(w);
	return (error);
}

static const char *
finish(void *arg, const struct totals *totals)
{
	struct summing *g = arg;
	const char *error;

	if ((error = summary_print(&g->summary, g->sheet)) != NULL)
		return (error);
	return (sheet_end(g->sheet, totals));
}

static void
summing_free(struct consumer *c)
{
	struct summing *g = c == NULL ? NULL : c->arg;

	if (g != NULL)
		summary_clear(&g->summary);
	free(g);
}

struct consumer *
summary_consumer(const struct question *q, struct sheet *sheet)
{
	static const enum quantity derived[] = {Q_FLOWS, Q_PACKETS, Q_OCTETS,
	    Q_START, Q_END, Q_DURATION};
	static const enum flow_field stored[] = {FLOW_PROTOCOL, FLOW_AGENT,
	    FLOW_SAMPLING_RATE};
	struct summing *g;
	size_t i;

	(void)q;
	if ((g = calloc(1, sizeof(*g))) == NULL)
		return (NULL);
	g->sheet = sheet;
	g->summary.first = INT64_MAX;
	g->summary.last = INT64_MIN;
	g->consumer = (struct consumer){.arg = g,
	    .begin = begin,
	    .take = take,
	    .merge = merge,
	    .finish = finish,
	    .free = summing_free};
	for (i = 0; i < sizeof(derived) / sizeof(derived[0]); i++)
		derive_needs(derived[i], &g->consumer.needs);
	for (i = 0; i < sizeof(stored) / sizeof(stored[0]); i++)
		g->consumer.needs.w[stored[i] / 64] |= (uint64_t)1
		    << stored[i] % 64;
	return (&g->consumer);
}
