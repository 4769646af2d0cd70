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
 * Where a datagram cannot be understood: dec_report.error_at.  Truths are lists
 * of where fields begin, as the protocols' documents have them.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sflow.h"

static const uint16_t specs[][2] = {{8, 4}, {12, 4}, {1, 4}};

static void
refused(enum dec_result want, size_t at)
{
	struct rx *rx = rx_new(NULL);

	assert_int_equal(rx_feed(rx, m.b, m.len), want);
	assert_int_equal(rx->report.error_at, at);
	rx_free(rx);
}

/*
 * Cut anywhere in fields that begin so, 0 the end: the one that is not whole.
 * What is cut between the first two has no version yet.
 */
static void
cut_header(const uint8_t *begins)
{
	struct rx *rx = rx_new(NULL);
	size_t n, i;

	for (i = 0; begins[i + 1] != 0; i++) {
		for (n = begins[i]; n < begins[i + 1]; n++) {
			assert_int_equal(rx_feed(rx, m.b, n), DEC_SHORT);
			assert_int_equal(rx->report.error_at, begins[i]);
		}
	}
	rx_free(rx);
}

static void
fixed(uint16_t version, uint16_t count, uint8_t aggregation)
{
	m.len = 0;
	put(&m, version, 2);
	put(&m, count, 2);
	put(&m, 1000, 4);
	put(&m, 1700000000, 4);
	put(&m, 0, 4);
	if (version != NF_V1)
		put(&m, 1, 4);
	if (version == NF_V5 || version == NF_V7)
		put(&m, 0, 4);
	if (version == NF_V8) {
		put(&m, 0, 2);
		put(&m, aggregation, 1);
		put(&m, 2, 1);
		put(&m, 0, 4);
	}
}

static void
fixed_header_cut_in_a_field_says_where_that_begins(void **state)
{
	static const uint8_t v1[] = {0, 2, 4, 8, 12, 16, 0};
	static const uint8_t v5[] = {0, 2, 4, 8, 12, 16, 20, 21, 22, 24, 0};
	static const uint8_t v7[] = {0, 2, 4, 8, 12, 16, 20, 24, 0};
	static const uint8_t v8[] = {0, 2, 4, 8, 12, 16, 20, 21, 22, 23, 24, 28,
	    0};

	(void)state;
	fixed(NF_V1, 1, 0);
	cut_header(v1);
	fixed(NF_V5, 1, 0);
	cut_header(v5);
	fixed(NF_V7, 1, 0);
	cut_header(v7);
	fixed(NF_V8, 1, 1);
	cut_header(v8);
}

static void
fixed_count_that_cannot_be_is_at_its_place(void **state)
{
	static const struct {
		uint16_t version;
		uint8_t len;
	} rec[] = {{NF_V1, 48}, {NF_V5, 48}, {NF_V7, 52}, {NF_V8, 28}};
	struct rx *rx;
	size_t i, n, head;

	(void)state;
	for (i = 0; i < NSPECS(rec); i++) {
		fixed(rec[i].version, 2, 1);
		head = m.len;
		put(&m, 1, (size_t)rec[i].len * 2);
		rx = rx_new(NULL);
		for (n = head; n < m.len; n++) {
			assert_int_equal(rx_feed(rx, m.b, n), DEC_BADCOUNT);
			assert_int_equal(rx->report.error_at, 2);
			assert_int_equal(rx->n, 0);
		}
		assert_int_equal(rx_feed(rx, m.b, n), DEC_OK);
		assert_int_equal(rx->report.error_at, 0);
		rx_free(rx);
		fixed(rec[i].version, 0, 1);
		refused(DEC_BADCOUNT, 2);
	}
}

