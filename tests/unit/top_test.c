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

#include "meter/top.h"

static struct top a, b;
static char *text;

static int
teardown(void **state)
{
	(void)state;
	top_clear(&a);
	top_clear(&b);
	free(text);
	text = NULL;
	return (0);
}

static const char *
printed(const struct top *t, const struct top_view *v)
{
	size_t len;
	FILE *f;

	free(text);
	f = open_memstream(&text, &len);
	assert_non_null(f);
	top_print(f, t, v);
	fclose(f);
	return (text);
}

#define TOTALS(seconds, packets, octets, dropped)      \
	"clock " seconds "000000000 now 10" seconds    \
	"000000000 packets " packets " octets " octets \
	" active 3 dropped " dropped

static void
two_samples(void)
{
	top_line(&a, "softflowd[1]: Largest flows:");
	top_line(&a, TOTALS("10", "100", "50000", "5"));
	top_line(&a,
	    "17 192.0.2.1 53 198.51.100.1 1024 9000 10 1000 5 "
	    "1000000000000 1009000000000");
	top_line(&a,
	    "6 2001:db8::1 80 2001:db8::2 5000 4000 4 0 0 "
	    "1000000000000 1009000000000");
	top_line(&b, TOTALS("12", "300", "150000", "7"));
	top_line(&b,
	    "17 192.0.2.1 53 198.51.100.1 1024 9100 11 1000 5 "
	    "1000000000000 1011000000000");
	top_line(&b,
	    "6 2001:db8::1 80 2001:db8::2 5000 24000 24 2000 2 "
	    "1000000000000 1011000000000");
}

static void
rates_are_differences_and_the_fastest_comes_first(void **state)
{
	(void)state;
	two_samples();
	top_rates(&b, &a);
	assert_int_equal(b.n, 2);
	assert_int_equal(b.rows[0].protocol, 6);
	assert_true(b.rows[0].octets_rate == 11000);
	assert_true(b.rows[0].packets_rate == 11);
	assert_true(b.rows[1].octets_rate == 50);
	assert_true(b.rows[1].packets_rate == 0.5);
	assert_true(b.octets_rate == 50000);
	assert_true(b.packets_rate == 100);
	assert_true(b.dropped_rate == 1);
}

static void
a_flow_that_began_anew_does_not_run_backwards(void **state)
{
	(void)state;
	two_samples();
	top_line(&b,
	    "1 10.0.0.1 0 10.0.0.2 2048 600 6 0 0 "
	    "1008000000000 1012000000000");
	a.rows[1].octets[0] = 1000000;
	top_rates(&b, &a);
	assert_true(b.rows[0].octets_rate == 13000);
	/* It was not there before: over its four seconds. */
	assert_int_equal(b.rows[1].protocol, 1);
	assert_true(b.rows[1].octets_rate == 150);
	assert_true(b.rows[1].packets_rate == 1.5);
}

static void
what_is_no_row_is_left_out(void **state)
{
	static const char *const bad[] = {"", "17",
	    "17 192.0.2.1 53 198.51.100.1 1024 1 1 1 1 1",
	    "17 192.0.2.1 53 198.51.100.1 1024 1 1 1 1 1 1 1",
	    "256 192.0.2.1 53 198.51.100.1 1024 1 1 1 1 1 1",
	    "17 192.0.2.1 65536 198.51.100.1 1024 1 1 1 1 1 1",
	    "17 192.0.2.1 53 198.51.100.1 65536 1 1 1 1 1 1",
	    "17 192.0.2.1 53 198.51.100.1 -1 1 1 1 1 1 1",
	    "17 192.0.2.1 53 \033[2J 1024 1 1 1 1 1 1",
	    "17 192.0.2.1.1 53 198.51.100.1 1024 1 1 1 1 1 1",
	    "17 192.0.2.1 53 198.51.100.1 1024 x 1 1 1 1 1",
	    "17 192.0.2.1 53 198.51.100.1 1024 99999999999999999999 1 1 1 1 1",
	    "17 192.0.2.1 53 198.51.100.1 1024 1 1 1 1 1 9223372036854775808",
	    "clock 1 now 1 packets 1 octets 1 active 1 drop 1",
	    "clock x now 1 packets 1 octets 1 active 1 dropped 1"};
	char line[600];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		top_line(&a, bad[i]);
	memset(line, '1', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	top_line(&a, line);
	assert_int_equal(a.n, 0);
	assert_false(a.has_totals);
}

static void
rows_have_their_limit(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < TOP_ROWS_MAX + 10; i++)
		top_line(&a, "17 192.0.2.1 53 198.51.100.1 1024 1 1 1 1 1 1");
	assert_true(a.n <= TOP_ROWS_MAX + 256);
	assert_true(a.n >= TOP_ROWS_MAX);
}

static void
lines_are_no_wider_than_the_terminal(void **state)
{
	struct top_view v = {.rows = 10, .ansi = false};
	const char *p;
	size_t n;

	(void)state;
	two_samples();
	top_line(&b,
	    "17 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff 65535 "
	    "2001:db8:aaaa:bbbb:cccc:dddd:eeee:fffe 65535 "
	    "9223372036854775807 9223372036854775807 9223372036854775807 "
	    "9223372036854775807 1 9223372036854775807");
	top_rates(&b, &a);
	for (v.width = 64; v.width < 200; v.width++)
		for (p = printed(&b, &v); *p != '\0'; p += n + 1) {
			n = strcspn(p, "\n");
			if (strncmp(p, "3 flows", 7) != 0)
				assert_true(n <= (size_t)v.width);
		}
}

static void
for_scripts_numbers_are_in_full(void **state)
{
	const struct top_view v = {.rows = 1};

	(void)state;
	two_samples();
	top_rates(&b, &a);
	assert_string_equal(printed(&b, &v),
	    "3 flows, 400000 bit/s, 100 packets/s, 1 dropped/s, 7 dropped\n"
	    "PROTOCOL  INITIATOR                                       "
	    "RESPONDER                                                BIT/S"
	    "          PKT/S          BYTES           PKTS   AGE\n"
	    "tcp       [2001:db8::1]:80                                "
	    "[2001:db8::2]:5000                                       88000"
	    "             11          26000             26   12s\n");
}

static void
a_screen_is_drawn_over_line_by_line(void **state)
{
	const struct top_view v = {.rows = 10, .width = 80, .ansi = true};

	(void)state;
	two_samples();
	top_rates(&b, &a);
	assert_string_equal(printed(&b, &v),
	    "\033[H3 flows, 400k bit/s, 100 packets/s, 1 dropped/s, 7 dropped"
	    "\033[K\n"
	    "PROTOCOL  INITIATOR         RESPONDER          BIT/S  PKT/S  BYTES"
	    "   PKTS   AGE\033[K\n"
	    "tcp       [2001:db8::1]:80  [2001:db8::2]:50~    88k     11    26k"
	    "     26   12s\033[K\n"
	    "udp       192.0.2.1:53      198.51.100.1:1024    400      0    10k"
	    "     16   12s\033[K\n"
	    "\033[J");
}

int
main(void)
{
#define T(name) cmocka_unit_test_teardown(name, teardown)
	const struct CMUnitTest tests[] = {
	    T(rates_are_differences_and_the_fastest_comes_first),
	    T(a_flow_that_began_anew_does_not_run_backwards),
	    T(what_is_no_row_is_left_out),
	    T(rows_have_their_limit),
	    T(lines_are_no_wider_than_the_terminal),
	    T(for_scripts_numbers_are_in_full),
	    T(a_screen_is_drawn_over_line_by_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
