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
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <time.h>

#include "archivist.h"
#include "log.h"

#define TELL 60 /* seconds between two messages about the same */

static struct keeper_now
clocks(void)
{
	struct timespec wall, second;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &second);
	return ((struct keeper_now){.wall = wall.tv_sec,
	    .ms = (int)(wall.tv_nsec / 1000000),
	    .second = second.tv_sec});
}

/* Whose segments are written. */
static struct keeper *
writing(const struct archivist *a)
{
	return (a->next != NULL ? a->next : a->now);
}

/* All there are; their number. */
static size_t
all(const struct archivist *a, struct keeper *k[ARCHIVIST_KEEPERS])
{
	size_t i, n = 0;

	if (a->now != NULL)
		k[n++] = a->now;
	if (a->next != NULL)
		k[n++] = a->next;
	for (i = 0; i < ARCHIVIST_RETIRED; i++)
		if (a->retired[i] != NULL)
			k[n++] = a->retired[i];
	return (n);
}

/*
 * Segments have numbers that tell whose they are: of n workers the first has
 * 1, n + 1 and so on.  0 is none.
 */
static uint32_t
number_of(const struct archivist *a, const struct worker *w, uint32_t nth)
{
	return (nth == 0 ? 0 : (nth - 1) * a->workers + w->number + 1);
}

static bool
is_its_own(const struct archivist *a, const struct worker *w, uint32_t number)
{
	return (number == 0 ||
	    ((number - 1) % a->workers == w->number &&
		number <= number_of(a, w, a->given[w->number])));
}

int
archivist_open(struct archivist *a, const struct conf_archive *conf)
{
	a->sealing.sock = -1;
	if (conf->dir == NULL)
		return (0);
	return ((a->now = keeper_open(conf, a->stats)) == NULL ? -1 : 0);
}

static void
tell_segment(struct worker *w, const struct keeper_gift *gift)
{
	struct ipc_out out;

	ipc_new(&out, M_ARCHIVE_FD);
	(void)wr_u32(&out.data, gift->number);
	(void)wr_u64(&out.data, (uint64_t)gift->from);
	(void)proc_tell(&w->proc, &out, gift->fd);
}

static void
tell_none(struct archivist *a, struct worker *w)
{
	struct keeper_gift none = {.fd = -1};

	if (!worker_is_there(w))
		return;
	none.number = number_of(a, w, ++a->given[w->number]);
	tell_segment(w, &none);
}

static void
tell_held(struct archivist *a, struct worker *w, bool held)
{
	struct ipc_out out;

	if (held == a->held[w->number])
		return;
	ipc_new(&out, M_ARCHIVE_HOLD);
	(void)wr_u8(&out.data, held);
	if (proc_tell(&w->proc, &out, -1) == 0)
		a->held[w->number] = held;
}

static void
give(struct archivist *a, struct worker *w)
{
	struct keeper_now now = clocks();
	struct keeper_gift gift;
	struct keeper *k = writing(a);
	uint32_t number = number_of(a, w, a->given[w->number] + 1);

	if (k == NULL || !worker_is_there(w) || w->proc.state == ST_STOPPING)
		return;
	tell_held(a, w, keeper_held(k));
	if (keeper_give(k, w->number, &now, number, &gift)) {
		a->given[w->number]++;
		tell_segment(w, &gift);
	}
}

static void
give_all(struct archivist *a)
{
	uint32_t i;

	for (i = 0; i < a->workers; i++)
		give(a, &a->worker[i]);
}

void
archivist_adopt(struct archivist *a, struct worker *w)
{
	struct keeper_now now = clocks();

	a->held[w->number] = false;
	if (writing(a) != NULL)
		keeper_tick(writing(a), &now);
	give(a, w);
}

/* Reload. */

static struct keeper *
take_back(struct archivist *a, const struct conf_archive *conf)
{
	struct keeper *k;
	size_t i;

	for (i = 0; i < ARCHIVIST_RETIRED; i++) {
		k = a->retired[i];
		if (k == NULL || !keeper_is_of(k, conf) ||
		    keeper_configure(k, conf) == -1)
			continue;
		a->retired[i] = NULL;
		return (k);
	}
	return (NULL);
}

