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

#include "table.h"

static struct prefix
prefix(const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p), 0);
	return (p);
}

static void
put(struct table *t, const char *text)
{
	bool negated = text[0] == '!';
	struct prefix p = prefix(text + negated);

	assert_int_equal(table_add(t, &p, negated), 0);
}

static bool
has(const struct table *t, const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return (table_match(t, &a));
}

static void
empty_table_matches_nothing(void **state)
{
	struct addr none = {.family = ADDR_NONE};
	struct table *t = table_new();

	(void)state;
	assert_false(has(t, "10.0.0.1"));
	assert_int_equal(table_seal(t), 0);
	assert_false(has(t, "10.0.0.1"));
	assert_false(has(t, "::"));
	put(t, "0.0.0.0/0");
	put(t, "::/0");
	assert_int_equal(table_seal(t), 0);
	assert_true(has(t, "10.0.0.1"));
	assert_false(table_match(t, &none));
	table_free(t);
	table_free(NULL);
}

static void
longest_prefix_decides(void **state)
{
	struct table *t = table_new();
	int pass;

	(void)state;
	put(t, "10.0.0.0/8");
	put(t, "!10.1.0.0/16");
	put(t, "10.1.2.0/24");
	put(t, "!10.1.2.3");
	put(t, "!192.0.2.0/24");
	/* Once by the linear search, once by the tree. */
	for (pass = 0; pass < 2; pass++) {
		assert_true(has(t, "10.0.0.0"));
		assert_true(has(t, "10.0.255.255"));
		assert_false(has(t, "10.1.0.0"));
		assert_false(has(t, "10.1.255.255"));
		assert_true(has(t, "10.1.2.2"));
		assert_false(has(t, "10.1.2.3"));
		assert_true(has(t, "10.1.2.4"));
		assert_true(has(t, "10.2.0.0"));
		assert_true(has(t, "10.255.255.255"));
		assert_false(has(t, "9.255.255.255"));
		assert_false(has(t, "11.0.0.0"));
		assert_false(has(t, "192.0.2.1"));
		assert_false(has(t, "a00::"));
		assert_int_equal(table_seal(t), 0);
	}
	table_free(t);
}

