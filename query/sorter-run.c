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
 * Sorted runs of flows in files, and all of them merged: of each run one hold
 * is in memory.
 */

#include <stdlib.h>
#include <string.h>

#include "query/sorter.h"

#define MEMORY "out of memory"
/* Rows of a hold in a file: as many runs are to fit as there may be. */
#define RUN_ROWS 4096

static const char *
write_hold(struct sorter_worker *w, struct sorter_run *run, struct hold *h)
{
	uint64_t *off = reallocarray(run->off, run->n + 1, sizeof(*off));

	if (off == NULL)
		return (MEMORY);
	run->off = off;
	return (hold_write(h, w->spill, &run->off[run->n++]));
}

static const char *
write_holds(struct sorter_worker *w, struct sorter_run *run,
    const struct rank_item *v, size_t rows)
{
	const char *err = NULL;
	struct hold *h;
	uint32_t some;
	size_t at;

	for (at = 0; at < rows && err == NULL; at += some) {
		some = rows - at < RUN_ROWS ? (uint32_t)(rows - at) : RUN_ROWS;
		h = hold_new(&w->s->spec, some);
		if (h == NULL ||
		    (some = hold_gather(h, w->hold, v + at, some)) == 0)
			err = MEMORY;
		else
			err = write_hold(w, run, h);
		hold_free(h);
	}
	return (err);
}

const char *
sorter_spill(struct sorter_worker *w)
{
	struct sorter_run *more;
	struct rank_item *v;
	const char *err = MEMORY;
	size_t rows, all;

	if (w->rows == 0)
		return (NULL);
	if (w->spill == NULL)
		w->spill = spill_new(w->s->q->tmpdir, 1);
	more = reallocarray(w->run, w->nruns + 1, sizeof(*more));
	if (more != NULL)
		w->run = more;
	if (w->spill == NULL || more == NULL ||
	    (v = sorter_order(w->s, w->hold, w->n, &all)) == NULL)
		return (MEMORY);
	rows = w->s->top > 0 && all > w->s->top ? (size_t)w->s->top : all;
	w->run[w->nruns] = (struct sorter_run){0};
	err = write_holds(w, &w->run[w->nruns++], v, rows);
	rank_free(v, all);
	sorter_drop(w);
	return (err);
}

/* A run that is read. */
struct reader {
	struct spill *spill;
	const struct sorter_run *run;
	size_t next; /* hold */
	uint32_t row;
};

struct merger {
	struct sorter s; /* whose holds are the current ones */
	struct reader *reader;
	struct hold **hold; /* of each reader */
	size_t n;
	struct rank_item *heap; /* the next row of each run, the first on top */
	size_t nheap;
	struct rank_item *out; /* rows to be gathered */
	uint32_t nout;
	struct hold *to;
	uint64_t left; /* rows that are wanted */
	const struct sorter_sink *sink;
};

static bool
before(const struct merger *m, const struct rank_item *a,
    const struct rank_item *b)
{
	if (a->key != b->key)
		return (a->key < b->key);
	return (rank_cmp(&m->s.ranking, a->ref, b->ref) < 0);
}

static void
sift(struct merger *m, size_t i)
{
	struct rank_item x = m->heap[i];
	size_t child;

	while ((child = 2 * i + 1) < m->nheap) {
		if (child + 1 < m->nheap &&
		    before(m, &m->heap[child + 1], &m->heap[child]))
			child++;
		if (!before(m, &m->heap[child], &x))
			break;
		m->heap[i] = m->heap[child];
		i = child;
	}
	m->heap[i] = x;
}

static const char *
flush(struct merger *m)
{
	const char *err = NULL;

	if (m->to != NULL && m->to->n > 0)
		err = m->sink->emit(m->sink->arg, m->to);
	hold_free(m->to);
	m->to = NULL;
	return (err);
}

