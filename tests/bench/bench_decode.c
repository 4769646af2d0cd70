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
 * What a record costs to decode, in nanoseconds: flow by flow, and if records
 * are taken together by somebody who does nothing with them.  The best of
 * several runs, since the machine may have other things to do.
 *
 *	bench_decode [format [together]]
 *
 * With arguments only that, for callgrind.
 */

#include <stdio.h>
#include <time.h>

#include "../unit/wire.h"
#include "decode/packet.h"

#define RUNS 9
#define FLOWS 400000

static struct msg m;
static const char *only;
static bool only_together;

static void
count(void *arg, struct flow *f)
{
	*(uint64_t *)arg += f->octets;
}

static uint32_t
together(void *arg, const struct records *r)
{
	*(uint64_t *)arg += r->first->octets;
	return (r->n);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static double
run(dec_records_fn fn)
{
	struct dec_source src = {
	    .agent = {.family = ADDR_V4, .b = {192, 0, 2, 1}}};
	struct dec_report report;
	struct decoder *d;
	uint64_t sum = 0, flows;
	double t, best = 0;
	int i;

	if ((d = decode_new(NULL, count, &sum)) == NULL)
		abort();
	decode_records(d, fn);
	for (i = 0; i < RUNS; i++) {
		t = now();
		for (flows = 0; flows < FLOWS; flows += report.flows)
			if (decode_packet(d, &src, rd_init(m.b, m.len),
				&report) != DEC_OK ||
			    report.flows == 0)
				abort();
		t = (now() - t) / (double)flows;
		if (best == 0 || t < best)
			best = t;
	}
	if (sum == 0)
		abort();
	decode_free(d);
	return (best);
}

static void
measure(const char *name, const char *unit)
{
	if (only != NULL && strcmp(only, name) != 0)
		return;
	if (!only_together)
		printf("decode_%s_ns_%s %.1f\n", name, unit, run(NULL));
	if (only == NULL || only_together)
		printf("decode_%s_together_ns_%s %.1f\n", name, unit,
		    run(together));
}

static void
v5(void)
{
	int i;

	m.len = 0;
	put(&m, 5, 2);
	put(&m, 30, 2);
	put(&m, 1000, 4);
	put(&m, 1700000000, 4);
	put(&m, 0, 12);
	for (i = 0; i < 30; i++) {
		put(&m, UINT64_C(0x0a0000010a000002), 8);
		put(&m, UINT64_C(0x0a00000300010002), 8);
		put(&m, UINT64_C(0x00000001000005dc), 8);
		put(&m, UINT64_C(0x0000000000000100), 8);
		put(&m, UINT64_C(0x01bb1234001b0600), 8);
		put(&m, UINT64_C(0x0001000218180000), 8);
	}
	measure("v5", "record");
}

static uint64_t
value(uint16_t id, size_t i)
{
	if (id == 152 || id == 153)
		return (UINT64_C(1700000000000) + i);
	return (1500 + i);
}

/* Records of these fields, as many as fit into 1400 bytes, one a string. */
static void
records(uint16_t setid, const uint16_t (*specs)[2], size_t n)
{
	size_t i, begin;

	template_set(&m, setid, 256, specs, n);
	set_begin(&m, 256);
	do {
		begin = m.len;
		for (i = 0; i < n; i++)
			if (specs[i][1] == NF_VARLEN) {
				put(&m, 8, 1);
				put_bytes(&m, "example/", 8);
			} else
				put(&m, value(specs[i][0], i), specs[i][1]);
	} while (m.len + (m.len - begin) <= 1400);
	set_end(&m);
	if (m.b[1] == 10)
		poke16(&m, 2, m.len);
}

/* Ethernet, IPv4 and TCP, as much of a packet as agents send. */
static void
frame(void)
{
	put(&m, UINT64_C(0x0211223344550266), 8);
	put(&m, UINT64_C(0x778899aa08004500), 8);
	put(&m, UINT64_C(0x05dc000140004006), 8);
	put(&m, UINT64_C(0x00000a0000010a00), 8);
	put(&m, UINT64_C(0x0002c00001bb0000), 8);
	put(&m, UINT64_C(0x0001000000025010), 8);
	put(&m, 0, 80);
}

/* As switches send it: the header, and of which VLAN. */
static void
sflow(void)
{
	int i;

	m.len = 0;
	put(&m, 5, 4);
	put(&m, UINT64_C(0x00000001c0000201), 8);
	put(&m, 0, 12);
	put(&m, 6, 4);
	for (i = 0; i < 6; i++) {
		put(&m, UINT64_C(0x00000001000000d0), 8);
		put(&m, UINT64_C(0x0000000100000007), 8);
		put(&m, UINT64_C(0x0000019000001000), 8);
		put(&m, 0, 4);
		put(&m, UINT64_C(0x0000000100000002), 8);
		put(&m, 2, 4);
		put(&m, UINT64_C(0x0000000100000090), 8);
		put(&m, UINT64_C(0x00000001000005ee), 8);
		put(&m, UINT64_C(0x0000000400000080), 8);
		frame();
		put(&m, UINT64_C(0x000003e900000010), 8);
		put(&m, UINT64_C(0x0000006400000000), 8);
		put(&m, UINT64_C(0x0000006400000000), 8);
	}
	measure("sflow", "sample");
}

static void
packets(void)
{
	struct flow f = {0};
	struct packet pkt;
	uint64_t sum = 0;
	double t, best = 0;
	int i, n;

	m.len = 0;
	frame();
	for (i = 0; i < RUNS; i++) {
		t = now();
		for (n = 0; n < FLOWS; n++) {
			packet_decode(PACKET_ETHERNET, rd_init(m.b, m.len),
			    false, &f, &pkt);
			sum += f.src_port + pkt.ip_len;
		}
		t = (now() - t) / FLOWS;
		if (best == 0 || t < best)
			best = t;
	}
	if (sum == 0)
		abort();
	printf("decode_packet_ns_frame %.1f\n", best);
}

int
main(int argc, char **argv)
{
	static const uint16_t v9[][2] = {{8, 4}, {12, 4}, {15, 4}, {10, 4},
	    {14, 4}, {2, 4}, {1, 4}, {22, 4}, {21, 4}, {7, 2}, {11, 2}, {4, 1},
	    {6, 1}, {5, 1}, {16, 4}, {17, 4}, {9, 1}, {13, 1}, {61, 1},
	    {58, 2}};
	static const uint16_t v6[][2] = {{27, 16}, {28, 16}, {10, 4}, {14, 4},
	    {2, 8}, {1, 8}, {152, 8}, {153, 8}, {7, 2}, {11, 2}, {4, 1}, {6, 2},
	    {5, 1}, {96, NF_VARLEN}, {136, 1}};

	static const uint16_t v4[][2] = {{8, 4}, {12, 4}, {15, 4}, {10, 4},
	    {14, 4}, {2, 8}, {1, 8}, {152, 8}, {153, 8}, {7, 2}, {11, 2},
	    {4, 1}, {6, 2}, {5, 1}, {16, 4}, {17, 4}, {9, 1}, {13, 1}};

	only = argc > 1 ? argv[1] : NULL;
	only_together = argc > 2;
	v5();
	v9_begin(&m, 1000, 1700000000, 0, 7);
	records(0, v9, NSPECS(v9));
	measure("v9_20_fields", "record");
	ipfix_begin(&m, 1700000000, 0, 7);
	records(2, v4, NSPECS(v4));
	measure("ipfix_18_fields", "record");
	ipfix_begin(&m, 1700000000, 0, 7);
	records(2, v6, NSPECS(v6));
	measure("ipfix_variable", "record");
	sflow();
	if (only == NULL)
		packets();
	return (0);
}
