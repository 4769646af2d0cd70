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
 * Messages: exact bytes of each version, counts and sequence numbers.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "encode/enc-state.h"
#include "txmessage.h"
#include "wire.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What versions 1, 5 and 7 begin a record with. */
#define KEYS                                                      \
	"c0000201 c6336402 00000000 0003 0004 00000102 00010203 " \
	"0036d904 0036ed86 0401 01bb "

static void
v1_is_as_cisco_wrote_it_down(void **state)
{
	const struct enc_config config = tx_config(1);
	struct tx *tx = tx_new(&config);
	struct flow f = tx_flow();

	(void)state;
	add(tx, 0, &f, 1);
	encoder_flush(tx->e, TX_T0 + 123456789);
	assert_int_equal(tx->n, 1);
	assert_int_equal(tx->m[0].flows, 1);
	bytes_are(&tx->m[0],
	    "0001 0001 0036eefb 6553f100 0754d4c0 " KEYS
	    "0000 06 b8 1b 00000000000000");
	tx_free(tx);
}

static void
v5_is_as_cisco_wrote_it_down(void **state)
{
	struct enc_config config = tx_config(5);
	struct tx *tx;
	struct flow f = tx_flow();

	(void)state;
	config.engine_type = 7;
	config.engine_id = 9;
	config.sampling = 0x4064;
	tx = tx_new(&config);
	f.next_hop = tx_v4(0x0a000001);
	f.src_as = 65001;
	f.dst_as = 4200000000;
	f.src_mask = 24;
	f.dst_mask = 16;
	add(tx, 0, &f, 1);
	encoder_flush(tx->e, TX_T0);
	add(tx, 0, &f, 1);
	encoder_flush(tx->e, TX_T0 + 1);
	assert_int_equal(tx->n, 2);
	bytes_are(&tx->m[0],
	    "0005 0001 0036ee80 6553f100 00000000 00000000 07 09 4064 "
	    "c0000201 c6336402 0a000001 0003 0004 00000102 00010203 "
	    "0036d904 0036ed86 0401 01bb "
	    "00 1b 06 b8 fde9 5ba0 18 10 0000");
	/* The sequence is that of the flow. */
	assert_int_equal(be32(tx->m[1].b + 16), 1);
	tx_free(tx);
}

static void
v7_says_nothing_of_engines(void **state)
{
	const struct enc_config config = tx_config(7);
	struct tx *tx = tx_new(&config);
	struct flow f = tx_flow();

	(void)state;
	add(tx, 0, &f, 1);
	encoder_flush(tx->e, TX_T0);
	bytes_are(&tx->m[0],
	    "0007 0001 0036ee80 6553f100 00000000 00000000 00000000 " KEYS
	    "00 1b 06 b8 0000 0000 00 00 0000 00000000");
	tx_free(tx);
}

static void
v9_is_as_rfc3954_has_it(void **state)
{
	static const struct enc_field options[] = {{0, 2, 4}, {0, 34, 4},
	    {0, 35, 1}};
	static const uint8_t record[] = {0, 0, 0, 5, 0, 0, 0, 100, 1};
	struct enc_config config = tx_config(9);
	struct tx *tx;
	struct flow f = tx_flow();

	(void)state;
	config.source_id = 0x01020304;
	tx = tx_new(&config);
	assert_int_equal(encoder_template(tx->e, 256, few, COUNT(few)), 0);
	assert_int_equal(encoder_options(tx->e, 257, options, COUNT(options), 1,
			     record, sizeof(record)),
	    1);
	add(tx, 0, &f, 2);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 1);
	assert_int_equal(tx->m[0].flows, 2);
	assert_true(tx->m[0].templates);
	/* Records of all kinds are counted, sets are padded to 4. */
	bytes_are(&tx->m[0],
	    "0009 0005 0036ee80 6553f100 00000000 01020304 "
	    "0000 001c 0100 0005 0008 0004 000c 0004 0001 0008 0007 0002 "
	    "003c 0001 "
	    "0001 0018 0101 0004 0008 0002 0004 0022 0004 0023 0001 0000 "
	    "0101 0010 00000005 00000064 01 000000 "
	    "0100 002c "
	    "c0000201 c6336402 0000000000010203 0401 04 "
	    "c0000201 c6336402 0000000000010203 0401 04 0000");
	tx_free(tx);
}

