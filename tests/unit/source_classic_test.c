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

static struct capture_file file;
static struct capture_read got;

static void
read_file(void)
{
	capture_ours(&got, capture_path(file.b, file.len), NULL, 7);
}

/* Three frames of 60, 0 and 61 bytes, of 1500 on the wire. */
static void
three_frames(uint32_t magic, bool big, size_t extra)
{
	static const uint32_t caplen[] = {60, 0, 61};
	uint32_t i;

	file_clear(&file);
	file.big = big;
	file_head(&file, magic, 4, 1);
	for (i = 0; i < 3; i++) {
		file_record(&file, 1700000000 + i, 999 - i, caplen[i], 1500);
		file_data(&file, 99, extra);
		file_data(&file, i, caplen[i]);
	}
}

static uint64_t
data_hash(uint32_t i, size_t len)
{
	struct capture_file f = {.len = 0};
	uint64_t hash;

	file_data(&f, i, len);
	hash = capture_hash(f.b, f.len);
	free(f.b);
	return (hash);
}

static void
each_byte_order_and_precision_is_read(void **state)
{
	static const struct {
		uint32_t magic;
		int64_t scale;
		size_t extra;
	} kinds[] = {
	    {0xa1b2c3d4, 1000, 0},
	    {0xa1b23c4d, 1, 0},
	    {0xa1b2cd34, 1000, 8},
	};
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		three_frames(kinds[i / 2].magic, i % 2 == 1,
		    kinds[i / 2].extra);
		read_file();
		assert_string_equal(got.error, "");
		assert_false(got.failed);
		assert_int_equal(got.n, 3);
		assert_int_equal(got.dlt, DLT_EN10MB);
		assert_int_equal(got.frame[0].time,
		    1700000000 * NSEC + 999 * kinds[i / 2].scale);
		assert_int_equal(got.frame[2].time,
		    1700000002 * NSEC + 997 * kinds[i / 2].scale);
		assert_int_equal(got.frame[0].caplen, 60);
		assert_int_equal(got.frame[0].len, 1500);
		assert_int_equal(got.frame[1].caplen, 0);
		assert_int_equal(got.frame[2].caplen, 61);
		assert_true(got.frame[0].hash == data_hash(0, 60));
		assert_true(got.frame[2].hash == data_hash(2, 61));
	}
}

static void
lengths_of_old_versions_are_the_other_way_round(void **state)
{
	(void)state;
	file_clear(&file);
	file_head(&file, CAPTURE_MAGIC, 2, 1);
	file_record(&file, 1, 0, 100, 20);
	file_data(&file, 0, 20);
	read_file();
	assert_int_equal(got.n, 1);
	assert_int_equal(got.frame[0].caplen, 20);
	assert_int_equal(got.frame[0].len, 100);
	/* 2.3 was written both ways: what is captured is not the longer. */
	file_clear(&file);
	file_head(&file, CAPTURE_MAGIC, 3, 1);
	file_record(&file, 1, 0, 100, 20);
	file_data(&file, 0, 20);
	file_record(&file, 1, 0, 20, 100);
	file_data(&file, 1, 20);
	read_file();
	assert_int_equal(got.n, 2);
	assert_int_equal(got.frame[0].caplen, 20);
	assert_int_equal(got.frame[1].caplen, 20);
	assert_int_equal(got.frame[1].len, 100);
}

static void
what_is_no_capture_is_refused(void **state)
{
	(void)state;
	file_clear(&file);
	read_file();
	assert_false(got.opened);
	assert_string_equal(got.error, "the file is empty at byte 0");
	file_bytes(&file, "abc", 3);
	read_file();
	assert_false(got.opened);
	assert_string_equal(got.error, "the file is cut short at byte 0");
	file_bytes(&file, "defghijklmnopqrstuvwxyz", 23);
	read_file();
	assert_false(got.opened);
	assert_string_equal(got.error, "not a capture file");
	file_clear(&file);
	file_head(&file, CAPTURE_MAGIC, 5, 1);
	read_file();
	assert_false(got.opened);
	assert_string_equal(got.error,
	    "version 2.5 of the format is not known");
	capture_ours(&got, "/nonexistent/file", NULL, 7);
	assert_false(got.opened);
	assert_string_equal(got.error, "No such file or directory");
	capture_ours(&got, "/tmp", NULL, 7);
	assert_false(got.opened);
	assert_string_equal(got.error, "Is a directory");
}

