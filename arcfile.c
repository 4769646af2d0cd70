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

#include <stdlib.h>
#include <string.h>

#include "arcfile.h"
#include "archive/pack.h"
#include "log.h"

static int
seg_init(struct arcseg *s, struct pieces *memory, struct writer *writer)
{
	memset(s, 0, sizeof(*s));
	logfile_init(&s->file, memory, writer);
	s->owner = calloc(ARCFILE_FLOWS, sizeof(*s->owner));
	return (s->owner == NULL ? -1 : 0);
}

static void
seg_clear(struct arcseg *s)
{
	rows_free(s->rows);
	free(s->owner);
	logfile_clear(&s->file);
	memset(s, 0, sizeof(*s));
	s->file.fd = -1;
}

int
arcfile_init(struct arcfile *a, struct pieces *memory, struct writer *writer)
{
	memset(a, 0, sizeof(*a));
	a->now.file.fd = a->next.file.fd = -1;
	a->next_from = INT64_MAX;
	memset(&a->keep, 0xff, sizeof(a->keep));
	a->fields = 1;
	if (seg_init(&a->now, memory, writer) == -1 ||
	    seg_init(&a->next, memory, writer) == -1) {
		arcfile_clear(a);
		return (-1);
	}
	return (0);
}

void
arcfile_clear(struct arcfile *a)
{
	seg_clear(&a->now);
	seg_clear(&a->next);
	logfiles_clear(&a->before);
	a->next_from = INT64_MAX;
}

void
arcfile_configure(struct arcfile *a, const struct flow_set *keep)
{
	if (memcmp(&a->keep, keep, sizeof(*keep)) == 0)
		return;
	a->keep = *keep;
	a->fields++;
}

static uint32_t
seg_rows(const struct arcseg *s)
{
	return (s->rows == NULL ? 0 : rows_count(s->rows));
}

/* Rows of the fields that are kept by now.  False for want of memory. */
static bool
seg_ready(struct arcfile *a, struct arcseg *s)
{
	if (s->rows != NULL && s->fields == a->fields)
		return (true);
	if (seg_rows(s) > 0)
		return (false); /* they have to go first */
	rows_free(s->rows);
	s->rows = rows_new(ARCFILE_FLOWS, &a->keep);
	s->fields = a->fields;
	return (s->rows != NULL);
}

static struct arcseg *
seg_at(struct arcfile *a, int64_t recv_time)
{
	return (recv_time < a->next_from ? &a->now : &a->next);
}

/* Where a flow goes by its time of receipt; NULL: nowhere now. */
static inline struct arcseg *
seg_of(struct arcfile *a, const struct flow *f)
{
	struct arcseg *s = seg_at(a, f->recv_time);

	if (s->fields != a->fields && !seg_ready(a, s))
		return (NULL);
	return (s->file.state != LOGFILE_NONE ? s : NULL);
}

bool
arcfile_put(struct arcfile *a, const struct flow *f)
{
	struct arcseg *s = seg_of(a, f);

	return (s != NULL && rows_add(s->rows, f));
}

uint32_t
arcfile_take(struct arcfile *a, const struct records *rec)
{
	/* All of a datagram were received when the first one was. */
	struct arcseg *s = seg_of(a, rec->first);

	return (s == NULL ? 0 : rows_take(s->rows, rec));
}

void
arcfile_owe(struct arcfile *a, int64_t recv_time, void *who, uint64_t flows)
{
	struct arcseg *s = seg_at(a, recv_time);
	struct piece_owner *last = s->owner + s->nowners - 1;

	if (s->nowners > 0 && last->who == who)
		last->flows += flows;
	else if (s->nowners < ARCFILE_FLOWS)
		s->owner[s->nowners++] =
		    (struct piece_owner){.who = who, .flows = flows};
}

bool
arcfile_full(const struct arcfile *a)
{
	return (seg_rows(&a->now) == ARCFILE_FLOWS ||
	    seg_rows(&a->next) == ARCFILE_FLOWS);
}

static void
seg_owe(struct arcseg *s, struct piece *c)
{
	uint64_t rest = seg_rows(s);
	size_t i;

	for (i = 0; i < s->nowners; i++) {
		piece_owe(s->file.memory, c, s->owner[i].who,
		    s->owner[i].flows);
		rest -= s->owner[i].flows;
	}
	/* Those that only the totals count. */
	if (rest > 0)
		piece_owe(s->file.memory, c, NULL, rest);
	s->nowners = 0;
}

/* Behind what waits already.  Rows that find no room stay. */
static void
seg_pack(struct arcseg *s)
{
	struct piece *c;
	size_t len;

	if (seg_rows(s) == 0) {
		/* The first flow may have been one for which none was left. */
		if (s->rows != NULL)
			rows_clear(s->rows);
		return;
	}
	if (pieces_full(s->file.memory) ||
	    (c = piece_new(s->file.memory, pack_bound(s->rows),
		 ARCFILE_FLOWS + 1)) == NULL)
		return;
	if ((len = pack_quick(s->rows, c->p, c->size)) == 0) {
		piece_free(s->file.memory, c);
		return;
	}
	piece_took(s->file.memory, c, len);
	seg_owe(s, c);
	logfile_add(&s->file, c);
	rows_clear(s->rows);
}

