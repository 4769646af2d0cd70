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
 * The least and the greatest of many numbers, and their sum.
 */

#ifndef RANGE_H
#define RANGE_H

#include <stdint.h>

struct range {
	uint64_t min, max; /* of times: int64_t */
	uint64_t sum;
};

/* Of n numbers of 1, 2, 4 or 8 bytes, n > 0. */
struct range range_numbers(const void *, unsigned int width, uint32_t n);
uint64_t range_sum(const uint32_t *, uint32_t n);
/* Of numbers with a sign; no sum. */
struct range range_times(const int64_t *, uint32_t n);
/* Of a - b modulo 2^32, with a sign, which go to d. */
struct range range_between(int32_t *restrict d, const uint32_t *restrict a,
    const uint32_t *restrict b, uint32_t n);

#endif /* RANGE_H */
