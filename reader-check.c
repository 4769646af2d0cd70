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
 * --check: every byte of each file, and what of it is whole.  --repair: that,
 * in a new file.
 */

#include <sys/stat.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader-answer.h"
#include "reader-check.h"

struct check {
	struct reader *r;
	struct written *out; /* of --repair into version 4, or NULL */
	bool quiet;
	bool failed; /* the file could not be opened */
	uint64_t blocks;
	uint64_t flows;
	uint64_t lost_flows; /* of blocks whose head is whole */
};

/* A log's flow that is whole. */
static void
count_flow(void *taker, struct store_record *rec)
{
	struct check *k = taker;

	k->flows++;
	if (k->out != NULL)
		written_flow(k->out, &rec->flow);
}

static void
copy_flow(void *taker, struct store_record *rec)
{
	struct check *k = taker;

	k->flows++;
	out_flow(k->r, rec);
}

static const char *
column_name(unsigned int id)
{
	static const char *const others[] = {"shape", "clock", "sampling"};

	if (id < FLOW_NFIELDS)
		return (fields[id].name);
	if (id - COL_SHAPE < 3)
		return (others[id - COL_SHAPE]);
	return ("unknown");
}

static void
check_block(struct check *k, const struct job *job)
{
	const struct block *b = &job->block;
	unsigned int id = 0;
	enum block_err e = block_check(b, &id);
	const char *error;

	if (e != BLOCK_OK) {
		reader_note(k->r, READER_DAMAGED);
		scan_damage(&k->r->scan, b->len);
		k->lost_flows += b->flows;
		warnx("%s: offset %llu: column %s: %s: %u flows lost",
		    job->path, (unsigned long long)job->offset, column_name(id),
		    block_strerror(e), b->flows);
		return;
	}
	k->blocks++;
	k->flows += b->flows;
	if (k->out != NULL &&
	    (error = written_put(k->out, b->p, b->len)) != NULL)
		errx(READER_FAILED, "--repair: %s", error);
}

static void
check_segment(struct check *k, struct file *f)
{
	static struct job job;
	struct segment *s = segment_open(&k->r->scan, f);

	k->failed = s == NULL;
	while (s != NULL && !reader_stop && segment_next(s, &job) == 1) {
		check_block(k, &job);
		segment_release(s);
	}
	segment_release(s);
}

static void
check_stream(struct check *k, struct file *f)
{
	static struct job job;
	struct blocks *s = blocks_open(&k->r->scan, f);

	k->failed = s == NULL;
	while (s != NULL && blocks_next(s, &job) == 1) {
		check_block(k, &job);
		free(job.copy);
	}
	blocks_close(s);
}

static void
check_log(struct check *k, struct file *f)
{
	struct log *lg = log_open(&k->r->scan, f->path, &f->in);

	k->failed = lg == NULL;
	while (lg != NULL && log_more(lg))
		continue;
	log_close(lg);
}

static void
tell(const struct check *k, const struct file *f)
{
	const struct damage *lost = &k->r->scan.damage;
	char line[4096], blocks[64] = "", flows[64] = "";

	if (k->failed || (k->quiet && lost->places == 0))
		return;
	if (f->kind != FILE_LOG)
		(void)snprintf(blocks, sizeof(blocks), "%llu blocks, ",
		    (unsigned long long)k->blocks);
	if (k->lost_flows > 0)
		(void)snprintf(flows, sizeof(flows),
		    ", %llu flows and what has no head",
		    (unsigned long long)k->lost_flows);
	if (lost->places == 0)
		(void)snprintf(line, sizeof(line), "%s: whole: %s%llu flows",
		    f->path, blocks, (unsigned long long)k->flows);
	else
		(void)snprintf(line, sizeof(line),
		    "%s: damaged: %s%llu flows are whole; lost: %llu bytes in "
		    "%llu places%s",
		    f->path, blocks, (unsigned long long)k->flows,
		    (unsigned long long)lost->bytes,
		    (unsigned long long)lost->places, flows);
	out_line(k->r, line);
}

static void
check_file(struct check *k, struct file *f)
{
	k->blocks = k->flows = k->lost_flows = 0;
	k->r->scan.damage = (struct damage){0};
	if (f->kind == FILE_SEGMENT)
		check_segment(k, f);
	else if (f->kind == FILE_STREAM)
		check_stream(k, f);
	else
		check_log(k, f);
	tell(k, f);
}

/* A new file: what was there shall not go because of a typing error. */
static void
open_repaired(struct check *k, const char *path, const struct files *files)
{
	struct stat st;

	if (strcmp(path, "-") != 0 && lstat(path, &st) == 0)
		errx(READER_FAILED, "--repair %s: is there already", path);
	if (files->archive) {
		k->out = written_open(path, 4, 3, files);
		return;
	}
	k->r->binary = sink_file(path, files);
	k->r->format = READER_NONE;
	k->r->scan.take = copy_flow;
}

static void
close_repaired(struct check *k)
{
	bool whole = !reader_stop;

	if (k->out == NULL)
		return;
	written_close(k->out, whole);
}

void
check_all(struct reader *r, const struct args *a)
{
	struct check k = {.r = r, .quiet = args_has(a, ARG_QUIET)};
	struct files files = {0};
	size_t i;

	r->text = sink_stdout();
	r->scan.take = count_flow;
	r->scan.taker = &k;
	r->scan.strict = true;
	files_find(&files, &r->scan, a->paths, (size_t)a->npaths);
	reader_memory(r);
	if (args_has(a, ARG_REPAIR))
		open_repaired(&k, a->value[ARG_REPAIR], &files);
	for (i = 0; i < files.n && !reader_stop; i++)
		check_file(&k, &files.all[i]);
	reader_memory(r);
	close_repaired(&k);
	out_close(r);
	files_clear(&files);
}
