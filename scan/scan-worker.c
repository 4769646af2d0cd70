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
 * A job through the question: which rows, are their columns whole, what is
 * nobody's business, and then to who answers.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scan/pool.h"

static void
worker_free(struct worker *w)
{
	select_free(w->select);
	batch_free(w->batch);
	anonymize_free(w->anonymize);
	rows_free(w->masked);
	batch_free(w->masked_batch);
	free(w);
}

struct worker *
scan_worker_new(const struct question *q, const struct scan_options *o,
    struct consumer *c)
{
	struct worker *w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (NULL);
	w->q = q;
	w->o = o;
	w->c = c;
	totals_init(&w->totals);
	if ((w->select = select_new(q)) == NULL ||
	    (w->batch = batch_new()) == NULL ||
	    (o->anonymize != NULL &&
		(w->anonymize = anonymize_new(o->anonymize)) == NULL) ||
	    (o->store_mask != STORE_ALL &&
		((w->masked = rows_new(BLOCK_FLOWS, NULL)) == NULL ||
		    (w->masked_batch = batch_new()) == NULL)) ||
	    (w->state = c->begin(c->arg)) == NULL) {
		worker_free(w);
		return (NULL);
	}
	select_needs(w->select, &w->asked);
	batch_set_fetch(w->batch, segment_fetch, &w->job);
	return (w);
}

const char *
scan_worker_end(struct worker *w, struct consumer *c)
{
	const char *error = c->merge(c->arg, w->state);

	select_merge(w->select);
	worker_free(w);
	return (error);
}

static void
note_damage(struct worker *w, struct outcome *got, enum block_err e)
{
	const struct job *job = &w->job;

	if (e == BLOCK_NOMEM) {
		got->error = "out of memory";
		return;
	}
	got->out.len = 0;
	span_reset(&got->span);
	w->totals.damaged++;
	w->totals.damaged_bytes += job_of_block(job) ? job->block.len : 0;
	w->totals.damaged_records += job->flows;
	got->path = job->path;
	got->offset = job->offset;
	(void)snprintf(got->damage, sizeof(got->damage), "%s: %u flows skipped",
	    block_strerror(e), job->flows);
}

/* All that the consumer needs decodes, or nothing of the block is used. */
static enum block_err
decode_needs(const struct flow_set *needs, struct batch *b)
{
	const struct vec *v;
	enum block_err e;
	unsigned int i;

	for (i = 0; i < FLOW_NFIELDS; i++)
		if ((needs->w[i / 64] >> i % 64 & 1) != 0 &&
		    (e = batch_column(b, i, &v)) != BLOCK_OK)
			return (e);
	return (batch_column(b, COL_SHAPE, &v));
}

/* The first rows of the batch only. */
static void
cut(struct sel *sel, uint32_t limit)
{
	while (sel->n > 0 && sel_row(sel, sel->n - 1) >= limit)
		sel->n = sel->row == NULL ? limit : sel->n - 1;
}

void
scan_limit(struct flow *f, uint32_t mask)
{
	size_t i;

	for (i = 0; i < FLOW_NFIELDS; i++) {
		uint32_t group = fields[i].store;
		const struct addr *a;

		if (group == 0 || !flow_has(f, fields[i].bit))
			continue;
		if (fields[i].type == FT_ADDR) {
			a = field_cptr(f, &fields[i]);
			/* The bit for IPv6 is the next one above. */
			group &= a->family == ADDR_V6 ? group << 1 : group >> 1;
		}
		if ((mask & group) == 0)
			flow_unset(f, fields[i].bit);
	}
	if ((mask & STORE_FLOW_TIMES) == 0) {
		flow_unset(f, FLOW_START);
		flow_unset(f, FLOW_END);
	}
}

/* Only the fields that the store lines of -f name go on. */
static enum block_err
mask(struct worker *w, struct batch **b, struct sel *sel)
{
	struct flow flow;
	enum block_err e;
	uint32_t i;

	rows_clear(w->masked);
	for (i = 0; i < sel->n; i++) {
		e = batch_row(*b, sel_row(sel, i), NULL, &flow);
		if (e != BLOCK_OK)
			return (e);
		scan_limit(&flow, w->o->store_mask);
		if (!rows_add(w->masked, &flow))
			return (BLOCK_NOMEM);
	}
	batch_set_rows(w->masked_batch, w->masked);
	*b = w->masked_batch;
	*sel = (struct sel){.n = sel->n, .number = sel->number};
	return (BLOCK_OK);
}

