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
 * Segments: their blocks one after the other, over damage.  Mapped, in memory,
 * or read: then a block has its header at first, and its columns when somebody
 * looks at them.
 */

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scan/job.h"

#define HEAD_SIZE 8192	     /* of most headers */
#define WINDOW (1024 * 1024) /* to look for the next header in */

enum how {
	READ,
	MAPPED,
	BORROWED, /* bytes of somebody else */
};

struct segment {
	struct scan *scan;
	const char *path;
	bool live;
	enum how how;
	atomic_bool cut; /* it became shorter while it was read */
	int fd;
	const uint8_t *p;
	size_t size;
	size_t at;
	unsigned int holds;
	unsigned int reports;
	int slot;      /* of maps.c */
	uint8_t *head; /* of how READ: room for a header */
};

static void
unmap(struct segment *s)
{
	if (s->how != MAPPED || s->p == NULL)
		return;
	if (maps_drop(s->slot))
		s->cut = true;
	munmap((void *)(uintptr_t)s->p, s->size);
	s->p = NULL;
}

/* All that there is of the file. */
static bool
map(struct segment *s)
{
	struct stat st;
	void *p;

	if (fstat(s->fd, &st) == -1)
		return (false);
	s->size = (size_t)st.st_size;
	if (s->size == 0 || s->how != MAPPED)
		return (true);
	p = mmap(NULL, s->size, PROT_READ, MAP_SHARED, s->fd, 0);
	if (p == MAP_FAILED)
		return (false);
	s->p = p;
	/* Columns that are not asked for are not read ahead, either. */
	(void)madvise(p, s->size, MADV_RANDOM);
	s->slot = maps_add(p, s->size);
	return (true);
}

int
segment_fd(const char *path)
{
	/* It may have become a pipe since it was looked at: nobody waits. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd == -1 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return (fd);
	close(fd);
	errno = ENOENT;
	return (-1);
}

struct segment *
segment_open(struct scan *scan, struct file *f)
{
	struct segment *s;

	if ((s = calloc(1, sizeof(*s))) == NULL) {
		scan->nomem = true;
		return (NULL);
	}
	s->scan = scan;
	s->path = f->path;
	s->live = f->named && f->name.kind == SEG_LIVE;
	s->holds = 1;
	if (f->p != NULL) {
		s->how = BORROWED;
		s->p = f->p;
		s->size = (size_t)f->bytes;
		s->fd = -1;
		return (s);
	}
	s->how = scan->maps ? MAPPED : READ;
	s->fd = f->fd;
	f->fd = -1;
	if (s->fd == -1)
		s->fd = segment_fd(f->path);
	if (s->fd != -1 && map(s))
		return (s);
	scan_errno(scan, s->path);
	segment_release(s);
	return (NULL);
}

static void
report(struct segment *s, size_t bytes, const char *why)
{
	scan_damage(s->scan, bytes);
	if (s->reports++ < s->scan->reports)
		scan_say(s->scan, SCAN_DAMAGED, s->path, s->at,
		    "%s: %zu bytes skipped", why, bytes);
}

/* Bytes of the file; fewer if it has become shorter, which is noted. */
static size_t
get(struct segment *s, uint8_t *to, size_t len, uint64_t offset)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(s->fd, to + done, len - done, (off_t)(offset + done));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			s->cut = true;
			break;
		}
		done += (size_t)n;
	}
	return (done);
}

/* From at + 1 on, window by window, to where a header may stand. */
static size_t
search(struct segment *s)
{
	uint64_t at = s->at + 1;
	size_t len, n;
	uint8_t *buf;
	struct rd rd;

	if ((buf = malloc(WINDOW)) == NULL) {
		s->scan->nomem = true;
		return (s->size - s->at);
	}
	for (; at < s->size; at += n) {
		len = s->size - at < WINDOW ? s->size - at : WINDOW;
		len = get(s, buf, len, at);
		rd = rd_init(buf, len);
		n = block_resync(&rd);
		if (n < len || len < WINDOW) {
			at = n < len ? at + n : s->size;
			break;
		}
		/* A header may be cut by the end of the window. */
		n -= BLOCK_HEADER_MAX;
	}
	free(buf);
	return ((at < s->size ? at : s->size) - s->at);
}

/* A block of which all is there but sense: look behind its head. */
static size_t
behind(struct segment *s)
{
	struct rd rd;

	if (s->how == READ)
		return (search(s));
	rd = rd_init(s->p + s->at, s->size - s->at);
	(void)rd_skip(&rd, 1);
	return (block_resync(&rd) + 1);
}

/* Over what is no block.  False: to the end, which may be no damage. */
static bool
skip(struct segment *s, enum block_err e)
{
	size_t n = behind(s);

	if (n == s->size - s->at && (e == BLOCK_SHORT || s->live) &&
	    (s->live || s->scan->follow) && !s->scan->strict)
		return (false);
	report(s, n,
	    e == BLOCK_SHORT ? "a block that is not complete"
			     : block_strerror(e));
	s->at += n;
	return (true);
}