int
archivist_offer(struct archivist *a, const struct conf_archive *conf)
{
	struct keeper_now now = clocks();

	if (conf->dir == NULL || (a->now != NULL && keeper_is_of(a->now, conf)))
		return (0);
	/* Back to an earlier one: that may not have done with it. */
	if ((a->next = take_back(a, conf)) == NULL &&
	    (a->next = keeper_open(conf, a->stats)) == NULL)
		return (-1);
	keeper_tick(a->next, &now);
	give_all(a);
	return (0);
}

static void
stop_sealing_for(struct archivist *a, struct keeper *k)
{
	int status;

	if (a->sealing_for == NULL || a->sealing_for != k)
		return;
	keeper_seal_cancel(a->sealing_for);
	sealing_stop(&a->sealing);
	while (waitpid(a->sealing.pid, &status, 0) == -1 && errno == EINTR)
		;
	(void)archivist_reap(a, a->sealing.pid, status, 0);
}

static void
drop(struct archivist *a, struct keeper **k)
{
	stop_sealing_for(a, *k);
	keeper_close(*k);
	*k = NULL;
}

/* If there are many, the one for the longest stays as it is. */
static void
retire(struct archivist *a)
{
	size_t i;

	if (a->now == NULL)
		return;
	for (i = 0; i < ARCHIVIST_RETIRED && a->retired[i] != NULL; i++)
		;
	if (i == ARCHIVIST_RETIRED) {
		drop(a, &a->retired[0]);
		for (i = 0; i < ARCHIVIST_RETIRED - 1; i++)
			a->retired[i] = a->retired[i + 1];
	}
	a->retired[i] = a->now;
	a->now = NULL;
}

void
archivist_settle(struct archivist *a, const struct conf_archive *conf)
{
	uint32_t i;

	if (a->next != NULL) {
		retire(a);
		a->now = a->next;
		a->next = NULL;
	} else if (conf->dir == NULL && a->now != NULL) {
		retire(a);
		for (i = 0; i < a->workers; i++)
			tell_none(a, &a->worker[i]);
	} else if (conf->dir != NULL)
		(void)keeper_configure(a->now, conf);
	archivist_tick(a, true);
}

void
archivist_withdraw(struct archivist *a)
{
	drop(a, &a->next);
}

/* Sealing. */

static bool
seal(struct archivist *a, struct keeper *k, const struct keeper_now *now)
{
	struct sealing_job job;

	if (!keeper_seal(k, now, &job))
		return (false);
	job.self = a->self;
	job.verbose = a->verbose;
	if (sealing_start(&a->sealing, &job) == -1) {
		keeper_seal_ended(k, now, NULL);
		return (false);
	}
	keeper_seal_started(k);
	a->sealing_for = k;
	return (true);
}

static void
seal_something(struct archivist *a)
{
	struct keeper *k[ARCHIVIST_KEEPERS];
	struct keeper_now now = clocks();
	size_t i, n = all(a, k);

	if (a->sealing_for != NULL) {
		if (keeper_seal_cancelled(a->sealing_for) ||
		    keeper_seal_overdue(a->sealing_for, &now))
			sealing_stop(&a->sealing);
		return;
	}
	for (i = 0; i < n; i++)
		if (seal(a, k[i], &now))
			return;
	for (i = 0; i < ARCHIVIST_RETIRED; i++)
		if (a->retired[i] != NULL && keeper_idle(a->retired[i]))
			drop(a, &a->retired[i]);
}

bool
archivist_reap(struct archivist *a, pid_t pid, int status, uint64_t cpu_ms)
{
	struct keeper_now now = clocks();
	struct keeper *k = a->sealing_for;
	struct sealing_done done;

	if (k == NULL || pid != a->sealing.pid)
		return (false);
	(void)sealing_ended(&a->sealing, status, &done);
	a->sealing_for = NULL;
	a->stats->seal_ms += cpu_ms;
	keeper_seal_ended(k, &now, &done);
	return (true);
}

/* What a worker says of its own; it may be lies. */
static void
count(struct archivist *a, const struct worker *w)
{
	struct keeper *k[ARCHIVIST_KEEPERS];
	size_t i, n = all(a, k);

	for (i = 0; i < n; i++)
		keeper_counted(k[i], w->number, w->page->archive);
}

