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

/* One record of one field in IPFIX, given as bytes. */
static const struct flow *
one(struct rx *rx, uint16_t id, const void *p, size_t len)
{
	const uint16_t specs[][2] = {{id, (uint16_t)len}};

	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, specs, 1);
	set_begin(&m, 256);
	put_bytes(&m, p, len);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_true(rx->n >= 1);
	return (&rx->f[0]);
}

static void
integers_of_any_width_are_read(void **state)
{
	const uint8_t b[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct rx *rx = rx_new(NULL);
	uint64_t v = 0;
	size_t n;

	(void)state;
	for (n = 1; n <= 8; n++) {
		v = v << 8 | b[n - 1];
		assert_true(one(rx, 1, b, n)->octets == v);
		assert_true(flow_has(&rx->f[0], FLOW_OCTETS));
	}
	rx_free(rx);
}

static void
integers_that_are_too_large_are_clamped(void **state)
{
	const uint8_t b[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	const uint8_t small[8] = {0, 0, 0, 0, 0, 0, 0, 6};
	struct rx *rx = rx_new(NULL);
	size_t n;

	(void)state;
	for (n = 2; n <= 8; n++)
		assert_int_equal(one(rx, 4, b, n)->protocol, 255);
	for (n = 3; n <= 8; n++)
		assert_int_equal(one(rx, 7, b, n)->src_port, 65535);
	for (n = 5; n <= 8; n++)
		assert_true(one(rx, 10, b, n)->in_if == UINT32_MAX);
	assert_int_equal(one(rx, 4, small, 8)->protocol, 6);
	rx_free(rx);
}

static void
a_number_of_9_bytes_is_skipped(void **state)
{
	const uint8_t b[9] = {0, 0, 0, 0, 0, 0, 0, 0, 6};
	struct rx *rx = rx_new(NULL);

	(void)state;
	assert_false(flow_has(one(rx, 4, b, 9), FLOW_PROTOCOL));
	assert_int_equal(rx->f[0].protocol, 0);
	rx_free(rx);
}

/* A member behind FLOW_RARE, and of those before that nothing fills here. */
static void
assert_nothing_rare(const struct flow *f)
{
	static const uint8_t zero[sizeof(*f)];

	assert_memory_equal((const uint8_t *)f + FLOW_RARE, zero,
	    sizeof(*f) - FLOW_RARE);
	assert_int_equal(f->tag, 0);
	assert_int_equal(f->protocol, 0);
}

/* Much, little, much and a record that is cut, little again. */
static void
rare_fields_do_not_stay_either(void **state)
{
	static const uint16_t rare[][2] = {{4, 1}, {58, 2}, {56, 6}, {70, 3},
	    {323, 8}, {225, 4}, {95, NF_VARLEN}};
	static const uint16_t common[][2] = {{2, 4}};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, rare, NSPECS(rare));
	template_set(&m, 2, 257, common, 1);
	for (i = 0; i < 2; i++) {
		set_begin(&m, 256);
		memset(m.b + m.len, 1, 26); /* an application of 1 byte */
		m.len += 26;
		memset(m.b + m.len, 255, 25); /* the last is cut */
		m.len += i == 0 ? 0 : 25;
		set_end(&m);
		set_begin(&m, 257);
		put(&m, 9, 4);
		put(&m, 10, 4);
		set_end(&m);
	}
	poke16(&m, 2, m.len);
	assert_int_equal(rx_msg(rx, &m), DEC_BADLEN);
	assert_int_equal(rx->n, 6);
	for (i = 0; i < 6; i++) {
		if (i % 3 == 0) {
			assert_int_equal(rx->f[i].vlan, 0x0101);
			assert_int_equal(rx->f[i].application_id[0], 1);
			assert_int_equal(rx->f[i].packets, 0);
			continue;
		}
		assert_nothing_rare(&rx->f[i]);
		assert_int_equal(rx->f[i].packets, 8 + i % 3);
	}
	rx_free(rx);
}

static void
nothing_stays_from_the_record_before(void **state)
{
	static const uint16_t a[][2] = {{1, 4}, {7, 2}};
	static const uint16_t b[][2] = {{2, 4}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, a, 2);
	template_set(&m, 2, 257, b, 1);
	set_begin(&m, 256);
	put(&m, 1000, 4);
	put(&m, 80, 2);
	set_end(&m);
	set_begin(&m, 257);
	put(&m, 9, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_int_equal(rx->f[0].src_port, 80);
	assert_int_equal(rx->f[1].src_port, 0);
	assert_int_equal(rx->f[1].octets, 0);
	assert_false(flow_has(&rx->f[1], FLOW_OCTETS));
	assert_int_equal(rx->f[1].packets, 9);
	assert_false(flow_has(&rx->f[1], FLOW_TAG));
	rx_free(rx);
}

static void
variable_lengths_are_walked_in_v9_too(void **state)
{
	static const uint16_t specs[][2] = {{4, 1}, {82, 65535}, {7, 2},
	    {11, 2}, {83, 65535}, {1, 65535}};
	struct rx *rx = rx_new(NULL);
	int version;

	(void)state;
	for (version = 9; version <= 10; version++) {
		if (version == 9)
			v9_begin(&m, 1000, 1700000000, 0, 7);
		else
			ipfix_begin(&m, 1700000000, 0, 7);
		template_set(&m, version == 9 ? 0 : 2, 256, specs, 6);
		set_begin(&m, 256);
		put(&m, 6, 1);
		put(&m, 0, 1); /* an empty string */
		put(&m, 80, 2);
		put(&m, 81, 2);
		put(&m, 255, 1);
		put(&m, 300, 2);
		memset(m.b + m.len, 'x', 300);
		m.len += 300;
		put(&m, 3, 1);
		put(&m, 70000, 3);
		put(&m, 17, 1);
		put(&m, 2, 1);
		put(&m, 0x4141, 2);
		put(&m, 82, 2);
		put(&m, 83, 2);
		put(&m, 0, 1);
		put(&m, 0, 1); /* a number of no bytes is none */
		set_end(&m);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_int_equal(rx->n, 2);
		assert_int_equal(rx->f[0].protocol, 6);
		assert_int_equal(rx->f[0].dst_port, 81);
		assert_int_equal(rx->f[0].octets, 70000);
		assert_int_equal(rx->f[1].protocol, 17);
		assert_int_equal(rx->f[1].src_port, 82);
		assert_false(flow_has(&rx->f[1], FLOW_OCTETS));
	}
	rx_free(rx);
}

static void
string_beyond_its_set_is_an_error_after_the_records_before(void **state)
{
	static const uint16_t specs[][2] = {{4, 1}, {82, 65535}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, specs, 2);
	set_begin(&m, 256);
	put(&m, 0x060161, 3);
	put(&m, 0x110961, 3);
	set_end(&m);
	set_begin(&m, 256);
	put(&m, 0x3a0161, 3);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_BADLEN);
	assert_int_equal(rx->n, 2);
	assert_int_equal(rx->report.flows, 2);
	assert_int_equal(rx->f[1].protocol, 58);
	rx_free(rx);
}

static void
rest_shorter_than_a_record_is_padding(void **state)
{
	static const uint16_t specs[][2] = {{8, 4}, {12, 4}};
	struct rx *rx = rx_new(NULL);
	size_t n;

	(void)state;
	for (n = 0; n < 8; n++) {
		v9_begin(&m, 1000, 1700000000, 0, 7);
		template_set(&m, 0, 256, specs, 2);
		set_begin(&m, 256);
		put(&m, UINT64_C(0x0a0000010a000002), 8);
		memset(m.b + m.len, 0xee, n);
		m.len += n;
		set_end(&m);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_int_equal(rx->n, 1);
	}
	rx_free(rx);
}

static void
zeros_behind_the_last_set_are_padding(void **state)
{
	static const uint16_t specs[][2] = {{8, 4}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9_begin(&m, 1000, 1700000000, 0, 7);
	template_set(&m, 0, 256, specs, 1);
	set_begin(&m, 256);
	put(&m, 0x0a000001, 4);
	set_end(&m);
	memset(m.b + m.len, 0, 1200);
	m.len += 1200;
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	rx_free(rx);
}

static void
nonzero_one_of_two_addresses_wins(void **state)
{
	static const uint16_t specs[][2] = {{8, 4}, {27, 16}, {28, 16},
	    {12, 4}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, specs, 4);
	set_begin(&m, 256);
	put(&m, 0, 4); /* IPv6 to IPv4, one order and the other */
	put(&m, UINT64_C(0x20010db800000000), 8);
	put(&m, 1, 8);
	put(&m, 0, 8);
	put(&m, 0, 8);
	put(&m, 0x0a000002, 4);
	put(&m, 0x0a000001, 4); /* IPv4 to IPv6 */
	put(&m, 0, 8);
	put(&m, 0, 8);
	put(&m, UINT64_C(0x20010db800000000), 8);
	put(&m, 2, 8);
	put(&m, 0, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_int_equal(rx->f[0].src_addr.family, ADDR_V6);
	assert_int_equal(rx->f[0].src_addr.b[15], 1);
	assert_int_equal(rx->f[0].dst_addr.family, ADDR_V4);
	assert_int_equal(rx->f[0].dst_addr.b[3], 2);
	assert_int_equal(rx->f[0].dst_addr.b[15], 0);
	assert_int_equal(rx->f[1].src_addr.family, ADDR_V4);
	assert_int_equal(rx->f[1].dst_addr.family, ADDR_V6);
	rx_free(rx);
}

static void
first_of_a_repeated_element_wins(void **state)
{
	static const uint16_t specs[][2] = {{7, 2}, {4, 1}, {7, 2}, {4, 1}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, specs, 4);
	set_begin(&m, 256);
	put(&m, 0x0050060051, 5);
	put(&m, 17, 1);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->f[0].src_port, 80);
	assert_int_equal(rx->f[0].protocol, 6);
	rx_free(rx);
}

static void
better_element_wins_wherever_it_stands(void **state)
{
	static const uint16_t specs[][2] = {{85, 8}, {231, 4}, {1, 4}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, specs, 3);
	set_begin(&m, 256);
	put(&m, 111, 8);
	put(&m, 222, 4);
	put(&m, 333, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->f[0].octets, 333);
	rx_free(rx);
}

static void
icmp_type_and_code_come_from_one_field_or_two(void **state)
{
	static const uint16_t specs[][2] = {{32, 2}, {176, 1}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	assert_int_equal(one(rx, 32, "\10\3", 2)->icmp_type, 8);
	assert_int_equal(rx->f[0].icmp_code, 3);
	assert_true(flow_has(&rx->f[0], FLOW_ICMP_CODE));
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, specs, 2);
	set_begin(&m, 256);
	put(&m, 0x080304, 3);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->f[0].icmp_type, 4);
	assert_int_equal(rx->f[0].icmp_code, 3);
	rx_free(rx);
}

static void
labels_stand_top_first_without_holes(void **state)
{
	static const uint16_t specs[][2] = {{70, 3}, {71, 3}, {72, 3}, {74, 3}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, specs, 4);
	set_begin(&m, 256);
	put(&m, 0x4e25f0, 3);
	put(&m, 0, 3);
	put(&m, 0x7ffda1, 3);
	put(&m, 0x000030, 3);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->f[0].mpls_labels[0], 0x4e25f);
	assert_int_equal(rx->f[0].mpls_labels[1], 0x7ffda);
	assert_int_equal(rx->f[0].mpls_labels[2], 3);
	assert_int_equal(rx->f[0].mpls_labels[3], 0);
	rx_free(rx);
}

