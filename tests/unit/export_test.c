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
 * What is in the records: each dialect is read back by our decoder.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "export.h"

/* Of the entry's side s, as a record of one direction. */
static void
check_side(const struct flow *f, int s)
{
	const bool v4 = entry.key.version == 4;
	const size_t alen = v4 ? 4 : 16;

	assert_int_equal(f->src_addr.family, v4 ? ADDR_V4 : ADDR_V6);
	assert_memory_equal(f->src_addr.b, entry.key.addr[s], alen);
	assert_memory_equal(f->dst_addr.b, entry.key.addr[!s], alen);
	assert_int_equal(f->octets, entry.octets[s]);
	assert_int_equal(f->packets, entry.packets[s]);
	assert_int_equal(f->protocol, entry.key.protocol);
	assert_int_equal(f->tos, entry.tos[s]);
	assert_int_equal(f->in_if, 5);
	assert_int_equal(f->out_if, 5);
}

static void
check_ports(const struct flow *f, int s)
{
	assert_int_equal(f->src_port, entry.key.port[s]);
	assert_int_equal(f->dst_port, entry.key.port[!s]);
	assert_int_equal(f->tcp_flags,
	    entry.tcp_flags[s] & (config.version == 10 ? 0xfff : 0xff));
}

static void
each_dialect_tells_both_directions(void **state)
{
	static const uint16_t versions[] = {1, 5, 9, 10};
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(versions); i++) {
		config_default(versions[i]);
		export_begin(1);
		entry_default(4, 6);
		export_one(END_TCP_FIN);
		assert_int_equal(nflows, 2);
		check_side(&flows[0], 0);
		check_ports(&flows[0], 0);
		check_side(&flows[1], 1);
		check_ports(&flows[1], 1);
		/* Milliseconds of uptime. */
		assert_int_equal(flows[0].start, T0 + 1000 * MS);
		assert_int_equal(flows[1].end, T0 + 3500 * MS);
		assert_int_equal(flows[0].version, versions[i]);
		assert_int_equal(counters.exported_flows, 1);
		assert_int_equal(counters.exported_records, 2);
		assert_int_equal(counters.exported_packets, 30);
		assert_int_equal(counters.exported_octets, 3000);
		assert_int_equal(dests[0].records, 2);
		export_done();
	}
}

static void
ipv6_goes_with_its_flow_label(void **state)
{
	static const uint16_t versions[] = {9, 10};
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(versions); i++) {
		config_default(versions[i]);
		export_begin(1);
		entry_default(6, 17);
		export_one(END_UDP);
		assert_int_equal(nflows, 2);
		check_side(&flows[0], 0);
		check_ports(&flows[0], 0);
		check_side(&flows[1], 1);
		assert_int_equal(flows[0].flow_label, 0xabcde);
		assert_int_equal(flows[1].flow_label, 0x12345);
		assert_int_equal(flows[0].ttl, 64);
		assert_int_equal(flows[1].ttl, 57);
		assert_int_equal(flows[0].end_reason, 1);
		export_done();
	}
}

static void
what_a_dialect_cannot_carry_is_counted(void **state)
{
	(void)state;
	config_default(5);
	export_begin(1);
	entry_default(6, 17);
	export_one(END_UDP);
	assert_int_equal(nflows, 0);
	assert_int_equal(dests[0].messages, 0);
	assert_int_equal(counters.not_exported, 1);
	assert_int_equal(counters.exported_flows, 0);
	assert_int_equal(counters.exported_records, 0);
	export_done();
}

static void
icmp_has_type_and_code_instead_of_ports(void **state)
{
	static const uint16_t versions[] = {9, 10};
	size_t i, j;

	(void)state;
	for (i = 0; i < NSPECS(versions); i++)
		for (j = 0; j < 2; j++) {
			config_default(versions[i]);
			export_begin(1);
			entry_default(j == 0 ? 4 : 6, j == 0 ? 1 : 58);
			entry.packets[1] = entry.octets[1] = 0;
			export_one(END_ICMP);
			assert_int_equal(nflows, 1);
			check_side(&flows[0], 0);
			assert_int_equal(flows[0].icmp_type, 8);
			assert_int_equal(flows[0].icmp_code, 3);
			assert_false(flow_has(&flows[0], FLOW_SRC_PORT));
			export_done();
		}
	/* Version 5 has it in the destination port. */
	config_default(5);
	export_begin(1);
	entry_default(4, 1);
	export_one(END_ICMP);
	assert_int_equal(nflows, 2);
	for (i = 0; i < 2; i++) {
		assert_int_equal(flows[i].src_port, 0);
		assert_int_equal(flows[i].dst_port, 8 * 256 + 3);
	}
	export_done();
}

