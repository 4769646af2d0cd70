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

#include <string.h>

#include "archive/rows.h"
#include "query/derive.h"

static struct rows *rows;
static struct batch *batch;
static struct derive *derive;

static int
setup(void **state)
{
	(void)state;
	rows = rows_new(100, NULL);
	batch = batch_new();
	derive = derive_new();
	return (rows == NULL || batch == NULL || derive == NULL ? -1 : 0);
}

static int
teardown(void **state)
{
	(void)state;
	derive_free(derive);
	batch_free(batch);
	rows_free(rows);
	return (0);
}

static struct flow
flow(uint64_t packets, uint64_t octets)
{
	struct flow f;

	memset(&f, 0, sizeof(f));
	f.packets = packets;
	f.octets = octets;
	flow_set(&f, FLOW_PACKETS);
	flow_set(&f, FLOW_OCTETS);
	return (f);
}

static struct flow
timed(uint64_t packets, uint64_t octets, int64_t start, int64_t end)
{
	struct flow f = flow(packets, octets);

	f.start = start;
	f.end = end;
	flow_set(&f, FLOW_START);
	flow_set(&f, FLOW_END);
	return (f);
}

static void
add(struct flow f)
{
	assert_true(rows_add(rows, &f));
	batch_set_rows(batch, rows);
}

static uint64_t
value(enum quantity q, uint32_t row)
{
	const struct vec *v;

	assert_int_equal(derive_quantity(derive, batch, q, &v), BLOCK_OK);
	assert_non_null(v);
	assert_int_equal(v->n, batch_flows(batch));
	return (vec_number(v, row));
}

#define SEC NSEC_PER_SEC

static void
counters_are_those_of_the_flow(void **state)
{
	struct flow f = flow(7, 900);

	(void)state;
	f.reverse_packets = 3;
	f.reverse_octets = 200;
	flow_set(&f, FLOW_REVERSE_PACKETS);
	flow_set(&f, FLOW_REVERSE_OCTETS);
	add(f);
	add(flow(8, 901));
	assert_int_equal(value(Q_PACKETS, 0), 7);
	assert_int_equal(value(Q_OCTETS, 1), 901);
	assert_int_equal(value(Q_REVERSE_PACKETS, 0), 3);
	assert_int_equal(value(Q_REVERSE_OCTETS, 0), 200);
	assert_int_equal(value(Q_REVERSE_OCTETS, 1), 0);
	assert_int_equal(value(Q_RECORDS, 0), 1);
	assert_int_equal(value(Q_RECORDS, 1), 1);
}

static void
a_sum_of_flows_counts_as_so_many(void **state)
{
	struct flow f = flow(1, 1);

	(void)state;
	add(f);
	assert_int_equal(value(Q_FLOWS, 0), 1);
	f.flows = 30;
	flow_set(&f, FLOW_FLOWS);
	add(f);
	assert_int_equal(value(Q_FLOWS, 0), 1);
	assert_int_equal(value(Q_FLOWS, 1), 30);
	rows_clear(rows);
	add(f);
	assert_int_equal(value(Q_FLOWS, 0), 30);
}

static void
what_no_flow_has_is_zero(void **state)
{
	struct flow f;
	int q;

	(void)state;
	memset(&f, 0, sizeof(f));
	f.src_port = 1;
	flow_set(&f, FLOW_SRC_PORT);
	add(f);
	for (q = 0; q < Q_MAX; q++)
		assert_int_equal(value((enum quantity)q, 0),
		    q == Q_FLOWS || q == Q_RECORDS);
}

