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

/* Ethernet, VLAN 231, IPv4, UDP 55501 to 11777, and no more. */
static const uint8_t frame[] = {0x18, 0x2a, 0xd3, 0x6e, 0x50, 0x3f, 0xb4, 0x02,
    0x16, 0x55, 0x92, 0xf4, 0x81, 0x00, 0x00, 0xe7, 0x08, 0x00, 0x45, 0x28,
    0x00, 0x60, 0x8f, 0x00, 0x00, 0x00, 0x77, 0x11, 0xe9, 0xb0, 10, 0, 0, 1, 10,
    0, 0, 2, 0xd8, 0xcd, 0x2e, 0x01, 0x00, 0x4c, 0x00, 0x00};
#define IP_AT 18

/* Templates of one data record: the set is open behind it. */
static void
begin(const uint16_t (*specs)[2], size_t n)
{
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, specs, n);
	set_begin(&m, 256);
}

static const struct flow *
end(struct rx *rx)
{
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	return (&rx->f[0]);
}
#define BEGIN(...)                                \
	begin((const uint16_t[][2]){__VA_ARGS__}, \
	    sizeof((const uint16_t[][2]){__VA_ARGS__}) / sizeof(uint16_t[2]))

static void
is_the_packet(const struct flow *f)
{
	assert_int_equal(f->src_addr.family, ADDR_V4);
	assert_memory_equal(f->src_addr.b, "\x0a\x00\x00\x01", 4);
	assert_memory_equal(f->dst_addr.b, "\x0a\x00\x00\x02", 4);
	assert_int_equal(f->protocol, 17);
	assert_int_equal(f->src_port, 55501);
	assert_int_equal(f->dst_port, 11777);
	assert_int_equal(f->tos, 0x28);
	assert_int_equal(f->ttl, 0x77);
	assert_int_equal(f->packets, 1);
	assert_int_equal(f->octets, 96);
}

static void
frame_in_a_record_has_the_keys(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	BEGIN({10, 4}, {312, 2}, {315, NF_VARLEN}, {14, 4});
	put(&m, 582, 4);
	put(&m, 114, 2);
	put(&m, sizeof(frame), 1);
	put_bytes(&m, frame, sizeof(frame));
	put(&m, 7, 4);
	f = end(rx);
	is_the_packet(f);
	assert_int_equal(f->vlan, 231);
	assert_int_equal(f->ethertype, 0x800);
	assert_memory_equal(f->in_dst_mac, frame, 6);
	assert_memory_equal(f->in_src_mac, frame + 6, 6);
	assert_int_equal(f->in_if, 582);
	assert_int_equal(f->out_if, 7);
	/* A field of fixed length, then of Cisco in v9. */
	BEGIN({315, sizeof(frame)}, {14, 2});
	put_bytes(&m, frame, sizeof(frame));
	put(&m, 7, 2);
	f = end(rx);
	is_the_packet(f);
	assert_int_equal(f->out_if, 7);
	v9_begin(&m, 100000, 1700000000, 0, 7);
	template_set(&m, 0, 256, (const uint16_t[][2]){{104, sizeof(frame)}},
	    1);
	set_begin(&m, 256);
	put_bytes(&m, frame, sizeof(frame));
	is_the_packet(end(rx));
	rx_free(rx);
}

static void
ip_header_in_a_record_has_the_keys(void **state)
{
	static const uint8_t label[] = {0x12, 0x34, 0x51, 0x40};
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	BEGIN({313, NF_VARLEN});
	put(&m, sizeof(frame) - IP_AT, 1);
	put_bytes(&m, frame + IP_AT, sizeof(frame) - IP_AT);
	f = end(rx);
	is_the_packet(f);
	assert_false(flow_has(f, FLOW_IN_SRC_MAC));
	BEGIN({316, NF_VARLEN});
	put(&m, sizeof(frame) - IP_AT, 1);
	put_bytes(&m, frame + IP_AT, sizeof(frame) - IP_AT);
	is_the_packet(end(rx));
	/* And below labels. */
	BEGIN({314, NF_VARLEN});
	put(&m, sizeof(label) + sizeof(frame) - IP_AT, 1);
	put_bytes(&m, label, sizeof(label));
	put_bytes(&m, frame + IP_AT, sizeof(frame) - IP_AT);
	f = end(rx);
	is_the_packet(f);
	assert_int_equal(f->mpls_labels[0], 0x12345);
	rx_free(rx);
}

