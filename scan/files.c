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
 * What the arguments name: logs, segments, captures, directories of them.
 */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scan/job.h"

#define SPARE 64   /* descriptors for what else is to be opened */
#define TIME_AT 24 /* in the head of a block */

struct file *
files_add(struct files *fs, struct scan *s, const char *path)
{
	size_t size = fs->size * 2 + 16;
	struct file *all, *f;
	char *copy = strdup(path);

	if (copy != NULL && fs->n == fs->size) {
		all = reallocarray(fs->all, size, sizeof(*all));
		if (all == NULL) {
			free(copy);
			copy = NULL;
		} else {
			fs->all = all;
			fs->size = size;
		}
	}
	if (copy == NULL) {
		s->nomem = true;
		return (NULL);
	}
	f = &fs->all[fs->n++];
	*f = (struct file){.path = copy, .fd = -1};
	return (f);
}

void
files_clear(struct files *fs)
{
	size_t i;

	for (i = 0; i < fs->n; i++) {
		free(fs->all[i].path);
		if (fs->all[i].fd != -1)
			close(fs->all[i].fd);
		input_close(fs->all[i].in);
	}
	free(fs->all);
	free(fs->dirs);
	*fs = (struct files){0};
}

void
file_spare(struct file *f, const struct scan *s)
{
	if (f->fd == -1 || f->fd < s->open_most - SPARE)
		return;
	close(f->fd);
	f->fd = -1;
}

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (slash == NULL ? path : slash + 1);
}

static bool
is_segment(const uint8_t *p, size_t len)
{
	return (len >= BLOCK_MAGICLEN &&
	    memcmp(p, BLOCK_MAGIC, BLOCK_MAGICLEN) == 0);
}

/* The first flow of a segment's first block, if all of its head is there. */
static int64_t
first_time(const uint8_t *p, size_t len)
{
	uint64_t v = 0;
	size_t i;

	if (len < TIME_AT + 8)
		return (0);
	for (i = 8; i-- > 0;)
		v = v << 8 | p[TIME_AT + i];
	return ((int64_t)v);
}

static bool
has_magic(struct file *f)
{
	uint8_t head[TIME_AT + 8];
	ssize_t n = pread(f->fd, head, sizeof(head), 0);

	if (n <= 0 || !is_segment(head, (size_t)n))
		return (false);
	f->first = first_time(head, (size_t)n);
	return (true);
}

/* Through an inflater, or a pipe: what is looked at is kept. */
static void
look_inside(struct file *f, const struct scan *s)
{
	uint8_t buf[INPUT_PEEK];
	struct stat st;
	size_t len;

	if ((f->in = input_open(s, f->path)) == NULL)
		return;
	len = input_peek(f->in, buf);
	if (is_segment(buf, len)) {
		f->kind = FILE_STREAM;
		f->first = first_time(buf, len);
	}
	if (strcmp(f->path, "-") == 0 || stat(f->path, &st) == -1 ||
	    !S_ISREG(st.st_mode))
		return;
	/* Not so many files open at once. */
	input_close(f->in);
	f->in = NULL;
}

bool
file_look(struct file *f, const struct scan *s)
{
	struct stat st;

	f->named = segname_parse(name_of(f->path), &f->name) == 0;
	if (strcmp(f->path, "-") == 0) {
		look_inside(f, s);
		return (true);
	}
	/* Who reads it says what is wrong. */
	if (stat(f->path, &st) == -1)
		return (false);
	if (!S_ISREG(st.st_mode)) {
		look_inside(f, s);
		return (f->in != NULL);
	}
	f->bytes = (uint64_t)st.st_size;
	if ((f->fd = segment_fd(f->path)) == -1)
		return (false);
	/* A segment may begin with damage: its name tells, too. */
	if (has_magic(f) || f->named) {
		f->kind = FILE_SEGMENT;
		return (true);
	}
	close(f->fd);
	f->fd = -1;
	look_inside(f, s);
	return (true);
}

static bool
log_begins(struct file *f, const uint8_t *p, size_t len)
{
	struct rd rd = rd_init(p, len);
	struct store_record rec;
	uint32_t started;

	if (store_v2_header(&rd, &started) == STORE_OK) {
		f->first = (int64_t)started * NSEC_PER_SEC;
		return (true);
	}
	rd = rd_init(p, len);
	if (store_read(&rd, &rec) != STORE_OK)
		return (false);
	f->first = rec.flow.recv_time;
	return (true);
}

bool
file_has_flows(struct file *f, const struct scan *s)
{
	uint8_t buf[INPUT_PEEK];
	struct input *in;
	size_t len;
	bool has;

	if (!file_look(f, s))
		return (false);
	if (f->kind != FILE_LOG) {
		f->first = f->named ? f->name.start * NSEC_PER_SEC : f->first;
		return (true);
	}
	if ((in = input_open(s, f->path)) == NULL)
		return (false);
	len = input_peek(in, buf);
	has = log_begins(f, buf, len);
	input_close(in);
	return (has);
}

static void
find_one(struct files *fs, struct scan *s, char *path)
{
	struct file *f;

	if ((f = files_add(fs, s, path)) == NULL)
		return;
	if (s->captures != NULL)
		f->kind = FILE_CAPTURE;
	else
		(void)file_look(f, s);
	file_spare(f, s);
	fs->bytes += f->bytes;
	if (f->kind == FILE_SEGMENT || f->kind == FILE_STREAM)
		fs->archive = true;
}

void
files_find(struct files *fs, struct scan *s, char *const *paths, size_t n)
{
	struct stat st;
	size_t i;

	if ((fs->dirs = calloc(n + 1, sizeof(*fs->dirs))) == NULL)
		s->nomem = true;
	for (i = 0; i < n && !s->nomem; i++) {
		if (s->captures != NULL || strcmp(paths[i], "-") == 0 ||
		    stat(paths[i], &st) == -1 || !S_ISDIR(st.st_mode)) {
			find_one(fs, s, paths[i]);
			continue;
		}
		fs->dirs[fs->ndirs++] = paths[i];
		if (!archive_find(fs, s, paths[i], !s->follow))
			fs->failed = true;
		fs->archive = fs->archive || s->follow;
	}
}

bool
files_bytes(struct files *fs, struct scan *s, const void *p, size_t len,
    const char *name)
{
	uint8_t buf[INPUT_PEEK];
	struct file *f;

	if ((f = files_add(fs, s, name)) == NULL ||
	    (f->in = input_bytes(p, len)) == NULL)
		return (false);
	fs->bytes = f->bytes = len;
	if (is_segment(p, len)) {
		f->kind = FILE_SEGMENT;
		f->p = p;
	} else if (is_segment(buf, input_peek(f->in, buf)))
		f->kind = FILE_STREAM;
	if (f->kind != FILE_LOG)
		fs->archive = true;
	/* From its start, in large pieces: as a file is read. */
	input_close(f->in);
	return ((f->in = input_bytes(p, len)) != NULL);
}
