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

/*
 * What we read of a capture is what libpcap reads of it, and more where it
 * gives up.
 */

#include "capture-equal.h"

#define MUTANTS 2000

static struct capture_file file, mutant;
static uint64_t seed = 1;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return ((uint32_t)(seed >> 33) % n);
}

static void
make_classic(void)
{
	static const uint32_t magics[] = {0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34};
	uint32_t i, kind = rnd(3), len;

	file_clear(&file);
	file.big = rnd(2) == 1;
	file_head(&file, magics[kind], (uint16_t)(2 + rnd(3)), 1);
	for (i = 0; i < 12; i++) {
		len = rnd(200);
		file_record(&file, rnd(0x7fffffff), rnd(1000000), len,
		    len + rnd(1000));
		file_data(&file, 99, kind == 2 ? 8 : 0);
		file_data(&file, i, len);
	}
}

static void
make_pcapng(void)
{
	static const uint8_t resolutions[] = {6, 9, 3, 0x80 | 20, 12};
	uint32_t i, interfaces;

	file_clear(&file);
	file.big = rnd(2) == 1;
	ng_section(&file);
	interfaces = 1 + rnd(3);
	for (i = 0; i < interfaces; i++) {
		ng_interface(&file, 1, 2000);
		if (rnd(2) == 1)
			ng_option(&file, 9, resolutions[rnd(5)], 1);
		if (rnd(3) == 1)
			ng_option(&file, 14, rnd(1000000), 8);
		ng_option(&file, 0, 0, 0);
		block_end(&file);
	}
	for (i = 0; i < 12; i++) {
		if (rnd(10) == 1) {
			block_begin(&file, 5);
			file_data(&file, i, 20);
		} else
			ng_frame(&file, rnd(interfaces),
			    UINT64_C(1000000000000) + rnd(1000000), i);
		block_end(&file);
	}
}

static void
mutate(void)
{
	static const uint8_t bytes[] = {0, 1, 0x7f, 0x80, 0xff};
	uint32_t i, n = rnd(4);

	mutant.len = 0;
	file_bytes(&mutant, file.b, file.len);
	for (i = 0; i < n; i++)
		mutant.b[rnd((uint32_t)file.len)] =
		    rnd(2) == 0 ? bytes[rnd(5)] : (uint8_t)rnd(256);
	if (rnd(4) == 0)
		mutant.len = rnd((uint32_t)mutant.len);
}

static void
compare(const struct capture_file *f)
{
	static struct capture_read ours, theirs;
	const char *path = capture_path(f->b, f->len);
	char why[200];

	capture_ours(&ours, path, NULL, 1 + (int)rnd(20));
	capture_theirs(&theirs, path);
	if (!capture_equal(&ours, &theirs, why, sizeof(why)))
		fail_msg("%s", why);
}

static void
files_are_read_as_libpcap_reads_them(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		make_classic();
		compare(&file);
		make_pcapng();
		compare(&file);
	}
}

static void
damaged_files_are_read_as_libpcap_reads_them(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < MUTANTS; i++) {
		if (i % 2 == 0)
			make_classic();
		else
			make_pcapng();
		mutate();
		compare(&mutant);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_are_read_as_libpcap_reads_them),
	    cmocka_unit_test(damaged_files_are_read_as_libpcap_reads_them),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
