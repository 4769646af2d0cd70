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
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf.h"

static void
say(void *arg, bool error, const char *msg)
{
	(void)arg;
	if (error)
		print_error("%s\n", msg);
}

/* Rules as in flowd.conf. */
static struct filter *
rules(const char *text)
{
	const struct conf_input in = {.name = "test",
	    .text = text,
	    .textlen = strlen(text),
	    .flags = CONF_FILTER_ONLY,
	    .say = say};
	struct conf *c = conf_parse(&in);
	struct filter *f;

	assert_non_null(c);
	f = c->filter;
	c->filter = NULL;
	conf_free(c);
	return (f);
}

static struct addr
addr(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return (a);
}

/* 2005-11-23 12:00:00 UTC, a Wednesday. */
#define NOON INT64_C(1132747200)

/* TCP from 10.0.0.1:1024 to 192.0.2.1:80. */
static struct flow
flow(void)
{
	static const enum flow_field has[] = {FLOW_RECV_TIME, FLOW_AGENT,
	    FLOW_VERSION, FLOW_PROTOCOL, FLOW_TCP_FLAGS, FLOW_TOS,
	    FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_SRC_PORT, FLOW_DST_PORT,
	    FLOW_PACKETS, FLOW_OCTETS, FLOW_IN_IF, FLOW_OUT_IF, FLOW_START,
	    FLOW_END};
	struct flow f;
	size_t i;

	memset(&f, 0, sizeof(f));
	for (i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		flow_set(&f, has[i]);
	f.recv_time = NOON * NSEC_PER_SEC + 1;
	f.agent = addr("198.51.100.1");
	f.version = 5;
	f.protocol = IPPROTO_TCP;
	f.tcp_flags = 0x12;
	f.src_addr = addr("10.0.0.1");
	f.dst_addr = addr("192.0.2.1");
	f.src_port = 1024;
	f.dst_port = 80;
	f.packets = 5;
	f.octets = 1000;
	f.in_if = 1;
	f.out_if = 70000;
	f.start = 0;
	f.end = 61 * NSEC_PER_SEC + NSEC_PER_SEC / 2;
	return (f);
}

/* Do these clauses match that flow? */
static bool
matches_flow(const char *clauses, struct flow f)
{
	struct filter *filter = conf_parse_clauses(clauses, say, NULL);
	bool yes;

	assert_non_null(filter);
	yes = filter_match(filter, &f) == FILTER_ACCEPT;
	filter_free(filter);
	return (yes);
}

static bool
matches(const char *clauses)
{
	return (matches_flow(clauses, flow()));
}

struct expect {
	const char *clauses;
	bool match;
};

#define CHECK(table) check(table, sizeof(table) / sizeof((table)[0]))

static void
check(const struct expect *e, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (matches(e[i].clauses) != e[i].match)
			fail_msg("\"%s\" should%s match", e[i].clauses,
			    e[i].match ? "" : " not");
}

static enum filter_verdict
verdict(const char *text, struct flow *f)
{
	struct filter *filter = rules(text);
	enum filter_verdict v = filter_match(filter, f);

	filter_free(filter);
	return (v);
}

static void
without_rules_everything_is_accepted(void **state)
{
	struct filter *f = rules("");
	struct flow fl = flow();

	(void)state;
	assert_true(filter_is_empty(f));
	assert_int_equal(filter_count(f), 0);
	assert_int_equal(filter_match(f, &fl), FILTER_ACCEPT);
	assert_false(flow_has(&fl, FLOW_TAG));
	filter_free(f);
	filter_free(NULL);
}

static void
only_a_discard_or_a_tag_is_worth_asking(void **state)
{
	struct filter *f;

	(void)state;
	f = rules("accept all\naccept proto tcp\n");
	assert_true(filter_is_empty(f));
	filter_free(f);
	f = rules("accept tag 1 all\n");
	assert_false(filter_is_empty(f));
	filter_free(f);
	f = rules("discard proto tcp\n");
	assert_false(filter_is_empty(f));
	filter_free(f);
}

static void
last_matching_rule_decides(void **state)
{
	struct flow f = flow();

	(void)state;
	assert_int_equal(verdict("discard all\naccept proto tcp\n", &f),
	    FILTER_ACCEPT);
	assert_int_equal(verdict("accept proto tcp\ndiscard all\n", &f),
	    FILTER_DISCARD);
	assert_int_equal(verdict("discard all\naccept proto udp\n", &f),
	    FILTER_DISCARD);
	/* No rule matches. */
	assert_int_equal(verdict("discard proto udp\n", &f), FILTER_ACCEPT);
}

static void
first_matching_quick_rule_decides(void **state)
{
	struct flow f = flow();

	(void)state;
	assert_int_equal(verdict("accept quick proto tcp\ndiscard all\n", &f),
	    FILTER_ACCEPT);
	assert_int_equal(verdict("discard all\naccept quick proto udp\n"
				 "discard quick dst port 80\n"
				 "accept quick all\naccept all\n",
			     &f),
	    FILTER_DISCARD);
	assert_int_equal(verdict("discard quick proto udp\naccept all\n", &f),
	    FILTER_ACCEPT);
}

static void
tag_is_that_of_the_deciding_rule(void **state)
{
	struct flow f = flow();

	(void)state;
	assert_int_equal(verdict("accept tag 7 all\naccept tag 8 proto udp\n",
			     &f),
	    FILTER_ACCEPT);
	assert_true(flow_has(&f, FLOW_TAG));
	assert_int_equal(f.tag, 7);
	f = flow();
	verdict("accept tag 7 all\naccept proto tcp\n", &f);
	assert_false(flow_has(&f, FLOW_TAG));
	f = flow();
	verdict("accept tag 0x100 dst any port 80 proto tcp\n", &f);
	assert_int_equal(f.tag, 0x100);
}

static void
addresses_and_ports_match_their_side(void **state)
{
	static const struct expect e[] = {
	    {"src 10.0.0.0/8", true},
	    {"src 10.0.0.1", true},
	    {"src 10.0.0.2", false},
	    {"src ! 10.0.0.0/8", false},
	    {"src ! 11.0.0.0/8", true},
	    {"dst 10.0.0.0/8", false},
	    {"dst 192.0.2.0/25", true},
	    {"dst 192.0.2.2/31", false},
	    {"src 0.0.0.0/0", true},
	    {"src ::/0", false},
	    {"src any dst any", true},
	    {"src 10.0.0.0/8 port 1024", true},
	    {"src 10.0.0.0/8 port 80", false},
	    {"dst any port 80 proto tcp", true},
	    {"dst any port ! 80 proto tcp", false},
	    {"src port 1024 dst port 80", true},
	    {"src port 80", false},
	    {"src_port 1024 dst_port 80", true},
	    {"src_addr 10.0.0.1 dst_addr 192.0.2.1", true},
	    {"agent 198.51.100.1", true},
	    {"agent ! 198.51.100.0/24", false},
	    {"agent any", true},
	    {"nexthop ! 10.0.0.1", true},
	    {"nexthop 10.0.0.1", false},
	};

	(void)state;
	CHECK(e);
}

static void
lists_match_any_of_their_members(void **state)
{
	static const struct expect e[] = {
	    {"src { 10.0.0.0/8 172.16.0.0/12 }", true},
	    {"src { 10.0.0.0/8, !10.0.0.1 }", false},
	    {"src ! { 10.0.0.0/8, !10.0.0.1 }", true},
	    {"src { !10.0.0.1, 10.0.0.0/8 }", false},
	    {"src { !10.0.0.0/8 !172.16.0.0/12 }", false},
	    {"dst { !10.0.0.0/8 !172.16.0.0/12 }", true},
	    {"dst ! { !10.0.0.0/8 !192.0.2.0/24 }", true},
	    {"src { any !10.0.0.1 }", false},
	    {"dst { any !10.0.0.1 }", true},
	    {"dst port { 22 80 443 }", true},
	    {"dst port { 22, 443 }", false},
	    {"dst port ! { 22, 443 }", true},
	    {"dst port { 1 3 5 7 9 70:90 }", true},
	    {"dst port { 1 3 5 7 9 70:79 }", false},
	    {"src port { 22 >= 1024 }", true},
	    {"proto { udp tcp }", true},
	    {"proto { udp 1 }", false},
	    {"out_ifndx { 1 2 3 4 70000 }", true},
	    {"out_ifndx { 1 2 3 4 70001 }", false},
	    {"version { 5 9 }", true},
	    {"version 9", false},
	};

	(void)state;
	CHECK(e);
}

static void
comparisons_have_the_right_ends(void **state)
{
	static const struct expect e[] = {
	    {"dst port 79:80", true},
	    {"dst port 80:81", true},
	    {"dst port 81:90", false},
	    {"dst port > 79", true},
	    {"dst port > 80", false},
	    {"dst port >= 80", true},
	    {"dst port >= 81", false},
	    {"dst port < 81", true},
	    {"dst port < 80", false},
	    {"dst port <= 80", true},
	    {"dst port <= 79", false},
	    {"dst port != 80", false},
	    {"dst port != 81", true},
	    {"dst port = 80", true},
	    {"dst port 79 >< 81", true},
	    {"dst port 80 >< 90", false},
	    {"dst port 70 >< 80", false},
	    {"dst port 81 <> 90", true},
	    {"dst port 80 <> 90", false},
	    {"dst port 79 <> 81", false},
	    {"octets >= 1K", true},
	    {"octets >= 1Ki", false},
	    {"octets < 1M packets > 4", true},
	    {"duration 61", true},
	    {"duration > 60", true},
	    {"duration > 61", false},
	    {"duration < 62", true},
	};

	(void)state;
	CHECK(e);
}

static void
tcp_flags_are_masked_before_they_are_compared(void **state)
{
	static const struct expect e[] = {
	    {"proto tcp tcp_flags mask 0x12 equals 0x12", true},
	    {"proto tcp tcp_flags mask 0x12 !equals 0x12", false},
	    {"tcp_flags mask 0x02 equals 0x02", true},
	    {"tcp_flags mask 0x04 equals 0", true},
	    {"tcp_flags equals 0x12", true},
	    {"tcp_flags equals 0x02", false},
	    {"tcp_flags 0x12", true},
	    {"tcp_flags mask 0x12 equals { 0x02 0x12 }", true},
	    {"tcp_flags mask 0x12 ! equals { 0x02 0x10 }", true},
	};
	struct flow f = flow();

	(void)state;
	CHECK(e);
	f.protocol = IPPROTO_UDP;
	assert_false(matches_flow("tcp_flags equals 0x12", f));
	assert_false(matches_flow("tcp_flags ! equals 0x02", f));
}

static void
family_is_that_of_source_or_destination(void **state)
{
	struct flow f = flow();

	(void)state;
	assert_true(matches("inet"));
	assert_false(matches("inet6"));
	assert_false(matches("! inet"));
	assert_true(matches("!inet6"));
	f.src_addr = addr("::1");
	assert_true(matches_flow("inet", f));
	assert_true(matches_flow("inet6", f));
}

static void
absent_field_matches_only_a_negation(void **state)
{
	struct flow f = flow();

	(void)state;
	assert_false(matches("vlan 10"));
	assert_false(matches("vlan 0"));
	assert_true(matches("vlan ! 10"));
	assert_true(matches("vlan != 10"));
	assert_false(matches("vlan >= 0"));
	assert_true(matches("bgp_next_hop ! 10.0.0.0/8"));
	assert_false(matches("bgp_next_hop 0.0.0.0/0"));
	flow_unset(&f, FLOW_SRC_ADDR);
	assert_false(matches_flow("src 0.0.0.0/0", f));
	assert_true(matches_flow("src ! 0.0.0.0/0", f));
	assert_true(matches_flow("src any", f));
	flow_unset(&f, FLOW_END);
	assert_false(matches_flow("duration >= 0", f));
	assert_true(matches_flow("duration ! 5", f));
}

static void
ports_are_those_of_protocols_that_have_them(void **state)
{
	static const uint8_t with[] = {6, 17, 33, 132, 136};
	struct flow f = flow();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(with); i++) {
		f.protocol = with[i];
		assert_true(matches_flow("dst port 80", f));
	}
	f.protocol = IPPROTO_ICMP;
	assert_false(matches_flow("dst port 80", f));
	assert_false(matches_flow("dst port ! 81", f));
	/* Nothing known of the protocol, but a port is there. */
	flow_unset(&f, FLOW_PROTOCOL);
	assert_true(matches_flow("dst port 80", f));
	flow_unset(&f, FLOW_DST_PORT);
	assert_false(matches_flow("dst port ! 81", f));
	f.protocol = IPPROTO_TCP;
	flow_set(&f, FLOW_PROTOCOL);
	assert_true(matches_flow("dst port ! 81", f));
}

