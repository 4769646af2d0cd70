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

#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "format.h"

static char line[FORMAT_MAX];

static const char *
iso(int64_t sec, bool utc)
{
	size_t n = format_iso_time(line, sizeof(line), sec, utc);

	assert_int_equal(n, strlen(line));
	return (line);
}

static const char *
interval(uint32_t sec)
{
	size_t n = format_interval(line, sizeof(line), sec);

	assert_int_equal(n, strlen(line));
	return (line);
}

/* The value of one field as JSON has it. */
static const char *
json_of(const struct flow *f, const char *name)
{
	struct format_columns cols;
	char bad[64];
	size_t n;

	assert_int_equal(format_columns_parse(&cols, name, bad), 0);
	n = format_json(line, sizeof(line), f, &cols);
	assert_int_equal(n, strlen(line));
	return (line);
}

static void
utc_dates_are_those_of_the_system(void **state)
{
	char want[64];
	struct tm tm;
	time_t t;
	int64_t i;

	(void)state;
	/* Some 24,000 days around 1970, and a second before and after each. */
	for (i = -24000; i < 60000; i++) {
		t = (time_t)(i * 86400 - 1 + (i & 3));
		gmtime_r(&t, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S", &tm);
		assert_string_equal(iso(t, true), want);
	}
	assert_string_equal(iso(951782400, true), "2000-02-29T00:00:00");
	assert_string_equal(iso(4107542400, true), "2100-03-01T00:00:00");
	assert_string_equal(iso(-1, true), "1969-12-31T23:59:59");
}

static void
local_time_is_that_of_tz(void **state)
{
	(void)state;
	setenv("TZ", "UTC-1", 1);
	tzset();
	assert_string_equal(iso(0, false), "1970-01-01T01:00:00");
	assert_string_equal(iso(0, true), "1970-01-01T00:00:00");
	setenv("TZ", "UTC", 1);
	tzset();
}

static void
no_time_is_too_far(void **state)
{
	(void)state;
	iso(INT64_MAX, true);
	iso(INT64_MIN, true);
	iso(INT64_MAX, false);
	iso(INT64_MIN, false);
}

static void
intervals_leave_zero_units_out(void **state)
{
	(void)state;
	assert_string_equal(interval(0), "0s");
	assert_string_equal(interval(59), "59s");
	assert_string_equal(interval(60), "1m0s");
	assert_string_equal(interval(3600), "1h0s");
	assert_string_equal(interval(694861), "1w1d1h1m1s");
	assert_string_equal(interval(604800), "1w0s");
	assert_string_equal(interval(UINT32_MAX), "7101w3d6h28m15s");
}

static void
small_buffers_cut_the_text(void **state)
{
	char buf[8];
	size_t size, n;

	(void)state;
	for (size = 1; size <= sizeof(buf); size++) {
		memset(buf, 'x', sizeof(buf));
		n = format_iso_time(buf, size, 0, true);
		assert_int_equal(n, size - 1);
		assert_int_equal(buf[n], '\0');
		assert_int_equal(strncmp(buf, "1970-01", n), 0);
	}
}

static void
json_times_have_the_digits_they_need(void **state)
{
	static const struct {
		int64_t ns;
		const char *want;
	} cases[] = {
	    {0, "{\"start\":\"1970-01-01T00:00:00Z\"}"},
	    {1500000000, "{\"start\":\"1970-01-01T00:00:01.500Z\"}"},
	    {1100000, "{\"start\":\"1970-01-01T00:00:00.001100Z\"}"},
	    {42000, "{\"start\":\"1970-01-01T00:00:00.000042Z\"}"},
	    {1, "{\"start\":\"1970-01-01T00:00:00.000000001Z\"}"},
	    {-1, "{\"start\":\"1969-12-31T23:59:59.999999999Z\"}"},
	    {-1000000, "{\"start\":\"1969-12-31T23:59:59.999Z\"}"},
	    {INT64_MIN, "{\"start\":\"1677-09-21T00:12:43.145224192Z\"}"},
	    {INT64_MAX, "{\"start\":\"2262-04-11T23:47:16.854775807Z\"}"},
	};
	struct flow f = {0};
	size_t i;

	(void)state;
	flow_set(&f, FLOW_START);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f.start = cases[i].ns;
		assert_string_equal(json_of(&f, "start"), cases[i].want);
	}
}

