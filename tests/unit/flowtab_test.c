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

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "compat/wide.h"
#include "meter/flowtab.h"

static const uint8_t secret[32] = "0123456789abcdefghijklmnopqrstu";

static struct flow_key
key(uint32_t n)
{
	struct flow_key k = {.port = {53, 1024}, .protocol = 17, .version = 4};

	memcpy(k.addr[0], "\x0a\0\0\1", 4);
	memcpy(k.addr[1], &n, sizeof(n));
	return (k);
}

static struct flowtab *
table(uint32_t max)
{
	struct flowtab *t = flowtab_new(max, false, secret);

	assert_non_null(t);
	return (t);
}

static struct entry *
find(struct flowtab *t, uint32_t n)
{
	struct flow_key k = key(n);
	uint64_t hash = flowtab_hash(t, &k, 0);

	flowtab_prefetch(t, hash);
	return (flowtab_find(t, &k, hash, flowtab_prefetch_entry(t, hash)));
}

static struct entry *
add(struct flowtab *t, uint32_t n)
{
	struct flow_key k = key(n);

	return (flowtab_add(t, &k, flowtab_hash(t, &k, 0)));
}

static void
an_added_flow_is_found_and_zeroed(void **state)
{
	struct flowtab *t = table(10);
	struct flow_key k = key(7);
	struct entry *e;

	(void)state;
	assert_null(find(t, 7));
	assert_int_equal(flowtab_top(t), 0);
	e = add(t, 7);
	assert_non_null(e);
	assert_ptr_equal(find(t, 7), e);
	assert_memory_equal(&e->key, &k, sizeof(k));
	assert_int_equal(e->bits, ENTRY_LIVE);
	assert_int_equal(e->packets[0] + e->octets[1] + e->extra, 0);
	assert_int_equal(flowtab_number(t, e), 1);
	assert_ptr_equal(flowtab_at(t, 1), e);
	assert_int_equal(flowtab_count(t), 1);
	assert_int_equal(flowtab_top(t), 1);
	assert_null(find(t, 8));
	flowtab_free(t);
}

static void
each_part_of_a_key_makes_another_flow(void **state)
{
	struct flowtab *t = table(1000);
	struct flow_key k = key(7), other;
	size_t i, bit;

	(void)state;
	assert_non_null(flowtab_add(t, &k, flowtab_hash(t, &k, 0)));
	for (i = 0; i < sizeof(k); i++)
		for (bit = 0; bit < 8; bit++) {
			other = k;
			((uint8_t *)&other)[i] ^= (uint8_t)(1 << bit);
			assert_true(flowtab_hash(t, &other, 0) !=
			    flowtab_hash(t, &k, 0));
			assert_null(
			    flowtab_find(t, &other, flowtab_hash(t, &k, 0), 1));
		}
	flowtab_free(t);
}

static void
a_full_table_takes_no_more_until_one_goes(void **state)
{
	struct flowtab *t = table(3);
	struct entry *e;

	(void)state;
	assert_int_equal(flowtab_max(t), 3);
	assert_non_null(add(t, 1));
	e = add(t, 2);
	assert_non_null(add(t, 3));
	assert_null(add(t, 4));
	assert_int_equal(flowtab_count(t), 3);
	flowtab_remove(t, e);
	assert_ptr_equal(add(t, 4), e);
	assert_null(find(t, 2));
	assert_non_null(find(t, 1));
	assert_non_null(find(t, 3));
	flowtab_free(t);
}

static void
removed_flows_leave_nothing_in_the_index(void **state)
{
	struct flowtab *t = table(64);
	size_t bytes = 0;
	uint32_t i;

	(void)state;
	/* A thousand times the table: tombstones would make it grow. */
	for (i = 0; i < 64000; i++) {
		if (i >= 64)
			flowtab_remove(t, find(t, i - 64));
		assert_non_null(add(t, i));
		if (i == 1000)
			bytes = flowtab_bytes(t);
	}
	assert_int_equal(flowtab_bytes(t), bytes);
	assert_int_equal(flowtab_count(t), 64);
	flowtab_free(t);
}

static void
flows_keep_place_and_number_while_the_index_grows(void **state)
{
	struct flowtab *t = table(100000);
	struct entry *first = add(t, 0);
	uint32_t i;

	(void)state;
	for (i = 1; i < 100000; i++) {
		assert_non_null(add(t, i));
		/* The first is found in the middle of each move, too. */
		assert_ptr_equal(find(t, 0), first);
		assert_int_equal(flowtab_number(t, find(t, i)), i + 1);
	}
	for (i = 0; i < 100000; i++)
		assert_int_equal(flowtab_number(t, find(t, i)), i + 1);
	flowtab_free(t);
}

