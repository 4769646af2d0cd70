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
 * --follow, where there are segments: what is appended to the open one, and
 * those that come after it.  One thread.
 */

#include <sys/stat.h>

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reader-follow.h"
#include "scan/pool.h"

#define POLL_MS 200
#define LIST_EVERY 5 /* polls */

struct item {
	char *path;
	bool named;
	struct segname name;
	struct segment *segment; /* NULL: done with */
	struct log *log;
};

struct follow {
	struct reader *r;
	struct scan *scan;
	struct files *files;
	struct consumer *c;
	struct worker *w;
	struct filling *filling;
	struct item *items;
	size_t n, size;
	uint64_t number;
	const char *error;
	struct outcome got;
};

static void
take_row(void *taker, struct store_record *rec)
{
	filling_add(taker, &rec->flow);
}

/* One batch through the question, and out. */
static void
do_job(struct follow *f)
{
	struct job *job = &f->w->job;

	job->number = f->number++;
	job->limit = job->flows;
	scan_worker_do(f->w, &f->got);
	if (f->got.damage[0] != '\0')
		scan_say(f->scan, SCAN_DAMAGED, f->got.path, f->got.offset,
		    "%s", f->got.damage);
	f->error = f->got.error;
	if (f->error == NULL && f->got.out.len > 0 && f->c->put != NULL)
		f->error = f->c->put(f->c->arg, f->got.out.p, f->got.out.len);
}

static void
drain_rows(struct follow *f, const char *path)
{
	struct job *job = &f->w->job;

	while (f->error == NULL && filling_take(f->filling, true, &job->lot)) {
		job->path = path;
		job->offset = 0;
		job->map = NULL;
		job->flows = lot_count(&job->lot);
		do_job(f);
		filling_back(f->filling, &job->lot);
	}
}

/* All there is of it, for now. */
static void
drain(struct follow *f, struct item *it)
{
	if (it->log != NULL) {
		log_watch(it->log);
		drain_rows(f, it->path);
	}
	if (it->segment == NULL)
		return;
	segment_refresh(it->segment);
	while (f->error == NULL && !reader_stopped(f->r) &&
	    segment_next(it->segment, &f->w->job) == 1) {
		do_job(f);
		segment_release(it->segment);
	}
}

/* What is sealed does not grow. */
static void
settle(struct item *it)
{
	if (it->segment == NULL || !it->named || it->name.kind == SEG_LIVE)
		return;
	segment_release(it->segment);
	it->segment = NULL;
}

static struct item *
add_item(struct follow *f, const struct file *file)
{
	struct item *items, *it;

	if (f->n == f->size) {
		f->size = f->size * 2 + 16;
		items = reallocarray(f->items, f->size, sizeof(*items));
		if (items == NULL)
			err(READER_FAILED, NULL);
		f->items = items;
	}
	it = &f->items[f->n++];
	memset(it, 0, sizeof(*it));
	if ((it->path = strdup(file->path)) == NULL)
		err(READER_FAILED, NULL);
	it->named = file->named;
	it->name = file->name;
	return (it);
}

static void
read_stream(struct follow *f, struct file *file)
{
	struct blocks *s = blocks_open(f->scan, file);

	while (
	    s != NULL && f->error == NULL && blocks_next(s, &f->w->job) == 1) {
		do_job(f);
		free(f->w->job.copy);
	}
	blocks_close(s);
}

static void
begin_file(struct follow *f, struct file *file)
{
	struct item *it;

	if (file->kind == FILE_STREAM) {
		read_stream(f, file);
		return;
	}
	it = add_item(f, file);
	if (file->kind == FILE_SEGMENT)
		it->segment = segment_open(f->scan, file);
	else
		it->log = log_open(f->scan, it->path, &file->in);
	drain(f, it);
	settle(it);
}

/* Were its flows read from another file, before it was sealed or merged? */
static bool
is_known(const struct follow *f, const struct file *file)
{
	struct segname name = file->name;
	size_t i;

	name.kind = SEG_SEAL;
	for (i = 0; i < f->n; i++) {
		const struct item *it = &f->items[i];

		if (strcmp(it->path, file->path) == 0)
			return (true);
		if (file->named && file->name.kind != SEG_LIVE && it->named &&
		    segname_covers(&name, &it->name))
			return (true);
	}
	return (false);
}

/* An open segment that got its last flows goes under another name. */
static void
close_gone(struct follow *f)
{
	struct stat st;
	size_t i;

	for (i = 0; i < f->n; i++) {
		struct item *it = &f->items[i];

		if (it->segment == NULL || !it->named ||
		    stat(it->path, &st) == 0)
			continue;
		drain(f, it);
		segment_release(it->segment);
		it->segment = NULL;
	}
}

/* Segments that came since. */
static void
look_again(struct follow *f)
{
	struct files found = {0};
	int64_t since = f->r->scan.since;
	size_t i;
	int d;

	for (i = 0; i < f->n; i++)
		if (f->items[i].named && f->items[i].segment != NULL &&
		    f->items[i].name.start * NSEC_PER_SEC > f->r->scan.since)
			f->r->scan.since =
			    f->items[i].name.start * NSEC_PER_SEC;
	for (d = 0; d < f->files->ndirs; d++)
		(void)archive_find(&found, f->scan, f->files->dirs[d], false);
	f->r->scan.since = since;
	for (i = 0; i < found.n && !reader_stopped(f->r) && f->error == NULL;
	     i++)
		if (!is_known(f, &found.all[i]))
			begin_file(f, &found.all[i]);
	files_clear(&found);
	close_gone(f);
}

static void
watch(struct follow *f)
{
	const struct timespec poll = {0, POLL_MS * NSEC_PER_MSEC};
	unsigned int turn = 0;
	size_t i;

	while (!reader_stopped(f->r) && f->error == NULL) {
		for (i = 0; i < f->n; i++)
			drain(f, &f->items[i]);
		if (++turn % LIST_EVERY == 0)
			look_again(f);
		out_visible(f->r);
		if (!reader_stopped(f->r) && f->error == NULL)
			(void)nanosleep(&poll, NULL);
	}
}

static void
follow_free(struct follow *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		segment_release(f->items[i].segment);
		log_close(f->items[i].log);
		free(f->items[i].path);
	}
	free(f->items);
	filling_free(f->filling);
	outbuf_clear(&f->got.out);
}

const char *
follow_run(struct reader *r, const struct question *q,
    const struct scan_options *o, struct files *files, struct consumer *c)
{
	struct follow f = {.r = r, .scan = &r->scan, .files = files, .c = c};
	struct totals totals;
	const char *error;
	size_t i;

	if ((f.w = scan_worker_new(q, o, c)) == NULL)
		err(READER_FAILED, NULL);
	f.w->needs = c->needs;
	select_needs(f.w->select, &f.w->needs);
	if ((f.filling = filling_new(&r->scan, &f.w->needs)) == NULL)
		err(READER_FAILED, NULL);
	r->scan.taker = f.filling;
	r->scan.take = take_row;
	for (i = 0; i < files->n && !reader_stopped(r) && f.error == NULL;
	     i++) {
		begin_file(&f, &files->all[i]);
		out_visible(r);
	}
	watch(&f);
	follow_free(&f);
	totals = f.w->totals;
	error = scan_worker_end(f.w, c);
	if (f.error == NULL)
		f.error = error;
	if (f.error == NULL && c->finish != NULL)
		f.error = c->finish(c->arg, &totals);
	return (f.error);
}
