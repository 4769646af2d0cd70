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
 * When templates go out, are withdrawn and refused.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "txmessage.h"
#include "wire.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

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
	assert_int_equal(tx->n, 2);
	assert_true(tx->m[1].templates);
	assert_int_equal(be16(tx->m[1].b + 20), NF_V9_SET_TEMPLATE);
	assert_int_equal(tx->m[1].flows, 3);
	assert_int_equal(be32(tx->m[1].b + 12), 1);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 2);
	tx_free(tx);
}

/* Records that differ in length are in a message from the start. */
static void
a_refresh_puts_templates_before_a_message_that_is_begun(void **state)
{
	static const struct enc_field text[] = {{0, 8, 4},
	    {0, 371, ENC_VARIABLE}};
	const struct enc_config config = tx_config(10);
	struct tx *tx = tx_new(&config);
	struct flow f = tx_flow();

	(void)state;
	encoder_template(tx->e, 256, text, COUNT(text));
	encoder_flush(tx->e, TX_T0);
	add(tx, 0, &f, 2);
	encoder_refresh(tx->e);
	add(tx, 0, &f, 1);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 3);
	assert_true(tx->m[1].templates);
	assert_int_equal(tx->m[1].flows, 0);
	assert_int_equal(be32(tx->m[1].b + 8), 0);
	assert_false(tx->m[2].templates);
	assert_int_equal(tx->m[2].flows, 3);
	assert_int_equal(be32(tx->m[2].b + 8), 0);
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
	    cmocka_unit_test(templates_come_again_by_count),
	    cmocka_unit_test(templates_come_again_by_time_alone_if_need_be),
	    cmocka_unit_test(without_limits_templates_go_once),
	    cmocka_unit_test(a_refresh_puts_templates_before_flows_that_wait),
	    cmocka_unit_test(
		a_refresh_puts_templates_before_a_message_that_is_begun),
	    cmocka_unit_test(
		templates_that_fill_messages_are_all_before_the_data),
	    cmocka_unit_test(withdrawal_comes_after_the_flows),
	    cmocka_unit_test(options_that_changed_go_with_the_next_templates),
	    cmocka_unit_test(templates_that_cannot_be_are_refused),
	    cmocka_unit_test(options_records_have_the_length_of_their_fields),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (
	    cmocka_run_group_tests_name("encode_template", tests, NULL, NULL));
}
