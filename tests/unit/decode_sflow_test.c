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
 * sFlow 5: datagrams and samples.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sflow.h"

static void
a_sampled_packet_is_a_flow(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f = rx->f;

	(void)state;
	begin(3, 1000, 5000);
	flow_sample(11, 12, 0);
	raw_header(1, 1518);
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	assert_int_equal(rx->report.version, NF_SFLOW5);
	assert_int_equal(rx->report.source_id, 3);
	check_packet(f);
	assert_int_equal(f->octets, 1518);
	assert_int_equal(f->version, NF_SFLOW5);
	assert_int_equal(f->in_if, 11);
	assert_int_equal(f->out_if, 12);
	assert_int_equal(f->sampling_rate, 400);
	assert_int_equal(f->sampling, SAMPLING_RECORD);
	assert_int_equal(f->source_id, 3);
	assert_int_equal(f->sequence, 1000);
	assert_int_equal(f->sys_uptime, 5000);
	assert_memory_equal(f->in_src_mac, "\x02\x66\x77\x88\x99\xaa", 6);
	assert_false(flow_has(f, FLOW_FORWARDING_STATUS));
	assert_false(flow_has(f, FLOW_EXPORT_TIME));
	rx_free(rx);
}

static void
flows_are_of_the_time_they_came_at(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(0, 1, 5000);
	simple_sample();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_true(flow_has(rx->f, FLOW_START) && flow_has(rx->f, FLOW_END));
	assert_true(rx->f->start == rx->src.recv_time);
	assert_true(rx->f->end == rx->src.recv_time);
	assert_int_equal(rx->f->clock, CLOCK_RECEIVED);
	rx_free(rx);
}

static void
the_agent_is_who_sent_it_unless_another_is_trusted(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(0, 1, 0);
	simple_sample();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_true(addr_equal(&rx->f->agent, &rx->src.agent));
	assert_true(flow_has(rx->f, FLOW_EXPORTER));
	assert_int_equal(be32(rx->f->exporter.b), 0xc6336401);
	rx->src.trusted = true;
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(be32(rx->f->agent.b), 0xc6336401);
	rx_free(rx);
}

static void
agents_have_addresses_of_each_family_or_none(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	m.len = 0;
	nsamples = 0;
	put(&m, 5, 4);
	addr6(1);
	put(&m, 0, 16);
	simple_sample();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	assert_int_equal(rx->f->exporter.family, ADDR_V6);
	assert_int_equal(rx->f->exporter.b[15], 1);
	m.len = 0;
	nsamples = 0;
	put(&m, 5, 4);
	put(&m, 0, 4);
	put(&m, 0, 12);
	put(&m, 1, 4); /* one sample */
	simple_sample();
	rx->src.trusted = true;
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	assert_false(flow_has(rx->f, FLOW_EXPORTER));
	assert_true(addr_equal(&rx->f->agent, &rx->src.agent));
	/* A type of address whose length nobody knows. */
	poke32(4, 3);
	assert_int_equal(rx_msg(rx, &m), DEC_SHORT);
	assert_int_equal(rx->n, 0);
	rx_free(rx);
}

static void
only_an_index_is_an_interface(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f = rx->f;

	(void)state;
	begin(0, 1, 0);
	flow_sample(LOCAL, 0x40000102, 0); /* dropped by an access list */
	raw_header(1, 64);
	sample_end();
	flow_sample(0, 0x8000000a, 0); /* sent to ten */
	raw_header(1, 64);
	sample_end();
	expanded_sample(UINT32_C(3000000000), 0, UINT32_C(4000000000));
	raw_header(1, 64);
	sample_end();
	expanded_sample(1, 1, 9999); /* for a reason unheard of */
	raw_header(1, 64);
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 4);
	assert_int_equal(f[0].in_if, LOCAL);
	assert_false(flow_has(&f[0], FLOW_OUT_IF));
	assert_int_equal(f[0].forwarding_status, 129);
	assert_true(flow_has(&f[1], FLOW_IN_IF));
	assert_int_equal(f[1].in_if, 0);
	assert_false(flow_has(&f[1], FLOW_OUT_IF));
	assert_false(flow_has(&f[1], FLOW_FORWARDING_STATUS));
	assert_int_equal(f[2].in_if, UINT32_C(3000000000));
	assert_int_equal(f[2].out_if, UINT32_C(4000000000));
	assert_int_equal(f[2].sampling_rate, 500);
	assert_false(flow_has(&f[2], FLOW_FORWARDING_STATUS));
	assert_int_equal(f[3].forwarding_status, 128);
	rx_free(rx);
}

