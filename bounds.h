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
 * Sorted places at which something changes, and how many of them are not above
 * a value: what is true of an address or a number is an array with a member
 * for each such count.
 */

#ifndef BOUNDS_H
#define BOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "bytes.h"

/* More are none. */
#define BOUNDS_MAX ((size_t)1 << 30)

/* IPv4 addresses stand in the topmost 32 bits. */
struct u128 {
	uint64_t hi, lo;
};

struct bounds_node;

struct bounds {
	uint64_t *key;	 /* 64 bits of each, from bit `skip` on; then more */
	struct u128 *at; /* whole; NULL: the keys say all */
	size_t n;
	unsigned int skip;   /* bits that all of them share */
	uint64_t mask, head; /* which and what, of hi */
	uint32_t root;	     /* as a slot */
	uint32_t *slots;
	size_t nslots, slotsize;
	struct bounds_node *nodes;
	size_t nnodes, nodesize;
};

/*
 * Takes the sorted places, each once, which are freed on failure too.  0, or
 * -1: no memory, or too many.
 */
int bounds_make(struct bounds *, struct u128 *at, size_t n);
void bounds_clear(struct bounds *);
/* How many are not above it. */
size_t bounds_find(const struct bounds *, struct u128);

static inline struct u128
u128_of(const struct addr *a)
{
	struct u128 v;

	v.hi = a->family == ADDR_V4 ? (uint64_t)be32(a->b) << 32 : be64(a->b);
	v.lo = a->family == ADDR_V4 ? 0 : be64(a->b + 8);
	return (v);
}

int u128_cmp(struct u128, struct u128);
/* Ones in all but the first len bits. */
struct u128 u128_tail(unsigned int len);

#endif /* BOUNDS_H */
