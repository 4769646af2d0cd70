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

#include "query/sheet.h"

static char got[4 * 1024 * 1024];
static size_t len;

static const char *
keep(void *arg, const char *p, size_t n)
{
	(void)arg;
	if (len + n >= sizeof(got))
		return ("too much");
	memcpy(got + len, p, n);
	got[len += n] = '\0';
	return (NULL);
}

static const char *
refuse(void *arg, const char *p, size_t n)
{
	(void)arg;
	(void)p;
	(void)n;
	return ("no room");
}

static struct sheet *
begin(enum sheet_format format, bool human)
{
	const struct sheet_style style = {format, human, true, false};
	struct sheet *s = sheet_new(&style, keep, NULL);

	assert_non_null(s);
	len = 0;
	got[0] = '\0';
	return (s);
}

static const char *
end(struct sheet *s)
{
	assert_null(sheet_end(s, NULL));
	sheet_free(s);
	return (got);
}

static struct cell
number(uint64_t v)
{
	return ((struct cell){CELL_NUMBER, {.number = v}});
}

static struct cell
addr(const char *text)
{
	struct cell c = {.type = CELL_PREFIX};

	if (prefix_parse(text, &c.u.prefix) == -1)
		abort();
	return (c);
}

/* Who talked how much. */
static void
talkers(struct sheet *s)
{
	const struct sheet_column columns[] = {
	    {"src_addr", &fields[FLOW_SRC_ADDR], false, 0},
	    {"protocol", &fields[FLOW_PROTOCOL], false, 0},
	    {"octets", NULL, true, 3000000},
	    {"flows", NULL, false, 0},
	};
	const struct cell one[] = {addr("10.0.0.1"), number(6), number(2000000),
	    number(12345)};
	const struct cell two[] = {addr("2001:db8::/32"), number(17),
	    number(1000000), number(7)};
	const struct cell none[] = {{.type = CELL_NONE}, number(0), number(0),
	    number(1)};

	assert_null(sheet_columns(s, columns, 4));
	assert_null(sheet_row(s, one, 4));
	assert_null(sheet_row(s, two, 4));
	assert_null(sheet_row(s, none, 4));
}

static void
a_table_is_aligned_and_tells_shares(void **state)
{
	struct sheet *s = begin(SHEET_TABLE, true);

	(void)state;
	talkers(s);
	assert_string_equal(end(s),
	    "src_addr       protocol  octets      %  flows\n"
	    "10.0.0.1       tcp         2.0M  66.7%  12.3K\n"
	    "2001:db8::/32  udp         1.0M  33.3%      7\n"
	    "-              0              0   0.0%      1\n");
}

static void
numbers_are_exact_if_not_for_people(void **state)
{
	struct sheet *s = begin(SHEET_TABLE, false);

	(void)state;
	talkers(s);
	assert_string_equal(end(s),
	    "src_addr       protocol   octets      %  flows\n"
	    "10.0.0.1       tcp       2000000  66.7%  12345\n"
	    "2001:db8::/32  udp       1000000  33.3%      7\n"
	    "-              0               0   0.0%      1\n");
}

static void
csv_has_plain_numbers(void **state)
{
	struct sheet *s = begin(SHEET_CSV, true);

	(void)state;
	talkers(s);
	assert_string_equal(end(s),
	    "src_addr,protocol,octets,flows\n"
	    "10.0.0.1,6,2000000,12345\n"
	    "2001:db8::/32,17,1000000,7\n"
	    ",0,0,1\n");
}

static void
json_is_one_array(void **state)
{
	struct sheet *s = begin(SHEET_JSON, true);

	(void)state;
	talkers(s);
	assert_string_equal(end(s),
	    "[\n"
	    "{\"src_addr\":\"10.0.0.1\",\"protocol\":6,\"octets\":2000000,"
	    "\"flows\":12345},\n"
	    "{\"src_addr\":\"2001:db8::/32\",\"protocol\":17,"
	    "\"octets\":1000000,\"flows\":7},\n"
	    "{\"protocol\":0,\"octets\":0,\"flows\":1}\n"
	    "]\n");
}

