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

#include "meter/expire.h"

#define S INT64_C(1000000000)
#define T0 (INT64_C(1700000000) * S) /* no multiple of a minute */
#define YEAR (INT64_C(365) * 86400 * S)
#define ALL UINT32_MAX
/* A slot of the wheel and the one behind it. */
#define LATE (S * 55 / 100)

static const uint8_t secret[32];

static const struct timeouts usual = {.tcp = 3600,
    .tcp_rst = 120,
    .tcp_fin = 300,
    .udp = 300,
    .icmp = 300,
    .general = 3600,
    .maxlife = 604800};

#define ENDS 70000
static struct flowtab *t;
static struct expire *x;
static struct {
	uint32_t port; /* what the test knows the flow by */
	enum end_reason why;
	uint64_t packets;
} ended[ENDS];
static uint32_t nended;

static void
note(void *arg, struct entry *e, enum end_reason why)
{
	assert_ptr_equal(arg, &nended);
	assert_true(nended < ENDS);
	assert_int_equal(e->bits & ENTRY_LIVE, ENTRY_LIVE);
	assert_int_equal(e->reason, why);
	ended[nended].port = (uint32_t)e->key.port[0] << 16 | e->key.port[1];
	ended[nended].why = why;
	ended[nended++].packets = e->packets[0] + e->packets[1];
}

static void
begin(const struct timeouts *to)
{
	nended = 0;
	t = flowtab_new(ENDS, false, secret);
	x = expire_new(t, to, note, &nended);
	assert_non_null(t);
	assert_non_null(x);
}

static void
done(void)
{
	expire_free(x);
	flowtab_free(t);
}

static struct entry *
flow(uint32_t n, uint8_t protocol, int64_t first, int64_t last)
{
	struct flow_key k = {.port = {(uint16_t)(n >> 16), (uint16_t)n},
	    .protocol = protocol,
	    .version = protocol == 58 ? 6 : 4};
	struct entry *e = flowtab_add(t, &k, flowtab_hash(t, &k, 0));

	assert_non_null(e);
	e->first = first;
	e->last = last;
	e->packets[0] = 1;
	e->octets[0] = 100;
	return (e);
}

static struct entry *
udp(uint32_t n, int64_t last)
{
	struct entry *e = flow(n, 17, last, last);

	expire_add(x, e);
	return (e);
}

static void
run(int64_t now)
{
	assert_false(expire_run(x, now, ALL));
}

