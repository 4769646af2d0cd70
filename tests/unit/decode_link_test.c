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
 * Every link and every tunnel, cut at every byte.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pcap/dlt.h>

#include "frame.h"

static void
on_ethernet(void)
{
	ethernet(0x0800);
}

static void
on_vlan(void)
{
	ethernet(0x8100);
	put(&m, 0x00640800, 4);
}

static void
on_qinq(void)
{
	ethernet(0x88a8);
	put(&m, 0x00648100, 4);
	put(&m, 0x00c80800, 4);
}

static void
on_old_qinq(void)
{
	ethernet(0x9100);
	put(&m, 0x00649200, 4);
	put(&m, 0x00c80800, 4);
}

static void
on_pppoe(void)
{
	ethernet(0x8864);
	put(&m, 0x110000010016, 6);
	put(&m, 0x0021, 2);
}

static void
on_mpls(void)
{
	ethernet(0x8847);
	eight(UINT64_C(0x000640ff000c81ff));
}

static void
on_mpls_multicast(void)
{
	ethernet(0x8848);
	put(&m, 0x000641ff, 4);
}

static void
on_snap(void)
{
	ethernet(48);
	eight(UINT64_C(0xaaaa030000000800));
}

static void
on_nothing(void)
{
}

static void
on_labels(void)
{
	put(&m, 0x000641ff, 4);
}

static void
on_ppp(void)
{
	put(&m, 0xff030021, 4);
}

static void
on_ppp_compressed(void)
{
	put(&m, 0x21, 1);
}

static void
on_ppp_mpls(void)
{
	put(&m, 0x0281, 2);
	put(&m, 0x000641ff, 4);
}

static void
on_hdlc(void)
{
	put(&m, 0x0f000800, 4);
}

static void
on_session(void)
{
	put(&m, 0x110000010016, 6);
	put(&m, 0x0021, 2);
}

static void
on_loopback(void)
{
	put(&m, 2, 4);
}

static void
on_sll(void)
{
	put(&m, UINT64_C(0x000000010006), 6);
	eight(0);
	put(&m, 0x0800, 2);
}

static void
on_sll_vlan(void)
{
	put(&m, UINT64_C(0x000000010006), 6);
	eight(0);
	put(&m, 0x8100, 2);
	put(&m, 0x00640800, 4);
}

static void
on_sll2(void)
{
	put(&m, 0x08000000, 4);
	put(&m, 0, 16);
}

static void
on_enc(void)
{
	put(&m, 0, 12);
}

static void
on_pflog(void)
{
	put(&m, 61, 1);
	put(&m, 0, 63);
}

static void
on_nflog(void)
{
	const uint16_t hook[2] = {8, 1}, mark[2] = {5, 2}, payload[2] = {44, 9};

	put(&m, 0x02000001, 4);
	put_bytes(&m, hook, sizeof(hook));
	put(&m, 0, 4);
	put_bytes(&m, mark, sizeof(mark));
	put(&m, 0, 4); /* one byte, and padding */
	put_bytes(&m, payload, sizeof(payload));
}

static const struct {
	enum packet_link link;
	void (*head)(void);
	uint8_t tags;
	uint8_t labels;
} links[] = {
    {PACKET_ETHERNET, on_ethernet, 0, 0},
    {PACKET_ETHERNET, on_vlan, 1, 0},
    {PACKET_ETHERNET, on_qinq, 2, 0},
    {PACKET_ETHERNET, on_old_qinq, 2, 0},
    {PACKET_ETHERNET, on_pppoe, 0, 0},
    {PACKET_ETHERNET, on_mpls, 0, 2},
    {PACKET_ETHERNET, on_mpls_multicast, 0, 1},
    {PACKET_ETHERNET, on_snap, 0, 0},
    {PACKET_IP, on_nothing, 0, 0},
    {PACKET_MPLS, on_labels, 0, 1},
    {PACKET_PPP, on_ppp, 0, 0},
    {PACKET_PPP, on_ppp_compressed, 0, 0},
    {PACKET_PPP, on_ppp_mpls, 0, 1},
    {PACKET_PPP, on_hdlc, 0, 0},
    {PACKET_HDLC, on_hdlc, 0, 0},
    {PACKET_PPPOE, on_session, 0, 0},
    {PACKET_LOOPBACK, on_loopback, 0, 0},
    {PACKET_SLL, on_sll, 0, 0},
    {PACKET_SLL, on_sll_vlan, 1, 0},
    {PACKET_SLL2, on_sll2, 0, 0},
    {PACKET_ENC, on_enc, 0, 0},
    {PACKET_PFLOG, on_pflog, 0, 0},
    {PACKET_NFLOG, on_nflog, 0, 0},
};

