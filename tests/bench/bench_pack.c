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
 * What it takes to make a block of flows that were received: of all columns,
 * and of each alone, in a block of as many flows as the collector writes.
 *
 *	bench_pack.x			ns and bytes a flow
 *	bench_pack.x KIND ROUNDS	only that, for who counts instructions
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arcfile.h"
#include "archive/pack.h"
#include "archive/rows-state.h"
#include "compat/crc.h"
#include "field.h"
#include "flow.h"

#define FLOWS ARCFILE_FLOWS
#define DATAGRAM 30
#define LOOPS 8
#define TRIES 15 /* the best counts: others use the machine, too */
#define WRITES 64
#define T0 (INT64_C(1700000000) * NSEC_PER_SEC)
#define BOOT 7654321 /* ms that the exporter was up */

static struct flow flow[FLOWS];
static uint8_t *block;
static size_t room;

static uint64_t
rnd(void)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (x);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static struct addr
address(uint32_t v)
{
	const struct addr a = {.family = ADDR_V4,
	    .b = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
		(uint8_t)v}};

	return (a);
}

/* Few hosts have most of the flows. */
static uint32_t
host(uint32_t net, uint32_t hosts)
{
	uint64_t x = rnd();
	uint32_t rank = (uint32_t)(x % hosts >> (x >> 32) % 17);

	return (net == 0 ? rank * UINT32_C(0x9e3779b1) | 0x01000000
			 : net | (rank * UINT32_C(0x9e3779b1) >> 14));
}

/* Ports, counters and so on; the half of them is the answer to another. */
static void
what_went(struct flow *f)
{
	static const uint16_t ports[] = {443, 443, 443, 443, 443, 53, 53, 53,
	    80, 80, 8080, 22, 25, 993, 123, 3478};
	const uint64_t x = rnd(), y = rnd();
	const bool back = x & 1, tcp = x % 100 < 71;
	const uint16_t port = ports[x >> 8 & 15];
	const uint16_t high = (uint16_t)(32768 + (x >> 16) % 24000);
	const uint32_t client = host(0x0a000000, 30000),
		       server = host(0, 70000);

	f->protocol = tcp ? 6 : 17;
	f->tcp_flags = tcp ? (uint8_t)(0x1b ^ (x >> 40 & 1)) : 0;
	f->tos = (y & 31) == 0 ? 0xb8 : (y & 31) < 4 ? 0x28 : 0;
	f->src_port = back ? port : high;
	f->dst_port = back ? high : port;
	f->src_addr = address(back ? server : client);
	f->dst_addr = address(back ? client : server);
	f->packets = 1 + (y >> 8 & 7);
	if ((y >> 11 & 7) == 0)
		f->packets = y >> 16 & ((2 << (y >> 32 & 15)) - 1);
	f->octets = f->packets * (40 + (y >> 40 & 1023));
	f->in_if = back ? 1 + (y >> 50 & 3) : 10 + (y >> 50 & 31);
	f->out_if = back ? 10 + (y >> 55 & 31) : 1 + (y >> 55 & 3);
	f->next_hop = address(0xc0000201 + (f->out_if & 7));
	f->src_as = back ? server >> 16 : 64512;
	f->dst_as = back ? 64512 : server >> 16;
	f->src_mask = back ? 12 + server % 13 : 24;
	f->dst_mask = back ? 24 : 12 + server % 13;
}

static void
when(struct flow *f, uint32_t i, bool uptimes)
{
	const uint64_t x = rnd();
	const uint32_t at = i / DATAGRAM * DATAGRAM / 20; /* ms */
	uint32_t ago = x & 1023, took = x >> 10 & 0xffff;

	if ((x >> 32 & 1) != 0)
		took = took < 0x8000 ? took & 1023 : took;
	if (f->packets == 1)
		took = 0;
	f->recv_time = T0 + at * NSEC_PER_MSEC + rnd() % 1000 * 0 + 123456;
	f->export_time = T0 + at * NSEC_PER_MSEC;
	f->sequence = i / DATAGRAM * DATAGRAM;
	f->sys_uptime = BOOT + at;
	f->end_uptime = f->sys_uptime - ago;
	f->start_uptime = f->end_uptime - took;
	f->end = f->export_time - ago * NSEC_PER_MSEC;
	f->start = f->end - took * NSEC_PER_MSEC;
	f->clock = uptimes ? CLOCK_UPTIME : CLOCK_ABSOLUTE;
	f->sampling = SAMPLING_NONE;
}

static void
fill(const char *kind)
{
	static const enum flow_field all[] = {FLOW_RECV_TIME, FLOW_AGENT,
	    FLOW_VERSION, FLOW_SOURCE_ID, FLOW_SEQUENCE, FLOW_EXPORT_TIME,
	    FLOW_START, FLOW_END, FLOW_PROTOCOL, FLOW_TCP_FLAGS, FLOW_TOS,
	    FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_NEXT_HOP, FLOW_SRC_PORT,
	    FLOW_DST_PORT, FLOW_PACKETS, FLOW_OCTETS, FLOW_IN_IF, FLOW_OUT_IF,
	    FLOW_SRC_AS, FLOW_DST_AS, FLOW_SRC_MASK, FLOW_DST_MASK};
	static const enum flow_field up[] = {FLOW_SYS_UPTIME, FLOW_START_UPTIME,
	    FLOW_END_UPTIME};
	const bool uptimes = strcmp(kind, "ipfix") != 0;
	uint32_t i;
	size_t k;

	for (i = 0; i < FLOWS; i++) {
		memset(&flow[i], 0, sizeof(flow[i]));
		for (k = 0; k < sizeof(all) / sizeof(all[0]); k++)
			flow_set(&flow[i], all[k]);
		for (k = 0; k < 3 && uptimes; k++)
			flow_set(&flow[i], up[k]);
		flow[i].version = uptimes ? 5 : 10;
		flow[i].agent = address(0x7f000001);
		what_went(&flow[i]);
		when(&flow[i], i, uptimes);
	}
}

