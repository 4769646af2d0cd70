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
 * What a frame costs to observe, in nanoseconds: the best of several runs.
 * bench_observe NAME N: only that, N frames, for valgrind to count
 * instructions: those of 1000 taken off those of 11000.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../unit/wire.h"
#include "meter/observe.h"

#define RUNS 9
#define FRAMES 400000
#define FLOWS 256

static struct msg m;
static uint8_t frames[FLOWS][128];
static uint64_t sum;

static void
tags(const uint16_t *types)
{
	put(&m, UINT64_C(0x021122334455), 6);
	put(&m, UINT64_C(0x0266778899aa), 6);
	for (; *types != 0; types++) {
		put(&m, *types, 2);
		if (types[1] != 0)
			put(&m, *types == 0x8847 ? 0x641ff : 100,
			    *types == 0x8847 ? 4 : 2);
	}
}

static void
transport(uint8_t protocol)
{
	put(&m, UINT64_C(0xc00001bb00000001), 8);
	put(&m, UINT64_C(0x0000000250180400), 8);
	put(&m, protocol, 4);
}

static void
ipv4(uint8_t protocol, uint16_t fragment)
{
	put(&m, UINT64_C(0x4500004000010000), 8);
	poke16(&m, m.len - 2, fragment);
	put(&m, 0x40000000 | (uint32_t)protocol << 16, 4);
	put(&m, UINT64_C(0x0a000001c0000201), 8);
	transport(protocol);
}

static void
ipv6(uint8_t protocol)
{
	put(&m, UINT64_C(0x6000000000140040), 8);
	m.b[m.len - 2] = protocol;
	put(&m, UINT64_C(0x20010db800000000), 8);
	put(&m, 1, 8);
	put(&m, UINT64_C(0x20010db800010000), 8);
	put(&m, 2, 8);
	transport(protocol);
}

static const struct {
	const char *name;
	uint16_t types[4];
	uint8_t protocol;
	uint16_t fragment;
	bool walk; /* packet_walk alone */
} kinds[] = {
    {"ipv4_tcp", {0x0800}, 6, 0x4000, false},
    {"ipv4_udp", {0x0800}, 17, 0, false},
    {"ipv6_tcp", {0x86dd}, 6, 0, false},
    {"ipv6_udp", {0x86dd}, 17, 0, false},
    {"ipv4_icmp", {0x0800}, 1, 0, false},
    {"ipv4_fragment", {0x0800}, 17, 0x0100, false},
    {"vlan_ipv4_tcp", {0x8100, 0x0800}, 6, 0, false},
    {"qinq_ipv6_tcp", {0x88a8, 0x8100, 0x86dd}, 6, 0, false},
    {"mpls_ipv4_tcp", {0x8847, 0x0800}, 6, 0, false},
    {"walk_ipv4_tcp", {0x0800}, 6, 0x4000, true},
    {"walk_ipv6_udp", {0x86dd}, 17, 0, true},
    {"walk_vlan_ipv4_tcp", {0x8100, 0x0800}, 6, 0, true},
};

static uint16_t
last(const uint16_t *types)
{
	while (types[1] != 0)
		types++;
	return (*types);
}

static void
make(size_t kind)
{
	size_t i;

	for (i = 0; i < FLOWS; i++) {
		m.len = 0;
		tags(kinds[kind].types);
		/* A label has no type behind it. */
		if (kinds[kind].types[0] == 0x8847)
			m.len -= 2;
		if (last(kinds[kind].types) == 0x0800)
			ipv4(kinds[kind].protocol, kinds[kind].fragment);
		else
			ipv6(kinds[kind].protocol);
		m.b[m.len - 17] ^= (uint8_t)i; /* a port */
		memcpy(frames[i], m.b, m.len);
	}
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static void
walk(uint32_t n)
{
	struct packet pkt;
	uint32_t i;

	for (i = 0; i < n; i++) {
		packet_walk(PACKET_ETHERNET, rd_init(frames[i % FLOWS], m.len),
		    false, &pkt);
		sum += pkt.ip_len;
	}
}

static void
observe_all(struct observer *o, uint32_t n)
{
	struct observed ob;
	struct frame frame = {.caplen = (uint32_t)m.len, .len = 1500};
	uint32_t i;

	for (i = 0; i < n; i++) {
		frame.data = frames[i % FLOWS];
		frame.time = i;
		if (observe(o, &frame, &ob) == SEEN_IP)
			sum += ob.octets + ob.hash;
	}
}

static void
run(struct observer *o, size_t kind, uint32_t n)
{
	if (kinds[kind].walk)
		walk(n);
	else
		observe_all(o, n);
}

int
main(int argc, char **argv)
{
	static const uint8_t secret[32] = {1};
	struct observe_config config = {.link = PACKET_ETHERNET,
	    .track = TRACK_FULL,
	    .ipv6 = true};
	struct flowtab *table = flowtab_new(1000, false, secret);
	struct observer *o = observer_new(&config, table);
	double t, best;
	size_t i;
	int n;

	if (table == NULL || o == NULL)
		return (1);
	for (i = 0; i < NSPECS(kinds); i++) {
		make(i);
		if (argc == 3) {
			if (strcmp(argv[1], kinds[i].name) == 0)
				run(o, i, (uint32_t)strtoul(argv[2], NULL, 10));
			continue;
		}
		for (n = 0, best = 0; n < RUNS; n++) {
			t = now();
			run(o, i, FRAMES);
			t = (now() - t) / FRAMES;
			if (best == 0 || t < best)
				best = t;
		}
		printf("observe_%s_ns %.1f\n", kinds[i].name, best);
	}
	observer_free(o);
	flowtab_free(table);
	return (sum == 0);
}
