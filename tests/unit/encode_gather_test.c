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
 * Messages of one template gather, and leave in a row.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "txmessage.h"
#include "wire.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Two fixed templates, 0 and 1, which have been told; 4 and 5 to a message. */
static struct tx *
stream(struct enc_config *config)
{
	struct tx *tx;

	config->payload = 112;
	tx = tx_new(config);
	assert_int_equal(encoder_template(tx->e, 256, few, COUNT(few)), 0);
	assert_int_equal(encoder_template(tx->e, 300, few6, COUNT(few6)), 1);
	encoder_flush(tx->e, TX_T0);
	assert_int_equal(tx->n, 1);
	tx_forget(tx);
	return (tx);
}

static void
messages_of_a_template_leave_in_a_row_and_have_one_length(void **state)
{
	static const uint16_t versions[] = {9, 10};
	struct flow f4 = tx_flow(), f6 = tx_flow();
	struct enc_config config;
	size_t i, k, head;
	struct tx *tx;

	(void)state;
	f6.src_addr = tx_v6(1);
	for (i = 0; i < COUNT(versions); i++) {
		config = tx_config(versions[i]);
		config.gather = 3;
		tx = stream(&config);
		head = versions[i] == 9 ? 20 : 16;
		for (k = 0; k < 12; k++) {
			add(tx, 0, &f4, 1);
			add(tx, 1, &f6, 1);
		}
		assert_int_equal(tx->n, 0);
		add(tx, 0, &f4, 1);
		assert_int_equal(tx->n, 3);
		for (k = 0; k < 3; k++) {
			assert_int_equal(tx->m[k].flows, 4);
			assert_int_equal(tx->m[k].len, head + 4 + 4 * 19);
			assert_int_equal(be16(tx->m[k].b + head), 256);
		}
		/* Full ones go first, then what is left of both in one. */
		encoder_flush(tx->e, TX_T0);
		assert_int_equal(tx->n, 6);
		assert_int_equal(be16(tx->m[3].b + head), 300);
		assert_int_equal(tx->m[3].flows, 5);
		assert_int_equal(tx->m[4].len, tx->m[3].len);
		assert_int_equal(be16(tx->m[5].b + head), 256);
		assert_int_equal(tx->m[5].flows, 1 + 2);
		for (k = 0; k < 6; k++)
			assert_int_equal(be32(tx->m[k].b +
					     (versions[i] == 9 ? 12 : 8)),
			    versions[i] == 9
				? 1 + k
				: (k <= 3 ? 4 * k : 12 + 5 * (k - 3)));
		tx_free(tx);
	}
}

/* Ports tell which is which. */
static void
flows_of_a_template_keep_their_order(void **state)
{
	static const struct enc_field port[] = {{0, 7, 2}, {0, 1, 8},
	    {0, 2, 8}};
	struct enc_config config = tx_config(10);
	struct flow f = tx_flow();
	struct rx *rx = rx_new(NULL);
	struct tx *tx;
	uint16_t next = 0;
	size_t i, k;

	(void)state;
	config.gather = 16;
	config.every_messages = 3;
	tx = tx_new(&config);
	encoder_template(tx->e, 256, port, COUNT(port));
	for (f.src_port = 0; f.src_port < 3000; f.src_port++)
		add(tx, 0, &f, 1);
	encoder_flush(tx->e, TX_T0);
	for (i = 0; i < tx->n; i++) {
		assert_int_equal(rx_feed(rx, tx->m[i].b, tx->m[i].len), DEC_OK);
		assert_int_equal(rx->report.sets_no_template, 0);
		assert_int_equal(rx->report.seq_lost, 0);
		for (k = 0; k < rx->n; k++)
			assert_int_equal(rx->f[k].src_port, next++);
	}
	assert_int_equal(next, 3000);
	tx_free(tx);
	rx_free(rx);
}

static void
templates_come_between_messages_in_a_row(void **state)
{
	struct enc_config config = tx_config(10);
	struct flow f = tx_flow();
	struct tx *tx;
	size_t i;

	(void)state;
	config.gather = 5;
	config.every_messages = 3;
	tx = stream(&config);
	add(tx, 0, &f, 21);
	/* The message of templates alone was the first of three. */
	assert_int_equal(tx->n, 7);
	for (i = 0; i < 7; i++) {
		assert_int_equal(tx->m[i].templates, i % 3 == 2);
		assert_int_equal(tx->m[i].flows, i % 3 == 2 ? 0 : 4);
	}
	/* Those that were asked for are first. */
	encoder_refresh(tx->e);
	tx_forget(tx);
	add(tx, 0, &f, 20);
	assert_int_equal(tx->n, 8);
	for (i = 0; i < 8; i++)
		assert_int_equal(tx->m[i].templates, i % 3 == 0);
	tx_free(tx);
}

