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

#include "query/group-state.h"
#include "query/group.h"
#include "query/sort.h"

static void *
begin(void *arg)
{
	return (worker_new(arg));
}

static const char *
take(void *worker, struct batch *b, const struct sel *sel, struct outbuf *out)
{
	(void)out;
	return (aggregate(worker, b, sel));
}

static const char *
merge(void *arg, void *worker)
{
	struct group *g = arg;
	struct worker **more;

	more = reallocarray(g->workers, g->nworkers + 1, sizeof(*more));
	if (more == NULL) {
		worker_free(worker);
		return ("out of memory");
	}
	g->workers = more;
	g->workers[g->nworkers++] = worker;
	return (aggregate_end(worker));
}

static const char *
finish(void *arg, const struct totals *totals)
{
	return (group_result(arg, totals));
}

static void
group_free(struct consumer *c)
{
	struct group *g;
	size_t i;

	if (c == NULL)
		return;
	g = c->arg;
	for (i = 0; g != NULL && i < g->nworkers; i++)
		worker_free(g->workers[i]);
	if (g != NULL)
		free(g->workers);
	free(g);
	free(c);
}

/* --bidirectional by other keys: conversations first, groups of them then. */
static struct consumer *
behind_pairs(const struct question *q, struct consumer *c)
{
	if (!q->bidirectional || keys_have_ends(q))
		return (c);
	return (pair_consumer(q, c));
}

struct consumer *
group_consumer(const struct question *q, struct sheet *sheet)
{
	struct consumer *c = calloc(1, sizeof(*c));
	struct group *g = calloc(1, sizeof(*g));

	if (c == NULL || g == NULL) {
		free(c);
		free(g);
		return (NULL);
	}
	g->q = q;
	g->sheet = sheet;
	keys_init(&g->keys, q);
	measures_init(&g->m, q, g->keys.both);
	g->budget =
	    q->memory == 0 ? SIZE_MAX : q->memory / (q->threads + !q->threads);
	keys_needs(&g->keys, &c->needs);
	measures_needs(&g->m, &c->needs);
	if (q->every > 0 && q->spread == SPREAD_EVEN)
		c->needs.w[FLOW_END / 64] |= (uint64_t)1 << FLOW_END % 64;
	c->arg = g;
	c->begin = begin;
	c->take = take;
	c->merge = merge;
	c->finish = finish;
	c->free = group_free;
	return (behind_pairs(q, c));
}
