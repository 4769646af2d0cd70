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

#include <stdlib.h>
#include <string.h>

#include "archive/blockwr.h"
#include "archive/dict.h"
#include "archive/gather.h"
#include "archive/ints.h"
#include "archive/pack.h"
#include "archive/study.h"
#include "compat/squeeze.h"

#define WORTH 64 /* bytes that compression must save */

struct sealer {
	struct study study;
	struct gather *gather; /* of sealer_pack() */
	struct squeeze *squeeze;
	uint8_t *raw; /* a part that is not compressed */
	size_t raw_room;
	uint8_t *block;
	size_t block_room;
	struct addr *addr; /* room for BLOCK_FLOWS */
	struct flow_text *text;
};

/* Those that others go by come first. */
static const uint16_t parents[] = {FLOW_RECV_TIME, FLOW_SEQUENCE,
    FLOW_EXPORT_TIME, FLOW_SYS_UPTIME, COL_SHAPE, FLOW_AGENT, FLOW_SOURCE_ID,
    FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_IN_IF, FLOW_OUT_IF, FLOW_NEXT_HOP,
    FLOW_DST_PORT, FLOW_APPLICATION_ID, FLOW_END, FLOW_START};

/* What a datagram's flows share is at the front of these. */
#define PER_DATAGRAM 4

struct sealer *
sealer_new(int level)
{
	struct sealer *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	s->gather = gather_new();
	s->addr = malloc(BLOCK_FLOWS * sizeof(*s->addr));
	s->text = malloc(BLOCK_FLOWS * sizeof(*s->text));
	if (level > 0 && squeeze_available())
		s->squeeze = squeeze_new(level);
	if (study_init(&s->study) == 0 && s->gather != NULL &&
	    s->addr != NULL && s->text != NULL &&
	    (s->squeeze != NULL || level <= 0 || !squeeze_available()))
		return (s);
	sealer_free(s);
	return (NULL);
}

void
sealer_free(struct sealer *s)
{
	if (s == NULL)
		return;
	study_clear(&s->study);
	gather_free(s->gather);
	squeeze_free(s->squeeze);
	free(s->raw);
	free(s->block);
	free(s->addr);
	free(s->text);
	free(s);
}

/* Memory of so many bytes; what was in it is gone. */
static uint8_t *
room(uint8_t **p, size_t *had, size_t want)
{
	if (*had >= want)
		return (*p);
	free(*p);
	*p = malloc(want);
	*had = *p == NULL ? 0 : want;
	return (*p);
}

/*
 * A part in the block.  It is compressed if that saves enough to be worth the
 * time of reading, a nanosecond or two for each byte that comes out: a
 * sixteenth of these bytes, of what it takes otherwise.
 */
static bool
squeeze_part(struct sealer *s, uint8_t *to, struct block_part *part,
    size_t stretch, size_t plain)
{
	const size_t least = WORTH + part->expanded / 16;
	size_t n;

	if (s->squeeze == NULL || plain <= least)
		return (false);
	n = squeeze_put(s->squeeze, to, plain - least, s->raw, part->expanded,
	    stretch);
	if (n == 0)
		return (false);
	part->stored = (uint32_t)n;
	part->squeeze = SQ_ZSTD;
	return (true);
}

/* Integers as data: compressed if that pays, else in as few bits as can be. */
static int
put_data(struct sealer *s, struct blockwr *w, struct block_column *c,
    const uint64_t *u, uint32_t n)
{
	static const uint8_t wide[] = {0, 1, 2, 4, 4, 8, 8, 8, 8};
	struct block_part *part = &c->data;
	unsigned int bits;
	uint64_t all = 0;
	uint8_t *to;
	uint32_t i;

	for (i = 0; i < n; i++)
		all |= u[i];
	bits = ints_bits(all);
	/* In a byte is a whole number of values, or they are of whole bytes. */
	c->bits = bits <= 8 ? wide[bits] : (uint8_t)((bits + 7) / 8 * 8);
	c->packing = bits <= 8 ? CP_BITS : CP_PLANES;
	part->expanded = (uint32_t)ints_size(c->packing, c->bits, n);
	if (room(&s->raw, &s->raw_room, part->expanded + 8) == NULL ||
	    (part->p = to = blockwr_room(w, part->expanded)) == NULL)
		return (-1);
	if (s->squeeze != NULL) {
		ints_put64(s->raw, c->packing, c->bits, u, n);
		if (squeeze_part(s, to, part, c->packing == CP_PLANES ? n : 0,
			ints_size(CP_BITS, bits, n)))
			return (0);
	}
	c->bits = (uint8_t)bits;
	c->packing = CP_BITS;
	part->expanded = (uint32_t)ints_size(CP_BITS, bits, n);
	part->stored = part->expanded;
	ints_put64(to, CP_BITS, bits, u, n);
	return (0);
}

