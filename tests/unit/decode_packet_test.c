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
 * Packets: what stands where, and that a cut takes only what is behind it.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "frame.h"

static void
a_tcp_packet_has_all_its_fields(void **state)
{
	(void)state;
	m.len = 0;
	ethernet(0x0800);
	ipv4(6, 0, 40);
	tcp(0x1c2);
	decode(PACKET_ETHERNET, false);
	assert_memory_equal(f.in_dst_mac, "\x02\x11\x22\x33\x44\x55", 6);
	assert_memory_equal(f.in_src_mac, "\x02\x66\x77\x88\x99\xaa", 6);
	assert_true(
	    flow_has(&f, FLOW_IN_DST_MAC) && flow_has(&f, FLOW_IN_SRC_MAC));
	assert_true(flow_has(&f, FLOW_ETHERTYPE));
	assert_int_equal(f.ethertype, 0x0800);
	check_v4(0, 6);
	check_tcp(0x1c2);
	assert_int_equal(pkt.ip_len, 40);
	assert_false(pkt.tunnel);
	assert_true(HAS_NONE(FLOW_VLAN, FLOW_CUSTOMER_VLAN, FLOW_MPLS_LABELS,
	    FLOW_FLOW_LABEL, FLOW_FRAGMENT_ID, FLOW_FRAGMENT_OFFSET,
	    FLOW_FRAGMENT_FLAGS, FLOW_ICMP_TYPE, FLOW_ICMP_CODE, FLOW_PACKETS,
	    FLOW_OCTETS));
}

/* What was there of each field at every length, of this frame of 78 bytes. */
static const struct {
	size_t end; /* the byte behind the field */
	enum flow_field bit;
} ends_v4[] = {
    {12, FLOW_IN_DST_MAC},
    {12, FLOW_IN_SRC_MAC},
    {16, FLOW_VLAN},
    {20, FLOW_CUSTOMER_VLAN},
    {22, FLOW_ETHERTYPE},
    {24, FLOW_TOS},
    {31, FLOW_TTL},
    {32, FLOW_PROTOCOL},
    {38, FLOW_SRC_ADDR},
    {42, FLOW_DST_ADDR},
    {52, FLOW_SRC_PORT}, /* 8 bytes of options before them */
    {54, FLOW_DST_PORT},
    {64, FLOW_TCP_FLAGS},
};

static void
a_cut_takes_only_what_is_behind_it(void **state)
{
	size_t i, len;
	struct flow whole;

	(void)state;
	m.len = 0;
	ethernet(0x88a8);
	put(&m, 0x2064, 2); /* priority 1, VLAN 100 */
	put(&m, 0x8100, 2);
	put(&m, 0x00c8, 2);
	put(&m, 0x0800, 2);
	ipv4(6, 0, 48);
	m.b[22] = 0x47; /* options */
	put(&m, UINT64_C(0x0101010101010100), 8);
	tcp(0x010);
	decode(PACKET_ETHERNET, false);
	whole = f;
	assert_int_equal(f.vlan, 100);
	assert_int_equal(f.customer_vlan, 200);
	check_tcp(0x010);
	for (len = 0; len <= m.len; len++) {
		decode_part(PACKET_ETHERNET, len, false);
		for (i = 0; i < NSPECS(ends_v4); i++)
			assert_int_equal(flow_has(&f, ends_v4[i].bit),
			    len >= ends_v4[i].end);
		if (len >= 42)
			assert_memory_equal(&f.src_addr, &whole.src_addr,
			    2 * sizeof(struct addr));
		if (len >= 26)
			assert_int_equal(pkt.ip_len, 48);
	}
}

static const struct {
	size_t end;
	enum flow_field bit;
} ends_v6[] = {
    {14, FLOW_ETHERTYPE},
    {16, FLOW_TOS},
    {18, FLOW_FLOW_LABEL},
    {21, FLOW_PROTOCOL},
    {22, FLOW_TTL},
    {38, FLOW_SRC_ADDR},
    {54, FLOW_DST_ADDR},
    {70, FLOW_FRAGMENT_ID}, /* behind hop-by-hop options */
    {80, FLOW_SRC_PORT},    /* behind more of the like */
    {92, FLOW_TCP_FLAGS},
};

