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

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "query/spill.h"

#define WRITE_BYTES (256 * 1024)
#define READ_LEAST 4096
#define READ_MOST (1024 * 1024)

struct run {
	uint64_t off; /* of the file */
	uint64_t rows;
};

struct spill {
	const char *dir;
	size_t width; /* bytes of a row */
	int fd;
	uint64_t end; /* of what is written */
	struct run *run;
	size_t nruns;
	uint8_t *buf;
	size_t len;
	char err[256];
};

/* A run that is read. */
struct source {
	struct spill *spill;
	uint64_t off, left; /* left: rows that are not in the buffer */
	uint8_t *buf;
	size_t at, len, size; /* bytes */
};

struct merge {
	spill_cmp *cmp;
	void *arg;
	struct source *source;
	size_t nsources;
	size_t *heap; /* numbers of sources, the next row on top */
	size_t n;
	bool begun;
	uint8_t *memory;
};

struct spill *
spill_new(const char *dir, unsigned int words)
{
	struct spill *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	s->dir = dir;
	s->width = words * sizeof(uint64_t);
	s->fd = -1;
	return (s);
}

void
spill_free(struct spill *s)
{
	if (s == NULL)
		return;
	if (s->fd != -1)
		close(s->fd);
	free(s->run);
	free(s->buf);
	free(s);
}

size_t
spill_runs(const struct spill *s)
{
	return (s == NULL ? 0 : s->nruns);
}

static const char *
fail(struct spill *s, const char *what)
{
	snprintf(s->err, sizeof(s->err),
	    "the answer needs more than --memory, and a file in %.120s cannot "
	    "be %s: %s; see --tmpdir",
	    s->dir == NULL ? "no directory" : s->dir, what, strerror(errno));
	return (s->err);
}

static const char *
make_file(struct spill *s)
{
	char path[4096];
	int n;

	errno = ENOENT;
	if (s->dir == NULL)
		return (fail(s, "made"));
	n = snprintf(path, sizeof(path), "%s/flowd-reader.XXXXXXXXXX", s->dir);
	errno = ENAMETOOLONG;
	if (n < 0 || (size_t)n >= sizeof(path))
		return (fail(s, "made"));
	if ((s->fd = mkstemp(path)) == -1)
		return (fail(s, "made"));
	if (unlink(path) == -1)
		return (fail(s, "unlinked"));
	return (NULL);
}

const char *
spill_begin(struct spill *s)
{
	struct run *run;
	const char *err;

	if (s->fd == -1 && (err = make_file(s)) != NULL)
		return (err);
	if (s->buf == NULL)
		s->buf = malloc(WRITE_BYTES);
	run = reallocarray(s->run, s->nruns + 1, sizeof(*run));
	if (run != NULL)
		s->run = run;
	if (run == NULL || s->buf == NULL)
		return ("out of memory");
	s->run[s->nruns++] = (struct run){.off = s->end + s->len};
	return (NULL);
}

static const char *
write_at(struct spill *s, const uint8_t *p, size_t len, uint64_t off)
{
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n, off += (size_t)n) {
		n = pwrite(s->fd, p, len, (off_t)off);
		if (n == -1 && errno == EINTR) {
			n = 0;
			continue;
		}
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			return (fail(s, "written"));
	}
	return (NULL);
}

static const char *
read_at(struct spill *s, uint8_t *p, size_t len, uint64_t off)
{
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n, off += (size_t)n) {
		n = pread(s->fd, p, len, (off_t)off);
		if (n == -1 && errno == EINTR) {
			n = 0;
			continue;
		}
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return (fail(s, "read"));
	}
	return (NULL);
}

const char *
spill_write(struct spill *s, const void *p, size_t len, uint64_t *off)
{
	const char *err;

	if (s->fd == -1 && (err = make_file(s)) != NULL)
		return (err);
	*off = s->end;
	s->end += len;
	return (write_at(s, p, len, *off));
}

const char *
spill_read(struct spill *s, void *p, size_t len, uint64_t off)
{
	return (read_at(s, p, len, off));
}

static const char *
flush(struct spill *s)
{
	const char *err = write_at(s, s->buf, s->len, s->end);

	s->end += s->len;
	s->len = 0;
	return (err);
}

const char *
spill_put(struct spill *s, const uint64_t *row)
{
	const uint8_t *p = (const uint8_t *)row;
	size_t left = s->width, n;
	const char *err;

	for (; left > 0; left -= n, p += n) {
		n = WRITE_BYTES - s->len < left ? WRITE_BYTES - s->len : left;
		memcpy(s->buf + s->len, p, n);
		s->len += n;
		if (s->len == WRITE_BYTES && (err = flush(s)) != NULL)
			return (err);
	}
	s->run[s->nruns - 1].rows++;
	return (NULL);
}