static void
named_tables_and_members_of_a_list_work_together(void **state)
{
	static const char tables[] = "table <in> { 10.0.0.0/8 !10.9.0.0/16 }\n"
				     "table <bad> { 10.1.0.0/16 }\n";
	/* What a flow from that address must pass. */
	static const struct {
		const char *rule, *from;
		bool match;
	} e[] = {
	    {"src <in>", "10.0.0.1", true},
	    {"src <in>", "10.9.0.1", false},
	    {"src ! <in>", "10.9.0.1", true},
	    {"src { <in> !<bad> }", "10.1.0.1", false},
	    {"src { <in> !<bad> }", "10.2.0.1", true},
	    {"src { <in> !10.2.0.0/16 }", "10.2.0.1", false},
	    {"src { <in> !10.2.0.0/16 10.2.3.0/24 }", "10.2.3.1", true},
	    {"src { <in> 192.0.2.1 }", "192.0.2.1", true},
	    {"src { <in> 10.9.0.0/16 }", "10.9.0.1", true},
	    {"src { 10.0.0.0/8 !<bad> }", "10.1.0.1", false},
	    {"src { !<in> !<bad> }", "10.9.0.1", true},
	    {"src { !<in> !<bad> }", "10.1.0.1", false},
	    {"src ! { <in> <bad> }", "10.1.0.1", false},
	};
	char text[256];
	struct flow f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(e) / sizeof(e[0]); i++) {
		f = flow();
		f.src_addr = addr(e[i].from);
		snprintf(text, sizeof(text), "discard all\naccept %s\n%s",
		    e[i].rule, tables);
		if ((verdict(text, &f) == FILTER_ACCEPT) != e[i].match)
			fail_msg("%s: %s", e[i].rule, e[i].from);
	}
}

