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

#include <sys/types.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "flow.h"
#include "meter/pacer.h"

#define MS (NSEC_PER_SEC / 1000)

static const uint32_t rates[] = {1, 3, 7, 999, 1000, 1999, 16000, 25000, 33333,
    1000000, 10000000};

#define FOREACH_RATE(i) for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)

/* Send what it allows whenever it says, until `end`. */
static uint64_t
send_until(struct pacer *p, int64_t t, int64_t end)
{
	uint64_t sum = 0;
	uint32_t n;

	while (t < end) {
		n = pacer_allows(p, t, UINT32_MAX);
		assert_int_not_equal(n, 0);
		pacer_spend(p, t, n);
		sum += n;
		t = pacer_next(p, UINT32_MAX);
	}
	return (sum);
}

static void
a_busy_second_has_exactly_its_rate(void **state)
{
	struct pacer p;
	size_t i;

	(void)state;
	FOREACH_RATE(i)
	{
		if (rates[i] > 1000000)
			continue;
		pacer_init(&p, rates[i]);
		assert_in_range(send_until(&p, 5, 5 + NSEC_PER_SEC), rates[i],
		    rates[i] + p.burst);
		/* Ten more: what the first had too much is not lost. */
		pacer_init(&p, rates[i]);
		assert_in_range(send_until(&p, 0, 10 * NSEC_PER_SEC),
		    10 * (uint64_t)rates[i], 10 * (uint64_t)rates[i] + p.burst);
	}
}

static void
no_moment_has_more_than_a_millisecond_or_a_burst(void **state)
{
	struct pacer p;
	size_t i;

	(void)state;
	FOREACH_RATE(i)
	{
		pacer_init(&p, rates[i]);
		assert_in_range(p.burst, 1, PACER_BURST);
		assert_true(p.burst == 1 || p.burst <= rates[i] / 1000);
		assert_int_equal(pacer_allows(&p, 0, 1000), p.burst);
		pacer_spend(&p, 0, p.burst);
		assert_int_equal(pacer_allows(&p, 0, 1000), 0);
	}
}

/* However late and odd the calls, no window has more than rate and burst. */
static void
no_window_of_time_has_more_than_its_share(void **state)
{
	struct pacer p;
	int64_t t = 0;
	uint64_t sum = 0;
	uint32_t n;

	(void)state;
	srandom(7);
	pacer_init(&p, 25000);
	while (t < NSEC_PER_SEC) {
		n = pacer_allows(&p, t, (uint32_t)random() % 20);
		pacer_spend(&p, t, n);
		sum += n;
		assert_true(sum <=
		    PACER_BURST + (uint64_t)t * 25000 / (uint64_t)NSEC_PER_SEC);
		t += random() % 200000;
	}
	assert_true(sum > 20000);
}

static void
what_was_not_used_is_not_saved_up(void **state)
{
	struct pacer p;

	(void)state;
	pacer_init(&p, 25000);
	pacer_spend(&p, 0, pacer_allows(&p, 0, PACER_BURST));
	assert_int_equal(pacer_allows(&p, 3600 * NSEC_PER_SEC, 1000),
	    PACER_BURST);
	pacer_spend(&p, 3600 * NSEC_PER_SEC, PACER_BURST);
	assert_int_equal(pacer_allows(&p, 3600 * NSEC_PER_SEC, 1000), 0);
	assert_int_equal(pacer_next(&p, 1),
	    3600 * NSEC_PER_SEC + NSEC_PER_SEC / 25000);
}

/* Otherwise whoever sleeps until then wakes up for nothing. */
static void
as_many_may_go_as_next_was_asked_for(void **state)
{
	struct pacer p;
	uint32_t n;
	size_t i;
	int64_t t;

	(void)state;
	FOREACH_RATE(i)
	{
		for (n = 1; n <= PACER_BURST; n++) {
			pacer_init(&p, rates[i]);
			pacer_spend(&p, 1000, p.burst);
			t = pacer_next(&p, n);
			assert_int_equal(pacer_allows(&p, t, n),
			    n < p.burst ? n : p.burst);
			if (t > 1000)
				assert_int_equal(pacer_allows(&p, t - 1, n), 0);
		}
	}
}

/* At 25,000 a second the next is due after 40 us, 24 of them after 960. */
static void
those_that_wait_go_in_bursts_and_one_alone_at_once(void **state)
{
	struct pacer p;

	(void)state;
	pacer_init(&p, 25000);
	pacer_spend(&p, 0, 24);
	assert_int_equal(pacer_allows(&p, 40000, 1), 1);
	assert_int_equal(pacer_allows(&p, 40000, 2), 0);
	assert_int_equal(pacer_allows(&p, 80000, 2), 2);
	assert_int_equal(pacer_allows(&p, 959999, 1000), 0);
	assert_int_equal(pacer_allows(&p, 960000, 1000), 24);
}

static void
without_a_rate_all_may_go_at_once(void **state)
{
	struct pacer p;

	(void)state;
	pacer_init(&p, 0);
	assert_int_equal(pacer_allows(&p, 0, 100000), 100000);
	pacer_spend(&p, 0, 100000);
	assert_int_equal(pacer_allows(&p, 0, 100000), 100000);
	assert_true(pacer_next(&p, 1) < 0);
}

/* 100,000 flows that end at once: 3,500 messages, in 140 ms. */
static void
a_burst_of_flows_goes_out_evenly(void **state)
{
	struct pacer p;
	int64_t t = 0;
	uint32_t n, left = 3500, in_ms = 0;
	int64_t ms = 0;

	(void)state;
	pacer_init(&p, 25000);
	while (left > 0) {
		n = pacer_allows(&p, t, left);
		pacer_spend(&p, t, n);
		left -= n;
		if (t / MS != ms) {
			ms = t / MS;
			in_ms = 0;
		}
		assert_in_range(in_ms += n, 1, 48);
		t = pacer_next(&p, left);
	}
	assert_in_range(t, 139 * MS, 141 * MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_busy_second_has_exactly_its_rate),
	    cmocka_unit_test(no_moment_has_more_than_a_millisecond_or_a_burst),
	    cmocka_unit_test(no_window_of_time_has_more_than_its_share),
	    cmocka_unit_test(what_was_not_used_is_not_saved_up),
	    cmocka_unit_test(as_many_may_go_as_next_was_asked_for),
	    cmocka_unit_test(
		those_that_wait_go_in_bursts_and_one_alone_at_once),
	    cmocka_unit_test(without_a_rate_all_may_go_at_once),
	    cmocka_unit_test(a_burst_of_flows_goes_out_evenly),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
