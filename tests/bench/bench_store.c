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
 * What a record costs: ns to write, read and print one.  The flow is a full
 * record of version 5, as the collector meets most.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format.h"
#include "store.h"

#define ROUNDS 5 /* the best counts */

static struct flow flows[64];
static volatile size_t sink;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts); /* others may run */
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static void
fill(struct flow *f, uint32_t i)
{
	static const enum flow_field v5[] = {FLOW_RECV_TIME, FLOW_AGENT,
	    FLOW_VERSION, FLOW_SEQUENCE, FLOW_EXPORT_TIME, FLOW_SYS_UPTIME,
	    FLOW_ENGINE_TYPE, FLOW_ENGINE_ID, FLOW_START, FLOW_END,
	    FLOW_START_UPTIME, FLOW_END_UPTIME, FLOW_PROTOCOL, FLOW_TCP_FLAGS,
	    FLOW_TOS, FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_NEXT_HOP,
	    FLOW_SRC_PORT, FLOW_DST_PORT, FLOW_PACKETS, FLOW_OCTETS, FLOW_IN_IF,
	    FLOW_OUT_IF, FLOW_SRC_AS, FLOW_DST_AS, FLOW_SRC_MASK,
	    FLOW_DST_MASK};
	size_t b;

	memset(f, 0, sizeof(*f));
	for (b = 0; b < sizeof(v5) / sizeof(v5[0]); b++)
		flow_set(f, v5[b]);
	f->recv_time = 1700000000 * NSEC_PER_SEC + i * 1001;
	f->export_time = 1700000000 * NSEC_PER_SEC;
	f->version = 5;
	f->sys_uptime = 100000000;
	f->start_uptime = f->sys_uptime - i * 100 - 1000;
	f->end_uptime = f->sys_uptime - i;
	f->start =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->start_uptime);
	f->end =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->end_uptime);
	f->sequence = i;
	f->protocol = 6;
	f->tcp_flags = 0x1b;
	addr_parse("192.0.2.1", &f->agent);
	addr_parse("10.1.2.3", &f->src_addr);
	f->src_addr.b[3] = (uint8_t)i;
	addr_parse("198.51.100.177", &f->dst_addr);
	addr_parse("192.0.2.254", &f->next_hop);
	f->src_port = (uint16_t)(1024 + i);
	f->dst_port = 443;
	f->packets = 10 + i;
	f->octets = 1500 * i;
	f->in_if = 3;
	f->out_if = 4;
	f->src_as = 64512;
	f->dst_as = 64513;
	f->src_mask = 24;
	f->dst_mask = 16;
}

static size_t
write_all(uint32_t mask)
{
	static uint8_t buf[64 * STORE_WRITEMAX];
	struct wr wr = wr_init(buf, sizeof(buf));
	size_t i;

	for (i = 0; i < 64; i++)
		store_write(&wr, &flows[i], mask);
	return (sizeof(buf) - wr.left);
}

static size_t
write_plain(void)
{
	return (write_all(STORE_ALL & ~STORE_CRC32));
}

static size_t
write_crc(void)
{
	return (write_all(STORE_ALL));
}

static size_t
write_brief(void)
{
	return (write_all(STORE_BRIEF));
}

static uint8_t log_bytes[64 * STORE_WRITEMAX];
static size_t log_len;

static size_t
read_log(void)
{
	struct rd rd = rd_init(log_bytes, log_len);
	struct store_record rec;
	size_t n = 0;

	while (store_read(&rd, &rec) == STORE_OK)
		n += rec.flow.packets;
	return (n);
}

static char line[FORMAT_MAX];
static struct store_record recs[64];
static struct format_columns all;

static size_t
print_classic(void)
{
	size_t i, n = 0;

	for (i = 0; i < 64; i++)
		n += format_classic(line, sizeof(line), &recs[i], STORE_ALL,
		    true);
	return (n);
}

static size_t
print_brief_local(void)
{
	size_t i, n = 0;

	for (i = 0; i < 64; i++)
		n += format_classic(line, sizeof(line), &recs[i], STORE_BRIEF,
		    false);
	return (n);
}

static size_t
print_json(void)
{
	size_t i, n = 0;

	for (i = 0; i < 64; i++)
		n += format_json(line, sizeof(line), &recs[i].flow, &all);
	return (n);
}

static size_t
print_csv(void)
{
	size_t i, n = 0;

	for (i = 0; i < 64; i++)
		n += format_csv(line, sizeof(line), &recs[i].flow, &all);
	return (n);
}

static void
bench(const char *name, size_t (*fn)(void), unsigned int loops)
{
	double best = 0, t;
	unsigned int r, i;

	for (r = 0; r < ROUNDS; r++) {
		t = now();
		for (i = 0; i < loops; i++)
			sink += fn();
		t = (now() - t) / (loops * 64.0);
		if (r == 0 || t < best)
			best = t;
	}
	printf("%s %.1f ns\n", name, best);
}

static void
bench_resync(const char *name, int byte)
{
	const size_t len = 64 << 20;
	uint8_t *p = malloc(len);
	struct rd rd = rd_init(p, len);
	double t;
	size_t i;

	if (p == NULL)
		return;
	for (i = 0; i < len; i++)
		p[i] = byte >= 0 ? (uint8_t)byte : (uint8_t)(rand() >> 8);
	t = now();
	sink += store_resync(&rd);
	t = now() - t;
	printf("%s %.2f ns/byte\n", name, t / (double)len);
	free(p);
}

int
main(void)
{
	struct wr wr = wr_init(log_bytes, sizeof(log_bytes));
	struct rd rd;
	uint32_t i;

	for (i = 0; i < 64; i++) {
		fill(&flows[i], i);
		store_write(&wr, &flows[i], STORE_ALL);
	}
	log_len = sizeof(log_bytes) - wr.left;
	rd = rd_init(log_bytes, log_len);
	for (i = 0; i < 64; i++)
		if (store_read(&rd, &recs[i]) != STORE_OK)
			return (1);
	format_columns_all(&all);
	bench("store_write", write_plain, 20000);
	bench("store_write_crc", write_crc, 20000);
	bench("store_write_brief", write_brief, 20000);
	bench("store_read_crc", read_log, 20000);
	bench("format_classic_brief", print_brief_local, 2000);
	bench("format_classic_all_utc", print_classic, 2000);
	bench("format_json", print_json, 2000);
	bench("format_csv", print_csv, 2000);
	bench_resync("store_resync_zeros", 0);
	bench_resync("store_resync_0x60", 0x60);
	bench_resync("store_resync_garbage", -1);
	return (0);
}
