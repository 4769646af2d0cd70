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

#include <stdlib.h>
#include <string.h>

#include "meter/account.h"
#include "meter/extra.h"

#define S INT64_C(1000000000)
#define T0 (INT64_C(1700000000) * S)

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define ACK 0x10

static const uint8_t secret[32];

#define ENDS 64
static struct flowtab *t;
static struct expire *x;
static struct account *a;
static struct extras *extras;
static struct counters c;
static struct entry ended[ENDS];
static uint32_t nended;

static void
end(void *arg, struct entry *e, enum end_reason why)
{
	(void)arg;
	assert_int_equal(e->reason, why);
	ended[nended++ % ENDS] = *e;
	counters_expired(&c, e, why);
	if (why != END_ACTIVE && e->extra != 0)
		extras_remove(extras, e->extra);
}

struct setup {
	uint32_t max;
	uint32_t active;
	bool first_order;
	bool extra;
};

static void
begin(const struct setup *s)
{
	const struct timeouts to = {.tcp = 3600,
	    .tcp_rst = 120,
	    .tcp_fin = 300,
	    .udp = 300,
	    .icmp = 300,
	    .general = 3600,
	    .maxlife = 604800,
	    .active = s->active};
	const struct account_config config = {.first_order = s->first_order,
	    .extra = s->extra};
	const struct extra_config xc = {.link = true};
	uint32_t max = s->max == 0 ? 1000 : s->max;

	nended = 0;
	memset(&c, 0, sizeof(c));
	t = flowtab_new(max, false, secret);
	x = expire_new(t, &to, end, NULL);
	extras = s->extra ? extras_new(&xc, max) : NULL;
	a = account_new(&config, t, x, extras, &c);
	assert_true(t != NULL && x != NULL && a != NULL);
}

static uint64_t
open_packets(void)
{
	uint32_t number = 0;
	uint64_t n = 0;
	struct entry *e;

	while ((e = flowtab_next(t, number)) != NULL) {
		n += e->packets[0] + e->packets[1];
		number = flowtab_number(t, e);
	}
	return (n);
}

/* What must always hold: see meter/counters.h. */
static void
balance(void)
{
	account_flush(a);
	assert_int_equal(c.seen[SEEN_IP],
	    c.flow_packets + c.deleted_packets + open_packets());
	assert_int_equal(c.flows, c.expired + c.deleted + c.active);
	assert_int_equal(c.active, flowtab_count(t));
}

static void
done(void)
{
	balance();
	expire_all(x, END_FLUSHED);
	balance();
	assert_int_equal(c.octets, c.flow_octets + c.deleted_octets);
	account_free(a);
	expire_free(x);
	extras_free(extras);
	flowtab_free(t);
}

/* A packet of flow n, in what of it is not zero. */
static void
packet(uint32_t n, struct observed o)
{
	struct observed *at = account_place(a);

	o.key.version = 4;
	if (o.key.protocol == 0)
		o.key.protocol = 6;
	memcpy(o.key.addr[1], &n, sizeof(n));
	o.hash = flowtab_hash(t, &o.key, 0);
	if (o.octets == 0)
		o.octets = 100;
	*at = o;
	c.seen[SEEN_IP]++;
	account_added(a);
}

#define P(n, ...) packet((n), (struct observed){__VA_ARGS__})

/* The only flow that is open. */
static struct entry *
only(void)
{
	struct entry *e;

	account_flush(a);
	assert_int_equal(flowtab_count(t), 1);
	e = flowtab_next(t, 0);
	assert_non_null(e);
	return (e);
}

static void
packets_are_added_to_their_side(void **state)
{
	struct entry *e;

	(void)state;
	begin(&(struct setup){.max = 0});
	P(1, .time = T0, .side = 1, .octets = 60, .tcp_flags = ACK);
	P(1, .time = T0 + S, .side = 0, .octets = 1500, .tcp_flags = 0x108);
	P(1, .time = T0 + 2 * S, .side = 0, .octets = 1400, .tcp_flags = ACK);
	e = only();
	assert_int_equal(e->octets[0], 2900);
	assert_int_equal(e->octets[1], 60);
	assert_int_equal(e->packets[0], 2);
	assert_int_equal(e->packets[1], 1);
	assert_int_equal(e->tcp_flags[0], 0x118);
	assert_int_equal(e->tcp_flags[1], ACK);
	assert_true(e->first == T0 && e->last == T0 + 2 * S);
	assert_int_equal(c.octets, 2960);
	assert_int_equal(c.flows, 1);
	done();
}

