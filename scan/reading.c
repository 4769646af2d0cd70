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
 * A reading: the jobs of its files, one after the other, each through the
 * question which rows of it are wanted.
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "query/select.h"
#include "scan/reading-state.h"

static void
tell(void *arg, enum scan_fault fault, const char *path, uint64_t offset,
    const char *what)
{
	struct reading *r = arg;

	if (r->o.tell == NULL || fault == SCAN_NOTE)
		return;
	if (fault == SCAN_LEFT)
		fault = SCAN_UNREAD;
	if (fault == SCAN_CUT && r->o.strict)
		fault = SCAN_DAMAGED;
	r->o.tell(r->o.arg, fault, path, offset == SCAN_NOWHERE ? 0 : offset,
	    what);
}

/* Once is for ever.  Who began it is asked, and no thread of ours. */
static bool
stop(void *arg)
{
	struct reading *r = arg;

	if (!r->stopped && r->o.stop != NULL &&
	    pthread_equal(pthread_self(), r->caller))
		r->stopped = r->o.stop(r->o.arg);
	return (r->stopped);
}

static bool
is_empty(const struct flow_set *set)
{
	size_t i;

	for (i = 0; i < FLOW_WORDS; i++)
		if (set->w[i] != 0)
			return (false);
	return (true);
}

static struct reading *new (const struct reading_options *o)
{
	struct reading *r;
	size_t i;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	r->o = *o;
	r->caller = pthread_self();
	scan_init(&r->scan);
	r->scan.since = o->since;
	r->scan.until = o->until;
	r->scan.strict = o->strict;
	r->scan.trust = o->trust;
	r->scan.fields_only = o->fields_only;
	/* Who asks counts them. */
	r->scan.reports = UINT_MAX;
	r->scan.tell = tell;
	r->scan.stop = stop;
	r->scan.arg = r;
	r->q = (struct question){.since = o->since,
	    .until = o->until,
	    .clauses = o->clauses,
	    .rules = o->rules,
	    .scale = o->scale,
	    .threads = 1};
	r->needs = o->needs;
	for (i = 0; i < FLOW_NFIELDS && is_empty(&o->needs); i++)
		r->needs.w[i / 64] |= (uint64_t)1 << i % 64;
	totals_init(&r->totals);
	return (r);
}

struct reading *
reading_new(char *const *paths, size_t n, const struct reading_options *o)
{
	struct reading *r;

	if ((r = new (o)) == NULL)
		return (NULL);
	files_find(&r->files, &r->scan, paths, n);
	if (!r->scan.nomem)
		return (r);
	reading_free(r);
	return (NULL);
}

struct reading *
reading_bytes(const void *p, size_t len, const char *name,
    const struct reading_options *o)
{
	struct reading *r;

	if ((r = new (o)) == NULL)
		return (NULL);
	if (files_bytes(&r->files, &r->scan, p, len, name))
		return (r);
	reading_free(r);
	return (NULL);
}

static void
finish_job(struct reading *r)
{
	if (r->working)
		feed_done(r->feed, &r->job);
	r->working = false;
}

void
reading_free(struct reading *r)
{
	if (r == NULL)
		return;
	/* What is still open has nothing more to tell. */
	r->o.tell = NULL;
	finish_job(r);
	feed_free(r->feed);
	select_free(r->select);
	batch_free(r->batch);
	files_clear(&r->files);
	free(r);
}

static bool
begin(struct reading *r)
{
	struct flow_set needs = r->needs, more = {{0}};
	size_t i;

	if (r->feed != NULL)
		return (true);
	if (r->select == NULL && (r->select = select_new(&r->q)) == NULL)
		return (false);
	if (r->batch == NULL && (r->batch = batch_new()) == NULL)
		return (false);
	batch_set_fetch(r->batch, segment_fetch, &r->job);
	select_needs(r->select, &more);
	for (i = 0; i < FLOW_WORDS; i++)
		needs.w[i] |= more.w[i];
	if (r->q.scale)
		needs.w[FLOW_SAMPLING_RATE / 64] |= (uint64_t)1
		    << FLOW_SAMPLING_RATE % 64;
	r->feed = feed_new(&r->scan, &r->files, &needs);
	return (r->feed != NULL);
}

