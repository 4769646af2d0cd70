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
 * Sets of rules as rows of bits, each kept once.  A row of many is a list of
 * chunks, which rows share, and says first in which words of them a bit is set.
 */

#ifndef RULESET_H
#define RULESET_H

#include <stddef.h>
#include <stdint.h>

#define CHUNK_WORDS 8
#define CHUNK_BITS (CHUNK_WORDS * 64)
#define RULESETS_SIZE_MAX ((size_t)64 << 20) /* bytes */

struct chunk {
	uint64_t w[CHUNK_WORDS];
};

/* Numbers of what is known, by its hash. */
struct hashed {
	uint32_t *slots; /* number + 1 */
	size_t n, size;
};

/* What all rows of an index share. */
struct rulesets {
	size_t n;     /* bits of a row */
	size_t words; /* the same, in words */
	/*
	 * Chunks of a row, and words with a bit for each word of it that is not
	 * zero.  Up to 64 rules need no chunks: that word is the row.
	 */
	size_t nids, nsums;
	struct chunk *chunks;
	size_t nchunks, size;
	struct hashed hashed;
	size_t total; /* bytes, of the rows too */
};

/* Those of one dimension. */
struct rulerows {
	uint64_t *sums; /* nsums each */
	uint32_t *ids;	/* nids each */
	size_t n, size;
	struct hashed hashed;
};

/* RULESET_LARGE: they would take more than they may. */
enum ruleset_err { RULESET_OK, RULESET_NOMEM, RULESET_LARGE };

void rulesets_init(struct rulesets *, size_t n);
void rulesets_clear(struct rulesets *);
/* The number of a row of these bits. */
enum ruleset_err rulerows_put(struct rulesets *, struct rulerows *,
    const uint64_t *bits, uint32_t *id);
void rulerows_clear(struct rulesets *, struct rulerows *);

#endif /* RULESET_H */
