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

#include <stdarg.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "rule.h"
#include "tests/fuzz/selection.h"

/* Rules by chance; of one, it may be such as the language refuses. */
static struct filter *
some_filter(struct selection *s)
{
	struct filter *f;
	char *text;

	do {
		text = upto(s, 2) ? some_rules(s) : some_clauses(s);
		f = parse_rules(text);
		free(text);
	} while (f == NULL);
	return (f);
}

/* What became of a flow. */
struct fate {
	enum filter_verdict verdict;
	bool tagged;
	uint32_t tag;
};

static struct fate
fate_of(struct filter *f, struct flow flow)
{
	struct fate fate;

	fate.verdict = filter_match(f, &flow);
	fate.tagged = flow_has(&flow, FLOW_TAG);
	fate.tag = fate.tagged ? flow.tag : 0;
	return (fate);
}

/* Another value, another presence, or both. */
static void
scramble(struct selection *s, struct flow *f, const struct field *fd)
{
	uint8_t *m = field_ptr(f, fd);
	size_t i, size = field_size(fd->type);

	if (upto(s, 2) == 0) {
		if (flow_has(f, fd->bit))
			flow_unset(f, fd->bit);
		else
			flow_set(f, fd->bit);
	}
	if (fd->type == FT_TEXT)
		some_text((struct flow_text *)m, upto(s, 100));
	else if (upto(s, 4) != 0)
		for (i = 0; i < size; i++)
			m[i] = (uint8_t)chance(s);
}

static void
check_fields(struct selection *s, struct filter *f, const struct flow_set *set,
    const struct flow *flow)
{
	struct flow other = *flow;
	struct fate a, b;
	size_t i;

	for (i = 0; i < FLOW_NFIELDS; i++)
		if (!(set->w[i / 64] >> i % 64 & 1) && i != FLOW_TAG)
			scramble(s, &other, &fields[i]);
	a = fate_of(f, *flow);
	b = fate_of(f, other);
	assert_int_equal(a.verdict, b.verdict);
	assert_int_equal(a.tagged, b.tagged);
	assert_int_equal(a.tag, b.tag);
	if (set->w[FLOW_TAG / 64] >> FLOW_TAG % 64 & 1)
		return;
	scramble(s, &other, &fields[FLOW_TAG]);
	assert_int_equal(filter_match(f, &other), a.verdict);
}

static void
no_other_field_changes_what_becomes_of_a_flow(void **state)
{
	struct selection s = {.seed = 1};
	struct flow_set set;
	struct filter *f;
	struct flow flow;
	struct kind k;
	int round, i;

	(void)state;
	for (round = 0; round < 500; round++) {
		f = some_filter(&s);
		memset(&set, 0, sizeof(set));
		filter_fields(f, &set);
		k = some_kind(&s);
		for (i = 0; i < 100; i++) {
			some_flow(&s, &k, (uint32_t)i, &flow);
			check_fields(&s, f, &set, &flow);
		}
		filter_free(f);
	}
}

static struct flow_set
fields_of(const char *text)
{
	struct filter *f = parse_rules(text);
	struct flow_set s = {{0}};

	assert_non_null(f);
	filter_fields(f, &s);
	filter_free(f);
	return (s);
}

static void
rules_look_at_few_fields(void **state)
{
	struct flow_set s = fields_of("");

	(void)state;
	assert_true(s.w[0] == 0 && s.w[1] == 0);
	s = fields_of("discard all\naccept tag 3 all\n");
	assert_true(s.w[0] == 0 && s.w[1] == 0);
	s = fields_of("discard dst port 80\naccept src 10.0.0.0/8\n");
	assert_true(s.w[1] == 0 &&
	    s.w[0] ==
		(UINT64_C(1) << FLOW_PROTOCOL | UINT64_C(1) << FLOW_DST_PORT |
		    UINT64_C(1) << FLOW_SRC_ADDR |
		    UINT64_C(1) << FLOW_SRC_PREFIX));
	s = fields_of("accept duration > 3 days mon\n");
	assert_true(s.w[1] == 0 &&
	    s.w[0] ==
		(UINT64_C(1) << FLOW_START | UINT64_C(1) << FLOW_END |
		    UINT64_C(1) << FLOW_RECV_TIME));
}

/* The rule that decides, as flowd.conf(5) has it; NULL: none. */
static struct rule *
decides(const struct filter *f, const struct flow *flow)
{
	struct calendar now = {.day = 0};
	struct rule *r, *last = NULL;
	size_t i, k;

	for (i = 0; i < f->n; i++) {
		r = f->rules[i];
		for (k = 0; k < r->nclauses; k++)
			if (!clause_match(&r->clauses[k], flow, &now))
				break;
		if (k < r->nclauses)
			continue;
		last = r;
		if (r->quick)
			break;
	}
	return (last);
}

