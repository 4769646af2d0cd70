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

/*
 * Of wider numbers vectors have no least and greatest: so a chunk is only asked
 * whether all of it lies within what was found, and looked at once more if
 * not.  That is rare after the first chunks.
 */
#define SIGN UINT32_C(0x80000000)

/* clang-format off */
#define WIDEN_FN(bits) \
static void \
widen##bits(struct range *g, const uint##bits##_t *v, uint32_t n) \
{ \
	uint##bits##_t min = (uint##bits##_t)g->min; \
	uint##bits##_t max = (uint##bits##_t)g->max; \
	uint32_t i; \
\
	for (i = 0; i < n; i++) { \
		LEAST(min, v[i]); \
		GREATEST(max, v[i]); \
	} \
	g->min = min; \
	g->max = max; \
}
/* clang-format on */

WIDEN_FN(32)
WIDEN_FN(64)

static struct range
range32(const uint32_t *v, uint32_t n)
{
	struct range g = {*v, *v, 0};
	uint32_t i, min;
	int32_t span, out;
	uint64_t sum;

	for (; n >= CHUNK; n -= CHUNK, v += CHUNK) {
		/* Vectors compare with a sign only: it is turned around. */
		min = (uint32_t)g.min + SIGN;
		span = (int32_t)((uint32_t)(g.max - g.min) - SIGN);
		for (sum = 0, out = 0, i = 0; i < CHUNK; i++) {
			out |= -((int32_t)(v[i] - min) > span);
			sum += v[i];
		}
		g.sum += sum;
		if (out != 0)
			widen32(&g, v, CHUNK);
	}
	widen32(&g, v, n);
	for (i = 0; i < n; i++)
		g.sum += v[i];
	return (g);
}

static struct range
range64(const uint64_t *v, uint32_t n)
{
	struct range g = {*v, *v, 0};
	uint64_t min, sum, far, from;
	uint32_t i;
	int32_t span, out;

	for (; n >= CHUNK; n -= CHUNK, v += CHUNK) {
		min = g.min;
		/* A span of more than 32 bits is cut short. */
		span = g.max - min < UINT32_MAX
		    ? (int32_t)((uint32_t)(g.max - min) ^ SIGN)
		    : INT32_MAX;
		for (sum = far = 0, out = 0, i = 0; i < CHUNK; i++) {
			from = v[i] - min;
			out |= -((int32_t)((uint32_t)from ^ SIGN) > span);
			far |= from;
			sum += v[i];
		}
		g.sum += sum;
		if (out != 0 || far >> 32 != 0)
			widen64(&g, v, CHUNK);
	}
	widen64(&g, v, n);
	for (i = 0; i < n; i++)
		g.sum += v[i];
	return (g);
}

struct range
range_numbers(const void *v, unsigned int width, uint32_t n)
{
	if (width == 1)
		return (range8(v, n));
	if (width == 2)
		return (range16(v, n));
	return (width == 4 ? range32(v, n) : range64(v, n));
}

uint64_t
range_sum(const uint32_t *v, uint32_t n)
{
	uint64_t sum = 0;
	uint32_t i;

	for (; n >= CHUNK; n -= CHUNK, v += CHUNK)
		for (i = 0; i < CHUNK; i++)
			sum += v[i];
	for (i = 0; i < n; i++)
		sum += v[i];
	return (sum);
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
