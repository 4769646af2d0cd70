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
 * sFlow 5: the records of samples.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sflow.h"

static void
headers_of_each_link_are_read(void **state)
{
	static const uint32_t protocols[] = {1, 11, 12};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(protocols); i++) {
		begin(0, 1, 0);
		flow_sample(1, 2, 0);
		raw_header(protocols[i], 64);
		sample_end();
		end();
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_int_equal(rx->n, 1);
		check_packet(rx->f);
		assert_int_equal(flow_has(rx->f, FLOW_ETHERTYPE),
		    protocols[i] == 1);
	}
	/* A link that is not known still is a packet. */
	begin(0, 1, 0);
	flow_sample(1, 2, 0);
	raw_header(15, 64);
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	assert_int_equal(rx->f->octets, 64);
	assert_false(flow_has(rx->f, FLOW_SRC_ADDR));
	assert_int_equal(rx->report.records_skipped, 1);
	rx_free(rx);
}

/* What a switch reads of a packet, where it sends no header. */
static void
ethernet_record(void)
{
	record_begin(2);
	put(&m, 100, 4);
	put(&m, UINT64_C(0x02000000000a0000), 8);
	put(&m, UINT64_C(0x02000000000b0000), 8);
	put(&m, 0x86dd, 4);
	record_end();
}

static void
ipv4_record(void)
{
	record_begin(3);
	put(&m, 86, 4);
	put(&m, 6, 4);
	put(&m, 0xc0000201, 4);
	put(&m, 0xc0000202, 4);
	put(&m, 80, 4);
	put(&m, 50000, 4);
	put(&m, 0x12, 4);
	put(&m, 0xb8, 4);
	record_end();
}

static void
samples_without_a_header_are_flows_too(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f = rx->f;

	(void)state;
	begin(0, 1, 0);
	flow_sample(1, 2, 0);
	ethernet_record();
	ipv4_record();
	sample_end();
	flow_sample(1, 2, 0);
	record_begin(4);
	put(&m, 120, 4);
	put(&m, 58, 4);
	put(&m, UINT64_C(0x20010db800000000), 8);
	put(&m, 1, 8);
	put(&m, UINT64_C(0x20010db800000000), 8);
	put(&m, 2, 8);
	put(&m, 0, 16);
	record_end();
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_int_equal(f[0].octets, 100);
	assert_int_equal(f[0].in_src_mac[5], 0x0a);
	assert_int_equal(f[0].in_dst_mac[5], 0x0b);
	assert_int_equal(f[0].ethertype, 0x86dd);
	assert_int_equal(be32(f[0].src_addr.b), 0xc0000201);
	assert_int_equal(f[0].src_port, 80);
	assert_int_equal(f[0].dst_port, 50000);
	assert_int_equal(f[0].tcp_flags, 0x12);
	assert_int_equal(f[0].tos, 0xb8);
	assert_int_equal(f[1].octets, 120);
	assert_int_equal(f[1].protocol, 58);
	assert_int_equal(f[1].dst_addr.family, ADDR_V6);
	assert_int_equal(f[1].dst_addr.b[15], 2);
	assert_false(flow_has(&f[1], FLOW_SRC_PORT));
	assert_false(flow_has(&f[1], FLOW_TCP_FLAGS));
	rx_free(rx);
}

static void
the_packet_itself_is_believed_before_what_was_read_of_it(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(0, 1, 0);
	flow_sample(1, 2, 0);
	ipv4_record();
	ethernet_record();
	raw_header(1, 64);
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	check_packet(rx->f);
	assert_int_equal(rx->f->octets, 64);
	assert_int_equal(rx->f->ethertype, 0x0800);
	assert_int_equal(rx->f->in_src_mac[5], 0xaa);
	rx_free(rx);
}

