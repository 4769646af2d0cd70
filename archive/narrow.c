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
 * There is a loop for each pair of widths, in chunks whose count compilers
 * know, so that they unroll it or make vectors of it.  Of 3, 5, 6 and 7 bytes
 * each store writes some of the next number's place, which the next one covers.
 */

#include <string.h>

#include "archive/le.h"
#include "archive/narrow.h"

#define CHUNK 64

typedef void narrow_fn(uint8_t *restrict, const void *restrict, uint32_t,
    uint64_t);

static inline void
le8_put(uint8_t *p, uint8_t v)
{
	*p = v;
}

/* clang-format off */
#define NARROW_FN(width, bytes, store) \
static void \
narrow##width##_##bytes(uint8_t *restrict to, const void *restrict from, \
    uint32_t n, uint64_t base) \
{ \
	const uint##width##_t *v = from; \
	const uint##width##_t less = (uint##width##_t)base; \
	uint32_t i; \
\
	for (; n >= CHUNK; n -= CHUNK, v += CHUNK, to += CHUNK * (bytes)) \
		for (i = 0; i < CHUNK; i++) \
			le##store##_put(to + (size_t)i * (bytes), \
			    (uint##store##_t)(v[i] - less)); \
	for (i = 0; i < n; i++) \
		le##store##_put(to + (size_t)i * (bytes), \
		    (uint##store##_t)(v[i] - less)); \
}

NARROW_FN(8, 1, 8)
NARROW_FN(16, 1, 8)
NARROW_FN(16, 2, 16)
NARROW_FN(32, 1, 8)
NARROW_FN(32, 2, 16)
NARROW_FN(32, 3, 32)
NARROW_FN(32, 4, 32)
NARROW_FN(64, 1, 8)
NARROW_FN(64, 2, 16)
NARROW_FN(64, 3, 32)
NARROW_FN(64, 4, 32)
NARROW_FN(64, 5, 64)
NARROW_FN(64, 6, 64)
NARROW_FN(64, 7, 64)
NARROW_FN(64, 8, 64)

static narrow_fn *const narrow[4][9] = {
	{NULL, narrow8_1},
	{NULL, narrow16_1, narrow16_2},
	{NULL, narrow32_1, narrow32_2, narrow32_3, narrow32_4},
	{NULL, narrow64_1, narrow64_2, narrow64_3, narrow64_4, narrow64_5,
	    narrow64_6, narrow64_7, narrow64_8},
};
/* clang-format on */

void
narrow_put(uint8_t *restrict to, unsigned int bytes, const void *restrict v,
    unsigned int width, uint32_t n, uint64_t base)
{
	if (width == bytes && base == 0 && !LE_SWAP)
		memcpy(to, v, (size_t)n * bytes);
	else
		narrow[__builtin_ctz(width)][bytes](to, v, n, base);
}
