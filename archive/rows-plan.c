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

#include "archive/rows-plan.h"
#include "archive/rows-column.h"
#include "field.h"

#define PLANS 256
#define FOUND 1024 /* forms whose plan is known, by their ids */

struct rows_plans {
	uint32_t n;
	struct rows_plan *plan[PLANS];
	struct {
		uint64_t id;
		struct rows_plan *plan;
	} found[FOUND];
};

static void
plan_free(struct rows_plan *pl)
{
	if (pl == NULL)
		return;
	free(pl->copy);
	free(pl->move);
	free(pl);
}

static void
forget(struct rows_plans *all)
{
	while (all->n > 0)
		plan_free(all->plan[--all->n]);
	memset(all->found, 0, sizeof(all->found));
}

void
rows_plans_stale(struct rows_plans *all)
{
	uint32_t i;

	for (i = 0; all != NULL && i < all->n; i++)
		all->plan[i]->layout = 0;
}

void
rows_forget_plans(struct rows *r)
{
	if (r->plans != NULL)
		forget(r->plans);
	free(r->plans);
	r->plans = NULL;
}

/* By the member: two fields may share one. */
static const struct copy *
copy_of(const struct form *form, unsigned int id)
{
	uint32_t i;

	for (i = 0; i < form->ncopies && id < FLOW_NFIELDS; i++)
		if (fields[form->copy[i].field].off == fields[id].off)
			return (&form->copy[i]);
	return (NULL);
}

/* Can it be what is copied there? */
static bool
fits(const struct copy *c, enum way way)
{
	if (c->kind == COPY_ADDR4 || c->kind == COPY_ADDR6)
		return ((way == C_ADDR || way == C_AGENT) &&
		    c->len == (c->kind == COPY_ADDR4 ? 4 : 16));
	if (c->kind == COPY_MAC)
		return (way == C_BYTES);
	if (c->kind == COPY_NUMBER)
		return (way < C_ADDR && c->len > 0);
	return (way == C_U64 || way == C_ENDS || way == C_RUN64);
}

static struct item
make_item(const struct rows_plan *pl, const struct step *s, enum way way,
    const struct form *form)
{
	struct item it = {.step = s, .way = (uint8_t)way};
	const struct copy *c;
	unsigned int id = s->c->id;

	it.uptime = way == C_ENDS && pl->uptimes;
	if (it.uptime)
		id = id == FLOW_START ? FLOW_START_UPTIME : FLOW_END_UPTIME;
	if ((c = copy_of(form, id)) == NULL || !fits(c, way)) {
		it.same = true;
		return (it);
	}
	it.src = c->src;
	it.len = c->len;
	it.kind = c->kind;
	return (it);
}

static bool
is_run(enum way way)
{
	return (way >= C_RUN8 && way <= C_RUN64);
}

/* In which order: values, numbers, what remains. */
static unsigned int
rank(const struct item *it)
{
	if (it->way >= C_ADDR)
		return (0);
	return (it->same || is_run(it->way) ? 2 : 1);
}

static void
add_items(struct rows_plan *pl, const struct form *form, unsigned int of)
{
	const struct step *s = pl->p->step;
	struct item it;
	unsigned int way;

	for (way = 0; way < C_MAX; way++)
		for (; s < pl->p->end[way]; s++) {
			it = make_item(pl, s, way, form);
			if (rank(&it) == of && !(it.same && is_run(way)))
				pl->item[pl->nitems++] = it;
		}
}

static struct rows_plan *
plan_new(const struct program *p, const struct form *form, bool uptimes)
{
	const size_t n = (size_t)(p->end[C_MAX - 1] - p->step);
	struct rows_plan *pl;

	if ((pl = calloc(1, sizeof(*pl) + n * sizeof(pl->item[0]))) == NULL)
		return (NULL);
	pl->p = p;
	pl->uptimes = uptimes;
	pl->ncopies = form->ncopies;
	pl->copy = calloc(form->ncopies + 1UL, sizeof(*pl->copy));
	pl->move = calloc(n + 1, sizeof(*pl->move));
	if (pl->copy == NULL || pl->move == NULL) {
		plan_free(pl);
		return (NULL);
	}
	memcpy(pl->copy, form->copy, form->ncopies * sizeof(*pl->copy));
	add_items(pl, form, 0);
	pl->nvalues = pl->nitems;
	add_items(pl, form, 1);
	pl->nnumbers = pl->nitems - pl->nvalues;
	add_items(pl, form, 2);
	return (pl);
}

static bool
same_copies(const struct rows_plan *pl, const struct form *form)
{
	const struct copy *a = pl->copy, *b = form->copy;
	uint32_t i;

	if (pl->ncopies != form->ncopies)
		return (false);
	for (i = 0; i < form->ncopies; i++, a++, b++)
		if (a->src != b->src || a->len != b->len ||
		    a->kind != b->kind || a->field != b->field)
			return (false);
	return (true);
}