static void
a_flow_takes_160_bytes_at_most(void **state)
{
	struct flowtab *t = table(1100000);
	size_t most = 0, each;
	uint32_t i;

	(void)state;
	/* Old index included; memory that is a step ahead is not. */
	for (i = 0; i < 1100000; i++) {
		assert_non_null(add(t, i));
		if (i < 100000)
			continue;
		each = (flowtab_bytes(t) - ((size_t)2 << 20)) / (i + 1);
		if (each > most)
			most = each;
	}
	assert_in_range(most, 128, 160);
	assert_in_range(flowtab_bytes(t) / 1100000, 128, 160);
	flowtab_free(t);
}

static void
a_small_table_is_small(void **state)
{
	struct flowtab *t = table(10000000);
	uint32_t i;

	(void)state;
	assert_true(flowtab_bytes(t) < 16384);
	for (i = 0; i < 10000; i++)
		assert_non_null(add(t, i));
	assert_in_range(flowtab_bytes(t), 1280000, 1600000);
	flowtab_free(t);
}

static void
keys_that_differ_in_more_are_two_flows(void **state)
{
	struct flowtab *t = flowtab_new(10, true, secret);
	struct flow_key k = key(1);
	uint64_t hash[2];
	struct entry *e[2];
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		hash[i] = flowtab_hash(t, &k, (uint64_t)i + 1);
		assert_null(flowtab_find(t, &k, hash[i], 1));
		e[i] = flowtab_add(t, &k, hash[i]);
	}
	for (i = 0; i < 2; i++)
		assert_ptr_equal(flowtab_find(t, &k, hash[i], 1), e[i]);
	flowtab_remove(t, e[0]);
	assert_null(flowtab_find(t, &k, hash[0], 1));
	assert_ptr_equal(flowtab_find(t, &k, hash[1], 0), e[1]);
	flowtab_free(t);
}

/* The upper half is all that a slot has: entries are compared as well. */
static void
flows_of_one_hash_are_told_apart(void **state)
{
	struct flowtab *t = table(1000);
	struct entry *e[300];
	struct flow_key k;
	uint32_t i;

	(void)state;
	for (i = 0; i < 300; i++) {
		k = key(i);
		e[i] = flowtab_add(t, &k, UINT64_C(0xffffffff00000000));
	}
	for (i = 0; i < 300; i++) {
		k = key(i);
		assert_ptr_equal(flowtab_find(t, &k,
				     UINT64_C(0xffffffff00000000), 300 - i),
		    e[i]);
	}
	flowtab_free(t);
}

static void
a_walk_sees_each_flow_once_while_others_come_and_go(void **state)
{
	struct flowtab *t = table(2000);
	struct entry *e = NULL;
	uint32_t i, number = 0, seen = 0;

	(void)state;
	assert_null(flowtab_next(t, 0));
	for (i = 0; i < 1000; i++)
		add(t, i);
	for (i = 0; i < 1000; i += 2)
		flowtab_remove(t, find(t, i));
	while ((e = flowtab_next(t, number)) != NULL) {
		assert_true(flowtab_number(t, e) > number);
		number = flowtab_number(t, e);
		seen++;
		/* Behind the walk. */
		if (number == 500)
			flowtab_remove(t, find(t, 1));
	}
	assert_int_equal(seen, 500);
	flowtab_clear(t);
	assert_null(flowtab_next(t, 0));
	assert_null(find(t, 3));
	assert_int_equal(flowtab_count(t), 0);
	assert_non_null(add(t, 3));
	flowtab_free(t);
}

static void
a_guess_that_is_out_of_date_does_no_harm(void **state)
{
	struct flowtab *t = table(10);
	struct flow_key one = key(1), two = key(2);
	uint64_t h1 = flowtab_hash(t, &one, 0), h2 = flowtab_hash(t, &two, 0);
	struct entry *e = flowtab_add(t, &one, h1);

	(void)state;
	flowtab_remove(t, e);
	assert_null(flowtab_find(t, &one, h1, 1));
	assert_ptr_equal(flowtab_add(t, &two, h2), e);
	assert_null(flowtab_find(t, &one, h1, 1));
	assert_ptr_equal(flowtab_find(t, &two, h2, 9), e);
	flowtab_clear(t);
	assert_null(flowtab_find(t, &two, h2, 1));
	flowtab_free(t);
}