static void
check_flow(struct filter *f, const struct flow *flow, uint64_t *wins)
{
	struct rule *r = decides(f, flow);
	struct fate fate = fate_of(f, *flow);
	size_t i;

	if (r == NULL || !r->tagged) {
		assert_int_equal(fate.tagged, flow_has(flow, FLOW_TAG));
		assert_int_equal(fate.tag, fate.tagged ? flow->tag : 0);
	} else {
		assert_true(fate.tagged);
		assert_int_equal(fate.tag, r->tag);
	}
	assert_int_equal(fate.verdict, r == NULL ? FILTER_ACCEPT : r->verdict);
	for (i = 0; r != NULL && i < f->n; i++)
		wins[i] += f->rules[i] == r;
}

/* Some match early, some late, some never; every rule wins as it should. */
static void
check_filter(struct selection *s, struct filter *f, const struct kind *k)
{
	uint64_t *wins = calloc(f->n + 1, sizeof(*wins));
	struct flow flow;
	size_t i;

	assert_non_null(wins);
	for (i = 0; i < 200; i++) {
		some_flow(s, k, (uint32_t)i, &flow);
		check_flow(f, &flow, wins);
	}
	for (i = 0; i < f->n; i++)
		assert_int_equal(f->rules[i]->wins, wins[i]);
	free(wins);
	filter_free(f);
}

static struct filter *
many_rules(struct selection *s, uint32_t n)
{
	struct filter *f;
	size_t len;
	char *text;
	FILE *fp;

	assert_non_null(fp = open_memstream(&text, &len));
	fputs(tables, fp);
	while (n-- > 0)
		put_rule(s, fp);
	fclose(fp);
	assert_non_null(f = parse_rules(text));
	free(text);
	return (f);
}

static void
index_decides_as_a_walk_does(void **state)
{
	static const uint32_t sizes[] = {12, 64, 65, 100, 500, 700};
	struct selection s = {.seed = 7};
	struct kind k;
	int round;

	(void)state;
	for (round = 0; round < 300; round++) {
		k = some_kind(&s);
		check_filter(&s, many_rules(&s, 1 + upto(&s, sizes[round % 6])),
		    &k);
	}
}

static void
put_prefix_of(struct selection *s, FILE *fp, bool v6)
{
	char text[PREFIX_STRLEN];
	struct prefix p = {.addr = some_addr(upto(s, 400) * 5 + (v6 ? 4 : 0))};

	p.len = (uint8_t)(v6 ? 128 : 32);
	if (upto(s, 4) == 0) {
		p.addr.b[v6 ? 15 : 3] = 0;
		p.len = (uint8_t)(p.len - 8);
	}
	fprintf(fp, "%s ", prefix_format(&p, text));
}

/* A rule of what most rules are of: addresses and ports. */
static void
put_plain(struct selection *s, FILE *fp)
{
	static const char *const actions[] = {"accept", "discard",
	    "accept tag 5", "discard quick", "accept quick"};

	bool v6 = upto(s, 3) == 0;

	fprintf(fp, "%s ", actions[upto(s, 16) == 0 ? upto(s, 5) : upto(s, 3)]);
	if (upto(s, 3) != 0) {
		fputs("src ", fp);
		put_prefix_of(s, fp, v6);
	}
	if (upto(s, 3) != 0) {
		fputs(upto(s, 20) == 0 ? "dst ! " : "dst ", fp);
		put_prefix_of(s, fp, v6);
	}
	if (upto(s, 2) == 0)
		fprintf(fp, "dst port %u:%u ", upto(s, 400), 400 + upto(s, 99));
	if (upto(s, 4) == 0)
		fprintf(fp, "tos %u agent ! 10.0.0.1 ", upto(s, 32) * 8);
	if (upto(s, 3) == 0)
		fprintf(fp, "in_if %u ", upto(s, 50) * 70001);
	fprintf(fp, "proto %s\n", upto(s, 3) == 0 ? "udp" : "tcp");
}

static void
thousands_of_rules_decide_as_a_walk_does(void **state)
{
	static const uint32_t sizes[] = {1000, 2000, 4097, 40000};
	struct selection s = {.seed = 9};
	struct filter *f;
	struct kind k;
	uint32_t i, n;
	size_t len;
	char *text;
	FILE *fp;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_non_null(fp = open_memstream(&text, &len));
		for (n = sizes[i]; n > 0; n--)
			put_plain(&s, fp);
		fclose(fp);
		assert_non_null(f = parse_rules(text));
		free(text);
		do
			k = some_kind(&s);
		while (k.values[8] < 40);
		check_filter(&s, f, &k);
	}
}

/*
 * A flow that has all that a rule of many clauses asks for is matched, and is
 * not if any of it is otherwise, or absent.
 */
