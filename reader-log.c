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
 * at a time, or for ever.  Damage is stepped over, and said.
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reader-scan.h"

#define LOG_SIZE (1024 * 1024)
/* To judge a place in damaged bytes, one record and the next head. */
#define LOG_HOLD (STORE_RECMAX + STORE_HDRLEN)
#define MAX_REPORTS 20
#define POLL_MS 200

struct log {
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
	unsigned int reports;
	uint64_t unreported; /* places, behind MAX_REPORTS */
	uint64_t unreported_bytes;
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
	if (lg->in == NULL && (lg->in = input_open(lg->path)) == NULL)
		return (-1);
	lg->begun = lg->v2 = lg->final = lg->skipping = false;
	lg->offset = lg->flows = 0;
	lg->start = lg->end = 0;
	lg->reports = 0;
	lg->unreported = lg->unreported_bytes = 0;
	return (0);
}

static void
report(struct reader *r, struct log *lg, uint64_t bytes, const char *why)
{
	reader_note(r, READER_DAMAGED);
	r->damage.places++;
	r->damage.bytes += bytes;
	if (lg->reports < MAX_REPORTS) {
		lg->reports++;
		warnx("%s: offset %llu: %s: %llu bytes skipped", lg->path,
		    (unsigned long long)lg->bad_at, why,
		    (unsigned long long)bytes);
		return;
	}
	lg->unreported++;
	lg->unreported_bytes += bytes;
}

static void
close_it(struct reader *r, struct log *lg)
{
	const char *damage;

	if (lg->in == NULL)
		return;
	if (lg->unreported > 0)
		warnx("%s: damaged in %llu more places: %llu bytes skipped",
		    lg->path, (unsigned long long)lg->unreported,
		    (unsigned long long)lg->unreported_bytes);
	if (lg->final && (damage = input_damage(lg->in)) != NULL) {
		warnx("%s: %s", lg->path, damage);
		reader_note(r, READER_DAMAGED);
	}
	input_close(lg->in);
	lg->in = NULL;
}

/* 1: more bytes; 0: none, for now or for ever; -1: it cannot be read. */
static int
log_fill(struct reader *r, struct log *lg)
{
	ssize_t n;

	if (lg->final)
		return (0);
	memmove(lg->buf, lg->buf + lg->start, lg->end - lg->start);
	lg->end -= lg->start;
	lg->start = 0;
	n = input_read(lg->in, lg->buf + lg->end, LOG_SIZE - lg->end);
	if (n == -1) {
		warn("%s", lg->path);
		reader_note(r, READER_FAILED);
		lg->final = true;
		return (-1);
	}
	lg->end += (size_t)n;
	r->log_bytes += (uint64_t)n;
	return (n > 0);
}

/* "LOGFILE path", as the original has it. */
static void
say_logfile(struct reader *r, const struct log *lg, const uint32_t *started)
{
	char line[8192], when[64];

	if (r->format != READER_CLASSIC || !r->verbose)
		return;
	if (started == NULL)
		(void)snprintf(line, sizeof(line), "LOGFILE %s", lg->path);
	else {
		(void)format_iso_time(when, sizeof(when), *started, r->utc);
		(void)snprintf(line, sizeof(line), "LOGFILE %s started at %s",
		    lg->path, when);
	}
	out_line(r, line);
}

/* True if the bytes are those that every version 2 log begins with. */
static bool
has_v2_magic(const struct rd *rd)
{
	return (rd->left >= 4 && be32(rd->p) == STORE_V2_MAGIC);
}

/* The first bytes tell the version.  False: they do not yet, or it is wrong. */
static bool
log_begin(struct reader *r, struct log *lg)
{
	struct rd rd = log_bytes(lg);
	uint32_t started;

	if (!lg->final &&
	    (rd.left == 0 ||
		(rd.p[0] == STORE_V2_MAGIC >> 24 && rd.left < STORE_V2_HDRLEN)))
		return (false);
	if (!has_v2_magic(&rd) && !r->legacy) {
		lg->begun = true;
		say_logfile(r, lg, NULL);
		return (true);
	}
	if (rd.left == 0 && lg->final)
		return (false);
	if (store_v2_header(&rd, &started) != STORE_OK) {
		warnx("%s: %s", lg->path,
		    rd.left < STORE_V2_HDRLEN ? "too short for a version 2 log"
					      : store_strerror(STORE_MAGIC));
		reader_note(r, READER_FAILED);
		lg->final = true;
		lg->start = lg->end;
		return (false);
	}
	log_take(lg, STORE_V2_HDRLEN);
	lg->begun = lg->v2 = true;
	say_logfile(r, lg, &started);
	return (true);
}

