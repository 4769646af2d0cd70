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
 * The header of a block: its bytes, what it may not say, and how the next one
 * is found.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "archive/batch.h"
#include "archive/le.h"
#include "tests/unit/blocks.h"

#define COLUMNS (BLOCK_HDRLEN + FLOW_WORDS * 8) /* of a block of one shape */

static struct block b;

/* After a change: the checksum of the header is right again. */
static void
fix(uint8_t *p)
{
	le32_put(p + 8, block_crc(0, p + 12, le32(p + 12) - 12));
}

static enum block_err
read_one(const uint8_t *p, size_t len)
{
	struct rd rd = rd_init(p, len);
	enum block_err err = block_read(&rd, &b);

	assert_int_equal(len - rd.left, err == BLOCK_OK ? b.len : 0);
	return (err);
}

/* Three flows: source ports and a protocol that is the same for all. */
static size_t
make(struct blocks *m)
{
	static const unsigned int ids[] = {FLOW_SRC_PORT, FLOW_PROTOCOL};
	static const uint64_t ports[] = {1, 0, 2};
	const struct blocks_data data = {.u = ports, .n = 3}, none = {0};

	blocks_begin(m, 3, ids, 2);
	blocks_column(m,
	    (struct block_column){.id = FLOW_SRC_PORT,
		.parent = COL_NONE,
		.scheme = CS_PLAIN,
		.bits = 2,
		.min = 1024,
		.max = 1026,
		.sum = 3075,
		.base = 1024},
	    &data);
	blocks_column(m,
	    (struct block_column){.id = FLOW_PROTOCOL,
		.parent = COL_NONE,
		.scheme = CS_CONST,
		.min = 17,
		.max = 17,
		.sum = 51,
		.base = 17},
	    &none);
	return (blocks_end(m));
}

/* Checksums are those of python's zlib.crc32. */
static void
a_block_has_the_bytes_of_the_page(void **state)
{
	/* clang-format off */
	static const uint8_t want[] = {
		0x80, 'f', 'l', 'o', 'w', 'd', '\r', '\n',
		0xec, 0xf1, 0x7d, 0x84, 208, 0, 0, 0,
		216, 0, 0, 0, 3, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		2, 0, 1, 0, 2, 1, 72, 0,
		0, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		24, 0, 0xff, 0xff, 0, 1, 0, 2, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
		0xd3, 0xff, 0x6b, 0x9e, 0, 0, 0, 0,
		0, 4, 0, 0, 0, 0, 0, 0, 2, 4, 0, 0, 0, 0, 0, 0,
		3, 12, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0,
		15, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,
		17, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0,
		51, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0,
		0x21, 0, 0, 0, 0, 0, 0, 0,
	};
	/* clang-format on */
	struct blocks m;
	size_t len = make(&m);

	(void)state;
	assert_int_equal(len, sizeof(want));
	assert_memory_equal(m.p, want, sizeof(want));
	free(m.p);
}

static void
a_header_comes_back(void **state)
{
	struct blocks m;
	size_t len = make(&m);

	(void)state;
	assert_int_equal(read_one(m.p, len), BLOCK_OK);
	assert_int_equal(b.len, len);
	assert_int_equal(b.flows, 3);
	assert_true(b.sealed && !b.timed);
	assert_int_equal(b.ncolumns, 2);
	assert_int_equal(b.nskipped, 0);
	assert_int_equal(b.nshapes, 1);
	assert_memory_equal(&b.any, &m.shape, sizeof(b.any));
	assert_memory_equal(&b.all, &m.shape, sizeof(b.all));
	assert_int_equal(block_column(&b, FLOW_SRC_PORT)->base, 1024);
	assert_int_equal(block_column(&b, FLOW_PROTOCOL)->max, 17);
	assert_null(block_column(&b, FLOW_DST_PORT));
	assert_null(block_column(&b, COL_SHAPE));
	assert_null(block_column(&b, 0x7fff));
	assert_null(block_column(&b, COL_NONE));
	free(m.p);
}

