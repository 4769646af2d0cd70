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
#include <sys/un.h>
#include <sys/wait.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meter/exchange.h"

static char dir[64], path[80], err[256];
static char asked[64], said[16384];
static size_t lines;

static int
setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/exchange-test.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return (-1);
	snprintf(path, sizeof(path), "%s/ctl", dir);
	err[0] = said[0] = asked[0] = '\0';
	lines = 0;
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	rmdir(dir);
	return (0);
}

static int
listener(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(sun.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(s, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(s, 1), 0);
	return (s);
}

static void
on_line(void *arg, const char *line)
{
	assert_ptr_equal(arg, said);
	assert_true(strlen(said) + strlen(line) + 2 < sizeof(said));
	strlcat(said, line, sizeof(said));
	strlcat(said, "|", sizeof(said));
	lines++;
}

/* The reply of a server, a piece at a time, to what it is asked. */
static int
exchange_with(const char *reply, size_t len, size_t piece)
{
	int s = listener(), c, rc, status;
	pid_t pid;
	size_t n;

	if ((pid = fork()) == 0) {
		(void)alarm(20);
		c = accept(s, NULL, NULL);
		for (n = 0; n < sizeof(asked) && strchr(asked, '\n') == NULL;)
			n += (size_t)read(c, asked + n, 1);
		if (strcmp(asked, "some words\n") != 0)
			_exit(1);
		for (; len > 0; reply += n, len -= n) {
			n = len < piece ? len : piece;
			if (write(c, reply, n) != (ssize_t)n)
				_exit(2);
		}
		_exit(0);
	}
	close(s);
	rc = exchange(path, "some words", on_line, said, err, sizeof(err));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return (rc);
}

static void
lines_come_whole_however_they_are_cut(void **state)
{
	(void)state;
	assert_int_equal(exchange_with("one\n\ntwo\tcolumns\nlast", 21, 1), 0);
	assert_string_equal(said, "one||two\tcolumns|last|");
}

static void
no_terminal_obeys_what_comes(void **state)
{
	(void)state;
	assert_int_equal(exchange_with("a\033[2J\r\0\a\x9b\xc3\xa9z\n", 13, 99),
	    0);
	assert_string_equal(said, "a?[2J??????z|");
}

static void
a_line_without_end_comes_in_pieces(void **state)
{
	static char reply[3 * EXCHANGE_LINE];

	(void)state;
	memset(reply, 'x', sizeof(reply));
	assert_int_equal(exchange_with(reply, sizeof(reply), 1000), 0);
	assert_int_equal(lines, 3);
	assert_int_equal(strlen(said), sizeof(reply) + 3);
}

static void
no_answer_is_no_line(void **state)
{
	(void)state;
	assert_int_equal(exchange_with("", 0, 1), 0);
	assert_int_equal(lines, 0);
}

static void
nobody_there_is_an_error_that_names_the_path(void **state)
{
	(void)state;
	assert_int_equal(exchange(path, "help", on_line, said, err,
			     sizeof(err)),
	    -1);
	assert_non_null(strstr(err, path));
	close(listener());
	assert_int_equal(exchange(path, "help", on_line, said, err,
			     sizeof(err)),
	    -1);
	assert_non_null(strstr(err, "Connection refused"));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(lines_come_whole_however_they_are_cut),
	    T(no_terminal_obeys_what_comes),
	    T(a_line_without_end_comes_in_pieces),
	    T(no_answer_is_no_line),
	    T(nobody_there_is_an_error_that_names_the_path),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
