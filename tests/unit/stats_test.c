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

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stats.h"

static struct exporter exporters[2];
static char text[65536];

/* One exporter that has lost a fifth, and one that never told the time. */
static struct stats
example(void)
{
	struct stats s = {.exporter = exporters, .nexporter = 2};
	uint64_t *n = exporters[0].ledger.n;

	memset(exporters, 0, sizeof(exporters));
	exporters[0].addr = (struct addr){ADDR_V4, {192, 0, 2, 1}};
	exporters[1].addr = (struct addr){ADDR_V4, {192, 0, 2, 2}};
	n[L_SEQ_RECEIVED] = 80;
	n[L_SEQ_LOST] = 25;
	n[L_SEQ_RECOVERED] = 5;
	skew_take(&exporters[0].skew, 70);
	skew_take(&exporters[0].skew, -1500);
	skew_take(&exporters[0].skew, 20);
	s.ledger = exporters[0].ledger;
	return (s);
}

/* The statistics as a program reads them. */
static void
write_them(const struct stats *s)
{
	char path[64];
	size_t n;
	FILE *fp;

	snprintf(path, sizeof(path), "/tmp/flowd-stats.%ld", (long)getpid());
	assert_int_equal(stats_write(s, path), 0);
	assert_non_null(fp = fopen(path, "r"));
	n = fread(text, 1, sizeof(text) - 1, fp);
	text[n] = '\0';
	fclose(fp);
	unlink(path);
}

static int
count(const char *what)
{
	const char *p = text;
	int n = 0;

	for (; (p = strstr(p, what)) != NULL; p++)
		n++;
	return (n);
}

static void
loss_is_told_in_all_and_of_each(void **state)
{
	struct stats s = example();

	(void)state;
	write_them(&s);
	assert_int_equal(count("\"loss\": 0.200000,"), 2);
	assert_int_equal(count("\"loss\": 0.000000,"), 1);
}

static void
clock_is_told_of_those_that_have_one(void **state)
{
	struct stats s = example();

	(void)state;
	write_them(&s);
	assert_int_equal(count("\"clock_ms\": 20,"), 1);
	assert_int_equal(count("\"clock_ms_least\": -1500,"), 1);
	assert_int_equal(count("\"clock_ms_most\": 70,"), 1);
	assert_int_equal(count("clock_ms"), 3);
}

static void
one_exporter_that_does_not_add_up_is_enough(void **state)
{
	struct stats s = example();

	(void)state;
	write_them(&s);
	assert_int_equal(count("\"balanced\": true"), 1);
	exporters[1].ledger.n[L_RECORDS]++;
	write_them(&s);
	assert_int_equal(count("\"balanced\": false"), 1);
}

static void
sockets_and_ignored_elements_are_listed(void **state)
{
	struct stats s = example();

	(void)state;
	write_them(&s);
	assert_int_equal(count("\"listeners\": [\n],"), 1);
	assert_int_equal(count("\"ignored\": [\n],"), 1);
	s.nlistener = 2;
	strlcpy(s.listener[0].name, "[::1]:2055", ENDPOINT_STRLEN);
	strlcpy(s.listener[1].name, "0.0.0.0:2055", ENDPOINT_STRLEN);
	s.listener[1].drops = 77;
	s.nignored = 1;
	s.ignored[0] = (struct stats_ignored){9, 12235, 5};
	s.ignored_more = 3;
	write_them(&s);
	assert_int_equal(count("\"address\": \"[::1]:2055\",\n"
			       "\t\"kernel_drops\": 0\n},"),
	    1);
	assert_int_equal(count("\"address\": \"0.0.0.0:2055\",\n"
			       "\t\"kernel_drops\": 77\n}\n"),
	    1);
	assert_int_equal(count("{\"pen\": 9, \"id\": 12235, \"records\": 5}\n"),
	    1);
	assert_int_equal(count("\"ignored_more\": 3,"), 1);
}

static void
every_counter_is_told_in_all_and_of_each(void **state)
{
	struct stats s = example();
	char name[64];
	int i;

	(void)state;
	write_them(&s);
	for (i = 0; i < L_MAX; i++) {
		snprintf(name, sizeof(name), "\t\"%s\": ", ledger_rows[i].name);
		assert_int_equal(count(name), 3);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(loss_is_told_in_all_and_of_each),
	    cmocka_unit_test(clock_is_told_of_those_that_have_one),
	    cmocka_unit_test(one_exporter_that_does_not_add_up_is_enough),
	    cmocka_unit_test(sockets_and_ignored_elements_are_listed),
	    cmocka_unit_test(every_counter_is_told_in_all_and_of_each),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
