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

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "scan/reading.h"
#include "tests/unit/numbered.h"

#define N 1000
#define FILES 12
#define ROWS 64
#define WIDTH 8

static char dir[64];
static char name[FILES][96];
static char *paths[FILES];
static struct reading_options options;
static struct question question;
static struct totals totals;
/* the answer */
static char columns[WIDTH][48];
static struct cell cell[ROWS][WIDTH];
static size_t nrows, ncolumns, heads;
/* what was told */
static char told[256][128];
static size_t ntold;
static unsigned int stops;

static void
tell(void *arg, enum scan_fault kind, const char *path, uint64_t offset,
    const char *what)
{
	(void)arg;
	(void)kind;
	assert_true(ntold < 256);
	(void)snprintf(told[ntold++], sizeof(told[0]), "%s@%llu: %s",
	    path + strlen(dir) + 1, (unsigned long long)offset, what);
}

static bool
stop(void *arg)
{
	(void)arg;
	return (stops-- == 0);
}

static const char *
head(void *arg, const struct sheet_column *c, size_t n)
{
	size_t i;

	(void)arg;
	heads++;
	ncolumns = n;
	for (i = 0; i < n && i < WIDTH; i++)
		(void)snprintf(columns[i], sizeof(columns[i]), "%s", c[i].name);
	return (NULL);
}

static const char *
row(void *arg, const struct cell *c, size_t n)
{
	const char *const *error = arg;

	assert_int_equal(n, ncolumns);
	if (nrows < ROWS)
		memcpy(cell[nrows], c, (n < WIDTH ? n : WIDTH) * sizeof(*c));
	nrows++;
	return (error == NULL ? NULL : *error);
}

static int
setup(void **state)
{
	unsigned int i;

	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/ask_test.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return (-1);
	for (i = 0; i < FILES; i++) {
		paths[i] = name[i];
		(void)snprintf(name[i], sizeof(name[i]), "%s/%02u", dir, i);
		/* Logs and segments take turns. */
		if (numbered_file(name[i], 3 + i % 2, i * N, (i + 1) * N) == -1)
			return (-1);
	}
	options = (struct reading_options){.since = INT64_MIN,
	    .until = INT64_MAX,
	    .tell = tell};
	question = (struct question){.since = INT64_MIN,
	    .until = INT64_MAX,
	    .threads = 3};
	ntold = 0;
	return (0);
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return (system(command));
}

static const char *
ask_with(const char *error)
{
	struct sheet_taker taker = {head, row, error == NULL ? NULL : &error};
	struct reading *r = reading_new(paths, FILES, &options);
	const char *result;

	assert_non_null(r);
	nrows = ncolumns = heads = 0;
	result = reading_ask(r, &question, &taker);
	totals = *reading_totals(r);
	reading_free(r);
	return (result);
}

static void
ask(void)
{
	assert_null(ask_with(NULL));
}

static void
keys(const char *of)
{
	char bad[64];

	assert_int_equal(question_keys(&question, of, bad), 0);
}

static void
orders(const char *of)
{
	char bad[64];

	assert_int_equal(question_orders(&question, of, bad), 0);
}

#define ALL ((uint64_t)FILES * N)

static void
sums_are_of_all_files(void **state)
{
	(void)state;
	ask();
	assert_int_equal(heads, 1);
	assert_int_equal(nrows, 1);
	assert_int_equal(ncolumns, 5);
	assert_string_equal(columns[2], "octets");
	assert_int_equal(cell[0][0].type, CELL_NUMBER);
	assert_int_equal(cell[0][0].u.number, ALL);
	assert_int_equal(cell[0][1].u.number, ALL);
	assert_int_equal(cell[0][2].u.number, ALL * (ALL - 1) / 2);
	/* Nothing is known of their start. */
	assert_int_equal(cell[0][3].type, CELL_NONE);
	assert_int_equal(totals.records, ALL);
	assert_int_equal(totals.matched, ALL);
}

static void
groups_are_rows(void **state)
{
	unsigned int i;

	(void)state;
	keys("src_addr");
	orders("src_addr:asc");
	ask();
	assert_int_equal(nrows, 4);
	assert_string_equal(columns[0], "src_addr");
	for (i = 0; i < 4; i++) {
		assert_int_equal(cell[i][0].type, CELL_PREFIX);
		assert_int_equal(cell[i][0].u.prefix.len, 32);
		assert_int_equal(cell[i][0].u.prefix.addr.b[0], 10);
		assert_int_equal(cell[i][0].u.prefix.addr.b[3], i);
		assert_int_equal(cell[i][1].u.number, ALL / 4);
		/* i, i + 4, ... */
		assert_int_equal(cell[i][3].u.number,
		    ALL / 4 * (i + (ALL - 4 + i)) / 2);
	}
}

static void
statistics_are_several_tables(void **state)
{
	(void)state;
	question.stats = true;
	ask();
	assert_true(heads > 2);
}