static void
add_done(struct logfile_done *all, struct logfile_done done)
{
	all->flows += done.flows;
	all->bytes += done.bytes;
	all->changed = all->changed || done.changed;
}

/*
 * While nothing can be written, only full rows are packed: few large blocks
 * are smaller than many small ones.
 */
static void
seg_flush(struct arcseg *s, struct logfile_done *all)
{
	add_done(all, logfile_flush(&s->file));
	s->due = s->file.busy;
	if (s->file.first != NULL && seg_rows(s) < ARCFILE_FLOWS)
		return;
	s->due = false;
	seg_pack(s);
	add_done(all, logfile_flush(&s->file));
}

struct logfile_done
arcfile_flush(struct arcfile *a)
{
	struct logfile_done done = {0};

	seg_flush(&a->now, &done);
	seg_flush(&a->next, &done);
	return (done);
}

static bool
seg_wrote(struct arcseg *s, struct writing *w, struct logfile_done *all)
{
	if (!logfile_wrote(&s->file, w, all))
		return (false);
	if (s->due && s->file.first == NULL)
		seg_flush(s, all);
	return (true);
}

/* Those before are complete: the parent may do with them what it likes. */
static void
tell_left(struct arcfile *a)
{
	if (!a->leaving || a->before != NULL)
		return;
	a->leaving = false;
	a->left = true;
}

bool
arcfile_wrote(struct arcfile *a, struct writing *w, struct logfile_done *done)
{
	if (seg_wrote(&a->now, w, done) || seg_wrote(&a->next, w, done))
		return (true);
	if (!logfiles_wrote(&a->before, w, &a->now.file, done))
		return (false);
	tell_left(a);
	return (true);
}

/*
 * Nothing more comes for its file: blocks that wait for a write to end go
 * there, in their time.
 */
static void
seg_leave(struct arcfile *a, struct arcseg *s)
{
	if (s->file.busy && logfile_leave(&s->file, &a->before) == -1)
		fatal("memory for a segment");
	logfile_set(&s->file, -1, 0);
}

/* The next is the one that is written to from here on. */
static void
go_over(struct arcfile *a)
{
	struct arcseg was = a->now;

	seg_pack(&was);
	seg_leave(a, &was);
	logfile_inherit(&a->next.file, &was.file);
	a->now = a->next;
	a->next = was;
	a->next_from = INT64_MAX;
	a->leaving = true;
	tell_left(a);
}

struct logfile_done
arcfile_pass(struct arcfile *a, int64_t now)
{
	struct logfile_done done = {0};

	if (a->next.file.fd == -1 || now < a->next_from)
		return (done);
	done = arcfile_flush(a);
	go_over(a);
	return (done);
}

static void
seg_set(struct arcfile *a, struct arcseg *s, int fd, uint32_t number)
{
	seg_leave(a, s);
	logfile_set(&s->file, fd, number);
}

void
arcfile_set(struct arcfile *a, int fd, uint32_t number, int64_t from)
{
	if (fd == -1) {
		seg_set(a, &a->now, -1, number);
		seg_set(a, &a->next, -1, number);
		a->next_from = INT64_MAX;
		a->leaving = true;
		tell_left(a);
		return;
	}
	/* One that has flows, or will get some, is not passed over. */
	if (a->next.file.fd != -1 &&
	    (from > a->next_from || seg_rows(&a->next) > 0 ||
		a->next.file.first != NULL))
		go_over(a);
	if (a->now.file.fd == -1) {
		seg_set(a, &a->now, fd, number);
		a->leaving = true;
		tell_left(a);
		return;
	}
	seg_set(a, &a->next, fd, number);
	a->next_from = from;
}

uint64_t
arcfile_waiting(const struct arcfile *a)
{
	return (a->now.file.flows + seg_rows(&a->now) + a->next.file.flows +
	    seg_rows(&a->next) + logfiles_flows(a->before));
}

static uint64_t
seg_discard(struct arcseg *s)
{
	const struct pieces *m = s->file.memory;
	uint64_t n = logfile_discard(&s->file) + seg_rows(s);
	size_t i;

	for (i = 0; i < s->nowners; i++)
		if (m->settle != NULL)
			m->settle(m->arg, s->owner[i].who, s->owner[i].flows,
			    false);
	s->nowners = 0;
	if (s->rows != NULL)
		rows_clear(s->rows);
	return (n);
}

uint64_t
arcfile_discard(struct arcfile *a)
{
	return (seg_discard(&a->now) + seg_discard(&a->next));
}

uint64_t
arcfile_give_up(struct arcfile *a)
{
	return (arcfile_discard(a) + logfiles_discard(a->before));
}

void
arcfile_hold(struct arcfile *a, bool held)
{
	a->now.file.held = a->next.file.held = held;
}

const struct logfile *
arcfile_worst(const struct arcfile *a)
{
	if (a->next.file.fd != -1 && a->next.file.state > a->now.file.state)
		return (&a->next.file);
	return (&a->now.file);
}

void
arcfile_cut_done(struct arcfile *a, uint32_t number, bool ok)
{
	logfile_cut_done(&a->now.file, number, ok);
	logfile_cut_done(&a->next.file, number, ok);
	logfiles_cut_done(&a->before, number);
	tell_left(a);
}
