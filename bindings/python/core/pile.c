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

/* Flows on their way into columns: batches of rows, the first to be taken. */

#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "archive/rows.h"
#include "bindings/python/core/pile.h"

#define LEAST 4096

struct layer {
	TAILQ_ENTRY(layer) entry;
	struct rows *rows;
	uint32_t taken; /* of them, from the first on */
	bool shown;	/* as a batch: nothing is added any more */
};

struct pile {
	TAILQ_HEAD(layers, layer) layers; /* the last is added to */
	struct layer *spare;		  /* empty, or NULL */
	uint32_t rows;
	struct flow_set keep;
	uint64_t count, lost;
	struct batch *batch;
	const struct layer *shown; /* what the batch was filled from */
	uint16_t *numbers;	   /* 0, 1, 2 ... or NULL */
};

static void
layer_free(struct layer *l)
{
	if (l == NULL)
		return;
	rows_free(l->rows);
	free(l);
}

struct pile *
pile_new(uint32_t rows, const struct flow_set *set)
{
	struct pile *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return (NULL);
	TAILQ_INIT(&p->layers);
	memset(&p->keep, 0xff, sizeof(p->keep));
	if (set != NULL)
		p->keep = *set;
	p->rows = rows < LEAST ? LEAST : rows;
	if (p->rows > BLOCK_FLOWS)
		p->rows = BLOCK_FLOWS;
	if ((p->batch = batch_new()) == NULL) {
		pile_free(p);
		return (NULL);
	}
	return (p);
}

void
pile_free(struct pile *p)
{
	struct layer *l;

	if (p == NULL)
		return;
	while ((l = TAILQ_FIRST(&p->layers)) != NULL) {
		TAILQ_REMOVE(&p->layers, l, entry);
		layer_free(l);
	}
	layer_free(p->spare);
	batch_free(p->batch);
	free(p->numbers);
	free(p);
}

/* Another layer on top; NULL: no memory. */
static struct layer *
layer_add(struct pile *p)
{
	struct layer *l = p->spare;

	p->spare = NULL;
	if (l == NULL && (l = calloc(1, sizeof(*l))) == NULL)
		return (NULL);
	if (l->rows == NULL &&
	    (l->rows = rows_new(p->rows, &p->keep)) == NULL) {
		free(l);
		return (NULL);
	}
	TAILQ_INSERT_TAIL(&p->layers, l, entry);
	return (l);
}

/* It is empty: kept for the next one. */
static void
layer_remove(struct pile *p, struct layer *l)
{
	TAILQ_REMOVE(&p->layers, l, entry);
	p->shown = NULL;
	l->taken = 0;
	l->shown = false;
	rows_clear(l->rows);
	if (p->spare != NULL)
		layer_free(l);
	else
		p->spare = l;
}

/* That flows are added to, or NULL. */
static struct layer *
top(struct pile *p)
{
	struct layer *l = TAILQ_LAST(&p->layers, layers);

	return (l != NULL && l->shown ? NULL : l);
}

void
pile_add(void *pile, const struct flow *f)
{
	struct pile *p = pile;
	struct layer *l = top(p);

	if ((l == NULL || !rows_add(l->rows, f)) &&
	    ((l = layer_add(p)) == NULL || !rows_add(l->rows, f)))
		p->lost++;
	else
		p->count++;
}

uint32_t
pile_records(void *pile, const struct records *r)
{
	struct pile *p = pile;
	struct layer *l = top(p);
	uint32_t took;

	if (l == NULL && (l = layer_add(p)) == NULL)
		return (0);
	took = rows_take(l->rows, r);
	p->count += took;
	return (took); /* the rest comes one by one, to another layer */
}

uint64_t
pile_count(const struct pile *p)
{
	return (p->count);
}

uint64_t
pile_lost(const struct pile *p)
{
	return (p->lost);
}

