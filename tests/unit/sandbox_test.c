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
 * What a process that was taken over would try: the collector, the sealer, a
 * meter, or who talks to softflowctl(8).  Each attempt is made in a process of
 * its own that is sandboxed like it; it must be killed for it or be refused,
 * and the allowed things must go on working.
 */

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <netinet/in.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/sandbox.h"
#include "writer.h"

#define REFUSED 77 /* exit status: the call failed */
#define DONE 78	   /* it worked */

static int log_fd;  /* O_WRONLY | O_APPEND, as the collector's */
static int pair[2]; /* as the one to the parent */
static int udp_fd;  /* as one that listens */
static int listener;
static FILE *tmp;
static char path[] = "/tmp/flowd-sandbox.XXXXXX";
static const char history[] = "what was written before";

typedef const char *sandbox_fn(void);

/* How a child that does this ends. */
static int
attempt(long (*what)(void), sandbox_fn *sandbox)
{
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		if (sandbox != NULL && sandbox() == NULL)
			_exit(1);
		_exit(what() == -1 ? REFUSED : DONE);
	}
	assert_true(pid != -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (WIFSIGNALED(status) ? 0 : WEXITSTATUS(status));
}

static void
must_not(long (*what)(void), sandbox_fn *sandbox)
{
	int how = attempt(what, sandbox);

	/* 0: killed by the system for it */
	if (how != 0 && how != REFUSED)
		fail_msg("it worked, or the sandbox failed (%d)", how);
}

static void
must(long (*what)(void), sandbox_fn *sandbox)
{
	assert_int_equal(attempt(what, sandbox), DONE);
}

static long
do_open(void)
{
	return (open("/etc/passwd", O_RDONLY));
}

static long
do_create(void)
{
	return (open("/tmp/flowd-sandbox-escape", O_WRONLY | O_CREAT, 0600));
}

static long
do_socket(void)
{
	return (socket(AF_INET, SOCK_DGRAM, 0));
}

static long
do_execve(void)
{
	char name[] = "true";
	char *argv[] = {name, NULL};

	return (execve("/bin/true", argv, NULL));
}

static long
do_fork(void)
{
	return (fork());
}

static long
do_ftruncate(void)
{
	return (ftruncate(log_fd, 0));
}

static long
do_truncate(void)
{
	return (truncate(path, 0));
}

static long
do_pwrite(void)
{
	return (pwrite(log_fd, "x", 1, 0));
}

static long
do_pwritev(void)
{
	char x[] = "x";
	struct iovec iov = {x, 1};

	return (pwritev(log_fd, &iov, 1, 0));
}

static long
do_drop_append(void)
{
	return (fcntl(log_fd, F_SETFL, 0));
}

static long
do_lseek(void)
{
	return (lseek(log_fd, 0, SEEK_SET));
}

static long
do_read_log(void)
{
	char c;

	return (read(log_fd, &c, 1));
}

static long
do_fallocate(void)
{
	return (posix_fallocate(log_fd, 0, 1 << 20) == 0 ? 0 : -1);
}

static long
do_unlink(void)
{
	return (unlink(path));
}

static long
do_kill(void)
{
	return (kill(getppid(), 0));
}

static long
do_ptrace(void)
{
	return (ptrace(0, 0, NULL, NULL));
}

static long
do_send_elsewhere(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_port = htons(9),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return (
	    sendto(udp_fd, "x", 1, 0, (struct sockaddr *)&sin, sizeof(sin)));
}

static long
do_sendmsg(void)
{
	char x[] = "x";
	struct iovec iov = {x, 1};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1};

	return (sendmsg(pair[0], &mh, 0));
}

static long
do_map_code(void)
{
	return (mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
		? -1
		: 0);
}

static long
do_append(void)
{
	return (write(log_fd, "record", 6) == 6 ? 0 : -1);
}

static long
do_messages(void)
{
	struct pollfd pfd = {.fd = pair[1], .events = POLLIN};
	char c[2];

	if (send(pair[0], "hi", 2, MSG_NOSIGNAL) != 2 ||
	    poll(&pfd, 1, 1000) != 1 || read(pair[1], c, 2) != 2)
		return (-1);
	return (0);
}

static long
do_memory(void)
{
	char *p, *q;

	if ((p = malloc(64 << 20)) == NULL)
		return (-1);
	memset(p, 1, 64 << 20);
	if ((q = realloc(p, 128 << 20)) == NULL)
		return (-1);
	free(q);
	return (0);
}

