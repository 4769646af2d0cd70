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
 * How the members of a flow are on the wire: exact bytes of each conversion.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tx.h"
#include "wire.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A record of these fields, of IPFIX or version 9, in hex. */
static void
record_is(const struct flow *f, const char *hex, uint16_t version,
    const struct enc_field *field, size_t n)
{
	struct enc_config config = tx_config(version);
	struct tx *tx = tx_new(&config);
	char text[1024];
	const struct tx_message *m;
	size_t i, begin = version == NF_IPFIX ? 20 : 24;

	assert_int_equal(encoder_template(tx->e, 256, field, n), 0);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(encoder_flow(tx->e, 0, f, TX_T0), ENC_OK);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 2);
	m = &tx->m[1];
	assert_true(m->len < 500);
	text[0] = '\0';
	for (i = begin; i < m->len; i++)
		snprintf(text + 2 * (i - begin), 3, "%02x", m->b[i]);
	assert_string_equal(text, hex);
	tx_free(tx);
}
/* clang-format off */
#define LIST(...) \
	(const struct enc_field[]){ __VA_ARGS__ }, \
	    COUNT(((const struct enc_field[]){ __VA_ARGS__ }))
#define IPFIX(f, hex, ...) record_is(f, hex, 10, LIST(__VA_ARGS__))
#define V9(f, hex, ...) record_is(f, hex, 9, LIST(__VA_ARGS__))
/* clang-format on */

static void
numbers_have_the_width_that_was_asked_for(void **state)
{
	struct flow f = tx_flow();

	(void)state;
	f.octets = 0x0102030405060708;
	IPFIX(&f, "0102030405060708", {0, 1, 8});
	f.octets = 0x01020304050607;
	IPFIX(&f, "01020304050607", {0, 1, 7});
	f.octets = 0x010203040506;
	IPFIX(&f, "010203040506", {0, 1, 6});
	f.octets = 0x0102030405;
	IPFIX(&f, "0102030405", {0, 1, 5});
	f.octets = 0x01020304;
	IPFIX(&f, "01020304", {0, 1, 4});
	f.octets = 0x010203;
	IPFIX(&f, "010203", {0, 1, 3});
	f.octets = 0x0102;
	IPFIX(&f, "0102", {0, 1, 2});
	IPFIX(&f, "0000000000000102", {0, 1, 8});
	f.octets = 1;
	IPFIX(&f, "01", {0, 1, 1});
	/* Small members in wide fields. */
	IPFIX(&f, "0000000000000006", {0, 4, 8});
	IPFIX(&f, "00000006", {0, 4, 4});
	IPFIX(&f, "000401", {0, 7, 3});
	IPFIX(&f, "0000000000000003", {0, 10, 8});
}

static void
counters_that_do_not_fit_are_the_most_there_is(void **state)
{
	struct flow f = tx_flow();

	(void)state;
	f.octets = UINT64_C(0x100000000);
	f.packets = UINT32_MAX;
	IPFIX(&f, "ffffffffffffffff", {0, 1, 4}, {0, 2, 4});
	IPFIX(&f, "ffffffffffff", {0, 1, 3}, {0, 2, 3});
	IPFIX(&f, "ffffffff", {0, 1, 2}, {0, 2, 2});
	IPFIX(&f, "0100000000", {0, 1, 5});
	IPFIX(&f, "ff", {0, 1, 1});
	f.in_if = 0x10000;
	f.out_if = 0xffff;
	IPFIX(&f, "ffffffff", {0, 10, 2}, {0, 14, 2});
	/* RFC 6793: of an AS number nothing else may be made. */
	f.src_as = 0x10000;
	f.dst_as = 0xffff;
	IPFIX(&f, "5ba0ffff", {0, 16, 2}, {0, 17, 2});
	IPFIX(&f, "000100000000ffff", {0, 16, 4}, {0, 17, 4});
	/* Flags: the byte that there is. */
	f.tcp_flags = 0x112;
	f.reverse_tcp_flags = 0x101;
	IPFIX(&f, "1201", {0, 6, 1}, {29305, 6, 1});
	IPFIX(&f, "01120101", {0, 6, 2}, {29305, 6, 2});
}