/* Whatever a message in the making has of templates, others wait for it. */
static void
templates_beside_records_of_any_length_are_before_all(void **state)
{
	static const struct enc_field text[] = {{0, 8, 4},
	    {0, 371, ENC_VARIABLE}};
	struct enc_config config = tx_config(10);
	struct flow f = tx_flow();
	struct rx *rx = rx_new(NULL);
	struct tx *tx;
	size_t i;

	(void)state;
	config.gather = 2;
	config.payload = 200;
	tx = tx_new(&config);
	encoder_template(tx->e, 256, text, COUNT(text));
	encoder_template(tx->e, 257, few, COUNT(few));
	add(tx, 0, &f, 1);
	add(tx, 1, &f, 19);
	assert_int_equal(tx->n, 3);
	assert_true(tx->m[0].templates);
	assert_int_equal(tx->m[0].flows, 1);
	encoder_flush(tx->e, TX_T0);
	for (i = 0; i < tx->n; i++) {
		assert_int_equal(rx_feed(rx, tx->m[i].b, tx->m[i].len), DEC_OK);
		assert_int_equal(rx->report.sets_no_template, 0);
	}
	tx_free(tx);
	rx_free(rx);
}

static void
the_oldest_of_all_templates_tells_since_when(void **state)
{
	struct enc_config config = tx_config(10);
	struct flow f = tx_flow(), f6 = tx_flow();
	int64_t since;
	struct tx *tx;
	size_t i;

	(void)state;
	f6.src_addr = tx_v6(1);
	config.gather = 2;
	tx = stream(&config);
	assert_false(encoder_pending(tx->e, &since));
	encoder_flow(tx->e, 1, &f6, TX_T0 + 2);
	for (i = 0; i < 8; i++)
		encoder_flow(tx->e, 0, &f, TX_T0 + 1);
	assert_true(encoder_pending(tx->e, &since));
	assert_true(since == TX_T0 + 1);
	/* They have left. */
	encoder_flow(tx->e, 0, &f, TX_T0 + 3);
	assert_int_equal(tx->n, 2);
	assert_true(encoder_pending(tx->e, &since));
	assert_true(since == TX_T0 + 2);
	encoder_flush(tx->e, TX_T0 + 4);
	assert_false(encoder_pending(tx->e, &since));
	/* What was refused waits for nothing. */
	assert_int_equal(encoder_flow(tx->e, 0, &f6, TX_T0 + 6), ENC_FAMILY);
	assert_false(encoder_pending(tx->e, &since));
	encoder_flow(tx->e, 0, &f, TX_T0 + 7);
	assert_true(encoder_pending(tx->e, &since));
	assert_true(since == TX_T0 + 7);
	tx_free(tx);
}

static void
no_more_than_64_kib_wait(void **state)
{
	static const struct enc_field one[] = {{0, 210, 1000}};
	struct enc_config config = tx_config(10);
	struct flow f = tx_flow();
	struct tx *tx;

	(void)state;
	config.gather = UINT16_MAX;
	config.payload = 21000; /* 20 records */
	tx = tx_new(&config);
	assert_int_equal(encoder_template(tx->e, 256, one, 1), 0);
	encoder_flush(tx->e, TX_T0);
	add(tx, 0, &f, 60);
	assert_int_equal(tx->n, 1);
	add(tx, 0, &f, 1);
	assert_int_equal(tx->n, 4);
	tx_free(tx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		messages_of_a_template_leave_in_a_row_and_have_one_length),
	    cmocka_unit_test(flows_of_a_template_keep_their_order),
	    cmocka_unit_test(templates_come_between_messages_in_a_row),
	    cmocka_unit_test(
		templates_beside_records_of_any_length_are_before_all),
	    cmocka_unit_test(the_oldest_of_all_templates_tells_since_when),
	    cmocka_unit_test(no_more_than_64_kib_wait),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (
	    cmocka_run_group_tests_name("encode_gather", tests, NULL, NULL));
}
