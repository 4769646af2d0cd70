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
 * Rules are the bits of a row.  Each dimension gives a flow the row of the
 * rules that its value there does not rule out.  Of the rules that all rows
 * have, and whose clauses that are in no dimension match, too, the first in
 * order decides.
 *
 * Bits do not stand in that order, but those of rules together that have
 * clauses in the same dimensions: most words then are zero in one row or
 * another, and are not looked at.
 */

#include <stdlib.h>
#include <string.h>

#include "filter-index.h"

#define DIMS_MAX 12
#define SUMS_MAX (FILTER_RULES_MAX / 4096 + 1)

struct filter_index {
	struct rulesets sets;
	struct dim dims[DIMS_MAX];
	size_t ndims;
	/* Of each bit: its rule's place in the order, and what is left to ask:
	   its check, and clauses from rest[first[bit]] on. */
	uint32_t *order;
	struct check *checks;
	const struct clause **rest;
	uint32_t *first;
};

/* While an index is made. */
struct plan {
	struct filter_index *x;
	struct rule *const *rules;
	struct dim_clause *c; /* that a dimension may take, by dimension */
	size_t n;
	const struct check *checks;
	uint32_t *first; /* of a rule, if all clauses are counted */
	bool *taken;	 /* by a dimension: of each clause */
};

/* A run of the clauses of one dimension. */
struct run {
	size_t from, n;
	bool chosen;
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
	size_t i, rule;

	err = dim_make(&x->dims[x->ndims], &x->sets, c, r->n);
	if (err != RULESET_OK)
		return (err == RULESET_NOMEM ? -1 : 0);
	x->ndims++;
	for (i = 0; i < r->n; i++) {
		rule = x->order[c[i].rule];
		if (!c[i].out)
			p->taken[p->first[rule] +
			    (size_t)(c[i].clause - p->rules[rule]->clauses)] =
			    true;
	}
	return (0);
}

/* The dimension that rules out most of what is left, if it is worth it. */
static struct run *
best_run(const struct plan *p, struct run *runs, size_t n, const double *left)
{
	struct run *best = NULL;
	double gain, most = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (runs[i].chosen)
			continue;
		gain = worth_gain(p->c + runs[i].from, runs[i].n, left);
		if (gain > most) {
			most = gain;
			best = &runs[i];
		}
	}
	return (worth_it(most, p->x->sets.n) ? best : NULL);
}

/* A rule, and in which dimensions it has clauses. */
struct placed {
	uint32_t rule;
	uint32_t dims;
};

static int
placed_cmp(const void *va, const void *vb)
{
	const struct placed *a = va, *b = vb;

	if (a->dims != b->dims)
		return (a->dims < b->dims ? -1 : 1);
	return (a->rule < b->rule ? -1 : a->rule > b->rule);
}

/* The runs that become dimensions. */
static int
choose(struct plan *p, struct run *runs, size_t n, struct placed *placed,
    struct run **chosen)
{
	double *left = calloc(p->x->sets.n, sizeof(*left));
	const struct dim_clause *c;
	struct run *r;
	size_t i, ndims = 0;

	if (left == NULL)
		return (-1);
	for (i = 0; i < p->x->sets.n; i++)
		left[i] = 1;
	while (ndims < DIMS_MAX && (r = best_run(p, runs, n, left)) != NULL) {
		r->chosen = true;
		c = p->c + r->from;
		for (i = 0; i < r->n; i++) {
			left[c[i].rule] *= c[i].passes;
			placed[c[i].rule].dims |= 1U << ndims;
		}
		chosen[ndims++] = r;
	}
	free(left);
	return ((int)ndims);
}

/* A bit for each rule; clauses have bits in the place of rules from then on. */
static int
give_bits(struct plan *p, struct placed *placed)
{
	struct filter_index *x = p->x;
	size_t i, n = x->sets.n;
	uint32_t *bit;

	x->order = calloc(n, sizeof(*x->order));
	x->checks = calloc(n, sizeof(*x->checks));
	bit = calloc(n, sizeof(*bit));
	if (x->order == NULL || x->checks == NULL || bit == NULL) {
		free(bit);
		return (-1);
	}
	qsort(placed, n, sizeof(*placed), placed_cmp);
	for (i = 0; i < n; i++) {
		x->order[i] = placed[i].rule;
		x->checks[i] = p->checks[placed[i].rule];
		bit[placed[i].rule] = (uint32_t)i;
	}
	for (i = 0; i < p->n; i++)
		p->c[i].rule = bit[p->c[i].rule];
	free(bit);
	return (0);
}

