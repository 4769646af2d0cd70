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
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "peer.h"

static int evictions;

static void
evicted(void *arg, const struct peer *p)
{
	(void)arg;
	(void)p;
	evictions++;
}

static struct addr
number(uint32_t n)
{
	struct addr a = {.family = ADDR_V4};

	a.b[0] = 10;
	a.b[1] = (uint8_t)(n >> 16);
	a.b[2] = (uint8_t)(n >> 8);
	a.b[3] = (uint8_t)n;
	return (a);
}

static struct peer *
add(struct peers *ps, uint32_t n, bool configured)
{
	struct addr a = number(n);
	struct peer *p = peer_find(ps, &a, 0);

	return (p != NULL
		? p
		: peer_add(ps, &a, 0, configured ? PEER_NAMED : PEER_STRANGER));
}

static bool
known(struct peers *ps, uint32_t n)
{
	struct addr a = number(n);

	return (peer_find(ps, &a, 0) != NULL);
}

static void
the_longest_silent_goes_first(void **state)
{
	struct peers *ps = peers_new(3, evicted, NULL);

	(void)state;
	evictions = 0;
	add(ps, 1, false);
	add(ps, 2, false);
	add(ps, 3, false);
	assert_true(known(ps, 1)); /* heard of again */
	add(ps, 4, false);
	assert_int_equal(evictions, 1);
	assert_false(known(ps, 2));
	assert_true(known(ps, 1));
	assert_true(known(ps, 3));
	assert_int_equal(peers_count(ps), 3);
	assert_int_equal(peers_evicted(ps), 1);
	peers_free(ps);
}

static void
a_flood_of_strangers_does_not_evict_the_configured(void **state)
{
	struct peers *ps = peers_new(64, evicted, NULL);
	uint32_t i;

	(void)state;
	for (i = 0; i < 8; i++)
		add(ps, i, true);
	for (i = 100; i < 100100; i++)
		add(ps, i, false);
	assert_true(peers_count(ps) <= 64);
	for (i = 0; i < 8; i++)
		assert_true(known(ps, i));
	peers_free(ps);
}

static void
when_all_must_stay_a_newcomer_is_refused(void **state)
{
	struct peers *ps = peers_new(4, evicted, NULL);
	uint32_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		add(ps, i, true);
	assert_null(add(ps, 5, false));
	assert_int_equal(peers_count(ps), 4);
	peers_free(ps);
}

static void
one_with_flows_under_way_stays_until_they_are_stored(void **state)
{
	struct peers *ps = peers_new(1, evicted, NULL);
	struct peer *p = add(ps, 1, false);

	(void)state;
	peer_pending(ps, p, LEDGER_LOG, 1);
	peer_pending(ps, p, LEDGER_LOG, 1);
	assert_null(add(ps, 2, false));
	peer_settle(ps, p, LEDGER_LOG, FATE_STORED, 2);
	assert_int_equal(p->ledger.n[L_STORED], 2);
	assert_int_equal(p->ledger.n[L_PENDING], 0);
	assert_non_null(add(ps, 2, false));
	assert_false(known(ps, 1));
	peers_free(ps);
}

static bool
odd(void *arg, struct peer *p)
{
	(void)arg;
	return ((p->addr.b[3] & 1) != 0);
}

static bool
tally(void *arg, const struct peer *p)
{
	(void)p;
	++*(int *)arg;
	return (true);
}

static void
a_review_forgets_whom_it_is_told_to(void **state)
{
	struct peers *ps = peers_new(16, evicted, NULL);
	uint32_t i;
	int n = 0;

	(void)state;
	for (i = 0; i < 10; i++)
		add(ps, i, i < 5);
	peers_review(ps, odd, NULL);
	peers_walk(ps, tally, &n);
	assert_int_equal(n, 5);
	assert_int_equal(peers_count(ps), 5);
	assert_true(known(ps, 3));
	assert_false(known(ps, 4));
	peers_free(ps);
}

static void
ports_of_an_address_are_peers_of_their_own(void **state)
{
	struct peers *ps = peers_new(16, evicted, NULL);
	struct addr a = number(1);
	struct peer *p1, *p2;

	(void)state;
	p1 = peer_add(ps, &a, 1001, PEER_PORT);
	p2 = peer_add(ps, &a, 1002, PEER_PORT);
	assert_ptr_equal(peer_find(ps, &a, 1001), p1);
	assert_ptr_equal(peer_find(ps, &a, 1002), p2);
	assert_null(peer_find(ps, &a, 0));
	assert_null(peer_find(ps, &a, 1003));
	peers_free(ps);
}

static void
made_up_ports_evict_each_other_and_no_named_one(void **state)
{
	struct peers *ps = peers_new(16, evicted, NULL);
	struct addr a = number(1);
	uint32_t i;

	(void)state;
	for (i = 100; i < 108; i++)
		add(ps, i, true);
	for (i = 1; i < 60000; i++)
		assert_non_null(peer_add(ps, &a, (uint16_t)i, PEER_PORT));
	assert_in_range(peers_count(ps), 12, 13);
	for (i = 100; i < 108; i++)
		assert_true(known(ps, i));
	/* Strangers take what is left, and nothing of the ports. */
	for (i = 1000; i < 2000; i++)
		add(ps, i, false);
	assert_int_equal(peers_count(ps), 16);
	assert_non_null(peer_find(ps, &a, 59999));
	peers_free(ps);
}

static void
a_smaller_limit_counts_at_once(void **state)
{
	struct peers *ps = peers_new(1000, evicted, NULL);
	uint32_t i;
	size_t bytes;

	(void)state;
	add(ps, 5000, true);
	for (i = 0; i < 900; i++)
		add(ps, i, false);
	bytes = peers_bytes(ps, 0);
	peers_limit(ps, 10);
	assert_int_equal(peers_count(ps), 10);
	assert_true(known(ps, 5000));
	assert_true(known(ps, 899));
	assert_false(known(ps, 800));
	assert_true(peers_bytes(ps, 0) < bytes / 50);
	/* Room for named ones that were not heard of yet counts. */
	assert_int_equal(peers_bytes(ps, 11) - peers_bytes(ps, 1),
	    10 * (sizeof(struct peer) + 16));
	peers_free(ps);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_longest_silent_goes_first),
	    cmocka_unit_test(
		a_flood_of_strangers_does_not_evict_the_configured),
	    cmocka_unit_test(when_all_must_stay_a_newcomer_is_refused),
	    cmocka_unit_test(
		one_with_flows_under_way_stays_until_they_are_stored),
	    cmocka_unit_test(a_review_forgets_whom_it_is_told_to),
	    cmocka_unit_test(a_smaller_limit_counts_at_once),
	    cmocka_unit_test(made_up_ports_evict_each_other_and_no_named_one),
	    cmocka_unit_test(ports_of_an_address_are_peers_of_their_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
