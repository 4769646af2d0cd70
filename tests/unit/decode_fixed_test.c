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

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire.h"

static struct msg m;

static void
header(uint16_t version, uint16_t count)
{
	m.len = 0;
	put(&m, version, 2);
	put(&m, count, 2);
	put(&m, 100000, 4);
	put(&m, 1700000000, 4);
	put(&m, 123456789, 4);
	if (version == 1)
		return;
	put(&m, 4711, 4);
	if (version == 7)
		put(&m, 0, 4);
	else
		put(&m, 0x0102, 4 - 2); /* engine 1, 2 */
	if (version == 5)
		put(&m, 0x4000 | 1000, 2);
}

static void
record(uint16_t version, size_t pad)
{
	put(&m, 0x0a000001, 4);
	put(&m, 0x0a000002, 4);
	put(&m, 0x0a0000fe, 4);
	put(&m, 3, 2);
	put(&m, 4, 2);
	put(&m, 10, 4);
	put(&m, 1500, 4);
	put(&m, 90000, 4);
	put(&m, 95000, 4);
	put(&m, 1025, 2);
	put(&m, 443, 2);
	if (version == 1) {
		put(&m, 0xffff, 2);
		put(&m, 6, 1);
		put(&m, 0xb8, 1);
		put(&m, 0x1b, 1);
		put(&m, UINT64_C(0xffffffffffffff), 7);
	} else {
		put(&m, 0xff1b06b8, 4);
		put(&m, 64512, 2);
		put(&m, 64513, 2);
		put(&m, 24, 1);
		put(&m, 25, 1);
		put(&m, 0xffff, 2);
	}
	if (version == 7)
		put(&m, 0xffffffff, 4);
	put(&m, 0, pad);
}

static void
check_record(const struct flow *f, uint16_t version)
{
	assert_int_equal(f->version, version);
	assert_int_equal(f->src_addr.family, ADDR_V4);
	assert_int_equal(f->src_addr.b[3], 1);
	assert_int_equal(f->dst_addr.b[3], 2);
	assert_int_equal(f->next_hop.b[3], 0xfe);
	assert_int_equal(f->in_if, 3);
	assert_int_equal(f->out_if, 4);
	assert_int_equal(f->packets, 10);
	assert_int_equal(f->octets, 1500);
	assert_int_equal(f->start_uptime, 90000);
	assert_int_equal(f->end_uptime, 95000);
	assert_true(f->export_time == 1700000000 * NSEC_PER_SEC + 123456789);
	assert_true(f->start == f->export_time - 10 * NSEC_PER_SEC);
	assert_true(f->end == f->export_time - 5 * NSEC_PER_SEC);
	assert_int_equal(f->clock, CLOCK_UPTIME);
	assert_int_equal(f->sys_uptime, 100000);
	assert_int_equal(f->src_port, 1025);
	assert_int_equal(f->dst_port, 443);
	assert_int_equal(f->protocol, 6);
	assert_int_equal(f->tos, 0xb8);
	assert_int_equal(f->tcp_flags, 0x1b);
	assert_false(flow_has(f, FLOW_SOURCE_ID));
	assert_int_equal(flow_has(f, FLOW_SRC_AS), version != 1);
	assert_int_equal(flow_has(f, FLOW_SEQUENCE), version != 1);
	assert_int_equal(flow_has(f, FLOW_ENGINE_ID), version == 5);
	if (version == 1)
		return;
	assert_int_equal(f->src_as, 64512);
	assert_int_equal(f->dst_as, 64513);
	assert_int_equal(f->src_mask, 24);
	assert_int_equal(f->dst_mask, 25);
	assert_int_equal(f->sequence, 4711);
	assert_int_equal(f->engine_type, version == 5 ? 1 : 0);
	assert_int_equal(f->engine_id, version == 5 ? 2 : 0);
}

static void
records_of_each_version_are_read_in_full(void **state)
{
	static const uint16_t versions[] = {1, 5, 7};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		header(versions[i], 2);
		record(versions[i], 0);
		record(versions[i], 0);
		assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
		assert_int_equal(rx->n, 2);
		check_record(&rx->f[0], versions[i]);
		check_record(&rx->f[1], versions[i]);
		assert_int_equal(rx->report.version, versions[i]);
	}
	rx_free(rx);
}

