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
 * What a value of a column costs to decode: ns, of each scheme, in a block of
 * 65,536 flows; the checksum, and what is expanded, is in it.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "archive/batch.h"
#include "tests/unit/blocks.h"

#define ROWS BLOCK_FLOWS
#define ROUNDS 5 /* the best counts */
#define LOOPS 20

static uint64_t u[ROWS], num[ROWS];
static struct addr addrs[ROWS];
static uint8_t raw[ROWS * 4];

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts); /* others may run */
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static uint64_t
rnd(void)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (x);
}

static void
fill(unsigned int bits)
{
	uint32_t i;

	for (i = 0; i < ROWS; i++)
		u[i] = rnd() >> (64 - bits);
}

static void
measure(const char *name, const struct block *b, unsigned int id)
{
	struct batch *batch = batch_new();
	const struct vec *v;
	double best = 0, t;
	unsigned int r, i;

	if (batch == NULL)
		abort();
	for (r = 0; r < ROUNDS; r++) {
		t = now();
		for (i = 0; i < LOOPS; i++) {
			batch_set_block(batch, b);
			if (batch_column(batch, id, &v) != BLOCK_OK)
				abort();
		}
		t = (now() - t) / ((double)LOOPS * ROWS);
		if (r == 0 || t < best)
			best = t;
	}
	printf("decode_%s %.2f ns\n", name, best);
	batch_free(batch);
}

/* One column, or one behind its parent. */
static void
bench(const char *name, const struct block_column *c,
    const struct blocks_data *d, unsigned int columns)
{
	static struct block b;
	struct blocks m;
	unsigned int ids[2], i;
	struct rd rd;
	size_t len;

	for (i = 0; i < columns; i++)
		ids[i] = c[i].id;
	blocks_begin(&m, ROWS, ids, columns);
	for (i = 0; i < columns; i++)
		blocks_column(&m, c[i], &d[i]);
	len = blocks_end(&m);
	rd = rd_init(m.p, len);
	if (block_read(&rd, &b) != BLOCK_OK)
		abort();
	measure(name, &b, ids[columns - 1]);
	free(m.p);
}

static void
bench_numbers(const char *name, struct block_column c, bool squeezed)
{
	const struct blocks_data d = {.u = u, .n = ROWS, .squeezed = squeezed};

	c.max = c.type == CT_NUMBER ? UINT32_MAX : 0;
	c.parent = COL_NONE;
	fill(c.bits);
	bench(name, &c, &d, 1);
}

static void
bench_plain(void)
{
	bench_numbers("plain_8_bits",
	    (struct block_column){.id = FLOW_PROTOCOL,
		.scheme = CS_PLAIN,
		.bits = 8},
	    false);
	bench_numbers("plain_16_bits",
	    (struct block_column){.id = FLOW_SRC_PORT,
		.scheme = CS_PLAIN,
		.bits = 16},
	    false);
	bench_numbers("plain_21_bits_and_a_base",
	    (struct block_column){.id = FLOW_OCTETS,
		.scheme = CS_PLAIN,
		.base = 40,
		.bits = 21},
	    false);
	bench_numbers("plain_40_bits",
	    (struct block_column){.id = FLOW_OCTETS,
		.scheme = CS_PLAIN,
		.bits = 40},
	    false);
	bench_numbers("plain_2_planes",
	    (struct block_column){.id = FLOW_SRC_PORT,
		.packing = CP_PLANES,
		.scheme = CS_PLAIN,
		.bits = 16},
	    false);
	bench_numbers("plain_3_planes_zstd",
	    (struct block_column){.id = FLOW_OCTETS,
		.packing = CP_PLANES,
		.scheme = CS_PLAIN,
		.bits = 24},
	    true);
	bench_numbers("time_plain_ms_17_bits",
	    (struct block_column){.id = FLOW_START,
		.type = CT_TIME,
		.exponent = 6,
		.scheme = CS_PLAIN,
		.bits = 17},
	    false);
	bench_numbers("time_delta_12_bits",
	    (struct block_column){.id = FLOW_START,
		.type = CT_TIME,
		.scheme = CS_DELTA,
		.bits = 12},
	    false);
	bench_numbers("time_delta_2_planes",
	    (struct block_column){.id = FLOW_START,
		.type = CT_TIME,
		.packing = CP_PLANES,
		.scheme = CS_DELTA,
		.bits = 16},
	    false);
}

