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
 * Groups from the inside: of group.c, aggregate.c and result.c.
 */

#ifndef GROUP_STATE_H
#define GROUP_STATE_H

#include <stdbool.h>

#include "query/consumer.h"
#include "query/gtable.h"
#include "query/keyer.h"
#include "query/measure.h"
#include "query/sheet.h"
#include "query/spill.h"

/* The two kinds of keys: a table each. */
enum { NARROW, WIDE, WIDTHS };

struct group {
	const struct question *q;
	struct sheet *sheet;
	struct keys keys;
	struct measures m;
	size_t budget;		 /* bytes of a worker; SIZE_MAX: any */
	struct worker **workers; /* that are done */
	size_t nworkers;
};

/*
 * Sums of few groups, by a number: rows of the measures, and how many flows
 * there were behind them.
 */
struct dense {
	uint64_t *acc;
	size_t words;
};

struct tight;

struct worker {
	const struct group *g;
	struct keyer *keyer;
	struct keycols cols[SIDES];
	struct keycols spread;
	struct measure_cols measures;
	struct strip_col start, end; /* of SPREAD_EVEN */
	uint64_t *v[ME_MAX];	     /* of a strip */
	uint64_t *v_some[ME_MAX];    /* of some rows of it */
	uint64_t *v_spread[ME_MAX];
	uint64_t **k, **k_turned; /* words of keys */
	uint64_t *memory;
	struct gtable table[WIDTHS];
	struct spill *spill[WIDTHS];
	struct dense dense[SIDES]; /* of a batch */
	struct dense direct;	   /* of all, by a key of 16 bits */
	struct tight *tight;
};

/* worker.c */
struct worker *worker_new(const struct group *);
void worker_free(struct worker *);
/* Of tables, and to sort them. */
size_t worker_bytes(const struct worker *);
/* The tables' rows go to files. */
const char *worker_spill(struct worker *);

/* aggregate.c */
const char *aggregate(struct worker *, struct batch *, const struct sel *);
/* Rows of keys and measures into the tables; which may be any of n rows. */
const char *aggregate_rows(struct worker *, int side, const struct keycols *,
    const struct strip *which, uint64_t *const *v);
/* What is in direct goes to the tables. */
const char *aggregate_end(struct worker *);
/*
 * Numbers of 16 bits that a batch has no dictionary of: it may have nearly as
 * many as flows, but all batches together have no more.
 */
bool worker_direct(const struct worker *);
/* Room for sums by such: 0, -1 no memory. */
int aggregate_direct(struct worker *);
/* Rows that count, as which; row is room for them. */
struct strip aggregate_counting(const uint8_t *counts, uint32_t n,
    uint16_t *row);

/* tight.c: a batch, if it is simple; done tells. */
const char *tight(struct worker *, const struct sel *, bool *done);
/* Its sums go to direct. */
const char *tight_end(struct worker *);
void tight_free(struct tight *);

/* spread.c */
enum block_err spread_load(struct worker *, struct batch *);
const char *spread_rows(struct worker *, const struct strip *);

/* result.c */
const char *group_result(struct group *, const struct totals *);

#endif /* GROUP_STATE_H */
