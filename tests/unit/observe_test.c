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
 * Which flow a frame belongs to.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "observed.h"

static void
both_directions_have_one_key(void **state)
{
	struct observed there;

	(void)state;
	start(usual());
	tcp_frame();
	clock_now = 1234567890;
	see();
	assert_int_equal(be32(ob.key.addr[0]), 0x0a000001);
	assert_int_equal(be32(ob.key.addr[1]), 0x0a000002);
	assert_int_equal(be64(ob.key.addr[0] + 4), 0);
	assert_int_equal(ob.key.port[0], 51234);
	assert_int_equal(ob.key.port[1], 443);
	assert_int_equal(ob.key.protocol, 6);
	assert_int_equal(ob.key.version, 4);
	assert_int_equal(ob.key.vlan, 0);
	assert_int_equal(ob.side, 0);
	assert_int_equal(ob.tos, 0xb8);
	assert_int_equal(ob.ttl, 63);
	assert_int_equal(ob.tcp_flags, 0x012);
	assert_int_equal(ob.flow_label, 0);
	assert_int_equal(ob.octets, 40);
	assert_int_equal(ob.time, 1234567890);
	assert_int_equal(ob.hash, flowtab_hash(table, &ob.key, 0));
	assert_false(ob.fragment || ob.no_ports || ob.wants_data);
	there = ob;
	turn(14);
	see();
	assert_memory_equal(&ob.key, &there.key, sizeof(ob.key));
	assert_int_equal(ob.hash, there.hash);
	assert_int_equal(ob.side, 1);
}

static void
both_directions_of_ipv6_have_one_key(void **state)
{
	struct observed there;
	uint8_t b[16];

	(void)state;
	start(usual());
	m.len = 0;
	ethernet(0x86dd);
	ipv6(17, 30);
	udp(53, 30);
	put(&m, 0, 22);
	see();
	assert_int_equal(be64(ob.key.addr[0]), UINT64_C(0x20010db800000000));
	assert_int_equal(be64(ob.key.addr[0] + 8), 1);
	assert_int_equal(be64(ob.key.addr[1] + 8), 2);
	assert_int_equal(ob.key.port[0], 40000);
	assert_int_equal(ob.key.port[1], 53);
	assert_int_equal(ob.key.version, 6);
	assert_int_equal(ob.tos, 0xb8);
	assert_int_equal(ob.ttl, 62);
	assert_int_equal(ob.flow_label, 0xabcde);
	assert_int_equal(ob.octets, 70);
	assert_int_equal(ob.tcp_flags, 0);
	there = ob;
	memcpy(b, m.b + 22, 16);
	memcpy(m.b + 22, m.b + 38, 16);
	memcpy(m.b + 38, b, 16);
	poke16(&m, 54, 53);
	poke16(&m, 56, 40000);
	see();
	assert_memory_equal(&ob.key, &there.key, sizeof(ob.key));
	assert_int_equal(ob.side, 1);
}

/* The shortest way and the long one are one: what differs is where it goes. */
static void
a_packet_is_the_same_whichever_way_it_is_read(void **state)
{
	static const uint8_t protocols[] = {6, 17};
	struct observe_config config = usual();
	struct observed quick;
	size_t i, cut, tags;
	int six;

	(void)state;
	for (i = 0; i < 12; i++) {
		six = i & 1;
		tags = i / 2 % 3;
		m.len = 0;
		put(&m, UINT64_C(0x021122334455), 6);
		put(&m, UINT64_C(0x0266778899aa), 6);
		if (tags > 1)
			put(&m, 0x88a8e0c8, 4);
		if (tags > 0)
			put(&m, 0x8100e064, 4);
		put(&m, six ? 0x86dd : 0x0800, 2);
		if (six)
			ipv6(protocols[i / 6], 30);
		else
			ipv4(protocols[i / 6], 0, 50);
		tcp(0x1ff);
		put(&m, 0, 20);
		for (cut = 0; cut < 36; cut++) {
			config.frame_octets = false;
			config.track = i & 1 ? TRACK_FULL : TRACK_VLAN;
			start(config);
			assert_int_equal(see_part(m.len - cut), SEEN_IP);
			quick = ob;
			config.frame_octets = true; /* the long way */
			start(config);
			assert_int_equal(see_part(m.len - cut), SEEN_IP);
			assert_int_equal(quick.octets, six ? 70 : 50);
			quick.octets = ob.octets;
			quick.hash = ob.hash;
			assert_memory_equal(&quick, &ob, sizeof(ob));
		}
	}
}