static void
what_is_not_supported_is_at_its_place(void **state)
{
	(void)state;
	fixed(6, 1, 0);
	refused(DEC_VERSION, 0);
	fixed(0, 1, 0);
	refused(DEC_VERSION, 0);
	fixed(NF_V8, 1, 77);
	refused(DEC_VERSION, 22);
	fixed(NF_V8, 1, 1);
	m.b[23] = 3;
	refused(DEC_VERSION, 23);
	begin(0, 1, 1000);
	m.b[3] = 4;
	refused(DEC_VERSION, 0);
}

/* A template, options of it, and a record, each in a set; 0 is the end. */
static const uint8_t *
sets(uint16_t version)
{
	static const uint8_t v9[] = {20, 40, 62, 78, 0};
	static const uint8_t ipfix[] = {16, 36, 54, 70, 0};

	if (version == NF_V9)
		v9_begin(&m, 1000, 1700000000, 1, 0);
	else
		ipfix_begin(&m, 1700000000, 1, 0);
	template_set(&m, version == NF_V9 ? 0 : 2, 256, specs, NSPECS(specs));
	set_begin(&m, version == NF_V9 ? 1 : 3);
	put(&m, 257, 2);
	put(&m, version == NF_V9 ? 4 : 2, 2); /* bytes, or fields of all */
	put(&m, version == NF_V9 ? 4 : 1, 2);
	put(&m, UINT64_C(0x0001000400220004), 8); /* scope 1, interval */
	put(&m, 0, version == NF_V9 ? 4 : 0);	  /* padding */
	set_end(&m);
	set_begin(&m, 256);
	put(&m, UINT64_C(0x0a0000010a000002), 8);
	put(&m, 100, 4);
	set_end(&m);
	return (version == NF_V9 ? v9 : ipfix);
}

static void
header_with_sets_cut_in_a_field_says_where_that_begins(void **state)
{
	static const uint8_t v9[] = {0, 2, 4, 8, 12, 16, 20, 0};
	static const uint8_t ipfix[] = {0, 2, 4, 8, 12, 16, 0};

	(void)state;
	sets(NF_V9);
	cut_header(v9);
	sets(NF_IPFIX);
	cut_header(ipfix);
}

/* Of zeros alone, the rest is padding. */
static bool
zeros(size_t from, size_t to)
{
	for (; from < to; from++)
		if (m.b[from] != 0)
			return (false);
	return (true);
}

static void
cut_at(struct rx *rx, const uint8_t *set, size_t n)
{
	enum dec_result want = DEC_SHORT;
	size_t at;

	for (; set[1] != 0 && set[1] <= n; set++)
		;
	at = n - set[0] < 2 ? set[0] : set[0] + 2U;
	if (zeros(set[0], n)) {
		want = DEC_OK;
		at = 0;
	}
	if (m.b[1] == NF_IPFIX)
		poke16(&m, 2, n);
	assert_int_equal(rx_feed(rx, m.b, n), want);
	assert_int_equal(rx->report.error_at, at);
	if (m.b[1] != NF_IPFIX)
		return;
	/* The length of the message knows better. */
	poke16(&m, 2, n + 1);
	assert_int_equal(rx_feed(rx, m.b, n), DEC_SHORT);
	assert_int_equal(rx->report.error_at, 2);
}

static void
set_that_is_cut_says_where_its_length_is(void **state)
{
	static const uint16_t versions[] = {NF_V9, NF_IPFIX};
	const uint8_t *set;
	struct rx *rx;
	size_t i, n;

	(void)state;
	for (i = 0; i < NSPECS(versions); i++) {
		set = sets(versions[i]);
		rx = rx_new(NULL);
		for (n = set[0] + 1; n < m.len; n++)
			cut_at(rx, set, n);
		if (versions[i] == NF_IPFIX)
			poke16(&m, 2, m.len);
		assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
		assert_int_equal(rx->n, 1);
		assert_int_equal(rx->report.options, 0);
		assert_int_equal(rx->report.templates, 2);
		rx_free(rx);
	}
}

