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

#include "query/sheet.h"
#include "query/value.h"

/* The lines below a table. */
struct lines {
	struct text t;
	bool human, utc;
};

static void
number(struct lines *l, uint64_t v)
{
	if (l->human)
		value_human(&l->t, v);
	else
		text_uint(&l->t, v);
}

/* "12 flows" */
static void
some(struct lines *l, uint64_t v, const char *what)
{
	number(l, v);
	text_char(&l->t, ' ');
	text_str(&l->t, what);
}

static void
flows(struct lines *l, const struct totals *n)
{
	some(l, n->flows, "flows, ");
	some(l, n->packets, "packets, ");
	some(l, n->octets, "octets");
	if (n->first <= n->last) {
		text_str(&l->t, "; from ");
		value_time_ms(&l->t, n->first, l->utc);
		text_str(&l->t, " to ");
		value_time_ms(&l->t, n->last, l->utc);
	}
	text_char(&l->t, '\n');
}

static void
reading(struct lines *l, const struct totals *n)
{
	some(l, n->matched, "of ");
	some(l, n->records, "records selected");
	if (n->blocks > 0) {
		text_str(&l->t, "; ");
		some(l, n->blocks_skipped, "of ");
		some(l, n->blocks, "blocks skipped");
	}
	if (n->bytes > 0) {
		text_str(&l->t, "; ");
		some(l, n->bytes_read, "of ");
		some(l, n->bytes, "bytes read");
	}
	text_char(&l->t, '\n');
}

static void
damage(struct lines *l, const struct totals *n)
{
	text_str(&l->t, "damaged: ");
	some(l, n->damaged, n->damaged == 1 ? "place, " : "places, ");
	some(l, n->damaged_bytes, "bytes and ");
	some(l, n->damaged_records, "records skipped\n");
}

size_t
sheet_summary(char *buf, size_t size, const struct sheet_style *style,
    const struct totals *n)
{
	struct lines l = {.human = style->human, .utc = style->utc};

	text_init(&l.t, buf, size);
	text_char(&l.t, '\n');
	if (!n->told)
		flows(&l, n);
	reading(&l, n);
	if (n->damaged > 0)
		damage(&l, n);
	if (n->interrupted)
		text_str(&l.t, "interrupted: this is what was read so far\n");
	return (text_done(&l.t));
}
