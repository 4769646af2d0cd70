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

#include "archive/batch.h"
#include "archive/dict.h"
#include "archive/member.h"
#include "archive/pack.h"
#include "tests/unit/anyflow.h"

#define MANY 2000
#define T0 (INT64_C(1700000000) * NSEC_PER_SEC)

static struct anyflow *a;
static struct flow *flow; /* what went in */
static struct batch *batch;
static struct block block;
static uint8_t *bytes;

static int
setup(void **state)
{
	(void)state;
	a = calloc(1, sizeof(*a));
	flow = calloc(BLOCK_FLOWS, sizeof(*flow));
	batch = batch_new();
	assert_true(a != NULL && flow != NULL && batch != NULL);
	anyflow_init(a, 11);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	free(a);
	free(flow);
	free(bytes);
	batch_free(batch);
	return (0);
}

/* Rows as a block, read again. */
static void
pack(const struct rows *r)
{
	size_t room = pack_bound(r), len;
	unsigned int bad;
	struct rd rd;

	free(bytes);
	bytes = malloc(room);
	assert_non_null(bytes);
	len = pack_quick(r, bytes, room);
	assert_true(len > 0 && len <= room);
	assert_int_equal(len % 8, 0);
	rd = rd_init(bytes, len);
	assert_int_equal(block_read(&rd, &block), BLOCK_OK);
	assert_int_equal(rd.left, 0);
	assert_int_equal(block.flows, rows_count(r));
	assert_int_equal(block_check(&block, &bad), BLOCK_OK);
	batch_set_block(batch, &block);
}

static void
same_field(const struct flow *want, const struct flow *got, unsigned int id)
{
	const struct field *fd = &fields[id];
	struct flow_text w, g;
	char wbuf[MEMBER_MAX], gbuf[MEMBER_MAX];

	switch (member_type(id)) {
	case CT_ADDR:
		assert_memory_equal(field_cptr(want, fd), field_cptr(got, fd),
		    sizeof(struct addr));
		return;
	case CT_BYTES:
		w = member_bytes(want, fd, wbuf);
		g = member_bytes(got, fd, gbuf);
		assert_int_equal(w.len, g.len);
		if (w.len > 0)
			assert_memory_equal(w.p, g.p, w.len);
		return;
	default:
		assert_true(member_number(want, fd) == member_number(got, fd));
	}
}

/* The flows of the block are those that went in. */
static void
same(uint32_t n)
{
	struct flow got;
	unsigned int id;
	uint32_t i;

	for (i = 0; i < n; i++) {
		assert_int_equal(batch_row(batch, i, NULL, &got), BLOCK_OK);
		assert_memory_equal(&got.has, &flow[i].has, sizeof(got.has));
		if (flow_has(&got, FLOW_START) || flow_has(&got, FLOW_END))
			assert_int_equal(got.clock, flow[i].clock);
		if (flow_has(&got, FLOW_SAMPLING_RATE))
			assert_int_equal(got.sampling, flow[i].sampling);
		for (id = 0; id < FLOW_NFIELDS; id++)
			if (flow_has(&got, (enum flow_field)id))
				same_field(&flow[i], &got, id);
	}
}

static void
a_flow_comes_out_as_it_went_in(void **state)
{
	struct rows *r = rows_new(MANY, NULL);
	struct flow_set set[16];
	unsigned int round, i, shapes;
	uint32_t n, all = 0;

	(void)state;
	for (round = 0; round < 50; round++) {
		shapes = 1 + round % 16;
		for (i = 0; i < shapes; i++)
			any_set(a, &set[i], 1 + round % 5);
		for (n = 0; n < 300; n++) {
			any_flow(a, &flow[n], &set[any(a) % shapes]);
			/* These may be too many texts, or shapes. */
			if (!rows_add(r, &flow[n]))
				break;
		}
		assert_true(n > 0);
		all += n;
		pack(r);
		same(n);
		rows_clear(r);
	}
	assert_true(all > 10000);
	rows_free(r);
}

