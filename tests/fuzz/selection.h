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
 * Flows and rules by chance, and whether columns answer as flows do one by one:
 * the same rows, the same tags, the same counts.
 */

#ifndef FUZZ_SELECTION_H
#define FUZZ_SELECTION_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "archive/batch.h"
#include "archive/pack.h"
#include "archive/rows.h"
#include "conf.h"
#include "query/select.h"

#define SELECTION_FLOWS 1500

/* What an input says; the rest goes by the seed. */
struct selection {
	uint64_t seed;
	const char *rules;   /* or NULL */
	const char *clauses; /* or NULL */
};

static uint64_t
chance(struct selection *s)
{
	uint64_t x = s->seed;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	s->seed = x;
	return (x * UINT64_C(0x2545f4914f6cdd1d) >> 20);
}

static uint32_t
upto(struct selection *s, uint32_t n)
{
	return ((uint32_t)(chance(s) % n));
}

#define DIE(...)                              \
	do {                                  \
		fprintf(stderr, __VA_ARGS__); \
		abort();                      \
	} while (0)

/* Fields that clauses ask for, and some beside. */
static const enum flow_field chosen[] = {FLOW_TAG, FLOW_RECV_TIME, FLOW_AGENT,
    FLOW_START, FLOW_END, FLOW_PROTOCOL, FLOW_TCP_FLAGS, FLOW_TOS,
    FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_NEXT_HOP, FLOW_SRC_PORT, FLOW_DST_PORT,
    FLOW_PACKETS, FLOW_OCTETS, FLOW_SAMPLING_RATE, FLOW_IN_IF, FLOW_FLOW_ID,
    FLOW_USER_NAME, FLOW_IN_SRC_MAC};
#define CHOSEN (sizeof(chosen) / sizeof(chosen[0]))

/* How the flows of an input are. */
struct kind {
	uint32_t n;
	uint32_t shapes;
	uint32_t shape[4];	 /* a bit for each of the chosen */
	uint32_t values[CHOSEN]; /* how many different ones */
	uint32_t step;		 /* seconds between two flows, about */
};

/* 10.0.0.0 to 10.3.2.47, and IPv6. */
static struct addr
some_addr(uint32_t i)
{
	static const uint8_t net6[] = {0x20, 0x01, 0x0d, 0xb8};
	struct addr a;

	memset(&a, 0, sizeof(a));
	if (i % 5 == 4) {
		a.family = ADDR_V6;
		memcpy(a.b, net6, sizeof(net6));
		a.b[5] = (uint8_t)(i % 3);
		a.b[15] = (uint8_t)i;
	} else {
		a.family = ADDR_V4;
		a.b[0] = 10;
		a.b[1] = (uint8_t)(i % 4);
		a.b[2] = (uint8_t)(i / 256 % 3);
		a.b[3] = (uint8_t)i;
	}
	return (a);
}

#define BASE INT64_C(1763722800)

static void
some_text(struct flow_text *t, uint32_t i)
{
	static const char texts[] = "anna bert carl";

	t->p = texts + i % 3 * 5;
	t->len = i % 7 == 0 ? 0 : 4;
}

static void
some_times(struct flow *f, const struct kind *k, uint32_t i, uint64_t r)
{
	f->recv_time =
	    (BASE + (int64_t)i * k->step) * NSEC_PER_SEC + (int64_t)(r % 5) - 2;
	f->start = f->recv_time - (int64_t)(r % 40) * NSEC_PER_SEC / 3;
	f->end = f->start + ((int64_t)(r / 40 % 50) - 3) * NSEC_PER_SEC / 2;
	if (k->step == 0)
		f->start = f->end = BASE * NSEC_PER_SEC;
}