static void
extension_headers_are_stepped_over(void **state)
{
	size_t i, len;

	(void)state;
	m.len = 0;
	ethernet(0x86dd);
	ipv6(0, 8 + 8 + 8 + 20);
	put(&m, UINT64_C(0x2c00010400000000), 8); /* then a fragment */
	put(&m, UINT64_C(0x3c00000112345678), 8); /* the first one */
	put(&m, UINT64_C(0x0600010400000000), 8); /* destination options */
	tcp(0x002);
	decode(PACKET_ETHERNET, false);
	check_v6(6);
	check_tcp(0x002);
	assert_int_equal(f.fragment_id, 0x12345678);
	assert_int_equal(f.fragment_offset, 0);
	assert_int_equal(f.fragment_flags, 0x20);
	assert_int_equal(pkt.ip_len, 40 + 44);
	for (len = 0; len <= m.len; len++) {
		decode_part(PACKET_ETHERNET, len, false);
		for (i = 0; i < NSPECS(ends_v6); i++)
			assert_int_equal(flow_has(&f, ends_v6[i].bit),
			    len >= ends_v6[i].end);
	}
}

static void
each_extension_header_has_its_own_length(void **state)
{
	(void)state;
	m.len = 0;
	ipv6(43, 24 + 12 + 20);
	put(&m, 0x33020000, 4); /* routing: 24 bytes, then AH */
	put(&m, 0, 8);
	put(&m, 0, 8);
	put(&m, 0, 4);
	put(&m, 0x06010000, 4); /* authentication: 12 bytes */
	put(&m, 0, 8);
	tcp(0x011);
	decode(PACKET_IP, false);
	check_v6(6);
	check_tcp(0x011);
}

static void
a_chain_of_extension_headers_without_end_is_given_up(void **state)
{
	int i;

	(void)state;
	m.len = 0;
	ipv6(60, 0);
	for (i = 0; i < 100; i++)
		put(&m, UINT64_C(0x3c00010400000000), 8);
	tcp(0);
	decode(PACKET_IP, false);
	assert_int_equal(f.dst_addr.b[15], 2);
	assert_true(HAS_NONE(FLOW_SRC_PORT, FLOW_DST_PORT, FLOW_TCP_FLAGS));
}

static void
a_mobility_header_is_the_protocol(void **state)
{
	(void)state;
	m.len = 0;
	ipv6(135, 8);
	put(&m, UINT64_C(0x3b00000000000000), 8);
	decode(PACKET_IP, false);
	assert_int_equal(f.protocol, 135);
}

static void
only_the_first_fragment_has_ports(void **state)
{
	(void)state;
	m.len = 0;
	ipv4(17, 0, 1500);
	poke16(&m, 6, 0x2000); /* more */
	udp(53, 3000);
	decode(PACKET_IP, false);
	assert_int_equal(f.dst_port, 53);
	assert_int_equal(f.fragment_id, 0x1234);
	assert_true(flow_has(&f, FLOW_FRAGMENT_OFFSET));
	assert_int_equal(f.fragment_offset, 0);
	assert_int_equal(f.fragment_flags, 0x20);
	poke16(&m, 6, 185);
	decode(PACKET_IP, false);
	assert_true(HAS_NONE(FLOW_SRC_PORT, FLOW_DST_PORT));
	assert_int_equal(f.dst_port, 0);
	assert_int_equal(f.fragment_offset, 185);
	assert_int_equal(f.fragment_flags, 0);
	assert_int_equal(f.protocol, 17);

	m.len = 0;
	ipv6(44, 16);
	put(&m, UINT64_C(0x110000b80000002a), 8);
	udp(53, 3000);
	decode(PACKET_IP, false);
	check_v6(17);
	assert_int_equal(f.fragment_offset, 0xb8 >> 3);
	assert_int_equal(f.fragment_id, 42);
	assert_true(HAS_NONE(FLOW_SRC_PORT, FLOW_DST_PORT));
}

static void
ports_and_types_are_where_each_protocol_has_them(void **state)
{
	static const uint8_t with_ports[] = {6, 17, 33, 132, 136};
	static const uint8_t without[] = {2, 50, 51, 89, 103, 112, 255};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(with_ports); i++) {
		m.len = 0;
		ipv4(with_ports[i], 0, 40);
		tcp(0);
		decode(PACKET_IP, false);
		check_v4(0, with_ports[i]);
		assert_int_equal(f.src_port, 51234);
		assert_int_equal(f.dst_port, 443);
		assert_int_equal(flow_has(&f, FLOW_TCP_FLAGS), i == 0);
	}
	for (i = 0; i < sizeof(without); i++) {
		m.len = 0;
		ipv4(without[i], 0, 40);
		tcp(0);
		decode(PACKET_IP, false);
		check_v4(0, without[i]);
		assert_true(
		    HAS_NONE(FLOW_SRC_PORT, FLOW_DST_PORT, FLOW_ICMP_TYPE));
	}
}

