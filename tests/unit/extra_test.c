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
 * What options want of a flow: taken from packets as packet_walk sees them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frame.h"
#include "meter/extra.h"

#define T0 (INT64_C(1700000000) * NSEC_PER_SEC)

static const struct extra_config everything = {.link = true,
    .names = true,
    .tcp = true};

static struct extras *x;
static struct extra *e;
static int64_t now;

static void
begin(const struct extra_config *c)
{
	x = extras_new(c, 100);
	assert_non_null(x);
	e = extras_at(x, extras_add(x));
	assert_non_null(e);
	now = T0;
}

/* The first len bytes of what was written down, in a copy of their own. */
static void
packet_part(uint8_t side, size_t len)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	struct observed o = {.side = side, .time = now, .wants_data = true};

	if (copy == NULL)
		abort();
	memcpy(copy, m.b, len);
	packet_walk(PACKET_ETHERNET, rd_init(copy, len), false, &o.packet);
	o.fragment = o.packet.fragment;
	extra_packet(x, e, &o);
	free(copy);
}

static void
packet(uint8_t side)
{
	packet_part(side, m.len);
}

static void
tcp_segment(uint16_t flags, uint32_t seq, uint32_t ack)
{
	put(&m, 51234, 2);
	put(&m, 443, 2);
	put(&m, seq, 4);
	put(&m, ack, 4);
	put(&m, 0x6000 | flags, 2);
	put(&m, 1024, 2);
	put(&m, 0, 4);
	put(&m, 0x02040578, 4);
}

static void
numbers_are_given_out_again_and_never_more_than_the_most(void **state)
{
	struct extras *y = extras_new(&everything, 130);
	uint32_t i;

	(void)state;
	for (i = 1; i <= 130; i++) {
		assert_int_equal(extras_add(y), i);
		extras_at(y, i)->dns_len = 1;
	}
	assert_int_equal(extras_add(y), 0);
	assert_null(extras_at(y, 0));
	extras_remove(y, 0);
	extras_remove(y, 64);
	extras_remove(y, 130);
	assert_int_equal(extras_add(y), 130);
	assert_int_equal(extras_add(y), 64);
	assert_int_equal(extras_add(y), 0);
	/* They begin anew, the others stay what they were. */
	assert_int_equal(extras_at(y, 64)->dns_len, 0);
	assert_int_equal(extras_at(y, 65)->dns_len, 1);
	assert_true(extras_bytes(y) >= 192 * sizeof(struct extra));
	extras_free(y);
	extras_free(NULL);
}

static void
the_link_is_that_of_the_first_packet_of_each_side(void **state)
{
	static const uint8_t a[] = {2, 0x66, 0x77, 0x88, 0x99, 0xaa};
	static const uint8_t b[] = {2, 0x11, 0x22, 0x33, 0x44, 0x55};
	static const uint8_t none[6];
	int i;

	(void)state;
	begin(&everything);
	for (i = 0; i < 2; i++) {
		m.len = 0;
		ethernet(0x88a8);
		m.b[6 + 5] = (uint8_t)(0xaa + i);
		put(&m, 100 + (uint64_t)i, 2);
		put(&m, 0x8100, 2);
		put(&m, 0x2000 | (200 + (uint64_t)i), 2);
		put(&m, 0x8847, 2);
		put(&m, 0x1234503f, 4);
		put(&m, 0xabcde140, 4);
		ipv4(17, 0, 28);
		udp(7, 8);
		packet(1);
	}
	assert_memory_equal(e->side[1].mac, a, 6);
	assert_memory_equal(e->side[1].dst_mac, b, 6);
	assert_int_equal(e->side[1].customer_vlan, 200);
	assert_int_equal(e->side[1].nlabels, 2);
	assert_int_equal(e->side[1].labels[0], 0x1234503f);
	assert_int_equal(e->side[1].labels[1], 0xabcde140);
	assert_memory_equal(e->side[0].mac, none, 6);
	packet(0);
	assert_int_equal(e->side[0].mac[5], 0xab);
	assert_int_equal(e->side[0].customer_vlan, 201);
	extras_free(x);
}

static void
labels_are_at_most_ten(void **state)
{
	uint64_t i;

	(void)state;
	begin(&everything);
	m.len = 0;
	ethernet(0x8847);
	for (i = 1; i <= 14; i++)
		put(&m, i << 12 | (i == 14 ? 0x100 : 0), 4);
	ipv4(17, 0, 28);
	udp(7, 8);
	packet(0);
	assert_int_equal(e->side[0].nlabels, EXTRA_LABELS);
	assert_int_equal(e->side[0].labels[9], 10 << 12);
	extras_free(x);
}

static void
padding_is_no_payload(void **state)
{
	(void)state;
	begin(&everything);
	m.len = 0;
	ethernet(0x0800);
	ipv4(6, 0, 20 + 24);
	tcp_segment(0x02, 1000, 0);
	put(&m, 0, 2); /* to the 60 bytes that a frame has at least */
	packet(1);
	now += 5000000;
	m.len = 0;
	ethernet(0x0800);
	ipv4(6, 0, 20 + 24);
	tcp_segment(0x12, 2000, 1001);
	put(&m, 0, 2);
	packet(0);
	assert_int_equal(e->tcp.rtt, 5000);
	assert_int_equal(e->tcp.side[1].next, 1001);
	assert_int_equal(e->tcp.side[0].next, 2001);
	extras_free(x);
}