static void
bench_relative(void)
{
	const struct block_column c[2] = {{.id = FLOW_START,
					      .parent = COL_NONE,
					      .type = CT_TIME,
					      .exponent = 6,
					      .scheme = CS_PLAIN,
					      .bits = 17},
	    {.id = FLOW_END,
		.parent = FLOW_START,
		.type = CT_TIME,
		.exponent = 6,
		.scheme = CS_RELATIVE,
		.bits = 17}};
	const struct blocks_data d[2] = {{.u = u, .n = ROWS},
	    {.u = u, .n = ROWS}};

	fill(17);
	bench("time_relative_and_its_parent", c, d, 2);
}

static void
bench_dict(void)
{
	const struct block_column c[2] = {{.id = FLOW_SRC_ADDR,
					      .parent = COL_NONE,
					      .type = CT_ADDR,
					      .scheme = CS_DICT,
					      .ndict = 4096,
					      .bits = 12},
	    {.id = FLOW_SRC_AS,
		.parent = FLOW_SRC_ADDR,
		.scheme = CS_DEPEND,
		.ndict = 4096}};
	const struct blocks_data d[2] = {
	    {.u = u, .n = ROWS, .addr = addrs, .effort = DICT_SMALL},
	    {.num = num}};

	fill(12);
	bench("addr_dict_of_4096", c, d, 1);
	bench("depends_and_its_parent", c, d, 2);
}

static void
bench_large_dict(bool squeezed)
{
	const struct block_column c = {.id = FLOW_SRC_ADDR,
	    .parent = COL_NONE,
	    .type = CT_ADDR,
	    .scheme = CS_DICT,
	    .ndict = ROWS,
	    .bits = 16};
	const struct blocks_data d = {.u = u,
	    .n = ROWS,
	    .addr = addrs,
	    .squeezed = squeezed,
	    .effort = squeezed ? DICT_PLANES : DICT_SMALL};

	fill(16);
	bench(squeezed ? "addr_dict_of_65536_zstd" : "addr_dict_of_65536", &c,
	    &d, 1);
}

static void
bench_runs(void)
{
	const struct block_column c = {.id = FLOW_EXPORT_TIME,
	    .parent = COL_NONE,
	    .type = CT_TIME,
	    .scheme = CS_RUNS,
	    .ndict = ROWS / 32,
	    .bits = 6};
	const struct blocks_data d = {.u = u, .n = ROWS / 32, .num = num};
	uint32_t i;

	for (i = 0; i < ROWS / 32; i++)
		u[i] = 32;
	bench("runs_of_32", &c, &d, 1);
}

static void
bench_addr4(const char *name, uint32_t distinct)
{
	const struct block_column c = {.id = FLOW_SRC_ADDR,
	    .parent = COL_NONE,
	    .type = CT_ADDR,
	    .scheme = CS_ADDR4};
	const struct blocks_data d = {.raw = raw, .nraw = sizeof(raw)};
	uint32_t i;

	for (i = 0; i < ROWS; i++)
		memcpy(raw + (size_t)i * 4, addrs[rnd() % distinct].b, 4);
	bench(name, &c, &d, 1);
}

int
main(void)
{
	uint32_t i, at = 0x0a000000;

	for (i = 0; i < ROWS; i++) {
		num[i] = rnd() % 65000;
		at += 1 + (uint32_t)(rnd() % 1000);
		addrs[i].family = ADDR_V4;
		addrs[i].b[0] = (uint8_t)(at >> 24);
		addrs[i].b[1] = (uint8_t)(at >> 16);
		addrs[i].b[2] = (uint8_t)(at >> 8);
		addrs[i].b[3] = (uint8_t)at;
	}
	bench_plain();
	bench_relative();
	bench_dict();
	bench_large_dict(false);
	bench_large_dict(true);
	bench_runs();
	bench_addr4("addr4_of_300", 300);
	bench_addr4("addr4_of_4096", 4096);
	bench_addr4("addr4_of_65536", ROWS);
	return (0);
}
