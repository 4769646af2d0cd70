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

#include <stdlib.h>
#include <string.h>

#include "ledger.h"

static void
every_counter_has_a_name(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < L_MAX; i++) {
		assert_non_null(ledger_rows[i].name);
		assert_non_null(ledger_rows[i].what);
		for (j = 0; j < i; j++)
			assert_string_not_equal(ledger_rows[i].name,
			    ledger_rows[j].name);
	}
}

static void
an_empty_ledger_adds_up(void **state)
{
	struct ledger l = {{0}};

	(void)state;
	assert_null(ledger_check(&l));
}

static void
a_datagram_in_no_counter_is_found(void **state)
{
	struct ledger l = {{0}};

	(void)state;
	l.n[L_RECEIVED] = 1;
	assert_string_equal(ledger_check(&l), "received");
	l.n[L_DECODED] = 1;
	assert_string_equal(ledger_check(&l), "decoded");
	l.n[L_V8] = 1;
	assert_null(ledger_check(&l));
	l.n[L_MALFORMED] = 1;
	assert_string_equal(ledger_check(&l), "malformed");
	l.n[L_BAD_COUNT] = 1;
	assert_string_equal(ledger_check(&l), "received");
}

static void
a_flow_in_no_counter_is_found(void **state)
{
	struct ledger l = {{0}};

	(void)state;
	l.n[L_RECORDS] = l.n[L_ACCEPTED] = 3;
	assert_string_equal(ledger_check(&l), "accepted");
	l.n[L_STORED] = 1;
	l.n[L_PENDING] = 1;
	l.n[L_UNLOGGED] = 1;
	assert_string_equal(ledger_check(&l), "accepted");
	l.n[L_ARCHIVED] = 2;
	l.n[L_ARCHIVE_LOST_IO] = 1;
	assert_null(ledger_check(&l));
}

static void
more_recovered_than_was_lost_is_found(void **state)
{
	struct ledger l = {{0}};

	(void)state;
	l.n[L_SEQ_LOST] = 2;
	l.n[L_SEQ_RECOVERED] = 2;
	assert_null(ledger_check(&l));
	l.n[L_SEQ_RECOVERED] = 3;
	assert_string_equal(ledger_check(&l), "seq_recovered");
	ledger_close_crash(&l);
	assert_null(ledger_check(&l));
}

/* Wherever a collector dies, the sums hold afterwards and nothing shrinks. */
static void
a_crash_at_any_point_closes_the_sums(void **state)
{
	struct ledger l, was;
	int round, i;

	(void)state;
	srandom(1);
	for (round = 0; round < 1000; round++) {
		for (i = 0; i < L_MAX; i++)
			l.n[i] = (uint64_t)random() % 5;
		l.n[L_RECEIVED] += 80;
		l.n[L_ACCEPTED] += 40;
		l.n[L_RECORDS] += 100;
		was = l;
		ledger_close_crash(&l);
		assert_null(ledger_check(&l));
		assert_int_equal(l.n[L_PENDING], 0);
		assert_int_equal(l.n[L_ARCHIVE_PENDING], 0);
		for (i = 0; i < L_MAX; i++)
			assert_true(i == L_PENDING || i == L_ARCHIVE_PENDING ||
			    l.n[i] >= was.n[i]);
		assert_int_equal(l.n[L_RECEIVED], was.n[L_RECEIVED]);
		assert_true(l.n[L_LOST_CRASH] >=
		    was.n[L_LOST_CRASH] + was.n[L_PENDING]);
		assert_true(l.n[L_ARCHIVE_LOST_CRASH] >=
		    was.n[L_ARCHIVE_LOST_CRASH] + was.n[L_ARCHIVE_PENDING]);
	}
}

static void
loss_is_what_did_not_come_of_all_that_was_sent(void **state)
{
	struct ledger l = {{0}};

	(void)state;
	assert_true(ledger_loss(&l) == 0);
	l.n[L_SEQ_RECEIVED] = 60;
	l.n[L_SEQ_LOST] = 50;
	l.n[L_SEQ_RECOVERED] = 30;
	assert_true(ledger_loss(&l) == 0.25);
	l.n[L_SEQ_RECOVERED] = 50;
	assert_true(ledger_loss(&l) == 0);
}

static void
skew_keeps_the_extremes(void **state)
{
	struct skew s = {0};

	(void)state;
	skew_take(&s, 500);
	assert_true(s.known);
	assert_int_equal(s.least, 500);
	skew_take(&s, -20);
	skew_take(&s, 100);
	assert_int_equal(s.last, 100);
	assert_int_equal(s.least, -20);
	assert_int_equal(s.most, 500);
}

static void
the_log_lines_name_every_counter(void **state)
{
	struct ledger l = {{0}};
	char line[1024], all[8192] = "", word[80];
	size_t i;

	(void)state;
	for (i = 0; ledger_line(&l, i, line, sizeof(line)); i++)
		strlcat(all, line, sizeof(all));
	for (i = 0; i < L_MAX; i++) {
		snprintf(word, sizeof(word), " %s 0", ledger_rows[i].name);
		assert_non_null(strstr(all, word));
	}
}

static void
of_several_each_counter_is_the_sum(void **state)
{
	struct ledger sum = {{0}}, one;
	uint64_t i;

	(void)state;
	for (i = 0; i < L_MAX; i++)
		one.n[i] = i * i + 1;
	ledger_add(&sum, &one);
	ledger_add(&sum, &one);
	for (i = 0; i < L_MAX; i++)
		assert_int_equal(sum.n[i], 2 * (i * i + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_counter_has_a_name),
	    cmocka_unit_test(of_several_each_counter_is_the_sum),
	    cmocka_unit_test(an_empty_ledger_adds_up),
	    cmocka_unit_test(a_datagram_in_no_counter_is_found),
	    cmocka_unit_test(a_flow_in_no_counter_is_found),
	    cmocka_unit_test(more_recovered_than_was_lost_is_found),
	    cmocka_unit_test(a_crash_at_any_point_closes_the_sums),
	    cmocka_unit_test(loss_is_what_did_not_come_of_all_that_was_sent),
	    cmocka_unit_test(skew_keeps_the_extremes),
	    cmocka_unit_test(the_log_lines_name_every_counter),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
