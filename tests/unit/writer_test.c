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

/* Pipes stand for disks: one that nobody reads from stalls. */

#include <sys/types.h>
#include <sys/stat.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arcfile.h"
#include "logfile.h"
#include "store.h"

#define RECORD 20 /* header, octets, checksum */
#define BUFFER ((size_t)1024 * 1024)

static struct writer *w;
static struct pieces memory;
static struct logfile l;
static struct logfile *before;
static int disk[2];
static struct logfile_done done;
static uint64_t next, whose[2], lost;

static void
settle(void *arg, void *who, uint64_t flows, bool stored)
{
	(void)arg;
	if (!stored)
		lost += flows;
	else
		whose[who == &whose[1]] += flows;
}

static int
setup(void **state)
{
	(void)state;
	if (pipe(disk) == -1 || (w = writer_new()) == NULL)
		return (-1);
	pieces_init(&memory, BUFFER);
	memory.settle = settle;
	logfile_init(&l, &memory, w);
	before = NULL;
	done = (struct logfile_done){0};
	next = whose[0] = whose[1] = lost = 0;
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	close(disk[0]); /* EPIPE, if it is still at it */
	close(disk[1]);
	writer_free(w);
	logfile_clear(&l);
	pieces_clear(&memory);
	return (0);
}

/* The octets of a record are its number; of every third one of the other. */
static bool
put(void)
{
	struct flow f = {.octets = next};

	flow_set(&f, FLOW_OCTETS);
	if (!logfile_put(&l, &f, STORE_ALL))
		return (false);
	logfile_owe(&l, &whose[next++ % 3 == 0], 1);
	return (true);
}

static void
put_many(int n)
{
	while (n-- > 0)
		assert_true(put());
}

/* Is it done within so many milliseconds? */
static struct writing *
await(int ms)
{
	struct pollfd pfd = {.fd = writer_fd(w), .events = POLLIN};
	struct writing *one;

	do
		if (poll(&pfd, 1, ms) != 1)
			return (NULL);
	while ((one = writer_done(w)) == NULL);
	return (one);
}

static void
take(struct writing *one)
{
	assert_non_null(one);
	if (!logfile_wrote(&l, one, &done))
		assert_true(logfiles_wrote(&before, one, &l, &done));
}

static void
settle_all(void)
{
	while (l.busy || before != NULL)
		take(await(5000));
}

/* Some bytes out of the pipe; what is written meanwhile is settled. */
static size_t
read_some(uint8_t *p, size_t len)
{
	struct pollfd pfd[] = {{.fd = disk[0], .events = POLLIN},
	    {.fd = writer_fd(w), .events = POLLIN}};
	struct writing *one;
	ssize_t n;

	for (;;) {
		assert_true(poll(pfd, 2, 5000) > 0);
		while (pfd[1].revents != 0 && (one = writer_done(w)) != NULL)
			take(one);
		if (pfd[0].revents == 0)
			continue;
		n = read(disk[0], p, len);
		assert_true(n > 0);
		return ((size_t)n);
	}
}

/* So many records come out of the pipe, from that number on. */
static void
drain(uint64_t from, uint64_t n)
{
	static uint8_t buf[RECORD];
	struct store_record rec;
	struct rd rd;
	size_t had;

	for (; n > 0; n--, from++) {
		for (had = 0; had < RECORD;)
			had += read_some(buf + had, RECORD - had);
		rd = rd_init(buf, RECORD);
		assert_int_equal(store_read(&rd, &rec), STORE_OK);
		assert_int_equal(rec.flow.octets, from);
	}
}

