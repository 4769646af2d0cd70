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
 * Messages: exact bytes of each version, counts and sequence numbers, and when
 * templates go out.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tx.h"
#include "wire.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Is the message these bytes, in hex with blanks where they help? */
static void
bytes_are(const struct tx_message *m, const char *hex)
{
	uint8_t want[2048];
	size_t n = 0;
	unsigned int v;

	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf(hex++, "%2x", &v), 1);
		want[n++] = (uint8_t)v;
	}
	assert_memory_equal(m->b, want, n < m->len ? n : m->len);
	assert_int_equal(m->len, n);
}

static void
add(struct tx *tx, int tmpl, const struct flow *f, size_t n)
{
	while (n-- > 0)
		assert_int_equal(encoder_flow(tx->e, tmpl, f, TX_T0), ENC_OK);
}

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

static const struct enc_field few[] = {{0, 8, 4}, {0, 12, 4}, {0, 1, 8},
    {0, 7, 2}, {0, 60, 1}};
static const struct enc_field few6[] = {{0, 27, 16}, {0, 60, 1}};

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
templates_come_again_by_count(void **state)
{
	struct enc_config config = tx_config(9);
	struct tx *tx;
	struct flow f = tx_flow();
	size_t i;

	(void)state;
	config.every_messages = 4;
	tx = tx_new(&config);
	encoder_template(tx->e, 256, few, COUNT(few));
	for (i = 0; i < 9; i++) {
		add(tx, 0, &f, 1);
		encoder_flush(tx->e, TX_T0);
	}
	assert_int_equal(tx->n, 9);
	for (i = 0; i < 9; i++)
		assert_int_equal(tx->m[i].templates, i % 4 == 0);
	tx_free(tx);
}

static void
templates_come_again_by_time_alone_if_need_be(void **state)
{
	struct enc_config config = tx_config(10);
	struct tx *tx;
	struct flow f = tx_flow();

	(void)state;
	config.every_ns = 60 * NSEC_PER_SEC;
	tx = tx_new(&config);
	encoder_template(tx->e, 256, few, COUNT(few));
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 1);
	assert_true(tx->m[0].templates);
	encoder_flush(tx->e, TX_T0 + 60 * NSEC_PER_SEC - 1);
	assert_int_equal(tx->n, 1);
	encoder_flush(tx->e, TX_T0 + 60 * NSEC_PER_SEC);
	assert_int_equal(tx->n, 2);
	assert_true(tx->m[1].templates);
	/* In a message of flows, if that begins in time. */
	encoder_flow(tx->e, 0, &f, TX_T0 + 119 * NSEC_PER_SEC);
	encoder_flush(tx->e, TX_T0 + 119 * NSEC_PER_SEC);
	assert_false(tx->m[2].templates);
	encoder_flow(tx->e, 0, &f, TX_T0 + 120 * NSEC_PER_SEC);
	encoder_flush(tx->e, TX_T0 + 120 * NSEC_PER_SEC);
	assert_int_equal(tx->n, 4);
	assert_true(tx->m[3].templates);
	assert_int_equal(tx->m[3].flows, 1);
	/* A clock that was set back far does not keep them back. */
	encoder_flush(tx->e, TX_T0 - 3600 * NSEC_PER_SEC);
	assert_int_equal(tx->n, 5);
	tx_free(tx);
}

static void
without_limits_templates_go_once(void **state)
{
	const struct enc_config config = tx_config(10);
	struct tx *tx = tx_new(&config);
	struct flow f = tx_flow();
	size_t i;

	(void)state;
	encoder_template(tx->e, 256, few, COUNT(few));
	for (i = 0; i < 100; i++) {
		encoder_flow(tx->e, 0, &f, TX_T0 + (int64_t)i * 1000000000000);
		encoder_flush(tx->e, TX_T0 + (int64_t)i * 1000000000000);
	}
	assert_int_equal(tx->n, 100);
	for (i = 0; i < 100; i++)
		assert_int_equal(tx->m[i].templates, i == 0);
	tx_free(tx);
}

static void
a_refresh_puts_templates_before_flows_that_wait(void **state)
{
	const struct enc_config config = tx_config(9);
	struct tx *tx = tx_new(&config);
	struct flow f = tx_flow();

	(void)state;
	encoder_template(tx->e, 256, few, COUNT(few));
	encoder_flush(tx->e, TX_T0);
	add(tx, 0, &f, 2);
	encoder_refresh(tx->e);
	add(tx, 0, &f, 1);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 3);
	assert_true(tx->m[1].templates);
	assert_int_equal(tx->m[1].flows, 0);
	assert_int_equal(be32(tx->m[1].b + 12), 1);
	assert_false(tx->m[2].templates);
	assert_int_equal(tx->m[2].flows, 3);
	assert_int_equal(be32(tx->m[2].b + 12), 2);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 3);
	tx_free(tx);
}