static void
a_flow_without_a_start_starts_when_it_is_known_to_have_been(void **state)
{
	struct flow f = flow(1, 1);

	(void)state;
	f.recv_time = 40 * SEC;
	flow_set(&f, FLOW_RECV_TIME);
	add(f);
	f.event_time = 30 * SEC;
	flow_set(&f, FLOW_EVENT_TIME);
	add(f);
	f.end = 20 * SEC;
	flow_set(&f, FLOW_END);
	add(f);
	f.start = 10 * SEC;
	flow_set(&f, FLOW_START);
	add(f);
	flow_unset(&f, FLOW_END);
	f.end = 0;
	add(f);
	add(flow(1, 1));
	assert_int_equal(value(Q_START, 0), 40 * SEC);
	assert_int_equal(value(Q_START, 1), 30 * SEC);
	assert_int_equal(value(Q_START, 2), 20 * SEC);
	assert_int_equal(value(Q_START, 3), 10 * SEC);
	assert_int_equal(value(Q_END, 0), 40 * SEC);
	assert_int_equal(value(Q_END, 1), 30 * SEC);
	assert_int_equal(value(Q_END, 2), 20 * SEC);
	assert_int_equal(value(Q_END, 3), 20 * SEC);
	assert_int_equal(value(Q_END, 4), 10 * SEC);
	assert_int_equal(value(Q_START, 5), 0);
}

static void
a_duration_is_from_start_to_end(void **state)
{
	struct flow f = timed(1, 1, -5 * SEC, 0);

	(void)state;
	add(timed(1, 1, 10 * SEC, 12 * SEC + 5));
	add(timed(1, 1, 10 * SEC, 9 * SEC));
	add(timed(1, 1, -7, 3));
	add(timed(1, 1, INT64_MIN, INT64_MAX));
	flow_unset(&f, FLOW_END);
	add(f);
	f = timed(1, 1, 0, 5 * SEC);
	flow_unset(&f, FLOW_START);
	add(f);
	assert_int_equal(value(Q_DURATION, 0), 2 * SEC + 5);
	assert_int_equal(value(Q_DURATION, 1), 0);
	assert_int_equal(value(Q_DURATION, 2), 10);
	assert_true(value(Q_DURATION, 3) == UINT64_MAX);
	assert_int_equal(value(Q_DURATION, 4), 0);
	assert_int_equal(value(Q_DURATION, 5), 0);
}

static void
rates_are_rounded_down(void **state)
{
	(void)state;
	add(timed(10, 1001, 0, 4 * SEC));
	add(timed(10, 1001, 0, 0));
	add(timed(0, 1001, 0, SEC));
	add(timed(3, 2, 0, 1));
	assert_int_equal(value(Q_PPS, 0), 2);
	assert_int_equal(value(Q_BPS, 0), 2002);
	assert_int_equal(value(Q_BPP, 0), 100);
	assert_int_equal(value(Q_PPS, 1), 0);
	assert_int_equal(value(Q_BPS, 1), 0);
	assert_int_equal(value(Q_BPP, 1), 100);
	assert_int_equal(value(Q_BPP, 2), 0);
	assert_true(value(Q_PPS, 3) == 3 * (uint64_t)SEC);
	assert_true(value(Q_BPS, 3) == 16 * (uint64_t)SEC);
	assert_int_equal(value(Q_BPP, 3), 0);
}

/* Numbers from python: octets * 8 * 10**9 // ns */
static void
rates_of_large_counters_are_exact(void **state)
{
	(void)state;
	add(timed(UINT64_MAX, UINT64_MAX, 0, INT64_MAX));
	add(timed(UINT64_MAX, UINT64_MAX, 0, 1));
	add(timed(1, UINT64_C(9000000000000000001), 0,
	    INT64_C(86400123456789)));
	add(timed(1, UINT64_MAX, INT64_MIN, INT64_MAX));
	assert_true(value(Q_PPS, 0) == UINT64_C(2000000000));
	assert_true(value(Q_BPS, 0) == UINT64_C(16000000000));
	assert_true(value(Q_BPS, 1) == UINT64_MAX);
	assert_true(value(Q_BPS, 2) == UINT64_C(833332142586684));
	assert_true(value(Q_BPS, 3) == UINT64_C(8000000000));
}

static struct flow
sampled(uint64_t octets, uint32_t rate)
{
	struct flow f = flow(2, octets);

	f.sampling_rate = rate;
	flow_set(&f, FLOW_SAMPLING_RATE);
	f.out_packets = 5;
	f.out_octets = 6;
	flow_set(&f, FLOW_OUT_PACKETS);
	flow_set(&f, FLOW_OUT_OCTETS);
	return (f);
}

