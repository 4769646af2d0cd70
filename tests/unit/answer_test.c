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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "meter/answer.h"

#define SECOND INT64_C(1000000000)
#define NOW (1000 * SECOND)

static struct flowtab *table;
static struct expire *expire;
static struct answers *answers;
static struct channel *asker;
static int acts[REQ_MAX];

static void
on_expired(void *arg, struct entry *e, enum end_reason why)
{
	(void)arg;
	(void)e;
	(void)why;
}

static uint64_t
act(void *arg, enum request what)
{
	assert_ptr_equal(arg, acts);
	acts[what]++;
	return (what == REQ_EXPIRE_ALL ? 42 : 0);
}

static int
setup(void **state)
{
	static const uint8_t secret[32] = {1};
	const struct timeouts t = {.udp = 300, .general = 3600};
	int sv[2];

	(void)state;
	memset(acts, 0, sizeof(acts));
	table = flowtab_new(100000, false, secret);
	expire = expire_new(table, &t, on_expired, NULL);
	if (table == NULL || expire == NULL ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1)
		return (-1);
	answers = answers_new(sv[0],
	    &(struct answers_config){.table = table,
		.expire = expire,
		.act = act,
		.arg = acts});
	asker = channel_new(sv[1]);
	return (answers == NULL || asker == NULL ? -1 : 0);
}

static int
teardown(void **state)
{
	(void)state;
	answers_free(answers);
	channel_free(asker);
	expire_free(expire);
	flowtab_free(table);
	return (0);
}

/* Flow i has i + 1 octets, and was seen `silent` seconds ago. */
static struct entry *
add_flow(uint32_t i, uint32_t silent)
{
	struct flow_key k = {.protocol = 17, .version = 4, .port = {1, 2}};
	struct wr wr = wr_init(k.addr[0], 4);
	struct entry *e;

	assert_int_equal(wr_u32(&wr, 0x0a000000 + i), 0);
	k.addr[1][0] = 192;
	e = flowtab_add(table, &k, flowtab_hash(table, &k, 0));
	assert_non_null(e);
	e->first = NOW - 200 * SECOND;
	e->last = NOW - silent * SECOND;
	e->octets[0] = i;
	e->octets[1] = 1;
	e->packets[0] = 1;
	expire_add(expire, e);
	return (e);
}

static void
ask(enum request what, uint32_t arg)
{
	const struct request_msg r = {.what = what, .id = 5, .arg = arg};

	assert_int_equal(channel_ask(asker, &r), 0);
}

/* Until the number comes; the text is kept, and how many steps it took. */
static uint64_t
hear(char *text, size_t size, int *steps)
{
	struct answer_msg m;
	size_t len = 0;
	int rc;

	for (*steps = 0; *steps < 1000;) {
		assert_true(answers_step(answers, NOW) >= 0);
		(*steps)++;
		assert_int_equal(channel_fill(asker), 0);
		while ((rc = channel_reply(asker, &m)) == 1) {
			assert_int_equal(m.id, 5);
			if (m.what == ANS_NUMBER) {
				text[len] = '\0';
				return (m.number);
			}
			assert_int_equal(m.what, ANS_TEXT);
			assert_true(len + m.len < size);
			memcpy(text + len, m.text, m.len);
			len += m.len;
		}
		assert_int_equal(rc, 0);
	}
	fail_msg("no answer");
	return (0);
}

static void
a_number_comes_back_for_what_the_meter_does(void **state)
{
	char text[16];
	int steps;

	(void)state;
	ask(REQ_EXPIRE_ALL, 0);
	assert_int_equal(hear(text, sizeof(text), &steps), 42);
	assert_int_equal(acts[REQ_EXPIRE_ALL], 1);
	ask(REQ_STOP_GATHER, 0);
	assert_int_equal(hear(text, sizeof(text), &steps), 0);
	assert_int_equal(acts[REQ_STOP_GATHER], 1);
	assert_int_equal(answers_step(answers, NOW), 0);
}

static void
a_dump_tells_of_a_flow_and_when_it_ends(void **state)
{
	char text[2048];
	int steps;

	(void)state;
	add_flow(1, 50);
	add_flow(2, 300);
	ask(REQ_DUMP_FLOWS, 0);
	assert_int_equal(hear(text, sizeof(text), &steps), 0);
	assert_string_equal(text,
	    "ACTIVE seq:1 [10.0.0.1]:1 <> [192.0.0.0]:2 proto:17 octets>:1 "
	    "packets>:1 octets<:1 packets<:0 start:1970-01-01T00:13:20.000 "
	    "finish:1970-01-01T00:15:50.000 tcp>:00 tcp<:00 "
	    "flowlabel>:00000000 flowlabel<:00000000 vlan>:0 vlan<:0 "
	    "ether:00:00:00:00:00:00 <> 00:00:00:00:00:00\n"
	    "EXPIRY EVENT for flow 1 in 250 seconds\n\n"
	    "ACTIVE seq:2 [10.0.0.2]:1 <> [192.0.0.0]:2 proto:17 octets>:2 "
	    "packets>:1 octets<:1 packets<:0 start:1970-01-01T00:13:20.000 "
	    "finish:1970-01-01T00:11:40.000 tcp>:00 tcp<:00 "
	    "flowlabel>:00000000 flowlabel<:00000000 vlan>:0 vlan<:0 "
	    "ether:00:00:00:00:00:00 <> 00:00:00:00:00:00\n"
	    "EXPIRY EVENT for flow 2 now\n\n");
}

