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

#include "bytes.h"

static void
numbers_are_big_endian(void **state)
{
	const uint8_t b[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	    0xff};
	struct rd rd = rd_init(b, sizeof(b));
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	(void)state;
	assert_int_equal(rd_u16(&rd, &u16), 0);
	assert_int_equal(u16, 0x0102);
	assert_int_equal(rd_u32(&rd, &u32), 0);
	assert_int_equal(u32, 0x03040506);
	assert_int_equal(rd_u64(&rd, &u64), 0);
	assert_true(u64 == UINT64_C(0x0708090a0b0c0d0e));
	assert_int_equal(rd_u8(&rd, &u8), 0);
	assert_int_equal(u8, 0xff);
	assert_int_equal(rd.left, 0);
}

static void
what_is_not_there_is_not_read_and_changes_nothing(void **state)
{
	const uint8_t b[8] = {0};
	uint8_t u8 = 7, to[8] = {7};
	uint16_t u16 = 7;
	uint32_t u32 = 7;
	uint64_t u64 = 7;
	struct rd rd, sub = {0};
	size_t n;

	(void)state;
	for (n = 0; n < 8; n++) {
		rd = rd_init(b, n);
		assert_int_equal(rd_u8(&rd, &u8), n < 1 ? -1 : 0);
		rd = rd_init(b, n);
		assert_int_equal(rd_u16(&rd, &u16), n < 2 ? -1 : 0);
		rd = rd_init(b, n);
		assert_int_equal(rd_u32(&rd, &u32), n < 4 ? -1 : 0);
		rd = rd_init(b, n);
		assert_int_equal(rd_u64(&rd, &u64), -1);
		assert_int_equal(rd_bytes(&rd, to, n + 1), -1);
		assert_int_equal(rd_sub(&rd, n + 1, &sub), -1);
		assert_int_equal(rd_skip(&rd, SIZE_MAX), -1);
		assert_int_equal(rd.left, n);
		assert_ptr_equal(rd.p, b);
	}
	assert_true(u64 == 7 && to[0] == 7 && sub.p == NULL);
	rd = rd_init(b, 0);
	u8 = 7;
	assert_int_equal(rd_u8(&rd, &u8), -1);
	assert_int_equal(u8, 7);
}

static void
sub_cursor_ends_where_it_was_cut(void **state)
{
	const uint8_t b[] = {1, 2, 3, 4};
	struct rd rd = rd_init(b, sizeof(b)), sub;
	uint8_t v;

	(void)state;
	assert_int_equal(rd_sub(&rd, 1, &sub), 0);
	assert_int_equal(rd_u8(&sub, &v), 0);
	assert_int_equal(v, 1);
	assert_int_equal(rd_u8(&sub, &v), -1);
	assert_int_equal(rd_u8(&rd, &v), 0);
	assert_int_equal(v, 2);
	assert_int_equal(rd_sub(&rd, 2, &sub), 0);
	assert_int_equal(rd.left, 0);
	assert_int_equal(rd_sub(&rd, 0, &sub), 0);
}

static void
what_is_written_is_read_back(void **state)
{
	uint8_t b[15];
	struct wr wr = wr_init(b, sizeof(b));
	struct rd rd = rd_init(b, sizeof(b));
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	(void)state;
	assert_int_equal(wr_u8(&wr, 0xfe), 0);
	assert_int_equal(wr_u16(&wr, 0xfedc), 0);
	assert_int_equal(wr_u32(&wr, 0xfedcba98), 0);
	assert_int_equal(wr_u64(&wr, UINT64_C(0xfedcba9876543210)), 0);
	assert_int_equal(wr.left, 0);
	assert_int_equal(wr_u8(&wr, 1), -1);
	rd_u8(&rd, &u8);
	rd_u16(&rd, &u16);
	rd_u32(&rd, &u32);
	rd_u64(&rd, &u64);
	assert_int_equal(u8, 0xfe);
	assert_int_equal(u16, 0xfedc);
	assert_true(u32 == 0xfedcba98);
	assert_true(u64 == UINT64_C(0xfedcba9876543210));
}

static void
what_does_not_fit_is_not_written_in_part(void **state)
{
	uint8_t b[8];
	struct wr wr;
	size_t n;

	(void)state;
	for (n = 0; n < 8; n++) {
		memset(b, 0xaa, sizeof(b));
		wr = wr_init(b, n);
		assert_int_equal(wr_u64(&wr, 0), -1);
		assert_int_equal(wr.left, n);
		assert_int_equal(b[0], 0xaa);
		assert_int_equal(wr_bytes(&wr, b, n + 1), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_big_endian),
	    cmocka_unit_test(what_is_not_there_is_not_read_and_changes_nothing),
	    cmocka_unit_test(sub_cursor_ends_where_it_was_cut),
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(what_does_not_fit_is_not_written_in_part),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