static void
icmp_is_a_type_and_a_code(void **state)
{
	(void)state;
	m.len = 0;
	ipv4(1, 0, 28);
	put(&m, UINT64_C(0x0303000000000000), 8);
	decode(PACKET_IP, false);
	assert_true(
	    flow_has(&f, FLOW_ICMP_TYPE) && flow_has(&f, FLOW_ICMP_CODE));
	assert_int_equal(f.icmp_type, 3);
	assert_int_equal(f.icmp_code, 3);
	assert_true(HAS_NONE(FLOW_SRC_PORT, FLOW_DST_PORT, FLOW_TCP_FLAGS));
	m.len = 0;
	ipv6(58, 8);
	put(&m, UINT64_C(0x8700000000000000), 8);
	decode(PACKET_IP, false);
	check_v6(58);
	assert_int_equal(f.icmp_type, 135);
	assert_int_equal(f.icmp_code, 0);
	decode_part(PACKET_IP, 41, false);
	assert_int_equal(f.icmp_type, 135);
	assert_true(HAS_NONE(FLOW_ICMP_CODE));
}

static void
padding_of_the_frame_is_no_packet(void **state)
{
	(void)state;
	m.len = 0;
	ethernet(0x0800);
	ipv4(6, 0, 20);
	put(&m, 0, 26);
	decode(PACKET_ETHERNET, false);
	check_v4(0, 6);
	assert_true(HAS_NONE(FLOW_SRC_PORT, FLOW_TCP_FLAGS));
	/* A length of 0: the card had yet to cut it. */
	poke16(&m, 16, 0);
	decode(PACKET_ETHERNET, false);
	assert_true(flow_has(&f, FLOW_SRC_PORT));
}

static void
impossible_header_lengths_are_survived(void **state)
{
	unsigned int ihl, len;

	(void)state;
	for (ihl = 0; ihl < 16; ihl++)
		for (len = 0; len < 64; len += 4) {
			m.len = 0;
			ipv4(6, 0, (uint16_t)len);
			m.b[0] = (uint8_t)(0x40 | ihl);
			tcp(0);
			decode(PACKET_IP, true);
			check_v4(0, 6);
			if (ihl < 5)
				assert_true(HAS_NONE(FLOW_SRC_PORT));
		}
}

static void
labels_are_taken_down_to_the_bottom(void **state)
{
	(void)state;
	m.len = 0;
	ethernet(0x8847);
	put(&m, 0x000640ff, 4); /* 100 */
	put(&m, 0x000000ff, 4); /* explicit null */
	put(&m, 0x000c81ff, 4); /* 200, bottom */
	ipv4(6, 0, 40);
	tcp(0);
	decode(PACKET_ETHERNET, false);
	check_v4(0, 6);
	check_tcp(0);
	assert_true(flow_has(&f, FLOW_MPLS_LABELS));
	assert_int_equal(f.mpls_labels[0], 100);
	assert_int_equal(f.mpls_labels[1], 200);
	assert_int_equal(f.mpls_labels[2], 0);
	assert_int_equal(f.ethertype, 0x8847);
	/* The stack alone, too. */
	memmove(m.b, m.b + 14, m.len -= 14);
	decode(PACKET_MPLS, false);
	check_tcp(0);
	assert_true(HAS_NONE(FLOW_ETHERTYPE, FLOW_IN_SRC_MAC));
	/* Cut inside: the labels that are whole. */
	decode_part(PACKET_MPLS, 6, false);
	assert_int_equal(f.mpls_labels[0], 100);
	assert_true(HAS_NONE(FLOW_SRC_ADDR));
}

static void
a_stack_without_bottom_gives_ten_labels(void **state)
{
	int i;

	(void)state;
	m.len = 0;
	for (i = 1; i <= 2000; i++)
		put(&m, (uint32_t)i << 12, 4);
	decode(PACKET_MPLS, true);
	assert_int_equal(f.mpls_labels[0], 1);
	assert_int_equal(f.mpls_labels[FLOW_MPLS_MAX - 1], FLOW_MPLS_MAX);
	assert_true(HAS_NONE(FLOW_SRC_ADDR));
}

static void
below_the_labels_is_ip_or_nothing_known(void **state)
{
	(void)state;
	m.len = 0;
	put(&m, 0x000641ff, 4);
	put(&m, 0, 4); /* a control word */
	ethernet(0x0800);
	ipv4(6, 0, 40);
	decode(PACKET_MPLS, false);
	assert_int_equal(f.mpls_labels[0], 100);
	assert_true(HAS_NONE(FLOW_SRC_ADDR, FLOW_TOS, FLOW_IN_SRC_MAC));
}

