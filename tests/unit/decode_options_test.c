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
 * Sampling rates: how options data say them, and which flows have them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "options.h"

/* The rate of a flow behind such an options record, of IPFIX. */
static uint32_t
taught(const struct opt *o)
{
	struct rx *rx = rx_new(NULL);
	uint32_t rate;

	begin(10, DOMAIN);
	options(10, 1, o);
	plain(10);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	rate = rx->f[0].sampling_rate;
	assert_rate(&rx->f[0], rate,
	    rate == 0 ? SAMPLING_NONE : SAMPLING_OPTIONS);
	rx_free(rx);
	return (rate);
}

static uint64_t
bits_of(double d)
{
	uint64_t v;

	memcpy(&v, &d, sizeof(v));
	return (v);
}

static void
each_way_to_say_a_rate_is_understood(void **state)
{
	const float third = 1.0f / 3;
	uint32_t half;

	(void)state;
	assert_int_equal(taught(OPTS(SCOPE, {34, 4, 100})), 100);
	assert_int_equal(taught(OPTS(SCOPE, {50, 2, 200})), 200);
	assert_int_equal(taught(OPTS(SCOPE, {305, 4, 1}, {306, 4, 9})), 10);
	assert_int_equal(taught(OPTS(SCOPE, {305, 4, 2}, {306, 4, 9})), 6);
	assert_int_equal(taught(OPTS(SCOPE, {305, 4, 3}, {306, 4, 10})), 4);
	assert_int_equal(taught(OPTS(SCOPE, {305, 4, 1}, {306, 4, 0})), 1);
	assert_int_equal(taught(OPTS(SCOPE, {305, 4, 512})), 512);
	assert_int_equal(taught(OPTS(SCOPE, {309, 4, 2}, {310, 4, 500})), 250);
	assert_int_equal(taught(OPTS(SCOPE, {309, 4, 9}, {310, 4, 2})), 1);
	assert_int_equal(taught(OPTS(SCOPE, {307, 4, 1000}, {308, 4, 99000})),
	    100);
	assert_int_equal(taught(OPTS(SCOPE, {311, 8, bits_of(0.001)})), 1000);
	assert_int_equal(taught(OPTS(SCOPE, {311, 8, bits_of(1)})), 1);
	memcpy(&half, &third, sizeof(half));
	assert_int_equal(taught(OPTS(SCOPE, {311, 4, half})), 3);
	/* IOS XR: one of 1, n of N. */
	assert_int_equal(taught(OPTS(SCOPE, {305, 4, 1}, {309, 4, 1},
			     {310, 4, 4000})),
	    4000);
}

static void
what_is_no_rate_teaches_none(void **state)
{
	(void)state;
	assert_int_equal(taught(OPTS(SCOPE, {34, 4, 0})), 0);
	assert_int_equal(taught(OPTS(SCOPE, {34, 9, 0})), 0);
	assert_int_equal(taught(OPTS(SCOPE, {305, 4, 0}, {306, 4, 9})), 0);
	assert_int_equal(taught(OPTS(SCOPE, {306, 4, 9})), 0);
	assert_int_equal(taught(OPTS(SCOPE, {309, 4, 0}, {310, 4, 9})), 0);
	assert_int_equal(taught(OPTS(SCOPE, {309, 4, 1}, {310, 4, 0})), 0);
	assert_int_equal(taught(OPTS(SCOPE, {311, 8, bits_of(0)})), 0);
	assert_int_equal(taught(OPTS(SCOPE, {311, 8, bits_of(-1)})), 0);
	assert_int_equal(taught(OPTS(SCOPE, {311, 8, bits_of(2)})), 0);
	assert_int_equal(taught(OPTS(SCOPE,
			     {311, 8, UINT64_C(0x7ff8000000000000)})),
	    0);
	assert_int_equal(taught(OPTS(SCOPE, {35, 1, 2})), 0);
}

static void
rates_that_are_too_large_are_the_most_there_is(void **state)
{
	(void)state;
	assert_true(taught(OPTS(SCOPE, {34, 8, UINT64_MAX})) == UINT32_MAX);
	assert_true(taught(OPTS(SCOPE, {305, 4, 1},
			{306, 8, UINT64_MAX - 1})) == UINT32_MAX);
	assert_true(
	    taught(OPTS(SCOPE, {305, 4, 2}, {306, 8, UINT64_MAX - 1})) == 0);
	assert_true(
	    taught(OPTS(SCOPE, {311, 8, bits_of(1e-300)})) == UINT32_MAX);
}