static void
each_side_has_tos_vlan_ttl_and_label_of_its_first_packet(void **state)
{
	struct entry *e;

	(void)state;
	begin(&(struct setup){.max = 0});
	P(1, .time = T0, .tos = 8, .vlan = 10, .ttl = 64, .flow_label = 77);
	P(1, .time = T0, .tos = 1, .vlan = 11, .ttl = 1, .flow_label = 1);
	P(1, .time = T0, .side = 1, .tos = 9, .vlan = 12, .ttl = 63,
	    .flow_label = 78);
	P(1, .time = T0, .side = 1, .tos = 2, .vlan = 2, .ttl = 2);
	e = only();
	assert_true(e->tos[0] == 8 && e->tos[1] == 9);
	assert_true(e->vlan[0] == 10 && e->vlan[1] == 12);
	assert_true(e->ttl[0] == 64 && e->ttl[1] == 63);
	assert_true(e->flow_label[0] == 77 && e->flow_label[1] == 78);
	done();
}

static void
times_cover_packets_that_are_out_of_order(void **state)
{
	struct entry *e;

	(void)state;
	begin(&(struct setup){.max = 0});
	P(1, .time = T0);
	P(1, .time = T0 + 5 * S);
	P(1, .time = T0 - S);
	P(1, .time = T0 + 4 * S);
	e = only();
	assert_true(e->first == T0 - S);
	assert_true(e->last == T0 + 5 * S);
	done();
}

/* Who is the initiator: by the first flags, and packets behind them. */
static void
the_initiator_is_who_sent_the_syn(void **state)
{
	static const struct {
		uint16_t flags[2];
		uint8_t side[2];
		bool turned;
	} cases[] = {
	    {{SYN, SYN | ACK}, {0, 1}, false},
	    {{SYN, SYN | ACK}, {1, 0}, true},
	    {{SYN | ACK, ACK}, {0, 1}, true},  /* the SYN was not seen */
	    {{SYN | ACK, ACK}, {1, 0}, false}, /* likewise */
	    {{SYN | ACK, SYN}, {0, 1}, true},  /* they came in disorder */
	    {{ACK, ACK}, {0, 1}, false},       /* in the middle: the first */
	    {{ACK, ACK}, {1, 0}, true},
	    {{0, 0}, {1, 0}, true},
	};
	struct entry *e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(&(struct setup){.max = 0});
		P(1, .time = T0, .tcp_flags = cases[i].flags[0],
		    .side = cases[i].side[0]);
		P(1, .time = T0, .tcp_flags = cases[i].flags[1],
		    .side = cases[i].side[1]);
		e = only();
		if (((e->bits & ENTRY_TURNED) != 0) != cases[i].turned)
			fail_msg("case %zu", i);
		done();
		begin(&(struct setup){.first_order = true});
		P(1, .time = T0, .tcp_flags = cases[i].flags[0],
		    .side = cases[i].side[0]);
		assert_int_equal(only()->bits & ENTRY_TURNED, 0);
		done();
	}
}

static void
fin_of_both_and_rst_end_a_flow_sooner(void **state)
{
	enum end_reason why;

	(void)state;
	begin(&(struct setup){.max = 0});
	P(1, .time = T0, .tcp_flags = FIN | ACK);
	assert_true(expire_due(x, only(), &why) == T0 + 3600 * S);
	P(1, .time = T0, .tcp_flags = FIN | ACK);
	assert_true(expire_due(x, only(), &why) == T0 + 3600 * S);
	P(1, .time = T0, .tcp_flags = FIN | ACK, .side = 1);
	assert_true(expire_due(x, only(), &why) == T0 + 300 * S);
	assert_in_range(expire_next(x), T0 + 300 * S, T0 + 301 * S);
	P(1, .time = T0, .tcp_flags = RST, .side = 1);
	assert_true(expire_due(x, only(), &why) == T0 + 120 * S);
	assert_in_range(expire_next(x), T0 + 120 * S, T0 + 121 * S);
	expire_run(x, T0 + 121 * S, 10);
	assert_int_equal(nended, 1);
	assert_int_equal(ended[0].reason, END_TCP_RST);
	assert_int_equal(ended[0].bits & (ENTRY_FIN0 | ENTRY_FIN1),
	    ENTRY_FIN0 | ENTRY_FIN1);
	done();
}

static void
a_first_packet_with_rst_is_due_as_such(void **state)
{
	(void)state;
	begin(&(struct setup){.max = 0});
	P(1, .time = T0, .tcp_flags = RST);
	account_flush(a);
	assert_in_range(expire_next(x), T0 + 120 * S, T0 + 121 * S);
	done();
}