static void
what_a_switch_and_a_router_add_is_taken(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f = rx->f;

	(void)state;
	begin(0, 1, 0);
	flow_sample(1, 2, 0);
	record_begin(1001);
	put(&m, 100, 4);
	put(&m, 0, 4);
	put(&m, 200, 4);
	put(&m, 0, 4);
	record_end();
	raw_header(1, 64);
	record_begin(1002);
	addr6(9);
	put(&m, 24, 4);
	put(&m, 12, 4);
	record_end();
	sample_end();
	flow_sample(1, 2, 0);
	raw_header(1, 64);
	record_begin(1001);
	put(&m, UINT32_MAX, 4); /* not known */
	put(&m, 0, 4);
	put(&m, 0, 4); /* none */
	put(&m, 0, 4);
	record_end();
	record_begin(1002);
	put(&m, 0, 4); /* not known */
	put(&m, 1000, 4);
	put(&m, 0, 4);
	record_end();
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_int_equal(f[0].vlan, 100);
	assert_int_equal(f[0].post_vlan, 200);
	assert_int_equal(f[0].next_hop.family, ADDR_V6);
	assert_int_equal(f[0].next_hop.b[15], 9);
	assert_int_equal(f[0].src_mask, 24);
	assert_int_equal(f[0].dst_mask, 12);
	assert_false(flow_has(&f[1], FLOW_VLAN));
	assert_false(flow_has(&f[1], FLOW_POST_VLAN));
	assert_false(flow_has(&f[1], FLOW_NEXT_HOP));
	assert_false(flow_has(&f[1], FLOW_SRC_MASK));
	assert_true(flow_has(&f[1], FLOW_DST_MASK));
	rx_free(rx);
}

static void
gateway(uint32_t segments)
{
	record_begin(1003);
	addr4(0xc0000263);
	put(&m, 64500, 4);
	put(&m, 64501, 4);
	put(&m, 64502, 4);
	put(&m, segments, 4);
}

static void
the_path_gives_the_peer_and_the_end(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f = rx->f;

	(void)state;
	begin(0, 1, 0);
	flow_sample(1, 2, 0);
	raw_header(1, 64);
	gateway(3);
	put(&m, 2, 4);
	put(&m, 2, 4);
	put(&m, 65001, 4);
	put(&m, 65002, 4);
	put(&m, 2, 4);
	put(&m, 0, 4); /* an empty one */
	put(&m, 1, 4);
	put(&m, 1, 4);
	put(&m, UINT32_C(4200000001), 4);
	put(&m, 1, 4);
	put(&m, 0xfde80064, 4); /* a community */
	put(&m, 100, 4);
	record_end();
	sample_end();
	flow_sample(1, 2, 0);
	raw_header(1, 64);
	gateway(0);
	put(&m, 0, 8);
	record_end();
	sample_end();
	flow_sample(1, 2, 0);
	raw_header(1, 64);
	gateway(2);
	put(&m, 2, 4);
	put(&m, 1, 4);
	put(&m, 65001, 4);
	put(&m, 2, 4);
	put(&m, 0x40000001, 4); /* more than there is */
	put(&m, 65002, 4);
	record_end();
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 3);
	assert_int_equal(be32(f[0].bgp_next_hop.b), 0xc0000263);
	assert_int_equal(f[0].src_as, 64501);
	assert_int_equal(f[0].src_peer_as, 64502);
	assert_int_equal(f[0].dst_peer_as, 65001);
	assert_int_equal(f[0].dst_as, UINT32_C(4200000001));
	assert_false(flow_has(&f[1], FLOW_DST_AS));
	assert_false(flow_has(&f[1], FLOW_DST_PEER_AS));
	assert_int_equal(f[2].dst_peer_as, 65001);
	assert_false(flow_has(&f[2], FLOW_DST_AS));
	assert_int_equal(f[2].dst_as, 0);
	rx_free(rx);
}

/* With a NUL for each #. */
static void
user_record(const char *src, const char *dst)
{
	const char *names[] = {src, dst};
	size_t i, j, len;

	record_begin(1004);
	for (i = 0; i < 2; i++) {
		len = strlen(names[i]);
		put(&m, 106, 4);
		put(&m, len, 4);
		for (j = 0; j < len; j++)
			put(&m, names[i][j] == '#' ? 0 : names[i][j], 1);
		put(&m, 0, -len & 3);
	}
	record_end();
}

/* The text is the datagram's: looked at while it is there. */
static void
check_user(void *arg, struct flow *f)
{
	const char *want = *(const char **)arg;
	size_t len = strlen(want);

	assert_int_equal(flow_has(f, FLOW_USER_NAME), len > 0);
	assert_int_equal(f->user_name.len, len);
	if (len > 0)
		assert_memory_equal(f->user_name.p, want, len);
}