/* A flow of version 5 or 9, with what a datagram's flows share. */
static void
usual(struct flow *f, uint32_t i)
{
	static const enum flow_field has[] = {FLOW_RECV_TIME, FLOW_AGENT,
	    FLOW_VERSION, FLOW_SEQUENCE, FLOW_EXPORT_TIME, FLOW_SYS_UPTIME,
	    FLOW_START, FLOW_END, FLOW_START_UPTIME, FLOW_END_UPTIME,
	    FLOW_PROTOCOL, FLOW_SRC_ADDR, FLOW_OCTETS};
	size_t k;

	memset(f, 0, sizeof(*f));
	for (k = 0; k < sizeof(has) / sizeof(has[0]); k++)
		flow_set(f, has[k]);
	f->recv_time = T0 + i / 30 * 1000;
	f->export_time = T0 + i / 30 * 777;
	f->sys_uptime = 100000000 + i / 30 * 3;
	f->start_uptime = f->sys_uptime - (uint32_t)(any(a) % 100000);
	f->end_uptime = f->start_uptime + (uint32_t)(any(a) % 5000);
	f->start =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->start_uptime);
	f->end =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->end_uptime);
	f->version = 5;
	f->sequence = i / 30 * 30;
	f->protocol = (uint8_t)any(a);
	f->octets = any(a) % 100000;
	f->clock = CLOCK_UPTIME;
	f->agent.family = f->src_addr.family = ADDR_V4;
	f->agent.b[3] = 1;
	f->src_addr.b[1] = (uint8_t)any(a);
}

static struct rows *
usual_rows(uint32_t n)
{
	struct rows *r = rows_new(n, NULL);
	uint32_t i;

	for (i = 0; i < n; i++) {
		usual(&flow[i], i);
		assert_true(rows_add(r, &flow[i]));
	}
	return (r);
}

static void
what_flows_share_takes_little(void **state)
{
	struct rows *r = usual_rows(MANY);

	(void)state;
	pack(r);
	same(MANY);
	assert_int_equal(block_column(&block, FLOW_VERSION)->scheme, CS_CONST);
	assert_int_equal(block_column(&block, FLOW_AGENT)->scheme, CS_CONST);
	assert_int_equal(block_column(&block, FLOW_RECV_TIME)->scheme, CS_RUNS);
	assert_int_equal(block_column(&block, FLOW_SEQUENCE)->scheme, CS_RUNS);
	assert_int_equal(block_column(&block, FLOW_START)->scheme, CS_RELATIVE);
	assert_int_equal(block_column(&block, FLOW_END)->scheme, CS_RELATIVE);
	assert_int_equal(block_column(&block, FLOW_END)->parent,
	    FLOW_EXPORT_TIME);
	assert_int_equal(block_column(&block, FLOW_START)->parent, FLOW_END);
	assert_int_equal(block_column(&block, FLOW_START)->bits, 16);
	assert_int_equal(block_column(&block, FLOW_START_UPTIME)->scheme,
	    CS_UPTIME);
	assert_int_equal(block_column(&block, FLOW_END_UPTIME)->scheme,
	    CS_UPTIME);
	/* Start 3, end 2, protocol 1, address 4, octets 3; runs and header. */
	assert_true(block.len < MANY * 16);
	rows_free(r);
}

static void
uptimes_that_do_not_follow_are_kept(void **state)
{
	struct rows *r = rows_new(MANY, NULL);
	uint32_t i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		usual(&flow[i], i);
		if (i == 1500)
			flow[i].start_uptime++;
		if (i == 1600)
			flow[i].end += 1;
		assert_true(rows_add(r, &flow[i]));
	}
	pack(r);
	same(MANY);
	assert_int_equal(block_column(&block, FLOW_START_UPTIME)->scheme,
	    CS_PLAIN);
	rows_free(r);
}

#define DATAGRAMS ((MANY + 29) / 30)