static void
ppp_is_found_with_and_without_its_frame(void **state)
{
	static const struct {
		uint64_t head;
		size_t len;
	} heads[] = {{0xff030021, 4}, {0x0021, 2}, {0x21, 1}, {0xff0321, 3},
	    {0x0f000800, 4}, {UINT64_C(0xff0302810000a1ff), 8}};
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(heads); i++) {
		m.len = 0;
		put(&m, heads[i].head, heads[i].len);
		ipv4(6, 0, 40);
		tcp(0x010);
		decode(PACKET_PPP, false);
		check_v4(0, 6);
		check_tcp(0x010);
	}
	assert_int_equal(f.mpls_labels[0], 10);
	m.len = 0;
	put(&m, 0xc021, 2); /* LCP */
	ipv4(6, 0, 40);
	decode(PACKET_PPP, false);
	assert_true(HAS_NONE(FLOW_SRC_ADDR));
}

static void
links_within_links_are_found(void **state)
{
	(void)state;
	m.len = 0;
	ethernet(0x8100);
	put(&m, 7, 2);
	put(&m, 0x8864, 2);
	put(&m, UINT64_C(0x110000010016), 6); /* PPPoE */
	put(&m, 0x0057, 2);
	ipv6(17, 8);
	udp(53, 8);
	decode(PACKET_ETHERNET, false);
	check_v6(17);
	assert_int_equal(f.dst_port, 53);
	assert_int_equal(f.vlan, 7);
	assert_int_equal(f.ethertype, 0x8864);

	m.len = 0;
	ethernet(48); /* IEEE 802.3: a length, then LLC and SNAP */
	put(&m, UINT64_C(0xaaaa03000000), 6);
	put(&m, 0x0800, 2);
	ipv4(6, 0, 40);
	tcp(0);
	decode(PACKET_ETHERNET, false);
	check_v4(0, 6);
	assert_int_equal(f.ethertype, 0x0800);

	m.len = 0;
	ethernet(48);
	put(&m, UINT64_C(0x424203000000), 6); /* spanning tree */
	put(&m, 0, 40);
	decode(PACKET_ETHERNET, false);
	assert_true(HAS_NONE(FLOW_ETHERTYPE, FLOW_SRC_ADDR));
	assert_true(flow_has(&f, FLOW_IN_SRC_MAC));
}

static void
three_tags_give_the_outer_two(void **state)
{
	(void)state;
	m.len = 0;
	ethernet(0x88a8);
	put(&m, 1, 2);
	put(&m, 0x9100, 2);
	put(&m, 2, 2);
	put(&m, 0x8100, 2);
	put(&m, 3, 2);
	put(&m, 0x0806, 2); /* ARP */
	put(&m, 0, 28);
	decode(PACKET_ETHERNET, false);
	assert_int_equal(f.vlan, 1);
	assert_int_equal(f.customer_vlan, 2);
	assert_int_equal(f.ethertype, 0x0806);
	assert_true(HAS_NONE(FLOW_SRC_ADDR, FLOW_PROTOCOL));
	assert_int_equal(pkt.ip_len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_tcp_packet_has_all_its_fields),
	    cmocka_unit_test(a_cut_takes_only_what_is_behind_it),
	    cmocka_unit_test(extension_headers_are_stepped_over),
	    cmocka_unit_test(each_extension_header_has_its_own_length),
	    cmocka_unit_test(
		a_chain_of_extension_headers_without_end_is_given_up),
	    cmocka_unit_test(a_mobility_header_is_the_protocol),
	    cmocka_unit_test(only_the_first_fragment_has_ports),
	    cmocka_unit_test(ports_and_types_are_where_each_protocol_has_them),
	    cmocka_unit_test(icmp_is_a_type_and_a_code),
	    cmocka_unit_test(padding_of_the_frame_is_no_packet),
	    cmocka_unit_test(impossible_header_lengths_are_survived),
	    cmocka_unit_test(labels_are_taken_down_to_the_bottom),
	    cmocka_unit_test(a_stack_without_bottom_gives_ten_labels),
	    cmocka_unit_test(below_the_labels_is_ip_or_nothing_known),
	    cmocka_unit_test(ppp_is_found_with_and_without_its_frame),
	    cmocka_unit_test(links_within_links_are_found),
	    cmocka_unit_test(three_tags_give_the_outer_two),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
