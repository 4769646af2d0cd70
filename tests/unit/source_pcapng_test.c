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

#include "capture.h"

#define NSEC INT64_C(1000000000)
#define TSRESOL 9
#define TSOFFSET 14
#define FLAGS 2

static struct capture_file file;
static struct capture_read got;

static void
read_file(void)
{
	capture_ours(&got, capture_path(file.b, file.len), NULL, 7);
}

/* A section with one Ethernet. */
static void
begin(bool big)
{
	file_clear(&file);
	file.big = big;
	ng_section(&file);
	ng_interface(&file, 1, 0);
	block_end(&file);
}

static void
frame(uint32_t interface, uint64_t time, uint32_t i)
{
	ng_frame(&file, interface, time, i);
	block_end(&file);
}

static void
frames_of_both_byte_orders_are_read(void **state)
{
	struct capture_file data = {.len = 0};
	uint32_t big, i;

	(void)state;
	for (big = 0; big < 2; big++) {
		begin(big == 1);
		for (i = 0; i < 20; i++)
			frame(0, UINT64_C(1700000000123456) + i, i);
		read_file();
		assert_string_equal(got.error, "");
		assert_int_equal(got.n, 20);
		assert_int_equal(got.dlt, DLT_EN10MB);
		for (i = 0; i < 20; i++) {
			data.len = 0;
			file_data(&data, i, i % 7 + 14);
			assert_int_equal(got.frame[i].caplen, i % 7 + 14);
			assert_int_equal(got.frame[i].len, 1000 + i);
			assert_true(got.frame[i].hash ==
			    capture_hash(data.b, data.len));
			assert_true(got.frame[i].time ==
			    1700000000 * NSEC + 123456000 + i * 1000);
		}
	}
	free(data.b);
}

static void
each_interface_has_a_resolution_and_an_offset(void **state)
{
	static const struct {
		uint8_t resolution;
		int64_t offset;
		uint64_t units;
		int64_t time;
	} times[] = {
	    {0, 0, 1700000000, 1700000000 * NSEC},
	    {3, 0, UINT64_C(1700000000123), 1700000000 * NSEC + 123000000},
	    {9, 0, UINT64_C(1700000000123456789), 1700000000123456789},
	    {12, 0, UINT64_C(1700000123456789), 1700 * NSEC + 123456},
	    {19, 0, UINT64_C(15000000000000000000), 1500000000},
	    {0x80, 0, 1700000000, 1700000000 * NSEC},
	    {0x80 | 10, 0, (UINT64_C(1700000000) << 10) + 512,
		1700000000 * NSEC + 500000000},
	    {0x80 | 32, 0, (UINT64_C(1700000000) << 32) + 0xc0000000,
		1700000000 * NSEC + 750000000},
	    {0x80 | 63, 0, UINT64_C(0xc000000000000000), 1500000000},
	    {6, 1700000000, 5, 1700000000 * NSEC + 5000},
	    {9, -3600, UINT64_C(1700000000000000001), 1699996400000000001},
	    /* What is no time of ours becomes the nearest. */
	    {6, -5, 4999999, 0},
	    {6, INT64_MIN, 5, 0},
	    {6, INT64_MAX, 5, UINT32_MAX * NSEC},
	    {0, 0, UINT64_MAX, UINT32_MAX * NSEC},
	    {6, 0, UINT64_MAX, UINT32_MAX * NSEC},
	    {9, 0, UINT64_MAX, UINT32_MAX * NSEC},
	    {0x80 | 20, 0, UINT64_MAX, UINT32_MAX * NSEC},
	    {0x80 | 64, 0, UINT64_MAX, 0},
	    {127, 0, UINT64_MAX, 0},
	};
	size_t i, n = sizeof(times) / sizeof(times[0]);
	uint32_t big;

	(void)state;
	for (big = 0; big < 2; big++) {
		file_clear(&file);
		file.big = big == 1;
		ng_section(&file);
		for (i = 0; i < n; i++) {
			ng_interface(&file, 1, 0);
			ng_option(&file, 2, 0x6f6c, 2);
			ng_option(&file, TSRESOL, times[i].resolution, 1);
			if (times[i].offset != 0)
				ng_option(&file, TSOFFSET,
				    (uint64_t)times[i].offset, 8);
			ng_option(&file, 0, 0, 0);
			block_end(&file);
		}
		for (i = 0; i < n; i++)
			frame((uint32_t)i, times[i].units, 0);
		read_file();
		assert_int_equal(got.n, n);
		for (i = 0; i < n; i++)
			assert_true(got.frame[i].time == times[i].time);
	}
}