static void
each_of_many_clauses_counts(void **state)
{
	static const char text[] =
	    "discard tos 32:63 in_if 0 proto tcp src 10.0.0.0/9 port 0 "
	    "dst 192.0.2.128/25 port 64:127 agent 10.1.2.3 octets 4096 "
	    "tcp_flags mask 0x13 equals 0x02 src_as 65536:131071 vlan 0 "
	    "flow_id 18446744073709551615 flows 0:7 "
	    "next_hop 2001:db8::1\n";
	static const enum flow_field asked[] = {FLOW_TOS, FLOW_IN_IF,
	    FLOW_SRC_ADDR, FLOW_SRC_PORT, FLOW_DST_ADDR, FLOW_DST_PORT,
	    FLOW_AGENT, FLOW_OCTETS, FLOW_TCP_FLAGS, FLOW_SRC_AS, FLOW_VLAN,
	    FLOW_FLOW_ID, FLOW_FLOWS, FLOW_NEXT_HOP, FLOW_PROTOCOL};
	struct filter *f;
	struct flow flow, other;
	size_t i;

	(void)state;
	assert_non_null(f = parse_rules(text));
	memset(&flow, 0, sizeof(flow));
	memset(&flow.has, 0xff, sizeof(flow.has));
	flow_unset(&flow, FLOW_SRC_PREFIX);
	flow_unset(&flow, FLOW_DST_PREFIX);
	flow.tos = 40;
	flow.protocol = 6;
	addr_parse("10.127.0.1", &flow.src_addr);
	addr_parse("192.0.2.200", &flow.dst_addr);
	addr_parse("10.1.2.3", &flow.agent);
	addr_parse("2001:db8::1", &flow.next_hop);
	flow.dst_port = 100;
	flow.octets = 4096;
	flow.tcp_flags = 0xe2;
	flow.src_as = 100000;
	flow.flow_id = UINT64_MAX;
	flow.flows = 7;
	assert_int_equal(filter_match(f, &flow), FILTER_DISCARD);
	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		other = flow;
		flow_unset(&other, asked[i]);
		if (asked[i] != FLOW_PROTOCOL)
			memset(field_ptr(&other, &fields[asked[i]]), 0xa5,
			    field_size(fields[asked[i]].type));
		assert_int_equal(filter_match(f, &other), FILTER_ACCEPT);
		flow_set(&other, asked[i]);
		other.protocol = asked[i] == FLOW_PROTOCOL ? 17 : 6;
		assert_int_equal(filter_match(f, &other), FILTER_ACCEPT);
		other = flow;
		flow_unset(&other, asked[i]);
		assert_int_equal(filter_match(f, &other), FILTER_ACCEPT);
	}
	flow_unset(&flow, FLOW_SRC_ADDR);
	flow_set(&flow, FLOW_SRC_PREFIX);
	assert_int_equal(filter_match(f, &flow), FILTER_DISCARD);
	filter_free(f);
}

/* Members of lists and tables nest, and touch the ends of what there is. */
static void
ends_of_addresses_and_numbers_belong_to_them(void **state)
{
	static const char text[] =
	    "table <all> { 0.0.0.0/0 ::/0 !255.255.255.255 }\n"
	    "discard src <all>\n"
	    "accept tag 1 src 255.0.0.0/8\n"
	    "accept tag 2 dst ::/0\n"
	    "accept tag 3 dst ffff::/16\n"
	    "accept tag 4 src { 0.0.0.0 255.255.255.255 }\n"
	    "accept tag 5 flow_id >= 18446744073709551615\n"
	    "accept tag 6 flow_id 0\n"
	    "accept tag 7 dst port 65535\n"
	    "accept tag 8 dst port 0\n"
	    "accept tag 9 in_if >= 4294967295\n"
	    "accept tag 10 src port ! 65535\n"
	    "accept tag 11 src ! <all>\n"
	    "accept tag 12 dst ! { any !:: !ffff:ffff::/32 }\n";
	static const char *const addrs[] = {"0.0.0.0", "0.0.0.1", "255.0.0.0",
	    "254.255.255.255", "255.255.255.254", "255.255.255.255",
	    "::", "::1", "fffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "ffff::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
	static const uint64_t numbers[] = {0, 1, UINT64_MAX - 1, UINT64_MAX};
	struct filter *f = parse_rules(text);
	uint64_t wins[13] = {0};
	struct flow flow;
	uint32_t i;

	(void)state;
	assert_non_null(f);
	for (i = 0; i < 11 * 11 * 256; i++) {
		memset(&flow, 0, sizeof(flow));
		memset(&flow.has, 0xff, sizeof(flow.has));
		if (i % 3 == 0)
			flow_unset(&flow, FLOW_FLOW_ID);
		flow_unset(&flow, FLOW_TAG);
		flow.protocol = 6;
		addr_parse(addrs[i % 11], &flow.src_addr);
		addr_parse(addrs[i / 11 % 11], &flow.dst_addr);
		flow.flow_id = numbers[i / 121 % 4];
		flow.dst_port = (uint16_t)numbers[i / 484 % 4];
		flow.src_port = (uint16_t)numbers[i / 1936 % 4];
		flow.in_if = (uint32_t)numbers[i / 7744 % 4];
		check_flow(f, &flow, wins);
	}
	for (i = 0; i < 13; i++)
		assert_int_equal(f->rules[i]->wins, wins[i]);
	filter_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_other_field_changes_what_becomes_of_a_flow),
	    cmocka_unit_test(rules_look_at_few_fields),
	    cmocka_unit_test(index_decides_as_a_walk_does),
	    cmocka_unit_test(thousands_of_rules_decide_as_a_walk_does),
	    cmocka_unit_test(each_of_many_clauses_counts),
	    cmocka_unit_test(ends_of_addresses_and_numbers_belong_to_them),
	};

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