static void
ipfix_is_as_rfc7011_has_it(void **state)
{
	static const struct enc_field options[] = {{0, 149, 4}, {0, 34, 4},
	    {0, 82, ENC_VARIABLE}};
	static const uint8_t record[] = {0, 0, 0, 0, 0, 0, 0, 100, 3, 'l', 'o',
	    '0'};
	static const struct enc_field reverse[] = {{0, 8, 4}, {29305, 1, 4}};
	struct enc_config config = tx_config(10);
	struct tx *tx;
	struct flow f = tx_flow();

	(void)state;
	config.source_id = 0x01020304;
	tx = tx_new(&config);
	f.reverse_octets = 0x77;
	assert_int_equal(encoder_template(tx->e, 256, few, COUNT(few)), 0);
	assert_int_equal(encoder_options(tx->e, 257, options, COUNT(options), 1,
			     record, sizeof(record)),
	    1);
	assert_int_equal(encoder_template(tx->e, 258, reverse, COUNT(reverse)),
	    2);
	add(tx, 0, &f, 1);
	add(tx, 2, &f, 1);
	/* Whole seconds that have passed. */
	encoder_flush(tx->e, TX_T0 + 999999999);
	bytes_are(&tx->m[0],
	    "000a 0085 6553f100 00000000 01020304 "
	    "0002 002c 0100 0005 0008 0004 000c 0004 0001 0008 0007 0002 "
	    "003c 0001 0102 0002 0008 0004 8001 0004 00007279 "
	    "0003 0016 0101 0003 0001 0095 0004 0022 0004 0052 ffff "
	    "0101 0010 00000000 00000064 03 6c6f30 "
	    "0100 0017 c0000201 c6336402 0000000000010203 0401 04 "
	    "0102 000c c0000201 00000077");
	tx_free(tx);
}

static void
a_v9_header_has_time_and_uptime_of_one_moment(void **state)
{
	const struct enc_config config = tx_config(9);
	struct tx *tx = tx_new(&config);
	struct rx *rx = rx_new(NULL);
	static const struct enc_field times[] = {{0, 22, 4}, {0, 21, 4}};
	struct flow f = tx_flow();

	(void)state;
	encoder_template(tx->e, 256, times, COUNT(times));
	add(tx, 0, &f, 1);
	encoder_flush(tx->e, TX_T0 + 1);
	/* The end of the second, as of all that ended in it. */
	assert_int_equal(be32(tx->m[0].b + 8), 1700000001);
	assert_int_equal(be32(tx->m[0].b + 4), 3601000);
	assert_int_equal(rx_feed(rx, tx->m[0].b, tx->m[0].len), DEC_OK);
	assert_true(rx->f[0].start == f.start);
	assert_true(rx->f[0].end == f.end);
	tx_free(tx);
	rx_free(rx);
}

static void
v1_has_24_records_and_v5_has_30(void **state)
{
	static const struct {
		uint16_t version, payload, records;
		size_t len;
	} some[] = {{1, 1428, 24, 16 + 24 * 48}, {5, 1500, 30, 24 + 30 * 48},
	    {5, 1428, 29, 24 + 29 * 48}, {5, 72, 1, 72}, {5, 119, 1, 72},
	    {7, 1500, 27, 24 + 27 * 52}, {1, 1167, 23, 16 + 23 * 48}};
	struct flow f = tx_flow();
	struct tx *tx;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(some); i++) {
		struct enc_config config = tx_config(some[i].version);

		config.payload = some[i].payload;
		config.every_messages = 1;
		config.every_ns = 1;
		tx = tx_new(&config);
		add(tx, 0, &f, some[i].records);
		assert_int_equal(tx->n, 0);
		add(tx, 0, &f, 1);
		assert_int_equal(tx->n, 1);
		assert_int_equal(tx->m[0].flows, some[i].records);
		assert_int_equal(be16(tx->m[0].b + 2), some[i].records);
		assert_int_equal(tx->m[0].len, some[i].len);
		encoder_flush(tx->e, TX_T0);
		assert_int_equal(be16(tx->m[1].b + 2), 1);
		tx_free(tx);
	}
}