/* Sixteen of them do not fit into one message: data wait for all. */
static void
templates_that_fill_messages_are_all_before_the_data(void **state)
{
	struct enc_config config = tx_config(10);
	struct enc_field field[20];
	struct tx *tx;
	struct rx *rx = rx_new(NULL);
	struct flow f = tx_flow();
	uint32_t templates = 0;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(field); i++)
		field[i] = (struct enc_field){0, 1, 8};
	config.payload = 300;
	config.every_messages = 1;
	tx = tx_new(&config);
	for (i = 0; i < ENC_TEMPLATES; i++)
		assert_int_equal(encoder_template(tx->e, (uint16_t)(256 + i),
				     field, COUNT(field)),
		    i);
	add(tx, ENC_TEMPLATES - 1, &f, 1);
	encoder_flush(tx->e, TX_T0);
	for (i = 0; i < tx->n; i++) {
		assert_true(tx->m[i].len <= 300);
		assert_int_equal(rx_feed(rx, tx->m[i].b, tx->m[i].len), DEC_OK);
		assert_int_equal(rx->report.sets_no_template, 0);
		templates += rx->report.templates;
		if (templates < ENC_TEMPLATES)
			assert_int_equal(rx->n, 0);
		if (rx->n > 0)
			break;
	}
	assert_int_equal(templates, ENC_TEMPLATES);
	assert_int_equal(rx->n, 1);
	assert_true(rx->f[0].octets == f.octets);
	tx_free(tx);
	rx_free(rx);
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
runs_of_a_template_share_a_set(void **state)
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
	assert_int_equal(tx->m[1].len,
	    16 + 4 + 5 * 19 + 4 + 4 * 17 + 4 + 1 * 19);
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
withdrawal_comes_after_the_flows(void **state)
{
	static const struct enc_field scope[] = {{0, 149, 4}, {0, 34, 4}};
	static const uint8_t record[8] = {0};
	struct enc_config config = tx_config(10);
	struct tx *tx = tx_new(&config);
	struct rx *rx = rx_new(NULL);
	struct flow f = tx_flow();
	size_t i;

	(void)state;
	encoder_template(tx->e, 256, few, COUNT(few));
	encoder_options(tx->e, 257, scope, 2, 1, record, sizeof(record));
	encoder_template(tx->e, 258, few6, COUNT(few6));
	/* What was never told is not withdrawn. */
	encoder_withdraw(tx->e, TX_T0);
	assert_int_equal(tx->n, 0);
	add(tx, 0, &f, 2);
	encoder_withdraw(tx->e, TX_T0);
	assert_int_equal(tx->n, 2);
	assert_int_equal(tx->m[0].flows, 2);
	bytes_are(&tx->m[1],
	    "000a 0024 6553f100 00000003 00000000 "
	    "0002 000c 0100 0000 0102 0000 0003 0008 0101 0000");
	for (i = 0; i < 2; i++)
		assert_int_equal(rx_feed(rx, tx->m[i].b, tx->m[i].len), DEC_OK);
	assert_int_equal(rx->report.templates_withdrawn, 3);
	/* And they are told again before the next. */
	add(tx, 0, &f, 1);
	encoder_flush(tx->e, TX_T0);
	assert_true(tx->m[2].templates);
	encoder_withdraw(tx->e, TX_T0);
	encoder_withdraw(tx->e, TX_T0);
	assert_int_equal(tx->n, 4);
	tx_free(tx);
	/* Version 9 has no such thing. */
	config = tx_config(9);
	tx = tx_new(&config);
	encoder_template(tx->e, 256, few, COUNT(few));
	add(tx, 0, &f, 1);
	encoder_withdraw(tx->e, TX_T0);
	assert_int_equal(tx->n, 1);
	tx_free(tx);
	rx_free(rx);
}

static void
options_that_changed_go_with_the_next_templates(void **state)
{
	static const struct enc_field scope[] = {{0, 149, 4}, {0, 34, 4}};
	struct enc_config config = tx_config(10);
	struct tx *tx = tx_new(&config);
	uint8_t record[8] = {0, 0, 0, 0, 0, 0, 0, 9};
	int o;

	(void)state;
	o = encoder_options(tx->e, 256, scope, 2, 1, record, sizeof(record));
	encoder_flush(tx->e, TX_T0);
	record[7] = 10;
	encoder_record(tx->e, o, record);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 1);
	encoder_refresh(tx->e);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 2);
	assert_int_equal(tx->m[0].b[tx->m[0].len - 1], 9);
	assert_int_equal(tx->m[1].b[tx->m[1].len - 1], 10);
	tx_free(tx);
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

