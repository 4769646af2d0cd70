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
 * Columns of every scheme come out as the page has it; none that is damaged
 * passes for good, and none that lies does harm.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "archive/le.h"
#include "tests/unit/blocks.h"
#include "tests/unit/flows.h"
#include "tests/unit/vecs.h"

#define ROWS 100
#define T0 (1763722800 * NSEC_PER_SEC)

static const unsigned int ids[] = {FLOW_EXPORT_TIME, FLOW_SYS_UPTIME,
    FLOW_START, FLOW_END, FLOW_START_UPTIME, FLOW_END_UPTIME, FLOW_SEQUENCE,
    FLOW_SRC_ADDR, FLOW_SRC_AS, FLOW_DST_ADDR, FLOW_NEXT_HOP, FLOW_AGENT,
    FLOW_IN_SRC_MAC, FLOW_IN_IF_NAME, FLOW_USER_NAME, FLOW_SRC_PORT,
    FLOW_OCTETS, FLOW_PACKETS, FLOW_PROTOCOL, FLOW_VERSION, FLOW_SAMPLING_RATE,
    COL_CLOCK, COL_SAMPLING};
#define NIDS (sizeof(ids) / sizeof(ids[0]))

static struct block b;
static struct flow want[ROWS];
static uint64_t u[ROWS], v[ROWS], num[ROWS];
static uint8_t raw[ROWS * 16];

static const struct flow_text macs[] = {{"\1\2\3\4\5\6", 6}, {NULL, 0},
    {"\xff\xff\xff\xff\xff\xff", 6}};
static const struct flow_text names[] = {{"eth0", 4}, {"", 0}, {"a", 1},
    {"eth1", 4}};
static const struct flow_text user = {"nobody", 6};

/* Four sources: two of IPv4, one of IPv6, and none. */
static struct addr sources[4];

/* The truth: what the rows are to be. */
static void
make_want(void)
{
	struct flow *f;
	uint32_t i;
	size_t k;

	memset(want, 0, sizeof(want));
	memset(sources, 0, sizeof(sources));
	addr_parse("10.0.0.1", &sources[0]);
	addr_parse("192.0.2.200", &sources[1]);
	addr_parse("2001:db8::1", &sources[2]);
	for (i = 0; i < ROWS; i++) {
		f = &want[i];
		for (k = 0; k < NIDS; k++)
			if (ids[k] < FLOW_NFIELDS)
				flow_set(f, ids[k]);
		f->export_time = T0 + i / 30 * NSEC_PER_SEC;
		f->sys_uptime = 5000 + i / 30 * 1000;
		f->start = T0 - (i * 37 % 64) * NSEC_PER_MSEC;
		f->end = f->start + (7 + i * 11 % 32) * NSEC_PER_MSEC;
		/* before the exporter was up: uptimes wrap */
		f->start_uptime = f->sys_uptime +
		    (uint32_t)((f->start - f->export_time) / NSEC_PER_MSEC);
		f->end_uptime = f->sys_uptime +
		    (uint32_t)((f->end - f->export_time) / NSEC_PER_MSEC);
		f->sequence = 1000 + i * 10 - i % 3 * 20;
		f->src_addr = sources[i * 7 % 4];
		f->src_as = 100 * (i * 7 % 4);
		f->dst_addr = (struct addr){.family = ADDR_V4,
		    .b = {198, 51, 100, (uint8_t)(i % 9)}};
		f->next_hop = (struct addr){.family = ADDR_V6,
		    .b = {0x20, 1, [15] = (uint8_t)(i % 5)}};
		f->agent = sources[1];
		memcpy(f->in_src_mac,
		    macs[i % 3].len ? macs[i % 3].p : "\0\0\0\0\0\0", 6);
		f->in_if_name = names[i / 25];
		f->user_name = user;
		f->src_port = (uint16_t)(i * 655);
		f->octets = (uint64_t)i << 33 | i;
		f->packets = UINT64_C(1) << 32 | i;
		f->protocol = i % 2 ? 6 : 17;
		f->version = 9;
		f->sampling_rate = 1000 + i % 8 * 100;
		f->clock = CLOCK_UPTIME;
		f->sampling = SAMPLING_OPTIONS;
	}
}