void
archivist_tick(struct archivist *a, bool second)
{
	struct keeper_now now = clocks();
	uint32_t i;

	for (i = 0; second && i < a->workers; i++)
		count(a, &a->worker[i]);
	if (second && writing(a) != NULL)
		keeper_tick(writing(a), &now);
	give_all(a);
	seal_something(a);
}

int
archivist_patience(const struct archivist *a)
{
	struct keeper_now now = clocks();
	const struct keeper *k = writing(a);
	int moment = k == NULL ? -1 : keeper_moment(k);

	/* A bit behind it, not a bit before. */
	return (moment == -1 ? 1000 : (moment + 1005 - now.ms) % 1000 + 1);
}

void
archivist_refresh(struct archivist *a)
{
	if (writing(a) == NULL)
		return;
	keeper_refresh(writing(a));
	give_all(a);
}

/* What a worker asks for. */

int
archivist_want(struct archivist *a, struct worker *w, struct ipc_msg *m)
{
	uint32_t number;

	if (rd_u32(&m->data, &number) == -1 || !is_its_own(a, w, number))
		return (-1);
	if (writing(a) != NULL)
		keeper_renew(writing(a), w->number, number);
	return (0);
}

int
archivist_left(struct archivist *a, struct worker *w, struct ipc_msg *m)
{
	struct keeper *k[ARCHIVIST_KEEPERS];
	size_t i, n = all(a, k);
	uint32_t number;

	if (rd_u32(&m->data, &number) == -1 || !is_its_own(a, w, number))
		return (-1);
	count(a, w);
	for (i = 0; i < n; i++)
		keeper_left(k[i], w->number, number);
	give(a, w);
	if (w->proc.state != ST_STOPPING)
		seal_something(a);
	return (0);
}

/* CUT_FAILED if it has left that one. */
static enum logopen_cut
cut(struct archivist *a, const struct worker *w, uint32_t number, uint64_t size)
{
	struct keeper *k[ARCHIVIST_KEEPERS];
	enum logopen_cut done;
	size_t i, n = all(a, k);

	for (i = 0; i < n; i++)
		if (keeper_cut(k[i], w->number, number, size, &done))
			return (done);
	return (CUT_FAILED);
}

/* Once in a while: it may ask as often as it likes. */
static void
tell_uncut(struct archivist *a)
{
	struct keeper_now now = clocks();

	if (a->uncut != 0 && now.second - a->uncut < TELL)
		return;
	a->uncut = now.second;
	log_warnx("archive: an incomplete block could not be taken back");
}

int
archivist_cut(struct archivist *a, struct worker *w, struct ipc_msg *m)
{
	struct ipc_out out;
	enum logopen_cut done;
	uint32_t number;
	uint64_t size;

	if (rd_u32(&m->data, &number) == -1 || rd_u64(&m->data, &size) == -1 ||
	    !is_its_own(a, w, number) ||
	    (done = cut(a, w, number, size)) == CUT_FORBIDDEN)
		return (-1);
	if (done == CUT_FAILED)
		tell_uncut(a);
	ipc_new(&out, M_ARCHIVE_CUT_DONE);
	(void)wr_u32(&out.data, number);
	(void)wr_u8(&out.data, done == CUT_DONE);
	return (proc_tell(&w->proc, &out, -1));
}

/*
 * A write that was under way may have left a part of itself, or all of it
 * uncounted: the page says where the last counted block ends.
 */
void
archivist_bereft(struct archivist *a, struct worker *w, bool crashed)
{
	struct keeper *k[ARCHIVIST_KEEPERS];
	size_t i, n = all(a, k);

	count(a, w);
	for (i = 0; i < n; i++) {
		if (crashed &&
		    !keeper_crashed(k[i], w->number, w->page->archive))
			log_warnx("archive: a segment may end in an "
				  "incomplete block");
		keeper_abandon(k[i], w->number);
	}
}

void
archivist_close(struct archivist *a)
{
	size_t i;

	drop(a, &a->next);
	for (i = 0; i < ARCHIVIST_RETIRED; i++)
		drop(a, &a->retired[i]);
	drop(a, &a->now);
}
