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
		.min = 501,
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

/* Rows 0 and 2 are of shape 0, the others of shape 1; all have a start. */
static void
begin_two(struct blocks *m, uint32_t n, const struct flow_set shape[2],
    uint16_t columns)
{
	static uint64_t shapes[BLOCK_FLOWS];
	const struct blocks_data d = {.u = shapes, .n = n};
	uint32_t i;

	for (i = 0; i < n; i++)
		shapes[i] = i != 0 && i != 2;
	blocks_begin(m, n, NULL, 0);
	blockwr_begin(&m->w, m->p, BLOCKS_ROOM, n, shape, 2,
	    (uint16_t)(columns + 1));
	blocks_column(m,
	    (struct block_column){.id = COL_SHAPE,
		.parent = COL_NONE,
		.scheme = CS_PLAIN,
		.bits = 1,
		.max = 1,
		.sum = n - 2},
	    &d);
}

/* A column of four rows: the least, the greatest and the sum are of two. */
static void
put_four(struct blocks *m, struct block_column c, uint64_t a, uint64_t b2,
    const struct blocks_data *d)
{
	if (c.parent == 0)
		c.parent = COL_NONE;
	c.type = (uint8_t)member_type(c.id);
	if (c.type == CT_NUMBER) {
		c.min = a < b2 ? a : b2;
		c.max = a < b2 ? b2 : a;
		c.sum = a + b2;
	} else if (c.type == CT_ADDR)
		c.min = c.max = UINT64_MAX;
	blocks_column(m, c, d);
}

static const unsigned int of_one[] = {FLOW_PROTOCOL, FLOW_SRC_PORT, FLOW_OCTETS,
    FLOW_SRC_ADDR, FLOW_SRC_AS, FLOW_IN_IF, FLOW_IN_IF_NAME, FLOW_DST_ADDR};

static void
put_partial(struct blocks *m)
{
	static const uint64_t ports[] = {7, 1, 9, 2}, ones[] = {2, 2, 2, 2},
			      codes[] = {0, 1, 1, 0}, as[] = {11, 22},
			      lens[] = {3, 1}, ifs[] = {5, 6},
			      more[] = {1, 0, 1, 0};
	static const struct addr two[] = {{.family = ADDR_V4,
					      .b = {10, 0, 0, 1}},
	    {.family = ADDR_V4, .b = {10, 0, 0, 2}}};
	static const uint8_t raw4[16] = {1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 2,
	    2, 2, 2};

	put_four(m, (struct block_column){.id = FLOW_PROTOCOL, .base = 6}, 6, 6,
	    &(struct blocks_data){0});
	put_four(m,
	    (struct block_column){.id = FLOW_SRC_PORT,
		.scheme = CS_PLAIN,
		.bits = 4},
	    1, 2, &(struct blocks_data){.u = ports, .n = 4});
	put_four(m,
	    (struct block_column){.id = FLOW_OCTETS,
		.scheme = CS_DELTA,
		.base = 100,
		.bits = 2},
	    102, 104, &(struct blocks_data){.u = ones, .n = 4});
	put_four(m,
	    (struct block_column){.id = FLOW_SRC_ADDR,
		.scheme = CS_DICT,
		.bits = 1,
		.ndict = 2},
	    0, 0, &(struct blocks_data){.u = codes, .n = 4, .addr = two});
	put_four(m,
	    (struct block_column){.id = FLOW_SRC_AS,
		.parent = FLOW_SRC_ADDR,
		.scheme = CS_DEPEND,
		.ndict = 2},
	    22, 11, &(struct blocks_data){.num = as});
	put_four(m,
	    (struct block_column){.id = FLOW_IN_IF,
		.scheme = CS_RUNS,
		.bits = 2,
		.ndict = 2},
	    5, 6, &(struct blocks_data){.u = lens, .n = 2, .num = ifs});
	put_four(m, (struct block_column){.id = FLOW_IN_IF_NAME, .ndict = 1}, 0,
	    0, &(struct blocks_data){.bytes = &user});
	put_four(m,
	    (struct block_column){.id = FLOW_DST_ADDR, .scheme = CS_ADDR4}, 0,
	    0, &(struct blocks_data){.raw = raw4, .nraw = 16});
	/* Of the others, by what data say of those. */
	put_four(m,
	    (struct block_column){.id = FLOW_DST_AS,
		.parent = FLOW_SRC_ADDR,
		.scheme = CS_DEPEND,
		.ndict = 2},
	    11, 22, &(struct blocks_data){.num = as});
	put_four(m,
	    (struct block_column){.id = FLOW_PACKETS,
		.parent = FLOW_SRC_PORT,
		.scheme = CS_RELATIVE,
		.bits = 1},
	    8, 10, &(struct blocks_data){.u = more, .n = 4});
}

