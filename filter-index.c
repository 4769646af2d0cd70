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
 * The rules in their order are the bits of a row.  Each dimension gives a flow
 * the row of the rules that its value there does not rule out; the first bit
 * that all rows have is the rule that decides, if the flow is what its clauses
 * ask for that are in no dimension.
 */

#include <stdlib.h>
#include <string.h>

#include "filter-index.h"

#define DIMS_MAX 12
/* A clause that so few rules have is not worth a lookup for each flow. */
#define DIM_CLAUSES_MIN 2

struct filter_index {
	struct rulesets sets;
	struct dim dims[DIMS_MAX];
	size_t ndims;
	/* Clauses to be asked of a rule: from rest[first[rule]] on. */
	const struct clause **rest;
	uint32_t *first;
};

/* While an index is made. */
struct plan {
	struct filter_index *x;
	struct rule *const *rules;
	struct dim_clause *c; /* that a dimension may take, by dimension */
	size_t n;
	uint32_t *first; /* of a rule, if all clauses are counted */
	bool *taken;	 /* by a dimension: of each clause */
};

/* A run of the clauses of one dimension. */
struct run {
	size_t from, n;
};

static int
clause_cmp(const void *va, const void *vb)
{
	const struct dim_clause *a = va, *b = vb;
	int r = dim_cmp(a->clause, b->clause);

	if (r != 0)
		return (r);
	return (a->rule < b->rule ? -1 : a->rule > b->rule);
}

/* The larger one first. */
static int
run_cmp(const void *va, const void *vb)
{
	const struct run *a = va, *b = vb;

	if (a->n != b->n)
		return (a->n > b->n ? -1 : 1);
	return (a->from < b->from ? -1 : 1);
}

static int
plan_clauses(struct plan *p, size_t n)
{
	const struct rule *r;
	size_t i, k, total = 0;

	if ((p->first = calloc(n + 1, sizeof(*p->first))) == NULL)
		return (-1);
	for (i = 0; i < n; i++) {
		p->first[i] = (uint32_t)total;
		total += p->rules[i]->nclauses;
	}
	p->first[n] = (uint32_t)total;
	p->c = calloc(total + 1, sizeof(*p->c));
	p->taken = calloc(total + 1, sizeof(*p->taken));
	if (p->c == NULL || p->taken == NULL)
		return (-1);
	for (i = 0; i < n; i++)
		for (r = p->rules[i], k = 0; k < r->nclauses; k++)
			if (dim_takes(&r->clauses[k]))
				p->c[p->n++] =
				    (struct dim_clause){.clause =
							    &r->clauses[k],
					.rule = (uint32_t)i};
	if (p->n > 1)
		qsort(p->c, p->n, sizeof(*p->c), clause_cmp);
	return (0);
}

/* Those of one dimension; a rule is in it once. */
static struct run
run_from(const struct plan *p, size_t from)
{
	struct run r = {.from = from, .n = 1};
	const struct dim_clause *c = p->c + from;

	while (from + r.n < p->n && dim_cmp(c[0].clause, c[r.n].clause) == 0 &&
	    c[r.n - 1].rule != c[r.n].rule)
		r.n++;
	return (r);
}

static int
add_dim(struct plan *p, const struct run *r)
{
	struct filter_index *x = p->x;
	struct dim_clause *c = p->c + r->from;
	enum ruleset_err err;
	size_t i;

	err = dim_make(&x->dims[x->ndims], &x->sets, c, r->n);
	if (err != RULESET_OK)
		return (err == RULESET_NOMEM ? -1 : 0);
	x->ndims++;
	for (i = 0; i < r->n; i++)
		if (!c[i].out)
			p->taken[p->first[c[i].rule] +
			    (size_t)(c[i].clause -
				p->rules[c[i].rule]->clauses)] = true;
	return (0);
}

static int
plan_dims(struct plan *p)
{
	struct run *runs;
	size_t i, n = 0;
	int r = 0;

	if ((runs = calloc(p->n + 1, sizeof(*runs))) == NULL)
		return (-1);
	for (i = 0; i < p->n; i += runs[n++].n)
		runs[n] = run_from(p, i);
	if (n > 1)
		qsort(runs, n, sizeof(*runs), run_cmp);
	for (i = 0; i < n && r == 0; i++)
		if (p->x->ndims < DIMS_MAX && runs[i].n >= DIM_CLAUSES_MIN)
			r = add_dim(p, &runs[i]);
	free(runs);
	return (r);
}