static void
counters_are_exact(void **state)
{
	struct flow f = {0};

	(void)state;
	flow_set(&f, FLOW_OCTETS);
	f.octets = UINT64_MAX;
	assert_string_equal(json_of(&f, "octets"),
	    "{\"octets\":18446744073709551615}");
	f.octets = 9007199254740993;
	assert_string_equal(json_of(&f, "octets"),
	    "{\"octets\":9007199254740993}");
}

static void
numbers_are_those_of_printf(void **state)
{
	struct flow f = {0};
	char want[64];
	uint64_t v = 1;
	unsigned int i;

	(void)state;
	flow_set(&f, FLOW_OCTETS);
	for (i = 0; i < 200000; i++) {
		f.octets = i < 1000 ? i : v >> v % 61;
		v = v * 6364136223846793005 + 1442695040888963407;
		snprintf(want, sizeof(want), "{\"octets\":%ju}",
		    (uintmax_t)f.octets);
		assert_string_equal(json_of(&f, "octets"), want);
	}
}

static void
check_address(struct flow *f)
{
	char want[64 + ADDR_STRLEN], text[ADDR_STRLEN];

	assert_non_null(
	    inet_ntop(f->src_addr.family == ADDR_V4 ? AF_INET : AF_INET6,
		f->src_addr.b, text, sizeof(text)));
	snprintf(want, sizeof(want), "{\"src_addr\":\"%s\"}", text);
	assert_string_equal(json_of(f, "src_addr"), want);
}

static void
addresses_are_those_of_inet_ntop(void **state)
{
	struct flow f = {0};
	uint64_t v = 1;
	unsigned int i, k, zero;

	(void)state;
	flow_set(&f, FLOW_SRC_ADDR);
	f.src_addr.family = ADDR_V4;
	for (i = 0; i < 256; i++) {
		memset(f.src_addr.b, (int)i, 4);
		f.src_addr.b[2] = 0;
		check_address(&f);
	}
	f.src_addr.family = ADDR_V6;
	/* Every set of zero words, with words of every length elsewhere. */
	for (i = 0; i < 256 * 64; i++) {
		zero = i & 255;
		for (k = 0; k < 16; k++) {
			v = v * 6364136223846793005 + 1442695040888963407;
			f.src_addr.b[k] = (uint8_t)(v >> 56);
			if (i >> 8 & 1 << k % 2)
				f.src_addr.b[k] &= 0x0f;
			if (zero >> k / 2 & 1)
				f.src_addr.b[k] = 0;
		}
		if (i >> 13)
			memset(f.src_addr.b + 10, 0xff, 2);
		check_address(&f);
	}
}

static void
absent_fields_are_left_out(void **state)
{
	struct format_columns all;
	struct flow f = {0};

	(void)state;
	format_columns_all(&all);
	assert_int_equal(all.n, FLOW_NFIELDS);
	assert_int_equal(format_json(line, sizeof(line), &f, &all), 2);
	assert_string_equal(line, "{}");
	assert_int_equal(format_text(line, sizeof(line), &f, &all, true), 0);
	format_csv(line, sizeof(line), &f, &all);
	assert_int_equal(strspn(line, ","), FLOW_NFIELDS - 1);
	assert_int_equal(strlen(line), FLOW_NFIELDS - 1);
	flow_set(&f, FLOW_DST_PORT);
	flow_set(&f, FLOW_PROTOCOL);
	f.protocol = 17;
	format_json(line, sizeof(line), &f, &all);
	assert_string_equal(line, "{\"protocol\":17,\"dst_port\":0}");
	format_text(line, sizeof(line), &f, &all, true);
	assert_string_equal(line, "protocol 17 dst_port 0");
}