static void
times_and_flags_come_back(void **state)
{
	struct flow_set shape = {{0}};
	struct blockwr w;
	uint8_t p[512];
	size_t len;

	(void)state;
	blockwr_begin(&w, p, sizeof(p), 1, &shape, 1, 0);
	len = blockwr_end(&w, false, true, -5, INT64_MAX);
	assert_int_equal(len, COLUMNS);
	assert_int_equal(read_one(p, len), BLOCK_OK);
	assert_true(!b.sealed && b.timed);
	assert_true(b.first == -5 && b.last == INT64_MAX);
}

/* Two in the room that shrink, one elsewhere; and one that never comes. */
static void
parts_find_their_places(void **state)
{
	struct flow_set shape = {{0}};
	struct block_column c = {.id = FLOW_TAG,
	    .parent = COL_NONE,
	    .scheme = CS_DICT};
	static const uint8_t elsewhere[] = "elsewhere";
	struct blockwr w;
	uint8_t p[1024], *dict, *data;
	size_t len;

	(void)state;
	blockwr_begin(&w, p, sizeof(p), 1, &shape, 1, 4);
	assert_non_null(dict = blockwr_room(&w, 100));
	assert_non_null(data = blockwr_room(&w, 100));
	memcpy(dict, "dict", c.dict.stored = 4);
	memcpy(data, "data in the room", c.data.stored = 16);
	c.dict.p = dict;
	c.data.p = data;
	blockwr_column(&w, &c);
	c.id = FLOW_SRC_AS;
	assert_non_null(data = blockwr_room(&w, 100));
	memcpy(data, "data in the room", 16);
	c.dict.p = elsewhere;
	c.dict.stored = 9;
	c.data.p = data;
	blockwr_column(&w, &c);
	c.id = FLOW_DST_AS;
	c.data.p = elsewhere;
	c.data.stored = 9;
	blockwr_column(&w, &c);
	len = blockwr_end(&w, false, false, 0, 0);
	assert_int_equal(len, COLUMNS + 3 * BLOCK_COLUMNLEN + 24 + 32 + 32);
	assert_int_equal(read_one(p, len), BLOCK_OK);
	assert_memory_equal(b.columns[0].dict.p, "dict\0\0\0", 8);
	assert_memory_equal(b.columns[0].data.p, "data in the room", 16);
	assert_memory_equal(b.columns[1].dict.p, "elsewhere\0\0\0\0\0\0", 16);
	assert_memory_equal(b.columns[1].data.p, "data in the room", 16);
	assert_memory_equal(b.columns[2].dict.p, "elsewhere", 9);
	assert_memory_equal(b.columns[2].data.p, "elsewhere\0\0\0\0\0\0", 16);
}

static void
a_room_too_small_gives_no_block(void **state)
{
	static const uint8_t part[40];
	struct flow_set shape = {{0}};
	const struct block_column c = {.id = FLOW_TAG,
	    .data = {.p = part, .stored = 40}};
	struct blockwr w;
	uint8_t p[COLUMNS + BLOCK_COLUMNLEN + 40];
	size_t room;

	(void)state;
	for (room = 0; room <= sizeof(p); room++) {
		blockwr_begin(&w, p, room, 1, &shape, 1, 1);
		blockwr_column(&w, &c);
		assert_int_equal(blockwr_end(&w, false, false, 0, 0),
		    room < sizeof(p) ? 0 : sizeof(p));
	}
	blockwr_begin(&w, p, sizeof(p), 1, &shape, 1, 1);
	assert_null(blockwr_room(&w, 41));
	assert_int_equal(blockwr_end(&w, false, false, 0, 0), 0);
	/* more columns than were said */
	blockwr_begin(&w, p, sizeof(p), 1, &shape, 1, 0);
	blockwr_column(&w, &c);
	assert_int_equal(blockwr_end(&w, false, false, 0, 0), 0);
}

static void
a_cut_block_is_short(void **state)
{
	struct blocks m;
	size_t len = make(&m), cut;
	uint8_t *p;

	(void)state;
	assert_int_equal(read_one(m.p, 0), BLOCK_EOF);
	for (cut = 1; cut < len; cut++) {
		assert_non_null(p = malloc(cut));
		memcpy(p, m.p, cut);
		assert_int_equal(read_one(p, cut), BLOCK_SHORT);
		free(p);
	}
	free(m.p);
}