static void
both_ends_of_the_address_space_are_reached(void **state)
{
	struct table *t = table_new();

	(void)state;
	put(t, "0.0.0.0");
	put(t, "255.255.255.255");
	put(t, "::");
	put(t, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	assert_int_equal(table_seal(t), 0);
	assert_true(has(t, "0.0.0.0"));
	assert_false(has(t, "0.0.0.1"));
	assert_false(has(t, "255.255.255.254"));
	assert_true(has(t, "255.255.255.255"));
	assert_true(has(t, "::"));
	assert_false(has(t, "::1"));
	assert_false(has(t, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"));
	assert_true(has(t, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
	table_free(t);
}

static void
prefix_given_again_counts_once_and_as_said_last(void **state)
{
	struct table *t = table_new();

	(void)state;
	put(t, "10.0.0.0/8");
	put(t, "10.0.0.0/8");
	put(t, "!10.0.0.0/8");
	put(t, "11.0.0.0/8");
	assert_false(has(t, "10.0.0.1"));
	assert_int_equal(table_seal(t), 0);
	assert_int_equal(table_count(t), 2);
	assert_false(has(t, "10.0.0.1"));
	put(t, "10.0.0.0/8");
	assert_true(has(t, "10.0.0.1"));
	assert_int_equal(table_seal(t), 0);
	assert_int_equal(table_count(t), 2);
	assert_true(has(t, "10.0.0.1"));
	table_free(t);
}

struct walk {
	char text[256];
	int stop_at, n;
};

static int
step(void *arg, const struct prefix *p, bool negated)
{
	char buf[PREFIX_STRLEN];
	struct walk *w = arg;

	if (negated)
		strncat(w->text, "!", 2);
	strncat(w->text, prefix_format(p, buf), PREFIX_STRLEN);
	strncat(w->text, " ", 2);
	return (++w->n == w->stop_at ? 7 : 0);
}

static void
walk_is_in_order_and_stops_when_told(void **state)
{
	struct table *t = table_new();
	struct walk all = {.stop_at = -1}, two = {.stop_at = 2};

	(void)state;
	put(t, "::1");
	put(t, "10.1.0.0/16");
	put(t, "!10.0.0.0/8");
	put(t, "10.0.0.0/16");
	assert_int_equal(table_seal(t), 0);
	assert_int_equal(table_walk(t, step, &all), 0);
	assert_string_equal(all.text,
	    "!10.0.0.0/8 10.0.0.0/16 10.1.0.0/16 ::1/128 ");
	assert_int_equal(table_walk(t, step, &two), 7);
	assert_int_equal(two.n, 2);
	table_free(t);
}

static uint64_t seed = 1;

static uint32_t
rnd(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return ((uint32_t)(seed >> 33) % below);
}

/*
 * Crowded on purpose: few different bytes, so that prefixes nest, touch and
 * repeat, and every branch of the tree is taken.
 */
static void
random_addr(struct addr *a, uint8_t family, uint32_t variety)
{
	unsigned int i;

	memset(a, 0, sizeof(*a));
	a->family = family;
	for (i = 0; i < addr_bits(a) / 8; i++)
		a->b[i] = (uint8_t)(rnd(4) == 0 ? 255 : rnd(variety));
}

static void
random_prefix(struct prefix *p, uint8_t family, uint32_t variety)
{
	unsigned int i;

	random_addr(&p->addr, family, variety);
	p->len = (uint8_t)rnd(addr_bits(&p->addr) + 1);
	if (rnd(3) == 0)
		p->len = (uint8_t)addr_bits(&p->addr);
	for (i = p->len; i < addr_bits(&p->addr); i++)
		p->addr.b[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
}

static void
compare(uint8_t family, uint32_t variety, uint32_t members)
{
	struct table *plain = table_new(), *tree = table_new();
	struct prefix p;
	struct addr a;
	uint32_t i;

	for (i = 0; i < members; i++) {
		random_prefix(&p, family, variety);
		bool negated = rnd(3) == 0;

		assert_int_equal(table_add(plain, &p, negated), 0);
		assert_int_equal(table_add(tree, &p, negated), 0);
	}
	assert_int_equal(table_seal(tree), 0);
	for (i = 0; i < 2000; i++) {
		random_addr(&a, family, rnd(2) == 0 ? variety : 256);
		assert_int_equal(table_match(plain, &a), table_match(tree, &a));
	}
	table_free(plain);
	table_free(tree);
}

static void
tree_agrees_with_the_linear_search(void **state)
{
	static const uint32_t variety[] = {1, 2, 3, 16, 256};
	static const uint32_t members[] = {1, 2, 9, 50, 700};
	unsigned int round;
	size_t v, m;

	(void)state;
	for (round = 0; round < 4; round++)
		for (v = 0; v < 5; v++)
			for (m = 0; m < 5; m++) {
				compare(ADDR_V4, variety[v], members[m]);
				compare(ADDR_V6, variety[v], members[m]);
			}
}

/* Hosts of one /64, and of many: the first 64 bits do not tell them apart. */
static void
hosts_of_one_network_are_told_apart(void **state)
{
	struct table *t = table_new();
	struct prefix p = prefix("2001:db8:0:1::/128");
	struct addr a = p.addr;
	unsigned int net, i;

	(void)state;
	for (net = 0; net < 3; net++)
		for (i = 0; i < 2000; i += 2) {
			p.addr.b[7] = (uint8_t)net;
			p.addr.b[14] = (uint8_t)(i >> 8);
			p.addr.b[15] = (uint8_t)i;
			assert_int_equal(table_add(t, &p, false), 0);
		}
	assert_int_equal(table_seal(t), 0);
	for (net = 0; net < 4; net++)
		for (i = 0; i < 2100; i++) {
			a.b[7] = (uint8_t)net;
			a.b[14] = (uint8_t)(i >> 8);
			a.b[15] = (uint8_t)i;
			assert_int_equal(table_match(t, &a),
			    net < 3 && i < 2000 && i % 2 == 0);
		}
	table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(empty_table_matches_nothing),
	    cmocka_unit_test(longest_prefix_decides),
	    cmocka_unit_test(both_ends_of_the_address_space_are_reached),
	    cmocka_unit_test(prefix_given_again_counts_once_and_as_said_last),
	    cmocka_unit_test(walk_is_in_order_and_stops_when_told),
	    cmocka_unit_test(tree_agrees_with_the_linear_search),
	    cmocka_unit_test(hosts_of_one_network_are_told_apart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