static struct flow
odd_types(void)
{
	struct flow f = {0};

	flow_set(&f, FLOW_IN_SRC_MAC);
	memcpy(f.in_src_mac, "\x00\x1b\x21\xff\x0a\x09", 6);
	flow_set(&f, FLOW_APPLICATION_ID);
	memcpy(f.application_id, "\x04\x03\x00\x00\x50", 5);
	flow_set(&f, FLOW_MPLS_LABELS);
	f.mpls_labels[0] = 16;
	f.mpls_labels[1] = 1048575;
	return (f);
}

static void
every_type_has_its_form(void **state)
{
	struct format_columns cols;
	struct flow f = odd_types();
	char bad[64];

	(void)state;
	assert_int_equal(format_columns_parse(&cols,
			     "mpls_labels,in_src_mac,application_id", bad),
	    0);
	format_json(line, sizeof(line), &f, &cols);
	assert_string_equal(line,
	    "{\"mpls_labels\":[16,1048575],"
	    "\"in_src_mac\":\"00:1b:21:ff:0a:09\","
	    "\"application_id\":\"03000050\"}");
	format_csv(line, sizeof(line), &f, &cols);
	assert_string_equal(line, "16/1048575,00:1b:21:ff:0a:09,03000050");
	format_csv_header(line, sizeof(line), &cols);
	assert_string_equal(line, "mpls_labels,in_src_mac,application_id");
}

/* Lengths that cannot be, and no end of labels. */
static void
nothing_is_read_behind_a_field(void **state)
{
	struct format_columns cols;
	struct flow f = odd_types();
	char bad[64];

	(void)state;
	f.application_id[0] = 255;
	memset(f.mpls_labels, 0xff, sizeof(f.mpls_labels));
	assert_int_equal(format_columns_parse(&cols,
			     "application_id,mpls_labels", bad),
	    0);
	format_csv(line, sizeof(line), &f, &cols);
	assert_int_equal(strcspn(line, ","), 2 * FLOW_APPID_MAX);
	assert_int_equal(strlen(line), 2 * FLOW_APPID_MAX + 1 + 10 * 11 - 1);
}

static void
fullest_flow_fits(void **state)
{
	struct format_columns all;
	struct flow f;
	char longest[FLOW_TEXT_MAX];
	size_t n, i;

	(void)state;
	memset(&f, 0xff, sizeof(f));
	memset(longest, 0xff, sizeof(longest));
	for (i = 0; i < FLOW_NFIELDS; i++) {
		if (fields[i].type == FT_ADDR) {
			struct addr *a = field_ptr(&f, &fields[i]);

			a->family = ADDR_V6;
		}
		if (fields[i].type == FT_TEXT)
			*(struct flow_text *)field_ptr(&f, &fields[i]) =
			    (struct flow_text){longest, sizeof(longest)};
	}
	format_columns_all(&all);
	n = format_json(line, sizeof(line), &f, &all);
	assert_in_range(n, 1000, FORMAT_MAX - 1024);
	assert_int_equal(line[n - 1], '}');
	n = format_text(line, sizeof(line), &f, &all, true);
	assert_in_range(n, 1000, FORMAT_MAX - 1024);
	n = format_csv(line, sizeof(line), &f, &all);
	assert_in_range(n, 1000, FORMAT_MAX - 1024);
	n = format_csv_header(line, sizeof(line), &all);
	assert_in_range(n, 100, FORMAT_MAX - 1024);
}

