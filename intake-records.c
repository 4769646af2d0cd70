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
 * Records that come many at a time, on their way into the archive: the rules
 * look at what they ask for, and what they keep goes on as it is on the wire.
 */

#include <string.h>

#include "intake-inside.h"

/* Records in a row that the rules keep, with one tag. */
struct kept {
	struct records r; /* in the datagram, or in in->kept if it has holes */
	struct flow first;
};

/* Without the first n of them; there is room for what is the first then. */
static void
without(struct records *r, uint32_t n, struct flow *first)
{
	struct flow f;

	records_flow(r, n, &f);
	*first = f;
	r->first = first;
	r->p += n * r->len;
	r->n -= n;
}

static enum ledger_counter
lost(struct intake *in)
{
	return (ledger_of(LEDGER_ARCHIVE,
	    sink_refused(&in->archive_sink,
		arcfile_worst(&in->archive)->state)));
}

/* What finds no room after a flush is lost. */
static void
keep(struct intake *in, struct records r)
{
	struct flow first;
	bool flushed = false;
	uint32_t n;

	intake_tally(in, r.n, L_RECORDS);
	intake_tally(in, r.n, L_ACCEPTED);
	intake_tally(in, r.n, L_UNLOGGED);
	while ((n = arcfile_take(&in->archive, &r)) < r.n) {
		intake_tally(in, n, L_ARCHIVE_PENDING);
		if (flushed && n == 0) {
			intake_tally(in, r.n, lost(in));
			return;
		}
		if (n > 0)
			without(&r, n, &first);
		intake_settle(in);
		intake_flush_archive(in);
		flushed = true;
	}
	intake_tally(in, n, L_ARCHIVE_PENDING);
}

static bool
same_tag(const struct flow *a, const struct flow *b)
{
	return (
	    a->tag == b->tag && flow_has(a, FLOW_TAG) == flow_has(b, FLOW_TAG));
}

static void
begin(struct kept *k, const struct records *all, uint32_t i,
    const struct flow *f)
{
	records_flow(all, i, &k->first);
	k->first.tag = f->tag;
	if (flow_has(f, FLOW_TAG))
		flow_set(&k->first, FLOW_TAG);
	k->r.p = all->p + i * all->len;
}

/* One more: behind the last, or all of them are copied together. */
static void
gather(struct intake *in, struct kept *k, const uint8_t *p)
{
	const size_t len = k->r.len, had = k->r.n * len;

	if (k->r.p != in->kept && k->r.p + had != p) {
		memcpy(in->kept, k->r.p, had);
		k->r.p = in->kept;
	}
	if (k->r.p == in->kept)
		memcpy(in->kept + had, p, len);
	k->r.n++;
}

static void
by_rules(struct intake *in, const struct records *all)
{
	struct flow f = *all->first;
	struct kept k = {.r = *all};
	uint32_t i, discarded = 0;

	if (in->peek.form != all->form->id)
		records_choose(all->form, &in->asked, &in->peek);
	k.r.first = &k.first;
	k.r.n = 0;
	for (i = 0; i < all->n; i++) {
		f.tag = 0;
		flow_unset(&f, FLOW_TAG);
		records_peek(all, i, &in->peek, &f);
		if (filter_match(in->conf->filter, &f) == FILTER_DISCARD) {
			discarded++;
			continue;
		}
		if (k.r.n > 0 && !same_tag(&f, &k.first)) {
			keep(in, k.r);
			k.r.n = 0;
		}
		if (k.r.n == 0)
			begin(&k, all, i, &f);
		gather(in, &k, all->p + i * all->len);
	}
	if (k.r.n > 0)
		keep(in, k.r);
	intake_tally(in, discarded, L_RECORDS);
	intake_tally(in, discarded, L_DISCARDED);
}

uint32_t
intake_records(void *arg, const struct records *r)
{
	struct intake *in = arg;

	if (filter_is_empty(in->conf->filter))
		keep(in, *r);
	else
		by_rules(in, r);
	return (r->n);
}