/* With so many bytes of it, its header may be known. */
static enum block_err
try_head(struct segment *s, size_t size, struct block *b, size_t *got)
{
	size_t left = s->size - s->at;
	struct rd rd;

	*got = get(s, s->head, left < size ? left : size, s->at);
	rd = rd_init(s->head, *got);
	return (block_read(&rd, b));
}

/* The header, and room for the rest. */
static enum block_err
read_head(struct segment *s, struct job *job)
{
	struct block *b = &job->block;
	enum block_err e;
	struct rd rd;
	size_t got;

	if (s->head == NULL && (s->head = malloc(BLOCK_HEADER_MAX)) == NULL)
		return (BLOCK_NOMEM);
	e = try_head(s, HEAD_SIZE, b, &got);
	if (e == BLOCK_SHORT && b->len == 0 && got == HEAD_SIZE)
		e = try_head(s, BLOCK_HEADER_MAX, b, &got);
	if (e != BLOCK_OK &&
	    (e != BLOCK_SHORT || b->len == 0 || b->len > s->size - s->at))
		return (e);
	if ((job->copy = malloc(b->len)) == NULL)
		return (BLOCK_NOMEM);
	memcpy(job->copy, s->head, got < b->len ? got : b->len);
	rd = rd_init(job->copy, b->len);
	if ((e = block_read(&rd, b)) == BLOCK_OK)
		return (BLOCK_OK);
	free(job->copy);
	job->copy = NULL;
	return (e);
}

static enum block_err
read_block(struct segment *s, struct job *job)
{
	struct rd rd;

	job->copy = NULL;
	if (s->how == READ)
		return (read_head(s, job));
	rd = rd_init(s->p + s->at, s->size - s->at);
	return (block_read(&rd, &job->block));
}

int
segment_next(struct segment *s, struct job *job)
{
	enum block_err e;

	while (s->at < s->size) {
		e = read_block(s, job);
		if (e == BLOCK_OK) {
			job->path = s->path;
			job->offset = s->at;
			job->lot = (struct lot){NULL, NULL};
			job->map = s;
			job->flows = job->block.flows;
			s->at += job->block.len;
			segment_hold(s);
			return (1);
		}
		if (e == BLOCK_NOMEM)
			s->scan->nomem = true;
		if (e == BLOCK_EOF || e == BLOCK_NOMEM || !skip(s, e))
			return (0);
	}
	return (0);
}

static void
fetch_part(const struct job *job, const struct block_part *part)
{
	const size_t at = (size_t)(part->p - job->copy);

	if (part->stored > 0 &&
	    get(job->map, job->copy + at, part->stored, job->offset + at) <
		part->stored)
		memset(job->copy + at, 0, part->stored);
}

void
segment_fetch(void *arg, const struct block_column *c)
{
	const struct job *job = arg;

	if (job->map == NULL || job->map->how != READ)
		return;
	fetch_part(job, &c->dict);
	fetch_part(job, &c->data);
}

void
segment_refresh(struct segment *s)
{
	struct stat st;

	if (s->how == BORROWED || fstat(s->fd, &st) == -1 ||
	    (size_t)st.st_size == s->size)
		return;
	/* What was backed out was never read as a block. */
	unmap(s);
	if (!map(s))
		s->size = s->at;
	if (s->at > s->size)
		s->at = s->size;
}

void
segment_hold(struct segment *s)
{
	s->holds++;
}

void
segment_release(struct segment *s)
{
	if (s == NULL || --s->holds > 0)
		return;
	unmap(s);
	if (s->reports > s->scan->reports)
		scan_say(s->scan, SCAN_DAMAGED, s->path, SCAN_NOWHERE,
		    "damaged in %u more places", s->reports - s->scan->reports);
	/* A block that a writer took back was not whole, and not used. */
	if (s->cut)
		scan_say(s->scan, SCAN_UNREAD, s->path, SCAN_NOWHERE,
		    "became shorter, or unreadable, while it was read");
	if (s->fd != -1)
		close(s->fd);
	free(s->head);
	free(s);
}

uint64_t
segment_offset(const struct segment *s)
{
	return (s->at);
}

static bool
has(const struct flow_set *set, unsigned int id)
{
	return (id >= FLOW_NFIELDS || (set->w[id / 64] >> id % 64 & 1) != 0);
}

static void
want_part(const struct block_part *part, uintptr_t page)
{
	uintptr_t from = (uintptr_t)part->p;
	uintptr_t to = from + part->stored;

	from -= from % page;
	if (to > from)
		(void)madvise((void *)from, to - from, MADV_WILLNEED);
}

void
segment_want(const struct job *job, const struct flow_set *wanted)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	const struct block *b = &job->block;
	struct flow_set set = *wanted;
	unsigned int i;

	if (job->map == NULL || job->map->how != MAPPED || b->len < 4 * page)
		return;
	/* Parents stand before those that need them. */
	for (i = b->ncolumns; i-- > 0;) {
		const struct block_column *c = &b->columns[i];

		if (!has(&set, c->id))
			continue;
		if (c->parent < FLOW_NFIELDS)
			set.w[c->parent / 64] |= (uint64_t)1 << c->parent % 64;
		want_part(&c->dict, page);
		want_part(&c->data, page);
	}
}
