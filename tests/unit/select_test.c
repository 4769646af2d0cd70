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
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/fuzz/selection-check.h"

static struct filter *
rules(const char *text)
{
	struct filter *f = parse_rules(text);

	if (f == NULL)
		fail_msg("these do not parse: %s", text);
	return (f);
}

static struct question
question(const char *text, const char *clauses)
{
	struct question q;

	memset(&q, 0, sizeof(q));
	q.since = INT64_MIN;
	q.until = INT64_MAX;
	q.rules = text == NULL ? NULL : rules(text);
	q.clauses = clauses == NULL ? NULL : rules(clauses);
	return (q);
}

static void
question_end(struct question *q)
{
	filter_free(q->rules);
	filter_free(q->clauses);
}

/* 2026-11-21 11:30:00 UTC, 12:30 in Berlin, a Saturday. */
#define HALF (INT64_C(1795260600) * NSEC_PER_SEC)

static struct flow
flow(void)
{
	struct flow f;

	memset(&f, 0, sizeof(f));
	f.recv_time = HALF;
	f.protocol = 6;
	f.dst_port = 443;
	f.src_addr.family = ADDR_V4;
	f.src_addr.b[0] = 10;
	flow_set(&f, FLOW_RECV_TIME);
	flow_set(&f, FLOW_PROTOCOL);
	flow_set(&f, FLOW_DST_PORT);
	flow_set(&f, FLOW_SRC_ADDR);
	return (f);
}

/* A block of flows, packed. */
struct packed {
	struct rows *rows;
	uint8_t *p;
	struct block block;
};

static struct packed
pack(const struct flow *f, uint32_t n)
{
	struct packed k;
	struct rd rd;
	uint32_t i;

	k.rows = rows_new(n, NULL);
	assert_non_null(k.rows);
	for (i = 0; i < n; i++)
		assert_true(rows_add(k.rows, &f[i]));
	k.p = malloc(pack_bound(k.rows));
	rd = rd_init(k.p, pack_quick(k.rows, k.p, pack_bound(k.rows)));
	assert_int_equal(block_read(&rd, &k.block), BLOCK_OK);
	return (k);
}

static void
packed_end(struct packed *k)
{
	rows_free(k->rows);
	free(k->p);
}

/* Is the flow selected: the same from rows, and from a block. */
static bool
selects(struct question *q, const struct flow *f)
{
	struct packed k = pack(f, 1);
	struct batch *b = batch_new();
	struct select *s = select_new(q);
	struct sel sel = {.n = 7};
	uint32_t of_rows;

	batch_set_rows(b, k.rows);
	assert_int_equal(select_rows(s, b, &sel), BLOCK_OK);
	of_rows = sel.n;
	if (select_block(s, &k.block)) {
		batch_set_block(b, &k.block);
		assert_int_equal(select_rows(s, b, &sel), BLOCK_OK);
		assert_int_equal(sel.n, of_rows);
	} else
		assert_int_equal(of_rows, 0);
	select_free(s);
	batch_free(b);
	packed_end(&k);
	return (of_rows == 1);
}

static bool
matches(const char *clause, const struct flow *f)
{
	struct question q;
	char text[512];
	bool yes;

	snprintf(text, sizeof(text), "discard all\naccept %s\n", clause);
	q = question(NULL, text);
	yes = selects(&q, f);
	question_end(&q);
	return (yes);
}

static void
without_rules_all_rows_are_selected(void **state)
{
	struct question q = question(NULL, NULL);
	struct flow f[3] = {flow(), flow(), flow()};
	struct packed k = pack(f, 3);
	struct batch *b = batch_new();
	struct select *s = select_new(&q);
	struct sel sel;

	(void)state;
	assert_true(select_block(s, &k.block));
	batch_set_block(b, &k.block);
	assert_int_equal(select_rows(s, b, &sel), BLOCK_OK);
	assert_int_equal(sel.n, 3);
	assert_null(sel.row);
	assert_int_equal(batch_bytes_read(b), 0);
	select_free(s);
	select_free(NULL);
	batch_free(b);
	packed_end(&k);
}

