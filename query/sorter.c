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

#include "query/sorter.h"

#define MEMORY "out of memory"
#define HOLDS_LEAST 4 /* in the memory of a worker */
#define ROWS_LEAST 1024
#define SIGN ((uint64_t)1 << 63)

static uint64_t
word_of(const uint8_t *b)
{
	uint64_t word = 0;
	int i;

	for (i = 0; i < 8; i++)
		word = word << 8 | b[i];
	return (word);
}

static uint64_t
addr_word(const struct hold *h, const struct sorter_word *w, uint32_t row)
{
	const struct addr *a = hold_addr(h, (unsigned int)w->column, row);

	if (a == NULL)
		return (0);
	if (w->by == SORT_FAMILY)
		return (a->family);
	return (word_of(w->by == SORT_HI ? a->b : a->b + 8));
}

/* Eight bytes of them, zeros behind; the last byte of the last: how many. */
static uint64_t
bytes_word(const struct hold *h, const struct sorter_word *w, uint32_t row)
{
	struct flow_text t = hold_text(h, (unsigned int)w->column, row);
	uint8_t b[8] = {0};
	size_t from = w->word * 8, len = t.len > 255 ? 255 : t.len;

	if (from < len)
		memcpy(b, t.p + from, len - from < 8 ? len - from : 8);
	if (w->word == 31)
		b[7] = (uint8_t)len;
	return (word_of(b));
}

static uint64_t
word(const struct sorter *s, const struct hold *h, uint32_t row,
    const struct sorter_word *w)
{
	uint64_t n;

	switch (w->by) {
	case SORT_NUMBER:
		n = hold_number(h, (unsigned int)w->column, row);
		break;
	case SORT_SIGNED:
		n = hold_number(h, (unsigned int)w->column, row) ^ SIGN;
		break;
	case SORT_HAS:
		n = hold_has(h, w->field, row);
		break;
	case SORT_BYTES:
		n = bytes_word(h, w, row);
		break;
	case SORT_PAIR:
		n = s->pair(s, h, row, w->word);
		break;
	case SORT_FAMILY:
	case SORT_HI:
	case SORT_LO:
	default:
		n = addr_word(h, w, row);
	}
	return (w->descending ? ~n : n);
}

/* The usual word: a quantity. */
static void
load_quantity(const struct sorter *s, const struct sorter_word *w,
    struct rank_item *v, size_t n)
{
	const uint64_t turn = (w->by == SORT_SIGNED ? SIGN : 0) ^
	    (w->descending ? UINT64_MAX : 0);
	const struct hold_data *d;
	const uint64_t *num = NULL;
	uint64_t last = UINT64_MAX;
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].ref >> 16 != last) {
			last = v[i].ref >> 16;
			d = &s->holds[last]->data[w->column];
			num = (const uint64_t *)(const void *)d->num;
		}
		v[i].key = (num == NULL ? 0 : num[v[i].ref & 0xffff]) ^ turn;
	}
}

static void
load(void *arg, unsigned int depth, struct rank_item *v, size_t n)
{
	const struct sorter *s = arg;
	const struct hold *h;
	size_t i;

	if (depth < s->words && s->word[depth].by <= SORT_SIGNED &&
	    s->spec.col[s->word[depth].column].width == 8) {
		load_quantity(s, &s->word[depth], v, n);
		return;
	}
	for (i = 0; i < n; i++) {
		h = s->holds[v[i].ref >> 16];
		v[i].key = depth == s->words
		    ? h->seq[v[i].ref & 0xffff]
		    : word(s, h, v[i].ref & 0xffff, &s->word[depth]);
	}
}

void
sorter_init(struct sorter *s, const struct question *q,
    const struct flow_set *set)
{
	memset(s, 0, sizeof(*s));
	s->q = q;
	s->budget =
	    q->memory == 0 ? SIZE_MAX : q->memory / (q->threads + !q->threads);
	hold_spec_fields(&s->spec, set);
	s->ranking.load = load;
	s->ranking.arg = s;
}