static void
what_the_record_has_counts(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	BEGIN({8, 4}, {313, NF_VARLEN}, {1, 4}, {2, 4}, {5, 1});
	put(&m, 0xc0000201, 4);
	put(&m, sizeof(frame) - IP_AT, 1);
	put_bytes(&m, frame + IP_AT, sizeof(frame) - IP_AT);
	put(&m, 9600, 4);
	put(&m, 100, 4);
	put(&m, 0, 1);
	f = end(rx);
	assert_memory_equal(f->src_addr.b, "\xc0\x00\x02\x01", 4);
	assert_memory_equal(f->dst_addr.b, "\x0a\x00\x00\x02", 4);
	assert_int_equal(f->octets, 9600);
	assert_int_equal(f->packets, 100);
	assert_int_equal(f->tos, 0);
	rx_free(rx);
}

static void
sampled_packet_has_its_length_and_time(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	/* RFC 5477: the length that the exporter says is that of the whole. */
	BEGIN({323, 8}, {224, 8}, {313, NF_VARLEN});
	put(&m, UINT64_C(1700000000123), 8);
	put(&m, 1500, 8);
	put(&m, 20, 1);
	put_bytes(&m, frame + IP_AT, 20);
	f = end(rx);
	assert_int_equal(f->octets, 1500);
	assert_int_equal(f->packets, 1);
	assert_true(f->start == INT64_C(1700000000123) * NSEC_PER_MSEC);
	assert_true(f->end == f->start);
	assert_int_equal(f->clock, CLOCK_ABSOLUTE);
	/* No IP in it: then that of the frame. */
	BEGIN({312, 2}, {315, NF_VARLEN});
	put(&m, 64, 2);
	put(&m, 14, 1);
	put_bytes(&m, "\1\2\3\4\5\6\7\10\11\12\13\14\x88\xcc", 14);
	f = end(rx);
	assert_int_equal(f->octets, 64);
	assert_int_equal(f->ethertype, 0x88cc);
	assert_false(flow_has(f, FLOW_START));
	/* Without a packet, a length is nothing. */
	BEGIN({224, 2}, {7, 2});
	put(&m, 1500, 2);
	put(&m, 80, 2);
	f = end(rx);
	assert_false(flow_has(f, FLOW_OCTETS) || flow_has(f, FLOW_PACKETS));
	rx_free(rx);
}

static void
front_that_is_none_is_not_read(void **state)
{
	/* Element, its value: 802.11, the middle, less than it seems. */
	static const uint16_t not [][2] = {{408, 2}, {409, 4}, {102, 4},
	    {410, 10}};
	struct rx *rx = rx_new(NULL);
	const struct flow *f;
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(not ); i++) {
		BEGIN({not [i][0], 2}, {315, sizeof(frame)});
		put(&m, not [i][1], 2);
		put_bytes(&m, frame, sizeof(frame));
		f = end(rx);
		assert_false(flow_has(f, FLOW_SRC_ADDR));
		assert_int_equal(f->packets, 1);
		assert_false(flow_has(f, FLOW_OCTETS));
	}
	BEGIN({408, 2}, {409, 2}, {410, 2}, {315, sizeof(frame)});
	put(&m, 1, 2);
	put(&m, 0, 2);
	put(&m, 300, 2);
	put_bytes(&m, frame, sizeof(frame));
	is_the_packet(end(rx));
	rx_free(rx);
}

