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
 * What a flow costs in the filter: ns of CPU, the best of many rounds; and what
 * it takes to make one.  "filter_rules_0" is what the asking costs, with a flow
 * that is in the second cache.  A word says which to measure.
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
#define ROUNDS 300
#define NEVER UINT32_MAX

static const char *only = "";

/* The same for the same, like no other: what rule j asks for. */
static uint32_t
hash(uint32_t j, uint32_t what)
{
	uint64_t h = ((uint64_t)what << 32 | j) + 1;

	h *= UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return ((uint32_t)(h >> 32));
}

static void
flow_init(struct flow *f)
{
	static const enum flow_field has[] = {FLOW_RECV_TIME, FLOW_PROTOCOL,
	    FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_SRC_PORT, FLOW_DST_PORT,
	    FLOW_AGENT, FLOW_TCP_FLAGS, FLOW_IN_IF, FLOW_OUT_IF, FLOW_SRC_AS,
	    FLOW_DST_AS, FLOW_PACKETS, FLOW_OCTETS};
	size_t i;

	memset(f, 0, sizeof(*f));
	for (i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		flow_set(f, has[i]);
	f->recv_time = INT64_C(1700000000) * NSEC_PER_SEC;
}

static void
addr_put(struct addr *a, uint8_t family, uint32_t v, uint32_t host)
{
	memset(a, 0, sizeof(*a));
	a->family = family;
	a->b[0] = (uint8_t)(family == ADDR_V4 ? v >> 24 : 0x20);
	a->b[1] = (uint8_t)(v >> 16);
	a->b[2] = (uint8_t)(v >> 8);
	if (family == ADDR_V6) {
		a->b[3] = (uint8_t)v;
		a->b[4] = (uint8_t)(v >> 24);
	}
	a->b[family == ADDR_V4 ? 3 : 15] = (uint8_t)host;
}

/* 16.0.0.0 to 31.255.255.0: what rules are about; nobody else is there. */
static uint32_t
net(uint32_t j, uint32_t what)
{
	return (0x10000000 | (hash(j, what) & 0x0fffff00));
}

/* A flow that rule j matches; NEVER: one that none does. */
static void
flow_of(struct flow *f, uint32_t j, uint32_t i)
{
	uint32_t salt = j == NEVER ? i + 1000000 : j;

	flow_init(f);
	addr_put(&f->src_addr, ADDR_V4, net(salt, 0), 1);
	addr_put(&f->dst_addr, ADDR_V4, net(salt, 1), 1);
	addr_put(&f->agent, ADDR_V4, 0x0a000000, hash(j, 2) % 20);
	if (j == NEVER)
		f->src_addr.b[0] = f->dst_addr.b[0] = (uint8_t)(64 + i % 128);
	f->protocol = j % 8 == 2 ? IPPROTO_UDP : IPPROTO_TCP;
	f->src_port = (uint16_t)hash(i, 3);
	f->dst_port = (uint16_t)hash(salt, 4);
	f->in_if = hash(salt, 5) % 1000 + (j == NEVER ? 1000 : 0);
	f->src_as = hash(salt, 6) % 60000 + (j == NEVER ? 60000 : 0);
	f->tcp_flags = 0x02;
}

static void
put_net(FILE *fp, const char *word, uint32_t v, unsigned int len)
{
	fprintf(fp, " %s %u.%u.%u.%u/%u", word, v >> 24, v >> 16 & 255,
	    v >> 8 & 255, len == 32, len);
}

/* Kinds as operators have them; each with a narrow clause. */
static void
put_rule(FILE *fp, uint32_t j)
{
	uint32_t src = net(j, 0), dst = net(j, 1), port = hash(j, 4) & 0xffff;

	fputs(j % 3 == 0 ? "accept tag 7" : "discard", fp);
	switch (j % 8) {
	case 0:
	case 1:
		put_net(fp, "src", src, 24);
		fprintf(fp, " dst port %u", port);
		break;
	case 2:
		put_net(fp, "dst", dst, 24);
		fprintf(fp, " port %u:%u proto udp", port & 0xfff0, port | 15);
		break;
	case 3:
		fprintf(fp, " src_as %u proto tcp", hash(j, 6) % 60000);
		break;
	case 4:
		put_net(fp, "src ! ", dst, 24);
		fprintf(fp, " in_if %u agent 10.0.0.%u", hash(j, 5) % 1000,
		    hash(j, 2) % 20);
		break;
	case 5:
		put_net(fp, "src", src, 32);
		put_net(fp, "dst", dst, 24);
		break;
	case 6:
		put_net(fp, "dst", dst, 32);
		fputs(" tcp_flags mask 0x12 equals 0x02", fp);
		break;
	default:
		put_net(fp, "dst", dst, 24);
		fputs(" port ! 0 after 00:00 before 23:59:59", fp);
		break;
	}
	fputc('\n', fp);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

/* Takes the text.  Says what it took to parse and to make it ready. */
static struct filter *
parse(char *text, size_t len, const char *name)
{
	const struct conf_input in = {.name = "bench",
	    .text = text,
	    .textlen = len,
	    .flags = CONF_FILTER_ONLY};
	double t = now();
	struct conf *c = conf_parse(&in);
	struct filter *f;

	if (c == NULL)
		errx(1, "the rules do not parse: %.100s", text);
	if (name != NULL)
		printf("%s_load %.1f ms\n", name, (now() - t) / 1e6);
	f = c->filter;
	c->filter = NULL;
	conf_free(c);
	free(text);
	return (f);
}

static void
measure(const char *name, struct filter *filter, const struct flow *flows)
{
	double best = 1e18, t;
	uint64_t accepted = 0, asked = 0;
	struct flow *f;
	size_t i, n;
	int round;

	if (strstr(name, only) == NULL)
		return;
	if ((f = calloc(FLOWS, sizeof(*f))) == NULL)
		err(1, NULL);
	memcpy(f, flows, FLOWS * sizeof(*f));
	for (round = 0; round < ROUNDS; round++) {
		t = now();
		for (n = 0; n < 4; n++)
			for (i = 0; i < FLOWS; i++)
				accepted += filter_match(filter, &f[i]) ==
				    FILTER_ACCEPT;
		t = (now() - t) / (double)(4 * FLOWS);
		best = t < best ? t : best;
		asked += 4 * FLOWS;
	}
	printf("%s %.1f ns/flow\n", name, best);
	if (accepted > asked)
		errx(1, "more flows accepted than asked about");
	free(f);
}

static void
bench_rules(uint32_t n)
{
	static struct flow flows[FLOWS];
	static const char *const words[] = {"never", "late", "early", "mixed"};
	char *text, name[64];
	struct filter *f;
	uint32_t i, j, how;
	size_t len;
	FILE *fp;

	snprintf(name, sizeof(name), "filter_rules_%u", n);
	if (strstr(name, only) == NULL && strstr(only, name) == NULL)
		return;
	if ((fp = open_memstream(&text, &len)) == NULL)
		err(1, NULL);
	for (i = 0; i < n; i++)
		put_rule(fp, i);
	fputc('\n', fp);
	fclose(fp);
	f = parse(text, len, n == 10000 ? name : NULL);
	for (how = 0; how < 4; how++) {
		for (i = 0; i < FLOWS; i++) {
			j = how == 1	 ? hash(i, 7) % 8
			    : how == 2	 ? n - 1 - hash(i, 7) % 8
			    : i % 2 == 0 ? hash(i, 7) % (n | 1)
					 : NEVER;
			flow_of(&flows[i], how == 0 ? NEVER : j, i);
		}
		snprintf(name, sizeof(name), "filter_rules_%u_%s", n,
		    words[how]);
		measure(name, f, flows);
	}
	filter_free(f);
}

static void
bench_table(uint32_t n, uint8_t family)
{
	static struct flow flows[FLOWS];
	const char *word = family == ADDR_V4 ? "inet" : "inet6";
	char *text, name[64], buf[ADDR_STRLEN];
	struct filter *f;
	struct addr a;
	size_t len;
	uint32_t i;
	FILE *fp;

	snprintf(name, sizeof(name), "filter_table_%u_%s", n, word);
	if (strstr(name, only) == NULL)
		return;
	if ((fp = open_memstream(&text, &len)) == NULL)
		err(1, NULL);
	fputs("table <t> {\n", fp);
	for (i = 0; i < n; i++) {
		addr_put(&a, family, hash(i, 0) & 0xffffff00, 0);
		fprintf(fp, "%s/%u\n", addr_format(&a, buf),
		    family == ADDR_V4 ? 24 : 40);
	}
	fputs("}\ndiscard src <t>\n", fp);
	fclose(fp);
	f = parse(text, len, n >= 100000 ? name : NULL);
	for (i = 0; i < FLOWS; i++) {
		flow_init(&flows[i]);
		addr_put(&flows[i].src_addr, family,
		    i % 2 ? hash(i, 1) : hash(hash(i, 2) % n, 0), i);
	}
	measure(name, f, flows);
	/* As flows are: some nets are in many. */
	for (i = 0; i < FLOWS; i++)
		addr_put(&flows[i].src_addr, family,
		    hash(hash(i, 1) % 16, 0) + (i % 3) * 256, i);
	snprintf(name, sizeof(name), "filter_table_%u_%s_near", n, word);
	measure(name, f, flows);
	filter_free(f);
}

static void
bench_ports(uint32_t n)
{
	static struct flow flows[FLOWS];
	char *text, name[64];
	struct filter *f;
	uint32_t i;
	size_t len;
	FILE *fp;

	if ((fp = open_memstream(&text, &len)) == NULL)
		err(1, NULL);
	fputs("discard dst port {", fp);
	for (i = 0; i < n; i++)
		fprintf(fp, " %u", hash(i, 0) & 0xffff);
	fputs(" }\n", fp);
	fclose(fp);
	f = parse(text, len, NULL);
	for (i = 0; i < FLOWS; i++)
		flow_of(&flows[i], NEVER, i);
	snprintf(name, sizeof(name), "filter_ports_%u", n);
	measure(name, f, flows);
	filter_free(f);
}

int
main(int argc, char **argv)
{
	static const uint32_t rules[] = {1, 5, 10, 20, 100, 1000, 10000};
	static const uint32_t prefixes[] = {1, 100, 10000, 100000, 1000000};
	static struct flow flows[FLOWS];
	struct filter *f;
	size_t i;

	if (argc > 1)
		only = argv[1];
	for (i = 0; i < FLOWS; i++)
		flow_of(&flows[i], NEVER, (uint32_t)i);
	f = parse(strdup("\n"), 1, NULL);
	measure("filter_rules_0", f, flows);
	filter_free(f);
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		bench_rules(rules[i]);
	bench_ports(1);
	bench_ports(5000);
	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		bench_table(prefixes[i], ADDR_V4);
		bench_table(prefixes[i], ADDR_V6);
	}
	return (0);
}
