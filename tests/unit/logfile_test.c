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

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "logfile.h"
#include "logopen.h"
#include "store.h"

static char path[] = "/tmp/flowd-logfile.XXXXXX";
static struct pieces memory;
static struct logfile l;
static struct logopen lo;

static int
setup(void **state)
{
	int fd;

	(void)state;
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	if ((fd = mkstemp(path)) == -1)
		return (-1);
	close(fd);
	lo = (struct logopen){.fd = -1};
	logopen_set(&lo, logopen_open(path, true));
	if (lo.fd == -1)
		return (-1);
	pieces_init(&memory, LOGFILE_BUFFER);
	logfile_init(&l, &memory, NULL);
	logfile_set(&l, dup(lo.fd), lo.number);
	return (0);
}

static void
limit_files(rlim_t bytes)
{
	struct rlimit rl;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &rl), 0);
	rl.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &rl), 0);
}

static int
teardown(void **state)
{
	(void)state;
	limit_files(RLIM_INFINITY);
	logfile_clear(&l);
	pieces_clear(&memory);
	close(lo.fd);
	unlink(path);
	return (0);
}

static off_t
size(void)
{
	struct stat st;

	return (stat(path, &st) == -1 ? -1 : st.st_size);
}

static void
put(int n)
{
	struct flow f;

	memset(&f, 0, sizeof(f));
	f.octets = 1;
	flow_set(&f, FLOW_OCTETS);
	while (n-- > 0) {
		assert_true(logfile_put(&l, &f, STORE_ALL));
		logfile_owe(&l, NULL, 1);
	}
}

#define RECORD 20 /* header, octets, checksum */

static void
records_are_written_in_one_piece(void **state)
{
	struct logfile_done done;

	(void)state;
	put(10);
	assert_int_equal(size(), 0);
	done = logfile_flush(&l);
	assert_int_equal(done.flows, 10);
	assert_int_equal(done.bytes, 10 * RECORD);
	assert_int_equal(l.end, 10 * RECORD);
	assert_int_equal(size(), 10 * RECORD);
	assert_false(done.changed);
}

/* The file's limit stands for a full disk: a part is written, then none. */
static void
a_stump_is_taken_back_and_nothing_is_lost(void **state)
{
	struct logfile_done done;

	(void)state;
	put(3);
	logfile_flush(&l);
	limit_files(4 * RECORD + 7);
	put(5);
	done = logfile_flush(&l);
	assert_int_equal(done.flows, 0);
	assert_int_equal(l.state, LOGFILE_CUTTING);
	assert_int_equal(l.cut_to, 3 * RECORD);
	assert_int_equal(size(), 4 * RECORD + 7);
	/* Until the parent has cut, nothing more goes there. */
	done = logfile_flush(&l);
	assert_int_equal(done.flows, 0);
	assert_int_equal(logopen_cut(&lo, l.cut_to, LOGFILE_BUFFER), CUT_DONE);
	assert_int_equal(size(), 3 * RECORD);
	logfile_cut_done(&l, lo.number, true);
	assert_int_equal(l.state, LOGFILE_FULL);
	limit_files(RLIM_INFINITY);
	done = logfile_flush(&l);
	assert_int_equal(done.flows, 5);
	assert_true(done.changed);
	assert_int_equal(l.state, LOGFILE_OPEN);
	assert_int_equal(size(), 8 * RECORD);
}

static void
a_full_disk_keeps_a_megabyte_and_then_says_no(void **state)
{
	struct flow f;
	int n = 0;

	(void)state;
	memset(&f, 0, sizeof(f));
	flow_set(&f, FLOW_OCTETS);
	limit_files(0);
	put(1);
	logfile_flush(&l);
	assert_int_equal(l.state, LOGFILE_FULL);
	while (logfile_put(&l, &f, STORE_ALL)) {
		logfile_owe(&l, NULL, 1);
		n++;
	}
	assert_true(n > LOGFILE_BUFFER / RECORD - 10);
	assert_int_equal(l.flows, n + 1);
	limit_files(RLIM_INFINITY);
	assert_int_equal(logfile_flush(&l).flows, n + 1);
}

static void
a_deleted_file_gets_no_more_flows(void **state)
{
	struct logfile_done done;
	int fd;

	(void)state;
	unlink(path);
	put(2);
	done = logfile_flush(&l);
	assert_int_equal(done.flows, 0);
	assert_int_equal(l.state, LOGFILE_GONE);
	assert_true(done.changed);
	fd = logopen_open(path, true);
	assert_true(fd != -1);
	logopen_set(&lo, fd);
	logfile_set(&l, dup(fd), lo.number);
	assert_int_equal(logfile_flush(&l).flows, 2);
	assert_int_equal(size(), 2 * RECORD);
}