static void
frames_of_another_link_type_are_counted_and_left_out(void **state)
{
	(void)state;
	begin(false);
	ng_interface(&file, 101, 0);
	block_end(&file);
	ng_interface(&file, 1, 0);
	block_end(&file);
	frame(0, 1, 1);
	frame(1, 2, 2);
	frame(2, 3, 3);
	frame(1, 4, 4);
	read_file();
	assert_false(got.failed);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.frame[0].len, 1001);
	assert_int_equal(got.frame[1].len, 1003);
	assert_int_equal(got.other_link, 2);
}

static void
a_section_begins_anew_in_a_byte_order_of_its_own(void **state)
{
	(void)state;
	begin(false);
	frame(0, 1, 1);
	file.big = true;
	ng_section(&file);
	ng_interface(&file, 101, 0);
	block_end(&file);
	ng_interface(&file, 1, 0);
	ng_option(&file, TSRESOL, 9, 1);
	block_end(&file);
	frame(1, 2, 2);
	frame(0, 2, 2);
	file.big = false;
	ng_section(&file);
	frame(0, 1, 1);
	read_file();
	assert_int_equal(got.n, 2);
	assert_int_equal(got.frame[0].time, 1000);
	assert_int_equal(got.frame[1].time, 2);
	assert_int_equal(got.other_link, 1);
	/* The last one has no interface. */
	assert_true(got.failed);
	assert_non_null(strstr(got.error,
	    "a frame of interface 0, which is not described at byte "));
}

static void
simple_and_obsolete_blocks_are_frames_too(void **state)
{
	(void)state;
	file_clear(&file);
	ng_section(&file);
	ng_interface(&file, 1, 20);
	block_end(&file);
	frame(0, 5000000, 1);
	block_begin(&file, 3); /* 20 of 300 bytes */
	file_number(&file, 300, 4);
	file_data(&file, 7, 20);
	block_end(&file);
	block_begin(&file, 3);
	file_number(&file, 9, 4);
	file_data(&file, 7, 9);
	block_end(&file);
	block_begin(&file, 2);
	file_number(&file, 0, 2);
	file_number(&file, 77, 2);
	file_number(&file, 0, 4);
	file_number(&file, 6000000, 4);
	file_number(&file, 3, 4);
	file_number(&file, 400, 4);
	file_data(&file, 8, 3);
	block_end(&file);
	read_file();
	assert_string_equal(got.error, "");
	assert_int_equal(got.n, 4);
	assert_int_equal(got.frame[1].caplen, 20);
	assert_int_equal(got.frame[1].len, 300);
	assert_int_equal(got.frame[1].time, 5 * NSEC);
	assert_int_equal(got.frame[2].caplen, 9);
	assert_int_equal(got.frame[2].len, 9);
	assert_int_equal(got.frame[3].caplen, 3);
	assert_int_equal(got.frame[3].len, 400);
	assert_int_equal(got.frame[3].time, 6 * NSEC);
}

static void
a_frame_that_went_out_is_marked(void **state)
{
	static const uint32_t flags[] = {1, 2, 0, 0xfffffffe, 0xfffffffd};
	static const bool outgoing[] = {false, true, false, true, false};
	uint32_t i;

	(void)state;
	begin(true);
	for (i = 0; i < 5; i++) {
		ng_frame(&file, 0, i, i);
		ng_option(&file, 1, 0x68616c6c6f, 5);
		ng_option(&file, FLAGS, flags[i], 4);
		ng_option(&file, 0, 0, 0);
		block_end(&file);
	}
	/* Options that lie do no harm. */
	ng_frame(&file, 0, 9, 9);
	file_number(&file, FLAGS, 2);
	file_number(&file, 60000, 2);
	block_end(&file);
	read_file();
	assert_int_equal(got.n, 6);
	assert_false(got.failed);
	for (i = 0; i < 5; i++)
		assert_int_equal(got.frame[i].outgoing, outgoing[i]);
	assert_false(got.frame[5].outgoing);
}

