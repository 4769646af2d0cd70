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
 * What printing a flow costs: CPU ns, with decoding of its columns, and the
 * bytes of its line.  Flows of version 5, of 100,000 hosts of which few are
 * met often, in full blocks as the collector writes them.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "archive/pack.h"
#include "archive/rows.h"
#include "query/print.h"
#include "query/summary.h"

#define ROUNDS 60 /* the best counts */
#define HOSTS 100000

static uint64_t seed = 1;
static struct block block;
static struct batch *batch;
static uint64_t written;
static const char *only; /* the measure of that name */

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts); /* others may run */
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static uint32_t
rnd(void)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return ((uint32_t)(seed >> 32));
}

/* Zipf's law: each power of two is as likely as the next. */
static uint32_t
rank(void)
{
	uint32_t power = 1U << rnd() % 17;

	return ((power + rnd() % power) % HOSTS);
}

static void
host(struct addr *a)
{
	uint32_t h = rank() * 2654435761U;

	*a = (struct addr){.family = ADDR_V4,
	    .b = {(uint8_t)(h >> 24), (uint8_t)(h >> 16), (uint8_t)(h >> 8),
		(uint8_t)h}};
}

static void
fill(struct flow *f, uint32_t i)
{
	static const uint16_t services[] = {443, 443, 443, 80, 53, 53, 123, 22,
	    8080, 25};
	static const enum flow_field v5[] = {FLOW_RECV_TIME, FLOW_AGENT,
	    FLOW_VERSION, FLOW_SEQUENCE, FLOW_EXPORT_TIME, FLOW_SYS_UPTIME,
	    FLOW_ENGINE_TYPE, FLOW_ENGINE_ID, FLOW_START, FLOW_END,
	    FLOW_START_UPTIME, FLOW_END_UPTIME, FLOW_PROTOCOL, FLOW_TCP_FLAGS,
	    FLOW_TOS, FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_NEXT_HOP,
	    FLOW_SRC_PORT, FLOW_DST_PORT, FLOW_PACKETS, FLOW_OCTETS, FLOW_IN_IF,
	    FLOW_OUT_IF, FLOW_SRC_AS, FLOW_DST_AS, FLOW_SRC_MASK,
	    FLOW_DST_MASK};
	uint32_t packet = i / 30;
	size_t b;

	memset(f, 0, sizeof(*f));
	for (b = 0; b < sizeof(v5) / sizeof(v5[0]); b++)
		flow_set(f, v5[b]);
	f->recv_time = 1795255200 * NSEC_PER_SEC + packet * INT64_C(300123);
	f->export_time = f->recv_time / NSEC_PER_MSEC * NSEC_PER_MSEC;
	f->version = 5;
	f->sys_uptime = 100000000 + packet / 3;
	f->end_uptime = f->sys_uptime - rnd() % 15000;
	f->start_uptime = f->end_uptime - rnd() % (1U << rnd() % 17);
	f->start =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->start_uptime);
	f->end =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->end_uptime);
	f->sequence = i - i % 30;
	f->protocol = rnd() % 4 == 0 ? 17 : 6;
	f->tcp_flags = f->protocol == 6 ? 0x1b : 0;
	f->agent = (struct addr){.family = ADDR_V4, .b = {192, 0, 2, 1}};
	f->next_hop = (struct addr){.family = ADDR_V4, .b = {192, 0, 2, 254}};
	host(&f->src_addr);
	host(&f->dst_addr);
	f->src_port = (uint16_t)(1024 + rnd() % 64000);
	f->dst_port = services[rnd() % 10];
	f->packets = 1 + rnd() % (1U << rnd() % 10);
	f->octets = f->packets * (40 + rnd() % 1400);
	f->in_if = 1 + rnd() % 8;
	f->out_if = 1 + rnd() % 8;
	f->src_as = 64512 + f->src_addr.b[0];
	f->dst_as = 64512 + f->dst_addr.b[0];
	f->src_mask = 16 + f->src_addr.b[1] % 9;
	f->dst_mask = 16 + f->dst_addr.b[1] % 9;
}

