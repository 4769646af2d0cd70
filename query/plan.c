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

#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "query/head.h"
#include "query/plan.h"

struct plan_rule {
	struct rule *rule;
	struct step *steps;
	size_t nsteps;
	uint64_t wins;
};

struct plan {
	struct filter *filter;
	struct plan_rule *rules;
	size_t n;
	uint64_t flows;
};

void
plan_free(struct plan *p)
{
	size_t i;

	if (p == NULL)
		return;
	for (i = 0; p->rules != NULL && i < p->n; i++)
		free(p->rules[i].steps);
	free(p->rules);
	free(p);
}

/* What it takes to ask of a row, more or less. */
static unsigned int
cost(const struct clause *c)
{
	static const unsigned int costs[CL_MAX] = {
	    [CL_ADDR] = 60,
	    [CL_NUMBER] = 10,
	    [CL_TEXT] = 70,
	    [CL_PORT] = 30,
	    [CL_FAMILY] = 50,
	    [CL_FLAGS] = 30,
	    [CL_DURATION] = 80,
	    [CL_DAYS] = 75,
	    [CL_TIME] = 75,
	    [CL_DATE] = 40,
	};

	/* A protocol before the ports: see step. */
	if (c->kind == CL_NUMBER)
		return (costs[c->kind] + (unsigned int)c->field->type * 8);
	return (costs[c->kind]);
}

static int
by_cost(const void *va, const void *vb)
{
	const struct step *a = va, *b = vb;
	unsigned int ca = cost(a->clause), cb = cost(b->clause);

	if (ca != cb)
		return (ca < cb ? -1 : 1);
	return (a->clause < b->clause ? -1 : a->clause > b->clause);
}

static bool
is_tcp(uint8_t protocol)
{
	return (protocol == IPPROTO_TCP);
}

/* Does a clause leave only protocols for which the function says yes? */
static bool
leaves_only(const struct clause *c, bool (*wanted)(uint8_t))
{
	unsigned int i;

	if (c->kind != CL_NUMBER || c->field->bit != FLOW_PROTOCOL ||
	    c->negated)
		return (false);
	for (i = 0; i <= UINT8_MAX; i++)
		if (numset_has(&c->u.num, i) && !wanted((uint8_t)i))
			return (false);
	return (true);
}

static int
rule_plan(struct plan_rule *p, struct rule *r)
{
	bool ports = false, tcp = false;
	const struct clause *c;
	size_t i;

	p->rule = r;
	p->nsteps = r->nclauses;
	if (p->nsteps == 0)
		return (0);
	if ((p->steps = calloc(p->nsteps, sizeof(*p->steps))) == NULL)
		return (-1);
	for (i = 0; i < p->nsteps; i++)
		p->steps[i].clause = &r->clauses[i];
	qsort(p->steps, p->nsteps, sizeof(*p->steps), by_cost);
	for (i = 0; i < p->nsteps; i++) {
		c = p->steps[i].clause;
		p->steps[i].protocol_known = c->kind == CL_FLAGS ? tcp : ports;
		ports = ports || leaves_only(c, rule_has_ports);
		tcp = tcp || leaves_only(c, is_tcp);
	}
	return (0);
}

struct plan *
plan_new(struct filter *f)
{
	struct plan *p;
	size_t i;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (NULL);
	p->filter = f;
	p->n = f->n;
	if (p->n > 0 && (p->rules = calloc(p->n, sizeof(*p->rules))) == NULL) {
		plan_free(p);
		return (NULL);
	}
	for (i = 0; i < p->n; i++)
		if (rule_plan(&p->rules[i], f->order[i]) == -1) {
			plan_free(p);
			return (NULL);
		}
	return (p);
}

bool
plan_tags(const struct plan *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->rules[i].rule->tagged)
			return (true);
	return (false);
}

void
plan_needs(const struct plan *p, struct flow_set *s)
{
	size_t i;

	filter_fields(p->filter, s);
	for (i = 0; i < p->n; i++)
		if (p->rules[i].rule->tagged)
			s->w[FLOW_TAG / 64] |= UINT64_C(1) << FLOW_TAG % 64;
}

/* What a header tells of a rule, and of its clauses. */
static enum head
rule_head(const struct plan_rule *r, const struct block *b,
    const struct flow_set *other, uint8_t *heads)
{
	enum head all = HEAD_ALL, h;
	size_t i;

	for (i = 0; i < r->nsteps; i++) {
		h = b == NULL ? HEAD_SOME
			      : head_clause(b, other, r->steps[i].clause);
		heads[i] = (uint8_t)h;
		if (h == HEAD_NONE)
			return (HEAD_NONE);
		if (h == HEAD_SOME)
			all = HEAD_SOME;
	}
	return (all);
}

bool
plan_block(const struct plan *p, const struct block *b,
    const struct flow_set *other)
{
	uint8_t heads[UINT8_MAX];
	enum head h;
	size_t i;

	for (i = 0; i < p->n; i++) {
		h = rule_head(&p->rules[i], b, other, heads);
		if (h != HEAD_NONE &&
		    p->rules[i].rule->verdict == FILTER_ACCEPT)
			return (true);
		if (h == HEAD_ALL)
			return (false);
	}
	return (true);
}

/* The rows of `from` that a rule wins. */
static enum block_err
rule_rows(const struct plan_rule *r, struct look *l,
    const struct flow_set *other, const uint64_t *from, uint64_t *to)
{
	uint8_t heads[UINT8_MAX];
	const uint64_t *rows = from;
	enum block_err err;
	size_t i;

	if (rule_head(r, batch_block(l->batch), other, heads) == HEAD_NONE) {
		memset(to, 0, l->words * sizeof(*to));
		return (BLOCK_OK);
	}
	for (i = 0; i < r->nsteps; i++) {
		if (heads[i] == HEAD_ALL)
			continue;
		err = clause_rows(l, &r->steps[i], rows, to);
		if (err != BLOCK_OK || bitmap_empty(to, l->words))
			return (err);
		rows = to;
	}
	if (rows == from)
		memcpy(to, from, l->words * sizeof(*to));
	return (BLOCK_OK);
}

enum block_err
plan_rows(struct plan *p, struct look *l, const struct flow_set *other,
    struct tagging *tagging, uint64_t *rows)
{
	uint64_t accepted[BITMAP_WORDS], won[BITMAP_WORDS];
	struct plan_rule *r;
	enum block_err err;
	uint32_t n;
	size_t i;

	memset(accepted, 0, l->words * sizeof(*accepted));
	p->flows += bitmap_count(rows, l->words);
	for (i = 0; i < p->n && !bitmap_empty(rows, l->words); i++) {
		r = &p->rules[i];
		if ((err = rule_rows(r, l, other, rows, won)) != BLOCK_OK)
			return (err);
		if ((n = bitmap_count(won, l->words)) == 0)
			continue;
		r->wins += n;
		bitmap_without(rows, rows, won, l->words);
		if (r->rule->verdict == FILTER_ACCEPT)
			bitmap_or(accepted, accepted, won, l->words);
		if (r->rule->tagged)
			tagging_add(tagging, won, r->rule->tag);
	}
	/* Who is won by none is accepted. */
	bitmap_or(rows, rows, accepted, l->words);
	return (BLOCK_OK);
}

void
plan_merge(struct plan *p)
{
	size_t i;

	p->filter->flows += p->flows;
	p->flows = 0;
	for (i = 0; i < p->n; i++) {
		p->rules[i].rule->wins += p->rules[i].wins;
		p->rules[i].wins = 0;
	}
}