static void
a_window_is_from_since_to_before_until(void **state)
{
	struct question q = question(NULL, NULL);
	struct flow f = flow();

	(void)state;
	q.since = HALF;
	q.until = HALF + 1;
	assert_true(selects(&q, &f));
	q.until = HALF;
	assert_false(selects(&q, &f));
	q.since = HALF + 1;
	q.until = INT64_MAX;
	assert_false(selects(&q, &f));
	q.since = INT64_MIN;
	q.until = HALF;
	assert_false(selects(&q, &f));
	q.until = INT64_MIN;
	assert_false(selects(&q, &f));
}

static void
who_was_not_received_is_in_the_window_by_the_start(void **state)
{
	struct question q = question(NULL, NULL);
	struct flow f = flow();

	(void)state;
	q.since = HALF - 5;
	q.until = HALF + 5;
	f.start = HALF + 100;
	flow_set(&f, FLOW_START);
	assert_true(selects(&q, &f));
	flow_unset(&f, FLOW_RECV_TIME);
	f.recv_time = 0;
	assert_false(selects(&q, &f));
	f.start = HALF + 4;
	assert_true(selects(&q, &f));
	flow_unset(&f, FLOW_START);
	f.start = 0;
	assert_false(selects(&q, &f));
	q.since = -5;
	assert_false(selects(&q, &f));
}

static void
days_end_when_they_end_here(void **state)
{
	struct flow f = flow();

	(void)state;
	assert_true(matches("after 12:30 before 12:30:01", &f));
	assert_true(matches("after 12:00 before 12:30", &f));
	assert_false(matches("after 12:30:01", &f));
	assert_false(matches("before 12:29:59", &f));
	assert_true(matches("days sat", &f));
	/* 23:30 UTC is Sunday in Berlin. */
	f.recv_time += 12 * 3600 * NSEC_PER_SEC;
	assert_true(matches("days sun", &f));
	assert_true(matches("before 00:30:00", &f));
	assert_false(matches("days sat", &f));
}

static void
dates_are_exact_to_the_nanosecond(void **state)
{
	struct flow f = flow();

	(void)state;
	assert_true(matches("after date 20261121122959", &f));
	assert_false(matches("after date 20261121123000", &f));
	assert_true(matches("before date 20261121123001", &f));
	assert_false(matches("before date 20261121123000", &f));
	f.recv_time--;
	assert_true(matches("before date 20261121123000", &f));
	assert_false(matches("after date 20261121122959", &f));
	f.recv_time += NSEC_PER_SEC;
	assert_false(matches("after date 20261121123000", &f));
	f.recv_time++;
	assert_true(matches("after date 20261121123000", &f));
}

static void
dates_far_away_are_no_trouble(void **state)
{
	struct flow f = flow();

	(void)state;
	assert_true(matches("before date 9999", &f));
	assert_false(matches("after date 9999", &f));
	f.recv_time = INT64_MIN;
	assert_true(matches("before date 1970", &f));
	assert_false(matches("after date 1970", &f));
	f.recv_time = INT64_MAX;
	assert_true(matches("after date 2026", &f));
	assert_true(matches("before date 9999", &f));
}

/* Rules ask who has a tag before they give some; the clauses ask again. */
static void
clauses_see_the_tags_of_rules(void **state)
{
	struct question q = question("accept\naccept tag 3 tagged ! 7\n",
	    "discard all\naccept tagged 0:5\n");
	struct flow f = flow();

	(void)state;
	assert_true(selects(&q, &f));
	f.tag = 7;
	flow_set(&f, FLOW_TAG);
	assert_false(selects(&q, &f));
	f.tag = 6;
	assert_true(selects(&q, &f));
	question_end(&q);
}

