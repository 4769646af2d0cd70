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
 * What options add to records and to the options data.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "export.h"

static struct extra *
with_extra(void)
{
	const struct extra_config c = {.link = true};

	extras = extras_new(&c, 10);
	assert_non_null(extras);
	return (extras_at(extras, extras_add(extras)));
}

static void
begin(void)
{
	export_begin(1);
	entry_default(4, 6);
	entry.extra = extras != NULL ? 1 : 0;
}

static void
vlans_are_told_where_they_are_tracked(void **state)
{
	static const uint16_t versions[] = {9, 10};
	struct extra *e;
	int i, track;

	(void)state;
	for (i = 0; i < 2; i++)
		for (track = TRACK_FULL; track <= TRACK_ETHER; track++) {
			config_default(versions[i]);
			config.track = (enum track)track;
			e = with_extra();
			e->side[0].customer_vlan = 200;
			e->side[1].customer_vlan = 201;
			begin();
			entry.key.vlan = 100;
			export_one(END_TCP);
			if (track == TRACK_FULL) {
				assert_false(flow_has(&flows[0], FLOW_VLAN));
				export_done();
				continue;
			}
			assert_int_equal(flows[0].vlan, 100);
			assert_int_equal(flows[0].post_vlan, 100);
			assert_int_equal(flows[0].customer_vlan, 200);
			assert_int_equal(flows[1].vlan, 100);
			assert_int_equal(flows[1].customer_vlan, 201);
			export_done();
		}
}

static void
addresses_of_the_link_tell_the_direction(void **state)
{
	static const uint8_t a[] = {2, 0, 0, 0, 0, 1}, b[] = {2, 0, 0, 0, 0, 2};
	static const uint8_t none[6];
	struct extra *e;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		config_default(10);
		config.track = TRACK_ETHER;
		config.has_mac = true;
		memcpy(config.mac, i == 0 ? a : i == 1 ? b : none, 6);
		e = with_extra();
		memcpy(e->side[0].mac, a, 6);
		memcpy(e->side[0].dst_mac, b, 6);
		memcpy(e->side[1].mac, b, 6);
		memcpy(e->side[1].dst_mac, a, 6);
		begin();
		export_one(END_TCP);
		assert_memory_equal(flows[0].in_src_mac, a, 6);
		assert_memory_equal(flows[0].in_dst_mac, b, 6);
		assert_memory_equal(flows[1].in_src_mac, b, 6);
		assert_memory_equal(flows[1].in_dst_mac, a, 6);
		/* Sent by a: out of a, into b; else by the initiator. */
		assert_int_equal(flows[0].direction, i == 0);
		assert_int_equal(flows[1].direction, i != 0);
		export_done();
	}
}

static void
labels_are_told_as_many_as_asked_for(void **state)
{
	struct extra *e;

	(void)state;
	config_default(9);
	config.labels = 3;
	e = with_extra();
	e->side[0].nlabels = 2;
	e->side[0].labels[0] = 0x1234503f;
	e->side[0].labels[1] = 0xabcde140;
	begin();
	export_one(END_TCP);
	assert_int_equal(flows[0].mpls_labels[0], 0x12345);
	assert_int_equal(flows[0].mpls_labels[1], 0xabcde);
	assert_int_equal(flows[0].mpls_labels[2], 0);
	assert_int_equal(flows[1].mpls_labels[0], 0);
	export_done();
	config.labels = 1;
	e = with_extra();
	e->side[0].nlabels = 2;
	e->side[0].labels[0] = 0x1234503f;
	e->side[0].labels[1] = 0xabcde140;
	begin();
	export_one(END_TCP);
	assert_int_equal(flows[0].mpls_labels[0], 0x12345);
	assert_int_equal(flows[0].mpls_labels[1], 0);
	export_done();
}

static void
a_flow_for_which_there_was_no_memory_is_told_without(void **state)
{
	(void)state;
	config_default(10);
	config.track = TRACK_ETHER;
	config.labels = 10;
	config.tcp = config.names = true;
	(void)with_extra();
	begin();
	entry.extra = 0;
	export_one(END_TCP);
	assert_int_equal(nflows, 2);
	assert_int_equal(flows[0].octets, 1000);
	assert_int_equal(flows[0].tcp_rtt, 0);
	export_done();
}

