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

#include "flow.h"

#define NOW (INT64_C(1700000000) * NSEC_PER_SEC)
#define MS NSEC_PER_MSEC

static void
uptime_becomes_the_time_before_the_export(void **state)
{
	(void)state;
	assert_true(flow_uptime_to_time(NOW, 5000, 5000) == NOW);
	assert_true(flow_uptime_to_time(NOW, 5000, 0) == NOW - 5000 * MS);
	assert_true(flow_uptime_to_time(NOW, 5000, 4999) == NOW - MS);
}

static void
uptime_that_has_wrapped_since_is_as_long_ago(void **state)
{
	(void)state;
	assert_true(flow_uptime_to_time(NOW, 99, UINT32_MAX) == NOW - 100 * MS);
	assert_true(flow_uptime_to_time(NOW, 0, UINT32_C(1) << 31) ==
	    NOW - (INT64_C(1) << 31) * MS);
}

static void
stamp_up_to_an_hour_ahead_is_believed(void **state)
{
	(void)state;
	assert_true(flow_uptime_to_time(NOW, 5000, 5001) == NOW + MS);
	assert_true(flow_uptime_to_time(NOW, 5000, 5000 + 3600000) ==
	    NOW + 3600000 * MS);
	assert_true(flow_uptime_to_time(NOW, 5000, 5000 + 3600001) ==
	    NOW + 3600001 * MS - (INT64_C(1) << 32) * MS);
	assert_true(flow_uptime_to_time(NOW, UINT32_MAX, 4) == NOW + 5 * MS);
}

static void
router_without_a_clock_is_before_1970(void **state)
{
	(void)state;
	assert_true(flow_uptime_to_time(0, 5000, 0) == -5000 * MS);
	assert_true(flow_uptime_to_time(0, 0, 4294967295U - 4000000) < 0);
}

static void
presence_bits_are_set_and_cleared_one_by_one(void **state)
{
	struct flow f;
	int i, j;

	(void)state;
	memset(&f, 0, sizeof(f));
	for (i = 0; i < FLOW_NFIELDS; i++) {
		flow_set(&f, (enum flow_field)i);
		for (j = 0; j < FLOW_NFIELDS; j++)
			assert_int_equal(flow_has(&f, (enum flow_field)j),
			    i == j);
		flow_unset(&f, (enum flow_field)i);
		assert_false(flow_has(&f, (enum flow_field)i));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(uptime_becomes_the_time_before_the_export),
	    cmocka_unit_test(uptime_that_has_wrapped_since_is_as_long_ago),
	    cmocka_unit_test(stamp_up_to_an_hour_ahead_is_believed),
	    cmocka_unit_test(router_without_a_clock_is_before_1970),
	    cmocka_unit_test(presence_bits_are_set_and_cleared_one_by_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