/* Random programs against an array, through many sizes of the index. */
static void
a_table_does_what_an_array_does(void **state)
{
	enum { KEYS = 20000, STEPS = 600000 };
	struct flowtab *t = table(15000);
	uint32_t *number = calloc(KEYS, sizeof(*number)), i, n, count = 0;
	uint64_t r = 1;
	struct entry *e;

	(void)state;
	for (i = 0; i < STEPS; i++) {
		r = r * UINT64_C(6364136223846793005) + 1442695040888963407;
		n = (uint32_t)(r >> 33) % KEYS;
		e = find(t, n);
		assert_int_equal(e == NULL ? 0 : flowtab_number(t, e),
		    number[n]);
		/* It fills and empties in turn. */
		if (e != NULL && (r >> 20) % 4 < 1 + (i / 100000) % 3) {
			flowtab_remove(t, e);
			number[n] = 0;
			count--;
		} else if (e == NULL) {
			e = add(t, n);
			assert_int_equal(e != NULL, count < 15000);
			if (e != NULL) {
				number[n] = flowtab_number(t, e);
				count++;
			}
		}
		assert_int_equal(flowtab_count(t), count);
	}
	for (n = 0; n < KEYS; n++) {
		e = find(t, n);
		assert_int_equal(e == NULL ? 0 : flowtab_number(t, e),
		    number[n]);
	}
	free(number);
	flowtab_free(t);
}

static void
another_secret_gives_other_hashes(void **state)
{
	static const uint8_t other[32] = "0123456789abcdefghijklmnopqrstU";
	struct flowtab *a = table(1), *b = flowtab_new(1, false, other);
	uint32_t i, same = 0;
	struct flow_key k;

	(void)state;
	for (i = 0; i < 10000; i++) {
		k = key(i);
		/* As many bits as an index of that size looks at. */
		same += flowtab_hash(a, &k, 0) >> 48 ==
		    flowtab_hash(b, &k, 0) >> 48;
	}
	assert_true(same < 8);
	flowtab_free(a);
	flowtab_free(b);
}

static void
like_keys_spread_over_the_index(void **state)
{
	enum { BUCKETS = 1024, KEYS = 102400 };
	static const uint8_t zero[32];
	static uint32_t fill[BUCKETS];
	struct flowtab *t = flowtab_new(1, false, zero);
	double off, chi = 0;
	struct flow_key k;
	uint32_t i;

	(void)state;
	for (i = 0; i < KEYS; i++) {
		k = key(i); /* a network address that counts up */
		fill[flowtab_hash(t, &k, 0) >> 54]++;
	}
	for (i = 0; i < BUCKETS; i++) {
		off = fill[i] - (double)KEYS / BUCKETS;
		chi += off * off / ((double)KEYS / BUCKETS);
	}
	/* 1023 degrees of freedom: 1200 is four sigma. */
	assert_true(chi < 1250);
	flowtab_free(t);
}

static void
products_of_128_bits_are_whole(void **state)
{
	struct wide m = wide_mul(UINT64_MAX, UINT64_MAX);

	(void)state;
	assert_true(m.lo == 1 && m.hi == UINT64_MAX - 1);
	m = wide_mul(UINT64_C(0x123456789abcdef0),
	    UINT64_C(0xfedcba9876543210));
	assert_true(m.hi == UINT64_C(0x121fa00ad77d7422));
	assert_true(m.lo == UINT64_C(0x236d88fe5618cf00));
	m = wide_add((struct wide){UINT64_MAX, 1}, (struct wide){1, 1});
	assert_true(m.lo == 0 && m.hi == 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_added_flow_is_found_and_zeroed),
	    cmocka_unit_test(each_part_of_a_key_makes_another_flow),
	    cmocka_unit_test(a_full_table_takes_no_more_until_one_goes),
	    cmocka_unit_test(removed_flows_leave_nothing_in_the_index),
	    cmocka_unit_test(flows_keep_place_and_number_while_the_index_grows),
	    cmocka_unit_test(a_flow_takes_160_bytes_at_most),
	    cmocka_unit_test(a_small_table_is_small),
	    cmocka_unit_test(keys_that_differ_in_more_are_two_flows),
	    cmocka_unit_test(flows_of_one_hash_are_told_apart),
	    cmocka_unit_test(
		a_walk_sees_each_flow_once_while_others_come_and_go),
	    cmocka_unit_test(a_guess_that_is_out_of_date_does_no_harm),
	    cmocka_unit_test(a_table_does_what_an_array_does),
	    cmocka_unit_test(another_secret_gives_other_hashes),
	    cmocka_unit_test(like_keys_spread_over_the_index),
	    cmocka_unit_test(products_of_128_bits_are_whole),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
