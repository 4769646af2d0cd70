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
#include <sys/socket.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meter/request.h"

static struct channel *a, *b; /* two ends, or one */
static int raw = -1;	      /* the other */

static void
ends_of(int type)
{
	int sv[2];

	assert_int_equal(socketpair(AF_UNIX, type, 0, sv), 0);
	a = channel_new(sv[0]);
	b = channel_new(sv[1]);
	assert_non_null(a);
	assert_non_null(b);
}

static void
one_end(void)
{
	int sv[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	a = channel_new(sv[0]);
	assert_non_null(a);
	raw = sv[1];
}

static int
teardown(void **state)
{
	(void)state;
	channel_free(a);
	channel_free(b);
	if (raw != -1)
		close(raw);
	a = b = NULL;
	raw = -1;
	return (0);
}

static void
say_and_hear(int type)
{
	const struct request_msg ask = {.what = REQ_EXIT,
	    .id = 0xfffffffe,
	    .arg = 77};
	const struct answer_msg text = {.what = ANS_TEXT,
	    .id = 3,
	    .text = "four",
	    .len = 4};
	const struct answer_msg number = {.what = ANS_NUMBER,
	    .id = 3,
	    .number = UINT64_C(1) << 63};
	struct request_msg r;
	struct answer_msg m;

	ends_of(type);
	assert_int_equal(channel_request(b, &r), 0);
	assert_int_equal(channel_ask(a, &ask), 0);
	assert_int_equal(channel_fill(b), 0);
	assert_int_equal(channel_request(b, &r), 1);
	assert_int_equal(r.what, REQ_EXIT);
	assert_int_equal(r.id, 0xfffffffe);
	assert_int_equal(r.arg, 77);
	assert_int_equal(channel_request(b, &r), 0);
	assert_int_equal(channel_answer(b, &text), 0);
	assert_int_equal(channel_answer(b, &number), 0);
	assert_int_equal(channel_fill(a), 0);
	assert_int_equal(channel_reply(a, &m), 1);
	assert_int_equal(m.what, ANS_TEXT);
	assert_int_equal(m.id, 3);
	assert_int_equal(m.len, 4);
	assert_memory_equal(m.text, "four", 4);
	if (type == SOCK_SEQPACKET)
		assert_int_equal(channel_fill(a), 0);
	assert_int_equal(channel_reply(a, &m), 1);
	assert_int_equal(m.what, ANS_NUMBER);
	assert_int_equal(m.number, UINT64_C(1) << 63);
	assert_int_equal(channel_reply(a, &m), 0);
}

static void
what_is_said_on_a_stream_is_heard(void **state)
{
	(void)state;
	say_and_hear(SOCK_STREAM);
}

static void
what_is_said_in_packets_is_heard(void **state)
{
	(void)state;
	say_and_hear(SOCK_SEQPACKET);
}

static void
a_message_that_comes_byte_by_byte_is_one(void **state)
{
	const uint8_t bytes[] = {0, 0, 0, ANS_TEXT, 0, 0, 0, 9, 0, 0, 0, 0, 0,
	    0, 0, 0, 0, 0, 0, 2, 'h', 'i'};
	struct answer_msg m;
	size_t i;

	(void)state;
	one_end();
	for (i = 0; i < sizeof(bytes); i++) {
		assert_int_equal(channel_reply(a, &m), 0);
		assert_int_equal(write(raw, bytes + i, 1), 1);
		assert_int_equal(channel_fill(a), 0);
	}
	assert_int_equal(channel_reply(a, &m), 1);
	assert_int_equal(m.id, 9);
	assert_memory_equal(m.text, "hi", m.len);
}

static void
an_end_that_does_not_read_fills_a_buffer_and_no_more(void **state)
{
	static char text[REQUEST_TEXT_MAX];
	const struct answer_msg t = {.what = ANS_TEXT,
	    .id = 1,
	    .text = text,
	    .len = sizeof(text)};
	const struct answer_msg n = {.what = ANS_NUMBER, .id = 1};
	int size = 4096, i;

	(void)state;
	ends_of(SOCK_STREAM);
	assert_int_equal(setsockopt(channel_fd(a), SOL_SOCKET, SO_SNDBUF, &size,
			     sizeof(size)),
	    0);
	assert_int_equal(channel_events(a), POLLIN);
	for (i = 0; channel_room(a); i++) {
		assert_true(i < 10);
		/* Both fit, as it says. */
		assert_int_equal(channel_answer(a, &t), 0);
		assert_int_equal(channel_answer(a, &n), 0);
	}
	assert_true(i > 1);
	assert_int_equal(channel_events(a), POLLIN | POLLOUT);
	assert_int_equal(channel_answer(a, &t), -1);
}

static void
all_that_waited_arrives_in_order(void **state)
{
	static char text[REQUEST_TEXT_MAX];
	struct answer_msg t = {.what = ANS_TEXT,
	    .text = text,
	    .len = sizeof(text)};
	struct answer_msg m;
	uint32_t sent = 0, got = 0;
	int turns, rc;

	(void)state;
	ends_of(SOCK_STREAM);
	for (turns = 0; got < 50; turns++) {
		assert_true(turns < 10000);
		while (sent < 50 && channel_room(a)) {
			t.id = sent++;
			memset(text, (int)t.id, sizeof(text));
			assert_int_equal(channel_answer(a, &t), 0);
		}
		assert_int_equal(channel_flush(a), 0);
		assert_int_equal(channel_fill(b), 0);
		while ((rc = channel_reply(b, &m)) == 1) {
			assert_int_equal(m.id, got);
			assert_int_equal(m.len, REQUEST_TEXT_MAX);
			assert_int_equal(m.text[m.len - 1], got);
			got++;
		}
		assert_int_equal(rc, 0);
	}
}

static void
what_is_no_message_is_refused(void **state)
{
	static const uint8_t bad[][20] = {
	    /* an answer that there is none of */
	    {0, 0, 0, ANS_MAX, 0, 0, 0, 1},
	    {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1},
	    /* text of nothing, too long, too long by far */
	    {0, 0, 0, ANS_TEXT, 0, 0, 0, 1},
	    {0, 0, 0, ANS_TEXT, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0,
		1},
	    {0, 0, 0, ANS_TEXT, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff,
		0xff, 0xff},
	    /* text with a number, a number with text, a last word with one */
	    {0, 0, 0, ANS_TEXT, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1},
	    {0, 0, 0, ANS_NUMBER, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
		1},
	    {0, 0, 0, ANS_DONE, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1},
	};
	struct answer_msg m;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		one_end();
		assert_int_equal(write(raw, bad[i], sizeof(bad[i])),
		    sizeof(bad[i]));
		assert_int_equal(channel_fill(a), 0);
		assert_int_equal(channel_reply(a, &m), -1);
		teardown(state);
	}
}

