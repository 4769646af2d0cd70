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
 * Which rules a flow can match, without asking them one by one: between
 * filter.c and the files of the index, and nobody else.
 */

#ifndef FILTER_INDEX_H
#define FILTER_INDEX_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bounds.h"
#include "rule.h"
#include "ruleset.h"

/* Eight bytes of a flow, under a mask. */
struct guard {
	uint64_t mask, value;
	size_t off; /* in struct flow */
};

static inline bool
guard_passes(const struct guard *g, const struct flow *f)
{
	uint64_t v;

	memcpy(&v, (const uint8_t *)f + g->off, sizeof(v));
	return ((v & g->mask) == g->value);
}

#define CHECK_MORE 3
#define CHECK_PORTS 1 /* a protocol that has them, or none */
#define CHECK_TCP 2

/*
 * What a rule asks for, as far as guards can say it: the narrowest first, which
 * needs no more to say no.
 */
struct check {
	struct guard first;
	struct guard more[CHECK_MORE];
	uint8_t nmore;
	uint8_t protocols; /* CHECK_* */
	struct flow_set has;
	uint64_t said; /* clauses that it says all of, by their number */
};

struct check rule_check(const struct rule *);
/* All but the first guard. */
bool check_more(const struct check *, const struct flow *);

/* How the place of a flow in a dimension is found. */
enum dim_how {
	DIM_ADDR,
	DIM_U8,
	DIM_U16,
	DIM_U32,
	DIM_NUMBER,
	DIM_PORT,
	DIM_FLAGS,
	DIM_DURATION,
	DIM_FAMILY,
	DIM_HOWS
};

/*
 * What many rules ask in the same way: of the place of a flow in it, those
 * that the clause does not rule out.
 */
struct dim;
typedef uint32_t dim_lookup(const struct dim *, const struct flow *);

struct dim {
	dim_lookup *row_of;	   /* the row of a flow */
	uint8_t how;		   /* enum dim_how */
	uint16_t mask;		   /* of flags */
	enum flow_field bit, twin; /* present if either is */
	const struct field *field;
	uint32_t absent;       /* row of flows without it */
	uint32_t never;	       /* of those that it cannot be asked of */
	uint16_t *direct;      /* row of each value below 256 or 65536 */
	struct bounds at, at6; /* where the row changes, of IPv6, too */
	uint32_t *row, *row6;  /* below the first, from there on ... */
	struct rulerows rows;
};

/* A clause of a dimension, and the bit of its rule. */
struct dim_clause {
	const struct clause *clause;
	uint32_t rule;
	bool out;      /* it takes too much: left to be asked */
	double passes; /* the part of all flows that it lets through, about */
};

/* Guesses `passes` of clauses of one dimension.  0, or -1: no memory. */
int worth_weigh(struct dim_clause *, size_t n);
/* How many rules need not be asked, where so much of each is left to ask. */
double worth_gain(const struct dim_clause *, size_t n, const double *left);
bool worth_it(double gain, size_t rules);

/* Is there a dimension that the clause can be in? */
bool dim_takes(const struct clause *);
/* Orders by dimension. */
int dim_cmp(const struct clause *, const struct clause *);
/*
 * Of n clauses of the same; those that take too much are marked.  Not
 * RULESET_OK: there is nothing to clear.
 */
enum ruleset_err dim_make(struct dim *, struct rulesets *, struct dim_clause *,
    size_t n);
void dim_clear(struct dim *, struct rulesets *);

struct filter_index;

/*
 * Of the rules in their order, which stay; NULL if it would
 * be of no use.  0, or -1: no memory.
 */
int filter_index_new(struct rule *const *, const struct check *, size_t n,
    struct filter_index **);
void filter_index_free(struct filter_index *);
/* The first that matches, or n. */
size_t filter_index_find(const struct filter_index *, const struct flow *,
    struct calendar *);

/* Places at which a clause changes its mind. */
struct toggle {
	struct u128 at;
	uint32_t group; /* clauses that do so together */
};

struct toggles {
	struct toggle *t;
	size_t n, size;
};

/* Those of a clause, by family.  0, or -1: no memory. */
int toggles_of(const struct clause *, uint32_t group, struct toggles *v4,
    struct toggles *v6);
/* How many there may be. */
size_t toggles_count(const struct clause *);

#endif /* FILTER_INDEX_H */