/* What is left to be asked of each rule. */
static int
plan_rest(struct plan *p, size_t n)
{
	struct filter_index *x = p->x;
	size_t i, k, left = 0;

	for (i = 0; i < p->first[n]; i++)
		left += !p->taken[i];
	x->rest = calloc(left + 1, sizeof(*x->rest));
	x->first = calloc(n + 1, sizeof(*x->first));
	if (x->rest == NULL || x->first == NULL)
		return (-1);
	for (i = 0, left = 0; i < n; i++) {
		x->first[i] = (uint32_t)left;
		for (k = 0; k < p->rules[i]->nclauses; k++)
			if (!p->taken[p->first[i] + k])
				x->rest[left++] = &p->rules[i]->clauses[k];
	}
	x->first[n] = (uint32_t)left;
	return (0);
}

int
filter_index_new(struct rule *const *rules, size_t n, struct filter_index **xp)
{
	struct plan p = {.rules = rules};
	int r = -1;

	if ((p.x = calloc(1, sizeof(*p.x))) == NULL)
		return (-1);
	rulesets_init(&p.x->sets, n);
	if (plan_clauses(&p, n) == 0 && plan_dims(&p) == 0)
		r = plan_rest(&p, n);
	free(p.c);
	free(p.first);
	free(p.taken);
	if (r == -1 || p.x->ndims == 0) {
		filter_index_free(p.x);
		p.x = NULL;
	}
	*xp = p.x;
	return (r);
}

void
filter_index_free(struct filter_index *x)
{
	size_t i;

	if (x == NULL)
		return;
	for (i = 0; i < x->ndims; i++)
		dim_clear(&x->dims[i], &x->sets);
	rulesets_clear(&x->sets);
	free(x->rest);
	free(x->first);
	free(x);
}

/* A flow, and its rows. */
struct asked {
	const struct flow *flow;
	struct calendar *now;
	uint32_t row[DIMS_MAX];
};

/* The first rule of a word whose other clauses match, or n. */
static size_t
first_of(const struct filter_index *x, const struct asked *a, uint64_t word,
    size_t from)
{
	const struct clause *const *c, *const *end;
	size_t rule;

	for (; word != 0; word &= word - 1) {
		rule = from + (size_t)__builtin_ctzll(word);
		c = x->rest + x->first[rule];
		end = x->rest + x->first[rule + 1];
		while (c < end && clause_match(*c, a->flow, a->now))
			c++;
		if (c == end)
			return (rule);
	}
	return (x->sets.n);
}

static uint64_t
and_sums(const struct filter_index *x, const struct asked *a, size_t i)
{
	const struct dim *d = x->dims;
	uint64_t word = UINT64_MAX;
	size_t k;

	for (k = 0; k < x->ndims; k++, d++)
		word &= d->rows.sums[a->row[k] * x->sets.nsums + i];
	return (word);
}

static size_t
first_of_chunk(const struct filter_index *x, const struct asked *a, size_t i)
{
	struct chunk c;
	const struct chunk *more;
	const struct dim *d;
	size_t k, w, rule;

	memset(&c, 0xff, sizeof(c));
	for (k = 0; k < x->ndims; k++) {
		d = &x->dims[k];
		more =
		    &x->sets.chunks[d->rows.ids[a->row[k] * x->sets.nids + i]];
		for (w = 0; w < CHUNK_WORDS; w++)
			c.w[w] &= more->w[w];
	}
	for (w = 0; w < CHUNK_WORDS; w++) {
		if (c.w[w] == 0)
			continue;
		rule = first_of(x, a, c.w[w], i * CHUNK_BITS + w * 64);
		if (rule != x->sets.n)
			return (rule);
	}
	return (x->sets.n);
}

size_t
filter_index_find(const struct filter_index *x, const struct flow *f,
    struct calendar *now)
{
	struct asked a = {.flow = f, .now = now};
	size_t i, rule;
	uint64_t word;

	for (i = 0; i < x->ndims; i++)
		a.row[i] = dim_row(&x->dims[i], f);
	if (x->sets.nids == 0)
		return (first_of(x, &a, and_sums(x, &a, 0), 0));
	for (i = 0; i < x->sets.nsums; i++)
		for (word = and_sums(x, &a, i); word != 0; word &= word - 1) {
			rule = first_of_chunk(x, &a,
			    i * 64 + (size_t)__builtin_ctzll(word));
			if (rule != x->sets.n)
				return (rule);
		}
	return (x->sets.n);
}