static void
times_are_in_the_unit_of_their_element(void **state)
{
	struct flow f = tx_flow();

	(void)state;
	f.start = TX_T0 + 123456789;
	f.end = TX_T0 + 999999999;
	f.event_time = TX_T0 + 999999;
	IPFIX(&f, "6553f1006553f100", {0, 150, 4}, {0, 151, 4});
	IPFIX(&f, "0000018bcfe5687b0000018bcfe56be7", {0, 152, 8}, {0, 153, 8});
	IPFIX(&f, "0000018bcfe56800", {0, 323, 8});
	/* 1 January 1900; the bits below the microsecond are zero. */
	IPFIX(&f, "e8fe6f801f9ad000e8fe6f80fffff000", {0, 154, 8}, {0, 155, 8});
	IPFIX(&f, "e8fe6f801f9add38e8fe6f80fffffffc", {0, 156, 8}, {0, 157, 8});
	f.start = f.end = 0;
	IPFIX(&f, "00000000000000000000000000000000", {0, 154, 8}, {0, 157, 8});
	IPFIX(&f, "000000000000000000000000", {0, 150, 4}, {0, 153, 8});
}

/* Neither those who cut off the fraction nor those who round are wrong. */
static void
fractions_come_back_however_they_are_read(void **state)
{
	static const struct enc_field field[] = {{0, 154, 8}, {0, 157, 8}};
	struct enc_config config = tx_config(10);
	struct tx *tx = tx_new(&config);
	struct flow f = tx_flow();
	const uint8_t *p;
	uint64_t us, ns;
	int64_t i, n;

	(void)state;
	encoder_template(tx->e, 256, field, 2);
	encoder_flush(tx->e, TX_T0);
	for (i = 0; i < 3000; i++) {
		tx_forget(tx);
		n = i < 1000   ? i
		    : i < 2000 ? NSEC_PER_SEC - 1 - i
			       : i * 333333 % NSEC_PER_SEC;
		f.start = TX_T0 + (i < 1000 ? n * 1000 : n);
		f.end = TX_T0 + n;
		encoder_flow(tx->e, 0, &f, TX_T0);
		encoder_flush(tx->e, TX_T0);
		p = tx->m[0].b + 20;
		assert_int_equal(be32(p + 4) & 0x7ff, 0);
		us = (uint64_t)be32(p + 4) * 1000000;
		ns = (uint64_t)be32(p + 12) * 1000000000;
		assert_int_equal(us >> 32, f.start % NSEC_PER_SEC / 1000);
		assert_int_equal((us + (UINT64_C(1) << 31)) >> 32,
		    f.start % NSEC_PER_SEC / 1000);
		assert_int_equal(ns >> 32, n);
		assert_int_equal((ns + (UINT64_C(1) << 31)) >> 32, n);
	}
	tx_free(tx);
}

static void
uptimes_are_counted_from_the_boot(void **state)
{
	struct flow f = tx_flow();

	(void)state;
	IPFIX(&f, "0036d9040036ed86", {0, 22, 4}, {0, 21, 4});
	IPFIX(&f, "000000000036d904", {0, 22, 8});
	/* Before the boot it is before the wrap. */
	f.start = TX_T0 - 3601 * NSEC_PER_SEC;
	IPFIX(&f, "fffffc18", {0, 22, 4});
	/* The members count if there is no time. */
	f.start = f.end = 0;
	f.start_uptime = 7;
	f.end_uptime = 8;
	IPFIX(&f, "0000000700000008", {0, 22, 4}, {0, 21, 4});
	/* And when that was, in a record of its own. */
	IPFIX(&f, "0000018bcfae7980", {0, 160, 8});
}

static void
durations_are_from_start_to_end(void **state)
{
	struct flow f = tx_flow();

	(void)state;
	IPFIX(&f, "0000148200501bd0", {0, 161, 4}, {0, 162, 4});
	f.end = f.start - 1;
	IPFIX(&f, "00000000", {0, 161, 4});
}

