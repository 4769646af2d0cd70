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

#include <stdio.h>
#include <string.h>

#include "query/derive.h"
#include "query/measure.h"

#define SIGN ((uint64_t)1 << 63)

#define M(m) (1u << ME_##m)
/* What a quantity is worked out of. */
static const uint16_t bases[Q_MAX] = {
    [Q_FLOWS] = M(FLOWS),
    [Q_PACKETS] = M(PACKETS),
    [Q_OCTETS] = M(OCTETS),
    [Q_REVERSE_PACKETS] = M(REVERSE_PACKETS),
    [Q_REVERSE_OCTETS] = M(REVERSE_OCTETS),
    [Q_RECORDS] = M(RECORDS),
    [Q_START] = M(START),
    [Q_END] = M(END),
    [Q_DURATION] = M(START) | M(END),
    [Q_PPS] = M(PACKETS) | M(START) | M(END),
    [Q_BPS] = M(OCTETS) | M(START) | M(END),
    [Q_BPP] = M(PACKETS) | M(OCTETS),
};
/* What the other direction has instead. */
static const uint8_t turned[ME_MAX] = {
    [ME_FLOWS] = ME_FLOWS,
    [ME_RECORDS] = ME_RECORDS,
    [ME_PACKETS] = ME_REVERSE_PACKETS,
    [ME_OCTETS] = ME_REVERSE_OCTETS,
    [ME_REVERSE_PACKETS] = ME_PACKETS,
    [ME_REVERSE_OCTETS] = ME_OCTETS,
    [ME_START] = ME_REVERSE_START,
    [ME_REVERSE_START] = ME_START,
    [ME_END] = ME_END,
};

static void
show(struct measures *m, enum quantity q)
{
	unsigned int i;

	for (i = 0; i < m->nshow; i++)
		if (m->show[i] == q)
			return;
	m->show[m->nshow++] = q;
}

static void
show_all(struct measures *m, const struct question *q)
{
	size_t i;

	for (i = 0; i < q->nshow; i++)
		show(m, q->show[i]);
	if (q->nshow == 0) {
		show(m, Q_FLOWS);
		show(m, Q_PACKETS);
		show(m, Q_OCTETS);
	}
	if (q->nshow == 0 && q->bidirectional) {
		show(m, Q_REVERSE_PACKETS);
		show(m, Q_REVERSE_OCTETS);
	}
	for (i = 0; i < q->norders; i++)
		if (q->orders[i].by < Q_MAX)
			show(m, q->orders[i].by);
}

void
measures_init(struct measures *m, const struct question *q, bool both)
{
	uint16_t mask = 0;
	unsigned int i;

	memset(m, 0, sizeof(*m));
	m->both = both;
	memset(m->at, MEASURE_NONE, sizeof(m->at));
	if (q->distinct)
		return;
	show_all(m, q);
	for (i = 0; i < m->nshow; i++)
		mask |= bases[m->show[i]];
	if (both)
		mask |= M(PACKETS) | M(OCTETS) | M(REVERSE_PACKETS) |
		    M(REVERSE_OCTETS) | M(START) | M(REVERSE_START);
	for (i = 0; i < ME_MAX; i++) {
		if (i == ME_SUMS)
			m->nsums = m->n;
		if (mask >> i & 1)
			m->at[i] = (uint8_t)m->n++;
	}
}

static void
need(const struct measures *m, enum measure me, enum flow_field id,
    struct flow_set *set)
{
	if (m->at[me] != MEASURE_NONE)
		set->w[id / 64] |= (uint64_t)1 << id % 64;
}

void
measures_needs(const struct measures *m, struct flow_set *set)
{
	need(m, ME_FLOWS, FLOW_FLOWS, set);
	need(m, ME_PACKETS, FLOW_PACKETS, set);
	need(m, ME_OCTETS, FLOW_OCTETS, set);
	need(m, ME_REVERSE_PACKETS, FLOW_REVERSE_PACKETS, set);
	need(m, ME_REVERSE_OCTETS, FLOW_REVERSE_OCTETS, set);
	need(m, ME_START, FLOW_START, set);
	need(m, ME_END, FLOW_END, set);
}

static enum block_err
load(const struct measures *m, enum measure me, struct strip_col *c,
    struct batch *b, enum flow_field id)
{
	if (m->at[me] == MEASURE_NONE)
		return (BLOCK_OK);
	return (strip_col(c, b, id));
}

enum block_err
measure_load(const struct measures *m, struct measure_cols *c, struct batch *b)
{
	enum block_err err;

	c->ones = !batch_any(b, FLOW_FLOWS);
	if ((err = load(m, ME_FLOWS, &c->flows, b, FLOW_FLOWS)) != BLOCK_OK ||
	    (err = load(m, ME_PACKETS, &c->packets, b, FLOW_PACKETS)) !=
		BLOCK_OK ||
	    (err = load(m, ME_OCTETS, &c->octets, b, FLOW_OCTETS)) !=
		BLOCK_OK ||
	    (err = load(m, ME_REVERSE_PACKETS, &c->reverse_packets, b,
		 FLOW_REVERSE_PACKETS)) != BLOCK_OK ||
	    (err = load(m, ME_REVERSE_OCTETS, &c->reverse_octets, b,
		 FLOW_REVERSE_OCTETS)) != BLOCK_OK ||
	    (err = load(m, ME_START, &c->start, b, FLOW_START)) != BLOCK_OK)
		return (err);
	return (load(m, ME_END, &c->end, b, FLOW_END));
}

static void
ones(uint64_t *to, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		to[i] = 1;
}

