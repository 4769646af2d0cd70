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
 * Statistics that several collectors tell, one of which may lie.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "report.h"

static struct report r;

static int
setup(void **state)
{
	(void)state;
	memset(&r, 0, sizeof(r));
	return (0);
}

static int
teardown(void **state)
{
	size_t i;

	(void)state;
	free(r.stats.exporter);
	for (i = 0; i < WORKERS_MAX; i++)
		free(r.part[i].ignored);
	return (0);
}

/* An exporter 192.0.2.x with some records. */
static int
exporter(uint32_t worker, uint8_t x, uint64_t records, size_t max)
{
	uint8_t buf[REPORT_EXPORTER] = {ADDR_V4, 192, 0, 2, x};
	struct wr wr = wr_init(buf + 52 + 8 * L_RECORDS, 8);
	struct rd rd = rd_init(buf, sizeof(buf));

	(void)wr_u64(&wr, records);
	return (report_exporter(&r, worker, &rd, max));
}

/* Elements 1, 2 and so on of no enterprise, each with so many records. */
static int
ignored(uint32_t worker, uint64_t more, uint16_t n, uint64_t records)
{
	static uint8_t buf[REPORT_IGNORED_MAX + 14];
	struct wr wr = wr_init(buf, sizeof(buf));
	struct rd rd;
	uint16_t i;

	(void)wr_u64(&wr, more);
	for (i = 1; i <= n; i++) {
		(void)wr_u32(&wr, 0);
		(void)wr_u16(&wr, i);
		(void)wr_u64(&wr, records);
	}
	rd = rd_init(buf, sizeof(buf) - wr.left);
	return (report_ignored(&r, worker, &rd));
}

static void
who_was_not_asked_tells_nothing(void **state)
{
	(void)state;
	assert_true(report_begin(&r, false));
	report_ask(&r, 1);
	assert_int_equal(exporter(0, 1, 1, 9), -1);
	assert_int_equal(ignored(0, 0, 1, 1), -1);
	assert_int_equal(report_told(&r, 0), -1);
	assert_int_equal(exporter(1, 1, 1, 9), 0);
	assert_int_equal(report_told(&r, 1), 0);
	assert_int_equal(report_told(&r, 1), -1);
	assert_true(report_complete(&r));
}

static void
all_are_waited_for_but_not_the_dead(void **state)
{
	(void)state;
	assert_false(report_complete(&r));
	assert_true(report_begin(&r, false));
	report_ask(&r, 0);
	report_ask(&r, 1);
	report_ask(&r, 2);
	assert_false(report_begin(&r, false));
	assert_int_equal(report_told(&r, 2), 0);
	assert_false(report_complete(&r));
	report_gone(&r, 0);
	assert_false(report_complete(&r));
	assert_int_equal(report_told(&r, 1), 0);
	assert_true(report_complete(&r));
}

static void
one_that_tells_of_too_many_takes_no_place_of_others(void **state)
{
	(void)state;
	assert_true(report_begin(&r, false));
	report_ask(&r, 0);
	report_ask(&r, 1);
	assert_int_equal(exporter(0, 1, 1, 2), 0);
	assert_int_equal(exporter(0, 2, 1, 2), 0);
	assert_int_equal(exporter(0, 3, 1, 2), -1);
	assert_int_equal(exporter(1, 4, 1, 2), 0);
	assert_int_equal(exporter(1, 5, 1, 2), 0);
	assert_int_equal(r.stats.nexporter, 4);
	assert_int_equal(r.stats.exporter[3].worker, 1);
}

/* As when it is asked, and then stops. */
static void
what_is_told_twice_counts_once(void **state)
{
	(void)state;
	assert_true(report_begin(&r, false));
	report_ask(&r, 0);
	report_ask(&r, 0);
	report_ask(&r, 1);
	assert_int_equal(exporter(0, 1, 10, 9), 0);
	assert_int_equal(report_told(&r, 0), 0);
	assert_int_equal(exporter(1, 2, 20, 9), 0);
	assert_int_equal(report_told(&r, 1), 0);
	assert_int_equal(exporter(0, 1, 11, 9), 0);
	assert_false(report_complete(&r));
	assert_int_equal(report_told(&r, 0), 0);
	assert_true(report_complete(&r));
	assert_int_equal(r.stats.nexporter, 2);
	assert_int_equal(r.stats.exporter[0].addr.b[3], 2);
	assert_int_equal(r.stats.exporter[1].addr.b[3], 1);
	assert_int_equal(r.stats.exporter[1].ledger.n[L_RECORDS], 11);
}

static void
elements_of_all_are_added_up(void **state)
{
	const struct ledger none = {{0}};

	(void)state;
	assert_true(report_begin(&r, false));
	report_ask(&r, 0);
	report_ask(&r, 1);
	assert_int_equal(ignored(0, 3, 2, 5), 0);
	assert_int_equal(ignored(1, 4, 1, 7), 0);
	assert_int_equal(ignored(1, 4, STATS_IGNORED + 1, 1), -1);
	assert_int_equal(ignored(1, 4, STATS_IGNORED, 1), 0);
	report_publish(&r, &none, NULL);
	assert_int_equal(r.stats.ignored[0].id, 1);
	assert_int_equal(r.stats.ignored[0].records, 6);
	assert_int_equal(r.stats.ignored[1].id, 2);
	assert_int_equal(r.stats.ignored[1].records, 6);
	assert_int_equal(r.stats.ignored[2].records, 1);
	assert_int_equal(r.stats.ignored_more, 7);
	assert_false(report_complete(&r));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(who_was_not_asked_tells_nothing),
	    TEST(all_are_waited_for_but_not_the_dead),
	    TEST(one_that_tells_of_too_many_takes_no_place_of_others),
	    TEST(what_is_told_twice_counts_once),
	    TEST(elements_of_all_are_added_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