static void
a_tuple_that_is_reused_an_hour_later_is_two_flows(void **state)
{
	(void)state;
	begin(&(struct setup){.max = 0});
	/* In one batch: no run of the wheel is between them. */
	P(1, .time = T0, .octets = 1000);
	P(1, .time = T0 + 3599 * S, .octets = 1000);
	P(1, .time = T0 + 7200 * S, .octets = 1);
	account_flush(a);
	assert_int_equal(nended, 1);
	assert_int_equal(ended[0].reason, END_TCP);
	assert_int_equal(ended[0].octets[0], 2000);
	assert_true(ended[0].last == T0 + 3599 * S);
	assert_int_equal(only()->octets[0], 1);
	assert_true(only()->first == T0 + 7200 * S);
	done();
}

static void
a_clock_that_is_set_back_ends_a_flow(void **state)
{
	(void)state;
	begin(&(struct setup){.max = 0});
	P(1, .time = T0);
	P(1, .time = T0 - 50 * S);
	P(1, .time = T0 - 86400 * S);
	account_flush(a);
	assert_int_equal(nended, 1);
	assert_int_equal(ended[0].packets[0], 2);
	assert_int_equal(ended[0].reason, END_FLUSHED);
	assert_true(only()->first == T0 - 86400 * S);
	assert_true(only()->last == T0 - 86400 * S);
	done();
}

static void
a_full_table_makes_room_and_forgets_no_packet(void **state)
{
	uint32_t i;

	(void)state;
	begin(&(struct setup){.max = 10});
	for (i = 0; i < 1000; i++) {
		P(i % 37, .time = T0 + i * S / 100, .fragment = i % 10 == 0);
		if (i % 50 == 0)
			balance();
	}
	account_flush(a);
	assert_int_equal(flowtab_count(t), 10);
	assert_int_equal(c.reason[END_MAXFLOWS], nended);
	assert_int_equal(c.forced, nended);
	assert_true(nended > 900);
	assert_int_equal(c.fragments, 100);
	done();
}

static void
parts_of_an_active_flow_begin_with_their_first_packet(void **state)
{
	struct entry *e;

	(void)state;
	begin(&(struct setup){.active = 60});
	P(1, .time = T0, .tos = 1);
	P(1, .time = T0 + 50 * S);
	account_flush(a);
	expire_run(x, T0 + 61 * S, 10);
	assert_int_equal(nended, 1);
	assert_int_equal(ended[0].reason, END_ACTIVE);
	balance();
	P(1, .time = T0 + 100 * S, .tos = 2, .octets = 7);
	e = only();
	assert_true(e->first == T0 + 100 * S);
	assert_int_equal(e->octets[0], 7);
	assert_int_equal(e->tos[0], 2);
	assert_int_equal(e->bits & (ENTRY_SILENT | ENTRY_INTERIM),
	    ENTRY_INTERIM);
	/* The next part is as long as the first. */
	assert_in_range(expire_next(x), T0 + 160 * S, T0 + 161 * S);
	P(1, .time = T0 + 159 * S);
	/* No run of the wheel was between them. */
	P(1, .time = T0 + 170 * S, .octets = 9);
	account_flush(a);
	assert_int_equal(nended, 2);
	assert_int_equal(ended[1].packets[0], 2);
	assert_int_equal(only()->octets[0], 9);
	assert_true(only()->first == T0 + 170 * S);
	assert_int_equal(c.reason[END_ACTIVE], 2);
	assert_int_equal(c.expired, 0);
	done();
	assert_int_equal(c.expired, 1);
	assert_int_equal(c.flow_packets, 5);
}