static void
ndjson_is_an_object_a_line(void **state)
{
	struct sheet *s = begin(SHEET_NDJSON, true);

	(void)state;
	talkers(s);
	assert_string_equal(end(s),
	    "{\"src_addr\":\"10.0.0.1\",\"protocol\":6,\"octets\":2000000,"
	    "\"flows\":12345}\n"
	    "{\"src_addr\":\"2001:db8::/32\",\"protocol\":17,"
	    "\"octets\":1000000,\"flows\":7}\n"
	    "{\"protocol\":0,\"octets\":0,\"flows\":1}\n");
}

static void
every_kind_of_cell(struct sheet *s)
{
	static const char name[] = "a\"b";
	const struct sheet_column columns[] = {
	    {"first", NULL, false, 0},
	    {"duration", NULL, false, 0},
	    {"bps", NULL, false, 0},
	    {"user_name", &fields[FLOW_USER_NAME], false, 0},
	    {"what", NULL, false, 0},
	    {"dst_port", &fields[FLOW_DST_PORT], false, 0},
	};
	const struct cell row[] = {
	    {CELL_TIME, {.time = 1795255200 * NSEC_PER_SEC + 5000000}},
	    {CELL_DURATION, {.time = 61 * NSEC_PER_SEC}},
	    {CELL_RATE, {.rate = 123456.5}},
	    {CELL_BYTES, {.bytes = {name, 3}}},
	    {CELL_TEXT, {.text = "octets"}},
	    {CELL_NUMBER, {.number = 50000}},
	};

	assert_null(sheet_columns(s, columns, 6));
	assert_null(sheet_row(s, row, 6));
}

static void
every_kind_of_cell_has_its_text(void **state)
{
	struct sheet *s = begin(SHEET_TABLE, true);

	(void)state;
	every_kind_of_cell(s);
	assert_string_equal(end(s),
	    "first                      duration     bps  user_name  what    "
	    "dst_port\n"
	    "2026-11-21T10:00:00.005Z  1m01.000s  123.5K  \"a\\\"b\"     "
	    "octets     50000\n");
	s = begin(SHEET_CSV, true);
	every_kind_of_cell(s);
	assert_string_equal(end(s),
	    "first,duration,bps,user_name,what,dst_port\n"
	    "2026-11-21T10:00:00.005Z,61,123456.5,\"a\"\"b\",octets,50000\n");
	s = begin(SHEET_NDJSON, true);
	every_kind_of_cell(s);
	assert_string_equal(end(s),
	    "{\"first\":\"2026-11-21T10:00:00.005Z\",\"duration\":61,"
	    "\"bps\":123456.5,\"user_name\":\"a\\\"b\",\"what\":\"octets\","
	    "\"dst_port\":50000}\n");
}

static void
an_empty_answer_is_whole(void **state)
{
	const struct sheet_column column = {"octets", NULL, false, 0};
	static const struct {
		enum sheet_format format;
		const char *text;
	} all[] = {
	    {SHEET_TABLE, "octets\n"},
	    {SHEET_CSV, "octets\n"},
	    {SHEET_JSON, "[]\n"},
	    {SHEET_NDJSON, ""},
	};
	struct sheet *s;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		s = begin(all[i].format, true);
		assert_null(sheet_columns(s, &column, 1));
		assert_string_equal(end(s), all[i].text);
	}
}

static void
long_tables_do_not_wait_for_their_end(void **state)
{
	const struct sheet_column column = {"octets", NULL, false, 0};
	struct sheet *s = begin(SHEET_TABLE, false);
	struct cell c;
	uint64_t i;

	(void)state;
	assert_null(sheet_columns(s, &column, 1));
	for (i = 1; i <= 200000; i++) {
		c = number(i);
		assert_null(sheet_row(s, &c, 1));
	}
	assert_true(len > 1000000);
	end(s);
	/* As wide as the first rows are, and what is wider is whole. */
	assert_memory_equal(got, "octets\n     1\n     2\n", 21);
	assert_non_null(strstr(got, "\n  1001\n"));
	assert_string_equal(got + len - 14, "199999\n200000\n");
}