/* The rules of softflowd 1.1, in their order. */
static const struct rule_case {
	const char *name;
	struct timeouts timeouts;
	uint8_t protocol;
	uint8_t bits;
	int64_t first; /* seconds before the last packet */
	int64_t due;   /* seconds behind it */
	enum end_reason why;
} cases[] = {
/* clang-format off */
#define USUAL 3600, 120, 300, 300, 300, 3600, 604800, 0, 0
#define FINS (ENTRY_FIN0 | ENTRY_FIN1)
    {"tcp", {USUAL}, 6, 0, 10, 3600, END_TCP},
    {"rst", {USUAL}, 6, ENTRY_RST, 10, 120, END_TCP_RST},
    {"rst before fin", {USUAL}, 6, ENTRY_RST | FINS, 10, 120, END_TCP_RST},
    {"fin of both", {USUAL}, 6, FINS, 10, 300, END_TCP_FIN},
    {"fin of one", {USUAL}, 6, ENTRY_FIN0, 10, 3600, END_TCP},
    {"fin of the other", {USUAL}, 6, ENTRY_FIN1, 10, 3600, END_TCP},
    {"udp", {USUAL}, 17, 0, 10, 300, END_UDP},
    {"udp has no rst", {USUAL}, 17, ENTRY_RST, 10, 300, END_UDP},
    {"icmp", {USUAL}, 1, 0, 10, 300, END_ICMP},
    {"icmp on v6", {USUAL}, 58, 0, 10, 300, END_ICMP},
    {"esp", {USUAL}, 50, 0, 10, 3600, END_GENERAL},
    {"no protocol", {USUAL}, 0, 0, 10, 3600, END_GENERAL},
    {"rst off: fin", {3600, 0, 300, 300, 300, 3600, 0, 0, 0}, 6,
	ENTRY_RST | FINS, 10, 300, END_TCP_FIN},
    {"rst, fin off: tcp", {3600, 0, 0, 300, 300, 9, 0, 0, 0}, 6,
	ENTRY_RST | FINS, 10, 3600, END_TCP},
    {"tcp off: general", {0, 0, 0, 300, 300, 7200, 0, 0, 0}, 6,
	ENTRY_RST | FINS, 10, 7200, END_GENERAL},
    {"udp off: general", {3600, 0, 0, 0, 300, 7200, 0, 0, 0}, 17,
	0, 10, 7200, END_GENERAL},
    {"icmp off: general", {3600, 0, 0, 0, 0, 7200, 0, 0, 0}, 1,
	0, 10, 7200, END_GENERAL},
    {"too old", {3600, 120, 300, 300, 300, 3600, 1000, 0, 0}, 6,
	0, 1001, -1, END_MAXLIFE},
    {"too old before rst", {3600, 120, 300, 300, 300, 3600, 1000, 0, 0}, 6,
	ENTRY_RST, 1001, -1, END_MAXLIFE},
    {"capped by its age", {3600, 120, 300, 300, 300, 3600, 1000, 0, 0}, 6,
	0, 900, 100, END_MAXLIFE},
    {"not capped", {3600, 120, 300, 300, 300, 3600, 1000, 0, 0}, 6,
	ENTRY_RST, 880, 120, END_TCP_RST},
    {"maxlife off", {3600, 120, 300, 300, 300, 3600, 0, 0, 0}, 6,
	0, 9999999, 3600, END_TCP},
    {"rounded up", {3600, 120, 300, 300, 300, 3600, 0, 60, 0}, 17,
	0, 0, 340, END_UDP},
    {"one rounds nothing", {3600, 120, 300, 301, 300, 3600, 0, 1, 0}, 17,
	0, 0, 301, END_UDP},
    {"capped, then rounded", {3600, 120, 300, 300, 300, 3600, 30, 60, 0}, 17,
	0, 0, 40, END_MAXLIFE},
    {"active", {3600, 120, 300, 300, 300, 3600, 0, 0, 60}, 6,
	0, 20, 40, END_ACTIVE},
    {"active, but silent", {3600, 120, 300, 300, 300, 3600, 0, 0, 60}, 6,
	ENTRY_SILENT, 20, 3600, END_TCP},
    {"idle before active", {3600, 120, 300, 300, 300, 3600, 0, 0, 600}, 6,
	ENTRY_RST, 20, 120, END_TCP_RST},
    /* clang-format on */
};

static void
due_times_follow_the_rules_in_their_order(void **state)
{
	const struct rule_case *c;
	enum end_reason why;
	struct entry *e;
	int64_t due;

	(void)state;
	for (c = cases; c < cases + sizeof(cases) / sizeof(cases[0]); c++) {
		begin(&c->timeouts);
		e = flow(1, c->protocol, T0 - c->first * S, T0);
		e->bits |= c->bits;
		due = expire_due(x, e, &why);
		if (due != T0 + c->due * S || why != c->why)
			fail_msg("%s: %lld, %d", c->name,
			    (long long)(due - T0) / S, why);
		done();
	}
}

static void
a_flow_ends_strictly_after_it_is_due_and_within_a_second(void **state)
{
	const struct rule_case *c;
	struct entry *e;
	int64_t due;

	(void)state;
	for (c = cases; c < cases + sizeof(cases) / sizeof(cases[0]); c++) {
		if (c->why == END_ACTIVE || c->due < 0)
			continue;
		begin(&c->timeouts);
		e = flow(1, c->protocol, T0 - c->first * S, T0);
		e->bits |= c->bits;
		expire_add(x, e);
		due = T0 + c->due * S;
		run(T0 + S);
		run(due);
		assert_int_equal(nended, 0);
		/* A poll until then is not too late, either. */
		assert_in_range(expire_next(x), due, due + LATE);
		run(due + LATE);
		assert_int_equal(nended, 1);
		assert_int_equal(ended[0].why, c->why);
		assert_int_equal(flowtab_count(t), 0);
		assert_true(expire_next(x) == INT64_MAX);
		done();
	}
}

