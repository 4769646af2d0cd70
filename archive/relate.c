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

#include <string.h>

#include "archive/ints.h"
#include "archive/study.h"

#define UNKNOWN UINT32_MAX

/* Two that are often equal, or nearly: the second is told by the first. */
struct pair {
	uint16_t parent;
	uint16_t child;
};

static const struct pair pairs[] = {
    {FLOW_END, FLOW_START},
    {FLOW_END, FLOW_EVENT_TIME},
    {FLOW_EXPORT_TIME, FLOW_RECV_TIME},
    {FLOW_EXPORT_TIME, FLOW_START},
    {FLOW_EXPORT_TIME, FLOW_END},
    {FLOW_EXPORT_TIME, FLOW_EVENT_TIME},
    {FLOW_RECV_TIME, FLOW_EXPORT_TIME},
    {FLOW_RECV_TIME, FLOW_START},
    {FLOW_RECV_TIME, FLOW_END},
    {FLOW_RECV_TIME, FLOW_EVENT_TIME},
    {FLOW_SYS_UPTIME, FLOW_END_UPTIME},
    {FLOW_END_UPTIME, FLOW_START_UPTIME},
    {FLOW_PACKETS, FLOW_OUT_PACKETS},
    {FLOW_PACKETS, FLOW_REVERSE_PACKETS},
    {FLOW_OCTETS, FLOW_OUT_OCTETS},
    {FLOW_SRC_PORT, FLOW_POST_NAT_SRC_PORT},
    {FLOW_DST_PORT, FLOW_POST_NAT_DST_PORT},
    {FLOW_NAT_PORT_FIRST, FLOW_NAT_PORT_LAST},
    {FLOW_TTL, FLOW_MIN_TTL},
    {FLOW_TTL, FLOW_MAX_TTL},
    {FLOW_MIN_TTL, FLOW_MAX_TTL},
};

static bool
is_decided(const struct study *s, unsigned int slot)
{
	unsigned int i;

	for (i = 0; i < s->decided; i++)
		if (s->order[i] == slot)
			return (true);
	return (false);
}

/* One that stands before, if some flow has it. */
static const struct draft *
before(const struct study *s, unsigned int id)
{
	const struct draft *d = &s->draft[gather_slot(id)];

	return (d->col != NULL && is_decided(s, gather_slot(id)) ? d : NULL);
}

/*
 * Has each flow with the one column the other, too?  What data say of flows
 * without it depends on its scheme.
 */
static bool
is_within(const struct study *s, const struct draft *d,
    const struct draft *parent)
{
	unsigned int i;

	for (i = 0; i < s->nshapes && parent->partial; i++)
		if (!parent->has[i] && (!d->partial || d->has[i]))
			return (false);
	return (true);
}

/* The least difference to the parent's numbers, signed. */
static uint64_t
least_of(const struct study *s, const struct draft *d,
    const struct draft *parent)
{
	int64_t x, min = INT64_MAX;
	uint32_t i;

	for (i = 0; i < s->n; i++) {
		x = (int64_t)(draft_number(d, i) - draft_number(parent, i));
		min = x < min ? x : min;
	}
	return ((uint64_t)min);
}

/* What a sample says that it takes, and its unit. */
static uint64_t
relative_cost(struct study *s, const struct draft *d,
    const struct draft *parent, unsigned int *exponent)
{
	const uint64_t first = draft_number(d, 0) - draft_number(parent, 0);
	int64_t x, min = 0, max = 0;
	uint64_t widest;
	uint32_t i, k;

	for (i = 0, k = 0; i < s->samples; i++, k += s->step) {
		x = (int64_t)(draft_number(d, k) - draft_number(parent, k) -
		    first);
		min = x < min ? x : min;
		max = x > max ? x : max;
		s->sample[i] = (uint64_t)x;
	}
	for (i = 0; i < s->samples; i++)
		s->sample[i] -= (uint64_t)min;
	widest = (uint64_t)max - (uint64_t)min;
	*exponent = common_unit(s->sample, s->samples);
	divide_by_unit(s->sample, s->samples, *exponent);
	divide_by_unit(&widest, 1, *exponent);
	/* Two columns have to be read for it. */
	return (study_cost(s, ints_bits(widest)) + s->n / 16);
}

static void
consider_relative(struct study *s, struct draft *d, const struct draft *parent)
{
	unsigned int exponent;
	uint64_t cost;

	cost = relative_cost(s, d, parent, &exponent);
	if (cost >= d->cost)
		return;
	d->cost = cost;
	d->c.scheme = CS_RELATIVE;
	d->c.parent = parent->c.id;
	d->c.exponent = (uint8_t)exponent;
	d->c.base = least_of(s, d, parent);
}

/* Does the uptime follow from an absolute time, in each row? */
static bool
follows(const struct study *s, const struct draft *d, const struct draft *time)
{
	const struct draft *up = before(s, FLOW_SYS_UPTIME);
	const struct draft *sent = before(s, FLOW_EXPORT_TIME);
	int64_t ns;
	uint32_t i;

	if (up == NULL || sent == NULL || !is_within(s, d, up) ||
	    !is_within(s, d, sent) || !is_within(s, d, time))
		return (false);
	for (i = 0; i < s->n; i++) {
		ns = (int64_t)(draft_number(time, i) - draft_number(sent, i));
		if ((ns % NSEC_PER_MSEC != 0 ||
			(uint32_t)(draft_number(up, i) +
			    (uint64_t)(ns / NSEC_PER_MSEC)) !=
			    draft_number(d, i)) &&
		    draft_has(s, d, i))
			return (false);
	}
	return (true);
}

