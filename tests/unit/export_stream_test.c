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
 * When messages go, and where: each destination has a stream of its own.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "export.h"

static void
many(uint32_t n, int64_t now)
{
	uint32_t i;

	entry_default(4, 6);
	for (i = 0; i < n; i++) {
		entry.key.port[0] = (uint16_t)i;
		nflows = 0;
		export_flow(export, &entry, END_TCP, now);
	}
}

static void
each_destination_gets_everything(void **state)
{
	static const uint16_t versions[] = {1, 5, 9, 10};
	size_t i, d;

	(void)state;
	for (i = 0; i < NSPECS(versions); i++) {
		config_default(versions[i]);
		export_begin(3);
		many(1000, T0 + 5000 * MS);
		export_flush(export, T0 + 5000 * MS);
		assert_int_equal(counters.exported_records, 2000);
		for (d = 0; d < 3; d++) {
			assert_int_equal(dests[d].records, 2000);
			assert_true(
			    dests[d].longest > 1428 - 60 || versions[i] == 1);
		}
		export_done();
	}
}

static void
balanced_messages_go_to_each_in_turn(void **state)
{
	size_t d, most = 0, least = SIZE_MAX, all = 0;

	(void)state;
	config_default(9);
	config.balance = true;
	export_begin(3);
	many(3000, T0 + 5000 * MS);
	export_flush(export, T0 + 5000 * MS);
	for (d = 0; d < 3; d++) {
		assert_true(dests[d].templates > 0);
		all += dests[d].records;
		most = dests[d].messages > most ? dests[d].messages : most;
		least = dests[d].messages < least ? dests[d].messages : least;
	}
	assert_int_equal(all, 6000);
	assert_true(most - least <= 1);
	export_done(); /* which checks that none misses a message */
}

static void
a_message_waits_for_a_second(void **state)
{
	const int64_t t = T0 + 5000 * MS;

	(void)state;
	config_default(9);
	export_begin(2);
	assert_true(export_run(export, t) == INT64_MAX);
	entry_default(4, 6);
	export_flow(export, &entry, END_TCP, t);
	export_flow(export, &entry, END_TCP, t + 500 * MS);
	assert_int_equal(export_run(export, t + 500 * MS), t + 1000 * MS);
	assert_int_equal(export_run(export, t + 999 * MS), t + 1000 * MS);
	assert_int_equal(dests[0].messages, 0);
	assert_true(export_run(export, t + 1000 * MS) == INT64_MAX);
	assert_int_equal(dests[0].messages, 1);
	assert_int_equal(dests[1].messages, 1);
	assert_int_equal(dests[0].records, 4);
	/* A clock that was set back does not hold it. */
	export_flow(export, &entry, END_TCP, t);
	assert_true(export_run(export, t - 3600 * NSEC_PER_SEC) == INT64_MAX);
	assert_int_equal(dests[0].records, 6);
	export_done();
}

static void
templates_come_again_by_count_and_time(void **state)
{
	const int64_t t = T0 + 5000 * MS;
	size_t i, templates;

	(void)state;
	config_default(10);
	export_begin(1);
	entry_default(4, 6);
	for (i = 0; i < 160; i++) {
		export_flow(export, &entry, END_TCP, t);
		export_flush(export, t);
	}
	assert_in_range(dests[0].templates, 160 / 16, 160 / 15 + 1);
	/* They do not wait for a flow, once there was one. */
	templates = dests[0].templates;
	export_flush(export, t + 59 * NSEC_PER_SEC);
	assert_int_equal(dests[0].templates, templates);
	export_flush(export, t + 60 * NSEC_PER_SEC);
	assert_int_equal(dests[0].templates, templates + 1);
	export_done();
}

static void
templates_go_once_where_nothing_is_lost(void **state)
{
	int64_t t = T0 + 5000 * MS;
	int i;

	(void)state;
	config_default(10);
	dests[0].reliable = true;
	export_begin(2);
	entry_default(4, 6);
	for (i = 0; i < 100; i++) {
		export_flow(export, &entry, END_TCP, t);
		export_flush(export, t);
		t += NSEC_PER_SEC;
	}
	assert_int_equal(dests[0].templates, 1);
	assert_true(dests[1].templates >= 6);
	export_done();
}

static void
a_new_connection_has_templates_first(void **state)
{
	const int64_t t = T0 + 5000 * MS;

	(void)state;
	config_default(10);
	dests[0].reliable = true;
	export_begin(2);
	entry_default(4, 6);
	export_flow(export, &entry, END_TCP, t);
	export_flush(export, t);
	export_flow(export, &entry, END_TCP, t);
	/* Messages wait: they need them at once, by themselves. */
	dests[0].waits = true;
	export_connected(export, 0);
	assert_int_equal(dests[0].messages, 2);
	assert_int_equal(dests[0].templates, 2);
	assert_int_equal(dests[0].records, 2);
	/* A datagram that was refused: in the next. */
	export_connected(export, 1);
	assert_int_equal(dests[1].messages, 1);
	export_flush(export, t);
	assert_int_equal(dests[1].templates, 2);
	assert_int_equal(dests[0].records, 4);
	assert_int_equal(dests[1].records, 4);
	export_connected(export, 2); /* there is none */
	export_done();
}

static void
an_operator_has_templates_sent(void **state)
{
	const int64_t t = T0 + 5000 * MS;

	(void)state;
	config_default(9);
	export_begin(1);
	entry_default(4, 6);
	export_one(END_TCP);
	export_refresh(export);
	export_flow(export, &entry, END_TCP, t);
	export_flush(export, t);
	assert_int_equal(dests[0].templates, 2);
	export_done();
}

/* How many templates are known behind the end. */
static uint32_t
templates_at_the_end(uint16_t version, bool reliable)
{
	struct dec_usage u;

	config_default(version);
	dests[0].reliable = reliable;
	export_begin(1);
	entry_default(4, 6);
	export_flow(export, &entry, END_TCP, T0 + 5000 * MS);
	export_end(export, T0 + 5000 * MS);
	assert_int_equal(dests[0].records, 2);
	decode_usage(dests[0].rx->d, &u);
	export_done();
	return (u.templates);
}

static void
the_end_withdraws_templates_where_order_is_kept(void **state)
{
	(void)state;
	assert_int_equal(templates_at_the_end(10, true), 0);
	assert_int_equal(templates_at_the_end(10, false), 5);
	assert_int_equal(templates_at_the_end(9, true), 5);
}

static void
without_a_destination_all_is_counted(void **state)
{
	(void)state;
	config_default(9);
	export_begin(0);
	many(1000, T0 + 5000 * MS);
	export_end(export, T0 + 5000 * MS);
	assert_int_equal(counters.exported_flows, 1000);
	assert_int_equal(counters.exported_records, 2000);
	export_connected(export, 0);
	export_done();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_destination_gets_everything),
	    cmocka_unit_test(balanced_messages_go_to_each_in_turn),
	    cmocka_unit_test(a_message_waits_for_a_second),
	    cmocka_unit_test(templates_come_again_by_count_and_time),
	    cmocka_unit_test(templates_go_once_where_nothing_is_lost),
	    cmocka_unit_test(a_new_connection_has_templates_first),
	    cmocka_unit_test(an_operator_has_templates_sent),
	    cmocka_unit_test(the_end_withdraws_templates_where_order_is_kept),
	    cmocka_unit_test(without_a_destination_all_is_counted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