static void
a_packet_only_writes_its_time(void **state)
{
	struct entry *e;
	int i;

	(void)state;
	begin(&usual);
	e = udp(1, T0);
	for (i = 1; i <= 1000; i++) {
		e->last = T0 + i * 10 * S;
		run(e->last);
	}
	assert_int_equal(nended, 0);
	run(e->last + 300 * S);
	assert_int_equal(nended, 0);
	run(e->last + 301 * S);
	assert_int_equal(nended, 1);
	done();
}

static void
rst_and_fin_hasten_the_end(void **state)
{
	struct entry *e;

	(void)state;
	begin(&usual);
	e = flow(1, 6, T0, T0);
	expire_add(x, e);
	assert_in_range(expire_next(x), T0 + 3600 * S, T0 + 3600 * S + LATE);
	e->bits |= ENTRY_FIN0 | ENTRY_FIN1;
	expire_hasten(x, e);
	assert_in_range(expire_next(x), T0 + 300 * S, T0 + 300 * S + LATE);
	e->bits |= ENTRY_RST;
	expire_hasten(x, e);
	assert_in_range(expire_next(x), T0 + 120 * S, T0 + 120 * S + LATE);
	run(T0 + 121 * S);
	assert_int_equal(nended, 1);
	assert_int_equal(ended[0].why, END_TCP_RST);
	done();
}

static void
a_budget_bounds_a_run_and_nothing_is_forgotten(void **state)
{
	uint32_t i, runs = 0;

	(void)state;
	begin(&usual);
	for (i = 0; i < 1000; i++)
		udp(i, T0);
	while (expire_run(x, T0 + 301 * S, 64)) {
		runs++;
		assert_int_equal(nended, runs * 64);
		assert_true(expire_next(x) <= T0 + 301 * S);
		/* Packets go on to come. */
		udp(1000 + runs, T0 + 301 * S);
	}
	assert_int_equal(runs, 1000 / 64);
	assert_int_equal(nended, 1000);
	assert_int_equal(flowtab_count(t), runs);
	done();
}

static void
flows_end_in_the_order_of_their_slots(void **state)
{
	uint32_t i;

	(void)state;
	begin(&usual);
	for (i = 0; i < 100; i++)
		udp((i * 37) % 100, T0 + (i * 37) % 100 * S);
	run(T0 + 1000 * S);
	assert_int_equal(nended, 100);
	for (i = 0; i < 100; i++)
		assert_int_equal(ended[i].port, i);
	done();
}

static void
time_may_jump_forwards_by_years(void **state)
{
	uint32_t i;

	(void)state;
	begin(&usual);
	for (i = 0; i < 1000; i++)
		udp(i, T0 + i * S / 10);
	/* This one comes when the clock has jumped already. */
	udp(5000, T0 + 30 * YEAR);
	/* Each entry is looked at a few times at most, not once a turn. */
	assert_false(expire_run(x, T0 + 30 * YEAR, 3000));
	assert_int_equal(nended, 1000);
	assert_int_equal(flowtab_count(t), 1);
	run(T0 + 30 * YEAR + 301 * S);
	assert_int_equal(nended, 1001);
	done();
}

static void
time_may_jump_backwards_and_no_flow_waits_for_it(void **state)
{
	int64_t back = T0 - 5 * YEAR;
	uint32_t i;

	(void)state;
	begin(&usual);
	for (i = 0; i < 1000; i++)
		udp(i, T0);
	run(T0 + S);
	udp(5000, back);
	run(back);
	assert_int_equal(nended, 0);
	/* In pieces, too. */
	for (i = 0; expire_run(x, back + S, 10); i++)
		assert_true(expire_next(x) < T0);
	assert_true(i >= 99);
	assert_int_equal(nended, 1000);
	assert_int_equal(ended[0].why, END_FLUSHED);
	assert_int_equal(flowtab_count(t), 1);
	run(back + 301 * S);
	assert_int_equal(nended, 1001);
	assert_int_equal(ended[1000].why, END_UDP);
	done();
}

