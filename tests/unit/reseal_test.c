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
#include <string.h>

#include <cmocka.h>

#include "archive/le.h"
#include "tests/unit/sealed.h"

#define MANY 5000

static struct flow *flow;
static struct bytes in, out;
static struct reseal_totals totals; /* of the last reseal */

static int
setup(void **state)
{
	(void)state;
	flow = calloc(3 * BLOCK_FLOWS, sizeof(*flow));
	in = out = (struct bytes){NULL, 0};
	flows_seed = 88172645463325252;
	return (flow == NULL ? -1 : 0);
}

static int
teardown(void **state)
{
	(void)state;
	free(flow);
	free(in.p);
	free(out.p);
	return (0);
}

static void
make(uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		flows_make(&flow[i], i);
}

static void
reseal_input(void)
{
	struct reseal *r = reseal_new(1, bytes_put, &out);

	out.len = 0;
	assert_non_null(r);
	assert_int_equal(reseal_segment(r, in.p, in.len), 0);
	assert_int_equal(reseal_end(r), 0);
	totals = *reseal_totals(r);
	reseal_free(r);
	assert_int_equal(totals.bytes_in, in.len);
	assert_int_equal(totals.bytes_out, out.len);
}

/* n flows came out; they are those, and in that order. */
static void
check(uint32_t n, const uint32_t *which)
{
	const char *differs;

	assert_int_equal(bytes_compare(&out, flow, which, &differs), n);
	if (differs != NULL)
		fail_msg("%s differs", differs);
	assert_int_equal(totals.flows_out, n);
}

static void
small_blocks_are_gathered_in_their_order(void **state)
{
	uint32_t i, n;

	(void)state;
	for (i = 0; i < MANY; i++)
		flows_make_rare(&flow[i], i);
	for (i = 0; i < MANY; i += n) {
		n = 1 + (uint32_t)(flows_random() % 40);
		n = n < MANY - i ? n : MANY - i;
		bytes_quick(&in, &flow[i], n);
	}
	reseal_input();
	check(MANY, NULL);
	assert_int_equal(totals.damaged, 0);
	assert_int_equal(totals.flows_in, MANY);
	assert_true(totals.blocks_in > 100);
	assert_true(out.len < in.len / 2);
}

static void
blocks_are_filled_and_split_where_they_are_full(void **state)
{
	uint32_t i;

	(void)state;
	make(3 * 30000);
	for (i = 0; i < 3; i++)
		bytes_quick(&in, &flow[i * 30000], 30000);
	reseal_input();
	check(3 * 30000, NULL);
	assert_int_equal(totals.blocks_in, 3);
	assert_int_equal(totals.blocks_out, 2);
}

static void
sealed_blocks_are_copied_as_they_are(void **state)
{
	(void)state;
	make(BLOCK_FLOWS + 40000);
	bytes_seal(&in, flow, BLOCK_FLOWS + 40000, 1);
	reseal_input();
	check(BLOCK_FLOWS + 40000, NULL);
	assert_int_equal(out.len, in.len);
	assert_memory_equal(out.p, in.p, in.len);
	assert_int_equal(totals.blocks_out, 2);
}

static void
small_sealed_blocks_are_gathered(void **state)
{
	uint32_t i;

	(void)state;
	make(30000);
	for (i = 0; i < 10; i++)
		bytes_seal(&in, &flow[i * 3000], 3000, 1);
	reseal_input();
	check(30000, NULL);
	assert_int_equal(totals.blocks_in, 10);
	assert_int_equal(totals.blocks_out, 1);
	assert_true(out.len < in.len);
}

/* The column of a field becomes one of a later version. */
static void
make_unknown(uint8_t *p, unsigned int id)
{
	const uint32_t hdrlen = le32(p + 12);
	uint8_t *c = p + BLOCK_HDRLEN + (size_t)le16(p + 42) * p[44] * 8;
	uint32_t i;

	for (i = 0; i < le16(p + 40); i++, c += BLOCK_COLUMNLEN)
		if (le16(c) == id)
			le16_put(c, 0x7000);
	le32_put(p + 8, block_crc(0, p + 12, hdrlen - 12));
}

