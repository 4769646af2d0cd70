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

#include <cmocka.h>

#include "query/rank.h"

#define MOST 200000

static uint64_t word[2][MOST];

static void
load(void *arg, unsigned int depth, struct rank_item *v, size_t n)
{
	size_t i;

	(void)arg;
	for (i = 0; i < n; i++)
		v[i].key = word[depth][v[i].ref];
}

static int
cmp(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	int d;

	for (d = 0; d < 2; d++)
		if (word[d][x] != word[d][y])
			return (word[d][x] < word[d][y] ? -1 : 1);
	return (x < y ? -1 : x > y);
}

/* Words of base + a number below spread, and of few values. */
static void
check(size_t n, uint64_t base, uint64_t spread)
{
	const struct ranking r = {2, load, NULL};
	struct rank_item *v = rank_new(n);
	uint64_t *by_hand = calloc(n + 1, sizeof(*by_hand)), x = n + spread;
	size_t i;

	assert_non_null(v);
	assert_non_null(by_hand);
	for (i = 0; i < n; i++) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
		word[0][i] = base + (x >> 8) % spread;
		word[1][i] = x >> 62;
		v[i].ref = by_hand[i] = i;
	}
	rank_sort(&r, v, n, v + n);
	qsort(by_hand, n, sizeof(*by_hand), cmp);
	for (i = 0; i < n; i++)
		assert_int_equal(v[i].ref, by_hand[i]);
	rank_free(v, n);
	free(by_hand);
}

static void
things_come_in_the_order_of_their_words(void **state)
{
	const uint64_t spreads[] = {1, 2, 1000, 1025, 1u << 20,
	    UINT64_C(1) << 40, UINT64_C(1) << 56};
	const size_t sizes[] = {0, 1, 2, 48, 49, 5000, 65535, 65536, MOST};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(spreads) / sizeof(spreads[0]); i++)
		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			check(sizes[j], 0, spreads[i]);
			check(sizes[j], UINT64_MAX - spreads[i], spreads[i]);
		}
}

/* One far from the others, as a wrong clock has it. */
static void
one_far_away_is_sorted_too(void **state)
{
	const struct ranking r = {2, load, NULL};
	struct rank_item *v = rank_new(MOST);
	size_t i;

	(void)state;
	assert_non_null(v);
	for (i = 0; i < MOST; i++) {
		word[0][i] = MOST - i;
		word[1][i] = 0;
		v[i].ref = i;
	}
	word[0][7] = UINT64_MAX;
	rank_sort(&r, v, MOST, v + MOST);
	assert_int_equal(v[0].ref, MOST - 1);
	assert_int_equal(v[MOST - 2].ref, 0);
	assert_int_equal(v[MOST - 1].ref, 7);
	rank_free(v, MOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(things_come_in_the_order_of_their_words),
	    cmocka_unit_test(one_far_away_is_sorted_too),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
