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
 * Sequence numbers, scenario by scenario.  The clocks of the datagrams stand
 * still unless a test moves them.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "decode/memory.h"
#include "wire.h"

static struct msg m;
static uint32_t secs;	/* since 1970, in headers */
static uint32_t uptime; /* ms */

/* What the datagrams since the last EXPECT came to. */
static struct tally {
	uint64_t lost, recovered;
	uint32_t reordered, duplicates, reset, other_unit;
} seen;

static int
setup(void **state)
{
	memset(&seen, 0, sizeof(seen));
	secs = 1700000000;
	uptime = 1000000;
	*state = rx_new(NULL);
	return (0);
}

static int
teardown(void **state)
{
	rx_free(*state);
	return (0);
}

static void
fed(const struct rx *rx, enum dec_result result)
{
	const struct dec_report *r = &rx->report;

	assert_true(result == DEC_OK || result == DEC_NOTEMPLATE);
	seen.lost += r->seq_lost;
	seen.recovered += r->seq_recovered;
	seen.reordered += r->seq_reordered;
	seen.duplicates += r->seq_duplicates;
	seen.reset += r->seq_reset;
	seen.other_unit += r->seq_other_unit;
}

static void
expect(struct tally want)
{
	assert_int_equal(seen.lost, want.lost);
	assert_int_equal(seen.recovered, want.recovered);
	assert_int_equal(seen.reordered, want.reordered);
	assert_int_equal(seen.duplicates, want.duplicates);
	assert_int_equal(seen.reset, want.reset);
	assert_int_equal(seen.other_unit, want.other_unit);
	memset(&seen, 0, sizeof(seen));
}
#define EXPECT(...) expect((struct tally){__VA_ARGS__})
#define EXPECT_NOTHING() EXPECT(.lost = 0)
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* A v9 datagram without sets: it has a number nevertheless. */
static void
v9(struct rx *rx, uint32_t seq)
{
	v9_begin(&m, uptime, secs, seq, 7);
	fed(rx, rx_msg(rx, &m));
}

static void
v9_range(struct rx *rx, uint32_t first, uint32_t last)
{
	while (first <= last)
		v9(rx, first++);
}

static void
v9_records(struct rx *rx, uint32_t seq, int flows)
{
	v9_begin(&m, uptime, secs, seq, 7);
	template_set(&m, 0, 256, (const uint16_t[][2]){{4, 1}}, 1);
	set_begin(&m, 256);
	while (flows-- > 0)
		put(&m, 6, 1);
	set_end(&m);
	fed(rx, rx_msg(rx, &m));
}

/* Versions 5 and 7. */
static void
fixed(struct rx *rx, uint16_t version, uint32_t seq, uint16_t count,
    uint16_t engine)
{
	m.len = 0;
	put(&m, version, 2);
	put(&m, count, 2);
	put(&m, uptime, 4);
	put(&m, secs, 4);
	put(&m, 0, 4);
	put(&m, seq, 4);
	put(&m, engine, 2);
	put(&m, 0, 2);
	put(&m, 0, (version == 5 ? 48 : 52) * (size_t)count);
	fed(rx, rx_feed(rx, m.b, m.len));
}

/* Flows of template `id`, of which 256 is known, and options. */
static void
ipfix_of(struct rx *rx, uint32_t seq, int flows, int options, uint16_t id)
{
	ipfix_begin(&m, secs, seq, 7);
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
	fed(rx, rx_msg(rx, &m));
}

static void
ipfix(struct rx *rx, uint32_t seq, int flows)
{
	ipfix_of(rx, seq, flows, 0, 256);
}

static void
first_datagram_of_a_domain_is_the_base(void **state)
{
	struct rx *rx = *state;

	v9(rx, 123456);
	v9(rx, 123457);
	rx->src.agent.b[3]++;
	v9(rx, 5);
	EXPECT_NOTHING();
}

static void
v9_counts_datagrams(void **state)
{
	struct rx *rx = *state;

	v9_records(rx, 10, 3);
	v9_records(rx, 12, 3); /* one is missing */
	EXPECT(.lost = 1);
	v9_records(rx, 20, 3); /* many */
	EXPECT(.lost = 7);
	v9_records(rx, 21, 3);
	EXPECT_NOTHING();
}

