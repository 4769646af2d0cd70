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
 * Flow logs: version 3 and, by their head, those of version 2; once, a piece
 * at a time, or for ever.  Damage is stepped over, and told.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flat.h"
#include "scan/scan.h"

#define LOG_SIZE (256 * 1024)
/* To judge a place in damaged bytes, one record and the next head. */
#define LOG_HOLD (STORE_RECMAX + STORE_HDRLEN)

struct log {
	struct scan *scan;
	const char *path;
	struct input *in; /* NULL: not open, or no more of it */
	bool begun;	  /* the version is known */
	bool v2;
	bool final;    /* no byte will ever follow those in the buffer */
	bool skipping; /* over damage, from bad_at on */
	enum store_err why;
	uint64_t bad_at;
	uint64_t offset; /* of buf[start] in the log */
	uint64_t flows;	 /* read, for -H */
	uint32_t fields; /* of all records, STORE_x */
	unsigned int reports;
	uint64_t unreported; /* places, behind those told */
	uint64_t unreported_bytes;
	struct store_taker *taker;
	size_t start, end; /* what is in buf */
	uint8_t *buf;
};

static struct rd
log_bytes(const struct log *lg)
{
	return (rd_init(lg->buf + lg->start, lg->end - lg->start));
}

static void
log_take(struct log *lg, size_t n)
{
	lg->start += n;
	lg->offset += n;
}

static int
open_it(struct log *lg)
{
	if (lg->in == NULL && (lg->in = input_open(lg->scan, lg->path)) == NULL)
		return (-1);
	lg->begun = lg->v2 = lg->final = lg->skipping = false;
	lg->offset = lg->flows = 0;
	lg->start = lg->end = 0;
	lg->reports = 0;
	lg->unreported = lg->unreported_bytes = 0;
	return (0);
}

static void
report(struct log *lg, uint64_t bytes, const char *why)
{
	scan_damage(lg->scan, bytes);
	if (lg->reports < lg->scan->reports) {
		lg->reports++;
		scan_say(lg->scan, SCAN_DAMAGED, lg->path, lg->bad_at,
		    "%s: %llu bytes skipped", why, (unsigned long long)bytes);
		return;
	}
	lg->unreported++;
	lg->unreported_bytes += bytes;
}

static void
close_it(struct log *lg)
{
	const char *damage;

	if (lg->in == NULL)
		return;
	if (lg->unreported > 0)
		scan_say(lg->scan, SCAN_DAMAGED, lg->path, SCAN_NOWHERE,
		    "damaged in %llu more places: %llu bytes skipped",
		    (unsigned long long)lg->unreported,
		    (unsigned long long)lg->unreported_bytes);
	if (lg->final && (damage = input_damage(lg->in)) != NULL)
		scan_say(lg->scan, SCAN_DAMAGED, lg->path, SCAN_NOWHERE, "%s",
		    damage);
	input_close(lg->in);
	lg->in = NULL;
}

/* 1: more bytes; 0: none, for now or for ever; -1: it cannot be read. */
static int
log_fill(struct log *lg)
{
	ssize_t n;

	if (lg->final)
		return (0);
	memmove(lg->buf, lg->buf + lg->start, lg->end - lg->start);
	lg->end -= lg->start;
	lg->start = 0;
	n = input_read(lg->in, lg->buf + lg->end, LOG_SIZE - lg->end);
	if (n == -1) {
		scan_errno(lg->scan, lg->path);
		lg->final = true;
		return (-1);
	}
	lg->end += (size_t)n;
	lg->scan->log_bytes += (uint64_t)n;
	return (n > 0);
}

static void
begun(const struct log *lg, const uint32_t *started)
{
	if (lg->scan->begun != NULL)
		lg->scan->begun(lg->scan->arg, lg->path, started);
}

/* True if the bytes are those that every version 2 log begins with. */
static bool
has_v2_magic(const struct rd *rd)
{
	return (rd->left >= 4 && be32(rd->p) == STORE_V2_MAGIC);
}