static void
an_answer_about_another_log_means_nothing(void **state)
{
	(void)state;
	limit_files(RECORD + 1);
	put(2);
	logfile_flush(&l);
	assert_int_equal(l.state, LOGFILE_CUTTING);
	logfile_cut_done(&l, lo.number + 1, true);
	assert_int_equal(l.state, LOGFILE_CUTTING);
}

static void
grow(int n)
{
	put(n);
	assert_int_equal(logfile_flush(&l).flows, n);
}

/* What stood there a second or two ago is out of the collector's reach. */
static void
a_cut_below_what_stood_a_while_ago_is_forbidden(void **state)
{
	(void)state;
	grow(10);
	logopen_mark(&lo, UINT64_MAX);
	logopen_mark(&lo, UINT64_MAX);
	grow(10);
	assert_int_equal(logopen_cut(&lo, 10 * RECORD - 1, LOGFILE_BUFFER),
	    CUT_FORBIDDEN);
	assert_int_equal(logopen_cut(&lo, 0, LOGFILE_BUFFER), CUT_FORBIDDEN);
	assert_int_equal(size(), 20 * RECORD);
	assert_int_equal(logopen_cut(&lo, 10 * RECORD, LOGFILE_BUFFER),
	    CUT_DONE);
	assert_int_equal(size(), 10 * RECORD);
}

/* What a slow disk has of a write that is not done is not counted. */
static void
a_part_that_has_stood_for_long_can_be_taken_back(void **state)
{
	int i;

	(void)state;
	grow(10);
	for (i = 0; i < 3; i++)
		logopen_mark(&lo, 10 * RECORD);
	assert_int_equal(write(lo.fd, "half a rec", 10), 10);
	for (i = 0; i < 3; i++)
		logopen_mark(&lo, 10 * RECORD);
	/* Whoever says that less is counted than before says nothing. */
	logopen_mark(&lo, 0);
	logopen_mark(&lo, 0);
	assert_int_equal(logopen_cut(&lo, 10 * RECORD - 1, LOGFILE_BUFFER),
	    CUT_FORBIDDEN);
	assert_int_equal(logopen_cut(&lo, 10 * RECORD, LOGFILE_BUFFER),
	    CUT_DONE);
	assert_int_equal(size(), 10 * RECORD);
}

static void
a_cut_that_would_lengthen_is_forbidden(void **state)
{
	(void)state;
	grow(1);
	assert_int_equal(logopen_cut(&lo, RECORD + 1, LOGFILE_BUFFER),
	    CUT_FORBIDDEN);
	assert_int_equal(size(), RECORD);
}

static void
a_cut_of_more_than_a_batch_is_forbidden(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 60; i++)
		grow(1000);
	assert_true(size() > LOGFILE_BUFFER);
	assert_int_equal(logopen_cut(&lo, 0, LOGFILE_BUFFER), CUT_FORBIDDEN);
}

static void
write_file(const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd != -1);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static void
a_version_2_log_is_not_appended_to(void **state)
{
	const uint8_t v2[16] = {0x01, 0x2c, 0xf0, 0x47, 0, 0, 0, 2};
	const uint8_t v3[16] = {0x60, 2};
	int fd;

	(void)state;
	write_file(v2, sizeof(v2));
	assert_int_equal(logopen_open(path, false), -1);
	write_file(v3, sizeof(v3));
	fd = logopen_open(path, false);
	assert_true(fd != -1);
	close(fd);
}

static void
the_log_is_appended_to_and_cannot_be_read(void **state)
{
	char c;

	(void)state;
	assert_int_equal(fcntl(lo.fd, F_GETFL) & O_ACCMODE, O_WRONLY);
	assert_true(fcntl(lo.fd, F_GETFL) & O_APPEND);
	assert_int_equal(read(lo.fd, &c, 1), -1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(records_are_written_in_one_piece),
	    T(a_stump_is_taken_back_and_nothing_is_lost),
	    T(a_full_disk_keeps_a_megabyte_and_then_says_no),
	    T(a_deleted_file_gets_no_more_flows),
	    T(an_answer_about_another_log_means_nothing),
	    T(a_cut_below_what_stood_a_while_ago_is_forbidden),
	    T(a_part_that_has_stood_for_long_can_be_taken_back),
	    T(a_cut_that_would_lengthen_is_forbidden),
	    T(a_cut_of_more_than_a_batch_is_forbidden),
	    T(a_version_2_log_is_not_appended_to),
	    T(the_log_is_appended_to_and_cannot_be_read),
	};

	signal(SIGXFSZ, SIG_IGN);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
