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
#include <string.h>

#include "meter/dest.h"

static char list[400];
static struct dest_config dc[4];
static char err[200];

static int
parse(const char *text)
{
	(void)snprintf(list, sizeof(list), "%s", text);
	memset(dc, 0, sizeof(dc));
	err[0] = '\0';
	return (dest_parse(list, dc, 4, err, sizeof(err)));
}

static void
addresses_and_names_are_destinations(void **state)
{
	(void)state;
	assert_int_equal(parse("192.0.2.1:2055"), 1);
	assert_string_equal(dc[0].host, "192.0.2.1");
	assert_string_equal(dc[0].port, "2055");
	assert_int_equal(
	    parse("a.example:ipfix,[2001:db8::1]:9995,[fe80::1%eth0]:1"), 3);
	assert_string_equal(dc[0].host, "a.example");
	assert_string_equal(dc[0].port, "ipfix");
	assert_string_equal(dc[1].host, "2001:db8::1");
	assert_string_equal(dc[1].port, "9995");
	assert_string_equal(dc[2].host, "fe80::1%eth0");
	assert_string_equal(dc[2].port, "1");
}

static void
the_last_colon_is_that_of_the_port(void **state)
{
	(void)state;
	assert_int_equal(parse("2001:db8::1:2055"), 1);
	assert_string_equal(dc[0].host, "2001:db8::1");
	assert_string_equal(dc[0].port, "2055");
}

static void
what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text;
		const char *err;
	} bad[] = {
	    {"", "\"\": nothing between commas"},
	    {"a:1,", "\"\": nothing between commas"},
	    {"a:1,,b:1", "\"\": nothing between commas"},
	    {"a:1,example", "\"example\": no port"},
	    {"a:1,b:", "\"b:\": no port"},
	    {":2055", "\":2055\": no host"},
	    {"[]:2055", "\"[]:2055\": no host"},
	    {"[::1]", "\"[::1]\": no port"},
	    {"[::1:2055", "\"[::1:2055\": malformed address"},
	    {"[:2055", "\"[:2055\": malformed address"},
	    {"::1]:2055", "\"::1]:2055\": malformed host"},
	    {"[[::1]]:2055", "\"[[::1]]:2055\": malformed host"},
	    {"a b:2055", "\"a b:2055\": malformed host"},
	    {"a:0", "\"a:0\": port out of range"},
	    {"a:000", "\"a:000\": port out of range"},
	    {"a:65536", "\"a:65536\": port out of range"},
	    {"a:99999999999999999999",
		"\"a:99999999999999999999\": port out of range"},
	    {"a:20 55", "\"a:20 55\": malformed port"},
	    {"a:1,b:2,c:3,d:4,e:5", "\"e:5\": too many destinations"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(bad[i].text), -1);
		assert_string_equal(err, bad[i].err);
	}
	assert_int_equal(parse("a:1,b:2,c:3,d:65535"), 4);
}

/* The rest of a configuration was there before, and belongs to others. */
static void
only_host_and_port_are_set(void **state)
{
	(void)state;
	(void)snprintf(list, sizeof(list), "a:1");
	dc[0].rate = 7;
	dc[0].ttl = 9;
	dc[1].host = "untouched";
	assert_int_equal(dest_parse(list, dc, 4, err, sizeof(err)), 1);
	assert_int_equal(dc[0].rate, 7);
	assert_int_equal(dc[0].ttl, 9);
	assert_string_equal(dc[1].host, "untouched");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_and_names_are_destinations),
	    cmocka_unit_test(the_last_colon_is_that_of_the_port),
	    cmocka_unit_test(what_is_wrong_is_named),
	    cmocka_unit_test(only_host_and_port_are_set),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