/* Every fifth datagram is of an exporter that does not send these. */
static void
what_some_do_not_send_breaks_nothing(void **state)
{
	static const enum flow_field lacks[] = {FLOW_SYS_UPTIME,
	    FLOW_START_UPTIME, FLOW_END_UPTIME, FLOW_SEQUENCE, FLOW_OCTETS};
	struct rows *r = rows_new(MANY, NULL);
	const struct block_column *c;
	uint64_t min = UINT64_MAX;
	uint32_t i;
	size_t k;

	(void)state;
	for (i = 0; i < MANY; i++) {
		usual(&flow[i], i);
		flow[i].octets += 1000000;
		for (k = 0; k < 5 && i / 30 % 5 == 0; k++)
			flow_unset(&flow[i], lacks[k]);
		if (i / 30 % 5 == 0) {
			flow[i].sys_uptime = flow[i].start_uptime = 0;
			flow[i].end_uptime = flow[i].sequence = 0;
			flow[i].octets = 0;
		} else if (flow[i].octets < min)
			min = flow[i].octets;
		assert_true(rows_add(r, &flow[i]));
	}
	pack(r);
	same(MANY);
	assert_int_equal(block_check(&block, &(unsigned int){0}), BLOCK_OK);
	c = block_column(&block, FLOW_START_UPTIME);
	assert_int_equal(c->scheme, CS_UPTIME);
	c = block_column(&block, FLOW_END_UPTIME);
	assert_int_equal(c->scheme, CS_UPTIME);
	c = block_column(&block, FLOW_SEQUENCE);
	assert_int_equal(c->scheme, CS_RUNS);
	assert_int_equal(c->ndict, DATAGRAMS - (DATAGRAMS + 4) / 5);
	assert_int_equal(c->min, 30);
	c = block_column(&block, FLOW_OCTETS);
	assert_int_equal(c->min, min);
	rows_free(r);
}

/* Before 1970, and as far away as can be. */
static void
times_of_any_size_are_kept(void **state)
{
	static const int64_t far[] = {INT64_MIN, INT64_MAX, 0, -1, 1,
	    -NSEC_PER_SEC, INT64_MIN + NSEC_PER_MSEC};
	struct rows *r = rows_new(MANY, NULL);
	uint32_t i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		usual(&flow[i], i);
		flow[i].start = far[any(a) % 7];
		flow[i].end = far[any(a) % 7];
		flow[i].export_time = far[any(a) % 7];
		flow[i].recv_time = far[1 + any(a) % 6];
		assert_true(rows_add(r, &flow[i]));
	}
	pack(r);
	same(MANY);
	assert_true(block.timed);
	assert_true(block.first == INT64_MIN + NSEC_PER_MSEC);
	assert_true(block.last == INT64_MAX);
	assert_true(
	    (int64_t)block_column(&block, FLOW_START)->min == INT64_MIN);
	assert_true(
	    (int64_t)block_column(&block, FLOW_START)->max == INT64_MAX);
	rows_free(r);
}

/* Times of a row that are so many ms before the export. */
static void
times_before(uint32_t n, int64_t start, int64_t end, int64_t odd)
{
	struct rows *r = rows_new(n, NULL);
	uint32_t i;

	for (i = 0; i < n; i++) {
		usual(&flow[i], i);
		flow_unset(&flow[i], FLOW_START_UPTIME);
		flow_unset(&flow[i], FLOW_END_UPTIME);
		flow[i].start_uptime = flow[i].end_uptime = 0;
		flow[i].start =
		    flow[i].export_time - (start - i % 40) * NSEC_PER_MSEC;
		flow[i].end = flow[i].export_time -
		    (end - i % 41) * NSEC_PER_MSEC + (i == n - 1 ? odd : 0);
		assert_true(rows_add(r, &flow[i]));
	}
	pack(r);
	same(n);
	rows_free(r);
}

static void
whole_milliseconds_go_by_the_export(void **state)
{
	static const int64_t day = 86400000;

	(void)state;
	times_before(MANY, 5000, 3000, 0);
	assert_int_equal(block_column(&block, FLOW_END)->parent,
	    FLOW_EXPORT_TIME);
	assert_int_equal(block_column(&block, FLOW_END)->bits, 8);
	assert_int_equal(block_column(&block, FLOW_END)->exponent, 6);
	/* Ahead of it, and far behind. */
	times_before(MANY, 20 * day, -20 * day, 0);
	assert_int_equal(block_column(&block, FLOW_START)->bits, 8);
	assert_int_equal(block_column(&block, FLOW_END)->bits, 8);
	/* Farther than 32 bits go. */
	times_before(MANY, 5000, 25 * day, 0);
	assert_int_equal(block_column(&block, FLOW_END)->scheme, CS_PLAIN);
	assert_int_equal(block_column(&block, FLOW_START)->scheme, CS_RELATIVE);
	/* One that is not whole. */
	times_before(MANY, 5000, 3000, 1);
	assert_int_equal(block_column(&block, FLOW_END)->scheme, CS_PLAIN);
	times_before(MANY, 5000, 3000, -NSEC_PER_MSEC / 2);
	assert_int_equal(block_column(&block, FLOW_END)->scheme, CS_PLAIN);
}

