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
 * A batch has the flows of a block or of rows, decodes what is asked for, and
 * no more.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "archive/le.h"
#include "archive/pack.h"
#include "tests/unit/blocks.h"
#include "tests/unit/flows.h"
#include "tests/unit/vecs.h"

#define MOST 3000

static struct flow want[MOST];
static struct block b;
static uint8_t *bytes;

/* The same flows as rows and as a block. */
static struct rows *
make(uint32_t n, void (*flow)(struct flow *, uint32_t))
{
	struct rows *rows = rows_new(MOST, NULL);
	struct rd rd;
	uint32_t i;
	size_t room;

	assert_non_null(rows);
	for (i = 0; i < n; i++) {
		flow(&want[i], i);
		assert_true(rows_add(rows, &want[i]));
	}
	room = pack_bound(rows);
	free(bytes);
	assert_non_null(bytes = malloc(room));
	rd = rd_init(bytes, pack_quick(rows, bytes, room));
	assert_int_equal(block_read(&rd, &b), BLOCK_OK);
	assert_int_equal(rd.left, 0);
	return (rows);
}

static void
assert_flows(struct batch *batch, uint32_t n)
{
	struct flow f;
	uint32_t i;

	assert_int_equal(batch_flows(batch), n);
	for (i = 0; i < n; i++) {
		assert_int_equal(batch_row(batch, i, NULL, &f), BLOCK_OK);
		assert_null(flows_differ(&f, &want[i]));
	}
	assert_int_equal(vecs_check_all(batch), 0);
}

static void
flows_come_out_as_they_went_in(void **state)
{
	static const uint32_t counts[] = {1, 7, 100, 1500, MOST};
	struct batch *batch = batch_new();
	struct rows *rows;
	unsigned int id;
	size_t i, rare;

	(void)state;
	assert_non_null(batch);
	for (rare = 0; rare < 2; rare++)
		for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
			rows = make(counts[i],
			    rare ? flows_make_rare : flows_make);
			batch_set_rows(batch, rows);
			assert_null(batch_block(batch));
			assert_flows(batch, counts[i]);
			batch_set_block(batch, &b);
			assert_ptr_equal(batch_block(batch), &b);
			assert_flows(batch, counts[i]);
			assert_int_equal(block_check(&b, &id), BLOCK_OK);
			rows_free(rows);
		}
	batch_free(batch);
}

static void
only_what_is_asked_for_is_read(void **state)
{
	struct batch *batch = batch_new();
	struct rows *rows = make(1000, flows_make);
	const struct block_column *c;
	const struct vec *v, *again;
	uint64_t read;

	(void)state;
	batch_set_block(batch, &b);
	assert_int_equal(batch_bytes_read(batch), 0);
	assert_int_equal(batch_column(batch, FLOW_SRC_PORT, &v), BLOCK_OK);
	c = block_column(&b, FLOW_SRC_PORT);
	read = batch_bytes_read(batch);
	assert_int_equal(read, c->dict.stored + c->data.stored);
	assert_int_equal(batch_column(batch, FLOW_SRC_PORT, &again), BLOCK_OK);
	assert_ptr_equal(v, again);
	assert_int_equal(batch_bytes_read(batch), read);
	/* rows are no bytes, and the count goes on */
	batch_set_rows(batch, rows);
	assert_int_equal(batch_column(batch, FLOW_SRC_PORT, &v), BLOCK_OK);
	assert_int_equal(batch_bytes_read(batch), read);
	batch_set_block(batch, &b);
	assert_int_equal(batch_column(batch, FLOW_SRC_PORT, &v), BLOCK_OK);
	assert_int_equal(batch_bytes_read(batch), 2 * read);
	rows_free(rows);
	batch_free(batch);
}