static long
do_clock(void)
{
	struct timespec ts = {0, 1000};
	time_t t = 1700000000;
	struct tm tm;

	if (clock_gettime(CLOCK_REALTIME, &ts) == -1 ||
	    localtime_r(&t, &tm) == NULL)
		return (-1);
	ts = (struct timespec){0, 1000};
	return (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL) == 0 ? 0 : -1);
}

static long
do_fstat(void)
{
	struct stat st;

	return (fstat(log_fd, &st));
}

#define CANNOT(name, what)                         \
	static void name(void **state)             \
	{                                          \
		(void)state;                       \
		must_not(what, sandbox_collector); \
	}
#define CAN(name, what)                        \
	static void name(void **state)         \
	{                                      \
		(void)state;                   \
		must(what, sandbox_collector); \
	}

CANNOT(it_cannot_open_a_file, do_open)
CANNOT(it_cannot_make_a_file, do_create)
CANNOT(it_cannot_make_a_socket, do_socket)
CANNOT(it_cannot_run_a_program, do_execve)
CANNOT(it_cannot_fork, do_fork)
CANNOT(it_cannot_shorten_the_log, do_ftruncate)
CANNOT(it_cannot_shorten_a_file_by_name, do_truncate)
CANNOT(it_cannot_write_into_the_log, do_pwrite)
CANNOT(it_cannot_write_vectors_into_the_log, do_pwritev)
CANNOT(it_cannot_take_append_off_the_log, do_drop_append)
CANNOT(it_cannot_seek_in_the_log, do_lseek)
CANNOT(it_cannot_read_the_log, do_read_log)
CANNOT(it_cannot_punch_holes_into_the_log, do_fallocate)
CANNOT(it_cannot_delete, do_unlink)
CANNOT(it_cannot_signal, do_kill)
CANNOT(it_cannot_trace, do_ptrace)
CANNOT(it_cannot_send_to_where_it_wants, do_send_elsewhere)
CANNOT(it_cannot_pass_descriptors, do_sendmsg)
CANNOT(it_cannot_make_code, do_map_code)
CAN(it_can_append_to_the_log, do_append)
CAN(it_can_talk_to_the_parent, do_messages)
CAN(it_can_have_memory, do_memory)
CAN(it_can_tell_the_time_of_day, do_clock)
CAN(it_can_look_at_its_descriptors, do_fstat)

/* Threads that were there before the sandbox, as the collector's. */

static struct writer *writer;
static long (*volatile order)(void);
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static volatile int waits;
static pthread_t soldier;

static void *
obey(void *arg)
{
	long *done = arg;

	waits = 1;
	(void)pthread_mutex_lock(&gate);
	*done = order();
	return (NULL);
}

static long obeyed;

static const char *
with_threads(void)
{
	if (sandbox_threads() == -1 || (writer = writer_new()) == NULL)
		return (NULL);
	(void)pthread_mutex_lock(&gate);
	if (pthread_create(&soldier, NULL, obey, &obeyed) != 0)
		return (NULL);
	while (!waits)
		(void)poll(NULL, 0, 1);
	return (sandbox_collector());
}

static long
do_by_thread(void)
{
	(void)pthread_mutex_unlock(&gate);
	(void)pthread_join(soldier, NULL);
	return (obeyed);
}

static long
do_write_by_thread(void)
{
	struct writing w = {.fd = log_fd, .p = "record", .len = 6};
	struct pollfd pfd = {.fd = writer_fd(writer), .events = POLLIN};

	writer_start(writer, &w);
	if (poll(&pfd, 1, 5000) != 1 || writer_done(writer) != &w ||
	    writer_done(writer) != NULL)
		return (-1);
	writer_free(writer);
	return (w.written == 6 ? 0 : -1);
}

static void
a_thread_cannot_do_it_either(void **state)
{
	static long (*const tries[])(void) = {do_open, do_create, do_socket,
	    do_execve, do_fork, do_ftruncate, do_truncate, do_pwrite,
	    do_drop_append, do_lseek, do_unlink, do_kill, do_ptrace,
	    do_send_elsewhere, do_sendmsg, do_map_code};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		order = tries[i];
		must_not(do_by_thread, with_threads);
	}
	order = do_append;
	must(do_by_thread, with_threads);
}

static void
the_thread_that_writes_can_write(void **state)
{
	(void)state;
	must(do_write_by_thread, with_threads);
}

