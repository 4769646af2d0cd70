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

#include "archive/dict.h"
#include "compat/squeeze.h"
#include "tests/unit/sealed.h"

#define MANY 5000

static struct flow *flow;
static struct bytes out;
static struct block block; /* the first of out */

static int
setup(void **state)
{
	(void)state;
	flow = calloc(BLOCK_FLOWS, sizeof(*flow));
	out = (struct bytes){NULL, 0};
	flows_seed = 88172645463325252;
	return (flow == NULL ? -1 : 0);
}

static int
teardown(void **state)
{
	(void)state;
	free(flow);
	free(out.p);
	return (0);
}

/* The first n flows, sealed, are what comes out again. */
static void
check(uint32_t n, int level)
{
	const char *differs;
	unsigned int id;
	struct rd rd;

	out.len = 0;
	bytes_seal(&out, flow, n, level);
	assert_int_equal(bytes_compare(&out, flow, NULL, &differs), n);
	if (differs != NULL)
		fail_msg("%s differs", differs);
	rd = rd_init(out.p, out.len);
	assert_int_equal(block_read(&rd, &block), BLOCK_OK);
	assert_int_equal(block_check(&block, &id), BLOCK_OK);
	assert_true(block.sealed);
}

static const struct block_column *
column(unsigned int id)
{
	const struct block_column *c = block_column(&block, id);

	assert_non_null(c);
	return (c);
}

static void
make_common(uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		flows_make(&flow[i], i);
}

static void
every_field_comes_out_as_it_went_in(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < MANY; i++)
		flows_make_rare(&flow[i], i);
	check(MANY, 0);
	check(MANY, 1);
	check(MANY, 9);
}

static void
any_number_of_flows_comes_out(void **state)
{
	static const uint32_t numbers[] = {1, 2, 3, 7, 8, 9, 31, 64, 255, 256,
	    257, 4095, 4097};
	size_t i;

	(void)state;
	make_common(MANY);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		check(numbers[i], 0);
		check(numbers[i], 1);
	}
}

static void
each_field_alone_comes_out_in_extremes(void **state)
{
	static const uint64_t extremes[] = {0, UINT64_MAX, 1, INT64_MAX,
	    (uint64_t)INT64_MIN, 0x5555555555555555, 0, 0, 12345};
	size_t k;
	uint32_t i;

	(void)state;
	for (k = 0; k < FLOW_NFIELDS; k++) {
		for (i = 0; i < 300; i++) {
			memset(&flow[i], 0, sizeof(flow[i]));
			if (fields[k].type == FT_TEXT && i % 9 == 0)
				flow_set(&flow[i], fields[k].bit);
			else if (i % 10 != 7)
				flows_field(&flow[i], &fields[k],
				    extremes[i % 9]);
		}
		check(300, k % 2 == 0 ? 1 : 0);
	}
}

static void
without_compression_there_is_none(void **state)
{
	unsigned int i;

	(void)state;
	make_common(MANY);
	check(MANY, 0);
	for (i = 0; i < block.ncolumns; i++) {
		assert_int_equal(block.columns[i].dict.squeeze, SQ_NONE);
		assert_int_equal(block.columns[i].data.squeeze, SQ_NONE);
	}
}

static void
compression_makes_it_smaller(void **state)
{
	size_t plain;

	(void)state;
	if (!squeeze_available())
		skip();
	make_common(MANY);
	check(MANY, 0);
	plain = out.len;
	check(MANY, 1);
	assert_true(out.len < plain - plain / 10);
}

/* What the tests below want of a column's entry. */
static void
is_by(unsigned int id, enum column_scheme scheme, unsigned int parent)
{
	assert_int_equal(column(id)->scheme, scheme);
	assert_int_equal(column(id)->parent, parent);
}