static void
troubles_of_tcp_are_told(void **state)
{
	struct extra *e;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		config_default(i == 0 ? 9 : 10);
		config.tcp = true;
		config.biflow = i == 2;
		e = with_extra();
		e->tcp.rtt = 25000;
		e->tcp.side[0].retransmits = 3;
		e->tcp.side[1].retransmits = 5;
		e->tcp.side[1].out_of_order = 7;
		begin();
		export_one(END_TCP);
		if (i > 0)
			assert_int_equal(flows[0].tcp_rtt, 25000);
		assert_int_equal(flows[0].tcp_retransmits, i == 2 ? 8 : 3);
		assert_int_equal(flows[0].tcp_out_of_order, i == 2 ? 7 : 0);
		if (i < 2) {
			assert_int_equal(flows[1].tcp_retransmits, 5);
			assert_int_equal(flows[1].tcp_out_of_order, 7);
		}
		export_done();
	}
}

static void
an_interim_record_takes_its_counts_along(void **state)
{
	struct extra *e;

	(void)state;
	config_default(10);
	config.tcp = true;
	e = with_extra();
	e->tcp.side[0].retransmits = 3;
	begin();
	export_one(END_ACTIVE);
	assert_int_equal(flows[0].tcp_retransmits, 3);
	assert_int_equal(e->tcp.side[0].retransmits, 0);
	export_one(END_TCP);
	assert_int_equal(flows[2].tcp_retransmits, 0);
	export_done();
}

static void
names_are_told_in_ipfix(void **state)
{
	struct extra *e;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		config_default(i == 0 ? 10 : 9);
		config.names = true;
		e = with_extra();
		memcpy(e->dns_name, "a.example", 9);
		e->dns_len = 9;
		begin();
		export_one(END_TCP);
		entry.extra = 0; /* the next has none */
		export_one(END_TCP);
		assert_int_equal(nflows, 4);
		assert_int_equal(flow_has(&flows[0], FLOW_DNS_NAME), i == 0);
		if (i == 0) {
			assert_int_equal(flows[0].dns_name.len, 9);
			assert_memory_equal(flows[0].dns_name.p, "a.example",
			    9);
		}
		assert_false(flow_has(&flows[0], FLOW_TLS_SERVER_NAME));
		assert_false(flow_has(&flows[2], FLOW_DNS_NAME));
		export_done();
	}
}

static void
the_interface_is_named_in_records_if_asked_for(void **state)
{
	(void)state;
	config_default(10);
	config.if_name = true;
	config.interface = "a-name-of-twenty-one.";
	begin();
	export_one(END_TCP);
	assert_true(flow_has(&flows[0], FLOW_IN_IF_NAME));
	assert_int_equal(flows[0].in_if_name.len, 16);
	export_done();
	config.if_name = false;
	begin();
	export_one(END_TCP);
	assert_false(flow_has(&flows[0], FLOW_IN_IF_NAME));
	export_done();
}

static void
the_sampling_rate_is_announced(void **state)
{
	static const uint16_t versions[] = {5, 9, 10};
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(versions); i++) {
		config_default(versions[i]);
		config.sampling = 100;
		begin();
		export_one(END_TCP);
		assert_int_equal(flows[0].sampling_rate, 100);
		assert_int_equal(flows[0].sampling,
		    versions[i] == 5 ? SAMPLING_HEADER : SAMPLING_OPTIONS);
		export_done();
	}
	/* There are 14 bits in version 5. */
	config_default(5);
	config.sampling = 20000;
	begin();
	export_one(END_TCP);
	assert_int_equal(flows[0].sampling_rate, 16383);
	export_done();
}

static void
the_exporter_names_itself(void **state)
{
	static const struct addr v4 = {ADDR_V4, {192, 0, 2, 7}};
	static const struct addr v6 = {ADDR_V6, {0x20, 1, 0xd, 0xb8, [15] = 7}};

	(void)state;
	config_default(10);
	config.exporter = v4;
	begin();
	export_one(END_TCP);
	assert_true(addr_equal(&flows[0].agent, &v4));
	export_done();
	config.exporter = v6;
	begin();
	export_one(END_TCP);
	assert_true(addr_equal(&flows[0].agent, &v6));
	export_done();
}

