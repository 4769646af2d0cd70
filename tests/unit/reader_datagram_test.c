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
#include <string.h>

#include <cmocka.h>
#include <pcap/dlt.h>

#include "reader.h"

#define IPV4_LEN 20
#define UDP_LEN 8

struct ip {
	uint8_t b[256];
	size_t len;
};

/* IPv4 and UDP to port 2055 around so many bytes. */
static struct ip
ipv4(size_t payload)
{
	struct ip ip = {.len = IPV4_LEN + UDP_LEN + payload};
	struct wr wr = wr_init(ip.b, sizeof(ip.b));

	wr_u16(&wr, 0x4500);
	wr_u16(&wr, (uint16_t)ip.len);
	wr_u32(&wr, 0x12340000);
	wr_u32(&wr, 64U << 24 | 17 << 16);
	wr_u32(&wr, 0xc0000201);
	wr_u32(&wr, 0xc0000202);
	wr_u16(&wr, 50000);
	wr_u16(&wr, 2055);
	wr_u16(&wr, (uint16_t)(UDP_LEN + payload));
	return (ip);
}

static enum datagram_result
parse(const struct ip *ip, size_t len, struct datagram *dg)
{
	return (datagram_parse(DLT_RAW, rd_init(ip->b, len), dg));
}

static void
padding_behind_the_packet_is_not_payload(void **state)
{
	struct ip ip = ipv4(4);
	struct datagram dg;

	(void)state;
	assert_int_equal(parse(&ip, ip.len + 14, &dg), DATAGRAM_UDP);
	assert_int_equal(dg.payload.left, 4);
	assert_int_equal(dg.src_port, 50000);
	assert_int_equal(dg.dst_port, 2055);
	assert_int_equal(dg.src.family, ADDR_V4);
}

static void
every_cut_is_short_and_never_udp(void **state)
{
	struct ip ip = ipv4(4);
	struct datagram dg;
	size_t len;

	(void)state;
	for (len = 0; len < ip.len; len++)
		assert_int_equal(parse(&ip, len, &dg), DATAGRAM_SHORT);
}

static void
header_lengths_that_cannot_be_are_refused(void **state)
{
	struct datagram dg;
	struct ip ip;

	(void)state;
	ip = ipv4(4);
	ip.b[0] = 0x44; /* 16 bytes of IPv4 header */
	assert_int_equal(parse(&ip, ip.len, &dg), DATAGRAM_BAD);
	ip = ipv4(4);
	ip.b[3] = IPV4_LEN - 1;
	assert_int_equal(parse(&ip, ip.len, &dg), DATAGRAM_BAD);
	ip = ipv4(4);
	ip.b[IPV4_LEN + 5] = UDP_LEN - 1;
	assert_int_equal(parse(&ip, ip.len, &dg), DATAGRAM_BAD);
	ip = ipv4(4);
	ip.b[IPV4_LEN + 5]++; /* more than IP says */
	assert_int_equal(parse(&ip, ip.len + 9, &dg), DATAGRAM_SHORT);
}

static void
total_length_zero_is_all_there_is(void **state)
{
	struct ip ip = ipv4(4);
	struct datagram dg;

	(void)state;
	ip.b[2] = ip.b[3] = 0;
	assert_int_equal(parse(&ip, ip.len, &dg), DATAGRAM_UDP);
	assert_int_equal(dg.payload.left, 4);
}

static void
what_is_not_udp_is_left_alone(void **state)
{
	struct ip ip = ipv4(4);
	struct datagram dg;

	(void)state;
	ip.b[9] = 6;
	assert_int_equal(parse(&ip, ip.len, &dg), DATAGRAM_OTHER);
	ip.b[0] = 0x55;
	assert_int_equal(parse(&ip, ip.len, &dg), DATAGRAM_OTHER);
	assert_int_equal(datagram_parse(DLT_USER0, rd_init(ip.b, ip.len), &dg),
	    DATAGRAM_OTHER);
	assert_false(datagram_link_known(DLT_USER0));
}

/* A fragment with its payload at that place. */
static struct datagram
fragment(const uint8_t *p, size_t len, uint32_t at, bool more)
{
	struct datagram dg = {.frag_id = 7,
	    .frag_offset = at,
	    .frag_more = more,
	    .payload = rd_init(p, len)};

	dg.src.family = dg.dst.family = ADDR_V4;
	return (dg);
}

static void
fragments_in_any_order_make_the_datagram(void **state)
{
	static const uint8_t data[] = "0123456789abcdefghij";
	struct frags *fs = frags_new();
	struct datagram dg;

	(void)state;
	dg = fragment(data + 16, 4, 16, false);
	assert_false(frags_add(fs, &dg, 1));
	dg = fragment(data + 8, 8, 8, true);
	assert_false(frags_add(fs, &dg, 1));
	assert_false(frags_add(fs, &dg, 1)); /* twice is once */
	dg = fragment(data, 8, 0, true);
	assert_true(frags_add(fs, &dg, 1));
	assert_int_equal(dg.payload.left, 20);
	assert_memory_equal(dg.payload.p, data, 20);
	assert_int_equal(frags_lost(fs), 0);
	frags_free(fs);
}

static void
fragments_do_not_overwrite_each_other(void **state)
{
	static const uint8_t first[8] = "AAAAAAAA", evil[16] = "BBBBBBBBBBBBBB";
	struct frags *fs = frags_new();
	struct datagram dg;

	(void)state;
	dg = fragment(first, 8, 0, true);
	assert_false(frags_add(fs, &dg, 1));
	dg = fragment(evil, 12, 0, false);
	assert_true(frags_add(fs, &dg, 1));
	assert_memory_equal(dg.payload.p, "AAAAAAAABBBB", 12);
	frags_free(fs);
}

static void
fragments_beyond_64k_are_refused(void **state)
{
	static const uint8_t data[16];
	struct frags *fs = frags_new();
	struct datagram dg;

	(void)state;
	dg = fragment(data, 16, 65528, false);
	assert_false(frags_add(fs, &dg, 1));
	dg = fragment(data, 7, 0, true); /* only the last may be odd */
	assert_false(frags_add(fs, &dg, 1));
	dg = fragment(data, 0, 0, true);
	assert_false(frags_add(fs, &dg, 1));
	assert_int_equal(frags_lost(fs), 3);
	frags_free(fs);
}

static void
fragments_of_long_ago_are_another_datagram(void **state)
{
	static const uint8_t data[16];
	struct frags *fs = frags_new();
	struct datagram dg;

	(void)state;
	dg = fragment(data, 8, 0, true);
	assert_false(frags_add(fs, &dg, 1));
	dg = fragment(data, 8, 8, false);
	assert_false(frags_add(fs, &dg, 60 * NSEC_PER_SEC));
	assert_int_equal(frags_lost(fs), 2);
	frags_free(fs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(padding_behind_the_packet_is_not_payload),
	    cmocka_unit_test(every_cut_is_short_and_never_udp),
	    cmocka_unit_test(header_lengths_that_cannot_be_are_refused),
	    cmocka_unit_test(total_length_zero_is_all_there_is),
	    cmocka_unit_test(what_is_not_udp_is_left_alone),
	    cmocka_unit_test(fragments_in_any_order_make_the_datagram),
	    cmocka_unit_test(fragments_do_not_overwrite_each_other),
	    cmocka_unit_test(fragments_beyond_64k_are_refused),
	    cmocka_unit_test(fragments_of_long_ago_are_another_datagram),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
