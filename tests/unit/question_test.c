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

#include <stdio.h>
#include <string.h>

#include "query/question.h"

static struct question
keys(const char *list)
{
	struct question q;
	char bad[64];

	memset(&q, 0, sizeof(q));
	if (question_keys(&q, list, bad) == -1)
		fail_msg("%s: %s", list, bad);
	return (q);
}

static void
a_list_of_fields_is_a_key(void **state)
{
	const struct question q = keys("src_addr, dst_port,protocol");

	(void)state;
	assert_int_equal(q.nkeys, 3);
	assert_ptr_equal(q.keys[0].field, &fields[FLOW_SRC_ADDR]);
	assert_ptr_equal(q.keys[1].field, &fields[FLOW_DST_PORT]);
	assert_ptr_equal(q.keys[2].field, &fields[FLOW_PROTOCOL]);
	assert_int_equal(q.keys[0].bits4, 32);
	assert_int_equal(q.keys[0].bits6, 128);
	assert_false(q.keys[0].either);
}

static void
every_field_can_be_a_key(void **state)
{
	struct question q;
	size_t i;

	(void)state;
	for (i = 0; i < FLOW_NFIELDS; i++) {
		q = keys(fields[i].name);
		assert_int_equal(q.nkeys, 1);
		assert_ptr_equal(q.keys[0].field, &fields[i]);
	}
}

static void
prefix_lengths_are_of_ipv4_and_of_ipv6(void **state)
{
	static const struct {
		const char *list;
		int bits4, bits6;
	} t[] = {{"src_addr/24", 24, 128}, {"src_addr/64", 32, 64},
	    {"src_addr/24/64", 24, 64}, {"src_addr/0/0", 0, 0},
	    {"src_addr/32", 32, 128}, {"src_addr/33", 32, 33},
	    {"addr/16/48", 16, 48}, {"next_hop/8/128", 8, 128}};
	struct question q;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		q = keys(t[i].list);
		assert_int_equal(q.keys[0].bits4, t[i].bits4);
		assert_int_equal(q.keys[0].bits6, t[i].bits6);
	}
}

static void
either_end_is_asked_by_a_word(void **state)
{
	static const struct {
		const char *name;
		enum flow_field source, destination;
	} t[] = {{"addr", FLOW_SRC_ADDR, FLOW_DST_ADDR},
	    {"port", FLOW_SRC_PORT, FLOW_DST_PORT},
	    {"as", FLOW_SRC_AS, FLOW_DST_AS}, {"if", FLOW_IN_IF, FLOW_OUT_IF}};
	struct question q;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		q = keys(t[i].name);
		assert_true(q.keys[0].either);
		assert_ptr_equal(q.keys[0].field, &fields[t[i].source]);
		assert_ptr_equal(q.keys[0].field + 1,
		    &fields[t[i].destination]);
	}
}

static void
words_of_rules_are_taken(void **state)
{
	const struct question q = keys("src/8,dst,proto,tagged");

	(void)state;
	assert_ptr_equal(q.keys[0].field, &fields[FLOW_SRC_ADDR]);
	assert_int_equal(q.keys[0].bits4, 8);
	assert_ptr_equal(q.keys[1].field, &fields[FLOW_DST_ADDR]);
	assert_ptr_equal(q.keys[2].field, &fields[FLOW_PROTOCOL]);
	assert_ptr_equal(q.keys[3].field, &fields[FLOW_TAG]);
}

struct wrong {
	const char *list, *bad;
};

static void
check_wrong(int (*fn)(struct question *, const char *, char *),
    const struct wrong *t, size_t n)
{
	struct question q;
	char bad[64];
	size_t i;

	for (i = 0; i < n; i++) {
		memset(&q, 0, sizeof(q));
		if (fn(&q, t[i].list, bad) != -1)
			fail_msg("\"%s\" was taken", t[i].list);
		assert_string_equal(bad, t[i].bad);
	}
}

static void
a_wrong_key_is_named(void **state)
{
	static const struct wrong t[] = {{"", ""}, {"src_addr,", ""},
	    {"src_addr,nonsense,dst_addr", "nonsense"},
	    {"src_port/8", "src_port/8"}, {"src_addr/", "src_addr/"},
	    {"src_addr/129", "src_addr/129"},
	    {"src_addr/33/64", "src_addr/33/64"},
	    {"src_addr/24/129", "src_addr/24/129"},
	    {"src_addr/24/", "src_addr/24/"}, {"src_addr/-1", "src_addr/-1"},
	    {"src_addr/1x", "src_addr/1x"}, {"duration", "duration"},
	    {"src_addr/0024", "src_addr/0024"},
	    {"vlan, protocol ,vlan", "vlan"}};

	(void)state;
	check_wrong(question_keys, t, sizeof(t) / sizeof(t[0]));
}

static void
a_long_word_is_cut_in_the_message(void **state)
{
	char list[200], bad[64];
	struct question q;

	(void)state;
	memset(list, 'x', sizeof(list) - 1);
	list[sizeof(list) - 1] = '\0';
	assert_int_equal(question_keys(&q, list, bad), -1);
	assert_int_equal(strlen(bad), sizeof(bad) - 1);
	assert_int_equal(question_orders(&q, list, bad), -1);
	assert_int_equal(strlen(bad), sizeof(bad) - 1);
}

