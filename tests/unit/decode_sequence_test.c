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

#include "wire.h"

static struct msg m;

/* A v9 datagram without sets: it has a number nevertheless. */
static void
v9(struct rx *rx, uint32_t seq, uint32_t uptime)
{
	v9_begin(&m, uptime, 1700000000, seq, 7);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
}

static void
v5(struct rx *rx, uint32_t seq, uint16_t count, uint16_t engine)
{
	m.len = 0;
	put(&m, 5, 2);
	put(&m, count, 2);
	put(&m, 1000, 4);
	put(&m, 1700000000, 8);
	put(&m, seq, 4);
	put(&m, engine, 2);
	put(&m, 0, 2);
	put(&m, 0, 48 * (size_t)count);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
}

static void
expect(const struct rx *rx, uint32_t lost, uint32_t reordered, uint32_t reset)
{
	assert_int_equal(rx->report.seq_lost, lost);
	assert_int_equal(rx->report.seq_reordered, reordered);
	assert_int_equal(rx->report.seq_reset, reset);
}

static void
first_datagram_of_a_domain_is_the_base(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9(rx, 123456, 1000);
	expect(rx, 0, 0, 0);
	v9(rx, 123457, 2000);
	expect(rx, 0, 0, 0);
	rx->src.agent.b[3]++;
	v9(rx, 5, 2000);
	expect(rx, 0, 0, 0);
	rx_free(rx);
}

static void
gaps_are_counted_in_datagrams_in_v9(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9(rx, 10, 1000);
	v9(rx, 15, 2000);
	expect(rx, 4, 0, 0);
	v9(rx, 16, 3000);
	expect(rx, 0, 0, 0);
	rx_free(rx);
}

static void
gaps_are_counted_in_flows_per_engine_in_v5(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v5(rx, 100, 30, 0);
	v5(rx, 5000, 30, 1);
	expect(rx, 0, 0, 0);
	v5(rx, 130, 7, 0);
	expect(rx, 0, 0, 0);
	v5(rx, 197, 30, 0);
	expect(rx, 60, 0, 0);
	v5(rx, 5030, 1, 1);
	expect(rx, 0, 0, 0);
	assert_int_equal(rx->report.source_id, 1);
	rx_free(rx);
}

static void
ipfix(struct rx *rx, uint32_t seq, int flows, int options, uint16_t id)
{
	ipfix_begin(&m, 1700000000, seq, 7);
	template_set(&m, 2, 256, (const uint16_t[][2]){{4, 1}}, 1);
	set_begin(&m, 3);
	put(&m, 300, 2);
	put(&m, 1, 2);
	put(&m, 1, 2);
	put(&m, 0x00950004, 4);
	set_end(&m);
	set_begin(&m, id);
	while (flows-- > 0)
		put(&m, 6, 1);
	set_end(&m);
	set_begin(&m, 300);
	while (options-- > 0)
		put(&m, 9, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
}

static void
gaps_are_counted_in_records_with_options_in_ipfix(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix(rx, 1000, 3, 2, 256);
	ipfix(rx, 1005, 0, 0, 256);
	expect(rx, 0, 0, 0);
	ipfix(rx, 1005, 1, 0, 256);
	expect(rx, 0, 0, 0);
	ipfix(rx, 1010, 1, 0, 256);
	expect(rx, 4, 0, 0);
	rx_free(rx);
}

static void
records_of_an_unknown_template_are_no_loss(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix(rx, 1000, 3, 0, 256);
	ipfix(rx, 1003, 9, 0, 999);
	expect(rx, 0, 0, 0);
	ipfix(rx, 1012, 1, 0, 256);
	expect(rx, 0, 0, 0);
	ipfix(rx, 1014, 1, 0, 256);
	expect(rx, 1, 0, 0);
	rx_free(rx);
}

static void
late_datagram_is_reordering(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9(rx, 10, 1000);
	v9(rx, 12, 1200);
	expect(rx, 1, 0, 0);
	v9(rx, 11, 1100);
	expect(rx, 0, 1, 0);
	v9(rx, 13, 1300);
	expect(rx, 0, 0, 0);
	v9(rx, 13, 1300); /* a duplicate */
	expect(rx, 0, 1, 0);
	rx_free(rx);
}

static void
numbers_wrap_without_a_loss(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9(rx, 0xfffffffe, 1000);
	v9(rx, 0xffffffff, 1001);
	v9(rx, 0, 1002);
	expect(rx, 0, 0, 0);
	v9(rx, 2, 1003);
	expect(rx, 1, 0, 0);
	v9(rx, 0xffffffff, 1001);
	expect(rx, 0, 1, 0);
	rx_free(rx);
}

static void
large_step_back_is_a_reset(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9(rx, 100000, 1000);
	v9(rx, 1, 1001);
	expect(rx, 0, 0, 1);
	v9(rx, 2, 1002);
	expect(rx, 0, 0, 0);
	rx_free(rx);
}

static void
uptime_that_steps_back_is_a_reset(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9(rx, 20, 600000);
	v9(rx, 1, 1000); /* in the window of what comes late */
	expect(rx, 0, 0, 1);
	v9(rx, 2, 600000);
	expect(rx, 0, 0, 0);
	v9(rx, 500, 1000); /* ahead, and no loss */
	expect(rx, 0, 0, 1);
	v9(rx, 501, 0xffffff00);
	v9(rx, 503, 50); /* a wrap is no step back */
	expect(rx, 1, 0, 0);
	rx_free(rx);
}

static void
exporter_that_stays_behind_has_begun_anew(void **state)
{
	struct rx *rx = rx_new(NULL);
	uint32_t i, resets = 0, late = 0;

	(void)state;
	ipfix(rx, 3000, 1, 0, 256);
	for (i = 0; i < 100; i++) {
		ipfix(rx, i, 1, 0, 256);
		resets += rx->report.seq_reset;
		late += rx->report.seq_reordered;
		assert_int_equal(rx->report.seq_lost, 0);
	}
	assert_int_equal(resets, 1);
	assert_int_equal(late, 8);
	rx_free(rx);
}

static void
absurd_gap_is_a_reset(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9(rx, 1, 1000);
	v9(rx, 1000000000, 1001);
	expect(rx, 0, 0, 1);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_datagram_of_a_domain_is_the_base),
	    cmocka_unit_test(gaps_are_counted_in_datagrams_in_v9),
	    cmocka_unit_test(gaps_are_counted_in_flows_per_engine_in_v5),
	    cmocka_unit_test(gaps_are_counted_in_records_with_options_in_ipfix),
	    cmocka_unit_test(records_of_an_unknown_template_are_no_loss),
	    cmocka_unit_test(late_datagram_is_reordering),
	    cmocka_unit_test(numbers_wrap_without_a_loss),
	    cmocka_unit_test(large_step_back_is_a_reset),
	    cmocka_unit_test(uptime_that_steps_back_is_a_reset),
	    cmocka_unit_test(exporter_that_stays_behind_has_begun_anew),
	    cmocka_unit_test(absurd_gap_is_a_reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