/* What is in out goes to the hold that is given away when it is full. */
static const char *
gather(struct merger *m)
{
	const char *err = NULL;
	uint32_t at = 0, some;

	while (at < m->nout && err == NULL) {
		if (m->to == NULL &&
		    (m->to = hold_new(&m->s.spec, HOLD_ROWS)) == NULL)
			return (MEMORY);
		some = m->to->size - m->to->n;
		if (some > m->nout - at)
			some = m->nout - at;
		some = hold_gather(m->to, m->hold, m->out + at, some);
		if (some == 0 && m->to->n == 0)
			return (MEMORY);
		at += some;
		if (m->to->n == m->to->size || at < m->nout)
			err = flush(m);
	}
	m->nout = 0;
	return (err);
}

/* The next row of a run; false at its end. */
static bool
next_row(struct merger *m, size_t i, const char **err)
{
	struct reader *r = &m->reader[i];

	if (m->hold[i] == NULL || r->row == m->hold[i]->n) {
		if ((*err = gather(m)) != NULL)
			return (false);
		hold_free(m->hold[i]);
		m->hold[i] = NULL;
		if (r->next == r->run->n)
			return (false);
		m->hold[i] = hold_read(&m->s.spec, r->spill,
		    r->run->off[r->next++], err);
		if (m->hold[i] == NULL)
			return (false);
		r->row = 0;
	}
	return (true);
}

static void
load(struct merger *m, struct rank_item *x, size_t i)
{
	x->ref = hold_ref(i, m->reader[i].row++);
	m->s.ranking.load(&m->s, 0, x, 1);
}

static const char *
merge(struct merger *m)
{
	const char *err = NULL;
	struct rank_item *top = &m->heap[0];
	size_t i;

	for (i = 0; i < m->n && err == NULL; i++)
		if (next_row(m, i, &err))
			load(m, &m->heap[m->nheap++], i);
	for (i = m->nheap / 2; i-- > 0;)
		sift(m, i);
	while (m->nheap > 0 && err == NULL && m->left > 0) {
		m->left--;
		m->out[m->nout++] = *top;
		i = top->ref >> 16;
		if (m->nout == RUN_ROWS)
			err = gather(m);
		if (err == NULL && next_row(m, i, &err))
			load(m, top, i);
		else
			*top = m->heap[--m->nheap];
		if (m->nheap > 0)
			sift(m, 0);
	}
	if (err == NULL)
		err = gather(m);
	return (err == NULL ? flush(m) : err);
}

static size_t
count_runs(const struct sorter *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->nworkers; i++)
		n += s->workers[i]->nruns;
	return (n);
}

static void
add_readers(struct merger *m, const struct sorter_worker *w)
{
	size_t i;

	for (i = 0; i < w->nruns; i++)
		m->reader[m->n++] =
		    (struct reader){.spill = w->spill, .run = &w->run[i]};
}

const char *
sorter_merge_runs(struct sorter *s, const struct sorter_sink *sink)
{
	struct merger m = {.s = *s, .sink = sink};
	const char *err = NULL;
	size_t i, n;

	for (i = 0; i < s->nworkers && err == NULL; i++)
		err = sorter_spill(s->workers[i]);
	if (err != NULL)
		return (err);
	n = count_runs(s) + 1;
	m.left = s->top > 0 ? s->top : UINT64_MAX;
	m.reader = calloc(n, sizeof(*m.reader));
	m.hold = calloc(n, sizeof(*m.hold));
	m.heap = calloc(n, sizeof(*m.heap));
	m.out = calloc(RUN_ROWS, sizeof(*m.out));
	m.s.holds = m.hold;
	m.s.ranking.arg = &m.s;
	if (m.reader == NULL || m.hold == NULL || m.heap == NULL ||
	    m.out == NULL)
		err = MEMORY;
	for (i = 0; i < s->nworkers && err == NULL; i++)
		add_readers(&m, s->workers[i]);
	if (err == NULL)
		err = merge(&m);
	for (i = 0; i < m.n; i++)
		hold_free(m.hold[i]);
	hold_free(m.to);
	free(m.reader);
	free(m.hold);
	free(m.heap);
	free(m.out);
	return (err);
}