static bool
at(const char *clauses, int64_t sec, int64_t ns)
{
	struct flow f = flow();

	f.recv_time = sec * NSEC_PER_SEC + ns;
	return (matches_flow(clauses, f));
}

static void
time_of_day_includes_both_ends(void **state)
{
	const char *clauses = "after 08:30:00 before 17:30:00";
	int64_t day = NOON - 12 * 3600;

	(void)state;
	assert_false(at(clauses, day + 30599, 999999999));
	assert_true(at(clauses, day + 30600, 0));
	assert_true(at(clauses, day + 63000, 999999999));
	assert_false(at(clauses, day + 63001, 0));
	assert_true(at("after 12:00", NOON, 0));
	assert_true(at("before 12:00", NOON, 0));
	assert_false(at("before 11:59:59", NOON, 0));
	assert_true(at("after 00:00", day, 0));
}

static void
dates_exclude_both_ends(void **state)
{
	const char *clauses = "after date 20051123 before date 20051124084459";
	int64_t day = NOON - 12 * 3600;

	(void)state;
	assert_false(at(clauses, day, 999999999));
	assert_true(at(clauses, day + 1, 0));
	assert_true(at(clauses, day + 86400 + 31498, 0));
	assert_false(at(clauses, day + 86400 + 31499, 0));
	assert_true(at("after date 2005", NOON, 0));
	assert_false(at("before date 200511", NOON, 0));
	assert_true(at("before date 2005112312", NOON - 1, 0));
	/* Before 1970, too. */
	assert_true(at("before date 1970", -1, -5));
	assert_false(at("before date 19691231235959", 0, -1));
	assert_true(at("after date 19691231235958", 0, -1));
}

