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
 * The jobs of all files, one after the other.  One thread at a time.
 */

#include <stdlib.h>
#include <string.h>

#include "scan/job.h"

struct feed {
	struct scan *s;
	struct files *files;
	struct filling *filling;
	struct segment *segment;
	struct blocks *stream;
	struct log *log;
	void *captures; /* of all files: templates go on */
	size_t at;	/* the file */
	bool open;
	uint64_t before; /* bytes of files that are done */
	uint64_t taken;	 /* flows of this file */
	uint32_t fields; /* of the logs that are done */
};

static void
take_row(void *taker, struct store_record *rec)
{
	filling_add(taker, &rec->flow);
}

static struct flat *
room(void *taker, bool full)
{
	return (filling_room(taker, full));
}

struct feed *
feed_new(struct scan *s, struct files *files, const struct flow_set *needs)
{
	struct feed *f;

	if ((f = calloc(1, sizeof(*f))) == NULL ||
	    (f->filling = filling_new(s, needs)) == NULL) {
		free(f);
		return (NULL);
	}
	f->s = s;
	f->files = files;
	s->taker = f->filling;
	s->take = take_row;
	s->room = room;
	return (f);
}

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	segment_release(f->segment);
	blocks_close(f->stream);
	log_close(f->log);
	if (f->captures != NULL)
		f->s->captures->close(f->captures);
	filling_free(f->filling);
	f->s->taker = NULL;
	f->s->room = NULL;
	free(f);
}

/* The next file: one of the members is set, or it cannot be read. */
static void
open_file(struct feed *f)
{
	struct file *file = &f->files->all[f->at];

	f->open = true;
	f->taken = 0;
	switch (file->kind) {
	case FILE_SEGMENT:
		f->segment = segment_open(f->s, file);
		break;
	case FILE_STREAM:
		f->stream = blocks_open(f->s, file);
		break;
	case FILE_LOG:
		f->log = log_open(f->s, file->path, &file->in);
		break;
	case FILE_CAPTURE:
		if (f->captures == NULL)
			f->captures = f->s->captures->open(f->s->arg);
		if (f->captures == NULL)
			f->s->nomem = true;
		else
			f->s->captures->next(f->captures, file->path);
		break;
	}
}

static void
close_file(struct feed *f)
{
	f->before += f->files->all[f->at].bytes;
	segment_release(f->segment);
	blocks_close(f->stream);
	if (f->log != NULL)
		f->fields |= log_fields(f->log);
	log_close(f->log);
	f->segment = NULL;
	f->stream = NULL;
	f->log = NULL;
	f->open = false;
	f->at++;
}

static bool
give_rows(struct feed *f, struct job *job, bool rest)
{
	if (!filling_take(f->filling, rest, &job->lot))
		return (false);
	job->path = f->files->all[f->at].path;
	job->offset = 0;
	job->copy = NULL;
	job->map = NULL;
	job->flows = lot_count(&job->lot);
	return (true);
}

/* Flows one by one, until there are enough for a batch. */
static bool
next_rows(struct feed *f, struct job *job)
{
	bool more = true;

	while (!give_rows(f, job, !more)) {
		if (!more)
			return (false);
		if (f->log != NULL)
			more = log_more(f->log);
		else
			more = f->s->captures->more(f->captures);
		if (f->s->nomem)
			return (false);
	}
	return (true);
}

static bool
next_of_file(struct feed *f, struct job *job)
{
	if (f->segment != NULL)
		return (segment_next(f->segment, job) == 1);
	if (f->stream != NULL)
		return (blocks_next(f->stream, job) == 1);
	if (f->log == NULL &&
	    (f->captures == NULL || f->files->all[f->at].kind != FILE_CAPTURE))
		return (false);
	return (next_rows(f, job));
}

/* Does -H want any of it? */
static bool
limit(struct feed *f, struct job *job)
{
	uint64_t left;

	job->limit = job->flows;
	/* Logs and captures count theirs as they are read. */
	if (f->s->head == 0 || !job_of_block(job))
		return (true);
	left = f->s->head - f->taken;
	if (left < job->limit)
		job->limit = (uint32_t)left;
	f->taken += job->limit;
	return (job->limit > 0);
}

bool
feed_next(struct feed *f, struct job *job)
{
	while (f->at < f->files->n && !scan_stopped(f->s)) {
		if (!f->open)
			open_file(f);
		if (next_of_file(f, job)) {
			job->number = f->s->number;
			if (limit(f, job)) {
				f->s->number++;
				return (true);
			}
			feed_done(f, job);
		}
		close_file(f);
	}
	return (false);
}

void
feed_done(struct feed *f, struct job *job)
{
	if (!job_of_block(job))
		filling_back(f->filling, &job->lot);
	if (job->map != NULL)
		segment_release(job->map);
	free(job->copy);
	job->lot = (struct lot){NULL, NULL};
	job->map = NULL;
	job->copy = NULL;
}

uint64_t
feed_bytes(const struct feed *f)
{
	uint64_t now = 0;

	if (f->segment != NULL)
		now = segment_offset(f->segment);
	else if (f->stream != NULL)
		now = blocks_taken(f->stream);
	else if (f->log != NULL)
		now = log_taken(f->log);
	else if (f->captures != NULL && f->open)
		now = f->s->captures->taken(f->captures);
	return (f->before + now);
}

uint32_t
feed_fields(const struct feed *f)
{
	return (f->fields | (f->log == NULL ? 0 : log_fields(f->log)));
}
