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
 * Dictionaries come back as they went in, whatever the effort; bytes that are
 * not those of a dictionary are refused; and sketches never deny what is
 * there.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "archive/dict.h"
#include "archive/series.h"

#define MOST 2000
#define EFFORTS 3

static const uint32_t counts[] = {1, 2, 63, 64, 65, 511, 512, 513, 1023, MOST};
#define NCOUNTS (sizeof(counts) / sizeof(counts[0]))

static uint64_t numbers[MOST], got[MOST];
static struct addr addrs[MOST], addrs_got[MOST];
static struct flow_text texts[MOST], texts_got[MOST];
static uint8_t buf[MOST * 256];

static uint64_t
rnd(void)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (x);
}

/* Rows of numbers of many kinds. */
static uint64_t
kind_random(uint32_t i)
{
	return (i == 0 ? 0 : rnd());
}

static uint64_t
kind_small(uint32_t i)
{
	return (i * 7919 % 1000);
}

static uint64_t
kind_same(uint32_t i)
{
	(void)i;
	return (UINT64_MAX);
}

static uint64_t
kind_rising(uint32_t i)
{
	return (UINT64_C(1763722800000000000) + (uint64_t)i * i * 1000000);
}

static uint64_t
kind_falling(uint32_t i)
{
	return ((uint64_t) - (int64_t)i * 1000);
}

static uint64_t
kind_around(uint32_t i)
{
	return ((uint64_t)((int64_t)(i % 5) - 2) * 10);
}

static uint64_t
kind_far(uint32_t i)
{
	return (i % 2 * (UINT64_MAX / 10 * 10));
}

static uint64_t (*const kinds[])(uint32_t) = {kind_random, kind_small,
    kind_same, kind_rising, kind_falling, kind_around, kind_far};
#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

/* In memory of just that size, so that a checker sees a step too far. */
static uint8_t *
exact(const uint8_t *from, size_t len)
{
	uint8_t *p = malloc(len > 0 ? len : 1);

	assert_non_null(p);
	memcpy(p, from, len);
	return (p);
}

static void
numbers_there_and_back(uint32_t n, enum dict_effort effort)
{
	size_t len = dict_put_numbers(buf, numbers, n, effort), cut;
	uint8_t *p;

	assert_true(len <= dict_bound(CT_NUMBER, n, 0));
	p = exact(buf, len);
	memset(got, 0x5a, sizeof(got));
	assert_int_equal(dict_get_numbers(got, n, p, len), 0);
	assert_memory_equal(got, numbers, n * sizeof(*got));
	free(p);
	for (cut = 0; cut < len; cut += cut < 20 ? 1 : 101) {
		p = exact(buf, cut);
		assert_int_equal(dict_get_numbers(got, n, p, cut), -1);
		free(p);
	}
	buf[len] = 0;
	assert_int_equal(dict_get_numbers(got, n, buf, len + 1), -1);
}

static void
numbers_come_back(void **state)
{
	unsigned int effort;
	size_t i, k;
	uint32_t j;

	(void)state;
	for (k = 0; k < NKINDS; k++)
		for (i = 0; i < NCOUNTS; i++) {
			for (j = 0; j < counts[i]; j++)
				numbers[j] = kinds[k](j);
			for (effort = 0; effort < EFFORTS; effort++)
				numbers_there_and_back(counts[i], effort);
		}
}

/* As docs/store.md has it. */
static void
numbers_have_the_bytes_of_the_page(void **state)
{
	static const uint8_t plain[] = {0, 0, 2, 0, 5, 0, 0, 0, 0, 0, 0, 0,
	    0x23};
	static const uint8_t rise[] = {1, 0, 1, 6, 0, 0, 0, 0, 0, 0, 0, 0,
	    0xfe};
	uint32_t i;

	(void)state;
	numbers[0] = 8;
	numbers[1] = 5;
	numbers[2] = 7;
	assert_int_equal(dict_put_numbers(buf, numbers, 3, DICT_QUICK), 13);
	assert_memory_equal(buf, plain, sizeof(plain));
	for (i = 0; i < 8; i++)
		numbers[i] = i * UINT64_C(1000000);
	assert_int_equal(dict_put_numbers(buf, numbers, 8, DICT_SMALL), 13);
	assert_memory_equal(buf, rise, sizeof(rise));
}

static void
addr4(struct addr *a, uint32_t v)
{
	*a = (struct addr){.family = ADDR_V4,
	    .b = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
		(uint8_t)v}};
}

