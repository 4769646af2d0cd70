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

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "logfile.h"
#include "store.h"

/* Records of a piece, and so owners, at most. */
#define RECORDS ((LOGFILE_PIECE + STORE_RECMAX) / STORE_HDRLEN)

void
logfile_init(struct logfile *l, struct pieces *memory, struct writer *writer)
{
	memset(l, 0, sizeof(*l));
	l->fd = -1;
	l->state = LOGFILE_NONE;
	l->memory = memory;
	l->writer = writer;
}

static void
push(struct logfile *l, struct piece *c)
{
	c->next = NULL;
	if (l->first == NULL)
		l->first = c;
	else
		l->last->next = c;
	l->last = c;
}

/* The first is no more. */
static void
pop(struct logfile *l)
{
	struct piece *c = l->first;

	l->first = c->next;
	if (c == l->open)
		l->open = NULL;
	piece_free(l->memory, c);
}

void
logfile_clear(struct logfile *l)
{
	if (l->fd != -1)
		close(l->fd);
	while (l->first != NULL)
		pop(l);
	logfile_init(l, l->memory, l->writer);
}

void
logfile_set(struct logfile *l, int fd, uint32_t number)
{
	struct stat st;

	if (l->fd != -1)
		close(l->fd);
	l->fd = fd;
	l->number = number;
	l->state = fd == -1 ? LOGFILE_NONE : LOGFILE_OPEN;
	l->end = fd != -1 && fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	l->stored = 0;
	l->shared = l->want = l->want_cut = false;
}

int
logfile_leave(struct logfile *l, struct logfile **list)
{
	struct logfile *old = malloc(sizeof(*old));

	if (old == NULL)
		return (-1);
	*old = *l;
	old->open = NULL;
	old->next = NULL;
	while (*list != NULL)
		list = &(*list)->next;
	*list = old;
	l->fd = -1;
	l->busy = l->due = false;
	l->first = l->open = NULL;
	l->len = 0;
	l->flows = 0;
	return (0);
}

void
logfile_inherit(struct logfile *l, struct logfile *from)
{
	struct piece **at = l->busy ? &l->first->next : &l->first;

	if (from->first == NULL)
		return;
	from->last->next = *at;
	if (*at == NULL)
		l->last = from->last;
	*at = from->first;
	l->len += from->len;
	l->flows += from->flows;
	from->first = from->open = NULL;
	from->len = 0;
	from->flows = 0;
}

/* Where the next record goes. */
static struct piece *
open_piece(struct logfile *l)
{
	struct piece *c = l->open;

	if (c != NULL && c->len < LOGFILE_PIECE)
		return (c);
	if (pieces_full(l->memory) ||
	    (c = piece_new(l->memory, LOGFILE_PIECE + STORE_RECMAX, RECORDS)) ==
		NULL)
		return (NULL);
	push(l, c);
	l->open = c;
	l->due = false; /* what that was about is complete */
	return (c);
}

bool
logfile_put(struct logfile *l, const struct flow *f, uint32_t mask)
{
	struct piece *c = open_piece(l);
	struct wr wr;
	size_t len;

	if (c == NULL)
		return (false);
	wr = wr_init(c->p + c->len, c->size - c->len);
	len = wr.left;
	if (store_write(&wr, f, mask) != STORE_OK)
		return (false);
	len -= wr.left;
	piece_took(l->memory, c, len);
	l->len += len;
	return (true);
}

void
logfile_owe(struct logfile *l, void *who, uint64_t flows)
{
	piece_owe(l->memory, l->open, who, flows);
	l->flows += flows;
}

bool
logfile_ready(const struct logfile *l)
{
	return (l->open != NULL && l->open->len >= LOGFILE_BATCH && !l->busy &&
	    l->state == LOGFILE_OPEN);
}

void
logfile_add(struct logfile *l, struct piece *c)
{
	push(l, c);
	l->len += c->len;
	l->flows += c->flows;
}

