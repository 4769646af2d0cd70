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
 * Packets in packets.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "frame.h"

/* Each puts a head between the outer and the inner IP header. */
static void
gre(void)
{
	put(&m, 0x00000800, 4);
}

static void
gre_with_all(void)
{
	put(&m, 0xb0000800, 4); /* checksum, key, sequence */
	put(&m, 0, 8);
	put(&m, 0, 4);
}

static void
gre_bridging(void)
{
	put(&m, 0x20006558, 4);
	put(&m, 0, 4);
	ethernet(0x8100);
	put(&m, 0x0fff & 9, 2);
	put(&m, 0x0800, 2);
}

static void
gre_pptp(void)
{
	put(&m, 0x3081880b, 4);
	put(&m, 0, 8);
	put(&m, 0, 4);
	put(&m, 0xff030021, 4);
}

static void
vxlan(void)
{
	udp(4789, 0);
	put(&m, UINT64_C(0x0800000000002a00), 8);
	ethernet(0x0800);
}

static void
geneve(void)
{
	udp(6081, 0);
	put(&m, UINT64_C(0x0200655800002a00), 8); /* 8 bytes of options */
	put(&m, 0, 8);
	ethernet(0x0800);
}

static void
gtp(void)
{
	udp(2152, 0);
	put(&m, UINT64_C(0x30ff00000000002a), 8);
}

/* A sequence number, and the session container of 5G (3GPP TS 38.415). */
static void
gtp_with_extensions(void)
{
	udp(2152, 0);
	put(&m, UINT64_C(0x36ff00000000002a), 8);
	put(&m, 0x00010085, 4);
	put(&m, 0x01100985, 4);
	put(&m, UINT64_C(0x0200000000000000), 8);
}

static void
nothing(void)
{
}

static const struct {
	uint8_t proto;
	void (*head)(void);
	bool frame;
} tunnels[] = {
    {4, nothing, false},
    {47, gre, false},
    {47, gre_with_all, false},
    {47, gre_bridging, true},
    {47, gre_pptp, false},
    {17, vxlan, true},
    {17, geneve, true},
    {17, gtp, false},
    {17, gtp_with_extensions, false},
};

static void
tunnels_are_entered_if_that_is_wanted(void **state)
{
	size_t i, head, len;

	(void)state;
	for (i = 0; i < NSPECS(tunnels); i++) {
		m.len = 0;
		ethernet(0x8100);
		put(&m, 5, 2);
		put(&m, 0x0800, 2);
		ipv4(tunnels[i].proto, 0, 1000);
		tunnels[i].head();
		head = m.len;
		ipv4(6, 1, 40);
		tcp(0x012);
		decode(PACKET_ETHERNET, false);
		check_v4(0, tunnels[i].proto);
		assert_int_equal(pkt.ip_len, 1000);
		assert_false(pkt.tunnel);
		assert_int_equal(f.vlan, 5);
		decode(PACKET_ETHERNET, true);
		check_v4(1, 6);
		check_tcp(0x012);
		assert_int_equal(pkt.ip_len, 40);
		assert_true(pkt.tunnel);
		/* A frame brings its own link layer with it. */
		if (!tunnels[i].frame)
			assert_int_equal(f.vlan, 5);
		else if (tunnels[i].head == gre_bridging)
			assert_int_equal(f.vlan, 9);
		else
			assert_true(HAS_NONE(FLOW_VLAN));
		/* Cut: the outer packet until the inner has its addresses. */
		for (len = 38; len < m.len; len++) {
			decode_part(PACKET_ETHERNET, len, true);
			if (len < head + 20)
				check_v4(0, tunnels[i].proto);
			else
				check_v4(1, 6);
			assert_int_equal(pkt.tunnel, len >= head + 20);
		}
	}
}

static void
the_fields_of_the_outer_packet_do_not_mix_with_the_inner(void **state)
{
	(void)state;
	m.len = 0;
	ipv6(17, 8 + 8 + 14 + 20 + 8);
	vxlan();
	ipv4(1, 1, 28);
	put(&m, 0x0800, 8);
	decode(PACKET_IP, true);
	check_v4(1, 1);
	assert_true(HAS_NONE(FLOW_FLOW_LABEL, FLOW_SRC_PORT, FLOW_TCP_FLAGS));
	assert_int_equal(f.src_port, 0);
	assert_int_equal(f.flow_label, 0);
	assert_int_equal(f.src_addr.b[15], 0);
}

static void
tunnels_in_tunnels_are_entered_to_a_depth(void **state)
{
	int i, n;

	(void)state;
	for (n = 1; n < 40; n++) {
		m.len = 0;
		for (i = 0; i < n; i++)
			ipv4(4, (uint8_t)i, 1000);
		ipv4(17, (uint8_t)n, 28);
		udp(53, 8);
		decode(PACKET_IP, true);
		assert_int_equal(f.src_addr.b[1], n < 4 ? n : 4);
		assert_int_equal(flow_has(&f, FLOW_DST_PORT), n <= 4);
	}
}

static void
what_only_looks_like_a_tunnel_stays_outside(void **state)
{
	(void)state;
	m.len = 0;
	ipv4(17, 0, 1000);
	udp(4789, 0);
	put(&m, 0, 8); /* no network identifier: not VXLAN */
	ethernet(0x0800);
	ipv4(6, 1, 40);
	decode(PACKET_IP, true);
	check_v4(0, 17);
	m.len = 0;
	ipv4(47, 0, 1000);
	put(&m, 0x40000800, 4); /* source routing */
	ipv4(6, 1, 40);
	decode(PACKET_IP, true);
	check_v4(0, 47);
	m.len = 0;
	ipv4(47, 0, 1000);
	gre();
	put(&m, 0, 40); /* no IP */
	decode(PACKET_IP, true);
	check_v4(0, 47);
	assert_false(pkt.tunnel);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tunnels_are_entered_if_that_is_wanted),
	    cmocka_unit_test(
		the_fields_of_the_outer_packet_do_not_mix_with_the_inner),
	    cmocka_unit_test(tunnels_in_tunnels_are_entered_to_a_depth),
	    cmocka_unit_test(what_only_looks_like_a_tunnel_stays_outside),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
