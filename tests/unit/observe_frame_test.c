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
 * What is seen of a frame, and what is not metered.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "observed.h"

static void
octets_are_those_of_the_ip_header(void **state)
{
	struct observe_config config = usual();

	(void)state;
	start(config);
	tcp_frame();
	put(&m, 0, 6);
	see();
	assert_int_equal(ob.octets, 40);
	m.len = 0;
	ethernet(0x8847);
	put(&m, 0x000641ff, 4);
	ipv4(6, 0, 40);
	tcp(0);
	put(&m, 0, 2);
	see();
	assert_int_equal(ob.octets, 40);
	/* By option, as the original has it. */
	config.frame_octets = true;
	start(config);
	see();
	assert_int_equal(ob.octets, 46);
	tcp_frame();
	put(&m, 0, 6);
	see();
	assert_int_equal(ob.octets, 46);
	m.len = 0;
	ethernet(0x8100);
	put(&m, 0x00640800, 4);
	ipv4(6, 0, 40);
	tcp(0);
	put(&m, 0, 6);
	assert_int_equal(see_part(58), SEEN_IP);
	assert_int_equal(ob.octets, 46);
}

static void
a_packet_of_unknown_length_has_that_of_its_frame(void **state)
{
	(void)state;
	start(usual());
	tcp_frame();
	poke16(&m, 16, 0);
	put(&m, 0, 60000);
	assert_int_equal(see_part(100), SEEN_IP);
	assert_int_equal(ob.octets, 60040);
	assert_int_equal(ob.tcp_flags, 0x012);
}

static void
what_the_original_did_not_see_is_seen(void **state)
{
	static const struct {
		uint16_t type;
		uint64_t head;
		size_t len;
		uint16_t vlan;
	} heads[] = {
	    {0x88a8, 0x006481000032, 6, 100}, /* 802.1ad, a tag below */
	    {0x9100, 0x00648100, 4, 100},
	    {0x8864, UINT64_C(0x1100000100160021), 8, 0}, /* PPPoE */
	    {0x8848, 0x000641ff, 4, 0},			  /* MPLS, multicast */
	};
	size_t i;

	(void)state;
	start(usual());
	for (i = 0; i < NSPECS(heads); i++) {
		m.len = 0;
		ethernet(heads[i].type);
		put(&m, heads[i].head, heads[i].len);
		if (i == 0)
			put(&m, 0x0800, 2);
		if (i == 1)
			put(&m, 0x00320800, 4);
		ipv4(6, 0, 40);
		tcp(0x002);
		see();
		assert_int_equal(be32(ob.key.addr[0]), 0x0a000001);
		assert_int_equal(ob.key.port[1], 443);
		assert_int_equal(ob.vlan, heads[i].vlan);
		assert_int_equal(ob.octets, 40);
	}
}

static void
tunnels_are_looked_into_by_option(void **state)
{
	struct observe_config config = usual();
	int inner;

	(void)state;
	for (inner = 0; inner < 2; inner++) {
		config.inner = inner;
		start(config);
		m.len = 0;
		ethernet(0x0800);
		ipv4(17, 0, 90);
		udp(4789, 70);
		put(&m, UINT64_C(0x0800000000002a00), 8);
		ethernet(0x0800);
		ipv4(6, 1, 40);
		tcp(0x010);
		see();
		assert_int_equal(be32(ob.key.addr[0]),
		    inner ? 0x0a010001 : 0x0a000001);
		assert_int_equal(ob.key.protocol, inner ? 6 : 17);
		assert_int_equal(ob.octets, inner ? 40 : 90);
	}
}