static bool
is_space(int error)
{
	return (error == ENOSPC || error == EDQUOT || error == EFBIG);
}

static enum logfile_state
failure(struct logfile *l, int error)
{
	l->error = error;
	return (is_space(error) ? LOGFILE_FULL : LOGFILE_BROKEN);
}

/* So much of the first piece is in the file for good. */
static void
stored(struct logfile *l, size_t len, uint64_t flows, struct logfile_done *done)
{
	struct piece *c = l->first;

	c->written += len;
	l->end = c->w.size + len;
	l->stored += flows;
	l->len -= len;
	l->flows -= flows;
	done->flows += flows;
	done->bytes += len;
	piece_settle(l->memory, c, flows, true);
}

/* Bytes of whole records among those, and how many records. */
static size_t
whole(const uint8_t *p, size_t len, uint64_t *records)
{
	size_t at = 0, n;

	for (*records = 0; len - at >= STORE_HDRLEN; at += n, ++*records)
		if ((n = STORE_HDRLEN + p[at + 1] * 4UL) > len - at)
			break;
	return (at);
}

/*
 * A part of the piece is in the file.  Only the parent can take it off; until
 * it did nothing more is written, or a reader would meet half a record.  If
 * others have written behind it, it cannot be taken off: the record that is
 * torn is written again, and the reader finds its way past the half.
 */
static enum logfile_state
stump(struct logfile *l, struct logfile_done *done)
{
	const struct piece *c = l->first;
	const size_t part = (size_t)c->w.written;
	uint64_t records;
	size_t len;

	if (!c->w.regular)
		return (LOGFILE_BROKEN);
	l->error = ENOSPC;
	if (l->shared) {
		len = whole(c->w.p, part, &records);
		stored(l, len, records, done);
		return (LOGFILE_FULL);
	}
	l->cut_to = c->w.size;
	return (LOGFILE_CUTTING);
}

static enum logfile_state
outcome(struct logfile *l, struct logfile_done *done)
{
	const struct writing *w = &l->first->w;

	/* Deleted, or another was renamed over it: it leads nowhere. */
	if (w->deleted)
		return (LOGFILE_GONE);
	if (w->written == -1)
		return (failure(l, w->error));
	if ((size_t)w->written < w->len)
		return (stump(l, done));
	stored(l, w->len, l->first->flows, done);
	pop(l);
	return (LOGFILE_OPEN);
}

static void
begin(struct logfile *l)
{
	struct piece *c = l->first;

	if (c == l->open) {
		l->open = NULL; /* it is the writer's */
		l->due = false;
	}
	c->w = (struct writing){.fd = l->fd,
	    .p = c->p + c->written,
	    .len = c->len - c->written};
	l->busy = true;
	if (l->writer == NULL)
		writing_do(&c->w);
	else
		writer_start(l->writer, &c->w);
}

static void
change(struct logfile *l, enum logfile_state state, struct logfile_done *done)
{
	done->changed = done->changed || l->state != state;
	l->want_cut = l->want_cut ||
	    (state == LOGFILE_CUTTING && l->state != LOGFILE_CUTTING);
	l->want = l->want || state == LOGFILE_BROKEN || state == LOGFILE_GONE;
	l->state = state;
}

static bool
may_write(struct logfile *l, struct logfile_done *done)
{
	if (l->fd == -1)
		change(l, LOGFILE_GONE, done);
	else if (l->held)
		change(l, failure(l, ENOSPC), done);
	else
		return (true);
	return (false);
}

/* After one piece the next, if it is complete, or wanted. */
static void
go_on(struct logfile *l, struct logfile_done *done)
{
	if (l->first != NULL &&
	    (l->due || l->first != l->open || l->open->len >= LOGFILE_BATCH) &&
	    may_write(l, done))
		begin(l);
}