static void
link_types_of_files_are_those_of_libpcap(void **state)
{
	static const struct {
		uint32_t link;
		int dlt;
	} types[] = {{1, DLT_EN10MB}, {101, DLT_RAW}, {12, DLT_RAW},
	    {113, DLT_LINUX_SLL}, {276, DLT_LINUX_SLL2}, {0, DLT_NULL},
	    {117, DLT_PFLOG}, {108, DLT_LOOP}, {9, DLT_PPP},
	    /* Frames end in a check sequence: 28 bits and up say so. */
	    {0x54000001, DLT_EN10MB}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		file_clear(&file);
		file_head(&file, CAPTURE_MAGIC, 4, types[i].link);
		read_file();
		assert_true(got.opened);
		assert_int_equal(got.dlt, types[i].dlt);
		assert_int_equal(got.n, 0);
		assert_false(got.failed);
	}
}

static void
a_file_that_is_cut_gives_what_stands_before(void **state)
{
	static const size_t ends[] = {24, 24 + 76, 24 + 76 + 16,
	    24 + 76 + 16 + 77};
	char want[64];
	size_t cut, full;

	(void)state;
	three_frames(CAPTURE_NANO, false, 0);
	assert_int_equal(file.len, ends[3]);
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
		(void)snprintf(want, sizeof(want),
		    "the file is cut short at byte %zu", ends[full]);
		assert_string_equal(got.error, got.failed ? want : "");
	}
}

static void
a_frame_of_four_gigabytes_is_refused(void **state)
{
	static const uint32_t lens[] = {0xffffffff, 0x80000000, 262145};
	char want[64];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		three_frames(CAPTURE_MAGIC, i == 1, 0);
		file_record(&file, 1, 1, lens[i], lens[i]);
		file_data(&file, 3, 300000);
		read_file();
		assert_int_equal(got.n, 3);
		assert_true(got.failed);
		(void)snprintf(want, sizeof(want),
		    "a frame of %u bytes at byte 193", lens[i]);
		assert_string_equal(got.error, want);
	}
}

static void
the_longest_frames_are_taken_across_the_buffer(void **state)
{
	uint32_t i;

	(void)state;
	file_clear(&file);
	file_head(&file, CAPTURE_MAGIC, 4, 1);
	for (i = 0; i < 9; i++) {
		file_record(&file, i, 0, 262144 - i * 1000, 262144);
		file_data(&file, i, 262144 - i * 1000);
	}
	read_file();
	assert_int_equal(got.n, 9);
	assert_false(got.failed);
	for (i = 0; i < 9; i++) {
		assert_int_equal(got.frame[i].caplen, 262144 - i * 1000);
		assert_true(
		    got.frame[i].hash == data_hash(i, 262144 - i * 1000));
	}
}

static void
a_frame_is_not_shorter_than_what_was_captured_of_it(void **state)
{
	(void)state;
	file_clear(&file);
	file_head(&file, CAPTURE_MAGIC, 4, 1);
	file_record(&file, 1, 0, 60, 40);
	file_data(&file, 0, 60);
	read_file();
	assert_int_equal(got.n, 1);
	assert_int_equal(got.frame[0].caplen, 60);
	assert_int_equal(got.frame[0].len, 60);
}

static void
times_reach_the_year_2106(void **state)
{
	(void)state;
	file_clear(&file);
	file_head(&file, CAPTURE_NANO, 4, 1);
	file_record(&file, 0x80000000, 1, 0, 0);
	file_record(&file, 0xffffffff, 999999999, 0, 0);
	/* More than a second in the fraction is added, as libpcap has it. */
	file_record(&file, 10, 0xffffffff, 0, 0);
	read_file();
	assert_int_equal(got.n, 3);
	assert_true(got.frame[0].time == 2147483648 * NSEC + 1);
	assert_true(got.frame[1].time == 4294967295 * NSEC + 999999999);
	assert_true(got.frame[2].time == 14 * NSEC + 294967295);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_byte_order_and_precision_is_read),
	    cmocka_unit_test(lengths_of_old_versions_are_the_other_way_round),
	    cmocka_unit_test(what_is_no_capture_is_refused),
	    cmocka_unit_test(link_types_of_files_are_those_of_libpcap),
	    cmocka_unit_test(a_file_that_is_cut_gives_what_stands_before),
	    cmocka_unit_test(a_frame_of_four_gigabytes_is_refused),
	    cmocka_unit_test(the_longest_frames_are_taken_across_the_buffer),
	    cmocka_unit_test(
		a_frame_is_not_shorter_than_what_was_captured_of_it),
	    cmocka_unit_test(times_reach_the_year_2106),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