static void
application_ids_keep_their_length(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	one(rx, 95, "\24\0\0\61\71\0\0\0\2", 9);
	assert_int_equal(rx->f[0].application_id[0], 9);
	assert_memory_equal(rx->f[0].application_id + 1,
	    "\24\0\0\61\71\0\0\0\2", 9);
	assert_false(
	    flow_has(one(rx, 95, "0123456789012345", 16), FLOW_APPLICATION_ID));
	rx_free(rx);
}

static void
v9_ids_above_32767_are_plain(void **state)
{
	static const uint16_t specs[][2] = {{33002, 2}, {40005, 1}, {40001, 4},
	    {56701, 32}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9_begin(&m, 1000, 1700000000, 0, 7);
	template_set(&m, 0, 256, specs, 4);
	set_begin(&m, 256);
	put(&m, 2025, 2);
	put(&m, 2, 1);
	put(&m, 0x02020202, 4);
	memset(m.b + m.len, 'a', 32);
	m.len += 32;
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	assert_int_equal(rx->f[0].fw_ext_event, 2025);
	assert_int_equal(rx->f[0].firewall_event, 2);
	assert_int_equal(rx->f[0].post_nat_src_addr.family, ADDR_V4);
	rx_free(rx);
}

static void
enterprise_elements_are_known_by_their_number(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix_begin(&m, 1700000000, 0, 7);
	set_begin(&m, 2);
	put(&m, 256, 2);
	put(&m, 3, 2);
	put(&m, 0x80010004, 4); /* reverse octets */
	put(&m, PEN_REVERSE, 4);
	put(&m, 0x80010004, 4); /* somebody else's */
	put(&m, 35632, 4);
	put(&m, 0x00010004, 4);
	set_end(&m);
	set_begin(&m, 256);
	put(&m, 11, 4);
	put(&m, 22, 4);
	put(&m, 33, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->f[0].reverse_octets, 11);
	assert_int_equal(rx->f[0].octets, 33);
	rx_free(rx);
}

static void
header_fields_are_those_of_the_protocol(void **state)
{
	static const uint16_t specs[][2] = {{8, 4}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9_begin(&m, 1000, 1700000000, 55, 7);
	template_set(&m, 0, 256, specs, 1);
	set_begin(&m, 256);
	put(&m, 0x0a000001, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->f[0].version, 9);
	assert_int_equal(rx->f[0].sequence, 55);
	assert_int_equal(rx->f[0].source_id, 7);
	assert_int_equal(rx->f[0].sys_uptime, 1000);
	assert_true(flow_has(&rx->f[0], FLOW_SYS_UPTIME));
	assert_false(flow_has(&rx->f[0], FLOW_ENGINE_ID));
	assert_true(rx->f[0].export_time == 1700000000 * NSEC_PER_SEC);
	assert_true(addr_equal(&rx->f[0].agent, &rx->src.agent));
	one(rx, 38, "\7", 1);
	assert_int_equal(rx->f[0].version, 10);
	assert_false(flow_has(&rx->f[0], FLOW_SYS_UPTIME));
	assert_true(flow_has(&rx->f[0], FLOW_ENGINE_TYPE));
	assert_int_equal(rx->f[0].engine_type, 7);
	rx_free(rx);
}

static void
messages_follow_each_other_in_a_datagram(void **state)
{
	static const uint16_t specs[][2] = {{4, 1}};
	struct rx *rx = rx_new(NULL);
	struct msg both;
	size_t n;

	(void)state;
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, specs, 1);
	set_begin(&m, 256);
	put(&m, 6, 1);
	set_end(&m);
	poke16(&m, 2, m.len);
	both.len = 0;
	put_bytes(&both, m.b, m.len);
	put_bytes(&both, m.b, m.len);
	n = both.len;
	assert_int_equal(rx_feed(rx, both.b, n), DEC_OK);
	assert_int_equal(rx->n, 2);
	/* What is no message is ignored: it is not of this one. */
	put_bytes(&both, m.b, m.len - 1);
	assert_int_equal(rx_feed(rx, both.b, both.len), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_int_equal(rx_feed(rx, both.b, n + 3), DEC_OK);
	assert_int_equal(rx->n, 2);
	rx_free(rx);
}

static void
message_longer_than_its_datagram_is_short(void **state)
{
	static const uint16_t specs[][2] = {{4, 1}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, specs, 1);
	set_begin(&m, 256);
	put(&m, 6, 1);
	set_end(&m);
	poke16(&m, 2, m.len + 4);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_SHORT);
	assert_int_equal(rx->n, 1);
	poke16(&m, 2, 15);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_BADLEN);
	rx_free(rx);
}