static void
below_a_table_stands_what_was_looked_at(void **state)
{
	const struct sheet_style style = {SHEET_TABLE, true, true, true};
	const struct sheet_column column = {"octets", NULL, false, 0};
	const struct totals n = {.records = 20000,
	    .matched = 50,
	    .flows = 60,
	    .packets = 70,
	    .octets = 80000,
	    .first = 1795255200 * NSEC_PER_SEC,
	    .last = 1795255201 * NSEC_PER_SEC,
	    .blocks = 4,
	    .blocks_skipped = 3,
	    .bytes = 1000000,
	    .bytes_read = 2000,
	    .damaged = 1,
	    .damaged_bytes = 92,
	    .damaged_records = 2,
	    .interrupted = true};
	struct sheet *s = sheet_new(&style, keep, NULL);

	(void)state;
	assert_non_null(s);
	len = 0;
	assert_null(sheet_columns(s, &column, 1));
	assert_null(sheet_end(s, &n));
	sheet_free(s);
	assert_string_equal(got,
	    "octets\n"
	    "\n"
	    "60 flows, 70 packets, 80.0K octets; "
	    "from 2026-11-21T10:00:00.000Z to 2026-11-21T10:00:01.000Z\n"
	    "50 of 20.0K records selected; 3 of 4 blocks skipped; "
	    "2000 of 1.0M bytes read\n"
	    "damaged: 1 place, 92 bytes and 2 records skipped\n"
	    "interrupted: this is what was read so far\n");
}

static void
two_tables(struct sheet *s)
{
	const struct sheet_column one = {"octets", NULL, false, 0};
	const struct sheet_column two = {"dst_port", &fields[FLOW_DST_PORT],
	    false, 0};
	const struct cell big = number(123456789), small = number(7);

	assert_null(sheet_columns(s, &one, 1));
	assert_null(sheet_row(s, &big, 1));
	assert_null(sheet_columns(s, &two, 1));
	assert_null(sheet_row(s, &small, 1));
}

static void
an_answer_may_have_several_tables(void **state)
{
	struct sheet *s = begin(SHEET_TABLE, false);

	(void)state;
	two_tables(s);
	assert_string_equal(end(s),
	    "   octets\n123456789\n\ndst_port\n       7\n");
	s = begin(SHEET_CSV, false);
	two_tables(s);
	assert_string_equal(end(s), "octets\n123456789\n\ndst_port\n7\n");
	s = begin(SHEET_JSON, false);
	two_tables(s);
	assert_string_equal(end(s),
	    "[\n{\"octets\":123456789},\n{\"dst_port\":7}\n]\n");
}

static void
a_write_that_fails_is_told(void **state)
{
	const struct sheet_style style = {SHEET_CSV, false, true, false};
	const struct sheet_column column = {"octets", NULL, false, 0};
	struct sheet *s = sheet_new(&style, refuse, NULL);

	(void)state;
	assert_non_null(s);
	assert_null(sheet_columns(s, &column, 1));
	assert_string_equal(sheet_end(s, NULL), "no room");
	sheet_free(s);
}

static void
rows_of_another_width_are_refused(void **state)
{
	const struct sheet_column column = {"octets", NULL, false, 0};
	const struct cell cells[2] = {number(1), number(2)};
	struct sheet *s = begin(SHEET_CSV, true);

	(void)state;
	assert_null(sheet_columns(s, &column, 1));
	assert_non_null(sheet_row(s, cells, 2));
	sheet_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_table_is_aligned_and_tells_shares),
	    cmocka_unit_test(numbers_are_exact_if_not_for_people),
	    cmocka_unit_test(csv_has_plain_numbers),
	    cmocka_unit_test(json_is_one_array),
	    cmocka_unit_test(ndjson_is_an_object_a_line),
	    cmocka_unit_test(every_kind_of_cell_has_its_text),
	    cmocka_unit_test(an_empty_answer_is_whole),
	    cmocka_unit_test(long_tables_do_not_wait_for_their_end),
	    cmocka_unit_test(below_a_table_stands_what_was_looked_at),
	    cmocka_unit_test(an_answer_may_have_several_tables),
	    cmocka_unit_test(a_write_that_fails_is_told),
	    cmocka_unit_test(rows_of_another_width_are_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
