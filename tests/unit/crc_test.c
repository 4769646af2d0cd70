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

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compat/crc.h"

/* The definition, bit by bit, to compare with. */
static uint32_t
slow(uint32_t crc, const uint8_t *p, size_t len)
{
	unsigned int k;

	for (; len > 0; len--) {
		crc ^= *p++;
		for (k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return (crc);
}

static void
check_value_is_that_of_the_classic_log(void **state)
{
	(void)state;
	assert_int_equal(crc_update(0, "123456789", 9), 0x2dfd2d88);
}

static void
nothing_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(crc_update(0, "", 0), 0);
	assert_int_equal(crc_update(0x12345678, "", 0), 0x12345678);
	assert_int_equal(crc_update(0x12345678, NULL, 0), 0x12345678);
}

static void
every_length_and_alignment_agrees_with_the_definition(void **state)
{
	uint8_t buf[600];
	size_t i, off;

	(void)state;
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)(i * i * 7 + i / 3);
	for (off = 0; off < 9; off++)
		for (i = 0; i + off <= sizeof(buf); i++)
			assert_int_equal(crc_update(0, buf + off, i),
			    slow(0, buf + off, i));
}

static void
pieces_give_the_checksum_of_the_whole(void **state)
{
	const uint8_t text[] = "the classic log, in pieces of any length";
	const uint32_t whole = slow(0, text, sizeof(text));
	size_t i;

	(void)state;
	for (i = 0; i <= sizeof(text); i++)
		assert_int_equal(crc_update(crc_update(0, text, i), text + i,
				     sizeof(text) - i),
		    whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(check_value_is_that_of_the_classic_log),
	    cmocka_unit_test(nothing_changes_nothing),
	    cmocka_unit_test(
		every_length_and_alignment_agrees_with_the_definition),
	    cmocka_unit_test(pieces_give_the_checksum_of_the_whole),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