static void
packet_v4(void)
{
	size_t at = m.len;

	ipv4(6, 0, 46);
	m.b[at] = 0x46;
	put(&m, 0x01010100, 4);
	tcp(0x012);
	put(&m, 0, 2);
}

static void
packet_plain(void)
{
	ipv4(6, 0, 42);
	tcp(0x012);
	put(&m, 0, 2);
}

static void
check_part(size_t head, size_t hdrlen, size_t len)
{
	if (len < head + 20) {
		assert_int_equal(pkt.version, 0);
		assert_null(pkt.ip);
		assert_int_equal(pkt.ip_len, 0);
	} else {
		assert_int_equal(pkt.version, 4);
		assert_int_equal(pkt.ip - bytes, head);
		assert_int_equal(pkt.ip_len, hdrlen + 22);
		assert_int_equal(pkt.protocol, 6);
	}
	if (len < head + hdrlen) {
		assert_null(pkt.l4);
		assert_int_equal(pkt.hdrlen, 0);
		assert_int_equal(pkt.l4_left, 0);
	} else {
		assert_int_equal(pkt.l4 - bytes, head + hdrlen);
		assert_int_equal(pkt.hdrlen, hdrlen);
		assert_int_equal(pkt.l4_left, len - head - hdrlen);
	}
	assert_int_equal(pkt.end,
	    len < head + hdrlen + 14 ? PACKET_CUT : PACKET_WHOLE);
}

static void
every_link_is_walked_and_a_cut_is_told(void **state)
{
	size_t i, len, head, hdrlen;
	int plain;

	(void)state;
	for (i = 0; i < NSPECS(links); i++)
		for (plain = 0; plain < 2; plain++) {
			m.len = 0;
			links[i].head();
			head = m.len;
			hdrlen = plain ? 20 : 24;
			(plain ? packet_plain : packet_v4)();
			for (len = 0; len <= m.len; len++) {
				walk_part(links[i].link, len, false);
				check_part(head, hdrlen, len);
				assert_false(pkt.tunnel || pkt.fragment);
			}
			assert_int_equal(pkt.ntags, links[i].tags);
			assert_int_equal(pkt.labels, links[i].labels);
			assert_int_equal(pkt.tag[0], pkt.ntags > 0 ? 100 : 0);
			assert_int_equal(pkt.tag[1], pkt.ntags > 1 ? 200 : 0);
		}
}

static void
every_link_type_of_captures_is_known(void **state)
{
	static const struct {
		int dlt;
		enum packet_link link;
	} known[] = {
	    {DLT_EN10MB, PACKET_ETHERNET},
	    {DLT_PPP, PACKET_PPP},
	    {DLT_PPP_SERIAL, PACKET_PPP},
	    {DLT_PPP_ETHER, PACKET_PPPOE},
	    {DLT_C_HDLC, PACKET_HDLC},
	    {DLT_LINUX_SLL, PACKET_SLL},
	    {DLT_LINUX_SLL2, PACKET_SLL2},
	    {DLT_RAW, PACKET_IP},
	    {DLT_IPV4, PACKET_IP},
	    {DLT_IPV6, PACKET_IP},
	    {DLT_NULL, PACKET_LOOPBACK},
	    {DLT_LOOP, PACKET_LOOPBACK},
	    {DLT_ENC, PACKET_ENC},
	    {DLT_PFLOG, PACKET_PFLOG},
	    {DLT_NFLOG, PACKET_NFLOG},
	    {DLT_MPLS, PACKET_MPLS},
	};
	enum packet_link link;
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(known); i++) {
		assert_int_equal(packet_dlt(known[i].dlt, &link), 0);
		assert_int_equal(link, known[i].link);
	}
	assert_int_equal(packet_dlt(DLT_IEEE802_11, &link), -1);
	assert_int_equal(packet_dlt(DLT_USER0, &link), -1);
}

static void
in_gre(void)
{
	put(&m, 0x00000800, 4);
}

static void
in_gre_frame(void)
{
	put(&m, 0x20006558, 4);
	put(&m, 0, 4);
	on_vlan();
}

static void
in_vxlan(void)
{
	udp(4789, 0);
	eight(UINT64_C(0x0800000000002a00));
	on_ethernet();
}

static void
in_geneve(void)
{
	udp(6081, 0);
	eight(UINT64_C(0x0100655800002a00));
	put(&m, 0, 4);
	on_ethernet();
}

static void
in_etherip(void)
{
	put(&m, 0x3000, 2);
	on_ethernet();
}

static void
in_gtp(void)
{
	udp(2152, 0);
	eight(UINT64_C(0x34ff00000000002a));
	put(&m, 0x00000085, 4);
	put(&m, 0x01100900, 4);
}

