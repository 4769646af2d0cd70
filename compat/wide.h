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
 * Products of 128 bits, where the compiler has them and where it has not.
 */

#ifndef WIDE_H
#define WIDE_H

#include <stdint.h>

struct wide {
	uint64_t lo;
	uint64_t hi;
};

#ifdef __SIZEOF_INT128__
static inline struct wide
wide_mul(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return ((struct wide){(uint64_t)m, (uint64_t)(m >> 64)});
}
#else
static inline struct wide
wide_mul(uint64_t a, uint64_t b)
{
	uint64_t al = (uint32_t)a, ah = a >> 32;
	uint64_t bl = (uint32_t)b, bh = b >> 32;
	uint64_t ll = al * bl, lh = al * bh, hl = ah * bl;
	uint64_t mid = (ll >> 32) + (uint32_t)lh + (uint32_t)hl;

	return ((struct wide){mid << 32 | (uint32_t)ll,
	    ah * bh + (lh >> 32) + (hl >> 32) + (mid >> 32)});
}
#endif

/* Modulo 2^128. */
static inline struct wide
wide_add(struct wide a, struct wide b)
{
	uint64_t lo = a.lo + b.lo;

	return ((struct wide){lo, a.hi + b.hi + (lo < a.lo)});
}

#endif /* WIDE_H */