static void
columns_of_versions_to_come_are_not_lost(void **state)
{
	struct rd rd;
	struct block b;

	(void)state;
	make(3000);
	bytes_seal(&in, flow, 3000, 1);
	make_unknown(in.p, FLOW_OCTETS);
	rd = rd_init(in.p, in.len);
	assert_int_equal(block_read(&rd, &b), BLOCK_OK);
	assert_int_equal(b.nskipped, 1);
	reseal_input();
	assert_int_equal(totals.damaged, 0);
	assert_int_equal(out.len, in.len);
	assert_memory_equal(out.p, in.p, in.len);
}

static void
blocks_of_versions_to_come_are_not_lost(void **state)
{
	(void)state;
	make(3000);
	bytes_seal(&in, flow, 3000, 1);
	in.p[45] |= 0x10;
	make_unknown(in.p, COL_NONE);
	reseal_input();
	assert_int_equal(totals.damaged, 0);
	assert_int_equal(totals.flows_out, 3000);
	assert_int_equal(out.len, in.len);
	assert_memory_equal(out.p, in.p, in.len);
}

/* Nothing that waits is overtaken by a block that is copied. */
static void
the_order_stays_when_some_blocks_are_copied(void **state)
{
	uint32_t at = 0;

	(void)state;
	make(2 * BLOCK_FLOWS + 30000);
	bytes_quick(&in, flow, 20000);
	at = 20000;
	bytes_seal(&in, &flow[at], BLOCK_FLOWS, 1);
	at += BLOCK_FLOWS;
	bytes_quick(&in, &flow[at], 500);
	at += 500;
	bytes_seal(&in, &flow[at], 40000, 1);
	at += 40000;
	bytes_quick(&in, &flow[at], 10);
	at += 10;
	reseal_input();
	check(at, NULL);
	assert_int_equal(totals.damaged, 0);
}

static void
more_shapes_than_a_block_has_make_two(void **state)
{
	uint32_t i;
	size_t k;

	(void)state;
	for (i = 0; i < 1000; i++) {
		memset(&flow[i], 0, sizeof(flow[i]));
		flow_set(&flow[i], FLOW_RECV_TIME);
		for (k = 0; k < 10; k++)
			if (i >> k & 1)
				flow_set(&flow[i], FLOW_SRC_PORT + k);
	}
	for (i = 0; i < 1000; i += 100)
		bytes_quick(&in, &flow[i], 100);
	reseal_input();
	check(1000, NULL);
	assert_true(totals.blocks_out >= 4);
}

/* Blocks 0..9 of 500 flows: which[] is of those that are whole. */
static uint32_t whole[10 * 500];

static uint32_t
whole_but(uint32_t lost)
{
	uint32_t i, n = 0;

	for (i = 0; i < 10 * 500; i++)
		if (i / 500 != lost)
			whole[n++] = i;
	return (n);
}

static size_t begins[11]; /* where they do */

static void
ten_blocks(void)
{
	uint32_t i;

	make(10 * 500);
	in.len = 0;
	for (i = 0; i < 10; i++) {
		begins[i] = in.len;
		bytes_quick(&in, &flow[i * 500], 500);
	}
	begins[10] = in.len;
}

static void
a_damaged_column_costs_its_block_and_no_more(void **state)
{
	(void)state;
	ten_blocks();
	in.p[(begins[4] + begins[5]) / 2] ^= 4;
	reseal_input();
	check(whole_but(4), whole);
	assert_int_equal(totals.damaged, 1);
	assert_int_equal(totals.damaged_flows, 500);
	assert_int_equal(totals.damaged_bytes, begins[5] - begins[4]);
}

static void
a_damaged_header_costs_its_block_and_no_more(void **state)
{
	(void)state;
	ten_blocks();
	in.p[begins[4] + 20] ^= 1;
	reseal_input();
	check(whole_but(4), whole);
	assert_int_equal(totals.damaged, 1);
	assert_int_equal(totals.damaged_bytes, begins[5] - begins[4]);
}