static void
take_outcome(struct logfile *l, struct logfile_done *done)
{
	l->busy = false;
	change(l, outcome(l, done), done);
}

bool
logfile_wrote(struct logfile *l, struct writing *w, struct logfile_done *done)
{
	if (!l->busy || w != &l->first->w)
		return (false);
	take_outcome(l, done);
	if (l->state == LOGFILE_OPEN)
		go_on(l, done);
	return (true);
}

struct logfile_done
logfile_flush(struct logfile *l)
{
	struct logfile_done done = {0};

	if (l->first == NULL || l->state == LOGFILE_CUTTING ||
	    l->state == LOGFILE_NONE)
		return (done);
	l->due = l->open != NULL;
	if (l->busy || !may_write(l, &done))
		return (done);
	begin(l);
	while (l->writer == NULL && l->busy) {
		take_outcome(l, &done);
		if (l->state == LOGFILE_OPEN && l->first != NULL)
			begin(l);
	}
	return (done);
}

uint64_t
logfile_discard(struct logfile *l)
{
	struct piece *c, *next;
	uint64_t flows = l->flows;

	/* The piece under way stays: it is the writer's. */
	for (c = l->first; c != NULL; c = next) {
		next = c->next;
		piece_settle(l->memory, c, c->flows, false);
		if (c == l->first && l->busy)
			c->next = NULL;
		else
			piece_free(l->memory, c);
	}
	if (!l->busy)
		l->first = NULL;
	l->last = l->first;
	l->open = NULL;
	l->len = l->busy ? l->first->len - l->first->written : 0;
	l->flows = 0;
	return (flows);
}

void
logfile_cut_done(struct logfile *l, uint32_t number, bool ok)
{
	if (l->state != LOGFILE_CUTTING || number != l->number)
		return;
	/*
	 * What could not be cut stays: the reader finds its way past it.  The
	 * piece is whole in memory and is written again behind it.
	 */
	(void)ok;
	l->state = LOGFILE_FULL;
}

static void
forget(struct logfile **at)
{
	struct logfile *l = *at;

	*at = l->next;
	logfile_clear(l);
	free(l);
}

bool
logfiles_wrote(struct logfile **list, struct writing *w, struct logfile *heir,
    struct logfile_done *done)
{
	struct logfile_done own = {0};
	struct logfile *l;

	while ((l = *list) != NULL && !logfile_wrote(l, w, &own))
		list = &l->next;
	if (l == NULL)
		return (false);
	done->flows += own.flows;
	done->bytes += own.bytes;
	l->want = false; /* there is another */
	if (l->busy)
		return (true);
	logfile_inherit(heir, l);
	if (l->state != LOGFILE_CUTTING)
		forget(list);
	return (true);
}

uint64_t
logfiles_flows(const struct logfile *l)
{
	uint64_t n = 0;

	for (; l != NULL; l = l->next)
		n += l->flows;
	return (n);
}

uint64_t
logfiles_discard(struct logfile *l)
{
	uint64_t n = 0;

	for (; l != NULL; l = l->next)
		n += logfile_discard(l);
	return (n);
}

void
logfiles_cut_done(struct logfile **list, uint32_t number)
{
	while (*list != NULL)
		if ((*list)->state == LOGFILE_CUTTING &&
		    (*list)->number == number)
			forget(list);
		else
			list = &(*list)->next;
}

void
logfiles_clear(struct logfile **list)
{
	while (*list != NULL)
		forget(list);
}

const char *
logfile_state_name(enum logfile_state state)
{
	static const char *const names[] = {
	    [LOGFILE_NONE] = "none is configured",
	    [LOGFILE_OPEN] = "all is well",
	    [LOGFILE_CUTTING] = "an incomplete write is taken back",
	    [LOGFILE_FULL] = "no space left",
	    [LOGFILE_BROKEN] = "writing fails",
	    [LOGFILE_GONE] = "it was deleted",
	};

	return (names[state]);
}
