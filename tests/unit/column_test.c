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
 * Columns of every scheme come out as the page has it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/schemes.h"

static void
columns_come_back(bool squeezed)
{
	struct batch *batch = batch_new();
	unsigned int id;
	struct blocks m;
	size_t len = make(&m, squeezed), i;

	assert_non_null(batch);
	assert_int_equal(open_block(m.p, len), BLOCK_OK);
	assert_int_equal(b.ncolumns, NIDS);
	for (i = 0; i < 2; i++) { /* the second time in memory that is used */
		batch_set_block(batch, &b);
		assert_null(compare(batch));
		assert_int_equal(vecs_check_all(batch), 0);
	}
	assert_int_equal(block_check(&b, &id), BLOCK_OK);
	batch_free(batch);
	free(m.p);
}

static void
every_scheme_comes_back(void **state)
{
	(void)state;
	columns_come_back(false);
}

static void
every_scheme_comes_back_from_zstd(void **state)
{
	(void)state;
	if (!squeeze_available())
		skip();
	columns_come_back(true);
}

/* 0 for those that lack it, in a block of two shapes. */
static void
uptimes_are_of_flows_that_have_them(void **state)
{
	static const uint64_t shapes[] = {0, 1, 0, 1};
	static const uint64_t starts[] = {9, 1, 2, 3};
	const struct blocks_data d = {.u = shapes, .n = 4}, none = {0},
				 st = {.u = starts, .n = 4};
	struct flow_set shape[2] = {{{0}}, {{0}}};
	struct batch *batch = batch_new();
	const struct vec *vec;
	struct blocks m;
	unsigned int i, bad;
	size_t len;

	(void)state;
	blocks_begin(&m, 4, NULL, 0);
	for (i = 0; i < 2; i++) {
		blocks_set(&shape[i], FLOW_SYS_UPTIME);
		blocks_set(&shape[i], FLOW_EXPORT_TIME);
		blocks_set(&shape[i], FLOW_START);
	}
	blocks_set(&shape[1], FLOW_START_UPTIME);
	blockwr_begin(&m.w, m.p, BLOCKS_ROOM, 4, shape, 2, 5);
	blocks_column(&m,
	    (struct block_column){.id = COL_SHAPE,
		.parent = COL_NONE,
		.scheme = CS_PLAIN,
		.bits = 1,
		.max = 1,
		.sum = 2},
	    &d);
	blocks_column(&m,
	    (struct block_column){.id = FLOW_SYS_UPTIME,
		.parent = COL_NONE,
		.base = 500,
		.min = 500,
		.max = 500,
		.sum = 2000},
	    &none);
	blocks_column(&m,
	    (struct block_column){.id = FLOW_EXPORT_TIME,
		.parent = COL_NONE,
		.type = CT_TIME,
		.base = NSEC_PER_SEC,
		.min = NSEC_PER_SEC,
		.max = NSEC_PER_SEC},
	    &none);
	blocks_column(&m,
	    (struct block_column){.id = FLOW_START,
		.parent = COL_NONE,
		.type = CT_TIME,
		.scheme = CS_PLAIN,
		.base = NSEC_PER_SEC,
		.exponent = 6,
		.bits = 4,
		.min = NSEC_PER_SEC + 1000000,
		.max = NSEC_PER_SEC + 9000000},
	    &st);
	blocks_column(&m,
	    (struct block_column){.id = FLOW_START_UPTIME,
		.parent = FLOW_START,
		.scheme = CS_UPTIME,
		.max = 503,
		.sum = 501 + 503},
	    &none);
	len = blocks_end(&m);
	assert_int_equal(open_block(m.p, len), BLOCK_OK);
	assert_int_equal(block_check(&b, &bad), BLOCK_OK);
	batch_set_block(batch, &b);
	assert_int_equal(batch_column(batch, FLOW_START_UPTIME, &vec),
	    BLOCK_OK);
	assert_int_equal(vec_number(vec, 0), 0);
	assert_int_equal(vec_number(vec, 1), 501);
	assert_int_equal(vec_number(vec, 2), 0);
	assert_int_equal(vec_number(vec, 3), 503);
	assert_true(batch_any(batch, FLOW_START_UPTIME));
	assert_false(batch_all(batch, FLOW_START_UPTIME));
	batch_free(batch);
	free(m.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_scheme_comes_back),
	    cmocka_unit_test(every_scheme_comes_back_from_zstd),
	    cmocka_unit_test(uptimes_are_of_flows_that_have_them),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