static void
a_hole_of_zeros_is_skipped(void **state)
{
	(void)state;
	ten_blocks();
	memset(in.p + begins[7], 0, 4096);
	reseal_input();
	check(whole_but(7), whole);
	assert_int_equal(totals.damaged, 1);
	assert_int_equal(totals.damaged_bytes, begins[8] - begins[7]);
}

static void
a_torn_tail_costs_the_last_block(void **state)
{
	(void)state;
	ten_blocks();
	in.len -= 100;
	reseal_input();
	check(whole_but(9), whole);
	assert_int_equal(totals.damaged, 1);
	assert_int_equal(totals.damaged_bytes, in.len - begins[9]);
}

/* Whatever is flipped: no crash, and what comes out went in. */
static void
flipped_bits_make_no_flows(void **state)
{
	const char *differs;
	uint32_t i, k, n;
	size_t at;

	(void)state;
	for (i = 0; i < 40; i++) {
		ten_blocks();
		at = flows_random() % in.len;
		in.p[at] ^= (uint8_t)(1 << i % 8);
		reseal_input();
		assert_true(totals.damaged <= 1);
		for (k = 0; k < 11; k++) {
			n = whole_but(k);
			if (n != totals.flows_out)
				continue;
			(void)bytes_compare(&out, flow, whole, &differs);
			if (differs == NULL)
				break;
		}
		assert_int_not_equal(k, 11);
	}
}

static void
what_is_no_segment_gives_nothing(void **state)
{
	static const uint8_t text[] = "These are bytes of something else.";

	(void)state;
	reseal_input();
	assert_int_equal(out.len, 0);
	assert_int_equal(totals.damaged, 0);
	(void)bytes_put(&in, text, sizeof(text));
	reseal_input();
	assert_int_equal(out.len, 0);
	assert_int_equal(totals.damaged, 1);
	assert_int_equal(totals.damaged_bytes, sizeof(text));
}

static void
flows_and_segments_come_in_any_order(void **state)
{
	struct reseal *r = reseal_new(1, bytes_put, &out);
	uint32_t i;

	(void)state;
	make(3000);
	bytes_quick(&in, &flow[1000], 1000);
	for (i = 0; i < 1000; i++)
		assert_int_equal(reseal_flow(r, &flow[i]), 0);
	assert_int_equal(reseal_segment(r, in.p, in.len), 0);
	for (i = 2000; i < 3000; i++)
		assert_int_equal(reseal_flow(r, &flow[i]), 0);
	assert_int_equal(reseal_end(r), 0);
	totals = *reseal_totals(r);
	reseal_free(r);
	check(3000, NULL);
	assert_int_equal(totals.flows_in, 3000);
}

static int
refuse(void *arg, const uint8_t *p, size_t len)
{
	(void)p;
	(void)len;
	++*(int *)arg;
	return (-1);
}

static void
a_write_that_fails_stops_it(void **state)
{
	struct reseal *r;
	int calls = 0;

	(void)state;
	make(MANY);
	bytes_quick(&in, flow, MANY);
	r = reseal_new(0, refuse, &calls);
	assert_non_null(r);
	assert_int_equal(reseal_segment(r, in.p, in.len), 0);
	assert_int_equal(reseal_end(r), -1);
	assert_int_equal(calls, 1);
	assert_int_equal(reseal_totals(r)->flows_out, 0);
	reseal_free(r);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(small_blocks_are_gathered_in_their_order),
	    T(blocks_are_filled_and_split_where_they_are_full),
	    T(sealed_blocks_are_copied_as_they_are),
	    T(small_sealed_blocks_are_gathered),
	    T(blocks_of_versions_to_come_are_not_lost),
	    T(columns_of_versions_to_come_are_not_lost),
	    T(the_order_stays_when_some_blocks_are_copied),
	    T(more_shapes_than_a_block_has_make_two),
	    T(a_damaged_column_costs_its_block_and_no_more),
	    T(a_damaged_header_costs_its_block_and_no_more),
	    T(a_hole_of_zeros_is_skipped),
	    T(a_torn_tail_costs_the_last_block),
	    T(flipped_bits_make_no_flows),
	    T(what_is_no_segment_gives_nothing),
	    T(flows_and_segments_come_in_any_order),
	    T(a_write_that_fails_stops_it),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