/* YAF: flags of TCP in a list of its own, behind keys. */
static const uint16_t yaf[][2] = {{8, 4}, {293, NF_VARLEN}, {12, 4}};

static void
yaf_begin(void)
{
	ipfix_begin(&m, 1700000000, 0, 7);
	set_begin(&m, 2);
	put(&m, 0xc0030003, 4);
	put(&m, 0x00b80004, 4);
	put(&m, 0x800e0001, 4);
	put(&m, PEN_CERT, 4);
	put(&m, 0x800f0001, 4);
	put(&m, PEN_CERT, 4);
	set_end(&m);
	template_set(&m, 2, 0xc004, (const uint16_t[][2]){{56, 6}, {80, 6}}, 2);
	template_set(&m, 2, 256, yaf, NSPECS(yaf));
	set_begin(&m, 256);
	put(&m, 0x0a000001, 4);
}

static const struct flow *
yaf_end(struct rx *rx)
{
	const struct flow *f;

	put(&m, 0x0a000002, 4);
	f = end(rx);
	/* The list was as long as it said. */
	assert_memory_equal(f->src_addr.b, "\x0a\x00\x00\x01", 4);
	assert_memory_equal(f->dst_addr.b, "\x0a\x00\x00\x02", 4);
	return (f);
}

static void
lists_of_templates_fill_what_is_missing(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	yaf_begin();
	put_bytes(&m, "\x1b\x03\xc0\x03\x00\x0a\x59\x8d\xc9\x17\x02\x1b", 12);
	put_bytes(&m, "\xc0\x04\x00\x10", 4);
	put_bytes(&m, "\1\2\3\4\5\6\7\10\11\12\13\14", 12);
	f = yaf_end(rx);
	assert_int_equal(f->tcp_flags, 0x1b);
	assert_memory_equal(f->in_src_mac, "\1\2\3\4\5\6", 6);
	assert_memory_equal(f->in_dst_mac, "\7\10\11\12\13\14", 6);
	/* The next record has no list, and nothing of this one's. */
	yaf_begin();
	put_bytes(&m, "\x01\x03", 2);
	f = yaf_end(rx);
	assert_false(flow_has(f, FLOW_TCP_FLAGS));
	assert_false(flow_has(f, FLOW_IN_SRC_MAC));
	/* subTemplateList */
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 257, (const uint16_t[][2]){{292, NF_VARLEN}}, 1);
	set_begin(&m, 257);
	put_bytes(&m, "\x0f\xff\xc0\x04\1\2\3\4\5\6\7\10\11\12\13\14", 16);
	f = end(rx);
	assert_memory_equal(f->in_dst_mac, "\7\10\11\12\13\14", 6);
	rx_free(rx);
}

static void
list_of_several_is_not_guessed_at(void **state)
{
	static const char *const lists[] = {
	    /* Two records; one that is not so; one of several may be. */
	    "\x03\xc0\x03\x00\x10"
	    "aaaa\x02\x1b"
	    "bbbb\x02\x10",
	    "\x00\xc0\x03\x00\x0a"
	    "aaaa\x02\x1b",
	    "\x02\xc0\x03\x00\x0a"
	    "aaaa\x02\x1b",
	};
	static const size_t lens[] = {17, 11, 11};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(lists); i++) {
		yaf_begin();
		put(&m, lens[i], 1);
		put_bytes(&m, lists[i], lens[i]);
		assert_false(flow_has(yaf_end(rx), FLOW_TCP_FLAGS));
	}
	rx_free(rx);
}

