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

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "query/anonymize.h"
#include "query/select.h"
#include "scan/pool.h"

const char scan_damaged[] = "a block is damaged";
static const char nomem[] = "out of memory";

/* Jobs that may be done while an earlier one is not. */
#define AHEAD 2

struct slot {
	bool done;
	struct outcome got;
};

struct pool {
	struct scan *scan;
	const struct question *q;
	const struct scan_options *o;
	struct consumer *c;
	struct feed *feed;
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
	struct pool *s;
	struct worker *w;
	pthread_t id;
	bool started;
};

/* What a job gave, in its turn, behind what was told before it was given. */
static const char *
put(struct pool *s, struct outcome *got, struct told *told)
{
	scan_tell_all(s->scan, told);
	if (got->error != NULL)
		return (got->error);
	spans_add(s->spans, &got->span);
	if (got->damage[0] != '\0')
		scan_say_now(s->scan, SCAN_DAMAGED, got->path, got->offset,
		    "%s", got->damage);
	if (got->out.len > 0 && s->c->put != NULL)
		return (s->c->put(s->c->arg, got->out.p, got->out.len));
	return (NULL);
}

static void
fail(struct pool *s, const char *error)
{
	if (error != NULL && s->error == NULL)
		s->error = error;
	if (error != NULL)
		s->stopped = true;
}

/* All that are done and whose turn it is.  The lock is held. */
static void
put_ready(struct pool *s)
{
	struct slot *slot = &s->slots[s->next_out % s->nslots];
	const char *error;
	struct told *told;

	if (s->putting)
		return;
	s->putting = true;
	for (; slot->done && !s->stopped;
	     slot = &s->slots[s->next_out % s->nslots]) {
		told = scan_told(s->scan, s->next_out);
		(void)pthread_mutex_unlock(&s->lock);
		error = put(s, &slot->got, told);
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
get_job(struct pool *s, struct worker *w)
{
	if (s->stopped || !feed_next(s->feed, &w->job))
		return (false);
	s->totals.records += w->job.limit;
	if (s->o->progress != NULL)
		s->o->progress(s->o->arg, feed_bytes(s->feed),
		    s->totals.records);
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
	struct pool *s = t->s;
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
all_needs(struct pool *s, const struct select *select)
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
make_threads(struct pool *s, size_t n)
{
	struct thread *threads;
	size_t i;

	if ((threads = calloc(n, sizeof(*threads))) == NULL)
		return (NULL);
	for (i = 0; i < n; i++) {
		threads[i].s = s;
		threads[i].w = scan_worker_new(s->q, s->o, s->c);
		if (threads[i].w == NULL)
			break;
	}
	if (i == n)
		return (threads);
	while (i-- > 0)
		(void)scan_worker_end(threads[i].w, s->c);
	free(threads);
	return (NULL);
}

/* Every worker's state goes into one, whatever came before. */
static void
merge(struct pool *s, struct thread *threads, size_t n)
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
scan_end(struct pool *s)
{
	const struct damage *lost = &s->scan->damage;

	s->totals.bytes = feed_bytes(s->feed);
	s->totals.bytes_read += s->scan->log_bytes;
	s->totals.damaged += lost->places;
	s->totals.damaged_bytes += lost->bytes;
	if ((!spans_end(s->spans, &s->totals) || s->scan->nomem) &&
	    s->error == NULL)
		s->error = nomem;
	s->totals.interrupted = !s->scan->follow && scan_stopped(s->scan);
	s->scan->fields |= feed_fields(s->feed);
	feed_free(s->feed);
	if (s->error == NULL && s->c->finish != NULL)
		s->error = s->c->finish(s->c->arg, &s->totals);
	if (s->o->totalled != NULL)
		*s->o->totalled = s->totals;
	return (s->error);
}

static void
clear_slots(struct pool *s)
{
	size_t i;

	for (i = 0; i < s->nslots && s->slots != NULL; i++) {
		outbuf_clear(&s->slots[i].got.out);
		span_clear(&s->slots[i].got.span);
	}
	free(s->slots);
	s->slots = NULL;
}

static void
pool_clear(struct pool *s)
{
	clear_slots(s);
	(void)pthread_cond_destroy(&s->moved);
	(void)pthread_mutex_destroy(&s->lock);
}

/* NULL: no memory. */
static struct thread *
pool_init(struct pool *s, struct files *files)
{
	size_t i, n = s->q->threads;
	struct thread *threads;
	struct flow_set needs;

	totals_init(&s->totals);
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->moved, NULL);
	s->nslots = n == 1 ? 1 : AHEAD * n;
	if ((s->slots = calloc(s->nslots, sizeof(*s->slots))) == NULL ||
	    (threads = make_threads(s, n)) == NULL)
		return (NULL);
	needs = all_needs(s, threads[0].w->select);
	for (i = 0; i < n; i++) {
		threads[i].w->needs = needs;
		threads[i].w->spans = true;
	}
	s->spans = spans_new(s->scan, &s->lock);
	s->feed = feed_new(s->scan, files, &needs);
	if (s->spans != NULL && s->feed != NULL)
		return (threads);
	if (s->spans != NULL)
		(void)spans_end(s->spans, &s->totals);
	feed_free(s->feed);
	merge(s, threads, n);
	return (NULL);
}

const char *
scan_run(struct scan *scan, const struct question *q,
    const struct scan_options *o, struct files *files, struct consumer *c)
{
	struct pool s = {.scan = scan, .q = q, .o = o, .c = c};
	struct thread *threads;
	const char *error = nomem;

	if ((threads = pool_init(&s, files)) != NULL) {
		scan->ahead = true;
		run_all(threads, q->threads);
		scan->ahead = false;
		scan_tell_all(scan, scan_told(scan, UINT64_MAX));
		merge(&s, threads, q->threads);
		clear_slots(&s);
		error = scan_end(&s);
	}
	pool_clear(&s);
	return (error);
}
