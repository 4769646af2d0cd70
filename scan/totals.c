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
 * How many flows, packets and octets there were, and when: of rows, or of a
 * block's header alone.
 */

#include <stddef.h>
#include <string.h>

#include "scan/job.h"

void
totals_init(struct totals *t)
{
	memset(t, 0, sizeof(*t));
	t->first = INT64_MAX;
	t->last = INT64_MIN;
}

void
totals_merge(struct totals *to, const struct totals *t)
{
	to->records += t->records;
	to->matched += t->matched;
	to->flows += t->flows;
	to->packets += t->packets;
	to->octets += t->octets;
	to->first = t->first < to->first ? t->first : to->first;
	to->last = t->last > to->last ? t->last : to->last;
	to->blocks += t->blocks;
	to->blocks_skipped += t->blocks_skipped;
	to->bytes += t->bytes;
	to->bytes_read += t->bytes_read;
	to->damaged += t->damaged;
	to->damaged_bytes += t->damaged_bytes;
	to->damaged_records += t->damaged_records;
}

static bool
has(const struct flow_set *set, enum flow_field field)
{
	return (set->w[field / 64] >> field % 64 & 1);
}

static uint64_t
block_sum(const struct block *b, enum flow_field field)
{
	const struct block_column *c = block_column(b, field);

	return (c == NULL ? 0 : c->sum);
}

bool
totals_block(struct totals *t, const struct block *b)
{
	const struct block_column *start = block_column(b, FLOW_START);
	const struct block_column *end = block_column(b, FLOW_END);

	/* How many lack it, and count as one flow, the header does not say. */
	if (has(&b->any, FLOW_FLOWS) && !has(&b->all, FLOW_FLOWS))
		return (false);
	t->matched += b->flows;
	t->flows +=
	    has(&b->any, FLOW_FLOWS) ? block_sum(b, FLOW_FLOWS) : b->flows;
	t->packets += block_sum(b, FLOW_PACKETS);
	t->octets += block_sum(b, FLOW_OCTETS);
	if (has(&b->any, FLOW_START) && start != NULL &&
	    (int64_t)start->min < t->first)
		t->first = (int64_t)start->min;
	if (has(&b->any, FLOW_END) && end != NULL &&
	    (int64_t)end->max > t->last)
		t->last = (int64_t)end->max;
	return (true);
}

/* Which rows have a field: of its shape.  NULL: all, or none. */
struct presence {
	const struct vec *shape;
	const struct flow_set *sets;
	enum flow_field field;
};

static bool
row_has(const struct presence *p, uint32_t row)
{
	return (p->sets == NULL ||
	    has(&p->sets[p->shape == NULL ? 0 : vec_number(p->shape, row)],
		p->field));
}

static enum block_err
add_sum(struct batch *b, enum flow_field field, const struct sel *sel,
    uint64_t *to)
{
	uint64_t sum;
	enum block_err e = batch_sum(b, field, sel->row, sel->n, &sum);

	*to += sum;
	return (e);
}

static enum block_err
presence(struct batch *b, enum flow_field field, struct presence *p)
{
	uint32_t n;

	*p = (struct presence){.field = field};
	if (batch_all(b, field))
		return (BLOCK_OK);
	p->sets = batch_shapes(b, &n);
	return (batch_column(b, COL_SHAPE, &p->shape));
}

/* The flows that others were summed up from count as many. */
static enum block_err
add_flows(struct batch *b, const struct sel *sel, uint64_t *to)
{
	struct presence p;
	const struct vec *v;
	enum block_err e;
	uint32_t i, row;

	if (!batch_any(b, FLOW_FLOWS)) {
		*to += sel->n;
		return (BLOCK_OK);
	}
	if ((e = presence(b, FLOW_FLOWS, &p)) != BLOCK_OK ||
	    (e = batch_column(b, FLOW_FLOWS, &v)) != BLOCK_OK)
		return (e);
	for (i = 0; i < sel->n; i++) {
		row = sel_row(sel, i);
		*to += v != NULL && row_has(&p, row) ? vec_number(v, row) : 1;
	}
	return (BLOCK_OK);
}

enum block_err
totals_time(struct totals *t, struct batch *b, enum flow_field field,
    const struct sel *sel)
{
	struct presence p;
	const struct vec *v;
	enum block_err e;
	uint32_t i, row;
	int64_t at;

	if (!batch_any(b, field))
		return (BLOCK_OK);
	if ((e = presence(b, field, &p)) != BLOCK_OK ||
	    (e = batch_column(b, field, &v)) != BLOCK_OK || v == NULL)
		return (e);
	for (i = 0; i < sel->n; i++) {
		row = sel_row(sel, i);
		at = (int64_t)vec_number(v, row);
		if ((field == FLOW_START ? at >= t->first : at <= t->last) ||
		    !row_has(&p, row))
			continue;
		*(field == FLOW_START ? &t->first : &t->last) = at;
	}
	return (BLOCK_OK);
}

enum block_err
totals_times(struct totals *t, struct batch *b, const struct sel *sel)
{
	struct totals part;
	enum block_err e;

	totals_init(&part);
	if ((e = totals_time(&part, b, FLOW_START, sel)) != BLOCK_OK ||
	    (e = totals_time(&part, b, FLOW_END, sel)) != BLOCK_OK)
		return (e);
	totals_merge(t, &part);
	return (BLOCK_OK);
}

static enum block_err
add_counters(struct batch *b, const struct sel *sel, bool whole,
    struct totals *t)
{
	enum block_err e;

	if (whole) {
		t->packets += block_sum(batch_block(b), FLOW_PACKETS);
		t->octets += block_sum(batch_block(b), FLOW_OCTETS);
		return (BLOCK_OK);
	}
	e = add_sum(b, FLOW_PACKETS, sel, &t->packets);
	return (e != BLOCK_OK ? e : add_sum(b, FLOW_OCTETS, sel, &t->octets));
}

enum block_err
totals_rows(struct totals *t, struct batch *b, const struct sel *sel, bool raw)
{
	const struct block *block = batch_block(b);
	bool whole =
	    block != NULL && sel->row == NULL && sel->n == block->flows && raw;
	enum block_err e;

	t->matched += sel->n;
	if ((e = add_flows(b, sel, &t->flows)) != BLOCK_OK)
		return (e);
	return (add_counters(b, sel, whole, t));
}
