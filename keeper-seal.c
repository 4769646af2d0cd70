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
 * Which segments become one, and what happens with them then.
 */

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/block.h"
#include "keep.h"
#include "log.h"

#define LOOK 5	   /* seconds between two looks when nothing changes */
#define BACKOFF 30 /* seconds behind the first failure */
#define BACKOFF_MAX 3600
#define HELD 2 /* seconds until somebody who writes may have gone */
/* A process that takes longer than that is stuck, however busy the machine. */
#define PATIENCE 3600	     /* seconds */
#define SLOWEST (256 * 1024) /* bytes a second behind that */
/* What comes out is smaller, or as large without compression: never that. */
#define LARGEST 4
#define LARGEST_LEAST (16 * 1024 * 1024)

void
keep_job_clear(struct keep_job *j)
{
	size_t i;

	for (i = 0; j->fds != NULL && i < j->n; i++)
		if (j->fds[i] != -1)
			close(j->fds[i]);
	if (j->on && j->output != -1)
		close(j->output);
	free(j->fds);
	free(j->in);
	*j = (struct keep_job){.output = -1};
}

bool
keep_in_job(const struct keeper *k, const struct kept *e)
{
	return (
	    k->job.on && shelf_within(e, k->job.out.start, k->job.out.span));
}

/* Planning. */

struct plan {
	int64_t start;
	uint32_t span;
	size_t n;     /* segments in it */
	bool live;    /* one of them is not sealed */
	bool blocked; /* somebody writes there, or it failed lately */
};

static struct plan
survey(const struct keeper *k, const struct keeper_now *now, int64_t start,
    uint32_t span)
{
	struct plan p = {.start = start, .span = span};
	struct shelf_range r = shelf_range(&k->shelf, start, span);
	const struct kept *e;
	size_t i;

	/* While its time goes on there may be more. */
	p.blocked = now->wall >= start && now->wall < start + span;
	for (i = r.from; i < r.to && !p.blocked; i++) {
		e = &k->shelf.seg[i];
		if (!shelf_within(e, start, span))
			continue;
		p.n++;
		p.live = p.live || e->name.kind == SEG_LIVE;
		p.blocked = e->open || e->name.kind == SEG_SEAL ||
		    e->retry > now->second;
	}
	return (p);
}

/*
 * More than one process can be given become one in steps: a part of the span
 * that divides it, which has several.
 */
static bool
narrow(const struct keeper *k, const struct keeper_now *now, struct plan *p)
{
	static const uint32_t parts[] = {2, 3, 5, 0};
	struct plan part;
	uint32_t span, i;
	size_t n;

	while (p->n > SEAL_INPUTS) {
		for (i = 0; parts[i] != 0 && p->span % parts[i] != 0; i++)
			;
		if (parts[i] == 0)
			return (false);
		span = p->span / parts[i];
		for (n = 0; n < parts[i]; n++) {
			part = survey(k, now, p->start + (int64_t)(n * span),
			    span);
			if (!part.blocked && part.n > 1)
				break;
		}
		if (n == parts[i])
			return (false);
		*p = part;
	}
	return (true);
}

/* Segments that were written and are complete: the oldest. */
static bool
plan_seal(const struct keeper *k, const struct keeper_now *now, struct plan *p)
{
	const struct segname *done = NULL;
	const struct kept *e;
	size_t i;

	for (i = 0; i < k->shelf.n; i++) {
		e = &k->shelf.seg[i];
		if (e->name.kind != SEG_LIVE || e->open)
			continue;
		/* Of copies, the first stands for all. */
		if (done != NULL && done->start == e->name.start &&
		    done->span == e->name.span)
			continue;
		done = &e->name;
		*p = survey(k, now, e->name.start, e->name.span);
		if (!p->blocked && narrow(k, now, p))
			return (true);
	}
	return (false);
}

static bool
plan_merge(const struct keeper *k, const struct keeper_now *now, struct plan *p)
{
	uint32_t merge = k->conf.merge;
	int64_t start, done = INT64_MIN;
	size_t i;

	for (i = 0; merge != 0 && i < k->shelf.n; i++) {
		start = k->shelf.seg[i].name.start;
		start -= start % merge;
		if (start == done)
			continue;
		done = start;
		*p = survey(k, now, start, merge);
		if (!p->blocked && !p->live && p->n > 1 && narrow(k, now, p))
			return (true);
	}
	return (false);
}