/* Forms with the same copies share one: many exporters send what others do. */
static struct rows_plan *
find(struct rows_plans *all, const struct program *p, const struct form *form,
    bool uptimes)
{
	struct rows_plan *pl;
	uint32_t i;

	for (i = 0; i < all->n; i++) {
		pl = all->plan[i];
		if (pl->p == p && pl->uptimes == uptimes &&
		    same_copies(pl, form))
			return (pl);
	}
	if ((pl = plan_new(p, form, uptimes)) == NULL)
		return (NULL);
	if (all->n == PLANS)
		forget(all);
	return (all->plan[all->n++] = pl);
}

/* How wide and of what kind the columns have to be for it. */
static void
prepare(struct rows *r, const struct item *it)
{
	struct rows_column *c = it->step->c;
	const bool stamp =
	    c->id == FLOW_START_UPTIME || c->id == FLOW_END_UPTIME;
	uint8_t need = it->same || stamp ? c->full : it->len;

	if (c->kind == ROWS_UPTIMES && !it->uptime)
		rows_reckon(r, c, r->n);
	if (c->kind == ROWS_IPV4 && !it->same && it->kind != COPY_ADDR4) {
		column_codes(c, r->n);
		r->layout++;
	}
	if (c->kind != ROWS_NUMBERS || it->way == C_ENDS)
		return;
	if (need > c->need)
		c->need = need;
	if (need > c->width) {
		column_widen(c, r->n, need);
		r->layout++;
	}
}

static enum move_kind
move_kind(const struct item *it)
{
	static const enum move_kind kinds[] = {
	    [COPY_NUMBER] = MOVE_NUMBER,
	    [COPY_ADDR4] = MOVE_BYTES,
	    [COPY_ADDR6] = MOVE_BYTES,
	    [COPY_SECONDS] = MOVE_SECONDS,
	    [COPY_MSECONDS] = MOVE_MSECONDS,
	    [COPY_MAC] = MOVE_BYTES,
	};

	return (it->uptime ? MOVE_UPTIME : kinds[it->kind]);
}

/* Is it for a move, by what its column is? */
static bool
moves(const struct item *it)
{
	return (!it->same && !is_run(it->way) &&
	    (it->step->c->kind == ROWS_NUMBERS ||
		it->step->c->kind == ROWS_IPV4));
}

static bool
alike(const struct item *a, const struct item *b)
{
	return (move_kind(a) == move_kind(b) && a->len == b->len &&
	    a->step->c->width == b->step->c->width);
}

/* Those that are alike, from the first on, as many as go at once. */
static void
make_move(struct rows_plan *pl, uint32_t first, bool *done)
{
	struct move *m = &pl->move[pl->nmoves++];
	uint32_t i, n = 0;
	unsigned int most;

	for (i = first; i < pl->nitems; i++)
		if (!done[i] && alike(&pl->item[first], &pl->item[i]))
			n++;
	m->len = pl->item[first].len;
	most = move_find(m, move_kind(&pl->item[first]),
	    pl->item[first].step->c->width, n);
	for (n = 0, i = first; i < pl->nitems && n < most; i++) {
		if (done[i] || !alike(&pl->item[first], &pl->item[i]))
			continue;
		m->to[n] = pl->item[i].step->c->v;
		m->src[n++] = pl->item[i].src;
		done[i] = true;
	}
}

static void
adapt(struct rows *r, struct rows_plan *pl)
{
	bool done[FLOW_NFIELDS + 3];
	uint32_t i;

	for (i = 0; i < pl->nitems; i++)
		prepare(r, &pl->item[i]);
	for (i = 0; i < pl->nitems; i++)
		done[i] = !moves(&pl->item[i]);
	pl->nmoves = 0;
	for (i = 0; i < pl->nitems; i++)
		if (!done[i])
			make_move(pl, i, done);
	pl->layout = r->layout;
}

static bool
by_uptimes(const struct flow *f)
{
	return (f->clock == CLOCK_UPTIME && flow_has(f, FLOW_START) &&
	    flow_has(f, FLOW_END) && flow_has(f, FLOW_START_UPTIME) &&
	    flow_has(f, FLOW_END_UPTIME) && flow_has(f, FLOW_EXPORT_TIME) &&
	    flow_has(f, FLOW_SYS_UPTIME));
}

const struct rows_plan *
rows_plan_get(struct rows *r, const struct program *p,
    const struct records *rec)
{
	const bool uptimes = by_uptimes(rec->first);
	const uint64_t id = rec->form->id;
	struct rows_plan *pl;

	if (r->plans == NULL &&
	    (r->plans = calloc(1, sizeof(*r->plans))) == NULL)
		return (NULL);
	pl = r->plans->found[id % FOUND].plan;
	if (pl == NULL || r->plans->found[id % FOUND].id != id || pl->p != p ||
	    pl->uptimes != uptimes) {
		if ((pl = find(r->plans, p, rec->form, uptimes)) == NULL)
			return (NULL);
		r->plans->found[id % FOUND].id = id;
		r->plans->found[id % FOUND].plan = pl;
	}
	if (pl->layout != r->layout)
		adapt(r, pl);
	return (pl);
}
