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
 * Flows that come one by one, of logs and captures, gather in rows.
 */

#include <stdlib.h>

#include "scan/job.h"

/* They are decoded by one thread, so a batch shall not take long. */
#define ROWS_SIZE 16384
#define ROWS_KEPT 64

struct filling {
	struct scan *scan;
	struct flow_set needs;
	struct rows *now;
	struct rows **full;
	size_t first, n, size; /* in full */
	struct rows *kept[ROWS_KEPT];
	size_t nkept;
};

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
	size_t i;

	if (f == NULL)
		return;
	rows_free(f->now);
	for (i = f->first; i < f->n; i++)
		rows_free(f->full[i]);
	for (i = 0; i < f->nkept; i++)
		rows_free(f->kept[i]);
	free(f->full);
	free(f);
}

static struct rows *
empty_rows(struct filling *f)
{
	struct rows *rows;

	if (f->nkept > 0)
		return (f->kept[--f->nkept]);
	if ((rows = rows_new(ROWS_SIZE, &f->needs)) == NULL)
		f->scan->nomem = true;
	return (rows);
}

static void
put_full(struct filling *f)
{
	struct rows **full;

	if (f->first == f->n)
		f->first = f->n = 0;
	if (f->n == f->size) {
		full = reallocarray(f->full, f->size + 64, sizeof(*full));
		if (full == NULL) {
			f->scan->nomem = true;
			return;
		}
		f->full = full;
		f->size += 64;
	}
	f->full[f->n++] = f->now;
	f->now = NULL;
}

void
filling_add(struct filling *f, const struct flow *flow)
{
	if (f->now == NULL)
		f->now = empty_rows(f);
	if (f->now == NULL || rows_add(f->now, flow))
		return;
	put_full(f);
	if (f->now != NULL)
		return;
	f->now = empty_rows(f);
	/* Rows have room for any flow: what is missing is memory. */
	if (f->now != NULL && !rows_add(f->now, flow))
		f->scan->nomem = true;
}

struct rows *
filling_take(struct filling *f, bool rest)
{
	if (f->first == f->n && rest && f->now != NULL &&
	    rows_count(f->now) > 0)
		put_full(f);
	return (f->first == f->n ? NULL : f->full[f->first++]);
}

void
filling_back(struct filling *f, struct rows *rows)
{
	if (f->nkept == ROWS_KEPT) {
		rows_free(rows);
		return;
	}
	rows_clear(rows);
	f->kept[f->nkept++] = rows;
}
