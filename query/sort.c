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

#include <stdlib.h>
#include <string.h>

#include "query/giver.h"
#include "query/sort.h"
#include "query/sorter.h"

struct sort {
	struct sorter s;
	struct giver to;
};

static void *
begin(void *arg)
{
	struct sort *s = arg;

	return (sorter_begin(&s->s));
}

static const char *
take(void *worker, struct batch *b, const struct sel *sel, struct outbuf *out)
{
	(void)out;
	return (sorter_take(worker, b, sel));
}

static const char *
merge(void *arg, void *worker)
{
	struct sort *s = arg;

	return (sorter_merge(&s->s, worker));
}

static const char *
finish(void *arg, const struct totals *totals)
{
	struct sort *s = arg;
	const struct sorter_sink sink = {giver_hold, &s->to};
	const char *err;

	if ((err = giver_begin(&s->to, &s->s.spec)) == NULL)
		err = sorter_finish(&s->s, &sink);
	return (giver_end(&s->to, err, totals));
}

static void
sort_free(struct consumer *c)
{
	struct sort *s;

	if (c == NULL)
		return;
	s = c->arg;
	if (s != NULL) {
		sorter_clear(&s->s);
		s->to.next->free(s->to.next);
	}
	free(s);
	free(c);
}

static int
orders(struct sorter *s, const struct question *q)
{
	size_t i;
	int ok = 0;

	for (i = 0; i < q->norders && ok == 0; i++)
		if (q->orders[i].by < Q_MAX)
			ok = sorter_quantity(s, q->orders[i].by,
			    !q->orders[i].ascending);
		else
			ok = sorter_field(s, q->orders[i].field,
			    !q->orders[i].ascending);
	sorter_ready(s);
	return (ok);
}

static void
needs(struct consumer *c, const struct question *q)
{
	unsigned int bit;
	size_t i;

	for (i = 0; i < q->norders; i++)
		if (q->orders[i].by < Q_MAX)
			derive_needs(q->orders[i].by, &c->needs);
		else {
			bit = q->orders[i].field->bit;
			c->needs.w[bit / 64] |= (uint64_t)1 << bit % 64;
		}
}

struct consumer *
sort_consumer(const struct question *q, struct consumer *next)
{
	struct consumer *c = calloc(1, sizeof(*c));
	struct sort *s = calloc(1, sizeof(*s));

	if (c == NULL || s == NULL) {
		free(c);
		free(s);
		next->free(next);
		return (NULL);
	}
	c->needs = next->needs;
	needs(c, q);
	sorter_init(&s->s, q, &next->needs);
	orders(&s->s, q);
	s->s.top = q->top;
	s->to.next = next;
	c->arg = s;
	c->begin = begin;
	c->take = take;
	c->merge = merge;
	c->finish = finish;
	c->free = sort_free;
	return (c);
}