static void
what_wants_data_is_accounted_for_at_once(void **state)
{
	static const uint8_t macs[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
	struct extra *extra;
	struct entry *e;

	(void)state;
	begin(&(struct setup){.extra = true});
	P(1, .time = T0);
	P(1, .time = T0);
	assert_int_equal(flowtab_count(t), 0);
	P(1, .time = T0, .wants_data = true, .packet = {.mac = macs});
	assert_int_equal(flowtab_count(t), 1);
	e = flowtab_next(t, 0);
	assert_int_equal(e->packets[0], 3);
	extra = extras_at(extras, e->extra);
	assert_non_null(extra);
	assert_memory_equal(extra->side[0].mac, macs + 6, 6);
	done();
}

static void
an_extra_is_given_back_with_its_flow(void **state)
{
	uint32_t i;
	size_t bytes;

	(void)state;
	begin(&(struct setup){.max = 16, .extra = true});
	for (i = 0; i < 100; i++)
		P(i, .time = T0);
	account_flush(a);
	bytes = extras_bytes(extras);
	for (i = 0; i < 10000; i++)
		P(i, .time = T0);
	account_flush(a);
	assert_int_equal(extras_bytes(extras), bytes);
	done();
}

static void
deleted_flows_are_counted_apart(void **state)
{
	(void)state;
	begin(&(struct setup){.max = 0});
	P(1, .time = T0, .octets = 30);
	P(2, .time = T0, .octets = 12, .side = 1);
	account_flush(a);
	assert_int_equal(expire_all(x, END_DELETED), 2);
	assert_int_equal(c.deleted, 2);
	assert_int_equal(c.deleted_packets, 2);
	assert_int_equal(c.deleted_octets, 42);
	assert_int_equal(c.expired + c.forced + c.flow_packets, 0);
	done();
}

static void
a_flow_without_ports_says_so(void **state)
{
	(void)state;
	begin(&(struct setup){.max = 0});
	P(1, .time = T0, .fragment = true, .no_ports = true);
	assert_int_equal(only()->bits & ENTRY_FRAGMENT, ENTRY_FRAGMENT);
	assert_int_equal(c.fragments, 1);
	done();
}

/* Everything at once, and the ledger after each step. */
static void
no_packet_is_lost_or_counted_twice(void **state)
{
	static const uint16_t flags[8] = {ACK, SYN, SYN | ACK, FIN, RST, ACK,
	    ACK, ACK};
	static const int64_t steps[4] = {S / 1000, S, 40 * S, 400 * S};
	uint64_t r = 5;
	int64_t now = T0;
	uint32_t i;

	(void)state;
	begin(&(struct setup){.max = 50, .active = 30, .extra = true});
	for (i = 0; i < 60000; i++) {
		r = r * UINT64_C(6364136223846793005) + 1442695040888963407;
		now += steps[(r >> 60) == 0 ? (r >> 40) % 4 : 0];
		P((uint32_t)(r >> 33) % 80, .key = {.protocol = 6},
		    .time = now - (int64_t)((r >> 20) % 3) * S,
		    .side = (r >> 50) & 1, .octets = (r >> 8) % 1500,
		    .tcp_flags = flags[(r >> 45) % 8],
		    .wants_data = (r >> 55) % 16 == 0);
		if ((r >> 52) % 64 == 0) {
			account_flush(a);
			expire_run(x, now, (r >> 30) % 100);
			balance();
		}
		if ((r >> 44) % 8192 == 0) {
			account_flush(a);
			expire_all(x, END_DELETED);
		}
	}
	done();
	assert_int_equal(c.seen[SEEN_IP], 60000);
	assert_true(c.deleted_packets > 0);
	assert_true(c.reason[END_ACTIVE] > 0 && c.reason[END_TCP_RST] > 0 &&
	    c.reason[END_MAXFLOWS] > 0 && c.reason[END_TCP_FIN] > 0);
}

static struct entry
told(uint8_t protocol, uint64_t packets, uint64_t octets, int64_t ns)
{
	return ((struct entry){.key = {.protocol = protocol},
	    .first = T0,
	    .last = T0 + ns,
	    .packets = {packets, 1},
	    .octets = {octets, 40}});
}

static void
expired_flows_are_counted_by_reason_protocol_and_size(void **state)
{
	struct entry e[3] = {told(6, 9, 960, 3 * S), told(17, 0, 0, 0),
	    told(6, 1, 60, S)};

	(void)state;
	memset(&c, 0, sizeof(c));
	c.active = 3;
	counters_expired(&c, &e[0], END_TCP);
	counters_expired(&c, &e[1], END_FLUSHED);
	counters_expired(&c, &e[2], END_TCP);
	assert_int_equal(c.expired, 3);
	assert_int_equal(c.forced, 1);
	assert_int_equal(c.active, 0);
	assert_int_equal(c.reason[END_TCP], 2);
	assert_int_equal(c.reason[END_FLUSHED], 1);
	assert_int_equal(c.flow_packets, 13);
	assert_int_equal(c.flow_packets_min, 1);
	assert_int_equal(c.flow_packets_max, 10);
	assert_int_equal(c.flow_octets, 1140);
	assert_int_equal(c.flow_octets_min, 40);
	assert_int_equal(c.flow_octets_max, 1000);
	assert_true(c.flow_duration == 4 * S);
	assert_true(c.flow_duration_min == 0);
	assert_true(c.flow_duration_max == 3 * S);
	assert_int_equal(c.protocol[6].flows, 2);
	assert_int_equal(c.protocol[6].packets, 12);
	assert_int_equal(c.protocol[6].octets, 1100);
	assert_true(c.protocol[6].duration == 4 * S);
	assert_true(c.protocol[6].max_duration == 3 * S);
	assert_int_equal(c.protocol[17].flows, 1);
}

static void
a_duration_is_never_below_zero(void **state)
{
	struct entry e = told(6, 1, 60, -S);

	(void)state;
	memset(&c, 0, sizeof(c));
	c.active = 1;
	counters_expired(&c, &e, END_TCP);
	assert_int_equal(c.flow_duration, 0);
	assert_int_equal(c.flow_duration_max, 0);
}

static void
counters_of_several_meters_make_one_sum(void **state)
{
	static struct counters sum, one, two;
	struct entry e[3] = {told(6, 9, 960, 3 * S), told(17, 4, 100, 9 * S),
	    told(6, 1, 60, S)};

	(void)state;
	memset(&sum, 0, sizeof(sum));
	memset(&one, 0, sizeof(one));
	memset(&two, 0, sizeof(two));
	one.active = 1;
	two.active = two.ndests = 2;
	one.started = 9;
	two.started = 7;
	one.now = 20;
	two.now = 30;
	one.received = 1;
	two.received = 2;
	one.memory = two.memory = 1000;
	one.frames = 5;
	two.seen[SEEN_OWN] = 6;
	one.dest[1].records_lost = 3;
	two.dest[1].up = 1;
	counters_expired(&one, &e[0], END_TCP);
	counters_expired(&two, &e[1], END_UDP);
	counters_expired(&two, &e[2], END_TCP);
	counters_add(&sum, &one);
	assert_int_equal(sum.flow_packets_min, 10);
	counters_add(&sum, &two);
	/* One that saw nothing has no least. */
	memset(&one, 0, sizeof(one));
	counters_add(&sum, &one);
	assert_int_equal(sum.frames, 5);
	assert_int_equal(sum.seen[SEEN_OWN], 6);
	assert_int_equal(sum.expired, 3);
	assert_int_equal(sum.reason[END_TCP], 2);
	assert_int_equal(sum.flow_packets, 17);
	assert_int_equal(sum.flow_packets_min, 2);
	assert_int_equal(sum.flow_packets_max, 10);
	assert_int_equal(sum.flow_octets, 1240);
	assert_int_equal(sum.flow_octets_min, 100);
	assert_int_equal(sum.flow_octets_max, 1000);
	assert_true(sum.flow_duration == 13 * S);
	assert_true(sum.flow_duration_min == S);
	assert_true(sum.flow_duration_max == 9 * S);
	assert_int_equal(sum.received, 3);
	assert_int_equal(sum.memory, 2000);
	assert_int_equal(sum.started, 7);
	assert_int_equal(sum.now, 30);
	assert_int_equal(sum.ndests, 2);
	assert_int_equal(sum.dest[1].records_lost, 3);
	assert_int_equal(sum.dest[1].up, 1);
	assert_int_equal(sum.protocol[6].packets, 12);
	assert_true(sum.protocol[17].max_duration == 9 * S);
}

#define T(name) cmocka_unit_test(name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(packets_are_added_to_their_side),
	    T(each_side_has_tos_vlan_ttl_and_label_of_its_first_packet),
	    T(times_cover_packets_that_are_out_of_order),
	    T(the_initiator_is_who_sent_the_syn),
	    T(fin_of_both_and_rst_end_a_flow_sooner),
	    T(a_first_packet_with_rst_is_due_as_such),
	    T(a_tuple_that_is_reused_an_hour_later_is_two_flows),
	    T(a_clock_that_is_set_back_ends_a_flow),
	    T(a_full_table_makes_room_and_forgets_no_packet),
	    T(parts_of_an_active_flow_begin_with_their_first_packet),
	    T(what_wants_data_is_accounted_for_at_once),
	    T(an_extra_is_given_back_with_its_flow),
	    T(deleted_flows_are_counted_apart),
	    T(a_flow_without_ports_says_so),
	    T(no_packet_is_lost_or_counted_twice),
	    T(expired_flows_are_counted_by_reason_protocol_and_size),
	    T(a_duration_is_never_below_zero),
	    T(counters_of_several_meters_make_one_sum),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
