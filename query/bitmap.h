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
 * Rows of a batch as bits: row i is bit i % 64 of word i / 64.  Bits behind the
 * last row are 0.
 */

#ifndef BITMAP_H
#define BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/block.h"

#define BITMAP_WORDS (BLOCK_FLOWS / 64)

static inline uint32_t
bitmap_words(uint32_t rows)
{
	return ((rows + 63) / 64);
}

static inline bool
bitmap_has(const uint64_t *w, uint32_t row)
{
	return (w[row / 64] >> row % 64 & 1);
}

/* The number of the lowest bit: there is one. */
static inline unsigned int
bitmap_lowest(uint64_t w)
{
	return ((unsigned int)__builtin_ctzll(w));
}

static inline unsigned int
bitmap_weight(uint64_t w)
{
	w -= w >> 1 & UINT64_C(0x5555555555555555);
	w = (w & UINT64_C(0x3333333333333333)) +
	    (w >> 2 & UINT64_C(0x3333333333333333));
	w = (w + (w >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return ((unsigned int)(w * UINT64_C(0x0101010101010101) >> 56));
}

/* 64 answers, each 0 or 1, as bits. */
static inline uint64_t
bitmap_pack(const uint8_t *t)
{
	uint64_t w = 0, x;
	unsigned int i;

	for (i = 0; i < 8; i++, t += 8) {
		x = (uint64_t)t[0] | (uint64_t)t[1] << 8 |
		    (uint64_t)t[2] << 16 | (uint64_t)t[3] << 24 |
		    (uint64_t)t[4] << 32 | (uint64_t)t[5] << 40 |
		    (uint64_t)t[6] << 48 | (uint64_t)t[7] << 56;
		/* Byte j goes to bit 56 + j, and none to the same. */
		w |= (x * UINT64_C(0x0102040810204080) >> 56) << i * 8;
	}
	return (w);
}

/* All of so many rows. */
void bitmap_fill(uint64_t *, uint32_t rows);
bool bitmap_empty(const uint64_t *, uint32_t words);
uint32_t bitmap_count(const uint64_t *, uint32_t words);
/* The rows in ascending order; room for 64 a word.  How many there are. */
uint32_t bitmap_rows(const uint64_t *, uint32_t words, uint16_t *);

/* to = a & b, a & ~b, a | b; to may be one of them */
void bitmap_and(uint64_t *to, const uint64_t *a, const uint64_t *b,
    uint32_t words);
void bitmap_without(uint64_t *to, const uint64_t *a, const uint64_t *b,
    uint32_t words);
void bitmap_or(uint64_t *to, const uint64_t *a, const uint64_t *b,
    uint32_t words);

#endif /* BITMAP_H */