static void
v5_counts_flows_of_each_engine(void **state)
{
	struct rx *rx = *state;

	fixed(rx, 5, 100, 30, 0);
	fixed(rx, 5, 5000, 30, 1);
	EXPECT_NOTHING();
	fixed(rx, 5, 130, 7, 0);
	EXPECT_NOTHING();
	fixed(rx, 5, 137, 30, 0);
	fixed(rx, 5, 197, 30, 0);
	EXPECT(.lost = 30);
	fixed(rx, 5, 5030, 1, 1);
	EXPECT_NOTHING();
	assert_int_equal(rx->report.source_id, 1);
}

static void
v7_counts_flows(void **state)
{
	struct rx *rx = *state;

	fixed(rx, 7, 0, 28, 0);
	fixed(rx, 7, 28, 28, 0);
	fixed(rx, 7, 84, 28, 0);
	EXPECT(.lost = 28);
	fixed(rx, 7, 56, 28, 0);
	EXPECT(.recovered = 28, .reordered = 1);
}

static void
ipfix_counts_records_of_options_too(void **state)
{
	struct rx *rx = *state;

	ipfix_of(rx, 1000, 3, 2, 256);
	ipfix_of(rx, 1005, 0, 0, 256);
	EXPECT_NOTHING();
	ipfix_of(rx, 1005, 1, 0, 256);
	EXPECT_NOTHING();
	ipfix_of(rx, 1010, 1, 0, 256);
	EXPECT(.lost = 4);
}

static void
records_of_an_unknown_template_are_no_loss(void **state)
{
	struct rx *rx = *state;

	ipfix(rx, 1000, 3);
	ipfix_of(rx, 1003, 9, 0, 999);
	EXPECT_NOTHING();
	ipfix(rx, 1012, 1);
	EXPECT_NOTHING();
	ipfix(rx, 1014, 1);
	EXPECT(.lost = 1);
	/* One from among the uncounted: late or twice, who knows. */
	ipfix(rx, 1005, 1);
	EXPECT(.reordered = 1);
	ipfix(rx, 1015, 1);
	EXPECT_NOTHING();
}

static void
two_that_changed_places_are_no_loss(void **state)
{
	struct rx *rx = *state;

	v9(rx, 10);
	v9(rx, 12);
	EXPECT(.lost = 1);
	v9(rx, 11);
	EXPECT(.recovered = 1, .reordered = 1);
	v9(rx, 13);
	EXPECT_NOTHING();

	fixed(rx, 5, 0, 10, 0);
	fixed(rx, 5, 15, 10, 0);
	fixed(rx, 5, 10, 5, 0);
	fixed(rx, 5, 25, 10, 0);
	EXPECT(.lost = 5, .recovered = 5, .reordered = 1);

	ipfix(rx, 0, 10);
	ipfix(rx, 15, 10);
	ipfix(rx, 10, 5);
	ipfix(rx, 25, 10);
	EXPECT(.lost = 5, .recovered = 5, .reordered = 1);
}

static void
what_comes_late_by_many_is_no_loss(void **state)
{
	struct rx *rx = *state;

	v9(rx, 1);
	v9(rx, 3);
	uptime += 100;
	v9_range(rx, 4, 53);
	uptime -= 100;
	v9(rx, 2);
	EXPECT(.lost = 1, .recovered = 1, .reordered = 1);
	v9(rx, 54);
	EXPECT_NOTHING();
}

/* Farther than numbers alone could tell from a new beginning. */
static void
what_was_made_long_before_is_late_and_not_a_restart(void **state)
{
	struct rx *rx = *state;

	v9(rx, 1);
	v9(rx, 3);
	uptime += 60000;
	secs += 60;
	v9_range(rx, 4, 1000);
	uptime -= 60000;
	secs -= 60;
	v9(rx, 2);
	v9(rx, 2);
	EXPECT(.lost = 1, .recovered = 1, .reordered = 1, .duplicates = 1);
	uptime += 60000;
	secs += 60;
	v9(rx, 1001);
	EXPECT_NOTHING();
}

static void
a_burst_that_comes_late_is_no_restart(void **state)
{
	struct rx *rx = *state;

	v9(rx, 1);
	v9(rx, 42);
	v9_range(rx, 2, 41);
	v9(rx, 43);
	EXPECT(.lost = 40, .recovered = 40, .reordered = 40);
}