static void
what_an_address_tells_is_stored_for_each_address(void **state)
{
	uint32_t i;

	(void)state;
	make_common(MANY);
	for (i = 0; i < MANY; i++) {
		flow_set(&flow[i], FLOW_SRC_MASK);
		flow[i].src_mask = 8 + flow[i].src_addr.b[1] % 17;
		flow[i].src_as =
		    flow[i].src_addr.b[0] * 100 + flow[i].src_addr.b[1];
	}
	check(MANY, 1);
	is_by(FLOW_SRC_ADDR, CS_DICT, COL_NONE);
	is_by(FLOW_SRC_AS, CS_DEPEND, FLOW_SRC_ADDR);
	is_by(FLOW_SRC_MASK, CS_DEPEND, FLOW_SRC_ADDR);
	/* One flow that says otherwise, and it is told by itself. */
	flow[MANY - 1] = flow[0];
	flow[MANY - 1].src_as++;
	check(MANY, 1);
	assert_int_not_equal(column(FLOW_SRC_AS)->parent, FLOW_SRC_ADDR);
	assert_int_equal(column(FLOW_SRC_MASK)->scheme, CS_DEPEND);
}

static void
what_an_interface_tells_is_stored_for_each_interface(void **state)
{
	static const char names[] = "eth0eth1eth2eth3eth4eth5eth6eth7";
	uint32_t i;

	(void)state;
	make_common(MANY);
	for (i = 0; i < MANY; i++) {
		flow_set(&flow[i], FLOW_OUT_IF);
		flow_set(&flow[i], FLOW_NEXT_HOP);
		flow_set(&flow[i], FLOW_OUT_IF_NAME);
		flow[i].out_if = (uint32_t)(flows_random() % 8) * 1000;
		flow[i].next_hop =
		    (struct addr){.family = ADDR_V4, .b = {192, 0, 2}};
		flow[i].next_hop.b[3] = (uint8_t)(flow[i].out_if / 2000);
		flow[i].out_if_name =
		    (struct flow_text){names + flow[i].out_if / 1000 * 4, 4};
	}
	check(MANY, 1);
	is_by(FLOW_OUT_IF, CS_DICT, COL_NONE);
	is_by(FLOW_NEXT_HOP, CS_DEPEND, FLOW_OUT_IF);
	is_by(FLOW_OUT_IF_NAME, CS_DEPEND, FLOW_OUT_IF);
}

static void
what_a_datagram_s_flows_share_is_stored_once(void **state)
{
	(void)state;
	make_common(MANY);
	check(MANY, 1);
	assert_int_equal(column(FLOW_RECV_TIME)->scheme, CS_RUNS);
	assert_int_equal(column(FLOW_RECV_TIME)->ndict, (MANY + 29) / 30);
	is_by(FLOW_EXPORT_TIME, CS_DEPEND, FLOW_RECV_TIME);
	is_by(FLOW_SEQUENCE, CS_DEPEND, FLOW_RECV_TIME);
	is_by(FLOW_SYS_UPTIME, CS_DEPEND, FLOW_RECV_TIME);
	is_by(FLOW_AGENT, CS_DEPEND, FLOW_RECV_TIME);
}

static void
times_go_by_the_export_and_each_other(void **state)
{
	uint32_t i;

	(void)state;
	make_common(MANY);
	for (i = 0; i < MANY; i++)
		flow[i].start = flow[i].end - (int64_t)(i % 7) * NSEC_PER_MSEC;
	check(MANY, 0);
	is_by(FLOW_END, CS_RELATIVE, FLOW_EXPORT_TIME);
	assert_int_equal(column(FLOW_END)->exponent, 6);
	assert_true(column(FLOW_END)->bits <= 10);
	is_by(FLOW_START, CS_RELATIVE, FLOW_END);
	assert_int_equal(column(FLOW_START)->exponent, 6);
}