/* What an exporter calls a user, in each format. */
static void
texts_are_safe_in_every_format(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text, *json, *csv;
	} some[] = {
		{ "alice", "alice", "alice" },
		{ "a\"b\\c", "a\\\"b\\\\c", "a\"\"b\\c" },
		{ "a,b;c", "a,b;c", "a,b;c" },
		{ "\r\n", "\\u000d\\u000a", "\\u000d\\u000a" },
		{ "\033[2J", "\\u001b[2J", "\\u001b[2J" },
		{ "J\303\274rgen", "J\303\274rgen", "J\303\274rgen" },
		{ "\346\227\245", "\346\227\245", "\346\227\245" },
		/* Latin 1, and other bytes that are no UTF-8. */
		{ "J\374rgen", "J\\u00fcrgen", "J\\u00fcrgen" },
		{ "\377", "\\u00ff", "\\u00ff" },
		{ "\300\200", "\\u00c0\\u0080", "\\u00c0\\u0080" },
		{ "\355\240\200", "\\u00ed\\u00a0\\u0080",
		    "\\u00ed\\u00a0\\u0080" },
		{ "a\303", "a\\u00c3", "a\\u00c3" },
		/* Commands of one byte, no width, from right to left. */
		{ "\302\233", "\\u009b", "\\u009b" },
		{ "\342\200\213", "\\u200b", "\\u200b" },
		{ "\342\200\256", "\\u202e", "\\u202e" },
		{ "\363\240\200\201", "\\udb40\\udc01", "\\udb40\\udc01" },
		{ "\360\237\230\200", "\360\237\230\200",
		    "\360\237\230\200" },
		/* A spreadsheet would compute it. */
		{ "=1+1", "=1+1", "'=1+1" },
		{ "+1", "+1", "'+1" },
		{ "-1", "-1", "'-1" },
		{ "@SUM(1)", "@SUM(1)", "'@SUM(1)" },
		{ "1-1", "1-1", "1-1" },
	};
	/* clang-format on */
	struct format_columns cols;
	struct flow f;
	char want[256], bad[64];
	size_t i;

	(void)state;
	memset(&f, 0, sizeof(f));
	flow_set(&f, FLOW_USER_NAME);
	assert_int_equal(format_columns_parse(&cols, "user_name", bad), 0);
	for (i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		f.user_name.p = some[i].text;
		f.user_name.len = (uint16_t)strlen(some[i].text);
		format_json(line, sizeof(line), &f, &cols);
		snprintf(want, sizeof(want), "{\"user_name\":\"%s\"}",
		    some[i].json);
		assert_string_equal(line, want);
		format_text(line, sizeof(line), &f, &cols, true);
		snprintf(want, sizeof(want), "user_name \"%s\"", some[i].json);
		assert_string_equal(line, want);
		format_csv(line, sizeof(line), &f, &cols);
		snprintf(want, sizeof(want), "\"%s\"", some[i].csv);
		assert_string_equal(line, want);
	}
	/* A NUL is no end. */
	f.user_name = (struct flow_text){"a\0b", 3};
	format_json(line, sizeof(line), &f, &cols);
	assert_string_equal(line, "{\"user_name\":\"a\\u0000b\"}");
}

static void
wrong_columns_are_named(void **state)
{
	struct format_columns cols = {.n = 99};
	char bad[64], longer[200];

	(void)state;
	assert_int_equal(format_columns_parse(&cols, "octets,color", bad), -1);
	assert_string_equal(bad, "color");
	assert_int_equal(format_columns_parse(&cols, "", bad), -1);
	assert_string_equal(bad, "");
	assert_int_equal(format_columns_parse(&cols, "octets,", bad), -1);
	assert_int_equal(format_columns_parse(&cols, ",octets", bad), -1);
	assert_int_equal(format_columns_parse(&cols, "octets,octets", bad), -1);
	assert_string_equal(bad, "octets");
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(format_columns_parse(&cols, longer, bad), -1);
	assert_int_equal(strlen(bad), 63);
	assert_int_equal(cols.n, 99);
	assert_int_equal(format_columns_parse(&cols, "octets", bad), 0);
	assert_int_equal(cols.n, 1);
	assert_ptr_equal(cols.col[0], &fields[FLOW_OCTETS]);
}

static struct store_record
record(void)
{
	struct store_record rec = {0};
	struct flow *f = &rec.flow;

