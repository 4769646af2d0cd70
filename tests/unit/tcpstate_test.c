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
 * What the sequence numbers of TCP tell.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow.h"
#include "meter/tcpstate.h"

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define PSH 0x08
#define ACK 0x10

static struct tcpstate t;
static int64_t now;

static void
begin(void)
{
	memset(&t, 0, sizeof(t));
	now = INT64_C(1700000000) * NSEC_PER_SEC;
}

static void
segment(uint8_t side, uint8_t flags, uint32_t seq, uint32_t len)
{
	const struct tcpstate_segment g = {.time = now,
	    .seq = seq,
	    .ack = 5001,
	    .len = len,
	    .flags = flags,
	    .side = side};

	tcpstate_segment(&t, &g);
}

static void
check(uint8_t side, uint32_t retransmits, uint32_t out_of_order)
{
	assert_int_equal(t.side[side].retransmits, retransmits);
	assert_int_equal(t.side[side].out_of_order, out_of_order);
}

static void
the_round_trip_is_from_syn_to_its_answer(void **state)
{
	(void)state;
	begin();
	segment(1, SYN, 5000, 0);
	now += 1234567;
	segment(0, SYN | ACK, 9000, 0);
	assert_int_equal(t.rtt, 1234);
	/* And stays what it was. */
	now += NSEC_PER_SEC;
	segment(0, SYN | ACK, 9000, 0);
	assert_int_equal(t.rtt, 1234);
	check(0, 1, 0);
	check(1, 0, 0);
}

static void
a_round_trip_is_never_zero(void **state)
{
	(void)state;
	begin();
	segment(0, SYN, 5000, 0);
	now += 10;
	segment(1, SYN | ACK, 9000, 0);
	assert_int_equal(t.rtt, 1);
}

static void
an_answer_to_one_of_two_syns_tells_no_round_trip(void **state)
{
	(void)state;
	begin();
	segment(0, SYN, 5000, 0);
	now += NSEC_PER_SEC;
	segment(0, SYN, 5000, 0);
	now += 1000000;
	segment(1, SYN | ACK, 9000, 0);
	assert_int_equal(t.rtt, 0);
	check(0, 1, 0);
}

static void
an_answer_to_another_syn_is_none(void **state)
{
	(void)state;
	begin();
	segment(0, SYN, 7000, 0);
	now += 1000000;
	segment(1, SYN | ACK, 9000, 0); /* of 5001 */
	assert_int_equal(t.rtt, 0);
	/* Nor is one that was seen before what it answers. */
	begin();
	segment(0, SYN, 5000, 0);
	now -= 1000000;
	segment(1, SYN | ACK, 9000, 0);
	assert_int_equal(t.rtt, 0);
	/* Or of the same side. */
	begin();
	segment(0, SYN, 5000, 0);
	segment(0, SYN | ACK, 5000, 0);
	assert_int_equal(t.rtt, 0);
}

static void
what_comes_in_order_is_not_counted(void **state)
{
	(void)state;
	begin();
	segment(0, SYN, UINT32_MAX - 100, 0); /* and over the end of them */
	segment(0, ACK, UINT32_MAX - 99, 60);
	segment(0, ACK | PSH, UINT32_MAX - 39, 60);
	segment(0, ACK, 20, 0);
	segment(0, ACK, 20, 0);
	segment(0, ACK | FIN, 20, 10);
	check(0, 0, 0);
	assert_int_equal(t.side[0].next, 31);
}

static void
what_was_seen_before_is_sent_again(void **state)
{
	(void)state;
	begin();
	segment(0, ACK, 1000, 100);
	segment(0, ACK, 1100, 100);
	segment(0, ACK, 1000, 100);
	check(0, 1, 0);
	/* Some of it is enough. */
	segment(0, ACK, 1150, 100);
	check(0, 2, 0);
	assert_int_equal(t.side[0].next, 1250);
	segment(0, FIN | ACK, 1250, 0);
	segment(0, FIN | ACK, 1250, 0);
	check(0, 3, 0);
	check(1, 0, 0);
}