/* The dictionary is in s->value, s->addr or s->text. */
static size_t
raw_dict(struct sealer *s, const struct block_column *c,
    enum dict_effort effort)
{
	if (c->type == CT_ADDR)
		return (dict_put_addrs(s->raw, s->addr, c->ndict, effort));
	if (c->type == CT_BYTES)
		return (dict_put_bytes(s->raw, s->text, c->ndict));
	return (dict_put_numbers(s->raw, s->study.value, c->ndict, effort));
}

static int
put_dict(struct sealer *s, struct blockwr *w, struct block_column *c)
{
	struct block_part *part = &c->dict;
	size_t bytes = 0;
	uint8_t *to;
	uint32_t i;

	for (i = 0; c->type == CT_BYTES && i < c->ndict; i++)
		bytes += s->text[i].len;
	bytes = dict_bound(c->type, c->ndict, bytes);
	if (room(&s->raw, &s->raw_room, bytes + 8) == NULL ||
	    (part->p = to = blockwr_room(w, bytes)) == NULL)
		return (-1);
	if (s->squeeze != NULL && c->ndict > WORTH) {
		part->expanded = (uint32_t)raw_dict(s, c, DICT_PLANES);
		if (squeeze_part(s, to, part, 0, part->expanded))
			return (0);
	}
	part->expanded = (uint32_t)raw_dict(s, c, DICT_SMALL);
	part->stored = part->expanded;
	memcpy(to, s->raw, part->stored);
	return (0);
}

/* Value k of the dictionary is that of a row. */
static void
pick_row(struct sealer *s, const struct draft *d, uint32_t k, uint32_t row)
{
	const struct gather_column *col = d->col;

	if (d->c.type == CT_ADDR)
		s->addr[k] = col->addr[col->code[row]];
	else if (d->c.type == CT_BYTES)
		s->text[k] = col->text[col->code[row]];
	else
		s->study.value[k] = draft_number(d, row);
}

static void
make_dict(struct sealer *s, const struct draft *d)
{
	struct study *st = &s->study;
	uint32_t k;

	if (d->c.scheme == CS_DEPEND)
		for (k = 0; k < d->c.ndict; k++)
			pick_row(s, d, k, st->best[k]);
	else if (d->c.type == CT_ADDR)
		for (k = 0; k < d->c.ndict; k++)
			s->addr[k] = d->col->addr[d->pick[k]];
	else if (d->c.type == CT_BYTES)
		memcpy(s->text, d->col->text, d->c.ndict * sizeof(*s->text));
	else
		memcpy(st->value, d->dict, d->c.ndict * sizeof(*st->value));
}

static void
sketch(struct draft *d)
{
	uint64_t bits[2] = {0, 0};
	uint32_t i;

	for (i = 0; i < d->col->ndict; i++)
		sketch_add(bits, &d->col->addr[i]);
	d->c.min = bits[0];
	d->c.max = bits[1];
}

static int
put_column(struct sealer *s, struct blockwr *w, struct draft *d)
{
	uint32_t n;

	if (d->c.ndict > 0) {
		make_dict(s, d);
		if (put_dict(s, w, &d->c) == -1)
			return (-1);
		d->c.base = 0;
		d->c.exponent = 0;
	}
	if (d->c.type == CT_ADDR)
		sketch(d);
	n = choose_integers(&s->study, d);
	if (n > 0 && put_data(s, w, &d->c, s->study.u, n) == -1)
		return (-1);
	blockwr_column(w, &d->c);
	return (0);
}

static int
find_scheme(struct study *st, struct draft *d)
{
	relate_uptime(st, d);
	if (d->cost == 0)
		return (0);
	if (choose_first(st, d) == -1)
		return (-1);
	if (d->c.scheme == CS_CONST)
		return (0);
	relate_depends(st, d);
	if (d->c.scheme == CS_DEPEND && d->cost < st->n / 4)
		return (0);
	relate_times(st, d);
	return (choose_alone(st, d));
}