/* Up to an hour ahead of the export, weeks behind it, and around a wrap. */
static void
uptimes_of_any_size_follow(void **state)
{
	static const uint32_t ago[] = {0, 1, UINT32_MAX, -3600000U, -3600001U,
	    3000000000, 2147483648, 2147483647};
	static const uint32_t now[] = {100000000, 500, UINT32_MAX, 3600000};
	struct rows *r = rows_new(MANY, NULL);
	const struct block_column *c;
	uint32_t i;
	size_t k;

	(void)state;
	for (k = 0; k < 2 * sizeof(now) / sizeof(now[0]); k++) {
		for (i = 0; i < MANY; i++) {
			usual(&flow[i], i);
			flow[i].sys_uptime = now[k / 2] + i / 30 * 7;
			/* Of several exporters, by turns. */
			flow[i].export_time -=
			    i / 30 % 3 * 86400 * NSEC_PER_SEC;
			flow[i].sys_uptime += i / 30 % 5 / 2 * 400000000U;
			flow[i].end_uptime =
			    flow[i].sys_uptime - (uint32_t)(any(a) % 30000);
			if (k % 2 && any(a) % 50 == 0)
				flow[i].end_uptime =
				    flow[i].sys_uptime - ago[any(a) % 8];
			flow[i].end = flow_uptime_to_time(flow[i].export_time,
			    flow[i].sys_uptime, flow[i].end_uptime);
			flow[i].start_uptime =
			    flow[i].end_uptime - (uint32_t)(any(a) % 65536);
			if (k % 2 && any(a) % 50 == 0)
				flow[i].start_uptime =
				    flow[i].sys_uptime - ago[any(a) % 8];
			flow[i].start = flow_uptime_to_time(flow[i].export_time,
			    flow[i].sys_uptime, flow[i].start_uptime);
			assert_true(rows_add(r, &flow[i]));
		}
		pack(r);
		same(MANY);
		c = block_column(&block, FLOW_START_UPTIME);
		assert_int_equal(c->scheme, CS_UPTIME);
		c = block_column(&block, FLOW_END_UPTIME);
		assert_int_equal(c->scheme, CS_UPTIME);
		rows_clear(r);
	}
	rows_free(r);
}

/* In no order, some of them late. */
static void
few_addresses_take_a_byte_each(void **state)
{
	static const uint32_t distinct[] = {2, 100, 255, 256, 257, 300};
	struct rows *r = rows_new(BLOCK_FLOWS, NULL);
	const struct block_column *c;
	uint32_t i, x;
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(distinct) / sizeof(distinct[0]); k++) {
		for (i = 0; i < 8000; i++) {
			usual(&flow[i], i);
			x = (uint32_t)(any(a) % distinct[k]);
			if (x > 8 + i / 20)
				x = i % 2;
			flow[i].src_addr.b[0] = (uint8_t)(x % 7 + 1);
			flow[i].src_addr.b[1] = 0;
			flow[i].src_addr.b[2] = (uint8_t)(x >> 8);
			flow[i].src_addr.b[3] = (uint8_t)x;
			assert_true(rows_add(r, &flow[i]));
		}
		pack(r);
		same(8000);
		c = block_column(&block, FLOW_SRC_ADDR);
		assert_int_equal(c->scheme,
		    distinct[k] <= 256 ? CS_DICT : CS_ADDR4);
		if (distinct[k] <= 256)
			assert_int_equal(c->ndict, distinct[k]);
		rows_clear(r);
	}
	rows_free(r);
}

static void
without_times_of_receipt_a_block_says_so(void **state)
{
	struct rows *r = rows_new(MANY, NULL);
	uint32_t i;

	(void)state;
	for (i = 0; i < 100; i++) {
		usual(&flow[i], i);
		if (i == 50) {
			flow_unset(&flow[i], FLOW_RECV_TIME);
			flow[i].recv_time = 0;
		}
		assert_true(rows_add(r, &flow[i]));
	}
	pack(r);
	same(100);
	assert_false(block.timed);
	rows_free(r);
}

