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
 * A question to a reading, and its answer as cells.
 */

#include <stdlib.h>
#include <string.h>

#include "query/group.h"
#include "query/sort.h"
#include "query/summary.h"
#include "scan/flow-cells.h"
#include "scan/pool.h"
#include "scan/reading-state.h"

static const char nomem[] = "out of memory";

static bool
is_summed(const struct question *q)
{
	return (q->nkeys > 0 || q->every > 0 || q->stats);
}

/* Flows, one by one: sorted, paired, the first ones. */
static struct consumer *
flows(struct reading *r, const struct sheet_taker *taker)
{
	const struct question *q = &r->q;
	/* Sorting leaves no more than the first ones. */
	uint64_t most = q->norders > 0 ? 0 : q->top;
	struct consumer *c = flow_cells(&r->o.needs, most, taker);

	if (c != NULL && q->norders > 0)
		c = sort_consumer(q, c);
	if (c != NULL && q->bidirectional)
		c = pair_consumer(q, c);
	return (c);
}

static struct consumer *
sums(const struct question *q, struct sheet *sheet)
{
	if (q->stats)
		return (summary_consumer(q, sheet));
	if (is_summed(q))
		return (group_consumer(q, sheet));
	return (consumer_count(sheet));
}

/* What the caller left out. */
static void
take_question(struct reading *r, const struct question *q)
{
	size_t i;

	r->q = *q;
	if (r->q.threads == 0)
		r->q.threads = 1;
	if (r->q.tmpdir == NULL)
		r->q.tmpdir = "/var/tmp";
	/* Who waits for a pipe holds up the thread that may be stopped. */
	for (i = 0; i < r->files.n; i++)
		if (r->files.all[i].in != NULL && r->files.all[i].p == NULL)
			r->q.threads = 1;
}

static const char *
answer(struct reading *r, struct consumer *c, bool headers)
{
	const struct scan_options o = {.totals = is_summed(&r->q) || headers,
	    .headers = headers && r->q.rules == NULL && r->q.clauses == NULL &&
		!r->q.scale,
	    .store_mask = STORE_ALL,
	    .totalled = &r->totals};
	const char *error;

	if (c == NULL)
		return (nomem);
	error = scan_run(&r->scan, &r->q, &o, &r->files, c);
	c->free(c);
	return (error);
}

const char *
reading_ask(struct reading *r, const struct question *q,
    const struct sheet_taker *taker)
{
	bool listed;
	struct sheet *sheet;
	const char *error;

	if (r->feed != NULL || r->asked)
		return ("a reading is asked once, and before its batches");
	r->asked = true;
	r->caller = pthread_self();
	take_question(r, q);
	listed =
	    !is_summed(q) && (q->norders > 0 || q->top > 0 || q->bidirectional);
	if (listed)
		return (answer(r, flows(r, taker), false));
	if ((sheet = sheet_of_cells(taker)) == NULL)
		return (nomem);
	error = answer(r, sums(&r->q, sheet), !is_summed(q));
	sheet_free(sheet);
	return (error);
}