static int
make_dims(struct plan *p, struct run *runs, size_t n, struct placed *placed)
{
	struct run *chosen[DIMS_MAX];
	size_t i;
	int r, ndims;

	for (i = 0; i < n; i++)
		if (worth_weigh(p->c + runs[i].from, runs[i].n) == -1)
			return (-1);
	for (i = 0; i < p->x->sets.n; i++)
		placed[i].rule = (uint32_t)i;
	ndims = choose(p, runs, n, placed, chosen);
	r = ndims == -1 ? -1 : give_bits(p, placed);
	for (i = 0; r == 0 && i < (size_t)ndims; i++)
		r = add_dim(p, chosen[i]);
	return (r);
}

static int
plan_dims(struct plan *p)
{
	struct run *runs = calloc(p->n + 1, sizeof(*runs));
	struct placed *placed = calloc(p->x->sets.n, sizeof(*placed));
	size_t i, n = 0;
	int r = -1;

	if (runs != NULL && placed != NULL) {
		for (i = 0; i < p->n; i += runs[n++].n)
			runs[n] = run_from(p, i);
		r = make_dims(p, runs, n, placed);
	}
	free(runs);
	free(placed);
	return (r);
}

/* What is left to be asked of each rule. */
static int
plan_rest(struct plan *p, size_t n)
{
	struct filter_index *x = p->x;
	size_t i, k, rule, left = 0;

	for (i = 0; i < p->first[n]; i++)
		left += !p->taken[i];
	x->rest = calloc(left + 1, sizeof(*x->rest));
	x->first = calloc(n + 1, sizeof(*x->first));
	if (x->rest == NULL || x->first == NULL)
		return (-1);
	for (i = 0, left = 0; i < n; i++) {
		rule = x->order[i];
		x->first[i] = (uint32_t)left;
		for (k = 0; k < p->rules[rule]->nclauses; k++)
			if (!p->taken[p->first[rule] + k] &&
			    !(k < 64 && x->checks[i].said >> k & 1))
				x->rest[left++] = &p->rules[rule]->clauses[k];
	}
	x->first[n] = (uint32_t)left;
	return (0);
}

int
filter_index_new(struct rule *const *rules, const struct check *checks,
    size_t n, struct filter_index **xp)
{
	struct plan p = {.rules = rules, .checks = checks};
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
	free(x->order);
	free(x->checks);
	free(x->rest);
	free(x->first);
	free(x);
}

/* A flow, the chunks of its rows, and the first rule in order so far. */
struct asked {
	const struct flow *flow;
	struct calendar *now;
	const uint32_t *ids[DIMS_MAX];
	size_t best;
};

/* The rules of a word whose other clauses match, too. */
static void
ask_word(const struct filter_index *x, struct asked *a, uint64_t word,
    size_t from)
{
	const struct clause *const *c, *const *end;
	size_t bit;

	for (; word != 0; word &= word - 1) {
		bit = from + (size_t)__builtin_ctzll(word);
		if (x->order[bit] >= a->best ||
		    !guard_passes(&x->checks[bit].first, a->flow) ||
		    !check_more(&x->checks[bit], a->flow))
			continue;
		c = x->rest + x->first[bit];
		end = x->rest + x->first[bit + 1];
		while (c < end && clause_match(*c, a->flow, a->now))
			c++;
		if (c == end)
			a->best = x->order[bit];
	}
}

static uint64_t
and_word(const struct filter_index *x, const struct asked *a, size_t i)
{
	size_t k, chunk = i / CHUNK_WORDS;
	uint64_t word = UINT64_MAX;

	for (k = 0; k < x->ndims; k++)
		word &= x->sets.chunks[a->ids[k][chunk]].w[i % CHUNK_WORDS];
	return (word);
}

/* The words that no sum has as zero. */
static void
ask_words(const struct filter_index *x, struct asked *a, uint64_t sum,
    size_t from)
{
	uint64_t word;
	size_t i;

	for (; sum != 0; sum &= sum - 1) {
		i = from + (size_t)__builtin_ctzll(sum);
		if ((word = and_word(x, a, i)) != 0)
			ask_word(x, a, word, i * 64);
	}
}

size_t
filter_index_find(const struct filter_index *x, const struct flow *f,
    struct calendar *now)
{
	const size_t nsums = x->sets.nsums, nids = x->sets.nids;
	uint64_t sums[SUMS_MAX];
	struct asked a;
	const struct dim *d;
	size_t i, k, row;

	a.flow = f;
	a.now = now;
	a.best = x->sets.n;
	for (i = 0; i < nsums; i++)
		sums[i] = UINT64_MAX;
	for (k = 0, d = x->dims; k < x->ndims; k++, d++) {
		row = d->row_of(d, f);
		a.ids[k] = d->rows.ids + row * nids;
		for (i = 0; i < nsums; i++)
			sums[i] &= d->rows.sums[row * nsums + i];
	}
	if (nids == 0)
		ask_word(x, &a, sums[0], 0);
	else
		for (i = 0; i < nsums; i++)
			ask_words(x, &a, sums[i], i * 64);
	return (a.best);
}
