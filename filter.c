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

#include "filter-index.h"

/* Fewer are asked one by one. */
#define INDEX_RULES_MIN 24

struct filter *
filter_new(void)
{
	struct filter *f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (NULL);
	TAILQ_INIT(&f->tables);
	f->empty = true;
	return (f);
}

static void
filter_table_free(struct filter_table *t)
{
	free(t->name);
	table_free(t->table);
	free(t);
}

void
filter_free(struct filter *f)
{
	struct filter_table *t;
	size_t i;

	if (f == NULL)
		return;
	while ((t = TAILQ_FIRST(&f->tables)) != NULL) {
		TAILQ_REMOVE(&f->tables, t, entry);
		filter_table_free(t);
	}
	for (i = 0; i < f->n; i++)
		rule_free(f->rules[i]);
	free(f->rules);
	free(f->order);
	free(f->checks);
	filter_index_free(f->index);
	free(f);
}

int
filter_add(struct filter *f, struct rule *r)
{
	struct rule **rules;
	size_t size;

	if (f->n == f->size) {
		size = f->size == 0 ? 8 : f->size * 2;
		rules = reallocarray(f->rules, size, sizeof(struct rule *));
		if (rules == NULL) {
			rule_free(r);
			return (-1);
		}
		f->rules = rules;
		f->size = size;
	}
	f->rules[f->n++] = r;
	return (0);
}

struct filter_table *
filter_table(struct filter *f, const char *name, bool create)
{
	struct filter_table *t;

	TAILQ_FOREACH(t, &f->tables, entry)
		if (strcmp(t->name, name) == 0)
			return (t);
	if (!create || (t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	t->name = strdup(name);
	t->table = table_new();
	if (t->name == NULL || t->table == NULL) {
		filter_table_free(t);
		return (NULL);
	}
	TAILQ_INSERT_TAIL(&f->tables, t, entry);
	return (t);
}

static int
rule_seal(struct rule *r)
{
	struct clause *c;
	size_t i;

	for (i = 0; i < r->nclauses; i++) {
		c = &r->clauses[i];
		if (c->kind != CL_ADDR)
			continue;
		if (c->u.addr.own != NULL && table_seal(c->u.addr.own) == -1)
			return (-1);
		if (c->u.addr.out != NULL && table_seal(c->u.addr.out) == -1)
			return (-1);
	}
	return (0);
}

/*
 * The last rule that matches decides, unless one with quick does before: so
 * ask those with quick first, in their order, and then the others from the
 * last one up, and stop at the first that matches.
 */
static int
filter_order(struct filter *f)
{
	struct rule **order;
	size_t i, n = 0;

	if (f->n == 0)
		return (0);
	if ((order = reallocarray(NULL, f->n, sizeof(struct rule *))) == NULL)
		return (-1);
	for (i = 0; i < f->n; i++)
		if (f->rules[i]->quick)
			order[n++] = f->rules[i];
	for (i = f->n; i-- > 0;)
		if (!f->rules[i]->quick)
			order[n++] = f->rules[i];
	free(f->order);
	f->order = order;
	free(f->checks);
	if ((f->checks = calloc(f->n, sizeof(*f->checks))) == NULL)
		return (-1);
	for (i = 0; i < f->n; i++)
		f->checks[i] = rule_check(order[i]);
	return (0);
}

/* A rule that asks for nothing is the last that is asked. */
static size_t
reachable(const struct filter *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->order[i]->nclauses == 0)
			return (i + 1);
	return (f->n);
}

int
filter_seal(struct filter *f)
{
	struct filter_table *t;
	size_t i;

	TAILQ_FOREACH(t, &f->tables, entry)
		if (table_seal(t->table) == -1)
			return (-1);
	f->empty = true;
	for (i = 0; i < f->n; i++) {
		if (rule_seal(f->rules[i]) == -1)
			return (-1);
		if (f->rules[i]->verdict != FILTER_ACCEPT ||
		    f->rules[i]->tagged)
			f->empty = false;
	}
	filter_index_free(f->index);
	f->index = NULL;
	if (filter_order(f) == -1)
		return (-1);
	f->nreachable = reachable(f);
	if (f->nreachable < INDEX_RULES_MIN)
		return (0);
	return (
	    filter_index_new(f->order, f->checks, f->nreachable, &f->index));
}

size_t
filter_count(const struct filter *f)
{
	return (f->n);
}

bool
filter_is_empty(const struct filter *f)
{
	return (f->empty);
}

void
filter_fields(const struct filter *f, struct flow_set *s)
{
	size_t i, k;

	for (i = 0; i < f->n; i++)
		for (k = 0; k < f->rules[i]->nclauses; k++)
			clause_fields(&f->rules[i]->clauses[k], s);
}

/* If the first guard of its check passes. */
static bool
rule_match(const struct rule *r, const struct check *k, const struct flow *f,
    struct calendar *now)
{
	size_t i;

	if (!check_more(k, f))
		return (false);
	for (i = 0; i < r->nclauses; i++)
		if (!(i < 64 && k->said >> i & 1) &&
		    !clause_match(&r->clauses[i], f, now))
			return (false);
	return (true);
}

/* Where in the order the rule is that decides; nreachable: there is none. */
static size_t
walk(const struct filter *f, const struct flow *flow, struct calendar *now)
{
	size_t i;

	for (i = 0; i < f->nreachable; i++)
		if (guard_passes(&f->checks[i].first, flow) &&
		    rule_match(f->order[i], &f->checks[i], flow, now))
			break;
	return (i);
}

enum filter_verdict
filter_match(struct filter *f, struct flow *flow)
{
	struct rule *r;
	size_t i;

	f->flows++;
	if (f->index != NULL)
		i = filter_index_find(f->index, flow, &f->now);
	else
		i = walk(f, flow, &f->now);
	if (i == f->nreachable)
		return (FILTER_ACCEPT);
	r = f->order[i];
	r->wins++;
	if (r->tagged) {
		flow->tag = r->tag;
		flow_set(flow, FLOW_TAG);
	}
	return (r->verdict);
}