static void
equal_addresses_are_ordered_by_their_ports(void **state)
{
	struct observed there;

	(void)state;
	start(usual());
	tcp_frame();
	memcpy(m.b + 30, m.b + 26, 4);
	see();
	there = ob;
	assert_int_equal(ob.key.port[0], 443);
	assert_int_equal(ob.key.port[1], 51234);
	assert_int_equal(ob.side, 1);
	turn(14);
	see();
	assert_memory_equal(&ob.key, &there.key, sizeof(ob.key));
	assert_int_equal(ob.side, 0);
}

/* Defect 1: Ethernet's padding is no traffic, and neither are labels. */
/* Defect 5: a tag on both ways, or on one of them, makes no second flow. */
static void
a_vlan_is_one_value_for_both_directions(void **state)
{
	struct observe_config config = usual();
	struct observed there;
	enum track track;

	(void)state;
	for (track = TRACK_IP; track < TRACK_MAX; track++) {
		config.track = track;
		start(config);
		m.len = 0;
		ethernet(0x8100);
		put(&m, 0xa0640800, 4);
		ipv4(6, 0, 40);
		tcp(0);
		see();
		assert_int_equal(ob.vlan, 100);
		assert_int_equal(ob.key.vlan, track >= TRACK_VLAN ? 100 : 0);
		there = ob;
		turn(18);
		/* The MAC addresses change places, too. */
		memcpy(m.b + 60, m.b, 6);
		memcpy(m.b, m.b + 6, 6);
		memcpy(m.b + 6, m.b + 60, 6);
		see();
		assert_memory_equal(&ob.key, &there.key, sizeof(ob.key));
		assert_int_equal(ob.hash, there.hash);
		poke16(&m, 14, 101);
		see();
		assert_int_equal(memcmp(&ob.key, &there.key, sizeof(ob.key)) ==
			0,
		    track < TRACK_VLAN);
	}
}

static void
each_level_has_its_own_key(void **state)
{
	static const uint16_t ports[TRACK_MAX] = {0, 0, 443, 443, 443, 443};
	static const uint8_t protocol[TRACK_MAX] = {0, 6, 6, 6, 6, 6};
	struct observe_config config = usual();
	enum track track;
	uint64_t hash;

	(void)state;
	for (track = TRACK_IP; track < TRACK_MAX; track++) {
		config.track = track;
		start(config);
		tcp_frame();
		see();
		assert_int_equal(ob.key.port[1], ports[track]);
		assert_int_equal(ob.key.port[0], ports[track] ? 51234 : 0);
		assert_int_equal(ob.key.protocol, protocol[track]);
		assert_int_equal(ob.key.version, 4);
		assert_int_equal(ob.tcp_flags, 0x012);
		/* Another MAC address is another flow for one of them. */
		hash = ob.hash;
		m.b[11]++;
		see();
		assert_int_equal(ob.hash != hash, track == TRACK_ETHER);
	}
}

/* Defect 20: a router solicitation has 8 bytes, the original wants 28. */
static void
a_short_icmp_message_has_its_type_and_code(void **state)
{
	static const size_t lengths[] = {2, 4, 8, 27};
	size_t i;

	(void)state;
	start(usual());
	for (i = 0; i < NSPECS(lengths); i++) {
		m.len = 0;
		ethernet(0x0800);
		ipv4(1, 0, (uint16_t)(20 + lengths[i]));
		put(&m, 0x0b01, 2);
		put(&m, 0, lengths[i] - 2);
		see();
		assert_int_equal(ob.key.port[0], 0);
		assert_int_equal(ob.key.port[1], 0x0b01);
		m.len = 0;
		ethernet(0x86dd);
		ipv6(58, (uint16_t)lengths[i]);
		put(&m, 0x8500, 2);
		put(&m, 0, lengths[i] - 2);
		see();
		assert_int_equal(ob.key.port[0], 0);
		assert_int_equal(ob.key.port[1], 0x8500);
	}
}

static void
a_type_of_icmp_never_changes_sides(void **state)
{
	int equal;

	(void)state;
	start(usual());
	for (equal = 0; equal < 2; equal++) {
		m.len = 0;
		ethernet(0x0800);
		ipv4(1, 0, 28);
		put(&m, UINT64_C(0x0800000000000000), 8);
		put(&m, 0, 8);
		/* From the higher address to the lower. */
		m.b[29] = equal ? 2 : 3;
		see();
		assert_int_equal(ob.side, !equal);
		assert_int_equal(ob.key.port[0], 0);
		assert_int_equal(ob.key.port[1], 0x0800);
	}
}

