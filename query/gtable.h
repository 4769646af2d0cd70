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
 * Groups by their keys: rows of words, the key's and then what is counted, one
 * after the other in memory, and an index that is searched by a hash.
 */

#ifndef GTABLE_H
#define GTABLE_H

#include <stddef.h>
#include <stdint.h>

#include "query/measure.h"
#include "query/strip.h"

struct gtable {
	const struct measures *m;
	unsigned int nk;    /* words of a key */
	unsigned int width; /* of a row */
	uint64_t seed;
	uint64_t **chunk; /* of GTABLE_CHUNK rows */
	size_t n, nchunks;
	uint64_t *slots; /* upper half: of the hash; lower: row + 1, 0: free */
	unsigned int bits; /* of the hash that say which slot */
};

#define GTABLE_SHIFT 18
#define GTABLE_CHUNK ((size_t)1 << GTABLE_SHIFT)

void gtable_init(struct gtable *, unsigned int nk, const struct measures *);
/* Forgets the rows, and frees their memory. */
void gtable_clear(struct gtable *);
/* Rows stay, but no more come. */
void gtable_close(struct gtable *);

static inline uint64_t *
gtable_row(const struct gtable *t, size_t i)
{
	return (
	    t->chunk[i >> GTABLE_SHIFT] + (i & (GTABLE_CHUNK - 1)) * t->width);
}

/* Bytes it would have after so many rows more. */
size_t gtable_bytes(const struct gtable *, size_t more);

/*
 * n groups, STRIP at most: word w of key i is k[w][i], likewise v.  Equal keys
 * are folded.  0; -1: no memory.
 */
int gtable_add(struct gtable *, uint32_t n, uint64_t *const *k,
    uint64_t *const *v);
/* All rows of another of the same kind. */
int gtable_merge(struct gtable *, const struct gtable *);

#endif /* GTABLE_H */
