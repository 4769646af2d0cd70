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
 * What real exporters put into fields, where a reader of the RFCs would not
 * think of it.  docs/wire-cases.md has all of it, and its other tests.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire.h"

#define SECS 1700000000

static struct msg m;

static void
begin(uint16_t version)
{
	if (version == NF_V9)
		v9_begin(&m, 100000, SECS, 0, 7);
	else
		ipfix_begin(&m, SECS, 0, 7);
}

static void
widths_are_those_of_the_template(void **state)
{
	static const uint16_t wide[][2] = {{6, 2}, {10, 4}, {14, 4}, {16, 4},
	    {17, 4}, {7, 2}, {11, 2}, {1, 8}, {2, 8}, {58, 2}};
	static const uint16_t narrow[][2] = {{6, 1}, {10, 2}, {14, 1}, {16, 2},
	    {17, 1}, {7, 1}, {11, 1}, {1, 3}, {2, 1}, {58, 1}};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	begin(NF_IPFIX);
	template_set(&m, 2, 256, wide, NSPECS(wide));
	template_set(&m, 2, 257, narrow, NSPECS(narrow));
	set_begin(&m, 256);
	for (i = 0; i < NSPECS(wide); i++)
		put(&m, 0x10 + i, wide[i][1]);
	set_end(&m);
	set_begin(&m, 257);
	for (i = 0; i < NSPECS(narrow); i++)
		put(&m, 0x10 + i, narrow[i][1]);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	for (i = 0; i < 2; i++) {
		assert_int_equal(rx->f[i].tcp_flags, 0x10);
		assert_int_equal(rx->f[i].in_if, 0x11);
		assert_int_equal(rx->f[i].out_if, 0x12);
		assert_int_equal(rx->f[i].src_as, 0x13);
		assert_int_equal(rx->f[i].dst_as, 0x14);
		assert_int_equal(rx->f[i].src_port, 0x15);
		assert_int_equal(rx->f[i].dst_port, 0x16);
		assert_int_equal(rx->f[i].octets, 0x17);
		assert_int_equal(rx->f[i].packets, 0x18);
		assert_int_equal(rx->f[i].vlan, 0x19);
	}
	rx_free(rx);
}

/* 12 bits of TCP flags are on the wire: FIN to CWR, and NS above. */
static void
tcp_flags_have_16_bits(void **state)
{
	static const uint16_t specs[][2] = {{6, 2}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(NF_IPFIX);
	template_set(&m, 2, 256, specs, 1);
	set_begin(&m, 256);
	put(&m, 0x01d2, 2);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->f[0].tcp_flags, 0x01d2);
	rx_free(rx);
}

static void
nat_event_without_counters_is_a_flow(void **state)
{
	static const uint16_t nat[][2] = {{323, 8}, {230, 1}, {8, 4}, {225, 4},
	    {7, 2}, {227, 2}, {4, 1}, {234, 4}};
	static const uint16_t block[][2] = {{323, 8}, {230, 1}, {8, 4},
	    {225, 4}, {361, 2}, {362, 2}, {363, 2}, {364, 2}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(NF_IPFIX);
	template_set(&m, 2, 256, nat, NSPECS(nat));
	template_set(&m, 2, 257, block, NSPECS(block));
	set_begin(&m, 256);
	put(&m, UINT64_C(1700000000007), 8);
	put(&m, 4, 1);
	put(&m, 0x64400001, 4);
	put(&m, 0xc6336401, 4);
	put(&m, 1024, 2);
	put(&m, 61000, 2);
	put(&m, 17, 1);
	put(&m, 12, 4);
	set_end(&m);
	set_begin(&m, 257);
	put(&m, UINT64_C(1700000000008), 8);
	put(&m, 16, 1);
	put(&m, 0x64400001, 4);
	put(&m, 0xc6336401, 4);
	put(&m, 1024, 2);
	put(&m, 1535, 2);
	put(&m, 1, 2);
	put(&m, 512, 2);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_int_equal(rx->f[0].nat_event, 4);
	assert_int_equal(rx->f[0].post_nat_src_port, 61000);
	assert_int_equal(rx->f[0].in_vrf, 12);
	assert_false(flow_has(&rx->f[0], FLOW_OCTETS));
	assert_false(flow_has(&rx->f[0], FLOW_PACKETS));
	assert_true(
	    rx->f[0].event_time == SECS * NSEC_PER_SEC + 7 * NSEC_PER_MSEC);
	assert_int_equal(rx->f[1].nat_event, 16);
	assert_int_equal(rx->f[1].nat_port_first, 1024);
	assert_int_equal(rx->f[1].nat_port_last, 1535);
	assert_false(flow_has(&rx->f[1], FLOW_SRC_PORT));
	rx_free(rx);
}

/* NSEL: what was denied never ended, what begins has no octets yet. */
static void
firewall_events_have_a_start_and_maybe_no_end(void **state)
{
	static const uint16_t create[][2] = {{148, 4}, {8, 4}, {12, 4}, {7, 2},
	    {11, 2}, {4, 1}, {225, 4}, {226, 4}, {227, 2}, {228, 2}, {233, 1},
	    {33002, 2}, {323, 8}, {152, 8}, {231, 4}, {232, 4}};
	struct rx *rx = rx_new(NULL);
	const struct flow *f = &rx->f[0];
	size_t i;

	(void)state;
	begin(NF_V9);
	template_set(&m, 0, 256, create, NSPECS(create));
	set_begin(&m, 256);
	for (i = 0; i < NSPECS(create) - 4; i++)
		put(&m, i + 1, create[i][1]);
	put(&m, UINT64_C(1700000000007), 8);
	put(&m, UINT64_C(1700000000005), 8);
	put(&m, 0, 8);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	assert_int_equal(f->flow_id, 1);
	assert_int_equal(f->post_nat_dst_port, 10);
	assert_int_equal(f->firewall_event, 11);
	assert_int_equal(f->fw_ext_event, 12);
	assert_true(f->start == SECS * NSEC_PER_SEC + 5 * NSEC_PER_MSEC);
	assert_true(f->event_time == f->start + 2 * NSEC_PER_MSEC);
	assert_false(flow_has(f, FLOW_END));
	assert_true(flow_has(f, FLOW_OCTETS));
	assert_int_equal(f->octets, 0);
	assert_true(flow_has(f, FLOW_REVERSE_OCTETS));
	rx_free(rx);
}

/* softflowd 0.9: the uptime of a flow's start is above the header's. */
static void
v5_uptime_that_wrapped_does_not_land_weeks_off(void **state)
{
	static const struct {
		uint32_t uptime, first, last;
		int64_t ago; /* ms, of the start */
	} cases[] = {
	    {100000, 90000, 95000, 10000},
	    {5000, UINT32_MAX - 4999, 2000, 10000},
	    {0, UINT32_MAX, UINT32_MAX, 1},
	    {100000, 100200, 100300, -200}, /* the clock of the flow ran on */
	};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(cases); i++) {
		m.len = 0;
		put(&m, 0x00050001, 4);
		put(&m, cases[i].uptime, 4);
		put(&m, SECS, 4);
		put(&m, 0, 12);
		put(&m, 0, 24);
		put(&m, cases[i].first, 4);
		put(&m, cases[i].last, 4);
		put(&m, 0, 16);
		assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
		assert_true(rx->f[0].start ==
		    SECS * NSEC_PER_SEC - cases[i].ago * NSEC_PER_MSEC);
		assert_true(rx->f[0].end >= rx->f[0].start);
	}
	rx_free(rx);
}

