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
 * The table of flows and the wheel of their ends, against an array: programs
 * of operations, three bytes each, with clocks that do as they like.
 */

#include "check.h"
#include "meter/expire.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define KEYS 8192
#define SECOND INT64_C(1000000000)

struct game {
	struct flowtab *table;
	struct expire *expire;
	bool more;   /* hashes are chosen, and collide */
	int64_t now; /* of the next packet */
	uint32_t max;
	uint32_t count;
	uint32_t number[KEYS]; /* of the entry of each key, or 0 */
};

static struct flow_key
key_of(const struct game *g, uint32_t n)
{
	struct flow_key k = {.protocol = n % 3 == 0 ? 6 : 17, .version = 4};

	/* Where the hash tells them apart, keys may be the same. */
	if (g->more)
		n /= 8;
	memcpy(k.addr[0], &n, sizeof(n));
	k.protocol = n % 3 == 0 ? 6 : 17;
	return (k);
}

static uint64_t
hash_of(const struct game *g, const struct flow_key *k, uint32_t n)
{
	if (g->more)
		return ((uint64_t)(n % 5) << 61 | (uint64_t)(n % 64) << 32 | n);
	return (flowtab_hash(g->table, k, 0));
}

static struct entry *
find(const struct game *g, uint32_t n)
{
	struct flow_key k = key_of(g, n);
	uint64_t hash = hash_of(g, &k, n);
	struct entry *e;

	flowtab_prefetch(g->table, hash);
	e = flowtab_find(g->table, &k, hash,
	    n % 2 == 0 ? flowtab_prefetch_entry(g->table, hash) : n);
	REQUIRE((e == NULL ? 0 : flowtab_number(g->table, e)) == g->number[n]);
	return (e);
}

/* flow_label is the number of the key: no other way back to it. */
static void
ended(void *arg, struct entry *e, enum end_reason why)
{
	struct game *g = arg;
	uint32_t n = e->flow_label[0];

	REQUIRE((e->bits & ENTRY_LIVE) != 0 && e->reason == why);
	REQUIRE(g->number[n] == flowtab_number(g->table, e));
	if (why == END_ACTIVE)
		return;
	g->number[n] = 0;
	g->count--;
}

/* As account.c does it. */
static void
packet(struct game *g, uint32_t n)
{
	struct flow_key k = key_of(g, n);
	struct entry *e = find(g, n);

	if (e != NULL && expire_check(g->expire, e, g->now))
		e = NULL;
	if (e != NULL) {
		if (e->last < g->now)
			e->last = g->now;
		return;
	}
	e = flowtab_add(g->table, &k, hash_of(g, &k, n));
	REQUIRE((e == NULL) == (g->count == g->max));
	if (e == NULL) {
		expire_victim(g->expire);
		REQUIRE(g->count == g->max - 1);
		e = flowtab_add(g->table, &k, hash_of(g, &k, n));
		REQUIRE(e != NULL);
	}
	REQUIRE(e->last == 0 && e->bits == ENTRY_LIVE);
	e->first = e->last = g->now;
	e->flow_label[0] = n;
	expire_add(g->expire, e);
	g->number[n] = flowtab_number(g->table, e);
	g->count++;
}

static void
packets(struct game *g, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < 256; i++)
		packet(g, (n + i) % KEYS);
}

static void
rst(struct game *g, uint32_t n)
{
	struct entry *e = find(g, n);

	if (e == NULL)
		return;
	e->bits |= ENTRY_RST;
	expire_hasten(g->expire, e);
}

static void
step(struct game *g, uint32_t n)
{
	static const int64_t units[4] = {SECOND / 100, SECOND, 100 * SECOND,
	    -SECOND};

	g->now = (int64_t)((uint64_t)g->now + (uint64_t)units[n % 4] * (n / 4));
}

static void
jump(struct game *g, uint32_t n)
{
	g->now = (int64_t)((uint64_t)n << 48 | n);
}

static void
run(struct game *g, uint32_t n)
{
	uint32_t before = g->count;
	bool more = expire_run(g->expire, g->now, n);
	int64_t next = expire_next(g->expire);

	REQUIRE(before - g->count <= n);
	if (g->count == 0)
		REQUIRE(next == INT64_MAX);
	else if (more)
		REQUIRE(next <= g->now);
}

static void
all(struct game *g, uint32_t n)
{
	uint32_t before = g->count;

	if (n % 256 != 0)
		return;
	REQUIRE(expire_all(g->expire, END_FLUSHED) == before);
	REQUIRE(g->count == 0);
}

static void
walk(struct game *g, uint32_t n)
{
	uint32_t number = 0, live = 0;
	struct entry *e;

	(void)n;
	while ((e = flowtab_next(g->table, number)) != NULL) {
		REQUIRE(flowtab_number(g->table, e) > number);
		number = flowtab_number(g->table, e);
		REQUIRE(g->number[e->flow_label[0]] == number);
		live++;
	}
	REQUIRE(live == g->count && live == flowtab_count(g->table));
}

static void (*const ops[8])(struct game *, uint32_t) = {packet, packets, rst,
    step, jump, run, all, walk};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t secret[32];
	static struct game g;
	uint32_t steps = 0;

	if (size < 4 || size > 1000)
		return (0);
	memset(&g, 0, sizeof(g));
	g.more = data[0] & 1;
	g.max = (uint32_t)data[0] * 32 + 1;
	g.table = flowtab_new(g.max, g.more, secret);
	g.expire = expire_new(g.table,
	    &(const struct timeouts){.tcp = 3600,
		.tcp_rst = data[1],
		.udp = 30,
		.general = 600,
		.maxlife = data[2] * 60U,
		.expint = data[3] / 4,
		.active = data[3] % 4},
	    ended, &g);
	REQUIRE(g.table != NULL && g.expire != NULL);
	for (data += 4, size -= 4; size >= 3; data += 3, size -= 3)
		if (data[0] % 8 != 1 || ++steps < 64)
			ops[data[0] % 8](&g,
			    ((uint32_t)data[1] << 8 | data[2]) %
				(data[0] % 8 < 3 ? KEYS : 65536));
	walk(&g, 0);
	expire_free(g.expire);
	flowtab_free(g.table);
	return (0);
}