static void
v1_records_of_52_bytes_are_known_by_the_length(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	header(1, 2);
	record(1, 4);
	record(1, 4);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
	assert_int_equal(rx->n, 2);
	check_record(&rx->f[1], 1);
	rx_free(rx);
}

static void
v5_sampling_is_14_bits_and_a_mode(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	header(5, 1);
	record(5, 0);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
	assert_int_equal(rx->f[0].sampling_rate, 1000);
	assert_int_equal(rx->f[0].sampling_algorithm, 1);
	assert_int_equal(rx->f[0].sampling, SAMPLING_HEADER);
	poke16(&m, 22, 0);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
	assert_false(flow_has(&rx->f[0], FLOW_SAMPLING_RATE));
	assert_false(flow_has(&rx->f[0], FLOW_SAMPLING_ALGORITHM));
	assert_int_equal(rx->f[0].sampling, SAMPLING_NONE);
	rx_free(rx);
}

static void
the_configured_rate_is_for_versions_without_one(void **state)
{
	static const uint16_t versions[] = {1, 5, 7};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	rx->src.sampling = 50;
	for (i = 0; i < 3; i++) {
		header(versions[i], 1);
		record(versions[i], 0);
		if (versions[i] == 5)
			poke16(&m, 22, 0x4000); /* a mode, and no rate */
		assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
		assert_int_equal(rx->f[0].sampling_rate, 50);
		assert_int_equal(rx->f[0].sampling, SAMPLING_CONFIG);
		assert_true(flow_has(&rx->f[0], FLOW_SAMPLING_RATE));
	}
	/* What the header says is better: rate 16383, random. */
	header(5, 1);
	record(5, 0);
	poke16(&m, 22, 0xbfff);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
	assert_int_equal(rx->f[0].sampling_rate, 16383);
	assert_int_equal(rx->f[0].sampling_algorithm, 2);
	assert_int_equal(rx->f[0].sampling, SAMPLING_HEADER);
	rx_free(rx);
}

static void
count_beyond_the_datagram_drops_it_whole(void **state)
{
	static const uint16_t versions[] = {1, 5, 7};
	struct rx *rx = rx_new(NULL);
	struct dec_usage u;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		header(versions[i], 3);
		record(versions[i], 0);
		assert_int_equal(rx_feed(rx, m.b, m.len), DEC_BADCOUNT);
		assert_int_equal(rx->n, 0);
		assert_int_equal(rx->report.records_short, 2);
	}
	decode_usage(rx->d, &u);
	assert_int_equal(u.domains, 0);
	rx_free(rx);
}

static void
count_of_0_is_refused(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	header(5, 0);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_BADCOUNT);
	record(5, 0);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_BADCOUNT);
	rx_free(rx);
}

static void
bytes_behind_the_last_record_are_tolerated(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	header(5, 1);
	record(5, 30);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
	assert_int_equal(rx->n, 1);
	rx_free(rx);
}

static void
cut_headers_and_other_versions_are_told(void **state)
{
	struct rx *rx = rx_new(NULL);
	size_t n;
	int v;

	(void)state;
	header(5, 1);
	for (n = 0; n < 24; n++)
		assert_int_equal(rx_feed(rx, m.b, n), DEC_SHORT);
	for (v = 0; v < 300; v++) {
		if (v == 1 || v == 5 || v == 7 || v == 8 || v == 9 || v == 10)
			continue;
		poke16(&m, 0, (size_t)v);
		assert_int_equal(rx_feed(rx, m.b, m.len), DEC_VERSION);
		assert_int_equal(rx->report.version, v);
	}
	rx_free(rx);
}

static void
v8(uint8_t aggregation, uint8_t agg_version)
{
	m.len = 0;
	put(&m, 8, 2);
	put(&m, 1, 2);
	put(&m, 100000, 4);
	put(&m, 1700000000, 4);
	put(&m, 0, 4);
	put(&m, 4711, 4);
	put(&m, 0x0102, 2);
	put(&m, aggregation, 1);
	put(&m, agg_version, 1);
	put(&m, 0, 4);
	put(&m, 0, 44);
}