static void
a_flow_that_ended_before_the_uptime_did_not_end_in_the_future(void **state)
{
	static const uint16_t versions[] = {5, 9, 10};
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(versions); i++) {
		config_default(versions[i]);
		begin();
		export_boot(export, T0 + 4000 * MS);
		export_one(END_TCP);
		assert_int_equal(flows[0].end, T0 + 4000 * MS);
		assert_int_equal(flows[0].start,
		    T0 + (versions[i] == 10 ? 4000 : 1000) * MS);
		export_done();
	}
	/* Absolute times need no uptime. */
	config_default(10);
	config.times = TIMES_MILLISECONDS;
	begin();
	export_boot(export, T0 + 4000 * MS);
	export_one(END_TCP);
	assert_int_equal(flows[0].start, T0 + 1000 * MS);
	assert_int_equal(flows[0].end, T0 + 3500 * MS);
	export_done();
}

static void
an_uptime_that_begins_anew_is_told(void **state)
{
	static const uint16_t versions[] = {5, 9, 10};
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(versions); i++) {
		config_default(versions[i]);
		begin();
		export_one(END_TCP);
		export_boot(export, T0 + 2000 * MS);
		export_refresh(export);
		export_one(END_TCP);
		assert_int_equal(nflows, 4);
		assert_int_equal(flows[0].start, T0 + 1000 * MS);
		assert_int_equal(flows[2].end, T0 + 3500 * MS);
		/* Nothing is before the start of the system, in IPFIX. */
		assert_int_equal(flows[2].start,
		    T0 + (versions[i] == 10 ? 2000 : 1000) * MS);
		export_done();
	}
}

static size_t
chosen_of(uint32_t n, uint64_t secret)
{
	uint32_t i;
	size_t flows_sent;

	config_default(9);
	config.flow_sampling = 10;
	config.secret = secret;
	begin();
	for (i = 0; i < n; i++) {
		entry.key.port[0] = (uint16_t)i;
		export_flow(export, &entry, END_TCP, T0 + 5000 * MS);
		nflows = 0;
	}
	assert_int_equal(counters.exported_flows + counters.unsampled_flows, n);
	assert_int_equal(counters.exported_records,
	    2 * counters.exported_flows);
	flows_sent = counters.exported_flows;
	export_done();
	return (flows_sent);
}

static void
one_flow_in_so_many_is_chosen_by_a_secret(void **state)
{
	size_t first = chosen_of(20000, 1), second = chosen_of(20000, 2);

	(void)state;
	/* Six standard deviations. */
	assert_in_range(first, 2000 - 255, 2000 + 255);
	assert_in_range(second, 2000 - 255, 2000 + 255);
	assert_int_equal(chosen_of(20000, 1), first);
	assert_int_not_equal(first, second);
}

static void
all_parts_of_a_flow_share_its_fate(void **state)
{
	uint32_t i;
	uint64_t sent;

	(void)state;
	config_default(10);
	config.flow_sampling = 3;
	begin();
	for (i = 0; i < 100; i++) {
		entry.key.port[0] = (uint16_t)i;
		entry.key.vlan = 0;
		sent = counters.exported_flows;
		export_flow(export, &entry, END_ACTIVE, T0);
		entry.bits |= ENTRY_INTERIM;
		entry.key.vlan = 7; /* and in another VLAN */
		export_flow(export, &entry, END_TCP, T0);
		entry.bits &= (uint8_t)~ENTRY_INTERIM;
		assert_true((counters.exported_flows - sent) % 2 == 0);
	}
	assert_in_range(counters.exported_flows, 20, 120);
	/* It is announced, but is not taken for sampling of packets. */
	export_flush(export, T0);
	assert_true(flows[0].sampling_rate <= 1);
	export_done();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(vlans_are_told_where_they_are_tracked),
	    cmocka_unit_test(addresses_of_the_link_tell_the_direction),
	    cmocka_unit_test(labels_are_told_as_many_as_asked_for),
	    cmocka_unit_test(
		a_flow_for_which_there_was_no_memory_is_told_without),
	    cmocka_unit_test(troubles_of_tcp_are_told),
	    cmocka_unit_test(an_interim_record_takes_its_counts_along),
	    cmocka_unit_test(names_are_told_in_ipfix),
	    cmocka_unit_test(the_interface_is_named_in_records_if_asked_for),
	    cmocka_unit_test(the_sampling_rate_is_announced),
	    cmocka_unit_test(the_exporter_names_itself),
	    cmocka_unit_test(
		a_flow_that_ended_before_the_uptime_did_not_end_in_the_future),
	    cmocka_unit_test(an_uptime_that_begins_anew_is_told),
	    cmocka_unit_test(one_flow_in_so_many_is_chosen_by_a_secret),
	    cmocka_unit_test(all_parts_of_a_flow_share_its_fate),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
