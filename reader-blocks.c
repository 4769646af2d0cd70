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
 * Segments that come through a pipe or are compressed: each block is gathered
 * in memory.
 */

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "reader-scan.h"

#define STREAM_SIZE (1024 * 1024)

struct blocks {
	struct reader *r;
	const char *path;
	struct input *in;
	bool ended;
	uint64_t offset; /* of buf[start] */
	size_t start, end, size;
	uint8_t *buf;
};

struct blocks *
blocks_open(struct reader *r, struct file *f)
{
	struct blocks *s;

	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->buf = malloc(STREAM_SIZE)) == NULL)
		err(READER_FAILED, NULL);
	s->r = r;
	s->path = f->path;
	s->size = STREAM_SIZE;
	s->in = f->in;
	f->in = NULL;
	if (s->in != NULL || (s->in = input_open(f->path)) != NULL)
		return (s);
	warn("%s", s->path);
	reader_note(r, READER_FAILED);
	blocks_close(s);
	return (NULL);
}

void
blocks_close(struct blocks *s)
{
	const char *damage;

	if (s == NULL)
		return;
	if (s->ended && s->in != NULL &&
	    (damage = input_damage(s->in)) != NULL) {
		warnx("%s: %s", s->path, damage);
		reader_note(s->r, READER_DAMAGED);
		s->r->damage.places++;
	}
	input_close(s->in);
	free(s->buf);
	free(s);
}

/* More bytes, in a buffer that grows to a block's size.  False: none come. */
static bool
fill(struct blocks *s)
{
	uint8_t *buf;
	ssize_t n;

	if (s->ended)
		return (false);
	memmove(s->buf, s->buf + s->start, s->end - s->start);
	s->end -= s->start;
	s->start = 0;
	if (s->end == s->size) {
		if (s->size >= BLOCK_MAX)
			return (false);
		s->size *= 2;
		if ((buf = realloc(s->buf, s->size)) == NULL)
			err(READER_FAILED, NULL);
		s->buf = buf;
	}
	n = input_read(s->in, s->buf + s->end, s->size - s->end);
	if (n == -1) {
		warn("%s", s->path);
		reader_note(s->r, READER_FAILED);
	}
	s->ended = n <= 0;
	s->end += n > 0 ? (size_t)n : 0;
	return (!s->ended);
}

/* Over what is no block, up to where one may begin. */
static void
skip(struct blocks *s, enum block_err e)
{
	uint64_t from = s->offset;
	struct rd rd;
	size_t n, hold;

	s->start++;
	s->offset++;
	do {
		rd = rd_init(s->buf + s->start, s->end - s->start);
		n = block_resync(&rd);
		hold = n == rd.left && !s->ended ? BLOCK_HEADER_MAX : 0;
		n -= hold < n ? hold : n;
		s->start += n;
		s->offset += n;
	} while (hold != 0 && fill(s));
	reader_note(s->r, READER_DAMAGED);
	s->r->damage.places++;
	s->r->damage.bytes += s->offset - from;
	warnx("%s: offset %llu: %s: %llu bytes skipped", s->path,
	    (unsigned long long)from,
	    e == BLOCK_SHORT ? "a block that is not complete"
			     : block_strerror(e),
	    (unsigned long long)(s->offset - from));
}

static void
give(struct blocks *s, struct job *job)
{
	size_t len = job->block.len;
	struct rd rd;

	if ((job->copy = malloc(len)) == NULL)
		err(READER_FAILED, NULL);
	memcpy(job->copy, s->buf + s->start, len);
	rd = rd_init(job->copy, len);
	(void)block_read(&rd, &job->block);
	job->path = s->path;
	job->offset = s->offset;
	job->rows = NULL;
	job->map = NULL;
	job->flows = job->block.flows;
	s->start += len;
	s->offset += len;
}

int
blocks_next(struct blocks *s, struct job *job)
{
	enum block_err e;
	struct rd rd;

	while (!reader_stop) {
		rd = rd_init(s->buf + s->start, s->end - s->start);
		e = block_read(&rd, &job->block);
		if (e == BLOCK_OK) {
			give(s, job);
			return (1);
		}
		if ((e == BLOCK_EOF || e == BLOCK_SHORT) && fill(s))
			continue;
		if (e == BLOCK_EOF && s->start == s->end)
			return (0);
		skip(s, e);
	}
	return (0);
}

uint64_t
blocks_taken(const struct blocks *s)
{
	return (input_taken(s->in));
}