/* A column of numbers: its values, and what its entry says of them. */
static struct block_column
entry(unsigned int id, enum column_scheme scheme)
{
	struct block_column c = {.id = (uint16_t)id,
	    .parent = COL_NONE,
	    .type = (uint8_t)member_type(id),
	    .scheme = (uint8_t)scheme};
	uint32_t i;

	for (i = 0; i < ROWS; i++)
		v[i] = id == COL_CLOCK	 ? want[i].clock
		    : id == COL_SAMPLING ? want[i].sampling
					 : member_number(&want[i], &fields[id]);
	blocks_truth(&c, v, ROWS);
	return (c);
}

static void
put_runs(struct blocks *m, unsigned int id, bool squeezed)
{
	struct block_column c = entry(id, CS_RUNS);
	const struct blocks_data d = {.u = u,
	    .n = 4,
	    .num = num,
	    .squeezed = squeezed};
	uint32_t i;

	c.bits = 5;
	c.ndict = 4;
	for (i = 0; i < 4; i++) {
		u[i] = i < 3 ? 30 : 10;
		num[i] = v[i * 30];
	}
	blocks_column(m, c, &d);
}

static void
put_plain(struct blocks *m, unsigned int id, uint8_t exponent,
    enum column_packing packing, uint8_t bits, bool squeezed)
{
	struct block_column c = entry(id, CS_PLAIN);
	const struct blocks_data d = {.u = u, .n = ROWS, .squeezed = squeezed};
	uint64_t unit = 1;
	uint32_t i;

	for (i = 0; i < exponent; i++)
		unit *= 10;
	c.base = c.min;
	c.exponent = exponent;
	c.packing = (uint8_t)packing;
	c.bits = bits;
	for (i = 0; i < ROWS; i++)
		u[i] = (v[i] - c.base) / unit;
	blocks_column(m, c, &d);
}

static void
put_relative(struct blocks *m, bool squeezed)
{
	struct block_column c = entry(FLOW_END, CS_RELATIVE);
	const struct blocks_data d = {.u = u, .n = ROWS, .squeezed = squeezed};
	uint32_t i;

	c.parent = FLOW_START;
	c.base = 7 * NSEC_PER_MSEC;
	c.exponent = 6;
	c.bits = 5;
	for (i = 0; i < ROWS; i++)
		u[i] = i * 11 % 32;
	blocks_column(m, c, &d);
}

static void
put_uptimes(struct blocks *m)
{
	const struct blocks_data none = {0};
	struct block_column c = entry(FLOW_START_UPTIME, CS_UPTIME);

	c.parent = FLOW_START;
	blocks_column(m, c, &none);
	c = entry(FLOW_END_UPTIME, CS_UPTIME);
	c.parent = FLOW_END;
	blocks_column(m, c, &none);
}

/* 10 a row, and now and then back: unit 10, u of 2, 0, 3 and the like. */
static void
put_delta(struct blocks *m, bool squeezed)
{
	struct block_column c = entry(FLOW_SEQUENCE, CS_DELTA);
	const struct blocks_data d = {.u = u, .n = ROWS, .squeezed = squeezed};
	int64_t step;
	uint32_t i;

	c.base = 1000;
	c.exponent = 1;
	c.packing = CP_PLANES;
	c.bits = 8;
	for (i = 0; i < ROWS; i++) {
		step = i == 0 ? 0 : (int64_t)(v[i] - v[i - 1]) / 10;
		u[i] = (uint64_t)(step < 0 ? -2 * step - 1 : 2 * step);
	}
	blocks_column(m, c, &d);
}

static void
put_sources(struct blocks *m, bool squeezed)
{
	struct block_column c = {.id = FLOW_SRC_ADDR,
	    .parent = COL_NONE,
	    .type = CT_ADDR,
	    .scheme = CS_DICT,
	    .bits = 2,
	    .ndict = 4};
	struct blocks_data d = {.u = u,
	    .n = ROWS,
	    .addr = sources,
	    .effort = DICT_SMALL,
	    .squeezed = squeezed};
	uint64_t sketch[2] = {0, 0};
	uint32_t i;

	for (i = 0; i < ROWS; i++)
		u[i] = i * 7 % 4;
	for (i = 0; i < 4; i++)
		sketch_add(sketch, &sources[i]);
	c.min = sketch[0];
	c.max = sketch[1];
	blocks_column(m, c, &d);
	c = entry(FLOW_SRC_AS, CS_DEPEND);
	c.parent = FLOW_SRC_ADDR;
	c.ndict = 4;
	for (i = 0; i < 4; i++)
		num[i] = 100 * i;
	d = (struct blocks_data){.num = num,
	    .effort = DICT_PLANES,
	    .squeezed = squeezed};
	blocks_column(m, c, &d);
}

