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
 * Names and addresses that options data teach, and the limits of it all.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "options.h"

static void
samplers_are_those_of_their_exporter_and_domain(void **state)
{
	struct rx *rx = rx_new(NULL);
	uint8_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		rx->src.agent.b[3] = i / 2;
		begin(9, i % 2);
		options(9, 1, OPTS({1, 4, 0}, {48, 1, 1}, {50, 4, 100u + i}));
		flow_template(9, T_FLOW);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
	}
	for (i = 0; i < 4; i++) {
		rx->src.agent.b[3] = i / 2;
		begin(9, i % 2);
		flow_data(T_FLOW, 1, 1, 1);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_rate(&rx->f[0], 100u + i, SAMPLING_OPTIONS);
	}
	rx_free(rx);
}

static void
a_domain_can_be_told_of_by_another(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	/* Not before it is known, and it is not made. */
	begin(10, 0);
	options(10, 1, OPTS({149, 4, DOMAIN}, {34, 4, 10}));
	plain(10);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 0, SAMPLING_NONE);
	begin(10, DOMAIN);
	plain(10);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 0, SAMPLING_NONE);
	begin(10, 0);
	options_data(T_OPTIONS, OPTS({149, 4, DOMAIN}, {34, 4, 10}));
	plain(10);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 0, SAMPLING_NONE);
	begin(10, DOMAIN);
	plain(10);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 10, SAMPLING_OPTIONS);
	rx_free(rx);
}

static void
assert_text(const struct flow *f, enum flow_field bit, const char *s)
{
	const struct flow_text *t = field_cptr(f, &fields[bit]);

	assert_int_equal(flow_has(f, bit), s != NULL);
	if (s == NULL)
		return;
	assert_int_equal(t->len, strlen(s));
	assert_memory_equal(t->p, s, t->len);
}

/* 8 bytes of text, NUL padded, as a number */
#define NAME(a, b, c)                                        \
	(UINT64_C(1) * (a) << 56 | UINT64_C(1) * (b) << 48 | \
	    UINT64_C(1) * (c) << 40)

