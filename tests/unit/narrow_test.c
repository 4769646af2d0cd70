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

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "archive/narrow.h"
#include "archive/range.h"

#define MOST 1500
#define MARK 0xa5

static const unsigned int widths[] = {1, 2, 4, 8};
static const uint32_t counts[] = {1, 2, 3, 63, 64, 65, 255, 256, 257, 511, 512,
    600, 1024, 1025, 1499};

static uint64_t
any(void)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (x);
}

/* Number i of those in memory. */
static uint64_t
number(const void *v, unsigned int width, uint32_t i)
{
	if (width == 1)
		return (((const uint8_t *)v)[i]);
	if (width == 2)
		return (((const uint16_t *)v)[i]);
	return (
	    width == 4 ? ((const uint32_t *)v)[i] : ((const uint64_t *)v)[i]);
}

static void
set_number(void *v, unsigned int width, uint32_t i, uint64_t x)
{
	if (width == 1)
		((uint8_t *)v)[i] = (uint8_t)x;
	else if (width == 2)
		((uint16_t *)v)[i] = (uint16_t)x;
	else if (width == 4)
		((uint32_t *)v)[i] = (uint32_t)x;
	else
		((uint64_t *)v)[i] = x;
}

/* Wide ones, small ones, those around a sign bit, growing ones, one far off. */
static void
fill(void *v, unsigned int width, uint32_t n, unsigned int how)
{
	const uint64_t top = UINT64_C(1) << (width * 8 - 1);
	uint64_t x;
	uint32_t i;

	for (i = 0; i < n; i++) {
		x = any();
		if (how == 1)
			x %= 10;
		else if (how == 2)
			x = top - 3 + x % 6;
		else if (how == 3)
			x = i * 3;
		else if (how == 4)
			x = UINT64_C(0xffffffff) - 2 + x % 5;
		else if (how == 5)
			x = i == n / 2 ? top : top + 7;
		else if (how == 6)
			x = i == n - 1 ? UINT64_MAX : 0;
		set_number(v, width, i, x);
	}
}

static void
same_range(const void *v, unsigned int width, uint32_t n)
{
	struct range g = range_numbers(v, width, n);
	uint64_t min = UINT64_MAX, max = 0, sum = 0, x;
	uint32_t i;

	for (i = 0; i < n; i++) {
		x = number(v, width, i);
		min = x < min ? x : min;
		max = x > max ? x : max;
		sum += x;
	}
	assert_true(g.min == min);
	assert_true(g.max == max);
	assert_true(g.sum == sum);
	if (width == 4)
		assert_true(range_sum(v, n) == sum);
}

static void
least_greatest_and_sum_are_exact(void **state)
{
	static uint64_t v[MOST];
	unsigned int how;
	size_t w, c;

	(void)state;
	for (w = 0; w < 4; w++)
		for (c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
			for (how = 0; how < 7; how++) {
				fill(v, widths[w], counts[c], how);
				same_range(v, widths[w], counts[c]);
			}
}

/* A sum of bytes that are all 255 fits no 16 bits. */
static void
a_sum_of_the_greatest_is_exact(void **state)
{
	static uint64_t v[MOST];

	(void)state;
	memset(v, 0xff, sizeof(v));
	assert_true(range_numbers(v, 1, MOST).sum == UINT64_C(255) * MOST);
	assert_true(range_numbers(v, 2, MOST).sum == UINT64_C(65535) * MOST);
	assert_true(
	    range_numbers(v, 4, MOST).sum == UINT64_C(0xffffffff) * MOST);
	assert_true(range_numbers(v, 8, MOST).sum == -(uint64_t)MOST);
}

static void
times_are_compared_with_their_sign(void **state)
{
	static int64_t v[MOST];
	struct range g;
	uint32_t i;

	(void)state;
	for (i = 0; i < MOST; i++)
		v[i] = (int64_t)i - 700;
	v[1234] = INT64_MIN;
	v[99] = INT64_MAX;
	g = range_times(v, MOST);
	assert_true((int64_t)g.min == INT64_MIN);
	assert_true((int64_t)g.max == INT64_MAX);
	g = range_times(v, 50);
	assert_true((int64_t)g.min == -700);
	assert_true((int64_t)g.max == -651);
}

static void
distances_are_exact(void **state)
{
	static uint32_t a[MOST], b[MOST];
	static int32_t d[MOST];
	struct range g;
	uint32_t i, n;
	int64_t min, max;
	size_t c;

	(void)state;
	for (c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		n = counts[c];
		min = INT64_MAX;
		max = INT64_MIN;
		for (i = 0; i < n; i++) {
			a[i] = (uint32_t)any();
			b[i] = a[i] + (uint32_t)(any() % 100000) - 50000;
			if ((int64_t)(int32_t)(a[i] - b[i]) < min)
				min = (int32_t)(a[i] - b[i]);
			if ((int64_t)(int32_t)(a[i] - b[i]) > max)
				max = (int32_t)(a[i] - b[i]);
		}
		g = range_between(d, a, b, n);
		assert_true((int64_t)g.min == min && (int64_t)g.max == max);
		for (i = 0; i < n; i++)
			assert_int_equal((uint32_t)d[i] + b[i], a[i]);
	}
}

static void
same_bytes(const void *v, unsigned int width, uint32_t n, unsigned int bytes)
{
	static uint8_t to[MOST * 8 + NARROW_SLACK + 1];
	const uint64_t base = any() >> any() % 64;
	const size_t len = (size_t)n * bytes;
	uint64_t want;
	unsigned int k;
	uint32_t i;

	memset(to, MARK, sizeof(to));
	narrow_put(to, bytes, v, width, n, base);
	for (i = 0; i < n; i++) {
		want = number(v, width, i) - base;
		for (k = 0; k < bytes; k++, want >>= 8)
			assert_int_equal(to[(size_t)i * bytes + k],
			    want & 0xff);
	}
	assert_int_equal(to[len + NARROW_SLACK], MARK);
}

static void
numbers_keep_their_lowest_bytes(void **state)
{
	static uint64_t v[MOST];
	unsigned int bytes;
	size_t w, c;

	(void)state;
	for (w = 0; w < 4; w++)
		for (c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
			for (bytes = 1; bytes <= widths[w]; bytes++) {
				fill(v, widths[w], counts[c], 0);
				same_bytes(v, widths[w], counts[c], bytes);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(least_greatest_and_sum_are_exact),
	    cmocka_unit_test(a_sum_of_the_greatest_is_exact),
	    cmocka_unit_test(times_are_compared_with_their_sign),
	    cmocka_unit_test(distances_are_exact),
	    cmocka_unit_test(numbers_keep_their_lowest_bytes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