static void
fields_that_nobody_has_are_not_there(void **state)
{
	struct batch *batch = batch_new();
	struct rows *rows = make(10, flows_make);
	const struct vec *v;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		if (i == 0)
			batch_set_rows(batch, rows);
		else
			batch_set_block(batch, &b);
		assert_false(batch_any(batch, FLOW_VLAN));
		assert_false(batch_all(batch, FLOW_VLAN));
		assert_true(batch_any(batch, FLOW_SRC_PORT));
		assert_true(batch_all(batch, FLOW_SRC_PORT));
		assert_int_equal(batch_column(batch, FLOW_VLAN, &v), BLOCK_OK);
		assert_null(v);
		assert_int_equal(batch_column(batch, 0x7fff, &v), BLOCK_OK);
		assert_null(v);
		assert_int_equal(batch_column(batch, COL_SHAPE, &v), BLOCK_OK);
		assert_int_equal(vec_number(v, 9), 0);
	}
	rows_free(rows);
	batch_free(batch);
}

static void
a_row_has_the_fields_that_are_wanted(void **state)
{
	struct batch *batch = batch_new();
	struct rows *rows = make(10, flows_make);
	struct flow_set of = {{0}};
	struct flow f;

	(void)state;
	blocks_set(&of, FLOW_DST_PORT);
	blocks_set(&of, FLOW_VLAN);
	batch_set_block(batch, &b);
	assert_int_equal(batch_row(batch, 3, &of, &f), BLOCK_OK);
	assert_true(flow_has(&f, FLOW_DST_PORT));
	assert_false(flow_has(&f, FLOW_VLAN) || flow_has(&f, FLOW_SRC_PORT));
	assert_int_equal(f.dst_port, want[3].dst_port);
	assert_int_equal(f.src_port, 0);
	assert_int_equal(f.clock, CLOCK_NONE);
	blocks_set(&of, FLOW_END);
	assert_int_equal(batch_row(batch, 3, &of, &f), BLOCK_OK);
	assert_int_equal(f.clock, CLOCK_UPTIME);
	assert_int_equal(f.end, want[3].end);
	rows_free(rows);
	batch_free(batch);
}

/* The others are read all the same, and the next block is another. */
static void
a_damaged_column_is_damaged_alone(void **state)
{
	struct batch *batch = batch_new();
	struct rows *rows = make(1000, flows_make);
	const struct block_column *c = block_column(&b, FLOW_SRC_PORT);
	size_t at = (size_t)(c->data.p - b.p);
	const struct vec *v;
	struct flow f;
	unsigned int id;

	(void)state;
	bytes[at] ^= 1;
	batch_set_block(batch, &b);
	assert_int_equal(batch_column(batch, FLOW_SRC_PORT, &v),
	    BLOCK_COLUMN_CRC);
	assert_null(v);
	assert_int_equal(batch_column(batch, FLOW_SRC_PORT, &v),
	    BLOCK_COLUMN_CRC);
	assert_int_equal(batch_column(batch, FLOW_DST_PORT, &v), BLOCK_OK);
	assert_non_null(v);
	assert_int_equal(batch_row(batch, 0, NULL, &f), BLOCK_COLUMN_CRC);
	assert_int_equal(block_check(&b, &id), BLOCK_COLUMN_CRC);
	assert_int_equal(id, FLOW_SRC_PORT);
	bytes[at] ^= 1;
	batch_set_block(batch, &b);
	assert_flows(batch, 1000);
	rows_free(rows);
	batch_free(batch);
}

static void
a_column_can_be_replaced(void **state)
{
	static const uint64_t seven = 7;
	struct batch *batch = batch_new();
	struct rows *rows = make(10, flows_make);
	struct vec mine = {.kind = VEC_CONST,
	    .type = CT_NUMBER,
	    .n = 10,
	    .ndict = 1,
	    .num = &seven};
	const struct vec *v;
	struct flow f;

	(void)state;
	batch_set_block(batch, &b);
	batch_replace(batch, FLOW_SRC_PORT, &mine);
	batch_replace(batch, FLOW_VLAN, &mine);
	batch_replace(batch, FLOW_DST_PORT, NULL);
	batch_replace(batch, 0x7fff, &mine);
	assert_int_equal(batch_column(batch, FLOW_SRC_PORT, &v), BLOCK_OK);
	assert_ptr_equal(v, &mine);
	assert_int_equal(batch_column(batch, FLOW_VLAN, &v), BLOCK_OK);
	assert_ptr_equal(v, &mine);
	assert_int_equal(batch_column(batch, FLOW_DST_PORT, &v), BLOCK_OK);
	assert_null(v);
	assert_int_equal(batch_row(batch, 2, NULL, &f), BLOCK_OK);
	assert_int_equal(f.src_port, 7);
	assert_int_equal(f.dst_port, 0);
	assert_false(flow_has(&f, FLOW_VLAN));
	/* until the next filling */
	batch_set_block(batch, &b);
	assert_flows(batch, 10);
	rows_free(rows);
	batch_free(batch);
}

