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

#define SECS INT64_C(1700000000)
#define NOW (SECS * NSEC_PER_SEC)

static struct msg m;

struct value {
	uint16_t id;
	uint16_t len;
	uint64_t v;
};

static const struct flow *
record(struct rx *rx, uint16_t version, const struct value *v, size_t n)
{
	uint16_t specs[8][2];
	size_t i;

	for (i = 0; i < n; i++) {
		specs[i][0] = v[i].id;
		specs[i][1] = v[i].len;
	}
	if (version == 9)
		v9_begin(&m, 100000, SECS, 0, 7);
	else
		ipfix_begin(&m, SECS, 0, 7);
	template_set(&m, version == 9 ? 0 : 2, 256, specs, n);
	set_begin(&m, 256);
	for (i = 0; i < n; i++)
		put(&m, v[i].v, v[i].len);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	return (&rx->f[0]);
}

#define RECORD(rx, version, ...)                                 \
	record(rx, version, (const struct value[]){__VA_ARGS__}, \
	    sizeof((const struct value[]){__VA_ARGS__}) /        \
		sizeof(struct value))

static uint64_t
ntp(int64_t sec, uint64_t frac)
{
	return ((uint64_t)(sec + INT64_C(2208988800)) << 32 | frac);
}

static void
v9_uptimes_count_back_from_the_header(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 9, {22, 4, 90000}, {21, 4, 99999});
	assert_true(f->start == NOW - 10 * NSEC_PER_SEC);
	assert_true(f->end == NOW - NSEC_PER_MSEC);
	assert_int_equal(f->start_uptime, 90000);
	assert_int_equal(f->clock, CLOCK_UPTIME);
	/* The uptime has wrapped since. */
	f = RECORD(rx, 9, {22, 4, 0xffffffff});
	assert_true(f->start == NOW - 100001 * NSEC_PER_MSEC);
	/* A little ahead of the header. */
	f = RECORD(rx, 9, {22, 4, 100005});
	assert_true(f->start == NOW + 5 * NSEC_PER_MSEC);
	rx_free(rx);
}

static void
ipfix_uptimes_without_a_base_are_no_times(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 10, {22, 4, 90000}, {21, 4, 99999});
	assert_false(flow_has(f, FLOW_START));
	assert_false(flow_has(f, FLOW_END));
	assert_true(f->start == 0 && f->end == 0);
	assert_true(flow_has(f, FLOW_START_UPTIME));
	assert_true(flow_has(f, FLOW_END_UPTIME));
	assert_int_equal(f->end_uptime, 99999);
	assert_int_equal(f->clock, CLOCK_NONE);
	rx_free(rx);
}

static void
ipfix_uptimes_count_from_the_initialisation(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;
	const uint64_t init = (uint64_t)SECS * 1000 - 100000;
	const uint64_t wraps = UINT64_C(3) << 32;

	(void)state;
	f = RECORD(rx, 10, {22, 4, 90000}, {160, 8, init});
	assert_true(f->start == NOW - 10 * NSEC_PER_SEC);
	assert_int_equal(f->clock, CLOCK_UPTIME);
	f = RECORD(rx, 10, {22, 4, 90000}, {160, 8, init - wraps});
	assert_true(f->start == NOW - 10 * NSEC_PER_SEC);
	/* Began in 1994: its clock was wrong then, and nothing wrapped. */
	f = RECORD(rx, 10, {22, 4, 90000}, {160, 8, UINT64_C(763389931019)});
	assert_true(f->start == INT64_C(763390021019) * NSEC_PER_MSEC);
	/* No base either. */
	f = RECORD(rx, 10, {22, 4, 90000}, {160, 8, 0});
	assert_false(flow_has(f, FLOW_START));
	f = RECORD(rx, 10, {22, 4, 90000}, {160, 8, UINT64_MAX});
	assert_false(flow_has(f, FLOW_START));
	rx_free(rx);
}