static void
addresses_are_of_their_family_or_zero(void **state)
{
	struct flow f = tx_flow();

	(void)state;
	IPFIX(&f,
	    "c0000201"
	    "00000000000000000000000000000000"
	    "04",
	    {0, 8, 4}, {0, 27, 16}, {0, 60, 1});
	f.src_addr = tx_v6(9);
	IPFIX(&f,
	    "00000000"
	    "20010db8000000000000000000000009"
	    "06",
	    {0, 8, 4}, {0, 27, 16}, {0, 60, 1});
	/* Others may be missing, and are zero then. */
	f.next_hop = tx_v6(1);
	f.bgp_next_hop = tx_v4(0x01020304);
	IPFIX(&f,
	    "00000000"
	    "00000000000000000000000000000000",
	    {0, 15, 4}, {0, 63, 16});
	/* A prefix is none of a host. */
	f = tx_flow();
	IPFIX(&f, "00000000c0000201", {0, 44, 4}, {0, 8, 4});
	flow_set(&f, FLOW_SRC_PREFIX);
	IPFIX(&f, "c0000201", {0, 44, 4});
}

static void
icmp_is_type_and_code(void **state)
{
	struct flow f = tx_flow();

	(void)state;
	f.icmp_type = 3;
	f.icmp_code = 13;
	f.reverse_icmp_type = 129;
	f.reverse_icmp_code = 1;
	IPFIX(&f, "030d", {0, 32, 2});
	IPFIX(&f, "030d8101", {0, 139, 2}, {29305, 139, 2});
	IPFIX(&f, "0d0301", {0, 177, 1}, {0, 176, 1}, {29305, 177, 1});
}

static void
the_last_label_has_the_bottom_bit(void **state)
{
	struct flow f = tx_flow();
	size_t i;

	(void)state;
	f.mpls_labels[0] = 0xabcde;
	f.mpls_labels[1] = 16;
	IPFIX(&f, "abcde0000101000000", {0, 70, 3}, {0, 71, 3}, {0, 72, 3});
	IPFIX(&f, "abcde00000010100", {0, 70, 4}, {0, 71, 4});
	/* More than there are fields: none of them is the last. */
	IPFIX(&f, "abcde0", {0, 70, 3});
	for (i = 0; i < FLOW_MPLS_MAX; i++)
		f.mpls_labels[i] = 1;
	IPFIX(&f, "000010000011", {0, 78, 3}, {0, 79, 3});
}

static void
texts_are_padded_cut_or_of_their_length(void **state)
{
	struct flow f = tx_flow();
	static char text[256];

	(void)state;
	f.in_if_name = (struct flow_text){"eth0", 4};
	IPFIX(&f, "6574683000000000", {0, 82, 8});
	IPFIX(&f, "65746830", {0, 82, 4});
	IPFIX(&f, "657468", {0, 82, 3});
	IPFIX(&f, "0465746830", {0, 82, ENC_VARIABLE});
	/* Several, and what is of a known length around them. */
	f.dns_name = (struct flow_text){"a.b", 3};
	IPFIX(&f,
	    "060401"
	    "03612e62"
	    "046574683000"
	    "1b",
	    {0, 4, 1}, {0, 7, 2}, {35632, 205, ENC_VARIABLE},
	    {0, 82, ENC_VARIABLE}, {35632, 188, ENC_VARIABLE}, {0, 6, 1});
	f.in_if_name.len = 0;
	IPFIX(&f, "00", {0, 82, ENC_VARIABLE});
	IPFIX(&f, "0000", {0, 82, 2});
	/* From 255 bytes on the length has three. */
	memset(text, 'a', sizeof(text));
	f.in_if_name = (struct flow_text){text, 254};
	{
		static const struct enc_field name[] = {{0, 82, ENC_VARIABLE}};
		struct enc_config config = tx_config(10);
		struct tx *tx = tx_new(&config);

		encoder_template(tx->e, 256, name, 1);
		encoder_flush(tx->e, TX_T0);
		encoder_flow(tx->e, 0, &f, TX_T0);
		f.in_if_name.len = 255;
		encoder_flow(tx->e, 0, &f, TX_T0);
		encoder_flush(tx->e, TX_T0);
		assert_int_equal(tx->m[1].len, 20 + 1 + 254 + 3 + 255);
		assert_int_equal(tx->m[1].b[20], 254);
		assert_memory_equal(tx->m[1].b + 20 + 255, "\xff\x00\xff\x61",
		    4);
		tx_free(tx);
	}
}

