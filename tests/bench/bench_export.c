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
 * What a flow costs from its entry to a message: ns, the best of some rounds.
 * Both directions of it are records, but in a biflow.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flow.h"
#include "meter/export.h"

#define ENTRIES 4096
#define ROUNDS 20
#define BOOT (INT64_C(1700000000) * NSEC_PER_SEC)

struct dest {
	uint64_t octets;
};

static struct entry entries[ENTRIES];
static struct counters counters;

bool
dest_reliable(const struct dest *d)
{
	(void)d;
	return (false);
}

const uint8_t *
dest_oldest(const struct dest *d, size_t *len)
{
	(void)d;
	*len = 0;
	return (NULL);
}

void
dest_put(struct dest *d, const uint8_t *p, size_t len, uint32_t records,
    int64_t now)
{
	(void)p;
	(void)records;
	(void)now;
	d->octets += len;
}

static int64_t
clock_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec);
}

/* Every fourth is IPv6, as in traffic. */
static void
fill(void)
{
	struct entry *e;
	size_t i;
	int s;

	for (i = 0; i < ENTRIES; i++) {
		e = &entries[i];
		e->key.version = i % 4 == 3 ? 6 : 4;
		e->key.protocol = i % 2 == 0 ? 6 : 17;
		e->key.port[0] = (uint16_t)i;
		e->key.port[1] = 443;
		for (s = 0; s < 2; s++) {
			e->key.addr[s][0] = 10;
			e->key.addr[s][3] = (uint8_t)(s + 1);
			e->octets[s] = 100 * (i + 1);
			e->packets[s] = i + 1;
		}
		e->first = BOOT + (int64_t)i * NSEC_PER_MSEC;
		e->last = e->first + NSEC_PER_SEC;
	}
}

static void
run(const char *name, uint16_t version, bool biflow)
{
	const struct export_config c = {.version = version,
	    .biflow = biflow,
	    .track = TRACK_FULL,
	    .template_messages = 16,
	    .template_seconds = 60,
	    .boot = BOOT};
	struct dest dest = {0}, *to = &dest;
	struct export *x = export_new(&c, &to, 1, NULL, &counters);
	int64_t start, took, best = INT64_MAX;
	size_t i, round;

	if (x == NULL)
		err(1, "export_new");
	for (round = 0; round < ROUNDS; round++) {
		start = clock_now();
		for (i = 0; i < ENTRIES; i++)
			export_flow(x, &entries[i], END_UDP,
			    BOOT + 9 * NSEC_PER_SEC);
		took = clock_now() - start;
		if (took < best)
			best = took;
	}
	printf("%s %.1f ns/flow\n", name, (double)best / ENTRIES);
	export_free(x);
}

int
main(void)
{
	fill();
	run("export_v5", 5, false);
	run("export_v9", 9, false);
	run("export_ipfix", 10, false);
	run("export_biflow", 10, true);
	return (0);
}