static void
addr6(struct addr *a, uint64_t high, uint64_t low)
{
	unsigned int i;

	a->family = ADDR_V6;
	for (i = 0; i < 8; i++) {
		a->b[i] = (uint8_t)(high >> (56 - 8 * i));
		a->b[8 + i] = (uint8_t)(low >> (56 - 8 * i));
	}
}

/* Padding does not count. */
static void
assert_addrs_equal(const struct addr *a, const struct addr *b, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		assert_int_equal(a[i].family, b[i].family);
		assert_memory_equal(a[i].b, b[i].b, sizeof(a[i].b));
	}
}

static size_t
addrs_there_and_back(uint32_t n, enum dict_effort effort)
{
	size_t len = dict_put_addrs(buf, addrs, n, effort), cut;
	uint8_t *p;

	assert_true(len <= dict_bound(CT_ADDR, n, 0));
	p = exact(buf, len);
	memset(addrs_got, 0x5a, sizeof(addrs_got));
	assert_int_equal(dict_get_addrs(addrs_got, n, p, len), 0);
	assert_addrs_equal(addrs_got, addrs, n);
	free(p);
	for (cut = 0; cut < len; cut += cut < 40 ? 1 : 101) {
		p = exact(buf, cut);
		assert_int_equal(dict_get_addrs(addrs_got, n, p, cut), -1);
		free(p);
	}
	return (len);
}

static void
addresses_come_back(void **state)
{
	static const uint32_t mixes[][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1},
	    {1, 1, 1}, {600, 0, 1}, {0, 600, 0}, {700, 600, 1}, {0, 64, 1}};
	unsigned int effort;
	uint32_t n, j;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(mixes) / sizeof(mixes[0]); i++) {
		n = 0;
		for (j = 0; j < mixes[i][0]; j++)
			addr4(&addrs[n++], (uint32_t)rnd());
		for (j = 0; j < mixes[i][1]; j++)
			addr6(&addrs[n++], rnd() | UINT64_C(1) << 63, rnd());
		if (mixes[i][2])
			addrs[n++] = (struct addr){.family = ADDR_NONE};
		for (effort = 0; effort < EFFORTS; effort++)
			addrs_there_and_back(n, effort);
	}
}

/* 1000 neighbours of a network: a few bits each, not 32. */
static void
sorted_addresses_are_stored_as_small_differences(void **state)
{
	uint32_t i;
	size_t len;

	(void)state;
	for (i = 0; i < 1000; i++)
		addr4(&addrs[i], 0x0a000000 + i * 3 + i % 2);
	len = addrs_there_and_back(1000, DICT_SMALL);
	assert_in_range(len, 8 + SERIES_HDRLEN + 1000 * 2 / 8,
	    8 + SERIES_HDRLEN + 1000 * 3 / 8 + 16);
	for (i = 0; i < 1000; i++)
		addr6(&addrs[i], UINT64_C(0x20010db800000000), i * 2);
	len = addrs_there_and_back(1000, DICT_SMALL);
	assert_in_range(len, 8, 8 + 2 * SERIES_HDRLEN + 1000 * 2 / 8 + 16);
}

static void
counts_that_do_not_add_up_are_refused(void **state)
{
	size_t len;

	(void)state;
	addr4(&addrs[0], 1);
	addr4(&addrs[1], 2);
	addr6(&addrs[2], 3, 4);
	len = dict_put_addrs(buf, addrs, 3, DICT_QUICK);
	assert_int_equal(dict_get_addrs(addrs_got, 3, buf, len), 0);
	assert_int_equal(dict_get_addrs(addrs_got, 4, buf, len), 0);
	assert_int_equal(addrs_got[3].family, ADDR_NONE);
	assert_int_equal(dict_get_addrs(addrs_got, 5, buf, len), -1);
	assert_int_equal(dict_get_addrs(addrs_got, 2, buf, len), -1);
	buf[3] = 0xff; /* 4 billion of IPv4 */
	assert_int_equal(dict_get_addrs(addrs_got, 3, buf, len), -1);
	buf[3] = 0;
	memset(buf + 4, 0xff, 4);
	assert_int_equal(dict_get_addrs(addrs_got, 3, buf, len), -1);
}