static void
consider_uptime(struct study *s, struct draft *d, unsigned int id)
{
	const struct draft *time = before(s, id);

	if (d->c.min == d->c.max || time == NULL || !follows(s, d, time))
		return;
	d->cost = 0;
	d->c.scheme = CS_UPTIME;
	d->c.parent = (uint16_t)id;
}

void
relate_uptime(struct study *s, struct draft *d)
{
	if (d->c.id == FLOW_START_UPTIME)
		consider_uptime(s, d, FLOW_START);
	if (d->c.id == FLOW_END_UPTIME)
		consider_uptime(s, d, FLOW_END);
}

void
relate_times(struct study *s, struct draft *d)
{
	const struct draft *parent;
	size_t i;

	if (d->cost <= s->n / 16)
		return;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].child == d->c.id && d->cost > s->n / 16 &&
		    (parent = before(s, pairs[i].parent)) != NULL &&
		    is_within(s, d, parent))
			consider_relative(s, d, parent);
}

/* A value of the parent that no flow with the field has goes with another. */
static void
fill_rows(struct study *s, uint32_t n)
{
	uint32_t k, row = UNKNOWN;

	for (k = 0; k < n && row == UNKNOWN; k++)
		row = s->row[k];
	for (k = 0; k < n; k++) {
		if (s->row[k] == UNKNOWN)
			s->row[k] = row;
		row = s->row[k];
	}
}

/*
 * The first row of each of the parent's values; false if its value does not
 * tell the column's.
 */
static bool
first_rows(struct study *s, const struct draft *parent, const struct draft *d)
{
	const struct gather_column *col = d->col;
	uint32_t i, first;

	memset(s->row, 0xff, parent->c.ndict * sizeof(*s->row));
	for (i = 0; i < s->n; i++) {
		if (!draft_has(s, d, i))
			continue;
		first = s->row[parent->code[i]];
		if (first == UNKNOWN)
			s->row[parent->code[i]] = i;
		else if (col->num != NULL ? col->num[i] != col->num[first]
					  : col->code[i] != col->code[first])
			return (false);
	}
	if (d->partial)
		fill_rows(s, parent->c.ndict);
	return (true);
}

/* What the dictionary takes: in their order neighbours are often equal. */
static uint64_t
dictionary_cost(const struct study *s, const struct draft *d, uint32_t n)
{
	const struct gather_column *col = d->col;
	uint64_t bits, one, changes = 1;
	uint32_t k;

	for (k = 0; k < n && col->num != NULL; k++)
		s->value[k] = draft_number(d, s->row[k]);
	if (col->num != NULL)
		bits = study_series(s, s->value, n);
	else if (s->squeezed && col->ndict <= n / 8)
		bits = 4 + ints_bits(col->ndict); /* repetitions are found */
	else
		bits = 32;
	for (k = 1; k < n; k++)
		changes += col->num != NULL
		    ? s->value[k] != s->value[k - 1]
		    : col->code[s->row[k]] != col->code[s->row[k - 1]];
	one = (n * bits + 7) / 8;
	changes = (changes * (bits + 8) + n) / 8;
	return (s->squeezed && changes < one ? changes : one);
}

/* A dictionary has IPv4 first, then IPv6, then at most one that is none. */
static bool
in_order(const struct study *s, const struct draft *d, uint32_t n)
{
	const struct gather_column *col = d->col;
	unsigned int rank, had = 0;
	uint32_t k;

	if (d->c.type != CT_ADDR)
		return (true);
	for (k = 0; k < n; k++, had = rank) {
		switch (col->addr[col->code[s->row[k]]].family) {
		case ADDR_V4:
			rank = 0;
			break;
		case ADDR_V6:
			rank = 1;
			break;
		default:
			rank = had == 2 ? 3 : 2;
			break;
		}
		if (rank < had || rank == 3)
			return (false);
	}
	return (true);
}

void
relate_depends(struct study *s, struct draft *d)
{
	const struct draft *parent;
	uint64_t cost;
	uint32_t *row;
	unsigned int i;

	for (i = 0; i < s->decided; i++) {
		parent = &s->draft[s->order[i]];
		if ((parent->c.scheme != CS_DICT &&
			parent->c.scheme != CS_RUNS) ||
		    d->c.scheme == CS_CONST || !first_rows(s, parent, d) ||
		    !in_order(s, d, parent->c.ndict))
			continue;
		cost = dictionary_cost(s, d, parent->c.ndict);
		if (cost >= d->cost)
			continue;
		row = s->best;
		s->best = s->row;
		s->row = row;
		d->cost = cost;
		d->c.scheme = CS_DEPEND;
		d->c.parent = parent->c.id;
		d->c.ndict = parent->c.ndict;
	}
}
