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
 * Where things are in a packet, and why a walk ended.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "frame.h"

/* What each link type has in front of an IP header. */
static void
on_labels(void)
{
	put(&m, 0x000641ff, 4);
}

/* Attributes have lengths and types as the machine writes them. */
/* IPv4 with options and TCP: 24 and 20 bytes, and two of payload. */
/* The same without options: what the shortest way takes. */
static void
packet_plain(void)
{
	ipv4(6, 0, 42);
	tcp(0x012);
	put(&m, 0, 2);
}

/* softflowd 1.1 looks for the bottom for ever. */
static void
a_stack_of_300_labels_without_a_bottom_ends(void **state)
{
	int i;

	(void)state;
	m.len = 0;
	ethernet(0x8847);
	for (i = 0; i < 300; i++)
		put(&m, 0x000640ff, 4);
	walk(PACKET_ETHERNET, true);
	assert_int_equal(pkt.end, PACKET_CUT);
	assert_int_equal(pkt.version, 0);
	assert_int_equal(pkt.labels, 300);
	/* And with one it is found, however far below. */
	put(&m, 0x000641ff, 4);
	packet_plain();
	walk(PACKET_ETHERNET, false);
	assert_int_equal(pkt.end, PACKET_WHOLE);
	assert_int_equal(pkt.labels, 301);
	assert_int_equal(pkt.ip - bytes, 14 + 301 * 4);
}

/* The IP header is what is left behind the labels, and no more. */
static void
labels_count_against_what_was_captured(void **state)
{
	size_t len;

	(void)state;
	m.len = 0;
	ethernet(0x8847);
	put(&m, 0x000641ff, 4);
	packet_plain();
	for (len = 18; len < 38; len++) {
		walk_part(PACKET_ETHERNET, len, false);
		assert_int_equal(pkt.version, 0);
		assert_int_equal(pkt.end, PACKET_CUT);
	}
}

static void
truncated_extension_chains_end(void **state)
{
	static const uint64_t chain[] = {
	    UINT64_C(0x2b00010400000000), /* hop by hop, then routing */
	    UINT64_C(0x2c00000000000000), /* then a fragment */
	    UINT64_C(0x3300000112345678), /* then AH */
	    UINT64_C(0x3c02000000000000), /* 16 bytes, then options */
	    UINT64_C(0),
	    UINT64_C(0x0600010400000000),
	};
	static const uint8_t next[] = {0, 43, 44, 51, 51, 60, 6};
	size_t i, len, at;

	(void)state;
	m.len = 0;
	ipv6(0, 6 * 8 + 20);
	for (i = 0; i < NSPECS(chain); i++)
		eight(chain[i]);
	tcp(0x012);
	for (len = 40; len <= m.len; len++) {
		walk_part(PACKET_IP, len, false);
		assert_int_equal(pkt.version, 6);
		assert_int_equal(pkt.ip_len, 40 + 6 * 8 + 20);
		at = (len - 40) / 8;
		assert_int_equal(pkt.protocol, next[at < 6 ? at : 6]);
		assert_int_equal(pkt.fragment, len >= 64);
		assert_int_equal(pkt.end,
		    len < 88 + 14 ? PACKET_CUT : PACKET_WHOLE);
		if (len < 88)
			assert_null(pkt.l4);
		else
			assert_int_equal(pkt.l4 - bytes, 88);
		assert_int_equal(pkt.hdrlen, len < 88 ? 0 : 88);
	}
}

static void
eight_extension_headers_are_enough(void **state)
{
	int i, n;

	(void)state;
	for (n = 1; n < 12; n++) {
		m.len = 0;
		ipv6(60, (uint16_t)(n * 8 + 20));
		for (i = 1; i < n; i++)
			eight(UINT64_C(0x3c00010400000000));
		eight(UINT64_C(0x0600010400000000));
		tcp(0);
		walk(PACKET_IP, true);
		assert_int_equal(pkt.protocol, n > 8 ? 60 : 6);
		assert_int_equal(pkt.end, n > 8 ? PACKET_CUT : PACKET_WHOLE);
	}
}

/* A length of a header that goes beyond the packet is such a cut. */
static void
an_extension_header_that_is_too_long_ends_the_chain(void **state)
{
	unsigned int len;

	(void)state;
	for (len = 0; len < 256; len++) {
		m.len = 0;
		ipv6(60, 8 + 20);
		put(&m, 0x0600 | len, 2);
		put(&m, 0, 6);
		tcp(0);
		walk(PACKET_IP, true);
		assert_int_equal(pkt.end, len == 0 ? PACKET_WHOLE : PACKET_CUT);
		assert_int_equal(pkt.protocol, len > 2 ? 60 : 6);
	}
}

static void
lies_are_told_from_cuts(void **state)
{
	unsigned int ihl, len;

	(void)state;
	for (ihl = 0; ihl < 16; ihl++)
		for (len = 0; len < 100; len++) {
			m.len = 0;
			ethernet(0x0800);
			ipv4(6, 0, (uint16_t)len);
			m.b[14] = (uint8_t)(0x40 | ihl);
			tcp(0);
			put(&m, 0, 60);
			walk(PACKET_ETHERNET, true);
			assert_int_equal(pkt.end,
			    ihl < 5 || (len != 0 && len < ihl * 4) ? PACKET_LIES
				: len != 0 && len < ihl * 4 + 14
				? PACKET_CUT
				: PACKET_WHOLE);
		}
	/* A version that neither of both has, where IP must be. */
	m.len = 0;
	ethernet(0x0800);
	ipv4(6, 0, 40);
	m.b[14] = 0x55;
	walk(PACKET_ETHERNET, false);
	assert_int_equal(pkt.end, PACKET_LIES);
	assert_int_equal(pkt.version, 0);
}

