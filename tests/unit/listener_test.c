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
#include <sys/un.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meter/control.h"

static char dir[64], path[80], other[80], err[256];
static int fd = -1;

static int
setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/listener-test.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return (-1);
	snprintf(path, sizeof(path), "%s/ctl", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	err[0] = '\0';
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	if (fd != -1)
		close(fd);
	fd = -1;
	unlink(path);
	unlink(other);
	rmdir(dir);
	return (0);
}

static int
make(unsigned mode)
{
	return (control_listen(path, NULL, mode, err, sizeof(err)));
}

static void
has_mode(unsigned mode)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, mode);
}

static void
its_mode_is_as_asked_whatever_the_umask(void **state)
{
	mode_t mask = umask(0);

	(void)state;
	assert_int_not_equal(fd = make(0600), -1);
	assert_int_equal(umask(077), 0);
	has_mode(0600);
	close(fd);
	assert_int_not_equal(fd = make(0666), -1);
	has_mode(0666);
	umask(mask);
}

static void
a_socket_that_nobody_listens_on_is_replaced(void **state)
{
	(void)state;
	fd = make(0600);
	assert_int_not_equal(fd, -1);
	close(fd);
	fd = make(0600);
	assert_int_not_equal(fd, -1);
}

static void
a_socket_in_use_is_left_alone(void **state)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct pollfd pfd = {.events = POLLIN};
	int c;

	(void)state;
	pfd.fd = fd = make(0600);
	assert_int_equal(make(0600), -1);
	assert_non_null(strstr(err, path));
	assert_non_null(strstr(err, "is in use"));
	/* The first can still be reached. */
	while (poll(&pfd, 1, 0) == 1)
		close(accept(fd, NULL, NULL));
	memcpy(sun.sun_path, path, strlen(path) + 1);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(c, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(poll(&pfd, 1, 5000), 1);
	close(c);
}

static void
a_socket_of_datagrams_is_left_alone(void **state)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	(void)state;
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(make(0600), -1);
	has_mode(0777 & ~022);
}

static void
a_file_is_never_removed(void **state)
{
	struct stat st;
	int f;

	(void)state;
	f = open(path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(write(f, "x", 1), 1);
	close(f);
	assert_int_equal(make(0600), -1);
	assert_non_null(strstr(err, path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 1);
}

static void
a_link_is_not_followed(void **state)
{
	struct stat st;

	(void)state;
	fd = control_listen(other, NULL, 0600, err, sizeof(err));
	assert_int_not_equal(fd, -1);
	close(fd);
	fd = -1;
	/* To a socket, even to one that nobody listens on. */
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(make(0600), -1);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(other, &st), 0);
	/* To nothing. */
	unlink(other);
	assert_int_equal(make(0600), -1);
	assert_int_equal(lstat(path, &st), 0);
}

static void
what_cannot_be_is_an_error_that_names_the_path(void **state)
{
	char lng[200];

	(void)state;
	memset(lng, 'x', sizeof(lng) - 1);
	lng[sizeof(lng) - 1] = '\0';
	assert_int_equal(control_listen(lng, NULL, 0600, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "too long"));
	assert_int_equal(control_listen("/nonexistent/ctl", NULL, 0600, err,
			     sizeof(err)),
	    -1);
	assert_non_null(strstr(err, "/nonexistent/ctl: No such file"));
	assert_int_equal(control_listen(path, "no such user", 0600, err,
			     sizeof(err)),
	    -1);
	assert_non_null(strstr(err, "owner"));
	assert_int_equal(control_listen(path, ":no such group", 0600, err,
			     sizeof(err)),
	    -1);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void
its_owner_is_as_asked(void **state)
{
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	fd = control_listen(path, "daemon", 0660, err, sizeof(err));
	assert_int_not_equal(fd, -1);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_not_equal(st.st_uid, 0);
	assert_int_equal(st.st_gid, getegid());
	has_mode(0660);
	close(fd);
	fd = control_listen(path, "root:daemon", 0660, err, sizeof(err));
	assert_int_not_equal(fd, -1);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_not_equal(st.st_gid, 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(its_mode_is_as_asked_whatever_the_umask),
	    T(a_socket_that_nobody_listens_on_is_replaced),
	    T(a_socket_in_use_is_left_alone),
	    T(a_socket_of_datagrams_is_left_alone),
	    T(a_file_is_never_removed),
	    T(a_link_is_not_followed),
	    T(what_cannot_be_is_an_error_that_names_the_path),
	    T(its_owner_is_as_asked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
