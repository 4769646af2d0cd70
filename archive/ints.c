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
 * Eight values of b bits are b bytes.  There is a function for each width, in
 * which all shifts are constants; a group reads or writes up to eight bytes
 * behind its own, so the last ones are done with care.
 */

#include <string.h>

#include "archive/ints.h"
#include "archive/le.h"

#define GROUP 8
#define NARROW 32 /* bits: wider ones are written without a function */
#define CHUNK 512 /* values that are narrowed at a time */

typedef void get16_fn(uint16_t *, const uint8_t *, size_t groups);
typedef void get32_fn(uint32_t *, const uint8_t *, size_t groups);
typedef void get64_fn(uint64_t *, const uint8_t *, size_t groups);
typedef void put16_fn(uint8_t *, const uint16_t *, size_t groups);
typedef void put32_fn(uint8_t *, const uint32_t *, size_t groups);

/* clang-format off */
/* A value of more than 57 bits may have some in a ninth byte. */
#define GET_ONE(i, b) \
	v = le64(p + (i) * (b) / 8) >> (i) * (b) % 8; \
	if ((i) * (b) % 8 + (b) > 64) \
		v |= (uint64_t)p[(i) * (b) / 8 + 8] << (64 - (i) * (b) % 8) % 64; \
	to[i] = v & (UINT64_MAX >> (64 - (b)))
#define GET_ALL(b) \
	GET_ONE(0, b); GET_ONE(1, b); GET_ONE(2, b); GET_ONE(3, b); \
	GET_ONE(4, b); GET_ONE(5, b); GET_ONE(6, b); GET_ONE(7, b)

#define PUT_ONE(i, b) \
	acc |= (uint64_t)v[i] << (i) * (b) % 64; \
	if ((i) * (b) % 64 + (b) >= 64) { \
		le64_put(p + (i) * (b) / 64 * 8, acc); \
		acc = (i) * (b) % 64 + (b) == 64 ? 0 : \
		    (uint64_t)v[i] >> (64 - (i) * (b) % 64) % 64; \
	}
#define PUT_ALL(b) \
	PUT_ONE(0, b) PUT_ONE(1, b) PUT_ONE(2, b) PUT_ONE(3, b) \
	PUT_ONE(4, b) PUT_ONE(5, b) PUT_ONE(6, b) PUT_ONE(7, b) \
	if (8 * (b) % 64 != 0) \
		le64_put(p + 8 * (b) / 64 * 8, acc)

#define GET_FN(bits, b) \
static void \
get##bits##_##b(uint##bits##_t *to, const uint8_t *p, size_t groups) \
{ \
	uint64_t v; \
\
	for (; groups > 0; groups--, p += (b), to += GROUP) { \
		GET_ALL(b); \
	} \
}
#define PUT_FN(bits, b) \
static void \
put##bits##_##b(uint8_t *p, const uint##bits##_t *v, size_t groups) \
{ \
	uint64_t acc; \
\
	for (; groups > 0; groups--, p += (b), v += GROUP) { \
		acc = 0; \
		PUT_ALL(b); \
	} \
}
#define BOTH(bits, b) GET_FN(bits, b) PUT_FN(bits, b)

#define LOW(X, bits) \
	X(bits, 1) X(bits, 2) X(bits, 3) X(bits, 4) \
	X(bits, 5) X(bits, 6) X(bits, 7) X(bits, 8) \
	X(bits, 9) X(bits, 10) X(bits, 11) X(bits, 12) \
	X(bits, 13) X(bits, 14) X(bits, 15) X(bits, 16)
#define HIGH(X, bits) \
	X(bits, 17) X(bits, 18) X(bits, 19) X(bits, 20) \
	X(bits, 21) X(bits, 22) X(bits, 23) X(bits, 24) \
	X(bits, 25) X(bits, 26) X(bits, 27) X(bits, 28) \
	X(bits, 29) X(bits, 30) X(bits, 31) X(bits, 32)
#define WIDE(X, bits) \
	X(bits, 33) X(bits, 34) X(bits, 35) X(bits, 36) \
	X(bits, 37) X(bits, 38) X(bits, 39) X(bits, 40) \
	X(bits, 41) X(bits, 42) X(bits, 43) X(bits, 44) \
	X(bits, 45) X(bits, 46) X(bits, 47) X(bits, 48) \
	X(bits, 49) X(bits, 50) X(bits, 51) X(bits, 52) \
	X(bits, 53) X(bits, 54) X(bits, 55) X(bits, 56) \
	X(bits, 57) X(bits, 58) X(bits, 59) X(bits, 60) \
	X(bits, 61) X(bits, 62) X(bits, 63) X(bits, 64)

LOW(BOTH, 16)
LOW(BOTH, 32)
HIGH(BOTH, 32)
LOW(GET_FN, 64)
HIGH(GET_FN, 64)
WIDE(GET_FN, 64)

