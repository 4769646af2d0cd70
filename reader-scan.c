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
 * The pool: workers take jobs from the feed, put them through the question,
 * and what they print comes out in the order of the jobs.  One worker needs no
 * thread.
 */

#include <err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "query/anonymize.h"
#include "query/select.h"
#include "reader-scan.h"
#include "reader-worker.h"

const char scan_damaged[] = "a block is damaged";
const char scan_unread[] = "nobody reads standard output";

/* Jobs that may be done while an earlier one is not. */
#define AHEAD 2

struct slot {
	bool done;
	struct outcome got;
};

struct scan {
	struct reader *r;
	const struct question *q;
	const struct scan_options *o;
	struct consumer *c;
	struct feed *feed;
	struct gauge *progress;
	struct totals totals;
	struct spans *spans;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct slot *slots;
	size_t nslots;
	uint64_t next_out; /* the job that comes out next */
	bool putting;	   /* somebody does */
	bool stopped;	   /* no more need to be done */
	const char *error;
};

struct thread {
	struct scan *s;
	struct worker *w;
	pthread_t id;
	bool started;
};

/* What a job gave, in its turn. */
static const char *
put(struct scan *s, struct outcome *got)
{
	if (got->error == NULL)
		spans_add(s->spans, &got->span);
	if (got->error == NULL && got->damage[0] != '\0') {
		warnx("%s", got->damage);
		reader_note(s->r, READER_DAMAGED);
	}
	if (got->out.len > 0 && s->c->put != NULL)
		return (s->c->put(s->c->arg, got->out.p, got->out.len));
	return (NULL);
}

static void
fail(struct scan *s, const char *error)
{
	if (error != NULL && s->error == NULL)
		s->error = error;
	if (error != NULL)
		s->stopped = true;
}

/* All that are done and whose turn it is.  The lock is held. */
static void
put_ready(struct scan *s)
{
	struct slot *slot = &s->slots[s->next_out % s->nslots];
	const char *error;

	if (s->putting)
		return;
	s->putting = true;
	for (; slot->done && !s->stopped;
	     slot = &s->slots[s->next_out % s->nslots]) {
		(void)pthread_mutex_unlock(&s->lock);
		error = slot->got.error;
		if (error == NULL)
			error = put(s, &slot->got);
		(void)pthread_mutex_lock(&s->lock);
		fail(s, error);
		slot->done = false;
		slot->got.out.len = 0;
		s->next_out++;
		if (s->c->enough != NULL && s->c->enough(s->c->arg))
			s->stopped = true;
		(void)pthread_cond_broadcast(&s->moved);
	}
	s->putting = false;
}

/* The next job, when there is room for what it gives.  The lock is held. */
static bool
get_job(struct scan *s, struct worker *w)
{
	if (s->stopped || !feed_next(s->feed, &w->job))
		return (false);
	s->totals.records += w->job.limit;
	gauge_show(s->progress, feed_bytes(s->feed), s->totals.records);
	while (w->job.number >= s->next_out + s->nslots && !s->stopped)
		(void)pthread_cond_wait(&s->moved, &s->lock);
	if (!s->stopped)
		return (true);
	feed_done(s->feed, &w->job);
	return (false);
}