/* Each scheme has something in its data for all rows. */
static void
a_flow_without_the_field_has_none_whatever_the_data_say(void **state)
{
	struct flow_set shape[2] = {{{0}}, {{0}}};
	struct batch *batch = batch_new();
	const struct vec *vec;
	struct blocks m;
	struct flow f;
	unsigned int bad;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(of_one) / sizeof(of_one[0]); i++)
		blocks_set(&shape[1], of_one[i]);
	blocks_set(&shape[0], FLOW_DST_AS);
	blocks_set(&shape[0], FLOW_PACKETS);
	begin_two(&m, 4, shape, 10);
	put_partial(&m);
	assert_int_equal(open_block(m.p, blocks_end(&m)), BLOCK_OK);
	assert_int_equal(block_check(&b, &bad), BLOCK_OK);
	batch_set_block(batch, &b);
	assert_int_equal(vecs_check_all(batch), 0);
	for (i = 0; i < 4; i += 2) {
		for (bad = 0; bad < 3; bad++) {
			static const unsigned int ns[] = {FLOW_PROTOCOL,
			    FLOW_SRC_PORT, FLOW_OCTETS};

			(void)batch_column(batch, ns[bad], &vec);
			assert_int_equal(vec_number(vec, (uint32_t)i), 0);
		}
		(void)batch_column(batch, FLOW_SRC_AS, &vec);
		assert_int_equal(vec_number(vec, (uint32_t)i), 0);
		(void)batch_column(batch, FLOW_IN_IF, &vec);
		assert_int_equal(vec_number(vec, (uint32_t)i), 0);
		(void)batch_column(batch, FLOW_SRC_ADDR, &vec);
		assert_int_equal(vec_addr(vec, (uint32_t)i)->family, ADDR_NONE);
		(void)batch_column(batch, FLOW_DST_ADDR, &vec);
		assert_int_equal(vec_addr(vec, (uint32_t)i)->family, ADDR_NONE);
		(void)batch_column(batch, FLOW_IN_IF_NAME, &vec);
		assert_int_equal(vec_bytes(vec, (uint32_t)i)->len, 0);
		assert_int_equal(batch_row(batch, (uint32_t)i, NULL, &f),
		    BLOCK_OK);
		assert_int_equal(f.dst_as, i == 0 ? 11 : 22);
		assert_int_equal(f.packets, i == 0 ? 8 : 10);
	}
	assert_int_equal(batch_row(batch, 3, NULL, &f), BLOCK_OK);
	assert_true(f.protocol == 6 && f.src_port == 2 && f.octets == 104 &&
	    f.src_as == 11 && f.in_if == 6 && f.src_addr.b[3] == 1 &&
	    f.dst_addr.b[0] == 2 && f.in_if_name.len == 6 && f.packets == 0);
	batch_free(batch);
	free(m.p);
}

/* 65,536 values, and one more: that of the flows without. */
static void
a_full_dictionary_has_room_for_none(void **state)
{
	static uint64_t codes[BLOCK_FLOWS], values[BLOCK_FLOWS];
	static struct addr addrs[BLOCK_FLOWS];
	struct flow_set shape[2] = {{{0}}, {{0}}};
	struct batch *batch = batch_new();
	const struct vec *vec;
	struct blocks m;
	uint32_t i;

	(void)state;
	for (i = 0; i < BLOCK_FLOWS; i++) {
		codes[i] = i ^ 1;
		values[i] = i + 1000;
		addrs[i] = (struct addr){.family = ADDR_V4,
		    .b = {10, 1, (uint8_t)(i >> 8), (uint8_t)i}};
	}
	blocks_set(&shape[1], FLOW_SRC_AS);
	blocks_set(&shape[1], FLOW_SRC_ADDR);
	begin_two(&m, BLOCK_FLOWS, shape, 2);
	put_four(&m,
	    (struct block_column){.id = FLOW_SRC_AS,
		.scheme = CS_DICT,
		.bits = 16,
		.ndict = BLOCK_FLOWS},
	    1000, 66535,
	    &(struct blocks_data){.u = codes,
		.n = BLOCK_FLOWS,
		.num = values,
		.effort = DICT_SMALL});
	put_four(&m,
	    (struct block_column){.id = FLOW_SRC_ADDR,
		.scheme = CS_DICT,
		.bits = 16,
		.ndict = BLOCK_FLOWS},
	    0, 0,
	    &(struct blocks_data){.u = codes,
		.n = BLOCK_FLOWS,
		.addr = addrs,
		.effort = DICT_SMALL});
	assert_int_equal(open_block(m.p, blocks_end(&m)), BLOCK_OK);
	batch_set_block(batch, &b);
	assert_int_equal(batch_column(batch, FLOW_SRC_AS, &vec), BLOCK_OK);
	for (i = 0; i < BLOCK_FLOWS; i++)
		assert_int_equal(vec_number(vec, i),
		    i == 0 || i == 2 ? 0 : values[codes[i]]);
	assert_int_equal(batch_column(batch, FLOW_SRC_ADDR, &vec), BLOCK_OK);
	for (i = 0; i < BLOCK_FLOWS; i++)
		assert_memory_equal(vec_addr(vec, i),
		    i == 0 || i == 2 ? &(struct addr){.family = ADDR_NONE}
				     : &addrs[codes[i]],
		    sizeof(struct addr));
	assert_int_equal(vecs_check_all(batch), 0);
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
	    cmocka_unit_test(
		a_flow_without_the_field_has_none_whatever_the_data_say),
	    cmocka_unit_test(a_full_dictionary_has_room_for_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