static void
days_wrap_around_the_week(void **state)
{
	static const char *const sets[] = {"days mon-fri", "days sat-sun",
	    "days Fri-tue", "days Sunday", "days wednesday,THU",
	    "days { mon, wed-thu }", "days wed-wed"};
	/* From Wednesday on: one bit a day. */
	static const char *const want[] = {"1110011", "0001100", "0011111",
	    "0000100", "1100000", "1100010", "1000000"};
	size_t i;
	int day;

	(void)state;
	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		for (day = 0; day < 7; day++)
			if (at(sets[i], NOON + day * 86400, 0) !=
			    (want[i][day] == '1'))
				fail_msg("%s: day %d", sets[i], day);
}

static void
calendar_follows_the_clock_both_ways(void **state)
{
	struct filter *f = rules("discard after 12:00:01\n");
	struct flow fl = flow();
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		fl.recv_time = NOON * NSEC_PER_SEC;
		assert_int_equal(filter_match(f, &fl), FILTER_ACCEPT);
		fl.recv_time = (NOON + 1) * NSEC_PER_SEC;
		assert_int_equal(filter_match(f, &fl), FILTER_DISCARD);
		assert_int_equal(filter_match(f, &fl), FILTER_DISCARD);
	}
	filter_free(f);
}

static void
local_time_is_meant(void **state)
{
	(void)state;
	setenv("TZ", "XXX-2", 1);
	tzset();
	assert_true(at("after 14:00 before 14:00:01", NOON, 0));
	assert_true(at("after date 20051123135959 before date 20051123140001",
	    NOON, 0));
	assert_true(at("days thu", NOON + 10 * 3600, 0));
	setenv("TZ", "UTC", 1);
	tzset();
}

