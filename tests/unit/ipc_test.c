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
#include <sys/socket.h>
#include <sys/stat.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ipc.h"

static int sv[2];
static struct ipc_msg m;

static int
setup(void **state)
{
	(void)state;
	return (ipc_pair(sv));
}

static int
teardown(void **state)
{
	(void)state;
	close(sv[0]);
	close(sv[1]);
	return (0);
}

static void
what_is_sent_arrives(void **state)
{
	struct ipc_out out;
	uint32_t a;
	uint64_t b;

	(void)state;
	ipc_new(&out, M_LOG_CUT);
	assert_int_equal(wr_u32(&out.data, 7), 0);
	assert_int_equal(wr_u64(&out.data, 0x0102030405060708), 0);
	assert_int_equal(ipc_send(sv[0], &out, -1, 0), 0);
	assert_int_equal(ipc_recv(sv[1], &m), 1);
	assert_int_equal(m.type, M_LOG_CUT);
	assert_int_equal(m.fd, -1);
	assert_int_equal(rd_u32(&m.data, &a), 0);
	assert_int_equal(rd_u64(&m.data, &b), 0);
	assert_int_equal(a, 7);
	assert_int_equal(b, 0x0102030405060708);
	assert_int_equal(m.data.left, 0);
}

static void
a_descriptor_arrives_closed_on_exec(void **state)
{
	struct ipc_out out;
	struct stat one, two;
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_true(fd != -1);
	ipc_new(&out, M_LOG_FD);
	assert_int_equal(ipc_send(sv[0], &out, fd, 0), 0);
	assert_int_equal(ipc_recv(sv[1], &m), 1);
	assert_true(m.fd != -1 && m.fd != fd);
	assert_int_equal(fstat(fd, &one), 0);
	assert_int_equal(fstat(m.fd, &two), 0);
	assert_true(one.st_rdev == two.st_rdev);
	assert_true(fcntl(m.fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	close(m.fd);
}

static void
nothing_there_is_eagain_and_a_closed_end_is_the_end(void **state)
{
	(void)state;
	assert_int_equal(ipc_recv(sv[1], &m), -1);
	assert_int_equal(errno, EAGAIN);
	close(sv[0]);
	assert_int_equal(ipc_recv(sv[1], &m), 0);
}

static void
a_message_without_a_type_is_refused(void **state)
{
	(void)state;
	assert_int_equal(send(sv[0], "x", 1, 0), 1);
	assert_int_equal(ipc_recv(sv[1], &m), -1);
	assert_int_equal(errno, EBADMSG);
}

static void
a_message_that_is_too_long_is_refused(void **state)
{
	static uint8_t big[2 + IPC_MAX + 1];

	(void)state;
	assert_int_equal(send(sv[0], big, sizeof(big), 0), sizeof(big));
	assert_int_equal(ipc_recv(sv[1], &m), -1);
	assert_int_equal(errno, EBADMSG);
}

static int
open_files(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return (n);
}

/* As many as a hostile end likes: none of them stays open here. */
static void
a_message_with_many_descriptors_is_refused_and_leaks_none(void **state)
{
	uint8_t data[2] = {0, M_LOG_FD};
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int) * 64)];
	} c;
	struct iovec iov = {.iov_base = data, .iov_len = sizeof(data)};
	struct msghdr mh = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = c.buf};
	struct cmsghdr *cm;
	int fds[64], i, n, before;

	(void)state;
	for (i = 0; i < 64; i++)
		fds[i] = STDIN_FILENO;
	for (n = 2; n <= 64; n *= 2) {
		memset(&c, 0, sizeof(c));
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)n);
		cm = CMSG_FIRSTHDR(&mh);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)n);
		memcpy(CMSG_DATA(cm), fds, sizeof(int) * (size_t)n);
		before = open_files();
		assert_int_equal(sendmsg(sv[0], &mh, 0), sizeof(data));
		assert_int_equal(ipc_recv(sv[1], &m), -1);
		assert_int_equal(errno, EBADMSG);
		assert_int_equal(open_files(), before);
	}
}

static void
an_end_that_does_not_read_does_not_block(void **state)
{
	struct ipc_out out;
	int i, n = 0;

	(void)state;
	ipc_new(&out, M_SAY);
	while (wr_u64(&out.data, 0) == 0)
		;
	for (i = 0; i < 10000 && n == 0; i++)
		n = ipc_send(sv[0], &out, -1, 0);
	assert_int_equal(n, -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(ipc_send(sv[0], &out, -1, 20), -1);
	assert_int_equal(errno, EAGAIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_is_sent_arrives, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(a_descriptor_arrives_closed_on_exec,
		setup, teardown),
	    cmocka_unit_test_setup_teardown(
		nothing_there_is_eagain_and_a_closed_end_is_the_end, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(a_message_without_a_type_is_refused,
		setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_message_that_is_too_long_is_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_message_with_many_descriptors_is_refused_and_leaks_none,
		setup, teardown),
	    cmocka_unit_test_setup_teardown(
		an_end_that_does_not_read_does_not_block, setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
