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
 * Who takes the flows of a question: printers, writers, or what sums up.
 */

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "query/group.h"
#include "query/sort.h"
#include "query/summary.h"
#include "reader-answer.h"
#include "reader-follow.h"

static struct consumer *
sum_up(struct request *q, const struct args *a, struct sheet *sheet)
{
	if (args_has(a, ARG_COUNT))
		return (consumer_count(sheet));
	if (q->q.stats)
		return (summary_consumer(&q->q, sheet));
	return (group_consumer(&q->q, sheet));
}

static struct consumer *
list(struct request *q, struct reader *r)
{
	if (r->format == READER_NONE)
		return (consumer_none());
	if (r->format == READER_CLASSIC || r->format == READER_FLOWTOOLS)
		return (consumer_classic(r));
	return (print_consumer(&q->print, out_put, r));
}

static struct consumer *
write_out(struct request *q, struct reader *r, const struct files *files)
{
	bool raw = r->rules == NULL && !q->q.scale && !q->anonymize;
	struct written *o =
	    written_open(q->output, q->store_version, q->level, files);

	return (consumer_write(o, r->store_mask, raw));
}

static struct consumer *
flows(struct request *q, struct reader *r, const struct files *files)
{
	struct consumer *c;

	if (q->output == NULL)
		c = list(q, r);
	else if (r->format == READER_NONE)
		c = write_out(q, r, files);
	else
		c = consumer_both(list(q, r), write_out(q, r, files));
	if (c != NULL && q->q.norders > 0)
		c = sort_consumer(&q->q, c);
	if (c != NULL && q->q.bidirectional)
		c = pair_consumer(&q->q, c);
	return (c);
}

static void
print_header(struct reader *r)
{
	if (r->format == READER_FLOWTOOLS)
		out_line(r, format_flowtools_header);
}

void
answer_all(struct request *q, struct reader *r, struct files *files,
    const struct args *a)
{
	bool table = r->format == READER_TABLE;
	struct gauge *gauge =
	    gauge_begin(!args_has(a, ARG_NO_PROGRESS), files->bytes);
	struct totals totals;
	struct scan_options o = {.store_mask = r->store_mask,
	    .anonymize = q->anonymize ? q->key : NULL,
	    .totals = table || q->answers,
	    .progress = gauge_show,
	    .arg = gauge,
	    .totalled = &totals,
	    .headers = args_has(a, ARG_COUNT) && r->rules == NULL &&
		r->clauses == NULL && !q->q.scale};
	struct sheet *sheet = NULL;
	struct consumer *c;
	const char *error;

	totals_init(&totals);
	if (q->answers && (sheet = sheet_new(&q->style, out_put, r)) == NULL)
		err(READER_FAILED, NULL);
	c = q->answers ? sum_up(q, a, sheet) : flows(q, r, files);
	if (c == NULL)
		err(READER_FAILED, NULL);
	print_header(r);
	error = r->scan.follow ? follow_run(r, &q->q, &o, files, c)
			       : scan_run(&r->scan, &q->q, &o, files, c);
	gauge_end(gauge);
	reader_memory(r);
	reader_tell_totals(r, &totals);
	if (error != NULL && error != scan_unread) {
		warnx("%s", error);
		reader_note(r, READER_FAILED);
	}
	c->free(c);
	sheet_free(sheet);
}
