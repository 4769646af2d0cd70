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
 * What is compressed expands to just what it was, and to no byte more.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compat/squeeze.h"

#define LEN 30000

static uint8_t from[LEN], packed[2 * LEN], back[LEN + 1];

static void
fill(void)
{
	uint32_t x = 1;
	size_t i;

	for (i = 0; i < LEN; i++) {
		x = x * 1103515245 + 12345;
		from[i] = i < LEN / 2 ? x >> 24 & 3 : x >> 24;
	}
}

static int
fill_bytes(void **state)
{
	(void)state;
	fill();
	return (0);
}

static size_t
put(int level, size_t len, size_t stretch, size_t room)
{
	struct squeeze *s = squeeze_new(level);
	size_t n;

	assert_non_null(s);
	/* what was there before does not matter */
	(void)squeeze_put(s, packed, 50, from, LEN, 100);
	n = squeeze_put(s, packed, room, from, len, stretch);
	squeeze_free(s);
	return (n);
}

static int
get(size_t len, size_t n)
{
	struct expand *x = expand_new();
	int ret;

	assert_non_null(x);
	memset(back, 0x5a, sizeof(back));
	ret = expand_get(x, back, len, packed, n);
	assert_int_equal(back[len], 0x5a);
	expand_free(x);
	return (ret);
}

static void
bytes_come_back(void **state)
{
	static const size_t stretches[] = {0, 1000, LEN / 2, LEN, 2 * LEN};
	size_t i, n;

	(void)state;
	if (!squeeze_available())
		skip();
	for (i = 0; i < sizeof(stretches) / sizeof(stretches[0]); i++) {
		n = put(3, LEN, stretches[i], sizeof(packed));
		assert_in_range(n, 1, LEN);
		assert_int_equal(get(LEN, n), 0);
		assert_memory_equal(back, from, LEN);
	}
	n = put(19, 1, 0, sizeof(packed));
	assert_int_equal(get(1, n), 0);
	assert_int_equal(back[0], from[0]);
}

static void
nothing_comes_back_as_nothing(void **state)
{
	(void)state;
	if (!squeeze_available())
		skip();
	assert_int_equal(get(0, put(3, 0, 0, sizeof(packed))), 0);
}

/* Half of it has two bits a byte: of one statistic they would take more. */
static void
stretches_have_statistics_of_their_own(void **state)
{
	size_t n;

	(void)state;
	if (!squeeze_available())
		skip();
	n = put(1, LEN, LEN / 2, sizeof(packed));
	assert_in_range(n, LEN / 2 + LEN / 8, LEN / 2 + LEN / 8 + LEN / 20);
	assert_true(n < put(1, LEN, 0, sizeof(packed)));
}

static void
what_does_not_fit_is_not_written(void **state)
{
	size_t n, room;

	(void)state;
	if (!squeeze_available())
		skip();
	n = put(3, LEN, 0, sizeof(packed));
	for (room = 0; room < n; room += room < 40 ? 1 : 997) {
		packed[room] = 0x77;
		assert_int_equal(put(3, LEN, 0, room), 0);
		if (room >= 50) /* put() itself uses so many */
			assert_int_equal(packed[room], 0x77);
	}
}

static void
another_length_is_refused(void **state)
{
	size_t n, len;

	(void)state;
	if (!squeeze_available())
		skip();
	n = put(3, LEN, 0, sizeof(packed));
	for (len = 0; len < LEN; len += len < 40 ? 1 : 997)
		assert_int_equal(get(len, n), -1);
	n = put(3, LEN - 1, 0, sizeof(packed));
	assert_int_equal(get(LEN, n), -1);
}

static void
cuts_and_garbage_are_refused(void **state)
{
	size_t n, cut;

	(void)state;
	if (!squeeze_available())
		skip();
	n = put(3, LEN, 0, sizeof(packed));
	for (cut = 0; cut < n; cut += cut < 40 ? 1 : 97)
		assert_int_equal(get(LEN, cut), -1);
	packed[n] = 0;
	assert_int_equal(get(LEN, n + 1), -1);
	memset(packed, 0, n);
	assert_int_equal(get(LEN, n), -1);
}

/* A build without zstd says so, and refuses. */
static void
what_is_missing_says_so(void **state)
{
	struct squeeze *s = squeeze_new(3);
	struct expand *x = expand_new();

	(void)state;
	assert_int_equal(s != NULL, squeeze_available());
	assert_non_null(x);
	if (!squeeze_available())
		assert_int_equal(expand_get(x, back, 1, from, 1), -1);
	squeeze_free(s);
	squeeze_free(NULL);
	expand_free(x);
	expand_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_come_back),
	    cmocka_unit_test(nothing_comes_back_as_nothing),
	    cmocka_unit_test(stretches_have_statistics_of_their_own),
	    cmocka_unit_test(what_does_not_fit_is_not_written),
	    cmocka_unit_test(another_length_is_refused),
	    cmocka_unit_test(cuts_and_garbage_are_refused),
	    cmocka_unit_test(what_is_missing_says_so),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, fill_bytes, NULL));
}