const char *
spill_end(struct spill *s)
{
	const char *err = flush(s);

	free(s->buf);
	s->buf = NULL;
	return (err);
}

static const char *
fill(struct source *s)
{
	size_t want = s->size / s->spill->width;
	const char *err;

	if (want > s->left)
		want = s->left;
	s->at = 0;
	s->len = want * s->spill->width;
	if ((err = read_at(s->spill, s->buf, s->len, s->off)) != NULL)
		return (err);
	s->off += s->len;
	s->left -= want;
	return (NULL);
}

static const uint64_t *
row(const struct source *s)
{
	return ((const uint64_t *)(const void *)(s->buf + s->at));
}

static size_t
count_runs(struct spill *const *files, size_t n, size_t *width)
{
	size_t i, runs = 0;

	*width = 1;
	for (i = 0; i < n; i++) {
		runs += spill_runs(files[i]);
		if (files[i] != NULL && files[i]->width > *width)
			*width = files[i]->width;
	}
	return (runs);
}

static void
add_runs(struct merge *m, struct spill *file, size_t size)
{
	struct source *s;
	size_t i;

	for (i = 0; i < spill_runs(file); i++) {
		s = &m->source[m->nsources];
		s->spill = file;
		s->off = file->run[i].off;
		s->left = file->run[i].rows;
		s->buf = m->memory + m->nsources * size;
		s->size = size;
		m->nsources++;
	}
}

struct merge *
merge_new(struct spill *const *files, size_t n, size_t memory, spill_cmp *cmp,
    void *arg)
{
	size_t width, runs = count_runs(files, n, &width), size, i;
	struct merge *m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return (NULL);
	m->cmp = cmp;
	m->arg = arg;
	size = memory / (runs + 1);
	if (size < READ_LEAST)
		size = READ_LEAST;
	if (size > READ_MOST)
		size = READ_MOST;
	if (size < width)
		size = width;
	size = (size + 7) / 8 * 8;
	m->source = calloc(runs + 1, sizeof(*m->source));
	m->heap = calloc(runs + 1, sizeof(*m->heap));
	m->memory = reallocarray(NULL, runs + 1, size);
	if (m->source == NULL || m->heap == NULL || m->memory == NULL) {
		merge_free(m);
		return (NULL);
	}
	for (i = 0; i < n; i++)
		add_runs(m, files[i], size);
	return (m);
}

void
merge_free(struct merge *m)
{
	if (m == NULL)
		return;
	free(m->source);
	free(m->heap);
	free(m->memory);
	free(m);
}

static bool
before(const struct merge *m, size_t a, size_t b)
{
	int c = m->cmp(m->arg, row(&m->source[a]), row(&m->source[b]));

	return (c != 0 ? c < 0 : a < b);
}

static void
sift(struct merge *m, size_t i)
{
	size_t x = m->heap[i], child;

	while ((child = 2 * i + 1) < m->n) {
		if (child + 1 < m->n &&
		    before(m, m->heap[child + 1], m->heap[child]))
			child++;
		if (!before(m, m->heap[child], x))
			break;
		m->heap[i] = m->heap[child];
		i = child;
	}
	m->heap[i] = x;
}

static const char *
begin(struct merge *m)
{
	const char *err;
	size_t i;

	m->begun = true;
	for (i = 0; i < m->nsources; i++) {
		if ((err = fill(&m->source[i])) != NULL)
			return (err);
		if (m->source[i].len > 0)
			m->heap[m->n++] = i;
	}
	for (i = m->n / 2; i-- > 0;)
		sift(m, i);
	return (NULL);
}

/* The row on top is done with. */
static const char *
advance(struct merge *m)
{
	struct source *s = &m->source[m->heap[0]];
	const char *err;

	s->at += s->spill->width;
	if (s->at == s->len && (err = fill(s)) != NULL)
		return (err);
	if (s->len == 0)
		m->heap[0] = m->heap[--m->n];
	if (m->n > 0)
		sift(m, 0);
	return (NULL);
}

const uint64_t *
merge_next(struct merge *m, const char **err)
{
	*err = NULL;
	if (!m->begun)
		*err = begin(m);
	else if (m->n > 0)
		*err = advance(m);
	if (*err != NULL || m->n == 0)
		return (NULL);
	return (row(&m->source[m->heap[0]]));
}
