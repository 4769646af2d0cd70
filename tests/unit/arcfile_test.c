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

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arcfile.h"
#include "archive/batch.h"
#include "archive/block.h"

#define T0 (INT64_C(1700000000) * NSEC_PER_SEC)

#define BUFFER ((size_t)8 * 1024 * 1024)

static struct pieces memory;
static struct arcfile a;
static int fd[3];
static char path[3][26] = {"/tmp/flowd-arcfile.XXXXXX",
    "/tmp/flowd-arcfile.XXXXXX", "/tmp/flowd-arcfile.XXXXXX"};

static int
setup(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		memcpy(path[i] + sizeof(path[i]) - 7, "XXXXXX", 6);
		if ((fd[i] = mkstemp(path[i])) == -1)
			return (-1);
	}
	signal(SIGXFSZ, SIG_IGN);
	pieces_init(&memory, BUFFER);
	return (arcfile_init(&a, &memory, NULL));
}

static int
teardown(void **state)
{
	size_t i;

	(void)state;
	arcfile_clear(&a);
	pieces_clear(&memory);
	for (i = 0; i < 3; i++) {
		unlink(path[i]);
		close(fd[i]);
	}
	return (0);
}

static struct flow
flow_at(int64_t t)
{
	struct flow f = {.recv_time = t, .octets = (uint64_t)t};

	flow_set(&f, FLOW_RECV_TIME);
	flow_set(&f, FLOW_OCTETS);
	return (f);
}

static bool
put(int64_t t)
{
	struct flow f = flow_at(t);

	return (arcfile_put(&a, &f));
}

struct content {
	uint32_t blocks;
	uint64_t flows;
	int64_t first, last;
	uint64_t octets; /* modulo 2^64 */
	struct flow_set any;
};

/* All of a file, which has whole blocks and nothing else. */
static struct content
content(int file)
{
	static struct block b;
	struct content c = {.first = INT64_MAX, .last = INT64_MIN};
	struct stat st;
	uint8_t *p;
	struct rd rd;

	assert_int_equal(fstat(file, &st), 0);
	p = malloc((size_t)st.st_size + 1);
	assert_int_equal(pread(file, p, (size_t)st.st_size, 0), st.st_size);
	rd = rd_init(p, (size_t)st.st_size);
	while (rd.left > 0) {
		assert_int_equal(block_read(&rd, &b), BLOCK_OK);
		assert_true(b.timed);
		c.blocks++;
		c.flows += b.flows;
		c.first = b.first < c.first ? b.first : c.first;
		c.last = b.last > c.last ? b.last : c.last;
		if (block_column(&b, FLOW_OCTETS) != NULL)
			c.octets += block_column(&b, FLOW_OCTETS)->sum;
		c.any = b.any;
	}
	free(p);
	return (c);
}

static void
flows_go_to_the_segment_of_their_time(void **state)
{
	struct content c;

	(void)state;
	arcfile_set(&a, dup(fd[0]), 1, 0);
	assert_true(a.left);
	a.left = false;
	assert_true(put(T0 - 3));
	arcfile_set(&a, dup(fd[1]), 2, T0);
	assert_true(put(T0 - 1));
	assert_true(put(T0));
	/* Of another socket, that was read later. */
	assert_true(put(T0 - 2));
	assert_true(put(T0 + 1));
	assert_int_equal(arcfile_flush(&a).flows, 5);
	assert_true(put(T0 - 1));
	assert_false(a.left);
	assert_int_equal(arcfile_pass(&a, T0 - 1).flows, 0);
	assert_false(a.left);
	assert_int_equal(arcfile_pass(&a, T0).flows, 1);
	assert_true(a.left);
	assert_int_equal(a.now.file.number, 2);
	assert_true(put(T0 + 2));
	assert_int_equal(arcfile_flush(&a).flows, 1);
	c = content(fd[0]);
	assert_int_equal(c.flows, 4);
	assert_true(c.first == T0 - 3 && c.last == T0 - 1);
	c = content(fd[1]);
	assert_int_equal(c.flows, 3);
	assert_true(c.first == T0 && c.last == T0 + 2);
}

static void
a_full_block_is_told_and_written_in_one(void **state)
{
	uint64_t i, sum = 0;
	struct logfile_done done;

	(void)state;
	arcfile_set(&a, dup(fd[0]), 1, 0);
	for (i = 0; i < ARCFILE_FLOWS; i++) {
		assert_false(arcfile_full(&a));
		assert_true(put((int64_t)i));
		sum += i;
	}
	assert_true(arcfile_full(&a));
	assert_false(put(1));
	done = arcfile_flush(&a);
	assert_int_equal(done.flows, ARCFILE_FLOWS);
	assert_int_equal(content(fd[0]).blocks, 1);
	assert_int_equal(content(fd[0]).octets, sum);
	assert_int_equal(a.now.file.end, done.bytes);
	assert_true(put(1));
}

static void
without_a_segment_nothing_is_taken(void **state)
{
	(void)state;
	assert_false(put(T0));
	assert_int_equal(arcfile_worst(&a)->state, LOGFILE_NONE);
	arcfile_set(&a, dup(fd[0]), 1, 0);
	assert_true(put(T0));
	arcfile_set(&a, -1, 2, 0);
	assert_false(put(T0));
	assert_int_equal(arcfile_discard(&a), 1);
	assert_int_equal(arcfile_waiting(&a), 0);
}