/* src_as goes by the codes of src_addr, not by those of what replaced it. */
static void
what_depends_goes_by_what_was_there(void **state)
{
	static const unsigned int ids[] = {FLOW_SRC_ADDR, FLOW_SRC_AS};
	static const uint64_t u[] = {1, 0, 1}, as[] = {11, 22};
	static const struct addr addr[2] = {{.family = ADDR_V4, .b = {1}},
	    {.family = ADDR_V4, .b = {2}}};
	const struct vec mine = {.kind = VEC_CONST,
	    .type = CT_ADDR,
	    .n = 3,
	    .ndict = 1,
	    .addr = addr};
	struct batch *batch = batch_new();
	const struct vec *v;
	struct blocks m;
	struct rd rd;

	(void)state;
	blocks_begin(&m, 3, ids, 2);
	blocks_column(&m,
	    (struct block_column){.id = FLOW_SRC_ADDR,
		.parent = COL_NONE,
		.type = CT_ADDR,
		.scheme = CS_DICT,
		.bits = 1,
		.ndict = 2},
	    &(struct blocks_data){.u = u, .n = 3, .addr = addr});
	blocks_column(&m,
	    (struct block_column){.id = FLOW_SRC_AS,
		.parent = FLOW_SRC_ADDR,
		.scheme = CS_DEPEND,
		.ndict = 2},
	    &(struct blocks_data){.num = as});
	rd = rd_init(m.p, blocks_end(&m));
	assert_int_equal(block_read(&rd, &b), BLOCK_OK);
	batch_set_block(batch, &b);
	batch_replace(batch, FLOW_SRC_ADDR, &mine);
	assert_int_equal(batch_column(batch, FLOW_SRC_AS, &v), BLOCK_OK);
	assert_int_equal(vec_number(v, 0), 22);
	assert_int_equal(vec_number(v, 1), 11);
	assert_int_equal(vec_number(v, 2), 22);
	free(m.p);
	batch_free(batch);
}

static void
shapes_can_be_replaced(void **state)
{
	static const uint64_t of[] = {0, 1};
	static const uint16_t codes[10] = {1, 0};
	const struct vec mine = {.kind = VEC_CODES,
	    .type = CT_NUMBER,
	    .n = 10,
	    .codes = codes,
	    .ndict = 2,
	    .num = of};
	struct flow_set shapes[2] = {{{0}}, {{0}}};
	struct batch *batch = batch_new();
	struct rows *rows = make(10, flows_make);
	struct flow f;
	uint32_t n;

	(void)state;
	blocks_set(&shapes[0], FLOW_SRC_PORT);
	blocks_set(&shapes[1], FLOW_SRC_PORT);
	blocks_set(&shapes[1], FLOW_DST_PORT);
	batch_set_block(batch, &b);
	batch_reshape(batch, shapes, 2, &mine);
	assert_ptr_equal(batch_shapes(batch, &n), shapes);
	assert_int_equal(n, 2);
	assert_true(batch_all(batch, FLOW_SRC_PORT));
	assert_true(batch_any(batch, FLOW_DST_PORT));
	assert_false(batch_all(batch, FLOW_DST_PORT));
	assert_false(batch_any(batch, FLOW_OCTETS));
	assert_int_equal(batch_row(batch, 0, NULL, &f), BLOCK_OK);
	assert_memory_equal(&f.has, &shapes[1], sizeof(f.has));
	assert_int_equal(f.dst_port, want[0].dst_port);
	assert_int_equal(batch_row(batch, 1, NULL, &f), BLOCK_OK);
	assert_memory_equal(&f.has, &shapes[0], sizeof(f.has));
	assert_int_equal(f.dst_port, 0);
	rows_free(rows);
	batch_free(batch);
}

/*
 * 1000 addresses that the table of a reader takes for neighbours: more than it
 * looks at, so that some stand twice.  All come out right.
 */