static void
put_raw(struct blocks *m, unsigned int id, enum column_scheme scheme,
    bool squeezed)
{
	const uint32_t bytes = scheme == CS_ADDR4 ? 4 : 16;
	struct block_column c = {.id = (uint16_t)id,
	    .parent = COL_NONE,
	    .type = CT_ADDR,
	    .scheme = (uint8_t)scheme};
	const struct blocks_data d = {.raw = raw,
	    .nraw = ROWS * bytes,
	    .squeezed = squeezed};
	const struct addr *a;
	uint64_t sketch[2] = {0, 0};
	uint32_t i;

	for (i = 0; i < ROWS; i++) {
		a = field_cptr(&want[i], &fields[id]);
		memcpy(raw + (size_t)i * bytes, a->b, bytes);
		sketch_add(sketch, a);
	}
	c.min = sketch[0];
	c.max = sketch[1];
	blocks_column(m, c, &d);
}

static void
put_agent(struct blocks *m, bool squeezed)
{
	struct block_column c = {.id = FLOW_AGENT,
	    .parent = COL_NONE,
	    .type = CT_ADDR,
	    .scheme = CS_CONST,
	    .ndict = 1};
	const struct blocks_data d = {.addr = &sources[1],
	    .squeezed = squeezed};
	uint64_t sketch[2] = {0, 0};

	sketch_add(sketch, &sources[1]);
	c.min = sketch[0];
	c.max = sketch[1];
	blocks_column(m, c, &d);
}

static void
put_texts(struct blocks *m, bool squeezed)
{
	struct block_column c = {.id = FLOW_IN_SRC_MAC,
	    .parent = COL_NONE,
	    .type = CT_BYTES,
	    .scheme = CS_DICT,
	    .bits = 2,
	    .ndict = 3};
	struct blocks_data d = {.u = u,
	    .n = ROWS,
	    .bytes = macs,
	    .squeezed = squeezed};
	uint32_t i;

	for (i = 0; i < ROWS; i++)
		u[i] = i % 3;
	blocks_column(m, c, &d);
	c.id = FLOW_IN_IF_NAME;
	c.scheme = CS_RUNS;
	c.ndict = 4;
	c.bits = 5;
	d.bytes = names;
	d.n = 4;
	for (i = 0; i < 4; i++)
		u[i] = 25;
	blocks_column(m, c, &d);
	c = (struct block_column){.id = FLOW_USER_NAME,
	    .parent = COL_NONE,
	    .type = CT_BYTES,
	    .scheme = CS_CONST,
	    .ndict = 1};
	d = (struct blocks_data){.bytes = &user, .squeezed = squeezed};
	blocks_column(m, c, &d);
}

static void
put_protocol(struct blocks *m, bool squeezed)
{
	struct block_column c = entry(FLOW_PROTOCOL, CS_DICT);
	const struct blocks_data d = {.u = u,
	    .n = ROWS,
	    .num = num,
	    .squeezed = squeezed};
	uint32_t i;

	c.bits = 1;
	c.ndict = 2;
	num[0] = 17;
	num[1] = 6;
	for (i = 0; i < ROWS; i++)
		u[i] = i % 2;
	blocks_column(m, c, &d);
}

static void
put_const(struct blocks *m, unsigned int id)
{
	const struct blocks_data none = {0};
	struct block_column c = entry(id, CS_CONST);

	c.base = v[0];
	blocks_column(m, c, &none);
}

