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

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "meter/msgqueue.h"

static uint8_t bytes[MSG_LEN_MAX];

static void
put_filled(struct msgqueue *q, size_t len, uint32_t n)
{
	memset(bytes, (int)(n & 0xff), len);
	assert_int_equal(msgqueue_put(q, bytes, len, n), 0);
}

static void
check_at(const struct msgqueue *q, uint32_t i, size_t len, uint32_t n)
{
	struct msg m = msgqueue_at(q, i);
	uint32_t k;

	assert_int_equal(m.len, len);
	assert_int_equal(m.records, n);
	for (k = 0; k < m.len; k++)
		assert_int_equal(m.data[k], n & 0xff);
}

static void
messages_come_out_as_they_went_in(void **state)
{
	struct msgqueue *q = msgqueue_new(3, 100);

	(void)state;
	put_filled(q, 10, 1);
	put_filled(q, 20, 2);
	assert_int_equal(msgqueue_count(q), 2);
	check_at(q, 0, 10, 1);
	check_at(q, 1, 20, 2);
	msgqueue_pop(q);
	check_at(q, 0, 20, 2);
	msgqueue_pop(q);
	assert_int_equal(msgqueue_count(q), 0);
	msgqueue_free(q);
}

static void
it_has_a_bound_of_messages_and_of_bytes(void **state)
{
	struct msgqueue *q = msgqueue_new(2, 100);

	(void)state;
	put_filled(q, 1, 1);
	put_filled(q, 1, 2);
	assert_false(msgqueue_fits(q, 1));
	assert_int_equal(msgqueue_put(q, bytes, 1, 3), -1);
	msgqueue_pop(q);
	assert_false(msgqueue_fits(q, 100));
	assert_int_equal(msgqueue_put(q, bytes, 100, 3), -1);
	msgqueue_pop(q);
	assert_false(msgqueue_fits(q, 101));
	put_filled(q, 100, 4);
	check_at(q, 0, 100, 4);
	msgqueue_free(q);
}

static void
a_message_that_does_not_fit_at_the_end_goes_to_the_front(void **state)
{
	struct msgqueue *q = msgqueue_new(10, 100);

	(void)state;
	put_filled(q, 40, 1);
	put_filled(q, 40, 2);
	assert_false(msgqueue_fits(q, 30));
	msgqueue_pop(q);
	put_filled(q, 30, 3);
	put_filled(q, 10, 4);
	/* Full to the byte: begin and end are the same place. */
	assert_false(msgqueue_fits(q, 1));
	check_at(q, 0, 40, 2);
	check_at(q, 1, 30, 3);
	check_at(q, 2, 10, 4);
	msgqueue_free(q);
}

static void
sizes_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	assert_null(msgqueue_new(0, 100));
	assert_int_equal(errno, EINVAL);
	assert_null(msgqueue_new(1, 0));
	assert_null(msgqueue_new(1, (size_t)UINT32_MAX + 1));
	assert_null(msgqueue_new(UINT32_MAX, 1));
	msgqueue_free(NULL);
}

#define MODEL 64

/* Beside a list that cannot be wrong. */
static void
it_does_as_a_plain_list_would(void **state)
{
	struct msgqueue *q = msgqueue_new(20, 1000);
	struct {
		size_t len;
		uint32_t n;
	} model[MODEL];
	size_t count = 0, sum = 0, len, i;
	uint32_t n = 0, step, refused = 0;

	(void)state;
	srandom(1);
	for (step = 0; step < 50000; step++) {
		len = 1 + (size_t)random() % (step % 3 ? 60 : 300);
		if (random() % 5 < 3) {
			if (!msgqueue_fits(q, len)) {
				refused++;
				/* Half of it is never in vain. */
				assert_true(count == 20 || sum + len > 500);
				assert_int_equal(msgqueue_put(q, bytes, len, 0),
				    -1);
				continue;
			}
			put_filled(q, len, ++n);
			model[count].len = len;
			model[count++].n = n;
			sum += len;
		} else if (count > 0) {
			msgqueue_pop(q);
			sum -= model[0].len;
			memmove(model, model + 1, --count * sizeof(model[0]));
		}
		assert_int_equal(msgqueue_count(q), count);
		assert_in_range(sum, 0, 1000);
		for (i = 0; i < count; i++)
			check_at(q, (uint32_t)i, model[i].len, model[i].n);
	}
	assert_in_range(refused, 100, 50000);
	msgqueue_free(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages_come_out_as_they_went_in),
	    cmocka_unit_test(it_has_a_bound_of_messages_and_of_bytes),
	    cmocka_unit_test(
		a_message_that_does_not_fit_at_the_end_goes_to_the_front),
	    cmocka_unit_test(sizes_that_make_no_sense_are_refused),
	    cmocka_unit_test(it_does_as_a_plain_list_would),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
