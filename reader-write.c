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
 * -o and --repair: flows in a file of version 3 or 4.  It is written under
 * another name, and gets its own when it is whole.
 */

#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/pack.h"
#include "archive/reseal.h"
#include "reader-answer.h"

struct output {
	const char *path;
	char *tmp; /* NULL: it is written in its place */
	int fd;
	unsigned int version;
	struct reseal *reseal;
	const char *error;
};

/* What shall not stay behind if the program ends early. */
static struct output *unfinished;

static void
remove_unfinished(void)
{
	if (unfinished != NULL && unfinished->tmp != NULL)
		(void)unlink(unfinished->tmp);
}

static const char *
write_all(struct output *o, const uint8_t *p, size_t len)
{
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n) {
		n = write(o->fd, p, len);
		if (n == -1 && errno == EINTR)
			n = 0;
		else if (n == -1 && errno == EPIPE)
			return (scan_unread);
		else if (n == -1)
			err(READER_FAILED, "%s: write", o->path);
	}
	return (NULL);
}

static int
reseal_write(void *arg, const uint8_t *p, size_t len)
{
	struct output *o = arg;

	o->error = write_all(o, p, len);
	return (o->error == NULL ? 0 : -1);
}

/* Devices and pipes cannot be replaced. */
static bool
is_special(const char *path)
{
	struct stat st;

	return (stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

static void
open_file(struct output *o, const struct files *inputs)
{
	int fd;

	if (strcmp(o->path, "-") == 0) {
		if (isatty(STDOUT_FILENO))
			errx(READER_FAILED,
			    "-o -: records are not for a terminal");
		o->path = "standard output";
		o->fd = STDOUT_FILENO;
		sink_refuse(o->fd, o->path, inputs);
		return;
	}
	if (is_special(o->path)) {
		o->fd = open(o->path, O_WRONLY | O_CLOEXEC);
	} else {
		if ((fd = open(o->path, O_RDONLY | O_CLOEXEC)) != -1) {
			sink_refuse(fd, o->path, inputs);
			close(fd);
		}
		/* Flows tell who talks to whom: mode 0600. */
		if (asprintf(&o->tmp, "%s.XXXXXX", o->path) == -1)
			err(READER_FAILED, NULL);
		o->fd = mkstemp(o->tmp);
	}
	if (o->fd == -1)
		err(READER_FAILED, "%s", o->path);
	unfinished = o;
	(void)atexit(remove_unfinished);
}

struct output *
output_open(const char *path, unsigned int version, int level,
    const struct files *inputs)
{
	struct output *o;

	if ((o = calloc(1, sizeof(*o))) == NULL)
		err(READER_FAILED, NULL);
	o->path = path;
	o->version = version;
	open_file(o, inputs);
	if (version == 4 &&
	    (o->reseal = reseal_new(level, reseal_write, o)) == NULL)
		err(READER_FAILED, NULL);
	return (o);
}

struct reseal *
output_reseal(struct output *o)
{
	return (o->reseal);
}

static const char *
failed(const struct output *o)
{
	return (o->error != NULL ? o->error : "out of memory");
}

const char *
output_put(struct output *o, const uint8_t *p, size_t len)
{
	if (o->version == 3)
		return (write_all(o, p, len));
	return (reseal_segment(o->reseal, p, len) == 0 ? NULL : failed(o));
}

static const char *
output_end(struct output *o)
{
	if (o->reseal == NULL || reseal_end(o->reseal) == 0)
		return (NULL);
	return (failed(o));
}

static void
give_name(struct output *o)
{
	if (fsync(o->fd) == -1 || rename(o->tmp, o->path) == -1)
		err(READER_FAILED, "%s", o->path);
}

void
output_close(struct output *o, bool keep)
{
	if (keep && o->tmp != NULL)
		give_name(o);
	else if (o->tmp != NULL)
		(void)unlink(o->tmp);
	/* Some file systems tell only now that the disk is full. */
	if (close(o->fd) == -1 && errno != EINTR && keep)
		err(READER_FAILED, "%s: write", o->path);
	unfinished = NULL;
	reseal_free(o->reseal);
	free(o->tmp);
	free(o);
}

struct write_consumer {
	struct consumer c;
	struct output *o;
	uint32_t store_mask;
	bool raw;
};

struct write_state {
	const struct write_consumer *w;
	struct rows *rows; /* of version 4, where flows are picked */
};

static void *
write_begin(void *arg)
{
	struct write_state *s;

	if ((s = calloc(1, sizeof(*s))) != NULL)
		s->w = arg;
	return (s);
}

static const char *
take_records(const struct write_state *s, struct batch *b,
    const struct sel *sel, struct outbuf *out)
{
	struct flow f;
	struct wr wr;
	uint32_t i;
	char *to;

	for (i = 0; i < sel->n; i++) {
		if (batch_row(b, sel_row(sel, i), &s->w->c.needs, &f) !=
		    BLOCK_OK)
			return (scan_damaged);
		if ((to = outbuf_room(out, STORE_WRITEMAX)) == NULL)
			return ("out of memory");
		wr = wr_init(to, STORE_WRITEMAX);
		(void)store_write(&wr, &f, s->w->store_mask);
		out->len += STORE_WRITEMAX - wr.left;
	}
	return (NULL);
}

static const char *
pack(struct write_state *s, struct outbuf *out)
{
	size_t need = pack_bound(s->rows);
	char *to;

	if (rows_count(s->rows) == 0)
		return (NULL);
	if ((to = outbuf_room(out, need)) == NULL)
		return ("out of memory");
	out->len += pack_quick(s->rows, (uint8_t *)to, need);
	rows_clear(s->rows);
	return (NULL);
}

static const char *
take_rows(struct write_state *s, struct batch *b, const struct sel *sel,
    struct outbuf *out)
{
	const char *error;
	struct flow f;
	uint32_t i;

	if (s->rows == NULL && (s->rows = rows_new(BLOCK_FLOWS, NULL)) == NULL)
		return ("out of memory");
	for (i = 0; i < sel->n; i++) {
		if (batch_row(b, sel_row(sel, i), NULL, &f) != BLOCK_OK)
			return (scan_damaged);
		if (rows_add(s->rows, &f))
			continue;
		if ((error = pack(s, out)) != NULL)
			return (error);
		(void)rows_add(s->rows, &f);
	}
	return (pack(s, out));
}

static const char *
write_take(void *worker, struct batch *b, const struct sel *sel,
    struct outbuf *out)
{
	struct write_state *s = worker;
	const struct block *block = batch_block(b);
	char *to;

	if (s->w->o->version == 3)
		return (take_records(s, b, sel, out));
	if (!s->w->raw || block == NULL || sel->row != NULL ||
	    sel->n != block->flows)
		return (take_rows(s, b, sel, out));
	if ((to = outbuf_room(out, block->len)) == NULL)
		return ("out of memory");
	memcpy(to, block->p, block->len);
	out->len += block->len;
	return (NULL);
}

static const char *
write_put(void *arg, const char *p, size_t len)
{
	struct write_consumer *w = arg;

	return (output_put(w->o, (const uint8_t *)p, len));
}

static const char *
write_merge(void *arg, void *worker)
{
	struct write_state *s = worker;

	(void)arg;
	rows_free(s->rows);
	free(s);
	return (NULL);
}

/* Half of a file is none: what was interrupted is not kept. */
static const char *
write_finish(void *arg, const struct totals *t)
{
	struct write_consumer *w = arg;
	const char *error = output_end(w->o);

	if (error == NULL && t->interrupted && w->o->tmp != NULL)
		warnx("%s: not written", w->o->path);
	output_close(w->o, error == NULL && !t->interrupted);
	w->o = NULL;
	return (error);
}

static void
write_free(struct consumer *c)
{
	struct write_consumer *w = c->arg;

	if (w->o != NULL)
		output_close(w->o, false);
	free(w);
}

struct consumer *
consumer_write(struct output *o, uint32_t store_mask, bool raw)
{
	struct write_consumer *w;
	size_t i;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (NULL);
	w->o = o;
	w->store_mask = store_mask;
	w->raw = raw;
	w->c = (struct consumer){.arg = w,
	    .begin = write_begin,
	    .take = write_take,
	    .put = write_put,
	    .merge = write_merge,
	    .finish = write_finish,
	    .free = write_free};
	/* Version 3 keeps the fields of its groups, and what they are of. */
	for (i = 0; i < FLOW_NFIELDS; i++)
		if (o->version == 4 || fields[i].store != 0 ||
		    i == FLOW_START || i == FLOW_END || i == FLOW_ICMP_TYPE ||
		    i == FLOW_ICMP_CODE)
			w->c.needs.w[i / 64] |= (uint64_t)1 << i % 64;
	return (&w->c);
}