void
sorter_clear(struct sorter *s)
{
	size_t i;

	for (i = 0; i < s->nworkers; i++)
		sorter_worker_free(s->workers[i]);
	free(s->workers);
	s->workers = NULL;
	s->nworkers = 0;
}

static int
add(struct sorter *s, struct sorter_word w)
{
	if (s->ranking.depths + 1 == SORTER_WORDS)
		return (-1);
	s->word[s->ranking.depths++] = w;
	return (0);
}

int
sorter_quantity(struct sorter *s, enum quantity q, bool descending)
{
	struct sorter_word w = {.descending = descending};

	hold_spec_quantity(&s->spec, q);
	w.by = q == Q_START || q == Q_END ? SORT_SIGNED : SORT_NUMBER;
	w.column = hold_spec_find(&s->spec, HOLD_QUANTITY + q);
	return (add(s, w));
}

int
sorter_field(struct sorter *s, const struct field *f, bool descending)
{
	struct sorter_word w = {.by = SORT_HAS,
	    .descending = descending,
	    .field = f->bit};
	struct flow_set set = {{0}};
	enum column_type type;
	int ok;

	set.w[f->bit / 64] |= (uint64_t)1 << f->bit % 64;
	hold_spec_fields(&s->spec, &set);
	w.column = hold_spec_find(&s->spec, f->bit);
	type = s->spec.col[w.column].type;
	ok = add(s, w);
	if (type == CT_NUMBER || type == CT_TIME) {
		w.by = type == CT_TIME ? SORT_SIGNED : SORT_NUMBER;
		return (ok == -1 ? -1 : add(s, w));
	}
	if (type == CT_ADDR) {
		for (w.by = SORT_FAMILY; ok == 0 && w.by <= SORT_LO; w.by++)
			ok = add(s, w);
		return (ok);
	}
	w.by = SORT_BYTES;
	for (; ok == 0 && w.word < 32; w.word++)
		ok = add(s, w);
	return (ok);
}

int
sorter_pair(struct sorter *s, unsigned int words)
{
	struct sorter_word w = {.by = SORT_PAIR};
	int ok = 0;

	for (; ok == 0 && w.word < words; w.word++)
		ok = add(s, w);
	return (ok);
}

void
sorter_ready(struct sorter *s)
{
	s->words = s->ranking.depths++;
}

struct sorter_worker *
sorter_begin(const struct sorter *s)
{
	struct sorter_worker *w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (NULL);
	w->s = s;
	w->map.code = calloc(BLOCK_FLOWS, sizeof(*w->map.code));
	w->map.derive = derive_new();
	w->some = calloc(BLOCK_FLOWS, sizeof(*w->some));
	if (w->map.code == NULL || w->map.derive == NULL || w->some == NULL) {
		sorter_worker_free(w);
		return (NULL);
	}
	return (w);
}

void
sorter_drop(struct sorter_worker *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		hold_free(w->hold[i]);
	free(w->hold);
	w->hold = NULL;
	w->n = 0;
	w->rows = 0;
}

void
sorter_worker_free(struct sorter_worker *w)
{
	size_t i;

	if (w == NULL)
		return;
	sorter_drop(w);
	for (i = 0; i < w->nruns; i++)
		free(w->run[i].off);
	free(w->run);
	spill_free(w->spill);
	free(w->map.code);
	derive_free(w->map.derive);
	free(w->some);
	free(w);
}

/* Refs are in the order of the scan, so that equal ones stay in it. */
static bool
in_order(struct hold *const *holds, size_t n)
{
	uint64_t last = 0;
	uint32_t row;
	size_t i;

	for (i = 0; i < n; i++)
		for (row = 0; row < holds[i]->n; row++) {
			if (holds[i]->seq[row] < last)
				return (false);
			last = holds[i]->seq[row];
		}
	return (true);
}