static void
a_hole_that_is_filled_at_once_was_overtaken(void **state)
{
	(void)state;
	begin();
	segment(0, ACK, 1000, 100);
	segment(0, ACK, 1200, 100);
	now += 100000;
	segment(0, ACK, 1100, 100);
	check(0, 0, 1);
	/* A second time it is sent again. */
	segment(0, ACK, 1100, 100);
	check(0, 1, 1);
}

static void
a_hole_that_is_filled_after_a_round_trip_was_a_loss(void **state)
{
	(void)state;
	begin();
	segment(0, SYN, 5000, 0);
	now += 20 * NSEC_PER_MSEC;
	segment(1, SYN | ACK, 9000, 0);
	segment(1, ACK, 9001, 100);
	segment(1, ACK, 9201, 100);
	segment(1, ACK, 9401, 100);
	now += 19 * NSEC_PER_MSEC;
	segment(1, ACK, 9101, 100);
	check(1, 0, 1);
	now += 2 * NSEC_PER_MSEC;
	segment(1, ACK, 9301, 100);
	check(1, 1, 1);
}

static void
a_hole_is_filled_piece_by_piece(void **state)
{
	(void)state;
	begin();
	segment(0, ACK, 1000, 100);
	segment(0, ACK, 2000, 100);
	segment(0, ACK, 1400, 100);
	segment(0, ACK, 1100, 300);
	segment(0, ACK, 1500, 500);
	check(0, 0, 3);
	assert_int_equal(t.side[0].nholes, 0);
	segment(0, ACK, 1400, 100);
	check(0, 1, 3);
}

static void
holes_that_are_too_many_are_forgotten(void **state)
{
	uint32_t i;

	(void)state;
	begin();
	segment(0, ACK, 0, 100);
	for (i = 1; i <= 100; i++) {
		segment(0, ACK, i * 200, 100);
		assert_true(t.side[0].nholes <= TCPSTATE_HOLES);
	}
	/* The last are known. */
	segment(0, ACK, 100 * 200 - 100, 100);
	check(0, 0, 1);
	segment(0, ACK, 100, 100);
	check(0, 1, 1);
}

static void
a_keep_alive_is_not_sent_again(void **state)
{
	(void)state;
	begin();
	segment(0, ACK, 1000, 100);
	segment(0, ACK, 1099, 1);
	segment(0, ACK, 1099, 0);
	check(0, 0, 0);
}

static void
another_connection_of_the_same_ports_begins_anew(void **state)
{
	(void)state;
	begin();
	segment(0, SYN, 1000, 0);
	segment(0, ACK, 1001, 1000);
	segment(0, FIN | ACK, 2001, 0);
	segment(0, SYN, 500, 0);
	segment(0, ACK, 501, 100);
	check(0, 0, 0);
	/* Without a SYN, it is known by its distance. */
	segment(0, ACK, 0x80000000, 100);
	segment(0, ACK, 0x80000064, 100);
	check(0, 0, 0);
}

static void
a_reset_tells_nothing(void **state)
{
	(void)state;
	begin();
	segment(0, ACK, 1000, 100);
	segment(0, RST | ACK, 1000, 50);
	check(0, 0, 0);
	assert_int_equal(t.side[0].next, 1100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_round_trip_is_from_syn_to_its_answer),
	    cmocka_unit_test(a_round_trip_is_never_zero),
	    cmocka_unit_test(an_answer_to_one_of_two_syns_tells_no_round_trip),
	    cmocka_unit_test(an_answer_to_another_syn_is_none),
	    cmocka_unit_test(what_comes_in_order_is_not_counted),
	    cmocka_unit_test(what_was_seen_before_is_sent_again),
	    cmocka_unit_test(a_hole_that_is_filled_at_once_was_overtaken),
	    cmocka_unit_test(
		a_hole_that_is_filled_after_a_round_trip_was_a_loss),
	    cmocka_unit_test(a_hole_is_filled_piece_by_piece),
	    cmocka_unit_test(holes_that_are_too_many_are_forgotten),
	    cmocka_unit_test(a_keep_alive_is_not_sent_again),
	    cmocka_unit_test(another_connection_of_the_same_ports_begins_anew),
	    cmocka_unit_test(a_reset_tells_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
