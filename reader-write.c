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
 * -o and --repair: flows in a file of version 3 or 4, which gets its name when
 * it is whole.
 */

#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/pack.h"
#include "reader-answer.h"

struct written {
	struct output *out;
	const char *path;
	unsigned int version;
};

/* What shall not stay behind if the program ends early. */
static struct written *unfinished;

static void
remove_unfinished(void)
{
	if (unfinished != NULL && output_temporary(unfinished->out) != NULL)
		(void)unlink(output_temporary(unfinished->out));
}

static void
failed(const struct written *w)
{
	err(READER_FAILED, "%s: write", w->path);
}

static void
refuse_inputs(const char *path, const struct files *inputs)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd == -1)
		return;
	sink_refuse(fd, path, inputs);
	close(fd);
}

struct written *
written_open(const char *path, unsigned int version, int level,
    const struct files *inputs)
{
	const struct output_options o = {.version = version,
	    .level = level,
	    .fields = STORE_ALL};
	struct written *w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		err(READER_FAILED, NULL);
	w->path = path;
	w->version = version;
	if (strcmp(path, "-") == 0) {
		if (isatty(STDOUT_FILENO))
			errx(READER_FAILED,
			    "-o -: records are not for a terminal");
		w->path = "standard output";
		sink_refuse(STDOUT_FILENO, w->path, inputs);
		w->out = output_fd(STDOUT_FILENO, &o);
	} else {
		refuse_inputs(path, inputs);
		w->out = output_open(path, &o);
	}
	if (w->out == NULL)
		err(READER_FAILED, "%s", path);
	unfinished = w;
	(void)atexit(remove_unfinished);
	return (w);
}

const char *
written_put(struct written *w, const uint8_t *p, size_t len)
{
	if (output_put(w->out, p, len) == 0)
		return (NULL);
	if (errno != EPIPE)
		failed(w);
	return (scan_unread);
}

void
written_flow(struct written *w, const struct flow *f)
{
	if (output_flow(w->out, f) == -1)
		failed(w);
}

static const char *
written_end(struct written *w)
{
	if (output_end(w->out) == 0)
		return (NULL);
	if (errno != EPIPE)
		failed(w);
	return (scan_unread);
}

void
written_close(struct written *w, bool keep)
{
	unfinished = NULL;
	if (output_close(w->out, keep) == -1)
		failed(w);
	free(w);
}

struct write_consumer {
	struct consumer c;
	struct written *o;
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

	return (written_put(w->o, (const uint8_t *)p, len));
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
	const char *error = written_end(w->o);

	if (error == NULL && t->interrupted &&
	    output_temporary(w->o->out) != NULL)
		warnx("%s: not written", w->o->path);
	written_close(w->o, error == NULL && !t->interrupted);
	w->o = NULL;
	return (error);
}

static void
write_free(struct consumer *c)
{
	struct write_consumer *w = c->arg;

	if (w->o != NULL)
		written_close(w->o, false);
	free(w);
}

struct consumer *
consumer_write(struct written *o, uint32_t store_mask, bool raw)
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
