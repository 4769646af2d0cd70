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
 * A block with a column of every scheme, and the flows that it is to give.
 */

#ifndef SCHEMES_H
#define SCHEMES_H

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

static struct block b; /* what was opened last */
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
static inline void
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
static inline struct block_column
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

static inline void
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

static inline void
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

static inline void
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

static inline void
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
static inline void
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

static inline void
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

static inline void
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

static inline void
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

static inline void
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

static inline void
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

static inline void
put_const(struct blocks *m, unsigned int id)
{
	const struct blocks_data none = {0};
	struct block_column c = entry(id, CS_CONST);

	c.base = v[0];
	blocks_column(m, c, &none);
}

static inline size_t
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

static inline enum block_err
open_block(const uint8_t *p, size_t len)
{
	struct rd rd = rd_init(p, len);

	return (block_read(&rd, &b));
}

/* NULL, or what is not as it went in. */
static inline const char *
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

#endif /* SCHEMES_H */