static void
a_segment_counts_in_full_though_it_is_cut(void **state)
{
	(void)state;
	begin(&everything);
	m.len = 0;
	ethernet(0x86dd);
	ipv6(6, 24 + 1000);
	tcp_segment(0x10, 1000, 0);
	packet(0);
	assert_int_equal(e->tcp.side[0].next, 2000);
	packet(0);
	assert_int_equal(e->tcp.side[0].retransmits, 1);
	extras_free(x);
}

static void
a_header_that_lies_is_not_followed(void **state)
{
	(void)state;
	begin(&everything);
	m.len = 0;
	ethernet(0x0800);
	ipv4(6, 0, 20 + 23); /* shorter than TCP says */
	tcp_segment(0x10, 1000, 0);
	packet(0);
	m.b[14 + 20 + 12] = 0x40; /* or than TCP is */
	m.b[14 + 3] = 20 + 24;
	packet(0);
	assert_false(e->tcp.side[0].seen);
	extras_free(x);
}

static void
fragments_are_not_followed(void **state)
{
	(void)state;
	begin(&everything);
	m.len = 0;
	ethernet(0x0800);
	ipv4(6, 0, 20 + 24);
	m.b[14 + 6] = 0x20;
	tcp_segment(0x10, 1000, 0);
	packet(0);
	assert_false(e->tcp.side[0].seen);
	extras_free(x);
}

static void
question(uint16_t src, uint16_t dst, char c)
{
	m.len = 0;
	ethernet(0x0800);
	ipv4(17, 0, 20 + 8 + 12 + 7);
	put(&m, src, 2);
	put(&m, dst, 2);
	put(&m, 8 + 12 + 7, 2);
	put(&m, 0, 2);
	put(&m, UINT64_C(0xbeef010000010000), 8);
	put(&m, 0, 4);
	put(&m, 1, 1);
	put(&m, (uint8_t)c, 1);
	put(&m, 0, 1);
	put(&m, 0x00010001, 4);
}

static void
the_first_name_of_a_dns_flow_stays(void **state)
{
	(void)state;
	begin(&everything);
	question(5353, 5354, 'x');
	packet(0);
	assert_int_equal(e->dns_len, 0);
	question(40000, 53, 'a');
	packet(0);
	assert_int_equal(e->dns_len, 1);
	assert_int_equal(e->dns_name[0], 'a');
	question(53, 40000, 'b');
	packet(1);
	assert_int_equal(e->dns_name[0], 'a');
	extras_free(x);
	begin(&everything);
	question(53, 40000, 'b');
	packet(1);
	assert_int_equal(e->dns_name[0], 'b');
	extras_free(x);
}

static void
only_what_was_asked_for_is_kept(void **state)
{
	static const struct extra_config nothing;

	(void)state;
	begin(&nothing);
	question(40000, 53, 'a');
	packet(0);
	m.len = 0;
	ethernet(0x0800);
	ipv4(6, 0, 20 + 24);
	tcp_segment(0x02, 1000, 0);
	packet(0);
	assert_int_equal(e->dns_len, 0);
	assert_false(e->side[0].seen);
	assert_false(e->tcp.side[0].seen);
	extras_free(x);
}

static void
packets_that_are_cut_anywhere_are_survived(void **state)
{
	size_t len;

	(void)state;
	begin(&everything);
	question(40000, 53, 'a');
	for (len = 0; len < 14 + 20 + 8 + 12 + 3; len++) {
		packet_part(0, len);
		assert_int_equal(e->dns_len, 0);
	}
	packet_part(0, len);
	assert_int_equal(e->dns_len, 1);
	m.len = 0;
	ethernet(0x0800);
	ipv4(6, 0, 20 + 24 + 6);
	tcp_segment(0x18, 1000, 0);
	put(&m, UINT64_C(0x160301000101), 6);
	for (len = 0; len <= m.len; len++)
		packet_part(0, len);
	assert_int_equal(e->tls_len, 0);
	assert_int_equal(e->tcp.side[0].next, 1006);
	extras_free(x);
}

static void
a_client_hello_names_its_server(void **state)
{
	(void)state;
	begin(&everything);
	m.len = 0;
	ethernet(0x0800);
	ipv4(6, 0, 0);
	tcp_segment(0x18, 1000, 0);
	put(&m, UINT64_C(0x1603010400010003), 8);
	put(&m, UINT64_C(0xfc0303), 3);
	m.len += 32;
	put(&m, 0, 1);
	put(&m, UINT64_C(0x000213010100), 6);
	put(&m, UINT64_C(0x0400), 2);
	put(&m, UINT64_C(0x0000000700050000), 8);
	put(&m, 2, 1);
	put_bytes(&m, "ab", 2);
	poke16(&m, 14 + 2, m.len - 14);
	packet(0);
	assert_int_equal(e->tls_len, 2);
	assert_memory_equal(e->tls_name, "ab", 2);
	extras_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		numbers_are_given_out_again_and_never_more_than_the_most),
	    cmocka_unit_test(the_link_is_that_of_the_first_packet_of_each_side),
	    cmocka_unit_test(labels_are_at_most_ten),
	    cmocka_unit_test(padding_is_no_payload),
	    cmocka_unit_test(a_segment_counts_in_full_though_it_is_cut),
	    cmocka_unit_test(a_header_that_lies_is_not_followed),
	    cmocka_unit_test(fragments_are_not_followed),
	    cmocka_unit_test(the_first_name_of_a_dns_flow_stays),
	    cmocka_unit_test(only_what_was_asked_for_is_kept),
	    cmocka_unit_test(packets_that_are_cut_anywhere_are_survived),
	    cmocka_unit_test(a_client_hello_names_its_server),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