static void
texts_come_back(void **state)
{
	static char bytes[3 * 255];
	size_t len, cut;
	uint8_t *p;
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	texts[0] = (struct flow_text){.p = NULL, .len = 0};
	texts[1] = (struct flow_text){.p = bytes, .len = 1};
	texts[2] = (struct flow_text){.p = bytes + 1, .len = 255};
	texts[3] = (struct flow_text){.p = bytes + 300, .len = 40};
	len = dict_put_bytes(buf, texts, 4);
	assert_int_equal(len, 4 + 1 + 255 + 40);
	assert_true(len <= dict_bound(CT_BYTES, 4, 1 + 255 + 40));
	p = exact(buf, len);
	assert_int_equal(dict_get_bytes(texts_got, 4, p, len), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(texts_got[i].len, texts[i].len);
		if (texts[i].len > 0)
			assert_memory_equal(texts_got[i].p, texts[i].p,
			    texts[i].len);
	}
	free(p);
	for (cut = 0; cut < len; cut++) {
		p = exact(buf, cut);
		assert_int_equal(dict_get_bytes(texts_got, 4, p, cut), -1);
		free(p);
	}
	assert_int_equal(dict_get_bytes(texts_got, 4, buf, len + 1), -1);
}

/* Any header in front of the same bytes: an error or values, no harm. */
static void
any_header_of_a_row_does_no_harm(void **state)
{
	uint8_t *p;
	unsigned int form, packing, bits, exponent;

	(void)state;
	memset(buf, 0xff, 600);
	for (form = 0; form < 5; form++)
		for (packing = 0; packing < 5; packing++)
			for (bits = 0; bits < 70; bits++)
				for (exponent = 0; exponent < 12;
				     exponent += 3) {
					buf[0] = (uint8_t)form;
					buf[1] = (uint8_t)packing;
					buf[2] = (uint8_t)bits;
					buf[3] = (uint8_t)exponent;
					p = exact(buf, 500);
					(void)dict_get_numbers(got, 70, p, 500);
					free(p);
				}
	buf[0] = SF_MAX;
	assert_int_equal(dict_get_numbers(got, 1, buf, 12), -1);
}

static void
a_network_that_is_there_is_never_denied(void **state)
{
	uint64_t sketch[2] = {0, 0};
	struct prefix p;
	unsigned int len, round, bits;

	(void)state;
	for (round = 0; round < 200; round++) {
		if (round % 2 == 0)
			addr4(&p.addr, (uint32_t)rnd());
		else
			addr6(&p.addr, rnd(), rnd());
		sketch[0] = sketch[1] = 0;
		sketch_add(sketch, &p.addr);
		bits = addr_bits(&p.addr);
		for (len = 0; len <= bits; len++) {
			p.len = (uint8_t)len;
			assert_true(sketch_may_have(sketch, &p));
		}
	}
}

static void
a_network_that_is_not_there_is_mostly_denied(void **state)
{
	uint64_t sketch[2] = {0, 0};
	struct prefix p = {.len = 16};
	struct addr a;
	uint32_t i, denied = 0;

	(void)state;
	assert_int_equal(prefix_parse("0.0.0.0/0", &p), 0);
	assert_false(sketch_may_have(sketch, &p));
	a = (struct addr){.family = ADDR_NONE};
	sketch_add(sketch, &a);
	assert_int_equal(sketch[0] | sketch[1], 0);
	for (i = 0; i < 4; i++) {
		addr4(&a, 0x0a010000 + (i << 16));
		sketch_add(sketch, &a);
	}
	for (i = 0; i < 1000; i++) {
		addr4(&p.addr, 0xc0000000 + (i << 16));
		p.len = 16;
		denied += !sketch_may_have(sketch, &p);
	}
	/* four of 128 bits are set */
	assert_in_range(denied, 930, 1000);
	assert_int_equal(prefix_parse("2001:db8::/32", &p), 0);
	assert_int_equal(sketch_may_have(sketch, &p), 0);
}

/* As docs/store.md has it: it is on disk. */
static void
sketches_have_the_bits_of_the_page(void **state)
{
	uint64_t sketch[2] = {0, 0};
	struct addr a;

	(void)state;
	addr4(&a, 0x0a010203); /* 0x0a01 * 0x9e3779b97f4a7c15 >> 57 */
	sketch_add(sketch, &a);
	assert_true(sketch[0] == 0);
	assert_true(sketch[1] == UINT64_C(1) << 36);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_come_back),
	    cmocka_unit_test(numbers_have_the_bytes_of_the_page),
	    cmocka_unit_test(addresses_come_back),
	    cmocka_unit_test(sorted_addresses_are_stored_as_small_differences),
	    cmocka_unit_test(counts_that_do_not_add_up_are_refused),
	    cmocka_unit_test(texts_come_back),
	    cmocka_unit_test(any_header_of_a_row_does_no_harm),
	    cmocka_unit_test(a_network_that_is_there_is_never_denied),
	    cmocka_unit_test(a_network_that_is_not_there_is_mostly_denied),
	    cmocka_unit_test(sketches_have_the_bits_of_the_page),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