static void
what_waits_is_bounded_and_written_when_there_is_room(void **state)
{
	uint64_t n = 0, sum = 0, v = 88172645463325252;

	(void)state;
	arcfile_set(&a, dup(fd[0]), 1, 0);
	arcfile_hold(&a, true);
	for (;;) {
		/* Any numbers, so that they take all their bytes. */
		v ^= v << 13;
		v ^= v >> 7;
		v ^= v << 17;
		if (!put((int64_t)v)) {
			assert_int_equal(arcfile_flush(&a).flows, 0);
			if (!put((int64_t)v))
				break;
		}
		n++;
		sum += v;
		assert_int_equal(arcfile_waiting(&a), n);
	}
	assert_int_equal(arcfile_worst(&a)->state, LOGFILE_FULL);
	assert_true(n > 10 * ARCFILE_FLOWS);
	/* One block more at most. */
	assert_true(memory.waiting >= BUFFER &&
	    memory.waiting < BUFFER + a.now.file.len / (n / ARCFILE_FLOWS));
	arcfile_hold(&a, false);
	/* The blocks, and then the rows that had no room among them. */
	assert_int_equal(arcfile_flush(&a).flows, n);
	assert_int_equal(arcfile_waiting(&a), 0);
	assert_int_equal(content(fd[0]).flows, n);
	assert_true(content(fd[0]).octets == sum);
	assert_int_equal(arcfile_worst(&a)->state, LOGFILE_OPEN);
}

static void
what_was_not_written_in_time_goes_to_the_next(void **state)
{
	(void)state;
	arcfile_set(&a, dup(fd[0]), 1, 0);
	arcfile_set(&a, dup(fd[1]), 2, T0);
	arcfile_hold(&a, true);
	assert_true(put(T0 - 2));
	assert_int_equal(arcfile_flush(&a).flows, 0);
	assert_true(put(T0 - 1));
	assert_true(put(T0));
	assert_int_equal(arcfile_pass(&a, T0 + 1).flows, 0);
	assert_true(a.left);
	assert_int_equal(arcfile_waiting(&a), 3);
	arcfile_hold(&a, false);
	assert_int_equal(arcfile_flush(&a).flows, 3);
	assert_int_equal(content(fd[0]).flows, 0);
	assert_int_equal(content(fd[1]).flows, 3);
}

/* Two segments come before the time of the first: it is not lost with it. */
static void
a_segment_with_flows_is_not_passed_over(void **state)
{
	(void)state;
	arcfile_set(&a, dup(fd[0]), 1, 0);
	arcfile_set(&a, dup(fd[1]), 2, T0);
	assert_true(put(T0 - 1));
	assert_true(put(T0));
	arcfile_set(&a, dup(fd[2]), 3, T0 + 5);
	assert_true(put(T0 + 4));
	assert_true(put(T0 + 5));
	assert_int_equal(arcfile_flush(&a).flows, 4);
	(void)arcfile_pass(&a, T0 + 5);
	assert_int_equal(content(fd[2]).flows, 1);
	assert_int_equal(content(fd[0]).flows + content(fd[1]).flows, 3);
	assert_int_equal(a.now.file.number, 3);
}

static void
a_block_written_in_part_is_cut_and_written_again(void **state)
{
	struct rlimit was, small;
	int i;

	(void)state;
	arcfile_set(&a, dup(fd[0]), 1, 0);
	for (i = 0; i < 1000; i++)
		assert_true(put(T0 + i));
	assert_int_equal(arcfile_flush(&a).flows, 1000);
	getrlimit(RLIMIT_FSIZE, &was);
	small = was;
	small.rlim_cur = a.now.file.end + 100;
	setrlimit(RLIMIT_FSIZE, &small);
	for (i = 0; i < 1000; i++)
		assert_true(put(T0 + i));
	assert_int_equal(arcfile_flush(&a).flows, 0);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(arcfile_worst(&a)->state, LOGFILE_CUTTING);
	assert_true(a.now.file.want_cut);
	assert_int_equal(a.now.file.cut_to, a.now.file.end);
	assert_int_equal(arcfile_flush(&a).flows, 0);
	assert_int_equal(ftruncate(fd[0], (off_t)a.now.file.cut_to), 0);
	lseek(a.now.file.fd, 0, SEEK_END);
	arcfile_cut_done(&a, 1, true);
	assert_int_equal(arcfile_flush(&a).flows, 1000);
	assert_int_equal(content(fd[0]).flows, 2000);
}

static void
a_choice_of_fields_is_in_force_from_the_next_block_on(void **state)
{
	struct flow_set keep = {{UINT64_C(1) << FLOW_RECV_TIME}};

	(void)state;
	arcfile_set(&a, dup(fd[0]), 1, 0);
	assert_true(put(T0));
	arcfile_configure(&a, &keep);
	/* The rows there are of the other choice. */
	assert_false(put(T0));
	assert_int_equal(arcfile_flush(&a).flows, 1);
	assert_true(content(fd[0]).any.w[0] >> FLOW_OCTETS & 1);
	assert_true(put(T0));
	assert_int_equal(arcfile_flush(&a).flows, 1);
	assert_false(content(fd[0]).any.w[0] >> FLOW_OCTETS & 1);
	assert_int_equal(content(fd[0]).flows, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	    T(flows_go_to_the_segment_of_their_time),
	    T(a_full_block_is_told_and_written_in_one),
	    T(without_a_segment_nothing_is_taken),
	    T(what_waits_is_bounded_and_written_when_there_is_room),
	    T(what_was_not_written_in_time_goes_to_the_next),
	    T(a_segment_with_flows_is_not_passed_over),
	    T(a_block_written_in_part_is_cut_and_written_again),
	    T(a_choice_of_fields_is_in_force_from_the_next_block_on),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
