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
 * Compilers make vectors of a loop whose count they know, so most is done in
 * chunks; a sum of as many numbers fits the next type.
 */

#include "archive/range.h"

#define CHUNK 256

#define LEAST(min, v) (min) = (v) < (min) ? (v) : (min)
#define GREATEST(max, v) (max) = (v) > (max) ? (v) : (max)

/* clang-format off */
#define RANGE_FN(bits, part) \
static struct range \
range##bits(const uint##bits##_t *v, uint32_t n) \
{ \
	uint##bits##_t min = *v, max = *v; \
	uint64_t sum = 0; \
	uint32_t i; \
	part some; \
\
	for (; n >= CHUNK; n -= CHUNK, v += CHUNK) { \
		for (some = 0, i = 0; i < CHUNK; i++) { \
			LEAST(min, v[i]); \
			GREATEST(max, v[i]); \
			some = (part)(some + v[i]); \
		} \
		sum += some; \
	} \
	for (i = 0; i < n; i++) { \
		LEAST(min, v[i]); \
		GREATEST(max, v[i]); \
		sum += v[i]; \
	} \
	return ((struct range){min, max, sum}); \
}
/* clang-format on */

RANGE_FN(8, uint16_t)
RANGE_FN(16, uint32_t)

#define SIGN UINT32_C(0x80000000)

/* Vectors compare 32 bits with a sign only: it is turned around. */
static struct range
range32(const uint32_t *v, uint32_t n)
{
	int32_t min = INT32_MAX, max = INT32_MIN, x;
	uint64_t sum = 0;
	uint32_t i;

	for (; n >= CHUNK; n -= CHUNK, v += CHUNK)
		for (i = 0; i < CHUNK; i++) {
			x = (int32_t)(v[i] ^ SIGN);
			LEAST(min, x);
			GREATEST(max, x);
			sum += v[i];
		}
	for (i = 0; i < n; i++) {
		x = (int32_t)(v[i] ^ SIGN);
		LEAST(min, x);
		GREATEST(max, x);
		sum += v[i];
	}
	return (
	    (struct range){(uint32_t)min ^ SIGN, (uint32_t)max ^ SIGN, sum});
}

static struct range
range64(const uint64_t *v, uint32_t n)
{
	uint64_t min = *v, max = *v, sum = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		LEAST(min, v[i]);
		GREATEST(max, v[i]);
		sum += v[i];
	}
	return ((struct range){min, max, sum});
}

/* Counters of 64 bits that need no more than 32; *wide is 0 then. */
static struct range
range_low(const uint64_t *v, uint32_t n, uint64_t *wide)
{
	int32_t min = INT32_MAX, max = INT32_MIN, x;
	uint64_t sum = 0, any = 0;
	uint32_t i;

	for (; n >= CHUNK; n -= CHUNK, v += CHUNK)
		for (i = 0; i < CHUNK; i++) {
			x = (int32_t)((uint32_t)v[i] ^ SIGN);
			LEAST(min, x);
			GREATEST(max, x);
			any |= v[i];
			sum += v[i];
		}
	for (i = 0; i < n; i++) {
		x = (int32_t)((uint32_t)v[i] ^ SIGN);
		LEAST(min, x);
		GREATEST(max, x);
		any |= v[i];
		sum += v[i];
	}
	*wide = any >> 32;
	return (
	    (struct range){(uint32_t)min ^ SIGN, (uint32_t)max ^ SIGN, sum});
}

struct range
range_numbers(const void *v, unsigned int width, uint32_t n)
{
	struct range g;
	uint64_t wide;

	if (width == 1)
		return (range8(v, n));
	if (width == 2)
		return (range16(v, n));
	if (width == 4)
		return (range32(v, n));
	g = range_low(v, n, &wide);
	return (wide == 0 ? g : range64(v, n));
}

struct range
range_times(const int64_t *v, uint32_t n)
{
	int64_t min = *v, max = *v;
	uint32_t i;

	for (i = 0; i < n; i++) {
		LEAST(min, v[i]);
		GREATEST(max, v[i]);
	}
	return ((struct range){(uint64_t)min, (uint64_t)max, 0});
}

struct range
range_between(int32_t *restrict d, const uint32_t *restrict a,
    const uint32_t *restrict b, uint32_t n)
{
	int32_t min = INT32_MAX, max = INT32_MIN;
	uint32_t i;

	for (; n >= CHUNK; n -= CHUNK, d += CHUNK, a += CHUNK, b += CHUNK)
		for (i = 0; i < CHUNK; i++) {
			d[i] = (int32_t)(a[i] - b[i]);
			LEAST(min, d[i]);
			GREATEST(max, d[i]);
		}
	for (i = 0; i < n; i++) {
		d[i] = (int32_t)(a[i] - b[i]);
		LEAST(min, d[i]);
		GREATEST(max, d[i]);
	}
	return ((struct range){(uint64_t)min, (uint64_t)max, 0});
}
