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
 * The first start and the last end of the rows that were selected.  To know
 * them of a block its columns of times would have to be decoded, which costs as
 * much as all the rest of a sum.  But a header tells between which two times
 * they are: only few blocks can hold the first or the last.  These are kept,
 * with their rows, and decoded in the end, as long as they may change the
 * answer.
 *
 * Blocks come in their order, whatever the threads, so the same ones are
 * decoded, and what is damaged is told, each time.
 */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "scan/pool.h"

#define KEPT 32 /* blocks */

/* Of both sides the least is looked for: of ends, of their complement. */
static const enum flow_field ends[] = {FLOW_START, FLOW_END};

struct spans {
	struct scan *scan;
	pthread_mutex_t *lock; /* of the holds of segments */
	struct batch *batch;
	uint64_t bytes_read;
	int64_t least[2]; /* known */
	int64_t bound[2]; /* it is this at most */
	struct span kept[KEPT];
	size_t n;
	bool nomem;
};

struct spans *
spans_new(struct scan *scan, pthread_mutex_t *lock)
{
	struct spans *s;

	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->batch = batch_new()) == NULL) {
		free(s);
		return (NULL);
	}
	s->scan = scan;
	s->lock = lock;
	s->least[0] = s->least[1] = INT64_MAX;
	s->bound[0] = s->bound[1] = INT64_MAX;
	return (s);
}

void
span_clear(struct span *p)
{
	segment_release(p->map);
	free(p->row);
	memset(p, 0, sizeof(*p));
}

static bool
has(const struct flow_set *set, enum flow_field field)
{
	return (set->w[field / 64] >> field % 64 & 1);
}

/* What the header tells of one side.  True: all. */
static bool
from_header(struct span *p, int side, const struct block *b, bool whole)
{
	const struct block_column *c = block_column(b, ends[side]);
	struct span_side *to = &p->side[side];

	to->open = to->known = false;
	if (c == NULL || !has(&b->any, ends[side]))
		return (true);
	to->lo = side == 0 ? (int64_t)c->min : ~(int64_t)c->max;
	to->hi = side == 0 ? (int64_t)c->max : ~(int64_t)c->min;
	to->all = has(&b->all, ends[side]);
	to->known = to->all && (whole || to->lo == to->hi);
	to->open = !to->known;
	return (to->known);
}

bool
span_set(struct span *p, const struct block *b, const struct sel *sel,
    bool whole)
{
	bool told[2];

	told[0] = from_header(p, 0, b, whole);
	told[1] = from_header(p, 1, b, whole);
	p->n = sel->n;
	p->listed = sel->row != NULL;
	p->p = b->p;
	p->len = b->len;
	if ((told[0] && told[1]) || !p->listed)
		return (true);
	if (p->size < sel->n) {
		free(p->row);
		p->size = 0;
		if ((p->row = calloc(sel->n, sizeof(*p->row))) == NULL)
			return (false);
		p->size = sel->n;
	}
	memcpy(p->row, sel->row, sel->n * sizeof(*p->row));
	return (true);
}

void
span_reset(struct span *p)
{
	memset(p->side, 0, sizeof(p->side));
}

void
span_take(struct span *p, struct job *job)
{
	if (!span_open(p))
		return;
	p->path = job->path;
	p->offset = job->offset;
	p->map = job->map;
	job->map = NULL;
}

bool
span_open(const struct span *p)
{
	return (p->side[0].open || p->side[1].open);
}

static void
drop(struct spans *s, struct span *p)
{
	if (p->map == NULL)
		return;
	(void)pthread_mutex_lock(s->lock);
	segment_release(p->map);
	(void)pthread_mutex_unlock(s->lock);
	p->map = NULL;
}

static void
lower(struct spans *s, int side, int64_t t)
{
	if (t < s->least[side])
		s->least[side] = t;
	if (t < s->bound[side])
		s->bound[side] = t;
}

/* Its rows, one by one. */
static enum block_err
decode(struct spans *s, const struct span *p, int side, int64_t *least)
{
	const struct sel sel = {.n = p->n, .row = p->listed ? p->row : NULL};
	struct rd rd = rd_init(p->p, p->len);
	struct totals t;
	struct block b;
	enum block_err e;

	if ((e = block_read(&rd, &b)) != BLOCK_OK)
		return (e);
	totals_init(&t);
	batch_set_block(s->batch, &b);
	e = totals_time(&t, s->batch, ends[side], &sel);
	if (side == 0)
		*least = t.first;
	else if (t.last != INT64_MIN)
		*least = ~t.last;
	return (e);
}

/* Damaged times are those that the header tells; the flows were counted. */
static void
look(struct spans *s, struct span *p, int side)
{
	int64_t least = INT64_MAX;
	enum block_err e = decode(s, p, side, &least);

	p->side[side].open = false;
	if (e == BLOCK_NOMEM)
		s->nomem = true;
	else if (e != BLOCK_OK) {
		scan_say_now(s->scan, SCAN_DAMAGED, p->path, p->offset,
		    "%s: times of %u flows are not known", block_strerror(e),
		    p->n);
		least = p->side[side].all ? p->side[side].lo : INT64_MAX;
	}
	lower(s, side, least);
}

/* Those that may hold it, the least header first. */
static void
settle(struct spans *s, int side)
{
	struct span *p, *best;

	do {
		best = NULL;
		for (p = s->kept; p < s->kept + s->n; p++)
			if (p->side[side].open &&
			    p->side[side].lo < s->least[side] &&
			    (best == NULL ||
				p->side[side].lo < best->side[side].lo))
				best = p;
		if (best != NULL)
			look(s, best, side);
	} while (best != NULL);
}

/* Those stay that may have less than what there is at least. */
static void
prune(struct spans *s)
{
	struct span hole;
	size_t i, n = 0;
	int side;

	for (i = 0; i < s->n; i++) {
		for (side = 0; side < 2; side++)
			if (s->kept[i].side[side].lo >= s->bound[side])
				s->kept[i].side[side].open = false;
		if (!span_open(&s->kept[i])) {
			drop(s, &s->kept[i]);
			continue;
		}
		/* What is left over lends its memory. */
		hole = s->kept[n];
		s->kept[n++] = s->kept[i];
		if (n - 1 != i)
			s->kept[i] = hole;
	}
	s->n = n;
}

static void
settle_all(struct spans *s)
{
	uint64_t before = batch_bytes_read(s->batch);

	settle(s, 0);
	settle(s, 1);
	prune(s);
	s->bytes_read += batch_bytes_read(s->batch) - before;
}

void
spans_add(struct spans *s, struct span *p)
{
	struct span free_one;
	int side;

	for (side = 0; side < 2; side++)
		if (p->side[side].known)
			lower(s, side, p->side[side].lo);
		else if (p->side[side].open && p->side[side].all &&
		    p->side[side].lo <= p->side[side].hi &&
		    p->side[side].hi < s->bound[side])
			s->bound[side] = p->side[side].hi;
	if (s->n == KEPT)
		settle_all(s);
	free_one = s->kept[s->n];
	s->kept[s->n++] = *p;
	*p = free_one;
	span_reset(p);
	prune(s);
}

bool
spans_end(struct spans *s, struct totals *t)
{
	bool ok;
	size_t i;

	settle_all(s);
	if (s->least[0] < t->first)
		t->first = s->least[0];
	if (~s->least[1] > t->last)
		t->last = ~s->least[1];
	t->bytes_read += s->bytes_read;
	ok = !s->nomem;
	for (i = 0; i < KEPT; i++)
		span_clear(&s->kept[i]);
	batch_free(s->batch);
	free(s);
	return (ok);
}