static void
counts_say_who_won(void **state)
{
	struct filter *f =
	    rules("discard all\naccept proto tcp\naccept quick dst port 81\n");
	struct flow fl = flow();
	char buf[512] = "";
	FILE *fp;

	(void)state;
	filter_match(f, &fl);
	filter_match(f, &fl);
	fl.protocol = IPPROTO_UDP;
	filter_match(f, &fl);
	fl.dst_port = 81;
	filter_match(f, &fl);
	assert_non_null(fp = fmemopen(buf, sizeof(buf), "w"));
	filter_print(f, fp, true);
	fclose(fp);
	filter_free(f);
	assert_string_equal(buf,
	    "discard all # evaluations 1 wins 1\n"
	    "accept proto 6 # evaluations 3 wins 2\n"
	    "accept quick dst port 81 # evaluations 4 wins 1\n");
}

/* What the rules say, decided as the manual says: one by one from the top. */
static enum filter_verdict
by_the_book(const unsigned int *ports, const bool *discard, const bool *quick,
    size_t n, unsigned int port)
{
	enum filter_verdict v = FILTER_ACCEPT;
	size_t i;

	for (i = 0; i < n; i++) {
		if (ports[i] != port)
			continue;
		v = discard[i] ? FILTER_DISCARD : FILTER_ACCEPT;
		if (quick[i])
			break;
	}
	return (v);
}

static void
order_of_evaluation_does_not_show(void **state)
{
	unsigned int ports[12], port, round, x = 1;
	bool discard[12], quick[12];
	char text[1024];
	struct filter *f;
	struct flow fl = flow();
	size_t i, n;

	(void)state;
	for (round = 0; round < 300; round++) {
		for (i = n = 0; i < 12; i++) {
			x = x * 1103515245 + 12345;
			ports[i] = x >> 16 & 3;
			discard[i] = x >> 20 & 1;
			quick[i] = (x >> 21 & 3) == 0;
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s %s dst port %u\n",
			    discard[i] ? "discard" : "accept",
			    quick[i] ? "quick" : "", ports[i]);
		}
		f = rules(text);
		for (port = 0; port < 5; port++) {
			fl.dst_port = (uint16_t)port;
			assert_int_equal(filter_match(f, &fl),
			    by_the_book(ports, discard, quick, 12, port));
		}
		filter_free(f);
	}
}

static void
clauses_may_come_in_any_order(void **state)
{
	static const struct expect e[] = {
	    {"dst port 80 proto tcp src 10.0.0.0/8", true},
	    {"src 10.0.0.0/8 proto tcp dst port 80", true},
	    {"version 5 octets > 10 dst 192.0.2.1 inet agent any", true},
	    {"", true},
	    {"all", true},
	    {"tag 5", false},
	    {"tag ! 5", true},
	    {"accept proto udp", true},
	    {"discard proto tcp", false},
	};
	struct flow f = flow();

	(void)state;
	CHECK(e);
	f.tag = 5;
	flow_set(&f, FLOW_TAG);
	assert_true(matches_flow("tag 5", f));
	assert_true(matches_flow("tag { 4 5 } proto tcp", f));
}