static void
one_run_of_a_wrong_time_ends_nothing(void **state)
{
	int i;

	(void)state;
	begin(&usual);
	udp(1, T0);
	for (i = 0; i < 10; i++) {
		run(T0 + i * S);
		run(T0 - YEAR);
	}
	assert_int_equal(nended, 0);
	run(T0 + 301 * S);
	assert_int_equal(nended, 1);
	assert_int_equal(ended[0].why, END_UDP);
	done();
}

static void
a_step_back_of_seconds_changes_nothing(void **state)
{
	(void)state;
	begin(&usual);
	udp(1, T0);
	run(T0 + 50 * S);
	run(T0);
	run(T0 - 9 * S);
	assert_int_equal(nended, 0);
	udp(2, T0 - 9 * S);
	run(T0 + 292 * S);
	assert_int_equal(nended, 1);
	assert_int_equal(ended[0].port, 2);
	run(T0 + 301 * S);
	assert_int_equal(nended, 2);
	done();
}

static void
times_at_the_ends_of_their_range_do_no_harm(void **state)
{
	static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1,
	    INT64_MAX - 1, INT64_MAX};
	uint32_t i, j, n = 0, total = 0;

	(void)state;
	begin(&usual);
	for (i = 0; i < 7; i++)
		for (j = 0; j < 7; j++) {
			expire_add(x, flow(++n, 17, times[j], times[i]));
			total++;
			(void)expire_run(x, times[j], 1000);
			(void)expire_next(x);
			(void)expire_run(x, times[i], 1000);
		}
	total -= nended;
	assert_int_equal(flowtab_count(t), total);
	assert_int_equal(expire_all(x, END_FLUSHED), total);
	done();
}

static void
all_flows_end_in_pieces_of_so_many_places(void **state)
{
	uint32_t at = 0, i, pieces = 0;

	(void)state;
	begin(&usual);
	for (i = 1; i <= 1000; i++)
		udp(i, T0);
	while (expire_piece(x, &at, END_DELETED, 64)) {
		pieces++;
		assert_int_equal(at, pieces * 64);
		assert_int_equal(nended, pieces * 64);
		assert_int_equal(flowtab_count(t), 1000 - nended);
	}
	assert_int_equal(pieces, 15);
	assert_int_equal(nended, 1000);
	for (i = 0; i < 1000; i++)
		assert_int_equal(ended[i].why, END_DELETED);
	assert_int_equal(flowtab_count(t), 0);
	assert_true(expire_next(x) == INT64_MAX);
	assert_false(expire_piece(x, &at, END_DELETED, 64));
	done();
}

static void
all_flows_end_for_the_reason_that_is_given(void **state)
{
	uint32_t i;

	(void)state;
	begin(&usual);
	for (i = 0; i < 100; i++)
		udp(i, T0 + i * S);
	assert_int_equal(expire_all(x, END_FLUSHED), 100);
	assert_int_equal(nended, 100);
	for (i = 0; i < 100; i++) {
		assert_int_equal(ended[i].port, i);
		assert_int_equal(ended[i].why, END_FLUSHED);
	}
	assert_int_equal(flowtab_count(t), 0);
	assert_true(expire_next(x) == INT64_MAX);
	/* And it goes on as if nothing had been. */
	udp(7, T0 + 100 * S);
	run(T0 + 500 * S);
	assert_int_equal(nended, 101);
	assert_int_equal(expire_all(x, END_FLUSHED), 0);
	done();
}