static void
hostile_lists_are_skipped_by_their_length(void **state)
{
	static const struct {
		const char *list;
		size_t len;
	} some[] = {
	    {"", 0},
	    {"\x03", 1},
	    {"\x03\xc0", 2},
	    {"\x03\xc0\x03\x00", 4},
	    /* An entry of no length, of less than its head, of too much. */
	    {"\x03\xc0\x03\x00\x00\xc0\x03\x00\x00", 9},
	    {"\x03\xc0\x03\x00\x03\xc0\x03\x00\x03", 9},
	    {"\x03\xc0\x03\xff\xff"
	     "aaaa\x02\x1b",
		11},
	    /* Cut inside its record, of no template, of an unknown one. */
	    {"\x03\xc0\x03\x00\x09"
	     "aaaa\x02",
		10},
	    {"\x03\x00\x02\x00\x0a"
	     "aaaa\x02\x1b",
		11},
	    {"\x03\xc0\x99\x00\x0a"
	     "aaaa\x02\x1b",
		11},
	};
	struct rx *rx = rx_new(NULL);
	const struct flow *f;
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(some); i++) {
		yaf_begin();
		put(&m, some[i].len, 1);
		put_bytes(&m, some[i].list, some[i].len);
		f = yaf_end(rx);
		assert_false(flow_has(f, FLOW_TCP_FLAGS));
		assert_false(flow_has(f, FLOW_IN_SRC_MAC));
	}
	/* One entry more than are read: all skipped, none by one too few. */
	yaf_begin();
	put(&m, 255, 1);
	put(&m, 1 + 5 * 40, 2);
	put(&m, 3, 1);
	for (i = 0; i < 40; i++)
		put_bytes(&m, "\xc0\x04\x00\x05x", 5);
	yaf_end(rx);
	rx_free(rx);
}

static void
basic_list_of_one_is_a_value(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	BEGIN({291, NF_VARLEN}, {7, 2});
	put_bytes(&m, "\x09\x03\x00\x0e\x00\x04\x00\x00\x00\x2a", 10);
	put(&m, 80, 2);
	f = end(rx);
	assert_int_equal(f->out_if, 42);
	assert_int_equal(f->src_port, 80);
	/* An enterprise's, of a variable length. */
	BEGIN({291, NF_VARLEN});
	put_bytes(&m,
	    "\x0e\xff\x80\x77\xff\xff\x00\x00\x8b\x30\x04"
	    "ICMP",
	    15);
	f = end(rx);
	assert_int_equal(f->application_name.len, 4);
	assert_memory_equal(f->application_name.p, "ICMP", 4);
	/* Several interfaces: which one? */
	BEGIN({291, NF_VARLEN}, {7, 2});
	put_bytes(&m, "\x09\x03\x00\x0e\x00\x02\x00\x2a\x00\x2b", 10);
	put(&m, 80, 2);
	f = end(rx);
	assert_false(flow_has(f, FLOW_OUT_IF));
	assert_int_equal(f->src_port, 80);
	/* Packets in a list. */
	BEGIN({291, NF_VARLEN});
	put(&m, 6 + sizeof(frame) - IP_AT, 1);
	put_bytes(&m, "\x03\x01\x39\xff\xff", 5);
	put(&m, sizeof(frame) - IP_AT, 1);
	put_bytes(&m, frame + IP_AT, sizeof(frame) - IP_AT);
	is_the_packet(end(rx));
	/* Of no bytes each, cut, empty. */
	BEGIN({291, NF_VARLEN});
	put_bytes(&m, "\x07\x03\x00\x0e\x00\x00\x00\x2a", 8);
	assert_false(flow_has(end(rx), FLOW_OUT_IF));
	BEGIN({291, NF_VARLEN});
	put_bytes(&m, "\x04\x03\x00\x0e\x00", 5);
	assert_false(flow_has(end(rx), FLOW_OUT_IF));
	BEGIN({291, NF_VARLEN});
	put(&m, 0, 1);
	assert_false(flow_has(end(rx), FLOW_OUT_IF));
	rx_free(rx);
}