/* The first bytes tell the version.  False: they do not yet, or it is wrong. */
static bool
log_begin(struct log *lg)
{
	struct rd rd = log_bytes(lg);
	uint32_t started;

	if (!lg->final &&
	    (rd.left == 0 ||
		(rd.p[0] == STORE_V2_MAGIC >> 24 && rd.left < STORE_V2_HDRLEN)))
		return (false);
	if (!has_v2_magic(&rd) && !lg->scan->legacy) {
		lg->begun = true;
		begun(lg, NULL);
		return (true);
	}
	if (rd.left == 0 && lg->final)
		return (false);
	if (store_v2_header(&rd, &started) != STORE_OK) {
		scan_say(lg->scan, SCAN_UNREAD, lg->path, SCAN_NOWHERE, "%s",
		    rd.left < STORE_V2_HDRLEN ? "too short for a version 2 log"
					      : store_strerror(STORE_MAGIC));
		lg->final = true;
		lg->start = lg->end;
		return (false);
	}
	log_take(lg, STORE_V2_HDRLEN);
	lg->begun = lg->v2 = true;
	begun(lg, &started);
	return (true);
}

static bool
has_enough(const struct log *lg)
{
	const struct scan *scan = lg->scan;

	return ((scan->head != 0 && lg->flows >= scan->head) ||
	    (scan->fields_only && store_tells_all(lg->fields)));
}

/*
 * Without a checksum, some bytes pass for records too easily: text is of a
 * minor version that is to come, and zeros have no fields.  What is behind
 * those has to look like a record, too.
 */
static enum store_err
read_record(struct rd *rd, struct store_record *rec)
{
	const struct rd at = *rd;
	enum store_err e = store_read(rd, rec);

	if (e != STORE_OK || rec->fields & STORE_CRC32 ||
	    (STORE_MINOR(rec->version) == 0 && rec->fields != 0) ||
	    store_resync(&at) == 0)
		return (e);
	*rd = at;
	return (STORE_VERSION_BAD);
}

static enum store_err
log_each(struct log *lg, struct rd *rd)
{
	struct scan *scan = lg->scan;
	struct store_record rec;
	enum store_err e = STORE_EOF;

	while (!has_enough(lg)) {
		e = lg->v2 ? store_v2_read(rd, &rec) : read_record(rd, &rec);
		if (e != STORE_OK)
			break;
		lg->flows++;
		lg->fields |= rec.fields;
		if (!scan->fields_only)
			scan->take(scan->taker, &rec);
	}
	return (e);
}

/* As many as are wanted of each file. */
static uint32_t
most_of(const struct log *lg)
{
	const uint64_t left = lg->scan->head - lg->flows;

	if (lg->scan->head == 0 || left > UINT32_MAX)
		return (UINT32_MAX);
	return ((uint32_t)left);
}

/* The same as columns, for who does not look at each. */
static enum store_err
log_columns(struct log *lg, struct rd *rd)
{
	struct scan *scan = lg->scan;
	struct flat *t;
	enum store_err e = STORE_EOF;
	uint32_t before;

	for (t = scan->room(scan->taker, false); t != NULL && !has_enough(lg);
	     t = scan->room(scan->taker, true)) {
		before = t->n;
		e = store_take(lg->taker, rd, t, most_of(lg));
		lg->flows += t->n - before;
		lg->fields |= t->groups;
		if (e != STORE_NOSPACE)
			break;
	}
	return (t == NULL ? STORE_EOF : e);
}

/* All whole records in the buffer, up to an error. */
static enum store_err
log_records(struct log *lg)
{
	struct rd rd = log_bytes(lg);
	enum store_err e;

	if (lg->v2 || lg->scan->room == NULL)
		e = log_each(lg, &rd);
	else if (lg->scan->fields_only)
		e = store_groups(lg->taker, &rd, &lg->fields);
	else
		e = log_columns(lg, &rd);
	log_take(lg, lg->end - lg->start - rd.left);
	return (e);
}

static void
begin_skip(struct log *lg, enum store_err why)
{
	lg->skipping = true;
	lg->why = why;
	lg->bad_at = lg->offset;
}

/*
 * Over damage, to the next valid record.  False if more bytes are needed to
 * tell; idle says that there are none for now.
 */
static bool
log_skip(struct log *lg, bool idle)
{
	struct rd rd = log_bytes(lg);
	/* Version 2 has no lengths: nothing behind damage can be found. */
	size_t n = lg->v2 ? rd.left : store_resync(&rd);

	if (n == rd.left) {
		/* A record may begin at the very end. */
		if (!lg->final && !lg->v2)
			n = rd.left > LOG_HOLD ? rd.left - LOG_HOLD : 0;
		log_take(lg, n);
		if (!lg->final)
			return (false);
	} else {
		log_take(lg, n);
		if (rd.left - n < LOG_HOLD && !lg->final && !idle)
			return (false);
	}
	lg->skipping = false;
	report(lg, lg->offset - lg->bad_at, store_strerror(lg->why));
	return (true);
}

