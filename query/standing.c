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

#include "query/standing.h"

#define SIGN ((uint64_t)1 << 63)
#define PART_WORDS (2 + (FLOW_TEXT_MAX + 8) / 8)

static uint64_t
port(const struct keys *keys, const struct view *v, enum flow_field bit)
{
	struct key_value value;
	unsigned int i;

	for (i = 0; i < keys->n; i++)
		if (keys->part[i].field != NULL &&
		    keys->part[i].field->bit == bit) {
			keys_value(keys, v->k, v->wide, i, &value);
			return (value.hi);
		}
	return (0);
}

/*
 * Who sent first began; at the same time, or if nobody knows, the client has
 * the higher port.
 */
static bool
flips(const struct group *g, const struct view *v)
{
	uint64_t one, other;

	if (!g->keys.both || g->m.at[ME_START] == MEASURE_NONE)
		return (false);
	one = v->v[g->m.at[ME_START]];
	other = v->v[g->m.at[ME_REVERSE_START]];
	if (one != other)
		return (other > one);
	return (port(&g->keys, v, FLOW_DST_PORT) >
	    port(&g->keys, v, FLOW_SRC_PORT));
}

void
standing_view(const struct standing *s, uint64_t ref, struct view *v)
{
	const uint64_t *row;

	if (s->table == NULL) {
		row = (const uint64_t *)(uintptr_t)ref;
		v->wide = row[0] == WIDE;
		v->k = row + 1;
		v->v = row + 1 + s->nk;
	} else {
		v->wide = ref >= s->narrow;
		row = gtable_row(&s->table[v->wide ? WIDE : NARROW],
		    v->wide ? ref - s->narrow : ref);
		v->k = row;
		v->v = row + s->table[v->wide ? WIDE : NARROW].nk;
	}
	v->flip = flips(s->g, v);
}

static uint64_t
quantity(const struct standing *s, const struct view *v, enum quantity q)
{
	uint64_t n;

	if (!measure_quantity(&s->g->m, v->v, q, v->flip, &n))
		return (0);
	return (q == Q_START || q == Q_END ? n ^ SIGN : n);
}

static uint64_t
word(const struct standing *s, const struct standing_word *w, uint64_t ref)
{
	struct key_value value;
	unsigned int part = w->part;
	struct view v;
	uint64_t n;

	standing_view(s, ref, &v);
	if (w->by == BY_QUANTITY) {
		n = quantity(s, &v, w->quantity);
		return (w->descending ? ~n : n);
	}
	if (v.flip && s->g->keys.part[part].twin != KEY_NONE)
		part = s->g->keys.part[part].twin;
	keys_value(&s->g->keys, v.k, v.wide, part, &value);
	if (w->by == BY_TAG)
		n = value.tag;
	else if (w->by == BY_HI)
		n = value.hi;
	else if (w->by == BY_LO)
		n = value.lo;
	else
		n = value.bytes[w->word];
	return (w->descending ? ~n : n);
}

static void
load(void *arg, unsigned int depth, struct rank_item *item, size_t n)
{
	const struct standing *s = arg;
	size_t i;

	for (i = 0; i < n; i++)
		item[i].key = word(s, &s->word[depth], item[i].ref);
}

uint64_t
standing_first(const struct standing *s, uint64_t ref)
{
	return (s->ranking.depths == 0 ? 0 : word(s, &s->word[0], ref));
}

static void
by(struct standing *s, struct standing_word w)
{
	s->word[s->ranking.depths++] = w;
}

static void
by_part(struct standing *s, unsigned int part, bool descending)
{
	const struct key_part *p = &s->g->keys.part[part];
	struct standing_word w = {.by = BY_TAG,
	    .part = part,
	    .descending = descending};

	by(s, w);
	w.by = BY_HI;
	if (p->kind == KEY_BYTES)
		for (w.by = BY_BYTES; w.word < p->words; w.word++)
			by(s, w);
	else
		by(s, w);
	w.by = BY_LO;
	if (p->kind == KEY_ADDR)
		by(s, w);
}

static void
by_quantity(struct standing *s, enum quantity q, bool descending)
{
	by(s,
	    (struct standing_word){.by = BY_QUANTITY,
		.quantity = q,
		.descending = descending});
}

static void
by_order(struct standing *s, const struct order *o)
{
	unsigned int i;

	if (o->by < Q_MAX) {
		by_quantity(s, o->by, !o->ascending);
		return;
	}
	for (i = 0; i < s->g->keys.n; i++)
		if (s->g->keys.part[i].field != NULL &&
		    s->g->keys.part[i].field == o->field) {
			by_part(s, i, !o->ascending);
			return;
		}
}

/* What is largest first, where nothing is said. */
static enum quantity
usual(const struct measures *m)
{
	unsigned int i;

	for (i = 0; i < m->nshow; i++)
		if (m->show[i] == Q_OCTETS)
			return (Q_OCTETS);
	return (m->nshow > 0 ? m->show[0] : Q_MAX);
}

int
standing_init(struct standing *s, const struct group *g)
{
	const bool series = g->q->every > 0;
	unsigned int i;
	size_t o;

	memset(s, 0, sizeof(*s));
	s->g = g;
	s->nk = g->keys.wide > g->keys.narrow ? g->keys.wide : g->keys.narrow;
	s->word =
	    calloc((KEY_PARTS + ORDERS_MAX + 2) * PART_WORDS, sizeof(*s->word));
	if (s->word == NULL)
		return (-1);
	s->ranking.load = load;
	s->ranking.arg = s;
	if (series && (g->q->nkeys > 0 || g->q->norders == 0))
		by_part(s, 0, false);
	for (o = 0; o < g->q->norders; o++)
		by_order(s, &g->q->orders[o]);
	if (g->q->norders == 0 && usual(&g->m) != Q_MAX)
		by_quantity(s, usual(&g->m), usual(&g->m) != Q_START);
	for (i = 0; i < g->keys.n; i++)
		by_part(s, i, false);
	return (0);
}

void
standing_free(struct standing *s)
{
	free(s->word);
}
