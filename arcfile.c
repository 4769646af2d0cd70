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
#include <sys/stat.h>

#include <string.h>

#include "arcfile.h"
#include "archive/pack.h"

static int
seg_init(struct arcseg *s)
{
	memset(s, 0, sizeof(*s));
	return (logfile_init_size(&s->file, ARCFILE_BUFFER));
}

static void
seg_clear(struct arcseg *s)
{
	rows_free(s->rows);
	logfile_clear(&s->file);
	memset(s, 0, sizeof(*s));
	s->file.fd = -1;
}

int
arcfile_init(struct arcfile *a)
{
	memset(a, 0, sizeof(*a));
	a->now.file.fd = a->next.file.fd = -1;
	a->next_from = INT64_MAX;
	memset(&a->keep, 0xff, sizeof(a->keep));
	a->fields = 1;
	if (seg_init(&a->now) == -1 || seg_init(&a->next) == -1) {
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

/* Where a flow goes by its time of receipt; NULL: nowhere now. */
static inline struct arcseg *
seg_of(struct arcfile *a, const struct flow *f)
{
	struct arcseg *s = f->recv_time < a->next_from ? &a->now : &a->next;

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

bool
arcfile_full(const struct arcfile *a)
{
	return (seg_rows(&a->now) == ARCFILE_FLOWS ||
	    seg_rows(&a->next) == ARCFILE_FLOWS);
}

/* Behind what waits already.  Rows that find no room stay. */
static void
seg_pack(struct arcseg *s)
{
	uint32_t n = seg_rows(s);
	size_t room, len;
	uint8_t *to;

	if (n == 0)
		return;
	to = logfile_room(&s->file, &room);
	if (room < pack_bound(s->rows) ||
	    (len = pack_quick(s->rows, to, room)) == 0)
		return;
	logfile_took(&s->file, len, n);
	rows_clear(s->rows);
}

static void
seg_write(struct arcseg *s, struct logfile_done *all)
{
	struct logfile_done done = logfile_flush(&s->file);

	if (done.flows > 0)
		s->end = done.end;
	s->flows += done.flows;
	all->flows += done.flows;
	all->bytes += done.bytes;
	all->changed = all->changed || done.changed;
	s->want_cut =
	    s->want_cut || (done.changed && s->file.state == LOGFILE_CUTTING);
	s->want = s->want || s->file.state == LOGFILE_BROKEN ||
	    s->file.state == LOGFILE_GONE;
}

/*
 * While nothing can be written, only full rows are packed: few large blocks
 * are smaller than many small ones.
 */
static void
seg_flush(struct arcseg *s, struct logfile_done *all)
{
	seg_write(s, all);
	if (s->file.len > 0 && seg_rows(s) < ARCFILE_FLOWS)
		return;
	seg_pack(s);
	seg_write(s, all);
}

struct logfile_done
arcfile_flush(struct arcfile *a)
{
	struct logfile_done done = {0};

	seg_flush(&a->now, &done);
	seg_flush(&a->next, &done);
	return (done);
}

/* What one segment did not take goes to the other, as far as there is room. */
static void
seg_move(struct arcseg *from, struct arcseg *to)
{
	size_t room;
	uint8_t *p;

	seg_pack(from);
	p = logfile_room(&to->file, &room);
	if (from->file.len == 0 || from->file.len > room)
		return;
	memcpy(p, from->file.buf, from->file.len);
	logfile_took(&to->file, from->file.len, from->file.flows);
	(void)logfile_discard(&from->file);
}

/* The next is the one that is written to from here on. */
static void
go_over(struct arcfile *a)
{
	struct arcseg was = a->now;

	seg_move(&was, &a->next);
	a->now = a->next;
	a->next = was;
	logfile_set(&a->next.file, -1, 0);
	a->next.want = a->next.want_cut = false;
	a->next_from = INT64_MAX;
	a->left = true;
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
seg_set(struct arcseg *s, int fd, uint32_t number)
{
	struct stat st;

	logfile_set(&s->file, fd, number);
	s->end = fd != -1 && fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	s->flows = 0;
	s->want = s->want_cut = false;
}

void
arcfile_set(struct arcfile *a, int fd, uint32_t number, int64_t from)
{
	if (fd == -1) {
		seg_set(&a->now, -1, number);
		seg_set(&a->next, -1, number);
		a->next_from = INT64_MAX;
		a->left = true;
		return;
	}
	/* One that has flows, or will get some, is not passed over. */
	if (a->next.file.fd != -1 &&
	    (from > a->next_from || seg_rows(&a->next) > 0 ||
		a->next.file.len > 0))
		go_over(a);
	if (a->now.file.fd == -1) {
		seg_set(&a->now, fd, number);
		a->left = true;
		return;
	}
	seg_set(&a->next, fd, number);
	a->next_from = from;
}

uint64_t
arcfile_waiting(const struct arcfile *a)
{
	return (a->now.file.flows + seg_rows(&a->now) + a->next.file.flows +
	    seg_rows(&a->next));
}

static uint64_t
seg_discard(struct arcseg *s)
{
	uint64_t n = logfile_discard(&s->file) + seg_rows(s);

	if (s->rows != NULL)
		rows_clear(s->rows);
	return (n);
}

uint64_t
arcfile_discard(struct arcfile *a)
{
	return (seg_discard(&a->now) + seg_discard(&a->next));
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
}