/* A block with a column of every scheme. */
static size_t
make(struct blocks *m, bool squeezed)
{
	make_want();
	blocks_begin(m, ROWS, ids, NIDS);
	put_runs(m, FLOW_EXPORT_TIME, squeezed);
	put_runs(m, FLOW_SYS_UPTIME, squeezed);
	put_plain(m, FLOW_START, 6, CP_BITS, 6, squeezed);
	put_relative(m, squeezed);
	put_uptimes(m);
	put_delta(m, squeezed);
	put_sources(m, squeezed);
	put_raw(m, FLOW_DST_ADDR, CS_ADDR4, squeezed);
	put_raw(m, FLOW_NEXT_HOP, CS_ADDR6, squeezed);
	put_agent(m, squeezed);
	put_texts(m, squeezed);
	put_plain(m, FLOW_SRC_PORT, 0, CP_PLANES, 16, squeezed);
	put_plain(m, FLOW_OCTETS, 0, CP_PLANES, 40, squeezed);
	put_plain(m, FLOW_PACKETS, 0, CP_BITS, 33, squeezed);
	put_protocol(m, squeezed);
	put_const(m, FLOW_VERSION);
	put_plain(m, FLOW_SAMPLING_RATE, 2, CP_BITS, 3, squeezed);
	put_const(m, COL_CLOCK);
	put_const(m, COL_SAMPLING);
	return (blocks_end(m));
}

static enum block_err
open_block(const uint8_t *p, size_t len)
{
	struct rd rd = rd_init(p, len);

	return (block_read(&rd, &b));
}

/* NULL, or what is not as it went in. */
static const char *
compare(struct batch *batch)
{
	enum block_err err;
	const char *why;
	struct flow f;
	uint32_t i;

	for (i = 0; i < ROWS; i++) {
		if ((err = batch_row(batch, i, NULL, &f)) != BLOCK_OK)
			return (block_strerror(err));
		if ((why = flows_differ(&f, &want[i])) != NULL)
			return (why);
	}
	return (NULL);
}

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

/*
 * Each bit of the block in turn: the block is refused, or a column, or what
 * comes out is what went in.
 */
static void
flip_all(bool squeezed)
{
	struct batch *batch = batch_new();
	size_t len, bit, passed = 0;
	struct blocks m;

	len = make(&m, squeezed);
	for (bit = 0; bit < len * 8; bit++) {
		m.p[bit / 8] ^= 1 << bit % 8;
		if (open_block(m.p, len) == BLOCK_OK) {
			batch_set_block(batch, &b);
			if (vecs_check_all(batch) == 0) {
				assert_null(compare(batch));
				passed++;
			}
		}
		m.p[bit / 8] ^= 1 << bit % 8;
	}
	/* the minor version, and zeros between the parts */
	assert_in_range(passed, 5, 5 + (size_t)b.ncolumns * 2 * 7 * 8);
	batch_free(batch);
	free(m.p);
}

static void
no_bit_can_flip_unnoticed(void **state)
{
	(void)state;
	flip_all(false);
}

static void
no_bit_can_flip_unnoticed_in_zstd(void **state)
{
	(void)state;
	if (!squeeze_available())
		skip();
	flip_all(true);
}

/* The checksums made right after a change of entry i and its parts. */
static void
fix(uint8_t *p, size_t entry_at, size_t parts)
{
	uint8_t *e = p + entry_at;
	uint32_t crc;

	crc = block_crc(0, p + parts, le32(e + 16));
	crc = block_crc(crc, p + parts + (le32(e + 16) + 7) / 8 * 8,
	    le32(e + 24));
	le32_put(e + 32, crc);
	le32_put(p + 8, block_crc(0, p + 12, le32(p + 12) - 12));
}

static size_t
entry_of(unsigned int id, size_t *parts)
{
	const struct block_column *c = block_column(&b, id);

	assert_non_null(c);
	*parts = (size_t)(c->dict.p - b.p);
	return (BLOCK_HDRLEN + FLOW_WORDS * 8 +
	    (size_t)(c - b.columns) * BLOCK_COLUMNLEN);
}