/* The batch, of all rows of a layer. */
static void
show(struct pile *p, struct layer *l)
{
	l->shown = true;
	if (p->shown == l)
		return;
	batch_set_rows(p->batch, l->rows);
	p->shown = l;
}

static bool
number(struct pile *p)
{
	uint32_t i;

	if (p->numbers != NULL)
		return (true);
	if ((p->numbers = malloc(BLOCK_FLOWS * sizeof(*p->numbers))) == NULL)
		return (false);
	for (i = 0; i < BLOCK_FLOWS; i++)
		p->numbers[i] = (uint16_t)i;
	return (true);
}

/* Rows of a layer, which stay. */
static struct columns *
columns_of(struct pile *p, struct layer *l, uint32_t most,
    const struct asked *a)
{
	const uint32_t n = rows_count(l->rows);
	struct sel sel = {.n = n - l->taken};
	enum block_err err;

	if (sel.n > most)
		sel.n = most;
	if (sel.n < n) {
		if (!number(p))
			return (NULL);
		sel.row = p->numbers + l->taken;
	}
	show(p, l);
	return (columns_build(p->batch, &sel, a, &err));
}

/* Layers that nothing is in, or nothing is left of. */
static struct layer *
first(struct pile *p)
{
	struct layer *l;

	while ((l = TAILQ_FIRST(&p->layers)) != NULL &&
	    l->taken == rows_count(l->rows))
		layer_remove(p, l);
	return (l);
}

static struct columns *
empty(struct pile *p, const struct asked *a)
{
	const struct sel none = {0};
	enum block_err err;

	p->shown = NULL;
	batch_set_empty(p->batch, 0);
	return (columns_build(p->batch, &none, a, &err));
}

/* Fields that some layer has. */
static void
ask_any(struct pile *p, struct asked *a)
{
	struct flow_set any = {0};
	struct layer *l;
	unsigned int i;

	TAILQ_FOREACH(l, &p->layers, entry) {
		show(p, l);
		for (i = 0; i < FLOW_NFIELDS; i++)
			if (batch_any(p->batch, i))
				any.w[i / 64] |= (uint64_t)1 << i % 64;
	}
	asked_any(a, &any);
}

/* Rows of layers, which stay: how many layers, or 0 for want of memory. */
static size_t
parts_of(struct pile *p, uint64_t most, const struct asked *a,
    struct columns **part)
{
	struct layer *l;
	size_t n = 0;

	TAILQ_FOREACH(l, &p->layers, entry) {
		if (most == 0)
			break;
		part[n] = columns_of(p, l,
		    most < BLOCK_FLOWS ? (uint32_t)most : BLOCK_FLOWS, a);
		if (part[n] == NULL) {
			while (n > 0)
				columns_drop(part[--n]);
			return (0);
		}
		most -= part[n++]->rows;
	}
	return (n);
}

/* So many rows are gone. */
static void
forget(struct pile *p, uint64_t rows)
{
	struct layer *l;
	uint32_t n;

	p->count -= rows;
	while ((l = first(p)) != NULL && rows > 0) {
		n = rows_count(l->rows) - l->taken;
		if (n > rows)
			n = (uint32_t)rows;
		l->taken += n;
		rows -= n;
	}
}

struct columns *
pile_take(struct pile *p, uint64_t most, const struct asked *a)
{
	struct columns **part, *cs = NULL;
	struct asked all = *a;
	struct layer *l = first(p);
	size_t n = 0, i;

	if (l == NULL || most == 0)
		return (empty(p, a));
	TAILQ_FOREACH(l, &p->layers, entry)
		n++;
	if ((part = calloc(n, sizeof(*part))) == NULL)
		return (NULL);
	if (n > 1)
		ask_any(p, &all);
	n = parts_of(p, most, &all, part);
	if (n > 0)
		cs = n == 1 ? columns_hold(part[0]) : columns_join(part, n);
	for (i = 0; i < n; i++)
		columns_drop(part[i]);
	free(part);
	if (cs != NULL)
		forget(p, cs->rows);
	return (cs);
}
