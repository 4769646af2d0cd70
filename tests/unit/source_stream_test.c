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

#include <errno.h>
#include <poll.h>
#include <zlib.h>

#include "capture.h"
#include "compat/zst.h"

#define FRAMES 3000

static struct capture_file file;   /* plain */
static struct capture_file packed; /* the same, compressed */
static struct capture_read plain, got;

/* More than a buffer of frames. */
static int
make_plain(void **state)
{
	uint32_t i;

	(void)state;
	file_head(&file, CAPTURE_NANO, 4, 1);
	for (i = 0; i < FRAMES; i++) {
		file_record(&file, i, i, 100 + i % 500, 1500);
		file_data(&file, i, 100 + i % 500);
	}
	capture_ours(&plain, capture_path(file.b, file.len), NULL, 100);
	return (plain.n == FRAMES ? 0 : -1);
}

static int
free_files(void **state)
{
	(void)state;
	free(file.b);
	free(packed.b);
	return (0);
}

static void
read_packed(void)
{
	capture_ours(&got, capture_path(packed.b, packed.len), NULL, 100);
}

static void
check_frames(size_t n)
{
	assert_int_equal(got.n, n);
	assert_memory_equal(got.frame, plain.frame, n * sizeof(plain.frame[0]));
}

/* One gzip member of the bytes from `from` up to `to`. */
static void
gz_member(size_t from, size_t to)
{
	uint8_t *buf = malloc(to - from + 1000);
	z_stream z;

	memset(&z, 0, sizeof(z));
	assert_non_null(buf);
	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 16 + MAX_WBITS, 8,
			     Z_DEFAULT_STRATEGY),
	    Z_OK);
	z.next_in = file.b + from;
	z.avail_in = (uInt)(to - from);
	z.next_out = buf;
	z.avail_out = (uInt)(to - from + 1000);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	file_bytes(&packed, buf, z.total_out);
	(void)deflateEnd(&z);
	free(buf);
}

/*
 * One frame of Zstandard (RFC 8878), its blocks not compressed, with a window
 * of 1024 << window bytes.
 */
static void
zst_frame(size_t from, size_t to, unsigned int window)
{
	const size_t most = window > 7 ? 131072 : (size_t)1024 << window;
	size_t len;

	file_number(&packed, 0xfd2fb528, 4);
	file_number(&packed, 0, 1);
	file_number(&packed, window << 3, 1);
	do {
		len = to - from < most ? to - from : most;
		file_number(&packed, len << 3 | (from + len == to), 3);
		file_bytes(&packed, file.b + from, len);
	} while ((from += len) < to);
}

static bool
has_zst(void)
{
	struct zst *z = zst_open();

	if (z == NULL)
		assert_int_equal(errno, ENOTSUP);
	zst_close(z);
	return (z != NULL);
}

static void
gzip_is_found_by_its_first_bytes(void **state)
{
	(void)state;
	packed.len = 0;
	gz_member(0, file.len);
	read_packed();
	assert_string_equal(got.error, "");
	check_frames(FRAMES);
}

static void
gzip_members_are_one_file(void **state)
{
	(void)state;
	packed.len = 0;
	gz_member(0, 3);
	gz_member(3, 10);
	gz_member(10, 10);
	gz_member(10, 500001);
	gz_member(500001, file.len);
	read_packed();
	assert_string_equal(got.error, "");
	check_frames(FRAMES);
	file_bytes(&packed, "trash", 5);
	read_packed();
	check_frames(FRAMES);
	assert_true(got.failed);
	assert_non_null(strstr(got.error, "garbage behind the gzip data"));
}

static void
gzip_that_is_cut_gives_what_stands_before(void **state)
{
	size_t whole;

	(void)state;
	packed.len = 0;
	gz_member(0, file.len);
	whole = packed.len;
	packed.len = whole / 2;
	read_packed();
	assert_true(got.failed);
	assert_non_null(
	    strstr(got.error, "compressed data is cut short at byte "));
	assert_in_range(got.n, 100, FRAMES - 1);
	check_frames(got.n);
	/* The last bytes are a check sum, and its lack is damage. */
	packed.len = whole - 1;
	read_packed();
	assert_true(got.failed);
	check_frames(FRAMES);
	packed.len = whole;
	packed.b[whole - 6] ^= 1;
	read_packed();
	assert_true(got.failed);
	assert_non_null(strstr(got.error, "gzip data is damaged"));
	check_frames(FRAMES);
}

static void
zstandard_is_found_by_its_first_bytes(void **state)
{
	(void)state;
	if (!has_zst())
		skip();
	packed.len = 0;
	zst_frame(0, file.len, 10);
	read_packed();
	assert_string_equal(got.error, "");
	check_frames(FRAMES);
	/* Several, and one that holds a note (RFC 8878 3.1.2). */
	packed.len = 0;
	file_number(&packed, 0x184d2a53, 4);
	file_number(&packed, 6, 4);
	file_bytes(&packed, "a note", 6);
	zst_frame(0, 2, 0);
	zst_frame(2, 400000, 3);
	zst_frame(400000, file.len, 17);
	read_packed();
	assert_string_equal(got.error, "");
	check_frames(FRAMES);
	packed.len--;
	read_packed();
	assert_true(got.failed);
	assert_non_null(strstr(got.error, "compressed data is cut short"));
	assert_in_range(got.n, FRAMES / 2, FRAMES - 1);
	check_frames(got.n);
}

static void
zstandard_that_wants_much_memory_is_refused(void **state)
{
	(void)state;
	if (!has_zst())
		skip();
	packed.len = 0;
	zst_frame(0, file.len, 17); /* 128 MB */
	read_packed();
	check_frames(FRAMES);
	packed.len = 0;
	zst_frame(0, file.len, 18);
	read_packed();
	assert_false(got.opened);
	assert_int_equal(got.n, 0);
	assert_non_null(strstr(got.error, "memory"));
}