/* Any byte of any entry, with checksums that hold: a refusal, or no harm. */
static void
lie_all(bool squeezed)
{
	static const uint8_t xor [] = {1, 2, 4, 8, 16, 32, 64, 128, 0xff};
	struct batch *batch = batch_new();
	struct blocks m;
	size_t len = make(&m, squeezed), k, at, parts, i, x;
	uint8_t *copy = malloc(len);

	assert_non_null(copy);
	for (k = 0; k < NIDS; k++)
		for (i = 0; i < BLOCK_COLUMNLEN; i++)
			for (x = 0; x < sizeof(xor); x++) {
				memcpy(copy, m.p, len);
				assert_int_equal(open_block(copy, len),
				    BLOCK_OK);
				at = entry_of(ids[k], &parts);
				copy[at + i] ^= xor[x];
				le32_put(copy + 8,
				    block_crc(0, copy + 12,
					le32(copy + 12) - 12));
				if (open_block(copy, len) != BLOCK_OK)
					continue;
				batch_set_block(batch, &b);
				(void)vecs_check_all(batch);
			}
	batch_free(batch);
	free(copy);
	free(m.p);
}

static void
entries_that_lie_do_no_harm(void **state)
{
	(void)state;
	lie_all(false);
	if (squeeze_available())
		lie_all(true);
}

/* Any byte of the parts, with checksums that hold. */
static void
parts_that_lie_do_no_harm(void **state)
{
	struct batch *batch = batch_new();
	struct blocks m;
	size_t len, k, at, parts, i, end;
	unsigned int id;
	uint8_t *copy, byte;

	(void)state;
	len = make(&m, false);
	assert_non_null(copy = malloc(len));
	for (k = 0; k < NIDS; k++) {
		memcpy(copy, m.p, len);
		assert_int_equal(open_block(copy, len), BLOCK_OK);
		at = entry_of(ids[k], &parts);
		end = parts + le32(copy + at + 16) + le32(copy + at + 24);
		for (i = parts; i < end; i++) {
			byte = copy[i];
			copy[i] = (uint8_t)(i * 73 + 0x80);
			fix(copy, at, parts);
			assert_int_equal(open_block(copy, len), BLOCK_OK);
			batch_set_block(batch, &b);
			(void)vecs_check_all(batch);
			(void)block_check(&b, &id);
			copy[i] = byte;
		}
	}
	batch_free(batch);
	free(copy);
	free(m.p);
}

struct lie {
	unsigned int id;
	size_t at; /* in the entry, or behind it in the parts */
	size_t bytes;
	uint64_t value;
};

/* What the column says then. */
static enum block_err
lied(const struct lie *l, bool squeezed)
{
	struct batch *batch = batch_new();
	const struct vec *vec;
	enum block_err err;
	struct blocks m;
	size_t len = make(&m, squeezed), at, parts, i;

	assert_int_equal(open_block(m.p, len), BLOCK_OK);
	at = entry_of(l->id, &parts);
	for (i = 0; i < l->bytes; i++)
		m.p[(l->at < BLOCK_COLUMNLEN ? at : parts - BLOCK_COLUMNLEN) +
		    l->at + i] = (uint8_t)(l->value >> 8 * i);
	fix(m.p, at, parts);
	assert_int_equal(open_block(m.p, len), BLOCK_OK);
	batch_set_block(batch, &b);
	err = batch_column(batch, l->id, &vec);
	assert_int_equal(vec == NULL, err != BLOCK_OK);
	batch_free(batch);
	free(m.p);
	return (err);
}