static void
the_same_datagram_again_is_a_duplicate(void **state)
{
	struct rx *rx = *state;

	v9(rx, 1);
	v9(rx, 2);
	v9(rx, 2);
	EXPECT(.duplicates = 1);
	v9(rx, 3);
	v9(rx, 4);
	v9(rx, 3);
	v9(rx, 5);
	EXPECT(.duplicates = 1);

	fixed(rx, 5, 0, 10, 0);
	fixed(rx, 5, 0, 10, 0);
	fixed(rx, 5, 10, 10, 0);
	EXPECT(.duplicates = 1);

	ipfix(rx, 0, 10);
	ipfix(rx, 10, 10);
	ipfix(rx, 0, 10);
	ipfix(rx, 20, 10);
	EXPECT(.duplicates = 1);
}

static void
a_duplicate_behind_a_gap_is_told_from_what_is_missing(void **state)
{
	struct rx *rx = *state;

	v9_range(rx, 1, 5);
	v9(rx, 8);
	v9(rx, 4); /* again */
	EXPECT(.lost = 2, .duplicates = 1);
	v9(rx, 7); /* late, */
	EXPECT(.recovered = 1, .reordered = 1);
	v9(rx, 7); /* and again */
	v9(rx, 8);
	EXPECT(.duplicates = 2);
	v9(rx, 6);
	EXPECT(.recovered = 1, .reordered = 1);
	v9(rx, 9);
	EXPECT_NOTHING();
}

static void
a_gap_is_filled_from_its_middle(void **state)
{
	struct rx *rx = *state;

	ipfix(rx, 0, 10);
	ipfix(rx, 40, 10);
	ipfix(rx, 20, 10);
	ipfix(rx, 20, 10);
	EXPECT(.lost = 30, .recovered = 10, .reordered = 1, .duplicates = 1);
	ipfix(rx, 30, 10);
	ipfix(rx, 10, 10);
	EXPECT(.recovered = 20, .reordered = 2);
	ipfix(rx, 10, 10);
	EXPECT(.duplicates = 1);
}

/* Of many gaps only the last are remembered: no more is claimed. */
static void
behind_forgotten_gaps_late_and_twice_are_not_told_apart(void **state)
{
	struct rx *rx = *state;
	uint32_t i;

	for (i = 0; i <= 40; i += 2)
		v9(rx, i);
	EXPECT(.lost = 20);
	v9(rx, 1);
	v9(rx, 2);
	EXPECT(.reordered = 2);
	v9(rx, 39);
	v9(rx, 40);
	EXPECT(.recovered = 1, .reordered = 1, .duplicates = 1);
}

static void
numbers_wrap_without_a_loss(void **state)
{
	struct rx *rx = *state;

	v9(rx, 0xfffffffe);
	v9(rx, 0xffffffff);
	v9(rx, 0);
	EXPECT_NOTHING();
	v9(rx, 2);
	EXPECT(.lost = 1);
	v9(rx, 0xffffffff);
	EXPECT(.duplicates = 1);
	v9(rx, 1);
	EXPECT(.recovered = 1, .reordered = 1);

	fixed(rx, 5, 0xfffffff0, 10, 0);
	fixed(rx, 5, 4, 10, 0); /* the one over the edge is missing */
	EXPECT(.lost = 10);
	fixed(rx, 5, 0xfffffffa, 10, 0);
	EXPECT(.recovered = 10, .reordered = 1);
	fixed(rx, 5, 14, 10, 0);
	EXPECT_NOTHING();
}

static void
a_large_step_back_is_a_restart(void **state)
{
	struct rx *rx = *state;

	v9(rx, 100000);
	v9(rx, 1);
	EXPECT(.reset = 1);
	v9(rx, 2);
	EXPECT_NOTHING();
}

static void
an_uptime_that_steps_back_is_a_restart(void **state)
{
	struct rx *rx = *state;

	v9(rx, 20);
	uptime = 1000;
	v9(rx, 1); /* as near as what comes late */
	EXPECT(.reset = 1);
	uptime = 600000;
	v9(rx, 2);
	EXPECT_NOTHING();
	uptime = 1000;
	v9(rx, 500); /* ahead, and no loss */
	EXPECT(.reset = 1);
	uptime = 0xffffff00;
	v9(rx, 501);
	uptime = 50; /* a wrap is no step back */
	v9(rx, 503);
	EXPECT(.lost = 1);
}

/* Its uptime is the machine's, and goes on. */
static void
a_program_that_starts_again_at_zero_is_a_restart(void **state)
{
	struct rx *rx = *state;

	v9_range(rx, 0, 30);
	uptime += 3000;
	secs += 3;
	v9_range(rx, 0, 5);
	EXPECT(.reset = 1);

	ipfix(rx, 0, 10);
	ipfix(rx, 10, 10);
	secs += 3;
	ipfix(rx, 0, 10);
	ipfix(rx, 10, 10);
	EXPECT(.reset = 1);
}