static void
users_are_named(void **state)
{
	static const char *const users[][3] = {{"alice", "bob", "alice"},
	    {"", "bob", "bob"}, {"", "", ""}, {"al#ce  ", "bob", "al"},
	    {"#x", "bob ", "bob"}, {" ", "###", ""}};
	const struct dec_source src = {.agent = {.family = ADDR_V4}};
	struct dec_report report;
	struct decoder *d;
	const char *want;
	size_t i;

	(void)state;
	assert_non_null(d = decode_new(NULL, check_user, &want));
	for (i = 0; i < NSPECS(users); i++) {
		begin(0, (uint32_t)i, 0);
		flow_sample(1, 2, 0);
		raw_header(1, 64);
		user_record(users[i][0], users[i][1]);
		sample_end();
		end();
		want = users[i][2];
		assert_int_equal(decode_packet(d, &src, rd_init(m.b, m.len),
				     &report),
		    DEC_OK);
		assert_int_equal(report.flows, 1);
	}
	decode_free(d);
}

static void
nat_labels_and_tags_taken_off_are_taken(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f = rx->f;

	(void)state;
	begin(0, 1, 0);
	flow_sample(1, 2, 0);
	record_begin(1007);
	addr4(0xcb007101);
	addr4(0xcb007102);
	record_end();
	record_begin(1020);
	put(&m, 1024, 4);
	put(&m, 53, 4);
	record_end();
	record_begin(1006);
	addr4(0xc0000209);
	put(&m, 2, 4);
	put(&m, 0x000640ff, 4);
	put(&m, 0x000c81ff, 4);
	put(&m, 0, 4);
	record_end();
	record_begin(1012);
	put(&m, 1, 4);
	put(&m, UINT32_C(0x88a80bb8), 4);
	record_end();
	record_begin(1001);
	put(&m, 5, 4);
	put(&m, 0, 12);
	record_end();
	raw_header(1, 64);
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	check_packet(f);
	assert_int_equal(be32(f->post_nat_src_addr.b), 0xcb007101);
	assert_int_equal(be32(f->post_nat_dst_addr.b), 0xcb007102);
	assert_int_equal(f->post_nat_src_port, 1024);
	assert_int_equal(f->post_nat_dst_port, 53);
	assert_int_equal(f->mpls_labels[0], 100);
	assert_int_equal(f->mpls_labels[1], 200);
	assert_int_equal(be32(f->next_hop.b), 0xc0000209);
	assert_int_equal(f->vlan, 0xbb8);
	assert_false(flow_has(f, FLOW_CUSTOMER_VLAN));
	rx_free(rx);
}

static void
a_switch_record_that_says_it_is_shorter_has_16_bytes(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(0, 1, 0);
	flow_sample(1, 2, 0);
	record_begin(1001);
	poke32(record_at, 6);
	put(&m, 100, 4);
	put(&m, 0, 4);
	put(&m, 200, 4);
	put(&m, 0, 4);
	raw_header(1, 64);
	sample_end();
	simple_sample();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	check_packet(&rx->f[0]);
	assert_int_equal(rx->f[0].vlan, 100);
	assert_int_equal(rx->f[0].post_vlan, 200);
	check_packet(&rx->f[1]);
	rx_free(rx);
}

static void
tunnels_are_entered_for_a_source_that_wants_it(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(0, 1, 0);
	flow_sample(1, 2, 0);
	record_begin(1);
	put(&m, 11, 4);
	put(&m, 64, 4);
	put(&m, 0, 4);
	put(&m, 60, 4);
	put(&m, UINT64_C(0x4500003c00000000), 8); /* IP in IP */
	put(&m, UINT64_C(0x4004000000000000) | 0xc0000201, 8);
	put(&m, 0xc0000202, 4);
	ip_packet();
	record_end();
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->f->protocol, 4);
	rx->src.inner = true;
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	check_packet(rx->f);
	assert_int_equal(rx->f->octets, 64);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(headers_of_each_link_are_read),
	    cmocka_unit_test(samples_without_a_header_are_flows_too),
	    cmocka_unit_test(
		the_packet_itself_is_believed_before_what_was_read_of_it),
	    cmocka_unit_test(what_a_switch_and_a_router_add_is_taken),
	    cmocka_unit_test(the_path_gives_the_peer_and_the_end),
	    cmocka_unit_test(users_are_named),
	    cmocka_unit_test(nat_labels_and_tags_taken_off_are_taken),
	    cmocka_unit_test(
		a_switch_record_that_says_it_is_shorter_has_16_bytes),
	    cmocka_unit_test(tunnels_are_entered_for_a_source_that_wants_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