/* NetFlow 8 has prefixes where others have addresses. */
static void
prefix_is_matched_like_an_address(void **state)
{
	struct flow f = flow();

	(void)state;
	flow_unset(&f, FLOW_SRC_ADDR);
	flow_set(&f, FLOW_SRC_PREFIX);
	assert_true(matches_flow("src 10.0.0.0/8", f));
	assert_false(matches_flow("src 11.0.0.0/8", f));
	assert_true(matches_flow("src ! 11.0.0.0/8", f));
}

static void
texts_are_matched_whole(void **state)
{
	const struct expect e[] = {
	    {"user_name \"alice\"", true},
	    {"user_name ! \"alice\"", false},
	    {"user_name \"ali\"", false},
	    {"user_name \"alice2\"", false},
	    {"user_name \"Alice\"", false},
	    {"user_name { \"zoe\" \"bob\" \"alice\" \"al\" }", true},
	    {"user_name { \"zoe\" \"bob\" }", false},
	    {"user_name ! { \"zoe\" \"bob\" }", true},
	    /* Absent: only its negation. */
	    {"application_name \"dns\"", false},
	    {"application_name ! \"dns\"", true},
	};
	/* What is behind it in the datagram is not of it. */
	static const char name[] = "alice2";
	struct flow f = flow();
	size_t i;

	(void)state;
	f.user_name = (struct flow_text){name, 5};
	flow_set(&f, FLOW_USER_NAME);
	for (i = 0; i < sizeof(e) / sizeof(e[0]); i++)
		assert_int_equal(matches_flow(e[i].clauses, f), e[i].match);
}

static void
or_needs_one_side_and_and_changes_nothing(void **state)
{
	static const struct expect table[] = {
	    {"src 10.9.9.9 or dst 192.0.2.1", true},
	    {"src 192.0.2.1 or dst 10.0.0.1", false},
	    {"src 192.0.2.9 or src 192.0.2.2 or proto tcp", true},
	    {"src 192.0.2.1 proto tcp or proto udp", false},
	    {"src 192.0.2.1 or all", true},
	    {"proto tcp and packets 5 and dst port 80", true},
	    {"proto udp and dst port 80", false},
	};

	(void)state;
	CHECK(table);
	assert_null(conf_parse_clauses("or proto tcp", NULL, NULL));
	assert_null(conf_parse_clauses("proto tcp or", NULL, NULL));
	assert_null(conf_parse_clauses("proto tcp or or all", NULL, NULL));
	assert_null(conf_parse_clauses("proto tcp and", NULL, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_rules_everything_is_accepted),
	    cmocka_unit_test(only_a_discard_or_a_tag_is_worth_asking),
	    cmocka_unit_test(last_matching_rule_decides),
	    cmocka_unit_test(first_matching_quick_rule_decides),
	    cmocka_unit_test(tag_is_that_of_the_deciding_rule),
	    cmocka_unit_test(addresses_and_ports_match_their_side),
	    cmocka_unit_test(lists_match_any_of_their_members),
	    cmocka_unit_test(comparisons_have_the_right_ends),
	    cmocka_unit_test(tcp_flags_are_masked_before_they_are_compared),
	    cmocka_unit_test(family_is_that_of_source_or_destination),
	    cmocka_unit_test(absent_field_matches_only_a_negation),
	    cmocka_unit_test(ports_are_those_of_protocols_that_have_them),
	    cmocka_unit_test(named_tables_and_members_of_a_list_work_together),
	    cmocka_unit_test(time_of_day_includes_both_ends),
	    cmocka_unit_test(dates_exclude_both_ends),
	    cmocka_unit_test(days_wrap_around_the_week),
	    cmocka_unit_test(calendar_follows_the_clock_both_ways),
	    cmocka_unit_test(local_time_is_meant),
	    cmocka_unit_test(counts_say_who_won),
	    cmocka_unit_test(order_of_evaluation_does_not_show),
	    cmocka_unit_test(clauses_may_come_in_any_order),
	    cmocka_unit_test(prefix_is_matched_like_an_address),
	    cmocka_unit_test(or_needs_one_side_and_and_changes_nothing),
	    cmocka_unit_test(texts_are_matched_whole),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
