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
 * Small consumers: of classic lines, and of two.
 */

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "reader-answer.h"

/* As the log would have it. */
static bool
as_record(const struct flow *f, struct store_record *rec)
{
	uint8_t buf[STORE_WRITEMAX];
	struct wr wr = wr_init(buf, sizeof(buf));
	struct rd rd;

	if (store_write(&wr, f, STORE_ALL) != STORE_OK)
		return (false);
	rd = rd_init(buf, sizeof(buf) - wr.left);
	return (store_read(&rd, rec) == STORE_OK);
}

static const char *
classic_take(void *worker, struct batch *b, const struct sel *sel,
    struct outbuf *out)
{
	const struct reader *r = worker;
	struct store_record rec;
	struct flow f;
	uint32_t i;
	char *to;
	size_t len;

	for (i = 0; i < sel->n; i++) {
		if (batch_row(b, sel_row(sel, i), NULL, &f) != BLOCK_OK)
			return (scan_damaged);
		if ((to = outbuf_room(out, FORMAT_MAX + 1)) == NULL)
			return ("out of memory");
		if (!as_record(&f, &rec))
			continue;
		len = out_record(r, to, &rec);
		to[len] = '\n';
		out->len += len + 1;
	}
	return (NULL);
}

static void
need_all(struct flow_set *needs)
{
	size_t i;

	for (i = 0; i < FLOW_NFIELDS; i++)
		needs->w[i / 64] |= (uint64_t)1 << i % 64;
}

struct consumer *
consumer_classic(struct reader *r)
{
	struct consumer *c;

	if ((c = consumer_none()) == NULL)
		return (NULL);
	c->arg = r;
	c->take = classic_take;
	c->put = out_put;
	need_all(&c->needs);
	return (c);
}

/* Two in the place of one: each frame is a length, and what one of them has. */
struct both {
	struct consumer c;
	struct consumer *of[2];
};

struct both_state {
	struct both *b;
	void *of[2];
};

static void *
both_begin(void *arg)
{
	struct both *b = arg;
	struct both_state *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	s->b = b;
	s->of[0] = b->of[0]->begin(b->of[0]->arg);
	s->of[1] = b->of[1]->begin(b->of[1]->arg);
	return (s);
}

static const char *
both_take(void *worker, struct batch *batch, const struct sel *sel,
    struct outbuf *out)
{
	struct both_state *s = worker;
	const char *error;
	uint64_t len;
	size_t i, at;

	for (i = 0; i < 2; i++) {
		if (outbuf_room(out, sizeof(len)) == NULL)
			return ("out of memory");
		at = out->len;
		out->len += sizeof(len);
		error = s->b->of[i]->take(s->of[i], batch, sel, out);
		if (error != NULL)
			return (error);
		len = out->len - at - sizeof(len);
		memcpy(out->p + at, &len, sizeof(len));
	}
	return (NULL);
}

static const char *
both_put(void *arg, const char *p, size_t left)
{
	struct both *b = arg;
	const char *error = NULL;
	unsigned int i = 0;
	uint64_t len;

	for (; left >= sizeof(len) && error == NULL; i ^= 1) {
		memcpy(&len, p, sizeof(len));
		p += sizeof(len);
		if (len > 0 && b->of[i]->put != NULL)
			error = b->of[i]->put(b->of[i]->arg, p, (size_t)len);
		/* The file is written to its end, whoever reads the text. */
		if (error == scan_unread)
			error = NULL;
		p += len;
		left -= sizeof(len) + (size_t)len;
	}
	return (error);
}

static const char *
both_merge(void *arg, void *worker)
{
	struct both_state *s = worker;
	struct both *b = arg;
	const char *one = b->of[0]->merge(b->of[0]->arg, s->of[0]);
	const char *two = b->of[1]->merge(b->of[1]->arg, s->of[1]);

	free(s);
	return (one != NULL ? one : two);
}

static const char *
both_finish(void *arg, const struct totals *t)
{
	struct both *b = arg;
	const char *error, *first = NULL;
	size_t i;

	for (i = 0; i < 2; i++) {
		error = b->of[i]->finish == NULL
		    ? NULL
		    : b->of[i]->finish(b->of[i]->arg, t);
		if (first == NULL && error != scan_unread)
			first = error;
	}
	return (first);
}

static void
both_free(struct consumer *c)
{
	struct both *b = c->arg;

	b->of[0]->free(b->of[0]);
	b->of[1]->free(b->of[1]);
	free(b);
}

struct consumer *
consumer_both(struct consumer *one, struct consumer *two)
{
	struct both *b;
	size_t i;

	if (one == NULL || two == NULL || (b = calloc(1, sizeof(*b))) == NULL)
		return (NULL);
	b->of[0] = one;
	b->of[1] = two;
	b->c = (struct consumer){.arg = b,
	    .begin = both_begin,
	    .take = both_take,
	    .put = both_put,
	    .merge = both_merge,
	    .finish = both_finish,
	    .free = both_free};
	for (i = 0; i < FLOW_WORDS; i++)
		b->c.needs.w[i] = one->needs.w[i] | two->needs.w[i];
	return (&b->c);
}
