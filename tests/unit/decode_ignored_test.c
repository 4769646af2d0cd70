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

#include "wire.h"

static struct msg m;

struct found {
	uint64_t records; /* of the element that is asked for */
	uint64_t all;
	uint32_t elements;
	uint32_t pen;
	uint16_t id;
};

static void
find(void *arg, const struct dec_ignored *e)
{
	struct found *f = arg;

	f->elements++;
	f->all += e->records;
	if (e->pen == f->pen && e->id == f->id)
		f->records += e->records;
}

static uint64_t
ignored(const struct rx *rx, uint32_t pen, uint16_t id)
{
	struct found f = {.pen = pen, .id = id};

	decode_ignored(rx->d, find, &f);
	return (f.records);
}

static uint32_t
elements(const struct rx *rx)
{
	struct found f = {0};

	decode_ignored(rx->d, find, &f);
	return (f.elements);
}

/* Protocol, two private elements, padding; and that many records. */
static void
ipfix(struct rx *rx, int records)
{
	ipfix_begin(&m, 1700000000, 0, 1);
	set_begin(&m, 2);
	put(&m, 256, 2);
	put(&m, 4, 2);
	put(&m, 0x00040001, 4);
	put(&m, 0x8000 | 12235, 2);
	put(&m, 2, 2);
	put(&m, 9, 4);
	put(&m, 0x8000 | 1, 2);
	put(&m, 1, 2);
	put(&m, 99999, 4);
	put(&m, 210, 2);
	put(&m, 1, 2);
	set_end(&m);
	set_begin(&m, 256);
	put(&m, 0, 5 * (size_t)records);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.flows, records);
}

static void
v9(struct rx *rx, uint32_t source, uint16_t id, uint16_t element)
{
	const uint16_t specs[][2] = {{element, 4}, {4, 1}};

	v9_begin(&m, 1000, 1700000000, 0, source);
	template_set(&m, 0, id, specs, 2);
	set_begin(&m, id);
	put(&m, 0, 5);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
}

static void
records_are_counted_by_enterprise_and_number(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix(rx, 3);
	assert_int_equal(ignored(rx, 9, 12235), 3);
	ipfix(rx, 4); /* counted once, however often it is asked */
	assert_int_equal(ignored(rx, 9, 12235), 7);
	assert_int_equal(ignored(rx, 9, 12235), 7);
	assert_int_equal(ignored(rx, 99999, 1), 7);
	assert_int_equal(elements(rx), 2);
	rx_free(rx);
}

static void
what_fields_are_made_of_and_padding_are_not_ignored(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix(rx, 3);
	assert_int_equal(ignored(rx, 0, 4), 0);
	assert_int_equal(ignored(rx, 0, 210), 0);
	rx_free(rx);
}

static void
numbers_of_v9_above_32767_have_no_enterprise(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9(rx, 1, 256, 60123);
	assert_int_equal(ignored(rx, 0, 60123), 1);
	assert_int_equal(elements(rx), 1);
	rx_free(rx);
}

/* RFC 3954: scope system, then sampling interval and exported packets. */
static void
of_options_what_is_not_read_is_ignored(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9_begin(&m, 1000, 1700000000, 0, 1);
	set_begin(&m, 1);
	put(&m, 300, 2);
	put(&m, 4, 2);
	put(&m, 8, 2);
	put(&m, 0x00010004, 4);
	put(&m, 0x00220004, 4);
	put(&m, 0x00290004, 4);
	set_end(&m);
	set_begin(&m, 300);
	put(&m, 0, 4);
	put(&m, 100, 4);
	put(&m, 5, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(ignored(rx, 0, 41), 1);
	assert_int_equal(elements(rx), 1);
	rx_free(rx);
}

static void
templates_that_go_leave_their_count(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9(rx, 1, 256, 500);
	v9(rx, 1, 256, 501); /* another in its place */
	assert_int_equal(ignored(rx, 0, 500), 1);
	decode_forget(rx->d, &rx->src.agent, 0);
	assert_int_equal(ignored(rx, 0, 501), 1);
	rx_free(rx);
}

static void
a_template_without_records_is_not_counted(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix(rx, 0);
	assert_int_equal(elements(rx), 0);
	rx_free(rx);
}

static void
a_flood_of_numbers_finds_an_end(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct found f = {0};
	uint64_t more;
	uint32_t i;

	(void)state;
	for (i = 0; i < 5000; i++)
		v9(rx, i % 7, (uint16_t)(256 + i % 100), (uint16_t)(40100 + i));
	more = decode_ignored(rx->d, find, &f);
	assert_int_equal(f.elements, DEC_IGNORED_MAX);
	assert_int_equal(f.all + more, 5000);
	/* Those that found room count on. */
	v9(rx, 1, 256, 40100);
	assert_int_equal(ignored(rx, 0, 40100) + f.all, f.all + 2);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records_are_counted_by_enterprise_and_number),
	    cmocka_unit_test(
		what_fields_are_made_of_and_padding_are_not_ignored),
	    cmocka_unit_test(numbers_of_v9_above_32767_have_no_enterprise),
	    cmocka_unit_test(of_options_what_is_not_read_is_ignored),
	    cmocka_unit_test(templates_that_go_leave_their_count),
	    cmocka_unit_test(a_template_without_records_is_not_counted),
	    cmocka_unit_test(a_flood_of_numbers_finds_an_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