/* Compressed twice is not what a capture is. */
static void
what_is_in_it_is_not_inflated_again(void **state)
{
	struct capture_file swap;

	(void)state;
	packed.len = 0;
	gz_member(0, file.len);
	swap = file;
	file = packed;
	packed = (struct capture_file){.len = 0};
	gz_member(0, file.len);
	read_packed();
	assert_false(got.opened);
	assert_string_equal(got.error, "not a capture file");
	free(file.b);
	file = swap;
}

static void
feed(int fd, size_t from, size_t to)
{
	assert_int_equal(write(fd, file.b + from, to - from), to - from);
}

static enum source_state
read_on(struct source *s)
{
	enum source_state state;
	int n;

	while ((state = source_read(s, 100, capture_keep, &got, &n)) ==
	    SOURCE_MORE)
		continue;
	return (state);
}

static void
a_pipe_that_delivers_slowly_is_read_as_it_comes(void **state)
{
	const struct source_config config = {.file = "-", .fanout = -1};
	const size_t first = 24 + 16 + 100;
	int fds[2], saved = dup(STDIN_FILENO);
	char why[SOURCE_ERRLEN];
	struct source *s;

	(void)state;
	memset(&got, 0, sizeof(got));
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	feed(fds[1], 0, 24);
	assert_non_null(s = source_open(&config, why));
	assert_int_equal(source_fd(s), STDIN_FILENO);
	assert_string_equal(source_name(s), "-");
	assert_int_equal(read_on(s), SOURCE_IDLE);
	feed(fds[1], 24, first - 1);
	assert_int_equal(read_on(s), SOURCE_IDLE);
	assert_int_equal(got.n, 0);
	feed(fds[1], first - 1, first);
	assert_int_equal(read_on(s), SOURCE_IDLE);
	check_frames(1);
	feed(fds[1], first, first + 16 + 101);
	(void)close(fds[1]);
	assert_int_equal(read_on(s), SOURCE_END);
	check_frames(2);
	source_free(s);
	(void)close(fds[0]);
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	(void)close(saved);
}

/* 60 bytes of Ethernet, IPv4 and UDP. */
static void
udp_frame(struct capture_file *f, uint32_t sec, uint16_t port)
{
	struct capture_file p = {.big = true};

	file_data(&p, 1, 12);
	file_number(&p, 0x0800, 2);
	file_number(&p, 0x4500002e, 4);
	file_number(&p, 0, 4);
	file_number(&p, 0x40110000, 4);
	file_number(&p, 0x0a000001, 4);
	file_number(&p, 0x0a000002, 4);
	file_number(&p, 40000, 2);
	file_number(&p, port, 2);
	file_data(&p, 2, 22);
	file_record(f, sec, 0, (uint32_t)p.len, (uint32_t)p.len);
	file_bytes(f, p.b, p.len);
	free(p.b);
}

static void
a_filter_chooses_frames_of_a_file(void **state)
{
	uint32_t i;

	(void)state;
	packed.len = 0;
	file_head(&packed, CAPTURE_MAGIC, 4, 1);
	for (i = 0; i < 100; i++)
		udp_frame(&packed, i, i % 10 == 3 ? 53 : 80);
	capture_ours(&got, capture_path(packed.b, packed.len),
	    "udp and port 53", 7);
	assert_string_equal(got.error, "");
	assert_int_equal(got.n, 10);
	assert_int_equal(got.frame[9].time, INT64_C(93000000000));
	capture_ours(&got, capture_path(packed.b, packed.len), "greater 61", 7);
	assert_int_equal(got.n, 0);
	assert_false(got.failed);
	capture_ours(&got, capture_path(packed.b, packed.len), "", 7);
	assert_int_equal(got.n, 100);
	capture_ours(&got, capture_path(packed.b, packed.len), "udp port", 7);
	assert_false(got.opened);
	assert_ptr_equal(strstr(got.error, "filter: "), got.error);
}

static void
a_file_that_is_stopped_ends_at_once(void **state)
{
	const struct source_config config = {.file =
						 capture_path(file.b, file.len),
	    .fanout = -1};
	char why[SOURCE_ERRLEN];
	struct source *s;
	int n;

	(void)state;
	memset(&got, 0, sizeof(got));
	assert_non_null(s = source_open(&config, why));
	assert_int_equal(source_fd(s), -1);
	assert_false(source_live(s));
	assert_int_equal(source_read(s, 5, capture_keep, &got, &n),
	    SOURCE_MORE);
	assert_int_equal(n, 5);
	source_stop(s);
	assert_int_equal(source_read(s, 5, capture_keep, &got, &n), SOURCE_END);
	assert_int_equal(n, 0);
	source_start(s);
	assert_int_equal(read_on(s), SOURCE_END);
	check_frames(FRAMES);
	source_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gzip_is_found_by_its_first_bytes),
	    cmocka_unit_test(gzip_members_are_one_file),
	    cmocka_unit_test(gzip_that_is_cut_gives_what_stands_before),
	    cmocka_unit_test(zstandard_is_found_by_its_first_bytes),
	    cmocka_unit_test(zstandard_that_wants_much_memory_is_refused),
	    cmocka_unit_test(what_is_in_it_is_not_inflated_again),
	    cmocka_unit_test(a_pipe_that_delivers_slowly_is_read_as_it_comes),
	    cmocka_unit_test(a_filter_chooses_frames_of_a_file),
	    cmocka_unit_test(a_file_that_is_stopped_ends_at_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, make_plain, free_files));
}
