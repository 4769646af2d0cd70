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
 * Data, and the options and templates behind them in the same message.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "options.h"

static void
options_behind_the_data_count(void **state)
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
		flow_template(v, T_FLOW);
		flow_data(T_FLOW, 1, 1, 1);
		options(v, 1, OPTS({2, 4, 0}, {48, 1, 1}, {50, 4, 100}));
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_rate(&rx->f[0], 100, SAMPLING_OPTIONS);
		rx_free(rx);
	}
}

/* Even if their template is the last of all. */
static void
templates_behind_the_data_count(void **state)
{
	const struct opt *o = OPTS({144, 4, 0}, {302, 1, 1}, {34, 4, 100});
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix_begin(&m, 1700000000, 0, DOMAIN);
	flow_data(T_FLOW, 1, 1, 1);
	options_data(T_OPTIONS, o);
	flow_template(10, T_FLOW);
	options_template(10, T_OPTIONS, 1, o);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	assert_int_equal(rx->report.options, 1);
	assert_int_equal(rx->report.sets_no_template, 0);
	assert_rate(&rx->f[0], 100, SAMPLING_OPTIONS);
	/* Two records: the next number is 2. */
	ipfix_begin(&m, 1700000000, 2, DOMAIN);
	flow_data(T_FLOW, 1, 1, 1);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.seq_lost, 0);
	assert_int_equal(rx->report.seq_reset, 0);
	rx_free(rx);
}

static void
sets_before_a_new_template_are_of_the_old_one(void **state)
{
	static const uint16_t other[][2] = {{10, 4}, {2, 6}};
	struct rx *rx = rx_new(NULL);
	struct dec_usage before, after;
	unsigned int i;

	(void)state;
	begin(10, DOMAIN);
	flow_template(10, T_FLOW);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	decode_usage(rx->d, &before);
	for (i = 0; i < 3; i++) {
		begin(10, DOMAIN);
		flow_data(T_FLOW, 1, 5, 6);
		template_set(&m, 2, T_FLOW, other, 2);
		set_begin(&m, T_FLOW);
		put(&m, 77, 4);
		put(&m, 88, 6);
		set_end(&m);
		flow_template(10, T_FLOW);
		flow_data(T_FLOW, 2, 9, 9);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_int_equal(rx->n, 3);
		assert_int_equal(rx->f[0].protocol, 6);
		assert_int_equal(rx->f[0].in_if, 5);
		assert_int_equal(rx->f[1].in_if, 77);
		assert_int_equal(rx->f[1].packets, 88);
		assert_int_equal(rx->f[2].in_if, 9);
		assert_int_equal(rx->f[2].sampler_id, 2);
	}
	decode_usage(rx->d, &after);
	assert_int_equal(after.templates, before.templates);
	assert_true(after.bytes == before.bytes);
	rx_free(rx);
}

static void
sets_before_a_withdrawal_are_decoded(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct dec_usage usage;

	(void)state;
	begin(10, DOMAIN);
	flow_template(10, T_FLOW);
	flow_template(10, T_FLOW + 1);
	flow_data(T_FLOW, 1, 5, 6);
	template_set(&m, 2, T_FLOW, NULL, 0);
	flow_data(T_FLOW, 2, 5, 6);
	flow_data(T_FLOW + 1, 3, 5, 6);
	template_set(&m, 2, 2, NULL, 0);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_int_equal(rx->f[0].sampler_id, 1);
	assert_int_equal(rx->f[1].sampler_id, 3);
	assert_int_equal(rx->report.sets_no_template, 1);
	assert_int_equal(rx->report.templates_withdrawn, 2);
	decode_usage(rx->d, &usage);
	assert_int_equal(usage.templates, 0);
	rx_free(rx);
}

/* More sets than can wait: flows keep their order. */
static void
many_sets_keep_their_order(void **state)
{
	static const uint16_t specs[][2] = {{10, 4}};
	struct rx *rx = rx_new(NULL);
	uint32_t i, n = 200;

	(void)state;
	begin(10, DOMAIN);
	template_set(&m, 2, T_FLOW, specs, 1);
	for (i = 0; i < n; i++) {
		set_begin(&m, T_FLOW);
		put(&m, i, 4);
		set_end(&m);
	}
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, n);
	for (i = 0; i < n; i++)
		assert_int_equal(rx->f[i].in_if, i);
	rx_free(rx);
}

static void
the_first_error_of_the_wire_is_reported(void **state)
{
	static const uint16_t variable[][2] = {{82, NF_VARLEN}};
	static const uint16_t none[][2] = {{4, 0}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(10, DOMAIN);
	template_set(&m, 2, T_FLOW, variable, 1);
	set_begin(&m, T_FLOW);
	put(&m, 200, 1); /* so long it is not */
	set_end(&m);
	template_set(&m, 2, T_FLOW + 1, none, 1);
	assert_int_equal(rx_msg(rx, &m), DEC_BADLEN);
	assert_int_equal(rx->report.templates_refused, 1);
	begin(10, DOMAIN);
	template_set(&m, 2, T_FLOW + 1, none, 1);
	set_begin(&m, T_FLOW);
	put(&m, 200, 1);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_BADTEMPLATE);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(options_behind_the_data_count),
	    cmocka_unit_test(templates_behind_the_data_count),
	    cmocka_unit_test(sets_before_a_new_template_are_of_the_old_one),
	    cmocka_unit_test(sets_before_a_withdrawal_are_decoded),
	    cmocka_unit_test(many_sets_keep_their_order),
	    cmocka_unit_test(the_first_error_of_the_wire_is_reported),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