#define GET_NAME(bits, b) get##bits##_##b,
#define PUT_NAME(bits, b) put##bits##_##b,
static get16_fn *const get16[] = {NULL, LOW(GET_NAME, 16)};
static put16_fn *const put16[] = {NULL, LOW(PUT_NAME, 16)};
static get32_fn *const get32[] = {NULL, LOW(GET_NAME, 32) HIGH(GET_NAME, 32)};
static get64_fn *const get64[] = {NULL, LOW(GET_NAME, 64) HIGH(GET_NAME, 64)
    WIDE(GET_NAME, 64)};
static put32_fn *const put32[] = {NULL, LOW(PUT_NAME, 32) HIGH(PUT_NAME, 32)};
/* clang-format on */

size_t
ints_size(enum column_packing packing, unsigned int bits, uint32_t n)
{
	if (packing == CP_PLANES)
		return ((size_t)n * (bits / 8));
	return (((size_t)n * bits + 7) / 8);
}

unsigned int
ints_bits(uint64_t v)
{
	return (v == 0 ? 0 : 64 - (unsigned int)__builtin_clzll(v));
}

/* How many whole groups can be done in one go, each taking so many bytes. */
static size_t
groups_of(uint32_t n, size_t size, unsigned int bits, size_t takes)
{
	size_t most = size < takes ? 0 : (size - takes) / bits + 1;

	return (most < n / GROUP ? most : n / GROUP);
}

static size_t
groups_to_get(uint32_t n, unsigned int bits)
{
	return (
	    groups_of(n, ints_size(CP_BITS, bits, n), bits, 7 * bits / 8 + 9));
}

static size_t
groups_to_put(uint32_t n, unsigned int bits)
{
	return (groups_of(n, ints_size(CP_BITS, bits, n), bits,
	    (bits + 7) / 8 * 8));
}

/* Value i of those that have size bytes. */
static uint64_t
get_one(const uint8_t *p, size_t size, unsigned int bits, size_t i)
{
	uint8_t b[9] = {0};
	const size_t at = i * bits / 8;
	const unsigned int shift = i * bits % 8;
	uint64_t v;

	memcpy(b, p + at, size - at < sizeof(b) ? size - at : sizeof(b));
	v = le64(b) >> shift;
	if (shift + bits > 64)
		v |= (uint64_t)b[8] << (64 - shift);
	return (bits < 64 ? v & ((UINT64_C(1) << bits) - 1) : v);
}

/* Into bytes that are zero. */
static void
put_one(uint8_t *p, unsigned int bits, size_t i, uint64_t v)
{
	unsigned int shift = i * bits % 8;

	for (p += i * bits / 8; bits > 0; p++) {
		*p |= (uint8_t)(v << shift);
		v >>= 8 - shift;
		bits -= bits < 8 - shift ? bits : 8 - shift;
		shift = 0;
	}
}

/*
 * Planes are put together sixteen values at a time: compilers make vectors of
 * a loop whose count they know.
 */
#define STEP 16
#define EACH(i, n, one)                                       \
	do {                                                  \
		size_t i, at_, k_;                            \
		for (at_ = 0; at_ + STEP <= (n); at_ += STEP) \
			for (k_ = 0; k_ < STEP; k_++) {       \
				i = at_ + k_;                 \
				one;                          \
			}                                     \
		for (i = at_; i < (n); i++)                   \
			one;                                  \
	} while (0)

static void
planes16(uint16_t *restrict to, const uint8_t *restrict p, size_t stride,
    unsigned int bits, uint32_t n)
{
	if (bits == 8)
		EACH(i, n, to[i] = p[i]);
	else
		EACH(i, n, to[i] = (uint16_t)(p[i] | p[stride + i] << 8));
}

static void
planes32(uint32_t *restrict to, const uint8_t *restrict p, size_t stride,
    unsigned int bits, uint32_t n)
{
	unsigned int shift = 16;

	if (bits == 8)
		EACH(i, n, to[i] = p[i]);
	else
		EACH(i, n, to[i] = p[i] | (uint32_t)p[stride + i] << 8);
	for (p += 2 * stride; shift < bits; shift += 8, p += stride)
		EACH(i, n, to[i] |= (uint32_t)p[i] << shift);
}

void
ints_planes64(uint64_t *restrict to, const uint8_t *restrict p, size_t stride,
    unsigned int bits, uint32_t n)
{
	unsigned int shift = 16;

	if (bits == 0)
		memset(to, 0, n * sizeof(*to));
	else if (bits == 8)
		EACH(i, n, to[i] = p[i]);
	else
		EACH(i, n, to[i] = p[i] | (uint64_t)p[stride + i] << 8);
	for (p += 2 * stride; shift < bits; shift += 8, p += stride)
		EACH(i, n, to[i] |= (uint64_t)p[i] << shift);
}

