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

#include "query/arrange.h"

#define LEAST_ROWS 1024

struct arrange {
	struct standing *s;
	unsigned int width; /* words of a row */
	uint64_t *rows;
	size_t n, size;
	bool best; /* the heap has the best, each a row of rows */
	struct rank_heap heap;
	struct rank_item *item; /* all in rows, in order */
	size_t at;
	struct spill *spill;
	struct merge *merge;
	size_t memory;
	bool begun;
};

static uint64_t
ref_of(const uint64_t *row)
{
	return ((uint64_t)(uintptr_t)row);
}

/* A row, and two items to sort it. */
static size_t
row_bytes(const struct arrange *a)
{
	return (a->width * sizeof(uint64_t) + 2 * sizeof(struct rank_item));
}

static int
make_room(struct arrange *a, uint64_t top)
{
	const size_t rows = a->memory / row_bytes(a);

	a->best = top > 0 && top < (rows < LEAST_ROWS ? LEAST_ROWS : rows);
	a->size = a->best ? (size_t)top : rows;
	/* Unlimited, it grows. */
	if (a->memory == SIZE_MAX)
		a->size = a->best ? a->size : LEAST_ROWS;
	if (a->size < LEAST_ROWS)
		a->size = LEAST_ROWS;
	if (!a->best) {
		a->rows =
		    reallocarray(NULL, a->size, a->width * sizeof(*a->rows));
		return (a->rows == NULL ? -1 : 0);
	}
	/* One more: for the row that may be better than the worst. */
	a->rows = reallocarray(NULL, a->size + 1, a->width * sizeof(*a->rows));
	a->heap.item = calloc((size_t)top, sizeof(*a->heap.item));
	a->heap.size = (size_t)top;
	return (a->rows == NULL || a->heap.item == NULL ? -1 : 0);
}

struct arrange *
arrange_new(struct standing *s, uint64_t top, size_t memory)
{
	struct arrange *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (NULL);
	a->s = s;
	a->width = 1 + s->nk + s->g->m.n;
	a->memory = memory;
	if (make_room(a, top) == -1) {
		arrange_free(a);
		return (NULL);
	}
	return (a);
}

void
arrange_free(struct arrange *a)
{
	if (a == NULL)
		return;
	merge_free(a->merge);
	spill_free(a->spill);
	free(a->rows);
	free(a->heap.item);
	free(a->item);
	free(a);
}

static uint64_t *
row_at(const struct arrange *a, size_t i)
{
	return (a->rows + i * a->width);
}

static void
put_best(struct arrange *a, const uint64_t *row)
{
	uint64_t out, key = standing_first(a->s, ref_of(row)), *to;

	if (!rank_heap_wants(&a->heap, key))
		return;
	/* The free row is the last, or the one that left. */
	to = a->n <= a->heap.size && a->at == 0 ? row_at(a, a->n)
						: a->rows + a->at - 1;
	memcpy(to, row, a->width * sizeof(*to));
	rank_heap_add(&a->s->ranking, &a->heap, key, ref_of(to), &out);
	if (out == UINT64_MAX)
		a->n++;
	else
		a->at = (size_t)((uint64_t *)(uintptr_t)out - a->rows) + 1;
}

static int
sort(struct arrange *a, const struct rank_item *from, size_t n)
{
	struct rank_item *v;
	size_t i;

	if ((v = reallocarray(NULL, n + 1, 2 * sizeof(*v))) == NULL)
		return (-1);
	for (i = 0; i < n; i++)
		v[i].ref = from != NULL ? from[i].ref : ref_of(row_at(a, i));
	rank_sort(&a->s->ranking, v, n, v + n);
	free(a->item);
	a->item = v;
	return (0);
}

static const char *
write_run(struct arrange *a)
{
	const char *err;
	size_t i;

	if (a->spill == NULL)
		a->spill = spill_new(a->s->g->q->tmpdir, a->width);
	if (a->spill == NULL || sort(a, NULL, a->n) == -1)
		return ("out of memory");
	if ((err = spill_begin(a->spill)) != NULL)
		return (err);
	for (i = 0; i < a->n; i++)
		if ((err = spill_put(a->spill,
			 (const uint64_t *)(uintptr_t)a->item[i].ref)) != NULL)
			return (err);
	free(a->item);
	a->item = NULL;
	a->n = 0;
	return (spill_end(a->spill));
}

static const char *
grow(struct arrange *a)
{
	uint64_t *rows;

	if (a->memory != SIZE_MAX)
		return (write_run(a));
	rows = reallocarray(a->rows, a->size * 2, a->width * sizeof(*a->rows));
	if (rows == NULL)
		return ("out of memory");
	a->rows = rows;
	a->size *= 2;
	return (NULL);
}

const char *
arrange_put(struct arrange *a, const uint64_t *row)
{
	const char *err;

	if (a->best) {
		put_best(a, row);
		return (NULL);
	}
	if (a->n == a->size && (err = grow(a)) != NULL)
		return (err);
	memcpy(row_at(a, a->n++), row, a->width * sizeof(*row));
	return (NULL);
}

static int
cmp(void *arg, const uint64_t *x, const uint64_t *y)
{
	const struct arrange *a = arg;

	return (rank_cmp(&a->s->ranking, ref_of(x), ref_of(y)));
}

static const char *
begin(struct arrange *a)
{
	const char *err;

	a->begun = true;
	a->at = 0;
	if (a->best)
		a->n = a->heap.n;
	if (spill_runs(a->spill) == 0)
		return (sort(a, a->best ? a->heap.item : NULL, a->n) == -1
			? "out of memory"
			: NULL);
	if (a->n > 0 && (err = write_run(a)) != NULL)
		return (err);
	free(a->rows);
	a->rows = NULL;
	a->merge = merge_new(&a->spill, 1, a->memory / 2, cmp, a);
	return (a->merge == NULL ? "out of memory" : NULL);
}

const uint64_t *
arrange_next(struct arrange *a, const char **err)
{
	*err = NULL;
	if (!a->begun && (*err = begin(a)) != NULL)
		return (NULL);
	if (a->merge != NULL)
		return (merge_next(a->merge, err));
	if (a->at == a->n)
		return (NULL);
	return ((const uint64_t *)(uintptr_t)a->item[a->at++].ref);
}