/* Lines that begin so. */
static unsigned int
lines(const char *text, const char *with)
{
	unsigned int n = 0;

	for (; text != NULL && *text != '\0'; text = strchr(text, '\n')) {
		text += *text == '\n';
		n += strncmp(text, with, strlen(with)) == 0;
	}
	return (n);
}

static void
a_long_dump_comes_in_pieces_that_leave_nothing_out(void **state)
{
	static char text[REQUEST_TEXT_MAX + 1];
	uint64_t next = 0, before;
	unsigned int n = 0, pieces = 0;
	uint32_t i;
	int steps;

	(void)state;
	for (i = 0; i < 20000; i++)
		add_flow(i, 1);
	do {
		before = next;
		ask(REQ_DUMP_FLOWS, (uint32_t)next);
		next = hear(text, sizeof(text), &steps);
		assert_true(next == 0 || next > before);
		n += lines(text, "ACTIVE ");
		pieces++;
	} while (next != 0);
	assert_int_equal(n, 20000);
	/* A piece is no more than its text: packets wait no longer. */
	assert_true(pieces > 100);
}

static void
a_dump_goes_on_where_flows_have_ended(void **state)
{
	char text[2048];
	struct entry *e[3];
	int steps;

	(void)state;
	e[0] = add_flow(1, 1);
	e[1] = add_flow(2, 1);
	e[2] = add_flow(3, 1);
	flowtab_remove(table, e[0]);
	flowtab_remove(table, e[1]);
	ask(REQ_DUMP_FLOWS, 1);
	assert_int_equal(hear(text, sizeof(text), &steps), 0);
	assert_int_equal(lines(text, "ACTIVE seq:3 "), 1);
	assert_int_equal(lines(text, "ACTIVE "), 1);
	/* Behind the last, and far behind. */
	ask(REQ_DUMP_FLOWS, 3);
	assert_int_equal(hear(text, sizeof(text), &steps), 0);
	assert_string_equal(text, "");
	ask(REQ_DUMP_FLOWS, UINT32_MAX);
	assert_int_equal(hear(text, sizeof(text), &steps), 0);
	assert_string_equal(text, "");
}

static void
top_finds_the_largest_in_small_steps(void **state)
{
	static char text[REQUEST_TEXT_MAX + 1];
	unsigned int n, port, octets;
	char *line = text;
	uint32_t i;
	int steps;

	(void)state;
	for (i = 0; i < 20000; i++)
		add_flow(i * 7919 % 20000, 1);
	ask(REQ_TOP, 30);
	assert_int_equal(hear(text, sizeof(text), &steps), 30);
	assert_int_equal(lines(text, "17 10.0."), 30);
	assert_true(steps > 9);
	for (i = 0; i < 30; i++) {
		assert_int_equal(sscanf(line,
				     "17 10.0.%*u.%*u %u 192.0.0.0 %u %u",
				     &port, &n, &octets),
		    3);
		assert_int_equal(octets, 19999 - i);
		line = strchr(line, '\n') + 1;
	}
}

static void
top_has_flows_that_are_silent_behind_the_others(void **state)
{
	char text[2048];
	int steps;

	(void)state;
	add_flow(1000, 61);
	add_flow(10, 60);
	add_flow(9000, 290);
	ask(REQ_TOP, 2);
	assert_int_equal(hear(text, sizeof(text), &steps), 2);
	assert_int_equal(strncmp(text, "17 10.0.0.10 ", 13), 0);
	assert_non_null(strstr(text, "\n17 10.0.35.40 "));
}

static void
top_tells_of_no_more_than_fit(void **state)
{
	static char text[REQUEST_TEXT_MAX + 1];
	uint32_t i;
	int steps;

	(void)state;
	ask(REQ_TOP, 0);
	assert_int_equal(hear(text, sizeof(text), &steps), 0);
	for (i = 0; i < 300; i++)
		add_flow(i, 1);
	ask(REQ_TOP, UINT32_MAX);
	assert_int_equal(hear(text, sizeof(text), &steps), ANSWER_TOP_MAX);
	assert_int_equal(lines(text, "17 "), ANSWER_TOP_MAX);
}

static void
who_does_not_take_answers_gets_no_more(void **state)
{
	uint32_t i;
	int n = 0;

	(void)state;
	for (i = 0; i < 1000; i++)
		add_flow(i, 1);
	for (i = 0; i < 200; i++)
		ask(REQ_DUMP_FLOWS, 0);
	while (answers_step(answers, NOW) == 1)
		assert_true(++n < 200);
	assert_int_equal(answers_step(answers, NOW), 0);
	assert_int_equal(answers_events(answers), POLLIN | POLLOUT);
}

static void
a_control_process_that_is_gone_is_told_of(void **state)
{
	(void)state;
	channel_free(asker);
	asker = NULL;
	assert_int_equal(answers_step(answers, NOW), -1);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(a_number_comes_back_for_what_the_meter_does),
	    T(a_dump_tells_of_a_flow_and_when_it_ends),
	    T(a_long_dump_comes_in_pieces_that_leave_nothing_out),
	    T(a_dump_goes_on_where_flows_have_ended),
	    T(top_finds_the_largest_in_small_steps),
	    T(top_has_flows_that_are_silent_behind_the_others),
	    T(top_tells_of_no_more_than_fit),
	    T(who_does_not_take_answers_gets_no_more),
	    T(a_control_process_that_is_gone_is_told_of),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