static long
do_thread(void)
{
	pthread_t t;
	long done;

	order = do_clock;
	return (pthread_create(&t, NULL, obey, &done) == 0 ? 0 : -1);
}

CANNOT(it_cannot_make_a_thread, do_thread)

/* A meter and the control process. */

static long
do_unix_socket(void)
{
	return (socket(AF_UNIX, SOCK_STREAM, 0));
}

static long
do_packet_socket(void)
{
	return (socket(AF_PACKET, SOCK_RAW, 0));
}

static long
do_raw_socket(void)
{
	return (socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

/* As dest.c does when a collector comes back. */
static long
do_connect(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_port = htons(9),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) == -1)
		return (-1);
	return (connect(fd, (struct sockaddr *)&sin, sizeof(sin)));
}

/* Much of a kernel is behind what a socket can be asked for. */
static long
do_reuse(void)
{
	int on = 1;

	return (setsockopt(udp_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
}

static long
do_join(void)
{
	struct ip_mreq mr = {.imr_multiaddr.s_addr = htonl(0xe0000101),
	    .imr_interface.s_addr = htonl(INADDR_LOOPBACK)};

	return (
	    setsockopt(udp_fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mr, sizeof(mr)));
}

static long
do_ask(void)
{
	int type;
	socklen_t len = sizeof(type);

	return (getsockopt(udp_fd, SOL_SOCKET, SO_TYPE, &type, &len));
}

static long
do_own(void)
{
	return (fcntl(udp_fd, F_SETOWN, getpid()));
}

static long
do_seek(void)
{
	int fd = fileno(tmp);

	return (
	    lseek(fd, 0, SEEK_SET) == 0 && fcntl(fd, F_GETFL) != -1 ? 0 : -1);
}

static long
do_accept(void)
{
	int fd = accept(listener, NULL, NULL);

	return (fd == -1 && errno != EAGAIN ? -1 : 0);
}

static void
a_meter_cannot_do_what_it_need_not(void **state)
{
	static long (*const tries[])(void) = {do_open, do_create, do_execve,
	    do_fork, do_truncate, do_unlink, do_kill, do_ptrace, do_map_code,
	    do_unix_socket, do_packet_socket, do_raw_socket, do_accept,
	    do_ftruncate, do_pwrite, do_reuse, do_join, do_ask, do_own};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		must_not(tries[i], sandbox_meter);
}

static void
a_meter_can_connect_anew_and_read_files(void **state)
{
	(void)state;
	must(do_connect, sandbox_meter);
	must(do_seek, sandbox_meter);
	must(do_messages, sandbox_meter);
	must(do_memory, sandbox_meter);
	must(do_clock, sandbox_meter);
	must(do_fstat, sandbox_meter);
}

static void
control_cannot_do_what_it_need_not(void **state)
{
	static long (*const tries[])(void) = {do_open, do_create, do_execve,
	    do_fork, do_truncate, do_unlink, do_kill, do_ptrace, do_map_code,
	    do_unix_socket, do_packet_socket, do_raw_socket, do_socket,
	    do_connect, do_ftruncate, do_pwrite, do_send_elsewhere, do_reuse,
	    do_join, do_ask, do_own};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		must_not(tries[i], sandbox_control);
}

static void
control_can_take_clients(void **state)
{
	(void)state;
	must(do_accept, sandbox_control);
	must(do_messages, sandbox_control);
	must(do_memory, sandbox_control);
	must(do_clock, sandbox_control);
}

static long
do_map_file(void)
{
	return (
	    mmap(NULL, 1, PROT_READ, MAP_SHARED, fileno(tmp), 0) == MAP_FAILED
		? -1
		: 0);
}

static long
do_sync(void)
{
	return (fsync(log_fd));
}

static void
the_sealer_cannot_do_what_it_need_not(void **state)
{
	static long (*const tries[])(void) = {do_open, do_create, do_execve,
	    do_fork, do_truncate, do_unlink, do_kill, do_ptrace, do_map_code,
	    do_unix_socket, do_packet_socket, do_raw_socket, do_socket,
	    do_connect, do_accept, do_ftruncate, do_pwrite, do_pwritev,
	    do_lseek, do_fallocate, do_drop_append, do_send_elsewhere,
	    do_sendmsg, do_reuse, do_join, do_ask, do_own};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		must_not(tries[i], sandbox_sealer);
}

static void
the_sealer_can_map_write_and_sync(void **state)
{
	(void)state;
	must(do_map_file, sandbox_sealer);
	must(do_append, sandbox_sealer);
	must(do_sync, sandbox_sealer);
	must(do_memory, sandbox_sealer);
	must(do_fstat, sandbox_sealer);
}

/* Last, for it spoils the file: or the tests above would prove nothing. */
static void
without_the_sandbox_all_of_it_works(void **state)
{
	static long (*const works[])(void) = {do_open, do_create, do_socket,
	    do_fork, do_ftruncate, do_truncate, do_pwrite, do_pwritev,
	    do_drop_append, do_lseek, do_fallocate, do_kill, do_send_elsewhere,
	    do_sendmsg, do_map_code, do_unix_socket, do_connect, do_accept,
	    do_reuse, do_join, do_ask, do_own, do_unlink};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		if (attempt(works[i], NULL) != DONE)
			fail_msg("attempt %zu fails by itself", i);
	unlink("/tmp/flowd-sandbox-escape");
}

static void
history_is_as_it_was(void **state)
{
	char buf[sizeof(history)];
	int fd = open(path, O_RDONLY);

	(void)state;
	assert_int_equal(read(fd, buf, sizeof(buf)), sizeof(buf));
	assert_memory_equal(buf, history, sizeof(history));
	close(fd);
}

static int
setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	tzset();
	if (fd == -1 || write(fd, history, sizeof(history)) != sizeof(history))
		return (-1);
	close(fd);
	log_fd = open(path, O_WRONLY | O_APPEND);
	udp_fd = socket(AF_INET, SOCK_DGRAM, 0);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (listener == -1 || listen(listener, 1) == -1 ||
	    (tmp = tmpfile()) == NULL)
		return (-1);
	return (log_fd == -1 || udp_fd == -1 ||
		    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1
		? -1
		: 0);
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_can_append_to_the_log),
	    cmocka_unit_test(it_can_talk_to_the_parent),
	    cmocka_unit_test(it_can_have_memory),
	    cmocka_unit_test(it_can_tell_the_time_of_day),
	    cmocka_unit_test(it_can_look_at_its_descriptors),
	    cmocka_unit_test(it_cannot_open_a_file),
	    cmocka_unit_test(it_cannot_make_a_file),
	    cmocka_unit_test(it_cannot_make_a_socket),
	    cmocka_unit_test(it_cannot_run_a_program),
	    cmocka_unit_test(it_cannot_fork),
	    cmocka_unit_test(it_cannot_shorten_the_log),
	    cmocka_unit_test(it_cannot_shorten_a_file_by_name),
	    cmocka_unit_test(it_cannot_write_into_the_log),
	    cmocka_unit_test(it_cannot_write_vectors_into_the_log),
	    cmocka_unit_test(it_cannot_take_append_off_the_log),
	    cmocka_unit_test(it_cannot_seek_in_the_log),
	    cmocka_unit_test(it_cannot_read_the_log),
	    cmocka_unit_test(it_cannot_punch_holes_into_the_log),
	    cmocka_unit_test(it_cannot_delete),
	    cmocka_unit_test(it_cannot_signal),
	    cmocka_unit_test(it_cannot_trace),
	    cmocka_unit_test(it_cannot_send_to_where_it_wants),
	    cmocka_unit_test(it_cannot_pass_descriptors),
	    cmocka_unit_test(it_cannot_make_code),
	    cmocka_unit_test(it_cannot_make_a_thread),
	    cmocka_unit_test(a_thread_cannot_do_it_either),
	    cmocka_unit_test(the_thread_that_writes_can_write),
	    cmocka_unit_test(a_meter_cannot_do_what_it_need_not),
	    cmocka_unit_test(a_meter_can_connect_anew_and_read_files),
	    cmocka_unit_test(control_cannot_do_what_it_need_not),
	    cmocka_unit_test(control_can_take_clients),
	    cmocka_unit_test(the_sealer_cannot_do_what_it_need_not),
	    cmocka_unit_test(the_sealer_can_map_write_and_sync),
	    cmocka_unit_test(history_is_as_it_was),
	    cmocka_unit_test(without_the_sandbox_all_of_it_works),
	};

	if (strncmp(sandbox_name(), "nothing", 7) == 0) {
		print_message("1..0 # SKIP this build has no sandbox\n");
		return (0);
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
