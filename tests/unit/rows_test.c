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

#include "archive/member.h"
#include "archive/rows-state.h"
#include "archive/rows.h"
#include "tests/unit/anyflow.h"

#define MANY 3000

static struct anyflow *a;
static struct flow *flow; /* what went in */

static int
setup(void **state)
{
	(void)state;
	a = calloc(1, sizeof(*a));
	flow = calloc(BLOCK_FLOWS + 1, sizeof(*flow));
	assert_true(a != NULL && flow != NULL);
	anyflow_init(a, 7);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	free(a);
	free(flow);
	return (0);
}

/* The run that a row is of, looked for from the front. */
static uint64_t
run_at(const struct rows_column *c, uint32_t row)
{
	uint32_t k = 0;

	assert_int_equal(c->from[0], 0);
	while (k + 1 < c->n && c->from[k + 1] <= row) {
		assert_true(c->from[k] < c->from[k + 1]);
		k++;
	}
	return (c->run[k]);
}

static uint64_t
number_at(const struct rows_column *c, uint32_t row)
{
	if (c->kind == ROWS_RUNS)
		return (run_at(c, row));
	assert_int_equal(c->kind, ROWS_NUMBERS);
	switch (c->width) {
	case 1:
		return (((const uint8_t *)c->v)[row]);
	case 2:
		return (((const uint16_t *)c->v)[row]);
	case 4:
		return (((const uint32_t *)c->v)[row]);
	default:
		return (((const uint64_t *)c->v)[row]);
	}
}

static struct addr
addr_at(const struct rows_column *c, uint32_t row)
{
	struct addr got = {.family = ADDR_V4};

	if (c->kind == ROWS_IPV4) {
		memcpy(got.b, (const uint8_t *)c->v + row * 4, 4);
		return (got);
	}
	assert_int_equal(c->kind, ROWS_CODES);
	assert_true(((const uint16_t *)c->v)[row] < c->ndict);
	return (c->addr[((const uint16_t *)c->v)[row]]);
}

static void
same_bytes(const struct rows_column *c, uint32_t row, const struct flow *f)
{
	char buf[MEMBER_MAX];
	struct flow_text want = {"", 0}, got;

	if (flow_has(f, (enum flow_field)c->id))
		want = member_bytes(f, &fields[c->id], buf);
	got = c->bytes[((const uint16_t *)c->v)[row]];
	assert_int_equal(got.len, want.len);
	if (want.len > 0)
		assert_memory_equal(got.p, want.p, want.len);
}

static void
same_field(const struct rows_column *c, uint32_t row, const struct flow *f)
{
	bool has = flow_has(f, (enum flow_field)c->id);
	struct addr none = {0}, got;

	switch (c->type) {
	case CT_ADDR:
		got = addr_at(c, row);
		assert_memory_equal(&got,
		    has ? field_cptr(f, &fields[c->id]) : &none, sizeof(got));
		return;
	case CT_BYTES:
		same_bytes(c, row, f);
		return;
	default:
		assert_true(number_at(c, row) ==
		    (has ? member_number(f, &fields[c->id]) : 0));
	}
}

/* Everything that the rows have is as it was in flow[], and all is there. */
static void
same(const struct rows *r, uint32_t n)
{
	const struct flow_set *shapes;
	const struct rows_column *c;
	struct flow_set any = {{0}};
	uint32_t row, nshapes;
	uint64_t number;
	unsigned int id;

	assert_int_equal(rows_count(r), n);
	shapes = rows_shapes(r, &nshapes);
	for (row = 0; row < n; row++) {
		number = run_at(rows_column(r, COL_SHAPE), row);
		assert_true(number < nshapes);
		assert_memory_equal(&shapes[number], &flow[row].has,
		    sizeof(struct flow_set));
		any.w[0] |= flow[row].has.w[0];
		any.w[1] |= flow[row].has.w[1];
		assert_int_equal(flow[row].clock,
		    run_at(rows_column(r, COL_CLOCK), row));
		assert_int_equal(flow[row].sampling,
		    run_at(rows_column(r, COL_SAMPLING), row));
	}
	for (id = 0; id < FLOW_NFIELDS; id++) {
		c = rows_column(r, id);
		assert_int_equal(c != NULL, any.w[id / 64] >> id % 64 & 1);
		for (row = 0; c != NULL && row < n; row++)
			same_field(c, row, &flow[row]);
	}
}

/* Flows of some shapes, in any order. */
static uint32_t
add(struct rows *r, uint32_t n, unsigned int shapes, unsigned int one_in)
{
	struct flow_set set[16];
	uint32_t i;

	for (i = 0; i < shapes; i++)
		any_set(a, &set[i], one_in);
	for (i = 0; i < n; i++) {
		any_flow(a, &flow[i], &set[any(a) % shapes]);
		if (!rows_add(r, &flow[i]))
			break;
	}
	return (i);
}

static void
every_field_of_any_flow_is_kept(void **state)
{
	struct rows *r = rows_new(MANY, NULL);
	unsigned int i;
	uint32_t n;

	(void)state;
	for (i = 0; i < 60; i++) {
		n = add(r, 1 + (uint32_t)any(a) % 300, 1 + i % 16, 1 + i % 7);
		same(r, n);
		rows_clear(r);
	}
	rows_free(r);
}