static void
an_active_flow_is_exported_in_parts(void **state)
{
	struct timeouts to = usual;
	struct entry *e;

	(void)state;
	to.active = 60;
	begin(&to);
	e = flow(1, 6, T0, T0);
	e->tcp_flags[0] = 0x18;
	expire_add(x, e);
	e->last = T0 + 59 * S;
	e->packets[1] = 41;
	run(T0 + 60 * S);
	assert_int_equal(nended, 0);
	run(T0 + 61 * S);
	assert_int_equal(nended, 1);
	assert_int_equal(ended[0].why, END_ACTIVE);
	assert_int_equal(ended[0].packets, 42);
	assert_int_equal(flowtab_count(t), 1);
	assert_int_equal(e->packets[0] + e->packets[1] + e->octets[0], 0);
	assert_int_equal(e->tcp_flags[0], 0);
	assert_int_equal(e->bits, ENTRY_LIVE | ENTRY_INTERIM | ENTRY_SILENT);
	/* Silence is no part; the idle rule counts from the last packet. */
	run(T0 + 3000 * S);
	assert_int_equal(nended, 1);
	run(T0 + 3660 * S);
	assert_int_equal(nended, 2);
	assert_int_equal(ended[1].why, END_TCP);
	assert_int_equal(ended[1].packets, 0);
	done();
}

static void
a_flow_silent_for_long_is_not_exported_in_parts_first(void **state)
{
	struct timeouts to = usual;

	(void)state;
	to.active = 60;
	begin(&to);
	udp(1, T0);
	/* The process slept over both times. */
	run(T0 + 400 * S);
	assert_int_equal(nended, 1);
	assert_int_equal(ended[0].why, END_UDP);
	done();
}

static void
a_packet_after_the_due_time_finds_the_flow_ended(void **state)
{
	struct timeouts to = usual;
	struct entry *e;

	(void)state;
	to.active = 60;
	begin(&to);
	assert_true(expire_calm(x).idle == 120 * S);
	assert_true(expire_calm(x).life == 60 * S);
	e = udp(1, T0);
	assert_false(expire_check(x, e, T0 + 59 * S));
	e->last = T0 + 59 * S;
	/* Its part ends, and it goes on. */
	assert_false(expire_check(x, e, T0 + 61 * S));
	assert_int_equal(ended[0].why, END_ACTIVE);
	assert_true(expire_check(x, e, T0 + 360 * S));
	assert_int_equal(ended[1].why, END_UDP);
	/* Before its own last packet, by more than a minute: a clock. */
	e = udp(2, T0);
	assert_false(expire_check(x, e, T0 - 60 * S));
	assert_true(expire_check(x, e, T0 - 61 * S));
	assert_int_equal(ended[2].why, END_FLUSHED);
	assert_int_equal(flowtab_count(t), 0);
	done();
}

static void
the_victim_is_the_longest_silent_of_sixteen(void **state)
{
	uint32_t i, r, k;

	(void)state;
	begin(&usual);
	for (i = 0; i < 64; i++)
		udp(i, T0 + (i * 29) % 64 * S);
	/* Four entries at four places: 0 to 3, 16 to 19, ... */
	for (r = 0; r < 4; r++) {
		uint32_t least = 64, at = 0;

		for (k = 0; k < 16; k++) {
			i = r * 4 + k / 4 * 16 + k % 4;
			if ((i * 29) % 64 < least) {
				least = (i * 29) % 64;
				at = i;
			}
		}
		expire_victim(x);
		assert_int_equal(nended, r + 1);
		assert_int_equal(ended[r].port, at);
		assert_int_equal(ended[r].why, END_MAXFLOWS);
	}
	assert_int_equal(flowtab_count(t), 60);
	/* Down to the last one, and none. */
	for (i = 0; i < 70; i++)
		expire_victim(x);
	assert_int_equal(nended, 64);
	assert_int_equal(flowtab_count(t), 0);
	done();
}