static void
sequences_count_what_the_protocol_counts(void **state)
{
	static const struct enc_field scope[] = {{0, 149, 4}, {0, 34, 4}};
	static const uint8_t record[8] = {0};
	struct flow f = tx_flow();
	struct enc_config config = tx_config(10);
	struct tx *tx = tx_new(&config);

	(void)state;
	/* Data records before this message, options too. */
	encoder_template(tx->e, 256, few, COUNT(few));
	encoder_options(tx->e, 257, scope, 2, 1, record, sizeof(record));
	encoder_flush(tx->e, TX_T0);
	add(tx, 0, &f, 3);
	encoder_flush(tx->e, TX_T0);
	encoder_refresh(tx->e);
	add(tx, 0, &f, 1);
	encoder_flush(tx->e, TX_T0);
	add(tx, 0, &f, 1);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 4);
	assert_int_equal(be32(tx->m[0].b + 8), 0);
	assert_int_equal(be32(tx->m[1].b + 8), 1);
	assert_int_equal(be32(tx->m[2].b + 8), 4);
	assert_int_equal(be32(tx->m[3].b + 8), 6);
	tx_free(tx);
	/* Datagrams. */
	config = tx_config(9);
	tx = tx_new(&config);
	encoder_template(tx->e, 256, few, COUNT(few));
	encoder_flush(tx->e, TX_T0);
	add(tx, 0, &f, 100);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 3);
	assert_int_equal(be32(tx->m[0].b + 12), 0);
	assert_int_equal(be32(tx->m[1].b + 12), 1);
	assert_int_equal(be32(tx->m[2].b + 12), 2);
	assert_int_equal(be16(tx->m[0].b + 2), 1);
	assert_int_equal(be16(tx->m[1].b + 2) + be16(tx->m[2].b + 2), 100);
	tx_free(tx);
}

static void
sequences_wrap(void **state)
{
	static const uint16_t versions[] = {5, 9, 10};
	struct flow f = tx_flow();
	size_t i, k;

	(void)state;
	for (i = 0; i < COUNT(versions); i++) {
		const struct enc_config config = tx_config(versions[i]);
		struct rx *rx = rx_new(NULL);
		struct tx *tx = tx_new(&config);

		if (versions[i] >= 9)
			encoder_template(tx->e, 256, few, COUNT(few));
		tx->e->sequence = UINT32_MAX - 1;
		for (k = 0; k < 4; k++) {
			add(tx, 0, &f, 1);
			encoder_flush(tx->e, TX_T0);
			assert_int_equal(rx_feed(rx, tx->m[k].b, tx->m[k].len),
			    DEC_OK);
			assert_int_equal(rx->f[0].sequence,
			    (uint32_t)(UINT32_MAX - 1 + k));
			assert_int_equal(rx->report.seq_lost, 0);
			assert_int_equal(rx->report.seq_reset, 0);
		}
		tx_free(tx);
		rx_free(rx);
	}
}

static void
no_message_is_longer_than_it_may(void **state)
{
	struct enc_config config = tx_config(9);
	struct tx *tx;
	struct flow f4 = tx_flow(), f6 = tx_flow();
	uint32_t flows;
	size_t i, k;

	(void)state;
	f6.src_addr = tx_v6(1);
	for (config.payload = 60; config.payload < 200; config.payload++) {
		config.version = config.payload % 2 ? 9 : 10;
		config.every_messages = config.payload % 3;
		tx = tx_new(&config);
		assert_int_equal(encoder_template(tx->e, 256, few, COUNT(few)),
		    0);
		assert_int_equal(encoder_template(tx->e, 300, few6,
				     COUNT(few6)),
		    1);
		for (i = 0; i < 50; i++) {
			add(tx, 0, &f4, i % 4);
			add(tx, 1, &f6, i % 3);
		}
		encoder_flush(tx->e, TX_T0);
		for (flows = 0, k = 0; k < tx->n; k++) {
			assert_true(tx->m[k].len <= config.payload);
			flows += tx->m[k].flows;
		}
		assert_int_equal(flows, 12 * 6 + 0 + 1 + 16 * 3 + 0 + 1);
		tx_free(tx);
	}
}

static void
records_of_a_template_share_a_set(void **state)
{
	struct enc_config config = tx_config(10);
	struct tx *tx = tx_new(&config);
	struct flow f4 = tx_flow(), f6 = tx_flow();

	(void)state;
	f6.src_addr = tx_v6(1);
	encoder_template(tx->e, 256, few, COUNT(few));
	encoder_template(tx->e, 300, few6, COUNT(few6));
	encoder_flush(tx->e, TX_T0);
	add(tx, 0, &f4, 5);
	add(tx, 1, &f6, 4);
	add(tx, 0, &f4, 1);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->m[1].len, 16 + 4 + 6 * 19 + 4 + 4 * 17);
	tx_free(tx);
}