static void
what_is_no_block_is_told(void **state)
{
	struct blocks m;
	size_t len = make(&m), i;

	(void)state;
	assert_int_equal(read_one((const uint8_t *)"\x60\x02\0\0", 4),
	    BLOCK_NOTONE);
	assert_int_equal(read_one((const uint8_t *)"\0\0\0\0\0\0\0\0\0", 9),
	    BLOCK_NOTONE);
	for (i = 1; i < BLOCK_MAGICLEN; i++) {
		m.p[i] ^= 1;
		assert_int_equal(read_one(m.p, len), BLOCK_NOTONE);
		m.p[i] ^= 1;
	}
	m.p[0] = 0xa0;
	assert_int_equal(read_one(m.p, len), BLOCK_MAJOR);
	m.p[0] = 0x60;
	assert_int_equal(read_one(m.p, len), BLOCK_NOTONE);
	/* a minor version to come */
	m.p[0] = 0x9f;
	assert_int_equal(read_one(m.p, len), BLOCK_OK);
	free(m.p);
}

static void
any_change_of_the_header_is_noticed(void **state)
{
	struct blocks m;
	size_t len = make(&m), bit;
	enum block_err err;

	(void)state;
	for (bit = 8 * 8; bit < le32(m.p + 12) * 8; bit++) {
		m.p[bit / 8] ^= 1 << bit % 8;
		err = read_one(m.p, len);
		assert_true(err == BLOCK_CRC || err == BLOCK_HEADER ||
		    err == BLOCK_SHORT);
		m.p[bit / 8] ^= 1 << bit % 8;
	}
	free(m.p);
}

struct change {
	size_t at, bytes;
	uint64_t value;
};

static enum block_err
changed(const struct change *c)
{
	struct blocks m;
	size_t len = make(&m), i;
	enum block_err err;

	for (i = 0; i < c->bytes; i++)
		m.p[c->at + i] = (uint8_t)(c->value >> 8 * i);
	fix(m.p);
	err = read_one(m.p, len);
	free(m.p);
	return (err);
}

static void
a_header_that_cannot_be_is_refused(void **state)
{
	static const struct change bad[] = {
	    {16, 4, 200},		 /* ends within itself */
	    {16, 4, 217},		 /* not a multiple of 8 */
	    {16, 4, 208},		 /* without the parts */
	    {20, 4, 0},			 /* no flows */
	    {20, 4, BLOCK_FLOWS + 1},	 /* too many */
	    {40, 2, 3},			 /* columns behind the header */
	    {40, 2, 0},			 /* parts of no column */
	    {40, 2, 0xffff}, {42, 2, 0}, /* no shapes */
	    {42, 2, BLOCK_SHAPES + 1},
	    {42, 2, 2},				 /* which of them a flow has? */
	    {44, 1, 0}, {44, 1, 9}, {46, 2, 64}, /* entries too short */
	    {46, 2, 76}, {46, 2, 80},	 /* or too long for the header */
	    {COLUMNS + 7, 1, 65},	 /* bits */
	    {COLUMNS + 6, 1, CP_PLANES}, /* of 2 bits */
	    {COLUMNS + 8, 1, 10},	 /* exponent */
	    {COLUMNS + 12, 4, BLOCK_FLOWS + 1},
	    {COLUMNS + 16, 4, 1}, /* a dictionary behind the end */
	    {COLUMNS + 16, 4, UINT32_MAX}, {COLUMNS + 16, 4, UINT32_MAX - 7},
	    {COLUMNS + 24, 4, 9}, /* data behind the end */
	    {COLUMNS + 24, 4, UINT32_MAX},
	    {COLUMNS + 24, 4, 0}, /* parts of no column */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(changed(&bad[i]), BLOCK_HEADER);
	assert_int_equal(changed(&(struct change){16, 4, 224}), BLOCK_SHORT);
}

/* The length of the header is read before its checksum can be. */
static void
a_length_of_the_header_that_cannot_be_is_refused(void **state)
{
	static const uint32_t bad[] = {0, 40, 207, BLOCK_HEADER_MAX + 8,
	    UINT32_MAX - 7, UINT32_MAX};
	struct blocks m;
	size_t len = make(&m), i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		le32_put(m.p + 12, bad[i]);
		assert_int_equal(read_one(m.p, len), BLOCK_HEADER);
	}
	le32_put(m.p + 12, 1024);
	assert_int_equal(read_one(m.p, len), BLOCK_SHORT);
	free(m.p);
}