static void
initialisation_is_learned_from_options(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	ipfix_begin(&m, SECS, 0, 7);
	set_begin(&m, 3);
	put(&m, 300, 2);
	put(&m, 2, 2);
	put(&m, 1, 2);
	put(&m, 0x008f0004, 4);
	put(&m, 0x00a00008, 4);
	put(&m, 0, 2); /* padding */
	set_end(&m);
	set_begin(&m, 300);
	put(&m, 9, 4);
	put(&m, (uint64_t)SECS * 1000 - 100000, 8);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.options, 1);
	assert_int_equal(rx->n, 0);
	f = RECORD(rx, 10, {22, 4, 90000});
	assert_true(f->start == NOW - 10 * NSEC_PER_SEC);
	/* Of another domain it says nothing. */
	ipfix_begin(&m, SECS, 0, 8);
	template_set(&m, 2, 256, (const uint16_t[][2]){{22, 4}}, 1);
	set_begin(&m, 256);
	put(&m, 90000, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_false(flow_has(&rx->f[0], FLOW_START));
	rx_free(rx);
}

static void
absolute_times_of_every_unit_are_exact(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;
	int64_t ns;

	(void)state;
	f = RECORD(rx, 10, {150, 4, SECS}, {151, 4, SECS + 1});
	assert_true(f->start == NOW && f->end == NOW + NSEC_PER_SEC);
	f = RECORD(rx, 10, {152, 8, SECS * 1000 + 7});
	assert_true(f->start == NOW + 7 * NSEC_PER_MSEC);
	assert_int_equal(f->clock, CLOCK_ABSOLUTE);
	assert_false(flow_has(f, FLOW_END));
	for (ns = 0; ns < NSEC_PER_SEC; ns += 123456789) {
		/* As an exporter makes it: the rest is cut off. */
		f = RECORD(rx, 10,
		    {156, 8, ntp(SECS, ((uint64_t)ns << 32) / 1000000000)});
		assert_true(f->start == NOW + ns);
		f = RECORD(rx, 10,
		    {154, 8,
			ntp(SECS,
			    (((uint64_t)ns / 1000 << 32) / 1000000) &
				~UINT64_C(0x7ff))});
		assert_true(f->start == NOW + ns / 1000 * 1000);
	}
	f = RECORD(rx, 10, {156, 8, ntp(SECS, 0xffffffff)});
	assert_true(f->start == NOW + NSEC_PER_SEC);
	rx_free(rx);
}

static void
ntp_seconds_wrap_in_2036(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	rx->src.recv_time = INT64_C(2100000000) * NSEC_PER_SEC;
	f = RECORD(rx, 10, {156, 8, ntp(INT64_C(2100000000), 0)});
	assert_true(f->start == INT64_C(2100000000) * NSEC_PER_SEC);
	f = RECORD(rx, 10, {156, 8, ntp(SECS, 0)});
	assert_true(f->start == NOW);
	rx_free(rx);
}

static void
zero_and_absurd_times_are_absent(void **state)
{
	static const uint16_t ids[] = {150, 152, 154, 156, 151, 153, 155, 157};
	struct rx *rx = rx_new(NULL);
	const struct flow *f;
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(ids); i++) {
		f = RECORD(rx, 10, {ids[i], 8, 0});
		assert_false(flow_has(f, FLOW_START));
		assert_false(flow_has(f, FLOW_END));
		assert_int_equal(f->clock, CLOCK_NONE);
	}
	f = RECORD(rx, 10, {152, 8, UINT64_MAX}, {151, 8, UINT64_MAX});
	assert_false(flow_has(f, FLOW_START));
	assert_false(flow_has(f, FLOW_END));
	/* Then the next best is asked. */
	f = RECORD(rx, 9, {152, 8, 0}, {22, 4, 90000});
	assert_true(f->start == NOW - 10 * NSEC_PER_SEC);
	assert_int_equal(f->clock, CLOCK_UPTIME);
	rx_free(rx);
}

static void
absolute_times_are_better_than_uptimes(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 9, {22, 4, 90000}, {152, 8, SECS * 1000 + 7},
	    {150, 4, SECS});
	assert_true(f->start == NOW + 7 * NSEC_PER_MSEC);
	assert_int_equal(f->start_uptime, 90000);
	assert_int_equal(f->clock, CLOCK_ABSOLUTE);
	rx_free(rx);
}

static void
deltas_count_back_from_the_export(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 10, {158, 4, 1500000}, {159, 4, 0});
	assert_true(f->start == NOW - 1500 * NSEC_PER_MSEC);
	assert_true(f->end == NOW);
	assert_int_equal(f->clock, CLOCK_DELTA);
	f = RECORD(rx, 10, {158, 8, UINT64_MAX}, {159, 8, UINT64_MAX});
	assert_false(flow_has(f, FLOW_START));
	assert_false(flow_has(f, FLOW_END));
	rx_free(rx);
}