	rec.fields = STORE_TAG | STORE_RECV_TIME | STORE_PROTO_FLAGS_TOS |
	    STORE_AGENT_ADDR6 | STORE_SRC_ADDR4 | STORE_DST_ADDR4 |
	    STORE_SRCDST_PORT | STORE_IF_INDICES | STORE_AGENT_INFO |
	    STORE_CRC32;
	rec.crc = 0x0000abcd;
	f->tag = 4294967295;
	f->recv_time = 1700000001 * NSEC_PER_SEC + 42000;
	f->protocol = 6;
	f->tcp_flags = 0x101;
	f->tos = 0xb8;
	addr_parse("::1", &f->agent);
	addr_parse("10.0.0.1", &f->src_addr);
	addr_parse("10.0.0.2", &f->dst_addr);
	f->src_port = 1024;
	f->in_if = 4294967295;
	f->out_if = 2147483648;
	f->sys_uptime = 61007;
	f->export_time = 1700000000 * NSEC_PER_SEC + 5;
	f->version = 9;
	return (rec);
}

static void
classic_line_is_that_of_the_original(void **state)
{
	struct store_record rec = record();
	size_t n = format_classic(line, sizeof(line), &rec, STORE_ALL, true);

	(void)state;
	assert_int_equal(n, strlen(line));
	assert_string_equal(line,
	    "FLOW tag 4294967295 recv_time 2023-11-14T22:13:21.00042 "
	    "proto 6 tcpflags 01 tos b8 agent [::1] src [10.0.0.1]:1024 "
	    "dst [10.0.0.2]:0 in_if -1 out_if -2147483648 "
	    "sys_uptime_ms 1m1s.007 time_sec 2023-11-14T22:13:20 "
	    "time_nanosec 5 netflow ver 9 crc32 0000abcd ");
}

static void
classic_line_has_what_the_mask_allows(void **state)
{
	struct store_record rec = record();

	(void)state;
	format_classic(line, sizeof(line), &rec, STORE_SRC_ADDR, true);
	assert_string_equal(line, "FLOW src [10.0.0.1] ");
	/* Ports are shown beside an address only. */
	format_classic(line, sizeof(line), &rec, STORE_SRCDST_PORT, true);
	assert_string_equal(line, "FLOW ");
	format_classic(line, sizeof(line), &rec, STORE_GATEWAY_ADDR, true);
	assert_string_equal(line, "FLOW ");
}

static void
flowtools_line_has_all_columns(void **state)
{
	struct store_record rec = record();
	const char *p;
	size_t commas = 0, want = 0;

	(void)state;
	format_flowtools(line, sizeof(line), &rec);
	assert_string_equal(line,
	    "1700000000,5,61007,::1,0,0,0,0,0,0,10.0.0.1,10.0.0.2,(null),"
	    "4294967295,2147483648,1024,0,6,184,1,0,0,0,0");
	for (p = line; *p != '\0'; p++)
		commas += *p == ',';
	for (p = format_flowtools_header; *p != '\0'; p++)
		want += *p == ',';
	assert_int_equal(commas, want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(utc_dates_are_those_of_the_system),
	    cmocka_unit_test(local_time_is_that_of_tz),
	    cmocka_unit_test(no_time_is_too_far),
	    cmocka_unit_test(intervals_leave_zero_units_out),
	    cmocka_unit_test(small_buffers_cut_the_text),
	    cmocka_unit_test(json_times_have_the_digits_they_need),
	    cmocka_unit_test(counters_are_exact),
	    cmocka_unit_test(numbers_are_those_of_printf),
	    cmocka_unit_test(addresses_are_those_of_inet_ntop),
	    cmocka_unit_test(absent_fields_are_left_out),
	    cmocka_unit_test(every_type_has_its_form),
	    cmocka_unit_test(nothing_is_read_behind_a_field),
	    cmocka_unit_test(fullest_flow_fits),
	    cmocka_unit_test(texts_are_safe_in_every_format),
	    cmocka_unit_test(wrong_columns_are_named),
	    cmocka_unit_test(classic_line_is_that_of_the_original),
	    cmocka_unit_test(classic_line_has_what_the_mask_allows),
	    cmocka_unit_test(flowtools_line_has_all_columns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