static const struct {
	uint8_t protocol;
	void (*head)(void);
} tunnels[] = {
    {4, on_nothing},
    {47, in_gre},
    {47, in_gre_frame},
    {17, in_vxlan},
    {17, in_geneve},
    {17, in_gtp},
    {97, in_etherip},
    {137, on_labels},
};

static void
every_tunnel_is_entered_and_a_cut_one_is_not(void **state)
{
	size_t i, len, head;

	(void)state;
	for (i = 0; i < NSPECS(tunnels); i++) {
		m.len = 0;
		on_vlan();
		ipv4(tunnels[i].protocol, 0, 0);
		tunnels[i].head();
		head = m.len;
		packet_v4();
		for (len = 38; len <= m.len; len++) {
			walk_part(PACKET_ETHERNET, len, true);
			assert_int_equal(pkt.tunnel, len >= head + 20);
			assert_int_equal(pkt.ip - bytes,
			    len < head + 20 ? 18 : head);
			if (len >= head + 20)
				check_part(head, 24, len);
			walk_part(PACKET_ETHERNET, len, false);
			assert_int_equal(pkt.ip - bytes, 18);
			assert_false(pkt.tunnel);
		}
	}
}

static void
gtp_that_is_no_packet_is_not_entered(void **state)
{
	static const uint64_t heads[] = {
	    UINT64_C(0x3001000000000000), /* echo request */
	    UINT64_C(0x50ff000000000000), /* version 2 */
	    UINT64_C(0x20ff000000000000), /* GTP' */
	};
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(heads); i++) {
		m.len = 0;
		ipv4(17, 0, 0);
		udp(2152, 0);
		eight(heads[i]);
		packet_v4();
		walk(PACKET_IP, true);
		assert_false(pkt.tunnel);
	}
	/* An extension header that takes no room would never end. */
	m.len = 0;
	ipv4(17, 0, 0);
	udp(2152, 0);
	eight(UINT64_C(0x34ff000000000000));
	put(&m, 0x00000085, 4);
	put(&m, 0x00000085, 4);
	packet_v4();
	walk(PACKET_IP, true);
	assert_false(pkt.tunnel);
}

static void
the_tags_are_those_of_the_frame_that_counts(void **state)
{
	(void)state;
	m.len = 0;
	on_qinq();
	ipv4(17, 0, 0);
	in_vxlan();
	packet_plain();
	walk(PACKET_ETHERNET, true);
	assert_int_equal(pkt.ntags, 0);
	assert_int_equal(pkt.tag[0], 0);
	m.len = 0;
	on_qinq();
	ipv4(17, 0, 0);
	in_gtp();
	packet_plain();
	walk(PACKET_ETHERNET, true);
	assert_true(pkt.tunnel);
	assert_int_equal(pkt.ntags, 2);
	assert_int_equal(pkt.tag[0], 100);
}

/* A tunnel's packet that is the first fragment has all of the inner header. */
static void
what_is_in_a_fragment_is_none(void **state)
{
	(void)state;
	m.len = 0;
	ipv4(47, 0, 0);
	poke16(&m, 6, 0x2000);
	in_gre();
	packet_plain();
	walk(PACKET_IP, false);
	assert_true(pkt.fragment);
	walk(PACKET_IP, true);
	assert_true(pkt.tunnel);
	assert_false(pkt.fragment);
	assert_int_equal(pkt.fragment_id, 0);
	assert_int_equal(pkt.fragment_flags, 0);
}

static void
an_attribute_that_is_shorter_than_its_head_is_a_lie(void **state)
{
	uint16_t head[2] = {0, 2};

	(void)state;
	for (; head[0] < 6; head[0]++) {
		m.len = 0;
		put(&m, 0x02000001, 4);
		put_bytes(&m, head, sizeof(head));
		put(&m, 0, 2);
		walk(PACKET_NFLOG, false);
		assert_int_equal(pkt.end,
		    head[0] < 4 ? PACKET_LIES : PACKET_CUT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_link_is_walked_and_a_cut_is_told),
	    cmocka_unit_test(every_link_type_of_captures_is_known),
	    cmocka_unit_test(every_tunnel_is_entered_and_a_cut_one_is_not),
	    cmocka_unit_test(gtp_that_is_no_packet_is_not_entered),
	    cmocka_unit_test(the_tags_are_those_of_the_frame_that_counts),
	    cmocka_unit_test(what_is_in_a_fragment_is_none),
	    cmocka_unit_test(
		an_attribute_that_is_shorter_than_its_head_is_a_lie),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, walk_end));
}