static void
the_method_is_told_in_the_numbers_of_netflow(void **state)
{
	static const struct {
		uint16_t id;
		uint8_t v, method;
	} cases[] = {{35, 1, 1}, {35, 2, 2}, {49, 2, 2}, {304, 1, 1},
	    {304, 2, 1}, {304, 3, 2}, {304, 4, 2}, {304, 5, 0}, {304, 0, 0}};
	struct rx *rx;
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(cases); i++) {
		rx = rx_new(NULL);
		begin(10, DOMAIN);
		options(10, 1,
		    OPTS(SCOPE, {34, 4, 100}, {cases[i].id, 1, cases[i].v}));
		plain(10);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_int_equal(rx->f[0].sampling_algorithm, cases[i].method);
		assert_int_equal(flow_has(&rx->f[0], FLOW_SAMPLING_ALGORITHM),
		    cases[i].method != 0);
		rx_free(rx);
	}
}

/* The id, then the interfaces, then the template, then all. */
static void
the_nearest_rate_counts(void **state)
{
	static const uint8_t versions[] = {9, 10};
	struct rx *rx;
	size_t i;
	uint8_t v;

	(void)state;
	for (i = 0; i < sizeof(versions); i++) {
		v = versions[i];
		rx = rx_new(NULL);
		begin(v, DOMAIN);
		options(v, 1, OPTS({v == 9 ? 1 : 144, 4, 0}, {34, 4, 10}));
		options(v, 1, OPTS({v == 9 ? 5 : 145, 2, T_FLOW}, {34, 4, 20}));
		options(v, 1, OPTS({v == 9 ? 2 : 10, 4, 5}, {34, 4, 30}));
		options(v, 1, OPTS({v == 9 ? 2 : 14, 4, 6}, {34, 4, 40}));
		options(v, 1,
		    OPTS({v == 9 ? 1 : 302, 1, 3}, {48, 1, 3}, {50, 4, 50}));
		flow_template(v, T_FLOW);
		flow_template(v, T_FLOW + 1);
		flow_data(T_FLOW, 3, 5, 6);
		flow_data(T_FLOW, 4, 5, 6);
		flow_data(T_FLOW, 4, 1, 6);
		flow_data(T_FLOW, 4, 1, 1);
		flow_data(T_FLOW + 1, 4, 1, 1);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_int_equal(rx->n, 5);
		assert_int_equal(rx->report.options, 5);
		assert_rate(&rx->f[0], 50, SAMPLING_OPTIONS);
		assert_rate(&rx->f[1], 30, SAMPLING_OPTIONS);
		assert_rate(&rx->f[2], 40, SAMPLING_OPTIONS);
		assert_rate(&rx->f[3], 20, SAMPLING_OPTIONS);
		assert_rate(&rx->f[4], 10, SAMPLING_OPTIONS);
		rx_free(rx);
	}
}

static void
a_flow_of_sampler_0_was_not_sampled(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	rx->src.sampling = 7;
	begin(9, DOMAIN);
	options(9, 1, OPTS({1, 4, 0}, {34, 4, 10}));
	flow_template(9, T_FLOW);
	flow_data(T_FLOW, 0, 5, 6);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 0, SAMPLING_NONE);
	/* Unless there is such a sampler. */
	begin(9, DOMAIN);
	options(9, 1, OPTS({1, 4, 0}, {48, 1, 0}, {50, 4, 20}));
	flow_data(T_FLOW, 0, 5, 6);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 20, SAMPLING_OPTIONS);
	rx_free(rx);
}

static void
one_sampler_needs_no_name(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(9, DOMAIN);
	options(9, 1, OPTS({1, 4, 0}, {48, 1, 3}, {50, 4, 50}));
	options(9, 1, OPTS({2, 4, 9}, {82, 4, 0x65746830}));
	flow_template(9, T_FLOW);
	plain(9);
	flow_data(T_FLOW, 4, 1, 1);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 50, SAMPLING_OPTIONS);
	/* It names another. */
	assert_rate(&rx->f[1], 0, SAMPLING_NONE);
	/* With two nobody knows which. */
	begin(9, DOMAIN);
	options(9, 1, OPTS({1, 4, 0}, {48, 1, 4}, {50, 4, 60}));
	plain(9);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 0, SAMPLING_NONE);
	/* Said to be 0, it is gone. */
	begin(9, DOMAIN);
	options(9, 1, OPTS({1, 4, 0}, {48, 1, 3}, {50, 4, 0}));
	plain(9);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 60, SAMPLING_OPTIONS);
	rx_free(rx);
}