static void
addresses_made_to_collide_come_out_right(void **state)
{
	static const unsigned int ids[] = {FLOW_SRC_ADDR};
	static uint8_t raw[4 * 2000];
	struct batch *batch = batch_new();
	const struct vec *v;
	struct blocks m;
	struct rd rd;
	uint32_t i, tag = 0;

	(void)state;
	for (i = 0; i < 1000; tag++)
		if ((tag * UINT64_C(0x9e3779b97f4a7c15) >> 32 & 0xffff) == 0)
			le32_put(raw + 4 * (size_t)i++, tag);
	memcpy(raw + sizeof(raw) / 2, raw, sizeof(raw) / 2);
	blocks_begin(&m, 2000, ids, 1);
	blocks_column(&m,
	    (struct block_column){.id = FLOW_SRC_ADDR,
		.parent = COL_NONE,
		.type = CT_ADDR,
		.scheme = CS_ADDR4},
	    &(struct blocks_data){.raw = raw, .nraw = sizeof(raw)});
	rd = rd_init(m.p, blocks_end(&m));
	assert_int_equal(block_read(&rd, &b), BLOCK_OK);
	batch_set_block(batch, &b);
	assert_int_equal(batch_column(batch, FLOW_SRC_ADDR, &v), BLOCK_OK);
	vecs_check(batch, FLOW_SRC_ADDR, v);
	assert_in_range(v->ndict, 1500, 2000);
	for (i = 0; i < 2000; i++) {
		assert_int_equal(vec_addr(v, i)->family, ADDR_V4);
		assert_memory_equal(vec_addr(v, i)->b, raw + i * 4, 4);
	}
	free(m.p);
	batch_free(batch);
}

/* A column of octets, plain, in so many bits. */
static void
make_plain(enum column_packing packing, unsigned int bits, uint8_t exponent)
{
	static const unsigned int id = FLOW_OCTETS;
	static uint64_t u[MOST];
	struct block_column c = {.id = FLOW_OCTETS,
	    .parent = COL_NONE,
	    .scheme = CS_PLAIN,
	    .packing = (uint8_t)packing,
	    .bits = (uint8_t)bits,
	    .exponent = exponent,
	    .base = 77};
	const struct blocks_data d = {.u = u, .n = MOST};
	uint64_t unit = 1;
	struct blocks m;
	struct rd rd;
	uint32_t i;

	for (i = 0; i < exponent; i++)
		unit *= 10;
	for (i = 0; i < MOST; i++) {
		u[i] = flows_random() >> (64 - bits);
		want[i].octets = c.base + unit * u[i];
	}
	c.max = UINT64_MAX;
	blocks_begin(&m, MOST, &id, 1);
	blocks_column(&m, c, &d);
	free(bytes);
	bytes = m.p;
	rd = rd_init(bytes, blocks_end(&m));
	assert_int_equal(block_read(&rd, &b), BLOCK_OK);
}

/* Each so manyth row, and the first ones. */
static void
assert_sums(struct batch *batch, uint32_t step)
{
	static uint16_t row[MOST];
	uint64_t truth = 0, first = 0, got;
	uint32_t i, n = 0;

	for (i = step - 1; i < MOST; i += step) {
		first += want[n].octets;
		row[n++] = (uint16_t)i;
		truth += want[i].octets;
	}
	assert_int_equal(batch_sum(batch, FLOW_OCTETS, row, n, &got), BLOCK_OK);
	assert_int_equal(got, truth);
	assert_int_equal(batch_sum(batch, FLOW_OCTETS, NULL, n, &got),
	    BLOCK_OK);
	assert_int_equal(got, first);
}