static struct rows *
gather(const struct flow_set *keep)
{
	struct rows *r = rows_new(FLOWS, keep);
	uint32_t i;

	if (r == NULL)
		abort();
	for (i = 0; i < FLOWS; i++)
		if (!rows_add(r, &flow[i]))
			abort();
	free(block);
	room = pack_bound(r);
	if ((block = malloc(room)) == NULL)
		abort();
	return (r);
}

static double
time_pack(const struct rows *r, size_t *len)
{
	double best = 0, t;
	unsigned int k, i;

	for (k = 0; k < TRIES; k++) {
		t = now();
		for (i = 0; i < LOOPS; i++)
			if ((*len = pack_quick(r, block, room)) == 0)
				abort();
		t = (now() - t) / (LOOPS * FLOWS);
		best = k == 0 || t < best ? t : best;
	}
	return (best);
}

static double
time_crc(size_t len)
{
	double best = 0, t;
	unsigned int k, i;
	volatile uint32_t crc = 0;

	for (k = 0; k < TRIES; k++) {
		t = now();
		for (i = 0; i < LOOPS; i++)
			crc = crc_update(crc, block, len);
		t = (now() - t) / (LOOPS * FLOWS);
		best = k == 0 || t < best ? t : best;
	}
	return (best);
}

/* Into fresh pages, as a segment that grows. */
static double
time_write(size_t len)
{
	char name[] = "bench_pack.XXXXXX";
	const int fd = mkstemp(name);
	double best = 0, t;
	unsigned int k, i;

	if (fd == -1)
		abort();
	for (k = 0; k < TRIES; k++) {
		t = now();
		for (i = 0; i < WRITES; i++)
			if (write(fd, block, len) != (ssize_t)len)
				abort();
		t = (now() - t) / (WRITES * FLOWS);
		best = k == 0 || t < best ? t : best;
		if (ftruncate(fd, 0) == -1 || lseek(fd, 0, SEEK_SET) == -1)
			abort();
	}
	(void)close(fd);
	(void)unlink(name);
	return (best);
}

static void
set(struct flow_set *s, unsigned int id)
{
	s->w[id / 64] |= UINT64_C(1) << id % 64;
}

/* A column, with those that it may go by. */
static double
alone(unsigned int id, size_t *len)
{
	struct flow_set keep = {{0}};
	struct rows *r;
	double ns;

	if (id < FLOW_NFIELDS)
		set(&keep, id);
	if (id == FLOW_START || id == FLOW_END || id == FLOW_START_UPTIME ||
	    id == FLOW_END_UPTIME) {
		set(&keep, FLOW_EXPORT_TIME);
		set(&keep, FLOW_SYS_UPTIME);
		set(&keep, FLOW_START_UPTIME);
		set(&keep, FLOW_END_UPTIME);
		set(&keep, FLOW_START);
		set(&keep, FLOW_END);
	}
	r = gather(&keep);
	ns = time_pack(r, len);
	rows_free(r);
	return (ns);
}

static void
each_column(const char *kind)
{
	size_t none, len;
	double ns, base = alone(FLOW_NFIELDS, &none);
	unsigned int id;

	printf("pack_%s_header %.2f ns, %.2f bytes\n", kind, base,
	    (double)none / FLOWS);
	for (id = 0; id < FLOW_NFIELDS; id++) {
		if (!flow_has(&flow[0], (enum flow_field)id) ||
		    id == FLOW_END || id == FLOW_START_UPTIME ||
		    id == FLOW_END_UPTIME)
			continue;
		ns = alone(id, &len);
		printf("pack_%s_%s %.2f ns, %.2f bytes\n", kind,
		    id == FLOW_START ? "times" : fields[id].name, ns - base,
		    (double)(len - none) / FLOWS);
	}
}

static void
bench(const char *kind)
{
	struct rows *r;
	size_t len;
	double ns;

	fill(kind);
	r = gather(NULL);
	ns = time_pack(r, &len);
	printf("pack_%s %.2f ns, %.2f bytes\n", kind, ns, (double)len / FLOWS);
	printf("pack_%s_crc %.2f ns\n", kind, time_crc(len));
	printf("pack_%s_write %.2f ns\n", kind, time_write(len));
	rows_free(r);
	each_column(kind);
}

int
main(int argc, char **argv)
{
	static const char *const kinds[] = {"v5", "ipfix"};
	struct rows *r;
	long n;
	size_t i;

	if (argc == 3) {
		fill(argv[1]);
		r = gather(NULL);
		for (n = strtol(argv[2], NULL, 10); n > 0; n--)
			if (pack_quick(r, block, room) == 0)
				abort();
		rows_free(r);
		return (0);
	}
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		bench(kinds[i]);
	return (0);
}
