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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/arrange.h"
#include "query/group-state.h"

#define MEMORY "out of memory"

/* The rows of the sheet, as they come. */
struct answer {
	struct group *g;
	struct standing s;
	uint64_t rows; /* printed, of this step of a series */
	uint64_t step;
	bool top_of_steps;   /* --top counts in each step */
	struct gtable tally; /* --distinct: how many, by step */
	struct measures count;
};

/* Rows of the files, those of equal keys as one. */
struct stream {
	struct group *g;
	struct merge *merge[WIDTHS];
	const uint64_t *next[WIDTHS];
	unsigned int nk; /* room for a key */
	uint64_t *row;
};

static const char *
columns(struct answer *a, const struct totals *t)
{
	struct sheet_column c[KEY_PARTS + Q_MAX];
	const struct group *g = a->g;
	unsigned int i;
	size_t n = 0;

	memset(c, 0, sizeof(c));
	if (g->q->distinct) {
		if (g->q->every > 0)
			keys_column(&g->keys, 0, &c[n++]);
		snprintf(c[n++].name, sizeof(c->name), "distinct");
		return (sheet_columns(g->sheet, c, n));
	}
	for (i = 0; i < g->keys.n; i++)
		keys_column(&g->keys, i, &c[n++]);
	for (i = 0; i < g->m.nshow; i++)
		measure_column(g->m.show[i], t, !g->q->bidirectional, &c[n++]);
	return (sheet_columns(g->sheet, c, n));
}

/* Is it among the first of its step? */
static bool
wanted(struct answer *a, const struct view *v)
{
	struct key_value step;

	if (a->g->q->top == 0)
		return (true);
	if (a->top_of_steps) {
		keys_value(&a->g->keys, v->k, v->wide, 0, &step);
		if (a->rows > 0 && a->step != step.hi)
			a->rows = 0;
		a->step = step.hi;
	}
	return (a->rows++ < a->g->q->top);
}

static const char *
print(struct answer *a, uint64_t ref)
{
	char bytes[KEY_PARTS][KEY_BYTES_MAX];
	struct cell c[KEY_PARTS + Q_MAX];
	const struct group *g = a->g;
	unsigned int i, part;
	struct view v;
	size_t n = 0;

	standing_view(&a->s, ref, &v);
	if (!wanted(a, &v))
		return (NULL);
	for (i = 0; i < g->keys.n; i++) {
		part = i;
		if (v.flip && g->keys.part[i].twin != KEY_NONE)
			part = g->keys.part[i].twin;
		keys_cell(&g->keys, v.k, v.wide, part, bytes[i], &c[n++]);
	}
	for (i = 0; i < g->m.nshow; i++)
		measure_cell(&g->m, v.v, g->m.show[i], v.flip, &c[n++]);
	return (sheet_row(g->sheet, c, n));
}

static const char *
tally(struct answer *a, const uint64_t *key, bool wide)
{
	struct key_value step = {0};
	uint64_t word[3], *k[2] = {&word[0], &word[1]}, *v[1] = {&word[2]};

	if (a->g->q->every > 0)
		keys_value(&a->g->keys, key, wide, 0, &step);
	word[0] = step.tag;
	word[1] = step.hi;
	word[2] = 1;
	return (gtable_add(&a->tally, 1, k, v) == -1 ? MEMORY : NULL);
}

static void
load_step(void *arg, unsigned int depth, struct rank_item *v, size_t n)
{
	const struct gtable *t = arg;
	size_t i;

	for (i = 0; i < n; i++)
		v[i].key = gtable_row(t, v[i].ref)[depth];
}

static const char *
print_step(struct answer *a, const uint64_t *row)
{
	struct cell c[2];
	size_t n = 0;

	if (a->g->q->every > 0) {
		c[n].type = row[0] == TAG_NONE ? CELL_NONE : CELL_TIME;
		c[n++].u.time = (int64_t)(row[1] ^ (uint64_t)1 << 63);
	}
	c[n].type = CELL_NUMBER;
	c[n++].u.number = row[2];
	return (sheet_row(a->g->sheet, c, n));
}