static void
frames_that_are_cut_or_lie_are_told_from_others(void **state)
{
	int i;

	(void)state;
	start(usual());
	m.len = 0;
	ethernet(0x8847);
	for (i = 0; i < 300; i++)
		put(&m, 0x000640ff, 4);
	assert_int_equal(see_part(m.len), SEEN_SHORT);
	m.len = 0;
	ethernet(0x8847);
	put(&m, 0x000641ff, 4);
	ipv4(6, 0, 40);
	tcp(0);
	assert_int_equal(see_part(18 + 19), SEEN_SHORT);
	assert_int_equal(see_part(18 + 20), SEEN_IP);
	assert_int_equal(ob.key.port[0], 0);
	tcp_frame();
	for (i = 0; i < 34; i++)
		assert_int_equal(see_part((size_t)i), SEEN_SHORT);
	m.b[14] = 0x44;
	assert_int_equal(see_part(m.len), SEEN_SHORT);
	m.len = 0;
	ethernet(0x0806);
	put(&m, 0, 46);
	assert_int_equal(see_part(m.len), SEEN_NOT_IP);
}

static void
ipv6_is_ignored_where_it_is_not_tracked(void **state)
{
	struct observe_config config = usual();

	(void)state;
	config.ipv6 = false;
	start(config);
	m.len = 0;
	ethernet(0x86dd);
	ipv6(6, 20);
	tcp(0);
	assert_int_equal(see_part(m.len), SEEN_IGNORED);
	tcp_frame();
	see();
}

static void
our_own_export_is_not_metered(void **state)
{
	struct own own = {.protocol = 17,
	    .port = 2055,
	    .collector = {.family = ADDR_V4, .b = {10, 0, 0, 2}}};

	(void)state;
	start(usual());
	observer_own(observer, 0, &own);
	m.len = 0;
	ethernet(0x0800);
	ipv4(17, 0, 48);
	udp(2055, 28);
	put(&m, 0, 20);
	assert_int_equal(see_part(m.len), SEEN_OWN);
	/* And what comes back. */
	turn(14);
	assert_int_equal(see_part(m.len), SEEN_OWN);
	/* Another port, protocol, host. */
	turn(14);
	poke16(&m, 36, 2056);
	see();
	poke16(&m, 36, 2055 + 64);
	see();
	poke16(&m, 36, 2055);
	m.b[33] = 3;
	see();
	m.b[33] = 2;
	m.b[23] = 6;
	see();
	m.b[23] = 17;
	assert_int_equal(see_part(m.len), SEEN_OWN);
	/* Of another exporter: only ours is left out, where that is known. */
	own.local = (struct addr){.family = ADDR_V4, .b = {10, 0, 0, 1}};
	observer_own(observer, 0, &own);
	assert_int_equal(see_part(m.len), SEEN_OWN);
	turn(14);
	assert_int_equal(see_part(m.len), SEEN_OWN);
	turn(14);
	m.b[29] = 7;
	see();
}

static void
packets_are_handed_on_only_where_an_option_wants_them(void **state)
{
	struct observe_config config = usual();

	(void)state;
	config.names = true;
	start(config);
	tcp_frame();
	see();
	assert_false(ob.wants_data);
	put(&m, 0x160301, 3); /* TLS: a handshake */
	m.b[46] = 0x50;
	poke16(&m, 16, 43);
	see();
	assert_true(ob.wants_data);
	assert_int_equal(ob.packet.l4_left, 23);
	assert_int_equal(ob.packet.end, PACKET_WHOLE);
	m.len = 0;
	ethernet(0x0800);
	ipv4(17, 0, 48);
	udp(53, 28);
	put(&m, 0, 20);
	see();
	assert_true(ob.wants_data);
	poke16(&m, 36, 54);
	see();
	assert_false(ob.wants_data);

	config = usual();
	config.tcp = true;
	start(config);
	see();
	assert_false(ob.wants_data);
	tcp_frame();
	see();
	assert_true(ob.wants_data);

	config = usual();
	config.link_data = true;
	start(config);
	see();
	assert_true(ob.wants_data);
	assert_int_equal(ob.packet.version, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(octets_are_those_of_the_ip_header),
	    T(a_packet_of_unknown_length_has_that_of_its_frame),
	    T(what_the_original_did_not_see_is_seen),
	    T(tunnels_are_looked_into_by_option),
	    T(frames_that_are_cut_or_lie_are_told_from_others),
	    T(ipv6_is_ignored_where_it_is_not_tracked),
	    T(our_own_export_is_not_metered),
	    T(packets_are_handed_on_only_where_an_option_wants_them),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, end));
}