static struct flow
row(uint32_t i)
{
	struct flow f;

	assert_int_equal(batch_row(batch, i, NULL, &f), BLOCK_OK);
	return (f);
}

static void
scale(void)
{
	assert_int_equal(derive_scale(derive, batch), BLOCK_OK);
}

static void
counters_are_multiplied_by_each_flows_rate(void **state)
{
	(void)state;
	add(sampled(1000, 100));
	add(sampled(7, 0));
	add(sampled(7, 1));
	add(flow(3, 40));
	scale();
	assert_int_equal(row(0).octets, 100000);
	assert_int_equal(row(0).packets, 200);
	assert_int_equal(row(0).out_packets, 500);
	assert_int_equal(row(0).out_octets, 600);
	assert_int_equal(row(0).sampling_rate, 100);
	assert_int_equal(row(1).octets, 7);
	assert_int_equal(row(2).octets, 7);
	assert_int_equal(row(3).octets, 40);
	assert_int_equal(row(3).out_octets, 0);
	assert_int_equal(value(Q_OCTETS, 0), 100000);
	assert_int_equal(value(Q_BPP, 0), 500);
}

static void
one_rate_for_all_is_applied_too(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 50; i++)
		add(sampled(i % 2 ? 1000 : 70, 10));
	scale();
	for (i = 0; i < 50; i++) {
		assert_int_equal(row(i).octets, i % 2 ? 10000 : 700);
		assert_int_equal(row(i).packets, 20);
	}
}

static void
what_does_not_fit_becomes_the_greatest(void **state)
{
	(void)state;
	add(sampled(UINT64_MAX / 2, 3));
	add(sampled(UINT64_MAX / 4, 4));
	add(sampled(1, UINT32_MAX));
	scale();
	assert_true(row(0).octets == UINT64_MAX);
	assert_true(row(1).octets == UINT64_MAX / 4 * 4);
	assert_true(row(2).octets == UINT32_MAX);
}

static void
without_rates_nothing_is_scaled(void **state)
{
	const struct vec *before, *after;

	(void)state;
	add(flow(3, 40));
	add(flow(3, 41));
	batch_column(batch, FLOW_OCTETS, &before);
	scale();
	batch_column(batch, FLOW_OCTETS, &after);
	assert_ptr_equal(before, after);
}

static bool
in(const struct flow_set *s, enum flow_field f)
{
	return (s->w[f / 64] >> f % 64 & 1);
}

static void
what_a_quantity_needs_is_told(void **state)
{
	struct flow_set s = {{0}};

	(void)state;
	derive_needs(Q_BPS, &s);
	assert_true(in(&s, FLOW_OCTETS));
	assert_true(in(&s, FLOW_START));
	assert_true(in(&s, FLOW_END));
	assert_false(in(&s, FLOW_PACKETS));
	derive_needs(Q_BPP, &s);
	assert_true(in(&s, FLOW_PACKETS));
	derive_needs(Q_FLOWS, &s);
	assert_true(in(&s, FLOW_FLOWS));
	assert_false(in(&s, FLOW_SAMPLING_RATE));
	derive_scale_needs(&s);
	assert_true(in(&s, FLOW_SAMPLING_RATE));
	assert_true(in(&s, FLOW_OUT_OCTETS));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(counters_are_those_of_the_flow),
	    TEST(a_sum_of_flows_counts_as_so_many),
	    TEST(what_no_flow_has_is_zero),
	    TEST(a_flow_without_a_start_starts_when_it_is_known_to_have_been),
	    TEST(a_duration_is_from_start_to_end),
	    TEST(rates_are_rounded_down),
	    TEST(rates_of_large_counters_are_exact),
	    TEST(counters_are_multiplied_by_each_flows_rate),
	    TEST(one_rate_for_all_is_applied_too),
	    TEST(what_does_not_fit_becomes_the_greatest),
	    TEST(without_rates_nothing_is_scaled),
	    TEST(what_a_quantity_needs_is_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