static void
a_sum_is_that_of_the_rows_values(void **state)
{
	static const struct {
		enum column_packing packing;
		unsigned int bits;
		uint8_t exponent;
	} t[] = {{CP_BITS, 1, 0}, {CP_BITS, 13, 3}, {CP_BITS, 33, 0},
	    {CP_BITS, 64, 9}, {CP_PLANES, 8, 0}, {CP_PLANES, 24, 2},
	    {CP_PLANES, 64, 1}};
	static const uint32_t steps[] = {1, 2, 11, 12, 13, 500, MOST};
	struct batch *batch = batch_new();
	const struct vec *v;
	uint64_t read;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		make_plain(t[i].packing, t[i].bits, t[i].exponent);
		batch_set_block(batch, &b);
		read = batch_bytes_read(batch);
		for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++)
			assert_sums(batch, steps[k]);
		assert_int_equal(batch_column(batch, FLOW_OCTETS, &v),
		    BLOCK_OK);
		assert_sums(batch, 7); /* of the vec */
		/* All of this reads it once. */
		assert_int_equal(batch_bytes_read(batch) - read,
		    block_column(&b, FLOW_OCTETS)->data.stored);
		batch_replace(batch, FLOW_OCTETS, NULL);
		assert_int_equal(batch_sum(batch, FLOW_OCTETS, NULL, MOST,
				     &read),
		    BLOCK_OK);
		assert_int_equal(read, 0);
	}
	bytes[block_column(&b, FLOW_OCTETS)->data.p - bytes] ^= 1;
	batch_set_block(batch, &b);
	assert_int_equal(batch_sum(batch, FLOW_OCTETS, NULL, MOST, &read),
	    BLOCK_COLUMN_CRC);
	batch_free(batch);
}

static void
flow_of_ipv4(struct flow *f, uint32_t i)
{
	flows_make(f, i);
	f->src_addr = (struct addr){.family = ADDR_V4,
	    .b = {10, (uint8_t)(i >> 8), (uint8_t)i, (uint8_t)(i * 7)}};
	flow_set(f, FLOW_SRC_ADDR);
}

static void
assert_addresses(struct batch *batch, uint32_t n)
{
	const struct vec *v;
	const uint8_t *p;
	uint32_t i;

	assert_int_equal(batch_addr4(batch, FLOW_SRC_ADDR, &p), BLOCK_OK);
	assert_non_null(p);
	for (i = 0; i < n; i++)
		assert_memory_equal(p + i * 4, want[i].src_addr.b, 4);
	assert_int_equal(batch_addr4(batch, FLOW_SRC_PORT, &p), BLOCK_OK);
	assert_null(p);
	assert_int_equal(batch_column(batch, FLOW_SRC_ADDR, &v), BLOCK_OK);
	assert_int_equal(batch_addr4(batch, FLOW_SRC_ADDR, &p), BLOCK_OK);
	assert_null(p);
}

static void
addresses_are_there_as_they_came(void **state)
{
	struct batch *batch = batch_new();
	struct rows *rows = make(1000, flow_of_ipv4);
	const uint8_t *p;

	(void)state;
	batch_set_rows(batch, rows);
	assert_addresses(batch, 1000);
	batch_set_block(batch, &b);
	assert_addresses(batch, 1000);
	batch_set_block(batch, &b);
	batch_replace(batch, FLOW_SRC_ADDR, NULL);
	assert_int_equal(batch_addr4(batch, FLOW_SRC_ADDR, &p), BLOCK_OK);
	assert_null(p);
	bytes[block_column(&b, FLOW_SRC_ADDR)->data.p - bytes] ^= 1;
	batch_set_block(batch, &b);
	assert_int_equal(batch_addr4(batch, FLOW_SRC_ADDR, &p),
	    BLOCK_COLUMN_CRC);
	rows_free(rows);
	batch_free(batch);
}

static int
clean_up(void **state)
{
	(void)state;
	free(bytes);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(flows_come_out_as_they_went_in),
	    cmocka_unit_test(only_what_is_asked_for_is_read),
	    cmocka_unit_test(fields_that_nobody_has_are_not_there),
	    cmocka_unit_test(a_row_has_the_fields_that_are_wanted),
	    cmocka_unit_test(a_damaged_column_is_damaged_alone),
	    cmocka_unit_test(a_column_can_be_replaced),
	    cmocka_unit_test(what_depends_goes_by_what_was_there),
	    cmocka_unit_test(shapes_can_be_replaced),
	    cmocka_unit_test(addresses_made_to_collide_come_out_right),
	    cmocka_unit_test(a_sum_is_that_of_the_rows_values),
	    cmocka_unit_test(addresses_are_there_as_they_came),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, clean_up));
}
