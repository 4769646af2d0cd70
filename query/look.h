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
 * A batch that is looked at: between select.c, who has which rows, and those
 * who narrow them down (look.c, select-clause.c), and nobody else.
 */

#ifndef LOOK_H
#define LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/batch.h"
#include "query/bitmap.h"
#include "rule.h"

#define LOOK_SECONDS 512 /* whose local time is kept */

enum presence { PRESENT_UNKNOWN, PRESENT_NONE, PRESENT_SOME, PRESENT_ALL };

struct look {
	struct batch *batch;
	uint32_t n;			/* rows */
	uint32_t words;			/* of a bitmap of them */
	uint8_t presence[FLOW_NFIELDS]; /* enum presence */
	uint64_t *present[FLOW_NFIELDS];
	bool ports_known;
	uint64_t ports[BITMAP_WORDS]; /* of protocols that have ports */
	uint8_t answers[BLOCK_FLOWS]; /* for the values of a dictionary */
	struct calendar seconds[LOOK_SECONDS];
};

/*
 * What is asked of a value.  Of numbers either a range or a function; of
 * addresses and bytes a function gets a value of the dictionary.
 */
struct test {
	bool negated;
	bool ranged;
	uint64_t lo, span;    /* v - lo <= span */
	const uint64_t *bits; /* of the numbers below 65536; or NULL */
	bool (*number)(const struct test *, uint64_t);
	bool (*value)(const struct test *, const struct vec *, uint32_t);
	/* all values of the dictionary, each 0 or 1; or NULL */
	void (*values)(const struct test *, const struct vec *, uint8_t *);
	/* for the functions */
	const struct clause *clause;
	const uint8_t *table;
	struct look *look;
	const uint8_t *answers; /* of a dictionary, while it is asked */
};

static inline bool
test_number(const struct test *t, uint64_t v)
{
	return (t->ranged ? v - t->lo <= t->span : t->number(t, v));
}

/* NULL for want of memory. */
struct look *look_new(void);
void look_free(struct look *);
void look_begin(struct look *, struct batch *);
/* Other flows have the field than had it. */
void look_forget(struct look *, enum flow_field);

/* Who has a field: *p is a bitmap of PRESENT_SOME. */
enum block_err look_present(struct look *, enum flow_field, enum presence *,
    const uint64_t **p);

/*
 * Of the rows of `from` those whose value stands the test; absent ones have 0,
 * no address, no bytes.  `to` may be the same.
 */
enum block_err look_column(struct look *, unsigned int id, const struct test *,
    const uint64_t *from, uint64_t *to);
/* The same of a column at hand. */
void look_values(struct look *, const struct vec *, const struct test *,
    const uint64_t *from, uint64_t *to);
/* Those who have the field and stand the test; negated: and all others. */
enum block_err look_field(struct look *, enum flow_field, const struct test *,
    const uint64_t *from, uint64_t *to);

/* A clause of a rule, behind others. */
struct step {
	const struct clause *clause;
	/* They leave only protocols that have ports; of flags: only TCP. */
	bool protocol_known;
};

/* select-clause.c: of the rows of `from` those that the clause matches. */
enum block_err clause_rows(struct look *, const struct step *,
    const uint64_t *from, uint64_t *to);
/*
 * From first to last, ns, both in, are the dates of the clause.  False if
 * there are none.
 */
bool clause_dates(const struct clause *, int64_t *first, int64_t *last);

#endif /* LOOK_H */