static void
a_duration_gives_the_other_end(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 10, {152, 8, SECS * 1000}, {161, 4, 2500});
	assert_true(f->end == NOW + 2500 * NSEC_PER_MSEC);
	assert_int_equal(f->clock, CLOCK_DURATION);
	f = RECORD(rx, 10, {153, 8, SECS * 1000}, {162, 4, 2500});
	assert_true(f->start == NOW - 2500 * INT64_C(1000));
	f = RECORD(rx, 10, {161, 4, 2500});
	assert_false(flow_has(f, FLOW_START) || flow_has(f, FLOW_END));
	f = RECORD(rx, 10, {152, 8, SECS * 1000}, {161, 8, UINT64_MAX});
	assert_false(flow_has(f, FLOW_END));
	f = RECORD(rx, 10, {152, 8, 9000000000000}, {161, 8, 9000000000000});
	assert_false(flow_has(f, FLOW_END));
	rx_free(rx);
}

static void
events_have_a_time_in_every_unit(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 10, {322, 4, SECS});
	assert_true(f->event_time == NOW);
	assert_false(flow_has(f, FLOW_START) || flow_has(f, FLOW_END));
	f = RECORD(rx, 10, {323, 8, SECS * 1000 + 7});
	assert_true(f->event_time == NOW + 7 * NSEC_PER_MSEC);
	/* Half a second; the low bits of a microsecond are nothing. */
	f = RECORD(rx, 10, {324, 8, ntp(SECS, UINT64_C(0x800007ff))});
	assert_true(f->event_time == NOW + NSEC_PER_SEC / 2);
	f = RECORD(rx, 10, {325, 8, ntp(SECS, 5)});
	assert_true(f->event_time == NOW + 1);
	/* Of several, the one that says it best. */
	f = RECORD(rx, 10, {322, 4, SECS}, {325, 8, ntp(SECS, 0x80000000)},
	    {323, 8, SECS * 1000});
	assert_true(f->event_time == NOW + NSEC_PER_SEC / 2);
	rx_free(rx);
}

/* Zero, a day in 1970, and 1979: a clock that was never set. */
static void
no_time_is_in_the_seventies(void **state)
{
	static const int64_t secs[] = {0, 86400, 315532799};
	static const struct {
		uint16_t id;
		uint64_t unit; /* 0: NTP */
	} ids[] = {{150, 1}, {151, 1}, {152, 1000}, {153, 1000}, {154, 0},
	    {155, 0}, {156, 0}, {157, 0}, {322, 1}, {323, 1000}, {324, 0},
	    {325, 0}};
	struct rx *rx = rx_new(NULL);
	const struct flow *f;
	size_t i, n;

	(void)state;
	for (n = 0; n < NSPECS(secs); n++)
		for (i = 0; i < NSPECS(ids); i++) {
			f = RECORD(rx, 10,
			    {ids[i].id, 8,
				ids[i].unit == 0
				    ? ntp(secs[n], 0)
				    : (uint64_t)secs[n] * ids[i].unit});
			assert_false(flow_has(f, FLOW_START));
			assert_false(flow_has(f, FLOW_END));
			assert_false(flow_has(f, FLOW_EVENT_TIME));
			assert_true(f->start == 0 && f->end == 0);
			assert_int_equal(f->clock, CLOCK_NONE);
		}
	/* What counts from such a time is none, too. */
	f = RECORD(rx, 10, {22, 4, 90000}, {21, 4, 90001},
	    {160, 8, UINT64_C(1234567890)});
	assert_false(flow_has(f, FLOW_START) || flow_has(f, FLOW_END));
	f = RECORD(rx, 10, {152, 8, 1000}, {161, 4, 2500});
	assert_false(flow_has(f, FLOW_START) || flow_has(f, FLOW_END));
	f = RECORD(rx, 10, {153, 8, 315532800000}, {161, 4, 1});
	assert_false(flow_has(f, FLOW_START));
	assert_true(f->end == INT64_C(315532800) * NSEC_PER_SEC);
	rx_free(rx);
}