static void
reserved_sets_are_skipped_and_counted(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	ipfix_begin(&m, 1700000000, 0, 7);
	set_begin(&m, 0);
	put(&m, 1, 4);
	set_end(&m);
	set_begin(&m, 255);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.sets_skipped, 2);
	rx_free(rx);
}

static void
sampling_in_a_record_says_where_it_is_from(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	one(rx, 34, "\0\0\3\350", 4);
	assert_int_equal(rx->f[0].sampling_rate, 1000);
	assert_int_equal(rx->f[0].sampling, SAMPLING_RECORD);
	one(rx, 4, "\6", 1);
	assert_int_equal(rx->f[0].sampling, SAMPLING_NONE);
	rx_free(rx);
}

static void
address_goes_before_the_prefix_it_is_in(void **state)
{
	static const uint16_t prefixes[][2] = {{44, 4}, {45, 4}, {9, 1}};
	static const uint16_t both[][2] = {{44, 4}, {8, 4}, {12, 4}, {45, 4}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	v9_begin(&m, 0, 1700000000, 1, 0);
	template_set(&m, 0, 256, prefixes, NSPECS(prefixes));
	template_set(&m, 0, 257, both, NSPECS(both));
	set_begin(&m, 256);
	put(&m, 0x0a010000, 4);
	put(&m, 0x0a020000, 4);
	put(&m, 16, 1);
	set_end(&m);
	set_begin(&m, 257);
	put(&m, 0x0a010000, 4);
	put(&m, 0x0a010203, 4);
	put(&m, 0x0a020304, 4);
	put(&m, 0x0a020000, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_true(flow_has(&rx->f[0], FLOW_SRC_PREFIX));
	assert_true(flow_has(&rx->f[0], FLOW_DST_PREFIX));
	assert_false(flow_has(&rx->f[0], FLOW_SRC_ADDR));
	assert_int_equal(rx->f[0].src_addr.b[1], 1);
	assert_int_equal(rx->f[0].dst_addr.b[1], 2);
	assert_int_equal(rx->f[0].src_mask, 16);
	assert_false(flow_has(&rx->f[1], FLOW_SRC_PREFIX));
	assert_false(flow_has(&rx->f[1], FLOW_DST_PREFIX));
	assert_int_equal(rx->f[1].src_addr.b[3], 3);
	assert_int_equal(rx->f[1].dst_addr.b[3], 4);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(integers_of_any_width_are_read),
	    cmocka_unit_test(integers_that_are_too_large_are_clamped),
	    cmocka_unit_test(a_number_of_9_bytes_is_skipped),
	    cmocka_unit_test(rare_fields_do_not_stay_either),
	    cmocka_unit_test(nothing_stays_from_the_record_before),
	    cmocka_unit_test(variable_lengths_are_walked_in_v9_too),
	    cmocka_unit_test(
		string_beyond_its_set_is_an_error_after_the_records_before),
	    cmocka_unit_test(rest_shorter_than_a_record_is_padding),
	    cmocka_unit_test(zeros_behind_the_last_set_are_padding),
	    cmocka_unit_test(nonzero_one_of_two_addresses_wins),
	    cmocka_unit_test(first_of_a_repeated_element_wins),
	    cmocka_unit_test(better_element_wins_wherever_it_stands),
	    cmocka_unit_test(icmp_type_and_code_come_from_one_field_or_two),
	    cmocka_unit_test(labels_stand_top_first_without_holes),
	    cmocka_unit_test(application_ids_keep_their_length),
	    cmocka_unit_test(v9_ids_above_32767_are_plain),
	    cmocka_unit_test(enterprise_elements_are_known_by_their_number),
	    cmocka_unit_test(header_fields_are_those_of_the_protocol),
	    cmocka_unit_test(messages_follow_each_other_in_a_datagram),
	    cmocka_unit_test(message_longer_than_its_datagram_is_short),
	    cmocka_unit_test(reserved_sets_are_skipped_and_counted),
	    cmocka_unit_test(sampling_in_a_record_says_where_it_is_from),
	    cmocka_unit_test(address_goes_before_the_prefix_it_is_in),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