static void
writes_are_done_in_their_order(void **state)
{
	struct writing one[3] = {{.fd = disk[1], .p = "a", .len = 1},
	    {.fd = disk[1], .p = "bc", .len = 2}, {.fd = -1, .len = 1}};
	char buf[4] = "";
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		writer_start(w, &one[i]);
	for (i = 0; i < 3; i++)
		assert_ptr_equal(await(5000), &one[i]);
	assert_null(writer_done(w));
	assert_int_equal(read(disk[0], buf, 3), 3);
	assert_string_equal(buf, "abc");
	assert_int_equal(one[1].written, 2);
	assert_int_equal(one[2].written, -1);
	assert_int_not_equal(one[2].error, 0);
}

static void
a_disk_that_stalls_holds_up_nobody(void **state)
{
	(void)state;
	logfile_set(&l, dup(disk[1]), 1);
	put_many(20000);
	assert_false(logfile_flush(&l).changed);
	assert_null(await(50));
	put_many(10000);
	assert_int_equal(logfile_flush(&l).flows, 0);
	assert_int_equal(l.flows, 30000);
	drain(0, 16000);
	/* While the rest is under way others come. */
	put_many(3000);
	(void)logfile_flush(&l);
	drain(16000, 17000);
	settle_all();
	assert_int_equal(done.flows, 33000);
	assert_int_equal(done.bytes, 33000 * RECORD);
	assert_int_equal(l.state, LOGFILE_OPEN);
	assert_int_equal(whose[1], 11000);
	assert_int_equal(lost, 0);
	assert_int_equal(memory.waiting, 0);
	assert_true(memory.nspare <= PIECE_SPARES);
}

static void
what_comes_behind_the_bound_is_refused(void **state)
{
	int fd;
	char name[] = "/tmp/flowd-writer.XXXXXX";
	struct stat st;

	(void)state;
	logfile_set(&l, dup(disk[1]), 1);
	while (put())
		;
	assert_true(memory.waiting >= BUFFER);
	assert_true(memory.waiting < BUFFER + LOGFILE_PIECE * 3);
	assert_int_equal(l.flows, next);
	/* A disk that works takes all of it, and the memory goes back. */
	fd = mkstemp(name);
	unlink(name);
	/* It has no name: another had to be renamed over it. */
	logfile_set(&l, fd, 2);
	assert_false(logfile_flush(&l).changed);
	settle_all();
	assert_int_equal(l.state, LOGFILE_GONE);
	assert_int_equal(done.flows, 0);
	memcpy(name + sizeof(name) - 7, "XXXXXX", 6);
	fd = mkstemp(name);
	logfile_set(&l, dup(fd), 3);
	assert_false(logfile_flush(&l).changed);
	settle_all();
	assert_int_equal(done.flows, next);
	assert_int_equal(whose[0] + whose[1], next);
	assert_int_equal(whose[1], (next + 2) / 3);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, next * RECORD);
	assert_int_equal(memory.waiting, 0);
	assert_true(memory.nspare <= PIECE_SPARES);
	unlink(name);
	close(fd);
}

static void
a_log_that_is_replaced_gets_what_was_its_own(void **state)
{
	char name[] = "/tmp/flowd-writer.XXXXXX";
	struct stat st;
	int fd = mkstemp(name);

	(void)state;
	logfile_set(&l, dup(disk[1]), 1);
	put_many(15000);
	(void)logfile_flush(&l);
	assert_null(await(20));
	put_many(5000);
	assert_int_equal(logfile_leave(&l, &before), 0);
	logfile_set(&l, dup(fd), 2);
	put_many(1000);
	(void)logfile_flush(&l);
	assert_int_equal(logfiles_flows(before), 20000);
	drain(0, 20000);
	settle_all();
	assert_int_equal(done.flows, 21000);
	assert_null(before);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 1000 * RECORD);
	assert_int_equal(whose[1], 7000);
	assert_int_equal(lost, 0);
	assert_int_equal(memory.waiting, 0);
	unlink(name);
	close(fd);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(writes_are_done_in_their_order),
	    T(a_disk_that_stalls_holds_up_nobody),
	    T(what_comes_behind_the_bound_is_refused),
	    T(a_log_that_is_replaced_gets_what_was_its_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
