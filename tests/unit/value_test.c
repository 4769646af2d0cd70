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

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format.h"
#include "query/value.h"

static char buf[256];
static struct text t;

static struct text *
begin(void)
{
	text_init(&t, buf, sizeof(buf));
	return (&t);
}

static const char *
done(void)
{
	text_done(&t);
	return (buf);
}

static const char *
human(uint64_t v)
{
	value_human(begin(), v);
	return (done());
}

static const char *
duration(int64_t ns)
{
	value_duration(begin(), ns);
	return (done());
}

static const char *
seconds(int64_t ns)
{
	value_seconds(begin(), ns);
	return (done());
}

static const char *
rate(double v)
{
	value_rate(begin(), v);
	return (done());
}

static const char *
percent(uint64_t part, uint64_t total)
{
	value_percent(begin(), part, total);
	return (done());
}

static void
numbers_for_people_are_rounded_to_a_tenth_of_their_unit(void **state)
{
	(void)state;
	assert_string_equal(human(0), "0");
	assert_string_equal(human(9999), "9999");
	assert_string_equal(human(10000), "10.0K");
	assert_string_equal(human(10049), "10.0K");
	assert_string_equal(human(10050), "10.1K");
	assert_string_equal(human(999949), "999.9K");
	assert_string_equal(human(999950), "1.0M");
	assert_string_equal(human(1499999), "1.5M");
	assert_string_equal(human(12345678901), "12.3G");
	assert_string_equal(human(999949999999999999), "999.9P");
	assert_string_equal(human(999950000000000000), "1.0E");
	assert_string_equal(human(UINT64_MAX), "18.4E");
}

static void
durations_for_people_name_their_units(void **state)
{
	(void)state;
	assert_string_equal(duration(0), "0.000s");
	assert_string_equal(duration(59999999999), "59.999s");
	assert_string_equal(duration(60 * NSEC_PER_SEC), "1m00.000s");
	assert_string_equal(duration(3723456000000), "1h02m03.456s");
	assert_string_equal(duration(90061 * NSEC_PER_SEC), "1d01h01m01.000s");
	assert_string_equal(duration(3600 * NSEC_PER_SEC), "1h00m00.000s");
	assert_string_equal(duration(-1500000000), "-1.500s");
	assert_string_equal(duration(INT64_MIN), "-106751d23h47m16.854s");
}

static void
seconds_have_the_digits_they_need(void **state)
{
	(void)state;
	assert_string_equal(seconds(0), "0");
	assert_string_equal(seconds(5 * NSEC_PER_SEC), "5");
	assert_string_equal(seconds(1500000000), "1.500");
	assert_string_equal(seconds(1000001000), "1.000001");
	assert_string_equal(seconds(1), "0.000000001");
	assert_string_equal(seconds(-1), "-0.000000001");
	assert_string_equal(seconds(INT64_MIN), "-9223372036.854775808");
}

static void
rates_have_no_exponent_and_no_zeros_behind(void **state)
{
	(void)state;
	assert_string_equal(rate(0), "0");
	assert_string_equal(rate(1.5), "1.5");
	assert_string_equal(rate(0.001), "0.001");
	assert_string_equal(rate(0.0004), "0");
	assert_string_equal(rate(1234567.0625), "1234567.063");
	assert_string_equal(rate(2.02), "2.02");
	assert_string_equal(rate(1e15), "1000000000000000");
	assert_string_equal(rate(1e19), "10000000000000000000");
	assert_string_equal(rate(1e300), "18446744073709551615");
	assert_string_equal(rate(-1), "0");
	assert_string_equal(rate(strtod("nan", NULL)), "0");
}

static void
shares_are_percentages(void **state)
{
	(void)state;
	assert_string_equal(percent(1, 3), "33.3%");
	assert_string_equal(percent(2, 3), "66.7%");
	assert_string_equal(percent(7, 7), "100.0%");
	assert_string_equal(percent(0, 7), "0.0%");
	assert_string_equal(percent(1, 0), "");
	assert_string_equal(percent(UINT64_MAX, UINT64_MAX), "100.0%");
}

static void
protocols_and_flags_have_names(void **state)
{
	(void)state;
	value_protocol(begin(), 6);
	assert_string_equal(done(), "tcp");
	value_protocol(begin(), 58);
	assert_string_equal(done(), "icmp6");
	value_protocol(begin(), 255);
	assert_string_equal(done(), "255");
	value_tcp_flags(begin(), 0x1b);
	assert_string_equal(done(), "...AP.SF");
	value_tcp_flags(begin(), 0xff);
	assert_string_equal(done(), "CEUAPRSF");
	value_tcp_flags(begin(), 0);
	assert_string_equal(done(), "........");
}

static void
texts_of_exporters_are_escaped_as_ever(void **state)
{
	static const char hostile[] = "=a\"\x1b[2J\n";
	const struct flow_text x = {hostile, sizeof(hostile) - 1};
	const struct field *fd = &fields[FLOW_USER_NAME];

	(void)state;
	value_bytes(begin(), fd, &x, VALUE_TEXT);
	assert_string_equal(done(), "\"=a\\\"\\u001b[2J\\u000a\"");
	value_bytes(begin(), fd, &x, VALUE_JSON);
	assert_string_equal(done(), "\"=a\\\"\\u001b[2J\\u000a\"");
	value_bytes(begin(), fd, &x, VALUE_CSV);
	assert_string_equal(done(), "\"'=a\"\"\\u001b[2J\\u000a\"");
}

static void
mac_addresses_are_six_bytes(void **state)
{
	const struct flow_text x = {"\x02\x00\x5e\x10\xff\x01", 6};

	(void)state;
	value_bytes(begin(), &fields[FLOW_IN_SRC_MAC], &x, VALUE_JSON);
	assert_string_equal(done(), "\"02:00:5e:10:ff:01\"");
	value_bytes(begin(), &fields[FLOW_IN_SRC_MAC], &x, VALUE_CSV);
	assert_string_equal(done(), "02:00:5e:10:ff:01");
}

static void
a_character_is_one_wide(void **state)
{
	(void)state;
	assert_int_equal(value_width("", 0), 0);
	assert_int_equal(value_width("abc", 3), 3);
	assert_int_equal(value_width("M\xc3\xbcnchen", 8), 7);
}

static void
what_does_not_fit_is_cut(void **state)
{
	char small[4];

	(void)state;
	text_init(&t, small, sizeof(small));
	value_duration(&t, 3723456000000);
	text_done(&t);
	assert_string_equal(small, "1h0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		numbers_for_people_are_rounded_to_a_tenth_of_their_unit),
	    cmocka_unit_test(durations_for_people_name_their_units),
	    cmocka_unit_test(seconds_have_the_digits_they_need),
	    cmocka_unit_test(rates_have_no_exponent_and_no_zeros_behind),
	    cmocka_unit_test(shares_are_percentages),
	    cmocka_unit_test(protocols_and_flags_have_names),
	    cmocka_unit_test(texts_of_exporters_are_escaped_as_ever),
	    cmocka_unit_test(mac_addresses_are_six_bytes),
	    cmocka_unit_test(a_character_is_one_wide),
	    cmocka_unit_test(what_does_not_fit_is_cut),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
