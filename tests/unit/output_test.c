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

#include <sys/resource.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
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

static char dir[64], path[128];
static struct output_options options;

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/output_test.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return (-1);
	(void)snprintf(path, sizeof(path), "%s/log", dir);
	options =
	    (struct output_options){.version = 3, .fields = NUMBERED_FIELDS};
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

static unsigned int
files_there(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	unsigned int n = 0;

	while ((e = readdir(d)) != NULL)
		n += *e->d_name != '.';
	closedir(d);
	return (n);
}

static void
put(struct output *o, uint64_t from, uint64_t to)
{
	struct flow f;

	assert_non_null(o);
	for (; from < to; from++) {
		f = numbered(from);
		assert_int_equal(output_flow(o, &f), 0);
	}
}

/* That it has the flows from 0 to n - 1, in their order, and no damage. */
static void
assert_has(uint64_t n)
{
	const struct reading_options ro = {.since = INT64_MIN,
	    .until = INT64_MAX};
	char *paths[] = {path};
	struct reading *r = reading_new(paths, 1, &ro);
	const struct sel *sel;
	struct batch *b;
	struct flow f;
	uint64_t next = 0;
	uint32_t i;

	while (reading_next(r, &b, &sel) == 1)
		for (i = 0; i < sel->n; i++) {
			assert_int_equal(batch_row(b, sel_row(sel, i), NULL,
					     &f),
			    BLOCK_OK);
			assert_int_equal(f.octets, next);
			assert_int_equal(f.recv_time, numbered(next).recv_time);
			next++;
		}
	assert_int_equal(next, n);
	assert_int_equal(reading_totals(r)->damaged, 0);
	reading_free(r);
}

static void
a_file_gets_its_name_when_it_is_whole(void **state)
{
	struct output *o;
	struct stat st;

	(void)state;
	for (options.version = 3; options.version <= 4; options.version++) {
		o = output_open(path, &options);
		put(o, 0, N);
		assert_int_equal(output_written(o), N);
		assert_int_equal(stat(path, &st), -1);
		assert_int_equal(output_close(o, true), 0);
		assert_has(N);
		assert_int_equal(files_there(), 1);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(unlink(path), 0);
	}
}

static void
what_is_not_kept_leaves_nothing(void **state)
{
	struct output *o;

	(void)state;
	assert_int_equal(numbered_file(path, 3, 0, N), 0);
	o = output_open(path, &options);
	put(o, 0, 2 * N);
	assert_int_equal(output_close(o, false), 0);
	assert_int_equal(files_there(), 1);
	assert_has(N);
}

static void
a_new_file_replaces_nothing(void **state)
{
	struct output *o;

	(void)state;
	options.mode = OUTPUT_NEW;
	o = output_open(path, &options);
	put(o, N, 2 * N);
	assert_int_equal(numbered_file(path, 3, 0, N), 0);
	assert_int_equal(output_close(o, true), -1);
	assert_int_equal(errno, EEXIST);
	assert_null(output_open(path, &options));
	assert_int_equal(errno, EEXIST);
	assert_int_equal(files_there(), 1);
	assert_has(N);
}

static void
appended_flows_come_behind_what_was_there(void **state)
{
	struct output *o;
	unsigned int i;

	(void)state;
	options.mode = OUTPUT_APPEND;
	for (options.version = 3; options.version <= 4; options.version++) {
		for (i = 0; i < 3; i++) {
			o = output_open(path, &options);
			put(o, i * N, (i + 1) * N);
			assert_int_equal(output_close(o, true), 0);
		}
		assert_has(3 * N);
		assert_int_equal(unlink(path), 0);
	}
}

static void
another_version_is_not_appended_to(void **state)
{
	(void)state;
	options.mode = OUTPUT_APPEND;
	assert_int_equal(numbered_file(path, 4, 0, N), 0);
	assert_null(output_open(path, &options));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(numbered_file(path, 3, 0, N), 0);
	options.version = 4;
	assert_null(output_open(path, &options));
	assert_int_equal(errno, EINVAL);
	assert_has(N);
}

static void
flushed_records_can_be_read(void **state)
{
	struct output *o;

	(void)state;
	options.mode = OUTPUT_APPEND;
	o = output_open(path, &options);
	put(o, 0, 7);
	assert_int_equal(output_flush(o), 0);
	assert_has(7);
	put(o, 7, 8);
	assert_int_equal(output_close(o, true), 0);
	assert_has(8);
}

static void
a_full_device_is_an_error(void **state)
{
	struct output *o;

	(void)state;
	if (access("/dev/full", W_OK) == -1)
		skip();
	for (options.version = 3; options.version <= 4; options.version++) {
		o = output_open("/dev/full", &options);
		put(o, 0, 10);
		assert_int_equal(output_close(o, true), -1);
		assert_int_equal(errno, ENOSPC);
	}
}

/* A file that may not grow: what is written of a record goes again. */
static void
a_full_disk_leaves_whole_records(void **state)
{
	const struct rlimit small = {100 * 1024, RLIM_INFINITY};
	struct rlimit all;
	struct output *o;
	struct flow f = numbered(0);
	struct stat st;
	int r = 0;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	options.mode = OUTPUT_APPEND;
	o = output_open(path, &options);
	while (r == 0 && output_written(o) < 10 * N) {
		r = output_flow(o, &f);
		f = numbered(output_written(o));
	}
	assert_int_equal(r, -1);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(output_flow(o, &f), -1);
	assert_int_equal(output_close(o, true), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 0);
	/* All records are of one size. */
	assert_int_equal(numbered_file(path, 3, 0, 1), 0);
	{
		off_t size = st.st_size;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(size % st.st_size, 0);
	}
}

static void
impossible_places_and_versions_are_errors(void **state)
{
	char none[160];

	(void)state;
	(void)snprintf(none, sizeof(none), "%s/none/log", dir);
	assert_null(output_open(none, &options));
	assert_int_equal(errno, ENOENT);
	options.mode = OUTPUT_APPEND;
	assert_null(output_open(none, &options));
	assert_int_equal(errno, ENOENT);
	options.version = 2;
	assert_null(output_open(path, &options));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(files_there(), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_file_gets_its_name_when_it_is_whole),
	    T(what_is_not_kept_leaves_nothing),
	    T(a_new_file_replaces_nothing),
	    T(appended_flows_come_behind_what_was_there),
	    T(another_version_is_not_appended_to),
	    T(flushed_records_can_be_read),
	    T(a_full_device_is_an_error),
	    T(a_full_disk_leaves_whole_records),
	    T(impossible_places_and_versions_are_errors),
	};

	signal(SIGXFSZ, SIG_IGN);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