static void
flows(const struct measure_cols *c, const struct strip *s, uint64_t *to)
{
	uint8_t has[STRIP];
	uint32_t i;

	if (c->ones) {
		ones(to, s->n);
		return;
	}
	strip_numbers(&c->flows, s, to);
	if (c->flows.all)
		return;
	strip_has(&c->flows, s, has);
	for (i = 0; i < s->n; i++)
		if (!has[i])
			to[i] = 1;
}

/* Turned so that none is 0, and the wanted one the greatest. */
static void
times(const struct strip_col *c, const struct strip *s, uint64_t *to,
    uint64_t turn)
{
	uint8_t has[STRIP];
	uint32_t i;

	strip_numbers(c, s, to);
	for (i = 0; i < s->n; i++)
		to[i] ^= turn;
	if (c->all)
		return;
	strip_has(c, s, has);
	for (i = 0; i < s->n; i++)
		if (!has[i])
			to[i] = 0;
}

void
measure_strip(const struct measures *m, const struct measure_cols *c,
    const struct strip *s, uint64_t *const *v)
{
	const uint8_t *at = m->at;

	if (at[ME_FLOWS] != MEASURE_NONE)
		flows(c, s, v[at[ME_FLOWS]]);
	if (at[ME_RECORDS] != MEASURE_NONE)
		ones(v[at[ME_RECORDS]], s->n);
	if (at[ME_PACKETS] != MEASURE_NONE)
		strip_numbers(&c->packets, s, v[at[ME_PACKETS]]);
	if (at[ME_OCTETS] != MEASURE_NONE)
		strip_numbers(&c->octets, s, v[at[ME_OCTETS]]);
	if (at[ME_REVERSE_PACKETS] != MEASURE_NONE)
		strip_numbers(&c->reverse_packets, s,
		    v[at[ME_REVERSE_PACKETS]]);
	if (at[ME_REVERSE_OCTETS] != MEASURE_NONE)
		strip_numbers(&c->reverse_octets, s, v[at[ME_REVERSE_OCTETS]]);
	if (at[ME_START] != MEASURE_NONE)
		times(&c->start, s, v[at[ME_START]], ~SIGN);
	if (at[ME_REVERSE_START] != MEASURE_NONE)
		memset(v[at[ME_REVERSE_START]], 0, s->n * sizeof(**v));
	if (at[ME_END] != MEASURE_NONE)
		times(&c->end, s, v[at[ME_END]], SIGN);
}

/* The first of both directions. */
static uint64_t
first(const struct measures *m, const uint64_t *v)
{
	uint64_t a = v[m->at[ME_START]];

	if (m->both && v[m->at[ME_REVERSE_START]] > a)
		a = v[m->at[ME_REVERSE_START]];
	return (a);
}

static uint64_t
duration(const struct measures *m, const uint64_t *v)
{
	uint64_t start = first(m, v), end = v[m->at[ME_END]];

	if (start == 0 || end == 0 || end < ~start)
		return (0);
	return (end - ~start);
}

static uint64_t
value(const struct measures *m, const uint64_t *v, enum measure me, bool flip)
{
	return (v[m->at[flip ? turned[me] : me]]);
}

bool
measure_quantity(const struct measures *m, const uint64_t *v, enum quantity q,
    bool flip, uint64_t *n)
{
	uint64_t packets;

	switch (q) {
	case Q_FLOWS:
		*n = v[m->at[ME_FLOWS]];
		return (true);
	case Q_RECORDS:
		*n = v[m->at[ME_RECORDS]];
		return (true);
	case Q_PACKETS:
		*n = value(m, v, ME_PACKETS, flip);
		return (true);
	case Q_OCTETS:
		*n = value(m, v, ME_OCTETS, flip);
		return (true);
	case Q_REVERSE_PACKETS:
		*n = value(m, v, ME_REVERSE_PACKETS, flip);
		return (true);
	case Q_REVERSE_OCTETS:
		*n = value(m, v, ME_REVERSE_OCTETS, flip);
		return (true);
	case Q_START:
		*n = first(m, v) ^ ~SIGN;
		return (first(m, v) != 0);
	case Q_END:
		*n = v[m->at[ME_END]] ^ SIGN;
		return (v[m->at[ME_END]] != 0);
	case Q_DURATION:
		*n = duration(m, v);
		return (true);
	case Q_PPS:
		*n = derive_divide(value(m, v, ME_PACKETS, flip), NSEC_PER_SEC,
		    duration(m, v));
		return (true);
	case Q_BPS:
		*n = derive_divide(value(m, v, ME_OCTETS, flip),
		    8 * NSEC_PER_SEC, duration(m, v));
		return (true);
	case Q_BPP:
		packets = value(m, v, ME_PACKETS, flip);
		*n = packets == 0 ? 0 : value(m, v, ME_OCTETS, flip) / packets;
		return (true);
	case Q_MAX:
	default:
		return (false);
	}
}

void
measure_column(enum quantity q, const struct totals *t, bool share,
    struct sheet_column *c)
{
	memset(c, 0, sizeof(*c));
	snprintf(c->name, sizeof(c->name), "%s", quantities[q].name);
	c->share = share && (q == Q_FLOWS || q == Q_PACKETS || q == Q_OCTETS);
	if (c->share)
		c->total = q == Q_FLOWS ? t->flows
		    : q == Q_PACKETS	? t->packets
					: t->octets;
}

void
measure_cell(const struct measures *m, const uint64_t *v, enum quantity q,
    bool flip, struct cell *c)
{
	uint64_t n;

	if (!measure_quantity(m, v, q, flip, &n)) {
		c->type = CELL_NONE;
	} else if (q == Q_START || q == Q_END) {
		c->type = CELL_TIME;
		c->u.time = (int64_t)n;
	} else {
		c->type = q == Q_DURATION ? CELL_DURATION : CELL_NUMBER;
		c->u.number = n;
	}
}