static void
length_of_a_set_below_its_header_is_at_its_place(void **state)
{
	uint16_t len;

	(void)state;
	for (len = 0; len < 4; len++) {
		sets(NF_V9);
		poke16(&m, 42, len);
		refused(DEC_BADLEN, 42);
		sets(NF_IPFIX);
		poke16(&m, 2, m.len);
		poke16(&m, 38, len);
		refused(DEC_BADLEN, 38);
	}
}

static void
ipfix_length_below_its_header_is_at_its_place(void **state)
{
	uint16_t len;

	(void)state;
	for (len = 0; len < 16; len++) {
		sets(NF_IPFIX);
		poke16(&m, 2, len);
		refused(DEC_BADLEN, 2);
	}
}

/* In a set of two: the second begins where the first ends. */
static void
second_template(uint16_t version, uint16_t id, uint16_t nfields, uint16_t len,
    size_t at)
{
	if (version == NF_V9)
		v9_begin(&m, 1000, 1700000000, 1, 0);
	else
		ipfix_begin(&m, 1700000000, 1, 0);
	set_begin(&m, version == NF_V9 ? 0 : 2);
	put(&m, UINT64_C(0x0100000100080004), 8);
	put(&m, id, 2);
	put(&m, nfields, 2);
	put(&m, 12, 2);
	put(&m, len, 2);
	set_end(&m);
	if (version == NF_IPFIX)
		poke16(&m, 2, m.len);
	refused(DEC_BADTEMPLATE, at);
}

static void
template_that_cannot_be_is_where_it_begins(void **state)
{
	(void)state;
	second_template(NF_V9, 257, 2, 4, 32);	  /* too many fields */
	second_template(NF_V9, 255, 1, 4, 32);	  /* no number of a template */
	second_template(NF_V9, 257, 1, 0, 32);	  /* a record of no bytes */
	second_template(NF_IPFIX, 257, 2, 4, 28); /* the same */
	second_template(NF_IPFIX, 255, 1, 4, 28);
	second_template(NF_IPFIX, 257, 1, 0, 28);
}

static void
options_template_that_cannot_be_is_where_it_begins(void **state)
{
	(void)state;
	sets(NF_V9);
	poke16(&m, 46, 5); /* no whole scope */
	refused(DEC_BADTEMPLATE, 44);
	sets(NF_V9);
	poke16(&m, 48, 400); /* more options than bytes */
	refused(DEC_BADTEMPLATE, 44);
	sets(NF_IPFIX);
	poke16(&m, 2, m.len);
	poke16(&m, 44, 3); /* more scopes than fields */
	refused(DEC_BADTEMPLATE, 40);
}

static void
set_too_short_for_a_template_says_where_that_begins(void **state)
{
	(void)state;
	v9_begin(&m, 1000, 1700000000, 1, 0);
	set_begin(&m, 0);
	put(&m, 0x010000, 3);
	set_end(&m);
	refused(DEC_SHORT, 24);
}

/* A text of so many bytes in a record whose text has 3 all told. */
static void
put_texts(uint8_t len)
{
	set_begin(&m, 258);
	put(&m, 0x02616200, 4); /* "ab", nothing */
	put(&m, len, 1);
	put(&m, 0x636465, 3);
	set_end(&m);
}

static void
texts(uint8_t len)
{
	static const uint16_t text[][2] = {{371, NF_VARLEN}};

	ipfix_begin(&m, 1700000000, 1, 0);
	template_set(&m, 2, 258, text, 1);
	put_texts(len); /* from 28 on */
	poke16(&m, 2, m.len);
}

static void
record_that_runs_over_its_set_is_where_it_begins(void **state)
{
	(void)state;
	texts(3);
	refused(DEC_OK, 0);
	texts(4);
	refused(DEC_BADLEN, 36);
	texts(255);
	refused(DEC_BADLEN, 36);
}