static void
a_request_that_is_not_in_the_table_is_refused(void **state)
{
	static const uint8_t bad[12] = {0, 0, 0, REQ_MAX};
	struct request_msg r;

	(void)state;
	one_end();
	assert_int_equal(write(raw, bad, sizeof(bad)), sizeof(bad));
	assert_int_equal(channel_fill(a), 0);
	assert_int_equal(channel_request(a, &r), -1);
}

static void
an_end_that_is_gone_is_noticed(void **state)
{
	const struct request_msg ask = {.what = REQ_TOP};

	(void)state;
	one_end();
	close(raw);
	raw = -1;
	assert_int_equal(channel_fill(a), -1);
	/* Without a signal. */
	assert_int_equal(channel_ask(a, &ask), -1);
}

int
main(void)
{
#define T(name) cmocka_unit_test_teardown(name, teardown)
	const struct CMUnitTest tests[] = {
	    T(what_is_said_on_a_stream_is_heard),
	    T(what_is_said_in_packets_is_heard),
	    T(a_message_that_comes_byte_by_byte_is_one),
	    T(an_end_that_does_not_read_fills_a_buffer_and_no_more),
	    T(all_that_waited_arrives_in_order),
	    T(what_is_no_message_is_refused),
	    T(a_request_that_is_not_in_the_table_is_refused),
	    T(an_end_that_is_gone_is_noticed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