/* Times that a segment's header does not tell are left for later. */
static enum block_err
count_times(struct worker *w, struct batch *b, const struct sel *sel,
    struct span *span)
{
	const struct block *block = batch_block(b);

	if (!w->spans || block == NULL || w->job.map == NULL ||
	    w->job.copy != NULL)
		return (totals_times(&w->totals, b, sel));
	return (span_set(span, block, sel, sel->n == block->flows)
		? BLOCK_OK
		: BLOCK_NOMEM);
}

static enum block_err
count(struct worker *w, struct batch *b, const struct sel *sel,
    struct span *span)
{
	struct totals part;
	enum block_err e;

	totals_init(&part);
	if (!w->o->totals)
		part.matched = sel->n;
	else if ((e = totals_rows(&part, b, sel, !w->q->scale)) != BLOCK_OK ||
	    (e = count_times(w, b, sel, span)) != BLOCK_OK)
		return (e);
	totals_merge(&w->totals, &part);
	return (BLOCK_OK);
}

/* Rows that were selected. */
static enum block_err
answer(struct worker *w, struct batch *b, struct sel *sel, struct outcome *got)
{
	enum block_err e;

	/* Not before: often no row is selected. */
	if (job_of_block(&w->job))
		segment_want(&w->job, &w->needs);
	if (w->o->store_mask != STORE_ALL && (e = mask(w, &b, sel)) != BLOCK_OK)
		return (e);
	if (!w->o->headers && (e = decode_needs(&w->c->needs, b)) != BLOCK_OK)
		return (e);
	if (w->anonymize != NULL &&
	    (e = anonymize_batch(w->anonymize, b, sel, &w->c->needs)) !=
		BLOCK_OK)
		return (e);
	if ((e = count(w, b, sel, &got->span)) != BLOCK_OK)
		return (e);
	got->error = w->c->take(w->state, b, sel, &got->out);
	if (got->error != scan_damaged)
		return (BLOCK_OK);
	got->error = NULL;
	return (BLOCK_COLUMN);
}

/* Is each of its flows within the times? */
static bool
in_window(const struct question *q, const struct block *b)
{
	if (q->since == INT64_MIN && q->until == INT64_MAX)
		return (true);
	return (b->timed && b->first >= q->since && b->last < q->until);
}

/* Nothing but sums is asked for, and of all flows. */
static bool
by_header(struct worker *w)
{
	return (w->o->headers && job_of_block(&w->job) &&
	    w->job.limit == w->job.flows && in_window(w->q, &w->job.block) &&
	    totals_block(&w->totals, &w->job.block));
}

static enum block_err
look(struct worker *w, struct outcome *got)
{
	struct sel sel;
	enum block_err e;

	if ((e = select_rows(w->select, w->batch, &sel)) != BLOCK_OK)
		return (e);
	sel.number = w->job.number;
	cut(&sel, w->job.limit);
	return (sel.n == 0 ? BLOCK_OK : answer(w, w->batch, &sel, got));
}

void
scan_worker_do(struct worker *w, struct outcome *got)
{
	uint64_t before = batch_bytes_read(w->batch);
	enum block_err e;

	got->error = NULL;
	got->damage[0] = '\0';
	got->out.len = 0;
	span_reset(&got->span);
	w->totals.blocks++;
	if (by_header(w))
		return;
	if (job_of_block(&w->job) && !select_block(w->select, &w->job.block)) {
		w->totals.blocks_skipped++;
		return;
	}
	if (job_of_block(&w->job))
		segment_want(&w->job, &w->asked);
	job_batch(&w->job, w->batch);
	if ((e = look(w, got)) != BLOCK_OK)
		note_damage(w, got, e);
	w->totals.bytes_read += batch_bytes_read(w->batch) - before;
	span_take(&got->span, &w->job);
}