/* A record of two bytes: two or three of padding would be one more. */
static void
padding_is_never_a_record(void **state)
{
	static const struct enc_field two[] = {{0, 7, 2}};
	struct enc_config config = tx_config(9);
	struct rx *rx;
	struct flow f = tx_flow();
	struct tx *tx;
	size_t n;

	(void)state;
	for (n = 1; n < 5; n++) {
		tx = tx_new(&config);
		rx = rx_new(NULL);
		encoder_template(tx->e, 256, two, 1);
		encoder_template(tx->e, 257, few, COUNT(few));
		add(tx, 0, &f, n);
		add(tx, 1, &f, n);
		encoder_flush(tx->e, TX_T0);
		assert_int_equal(rx_feed(rx, tx->m[0].b, tx->m[0].len), DEC_OK);
		assert_int_equal(rx->report.flows, 2 * n);
		rx_free(rx);
		tx_free(tx);
	}
}

static void
an_error_adds_nothing(void **state)
{
	struct enc_config config = tx_config(10);
	static const struct enc_field text[] = {{0, 8, 4},
	    {0, 371, ENC_VARIABLE}};
	static const struct enc_field none[] = {{0, 149, 4}, {0, 34, 1}};
	struct flow f = tx_flow(), g = tx_flow();
	struct tx *tx;
	int64_t since;
	int o;

	(void)state;
	config.payload = 256;
	tx = tx_new(&config);
	encoder_template(tx->e, 256, text, COUNT(text));
	o = encoder_options(tx->e, 300, none, 2, 1,
	    (const uint8_t *)"\0\0\0\0\1", 5);
	f.user_name = (struct flow_text){"alice", 5};
	g.user_name.p = "0123456789012345678901234567890123456789"
			"0123456789012345678901234567890123456789"
			"0123456789012345678901234567890123456789"
			"0123456789012345678901234567890123456789"
			"0123456789012345678901234567890123456789"
			"0123456789012345678901234567890123456789";
	g.user_name.len = 256 - 16 - 4 - 4 - 1;
	assert_int_equal(encoder_flow(tx->e, 0, &g, TX_T0), ENC_OK);
	g.user_name.len++;
	add(tx, 0, &f, 1);
	encoder_flush(tx->e, TX_T0);
	add(tx, 0, &f, 1);
	tx_forget(tx);
	assert_int_equal(encoder_flow(tx->e, 0, &g, TX_T0), ENC_TOOLONG);
	assert_int_equal(encoder_flow(tx->e, 2, &f, TX_T0), ENC_TEMPLATE);
	assert_int_equal(encoder_flow(tx->e, -1, &f, TX_T0), ENC_TEMPLATE);
	assert_int_equal(encoder_flow(tx->e, o, &f, TX_T0), ENC_TEMPLATE);
	g = tx_flow();
	g.src_addr = tx_v6(1);
	assert_int_equal(encoder_flow(tx->e, 0, &g, TX_T0), ENC_FAMILY);
	assert_int_equal(tx->n, 0);
	add(tx, 0, &f, 1);
	assert_true(encoder_pending(tx->e, &since));
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 1);
	assert_int_equal(tx->m[0].flows, 2);
	assert_int_equal(tx->m[0].len, 16 + 4 + 2 * (4 + 6));
	assert_false(encoder_pending(tx->e, &since));
	/* Nor does it begin a message. */
	assert_int_equal(encoder_flow(tx->e, 0, &g, TX_T0), ENC_FAMILY);
	assert_false(encoder_pending(tx->e, &since));
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 1);
	tx_free(tx);
}

static void
ipv6_is_not_for_versions_1_5_and_7(void **state)
{
	static const uint16_t versions[] = {1, 5, 7};
	struct flow f = tx_flow();
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(versions); i++) {
		struct enc_config config = tx_config(versions[i]);
		struct tx *tx = tx_new(&config);

		f = tx_flow();
		f.src_addr = f.dst_addr = tx_v6(1);
		assert_int_equal(encoder_flow(tx->e, 0, &f, TX_T0), ENC_FAMILY);
		f = tx_flow();
		f.dst_addr = tx_v6(1);
		assert_int_equal(encoder_flow(tx->e, 0, &f, TX_T0), ENC_FAMILY);
		/* A next hop of the other family is none. */
		f = tx_flow();
		f.next_hop = tx_v6(1);
		assert_int_equal(encoder_flow(tx->e, 0, &f, TX_T0), ENC_OK);
		encoder_flush(tx->e, TX_T0);
		assert_int_equal(tx->m[0].flows, 1);
		assert_int_equal(be32(tx->m[0].b +
				     (versions[i] == 1 ? 16 : 24) + 8),
		    0);
		tx_free(tx);
	}
}