static void
some_numbers(struct flow *f, const uint32_t *v)
{
	static const uint8_t protocols[] = {6, 17, 1, 132, 58, 0, 47};
	static const uint16_t ports[] = {80, 443, 53, 22, 0, 1024, 65535};

	f->tag = v[0] % 5;
	f->agent = some_addr(v[2] % 7);
	f->protocol = protocols[v[5] % 7];
	f->tcp_flags = (uint16_t)(v[6] * 37 & 0x1ff);
	f->tos = (uint8_t)(v[7] * 8);
	f->src_addr = some_addr(v[8]);
	f->dst_addr = some_addr(v[9] + 3);
	f->next_hop = some_addr(v[10] % 9);
	f->src_port = ports[v[11] % 7];
	f->dst_port = (uint16_t)(v[12] < 7 ? ports[v[12]] : v[12] * 31);
	f->packets = 1 + v[13];
	f->octets = v[14] % 11 == 0 ? UINT64_MAX / 3 : (uint64_t)v[14] * 99;
	f->sampling_rate = v[15] % 4 * 10;
	f->in_if = v[16] * 70001;
	f->flow_id = v[17] * UINT64_C(0x123456789ab);
	some_text(&f->user_name, v[18]);
	f->in_src_mac[5] = (uint8_t)v[19];
}

/* What is absent is zero, and none. */
static void
clear_absent(struct flow *f)
{
	size_t i;

	if (flow_has(f, FLOW_SRC_PREFIX))
		flow_set(f, FLOW_SRC_ADDR);
	if (flow_has(f, FLOW_DST_PREFIX))
		flow_set(f, FLOW_DST_ADDR);
	for (i = 0; i < FLOW_NFIELDS; i++)
		if (!flow_has(f, fields[i].bit) &&
		    fields[i].bit != FLOW_SRC_PREFIX &&
		    fields[i].bit != FLOW_DST_PREFIX)
			memset(field_ptr(f, &fields[i]), 0,
			    field_size(fields[i].type));
	if (flow_has(f, FLOW_SRC_PREFIX))
		flow_unset(f, FLOW_SRC_ADDR);
	if (flow_has(f, FLOW_DST_PREFIX))
		flow_unset(f, FLOW_DST_ADDR);
}

static void
some_flow(struct selection *s, const struct kind *k, uint32_t i, struct flow *f)
{
	uint32_t shape = k->shape[upto(s, k->shapes)], v[CHOSEN];
	size_t j;

	memset(f, 0, sizeof(*f));
	for (j = 0; j < CHOSEN; j++) {
		v[j] = upto(s, k->values[j]);
		if (shape >> j & 1)
			flow_set(f, chosen[j]);
	}
	some_times(f, k, i, chance(s));
	some_numbers(f, v);
	/* Summed up by prefixes. */
	if (shape >> 28 & 1 && flow_has(f, FLOW_SRC_ADDR))
		flow_set(f, FLOW_SRC_PREFIX);
	if (shape >> 29 & 1 && flow_has(f, FLOW_DST_ADDR))
		flow_set(f, FLOW_DST_PREFIX);
	clear_absent(f);
}

static struct kind
some_kind(struct selection *s)
{
	static const uint32_t sizes[] = {10, 64, 200, SELECTION_FLOWS};
	static const uint32_t steps[] = {0, 1, 1, 60, 7200};
	static const uint32_t values[] = {1, 2, 7, 40, 1000};
	struct kind k = {.n = 1 + upto(s, sizes[upto(s, 4)])};
	size_t i;

	k.shapes = 1 + upto(s, 4);
	for (i = 0; i < k.shapes; i++) {
		k.shape[i] = (uint32_t)chance(s) | (uint32_t)chance(s);
		if (upto(s, 3) == 0)
			k.shape[i] = UINT32_MAX;
		if (upto(s, 3) != 0)
			k.shape[i] &= 0x0fffffff;
	}
	for (i = 0; i < CHOSEN; i++)
		k.values[i] = values[upto(s, 5)];
	k.step = steps[upto(s, 5)];
	return (k);
}

/* A number that flows have, one beside it, or a range. */
static void
put_number(struct selection *s, FILE *fp, uint32_t n, uint32_t times)
{
	uint32_t v = upto(s, n) * times + upto(s, 2);

	if (upto(s, 3) == 0)
		fprintf(fp, "%u:%u ", v, v + upto(s, n) * times);
	else if (upto(s, 6) == 0)
		fprintf(fp, "%s %u ", upto(s, 2) ? ">=" : "<", v + 1);
	else
		fprintf(fp, "%u ", v);
}

static void
put_numbers(struct selection *s, FILE *fp, uint32_t n, uint32_t times)
{
	uint32_t i, members = upto(s, 4) == 0 ? 2 + upto(s, 6) : 1;

	fputs(upto(s, 4) == 0 ? "! " : "", fp);
	fputs(members > 1 ? "{ " : "", fp);
	for (i = 0; i < members; i++)
		put_number(s, fp, n, times);
	fputs(members > 1 ? "} " : "", fp);
}