static void
uptimes_follow_or_are_stored(void **state)
{
	(void)state;
	make_common(MANY);
	check(MANY, 1);
	is_by(FLOW_START_UPTIME, CS_UPTIME, FLOW_START);
	is_by(FLOW_END_UPTIME, CS_UPTIME, FLOW_END);
	flow[1234].end_uptime++;
	flow[77].start += 1; /* a nanosecond is no millisecond */
	check(MANY, 1);
	assert_int_not_equal(column(FLOW_START_UPTIME)->scheme, CS_UPTIME);
	assert_int_not_equal(column(FLOW_END_UPTIME)->scheme, CS_UPTIME);
	/* Behind the uptime's wrap. */
	make_common(MANY);
	flow[10].end -= 200000 * NSEC_PER_MSEC;
	flow[10].end_uptime = (uint32_t)(flow[10].end_uptime - 200000);
	check(MANY, 1);
	is_by(FLOW_END_UPTIME, CS_UPTIME, FLOW_END);
}

/* A flow of an exporter that has no uptimes, but interfaces. */
static void
make_other(struct flow *f)
{
	static const enum flow_field lacks[] = {FLOW_SYS_UPTIME,
	    FLOW_START_UPTIME, FLOW_END_UPTIME};
	size_t i;

	for (i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++)
		flow_unset(f, lacks[i]);
	f->sys_uptime = f->start_uptime = f->end_uptime = 0;
	f->in_if = 7;
	flow_set(f, FLOW_IN_IF);
	f->in_if_name = (struct flow_text){"eth7", 4};
	flow_set(f, FLOW_IN_IF_NAME);
	f->next_hop = (struct addr){.family = ADDR_V4, .b = {10, 0, 0, 7}};
	flow_set(f, FLOW_NEXT_HOP);
}

/* What some do not send does not break what the others send. */
static void
exporters_of_different_fields_share_blocks_for_nothing(void **state)
{
	uint64_t sum = 0, least = UINT64_MAX;
	uint32_t i;

	(void)state;
	make_common(MANY);
	for (i = 0; i < MANY; i++)
		if (i / 30 % 5 == 0)
			make_other(&flow[i]);
		else {
			sum += flow[i].end_uptime;
			if (flow[i].end_uptime < least)
				least = flow[i].end_uptime;
		}
	check(MANY, 1);
	is_by(FLOW_START_UPTIME, CS_UPTIME, FLOW_START);
	is_by(FLOW_END_UPTIME, CS_UPTIME, FLOW_END);
	is_by(FLOW_IN_IF, CS_CONST, COL_NONE);
	is_by(FLOW_IN_IF_NAME, CS_CONST, COL_NONE);
	is_by(FLOW_NEXT_HOP, CS_CONST, COL_NONE);
	assert_int_equal(column(FLOW_END_UPTIME)->min, least);
	assert_int_equal(column(FLOW_END_UPTIME)->sum, sum);
}

static void
times_before_1970_come_out(void **state)
{
	uint32_t i;

	(void)state;
	make_common(MANY);
	for (i = 0; i < MANY; i++) {
		flow[i].recv_time -= 1763722810 * NSEC_PER_SEC;
		flow[i].start = -(int64_t)(flows_random() >> 2);
		flow[i].end = INT64_MIN + (int64_t)i;
	}
	check(MANY, 1);
	assert_true(block.timed);
	assert_int_equal(block.first, flow[0].recv_time);
	assert_int_equal(block.last, flow[MANY - 1].recv_time);
}

static void
headers_tell_the_truth_of_numbers(void **state)
{
	uint64_t min = UINT64_MAX, max = 0, sum = 0;
	int64_t first = INT64_MAX, last = INT64_MIN;
	uint32_t i;

	(void)state;
	make_common(MANY);
	for (i = 0; i < MANY; i++) {
		min = flow[i].octets < min ? flow[i].octets : min;
		max = flow[i].octets > max ? flow[i].octets : max;
		sum += flow[i].octets;
		first = flow[i].start < first ? flow[i].start : first;
		last = flow[i].start > last ? flow[i].start : last;
	}
	check(MANY, 1);
	assert_int_equal(column(FLOW_OCTETS)->min, min);
	assert_int_equal(column(FLOW_OCTETS)->max, max);
	assert_int_equal(column(FLOW_OCTETS)->sum, sum);
	assert_int_equal((int64_t)column(FLOW_START)->min, first);
	assert_int_equal((int64_t)column(FLOW_START)->max, last);
	assert_int_equal(column(FLOW_SAMPLING_RATE)->sum, MANY * 100);
}

