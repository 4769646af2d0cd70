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
 * What is counted of a group: sums and extremes, each a word of 64 bits that
 * begins as 0.  Quantities of the question are worked out of them.
 */

#ifndef MEASURE_H
#define MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "query/question.h"
#include "query/sheet.h"
#include "query/strip.h"

/*
 * Sums stop at 2^64 - 1.  Of the rest the greatest is kept: of ends, with the
 * sign turned so that they compare as unsigned; of starts their complement, so
 * that the first is the greatest.  0: none.
 */
enum measure {
	ME_FLOWS,
	ME_RECORDS,
	ME_PACKETS,
	ME_OCTETS,
	ME_REVERSE_PACKETS,
	ME_REVERSE_OCTETS,
	ME_START,
	ME_REVERSE_START, /* of both directions as one group */
	ME_END,
	ME_MAX,
	ME_SUMS = ME_START
};

#define MEASURE_NONE 255

struct measures {
	uint8_t at[ME_MAX]; /* which word, or MEASURE_NONE */
	unsigned int n;	    /* words: sums first */
	unsigned int nsums;
	bool both; /* directions are told apart */
	enum quantity show[Q_MAX];
	unsigned int nshow;
};

/* Of a batch. */
struct measure_cols {
	struct strip_col flows, packets, octets, reverse_packets,
	    reverse_octets, start, end;
	bool ones; /* all count as one flow */
};

static inline uint64_t
measure_add(uint64_t a, uint64_t b)
{
	return (a + b < a ? UINT64_MAX : a + b);
}

/* Folds n rows' words into one's. */
static inline void
measure_fold(const struct measures *m, uint64_t *to, const uint64_t *v)
{
	unsigned int i;

	for (i = 0; i < m->nsums; i++)
		to[i] = measure_add(to[i], v[i]);
	for (; i < m->n; i++)
		if (to[i] < v[i])
			to[i] = v[i];
}

/* both: the two directions of a key are one group. */
void measures_init(struct measures *, const struct question *, bool both);
void measures_needs(const struct measures *, struct flow_set *);

enum block_err measure_load(const struct measures *, struct measure_cols *,
    struct batch *);
/* v[word]: STRIP numbers each. */
void measure_strip(const struct measures *, const struct measure_cols *,
    const struct strip *, uint64_t *const *v);

/* A quantity of a group; false if it has none.  flip: the other way round. */
bool measure_quantity(const struct measures *, const uint64_t *v, enum quantity,
    bool flip, uint64_t *);
void measure_column(enum quantity, const struct totals *, bool share,
    struct sheet_column *);
void measure_cell(const struct measures *, const uint64_t *v, enum quantity,
    bool flip, struct cell *);

#endif /* MEASURE_H */
