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
 * What goes through the encoder comes back from the decoder: random flows in
 * random templates of each version.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fuzz/mirror.h"

#define ROUNDS 3000
#define BYTES 3000

/* The same numbers wherever it runs. */
static uint64_t
next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return (*x);
}

static void
what_is_encoded_decodes_to_the_same(void **state)
{
	static uint8_t bytes[BYTES];
	uint64_t x = 88172645463325252, flows = 0;
	int round;
	size_t i;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < BYTES; i++)
			bytes[i] = (uint8_t)(next(&x) >> 32);
		bytes[0] = (uint8_t)round;
		flows +=
		    mirror_run(bytes, 200 + (size_t)(next(&x) % (BYTES - 200)));
	}
	/* A comparison of nothing is to be doubted. */
	printf("# %llu flows\n", (unsigned long long)flows);
	assert_true(flows > 10 * ROUNDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_encoded_decodes_to_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (
	    cmocka_run_group_tests_name("encode_mirror", tests, NULL, NULL));
}