/* tests/decode/v8.hex has them in full. */
static void
v8_schemes_that_are_not_known_are_as_unsupported_as_a_version(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct dec_usage u;
	int i;

	(void)state;
	for (i = 0; i < 256; i++) {
		v8((uint8_t)i, 2);
		assert_int_equal(rx_feed(rx, m.b, m.len),
		    i >= 1 && i <= 14 ? DEC_OK : DEC_VERSION);
		v8(1, (uint8_t)i);
		assert_int_equal(rx_feed(rx, m.b, m.len),
		    i == 2 ? DEC_OK : DEC_VERSION);
	}
	/* What was refused is not remembered. */
	decode_usage(rx->d, &u);
	assert_int_equal(u.domains, 14);
	rx_free(rx);
}

static void
v8_schemes_are_numbered_each_for_itself(void **state)
{
	struct rx *rx = rx_new(NULL);
	int i;

	(void)state;
	for (i = 1; i <= 14; i++) {
		v8((uint8_t)i, 2);
		m.b[19] = (uint8_t)i;
		assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
		assert_int_equal(rx->report.seq_lost, 0);
		assert_int_equal(rx->report.source_id, i << 16 | 0x0102);
	}
	for (i = 1; i <= 14; i++) {
		v8((uint8_t)i, 2);
		m.b[19] = (uint8_t)(i + 1 + i);
		assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
		assert_int_equal(rx->report.seq_lost, i);
	}
	rx_free(rx);
}

static void
v8_records_may_not_end_early(void **state)
{
	static const uint8_t lens[] = {28, 28, 32, 32, 40, 32, 40, 44, 32, 32,
	    32, 32, 40, 40};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lens); i++) {
		v8((uint8_t)(i + 1), 2);
		assert_int_equal(rx_feed(rx, m.b, 28 + lens[i]), DEC_OK);
		assert_int_equal(rx->n, 1);
		assert_int_equal(rx_feed(rx, m.b, 28 + lens[i] - 1),
		    DEC_BADCOUNT);
		assert_int_equal(rx->n, 0);
	}
	rx_free(rx);
}

/* One random record; the flow of it, without what only the header differs in.
 */
static struct flow
random_record(struct rx *rx, uint16_t version, unsigned int seed)
{
	struct flow f;
	size_t i;

	srandom(seed);
	header(version, 1);
	for (i = 0; i < 46; i++)
		put(&m, (uint64_t)random() & 0xff, 1);
	put(&m, 0, version == 7 ? 6 : 2);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
	assert_int_equal(rx->n, 1);
	f = rx->f[0];
	f.version = f.engine_type = f.engine_id = 0;
	f.sampling_rate = f.sampling_algorithm = f.sampling = 0;
	flow_unset(&f, FLOW_ENGINE_TYPE);
	flow_unset(&f, FLOW_ENGINE_ID);
	flow_unset(&f, FLOW_SAMPLING_RATE);
	flow_unset(&f, FLOW_SAMPLING_ALGORITHM);
	return (f);
}

/* v5 has a way of its own, v7 the program of its layout. */
static void
records_of_v5_are_read_as_those_of_v7(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct flow f5, f7;
	unsigned int seed;

	(void)state;
	for (seed = 0; seed < 1000; seed++) {
		f5 = random_record(rx, 5, seed);
		f7 = random_record(rx, 7, seed);
		assert_memory_equal(&f5, &f7, sizeof(f5));
	}
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records_of_each_version_are_read_in_full),
	    cmocka_unit_test(records_of_v5_are_read_as_those_of_v7),
	    cmocka_unit_test(v1_records_of_52_bytes_are_known_by_the_length),
	    cmocka_unit_test(v5_sampling_is_14_bits_and_a_mode),
	    cmocka_unit_test(the_configured_rate_is_for_versions_without_one),
	    cmocka_unit_test(count_beyond_the_datagram_drops_it_whole),
	    cmocka_unit_test(count_of_0_is_refused),
	    cmocka_unit_test(bytes_behind_the_last_record_are_tolerated),
	    cmocka_unit_test(
		v8_schemes_that_are_not_known_are_as_unsupported_as_a_version),
	    cmocka_unit_test(v8_schemes_are_numbered_each_for_itself),
	    cmocka_unit_test(v8_records_may_not_end_early),
	    cmocka_unit_test(cut_headers_and_other_versions_are_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
