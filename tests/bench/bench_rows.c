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
 * What it takes to gather a flow that was received in columns, and to make a
 * block of it: from records as the decoder hands them over, and one by one.
 *
 *	bench_rows.x			ns a flow
 *	bench_rows.x KIND HOW ROUNDS	only that, for who counts instructions:
 *					v5 take 1000, ipfix add 1000
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arcfile.h"
#include "archive/pack.h"
#include "decode/decode.h"
#include "tests/tools/flowload.h"

#define TRIES 15 /* the best counts: others use the machine, too */
#define BLOCKS 24
#define RING 64 /* datagrams that are received at once */
#define SLOT 2048
#define FEW 4 /* of which there are flows, for they are large */

/* The records of each datagram, and their flows. */
struct taken {
	struct records r;
	struct flow first;
	const uint8_t *sent;
	size_t len;
};

static struct taken *taken;
static uint32_t ntaken;
static uint8_t ring[RING][SLOT];
static struct flow flow[FEW][30];
static struct rows *rows;
static uint8_t *block;
static size_t room;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static void
one(void *arg, struct flow *f)
{
	(void)arg;
	(void)f;
	abort();
}

static uint32_t
all(void *arg, const struct records *r)
{
	struct taken *t = &taken[++ntaken - 1];
	uint32_t i;

	(void)arg;
	t->r = *r;
	t->first = *r->first;
	t->r.first = &t->first;
	t->sent = r->p;
	t->len = r->n * r->len;
	for (i = 0; i < r->n; i++)
		records_flow(r, i, &flow[ntaken % FEW][i]);
	return (r->n);
}

/* Forms are the decoder's, so it stays. */
static void
receive(const char *kind)
{
	static struct load l;
	struct dec_source from = {.agent = {ADDR_V4, {192, 0, 2, 1}}};
	struct decoder *d = decode_new(NULL, one, NULL);
	struct dec_report report;
	uint8_t *p;
	uint32_t i;
	size_t len;

	l = (struct load){.seed = 1};
	ntaken = 0;
	if (d == NULL || !load_make(&l, kind) ||
	    (p = calloc(LOAD_BODIES, SLOT)) == NULL)
		abort();
	decode_records(d, all);
	for (i = 0; i < LOAD_BODIES; i++, p += SLOT) {
		from.recv_time = (int64_t)l.now.tv_sec * NSEC_PER_SEC + i;
		load_header(&l, p, i == 0, i * l.step);
		len = l.nheader;
		if (i == 0)
			memcpy(p + len, l.templates, l.ntemplates);
		len += i == 0 ? l.ntemplates : 0;
		memcpy(p + len, load_body(&l, i), l.nbody);
		if (decode_packet(d, &from, rd_init(p, len + l.nbody),
			&report) != DEC_OK)
			abort();
	}
	if (ntaken != LOAD_BODIES)
		abort();
}

static uint32_t
take(uint32_t i)
{
	return (rows_take(rows, &taken[i].r));
}

static uint32_t
add(uint32_t i)
{
	uint32_t k;

	for (k = 0; k < taken[i].r.n; k++)
		if (!rows_add(rows, &flow[i % FEW][k]))
			break;
	return (k);
}

/* The kernel has just put them there. */
static void
arrive(uint32_t i)
{
	uint32_t k;

	for (k = 0; k < RING; k++, i++) {
		memcpy(ring[k], taken[i].sent, taken[i].len);
		taken[i].r.p = ring[k];
	}
}

struct cost {
	double gather;
	double pack;
	double bytes;
};

/* A datagram after the other, as far as there is room. */
static void
fill(uint32_t (*how)(uint32_t), struct cost *c, uint32_t *next)
{
	double t;
	bool fits = true;

	while (fits) {
		if (*next % RING == 0)
			arrive(*next % LOAD_BODIES);
		t = now();
		do
			fits = how(*next % LOAD_BODIES) ==
			    taken[*next % LOAD_BODIES].r.n;
		while (fits && ++*next % RING != 0);
		c->gather += now() - t;
	}
}

/* Some blocks; what a flow took. */
static struct cost
run(uint32_t (*how)(uint32_t), unsigned int blocks)
{
	struct cost c = {0, 0, 0};
	double flows = 0, t;
	uint32_t next = 0;

	while (blocks-- > 0) {
		fill(how, &c, &next);
		flows += rows_count(rows);
		t = now();
		c.bytes += (double)pack_quick(rows, block, room);
		rows_clear(rows);
		c.pack += now() - t;
	}
	return (
	    (struct cost){c.gather / flows, c.pack / flows, c.bytes / flows});
}

static void
bench(const char *kind, const char *name, uint32_t (*how)(uint32_t))
{
	struct cost best = run(how, 2), c;
	unsigned int i;

	for (i = 0; i < TRIES; i++) {
		c = run(how, BLOCKS);
		best.gather = c.gather < best.gather ? c.gather : best.gather;
		best.pack = c.pack < best.pack ? c.pack : best.pack;
	}
	printf("rows_%s_%s %.2f ns\n", name, kind, best.gather);
	printf("rows_%s_%s_pack %.2f ns, %.2f bytes\n", name, kind, best.pack,
	    c.bytes);
}

int
main(int argc, char **argv)
{
	static const char *const kinds[] = {"v5", "v9", "ipfix"};
	size_t i;

	rows = rows_new(ARCFILE_FLOWS, NULL);
	room = ARCFILE_FLOWS * 400;
	taken = calloc(LOAD_BODIES, sizeof(*taken));
	block = calloc(1, room);
	if (rows == NULL || taken == NULL || block == NULL)
		abort();
	if (argc == 4) {
		receive(argv[1]);
		(void)run(strcmp(argv[2], "add") == 0 ? add : take,
		    (unsigned int)strtoul(argv[3], NULL, 10));
		return (0);
	}
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		receive(kinds[i]);
		bench(kinds[i], "take", take);
		bench(kinds[i], "add", add);
	}
	return (0);
}
