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

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meter/progress.h"

#define LARGE (UINT64_C(1) << 30)

static int terminal; /* what is written there is read from here */

/* Standard error is a terminal while `show` runs. */
static void
on_terminal(void (*show)(void))
{
	int saved = dup(STDERR_FILENO), fd;

	terminal = posix_openpt(O_RDWR | O_NOCTTY);
	assert_int_not_equal(terminal, -1);
	assert_int_equal(grantpt(terminal), 0);
	assert_int_equal(unlockpt(terminal), 0);
	fd = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	assert_int_not_equal(fd, -1);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	show();
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	(void)close(saved);
	(void)close(fd);
	(void)close(terminal);
}

static void
read_terminal(char *buf, size_t size)
{
	struct pollfd pfd = {.fd = terminal, .events = POLLIN};
	ssize_t n = 0;

	if (poll(&pfd, 1, 0) == 1 && (n = read(terminal, buf, size - 1)) == -1)
		n = 0;
	buf[n] = '\0';
}

static void
show_a_large_file(void)
{
	struct progress *p = progress_new(LARGE);
	char line[256] = "";
	int i, lines = 0;

	assert_non_null(p);
	/* As if it were read for a second and a bit. */
	for (i = 0; i < 1200; i++) {
		progress_show(p, LARGE / 4, 1000000);
		(void)poll(NULL, 0, 1);
		if (line[0] == '\0')
			read_terminal(line, sizeof(line));
	}
	assert_ptr_equal(strstr(line, "\r 25.0 %, 1000000 packets, "), line);
	assert_non_null(strstr(line, " a second\033[K"));
	read_terminal(line, sizeof(line));
	for (i = 0; line[i] != '\0'; i++)
		lines += line[i] == '\r';
	assert_in_range(lines, 0, 3);
	progress_free(p);
	read_terminal(line, sizeof(line));
	assert_string_equal(line, "\r\033[K");
}

static void
a_large_file_shows_how_far_it_has_been_read(void **state)
{
	(void)state;
	on_terminal(show_a_large_file);
}

static void
show_others(void)
{
	struct progress *p;
	char line[256];

	assert_null(progress_new(1000000));
	/* A pipe: nobody knows how long it is. */
	assert_non_null(p = progress_new(0));
	progress_show(p, 1, 1);
	progress_free(p);
	read_terminal(line, sizeof(line));
	assert_string_equal(line, "");
}

static void
nothing_is_shown_of_what_is_soon_over(void **state)
{
	(void)state;
	on_terminal(show_others);
}

static void
nothing_is_shown_to_a_file(void **state)
{
	int saved = dup(STDERR_FILENO), fd = open("/dev/null", O_WRONLY);

	(void)state;
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	assert_null(progress_new(LARGE));
	progress_show(NULL, 1, 1);
	progress_free(NULL);
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	(void)close(saved);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_large_file_shows_how_far_it_has_been_read),
	    cmocka_unit_test(nothing_is_shown_of_what_is_soon_over),
	    cmocka_unit_test(nothing_is_shown_to_a_file),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
