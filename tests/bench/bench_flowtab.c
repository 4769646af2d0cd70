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
 * What a packet costs in the table of flows, in nanoseconds, by how many are
 * open: the best of some runs.  Packets come from all flows in turn at random,
 * which no cache likes; then what a new flow and its end cost, and its bytes.
 * bench_flowtab FLOWS N: only N packets, for valgrind to count instructions:
 * those of 1000 taken off those of 101000.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "meter/account.h"

#define RUNS 5
#define PACKETS 4000000

static const uint8_t secret[32] = {1};
static const struct timeouts timeouts = {.tcp = 3600,
    .tcp_rst = 120,
    .tcp_fin = 300,
    .udp = 300,
    .icmp = 300,
    .general = 3600,
    .maxlife = 604800};

static struct flowtab *table;
static struct expire *expire;
static struct account *account;
static struct counters counters;
static uint64_t sum;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static void
ended(void *arg, struct entry *e, enum end_reason why)
{
	(void)arg;
	counters_expired(&counters, e, why);
	sum += e->octets[0];
}

static void
packet(uint32_t n, int64_t time)
{
	struct observed *o = account_place(account);

	o->key = (struct flow_key){.protocol = 17, .version = 4};
	memcpy(o->key.addr[0], &n, sizeof(n));
	memcpy(o->key.port, "\0\65\3\50", 4);
	o->hash = flowtab_hash(table, &o->key, 0);
	o->time = time;
	o->octets = 100;
	o->flow_label = 0;
	o->tcp_flags = o->vlan = 0;
	o->side = n & 1;
	o->tos = o->ttl = 0;
	o->fragment = o->no_ports = o->wants_data = false;
	account_added(account);
}

static double
packets(uint32_t flows, uint32_t n)
{
	static uint64_t r = 1;
	double t = now();
	uint32_t i;

	for (i = 0; i < n; i++) {
		r = r * UINT64_C(6364136223846793005) + 1442695040888963407;
		packet((uint32_t)(((r >> 32) * flows) >> 32), 1000 + i);
	}
	account_flush(account);
	return ((now() - t) / n);
}

static double
fill(uint32_t flows)
{
	double t = now();
	uint32_t i;

	for (i = 0; i < flows; i++)
		packet(i, 1000);
	account_flush(account);
	return ((now() - t) / flows);
}

static void
begin(uint32_t flows)
{
	const struct account_config config = {.extra = false};

	table = flowtab_new(flows, false, secret);
	expire = expire_new(table, &timeouts, ended, NULL);
	account = account_new(&config, table, expire, NULL, &counters);
	if (table == NULL || expire == NULL || account == NULL)
		abort();
}

static void
end(void)
{
	account_free(account);
	expire_free(expire);
	flowtab_free(table);
}

static void
measure(const char *name, uint32_t flows)
{
	double t, best = 0, added, gone;
	int i;

	begin(flows);
	added = fill(flows);
	for (i = 0; i < RUNS; i++) {
		t = packets(flows, PACKETS);
		if (best == 0 || t < best)
			best = t;
	}
	printf("flowtab_%s_packet_ns %.1f\n", name, best);
	printf("flowtab_%s_new_ns %.1f\n", name, added);
	printf("flowtab_%s_bytes %.1f\n", name,
	    (double)flowtab_bytes(table) / flows);
	gone = now();
	expire_all(expire, END_FLUSHED);
	printf("flowtab_%s_end_ns %.1f\n", name, (now() - gone) / flows);
	end();
	/* The table is full all the time: a victim for each. */
	begin(flows / 10);
	fill(flows / 10);
	t = now();
	for (i = 0; i < (int)flows; i++)
		packet(flows + (uint32_t)i, 2000 + i);
	account_flush(account);
	printf("flowtab_%s_flood_ns %.1f\n", name, (now() - t) / flows);
	end();
}

int
main(int argc, char **argv)
{
	uint32_t flows;

	if (argc == 3) {
		flows = (uint32_t)strtoul(argv[1], NULL, 10);
		begin(flows);
		fill(flows);
		packets(flows, (uint32_t)strtoul(argv[2], NULL, 10));
		return (0);
	}
	measure("10k", 10000);
	measure("100k", 100000);
	measure("500k", 500000);
	measure("1m", 1000000);
	return (sum == 0);
}