static void *
run(void *arg)
{
	struct thread *t = arg;
	struct scan *s = t->s;
	struct slot *slot;

	(void)pthread_mutex_lock(&s->lock);
	while (get_job(s, t->w)) {
		slot = &s->slots[t->w->job.number % s->nslots];
		(void)pthread_mutex_unlock(&s->lock);
		scan_worker_do(t->w, &slot->got);
		(void)pthread_mutex_lock(&s->lock);
		feed_done(s->feed, &t->w->job);
		slot->done = true;
		put_ready(s);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return (NULL);
}

static void
run_all(struct thread *threads, size_t n)
{
	size_t i;

	/* One that cannot be had is no loss: the others do its work. */
	for (i = 1; i < n; i++)
		threads[i].started =
		    pthread_create(&threads[i].id, NULL, run, &threads[i]) == 0;
	(void)run(&threads[0]);
	for (i = 1; i < n; i++)
		if (threads[i].started)
			(void)pthread_join(threads[i].id, NULL);
}

/* All columns that the question looks at. */
static struct flow_set
all_needs(struct scan *s, const struct select *select)
{
	static const enum flow_field counted[] = {FLOW_FLOWS, FLOW_PACKETS,
	    FLOW_OCTETS, FLOW_START, FLOW_END};
	struct flow_set needs = s->c->needs, more = {{0}};
	size_t i;

	select_needs(select, &more);
	for (i = 0; i < FLOW_WORDS; i++)
		needs.w[i] |= more.w[i];
	for (i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		if (s->o->totals)
			needs.w[counted[i] / 64] |= (uint64_t)1
			    << counted[i] % 64;
	if (s->q->scale)
		needs.w[FLOW_SAMPLING_RATE / 64] |= (uint64_t)1
		    << FLOW_SAMPLING_RATE % 64;
	return (needs);
}

static struct thread *
make_threads(struct scan *s, size_t n)
{
	struct thread *threads;
	size_t i;

	if ((threads = calloc(n, sizeof(*threads))) == NULL)
		err(READER_FAILED, NULL);
	for (i = 0; i < n; i++) {
		threads[i].s = s;
		threads[i].w = scan_worker_new(s->q, s->o, s->c);
		if (threads[i].w == NULL)
			err(READER_FAILED, NULL);
	}
	return (threads);
}

/* Every worker's state goes into one, whatever came before. */
static void
merge(struct scan *s, struct thread *threads, size_t n)
{
	uint64_t records = s->totals.records;
	const char *error;
	size_t i;

	for (i = 0; i < n; i++) {
		totals_merge(&s->totals, &threads[i].w->totals);
		error = scan_worker_end(threads[i].w, s->c);
		if (s->error == NULL)
			s->error = error;
	}
	s->totals.records = records;
	free(threads);
}

static const char *
scan_end(struct scan *s)
{
	const struct damage *lost = &s->r->damage;

	s->totals.bytes = feed_bytes(s->feed);
	s->totals.bytes_read += s->r->log_bytes;
	s->totals.damaged += lost->places;
	s->totals.damaged_bytes += lost->bytes;
	if (!spans_end(s->spans, &s->totals) && s->error == NULL)
		s->error = "out of memory";
	s->totals.interrupted = reader_stop != 0 && !s->r->follow;
	feed_free(s->feed);
	gauge_end(s->progress);
	if (s->error == NULL && s->c->finish != NULL)
		s->error = s->c->finish(s->c->arg, &s->totals);
	reader_tell_totals(s->r, &s->totals);
	return (s->error);
}

const char *
scan_run(struct reader *r, const struct question *q,
    const struct scan_options *o, struct files *files, struct consumer *c)
{
	struct scan s = {.r = r, .q = q, .o = o, .c = c};
	size_t i, n = q->threads;
	struct thread *threads;
	struct flow_set needs;

	totals_init(&s.totals);
	(void)pthread_mutex_init(&s.lock, NULL);
	(void)pthread_cond_init(&s.moved, NULL);
	s.nslots = n == 1 ? 1 : AHEAD * n;
	if ((s.slots = calloc(s.nslots, sizeof(*s.slots))) == NULL)
		err(READER_FAILED, NULL);
	threads = make_threads(&s, n);
	needs = all_needs(&s, threads[0].w->select);
	for (i = 0; i < n; i++) {
		threads[i].w->needs = needs;
		threads[i].w->spans = true;
	}
	s.spans = spans_new(r, &s.lock);
	s.feed = feed_new(r, files, &needs);
	s.progress = gauge_begin(o->progress, files->bytes);
	run_all(threads, n);
	merge(&s, threads, n);
	for (i = 0; i < s.nslots; i++) {
		outbuf_clear(&s.slots[i].got.out);
		span_clear(&s.slots[i].got.span);
	}
	free(s.slots);
	return (scan_end(&s));
}