static void
send_names(struct rx *rx)
{
	static const uint16_t specs[][2] = {{10, 4}, {14, 4}, {234, 4},
	    {235, 4}, {95, 4}};

	begin(10, DOMAIN);
	/* What is behind the NUL is not of the name. */
	options(10, 1, OPTS({10, 4, 1}, {82, 8, NAME('i', 'n', 0) | 'x'}));
	options(10, 2,
	    OPTS({10, 4, 2}, {14, 4, 2}, {82, 8, 0},
		{83, 8, NAME('o', 'u', 't')}));
	options(10, 1, OPTS({234, 4, 3}, {236, 8, NAME('r', 'e', 'd')}));
	options(10, 1,
	    OPTS({95, 4, 0x03000050}, {96, 8, NAME('w', 'w', 'w')},
		{94, 8, NAME('w', '3', 0)}));
	template_set(&m, 2, T_FLOW, specs, 5);
	set_begin(&m, T_FLOW);
	put(&m, 1, 4);
	put(&m, 2, 4);
	put(&m, 3, 4);
	put(&m, 4, 4);
	put(&m, 0x03000050, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
}

static void
names_are_given_to_who_asks_for_them(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f = &rx->f[0];

	(void)state;
	send_names(rx);
	assert_text(f, FLOW_IN_IF_NAME, NULL);
	decode_names(rx->d, true);
	send_names(rx);
	assert_text(f, FLOW_IN_IF_NAME, "in");
	assert_text(f, FLOW_OUT_IF_NAME, "out");
	assert_text(f, FLOW_IN_VRF_NAME, "red");
	assert_text(f, FLOW_OUT_VRF_NAME, NULL);
	assert_text(f, FLOW_APPLICATION_NAME, "www");
	/* And the next flow, which has none, gets none. */
	begin(10, DOMAIN);
	plain(10);
	flow_template(10, T_FLOW + 1);
	flow_data(T_FLOW + 1, 1, 8, 9);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_text(&rx->f[0], FLOW_IN_IF_NAME, "in");
	assert_text(&rx->f[1], FLOW_IN_IF_NAME, NULL);
	assert_text(&rx->f[1], FLOW_APPLICATION_NAME, NULL);
	rx_free(rx);
}

static void
exporters_can_name_themselves(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct addr a;
	char buf[ADDR_STRLEN];

	(void)state;
	begin(10, DOMAIN);
	options(10, 1, OPTS({144, 4, 1}, {130, 4, 0x0a000001}, {131, 16, 0}));
	plain(10);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_true(flow_has(&rx->f[0], FLOW_EXPORTER));
	assert_string_equal(addr_format(&rx->f[0].exporter, buf), "10.0.0.1");
	assert_true(addr_equal(&rx->f[0].agent, &rx->src.agent));
	/* A relay knows better, and whoever is trusted is believed. */
	rx->src.trusted = true;
	begin(10, DOMAIN);
	options(10, 1, OPTS({130, 4, 0x0a000001}, {403, 4, 0x0a000002}));
	plain(10);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_string_equal(addr_format(&rx->f[0].exporter, buf), "10.0.0.2");
	assert_string_equal(addr_format(&rx->f[0].agent, buf), "10.0.0.2");
	/* What is known of it is still kept under its real address. */
	a = rx->src.agent;
	rx->src.agent.b[3]++;
	begin(10, DOMAIN);
	plain(10);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_false(flow_has(&rx->f[0], FLOW_EXPORTER));
	assert_true(addr_equal(&rx->f[0].agent, &rx->src.agent));
	rx->src.agent = a;
	rx_free(rx);
}

static void
the_exporter_of_the_record_comes_first(void **state)
{
	static const uint16_t specs[][2] = {{130, 4}, {403, 4}, {4, 1}};
	struct rx *rx = rx_new(NULL);
	char buf[ADDR_STRLEN];

	(void)state;
	rx->src.trusted = true;
	begin(10, DOMAIN);
	options(10, 1, OPTS({144, 4, 1}, {130, 4, 0x0a000001}));
	template_set(&m, 2, T_FLOW, specs, 3);
	set_begin(&m, T_FLOW);
	put(&m, 0x0a000002, 4);
	put(&m, 0x0a000003, 4);
	put(&m, 6, 1);
	put(&m, 0x0a000002, 4);
	put(&m, 0, 4);
	put(&m, 6, 1);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_string_equal(addr_format(&rx->f[0].agent, buf), "10.0.0.3");
	assert_string_equal(addr_format(&rx->f[1].agent, buf), "10.0.0.1");
	rx_free(rx);
}

/* Samplers without end, each in an options record. */
static void
flood(struct rx *rx, uint32_t first, uint32_t n)
{
	uint32_t i;

	begin(9, DOMAIN);
	options_template(9, T_OPTIONS, 1,
	    OPTS({1, 4, 0}, {48, 4, 0}, {50, 4, 0}));
	set_begin(&m, T_OPTIONS);
	for (i = first; i < first + n; i++) {
		put(&m, 0, 4);
		put(&m, i, 4);
		put(&m, 100, 4);
	}
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.options, n);
}

static void
a_flood_of_options_stays_within_limits(void **state)
{
	const struct dec_limits limits = {.facts = 2000, .facts_domain = 1000};
	struct rx *rx = rx_new(&limits);
	struct dec_usage usage;
	uint32_t i;

	(void)state;
	for (i = 0; i < 20; i++) {
		rx->src.agent.b[3] = (uint8_t)i;
		flood(rx, 1, 1500);
		assert_int_equal(rx->report.facts_refused, 500);
		decode_usage(rx->d, &usage);
		assert_true(usage.facts <= 2000);
	}
	assert_int_equal(usage.facts_refused, 20 * 500);
	rx_free(rx);
}

static void
a_flood_does_not_make_a_configured_exporter_forget(void **state)
{
	const struct dec_limits limits = {.facts = 2000,
	    .facts_domain = 1500,
	    .bytes = 400000};
	struct rx *rx = rx_new(&limits);
	struct dec_usage usage;
	uint32_t i;

	(void)state;
	rx->src.configured = true;
	begin(9, DOMAIN);
	options(9, 1, OPTS({1, 4, 0}, {48, 1, 1}, {50, 4, 100}));
	flow_template(9, T_FLOW);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	rx->src.configured = false;
	for (i = 1; i < 50; i++) {
		rx->src.agent.b[2] = (uint8_t)i;
		flood(rx, i * 1000, 1600);
		decode_usage(rx->d, &usage);
		assert_true(usage.facts <= 2000);
		assert_true(usage.bytes <= 400000);
	}
	assert_true(usage.evicted > 10);
	rx->src.configured = true;
	rx->src.agent.b[2] = 0;
	begin(9, DOMAIN);
	flow_data(T_FLOW, 1, 1, 1);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 100, SAMPLING_OPTIONS);
	rx_free(rx);
}