static void
sixteen_keys_are_enough(void **state)
{
	char list[512], bad[64];
	struct question q;
	size_t i, len = 0;

	(void)state;
	for (i = 0; i < KEYS_MAX; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
		    i > 0 ? "," : "", fields[i].name);
	assert_int_equal(question_keys(&q, list, bad), 0);
	assert_int_equal(q.nkeys, KEYS_MAX);
	snprintf(list + len, sizeof(list) - len, ",vlan");
	assert_int_equal(question_keys(&q, list, bad), -1);
	assert_string_equal(bad, "vlan");
}

static void
the_same_address_may_be_two_keys_of_other_lengths(void **state)
{
	const struct question q = keys("src_addr/16,src_addr/24");

	(void)state;
	assert_int_equal(q.nkeys, 2);
}

static struct order
order(const char *list)
{
	struct question q;
	char bad[64];

	memset(&q, 0, sizeof(q));
	if (question_orders(&q, list, bad) == -1)
		fail_msg("%s: %s", list, bad);
	assert_int_equal(q.norders, 1);
	return (q.orders[0]);
}

static void
what_counts_comes_largest_first(void **state)
{
	(void)state;
	assert_false(order("octets").ascending);
	assert_false(order("flows").ascending);
	assert_false(order("duration").ascending);
	assert_false(order("bps").ascending);
	assert_true(order("start").ascending);
	assert_true(order("end").ascending);
	assert_true(order("src_addr").ascending);
	assert_true(order("recv_time").ascending);
}

static void
a_sign_or_a_word_says_which_way(void **state)
{
	static const char *const up[] = {"+octets", "octets:asc", "octets:a",
	    "+start", "start:asc", "+dst_port"};
	static const char *const down[] = {"-octets", "octets:desc", "bytes:d",
	    "-start", "tstart:desc", "dst_port:d"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(up) / sizeof(up[0]); i++)
		assert_true(order(up[i]).ascending);
	for (i = 0; i < sizeof(down) / sizeof(down[0]); i++)
		assert_false(order(down[i]).ascending);
}

static void
quantities_go_by_their_names_and_those_of_nfdump(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < Q_MAX; i++) {
		assert_int_equal(quantity_by_name(quantities[i].name), i);
		assert_int_equal(order(quantities[i].name).by, i);
		assert_non_null(quantities[i].what);
	}
	assert_int_equal(order("bytes").by, Q_OCTETS);
	assert_int_equal(order("tstart").by, Q_START);
	assert_int_equal(order("tend").by, Q_END);
	assert_int_equal(order("bpp").by, Q_BPP);
	assert_int_equal(quantity_by_name("src_addr"), Q_MAX);
	assert_int_equal(quantity_by_name(""), Q_MAX);
	assert_int_equal(order("src_addr").by, Q_MAX);
	assert_ptr_equal(order("src_addr").field, &fields[FLOW_SRC_ADDR]);
	assert_null(order("octets").field);
}

static void
orders_come_one_behind_the_other(void **state)
{
	struct question q;
	char bad[64];

	(void)state;
	assert_int_equal(question_orders(&q, "src_addr:desc, octets", bad), 0);
	assert_int_equal(q.norders, 2);
	assert_ptr_equal(q.orders[0].field, &fields[FLOW_SRC_ADDR]);
	assert_false(q.orders[0].ascending);
	assert_int_equal(q.orders[1].by, Q_OCTETS);
}

static void
a_wrong_order_is_named(void **state)
{
	static const struct wrong t[] = {{"", ""}, {"octets,,packets", ""},
	    {"nonsense", "nonsense"}, {"octets:up", "octets:up"},
	    {"-octets:asc", "-octets:asc"}, {"octets:", "octets:"},
	    {"--octets", "--octets"}, {"packets,-", "-"},
	    {"flows,packets,octets,start,end", "end"}};

	(void)state;
	check_wrong(question_orders, t, sizeof(t) / sizeof(t[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_of_fields_is_a_key),
	    cmocka_unit_test(every_field_can_be_a_key),
	    cmocka_unit_test(prefix_lengths_are_of_ipv4_and_of_ipv6),
	    cmocka_unit_test(either_end_is_asked_by_a_word),
	    cmocka_unit_test(words_of_rules_are_taken),
	    cmocka_unit_test(a_wrong_key_is_named),
	    cmocka_unit_test(a_long_word_is_cut_in_the_message),
	    cmocka_unit_test(sixteen_keys_are_enough),
	    cmocka_unit_test(the_same_address_may_be_two_keys_of_other_lengths),
	    cmocka_unit_test(what_counts_comes_largest_first),
	    cmocka_unit_test(a_sign_or_a_word_says_which_way),
	    cmocka_unit_test(quantities_go_by_their_names_and_those_of_nfdump),
	    cmocka_unit_test(orders_come_one_behind_the_other),
	    cmocka_unit_test(a_wrong_order_is_named),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