static bool
has_enough(const struct reader *r, const struct log *lg)
{
	return (r->head != 0 && lg->flows >= r->head);
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

/* All whole records in the buffer, up to an error. */
static enum store_err
log_records(struct reader *r, struct log *lg)
{
	struct rd rd = log_bytes(lg);
	struct store_record rec;
	enum store_err e = STORE_EOF;

	while (!has_enough(r, lg)) {
		e = lg->v2 ? store_v2_read(&rd, &rec) : read_record(&rd, &rec);
		if (e != STORE_OK)
			break;
		lg->flows++;
		r->take(r, &rec);
	}
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
log_skip(struct reader *r, struct log *lg, bool idle)
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
	report(r, lg, lg->offset - lg->bad_at, store_strerror(lg->why));
	return (true);
}

/* What is left when no more bytes come: a torn record, or damage. */
static void
log_tail(struct reader *r, struct log *lg)
{
	struct rd rd = log_bytes(lg);

	if (rd.left == 0)
		return;
	if (!lg->v2 && store_resync(&rd) < rd.left) {
		begin_skip(lg, STORE_SHORT);
		return;
	}
	reader_note(r, READER_DAMAGED);
	r->damage.places++;
	r->damage.bytes += rd.left;
	warnx("%s: offset %llu: %zu bytes of an incomplete record at the end",
	    lg->path, (unsigned long long)lg->offset, rd.left);
	log_take(lg, rd.left);
}

/* What can be done with the bytes that are there.  False: needs more. */
static bool
log_step(struct reader *r, struct log *lg, bool idle)
{
	enum store_err e;

	if (!lg->begun && !log_begin(r, lg))
		return (false);
	if (lg->skipping)
		return (log_skip(r, lg, idle));
	e = log_records(r, lg);
	if (has_enough(r, lg))
		return (false);
	if (e != STORE_EOF && e != STORE_SHORT)
		begin_skip(lg, e);
	else if (lg->final)
		log_tail(r, lg);
	else
		return (false);
	return (lg->start < lg->end || lg->skipping);
}

/* A buffer's worth.  False: there is no more, at least for now. */
static bool
log_piece(struct reader *r, struct log *lg)
{
	int more = log_fill(r, lg);

	while (log_step(r, lg, more <= 0))
		continue;
	out_visible(r);
	return (more == 1 && !has_enough(r, lg) && !reader_stop);
}

/* Everything there is now; all of it, if the end is final. */
static void
log_drain(struct reader *r, struct log *lg)
{
	while (log_piece(r, lg))
		continue;
}

/* And what cannot be completed any more. */
static void
log_rest(struct reader *r, struct log *lg)
{
	lg->final = true;
	if (!has_enough(r, lg)) {
		while (log_step(r, lg, true))
			continue;
	} else
		lg->final = false;
	close_it(r, lg);
}

static void
log_finish(struct reader *r, struct log *lg)
{
	if (lg->in == NULL)
		return;
	log_drain(r, lg);
	log_rest(r, lg);
}

static void
log_once(struct reader *r, struct log *lg)
{
	if (open_it(lg) == -1) {
		warn("%s", lg->path);
		reader_note(r, READER_FAILED);
		return;
	}
	log_finish(r, lg);
}

struct log *
log_open(struct reader *r, const char *path, struct input **in)
{
	struct log *lg;

	if ((lg = calloc(1, sizeof(*lg))) == NULL ||
	    (lg->buf = malloc(LOG_SIZE)) == NULL)
		err(READER_FAILED, NULL);
	lg->path = path;
	lg->in = *in;
	*in = NULL;
	if (open_it(lg) == 0)
		return (lg);
	warn("%s", path);
	reader_note(r, READER_FAILED);
	log_close(r, lg);
	return (NULL);
}

bool
log_more(struct reader *r, struct log *lg)
{
	if (lg->in == NULL)
		return (false);
	if (log_piece(r, lg))
		return (true);
	log_rest(r, lg);
	return (false);
}

uint64_t
log_taken(const struct log *lg)
{
	return (lg->in == NULL ? lg->offset : input_taken(lg->in));
}

void
log_close(struct reader *r, struct log *lg)
{
	if (lg == NULL)
		return;
	close_it(r, lg);
	free(lg->buf);
	free(lg);
}

void
log_watch(struct reader *r, struct log *lg)
{
	enum input_change change;

	if (lg->in == NULL && open_it(lg) == -1)
		return;
	/* Look first: what was written before the change is drained then. */
	change = input_watch(lg->in);
	if (change != INPUT_CUT)
		log_drain(r, lg);
	if (change == INPUT_SAME)
		return;
	if (r->verbose)
		warnx("%s: %s", lg->path,
		    change == INPUT_CUT ? "was cut, reading from its start"
					: "was replaced, reading the new one");
	log_finish(r, lg);
	if (open_it(lg) == 0)
		log_drain(r, lg);
}

static void
log_follow(struct reader *r, struct log *logs, int n)
{
	const struct timespec poll = {0, POLL_MS * NSEC_PER_MSEC};
	int i;

	for (i = 0; i < n; i++)
		if (strcmp(logs[i].path, "-") == 0)
			log_once(r, &logs[i]);
		else if (open_it(&logs[i]) == -1)
			warn("%s: waiting for it", logs[i].path);
	while (!reader_stop) {
		for (i = 0; i < n; i++)
			if (strcmp(logs[i].path, "-") != 0)
				log_watch(r, &logs[i]);
		out_visible(r);
		if (!reader_stop)
			(void)nanosleep(&poll, NULL);
	}
	for (i = 0; i < n; i++)
		close_it(r, &logs[i]);
}

void
log_read_all(struct reader *r, struct files *files)
{
	int i, npaths = (int)files->n;
	struct log *logs;

	if ((logs = calloc(files->n + 1, sizeof(*logs))) == NULL)
		err(READER_FAILED, NULL);
	for (i = 0; i < npaths; i++) {
		logs[i].path = files->all[i].path;
		logs[i].in = files->all[i].in;
		files->all[i].in = NULL;
		/* Unless followed, one at a time: one buffer will do. */
		if (i > 0 && !r->follow)
			logs[i].buf = logs[0].buf;
		else if ((logs[i].buf = malloc(LOG_SIZE)) == NULL)
			err(READER_FAILED, NULL);
	}
	out_header(r);
	if (r->follow)
		log_follow(r, logs, npaths);
	for (i = 0; i < npaths && !r->follow; i++)
		log_once(r, &logs[i]);
	for (i = 0; i < npaths; i++)
		if (i == 0 || r->follow)
			free(logs[i].buf);
	free(logs);
}