/* So many at a time that they stay in the cache from plane to plane. */
#define PLANES_GET(planes)                                          \
	do {                                                        \
		uint32_t k_, left_ = n;                             \
		for (; left_ > 0; left_ -= k_, to += k_, p += k_) { \
			k_ = left_ < CHUNK ? left_ : CHUNK;         \
			planes(to, p, n, bits, k_);                 \
		}                                                   \
	} while (0)

void
ints_get16(uint16_t *to, const uint8_t *p, enum column_packing packing,
    unsigned int bits, uint32_t n)
{
	const size_t size = ints_size(packing, bits, n);
	size_t i;

	if (bits == 0)
		memset(to, 0, n * sizeof(*to));
	else if (packing == CP_PLANES)
		PLANES_GET(planes16);
	else {
		i = groups_to_get(n, bits);
		get16[bits](to, p, i);
		for (i *= GROUP; i < n; i++)
			to[i] = (uint16_t)get_one(p, size, bits, i);
	}
}

void
ints_get32(uint32_t *to, const uint8_t *p, enum column_packing packing,
    unsigned int bits, uint32_t n)
{
	const size_t size = ints_size(packing, bits, n);
	size_t i;

	if (bits == 0)
		memset(to, 0, n * sizeof(*to));
	else if (packing == CP_PLANES)
		PLANES_GET(planes32);
	else {
		i = groups_to_get(n, bits);
		get32[bits](to, p, i);
		for (i *= GROUP; i < n; i++)
			to[i] = (uint32_t)get_one(p, size, bits, i);
	}
}

void
ints_part64(uint64_t *to, const uint8_t *p, size_t size, unsigned int bits,
    uint32_t n)
{
	size_t i = 0;

	if (bits == 0) {
		memset(to, 0, n * sizeof(*to));
		return;
	}
	i = groups_of(n, size, bits, 7 * bits / 8 + 9);
	get64[bits](to, p, i);
	for (i *= GROUP; i < n; i++)
		to[i] = get_one(p, size, bits, i);
}

void
ints_get64(uint64_t *to, const uint8_t *p, enum column_packing packing,
    unsigned int bits, uint32_t n)
{
	const size_t size = ints_size(packing, bits, n);

	if (bits == 0)
		memset(to, 0, n * sizeof(*to));
	else if (packing == CP_PLANES)
		PLANES_GET(ints_planes64);
	else
		ints_part64(to, p, size, bits, n);
}

#define PLANES_PUT                                                 \
	do {                                                       \
		for (shift = 0; shift < bits; shift += 8, to += n) \
			for (i = 0; i < n; i++)                    \
				to[i] = (uint8_t)(v[i] >> shift);  \
	} while (0)

#define BITS_PUT(put)                                                \
	do {                                                         \
		size = ints_size(CP_BITS, bits, n);                  \
		groups = groups_to_put(n, bits);                     \
		put[bits](to, v, groups);                            \
		memset(to + groups * bits, 0, size - groups * bits); \
		for (i = (uint32_t)groups * GROUP; i < n; i++)       \
			put_one(to, bits, i, v[i]);                  \
	} while (0)

void
ints_put16(uint8_t *to, enum column_packing packing, unsigned int bits,
    const uint16_t *v, uint32_t n)
{
	unsigned int shift;
	size_t size, groups;
	uint32_t i;

	if (packing == CP_PLANES)
		PLANES_PUT;
	else if (bits > 0)
		BITS_PUT(put16);
}

void
ints_put32(uint8_t *to, enum column_packing packing, unsigned int bits,
    const uint32_t *v, uint32_t n)
{
	unsigned int shift;
	size_t size, groups;
	uint32_t i;

	if (packing == CP_PLANES)
		PLANES_PUT;
	else if (bits > 0)
		BITS_PUT(put32);
}

static void
wide_put(uint8_t *to, unsigned int bits, const uint64_t *v, uint32_t n)
{
	uint64_t acc = 0;
	unsigned int fill = 0, left;
	uint32_t i;

	for (i = 0; i < n; i++) {
		acc |= v[i] << fill;
		if (fill + bits < 64) {
			fill += bits;
			continue;
		}
		le64_put(to, acc);
		to += 8;
		left = fill + bits - 64;
		acc = left > 0 ? v[i] >> (bits - left) : 0;
		fill = left;
	}
	for (; fill > 0; fill -= fill < 8 ? fill : 8, acc >>= 8)
		*to++ = (uint8_t)acc;
}

void
ints_put64(uint8_t *to, enum column_packing packing, unsigned int bits,
    const uint64_t *v, uint32_t n)
{
	uint32_t half[CHUNK], i, k;
	unsigned int shift;

	if (packing == CP_PLANES) {
		PLANES_PUT;
	} else if (bits > NARROW) {
		wide_put(to, bits, v, n);
	} else if (bits > 0) {
		for (; n > 0; n -= k, v += k, to += k / GROUP * bits) {
			k = n < CHUNK ? n : CHUNK;
			for (i = 0; i < k; i++)
				half[i] = (uint32_t)v[i];
			ints_put32(to, CP_BITS, bits, half, k);
		}
	}
}
