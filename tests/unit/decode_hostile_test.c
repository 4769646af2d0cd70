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

/*
 * Datagrams that were made to break a collector.  The first six broke the
 * original: a division by zero, endless loops, reads behind the datagram.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire.h"

static struct msg m;

static void
v9_template_without_fields_then_data_is_refused(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct dec_usage u;

	(void)state;
	v9_begin(&m, 1000, 1700000000, 1, 0);
	template_set(&m, 0, 256, NULL, 0);
	set_begin(&m, 256);
	put(&m, 0x01020304, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_BADTEMPLATE);
	assert_int_equal(rx->n, 0);
	assert_int_equal(rx->report.sets_no_template, 1);
	assert_int_equal(rx->report.templates_refused, 1);
	decode_usage(rx->d, &u);
	assert_int_equal(u.templates, 0);
	rx_free(rx);
}

static void
bad_set_length(uint16_t version, uint16_t id, uint16_t len)
{
	struct rx *rx = rx_new(NULL);

	if (version == NF_V9)
		v9_begin(&m, 1000, 1700000000, 1, 0);
	else
		ipfix_begin(&m, 1700000000, 1, 0);
	put(&m, id, 2);
	put(&m, len, 2);
	put(&m, 0x01020304, 4);
	assert_int_equal(rx_msg(rx, &m), DEC_BADLEN);
	assert_int_equal(rx->n, 0);
	rx_free(rx);
}

static void
v9_options_set_of_length_0_ends_the_datagram(void **state)
{
	uint16_t len;

	(void)state;
	for (len = 0; len < 4; len++)
		bad_set_length(NF_V9, 1, len);
}

static void
v9_reserved_set_of_length_0_ends_the_datagram(void **state)
{
	uint16_t len;

	(void)state;
	for (len = 0; len < 4; len++)
		bad_set_length(NF_V9, 17, len);
}

static void
ipfix_set_of_length_0_ends_the_message(void **state)
{
	uint16_t id, len;

	(void)state;
	for (id = 0; id < 300; id++)
		for (len = 0; len < 4; len++)
			bad_set_length(NF_IPFIX, id, len);
}

static void
set_header_of_1_byte_is_not_read_beyond(void **state)
{
	struct rx *rx = rx_new(NULL);
	size_t n;

	(void)state;
	for (n = 1; n < 4; n++) {
		v9_begin(&m, 1000, 1700000000, 1, 0);
		put(&m, 1, n);
		assert_int_equal(rx_msg(rx, &m), DEC_SHORT);
		ipfix_begin(&m, 1700000000, 1, 0);
		put(&m, 1, n);
		assert_int_equal(rx_msg(rx, &m), DEC_SHORT);
	}
	rx_free(rx);
}

static void
cut_template_header_is_not_read_beyond(void **state)
{
	static const uint16_t sets[][2] = {{9, 0}, {9, 1}, {10, 2}, {10, 3}};
	struct rx *rx = rx_new(NULL);
	size_t i, n;

	(void)state;
	for (i = 0; i < NSPECS(sets); i++) {
		for (n = 0; n < 14; n++) {
			if (sets[i][0] == 9)
				v9_begin(&m, 1000, 1700000000, 1, 0);
			else
				ipfix_begin(&m, 1700000000, 1, 0);
			set_begin(&m, sets[i][1]);
			put_bytes(&m, "\1\0\0\10\0\4\0\1\0\4\0\2\0\4", n);
			set_end(&m);
			assert_int_equal(rx_msg(rx, &m) == DEC_OK, n == 0);
			assert_int_equal(rx->n, 0);
			assert_int_equal(rx->report.templates, 0);
		}
	}
	rx_free(rx);
}

/* Whatever is cut off or set, it ends, and what is counted is what came. */
static void
every_prefix_of_a_datagram_is_survived(void **state)
{
	static const uint16_t specs[][2] = {{8, 4}, {82, 65535}, {12, 4},
	    {1, 8}};
	struct rx *rx = rx_new(NULL);
	size_t n;
	uint8_t old;

	(void)state;
	ipfix_begin(&m, 1700000000, 1, 0);
	template_set(&m, 2, 300, specs, NSPECS(specs));
	set_begin(&m, 300);
	put(&m, 0x0a000001, 4);
	put(&m, 3, 1);
	put_bytes(&m, "eth", 3);
	put(&m, 0x0a000002, 4);
	put(&m, 1234, 8);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	for (n = 0; n < m.len; n++) {
		assert_int_not_equal(rx_feed(rx, m.b, n), DEC_OK);
		assert_int_equal(rx->n, rx->report.flows);
	}
	for (n = 0; n < m.len * 256; n++) {
		old = m.b[n / 256];
		m.b[n / 256] = (uint8_t)n;
		rx_feed(rx, m.b, m.len);
		assert_int_equal(rx->n, rx->report.flows);
		m.b[n / 256] = old;
	}
	rx_free(rx);
}

static void
zeros_before_a_last_byte_cost_one_pass(void **state)
{
	struct rx *rx = rx_new(NULL);
	int i;

	(void)state;
	for (i = 0; i < 2000; i++) {
		v9_begin(&m, 1000, 1700000000, 1, 0);
		set_begin(&m, 0);
		memset(m.b + m.len, 0, 60000);
		m.len += 60000;
		put(&m, 1, 1);
		set_end(&m);
		assert_int_equal(rx_msg(rx, &m), DEC_BADTEMPLATE);
	}
	rx_free(rx);
}

static void
a_field_count_beyond_the_set_allocates_nothing(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct dec_usage before, after;

	(void)state;
	v9_begin(&m, 1000, 1700000000, 1, 0);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	decode_usage(rx->d, &before);
	set_begin(&m, 0);
	put(&m, 256, 2);
	put(&m, 65535, 2);
	put(&m, 0x00010004, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_BADTEMPLATE);
	decode_usage(rx->d, &after);
	assert_int_equal(before.bytes, after.bytes);
	rx_free(rx);
}

static void
template_of_empty_fields_only_is_refused(void **state)
{
	static const uint16_t specs[][2] = {{8, 0}, {12, 0}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9_begin(&m, 1000, 1700000000, 1, 0);
	template_set(&m, 0, 256, specs, NSPECS(specs));
	set_begin(&m, 256);
	put(&m, 1, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_BADTEMPLATE);
	assert_int_equal(rx->n, 0);
	rx_free(rx);
}

static void
record_longer_than_any_datagram_is_refused(void **state)
{
	static const uint16_t specs[][2] = {{5000, 60000}, {1, 4},
	    {5001, 60000}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9_begin(&m, 1000, 1700000000, 1, 0);
	template_set(&m, 0, 256, specs, NSPECS(specs));
	assert_int_equal(rx_msg(rx, &m), DEC_BADTEMPLATE);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(v9_template_without_fields_then_data_is_refused),
	    cmocka_unit_test(v9_options_set_of_length_0_ends_the_datagram),
	    cmocka_unit_test(v9_reserved_set_of_length_0_ends_the_datagram),
	    cmocka_unit_test(ipfix_set_of_length_0_ends_the_message),
	    cmocka_unit_test(set_header_of_1_byte_is_not_read_beyond),
	    cmocka_unit_test(cut_template_header_is_not_read_beyond),
	    cmocka_unit_test(every_prefix_of_a_datagram_is_survived),
	    cmocka_unit_test(zeros_before_a_last_byte_cost_one_pass),
	    cmocka_unit_test(a_field_count_beyond_the_set_allocates_nothing),
	    cmocka_unit_test(template_of_empty_fields_only_is_refused),
	    cmocka_unit_test(record_longer_than_any_datagram_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
