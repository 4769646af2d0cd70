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

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "reader.h"

/* 2026-03-29T12:00:00Z: the day on which summer time begins in Europe. */
#define NOW (INT64_C(1774785600) * NSEC_PER_SEC)
#define DAY (86400 * NSEC_PER_SEC)
#define HOUR (3600 * NSEC_PER_SEC)

static int64_t
when(const char *s, bool utc)
{
	int64_t ns = INT64_MIN;

	assert_int_equal(reader_time(s, NOW, utc, &ns), 0);
	return (ns);
}

static void
days_begin_at_midnight_whatever_their_length(void **state)
{
	(void)state;
	assert_int_equal(when("today", true), NOW - 12 * HOUR);
	assert_int_equal(when("yesterday", true), NOW - 12 * HOUR - DAY);
	/* 12:00Z is 14:00 there, and 13 hours after midnight. */
	assert_int_equal(when("today", false), NOW - 13 * HOUR);
	assert_int_equal(when("yesterday", false), NOW - 13 * HOUR - DAY);
	assert_int_equal(when("2026-03-29", false), NOW - 13 * HOUR);
	assert_int_equal(when("2026-03-30", false), NOW + 10 * HOUR);
	assert_int_equal(when("14:00", false), NOW);
	assert_int_equal(when("12:00:00", true), NOW);
}

static void
spans_are_so_long_before_now(void **state)
{
	(void)state;
	assert_int_equal(when("-1h", true), NOW - HOUR);
	assert_int_equal(when("1h ago", true), NOW - HOUR);
	assert_int_equal(when("1 Hour ago", true), NOW - HOUR);
	assert_int_equal(when("2 days 3 hours ago", true),
	    NOW - 2 * DAY - 3 * HOUR);
	assert_int_equal(when("-1w2d3h4m5s", true),
	    NOW - 9 * DAY - 3 * HOUR - 245 * NSEC_PER_SEC);
	assert_int_equal(when("-90min", true), NOW - 90 * 60 * NSEC_PER_SEC);
}

static void
zones_win_over_local_time(void **state)
{
	(void)state;
	assert_int_equal(when("2026-03-29T12:00:00Z", false), NOW);
	assert_int_equal(when("2026-03-29T14:00:00+02:00", false), NOW);
	assert_int_equal(when("2026-03-29T07:00:00-0500", true), NOW);
	assert_int_equal(when("2026-03-29 14:00", false), NOW);
	assert_int_equal(when("2026-03-29T12:00:00.000000001", true), NOW + 1);
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = {"", " ", "x", "@", "@-1", "-", "-1",
	    "-h", "-1h2", "1h", "ago", "1h ago ago", "-1h ago", "2026",
	    "2026-3-29", "2026-00-01", "2026-04-31", "2027-02-29", "2100-02-29",
	    "2026-03-29T24:00", "2026-03-29T1:00", "2026-03-29Tx",
	    "2026-03-29T12:00:61", "2026-03-29T12:00:00.",
	    "2026-03-29T12:00+25:00", "12:60", "0000-01-01",
	    "-99999999999999999999s", "-9999999999w", "@9999999999"};
	int64_t ns = 42;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (reader_time(bad[i], NOW, true, &ns) != -1)
			fail_msg("taken for a time: %s", bad[i]);
		assert_int_equal(ns, 42);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(days_begin_at_midnight_whatever_their_length),
	    cmocka_unit_test(spans_are_so_long_before_now),
	    cmocka_unit_test(zones_win_over_local_time),
	    cmocka_unit_test(what_is_no_time_is_refused),
	};

	/* As a rule of POSIX: no zone files are needed. */
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