static void
one_that_stays_behind_has_begun_anew(void **state)
{
	struct rx *rx = *state;
	uint32_t i;

	ipfix(rx, 3000, 1);
	for (i = 0; i < 100; i++)
		ipfix(rx, i, 1);
	EXPECT(.reordered = 8, .reset = 1);
}

static void
an_absurd_gap_is_a_restart(void **state)
{
	struct rx *rx = *state;

	v9(rx, 1);
	v9(rx, 1000000000);
	EXPECT(.reset = 1);
}

/* One number that is wrong, or forged, is not a loss for ever. */
static void
a_jump_that_is_taken_back_was_no_loss(void **state)
{
	struct rx *rx = *state;

	v9(rx, 1);
	v9(rx, 50000000);
	EXPECT(.lost = 49999998);
	uptime += 2000;
	v9(rx, 2);
	EXPECT(.recovered = 49999998, .reset = 1);
	v9(rx, 3);
	EXPECT_NOTHING();
}

static void
a_v9_exporter_that_counts_records_is_found_out(void **state)
{
	struct rx *rx = *state;
	uint32_t i, seq = 100;

	for (i = 0; i < 100; i++) {
		v9_records(rx, seq, 3 + (int)i % 5);
		seq += 3 + i % 5;
	}
	assert_int_equal(seen.lost, seen.recovered);
	assert_true(seen.lost > 0 && seen.lost < 8 * 7);
	seen.lost = seen.recovered = 0;
	EXPECT(.other_unit = 1);
	v9_records(rx, seq + 10, 5); /* in records it is right */
	EXPECT(.lost = 10);
}

static void
an_ipfix_exporter_that_counts_datagrams_is_found_out(void **state)
{
	struct rx *rx = *state;
	uint32_t i;

	for (i = 0; i < 100; i++)
		ipfix(rx, 100 + i, 20);
	EXPECT(.reset = 8, .other_unit = 1);
	ipfix(rx, 201, 20);
	EXPECT(.lost = 1);
}

static void
an_ipfix_exporter_that_counts_no_options_is_found_out(void **state)
{
	struct rx *rx = *state;
	uint32_t i, seq = 0;

	for (i = 0; i < 100; i++) {
		ipfix_of(rx, seq, 4, i % 10 == 0, 256);
		seq += 4;
	}
	assert_int_equal(seen.other_unit, 1);
	memset(&seen, 0, sizeof(seen));
	for (i = 0; i < 100; i++) {
		ipfix_of(rx, seq, 4, i % 10 == 0, 256);
		seq += 4;
	}
	EXPECT_NOTHING();
}

static void
a_v5_exporter_that_counts_datagrams_is_found_out(void **state)
{
	struct rx *rx = *state;
	uint32_t i;

	for (i = 0; i < 50; i++)
		fixed(rx, 5, i, (uint16_t)(i % 7 + 24), 0);
	assert_int_equal(seen.other_unit, 1);
	assert_int_equal(seen.lost, seen.recovered);
	memset(&seen, 0, sizeof(seen));
	fixed(rx, 5, 51, 30, 0);
	EXPECT(.lost = 1);
}

static void
a_number_that_never_changes_is_no_loss(void **state)
{
	struct rx *rx = *state;
	uint32_t i;

	for (i = 0; i < 1000; i++)
		fixed(rx, 5, 0, 30, 0);
	EXPECT(.duplicates = 8, .other_unit = 1);
}

/* Losses that look like another unit now and then do not make it one. */
static void
losses_do_not_change_the_unit(void **state)
{
	struct rx *rx = *state;
	uint32_t i, seq = 0;

	for (i = 0; i < 100; i++) {
		v9_records(rx, seq, 3);
		v9_records(rx, seq + 1, 3);
		seq += 4; /* two are missing, as records would have it */
	}
	EXPECT(.lost = 2 * 99);
}