static void
blocks_that_are_not_known_are_passed_over(void **state)
{
	static const uint32_t lens[] = {0, 4, 1000000, 16 * 1024 * 1024 - 12};
	struct capture_file zeros = {.len = 0};
	uint32_t i;

	(void)state;
	begin(false);
	frame(0, 1, 1);
	zeros.b = calloc(1, lens[3]);
	for (i = 0; i < 4; i++) {
		block_begin(&file, i == 0 ? 0x0bad : 5);
		file_bytes(&file, zeros.b, lens[i]);
		block_end(&file);
		frame(0, 2 + i, 2 + i);
	}
	read_file();
	assert_string_equal(got.error, "");
	assert_int_equal(got.n, 5);
	assert_int_equal(got.frame[4].len, 1005);
	/* One more would be too much. */
	block_begin(&file, 5);
	file_bytes(&file, zeros.b, lens[3]);
	file_bytes(&file, zeros.b, 4);
	block_end(&file);
	read_file();
	assert_int_equal(got.n, 5);
	assert_non_null(strstr(got.error, "a block of 16777220 bytes at byte"));
	free(zeros.b);
}

/* The last frame's block, with one number changed. */
static void
refused(size_t at, uint32_t value, const char *why)
{
	struct capture_file number = {.len = 0};

	begin(false);
	frame(0, 1, 1);
	frame(0, 2, 2);
	file_number(&number, value, 4);
	memcpy(file.b + file.block + at, number.b, 4);
	free(number.b);
	read_file();
	assert_int_equal(got.n, 1);
	assert_true(got.failed);
	assert_string_equal(got.error, why);
}

static void
lengths_that_lie_are_refused_with_their_place(void **state)
{
	(void)state;
	/* 28 + 20 + 32 + 4 for the first frame: it begins at 48. */
	refused(4, 0, "a block of 0 bytes at byte 96");
	refused(4, 8, "a block of 8 bytes at byte 96");
	refused(4, 47, "a block of 47 bytes at byte 96");
	refused(4, 0xfffffffc, "a block of 4294967292 bytes at byte 96");
	refused(4, 44, "a block whose two lengths differ at byte 96");
	refused(4, 52, "the file is cut short at byte 96");
	refused(8, 1,
	    "a frame of interface 1, which is not described at byte "
	    "96");
	refused(20, 17, "a frame longer than its block at byte 96");
	refused(20, 0xffffffff, "a frame of 4294967295 bytes at byte 96");
}

static void
a_file_that_is_cut_gives_what_stands_before(void **state)
{
	size_t cut, full, i;
	size_t ends[4];

	(void)state;
	begin(true);
	ends[0] = file.len;
	for (i = 0; i < 3; i++) {
		frame(0, i, (uint32_t)i);
		ends[i + 1] = file.len;
	}
	for (cut = 0; cut <= ends[3]; cut++) {
		capture_ours(&got, capture_path(file.b, cut), NULL, 7);
		if (cut < ends[0]) {
			assert_false(got.opened);
			continue;
		}
		for (full = 3; ends[full] > cut; full--)
			continue;
		assert_int_equal(got.n, full);
		assert_int_equal(got.failed, ends[full] != cut);
	}
}

static void
a_file_without_an_interface_is_refused(void **state)
{
	(void)state;
	file_clear(&file);
	ng_section(&file);
	read_file();
	assert_false(got.opened);
	assert_string_equal(got.error, "no interface is described at byte 28");
	block_begin(&file, 6);
	file_data(&file, 0, 40);
	block_end(&file);
	read_file();
	assert_false(got.opened);
	assert_non_null(strstr(got.error, "which is not described at byte 28"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames_of_both_byte_orders_are_read),
	    cmocka_unit_test(each_interface_has_a_resolution_and_an_offset),
	    cmocka_unit_test(
		frames_of_another_link_type_are_counted_and_left_out),
	    cmocka_unit_test(a_section_begins_anew_in_a_byte_order_of_its_own),
	    cmocka_unit_test(simple_and_obsolete_blocks_are_frames_too),
	    cmocka_unit_test(a_frame_that_went_out_is_marked),
	    cmocka_unit_test(blocks_that_are_not_known_are_passed_over),
	    cmocka_unit_test(lengths_that_lie_are_refused_with_their_place),
	    cmocka_unit_test(a_file_that_is_cut_gives_what_stands_before),
	    cmocka_unit_test(a_file_without_an_interface_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