static void
a_discarded_packet_is_a_flow_that_was_dropped(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(0, 1, 0);
	discarded_sample(257);
	raw_header(1, 64);
	sample_end();
	discarded_sample(1); /* with nothing of the packet */
	record_begin(1036);
	put(&m, 42, 4);
	record_end();
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	check_packet(rx->f);
	assert_int_equal(rx->f->forwarding_status, 137);
	assert_int_equal(rx->f->in_if, 3);
	assert_false(flow_has(rx->f, FLOW_SAMPLING_RATE));
	assert_int_equal(rx->report.samples_skipped, 1);
	assert_int_equal(rx->report.records_skipped, 1);
	rx_free(rx);
}

static void
unknown_samples_and_records_are_counted_and_stepped_over(void **state)
{
	static const uint32_t formats[] = {0, 6, 0x1001, 0xffffffff};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	begin(0, 1, 0);
	for (i = 0; i < NSPECS(formats); i++) {
		sample_begin(formats[i]);
		put(&m, UINT64_MAX, 8);
		poke32(sample_at, 8);
	}
	sample_begin(2);
	poke32(sample_at, 0);
	sample_begin(4);
	put(&m, 0, 3); /* padded to four */
	poke32(sample_at, 3);
	put(&m, 0, 1);
	flow_sample(1, 2, 0);
	for (i = 0; i < NSPECS(formats); i++) {
		record_begin(formats[i]);
		put(&m, UINT64_MAX, 8);
		record_end();
	}
	raw_header(1, 64);
	raw_header(1, 65); /* a second one adds nothing */
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	assert_int_equal(rx->f->octets, 64);
	assert_int_equal(rx->report.samples_skipped, 4);
	assert_int_equal(rx->report.samples_counters, 2);
	assert_int_equal(rx->report.records_skipped, 5);
	assert_int_equal(rx->report.records_short, 0);
	rx_free(rx);
}

static void
a_sample_ends_where_it_says(void **state)
{
	struct rx *rx = rx_new(NULL);
	size_t at;

	(void)state;
	/* Its last record claims four bytes more, or there are four more. */
	begin(0, 1, 0);
	flow_sample(1, 2, 0);
	raw_header(1, 64);
	sample_end();
	poke32(record_at, (uint32_t)(m.len - record_at));
	flow_sample(3, 4, 0);
	raw_header(1, 64);
	put(&m, UINT32_MAX, 4);
	sample_end();
	simple_sample();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 3);
	check_packet(&rx->f[0]);
	check_packet(&rx->f[1]);
	assert_int_equal(rx->f[1].in_if, 3);
	/* More records than there are: those that are there. */
	begin(0, 1, 0);
	flow_sample(1, 2, 0);
	at = count_at;
	raw_header(1, 64);
	sample_end();
	poke32(at, UINT32_MAX);
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	assert_int_equal(rx->report.records_short, UINT32_MAX - 1);
	rx_free(rx);
}

static void
bytes_behind_the_last_sample_are_padding(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(0, 1, 0);
	simple_sample();
	end();
	put(&m, UINT64_MAX, 7);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	rx_free(rx);
}

static void
a_cut_datagram_gives_the_samples_before_the_cut(void **state)
{
	struct rx *rx = rx_new(NULL);
	size_t first, len, whole;

	(void)state;
	begin(0, 1, 0);
	simple_sample();
	first = m.len;
	simple_sample();
	end();
	whole = m.len;
	for (len = 0; len < whole; len++) {
		assert_int_equal(rx_feed(rx, m.b, len),
		    len == 2 || len == 3 ? DEC_VERSION : DEC_SHORT);
		if (len >= first) {
			assert_true(rx->n >= 1);
			check_packet(&rx->f[0]);
		}
		if (len >= 28)
			assert_true(rx->report.records_short > 0 ||
			    rx->n + rx->report.samples_skipped > 0);
	}
	/* A count of samples that are not there. */
	poke32(24, 1000);
	assert_int_equal(rx_msg(rx, &m), DEC_SHORT);
	assert_int_equal(rx->n, 2);
	assert_int_equal(rx->report.records_short, 998);
	rx_free(rx);
}