static int
decide(struct study *st, struct draft *d)
{
	if (find_scheme(st, d) == -1)
		return (-1);
	if (d->c.scheme != CS_DICT && d->c.scheme != CS_RUNS &&
	    d->c.scheme != CS_DEPEND && d->col->num != NULL)
		d->c.ndict = 0;
	if (d->c.scheme != CS_DEPEND && d->c.scheme != CS_RELATIVE &&
	    d->c.scheme != CS_UPTIME)
		d->c.parent = COL_NONE;
	st->order[st->decided++] = (uint16_t)gather_slot(d->c.id);
	return (0);
}

/*
 * The columns one after the other.  Of those that a datagram's flows share the
 * one that changes most often is the first: it tells the others.
 */
static void
plan_order(const struct study *st, uint16_t slots[BATCH_COLUMNS])
{
	bool done[BATCH_COLUMNS] = {false};
	unsigned int i, k, n = 0;
	uint16_t slot;

	for (i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
		slot = (uint16_t)gather_slot(parents[i]);
		for (k = n; i < PER_DATAGRAM && k > 0 &&
		     st->draft[slots[k - 1]].runs < st->draft[slot].runs;
		     k--)
			slots[k] = slots[k - 1];
		slots[i < PER_DATAGRAM ? k : n] = slot;
		done[slot] = true;
		n++;
	}
	for (slot = 0; slot < BATCH_COLUMNS; slot++)
		if (!done[slot])
			slots[n++] = slot;
}

static size_t
block_bound(const struct gather *g)
{
	const struct gather_column *c;
	size_t sum = BLOCK_HEADER_MAX;
	unsigned int i;
	uint32_t k, n = gather_count(g);

	for (i = 0; i < BATCH_COLUMNS; i++) {
		if ((c = gather_column(g, i)) == NULL)
			continue;
		sum += (size_t)n * 8 + 16 + dict_bound(c->type, n, n) + 16;
		for (k = 0; c->type == CT_BYTES && k < c->ndict; k++)
			sum += c->text[k].len;
	}
	return (sum);
}

static bool
is_timed(const struct gather *g)
{
	const struct flow_set *shapes;
	uint32_t i, n;

	shapes = gather_shapes(g, &n);
	for (i = 0; i < n; i++)
		if ((shapes[i].w[FLOW_RECV_TIME / 64] >> FLOW_RECV_TIME % 64 &
			1) == 0)
			return (false);
	return (true);
}

static int
put_columns(struct sealer *s, struct blockwr *w)
{
	struct study *st = &s->study;
	uint16_t slots[BATCH_COLUMNS];
	struct draft *d;
	unsigned int i;

	plan_order(st, slots);
	for (i = 0; i < BATCH_COLUMNS; i++) {
		d = &st->draft[slots[i]];
		if (d->col != NULL &&
		    (decide(st, d) == -1 || put_column(s, w, d) == -1))
			return (-1);
	}
	return (0);
}

const uint8_t *
sealer_pack_gather(struct sealer *s, const struct gather *g, size_t *len)
{
	const struct draft *recv = &s->study.draft[FLOW_RECV_TIME];
	const struct flow_set *shapes;
	struct blockwr w;
	uint32_t nshapes;
	bool timed;

	if (gather_count(g) == 0 ||
	    room(&s->block, &s->block_room, block_bound(g)) == NULL)
		return (NULL);
	shapes = gather_shapes(g, &nshapes);
	study_begin(&s->study, g, s->squeeze != NULL);
	blockwr_begin(&w, s->block, s->block_room, gather_count(g), shapes,
	    (uint16_t)nshapes, BATCH_COLUMNS);
	if (put_columns(s, &w) == -1)
		return (NULL);
	timed = is_timed(g);
	*len = blockwr_end(&w, true, timed, timed ? (int64_t)recv->c.min : 0,
	    timed ? (int64_t)recv->c.max : 0);
	return (*len > 0 ? s->block : NULL);
}

const uint8_t *
sealer_pack(struct sealer *s, struct batch *b, size_t *len, enum block_err *err)
{
	const uint8_t *p;
	uint32_t took;

	gather_clear(s->gather);
	*err = gather_take(s->gather, b, 0, &took);
	if (*err != BLOCK_OK)
		return (NULL);
	if ((p = sealer_pack_gather(s, s->gather, len)) == NULL)
		*err = BLOCK_NOMEM;
	return (p);
}
