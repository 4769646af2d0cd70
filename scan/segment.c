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
 * Segments, mapped or in memory: their blocks one after the other, over damage.
 */

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scan/job.h"

#define MAX_REPORTS 20
#define MAPS 256

struct segment {
	struct scan *scan;
	const char *path;
	bool live;
	bool borrowed; /* bytes of somebody else */
	bool cut;      /* it became shorter while it was read */
	int fd;
	const uint8_t *p;
	size_t size;
	size_t at;
	unsigned int holds;
	unsigned int reports;
	int slot; /* in maps, or -1 */
};

/*
 * What is mapped, for the handler of SIGBUS: a file that is cut meanwhile, or
 * a disk that fails, has no page to give.  Zeros are no block and no column,
 * so the checksums tell the rest.
 */
static struct {
	uint8_t *volatile p;
	volatile size_t len;
	volatile sig_atomic_t failed;
} maps[MAPS];

static void
no_page(int sig, siginfo_t *si, void *context)
{
	uintptr_t at = (uintptr_t)si->si_addr;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	int i;

	(void)context;
	for (i = 0; i < MAPS; i++) {
		uintptr_t p = (uintptr_t)maps[i].p;

		if (p == 0 || at < p || at - p >= maps[i].len)
			continue;
		at -= at % page;
		maps[i].failed = 1;
		if (mmap(maps[i].p + (at - p), page, PROT_READ,
			MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1,
			0) != MAP_FAILED)
			return;
	}
	/* Not ours: as it would have been. */
	(void)signal(sig, SIG_DFL);
}

static void
map_register(struct segment *s)
{
	static bool handled;
	struct sigaction sa = {.sa_sigaction = no_page, .sa_flags = SA_SIGINFO};

	if (!handled) {
		(void)sigemptyset(&sa.sa_mask);
		(void)sigaction(SIGBUS, &sa, NULL);
		handled = true;
	}
	for (s->slot = MAPS - 1; s->slot >= 0; s->slot--)
		if (maps[s->slot].p == NULL)
			break;
	if (s->slot == -1)
		return;
	maps[s->slot].failed = 0;
	maps[s->slot].len = s->size;
	maps[s->slot].p = (uint8_t *)(uintptr_t)s->p;
}

static void
unmap(struct segment *s)
{
	if (s->p == NULL || s->borrowed)
		return;
	if (s->slot != -1) {
		s->cut = s->cut || maps[s->slot].failed;
		maps[s->slot].p = NULL;
	}
	munmap((void *)(uintptr_t)s->p, s->size);
	s->p = NULL;
}

static bool
map(struct segment *s)
{
	struct stat st;
	void *p;

	if (s->borrowed || fstat(s->fd, &st) == -1)
		return (false);
	s->size = (size_t)st.st_size;
	if (s->size == 0)
		return (true);
	p = mmap(NULL, s->size, PROT_READ, MAP_SHARED, s->fd, 0);
	if (p == MAP_FAILED)
		return (false);
	s->p = p;
	/* Columns that are not asked for are not read ahead, either. */
	(void)madvise(p, s->size, MADV_RANDOM);
	map_register(s);
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
		s->borrowed = true;
		s->p = f->p;
		s->size = (size_t)f->bytes;
		s->fd = -1;
		return (s);
	}
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
	if (s->reports++ < MAX_REPORTS)
		scan_say(s->scan, SCAN_DAMAGED, s->path, s->at,
		    "%s: %zu bytes skipped", why, bytes);
}

/* Over what is no block.  False: to the end, which may be no damage. */
static bool
skip(struct segment *s, enum block_err e)
{
	struct rd rd = rd_init(s->p + s->at, s->size - s->at);
	size_t n;

	/* A block of which all is there but sense: look behind its head. */
	(void)rd_skip(&rd, 1);
	n = block_resync(&rd) + 1;
	if (n == s->size - s->at && (e == BLOCK_SHORT || s->live) &&
	    (s->live || s->scan->follow) && !s->scan->strict)
		return (false);
	report(s, n,
	    e == BLOCK_SHORT ? "a block that is not complete"
			     : block_strerror(e));
	s->at += n;
	return (true);
}

int
segment_next(struct segment *s, struct job *job)
{
	struct rd rd;
	enum block_err e;

	while (s->at < s->size) {
		rd = rd_init(s->p + s->at, s->size - s->at);
		e = block_read(&rd, &job->block);
		if (e == BLOCK_OK) {
			job->path = s->path;
			job->offset = s->at;
			job->lot = (struct lot){NULL, NULL};
			job->copy = NULL;
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

void
segment_refresh(struct segment *s)
{
	struct stat st;

	if (s->borrowed || fstat(s->fd, &st) == -1 ||
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
	if (s->reports > MAX_REPORTS)
		scan_say(s->scan, SCAN_DAMAGED, s->path, SCAN_NOWHERE,
		    "damaged in %u more places", s->reports - MAX_REPORTS);
	/* A block that a writer took back was not whole, and not used. */
	if (s->cut)
		scan_say(s->scan, SCAN_UNREAD, s->path, SCAN_NOWHERE,
		    "became shorter, or unreadable, while it was read");
	if (s->fd != -1)
		close(s->fd);
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

	if (job->map == NULL || job->map->borrowed || b->len < 4 * page)
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
