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
 * Flows of logs and captures, on their way into batches: one by one in rows,
 * or many at a time as columns.
 */

#include <stdlib.h>

#include "flat.h"
#include "scan/job.h"

/* They are decoded by one thread, so a batch shall not take long. */
#define LOT_SIZE 16384
#define LOTS_KEPT 64

struct filling {
	struct scan *scan;
	struct flow_set needs;
	struct lot now; /* one of both, or none */
	struct lot *full;
	size_t first, n, size; /* in full */
	struct rows *rows[LOTS_KEPT];
	struct flat *flat[LOTS_KEPT];
	size_t nrows, nflat;
};

static void
lot_free(struct lot *lot)
{
	rows_free(lot->rows);
	flat_free(lot->flat);
	*lot = (struct lot){NULL, NULL};
}

uint32_t
lot_count(const struct lot *lot)
{
	if (lot->rows != NULL)
		return (rows_count(lot->rows));
	return (lot->flat == NULL ? 0 : lot->flat->n);
}

struct filling *
filling_new(struct scan *s, const struct flow_set *needs)
{
	struct filling *f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (NULL);
	f->scan = s;
	f->needs = *needs;
	return (f);
}

void
filling_free(struct filling *f)
{
	if (f == NULL)
		return;
	lot_free(&f->now);
	for (; f->first < f->n; f->first++)
		lot_free(&f->full[f->first]);
	while (f->nrows > 0)
		rows_free(f->rows[--f->nrows]);
	while (f->nflat > 0)
		flat_free(f->flat[--f->nflat]);
	free(f->full);
	free(f);
}

/* What is being filled has to wait for who takes it. */
static bool
put_full(struct filling *f)
{
	struct lot *full;

	if (f->first == f->n)
		f->first = f->n = 0;
	if (f->n == f->size) {
		full = reallocarray(f->full, f->size + 64, sizeof(*full));
		if (full == NULL) {
			f->scan->nomem = true;
			return (false);
		}
		f->full = full;
		f->size += 64;
	}
	f->full[f->n++] = f->now;
	f->now = (struct lot){NULL, NULL};
	return (true);
}

/* Rows to add to, other than those that are full. */
static struct rows *
room_for_one(struct filling *f, bool full)
{
	if (f->now.flat != NULL || full)
		if (!put_full(f))
			return (NULL);
	if (f->now.rows == NULL && f->nrows > 0)
		f->now.rows = f->rows[--f->nrows];
	if (f->now.rows == NULL)
		f->now.rows = rows_new(LOT_SIZE, &f->needs);
	if (f->now.rows == NULL)
		f->scan->nomem = true;
	return (f->now.rows);
}

void
filling_add(struct filling *f, const struct flow *flow)
{
	struct rows *rows = room_for_one(f, false);

	if (rows == NULL || rows_add(rows, flow))
		return;
	rows = room_for_one(f, true);
	/* Rows have room for any flow: what is missing is memory. */
	if (rows != NULL && !rows_add(rows, flow))
		f->scan->nomem = true;
}

struct flat *
filling_room(struct filling *f, bool full)
{
	const struct flow_set all = store_flow_fields();

	if (f->now.rows != NULL || full)
		if (!put_full(f))
			return (NULL);
	if (f->now.flat == NULL && f->nflat > 0)
		f->now.flat = f->flat[--f->nflat];
	if (f->now.flat == NULL)
		f->now.flat = flat_new(LOT_SIZE, &f->needs, &all);
	if (f->now.flat == NULL)
		f->scan->nomem = true;
	return (f->now.flat);
}

bool
filling_take(struct filling *f, bool rest, struct lot *lot)
{
	if (f->first == f->n && rest && lot_count(&f->now) > 0)
		(void)put_full(f);
	if (f->first == f->n)
		return (false);
	*lot = f->full[f->first++];
	return (true);
}

void
filling_back(struct filling *f, const struct lot *lot)
{
	struct lot none = *lot;

	if (lot->rows != NULL && f->nrows < LOTS_KEPT) {
		rows_clear(lot->rows);
		f->rows[f->nrows++] = lot->rows;
	} else if (lot->flat != NULL && f->nflat < LOTS_KEPT) {
		flat_clear(lot->flat);
		f->flat[f->nflat++] = lot->flat;
	} else {
		lot_free(&none);
	}
}

void
job_batch(const struct job *job, struct batch *b)
{
	if (job->lot.rows != NULL)
		batch_set_rows(b, job->lot.rows);
	else if (job->lot.flat != NULL)
		batch_set_flat(b, job->lot.flat);
	else
		batch_set_block(b, &job->block);
}
