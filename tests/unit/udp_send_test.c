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
 * Datagrams that are sent several at a time arrive one by one.
 */

#include <sys/types.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>

#include "compat/compat.h"
#include "dest.h"

#define NO_CHECKSUMS 11 /* Linux: SO_NO_CHECK */

struct pair {
	int to;
	int from; /* connected to it */
	bool runs;
};

static void
pair_open(struct pair *p, const char *address)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	uint16_t port = 0;

	p->to = collector(SOCK_DGRAM, address, &port);
	assert_int_equal(getsockname(p->to, (struct sockaddr *)&ss, &len), 0);
	p->from = socket(ss.ss_family, SOCK_DGRAM, 0);
	assert_int_not_equal(p->from, -1);
	assert_int_equal(connect(p->from, (struct sockaddr *)&ss, len), 0);
	p->runs = true;
}

static void
pair_close(const struct pair *p)
{
	close(p->from);
	close(p->to);
}

/* Messages of these lengths, up to 0: each arrives as it was. */
static void
arrive(struct pair *p, const size_t *len)
{
	static uint8_t b[UDP_BATCH][65507], got[65536];
	struct udp_message m[UDP_BATCH];
	int i, n;

	for (n = 0; n < UDP_BATCH && len[n] > 0; n++) {
		memset(b[n], n + 1, len[n]);
		m[n] = (struct udp_message){b[n], len[n]};
	}
	assert_int_equal(udp_send(p->from, m, n, &p->runs), n);
	for (i = 0; i < n; i++) {
		assert_int_equal(recv(p->to, got, sizeof(got), MSG_DONTWAIT),
		    len[i]);
		assert_memory_equal(got, b[i], len[i]);
	}
	assert_int_equal(recv(p->to, got, sizeof(got), MSG_DONTWAIT), -1);
}

#define RUN 0 /* long enough to be worth it */
static const size_t lengths[][UDP_BATCH + 1] = {
    {1400, 1400, 1400, 1400, 1400, 1400, 1400, 1400, 1400, 1400, 1400, 1400,
	700, 1400, 1400},
    {100},
    {100, 100, 100, 100},
    {100, 100, 50, 100, 100, 50, 50, 1},
    {1, 2, 3, 4},
    {4, 3, 2, 1},
    {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 10, 9, 9, 9, 9, 9, 9, 9, 8, 8},
    /* Together more than a datagram holds. */
    {20000, 20000, 20000, 20000, 20000},
    {65507, 65507},
};

static void
each_arrives_as_it_was(void **state)
{
	static const char *const addresses[] = {"127.0.0.1", "::1"};
	size_t many[UDP_BATCH + 1] = {0};
	struct pair p;
	size_t i, k;

	(void)state;
	for (i = 0; i < UDP_BATCH; i++)
		many[i] = 40;
	for (i = 0; i < 2; i++) {
		pair_open(&p, addresses[i]);
		for (k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++)
			arrive(&p, lengths[k]);
		arrive(&p, many);
		pair_close(&p);
	}
}

static void
a_socket_that_takes_no_runs_gets_them_one_by_one(void **state)
{
	struct pair p;
	size_t k;
	int on = 1;

	(void)state;
	pair_open(&p, "127.0.0.1");
	/* Whoever cuts up must make checksums. */
	if (setsockopt(p.from, SOL_SOCKET, NO_CHECKSUMS, &on, sizeof(on)) ==
	    0) {
		arrive(&p, lengths[RUN]);
		assert_false(p.runs);
	}
	p.runs = false;
	for (k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++)
		arrive(&p, lengths[k]);
	assert_false(p.runs);
	pair_close(&p);
}

/* What is wrong with the message is told as it would be of one. */
static void
an_error_is_told_and_none_has_gone(void **state)
{
	static uint8_t b[65535];
	struct udp_message m[3] = {{b, 100}, {b, 100}, {b, 100}};
	struct pair p;
	uint8_t got[200];

	(void)state;
	pair_open(&p, "127.0.0.1");
	close(p.to);
	/* Nobody is there: the next call is told. */
	assert_int_not_equal(udp_send(p.from, m, 1, &p.runs), 0);
	assert_int_equal(udp_send(p.from, m, 3, &p.runs), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(p.from);
	pair_open(&p, "127.0.0.1");
	m[2].len = sizeof(b);
	assert_int_equal(udp_send(p.from, m, 3, &p.runs), 2);
	assert_int_equal(udp_send(p.from, m + 2, 1, &p.runs), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(recv(p.to, got, sizeof(got), MSG_DONTWAIT), 100);
	assert_int_equal(recv(p.to, got, sizeof(got), MSG_DONTWAIT), 100);
	assert_int_equal(recv(p.to, got, sizeof(got), MSG_DONTWAIT), -1);
	pair_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_arrives_as_it_was),
	    cmocka_unit_test(a_socket_that_takes_no_runs_gets_them_one_by_one),
	    cmocka_unit_test(an_error_is_told_and_none_has_gone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests_name("udp_send", tests, NULL, NULL));
}