/* Defect 21. */
/* Defect 15: the header is what is left behind the labels. */
/* A fragment of a datagram to port 53; at 0 it has the header. */
static void
fragment(uint16_t id, uint16_t offset, bool more)
{
	m.len = 0;
	ethernet(0x0800);
	ipv4(17, 0, 52);
	poke16(&m, 18, id);
	poke16(&m, 20, (more ? 0x2000U : 0U) | offset);
	udp(offset == 0 ? 53 : 0xffff, 3000);
	put(&m, 0, 24);
}

/* Defect 22. */
static void
a_later_fragment_counts_for_the_flow_of_its_first(void **state)
{
	struct observed first;

	(void)state;
	start(usual());
	clock_now = 0;
	fragment(7, 0, true);
	see();
	assert_true(ob.fragment);
	assert_false(ob.no_ports);
	assert_int_equal(ob.key.port[1], 53);
	first = ob;
	fragment(7, 2, true);
	see();
	assert_true(ob.fragment);
	assert_false(ob.no_ports);
	assert_memory_equal(&ob.key, &first.key, sizeof(ob.key));
	assert_int_equal(ob.hash, first.hash);
	fragment(7, 4, false);
	see();
	assert_memory_equal(&ob.key, &first.key, sizeof(ob.key));
	/* Another packet's, whose first was not seen. */
	fragment(8, 2, false);
	see();
	assert_true(ob.no_ports);
	assert_int_equal(ob.key.port[0], 0);
	assert_int_equal(ob.key.port[1], 0);
	/* And that of a minute ago. */
	clock_now = INT64_C(60000000000);
	fragment(7, 4, false);
	see();
	assert_true(ob.no_ports);
}

/* RFC 6946: a fragment header on a whole packet has no others to come. */
static void
an_atomic_fragment_is_the_first_of_none(void **state)
{
	int atomic;

	(void)state;
	start(usual());
	for (atomic = 0; atomic < 2; atomic++) {
		m.len = 0;
		ethernet(0x86dd);
		ipv6(44, 24);
		put(&m, atomic ? 0x11000000 : 0x11000001, 4);
		put(&m, (uint64_t)atomic, 4);
		udp(53, 16);
		put(&m, 0, 8);
		see();
		assert_int_equal(ob.key.port[1], 53);
		m.len = 0;
		ethernet(0x86dd);
		ipv6(44, 24);
		put(&m, 0x11000010, 4);
		put(&m, (uint64_t)atomic, 4);
		put(&m, 0, 16);
		see();
		assert_int_equal(ob.no_ports, atomic);
	}
}

static void
a_later_fragment_of_ipv6_has_the_protocol_of_its_first(void **state)
{
	struct observed first;

	(void)state;
	start(usual());
	clock_now = 0;
	m.len = 0;
	ethernet(0x86dd);
	ipv6(44, 32);
	put(&m, UINT64_C(0x3c0000010000002a), 8); /* then options */
	put(&m, UINT64_C(0x1100010400000000), 8);
	udp(53, 3000);
	put(&m, 0, 8);
	see();
	first = ob;
	assert_int_equal(ob.key.protocol, 17);
	m.len = 0;
	ethernet(0x86dd);
	ipv6(44, 24);
	put(&m, UINT64_C(0x3c0000180000002a), 8);
	put(&m, 0, 16);
	see();
	assert_memory_equal(&ob.key, &first.key, sizeof(ob.key));
}

/* Defect 23. */
int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(both_directions_have_one_key),
	    T(both_directions_of_ipv6_have_one_key),
	    T(a_packet_is_the_same_whichever_way_it_is_read),
	    T(equal_addresses_are_ordered_by_their_ports),
	    T(a_vlan_is_one_value_for_both_directions),
	    T(each_level_has_its_own_key),
	    T(a_short_icmp_message_has_its_type_and_code),
	    T(a_type_of_icmp_never_changes_sides),
	    T(a_later_fragment_counts_for_the_flow_of_its_first),
	    T(an_atomic_fragment_is_the_first_of_none),
	    T(a_later_fragment_of_ipv6_has_the_protocol_of_its_first),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, end));
}