/* clang-format off */
#define REFUSED(e, id, ...) \
	do { \
		const struct enc_field list[] = { __VA_ARGS__ }; \
		errno = 0; \
		assert_int_equal(encoder_template(e, id, list, COUNT(list)), \
		    -1); \
		assert_int_equal(errno, EINVAL); \
	} while (0)
/* clang-format on */

static void
templates_that_cannot_be_are_refused(void **state)
{
	struct enc_config config = tx_config(10);
	struct tx *tx = tx_new(&config);
	struct enc_field many[ENC_FIELDS + 1];
	size_t i;

	(void)state;
	REFUSED(tx->e, 255, {0, 1, 8});
	REFUSED(tx->e, 256, {0, 1, 0});
	REFUSED(tx->e, 256, {0, 1, 9});
	REFUSED(tx->e, 256, {0, 1, ENC_VARIABLE});
	REFUSED(tx->e, 256, {0, 8, 5});
	REFUSED(tx->e, 256, {0, 56, 7});
	REFUSED(tx->e, 256, {0, 40000, 20});
	REFUSED(tx->e, 256, {0, 210, 2000}); /* longer than a message */
	REFUSED(tx->e, 256, {0, 158, 4});
	REFUSED(tx->e, 256, {0, 315, 64});
	REFUSED(tx->e, 256, {0, 291, ENC_VARIABLE});
	REFUSED(tx->e, 256, {0, 224, 8});
	for (i = 0; i < COUNT(many); i++)
		many[i] = (struct enc_field){0, 1, 8};
	assert_int_equal(encoder_template(tx->e, 256, many, COUNT(many)), -1);
	assert_int_equal(encoder_template(tx->e, 256, many, 0), -1);
	assert_int_equal(encoder_template(tx->e, 256, many, ENC_FIELDS), 0);
	REFUSED(tx->e, 256, {0, 1, 8});
	for (i = 1; i < ENC_TEMPLATES; i++)
		assert_int_equal(encoder_template(tx->e, (uint16_t)(256 + i),
				     many, 1),
		    i);
	REFUSED(tx->e, 999, {0, 1, 8});
	tx_free(tx);
	config = tx_config(9);
	tx = tx_new(&config);
	REFUSED(tx->e, 256, {29305, 1, 8});
	REFUSED(tx->e, 256, {0, 371, ENC_VARIABLE});
	tx_free(tx);
	config = tx_config(5);
	tx = tx_new(&config);
	REFUSED(tx->e, 256, {0, 1, 8});
	tx_free(tx);
}

static void
options_records_have_the_length_of_their_fields(void **state)
{
	static const struct enc_field field[] = {{0, 149, 4},
	    {0, 82, ENC_VARIABLE}};
	static const uint8_t record[] = {0, 0, 0, 1, 2, 'l', 'o', 0};
	struct enc_config config = tx_config(10);
	struct tx *tx = tx_new(&config);
	size_t len;

	(void)state;
	for (len = 0; len <= sizeof(record); len++) {
		errno = 0;
		assert_int_equal(encoder_options(tx->e, 256, field, 2, 1,
				     record, len),
		    len == 7 ? 0 : -1);
		if (len != 7)
			assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(encoder_options(tx->e, 300, field, 2, 3, record, 7),
	    -1);
	tx_free(tx);
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
	    cmocka_unit_test(templates_come_again_by_count),
	    cmocka_unit_test(templates_come_again_by_time_alone_if_need_be),
	    cmocka_unit_test(without_limits_templates_go_once),
	    cmocka_unit_test(a_refresh_puts_templates_before_flows_that_wait),
	    cmocka_unit_test(
		templates_that_fill_messages_are_all_before_the_data),
	    cmocka_unit_test(no_message_is_longer_than_it_may),
	    cmocka_unit_test(runs_of_a_template_share_a_set),
	    cmocka_unit_test(padding_is_never_a_record),
	    cmocka_unit_test(an_error_adds_nothing),
	    cmocka_unit_test(ipv6_is_not_for_versions_1_5_and_7),
	    cmocka_unit_test(withdrawal_comes_after_the_flows),
	    cmocka_unit_test(options_that_changed_go_with_the_next_templates),
	    cmocka_unit_test(uptime_wraps_and_begins_anew),
	    cmocka_unit_test(what_waits_tells_since_when),
	    cmocka_unit_test(configurations_that_cannot_be_are_refused),
	    cmocka_unit_test(templates_that_cannot_be_are_refused),
	    cmocka_unit_test(options_records_have_the_length_of_their_fields),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests_name("encode", tests, NULL, NULL));
}