static void
a_column_stands_once(void **state)
{
	(void)state;
	assert_int_equal(changed(&(struct change){COLUMNS + BLOCK_COLUMNLEN, 2,
			     FLOW_SRC_PORT}),
	    BLOCK_HEADER);
}

/* What a version to come may have is skipped, and its field is absent. */
static void
what_is_not_known_is_skipped(void **state)
{
	static const struct change strange[] = {
	    {COLUMNS, 2, 0x7000},
	    {COLUMNS, 2, FLOW_NFIELDS},
	    {COLUMNS, 2, COL_SAMPLING + 1},
	    {COLUMNS + 4, 1, CT_MAX},
	    {COLUMNS + 4, 1, CT_ADDR}, /* ports were numbers once */
	    {COLUMNS + 5, 1, CS_MAX},
	    {COLUMNS + 5, 1, 255},
	    {COLUMNS + 6, 1, CP_MAX},
	    {COLUMNS + 9, 1, SQ_MAX},
	    {COLUMNS + 10, 1, SQ_MAX},
	    {COLUMNS + 11, 1, 1},	 /* a flag */
	    {COLUMNS + 5, 1, CS_DEPEND}, /* of no column */
	    {COLUMNS + 5, 1, CS_UPTIME},
	    {COLUMNS + 5, 1, CS_RELATIVE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		assert_int_equal(changed(&strange[i]), BLOCK_OK);
		assert_int_equal(b.ncolumns, 1);
		assert_int_equal(b.nskipped, 1);
		assert_null(block_column(&b, FLOW_SRC_PORT));
		assert_int_equal(block_column(&b, FLOW_PROTOCOL)->base, 17);
		assert_true(b.any.w[0] == UINT64_C(1) << FLOW_PROTOCOL);
		assert_true(b.shapes[0].w[0] == b.any.w[0]);
	}
}

/* A parent that stands behind is none: no column can go by itself. */
static void
a_parent_stands_before(void **state)
{
	const struct change c = {COLUMNS + 2, 4,
	    FLOW_PROTOCOL | (uint32_t)CS_RELATIVE << 24};
	const struct change self = {COLUMNS + 2, 4,
	    FLOW_SRC_PORT | (uint32_t)CS_RELATIVE << 24};

	(void)state;
	assert_int_equal(changed(&c), BLOCK_OK);
	assert_null(block_column(&b, FLOW_SRC_PORT));
	assert_int_equal(changed(&self), BLOCK_OK);
	assert_null(block_column(&b, FLOW_SRC_PORT));
}

static void
flags_and_bytes_to_come_are_ignored(void **state)
{
	static const struct change odd[] = {
	    {45, 1, 0x0f}, {COLUMNS + 36, 4, 7},
	    {BLOCK_HDRLEN + 8, 8, UINT64_MAX}, /* fields to come */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_int_equal(changed(&odd[i]), BLOCK_OK);
		assert_int_equal(b.ncolumns, 2);
		assert_int_equal(b.any.w[1], 0);
	}
}

/* Of the flags four may be ignored; whoever does not know the others stops. */
static void
a_block_that_must_not_be_read_is_left_alone(void **state)
{
	uint32_t bit;

	(void)state;
	for (bit = 0x10; bit <= 0x80; bit <<= 1)
		assert_int_equal(changed(&(struct change){45, 1, bit}),
		    BLOCK_MAJOR);
}

/* Shapes of 3 words, entries of 80 bytes, and something behind them. */
static void
a_header_may_grow(void **state)
{
	uint8_t p[512] = {0};
	struct blocks m;
	size_t len = make(&m);

	(void)state;
	memcpy(p, m.p, BLOCK_HDRLEN + 16);
	memset(p + BLOCK_HDRLEN + 16, 0xff, 8);
	memcpy(p + COLUMNS + 8, m.p + COLUMNS, BLOCK_COLUMNLEN);
	memset(p + COLUMNS + 80, 0xff, 8);
	memcpy(p + COLUMNS + 88, m.p + COLUMNS + 72, BLOCK_COLUMNLEN);
	memset(p + COLUMNS + 160, 0xff, 8 + 16);
	p[COLUMNS + 184] = 0x21;
	le32_put(p + 12, COLUMNS + 184);
	le32_put(p + 16, COLUMNS + 192);
	p[44] = 3;
	p[46] = 80;
	fix(p);
	assert_int_equal(read_one(p, COLUMNS + 192), BLOCK_OK);
	assert_int_equal(b.ncolumns, 2);
	assert_memory_equal(&b.any, &m.shape, sizeof(b.any));
	assert_memory_equal(b.columns[0].data.p, "\x21", 1);
	assert_int_equal(b.columns[1].base, 17);
	assert_int_equal(len, 216);
	free(m.p);
}

static void
blocks_behind_one_another_are_a_segment(void **state)
{
	struct blocks m;
	size_t len = make(&m), i;
	uint8_t *p = malloc(3 * len);
	struct rd rd = rd_init(p, 3 * len);

	(void)state;
	assert_non_null(p);
	for (i = 0; i < 3; i++)
		memcpy(p + i * len, m.p, len);
	for (i = 0; i < 3; i++)
		assert_int_equal(block_read(&rd, &b), BLOCK_OK);
	assert_int_equal(block_read(&rd, &b), BLOCK_EOF);
	free(p);
	free(m.p);
}

/* Damage, then a block at an odd place; then a block that is torn. */
static void
the_next_block_is_found_behind_damage(void **state)
{
	struct blocks m;
	size_t len = make(&m);
	uint8_t p[2000];
	struct rd rd;

	(void)state;
	memset(p, 0, sizeof(p));
	memcpy(p + 1,
	    "\x80"
	    "flowd\r\n flowd\r\nflowd\r\n",
	    23);
	memcpy(p + 333, m.p, len);
	p[333 + 100] ^= 1; /* looks like one, but for the checksum */
	memcpy(p + 777, m.p, len);
	memcpy(p + 777 + len, m.p, 200); /* torn: its header is cut */
	rd = rd_init(p, 777 + len + 200);
	assert_int_equal(block_read(&rd, &b), BLOCK_NOTONE);
	assert_int_equal(block_resync(&rd), 777);
	assert_int_equal(rd_skip(&rd, 777), 0);
	assert_int_equal(block_read(&rd, &b), BLOCK_OK);
	assert_int_equal(block_read(&rd, &b), BLOCK_SHORT);
	assert_int_equal(block_resync(&rd), rd.left);
	/* nothing to skip, and always something where there is */
	rd = rd_init(p, 0);
	assert_int_equal(block_resync(&rd), 0);
	rd = rd_init(m.p, len);
	assert_int_equal(block_resync(&rd), len);
	rd = rd_init(p, 1);
	assert_int_equal(block_resync(&rd), 1);
	free(m.p);
}

static void
every_error_has_a_text(void **state)
{
	int i, k;

	(void)state;
	for (i = 0; i < BLOCK_ERRS; i++)
		for (k = 0; k < i; k++)
			assert_string_not_equal(block_strerror(i),
			    block_strerror(k));
	assert_string_equal(block_strerror(BLOCK_ERRS), "unknown error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_block_has_the_bytes_of_the_page),
	    cmocka_unit_test(a_header_comes_back),
	    cmocka_unit_test(times_and_flags_come_back),
	    cmocka_unit_test(parts_find_their_places),
	    cmocka_unit_test(a_room_too_small_gives_no_block),
	    cmocka_unit_test(a_cut_block_is_short),
	    cmocka_unit_test(what_is_no_block_is_told),
	    cmocka_unit_test(any_change_of_the_header_is_noticed),
	    cmocka_unit_test(a_header_that_cannot_be_is_refused),
	    cmocka_unit_test(a_length_of_the_header_that_cannot_be_is_refused),
	    cmocka_unit_test(a_column_stands_once),
	    cmocka_unit_test(what_is_not_known_is_skipped),
	    cmocka_unit_test(a_parent_stands_before),
	    cmocka_unit_test(flags_and_bytes_to_come_are_ignored),
	    cmocka_unit_test(a_block_that_must_not_be_read_is_left_alone),
	    cmocka_unit_test(a_header_may_grow),
	    cmocka_unit_test(blocks_behind_one_another_are_a_segment),
	    cmocka_unit_test(the_next_block_is_found_behind_damage),
	    cmocka_unit_test(every_error_has_a_text),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
