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
 * What a flow costs a question's filter, in sealed blocks of 65,536 flows: the
 * columns that it needs decoded, rules asked, rows listed.  ns, the best of
 * several rounds, and the bytes that were read.  One of them: its name, and
 * sealed or packed.
 */

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "archive/pack.h"
#include "conf.h"
#include "query/select.h"

#define ROUNDS 7
#define INSIDE 20000
#define OUTSIDE 100000

static uint64_t seed = 88172645463325252;

static uint64_t
rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed);
}

/* Some hosts speak much more than others. */
static uint32_t
host(uint32_t n)
{
	double u = (double)(rnd() >> 11) / 9007199254740992.0;

	return ((uint32_t)(u * u * u * u * n));
}

static void
set_addr(struct addr *a, uint32_t base, uint32_t n)
{
	uint32_t v = base + n * 5;

	a->family = ADDR_V4;
	a->b[0] = (uint8_t)(v >> 24);
	a->b[1] = (uint8_t)(v >> 16);
	a->b[2] = (uint8_t)(v >> 8);
	a->b[3] = (uint8_t)v;
}

/* As an exporter on a branch's line sees them: both directions, 6 and 17. */
static void
make(struct flow *f, uint32_t i)
{
	static const enum flow_field has[] = {FLOW_RECV_TIME, FLOW_PROTOCOL,
	    FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_SRC_PORT, FLOW_DST_PORT,
	    FLOW_OCTETS, FLOW_PACKETS, FLOW_START, FLOW_END, FLOW_TCP_FLAGS};
	static const uint16_t services[] = {443, 443, 443, 443, 80, 53, 53, 22};
	uint16_t service, other;
	bool answer = rnd() & 1;
	size_t k;

	memset(f, 0, sizeof(*f));
	for (k = 0; k < sizeof(has) / sizeof(has[0]); k++)
		flow_set(f, has[k]);
	service = services[rnd() % 8];
	other = (uint16_t)(32768 + (rnd() & 0x3fff) + (rnd() & 0x1fff));
	f->recv_time =
	    INT64_C(1763722800) * NSEC_PER_SEC + i / 30 * INT64_C(300000);
	f->end = f->recv_time - (int64_t)(rnd() % 1000) * NSEC_PER_MSEC;
	f->start = f->end - (int64_t)(rnd() % 60000) * NSEC_PER_MSEC;
	f->protocol = service == 53 ? 17 : 6;
	f->tcp_flags = service == 53 ? 0 : 0x1b;
	set_addr(answer ? &f->dst_addr : &f->src_addr, 0x0a000000,
	    host(INSIDE));
	set_addr(answer ? &f->src_addr : &f->dst_addr, 0x50000000,
	    host(OUTSIDE));
	f->src_port = answer ? service : other;
	f->dst_port = answer ? other : service;
	f->packets = 1 + rnd() % 40;
	f->octets = f->packets * (40 + rnd() % 1400);
}

static uint8_t *
pack(bool sealed, size_t *len)
{
	struct rows *rows = rows_new(BLOCK_FLOWS, NULL);
	struct batch *b = batch_new();
	struct sealer *sealer = sealer_new(3);
	const uint8_t *small;
	enum block_err e;
	struct flow f;
	uint32_t i;
	uint8_t *p;

	if (rows == NULL || b == NULL || sealer == NULL)
		err(1, NULL);
	for (i = 0; i < BLOCK_FLOWS; i++) {
		make(&f, i);
		if (!rows_add(rows, &f))
			errx(1, "no room for flows");
	}
	if ((p = malloc(pack_bound(rows))) == NULL)
		err(1, NULL);
	if (sealed) {
		batch_set_rows(b, rows);
		if ((small = sealer_pack(sealer, b, len, &e)) == NULL)
			errx(1, "%s", block_strerror(e));
		memcpy(p, small, *len);
	} else
		*len = pack_quick(rows, p, pack_bound(rows));
	sealer_free(sealer);
	batch_free(b);
	rows_free(rows);
	return (p);
}

