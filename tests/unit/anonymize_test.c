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

#include <stdio.h>
#include <string.h>

#include "archive/rows.h"
#include "compat/aes.h"
#include "query/anonymize.h"

/* The key of the authors' sample trace. */
static const uint8_t key[ANONYMIZE_KEYLEN] = {21, 34, 23, 141, 51, 164, 207,
    128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101,
    39, 98, 87, 76, 45, 42, 132, 34, 2};

static struct anonymize *
anonymize(void)
{
	struct anonymize *a;

	if (!aes_available()) {
		assert_null(anonymize_new(key));
		skip();
	}
	a = anonymize_new(key);
	assert_non_null(a);
	return (a);
}

static struct addr
addr(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return (a);
}

static void
check(struct anonymize *a, const char *from, const char *to)
{
	const struct addr raw = addr(from), done = anonymize_addr(a, &raw);
	char text[ADDR_STRLEN];

	assert_string_equal(addr_format(&done, text), to);
}

static void
aes_is_that_of_fips_197(void **state)
{
	/* Appendix B of the standard. */
	static const uint8_t k[] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2,
	    0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
	static const uint8_t in[] = {0x32, 0x43, 0xf6, 0xa8, 0x88, 0x5a, 0x30,
	    0x8d, 0x31, 0x31, 0x98, 0xa2, 0xe0, 0x37, 0x07, 0x34};
	static const uint8_t out[] = {0x39, 0x25, 0x84, 0x1d, 0x02, 0xdc, 0x09,
	    0xfb, 0xdc, 0x11, 0x85, 0x97, 0x19, 0x6a, 0x0b, 0x32};
	uint8_t two[2 * AES_BLOCK];
	struct aes *aes;

	(void)state;
	if (!aes_available())
		skip();
	aes = aes_new(k);
	assert_non_null(aes);
	memcpy(two, in, AES_BLOCK);
	memcpy(two + AES_BLOCK, in, AES_BLOCK);
	assert_int_equal(aes_encrypt(aes, two, two, 2), 0);
	assert_memory_equal(two, out, AES_BLOCK);
	assert_memory_equal(two + AES_BLOCK, out, AES_BLOCK);
	assert_int_equal(aes_encrypt(aes, two, two, AES_BLOCKS + 1), -1);
	aes_free(aes);
	aes_free(NULL);
}

static void
ipv4_is_as_in_the_sample_trace_of_the_authors(void **state)
{
	static const char *const trace[][2] = {
	    {"128.11.68.132", "135.242.180.132"},
	    {"129.118.74.4", "134.136.186.123"},
	    {"130.132.252.244", "133.68.164.234"},
	    {"141.223.7.43", "141.167.8.160"},
	    {"152.163.225.39", "151.140.114.167"},
	    {"192.41.57.43", "252.222.221.184"},
	    {"198.26.132.101", "249.36.123.202"},
	    {"205.188.147.153", "242.96.16.101"},
	    {"205.188.248.25", "242.96.88.27"},
	    {"216.35.217.178", "235.195.157.81"},
	    {"24.0.250.221", "100.15.198.226"},
	    {"4.3.88.225", "124.60.155.63"},
	    {"64.39.15.238", "0.219.7.41"},
	    {"10.185.25.118", "117.161.29.118"},
	};
	struct anonymize *a = anonymize();
	size_t i;
	int round;

	(void)state;
	/* The second time out of what is kept. */
	for (round = 0; round < 2; round++)
		for (i = 0; i < sizeof(trace) / sizeof(trace[0]); i++)
			check(a, trace[i][0], trace[i][1]);
	anonymize_free(a);
}

/* The same that yacryptopan (PyPI) makes of them. */
static void
ipv6_goes_by_all_128_bits(void **state)
{
	static const char *const t[][2] = {
	    {"::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"},
	    {"::2", "78ff:f001:9fc0:20df:8380:b1f1:704:ef"},
	    {"::ffff", "78ff:f001:9fc0:20df:8380:b1f1:704:f838"},
	    {"2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"},
	    {"2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c"},
	    {"fe80::1234:5678:9abc:def0",
		"cf7f:c0e:1fc3:da1c:1dab:29e7:9a23:c10c"},
	};
	struct anonymize *a = anonymize();
	size_t i;
	int round;

	(void)state;
	for (round = 0; round < 2; round++)
		for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
			check(a, t[i][0], t[i][1]);
	anonymize_free(a);
}