/* Teaching another domain makes no room at the expense of one's own. */
static void
the_domain_of_the_datagram_is_not_evicted_by_it(void **state)
{
	const struct dec_limits limits = {.facts = 3};
	struct rx *rx = rx_new(&limits);
	uint32_t i;

	(void)state;
	begin(10, DOMAIN);
	plain(10);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	begin(10, 0);
	options(10, 1, OPTS({302, 4, 1}, {34, 4, 10}));
	options_template(10, T_OPTIONS, 1,
	    OPTS({149, 4, 0}, {302, 4, 0}, {34, 4, 0}));
	for (i = 1; i < 10; i++)
		options_data(T_OPTIONS,
		    OPTS({149, 4, DOMAIN}, {302, 4, i}, {34, 4, 20}));
	plain(10);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.facts_refused, 7);
	assert_rate(&rx->f[0], 10, SAMPLING_OPTIONS);
	rx_free(rx);
}

/* Fields of no length cost nothing, however many there are. */
static void
records_of_many_empty_fields_cost_no_time(void **state)
{
	static struct opt o[16000];
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	memset(o, 0, sizeof(o));
	for (i = 0; i < 15000; i++)
		o[i].id = 82;
	o[i++] = (struct opt){34, 1, 0};
	begin(10, DOMAIN);
	options_template(10, T_OPTIONS, 1, o);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	begin(10, DOMAIN);
	set_begin(&m, T_OPTIONS);
	for (i = 0; i < 60000; i++)
		put(&m, 9, 1);
	set_end(&m);
	plain(10);
	/* Of 10^9 steps this would take seconds, and valgrind minutes. */
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.options, 60000);
	assert_rate(&rx->f[0], 9, SAMPLING_OPTIONS);
	rx_free(rx);
}

static void
a_record_that_is_cut_teaches_nothing(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(10, DOMAIN);
	options_template(10, T_OPTIONS, 1,
	    OPTS({144, 1, 0}, {34, 1, 0}, {82, NF_VARLEN, 0}));
	set_begin(&m, T_OPTIONS);
	put(&m, 1, 1);
	put(&m, 10, 1);
	put(&m, 250, 1);
	set_end(&m);
	plain(10);
	assert_int_equal(rx_msg(rx, &m), DEC_BADLEN);
	assert_int_equal(rx->report.options, 0);
	assert_int_equal(rx->n, 1);
	assert_rate(&rx->f[0], 0, SAMPLING_NONE);
	rx_free(rx);
}

static void
an_evicted_exporter_is_forgotten(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct dec_usage usage;

	(void)state;
	begin(9, DOMAIN);
	options(9, 1, OPTS({1, 4, 0}, {34, 4, 10}));
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	decode_forget(rx->d, &rx->src.agent, 0);
	decode_usage(rx->d, &usage);
	assert_int_equal(usage.facts, 0);
	begin(9, DOMAIN);
	plain(9);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_rate(&rx->f[0], 0, SAMPLING_NONE);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(samplers_are_those_of_their_exporter_and_domain),
	    cmocka_unit_test(a_domain_can_be_told_of_by_another),
	    cmocka_unit_test(names_are_given_to_who_asks_for_them),
	    cmocka_unit_test(exporters_can_name_themselves),
	    cmocka_unit_test(the_exporter_of_the_record_comes_first),
	    cmocka_unit_test(a_flood_of_options_stays_within_limits),
	    cmocka_unit_test(
		a_flood_does_not_make_a_configured_exporter_forget),
	    cmocka_unit_test(the_domain_of_the_datagram_is_not_evicted_by_it),
	    cmocka_unit_test(records_of_many_empty_fields_cost_no_time),
	    cmocka_unit_test(a_record_that_is_cut_teaches_nothing),
	    cmocka_unit_test(an_evicted_exporter_is_forgotten),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