static void
columns_that_cannot_be_are_refused(void **state)
{
	static const struct lie bad[] = {
	    {FLOW_SRC_PORT, 7, 1, 24},	   /* more bits than bytes */
	    {FLOW_SRC_PORT, 28, 4, 201},   /* expanded is not stored */
	    {FLOW_SRC_PORT, 64, 8, 65536}, /* no port */
	    {FLOW_VERSION, 64, 8, 65536},
	    {COL_CLOCK, 64, 8, 256},
	    {FLOW_SRC_PORT, 5, 1, CS_RUNS}, /* without a dictionary */
	    {FLOW_SRC_PORT, 5, 1, CS_DICT},
	    {FLOW_SRC_PORT, 5, 1, CS_ADDR4}, /* numbers */
	    {FLOW_SRC_ADDR, 5, 1, CS_PLAIN}, /* addresses */
	    {FLOW_SRC_ADDR, 5, 1, CS_DELTA},
	    {FLOW_SRC_ADDR, 12, 4, 3}, /* of four */
	    {FLOW_SRC_ADDR, 12, 4, 5},
	    {FLOW_SRC_ADDR, 12, 4, 0},
	    {FLOW_SRC_AS, 12, 4, 3},	      /* the parent has four */
	    {FLOW_SRC_AS, 2, 2, FLOW_START},  /* which has no codes */
	    {FLOW_PROTOCOL, 12, 4, 1},	      /* codes above */
	    {FLOW_SYS_UPTIME, 12, 4, 3},      /* too few runs */
	    {FLOW_SYS_UPTIME, 72 + 24, 1, 0}, /* a run of none */
	    {FLOW_AGENT, 12, 4, 0},
	    {FLOW_AGENT, 12, 4, 2},
	    {FLOW_IN_SRC_MAC, 72, 1, 5}, /* bytes of a MAC address */
	    {FLOW_DST_ADDR, 5, 1, CS_ADDR6},
	    {FLOW_DST_ADDR, 28, 4, 396},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(lied(&bad[i], false), BLOCK_COLUMN);
}

/* Expanded, the column may not be a byte longer than its rows need. */
static void
bombs_are_refused(void **state)
{
	static const struct lie bad[] = {
	    {FLOW_SRC_PORT, 28, 4, UINT32_MAX},
	    {FLOW_SRC_PORT, 28, 4, 201},
	    {FLOW_SRC_PORT, 28, 4, 199},
	    {FLOW_SRC_ADDR, 20, 4, UINT32_MAX},
	    {FLOW_IN_SRC_MAC, 20, 4, 3 * 256 + 1},
	    {FLOW_DST_ADDR, 28, 4, UINT32_MAX},
	};
	size_t i;

	(void)state;
	if (!squeeze_available())
		skip();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(lied(&bad[i], true), BLOCK_COLUMN);
	/* what zstd has is longer or shorter than said */
	assert_int_equal(lied(&(struct lie){FLOW_IN_SRC_MAC, 20, 4, 14}, true),
	    BLOCK_SQUEEZE);
	assert_int_equal(lied(&(struct lie){FLOW_IN_SRC_MAC, 20, 4, 16}, true),
	    BLOCK_SQUEEZE);
	assert_int_equal(lied(&(struct lie){FLOW_IN_SRC_MAC, 72, 1, 0}, true),
	    BLOCK_SQUEEZE);
}

/* Who skips blocks by their headers can have them verified. */
static void
entries_that_lie_of_values_are_found(void **state)
{
	static const struct lie lies[] = {{FLOW_SRC_PORT, 40, 8, 1},
	    {FLOW_SRC_PORT, 48, 8, 1}, {FLOW_SRC_PORT, 56, 8, 1},
	    {FLOW_OCTETS, 48, 8, 7}, {FLOW_START, 40, 8, 0},
	    {FLOW_SRC_ADDR, 40, 8, 0}, {FLOW_AGENT, 48, 8, 0}};
	struct blocks m;
	unsigned int id;
	size_t i, at, parts, len;

	(void)state;
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		len = make(&m, false);
		assert_int_equal(open_block(m.p, len), BLOCK_OK);
		at = entry_of(lies[i].id, &parts);
		if (le64(m.p + at + lies[i].at) == lies[i].value)
			continue; /* this half of the sketch is empty */
		le64_put(m.p + at + lies[i].at, lies[i].value);
		fix(m.p, at, parts);
		assert_int_equal(open_block(m.p, len), BLOCK_OK);
		assert_int_equal(block_check(&b, &id), BLOCK_COLUMN);
		assert_int_equal(id, lies[i].id);
		free(m.p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_scheme_comes_back),
	    cmocka_unit_test(every_scheme_comes_back_from_zstd),
	    cmocka_unit_test(uptimes_are_of_flows_that_have_them),
	    cmocka_unit_test(no_bit_can_flip_unnoticed),
	    cmocka_unit_test(no_bit_can_flip_unnoticed_in_zstd),
	    cmocka_unit_test(entries_that_lie_do_no_harm),
	    cmocka_unit_test(parts_that_lie_do_no_harm),
	    cmocka_unit_test(columns_that_cannot_be_are_refused),
	    cmocka_unit_test(bombs_are_refused),
	    cmocka_unit_test(entries_that_lie_of_values_are_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
