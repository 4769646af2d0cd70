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

#include "archive/rows-state.h"
#include "archive/rows.h"
#include "tests/unit/anyflow.h"
#include "tests/unit/samerows.h"

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
		same_rows(r, flow, n);
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
		same_rows(r, flow, MANY);
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
	same_rows(r, flow, 100);
	assert_false(rows_add(r, &flow[0]));
	rows_clear(r);
	assert_int_equal(rows_count(r), 0);
	assert_null(rows_column(r, FLOW_SRC_ADDR));
	assert_true(rows_add(r, &flow[0]));
	same_rows(r, flow, 1);
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
		same_rows(r, flow, BLOCK_SHAPES);
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
	same_rows(r, flow, i);
	rows_clear(r);
	/* The same over and over takes no room. */
	for (i = 0; i < MANY; i++) {
		flow[i] = flow[i % 2];
		assert_true(rows_add(r, &flow[i]));
	}
	same_rows(r, flow, MANY);
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
	same_rows(r, flow, i);
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
	same_rows(r, flow, i);
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