static void
addresses_become_mixed_and_plain_again(void **state)
{
	struct flow_set set = {{0}};
	struct rows *r = rows_new(MANY, NULL);
	uint32_t i, v6;

	(void)state;
	set.w[0] = UINT64_C(1) << FLOW_SRC_ADDR;
	for (v6 = 0; v6 < 5; v6++) {
		for (i = 0; i < MANY; i++) {
			any_flow(a, &flow[i], &set);
			any_addr(a, &flow[i].src_addr, 100000,
			    v6 == 1 && i >= 1000);
			assert_true(rows_add(r, &flow[i]));
		}
		same(r, MANY);
		assert_int_equal(rows_column(r, FLOW_SRC_ADDR)->kind,
		    v6 == 1 || v6 == 2 ? ROWS_CODES : ROWS_IPV4);
		rows_clear(r);
	}
	rows_free(r);
}

static void
full_rows_take_nothing_until_they_are_cleared(void **state)
{
	struct rows *r = rows_new(100, NULL);

	(void)state;
	assert_int_equal(add(r, 101, 3, 2), 100);
	same(r, 100);
	assert_false(rows_add(r, &flow[0]));
	rows_clear(r);
	assert_int_equal(rows_count(r), 0);
	assert_null(rows_column(r, FLOW_SRC_ADDR));
	assert_true(rows_add(r, &flow[0]));
	same(r, 1);
	rows_free(r);
}

static void
a_block_has_no_more_shapes_than_may_be(void **state)
{
	struct rows *r = rows_new(MANY, NULL);
	uint32_t i, round;

	(void)state;
	for (round = 0; round < 3; round++) {
		for (i = 0; i <= BLOCK_SHAPES; i++) {
			struct flow_set set = {{i + 1, round}};

			any_flow(a, &flow[i], &set);
			if (!rows_add(r, &flow[i]))
				break;
		}
		assert_int_equal(i, BLOCK_SHAPES);
		/* Nor is one added that has its shape. */
		assert_false(rows_add(r, &flow[0]));
		same(r, BLOCK_SHAPES);
		rows_clear(r);
	}
	rows_free(r);
}

static void
texts_are_bounded(void **state)
{
	struct flow_set set = {{0, UINT64_C(1) << (FLOW_USER_NAME - 64)}};
	struct rows *r = rows_new(MANY, NULL);
	uint32_t i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		any_flow(a, &flow[i], &set);
		flow[i].user_name = (struct flow_text){a->text + i * 20, 255};
		if (!rows_add(r, &flow[i]))
			break;
	}
	assert_true(i > 400 && i < MANY);
	same(r, i);
	rows_clear(r);
	/* The same over and over takes no room. */
	for (i = 0; i < MANY; i++) {
		flow[i] = flow[i % 2];
		assert_true(rows_add(r, &flow[i]));
	}
	same(r, MANY);
	rows_free(r);
}

static void
as_many_flows_as_a_block_has_fit(void **state)
{
	struct flow_set set = {{0}};
	struct rows *r = rows_new(BLOCK_FLOWS + 5, NULL);
	uint32_t i;

	(void)state;
	set.w[0] = UINT64_C(1) << FLOW_SRC_ADDR | UINT64_C(1) << FLOW_AGENT;
	for (i = 0; i <= BLOCK_FLOWS; i++) {
		any_flow(a, &flow[i], &set);
		memset(&flow[i].src_addr, 0, sizeof(struct addr));
		memset(&flow[i].agent, 0, sizeof(struct addr));
		flow[i].src_addr.family = flow[i].agent.family = ADDR_V6;
		memcpy(flow[i].src_addr.b, &i, 4);
		flow[i].clock = flow[i].sampling = 1;
		if (!rows_add(r, &flow[i]))
			break;
	}
	/* One less, if all are distinct and none would have to be told. */
	assert_true(i == BLOCK_FLOWS || i == BLOCK_FLOWS - 1);
	same(r, i);
	rows_free(r);
}

static void
only_the_chosen_fields_are_kept(void **state)
{
	struct flow_set keep = {{0}}, all;
	struct rows *r;
	unsigned int w;
	uint32_t i;

	(void)state;
	keep.w[0] = UINT64_C(1) << FLOW_SRC_ADDR | UINT64_C(1) << FLOW_OCTETS;
	memset(&all, 0xff, sizeof(all));
	r = rows_new(MANY, &keep);
	for (i = 0; i < MANY; i++) {
		any_set(a, &all, 2);
		any_flow(a, &flow[i], &all);
		/* Shapes of fields that are not kept are no shapes. */
		if (!rows_add(r, &flow[i]))
			break;
		for (w = 0; w < FLOW_WORDS; w++)
			flow[i].has.w[w] &= keep.w[w];
	}
	same(r, i);
	(void)rows_shapes(r, &i);
	assert_true(i <= 4);
	rows_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_field_of_any_flow_is_kept),
	    cmocka_unit_test(addresses_become_mixed_and_plain_again),
	    cmocka_unit_test(full_rows_take_nothing_until_they_are_cleared),
	    cmocka_unit_test(a_block_has_no_more_shapes_than_may_be),
	    cmocka_unit_test(texts_are_bounded),
	    cmocka_unit_test(as_many_flows_as_a_block_has_fit),
	    cmocka_unit_test(only_the_chosen_fields_are_kept),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
