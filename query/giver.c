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

#define MEMORY "out of memory"
/* No error, but enough. */
static const char enough[] = "";

const char *
giver_begin(struct giver *g, const struct hold_spec *spec)
{
	g->worker = g->next->begin(g->next->arg);
	g->batch = batch_new();
	g->view = hold_view_new(spec);
	if (g->worker == NULL || g->batch == NULL || g->view == NULL)
		return (MEMORY);
	return (NULL);
}

const char *
giver_hold(void *arg, struct hold *h)
{
	struct giver *g = arg;
	struct sel sel = {.n = h->n, .number = g->number++};
	const char *err;

	if (h->n == 0)
		return (NULL);
	if (hold_view(g->view, h, g->batch) == -1)
		return (MEMORY);
	if ((err = g->next->take(g->worker, g->batch, &sel, &g->out)) != NULL)
		return (err);
	if (g->next->put != NULL)
		err = g->next->put(g->next->arg, g->out.p, g->out.len);
	g->out.len = 0;
	if (err == NULL && g->next->enough != NULL &&
	    g->next->enough(g->next->arg))
		return (enough);
	return (err);
}

const char *
giver_end(struct giver *g, const char *err, const struct totals *totals)
{
	const char *more = NULL;

	if (err == enough)
		err = NULL;
	if (g->worker != NULL)
		more = g->next->merge(g->next->arg, g->worker);
	g->worker = NULL;
	if (err == NULL)
		err = more;
	if (err == NULL && g->next->finish != NULL)
		err = g->next->finish(g->next->arg, totals);
	batch_free(g->batch);
	hold_view_free(g->view);
	outbuf_clear(&g->out);
	g->batch = NULL;
	g->view = NULL;
	return (err);
}