static void
a_direction_without_packets_has_no_record(void **state)
{
	int s;

	(void)state;
	for (s = 0; s < 2; s++) {
		config_default(9);
		export_begin(1);
		entry_default(4, 6);
		entry.packets[!s] = entry.octets[!s] = 0;
		export_one(END_TCP);
		assert_int_equal(nflows, 1);
		check_side(&flows[0], s);
		assert_int_equal(counters.exported_flows, 1);
		assert_int_equal(counters.exported_records, 1);
		/* Nor has a flow of none: a part in which it was silent. */
		entry.packets[s] = entry.octets[s] = 0;
		export_one(END_ACTIVE);
		assert_int_equal(counters.exported_flows, 1);
		export_done();
	}
}

static void
the_initiator_comes_first(void **state)
{
	int turned;

	(void)state;
	for (turned = 0; turned < 2; turned++) {
		config_default(10);
		export_begin(1);
		entry_default(4, 6);
		if (turned)
			entry.bits |= ENTRY_TURNED;
		export_one(END_TCP);
		check_side(&flows[0], turned);
		assert_int_equal(flows[0].direction, 0);
		check_side(&flows[1], !turned);
		assert_int_equal(flows[1].direction, 1);
		export_done();
	}
}

static void
counters_have_64_bits(void **state)
{
	static const uint16_t versions[] = {9, 10};
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(versions); i++) {
		config_default(versions[i]);
		export_begin(1);
		entry_default(4, 6);
		entry.octets[0] = UINT64_C(0x123456789abcdef0);
		entry.packets[0] = UINT64_C(0x1000000001);
		export_one(END_TCP);
		check_side(&flows[0], 0);
		export_done();
	}
}

static void
check_biflow(int s)
{
	const struct flow *f = &flows[0];

	assert_int_equal(nflows, 1);
	check_side(f, s);
	check_ports(f, s);
	assert_int_equal(f->reverse_octets, entry.octets[!s]);
	assert_int_equal(f->reverse_packets, entry.packets[!s]);
	assert_int_equal(f->reverse_tos, entry.tos[!s]);
	assert_int_equal(f->reverse_tcp_flags, entry.tcp_flags[!s]);
	assert_int_equal(f->direction, 0);
	assert_int_equal(counters.exported_flows, 1);
	assert_int_equal(counters.exported_records, 1);
	assert_int_equal(counters.exported_packets,
	    entry.packets[0] + entry.packets[1]);
	assert_int_equal(counters.exported_octets,
	    entry.octets[0] + entry.octets[1]);
}

static void
biflow_begin(uint8_t bits)
{
	config_default(10);
	config.biflow = true;
	export_begin(1);
	entry_default(4, 6);
	entry.bits |= bits;
}

static void
a_biflow_is_one_record_of_the_initiator(void **state)
{
	(void)state;
	biflow_begin(0);
	export_one(END_TCP);
	check_biflow(0);
	export_done();
	biflow_begin(ENTRY_TURNED);
	export_one(END_TCP);
	check_biflow(1);
	export_done();
}

static void
a_biflow_is_turned_if_only_the_answer_was_seen(void **state)
{
	(void)state;
	biflow_begin(0);
	entry.packets[0] = entry.octets[0] = 0;
	export_one(END_TCP);
	check_biflow(1);
	export_done();
	/* A later part of it is not: the initiator spoke before. */
	biflow_begin(ENTRY_INTERIM);
	entry.packets[0] = entry.octets[0] = 0;
	export_one(END_TCP);
	check_biflow(0);
	export_done();
}