static void
start_after_the_end_is_told_as_it_came(void **state)
{
	static const uint16_t specs[][2] = {{152, 8}, {153, 8}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(NF_IPFIX);
	template_set(&m, 2, 256, specs, 2);
	set_begin(&m, 256);
	put(&m, UINT64_C(1700000000005), 8);
	put(&m, UINT64_C(1700000000002), 8);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_true(rx->f[0].start - rx->f[0].end == 3 * NSEC_PER_MSEC);
	rx_free(rx);
}

static void
ipv6_exporters_send_flows_of_ipv4(void **state)
{
	static const uint16_t specs[][2] = {{8, 4}, {12, 4}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	assert_int_equal(addr_parse("2001:db8::7", &rx->src.agent), 0);
	begin(NF_V9);
	template_set(&m, 0, 256, specs, 2);
	set_begin(&m, 256);
	put(&m, UINT64_C(0x0a0000010a000002), 8);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->f[0].agent.family, ADDR_V6);
	assert_int_equal(rx->f[0].agent.b[15], 7);
	assert_int_equal(rx->f[0].src_addr.family, ADDR_V4);
	assert_int_equal(rx->f[0].dst_addr.b[3], 2);
	rx_free(rx);
}

static void
icmp_is_said_in_four_ways(void **state)
{
	static const struct {
		uint16_t specs[2][2];
		size_t n;
	} ways[] = {
	    {{{32, 2}}, 1},
	    {{{139, 2}}, 1},
	    {{{176, 1}, {177, 1}}, 2},
	    {{{178, 1}, {179, 1}}, 2},
	};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(ways); i++) {
		begin(NF_IPFIX);
		template_set(&m, 2, 256, ways[i].specs, ways[i].n);
		set_begin(&m, 256);
		put(&m, 0x0301, 2);
		set_end(&m);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_true(flow_has(&rx->f[0], FLOW_ICMP_TYPE));
		assert_true(flow_has(&rx->f[0], FLOW_ICMP_CODE));
		assert_int_equal(rx->f[0].icmp_type, 3);
		assert_int_equal(rx->f[0].icmp_code, 1);
	}
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(widths_are_those_of_the_template),
	    cmocka_unit_test(tcp_flags_have_16_bits),
	    cmocka_unit_test(nat_event_without_counters_is_a_flow),
	    cmocka_unit_test(firewall_events_have_a_start_and_maybe_no_end),
	    cmocka_unit_test(v5_uptime_that_wrapped_does_not_land_weeks_off),
	    cmocka_unit_test(start_after_the_end_is_told_as_it_came),
	    cmocka_unit_test(ipv6_exporters_send_flows_of_ipv4),
	    cmocka_unit_test(icmp_is_said_in_four_ways),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
