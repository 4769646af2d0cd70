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
 * Distinct values of a column that is being gathered get codes: 0 is none, or
 * no bytes, the others in the order of their appearance.
 */

#ifndef INTERN_H
#define INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "archive/rows-state.h"

/* Bytes of texts, for all columns of some rows. */
struct arena {
	char *p;
	size_t size;
	size_t len;
};

#define INTERN_FULL UINT32_MAX

/* Hash table of a column, and what its rows have. */
struct rows_index {
	uint64_t seed;
	uint32_t most; /* values at most */
	uint32_t mask;
	bool none;	/* some row has code 0 */
	bool other;	/* some value is no IPv4 address */
	uint16_t last;	/* the code given out last */
	uint32_t *slot; /* 0: free; else 15 bits of hash, then code + 1 */
};

/* For so many rows.  0, or -1 for want of memory: the column is as it was. */
int intern_init(struct rows_column *, uint32_t rows, uint64_t seed);
void intern_clear(struct rows_column *);
void intern_free(struct rows_column *);

/* The code; INTERN_FULL if there is no room for a new value. */
uint32_t intern_addr(struct rows_column *, const struct addr *);
/* Of some, INTERN_MOST at most, none of them ADDR_NONE: how many got theirs. */
#define INTERN_MOST 32
uint32_t intern_addrs(struct rows_column *, const struct addr *, uint32_t n,
    uint16_t *codes);
uint32_t intern_bytes(struct rows_column *, struct arena *, struct flow_text);

static inline bool
intern_same_addr(const struct addr *a, const struct addr *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a->b, sizeof(x));
	memcpy(y, b->b, sizeof(y));
	return (a->family == b->family && x[0] == y[0] && x[1] == y[1]);
}

#endif /* INTERN_H */