static const char *
print_tally(struct answer *a)
{
	const uint64_t none[3] = {0};
	struct gtable *t = &a->tally;
	struct ranking by_step = {2, load_step, t};
	struct rank_item *v;
	const char *err = NULL;
	size_t i;

	if (a->g->q->every == 0 && t->n == 0)
		return (print_step(a, none));
	if ((v = reallocarray(NULL, t->n + 1, 2 * sizeof(*v))) == NULL)
		return (MEMORY);
	for (i = 0; i < t->n; i++)
		v[i].ref = i;
	rank_sort(&by_step, v, t->n, v + t->n);
	for (i = 0; i < t->n && err == NULL; i++)
		err = print_step(a, gtable_row(t, v[i].ref));
	free(v);
	return (err);
}

static const char *
tally_tables(struct answer *a, const struct gtable *t)
{
	const char *err = NULL;
	size_t i;
	int w;

	for (w = 0; w < WIDTHS; w++)
		for (i = 0; i < t[w].n && err == NULL; i++)
			err = tally(a, gtable_row(&t[w], i), w == WIDE);
	return (err == NULL ? print_tally(a) : err);
}

/* The best of all that are in memory. */
static const char *
best(struct answer *a, size_t n, struct rank_item **item, size_t *nitems)
{
	struct rank_heap heap = {0};
	uint64_t ref, key, out;

	heap.size = a->g->q->top < n ? (size_t)a->g->q->top : n;
	if ((heap.item = calloc(heap.size + 1, 2 * sizeof(*heap.item))) == NULL)
		return (MEMORY);
	for (ref = 0; ref < n; ref++) {
		key = standing_first(&a->s, ref);
		if (rank_heap_wants(&heap, key))
			rank_heap_add(&a->s.ranking, &heap, key, ref, &out);
	}
	*item = heap.item;
	*nitems = heap.n;
	return (NULL);
}

static const char *
all(size_t n, struct rank_item **item, size_t *nitems)
{
	size_t i;

	*item = reallocarray(NULL, n + 1, 2 * sizeof(**item));
	if (*item == NULL)
		return (MEMORY);
	for (i = 0; i < n; i++)
		(*item)[i].ref = i;
	*nitems = n;
	return (NULL);
}

static const char *
from_tables(struct answer *a, struct gtable *t)
{
	struct rank_item *item = NULL;
	size_t i, n = t[NARROW].n + t[WIDE].n;
	const char *err;

	if (a->g->q->distinct)
		return (tally_tables(a, t));
	for (i = 0; i < WIDTHS; i++)
		gtable_close(&t[i]);
	a->s.table = t;
	a->s.narrow = t[NARROW].n;
	if (a->g->q->top > 0 && !a->top_of_steps)
		err = best(a, n, &item, &n);
	else
		err = all(n, &item, &n);
	if (err == NULL)
		rank_sort(&a->s.ranking, item, n, item + n);
	for (i = 0; i < n && err == NULL; i++)
		err = print(a, item[i].ref);
	free(item);
	return (err);
}

static const char *
one_table(struct group *g)
{
	struct worker *w, *to = g->workers[0];
	size_t i;
	int t;

	for (i = 1; i < g->nworkers; i++) {
		w = g->workers[i];
		for (t = 0; t < WIDTHS; t++) {
			if (gtable_merge(&to->table[t], &w->table[t]) == -1)
				return (MEMORY);
			gtable_clear(&w->table[t]);
		}
	}
	return (NULL);
}

static int
cmp_words(const uint64_t *a, const uint64_t *b, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (a[i] != b[i])
			return (a[i] < b[i] ? -1 : 1);
	return (0);
}

static int
cmp_narrow(void *arg, const uint64_t *a, const uint64_t *b)
{
	const struct keys *keys = arg;

	return (cmp_words(a, b, keys->narrow));
}

static int
cmp_wide(void *arg, const uint64_t *a, const uint64_t *b)
{
	const struct keys *keys = arg;

	return (cmp_words(a, b, keys->wide));
}

static const char *
stream_open(struct stream *s, struct group *g)
{
	struct spill **file;
	const char *err = NULL;
	size_t i;
	int w;

	memset(s, 0, sizeof(*s));
	s->g = g;
	s->nk = g->keys.wide > g->keys.narrow ? g->keys.wide : g->keys.narrow;
	s->row = calloc(1 + s->nk + g->m.n, sizeof(*s->row));
	file = calloc(g->nworkers, sizeof(*file));
	for (w = 0; w < WIDTHS && file != NULL; w++) {
		for (i = 0; i < g->nworkers; i++)
			file[i] = g->workers[i]->spill[w];
		s->merge[w] = merge_new(file, g->nworkers, g->q->memory / 4,
		    w == NARROW ? cmp_narrow : cmp_wide, &g->keys);
	}
	free(file);
	if (s->row == NULL || s->merge[NARROW] == NULL ||
	    s->merge[WIDE] == NULL)
		return (MEMORY);
	for (w = 0; w < WIDTHS && err == NULL; w++)
		s->next[w] = merge_next(s->merge[w], &err);
	return (err);
}