static void
header_in_the_seventies_is_no_base(void **state)
{
	static const uint32_t secs[] = {0, 1, 86400, 315532799};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(secs); i++) {
		v9_begin(&m, 100000, secs[i], 0, 7);
		template_set(&m, 0, 256,
		    (const uint16_t[][2]){{22, 4}, {21, 4}}, 2);
		set_begin(&m, 256);
		put(&m, 90000, 4);
		put(&m, 90001, 4);
		set_end(&m);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_false(flow_has(&rx->f[0], FLOW_START));
		assert_false(flow_has(&rx->f[0], FLOW_END));
		assert_int_equal(rx->f[0].end_uptime, 90001);
		ipfix_begin(&m, secs[i], 0, 7);
		template_set(&m, 2, 256,
		    (const uint16_t[][2]){{158, 4}, {159, 4}, {152, 8}}, 3);
		set_begin(&m, 256);
		put(&m, 1000, 4);
		put(&m, 500, 4);
		put(&m, (uint64_t)SECS * 1000, 8);
		set_end(&m);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		/* Another clock that is right still counts. */
		assert_true(rx->f[0].start == NOW);
		assert_false(flow_has(&rx->f[0], FLOW_END));
	}
	rx_free(rx);
}

static void
uptimes_soon_after_1980_may_be_before_it(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9_begin(&m, 100000, 315532805, 0, 7);
	template_set(&m, 0, 256, (const uint16_t[][2]){{22, 4}, {21, 4}}, 2);
	set_begin(&m, 256);
	put(&m, 94999, 4);
	put(&m, 95000, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_false(flow_has(&rx->f[0], FLOW_START));
	assert_true(rx->f[0].start == 0);
	assert_int_equal(rx->f[0].start_uptime, 94999);
	assert_true(flow_has(&rx->f[0], FLOW_END));
	assert_true(rx->f[0].end == INT64_C(315532800) * NSEC_PER_SEC);
	assert_int_equal(rx->f[0].clock, CLOCK_UPTIME);
	rx_free(rx);
}

/* A state file tells no later one either: what is learned can be saved. */
static void
exporters_are_not_switched_on_after_2106(void **state)
{
	const uint64_t last = UINT64_C(4294967295000); /* ms */
	struct rx *rx;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		rx = rx_new(NULL);
		ipfix_begin(&m, SECS, 0, 7);
		template_set(&m, 2, 256, (const uint16_t[][2]){{22, 4}}, 1);
		set_begin(&m, 3);
		put(&m, 257, 2);
		put(&m, 1, 2);
		put(&m, 0, 2);
		put(&m, 0x00a00008, 4); /* element 160, of 8 bytes */
		set_end(&m);
		set_begin(&m, 257);
		put(&m, last + i, 8);
		set_end(&m);
		set_begin(&m, 256);
		put(&m, 2000, 4);
		set_end(&m);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_int_equal(rx->report.options, 1);
		assert_int_equal(flow_has(&rx->f[0], FLOW_START), i == 0);
		assert_true(rx->f[0].start ==
		    (i == 0 ? ((int64_t)last + 2000) * NSEC_PER_MSEC : 0));
		rx_free(rx);
	}
}

static void
router_without_a_clock_has_no_times(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9_begin(&m, 100000, 0, 0, 7);
	template_set(&m, 0, 256, (const uint16_t[][2]){{22, 4}}, 1);
	set_begin(&m, 256);
	put(&m, 90000, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_false(flow_has(&rx->f[0], FLOW_START));
	assert_int_equal(rx->f[0].start_uptime, 90000);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(v9_uptimes_count_back_from_the_header),
	    cmocka_unit_test(ipfix_uptimes_without_a_base_are_no_times),
	    cmocka_unit_test(ipfix_uptimes_count_from_the_initialisation),
	    cmocka_unit_test(initialisation_is_learned_from_options),
	    cmocka_unit_test(absolute_times_of_every_unit_are_exact),
	    cmocka_unit_test(ntp_seconds_wrap_in_2036),
	    cmocka_unit_test(zero_and_absurd_times_are_absent),
	    cmocka_unit_test(absolute_times_are_better_than_uptimes),
	    cmocka_unit_test(deltas_count_back_from_the_export),
	    cmocka_unit_test(a_duration_gives_the_other_end),
	    cmocka_unit_test(events_have_a_time_in_every_unit),
	    cmocka_unit_test(no_time_is_in_the_seventies),
	    cmocka_unit_test(header_in_the_seventies_is_no_base),
	    cmocka_unit_test(uptimes_soon_after_1980_may_be_before_it),
	    cmocka_unit_test(exporters_are_not_switched_on_after_2106),
	    cmocka_unit_test(router_without_a_clock_has_no_times),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