/* Data wait for the templates behind them, and so are looked at last. */
static void
first_error_of_the_wire_is_told_not_the_first_found(void **state)
{
	(void)state;
	texts(4);
	put(&m, 2, 2); /* a set of a length that cannot be */
	put(&m, 3, 2);
	poke16(&m, 2, m.len);
	refused(DEC_BADLEN, 36);
	texts(3);
	put(&m, 2, 2);
	put(&m, 3, 2);
	poke16(&m, 2, m.len);
	refused(DEC_BADLEN, 42);
}

static void
errors_of_a_second_message_count_from_the_datagram(void **state)
{
	static struct msg two;
	size_t first;

	(void)state;
	texts(3);
	first = m.len;
	memcpy(two.b, m.b, m.len);
	texts(4);
	memcpy(two.b + first, m.b, m.len);
	memcpy(m.b, two.b, first + m.len);
	m.len += first;
	refused(DEC_BADLEN, first + 36);
	m.b[35] = 9; /* and one in the first, too */
	refused(DEC_BADLEN, 35);
}

static void
sflow_header_cut_in_a_field_says_where_that_begins(void **state)
{
	static const uint8_t v4[] = {4, 8, 12, 16, 20, 24, 28, 0};
	static const uint8_t v6[] = {4, 8, 24, 28, 32, 36, 40, 0};

	(void)state;
	begin(0, 1, 1000);
	cut_header(v4);
	m.len = 0;
	put(&m, 5, 4);
	addr6(1);
	put(&m, 0, 16);
	cut_header(v6);
	begin(0, 1, 1000);
	m.b[7] = 9; /* an address of no known length */
	refused(DEC_SHORT, 4);
}

static void
sflow_sample_that_is_cut_says_where_its_length_is(void **state)
{
	struct rx *rx = rx_new(NULL);
	size_t n, second, at;

	(void)state;
	begin(0, 1, 1000);
	simple_sample();
	second = m.len;
	simple_sample();
	end();
	for (n = 28; n < m.len; n++) {
		at = n < second ? 28 : second;
		at += n - at < 4 ? 0 : 4;
		assert_int_equal(rx_feed(rx, m.b, n), DEC_SHORT);
		assert_int_equal(rx->report.error_at, at);
	}
	assert_int_equal(rx_feed(rx, m.b, n), DEC_OK);
	assert_int_equal(rx->report.error_at, 0);
	rx_free(rx);
}

static void
a_missing_template_is_no_error(void **state)
{
	(void)state;
	v9_begin(&m, 1000, 1700000000, 1, 0);
	set_begin(&m, 300);
	put(&m, 1, 8);
	set_end(&m);
	refused(DEC_NOTEMPLATE, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		fixed_header_cut_in_a_field_says_where_that_begins),
	    cmocka_unit_test(fixed_count_that_cannot_be_is_at_its_place),
	    cmocka_unit_test(what_is_not_supported_is_at_its_place),
	    cmocka_unit_test(
		header_with_sets_cut_in_a_field_says_where_that_begins),
	    cmocka_unit_test(set_that_is_cut_says_where_its_length_is),
	    cmocka_unit_test(length_of_a_set_below_its_header_is_at_its_place),
	    cmocka_unit_test(ipfix_length_below_its_header_is_at_its_place),
	    cmocka_unit_test(template_that_cannot_be_is_where_it_begins),
	    cmocka_unit_test(
		options_template_that_cannot_be_is_where_it_begins),
	    cmocka_unit_test(
		set_too_short_for_a_template_says_where_that_begins),
	    cmocka_unit_test(record_that_runs_over_its_set_is_where_it_begins),
	    cmocka_unit_test(
		first_error_of_the_wire_is_told_not_the_first_found),
	    cmocka_unit_test(
		errors_of_a_second_message_count_from_the_datagram),
	    cmocka_unit_test(
		sflow_header_cut_in_a_field_says_where_that_begins),
	    cmocka_unit_test(sflow_sample_that_is_cut_says_where_its_length_is),
	    cmocka_unit_test(a_missing_template_is_no_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
