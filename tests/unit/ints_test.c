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
 * Rows of integers come back as they went in, at every width, and never touch
 * a byte that is not theirs.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "archive/ints.h"

#define MOST 1200

static const uint32_t counts[] = {1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 511,
    512, 513, 1000, MOST};
#define NCOUNTS (sizeof(counts) / sizeof(counts[0]))

static uint64_t
rnd(void)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (x);
}

/* The definition: value i is the bits from i * bits on. */
static uint64_t
bits_at(const uint8_t *p, unsigned int bits, uint32_t i)
{
	uint64_t v = 0;
	unsigned int b;
	size_t at;

	for (b = 0; b < bits; b++) {
		at = (size_t)i * bits + b;
		v |= (uint64_t)(p[at / 8] >> at % 8 & 1) << b;
	}
	return (v);
}

static uint64_t
planes_at(const uint8_t *p, unsigned int bits, uint32_t i, uint32_t n)
{
	uint64_t v = 0;
	unsigned int b;

	for (b = 0; b < bits; b += 8)
		v |= (uint64_t)p[b / 8 * n + i] << b;
	return (v);
}

static uint64_t v64[MOST];
static uint32_t v32[MOST];
static uint16_t v16[MOST];

static void
fill(unsigned int bits, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		v64[i] = bits == 0 ? 0 : rnd() >> (64 - bits);
		if (bits > 0 && i % 7 == 0)
			v64[i] = UINT64_MAX >> (64 - bits);
		v32[i] = (uint32_t)v64[i];
		v16[i] = (uint16_t)v64[i];
	}
}

/* In memory of just that size, so that a checker sees a step too far. */
static uint8_t *
exact(size_t size)
{
	uint8_t *p = malloc(size > 0 ? size : 1);

	assert_non_null(p);
	memset(p, 0xa5, size > 0 ? size : 1);
	return (p);
}

static void
check_bytes(const uint8_t *p, enum column_packing packing, unsigned int bits,
    uint32_t n)
{
	const size_t size = ints_size(packing, bits, n);
	uint32_t i;

	for (i = 0; i < n; i++)
		assert_true(v64[i] ==
		    (packing == CP_BITS ? bits_at(p, bits, i)
					: planes_at(p, bits, i, n)));
	/* what is left of the last byte is zero */
	if (packing == CP_BITS && (size_t)n * bits % 8 != 0)
		assert_int_equal(p[size - 1] >> (size_t)n * bits % 8, 0);
}

static void
there_and_back(enum column_packing packing, unsigned int bits, uint32_t n)
{
	const size_t size = ints_size(packing, bits, n);
	uint64_t g64[MOST];
	uint32_t g32[MOST];
	uint16_t g16[MOST];
	uint8_t *p = exact(size);

	fill(bits, n);
	ints_put64(p, packing, bits, v64, n);
	check_bytes(p, packing, bits, n);
	ints_get64(g64, p, packing, bits, n);
	assert_memory_equal(g64, v64, n * sizeof(*g64));
	if (bits <= 32) {
		memset(p, 0xa5, size);
		ints_put32(p, packing, bits, v32, n);
		check_bytes(p, packing, bits, n);
		ints_get32(g32, p, packing, bits, n);
		assert_memory_equal(g32, v32, n * sizeof(*g32));
	}
	if (bits <= 16) {
		memset(p, 0xa5, size);
		ints_put16(p, packing, bits, v16, n);
		check_bytes(p, packing, bits, n);
		ints_get16(g16, p, packing, bits, n);
		assert_memory_equal(g16, v16, n * sizeof(*g16));
	}
	free(p);
}

static void
every_width_comes_back_as_bits(void **state)
{
	unsigned int bits;
	size_t i;

	(void)state;
	for (bits = 0; bits <= 64; bits++)
		for (i = 0; i < NCOUNTS; i++)
			there_and_back(CP_BITS, bits, counts[i]);
}

static void
every_width_comes_back_as_planes(void **state)
{
	unsigned int bits;
	size_t i;

	(void)state;
	for (bits = 0; bits <= 64; bits += 8)
		for (i = 0; i < NCOUNTS; i++)
			there_and_back(CP_PLANES, bits, counts[i]);
}

/* As docs/store.md has it. */
static void
the_first_value_is_in_the_lowest_bits(void **state)
{
	static const uint16_t v[] = {1, 2, 0x7ff};
	uint8_t p[5];

	(void)state;
	ints_put16(p, CP_BITS, 11, v, 3);
	/* 00000000001, then 00000000010, then 11111111111, upwards */
	assert_int_equal(p[0], 0x01);
	assert_int_equal(p[1], 0x10);
	assert_int_equal(p[2], 0xc0);
	assert_int_equal(p[3], 0xff);
	assert_int_equal(p[4], 0x01);
	ints_put16(p, CP_PLANES, 16, v, 2);
	assert_memory_equal(p, "\1\2\0\0", 4);
}

static void
bits_needed_are_counted(void **state)
{
	(void)state;
	assert_int_equal(ints_bits(0), 0);
	assert_int_equal(ints_bits(1), 1);
	assert_int_equal(ints_bits(255), 8);
	assert_int_equal(ints_bits(256), 9);
	assert_int_equal(ints_bits(UINT64_MAX), 64);
	assert_int_equal(ints_size(CP_BITS, 13, 65536), 13 * 8192);
	assert_int_equal(ints_size(CP_BITS, 3, 3), 2);
	assert_int_equal(ints_size(CP_PLANES, 24, 3), 9);
	assert_int_equal(ints_size(CP_BITS, 0, 3), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_width_comes_back_as_bits),
	    cmocka_unit_test(every_width_comes_back_as_planes),
	    cmocka_unit_test(the_first_value_is_in_the_lowest_bits),
	    cmocka_unit_test(bits_needed_are_counted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