static void
biflows_are_for_ipfix(void **state)
{
	(void)state;
	config_default(9);
	config.biflow = true;
	export_begin(1);
	entry_default(4, 6);
	export_one(END_TCP);
	assert_int_equal(nflows, 2);
	export_done();
}

static void
a_biflow_of_icmp_has_the_types_of_both(void **state)
{
	(void)state;
	biflow_begin(0);
	entry_default(4, 1);
	export_one(END_ICMP);
	assert_int_equal(nflows, 1);
	assert_int_equal(flows[0].icmp_type, 8);
	assert_int_equal(flows[0].reverse_icmp_type, 8);
	assert_int_equal(flows[0].reverse_icmp_code, 3);
	assert_int_equal(flows[0].reverse_packets, 20);
	export_done();
}

static void
times_are_as_exact_as_asked_for(void **state)
{
	/* clang-format off */
	static const struct {
		enum export_times times;
		int64_t unit;
	} cases[] = {
		{ TIMES_UPTIME, NSEC_PER_MSEC },
		{ TIMES_SECONDS, NSEC_PER_SEC },
		{ TIMES_MILLISECONDS, NSEC_PER_MSEC },
		{ TIMES_MICROSECONDS, 1000 },
		{ TIMES_NANOSECONDS, 1 },
	};
	/* clang-format on */
	static const uint16_t versions[] = {9, 10};
	size_t i, j;

	(void)state;
	for (j = 0; j < NSPECS(versions); j++)
		for (i = 0; i < NSPECS(cases); i++) {
			config_default(versions[j]);
			config.times = cases[i].times;
			export_begin(1);
			entry_default(4, 6);
			export_one(END_TCP);
			assert_int_equal(flows[0].start,
			    entry.first - entry.first % cases[i].unit);
			assert_int_equal(flows[0].end,
			    entry.last - entry.last % cases[i].unit);
			export_done();
		}
}

static void
collectors_are_told_why_a_flow_ended(void **state)
{
	static const uint8_t wire[END_MAX] = {[END_GENERAL] = 1,
	    [END_TCP] = 1,
	    [END_TCP_RST] = 3,
	    [END_TCP_FIN] = 3,
	    [END_UDP] = 1,
	    [END_ICMP] = 1,
	    [END_MAXLIFE] = 2,
	    [END_MAXFLOWS] = 5,
	    [END_FLUSHED] = 4,
	    [END_ACTIVE] = 2};
	int why;

	(void)state;
	config_default(10);
	export_begin(1);
	entry_default(4, 6);
	for (why = 0; why < END_MAX; why++)
		if (wire[why] != 0) {
			nflows = 0;
			export_one((enum end_reason)why);
			assert_int_equal(flows[0].end_reason, wire[why]);
		}
	export_done();
}

static void
a_fragment_of_unknown_ports_has_none(void **state)
{
	(void)state;
	config_default(10);
	export_begin(1);
	entry_default(4, 17);
	entry.key.port[0] = entry.key.port[1] = 0;
	entry.bits |= ENTRY_FRAGMENT;
	export_one(END_UDP);
	check_ports(&flows[0], 0);
	assert_int_equal(flows[0].src_port, 0);
	export_done();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_dialect_tells_both_directions),
	    cmocka_unit_test(ipv6_goes_with_its_flow_label),
	    cmocka_unit_test(what_a_dialect_cannot_carry_is_counted),
	    cmocka_unit_test(icmp_has_type_and_code_instead_of_ports),
	    cmocka_unit_test(a_direction_without_packets_has_no_record),
	    cmocka_unit_test(the_initiator_comes_first),
	    cmocka_unit_test(counters_have_64_bits),
	    cmocka_unit_test(a_biflow_is_one_record_of_the_initiator),
	    cmocka_unit_test(a_biflow_is_turned_if_only_the_answer_was_seen),
	    cmocka_unit_test(biflows_are_for_ipfix),
	    cmocka_unit_test(a_biflow_of_icmp_has_the_types_of_both),
	    cmocka_unit_test(times_are_as_exact_as_asked_for),
	    cmocka_unit_test(collectors_are_told_why_a_flow_ended),
	    cmocka_unit_test(a_fragment_of_unknown_ports_has_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