/* Taking a job. */

static void
put_off(struct kept *e, const struct keeper_now *now)
{
	unsigned int doublings = e->failures < 7 ? e->failures : 7;
	int64_t wait = (int64_t)BACKOFF << doublings;

	e->failures++;
	e->retry = now->second + (wait < BACKOFF_MAX ? wait : BACKOFF_MAX);
}

/* A file with the name that it will have, which somebody put there. */
static bool
adopt(struct keeper *k, const struct plan *p)
{
	struct kept e = {.name = {.start = p->start,
			     .span = p->span,
			     .copy = 1,
			     .kind = SEG_FLOW}};
	struct stat st;
	int fd, bad;

	if (shelf_get(&k->shelf, &e.name) != NULL ||
	    (fd = segdir_read(&k->at, &e.name)) == -1)
		return (true);
	bad = fstat(fd, &st);
	close(fd);
	if (bad == -1)
		return (false);
	e.size = (uint64_t)st.st_size;
	return (shelf_add(&k->shelf, &e) == 0);
}

static int
gather(struct keep_job *j, const struct shelf *s)
{
	struct shelf_range r = shelf_range(s, j->out.start, j->out.span);
	size_t i;

	j->in = calloc(r.to - r.from, sizeof(*j->in));
	j->fds = calloc(r.to - r.from, sizeof(*j->fds));
	if (j->in == NULL || j->fds == NULL)
		return (-1);
	for (i = r.from; i < r.to && j->n < SEAL_INPUTS; i++)
		if (shelf_within(&s->seg[i], j->out.start, j->out.span)) {
			j->fds[j->n] = -1;
			j->in[j->n++] = s->seg[i].name;
		}
	return (0);
}

/* Nobody writes to it any more: it has what it will have. */
static int
measure(struct keep_job *j, size_t i, const struct kept *e)
{
	struct stat st;

	if (fstat(j->fds[i], &st) == -1)
		return (-1);
	j->bytes += (uint64_t)st.st_size;
	j->flows += e->flows;
	return (0);
}

/* -1: not now.  What is gone is forgotten. */
static int
open_inputs(struct keeper *k, const struct keeper_now *now)
{
	struct keep_job *j = &k->job;
	char name[SEGNAME_MAX];
	struct kept *e;
	size_t i;

	for (i = 0; i < j->n; i++) {
		e = shelf_get(&k->shelf, &j->in[i]);
		if ((j->fds[i] = segdir_read(&k->at, &j->in[i])) == -1) {
			if (errno == ENOENT) {
				shelf_drop(&k->shelf,
				    shelf_find(&k->shelf, &j->in[i]));
				k->look = true;
				return (-1);
			}
			if (e->failures == 0)
				log_warn("archive %s: %s", k->conf.dir,
				    keep_name(&j->in[i], name));
			k->stats->seal_failed++;
			put_off(e, now);
			return (-1);
		}
		/* A collector that lost its parent ends in a moment. */
		if (j->in[i].kind == SEG_LIVE && !segdir_unheld(j->fds[i])) {
			e->retry = now->second + HELD;
			return (-1);
		}
		if (measure(j, i, e) == -1) {
			put_off(e, now);
			return (-1);
		}
	}
	return (0);
}

static int
open_output(struct keeper *k)
{
	struct keep_job *j = &k->job;

	j->output = segdir_create(&k->at, &j->out);
	if (j->output == -1 && errno == EEXIST &&
	    segdir_remove(&k->at, &j->out) == 0)
		j->output = segdir_create(&k->at, &j->out);
	return (j->output == -1 ? -1 : 0);
}