static void
what_the_record_says_comes_first(void **state)
{
	static const uint16_t specs[][2] = {{4, 1}, {34, 4}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	rx->src.sampling = 7;
	begin(10, DOMAIN);
	options(10, 1, OPTS(SCOPE, {34, 4, 10}));
	template_set(&m, 2, T_FLOW, specs, 2);
	set_begin(&m, T_FLOW);
	put(&m, 6, 1);
	put(&m, 99, 4);
	put(&m, 6, 1);
	put(&m, 0, 4); /* is no rate */
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_rate(&rx->f[0], 99, SAMPLING_RECORD);
	assert_rate(&rx->f[1], 10, SAMPLING_OPTIONS);
	rx_free(rx);
}

static void
parts_of_a_rate_in_a_record_of_flows_make_one(void **state)
{
	static const uint16_t space[][2] = {{305, 4}, {306, 4}, {304, 2}};
	static const uint16_t population[][2] = {{309, 4}, {310, 4}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(10, DOMAIN);
	template_set(&m, 2, T_FLOW, space, 3);
	template_set(&m, 2, T_FLOW + 1, population, 2);
	set_begin(&m, T_FLOW);
	put(&m, 1, 4);
	put(&m, 999, 4);
	put(&m, 1, 2);
	set_end(&m);
	set_begin(&m, T_FLOW + 1);
	put(&m, 1, 4);
	put(&m, 64, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_rate(&rx->f[0], 1000, SAMPLING_RECORD);
	assert_int_equal(rx->f[0].sampling_algorithm, 1);
	assert_rate(&rx->f[1], 64, SAMPLING_RECORD);
	rx_free(rx);
}

static void
the_configured_rate_is_for_flows_without_one(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	rx->src.sampling = 7;
	begin(9, DOMAIN);
	plain(9);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 7, SAMPLING_CONFIG);
	begin(9, DOMAIN);
	options(9, 1, OPTS({1, 4, 0}, {34, 4, 10}));
	plain(9);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 10, SAMPLING_OPTIONS);
	rx_free(rx);
}

static void
a_changed_rate_holds_from_then_on(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct dec_usage usage;

	(void)state;
	begin(9, DOMAIN);
	options(9, 1, OPTS({1, 4, 0}, {48, 1, 1}, {50, 4, 100}));
	flow_template(9, T_FLOW);
	flow_data(T_FLOW, 1, 1, 1);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 100, SAMPLING_OPTIONS);
	begin(9, DOMAIN);
	options_data(T_OPTIONS, OPTS({1, 4, 0}, {48, 1, 1}, {50, 4, 200}));
	flow_data(T_FLOW, 1, 1, 1);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 200, SAMPLING_OPTIONS);
	decode_usage(rx->d, &usage);
	assert_int_equal(usage.facts, 1);
	rx_free(rx);
}

static void
scopes_of_no_length_and_no_scopes_are_for_all(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(9, DOMAIN);
	options(9, 1, OPTS({1, 0, 0}, {35, 1, 2}, {34, 4, 10}));
	plain(9);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 10, SAMPLING_OPTIONS);
	begin(9, DOMAIN);
	options(9, 0, OPTS({34, 4, 20}));
	plain(9);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 20, SAMPLING_OPTIONS);
	begin(9, DOMAIN);
	options(9, 1, OPTS({2, 4, 0}, {34, 4, 30}));
	plain(9);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 30, SAMPLING_OPTIONS);
	rx_free(rx);
}

/* A scope of v9 has a number of its own kind: 10 is no interface there. */
static void
scopes_are_no_elements_in_v9(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(9, DOMAIN);
	options(9, 1, OPTS({10, 4, 5}, {34, 4, 10}));
	options(9, 1, OPTS({34, 4, 99}, {82, 4, 0x65746830}));
	plain(9);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 10, SAMPLING_OPTIONS);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_way_to_say_a_rate_is_understood),
	    cmocka_unit_test(what_is_no_rate_teaches_none),
	    cmocka_unit_test(rates_that_are_too_large_are_the_most_there_is),
	    cmocka_unit_test(the_method_is_told_in_the_numbers_of_netflow),
	    cmocka_unit_test(the_nearest_rate_counts),
	    cmocka_unit_test(a_flow_of_sampler_0_was_not_sampled),
	    cmocka_unit_test(one_sampler_needs_no_name),
	    cmocka_unit_test(what_the_record_says_comes_first),
	    cmocka_unit_test(parts_of_a_rate_in_a_record_of_flows_make_one),
	    cmocka_unit_test(the_configured_rate_is_for_flows_without_one),
	    cmocka_unit_test(a_changed_rate_holds_from_then_on),
	    cmocka_unit_test(scopes_of_no_length_and_no_scopes_are_for_all),
	    cmocka_unit_test(scopes_are_no_elements_in_v9),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
