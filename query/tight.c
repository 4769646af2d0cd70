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
 * The usual question: groups by one field that all flows have, and of each how
 * many flows, packets and octets.  Sums of a batch need no care there: numbers
 * of 32 bits, as many as a batch has, do not overflow 64.
 */

#include <stdlib.h>
#include <string.h>

#include "query/group-state.h"

#define MEMORY "out of memory"

struct tight_cell {
	uint32_t flows, packets;
	uint64_t octets;
};

struct tight {
	struct tight_cell *cell[SIDES]; /* by code */
	uint32_t room[SIDES];
	struct tight_cell *direct; /* of all batches, by the key itself */
	uint64_t packets, flows;   /* in direct, at most */
	uint32_t *scratch[3];
	uint8_t *print[SIDES]; /* a byte of a hash of each value */
};

/* What a batch has. */
struct load {
	const struct vec *key[SIDES];
	const uint64_t *hi[SIDES];
	const uint32_t *packets, *octets, *number;
	uint64_t sum; /* of packets */
};

void
tight_free(struct tight *t)
{
	int i;

	if (t == NULL)
		return;
	for (i = 0; i < SIDES; i++) {
		free(t->cell[i]);
		free(t->print[i]);
	}
	for (i = 0; i < 3; i++)
		free(t->scratch[i]);
	free(t->direct);
	free(t);
}

static struct tight *
tight_new(void)
{
	struct tight *t;
	int i;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	for (i = 0; i < 3; i++)
		if ((t->scratch[i] =
			    calloc(BLOCK_FLOWS, sizeof(**t->scratch))) == NULL)
			break;
	if (i == 3 && (t->print[0] = calloc(BLOCK_FLOWS, 1)) != NULL &&
	    (t->print[1] = calloc(BLOCK_FLOWS, 1)) != NULL)
		return (t);
	tight_free(t);
	return (NULL);
}

/* All numbers of a column, if they have 32 bits; else NULL. */
static const uint32_t *
numbers(const struct vec *v, uint32_t *to)
{
	uint64_t any = 0;
	uint32_t i;

	if (v == NULL)
		return (NULL);
	if (v->kind == VEC_U32)
		return (v->u32);
	if (v->kind == VEC_U64) {
		for (i = 0; i < v->n; i++) {
			any |= v->u64[i];
			to[i] = (uint32_t)v->u64[i];
		}
		return (any > UINT32_MAX ? NULL : to);
	}
	for (i = 0; i < v->ndict; i++)
		any |= v->num[i];
	if (any > UINT32_MAX)
		return (NULL);
	for (i = 0; i < v->n; i++)
		to[i] =
		    (uint32_t)v->num[v->kind == VEC_CODES ? v->codes[i] : 0];
	return (to);
}

static uint64_t
sum_of(const uint32_t *v, uint32_t n)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		sum += v[i];
	return (sum);
}

/* Keys by their codes, or by themselves. */
static bool
load_keys(const struct worker *w, struct load *l)
{
	const int sides = w->g->keys.either ? SIDES : 1;
	int i;

	for (i = 0; i < sides; i++) {
		l->key[i] = keyer_only(w->keyer, i, &l->hi[i]);
		if (l->key[i] == NULL)
			return (false);
	}
	if (worker_direct(w) && !w->g->keys.either) {
		l->number = numbers(l->key[0], w->tight->scratch[2]);
		return (l->number != NULL);
	}
	for (i = 0; i < sides; i++)
		if (l->key[i]->kind != VEC_CODES)
			return (false);
	return (true);
}

static bool
load(const struct worker *w, struct load *l)
{
	const struct measures *m = &w->g->m;

	memset(l, 0, sizeof(*l));
	if (m->n != 3 || m->at[ME_FLOWS] != 0 || m->at[ME_PACKETS] != 1 ||
	    m->at[ME_OCTETS] != 2 || !w->measures.ones || w->g->keys.both ||
	    !load_keys(w, l))
		return (false);
	l->packets = numbers(w->measures.packets.v, w->tight->scratch[0]);
	l->octets = numbers(w->measures.octets.v, w->tight->scratch[1]);
	if (l->packets == NULL || l->octets == NULL)
		return (false);
	l->sum = sum_of(l->packets, l->key[0]->n);
	return (l->sum <= UINT32_MAX);
}

static inline void
count(struct tight_cell *c, const struct load *l, uint32_t row)
{
	c->flows++;
	c->packets += l->packets[row];
	c->octets += l->octets[row];
}

static void
sum_codes(struct tight_cell *cell, const struct load *of, int side,
    const struct sel *sel)
{
	const uint16_t *code = of->key[side]->codes;
	const struct load l = *of;
	uint32_t i;

	if (sel->row == NULL)
		for (i = 0; i < sel->n; i++)
			count(&cell[code[i]], &l, i);
	else
		for (i = 0; i < sel->n; i++)
			count(&cell[code[sel->row[i]]], &l, sel->row[i]);
}

static void
sum_direct(struct tight_cell *cell, const struct load *of, uint32_t mask,
    const struct sel *sel)
{
	const struct load l = *of;
	uint32_t i;

	if (sel->row == NULL)
		for (i = 0; i < sel->n; i++)
			count(&cell[l.number[i] & mask], &l, i);
	else
		for (i = 0; i < sel->n; i++)
			count(&cell[l.number[sel->row[i]] & mask], &l,
			    sel->row[i]);
}

