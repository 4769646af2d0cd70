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
 * Records go into columns from where they were received: what is copied of
 * each, a column after the other, and what all have in common, once.
 */

#include <string.h>

#include "archive/rows-plan.h"
#include "archive/rows-column.h"
#include "bytes.h"
#include "field.h"

/* As far as there is room: how many. */
static uint32_t
take_addrs(struct rows_column *c, const struct item *it, const struct span *s)
{
	const uint8_t *p = s->p + it->src;
	struct addr a[INTERN_MOST];
	uint32_t i, k, n, got;

	memset(a, 0, sizeof(a));
	for (k = 0; k < INTERN_MOST; k++)
		a[k].family = it->kind == COPY_ADDR4 ? ADDR_V4 : ADDR_V6;
	for (i = 0; i < s->n; i += n) {
		n = s->n - i < INTERN_MOST ? s->n - i : INTERN_MOST;
		for (k = 0; k < n; k++, p += s->len)
			memcpy(a[k].b, p, it->len);
		got = intern_addrs(c, a, n, (uint16_t *)c->v + s->row + i);
		if (got < n)
			return (i + got);
	}
	return (i);
}

static uint32_t
take_codes(struct rows *r, struct rows_column *c, const struct item *it,
    const struct span *s)
{
	struct flow_text t = {NULL, it->len};
	uint16_t *to = (uint16_t *)c->v + s->row;
	const uint8_t *p = s->p + it->src;
	uint32_t i, code;

	if (it->kind != COPY_MAC)
		return (take_addrs(c, it, s));
	for (i = 0; i < s->n; i++, p += s->len) {
		t.p = (const char *)p;
		if ((code = intern_bytes(c, &r->arena, t)) == INTERN_FULL)
			break;
		to[i] = (uint16_t)code;
	}
	return (i);
}

/* The value of a row is that of others behind it. */
static void
repeat(struct rows_column *c, unsigned int width, const struct span *s)
{
	uint8_t *v = (uint8_t *)c->v + (size_t)s->row * width;
	size_t have = width, all = (size_t)s->n * width, more;

	while (have < all) {
		more = have < all - have ? have : all - have;
		memcpy(v + have, v, more);
		have += more;
	}
}

static void
put_same(const struct step *st, enum way way, const struct span *s)
{
	struct rows_column *c = st->c;
	const uint8_t *from = (const uint8_t *)s->first + st->off;
	void *to = (uint8_t *)c->v + (size_t)s->row * c->width;

	if (c->kind == ROWS_UPTIMES)
		return;
	if (way == C_U8)
		*(uint8_t *)to = *from;
	else if (way == C_U16)
		*(uint16_t *)to = *(const uint16_t *)from;
	else if (way == C_U32)
		*(uint32_t *)to = *(const uint32_t *)from;
	else
		*(uint64_t *)to = *(const uint64_t *)from;
	repeat(c, c->width, s);
}

/* What may find no room, first: for how many there is. */
static uint32_t
take_values(struct rows *r, const struct rows_plan *pl, struct span *s)
{
	const struct item *it, *end = pl->item + pl->nvalues;
	uint32_t n;

	for (it = pl->item; it < end; it++) {
		if (it->same) {
			if (!rows_put(r, it->step, it->way, s->first))
				return (0);
			repeat(it->step->c,
			    it->step->c->kind == ROWS_IPV4 ? 4 : 2, s);
		} else if (it->step->c->kind != ROWS_IPV4) {
			n = take_codes(r, it->step->c, it, s);
			if (n < s->n)
				s->n = n;
		}
		if (s->n == 0)
			return (0);
	}
	return (s->n);
}

static uint64_t
number_of(const struct item *it, const uint8_t *p)
{
	uint64_t v = move_number(p + it->src, it->len);

	if (it->kind == COPY_SECONDS)
		return (v * (uint64_t)NSEC_PER_SEC);
	return (it->kind == COPY_MSECONDS ? v * (uint64_t)NSEC_PER_MSEC : v);
}

/* Numbers that are gathered as runs, and may be another in each record. */
static void
take_runs(struct rows *r, const struct item *it, const struct span *s)
{
	struct rows_column *c = it->step->c;
	const uint8_t *p = s->p;
	uint64_t v;
	uint32_t i;

	for (i = 0; i < s->n; i++, p += s->len)
		if ((v = number_of(it, p)) != c->last)
			column_run(c, v, s->row + i);
	/* No flow has that clock: the next one is not taken for alike. */
	r->last.clock = UINT8_MAX;
}

static void
take_numbers(struct rows *r, const struct rows_plan *pl, const struct span *s)
{
	const struct item *it, *end = pl->item + pl->nitems;
	uint32_t i;

	for (i = 0; i < pl->nmoves; i++)
		pl->move[i].fn(&pl->move[i], s);
	for (it = pl->item + pl->nvalues + pl->nnumbers; it < end; it++)
		if (it->same)
			put_same(it->step, it->way, s);
		else
			take_runs(r, it, s);
}

uint32_t
rows_take(struct rows *r, const struct records *rec)
{
	struct span s = {rec->p, rec->len, r->n, rec->n, rec->first};
	struct program *p = r->now;
	const struct rows_plan *pl;
	uint32_t n;

	if (r->full || r->n == r->size)
		return (0);
	if (s.n > r->size - r->n)
		s.n = r->size - r->n;
	if ((p == NULL || !set_equal(&p->has, &rec->first->has)) &&
	    (p = rows_ready(r, &rec->first->has)) == NULL) {
		r->full = true;
		return (0);
	}
	if ((pl = rows_plan_get(r, p, rec)) == NULL) {
		r->full = true;
		return (0);
	}
	n = s.n;
	if (take_values(r, pl, &s) < n)
		r->full = true;
	if (s.n == 0)
		return (0);
	rows_share(r, p, rec->first);
	take_numbers(r, pl, &s);
	r->n += s.n;
	return (s.n);
}
