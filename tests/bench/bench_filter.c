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
 * What a flow costs in the filter: ns, the best of several rounds.
 */

#include <netinet/in.h>

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf.h"

#define FLOWS 512
#define ROUNDS 60

static uint64_t seed = 1;

static uint32_t
rnd(void)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return ((uint32_t)(seed >> 32));
}

static void
flow_random(struct flow *f, uint8_t family)
{
	static const enum flow_field has[] = {FLOW_RECV_TIME, FLOW_PROTOCOL,
	    FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_SRC_PORT, FLOW_DST_PORT};
	uint32_t r[4];
	size_t i;

	memset(f, 0, sizeof(*f));
	for (i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		flow_set(f, has[i]);
	f->recv_time = INT64_C(1700000000) * NSEC_PER_SEC;
	f->protocol = IPPROTO_TCP;
	f->src_port = (uint16_t)rnd();
	f->dst_port = (uint16_t)rnd();
	for (i = 0; i < 4; i++)
		r[i] = rnd();
	f->src_addr.family = f->dst_addr.family = family;
	memcpy(f->src_addr.b, r, family == ADDR_V4 ? 4 : 16);
	memcpy(f->dst_addr.b, r, family == ADDR_V4 ? 4 : 16);
	if (family == ADDR_V6) {
		f->src_addr.b[0] = 0x20 | (r[0] & 0x0f);
		f->src_addr.b[1] = (uint8_t)(r[1] & 0x1f);
	}
}

static struct filter *
parse(char *text, size_t len)
{
	const struct conf_input in = {.name = "bench",
	    .text = text,
	    .textlen = len,
	    .flags = CONF_FILTER_ONLY};
	struct conf *c = conf_parse(&in);
	struct filter *f;

	if (c == NULL)
		errx(1, "the rules do not parse: %.100s", text);
	f = c->filter;
	c->filter = NULL;
	conf_free(c);
	free(text);
	return (f);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static void
measure(const char *name, struct filter *filter, uint8_t family)
{
	struct flow *f;
	double best = 1e18, t;
	uint64_t accepted = 0, asked = 0;
	size_t i, n, times = filter_count(filter) > 100 ? 1 : 20;
	int round;

	if ((f = calloc(FLOWS, sizeof(*f))) == NULL)
		err(1, NULL);
	for (i = 0; i < FLOWS; i++)
		flow_random(&f[i], family);
	for (round = 0; round < ROUNDS; round++) {
		t = now();
		for (n = 0; n < times; n++)
			for (i = 0; i < FLOWS; i++)
				accepted += filter_match(filter, &f[i]) ==
				    FILTER_ACCEPT;
		t = (now() - t) / (double)(times * FLOWS);
		best = t < best ? t : best;
		asked += times * FLOWS;
	}
	printf("%s %.1f ns/flow\n", name, best);
	if (accepted > asked)
		errx(1, "more flows accepted than asked about");
	free(f);
	filter_free(filter);
}

static void
bench_prefixes(unsigned int n, uint8_t family)
{
	char *text, name[64];
	unsigned int i;
	size_t len;
	FILE *fp;

	if ((fp = open_memstream(&text, &len)) == NULL)
		err(1, NULL);
	fputs("table <t> {\n", fp);
	for (i = 0; i < n; i++)
		if (family == ADDR_V4)
			fprintf(fp, "%u.%u.%u.0/24\n", rnd() & 255, rnd() & 255,
			    rnd() & 255);
		else
			fprintf(fp, "%x:%x:%x::/48\n", 0x2000 | (rnd() & 0xf1f),
			    rnd() & 0xffff, rnd() & 0xffff);
	fputs("}\ndiscard src <t>\n", fp);
	fclose(fp);
	snprintf(name, sizeof(name), "filter_table_%u_%s", n,
	    family == ADDR_V4 ? "inet" : "inet6");
	measure(name, parse(text, len), family);
}

static void
bench_ports(unsigned int n)
{
	char *text, name[64];
	unsigned int i;
	size_t len;
	FILE *fp;

	if ((fp = open_memstream(&text, &len)) == NULL)
		err(1, NULL);
	fputs("discard dst port {", fp);
	for (i = 0; i < n; i++)
		fprintf(fp, " %u", rnd() & 0xffff);
	fputs(" }\n", fp);
	fclose(fp);
	snprintf(name, sizeof(name), "filter_ports_%u", n);
	measure(name, parse(text, len), ADDR_V4);
}

static void
bench_rules(unsigned int n, const char *head)
{
	char *text, name[64];
	unsigned int i;
	size_t len;
	FILE *fp;

	if ((fp = open_memstream(&text, &len)) == NULL)
		err(1, NULL);
	fprintf(fp, "%s", head);
	for (i = 0; i < n; i++)
		fprintf(fp, "discard src %u.%u.%u.0/24 dst port %u\n",
		    rnd() & 255, rnd() & 255, rnd() & 255, rnd() & 0xffff);
	fclose(fp);
	snprintf(name, sizeof(name), "filter_rules_%u%s", n,
	    head[0] == '\0' ? "" : "_quick_first");
	measure(name, parse(text, len), ADDR_V4);
}

int
main(void)
{
	static const unsigned int prefixes[] = {1, 100, 10000, 100000};
	size_t i;

	measure("filter_no_rules", parse(strdup("\n"), 1), ADDR_V4);
	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		bench_prefixes(prefixes[i], ADDR_V4);
		bench_prefixes(prefixes[i], ADDR_V6);
	}
	bench_ports(1);
	bench_ports(5000);
	bench_rules(1, "");
	bench_rules(1000, "");
	bench_rules(1000, "accept quick src any\n");
	return (0);
}