/* Lists in lists: the value at the bottom of so many. */
static const struct flow *
nested(struct rx *rx, unsigned int depth)
{
	unsigned int i;
	size_t len = 9;

	BEGIN({291, NF_VARLEN});
	for (i = 1; i < depth; i++)
		len += 6;
	for (i = 1; i < depth; i++) {
		put(&m, len, 1);
		put_bytes(&m, "\x03\x01\x23\xff\xff", 5);
		len -= 6;
	}
	put_bytes(&m, "\x09\x03\x00\x0e\x00\x04\x00\x00\x00\x2a", 10);
	return (end(rx));
}

static void
lists_in_lists_end_at_some_depth(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	assert_int_equal(nested(rx, 1)->out_if, 42);
	assert_int_equal(nested(rx, 2)->out_if, 42);
	assert_false(flow_has(nested(rx, 3), FLOW_OUT_IF));
	assert_false(flow_has(nested(rx, 40), FLOW_OUT_IF));
	/* A template whose list is of itself. */
	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256,
	    (const uint16_t[][2]){{292, NF_VARLEN}, {7, 2}}, 2);
	set_begin(&m, 256);
	put_bytes(&m, "\x0f\x03\x01\x00\x09\x03\x01\x00\x03\x03\x01\x00", 12);
	put_bytes(&m, "\0\1\0\2\0\3", 6);
	put(&m, 4, 2);
	set_end(&m);
	rx_msg(rx, &m);
	assert_in_range(rx->n, 0, 1);
	rx_free(rx);
}

static void
more_parts_than_are_kept_are_skipped(void **state)
{
	struct rx *rx = rx_new(NULL);
	uint16_t specs[40][2];
	const struct flow *f;
	size_t i;

	(void)state;
	for (i = 0; i < 39; i++) {
		specs[i][0] = i % 2 ? 291 : 313;
		specs[i][1] = i % 3 ? NF_VARLEN : 3;
	}
	specs[39][0] = 7;
	specs[39][1] = 2;
	begin((const uint16_t(*)[2])specs, 40);
	for (i = 0; i < 39; i++) {
		if (i % 3)
			put(&m, 3, 1);
		put_bytes(&m, "\x45\0\0", 3);
	}
	put(&m, 80, 2);
	f = end(rx);
	assert_int_equal(f->src_port, 80);
	rx_free(rx);
}

static void
inner_packets_count_where_wanted(void **state)
{
	uint8_t outer[20] = {0x45, 0, 0, 116, 0, 0, 0, 0, 64, 4, 0, 0, 192, 0,
	    2, 1, 192, 0, 2, 2};
	struct rx *rx = rx_new(NULL);
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		rx->src.inner = i == 1;
		BEGIN({313, NF_VARLEN});
		put(&m, sizeof(outer) + sizeof(frame) - IP_AT, 1);
		put_bytes(&m, outer, sizeof(outer));
		put_bytes(&m, frame + IP_AT, sizeof(frame) - IP_AT);
		assert_memory_equal(end(rx)->src_addr.b,
		    i == 1 ? "\x0a\x00\x00\x01" : "\xc0\x00\x02\x01", 4);
	}
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frame_in_a_record_has_the_keys),
	    cmocka_unit_test(ip_header_in_a_record_has_the_keys),
	    cmocka_unit_test(what_the_record_has_counts),
	    cmocka_unit_test(sampled_packet_has_its_length_and_time),
	    cmocka_unit_test(front_that_is_none_is_not_read),
	    cmocka_unit_test(lists_of_templates_fill_what_is_missing),
	    cmocka_unit_test(list_of_several_is_not_guessed_at),
	    cmocka_unit_test(hostile_lists_are_skipped_by_their_length),
	    cmocka_unit_test(basic_list_of_one_is_a_value),
	    cmocka_unit_test(lists_in_lists_end_at_some_depth),
	    cmocka_unit_test(more_parts_than_are_kept_are_skipped),
	    cmocka_unit_test(inner_packets_count_where_wanted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
