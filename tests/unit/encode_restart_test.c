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

#include <sys/types.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "bytes.h"
#include "encode/encode.h"

#define MAX 40

static struct {
	uint8_t b[600];
	size_t len;
	uint32_t flows;
	bool templates;
} sent[MAX];
static size_t nsent;

static void
keep(void *arg, const struct enc_message *m)
{
	(void)arg;
	assert_true(nsent < MAX && m->len <= sizeof(sent[0].b));
	memcpy(sent[nsent].b, m->data, m->len);
	sent[nsent].len = m->len;
	sent[nsent].flows = m->flows;
	sent[nsent++].templates = m->templates;
}

static uint32_t
sequence(size_t i)
{
	return (be32(sent[i].b + (sent[i].b[1] == 9 ? 12 : 8)));
}

/* A template of octets, and options that say one byte of nothing. */
static struct encoder *
stream(uint16_t version)
{
	static const struct enc_field octets = {0, 1, 8}, scope = {0, 149, 4},
				      option = {0, 34, 4};
	const struct enc_field both[2] = {scope, option};
	const struct enc_config config = {.version = version, .payload = 500};
	const uint8_t record[8] = {0};
	struct encoder *e;

	nsent = 0;
	e = encoder_new(&config, keep, NULL);
	assert_non_null(e);
	assert_int_equal(encoder_template(e, 256, &octets, 1), 0);
	assert_int_equal(encoder_options(e, 257, both, 2, 1, record, 8), 1);
	return (e);
}

static void
flows(struct encoder *e, size_t n)
{
	struct flow f;

	memset(&f, 0, sizeof(f));
	f.octets = 7;
	flow_set(&f, FLOW_OCTETS);
	while (n-- > 0)
		assert_int_equal(encoder_flow(e, 0, &f, NSEC_PER_SEC), ENC_OK);
}

/* The first message, with templates, was lost while nobody listened. */
static void
what_waits_follows_its_templates_without_a_gap(void **state)
{
	static const uint16_t versions[] = {9, 10};
	struct encoder *e;
	uint32_t end, taken;
	size_t i, before;

	(void)state;
	for (i = 0; i < 2; i++) {
		e = stream(versions[i]);
		flows(e, 200);
		encoder_flush(e, NSEC_PER_SEC);
		assert_true(sent[0].templates);
		assert_false(sent[2].templates);
		flows(e, 3);
		before = nsent;
		end = sequence(before - 1) +
		    (versions[i] == 9 ? 1 : sent[before - 1].flows);
		encoder_restart(e, sent[2].b, sent[2].len);
		assert_int_equal(nsent, before + 1);
		assert_true(sent[before].templates);
		assert_int_equal(sent[before].flows, 0);
		/* A message of version 9, one record of options of IPFIX. */
		taken = 1;
		assert_int_equal(sequence(before) + taken, sequence(2));
		/* What comes later goes on where it was, and has none again. */
		encoder_flush(e, NSEC_PER_SEC);
		assert_int_equal(nsent, before + 2);
		assert_int_equal(sequence(before + 1), end);
		assert_int_equal(sent[before + 1].flows, 3);
		assert_false(sent[before + 1].templates);
		encoder_free(e);
	}
}

static void
without_any_they_go_with_the_next_flow(void **state)
{
	struct encoder *e = stream(10);

	(void)state;
	flows(e, 1);
	encoder_flush(e, NSEC_PER_SEC);
	encoder_restart(e, NULL, 0);
	assert_int_equal(nsent, 1);
	flows(e, 1);
	encoder_flush(e, NSEC_PER_SEC);
	assert_int_equal(nsent, 2);
	assert_true(sent[1].templates);
	assert_int_equal(sequence(1), 2);
	encoder_free(e);
}

static void
versions_without_templates_have_none(void **state)
{
	const struct enc_config config = {.version = 5, .payload = 500};
	struct encoder *e;

	(void)state;
	nsent = 0;
	e = encoder_new(&config, keep, NULL);
	assert_non_null(e);
	encoder_restart(e, (const uint8_t *)"", 0);
	assert_int_equal(nsent, 0);
	encoder_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_waits_follows_its_templates_without_a_gap),
	    cmocka_unit_test(without_any_they_go_with_the_next_flow),
	    cmocka_unit_test(versions_without_templates_have_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
