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

#include "archive/dict.h"
#include "archive/narrow.h"
#include "archive/pack.h"
#include "archive/packer.h"

static bool
shape_has(const struct flow_set *s, unsigned int id)
{
	return (id >= FLOW_NFIELDS || (s->w[id / 64] >> id % 64 & 1) != 0);
}

/* Which shapes have it. */
static void
look_who_has(struct packer *k, unsigned int id)
{
	const struct flow_set *shapes;
	uint32_t i, n;

	shapes = rows_shapes(k->r, &n);
	k->partial = false;
	for (i = 0; i < n; i++) {
		k->has[i] = shape_has(&shapes[i], id);
		k->partial |= !k->has[i];
	}
}

bool
pack_within(const struct packer *k, enum flow_field field)
{
	const struct flow_set *shapes;
	uint32_t i, n;

	shapes = rows_shapes(k->r, &n);
	for (i = 0; i < n; i++)
		if (k->has[i] && !shape_has(&shapes[i], field))
			return (false);
	return (true);
}

bool
pack_stretch(const struct packer *k, struct stretch *s)
{
	const struct rows_column *c = rows_column(k->r, COL_SHAPE);

	s->from = s->until;
	if (!k->partial)
		s->until = k->n;
	for (; k->partial && s->run < c->n; s->run++) {
		if (!k->has[c->run[s->run]] && s->from < s->until)
			break;
		s->until = s->run + 1 < c->n ? c->from[s->run + 1] : k->n;
		if (!k->has[c->run[s->run]])
			s->from = s->until;
	}
	return (s->from < s->until);
}

uint32_t *
pack_scratch(struct packer *k, unsigned int room)
{
	if (k->scratch == NULL)
		k->scratch =
		    reallocarray(NULL, k->n, PACK_ROOMS * sizeof(uint32_t));
	return (k->scratch == NULL ? NULL : k->scratch + room * (size_t)k->n);
}

static void
column_begin(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	look_who_has(k, c->id);
	*b = (struct block_column){.id = c->id,
	    .parent = COL_NONE,
	    .type = c->type};
}

static void
pack_column(struct packer *k, const struct rows_column *c)
{
	struct block_column b;

	column_begin(k, &b, c);
	if (c->id == FLOW_START || c->id == FLOW_END)
		pack_time(k, &b, c);
	else if (c->id == FLOW_START_UPTIME || c->id == FLOW_END_UPTIME)
		pack_uptime(k, &b, c);
	else if (c->kind == ROWS_NUMBERS)
		pack_numbers(k, &b, c);
	else if (c->kind == ROWS_RUNS)
		pack_runs(k, &b, c);
	else if (c->kind == ROWS_IPV4)
		pack_ipv4(k, &b, c);
	else if (c->type == CT_ADDR)
		pack_addrs(k, &b, c);
	else
		pack_texts(k, &b, c);
	blockwr_column(&k->w, &b);
	if (c->id == FLOW_RECV_TIME) {
		k->first = b.min;
		k->last = b.max;
	}
}

static unsigned int
id_of(unsigned int place)
{
	return (
	    place < FLOW_NFIELDS ? place : COL_SHAPE + (place - FLOW_NFIELDS));
}

/* The end goes before the start, which may go by it. */
static unsigned int
turn(unsigned int place)
{
	if (place == FLOW_START)
		return (FLOW_END);
	return (place == FLOW_END ? FLOW_START : place);
}

static uint16_t
count_columns(const struct rows *r)
{
	uint16_t n = 0;
	unsigned int i;

	for (i = 0; i < BATCH_COLUMNS; i++)
		if (rows_column(r, id_of(i)) != NULL)
			n++;
	return (n);
}

/* Both parts, before any is put to its place. */
static size_t
column_bound(const struct rows_column *c, uint32_t n)
{
	switch (c->kind) {
	case ROWS_NUMBERS:
		return ((size_t)n * c->width);
	case ROWS_UPTIMES:
	case ROWS_IPV4:
		return (n * 4UL + dict_bound(CT_ADDR, PACK_FEW, 0));
	case ROWS_RUNS:
		/* Many are written as numbers. */
		return (dict_bound(CT_NUMBER, c->n, 0) +
		    (c->n > n / 4 ? n : c->n) * 8UL);
	default:
		return (n * 2UL +
		    dict_bound(c->type, c->ndict,
			c->type == CT_BYTES ? pack_text_bytes(c) : 0));
	}
}

size_t
pack_bound(const struct rows *r)
{
	const struct rows_column *c;
	size_t size = BLOCK_HDRLEN;
	unsigned int i;
	uint32_t nshapes;

	(void)rows_shapes(r, &nshapes);
	size += nshapes * sizeof(struct flow_set);
	for (i = 0; i < BATCH_COLUMNS; i++)
		if ((c = rows_column(r, id_of(i))) != NULL)
			size += BLOCK_COLUMNLEN + NARROW_SLACK + 32 +
			    column_bound(c, rows_count(r));
	return (size);
}

/* All flows must have it, for absent times would be of 1970. */
static bool
is_timed(const struct rows *r)
{
	const struct flow_set *shapes;
	uint32_t i, n;

	shapes = rows_shapes(r, &n);
	for (i = 0; i < n; i++)
		if (!shape_has(&shapes[i], FLOW_RECV_TIME))
			return (false);
	return (true);
}

size_t
pack_quick(const struct rows *r, uint8_t *to, size_t room)
{
	struct packer k = {.r = r, .n = rows_count(r)};
	const struct rows_column *c;
	const struct flow_set *shapes;
	unsigned int i;
	uint32_t nshapes;

	if (k.n == 0)
		return (0);
	shapes = rows_shapes(r, &nshapes);
	blockwr_begin(&k.w, to, room, k.n, shapes, (uint16_t)nshapes,
	    count_columns(r));
	for (i = 0; i < BATCH_COLUMNS; i++)
		if ((c = rows_column(r, id_of(turn(i)))) != NULL)
			pack_column(&k, c);
	free(k.scratch);
	if (k.failed)
		return (0);
	return (blockwr_end(&k.w, false, is_timed(r), (int64_t)k.first,
	    (int64_t)k.last));
}