static const char *
count(void *arg, const char *p, size_t len)
{
	(void)arg;
	(void)p;
	written += len;
	return (NULL);
}

/* ns of all flows of the block, once. */
static double
once(struct consumer *c, struct outbuf *out)
{
	const struct sel sel = {.n = block.flows, .row = NULL};
	void *w = c->begin(c->arg);
	const char *error;
	double best = 0, t;
	int i;

	for (i = 0; i < ROUNDS && w != NULL; i++) {
		out->len = 0;
		t = now();
		batch_set_block(batch, &block);
		if ((error = c->take(w, batch, &sel, out)) != NULL) {
			fprintf(stderr, "bench_print: %s\n", error);
			exit(1);
		}
		t = now() - t;
		if (i == 0 || t < best)
			best = t;
	}
	c->merge(c->arg, w);
	return (best);
}

static void
listing(const char *name, enum print_format format, const char *columns)
{
	struct print p = {.format = format, .human = true, .utc = false};
	struct outbuf out = {0};
	struct consumer *c;
	double ns;
	char bad[64];

	if (only != NULL && strcmp(only, name) != 0)
		return;
	if (columns != NULL)
		print_columns(&p, columns, bad);
	else if (format == PRINT_TABLE)
		print_columns_table(&p);
	else
		print_columns_all(&p);
	c = print_consumer(&p, count, NULL);
	ns = once(c, &out);
	printf("print_%s %.1f ns\n", name, ns / block.flows);
	printf("print_%s_bytes %.1f bytes\n", name,
	    (double)out.len / block.flows);
	c->free(c);
	outbuf_clear(&out);
}

static void
stats(void)
{
	const struct sheet_style style = {SHEET_CSV, false, true, false};
	struct sheet *sheet = sheet_new(&style, count, NULL);
	struct consumer *c = summary_consumer(NULL, sheet);
	struct outbuf out = {0};

	if (only == NULL || strcmp(only, "stats") == 0)
		printf("stats %.1f ns\n", once(c, &out) / block.flows);
	c->free(c);
	sheet_free(sheet);
}

int
main(int argc, char **argv)
{
	struct rows *rows = rows_new(BLOCK_FLOWS, NULL);
	static struct flow f;
	uint8_t *bytes;
	struct rd rd;
	uint32_t i;
	size_t n;

	if (argc > 1)
		only = argv[1];
	for (i = 0; i < BLOCK_FLOWS; i++) {
		fill(&f, i);
		rows_add(rows, &f);
	}
	n = pack_bound(rows);
	if ((bytes = malloc(n)) == NULL || (batch = batch_new()) == NULL)
		return (1);
	n = pack_quick(rows, bytes, n);
	rd = rd_init(bytes, n);
	if (block_read(&rd, &block) != BLOCK_OK)
		return (1);
	listing("table", PRINT_TABLE, NULL);
	listing("csv", PRINT_CSV,
	    "start,end,duration,src_addr,dst_addr,src_port,dst_port,protocol,"
	    "tcp_flags,tos,packets,octets,in_if,out_if,src_as,dst_as,src_mask,"
	    "dst_mask,next_hop,agent");
	listing("ndjson", PRINT_NDJSON,
	    "start,end,duration,src_addr,dst_addr,src_port,dst_port,protocol,"
	    "tcp_flags,tos,packets,octets,in_if,out_if,src_as,dst_as,src_mask,"
	    "dst_mask,next_hop,agent");
	listing("csv_all", PRINT_CSV, NULL);
	listing("ndjson_all", PRINT_NDJSON, NULL);
	listing("text", PRINT_TEXT,
	    "start,protocol,src_addr,src_port,dst_addr,dst_port,packets,"
	    "octets");
	stats();
	free(bytes);
	batch_free(batch);
	rows_free(rows);
	return (0);
}