/* The other end, where it is not the same. */
static void
sum_other(struct tight_cell *cell, const struct load *of,
    uint8_t *const print[SIDES], const struct sel *sel)
{
	const uint16_t *a = of->key[0]->codes, *b = of->key[1]->codes;
	const uint8_t *print_a = print[0], *print_b = print[1];
	const struct load l = *of;
	uint32_t i, row;

	for (i = 0; i < sel->n; i++) {
		row = sel->row == NULL ? i : sel->row[i];
		/* The bytes are in the nearest cache, the words are not. */
		if (print_a[a[row]] == print_b[b[row]] &&
		    l.hi[0][a[row]] == l.hi[1][b[row]])
			continue;
		count(&cell[b[row]], &l, row);
	}
}

static void
fingerprints(const struct load *l, int side, uint8_t *to)
{
	const uint64_t *hi = l->hi[side];
	uint32_t i;

	for (i = 0; i < l->key[side]->ndict; i++)
		to[i] = (uint8_t)(hi[i] * UINT64_C(0x9e3779b97f4a7c15) >> 56);
}

static int
clear(struct tight *t, int side, uint32_t n)
{
	if (n <= t->room[side]) {
		memset(t->cell[side], 0, n * sizeof(**t->cell));
		return (0);
	}
	free(t->cell[side]);
	t->room[side] = 0;
	if ((t->cell[side] = calloc(n, sizeof(**t->cell))) == NULL)
		return (-1);
	t->room[side] = n;
	return (0);
}

/* Sums of a batch to the table. */
static const char *
flush(struct worker *w, const struct load *l, int side)
{
	const struct key_part *p = &w->g->keys.part[0];
	const unsigned int down = p->kind == KEY_ADDR ? 32 : 0;
	const struct tight_cell *cell = w->tight->cell[side];
	uint32_t i = 0, n, size = l->key[side]->ndict;

	while (i < size) {
		for (n = 0; i < size && n < STRIP; i++) {
			w->k[0][n] = l->hi[side][i] >> down << p->narrow_shift;
			w->v[0][n] = cell[i].flows;
			w->v[1][n] = cell[i].packets;
			w->v[2][n] = cell[i].octets;
			n += cell[i].flows != 0;
		}
		if (gtable_add(&w->table[NARROW], n, w->k, w->v) == -1)
			return (MEMORY);
	}
	if (w->g->budget != SIZE_MAX && worker_bytes(w) > w->g->budget)
		return (worker_spill(w));
	return (NULL);
}

static const char *
by_codes(struct worker *w, const struct load *l, const struct sel *sel)
{
	const int sides = w->g->keys.either ? SIDES : 1;
	const char *err = NULL;
	int side;

	for (side = 0; side < sides; side++) {
		if (clear(w->tight, side, l->key[side]->ndict) == -1)
			return (MEMORY);
		if (w->g->keys.either)
			fingerprints(l, side, w->tight->print[side]);
	}
	sum_codes(w->tight->cell[0], l, 0, sel);
	if (w->g->keys.either)
		sum_other(w->tight->cell[1], l, w->tight->print, sel);
	for (side = 0; side < sides && err == NULL; side++)
		err = flush(w, l, side);
	return (err);
}

const char *
tight_end(struct worker *w)
{
	struct tight *t = w->tight;
	uint64_t *to;
	size_t i, size;

	/* Other keys have more bits than a size_t. */
	if (t == NULL || t->direct == NULL)
		return (NULL);
	size = (size_t)1 << w->g->keys.bits;
	if (aggregate_direct(w) == -1)
		return (MEMORY);
	for (i = 0, to = w->direct.acc; i < size; i++, to += 3) {
		to[0] = measure_add(to[0], t->direct[i].flows);
		to[1] = measure_add(to[1], t->direct[i].packets);
		to[2] = measure_add(to[2], t->direct[i].octets);
	}
	free(t->direct);
	t->direct = NULL;
	t->flows = t->packets = 0;
	return (NULL);
}

static const char *
by_numbers(struct worker *w, const struct load *l, const struct sel *sel)
{
	const size_t size = (size_t)1 << w->g->keys.bits;
	struct tight *t = w->tight;
	const char *err;

	if ((t->packets + l->sum > UINT32_MAX ||
		t->flows + sel->n > UINT32_MAX) &&
	    (err = tight_end(w)) != NULL)
		return (err);
	if (t->direct == NULL &&
	    (t->direct = calloc(size, sizeof(*t->direct))) == NULL)
		return (MEMORY);
	t->packets += l->sum;
	t->flows += sel->n;
	sum_direct(t->direct, l, (uint32_t)size - 1, sel);
	return (NULL);
}

const char *
tight(struct worker *w, const struct sel *sel, bool *done)
{
	struct load l;

	*done = false;
	if (w->g->keys.n != 1 || !keyer_plain(w->keyer))
		return (NULL);
	if (w->tight == NULL && (w->tight = tight_new()) == NULL)
		return (MEMORY);
	if (!(*done = load(w, &l)))
		return (NULL);
	if (l.number != NULL)
		return (by_numbers(w, &l, sel));
	return (by_codes(w, &l, sel));
}