static struct filter *
parse(const char *text)
{
	const struct conf_input in = {.name = "bench",
	    .text = text,
	    .textlen = strlen(text),
	    .flags = CONF_FILTER_ONLY};
	struct conf *c = conf_parse(&in);
	struct filter *f;

	if (c == NULL)
		errx(1, "the rules do not parse: %.100s", text);
	f = c->filter;
	c->filter = NULL;
	conf_free(c);
	return (f);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static const char *const kinds[] = {"packed", "sealed"};
static uint8_t *blocks[2];
static size_t lengths[2];

static void
measure(const char *name, const char *rules, int sealed, unsigned int times)
{
	struct question q = {.since = INT64_MIN, .until = INT64_MAX};
	struct batch *b = batch_new();
	struct block block;
	struct select *s;
	struct sel sel = {.n = 0};
	double best = 1e18, t;
	unsigned int i, round;
	struct rd rd;

	q.rules = parse(rules);
	if ((s = select_new(&q)) == NULL || b == NULL)
		err(1, NULL);
	for (round = 0; round < ROUNDS; round++) {
		t = now();
		for (i = 0; i < times; i++) {
			rd = rd_init(blocks[sealed], lengths[sealed]);
			if (block_read(&rd, &block) != BLOCK_OK)
				errx(1, "that is no block");
			if (!select_block(s, &block))
				continue;
			batch_set_block(b, &block);
			if (select_rows(s, b, &sel) != BLOCK_OK)
				errx(1, "a column is damaged");
		}
		t = (now() - t) / ((double)times * BLOCK_FLOWS);
		best = t < best ? t : best;
	}
	printf("select_%s_%s %.2f ns/flow\n", name, kinds[sealed], best);
	printf("select_%s_%s_read %.2f bytes/flow\n", name, kinds[sealed],
	    (double)batch_bytes_read(b) / ((double)ROUNDS * times) /
		BLOCK_FLOWS);
	printf("select_%s_%s_rows %u flows\n", name, kinds[sealed],
	    (unsigned int)sel.n);
	select_free(s);
	batch_free(b);
	filter_free(q.rules);
}

/* Rules of a firewall, one behind the other. */
static char *
many(unsigned int n)
{
	unsigned int i;
	char *text;
	size_t len;
	FILE *fp;

	if ((fp = open_memstream(&text, &len)) == NULL)
		err(1, NULL);
	for (i = 0; i < n; i++)
		fprintf(fp, "discard src 10.%u.%u.0/24 dst port %u\n",
		    (unsigned int)(rnd() & 3), (unsigned int)(rnd() & 255),
		    (unsigned int)(rnd() & 0xffff));
	fclose(fp);
	return (text);
}

static char *
table(unsigned int n)
{
	unsigned int i;
	char *text;
	size_t len;
	FILE *fp;

	if ((fp = open_memstream(&text, &len)) == NULL)
		err(1, NULL);
	fputs("table <t> {\n", fp);
	for (i = 0; i < n; i++)
		fprintf(fp, "%u.%u.%u.0/24\n", (unsigned int)(rnd() & 127),
		    (unsigned int)(rnd() & 255), (unsigned int)(rnd() & 255));
	fputs("}\ndiscard src <t>\n", fp);
	fclose(fp);
	return (text);
}

#define ONLY "discard all\naccept "

int
main(int argc, char **argv)
{
	static const struct {
		const char *name, *rules;
	} few[] = {
	    {"net", ONLY "src 10.1.0.0/16\n"},
	    {"port_and_protocol", ONLY "dst port 443 proto 6\n"},
	    {"elsewhere", ONLY "src 192.0.2.0/24\n"},
	    {"octets", ONLY "octets >= 20000\n"},
	    {"duration", ONLY "duration >= 10\n"},
	    {"tagged", "accept tag 1 proto tcp\naccept tag 2 proto udp\n"},
	};
	char *rules = many(1000), *tables = table(10000);
	int sealed;
	size_t i;

	for (sealed = 0; sealed < 2; sealed++)
		blocks[sealed] = pack(sealed == 1, &lengths[sealed]);
	for (sealed = 1; sealed >= 0; sealed--) {
		if (argc > 2 && strcmp(argv[2], kinds[sealed]) != 0)
			continue;
		for (i = 0; i < sizeof(few) / sizeof(few[0]); i++)
			if (argc < 2 || strcmp(argv[1], few[i].name) == 0)
				measure(few[i].name, few[i].rules, sealed, 20);
		if (argc < 2 || strcmp(argv[1], "table_10000") == 0)
			measure("table_10000", tables, sealed, 20);
		if (argc < 2 || strcmp(argv[1], "rules_1000") == 0)
			measure("rules_1000", rules, sealed, 1);
	}
	free(blocks[0]);
	free(blocks[1]);
	free(rules);
	free(tables);
	return (0);
}
