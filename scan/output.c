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
 * Flows into a file of version 3 or 4.
 */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scan/output.h"
#include "store.h"

#define OUTPUT_SIZE 65536

struct output {
	struct output_options o;
	char *path;
	char *tmp; /* NULL: it is written in its place */
	int fd;
	pid_t pid;	/* that made it */
	bool regular;	/* may be cut back to a boundary */
	bool ended;	/* output_end() was done */
	int error;	/* of the first write that failed: no more are tried */
	uint64_t size;	/* of the file, whole records and blocks */
	uint64_t flows; /* written */
	struct reseal *reseal;
	size_t len; /* in buf: whole records */
	uint8_t buf[OUTPUT_SIZE];
};

/*
 * What is not whole is taken back: a full disk leaves no half of a record.
 * Unless somebody else appended, too.
 */
static int
write_failed(struct output *o, uint64_t half)
{
	struct stat st;

	o->error = errno;
	if (o->regular && fstat(o->fd, &st) == 0 &&
	    (uint64_t)st.st_size == o->size + half)
		(void)!ftruncate(o->fd, (off_t)o->size);
	errno = o->error;
	return (-1);
}

static int
write_all(struct output *o, const uint8_t *p, size_t len)
{
	size_t done = 0;
	ssize_t n;

	if (o->error != 0) {
		errno = o->error;
		return (-1);
	}
	for (; done < len; done += (size_t)n) {
		n = write(o->fd, p + done, len - done);
		if (n == -1 && errno == EINTR)
			n = 0;
		else if (n == -1)
			return (write_failed(o, done));
	}
	o->size += len;
	return (0);
}

static int
reseal_write(void *arg, const uint8_t *p, size_t len)
{
	return (write_all(arg, p, len));
}

/* Only memory fails beside writing. */
static int
resealed(const struct output *o, int r)
{
	if (r == -1)
		errno = o->error == 0 ? ENOMEM : o->error;
	return (r);
}

static void
output_free(struct output *o)
{
	int saved = errno;

	if (o == NULL)
		return;
	if (o->fd != -1)
		close(o->fd);
	reseal_free(o->reseal);
	free(o->path);
	free(o->tmp);
	free(o);
	errno = saved;
}

static struct output *
output_new(const struct output_options *options)
{
	struct output *o;

	if (options->version != 3 && options->version != 4) {
		errno = EINVAL;
		return (NULL);
	}
	if ((o = calloc(1, sizeof(*o))) == NULL)
		return (NULL);
	o->o = *options;
	o->fd = -1;
	o->pid = getpid();
	if (options->version == 3 ||
	    (o->reseal = reseal_new(options->level, reseal_write, o)) != NULL)
		return (o);
	output_free(o);
	errno = ENOMEM;
	return (NULL);
}

struct output *
output_fd(int fd, const struct output_options *options)
{
	struct output *o;

	if ((o = output_new(options)) != NULL)
		o->fd = fd;
	return (o);
}

/* Does it go on as it began? */
static bool
is_version(const struct output *o, const uint8_t *p, size_t len)
{
	struct rd rd = rd_init(p, len);
	struct store_record rec;

	if (o->o.version == 4)
		return (len >= BLOCK_MAGICLEN &&
		    memcmp(p, BLOCK_MAGIC, BLOCK_MAGICLEN) == 0);
	return (store_read(&rd, &rec) == STORE_OK);
}