/* All that may be asked for decodes, or nothing of the batch goes out. */
static enum block_err
decode_needs(struct reading *r)
{
	static const unsigned int others[] = {COL_SHAPE, COL_CLOCK,
	    COL_SAMPLING};
	const struct vec *v;
	enum block_err e;
	unsigned int i;
	struct plain plain;

	/* What is no block is whole. */
	if (!job_of_block(&r->job))
		return (BLOCK_OK);
	for (i = 0; i < FLOW_NFIELDS; i++) {
		if ((r->needs.w[i / 64] >> i % 64 & 1) == 0)
			continue;
		/* It may do as it lies there. */
		if ((e = batch_plain(r->batch, i, &plain)) == BLOCK_OK &&
		    plain.p == NULL)
			e = batch_column(r->batch, i, &v);
		if (e != BLOCK_OK)
			return (e);
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if ((e = batch_column(r->batch, others[i], &v)) != BLOCK_OK)
			return (e);
	return (BLOCK_OK);
}

static enum block_err
look(struct reading *r)
{
	enum block_err e;

	r->sel.n = 0;
	if (job_of_block(&r->job) && !select_block(r->select, &r->job.block)) {
		r->totals.blocks_skipped++;
		return (BLOCK_OK);
	}
	job_batch(&r->job, r->batch);
	if ((e = select_rows(r->select, r->batch, &r->sel)) != BLOCK_OK)
		return (e);
	return (r->sel.n == 0 ? BLOCK_OK : decode_needs(r));
}

static void
skip(struct reading *r, enum block_err e)
{
	const struct job *job = &r->job;

	r->sel.n = 0;
	if (e == BLOCK_NOMEM) {
		r->scan.nomem = true;
		return;
	}
	r->totals.damaged++;
	r->totals.damaged_bytes += job_of_block(job) ? job->block.len : 0;
	r->totals.damaged_records += job->flows;
	scan_say(&r->scan, SCAN_DAMAGED, job->path, job->offset,
	    "%s: %u flows skipped", block_strerror(e), job->flows);
}

int
reading_next(struct reading *r, struct batch **b, const struct sel **sel)
{
	enum block_err e;

	r->caller = pthread_self();
	/* A question took all there was. */
	if (r->asked)
		return (0);
	if (!begin(r))
		return (-1);
	for (finish_job(r); feed_next(r->feed, &r->job); finish_job(r)) {
		r->working = true;
		r->totals.blocks++;
		r->totals.records += r->job.flows;
		if ((e = look(r)) != BLOCK_OK)
			skip(r, e);
		if (r->scan.nomem)
			return (-1);
		if (r->sel.n == 0)
			continue;
		r->totals.matched += r->sel.n;
		r->sel.number = r->job.number;
		*b = r->batch;
		*sel = &r->sel;
		return (1);
	}
	return (r->scan.nomem ? -1 : 0);
}

const struct totals *
reading_totals(struct reading *r)
{
	struct totals *t = &r->totals;
	const struct damage *lost = &r->scan.damage;

	/* Of a question they were told as a whole. */
	if (r->feed == NULL)
		return (t);
	r->told = *t;
	t = &r->told;
	t->bytes = feed_bytes(r->feed);
	t->bytes_read = batch_bytes_read(r->batch) + r->scan.log_bytes;
	t->damaged += lost->places;
	t->damaged_bytes += lost->bytes;
	t->interrupted = r->stopped;
	return (t);
}

uint32_t
reading_store_fields(const struct reading *r)
{
	return (r->feed == NULL ? r->scan.fields : feed_fields(r->feed));
}