static void
the_largest_flows_come_first(void **state)
{
	uint64_t i;

	(void)state;
	orders("octets");
	question.top = 5;
	options.needs.w[FLOW_OCTETS / 64] |= (uint64_t)1 << FLOW_OCTETS % 64;
	options.needs.w[FLOW_SRC_ADDR / 64] |= (uint64_t)1
	    << FLOW_SRC_ADDR % 64;
	options.needs.w[FLOW_IN_SRC_MAC / 64] |= (uint64_t)1
	    << FLOW_IN_SRC_MAC % 64;
	ask();
	assert_int_equal(nrows, 5);
	assert_int_equal(ncolumns, 3);
	for (i = 0; i < 5; i++) {
		size_t k;

		for (k = 0; k < 3; k++)
			if (strcmp(columns[k], "octets") == 0)
				assert_int_equal(cell[i][k].u.number,
				    ALL - 1 - i);
			else if (strcmp(columns[k], "src_addr") == 0)
				assert_int_equal(cell[i][k].u.prefix.addr.b[3],
				    (ALL - 1 - i) % 4);
			else
				assert_int_equal(cell[i][k].type, CELL_NONE);
	}
}

static void
the_first_flows_are_those_of_the_first_files(void **state)
{
	uint64_t i;

	(void)state;
	question.top = 7;
	options.needs.w[FLOW_OCTETS / 64] |= (uint64_t)1 << FLOW_OCTETS % 64;
	ask();
	assert_int_equal(nrows, 7);
	for (i = 0; i < 7; i++)
		assert_int_equal(cell[i][0].u.number, i);
}

static void
a_taker_that_has_enough_ends_it(void **state)
{
	(void)state;
	keys("src_addr");
	assert_string_equal(ask_with("no more"), "no more");
	assert_int_equal(nrows, 1);
	question.nkeys = 0;
	question.top = 3;
	assert_string_equal(ask_with("no more"), "no more");
	assert_int_equal(nrows, 1);
}

/* From its start, or from its end, where columns are. */
static void
damage(unsigned int i, size_t offset, bool behind)
{
	struct blob b = blob_of(paths[i]);

	assert_non_null(b.p);
	b.p[behind ? b.len - offset : offset] ^= 0x20;
	assert_int_equal(blob_put(paths[i], b.p, b.len), 0);
	free(b.p);
}

static void
damage_is_told_in_the_order_of_the_files(void **state)
{
	static char first[256][128];
	unsigned int i;
	size_t nfirst;

	(void)state;
	keys("src_addr");
	/* Long enough for other threads to be at the next files. */
	assert_int_equal(numbered_file(paths[3], 4, 0, 60 * N), 0);
	for (i = 0; i < FILES; i++)
		damage(i, i % 4 == 1 ? 12 : 200, i % 4 == 3);
	assert_int_equal(unlink(paths[5]), 0);
	question.threads = 1;
	ask();
	nfirst = ntold;
	memcpy(first, told, sizeof(first));
	assert_int_equal(nfirst, FILES);
	for (i = 0; i < FILES; i++)
		assert_memory_equal(told[i], strrchr(paths[i], '/') + 1, 2);
	assert_non_null(strstr(told[3], "a column is damaged"));
	assert_string_equal(told[5], "05@0: No such file or directory");
	for (question.threads = 2; question.threads <= 5; question.threads++) {
		ntold = 0;
		ask();
		assert_int_equal(ntold, nfirst);
		assert_memory_equal(first, told, sizeof(first));
	}
}

static void
a_question_that_is_stopped_answers_of_what_was_read(void **state)
{
	(void)state;
	options.stop = stop;
	stops = 5;
	question.threads = 1;
	ask();
	assert_int_equal(nrows, 1);
	assert_true(totals.interrupted);
	assert_true(cell[0][0].u.number < ALL);
	assert_int_equal(cell[0][0].u.number, totals.matched);
}

static void
a_reading_answers_once(void **state)
{
	const struct sheet_taker taker = {head, row, NULL};
	struct reading *r = reading_new(paths, 1, &options);
	const struct sel *sel;
	struct batch *b;

	(void)state;
	assert_null(reading_ask(r, &question, &taker));
	assert_non_null(reading_ask(r, &question, &taker));
	assert_int_equal(reading_next(r, &b, &sel), 0);
	reading_free(r);
	r = reading_new(paths, 1, &options);
	assert_int_equal(reading_next(r, &b, &sel), 1);
	assert_non_null(reading_ask(r, &question, &taker));
	reading_free(r);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(sums_are_of_all_files),
	    T(groups_are_rows),
	    T(statistics_are_several_tables),
	    T(the_largest_flows_come_first),
	    T(the_first_flows_are_those_of_the_first_files),
	    T(a_taker_that_has_enough_ends_it),
	    T(damage_is_told_in_the_order_of_the_files),
	    T(a_question_that_is_stopped_answers_of_what_was_read),
	    T(a_reading_answers_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