static bool
take(struct keeper *k, const struct keeper_now *now, const struct plan *p)
{
	struct keep_job *j = &k->job;
	struct kept *e;

	if (!adopt(k, p))
		return (false);
	*j = (struct keep_job){.on = true, .output = -1};
	j->out = (struct segname){.start = p->start,
	    .span = p->span,
	    .copy = 1,
	    .kind = SEG_TMP};
	if (gather(j, &k->shelf) == -1 || j->n == 0 ||
	    open_inputs(k, now) == -1) {
		keep_job_clear(j);
		return (false);
	}
	if (open_output(k) == 0)
		return (true);
	e = shelf_get(&k->shelf, &j->in[0]);
	if (e->failures == 0)
		log_warn("archive %s: nothing can be sealed", k->conf.dir);
	k->stats->seal_failed++;
	put_off(e, now);
	keep_job_clear(j);
	return (false);
}

/* What was renamed, but not to the end. */
void
keep_finish_all(struct keeper *k)
{
	struct segname seal;
	size_t i;

	for (i = 0; i < k->shelf.n; i++)
		if (k->shelf.seg[i].name.kind == SEG_SEAL) {
			seal = k->shelf.seg[i].name;
			if (keep_finish(k, &seal) == 0)
				i = (size_t)-1;
		}
}

bool
keeper_seal(struct keeper *k, const struct keeper_now *now,
    struct sealing_job *job)
{
	struct plan p;

	if (k->job.on || (!k->look && now->second < k->look_at))
		return (false);
	k->look = false;
	k->look_at = now->second + LOOK;
	keep_finish_all(k);
	if ((!plan_seal(k, now, &p) && !plan_merge(k, now, &p)) ||
	    !take(k, now, &p))
		return (false);
	k->job.until =
	    now->second + PATIENCE + (int64_t)(k->job.bytes / SLOWEST);
	*job = (struct sealing_job){.level = k->conf.level,
	    .most = LARGEST_LEAST + k->job.bytes * LARGEST,
	    .output = k->job.output,
	    .inputs = k->job.fds,
	    .ninputs = k->job.n};
	return (true);
}

void
keeper_seal_started(struct keeper *k)
{
	struct keep_job *j = &k->job;
	size_t i;

	for (i = 0; i < j->n; i++)
		close(j->fds[i]);
	free(j->fds);
	j->fds = NULL;
}

/* The end of a job. */

int
keep_finish(struct keeper *k, const struct segname *seal)
{
	struct shelf_range r = shelf_range(&k->shelf, seal->start, seal->span);
	struct kept *e = shelf_get(&k->shelf, seal), flow;
	size_t i;

	if (e == NULL)
		return (-1);
	flow = *e;
	flow.name.kind = SEG_FLOW;
	for (i = r.to; i > r.from; i--) {
		struct segname name = k->shelf.seg[i - 1].name;

		/* That nobody writes there was seen to. */
		if (k->shelf.seg[i - 1].open || !segname_covers(seal, &name))
			continue;
		if (keep_remove(k, &name) == -1)
			return (-1);
	}
	if (segdir_rename(&k->at, seal, &flow.name) == -1)
		return (-1);
	shelf_drop(&k->shelf, shelf_find(&k->shelf, seal));
	return (shelf_add(&k->shelf, &flow));
}

static void
job_failed(struct keeper *k, const struct keeper_now *now, const char *what,
    int error)
{
	struct kept *e = shelf_get(&k->shelf, &k->job.in[0]);
	char name[SEGNAME_MAX];

	(void)segdir_remove(&k->at, &k->job.out);
	if (k->job.cancelled)
		return;
	k->stats->seal_failed++;
	/* Once each, not each time. */
	if (e == NULL || e->failures == 0)
		log_warnx("archive %s: %s is not sealed: %s%s%s", k->conf.dir,
		    keep_name(&k->job.in[0], name), what,
		    error != 0 ? ": " : "", error != 0 ? strerror(error) : "");
	if (e != NULL)
		put_off(e, now);
}

static void
count(struct keeper *k, const struct reseal_totals *t)
{
	struct stats_archive *s = k->stats;
	char name[SEGNAME_MAX];
	size_t i;

	for (i = 0; i < k->job.n; i++)
		if (k->job.in[i].kind == SEG_LIVE)
			s->sealed++;
		else
			s->merged++;
	s->sealed_flows += t->flows_out;
	s->sealed_from += t->bytes_in;
	s->sealed_to += t->bytes_out;
	s->damaged += t->damaged;
	s->damaged_bytes += t->damaged_bytes;
	if (t->damaged > 0)
		log_warnx("archive %s: %s: %" PRIu64 " damaged places, %" PRIu64
			  " bytes and at least %" PRIu64 " flows left out",
		    k->conf.dir, keep_name(&k->job.in[0], name), t->damaged,
		    t->damaged_bytes, t->damaged_flows);
}

