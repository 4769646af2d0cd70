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

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter/command.h"

static struct command c;

static enum command_kind
kind(const char *line)
{
	command_parse(line, strlen(line), &c);
	return (c.kind);
}

static void
words_are_taken_with_any_spaces(void **state)
{
	(void)state;
	assert_int_equal(kind("statistics"), COMMAND_STATISTICS);
	assert_int_equal(kind("  statistics   --json "), COMMAND_JSON);
	assert_int_equal(kind("statistics-json"), COMMAND_JSON);
	assert_int_equal(kind("help"), COMMAND_HELP);
	assert_int_equal(kind("timeouts"), COMMAND_TIMEOUTS);
	assert_int_equal(kind("version"), COMMAND_VERSION);
	assert_int_equal(kind("debug+"), COMMAND_ACT);
	assert_int_equal(c.request, REQ_DEBUG_UP);
	assert_int_equal(kind("debug-"), COMMAND_ACT);
	assert_int_equal(c.request, REQ_DEBUG_DOWN);
	assert_int_equal(kind("dump-flows"), COMMAND_FLOWS);
	assert_int_equal(c.request, REQ_DUMP_FLOWS);
}

static void
everything_else_is_unknown(void **state)
{
	static const char *const bad[] = {"", " ", "stat", "statisticss",
	    "Statistics", "statistics x", "statistics --json x", "--json",
	    "help me", "statistics\t--json", "statistics\n", "top x", "top 1 2",
	    "top 0", "top -1", "top +1", "top 1x", "top 0x10", "top #",
	    "top 4294967297", "top 1000000000"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (kind(bad[i]) != COMMAND_UNKNOWN)
			fail_msg("known: %s", bad[i]);
	/* A NUL does not hide what is behind it. */
	command_parse("help\0x", 6, &c);
	assert_int_equal(c.kind, COMMAND_UNKNOWN);
}

static void
top_has_a_number_or_does_without(void **state)
{
	(void)state;
	assert_int_equal(kind("top"), COMMAND_FLOWS);
	assert_int_equal(c.request, REQ_TOP);
	assert_int_equal(c.arg, COMMAND_TOP_DEFAULT);
	assert_int_equal(kind("top 1"), COMMAND_FLOWS);
	assert_int_equal(c.arg, 1);
	assert_int_equal(kind("top 999999999"), COMMAND_FLOWS);
	assert_int_equal(c.arg, 999999999);
}

static void
what_is_not_known_is_repeated_without_harm(void **state)
{
	char buf[128];
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	(void)state;
	assert_non_null(f);
	command_unknown(f, "a\0\033]0;\377\"~", 9);
	fclose(f);
	assert_string_equal(buf,
	    "Unknown control command \"a\\x00\\x1b]0;\\xff\"~\"\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_are_taken_with_any_spaces),
	    cmocka_unit_test(everything_else_is_unknown),
	    cmocka_unit_test(top_has_a_number_or_does_without),
	    cmocka_unit_test(what_is_not_known_is_repeated_without_harm),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