/* Bits that two addresses begin with alike. */
static unsigned int
alike(const struct addr *a, const struct addr *b)
{
	unsigned int i;

	for (i = 0; i < addr_bits(a); i++)
		if ((a->b[i / 8] ^ b->b[i / 8]) >> (7 - i % 8) & 1)
			break;
	return (i);
}

static void
addresses_that_begin_alike_do_so_afterwards(void **state)
{
	struct anonymize *a = anonymize();
	struct addr raw[200], done[200];
	uint32_t seed = 1;
	size_t i, j, k;

	(void)state;
	for (i = 0; i < 200; i++) {
		raw[i] = addr(i % 2 ? "2001:db8::" : "10.0.0.0");
		for (k = 0; k < addr_bits(&raw[i]) / 8; k++) {
			seed = seed * 1664525 + 1013904223;
			if (seed >> 30 == 0)
				raw[i].b[k] ^= (uint8_t)(seed >> 20);
		}
		done[i] = anonymize_addr(a, &raw[i]);
	}
	for (i = 0; i < 200; i++)
		for (j = i % 2; j < i; j += 2)
			assert_int_equal(alike(&done[i], &done[j]),
			    alike(&raw[i], &raw[j]));
	anonymize_free(a);
}

static void
none_stays_none(void **state)
{
	struct anonymize *a = anonymize();
	struct addr none;

	(void)state;
	memset(&none, 0, sizeof(none));
	none = anonymize_addr(a, &none);
	assert_int_equal(none.family, ADDR_NONE);
	anonymize_free(a);
	anonymize_free(NULL);
}

static const enum flow_field names[] = {FLOW_IN_IF_NAME, FLOW_OUT_IF_NAME,
    FLOW_IN_VRF_NAME, FLOW_OUT_VRF_NAME, FLOW_USER_NAME, FLOW_DNS_NAME,
    FLOW_TLS_SERVER_NAME};
static const enum flow_field macs[] = {FLOW_IN_SRC_MAC, FLOW_IN_DST_MAC,
    FLOW_OUT_SRC_MAC, FLOW_OUT_DST_MAC};

/* Everything that is an address or a name, and a port. */
static struct flow
telltale(uint8_t last)
{
	struct flow f;
	size_t i;

	memset(&f, 0, sizeof(f));
	for (i = 0; i < FLOW_NFIELDS; i++)
		if (fields[i].type == FT_ADDR &&
		    fields[i].bit != FLOW_SRC_PREFIX &&
		    fields[i].bit != FLOW_DST_PREFIX) {
			*(struct addr *)field_ptr(&f, &fields[i]) =
			    addr("128.11.68.132");
			flow_set(&f, fields[i].bit);
		}
	f.dst_addr.b[3] = last;
	for (i = 0; i < 7; i++) {
		*(struct flow_text *)field_ptr(&f, &fields[names[i]]) =
		    (struct flow_text){"anna", 4};
		flow_set(&f, names[i]);
	}
	for (i = 0; i < 4; i++) {
		memset(field_ptr(&f, &fields[macs[i]]), 0x11, 6);
		flow_set(&f, macs[i]);
	}
	f.src_port = 443;
	f.application_name = (struct flow_text){"https", 5};
	flow_set(&f, FLOW_SRC_PORT);
	flow_set(&f, FLOW_APPLICATION_NAME);
	return (f);
}

static void
check_flow(const struct flow *f, const char *dst)
{
	const struct addr want = addr("135.242.180.132");
	char text[ADDR_STRLEN];
	size_t i;

	for (i = 0; i < FLOW_NFIELDS; i++)
		if (fields[i].type == FT_ADDR && flow_has(f, fields[i].bit) &&
		    fields[i].bit != FLOW_DST_ADDR)
			assert_true(
			    addr_equal(field_cptr(f, &fields[i]), &want));
	assert_string_equal(addr_format(&f->dst_addr, text), dst);
	for (i = 0; i < 7; i++) {
		assert_false(flow_has(f, names[i]));
		assert_int_equal(((const struct flow_text *)field_cptr(f,
				      &fields[names[i]]))
				     ->len,
		    0);
	}
	for (i = 0; i < 4; i++)
		assert_false(flow_has(f, macs[i]));
	assert_int_equal(f->src_port, 443);
	assert_int_equal(f->application_name.len, 5);
}

