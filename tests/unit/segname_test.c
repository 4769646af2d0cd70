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
#include <time.h>

#include "archive/segname.h"

#define DAY 86400

static struct segname
name_of(const char *text)
{
	struct segname n;

	if (segname_parse(text, &n) == -1)
		fail_msg("%s is no name", text);
	return (n);
}

static void
names_are_those_of_the_manual(void **state)
{
	char buf[SEGNAME_MAX], dir[SEGDIR_MAX];
	struct segname n = {.start = 1795260600, .span = 300, .copy = 1};

	(void)state;
	n.kind = SEG_FLOW;
	assert_string_equal(segname_format(&n, buf),
	    "20261121T113000Z-5m.flow");
	assert_string_equal(segname_dir(&n, dir), "2026/11/21");
	n.kind = SEG_LIVE;
	n.copy = 2;
	assert_string_equal(segname_format(&n, buf),
	    "20261121T113000Z-5m-2.live");
	n.kind = SEG_SEAL;
	n.span = 3600;
	n.copy = 1;
	assert_string_equal(segname_format(&n, buf),
	    "20261121T113000Z-1h.seal");
	n.kind = SEG_TMP;
	n.span = DAY;
	assert_string_equal(segname_format(&n, buf), "20261121T113000Z-1d.tmp");
	n.span = 90;
	assert_string_equal(segname_format(&n, buf),
	    "20261121T113000Z-90s.tmp");
}

/* The C library's calendar, each day of 430 years, at changing times. */
static void
dates_are_those_of_the_c_library(void **state)
{
	char want[64], got[SEGNAME_MAX], dir[SEGDIR_MAX];
	struct segname n = {.span = 1, .copy = 1, .kind = SEG_FLOW}, back;
	struct tm tm;
	time_t t;
	int64_t day;

	(void)state;
	for (day = 0; day < 430 * 366; day++) {
		n.start = day * DAY + day * 7919 % DAY;
		t = (time_t)n.start;
		assert_non_null(gmtime_r(&t, &tm));
		strftime(want, sizeof(want), "%Y%m%dT%H%M%SZ-1s.flow", &tm);
		assert_string_equal(segname_format(&n, got), want);
		strftime(want, sizeof(want), "%Y/%m/%d", &tm);
		assert_string_equal(segname_dir(&n, dir), want);
		back = name_of(got);
		assert_int_equal(segname_cmp(&back, &n), 0);
	}
}

static void
what_is_no_name_is_refused(void **state)
{
	static const char *const bad[] = {"", ".", "..", "flows",
	    "20261121T113000Z-5m", "20261121T113000Z-5m.",
	    "20261121T113000Z-5m.gz", "20261121T113000Z-5m.flow.gz",
	    "20261121T113000Z-5m.flow~", ".20261121T113000Z-5m.flow",
	    "20261121T113000Z-5m-1.flow", "20261121T113000Z-5m-0.flow",
	    "20261121T113000Z-5m-02.flow", "20261121T113000Z-5m-.flow",
	    "20261121T113000Z-5m-4294967296.flow", "20261121T113000Z-300s.flow",
	    "20261121T113000Z-60m.flow", "20261121T113000Z-0s.flow",
	    "20261121T113000Z--5m.flow", "20261121T113000Z-5.flow",
	    "20261121T113000Z-5w.flow", "20261121T113000Z-367d.flow",
	    "20261121T113000Z.flow", "20261121T113000-5m.flow",
	    "20261121t113000z-5m.flow", "20260230T113000Z-5m.flow",
	    "20261321T113000Z-5m.flow", "20260021T113000Z-5m.flow",
	    "20261100T113000Z-5m.flow", "20261121T243000Z-5m.flow",
	    "20261121T116000Z-5m.flow", "20261121T113060Z-5m.flow",
	    "19691231T235959Z-1s.flow", "2026112 T113000Z-5m.flow",
	    "+0261121T113000Z-5m.flow",
	    "99999999999999999999999999999999999999999999999999999999.flow"};
	struct segname n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (segname_parse(bad[i], &n) != -1)
			fail_msg("%s is taken for a name", bad[i]);
}

static void
names_sort_by_time_then_longest_span(void **state)
{
	static const char *const sorted[] = {"20261121T110000Z-1d.flow",
	    "20261121T110000Z-1h.flow", "20261121T110000Z-5m.live",
	    "20261121T110000Z-5m.flow", "20261121T110000Z-5m.seal",
	    "20261121T110000Z-5m.tmp", "20261121T110000Z-5m-2.live",
	    "20261121T110000Z-5m-10.live", "20261121T110500Z-1h.flow"};
	const int n = (int)(sizeof(sorted) / sizeof(sorted[0]));
	struct segname a, b;
	int i, j, c;

	(void)state;
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++) {
			a = name_of(sorted[i]);
			b = name_of(sorted[j]);
			c = segname_cmp(&a, &b);
			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
		}
}

static void
a_seal_covers_what_is_within_its_span_but_itself(void **state)
{
	struct segname seal = name_of("20261121T110000Z-1h.seal"), n;
	static const char *const within[] = {"20261121T110000Z-1h.flow",
	    "20261121T110000Z-1h-2.live", "20261121T110000Z-5m.flow",
	    "20261121T115500Z-5m.live", "20261121T115959Z-1s-3.seal",
	    "20261121T110000Z-1h.tmp"};
	static const char *const outside[] = {"20261121T105500Z-5m.flow",
	    "20261121T120000Z-5m.flow", "20261121T115700Z-5m.flow",
	    "20261121T110000Z-1d.flow", "20261121T110000Z-1h.seal"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(within) / sizeof(within[0]); i++) {
		n = name_of(within[i]);
		assert_true(segname_covers(&seal, &n));
	}
	for (i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		n = name_of(outside[i]);
		assert_false(segname_covers(&seal, &n));
	}
	seal.kind = SEG_FLOW;
	n = name_of(within[2]);
	assert_false(segname_covers(&seal, &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_those_of_the_manual),
	    cmocka_unit_test(dates_are_those_of_the_c_library),
	    cmocka_unit_test(what_is_no_name_is_refused),
	    cmocka_unit_test(names_sort_by_time_then_longest_span),
	    cmocka_unit_test(a_seal_covers_what_is_within_its_span_but_itself),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