static void
applications_keep_their_engine_in_front(void **state)
{
	struct flow f = tx_flow();
	static const uint8_t https[] = {3, 13, 0x01, 0xbb};

	(void)state;
	memcpy(f.application_id, https, sizeof(https));
	IPFIX(&f, "0d01bb", {0, 95, 3});
	IPFIX(&f, "0d0001bb", {0, 95, 4});
	IPFIX(&f, "0000", {0, 95, 2});
	IPFIX(&f, "030d01bb", {0, 95, ENC_VARIABLE});
	f.application_id[0] = 0;
	IPFIX(&f, "00000000", {0, 95, 4});
}

static void
rates_are_told_in_each_way(void **state)
{
	struct flow f = tx_flow();

	(void)state;
	f.sampling_rate = 100;
	f.sampling_algorithm = 1;
	IPFIX(&f, "0000006401", {0, 34, 4}, {0, 35, 1});
	IPFIX(&f, "000000010000006301", {0, 305, 4}, {0, 306, 4}, {0, 304, 1});
	IPFIX(&f, "00000064", {0, 305, 4});
	IPFIX(&f, "0000000100000064", {0, 309, 4}, {0, 310, 4});
	f.sampling_algorithm = 2;
	IPFIX(&f, "03", {0, 304, 1});
	f.sampling_rate = 0;
	IPFIX(&f, "0000000000000000", {0, 305, 4}, {0, 306, 4});
}

static void
the_rest_is_as_the_registry_has_it(void **state)
{
	struct flow f = tx_flow();
	static const uint8_t mac[] = {2, 0, 0, 0, 0, 10};

	(void)state;
	memcpy(f.in_src_mac, mac, 6);
	IPFIX(&f, "02000000000a", {0, 56, 6});
	IPFIX(&f, "2eb8", {0, 195, 1}, {0, 5, 1});
	f.tcp_rtt = 1499;
	IPFIX(&f, "00000001", {6871, 21, 4});
	f.tcp_rtt = 1500;
	IPFIX(&f, "00000002", {6871, 21, 4});
	IPFIX(&f, "001b", {6871, 14, 1}, {6871, 15, 1});
	f.tcp_retransmits = 5;
	f.tcp_out_of_order = 6;
	IPFIX(&f, "0000000500000006", {35632, 109, 4}, {35632, 111, 4});
	V9(&f, "0000000500000006", {0, 57581, 4}, {0, 57583, 4});
	f.vlan = 100;
	f.post_vlan = 200;
	f.customer_vlan = 300;
	IPFIX(&f, "006400c8012c", {0, 58, 2}, {0, 59, 2}, {0, 245, 2});
	/* What nothing is known of is zero, and of its length. */
	IPFIX(&f, "00000000000000000000000600", {0, 210, 11}, {0, 4, 1},
	    {99999, 7, ENC_VARIABLE});
	IPFIX(&f, "06000000000000000000000006", {0, 4, 1}, {0, 210, 3},
	    {0, 12345, 8}, {0, 4, 1});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_have_the_width_that_was_asked_for),
	    cmocka_unit_test(counters_that_do_not_fit_are_the_most_there_is),
	    cmocka_unit_test(times_are_in_the_unit_of_their_element),
	    cmocka_unit_test(fractions_come_back_however_they_are_read),
	    cmocka_unit_test(uptimes_are_counted_from_the_boot),
	    cmocka_unit_test(durations_are_from_start_to_end),
	    cmocka_unit_test(addresses_are_of_their_family_or_zero),
	    cmocka_unit_test(icmp_is_type_and_code),
	    cmocka_unit_test(the_last_label_has_the_bottom_bit),
	    cmocka_unit_test(texts_are_padded_cut_or_of_their_length),
	    cmocka_unit_test(applications_keep_their_engine_in_front),
	    cmocka_unit_test(rates_are_told_in_each_way),
	    cmocka_unit_test(the_rest_is_as_the_registry_has_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (
	    cmocka_run_group_tests_name("encode_values", tests, NULL, NULL));
}