/* However the numbers lie, no more is recovered than was lost. */
static void
no_more_is_recovered_than_was_lost(void **state)
{
	struct rx *rx = *state;
	uint32_t i, seq = 1000;

	srandom(1);
	for (i = 0; i < 200000; i++) {
		switch (random() % 8) {
		case 0:
			seq += (uint32_t)random() % 8;
			break;
		case 1:
			seq -= (uint32_t)random() % 100;
			break;
		case 2:
			if (random() % 64 == 0)
				seq = (uint32_t)random() * 2;
			break;
		case 3:
			uptime += (uint32_t)random() % 2000;
			secs += (uint32_t)random() % 3;
			break;
		case 4:
			if (random() % 64 == 0)
				uptime = (uint32_t)random();
			break;
		default:
			seq++;
		}
		if (random() % 2)
			v9_records(rx, seq, (int)random() % 5);
		else
			ipfix_of(rx, seq, (int)random() % 5, (int)random() % 2,
			    256 + (random() % 9 == 0));
		assert_true(seen.recovered <= seen.lost);
	}
}

static void
what_is_saved_goes_on_where_it_was(void **state)
{
	struct sequence was = {.known = true,
	    .unit = SEQ_RECORDS,
	    .next = 3 * (UINT64_C(1) << 32) + 77,
	    .uptime = 5,
	    .export_time = 1700000000 * NSEC_PER_SEC,
	    .uncounted = true};
	struct sequence is = {.next = 9};
	uint8_t buf[SEQUENCE_SAVED];
	struct wr wr = wr_init(buf, sizeof(buf));
	struct rd rd = rd_init(buf, sizeof(buf) - 1);

	(void)state;
	assert_int_equal(sequence_save(&was, &wr), 0);
	assert_int_equal(wr.left, 0);
	assert_int_equal(sequence_load(&is, &rd), -1);
	assert_int_equal(is.next, 9);
	rd = rd_init(buf, sizeof(buf));
	assert_int_equal(sequence_load(&is, &rd), 0);
	assert_true(is.known && is.uncounted);
	assert_int_equal((uint32_t)is.next, 77);
	assert_int_equal(is.floor, is.next);
	assert_int_equal(is.uptime, 5);
	assert_int_equal(is.export_time, was.export_time);
	/* The latest that a header can say. */
	was.export_time = UINT32_MAX * NSEC_PER_SEC + UINT32_MAX;
	wr = wr_init(buf, sizeof(buf));
	assert_int_equal(sequence_save(&was, &wr), 0);
	rd = rd_init(buf, sizeof(buf));
	assert_int_equal(sequence_load(&is, &rd), 0);
	assert_int_equal(is.export_time, was.export_time);
	buf[4] = SEQ_UNITS;
	rd = rd_init(buf, sizeof(buf));
	assert_int_equal(sequence_load(&is, &rd), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(first_datagram_of_a_domain_is_the_base),
	    TEST(v9_counts_datagrams),
	    TEST(v5_counts_flows_of_each_engine),
	    TEST(v7_counts_flows),
	    TEST(ipfix_counts_records_of_options_too),
	    TEST(records_of_an_unknown_template_are_no_loss),
	    TEST(two_that_changed_places_are_no_loss),
	    TEST(what_comes_late_by_many_is_no_loss),
	    TEST(what_was_made_long_before_is_late_and_not_a_restart),
	    TEST(a_burst_that_comes_late_is_no_restart),
	    TEST(the_same_datagram_again_is_a_duplicate),
	    TEST(a_duplicate_behind_a_gap_is_told_from_what_is_missing),
	    TEST(a_gap_is_filled_from_its_middle),
	    TEST(behind_forgotten_gaps_late_and_twice_are_not_told_apart),
	    TEST(numbers_wrap_without_a_loss),
	    TEST(a_large_step_back_is_a_restart),
	    TEST(an_uptime_that_steps_back_is_a_restart),
	    TEST(a_program_that_starts_again_at_zero_is_a_restart),
	    TEST(one_that_stays_behind_has_begun_anew),
	    TEST(an_absurd_gap_is_a_restart),
	    TEST(a_jump_that_is_taken_back_was_no_loss),
	    TEST(a_v9_exporter_that_counts_records_is_found_out),
	    TEST(an_ipfix_exporter_that_counts_datagrams_is_found_out),
	    TEST(an_ipfix_exporter_that_counts_no_options_is_found_out),
	    TEST(a_v5_exporter_that_counts_datagrams_is_found_out),
	    TEST(a_number_that_never_changes_is_no_loss),
	    TEST(losses_do_not_change_the_unit),
	    TEST(no_more_is_recovered_than_was_lost),
	    TEST(what_is_saved_goes_on_where_it_was),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
