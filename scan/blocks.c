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

#include <stdlib.h>
#include <string.h>

#include "scan/job.h"

#define STREAM_SIZE (1024 * 1024)

struct blocks {
	struct scan *scan;
	const char *path;
	struct input *in;
	bool ended;
	bool live;	 /* its end may be written just now */
	uint64_t offset; /* of buf[start] */
	size_t start, end, size;
	uint8_t *buf;
};

struct blocks *
blocks_open(struct scan *scan, struct file *f)
{
	struct blocks *s;

	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->buf = malloc(STREAM_SIZE)) == NULL) {
		free(s);
		scan_errno(scan, f->path);
		return (NULL);
	}
	s->scan = scan;
	s->path = f->path;
	s->size = STREAM_SIZE;
	s->in = f->in;
	f->in = NULL;
	if (s->in != NULL || (s->in = input_open(scan, f->path)) != NULL)
		return (s);
	scan_errno(scan, s->path);
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
		scan_say(s->scan, SCAN_DAMAGED, s->path, SCAN_NOWHERE, "%s",
		    damage);
		scan_damage(s->scan, 0);
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
		if ((buf = realloc(s->buf, s->size)) == NULL) {
			s->scan->nomem = true;
			return (false);
		}
		s->buf = buf;
	}
	n = input_read(s->in, s->buf + s->end, s->size - s->end);
	if (n == -1)
		scan_errno(s->scan, s->path);
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
	scan_damage(s->scan, s->offset - from);
	scan_say(s->scan, SCAN_DAMAGED, s->path, from, "%s: %llu bytes skipped",
	    e == BLOCK_SHORT ? "a block that is not complete"
			     : block_strerror(e),
	    (unsigned long long)(s->offset - from));
}

static bool
give(struct blocks *s, struct job *job)
{
	size_t len = job->block.len;
	struct rd rd;

	if ((job->copy = malloc(len)) == NULL) {
		s->scan->nomem = true;
		return (false);
	}
	memcpy(job->copy, s->buf + s->start, len);
	rd = rd_init(job->copy, len);
	(void)block_read(&rd, &job->block);
	job->path = s->path;
	job->offset = s->offset;
	job->lot = (struct lot){NULL, NULL};
	job->map = NULL;
	job->flows = job->block.flows;
	s->start += len;
	s->offset += len;
	return (true);
}

int
blocks_next(struct blocks *s, struct job *job)
{
	enum block_err e;
	struct rd rd;

	while (!scan_stopped(s->scan)) {
		rd = rd_init(s->buf + s->start, s->end - s->start);
		e = block_read(&rd, &job->block);
		if (e == BLOCK_OK)
			return (give(s, job));
		if ((e == BLOCK_EOF || e == BLOCK_SHORT) && fill(s))
			continue;
		if ((e == BLOCK_EOF && s->start == s->end) ||
		    scan_stopped(s->scan))
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