static void
a_flood_pushes_out_itself(void **state)
{
	struct entry *e[100];
	uint32_t i, n = 1000;

	(void)state;
	begin(&usual);
	for (i = 0; i < 100; i++)
		e[i] = udp(i, T0 + S);
	while (flowtab_count(t) < 2000)
		udp(n++, T0);
	/* Ten times the table; the hundred speak as it is filled once. */
	for (; n < 22000; n++) {
		e[n % 100]->last = T0 + n * S / 1000;
		expire_victim(x);
		udp(n, T0 + n * S / 1000);
	}
	for (i = 0; i < nended; i++)
		assert_true(ended[i].port >= 100);
	done();
}

/*
 * Random flows, packets and clocks, against a list that is searched: each
 * flow ends once, not before it is due, and at most LATE behind it.
 */
static void
the_wheel_ends_what_a_list_would(void **state)
{
	enum { FLOWS = 60, ROUNDS = 40000 };
	static const uint8_t protocols[] = {6, 17, 1, 50};
	static const int64_t steps[] = {S / 100, S / 3, 7 * S, 100 * S,
	    1500 * S};
	struct entry *e[FLOWS] = {NULL};
	uint32_t i, n, seen = 0;
	uint64_t r = 99;
	int64_t now = T0;
	enum end_reason why;

	(void)state;
	begin(&(struct timeouts){.tcp = 3600,
	    .tcp_rst = 20,
	    .udp = 30,
	    .general = 6000,
	    .maxlife = 9000});
	for (i = 0; i < ROUNDS; i++) {
		r = r * UINT64_C(6364136223846793005) + 1442695040888963407;
		n = (uint32_t)(r >> 33) % FLOWS;
		now +=
		    steps[(r >> 20) % 100 == 0 ? (r >> 27) % 5 : (r >> 27) % 2];
		if (e[n] == NULL) {
			e[n] = flow(n, protocols[n % 4], now, now);
			expire_add(x, e[n]);
		} else if (!expire_check(x, e[n], now)) {
			e[n]->last = now;
			if (n % 4 == 0 && (r >> 50) % 16 == 0) {
				e[n]->bits |= ENTRY_RST;
				expire_hasten(x, e[n]);
			}
		}
		run(now);
		for (; seen < nended; seen++) {
			assert_non_null(e[ended[seen].port]);
			e[ended[seen].port] = NULL;
		}
		/* Behind: an early end, or a late one. */
		for (n = 0; n < FLOWS; n++)
			if (e[n] != NULL &&
			    expire_due(x, e[n], &why) + LATE < now)
				fail_msg("flow %u is late", n);
		if (nended > ENDS - 200)
			nended = seen = 0;
	}
	done();
}

static void
reasons_are_those_of_ipfix(void **state)
{
	static const uint8_t wire[END_MAX] = {1, 1, 3, 3, 1, 1, 2, 5, 5, 4, 2};
	int i;

	(void)state;
	for (i = 0; i < END_MAX; i++)
		assert_int_equal(end_reason_wire(i), wire[i]);
}

#define T(name) cmocka_unit_test(name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(due_times_follow_the_rules_in_their_order),
	    T(a_flow_ends_strictly_after_it_is_due_and_within_a_second),
	    T(a_packet_only_writes_its_time),
	    T(rst_and_fin_hasten_the_end),
	    T(a_budget_bounds_a_run_and_nothing_is_forgotten),
	    T(flows_end_in_the_order_of_their_slots),
	    T(time_may_jump_forwards_by_years),
	    T(time_may_jump_backwards_and_no_flow_waits_for_it),
	    T(one_run_of_a_wrong_time_ends_nothing),
	    T(a_step_back_of_seconds_changes_nothing),
	    T(times_at_the_ends_of_their_range_do_no_harm),
	    T(all_flows_end_in_pieces_of_so_many_places),
	    T(all_flows_end_for_the_reason_that_is_given),
	    T(an_active_flow_is_exported_in_parts),
	    T(a_flow_silent_for_long_is_not_exported_in_parts_first),
	    T(a_packet_after_the_due_time_finds_the_flow_ended),
	    T(the_victim_is_the_longest_silent_of_sixteen),
	    T(a_flood_pushes_out_itself),
	    T(the_wheel_ends_what_a_list_would),
	    T(reasons_are_those_of_ipfix),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