/* All in order on disk: it takes the place of the others. */
static void
job_done(struct keeper *k, const struct keeper_now *now,
    const struct reseal_totals *t)
{
	struct kept e = {.name = k->job.out, .size = t->bytes_out};
	size_t i;

	if (t->flows_out == 0) {
		(void)segdir_remove(&k->at, &k->job.out);
		for (i = 0; i < k->job.n; i++)
			(void)keep_remove(k, &k->job.in[i]);
		count(k, t);
		return;
	}
	e.name.kind = SEG_SEAL;
	if (segdir_rename(&k->at, &k->job.out, &e.name) == -1 ||
	    shelf_add(&k->shelf, &e) == -1) {
		job_failed(k, now, "cannot be renamed", errno);
		return;
	}
	count(k, t);
	if (keep_finish(k, &e.name) == -1)
		log_warn("archive %s: sealed, but not all is removed that "
			 "was sealed",
		    k->conf.dir);
}

/* The parent looks at no more of a segment than this. */
static bool
begins_well(const struct keeper *k)
{
	static const char want[] = BLOCK_MAGIC;
	char head[BLOCK_MAGICLEN];
	ssize_t n;
	int fd;

	if ((fd = segdir_read(&k->at, &k->job.out)) == -1)
		return (false);
	n = pread(fd, head, sizeof(head), 0);
	close(fd);
	return (n > 0 && memcmp(head, want, (size_t)n) == 0);
}

/*
 * What is wrong with the output; NULL: nothing.  A segment that its writer did
 * not complete may have damage, and nobody gets more out of it later.  A sealed
 * one has none, or is of a later version than we know.  What the process says
 * may be lies, and so may what the collector counted: neither of the two alone
 * makes a segment go away for less than it had.
 */
static const char *
objection(const struct keeper *k, const struct reseal_totals *t)
{
	struct stat st;
	bool live = false;
	size_t i;

	for (i = 0; i < k->job.n; i++)
		live = live || k->job.in[i].kind == SEG_LIVE;
	if (fstat(k->job.output, &st) == -1 ||
	    (uint64_t)st.st_size != t->bytes_out ||
	    t->bytes_in != k->job.bytes || t->flows_out != t->flows_in)
		return ("what came out is not what went in");
	if (t->damaged > 0 &&
	    (!live || t->flows_out == 0 || t->flows_out < k->job.flows / 2))
		return ("it is damaged");
	if (t->damaged == 0 &&
	    (t->flows_out < k->job.flows ||
		(t->flows_out == 0 && k->job.bytes > 0)))
		return ("flows are missing");
	if (t->bytes_out > 0 && !begins_well(k))
		return ("what came out is no segment");
	return (fsync(k->job.output) == -1 ? "it is not on disk" : NULL);
}

void
keeper_seal_ended(struct keeper *k, const struct keeper_now *now,
    const struct sealing_done *done)
{
	const char *bad;

	if (done == NULL)
		job_failed(k, now, "its process cannot be started", errno);
	else if (done->end != SEAL_DONE || k->job.cancelled)
		job_failed(k, now, done->what, done->error);
	else if ((bad = objection(k, &done->totals)) != NULL)
		job_failed(k, now, bad, 0);
	else
		job_done(k, now, &done->totals);
	keep_job_clear(&k->job);
	k->look = true;
}

void
keeper_seal_cancel(struct keeper *k)
{
	k->job.cancelled = true;
}

bool
keeper_seal_cancelled(const struct keeper *k)
{
	return (k->job.on && k->job.cancelled);
}

bool
keeper_seal_overdue(const struct keeper *k, const struct keeper_now *now)
{
	return (k->job.on && now->second >= k->job.until);
}

bool
keeper_idle(const struct keeper *k)
{
	size_t i;

	for (i = 0; i < k->shelf.n; i++)
		if (k->shelf.seg[i].name.kind != SEG_FLOW)
			return (false);
	return (!k->job.on);
}