static void
least_greatest_and_sum_are_those_of_the_flows(void **state)
{
	struct rows *r = usual_rows(MANY);
	const struct block_column *c;
	uint64_t min = UINT64_MAX, max = 0, sum = 0, tags = 0;
	uint32_t i;

	(void)state;
	pack(r);
	for (i = 0; i < MANY; i++) {
		min = flow[i].octets < min ? flow[i].octets : min;
		max = flow[i].octets > max ? flow[i].octets : max;
		sum += flow[i].octets;
		tags += flow[i].sequence;
	}
	c = block_column(&block, FLOW_OCTETS);
	assert_true(c->min == min && c->max == max && c->sum == sum);
	c = block_column(&block, FLOW_SEQUENCE);
	assert_true(c->min == 0 && c->max == (MANY - 1) / 30 * 30);
	assert_true(c->sum == tags);
	rows_free(r);
}

/* Addresses of one family, of both, and of flows that have none. */
static void
addresses_of_both_families_are_kept(void **state)
{
	struct rows *r = rows_new(MANY, NULL);
	struct prefix p;
	uint32_t i, round;

	(void)state;
	for (round = 0; round < 4; round++) {
		for (i = 0; i < MANY; i++) {
			usual(&flow[i], i);
			any_addr(a, &flow[i].src_addr, 1 + round * 1000,
			    round > 1);
			if (i % 7 == 0 && round == 3) {
				flow_unset(&flow[i], FLOW_SRC_ADDR);
				flow[i].src_addr = (struct addr){0};
			}
			assert_true(rows_add(r, &flow[i]));
		}
		pack(r);
		same(MANY);
		for (i = 0; i < MANY; i++) {
			if (flow[i].src_addr.family == ADDR_NONE)
				continue;
			p.addr = flow[i].src_addr;
			p.len = p.addr.family == ADDR_V4 ? 32 : 128;
			assert_true(sketch_may_have(
			    (uint64_t[2]){
				block_column(&block, FLOW_SRC_ADDR)->min,
				block_column(&block, FLOW_SRC_ADDR)->max},
			    &p));
		}
		rows_clear(r);
	}
	rows_free(r);
}

static void
too_little_room_is_refused(void **state)
{
	struct rows *r = usual_rows(200);
	uint8_t *to = malloc(pack_bound(r) + 8);
	size_t room, len = pack_quick(r, to, pack_bound(r));

	(void)state;
	for (room = 0; room < len; room += 8) {
		memset(to + room, 0x5a, 8);
		assert_int_equal(pack_quick(r, to, room), 0);
		assert_int_equal(to[room], 0x5a);
	}
	rows_clear(r);
	assert_int_equal(pack_quick(r, to, pack_bound(r)), 0);
	free(to);
	rows_free(r);
}

static void
a_full_block_is_whole(void **state)
{
	struct rows *r = usual_rows(BLOCK_FLOWS);
	uint32_t i;

	(void)state;
	pack(r);
	assert_int_equal(block.flows, BLOCK_FLOWS);
	for (i = 0; i < BLOCK_FLOWS; i += 4097) {
		struct flow got;

		assert_int_equal(batch_row(batch, i, NULL, &got), BLOCK_OK);
		assert_true(got.start == flow[i].start);
		assert_true(got.sequence == flow[i].sequence);
	}
	rows_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_flow_comes_out_as_it_went_in),
	    cmocka_unit_test(what_flows_share_takes_little),
	    cmocka_unit_test(uptimes_that_do_not_follow_are_kept),
	    cmocka_unit_test(what_some_do_not_send_breaks_nothing),
	    cmocka_unit_test(times_of_any_size_are_kept),
	    cmocka_unit_test(whole_milliseconds_go_by_the_export),
	    cmocka_unit_test(uptimes_of_any_size_follow),
	    cmocka_unit_test(few_addresses_take_a_byte_each),
	    cmocka_unit_test(without_times_of_receipt_a_block_says_so),
	    cmocka_unit_test(least_greatest_and_sum_are_those_of_the_flows),
	    cmocka_unit_test(addresses_of_both_families_are_kept),
	    cmocka_unit_test(too_little_room_is_refused),
	    cmocka_unit_test(a_full_block_is_whole),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