static void
one_in_zero_is_no_rate(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(0, 1, 0);
	flow_sample(1, 2, 0);
	poke32(sample_at + 4 + 8, 0);
	raw_header(1, 64);
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_false(flow_has(rx->f, FLOW_SAMPLING_RATE));
	/* What the configuration says of it then counts. */
	rx->src.sampling = 100;
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->f->sampling_rate, 100);
	assert_int_equal(rx->f->sampling, SAMPLING_CONFIG);
	rx_free(rx);
}

static uint32_t
lost(struct rx *rx, uint32_t seq)
{
	begin(0, seq, seq * 1000);
	simple_sample();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	return ((uint32_t)rx->report.seq_lost);
}

static void
lost_datagrams_are_counted_for_each_agent(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	assert_int_equal(lost(rx, 10), 0);
	assert_int_equal(lost(rx, 11), 0);
	assert_int_equal(lost(rx, 15), 3);
	/* Another sub-agent, and another agent behind the same address. */
	begin(1, 500, 0);
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.seq_lost, 0);
	begin(0, 700, 0);
	m.b[11] = 99;
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.seq_lost, 0);
	assert_int_equal(lost(rx, 16), 0);
	rx_free(rx);
}

static uint32_t
dropped(struct rx *rx, uint32_t seq, uint32_t uptime, uint32_t drops)
{
	begin(0, seq, uptime);
	flow_sample(1, 2, drops);
	raw_header(1, 64);
	sample_end();
	end();
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	return (rx->report.samples_dropped);
}

static void
what_the_agent_dropped_is_counted_once(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct dec_usage u;

	(void)state;
	assert_int_equal(dropped(rx, 1, 100000, 0), 0);
	assert_int_equal(dropped(rx, 2, 101000, 50), 0); /* of before */
	assert_int_equal(dropped(rx, 3, 102000, 53), 3);
	assert_int_equal(dropped(rx, 4, 103000, 53), 0);
	assert_int_equal(dropped(rx, 6, 105000, 60), 7);
	assert_int_equal(dropped(rx, 5, 104000, 55), 0); /* late */
	assert_int_equal(dropped(rx, 7, 106000, 61), 1);
	assert_int_equal(dropped(rx, 1, 1000, 2), 0); /* it began anew */
	assert_int_equal(dropped(rx, 2, 2000, 5), 3);
	decode_usage(rx->d, &u);
	assert_int_equal(u.facts, 1);
	rx_free(rx);
}

static void
other_versions_are_told_as_such(void **state)
{
	struct rx *rx = rx_new(NULL);
	uint32_t version;

	(void)state;
	for (version = 0; version < 10; version++) {
		begin(0, 1, 0);
		simple_sample();
		end();
		poke32(0, version);
		assert_int_equal(rx_msg(rx, &m),
		    version == 5 ? DEC_OK : DEC_VERSION);
	}
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_sampled_packet_is_a_flow),
	    cmocka_unit_test(flows_are_of_the_time_they_came_at),
	    cmocka_unit_test(
		the_agent_is_who_sent_it_unless_another_is_trusted),
	    cmocka_unit_test(agents_have_addresses_of_each_family_or_none),
	    cmocka_unit_test(only_an_index_is_an_interface),
	    cmocka_unit_test(a_discarded_packet_is_a_flow_that_was_dropped),
	    cmocka_unit_test(
		unknown_samples_and_records_are_counted_and_stepped_over),
	    cmocka_unit_test(a_sample_ends_where_it_says),
	    cmocka_unit_test(bytes_behind_the_last_sample_are_padding),
	    cmocka_unit_test(a_cut_datagram_gives_the_samples_before_the_cut),
	    cmocka_unit_test(one_in_zero_is_no_rate),
	    cmocka_unit_test(lost_datagrams_are_counted_for_each_agent),
	    cmocka_unit_test(what_the_agent_dropped_is_counted_once),
	    cmocka_unit_test(other_versions_are_told_as_such),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