static void
uptime_wraps_and_begins_anew(void **state)
{
	static const uint16_t versions[] = {5, 9};
	static const struct enc_field times[] = {{0, 22, 4}, {0, 21, 4}};
	const int64_t wrap = (INT64_C(1) << 32) * NSEC_PER_MSEC;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(versions); i++) {
		struct enc_config config = tx_config(versions[i]);
		struct rx *rx = rx_new(NULL);
		struct flow f = tx_flow();
		struct tx *tx;

		/* The counter comes round between the start and the end. */
		config.boot = f.end - 3 * wrap;
		tx = tx_new(&config);
		if (versions[i] == 9)
			encoder_template(tx->e, 256, times, COUNT(times));
		add(tx, 0, &f, 1);
		encoder_boot(tx->e, TX_T0 - NSEC_PER_SEC);
		assert_int_equal(tx->n, 1);
		add(tx, 0, &f, 1);
		encoder_flush(tx->e, TX_T0);
		assert_int_equal(rx_feed(rx, tx->m[0].b, tx->m[0].len), DEC_OK);
		assert_int_equal(rx->f[0].sys_uptime, 250);
		assert_true(rx->f[0].start_uptime > UINT32_MAX - 10000);
		assert_true(rx->f[0].start == f.start);
		assert_true(rx->f[0].end == f.end);
		assert_int_equal(rx_feed(rx, tx->m[1].b, tx->m[1].len), DEC_OK);
		assert_int_equal(rx->f[0].sys_uptime, 1000);
		assert_int_equal(rx->f[0].end_uptime, 750);
		assert_true(rx->f[0].start == f.start);
		assert_true(rx->f[0].end == f.end);
		rx_free(rx);
		tx_free(tx);
	}
}

static void
what_waits_tells_since_when(void **state)
{
	const struct enc_config config = tx_config(5);
	struct tx *tx = tx_new(&config);
	struct flow f = tx_flow();
	int64_t since = 0;

	(void)state;
	assert_false(encoder_pending(tx->e, &since));
	encoder_flow(tx->e, 0, &f, TX_T0 + 5);
	encoder_flow(tx->e, 0, &f, TX_T0 + 9);
	assert_true(encoder_pending(tx->e, &since));
	assert_true(since == TX_T0 + 5);
	encoder_flush(tx->e, TX_T0 + 9);
	assert_false(encoder_pending(tx->e, &since));
	encoder_flush(tx->e, TX_T0 + 9);
	assert_int_equal(tx->n, 1);
	tx_free(tx);
}

static void
configurations_that_cannot_be_are_refused(void **state)
{
	static const struct enc_config bad[] = {{.version = 0, .payload = 1400},
	    {.version = 8, .payload = 1400}, {.version = 11, .payload = 1400},
	    {.version = 5, .payload = 71}, {.version = 1, .payload = 63},
	    {.version = 9, .payload = 24}, {.version = 10, .payload = 20},
	    {.version = 10, .payload = 65508}, {.version = 9, .payload = 0}};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		errno = 0;
		assert_null(encoder_new(&bad[i], tx_take, NULL));
		assert_int_equal(errno, EINVAL);
	}
	encoder_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(v1_is_as_cisco_wrote_it_down),
	    cmocka_unit_test(v5_is_as_cisco_wrote_it_down),
	    cmocka_unit_test(v7_says_nothing_of_engines),
	    cmocka_unit_test(v9_is_as_rfc3954_has_it),
	    cmocka_unit_test(ipfix_is_as_rfc7011_has_it),
	    cmocka_unit_test(a_v9_header_has_time_and_uptime_of_one_moment),
	    cmocka_unit_test(v1_has_24_records_and_v5_has_30),
	    cmocka_unit_test(sequences_count_what_the_protocol_counts),
	    cmocka_unit_test(sequences_wrap),
	    cmocka_unit_test(no_message_is_longer_than_it_may),
	    cmocka_unit_test(records_of_a_template_share_a_set),
	    cmocka_unit_test(padding_is_never_a_record),
	    cmocka_unit_test(an_error_adds_nothing),
	    cmocka_unit_test(ipv6_is_not_for_versions_1_5_and_7),
	    cmocka_unit_test(uptime_wraps_and_begins_anew),
	    cmocka_unit_test(what_waits_tells_since_when),
	    cmocka_unit_test(configurations_that_cannot_be_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests_name("encode", tests, NULL, NULL));
}