static void
headers_tell_which_networks_may_be_there(void **state)
{
	const struct block_column *c;
	struct prefix p = {.len = 24};
	uint64_t sketch[2];
	uint32_t i;

	(void)state;
	make_common(MANY);
	for (i = 0; i < MANY; i++) {
		flow[i].src_addr = (struct addr){.family = ADDR_V4,
		    .b = {10, 1, (uint8_t)(i >> 8), (uint8_t)i}};
	}
	check(MANY, 1);
	c = column(FLOW_SRC_ADDR);
	sketch[0] = c->min;
	sketch[1] = c->max;
	p.addr = flow[3].src_addr;
	assert_true(sketch_may_have(sketch, &p));
	p.addr.b[0] = 11;
	assert_false(sketch_may_have(sketch, &p));
}

/* More than any dictionary of numbers has, and all codes are in use. */
static void
as_many_addresses_as_flows(void **state)
{
	uint32_t i;

	(void)state;
	make_common(BLOCK_FLOWS);
	for (i = 0; i < BLOCK_FLOWS; i++) {
		flow[i].dst_addr = (struct addr){.family = ADDR_V4};
		be32_put(flow[i].dst_addr.b, i * 2654435761U);
	}
	check(BLOCK_FLOWS, 1);
	assert_int_equal(column(FLOW_DST_ADDR)->ndict, BLOCK_FLOWS);
	flow[17].dst_addr.family = ADDR_V6;
	flow[18].dst_addr = (struct addr){.family = ADDR_NONE};
	flow_unset(&flow[18], FLOW_DST_ADDR);
	check(BLOCK_FLOWS, 1);
}

static void
popular_addresses_have_small_codes(void **state)
{
	struct batch *b = batch_new();
	const struct vec *v;
	uint32_t i;

	(void)state;
	make_common(MANY);
	for (i = 0; i < MANY; i++) {
		flow[i].dst_addr = (struct addr){.family = ADDR_V4,
		    .b = {9, 9, (uint8_t)(i >> 8), (uint8_t)i}};
		if (i % 2 == 0)
			flow[i].dst_addr.b[0] = 200;
		if (i % 2 == 0)
			flow[i].dst_addr.b[2] = 0;
	}
	check(MANY, 1);
	batch_set_block(b, &block);
	assert_int_equal(batch_column(b, FLOW_DST_ADDR, &v), BLOCK_OK);
	assert_int_equal(v->kind, VEC_CODES);
	for (i = 0; i < MANY; i += 2)
		assert_true(v->codes[i] < 256);
	batch_free(b);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(every_field_comes_out_as_it_went_in),
	    T(any_number_of_flows_comes_out),
	    T(each_field_alone_comes_out_in_extremes),
	    T(without_compression_there_is_none),
	    T(compression_makes_it_smaller),
	    T(what_an_address_tells_is_stored_for_each_address),
	    T(what_an_interface_tells_is_stored_for_each_interface),
	    T(what_a_datagram_s_flows_share_is_stored_once),
	    T(times_go_by_the_export_and_each_other),
	    T(uptimes_follow_or_are_stored),
	    T(exporters_of_different_fields_share_blocks_for_nothing),
	    T(times_before_1970_come_out),
	    T(headers_tell_the_truth_of_numbers),
	    T(headers_tell_which_networks_may_be_there),
	    T(as_many_addresses_as_flows),
	    T(popular_addresses_have_small_codes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