static void
a_block_is_skipped_by_what_its_header_says(void **state)
{
	static const struct {
		const char *clause;
		bool may;
	} t[] = {{"proto udp", false}, {"proto ! tcp", false},
	    {"proto tcp", true}, {"dst port 80", false},
	    {"dst port { 80 400:500 }", true}, {"dst port ! 443", false},
	    {"proto udp dst port 443", false}, {"src 192.0.2.0/24", false},
	    {"src 10.0.0.0/8", true},
	    {"src { 192.0.2.0/24 2001:db8::/32 }", false},
	    {"dst 10.0.0.0/8", false}, {"dst ! 10.0.0.0/8", true},
	    {"vlan 5", false}, {"vlan ! 5", true}, {"user_name anna", false},
	    {"after date 20270101", false}, {"after date 2026", true},
	    {"after 13:00", false}, {"days sun", false}, {"duration 5", false},
	    {"duration ! 5", true}};
	const struct flow f = flow();
	struct packed k = pack(&f, 1);
	struct question q;
	struct select *s;
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		snprintf(text, sizeof(text), "discard all\naccept %s\n",
		    t[i].clause);
		q = question(NULL, text);
		s = select_new(&q);
		if (select_block(s, &k.block) != t[i].may)
			fail_msg("%s: %s", t[i].clause,
			    t[i].may ? "skipped" : "not skipped");
		select_free(s);
		question_end(&q);
	}
	packed_end(&k);
}

/* What the header knows needs no column. */
static void
columns_are_not_read_in_vain(void **state)
{
	struct question q =
	    question(NULL, "discard all\naccept proto tcp dst port 443\n");
	struct flow f[2] = {flow(), flow()};
	struct packed k;
	struct batch *b = batch_new();
	struct select *s = select_new(&q);
	struct sel sel;

	(void)state;
	f[1].src_addr.b[3] = 1;
	k = pack(f, 2);
	batch_set_block(b, &k.block);
	assert_int_equal(select_rows(s, b, &sel), BLOCK_OK);
	assert_int_equal(sel.n, 2);
	assert_int_equal(batch_bytes_read(b), 0);
	select_free(s);
	batch_free(b);
	packed_end(&k);
	question_end(&q);
}

/* From rows and from a block, where they are 4 bytes each. */
static void
assert_prefix(const char *clause, const struct flow *f, uint32_t n)
{
	struct packed k = pack(f, n);
	struct batch *b = batch_new();
	struct question q;
	struct select *s;
	struct sel sel;
	char text[512];
	uint32_t i, at, turn;

	snprintf(text, sizeof(text), "discard all\naccept %s\n", clause);
	q = question(NULL, text);
	s = select_new(&q);
	for (turn = 0; turn < 2; turn++) {
		if (turn == 0)
			batch_set_rows(b, k.rows);
		else
			batch_set_block(b, &k.block);
		assert_int_equal(select_rows(s, b, &sel), BLOCK_OK);
		for (i = at = 0; i < n; i++) {
			struct flow one = f[i];

			if (filter_match(q.clauses, &one) != FILTER_ACCEPT)
				continue;
			assert_true(at < sel.n);
			assert_int_equal(sel_row(&sel, at), i);
			at++;
		}
		assert_int_equal(at, sel.n);
	}
	select_free(s);
	question_end(&q);
	batch_free(b);
	packed_end(&k);
}