struct rank_item *
sorter_order(const struct sorter *of, struct hold *const *holds, size_t n,
    size_t *rows)
{
	struct sorter s = *of;
	struct rank_item *v;
	size_t i, at = 0;
	uint32_t row;

	s.holds = holds;
	s.ranking.arg = &s;
	for (i = 0, *rows = 0; i < n; i++)
		*rows += holds[i]->n;
	if ((v = rank_new(*rows)) == NULL)
		return (NULL);
	s.ranking.depths -= in_order(holds, n);
	for (i = 0; i < n; i++)
		for (row = 0; row < holds[i]->n; row++)
			v[at++].ref = hold_ref(i, row);
	rank_sort(&s.ranking, v, *rows, v + *rows);
	return (v);
}

/* Rows of a hold: few of them if memory is little. */
static uint32_t
hold_rows(const struct sorter *s)
{
	size_t row = 2 * sizeof(struct rank_item) + sizeof(uint64_t), rows;
	unsigned int i;

	for (i = 0; i < s->spec.n; i++)
		row += s->spec.col[i].width + sizeof(uint16_t);
	rows = s->budget / HOLDS_LEAST / row;
	if (rows < ROWS_LEAST)
		return (ROWS_LEAST);
	return (rows < HOLD_ROWS ? (uint32_t)rows : HOLD_ROWS);
}

/* A hold with room. */
static struct hold *
last_hold(struct sorter_worker *w)
{
	struct hold **more, *h;

	if (w->n > 0 && w->hold[w->n - 1]->n < w->hold[w->n - 1]->size)
		return (w->hold[w->n - 1]);
	more = reallocarray(w->hold, w->n + 1, sizeof(*more));
	if (more == NULL)
		return (NULL);
	w->hold = more;
	if ((h = hold_new(&w->s->spec, hold_rows(w->s))) == NULL)
		return (NULL);
	w->hold[w->n++] = h;
	return (h);
}

static const char *
append(struct sorter_worker *w, struct batch *b, const struct sel *sel)
{
	const char *err = NULL;
	struct hold *h;
	uint32_t at = 0;

	while (at < sel->n && err == NULL) {
		if ((h = last_hold(w)) == NULL)
			return (MEMORY);
		err = hold_append(h, &w->map, b, sel, &at);
	}
	w->rows += sel->n;
	return (err);
}

/* The best of all are kept, and tell what is not wanted any more. */
static const char *
prune(struct sorter_worker *w)
{
	struct sorter s = *w->s;
	struct hold **old = w->hold;
	size_t i, rows, all, n = w->n, at = 0;
	struct rank_item *v = sorter_order(w->s, old, n, &all), last;
	const char *err = v == NULL ? MEMORY : NULL;
	struct hold *h;
	uint32_t some;

	w->hold = NULL;
	w->n = 0;
	rows = all < s.top ? all : (size_t)s.top;
	while (err == NULL && at < rows) {
		if ((h = last_hold(w)) == NULL) {
			err = MEMORY;
			break;
		}
		some = h->size - h->n;
		if (some > rows - at)
			some = (uint32_t)(rows - at);
		some = hold_gather(h, old, v + at, some);
		if (some == 0 && h->n == 0)
			err = MEMORY;
		if (some == 0) /* no room for its shape */
			h->size = h->n;
		at += some;
	}
	if (err == NULL && rows > 0) {
		last = v[rows - 1];
		s.holds = old;
		load(&s, 0, &last, 1);
		w->bounded = true;
		w->bound = last.key;
	}
	for (i = 0; i < n; i++)
		hold_free(old[i]);
	free(old);
	rank_free(v, all);
	w->rows = rows;
	return (err);
}

/* Rows that may be among the best, by their first word. */
static const char *
narrow(struct sorter_worker *w, struct batch *b, const struct sel *sel,
    struct sel *some)
{
	const struct sorter_word *by = &w->s->word[0];
	unsigned int id = w->s->spec.col[by->column].id;
	uint64_t turn = (by->by == SORT_SIGNED ? SIGN : 0) ^
	    (by->descending ? UINT64_MAX : 0);
	const struct vec *v;
	enum block_err err;
	uint32_t i, row;

