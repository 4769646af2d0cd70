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

#include <string.h>

#include "query/bitmap.h"

void
bitmap_fill(uint64_t *w, uint32_t rows)
{
	memset(w, 0xff, rows / 64 * sizeof(*w));
	if (rows % 64 != 0)
		w[rows / 64] = (UINT64_C(1) << rows % 64) - 1;
}

bool
bitmap_empty(const uint64_t *w, uint32_t words)
{
	uint32_t i;

	for (i = 0; i < words; i++)
		if (w[i] != 0)
			return (false);
	return (true);
}

uint32_t
bitmap_count(const uint64_t *w, uint32_t words)
{
	uint32_t i, n = 0;

	for (i = 0; i < words; i++)
		n += bitmap_weight(w[i]);
	return (n);
}

uint32_t
bitmap_rows(const uint64_t *w, uint32_t words, uint16_t *to)
{
	uint16_t *at = to;
	uint32_t i, j;
	uint64_t bits;

	for (i = 0; i < words; i++) {
		bits = w[i];
		if (bits == UINT64_MAX) {
			for (j = 0; j < 64; j++)
				at[j] = (uint16_t)(i * 64 + j);
			at += 64;
			continue;
		}
		for (; bits != 0; bits &= bits - 1)
			*at++ = (uint16_t)(i * 64 + bitmap_lowest(bits));
	}
	return ((uint32_t)(at - to));
}

void
bitmap_and(uint64_t *to, const uint64_t *a, const uint64_t *b, uint32_t words)
{
	uint32_t i;

	for (i = 0; i < words; i++)
		to[i] = a[i] & b[i];
}

void
bitmap_without(uint64_t *to, const uint64_t *a, const uint64_t *b,
    uint32_t words)
{
	uint32_t i;

	for (i = 0; i < words; i++)
		to[i] = a[i] & ~b[i];
}

void
bitmap_or(uint64_t *to, const uint64_t *a, const uint64_t *b, uint32_t words)
{
	uint32_t i;

	for (i = 0; i < words; i++)
		to[i] = a[i] | b[i];
}