/* What is left when no more bytes come: a torn record, or damage. */
static void
log_tail(struct log *lg)
{
	struct rd rd = log_bytes(lg);

	if (rd.left == 0)
		return;
	if (!lg->v2 && store_resync(&rd) < rd.left) {
		begin_skip(lg, STORE_SHORT);
		return;
	}
	scan_damage(lg->scan, rd.left);
	scan_say(lg->scan, SCAN_CUT, lg->path, lg->offset,
	    "%zu bytes of an incomplete record at the end", rd.left);
	log_take(lg, rd.left);
}

/* What can be done with the bytes that are there.  False: needs more. */
static bool
log_step(struct log *lg, bool idle)
{
	enum store_err e;

	if (!lg->begun && !log_begin(lg))
		return (false);
	if (lg->skipping)
		return (log_skip(lg, idle));
	e = log_records(lg);
	if (has_enough(lg))
		return (false);
	if (e != STORE_EOF && e != STORE_SHORT)
		begin_skip(lg, e);
	else if (lg->final)
		log_tail(lg);
	else
		return (false);
	return (lg->start < lg->end || lg->skipping);
}

/* A buffer's worth.  False: there is no more, at least for now. */
static bool
log_piece(struct log *lg)
{
	int more = log_fill(lg);

	while (log_step(lg, more <= 0))
		continue;
	return (more == 1 && !has_enough(lg) && !scan_stopped(lg->scan));
}

/* Everything there is now; all of it, if the end is final. */
static void
log_drain(struct log *lg)
{
	while (log_piece(lg))
		continue;
}

/* And what cannot be completed any more. */
static void
log_rest(struct log *lg)
{
	lg->final = true;
	if (!has_enough(lg)) {
		while (log_step(lg, true))
			continue;
	} else
		lg->final = false;
	close_it(lg);
}

static void
log_finish(struct log *lg)
{
	if (lg->in == NULL)
		return;
	log_drain(lg);
	log_rest(lg);
}

static struct log *
log_new(struct scan *scan, const char *path)
{
	struct log *lg;

	if ((lg = calloc(1, sizeof(*lg))) == NULL ||
	    (lg->taker = store_taker_new()) == NULL ||
	    (lg->buf = malloc(LOG_SIZE)) == NULL) {
		if (lg != NULL)
			store_taker_free(lg->taker);
		free(lg);
		scan->nomem = true;
		return (NULL);
	}
	if (scan->trust)
		store_taker_trust(lg->taker);
	lg->scan = scan;
	lg->path = path;
	return (lg);
}

struct log *
log_open(struct scan *scan, const char *path, struct input **in)
{
	struct log *lg;

	if ((lg = log_new(scan, path)) == NULL)
		return (NULL);
	lg->in = *in;
	*in = NULL;
	if (open_it(lg) == 0)
		return (lg);
	scan_errno(scan, path);
	log_close(lg);
	return (NULL);
}

struct log *
log_expect(struct scan *scan, const char *path, bool *there)
{
	struct log *lg;

	if ((lg = log_new(scan, path)) != NULL)
		*there = open_it(lg) == 0;
	return (lg);
}

bool
log_more(struct log *lg)
{
	if (lg->in == NULL)
		return (false);
	if (log_piece(lg))
		return (true);
	/* Where a reading is stopped, nothing is known of the end. */
	if (scan_stopped(lg->scan))
		close_it(lg);
	else
		log_rest(lg);
	return (false);
}

uint32_t
log_fields(const struct log *lg)
{
	return (lg->fields);
}

uint64_t
log_taken(const struct log *lg)
{
	return (lg->in == NULL ? lg->offset : input_taken(lg->in));
}

void
log_close(struct log *lg)
{
	if (lg == NULL)
		return;
	close_it(lg);
	store_taker_free(lg->taker);
	free(lg->buf);
	free(lg);
}

void
log_watch(struct log *lg)
{
	enum input_change change;

	if (lg->in == NULL && open_it(lg) == -1)
		return;
	/* Look first: what was written before the change is drained then. */
	change = input_watch(lg->in);
	if (change != INPUT_CUT)
		log_drain(lg);
	if (change == INPUT_SAME)
		return;
	scan_say(lg->scan, SCAN_NOTE, lg->path, SCAN_NOWHERE, "%s",
	    change == INPUT_CUT ? "was cut, reading from its start"
				: "was replaced, reading the new one");
	log_finish(lg);
	if (open_it(lg) == 0)
		log_drain(lg);
}