static void
put_prefix(struct selection *s, FILE *fp)
{
	static const uint8_t lengths[] = {8, 15, 16, 24, 32};
	uint32_t i = upto(s, 400);
	struct addr a = some_addr(i);
	char text[PREFIX_STRLEN];
	struct prefix p = {.addr = a};
	unsigned int bit, len = lengths[upto(s, 5)];

	if (a.family == ADDR_V6)
		len *= 4;
	for (bit = len; bit < addr_bits(&a); bit++)
		p.addr.b[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	p.len = (uint8_t)len;
	fprintf(fp, "%s ", prefix_format(&p, text));
}

static void
put_addrs(struct selection *s, FILE *fp)
{
	uint32_t i, members = upto(s, 3) == 0 ? 2 + upto(s, 5) : 1;

	fputs(upto(s, 4) == 0 ? "! " : "", fp);
	if (upto(s, 8) == 0) {
		fputs("<t> ", fp);
		return;
	}
	fputs(members > 1 ? "{ " : "", fp);
	for (i = 0; i < members; i++) {
		if (members > 1 && upto(s, 4) == 0)
			fputs("! ", fp);
		if (members > 1 && upto(s, 6) == 0)
			fputs("<u> ", fp);
		else
			put_prefix(s, fp);
	}
	fputs(members > 1 ? "} " : "", fp);
}

/* A clause: its word, and one of the texts, or numbers, or addresses. */
struct some_clause {
	const char *word;
	void (*put)(struct selection *, FILE *, const struct some_clause *);
	uint32_t n, times; /* of numbers */
	const char *texts[8];
};

static void
put_numbers_of(struct selection *s, FILE *fp, const struct some_clause *c)
{
	put_numbers(s, fp, c->n, c->times);
}

static void
put_addrs_of(struct selection *s, FILE *fp, const struct some_clause *c)
{
	(void)c;
	put_addrs(s, fp);
}

static void
put_text_of(struct selection *s, FILE *fp, const struct some_clause *c)
{
	fprintf(fp, "%s ", c->texts[upto(s, 8)]);
}

static void
put_masked(struct selection *s, FILE *fp, const struct some_clause *c)
{
	uint32_t mask = upto(s, 512);

	(void)c;
	fprintf(fp, "mask 0x%02x %s equals 0x%02x ", mask,
	    upto(s, 4) == 0 ? "!" : "", mask & upto(s, 512));
}

static void
put_time(struct selection *s, FILE *fp, const struct some_clause *c)
{
	uint32_t after = upto(s, 22);

	(void)c;
	if (upto(s, 2) == 0)
		fprintf(fp, "after %02u:%02u ", after, upto(s, 60));
	if (upto(s, 2) == 0)
		fprintf(fp, "before %02u:59:%02u ", after + 1, upto(s, 60));
}

static void
put_date(struct selection *s, FILE *fp, const struct some_clause *c)
{
	(void)c;
	if (upto(s, 2) == 0)
		fprintf(fp, "after date 20251121%02u%02u%02u ", 11 + upto(s, 3),
		    upto(s, 60), upto(s, 60));
	if (upto(s, 2) == 0)
		fprintf(fp, "before date 2025112%u%02u%02u ", 1 + upto(s, 2),
		    14 + upto(s, 3), upto(s, 60));
}

/* clang-format off */
static const struct some_clause some_clauses_of[] = {
	{ "src", put_addrs_of, 0, 0, { NULL } },
	{ "dst", put_addrs_of, 0, 0, { NULL } },
	{ "agent", put_addrs_of, 0, 0, { NULL } },
	{ "src_prefix", put_addrs_of, 0, 0, { NULL } },
	{ "src port", put_numbers_of, 1100, 1, { NULL } },
	{ "dst port", put_text_of, 0, 0, { "443", "! 443", "{ 80 443 53 22 }",
	    "! { 80 443 53 22 31:1000 }", ">= 0", "> 1000", "0", "! 0" } },
	{ "proto", put_text_of, 0, 0, { "tcp", "udp", "{ tcp udp }", "! tcp",
	    "icmp", "tcp", "0", "! 0" } },
	{ "tos", put_numbers_of, 40, 8, { NULL } },
	{ "tcp_flags", put_numbers_of, 8, 37, { NULL } },
	{ "tcp_flags", put_masked, 0, 0, { NULL } },
	{ "", put_text_of, 0, 0, { "inet", "inet6", "! inet", "! inet6",
	    "inet", "inet6", "! inet", "! inet6" } },
	{ "duration", put_numbers_of, 25, 1, { NULL } },
	{ "days", put_text_of, 0, 0, { "sat", "sun-tue", "fri", "mon,wed",
	    "sat-sun", "thu", "fri-sat", "tue" } },
	{ "", put_time, 0, 0, { NULL } },
	{ "", put_date, 0, 0, { NULL } },
	{ "octets", put_numbers_of, 100, 99, { NULL } },
	{ "packets", put_numbers_of, 40, 1, { NULL } },
	{ "in_if", put_numbers_of, 40, 70001, { NULL } },
	{ "user_name", put_text_of, 0, 0, { "anna", "! anna", "bert", "carl",
	    "{ anna bert }", "! { anna carl }", "dora", "! dora" } },
	{ "tagged", put_numbers_of, 6, 1, { NULL } },
	{ "flow_id", put_text_of, 0, 0, { "0", "! 0", ">= 1", "< 100000000000",
	    "1250999896491", "! 1250999896491", "{ 0 1 2 }", "> 2" } },
};
#define CLAUSES (sizeof(some_clauses_of) / sizeof(some_clauses_of[0]))
/* clang-format on */

static void
put_clause(struct selection *s, FILE *fp, uint32_t which)
{
	const struct some_clause *c = &some_clauses_of[which];

	fprintf(fp, "%s ", c->word);
	c->put(s, fp, c);
}

static void
put_clauses(struct selection *s, FILE *fp, uint32_t most)
{
	uint32_t i, n = upto(s, most + 1), which;
	bool done[CLAUSES] = {false};

	for (i = 0; i < n; i++) {
		which = upto(s, CLAUSES);
		if (!done[which])
			put_clause(s, fp, which);
		done[which] = true;
	}
}

static const char tables[] =
    "table <t> { 10.0.0.0/15 !10.1.1.0/24 2001:db8:0:1::/64 }\n"
    "table <u> { 10.2.0.0/16 2001:db8::/48 }\n";

static struct filter *
parse_rules(const char *text)
{
	const struct conf_input in = {.name = "selection",
	    .text = text,
	    .textlen = strlen(text),
	    .flags = CONF_NOFILES | CONF_FILTER_ONLY};
	struct conf *c = conf_parse(&in);
	struct filter *f;

	if (c == NULL)
		return (NULL);
	f = c->filter;
	c->filter = NULL;
	conf_free(c);
	return (f);
}

/* A rule that parses, or none. */
static void
put_rule(struct selection *s, FILE *to)
{
	struct filter *f;
	size_t len;
	char *text;
	FILE *fp;

	if ((fp = open_memstream(&text, &len)) == NULL)
		abort();
	fputs(tables, fp);
	if (upto(s, 2) == 0)
		fputs("discard ", fp);
	else if (upto(s, 3) == 0)
		fprintf(fp, "accept tag %u ", upto(s, 5));
	else
		fputs("accept ", fp);
	fputs(upto(s, 5) == 0 ? "quick " : "", fp);
	put_clauses(s, fp, 4);
	fputc('\n', fp);
	fclose(fp);
	if ((f = parse_rules(text)) != NULL)
		fputs(text + strlen(tables), to);
	filter_free(f);
	free(text);
}

static char *
some_rules(struct selection *s)
{
	uint32_t n = upto(s, 6);
	size_t len;
	char *text;
	FILE *fp;

	if ((fp = open_memstream(&text, &len)) == NULL)
		abort();
	fputs(tables, fp);
	for (; n > 0; n--)
		put_rule(s, fp);
	fclose(fp);
	return (text);
}

static char *
some_clauses(struct selection *s)
{
	size_t len;
	char *text;
	FILE *fp;

	if ((fp = open_memstream(&text, &len)) == NULL)
		abort();
	fputs(tables, fp);
	fputs("discard all\naccept ", fp);
	put_clauses(s, fp, 3);
	fputc('\n', fp);
	fclose(fp);
	return (text);
}

#endif /* FUZZ_SELECTION_H */