	*some = *sel;
	if (!w->bounded || id < HOLD_QUANTITY)
		return (NULL);
	err = derive_quantity(w->map.derive, b,
	    (enum quantity)(id - HOLD_QUANTITY), &v);
	if (err != BLOCK_OK)
		return (block_strerror(err));
	if (v == NULL)
		return (NULL);
	some->row = w->some;
	some->n = 0;
	for (i = 0; i < sel->n; i++) {
		row = sel_row(sel, i);
		w->some[some->n] = (uint16_t)row;
		some->n += (vec_number(v, row) ^ turn) <= w->bound;
	}
	return (NULL);
}

static size_t
bytes(const struct sorter_worker *w)
{
	size_t sum = w->rows * 2 * sizeof(struct rank_item), i;

	for (i = 0; i < w->n; i++)
		sum += hold_bytes(w->hold[i]);
	return (sum);
}

const char *
sorter_take(struct sorter_worker *w, struct batch *b, const struct sel *sel)
{
	const struct sorter *s = w->s;
	struct sel some;
	const char *err;

	if ((err = narrow(w, b, sel, &some)) != NULL ||
	    (err = append(w, b, &some)) != NULL)
		return (err);
	if (s->top > 0 && s->top < BLOCK_FLOWS &&
	    w->rows > 2 * s->top + BLOCK_FLOWS / 4)
		err = prune(w);
	if (err == NULL && s->budget != SIZE_MAX && bytes(w) > s->budget)
		err = sorter_spill(w);
	return (err);
}

const char *
sorter_merge(struct sorter *s, struct sorter_worker *w)
{
	struct sorter_worker **more;

	more = reallocarray(s->workers, s->nworkers + 1, sizeof(*more));
	if (more == NULL) {
		sorter_worker_free(w);
		return (MEMORY);
	}
	s->workers = more;
	s->workers[s->nworkers++] = w;
	return (NULL);
}

/* The holds of all workers. */
static struct hold **
all_holds(const struct sorter *s, size_t *n)
{
	struct hold **all;
	size_t i, j;

	for (i = 0, *n = 0; i < s->nworkers; i++)
		*n += s->workers[i]->n;
	if ((all = calloc(*n + 1, sizeof(*all))) == NULL)
		return (NULL);
	for (i = 0, *n = 0; i < s->nworkers; i++)
		for (j = 0; j < s->workers[i]->n; j++)
			all[(*n)++] = s->workers[i]->hold[j];
	return (all);
}

static const char *
emit_order(struct sorter *s, struct hold *const *holds,
    const struct rank_item *v, size_t rows, const struct sorter_sink *to)
{
	const char *err = NULL;
	struct hold *h;
	uint32_t some;
	size_t at;

	for (at = 0; at < rows && err == NULL; at += some) {
		some =
		    rows - at < HOLD_ROWS ? (uint32_t)(rows - at) : HOLD_ROWS;
		if ((h = hold_new(&s->spec, some)) != NULL)
			h->bare = true;
		if (h == NULL ||
		    (some = hold_gather(h, holds, v + at, some)) == 0)
			err = MEMORY;
		else
			err = to->emit(to->arg, h);
		hold_free(h);
	}
	return (err);
}

static bool
has_runs(const struct sorter *s)
{
	size_t i, sum = 0;

	for (i = 0; i < s->nworkers; i++) {
		sum += bytes(s->workers[i]);
		if (s->workers[i]->nruns > 0)
			return (true);
	}
	return (s->q->memory != 0 && sum > s->q->memory);
}

const char *
sorter_finish(struct sorter *s, const struct sorter_sink *to)
{
	const char *err = MEMORY;
	struct rank_item *v = NULL;
	struct hold **all;
	size_t n, rows, all_rows = 0;

	if (has_runs(s))
		return (sorter_merge_runs(s, to));
	if ((all = all_holds(s, &n)) == NULL)
		return (MEMORY);
	if ((v = sorter_order(s, all, n, &all_rows)) != NULL) {
		rows = all_rows;
		if (s->top > 0 && rows > s->top)
			rows = (size_t)s->top;
		err = emit_order(s, all, v, rows, to);
	}
	rank_free(v, all_rows);
	free(all);
	return (err);
}