static void
addresses_are_matched_as_they_came(void **state)
{
	static const char *const clauses[] = {"src 10.0.0.0/8",
	    "src 10.1.128.0/17", "src ! 10.1.128.0/17", "src 10.1.2.3",
	    "src ! 10.1.2.3", "src 2001:db8::/32", "src ! 2001:db8::/32",
	    "src 0.0.0.0/0", "dst 10.0.0.0/8", "src 10.1.0.0/16 src port 443",
	    "inet", "inet6"};
	static const uint32_t counts[] = {1, 63, 64, 65, 1000};
	static struct flow f[1000];
	uint32_t i;
	size_t k, c;

	(void)state;
	for (i = 0; i < 1000; i++) {
		f[i] = flow();
		f[i].src_addr.b[1] = i % 3 != 0;
		f[i].src_addr.b[2] = (uint8_t)(i * 37);
		f[i].src_addr.b[3] = (uint8_t)(i % 5);
	}
	for (k = 0; k < sizeof(clauses) / sizeof(clauses[0]); k++)
		for (c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
			assert_prefix(clauses[k], f, counts[c]);
}

static void
rules_count_flows_of_blocks_that_need_no_look(void **state)
{
	struct question q = question("discard proto udp\n", NULL);
	struct flow f = flow();
	struct packed k;
	struct select *s;

	(void)state;
	f.protocol = 17;
	k = pack(&f, 1);
	s = select_new(&q);
	assert_false(select_block(s, &k.block));
	select_free(s);
	q.counts = true;
	s = select_new(&q);
	assert_true(select_block(s, &k.block));
	q.until = HALF;
	select_free(s);
	s = select_new(&q);
	assert_false(select_block(s, &k.block));
	select_free(s);
	packed_end(&k);
	question_end(&q);
}

static void
a_scaled_counter_is_asked_for_as_it_is_then(void **state)
{
	struct question q =
	    question(NULL, "discard all\naccept octets >= 1000\n");
	struct flow f = flow();

	(void)state;
	f.octets = 10;
	f.sampling_rate = 100;
	flow_set(&f, FLOW_OCTETS);
	flow_set(&f, FLOW_SAMPLING_RATE);
	assert_false(selects(&q, &f));
	q.scale = true;
	assert_true(selects(&q, &f));
	question_end(&q);
}

static void
what_is_asked_for_is_told(void **state)
{
	struct question q = question("accept tag 1 dst port 80\n",
	    "discard all\naccept src 10.0.0.0/8 duration 5\n");
	static const enum flow_field wants[] = {FLOW_TAG, FLOW_DST_PORT,
	    FLOW_PROTOCOL, FLOW_SRC_ADDR, FLOW_SRC_PREFIX, FLOW_START,
	    FLOW_END};
	struct select *s = select_new(&q);
	struct flow_set needs = {{0}};
	size_t i;
	int n = 0;

	(void)state;
	select_needs(s, &needs);
	for (i = 0; i < sizeof(wants) / sizeof(wants[0]); i++)
		assert_true(needs.w[wants[i] / 64] >> wants[i] % 64 & 1);
	for (i = 0; i < FLOW_WORDS; i++)
		n += __builtin_popcountll(needs.w[i]);
	assert_int_equal(n, sizeof(wants) / sizeof(wants[0]));
	select_free(s);
	question_end(&q);
}

/* Aborts otherwise. */
static void
columns_answer_as_flows_do_one_by_one(void **state)
{
	struct selection s;
	uint64_t i, selected = 0;

	(void)state;
	for (i = 1; i <= 200; i++) {
		s = (struct selection){
		    .seed = i * UINT64_C(0x9e3779b97f4a7c15) | 1};
		selected += selection_check(&s);
	}
	assert_true(selected > 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_rules_all_rows_are_selected),
	    cmocka_unit_test(a_window_is_from_since_to_before_until),
	    cmocka_unit_test(
		who_was_not_received_is_in_the_window_by_the_start),
	    cmocka_unit_test(days_end_when_they_end_here),
	    cmocka_unit_test(dates_are_exact_to_the_nanosecond),
	    cmocka_unit_test(dates_far_away_are_no_trouble),
	    cmocka_unit_test(clauses_see_the_tags_of_rules),
	    cmocka_unit_test(a_block_is_skipped_by_what_its_header_says),
	    cmocka_unit_test(columns_are_not_read_in_vain),
	    cmocka_unit_test(addresses_are_matched_as_they_came),
	    cmocka_unit_test(rules_count_flows_of_blocks_that_need_no_look),
	    cmocka_unit_test(a_scaled_counter_is_asked_for_as_it_is_then),
	    cmocka_unit_test(what_is_asked_for_is_told),
	    cmocka_unit_test(columns_answer_as_flows_do_one_by_one),
	};

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