static void
stream_close(struct stream *s)
{
	merge_free(s->merge[NARROW]);
	merge_free(s->merge[WIDE]);
	free(s->row);
}

/* A word that says which width, the key, the measures; NULL at the end. */
static const uint64_t *
stream_next(struct stream *s, const char **err)
{
	const struct group *g = s->g;
	int w = s->next[NARROW] != NULL ? NARROW : WIDE;
	unsigned int nk = w == NARROW ? g->keys.narrow : g->keys.wide;

	*err = NULL;
	if (s->next[w] == NULL)
		return (NULL);
	memset(s->row, 0, (1 + s->nk) * sizeof(*s->row));
	s->row[0] = (uint64_t)w;
	memcpy(s->row + 1, s->next[w], nk * sizeof(*s->row));
	memcpy(s->row + 1 + s->nk, s->next[w] + nk, g->m.n * sizeof(*s->row));
	while ((s->next[w] = merge_next(s->merge[w], err)) != NULL &&
	    cmp_words(s->row + 1, s->next[w], nk) == 0)
		measure_fold(&g->m, s->row + 1 + s->nk, s->next[w] + nk);
	return (*err == NULL ? s->row : NULL);
}

static const char *
print_arranged(struct answer *a, struct arrange *order)
{
	const char *err = NULL;
	const uint64_t *row;

	while (err == NULL && (row = arrange_next(order, &err)) != NULL)
		err = print(a, (uint64_t)(uintptr_t)row);
	return (err);
}

static const char *
from_stream(struct answer *a, struct stream *s)
{
	struct arrange *order;
	const char *err = NULL;
	const uint64_t *row;

	if (a->g->q->distinct) {
		while ((row = stream_next(s, &err)) != NULL && err == NULL)
			err = tally(a, row + 1, row[0] == WIDE);
		return (err == NULL ? print_tally(a) : err);
	}
	order = arrange_new(&a->s, a->top_of_steps ? 0 : a->g->q->top,
	    (size_t)a->g->q->memory / 2);
	if (order == NULL)
		return (MEMORY);
	while (err == NULL && (row = stream_next(s, &err)) != NULL)
		err = arrange_put(order, row);
	if (err == NULL)
		err = print_arranged(a, order);
	arrange_free(order);
	return (err);
}

static const char *
from_files(struct answer *a)
{
	struct group *g = a->g;
	const char *err = NULL;
	struct stream s;
	size_t i;

	for (i = 0; i < g->nworkers && err == NULL; i++)
		err = worker_spill(g->workers[i]);
	if (err != NULL)
		return (err);
	if ((err = stream_open(&s, g)) == NULL)
		err = from_stream(a, &s);
	stream_close(&s);
	return (err);
}

static bool
fits(const struct group *g)
{
	size_t i, bytes = 0;

	for (i = 0; i < g->nworkers; i++) {
		bytes += worker_bytes(g->workers[i]);
		if (g->workers[i]->spill[NARROW] != NULL ||
		    g->workers[i]->spill[WIDE] != NULL)
			return (false);
	}
	return (g->q->memory == 0 || bytes <= g->q->memory);
}

static const char *
rows(struct answer *a)
{
	const char *err;

	if (a->g->nworkers == 0)
		return (a->g->q->distinct ? print_tally(a) : NULL);
	if (!fits(a->g))
		return (from_files(a));
	if ((err = one_table(a->g)) != NULL)
		return (err);
	return (from_tables(a, a->g->workers[0]->table));
}

const char *
group_result(struct group *g, const struct totals *t)
{
	struct answer a = {.g = g, .count = {.n = 1, .nsums = 1}};
	const char *err;

	a.top_of_steps = g->q->every > 0 && g->q->nkeys > 0 && g->q->top > 0;
	gtable_init(&a.tally, 2, &a.count);
	if (standing_init(&a.s, g) == -1)
		return (MEMORY);
	if ((err = columns(&a, t)) == NULL)
		err = rows(&a);
	if (err == NULL)
		err = sheet_end(g->sheet, t);
	gtable_clear(&a.tally);
	standing_free(&a.s);
	return (err);
}