static void
what_is_not_ip_is_told_from_cuts(void **state)
{
	static const uint16_t types[] = {0x0806, 0x88cc, 0x8863, 0x888e, 0x0600,
	    0xffff};
	size_t i, len;

	(void)state;
	for (i = 0; i < NSPECS(types); i++) {
		m.len = 0;
		ethernet(0x8100);
		put(&m, 7, 2);
		put(&m, types[i], 2);
		put(&m, UINT64_MAX, 8);
		for (len = 0; len <= m.len; len++) {
			walk_part(PACKET_ETHERNET, len, true);
			assert_int_equal(pkt.end,
			    len < 18 ? PACKET_CUT : PACKET_NOT_IP);
		}
	}
	m.len = 0;
	ethernet(38);
	put(&m, UINT64_C(0x424203000000), 6); /* spanning tree */
	walk(PACKET_ETHERNET, false);
	assert_int_equal(pkt.end, PACKET_NOT_IP);
	m.len = 0;
	put(&m, 0xff03c021, 4); /* LCP */
	walk(PACKET_PPP, false);
	assert_int_equal(pkt.end, PACKET_NOT_IP);
	/* A pseudowire under a label. */
	m.len = 0;
	on_labels();
	eight(0);
	walk(PACKET_MPLS, false);
	assert_int_equal(pkt.end, PACKET_NOT_IP);
}

static void
a_packet_without_a_length_is_as_long_as_it_is(void **state)
{
	(void)state;
	/* The card had yet to cut it. */
	m.len = 0;
	ipv4(6, 0, 0);
	tcp(0x010);
	put(&m, 0, 3000);
	walk(PACKET_IP, false);
	assert_int_equal(pkt.end, PACKET_WHOLE);
	assert_int_equal(pkt.ip_len, 0);
	assert_int_equal(pkt.l4_left, 3020);
	/* A jumbogram. */
	m.len = 0;
	ipv6(0, 0);
	eight(UINT64_C(0x0600c20400011170));
	tcp(0x010);
	put(&m, 0, 3000);
	walk(PACKET_IP, false);
	assert_int_equal(pkt.end, PACKET_WHOLE);
	assert_int_equal(pkt.ip_len, 0);
	assert_int_equal(pkt.l4_left, 3020);
	/* Nothing at all behind the header is a length, too. */
	m.len = 0;
	ipv6(59, 0);
	walk(PACKET_IP, false);
	assert_int_equal(pkt.ip_len, 40);
	assert_int_equal(pkt.end, PACKET_WHOLE);
}

static void
a_later_fragment_has_bytes_but_no_transport(void **state)
{
	(void)state;
	m.len = 0;
	ethernet(0x0800);
	ipv4(17, 0, 36);
	poke16(&m, 20, 185);
	put(&m, 0, 16);
	put(&m, 0, 10); /* padding */
	walk(PACKET_ETHERNET, true);
	assert_int_equal(pkt.end, PACKET_WHOLE);
	assert_true(pkt.fragment);
	assert_int_equal(pkt.fragment_id, 0x1234);
	assert_int_equal(pkt.fragment_offset, 185);
	assert_int_equal(pkt.fragment_flags, 0);
	assert_null(pkt.l4);
	assert_int_equal(pkt.hdrlen, 20);
	assert_int_equal(pkt.l4_left, 16);

	m.len = 0;
	ipv6(44, 24);
	eight(UINT64_C(0x110000b90000002a));
	put(&m, 0, 16);
	walk(PACKET_IP, true);
	assert_int_equal(pkt.end, PACKET_WHOLE);
	assert_int_equal(pkt.fragment_id, 42);
	assert_int_equal(pkt.fragment_offset, 0xb8 >> 3);
	assert_int_equal(pkt.fragment_flags, 0x20);
	assert_null(pkt.l4);
	assert_int_equal(pkt.hdrlen, 48);
	assert_int_equal(pkt.l4_left, 16);
}

/* What each tunnel has between two IP headers. */
/* A tunnel's own frame brings its tags; packets keep those of outside. */
int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_stack_of_300_labels_without_a_bottom_ends),
	    cmocka_unit_test(labels_count_against_what_was_captured),
	    cmocka_unit_test(truncated_extension_chains_end),
	    cmocka_unit_test(eight_extension_headers_are_enough),
	    cmocka_unit_test(
		an_extension_header_that_is_too_long_ends_the_chain),
	    cmocka_unit_test(lies_are_told_from_cuts),
	    cmocka_unit_test(what_is_not_ip_is_told_from_cuts),
	    cmocka_unit_test(a_packet_without_a_length_is_as_long_as_it_is),
	    cmocka_unit_test(a_later_fragment_has_bytes_but_no_transport),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, walk_end));
}