static int
open_append(struct output *o)
{
	uint8_t head[STORE_RECMAX];
	struct stat st;
	ssize_t n;

	o->fd = open(o->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (o->fd == -1 || fstat(o->fd, &st) == -1)
		return (-1);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return (0);
	if ((n = pread(o->fd, head, sizeof(head), 0)) == -1)
		return (-1);
	if (is_version(o, head, (size_t)n))
		return (0);
	errno = EINVAL;
	return (-1);
}

static int
open_anew(struct output *o)
{
	struct stat st;

	if (o->o.mode == OUTPUT_NEW && lstat(o->path, &st) == 0) {
		errno = EEXIST;
		return (-1);
	}
	/* Devices and pipes cannot be replaced. */
	if (stat(o->path, &st) == 0 && !S_ISREG(st.st_mode)) {
		o->fd = open(o->path, O_WRONLY | O_CLOEXEC);
		return (o->fd);
	}
	/* Flows tell who talks to whom: mode 0600. */
	if (asprintf(&o->tmp, "%s.XXXXXX", o->path) == -1) {
		o->tmp = NULL;
		return (-1);
	}
	if ((o->fd = mkostemp(o->tmp, O_CLOEXEC)) == -1) {
		free(o->tmp);
		o->tmp = NULL;
	}
	return (o->fd);
}

struct output *
output_open(const char *path, const struct output_options *options)
{
	struct output *o;
	struct stat st;

	if ((o = output_new(options)) == NULL)
		return (NULL);
	if ((o->path = strdup(path)) == NULL ||
	    (options->mode == OUTPUT_APPEND ? open_append(o) : open_anew(o)) ==
		-1) {
		output_free(o);
		return (NULL);
	}
	if (fstat(o->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		o->regular = true;
		o->size = (uint64_t)st.st_size;
	}
	return (o);
}

const char *
output_temporary(const struct output *o)
{
	return (o->tmp);
}

uint64_t
output_written(const struct output *o)
{
	return (o->flows);
}

int
output_flush(struct output *o)
{
	size_t len = o->len;

	o->len = 0;
	return (write_all(o, o->buf, len));
}

static int
put_record(struct output *o, const struct flow *f)
{
	struct wr wr;

	if (OUTPUT_SIZE - o->len < STORE_WRITEMAX && output_flush(o) == -1)
		return (-1);
	wr = wr_init(o->buf + o->len, OUTPUT_SIZE - o->len);
	if (store_write(&wr, f, o->o.fields) != STORE_OK) {
		errno = EINVAL;
		return (-1);
	}
	o->len = OUTPUT_SIZE - wr.left;
	return (0);
}

int
output_flow(struct output *o, const struct flow *f)
{
	int r;

	if (o->error != 0 || o->ended) {
		errno = o->ended ? EINVAL : o->error;
		return (-1);
	}
	if (o->reseal != NULL)
		r = resealed(o, reseal_flow(o->reseal, f));
	else
		r = put_record(o, f);
	if (r == 0)
		o->flows++;
	return (r);
}

int
output_batch(struct output *o, struct batch *b, const struct sel *sel)
{
	struct flow f;
	enum block_err e;
	uint32_t i;

	for (i = 0; i < sel->n; i++) {
		if ((e = batch_row(b, sel_row(sel, i), NULL, &f)) != BLOCK_OK) {
			errno = e == BLOCK_NOMEM ? ENOMEM : EBADMSG;
			return (-1);
		}
		if (output_flow(o, &f) == -1)
			return (-1);
	}
	return (0);
}

int
output_put(struct output *o, const uint8_t *p, size_t len)
{
	if (o->reseal != NULL)
		return (resealed(o, reseal_segment(o->reseal, p, len)));
	if (o->len > 0 && output_flush(o) == -1)
		return (-1);
	return (write_all(o, p, len));
}

int
output_end(struct output *o)
{
	if (o->ended)
		return (0);
	if (o->error != 0) {
		errno = o->error;
		return (-1);
	}
	o->ended = true;
	if (o->reseal != NULL)
		return (resealed(o, reseal_end(o->reseal)));
	return (output_flush(o));
}

static int
give_name(struct output *o)
{
	if (fsync(o->fd) == -1)
		return (-1);
	if (o->o.mode != OUTPUT_NEW)
		return (rename(o->tmp, o->path));
	if (link(o->tmp, o->path) == -1)
		return (-1);
	(void)unlink(o->tmp);
	return (0);
}

/* Unless it is another process's, that this one was forked off. */
static void
remove_temporary(const struct output *o)
{
	int saved = errno;

	if (o->pid == getpid())
		(void)unlink(o->tmp);
	errno = saved;
}

int
output_close(struct output *o, bool keep)
{
	int r = 0;

	if (o == NULL)
		return (0);
	if (keep)
		r = output_end(o);
	if (o->tmp != NULL && (!keep || r == -1 || (r = give_name(o)) == -1))
		remove_temporary(o);
	/* Some file systems tell only now that the disk is full. */
	if (close(o->fd) == -1 && errno != EINTR && keep)
		r = -1;
	o->fd = -1;
	output_free(o);
	return (r);
}