static void
of_a_flow_all_addresses_are_mapped_and_names_are_gone(void **state)
{
	struct anonymize *a = anonymize();
	struct rows *rows = rows_new(10, NULL);
	struct batch *b = batch_new();
	struct flow f = telltale(132);

	(void)state;
	assert_true(rows_add(rows, &f));
	f = telltale(133);
	flow_unset(&f, FLOW_USER_NAME);
	f.user_name.len = 0;
	assert_true(rows_add(rows, &f));
	batch_set_rows(b, rows);
	assert_int_equal(anonymize_batch(a, b, NULL, NULL), BLOCK_OK);
	assert_false(batch_any(b, FLOW_USER_NAME));
	assert_int_equal(batch_row(b, 0, NULL, &f), BLOCK_OK);
	check_flow(&f, "135.242.180.132");
	assert_int_equal(batch_row(b, 1, NULL, &f), BLOCK_OK);
	check_flow(&f, "135.242.180.133");
	batch_free(b);
	rows_free(rows);
	anonymize_free(a);
}

/* A prefix shares its first bits with the addresses in it. */
static void
prefixes_are_mapped_like_addresses(void **state)
{
	struct anonymize *a = anonymize();
	struct rows *rows = rows_new(10, NULL);
	struct batch *b = batch_new();
	char text[ADDR_STRLEN];
	struct flow f;

	(void)state;
	memset(&f, 0, sizeof(f));
	f.src_addr = addr("128.11.68.132");
	flow_set(&f, FLOW_SRC_PREFIX);
	assert_true(rows_add(rows, &f));
	batch_set_rows(b, rows);
	assert_int_equal(anonymize_batch(a, b, NULL, NULL), BLOCK_OK);
	assert_int_equal(batch_row(b, 0, NULL, &f), BLOCK_OK);
	assert_true(flow_has(&f, FLOW_SRC_PREFIX));
	assert_string_equal(addr_format(&f.src_addr, text), "135.242.180.132");
	batch_free(b);
	rows_free(rows);
	anonymize_free(a);
}

/* What is not selected is not worked out, and not given away either. */
static void
only_what_is_selected_and_asked_for_is_mapped(void **state)
{
	static const uint16_t second[] = {1};
	const struct sel sel = {.n = 1, .row = second};
	struct anonymize *a = anonymize();
	struct rows *rows = rows_new(10, NULL);
	struct batch *b = batch_new();
	struct flow_set needs = {{0}};
	struct flow f = telltale(132), got;
	const struct vec *v;
	char text[ADDR_STRLEN];

	(void)state;
	assert_true(rows_add(rows, &f));
	f.dst_addr = addr("24.0.250.221");
	assert_true(rows_add(rows, &f));
	batch_set_rows(b, rows);
	needs.w[FLOW_DST_ADDR / 64] |= UINT64_C(1) << FLOW_DST_ADDR % 64;
	assert_int_equal(anonymize_batch(a, b, &sel, &needs), BLOCK_OK);
	assert_int_equal(batch_row(b, 1, &needs, &got), BLOCK_OK);
	assert_string_equal(addr_format(&got.dst_addr, text), "100.15.198.226");
	assert_int_equal(batch_column(b, FLOW_DST_ADDR, &v), BLOCK_OK);
	assert_int_equal(vec_addr(v, 0)->family, ADDR_NONE);
	assert_int_equal(batch_row(b, 1, NULL, &got), BLOCK_OK);
	assert_int_equal(got.src_addr.family, ADDR_NONE);
	assert_int_equal(got.exporter.family, ADDR_NONE);
	batch_free(b);
	rows_free(rows);
	anonymize_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(aes_is_that_of_fips_197),
	    cmocka_unit_test(ipv4_is_as_in_the_sample_trace_of_the_authors),
	    cmocka_unit_test(ipv6_goes_by_all_128_bits),
	    cmocka_unit_test(addresses_that_begin_alike_do_so_afterwards),
	    cmocka_unit_test(none_stays_none),
	    cmocka_unit_test(
		of_a_flow_all_addresses_are_mapped_and_names_are_gone),
	    cmocka_unit_test(prefixes_are_mapped_like_addresses),
	    cmocka_unit_test(only_what_is_selected_and_asked_for_is_mapped),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
