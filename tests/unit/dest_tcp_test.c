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

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>

#include "dest.h"
#include "meter/connection.h"

/* The other end of a connection, and what it has read of it. */
struct peer {
	int fd;
	uint8_t b[300000];
	size_t len;
	uint32_t first; /* number of its first message */
	uint32_t last;
	uint32_t whole; /* messages */
	uint32_t greetings;
	bool greeted_first;
};

static void
peer_accept(struct peer *p, int listener)
{
	memset(p, 0, sizeof(*p));
	assert_true(readable(listener, 10000));
	p->fd = accept(listener, NULL, NULL);
	assert_int_not_equal(p->fd, -1);
	assert_int_not_equal(fcntl(p->fd, F_SETFL, O_NONBLOCK), -1);
}

/* Messages are whole, and in order; greetings are not counted among them. */
static void
peer_parse(struct peer *p)
{
	size_t at = 0, len;
	uint32_t n;

	for (; p->len - at >= HEADER; at += len) {
		len = (size_t)p->b[at] << 8 | p->b[at + 1];
		assert_true(len >= HEADER);
		if (len > p->len - at)
			break;
		n = number_of(p->b + at, len);
		if (n >= GREETING) {
			p->greeted_first |= p->whole == 0;
			p->greetings++;
			continue;
		}
		if (p->whole++ == 0)
			p->first = n;
		else
			assert_true(n > p->last);
		p->last = n;
	}
	memmove(p->b, p->b + at, p->len -= at);
}

/* At most so much of it.  False: the other end closed. */
static bool
peer_read(struct peer *p, size_t max)
{
	ssize_t n = 1;

	while (max > 0 && n > 0) {
		n = recv(p->fd, p->b + p->len, max < 65536 ? max : 65536, 0);
		if (n > 0) {
			max -= (size_t)n;
			p->len += (size_t)n;
			peer_parse(p);
		}
	}
	return (n != 0);
}

/* With a listener, and a first connection that came up. */
static int
setup(struct rig *r, struct peer *p)
{
	uint16_t port = 0;
	int listener = collector(SOCK_STREAM, "127.0.0.1", &port);

	rig_init(r, DEST_TCP, "127.0.0.1", port);
	r->greet = true;
	rig_open(r);
	assert_string_equal(r->err, "");
	assert_int_equal(r->counters.up, 1);
	assert_int_equal(r->greetings, 1);
	assert_true(dest_reliable(r->d));
	peer_accept(p, listener);
	return (listener);
}

static void
teardown(struct rig *r, struct peer *p, int listener)
{
	rig_close(r);
	if (p->fd != -1)
		close(p->fd);
	close(listener);
}

/* The time passes until it is connected again. */
static void
reconnect(struct rig *r, struct peer *p, int listener)
{
	int i;

	for (i = 0; i < 1000 && r->counters.up == 0; i++) {
		r->now += 100 * MSEC;
		rig_run(r);
		usleep(1000);
	}
	assert_int_equal(r->counters.up, 1);
	peer_accept(p, listener);
}

static struct peer p;

static void
messages_arrive_in_order(void **state)
{
	struct rig r;
	int listener = setup(&r, &p), i;

	(void)state;
	for (i = 0; i < 90; i++)
		put_next(&r, 1000 + (size_t)i);
	while (rig_run(&r) != INT64_MAX)
		continue;
	peer_read(&p, SIZE_MAX);
	assert_int_equal(p.whole, 90);
	assert_int_equal(p.first, 0);
	assert_int_equal(p.last, 89);
	assert_int_equal(p.len, 0);
	assert_int_equal(r.counters.messages, 90);
	assert_int_equal(dest_events(r.d), POLLIN);
	teardown(&r, &p, listener);
}

/* softflowd 1.1 died of SIGPIPE: here it would, too, and end the test. */
static void
a_peer_that_closes_is_noticed_and_connected_to_again(void **state)
{
	struct rig r;
	int listener = setup(&r, &p), i;
	int64_t next;

	(void)state;
	put_next(&r, 100);
	rig_run(&r);
	close(p.fd);
	/* By reading, not by losing a message. */
	assert_true(readable(dest_fd(r.d), 5000));
	put_next(&r, 100);
	next = rig_run(&r);
	assert_int_equal(r.counters.up, 0);
	assert_int_equal(r.counters.messages, 1);
	assert_int_equal(r.counters.queued, 1);
	assert_in_range(next - r.now, 750 * MSEC, NSEC_PER_SEC);
	assert_int_equal(dest_fd(r.d), -1);
	for (i = 0; i < 10; i++)
		put_next(&r, 100);
	reconnect(&r, &p, listener);
	rig_run(&r);
	peer_read(&p, SIZE_MAX);
	assert_int_equal(p.greetings, 1);
	assert_int_equal(p.first, 1);
	assert_int_equal(p.whole, 11);
	assert_int_equal(r.counters.connects, 2);
	assert_int_equal(r.counters.records_lost, 0);
	teardown(&r, &p, listener);
}

static void
a_silent_peer_stops_nobody(void **state)
{
	struct rig r, other;
	int listener = setup(&r, &p), fd;
	uint16_t port = 0;
	uint32_t got = 0;

	(void)state;
	fd = collector(SOCK_DGRAM, "127.0.0.1", &port);
	rig_init(&other, DEST_UDP, "127.0.0.1", port);
	rig_open(&other);
	/* Until the system's buffers are full, and the queue is, and more. */
	while (r.counters.dropped < 1000) {
		put_next(&r, 1400);
		put_next(&other, 1400);
		rig_run(&r);
		rig_run(&other);
		while (receive(fd) == got)
			got++;
	}
	assert_int_equal(got, other.put);
	assert_int_equal(other.counters.messages, other.put);
	while (dest_events(r.d) != (POLLIN | POLLOUT)) {
		put_next(&r, 1400);
		rig_run(&r);
	}
	rig_close(&other);
	/* When it wakes up the stream goes on, whole. */
	while (r.counters.queued > 0) {
		peer_read(&p, SIZE_MAX);
		rig_run(&r);
	}
	peer_read(&p, SIZE_MAX);
	assert_int_equal(p.len, 0);
	assert_int_equal(p.whole + p.greetings, r.counters.messages);
	assert_int_equal(p.last, r.number - 1);
	teardown(&r, &p, listener);
	close(fd);
}

/* The rest of a message on another connection would be read as a header. */
static void
a_new_connection_begins_with_templates_and_a_whole_message(void **state)
{
	struct rig r;
	int listener = setup(&r, &p);
	uint32_t sent;

	(void)state;
	/* 60,000 bytes a message: one is torn when the system is full. */
	while (r.counters.queued < 3) {
		put_next(&r, 60000);
		rig_run(&r);
	}
	sent = (uint32_t)r.counters.messages;
	close(p.fd);
	while (r.counters.up == 1)
		rig_run(&r);
	assert_int_equal(r.counters.messages, sent);
	reconnect(&r, &p, listener);
	while (r.counters.queued > 0) {
		rig_run(&r);
		peer_read(&p, SIZE_MAX);
	}
	peer_read(&p, SIZE_MAX);
	assert_true(p.greeted_first);
	assert_int_equal(p.first, sent);
	assert_int_equal(p.last, r.number - 1);
	assert_int_equal(p.len, 0);
	teardown(&r, &p, listener);
}

/* The first message has the templates, and is the first that is dropped. */
static void
templates_go_again_when_messages_were_dropped(void **state)
{
	struct rig r;
	int listener = setup(&r, &p), i;

	(void)state;
	for (i = 0; i < 101; i++)
		put_next(&r, 100);
	assert_int_equal(r.counters.dropped, 1);
	while (rig_run(&r) != INT64_MAX)
		continue;
	peer_read(&p, SIZE_MAX);
	assert_int_equal(p.greetings, 1);
	assert_int_equal(p.first, 1);
	assert_int_equal(p.whole, 100);
	assert_int_equal(r.greetings, 2);
	teardown(&r, &p, listener);
}

static void
a_destination_that_refuses_is_a_warning_and_tried_again(void **state)
{
	static const uint32_t seconds[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
	uint16_t port = 0;
	int listener = collector(SOCK_STREAM, "127.0.0.1", &port);
	char want[60];
	struct rig r;
	int64_t next;
	size_t i;

	(void)state;
	close(listener);
	rig_init(&r, DEST_TCP, "127.0.0.1", port);
	rig_open(&r);
	(void)snprintf(want, sizeof(want), "127.0.0.1:%u: connect: %s", port,
	    strerror(ECONNREFUSED));
	assert_string_equal(r.err, want);
	assert_int_equal(r.counters.up, 0);
	assert_int_equal(r.greetings, 0);
	for (i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		if (i == 0)
			r.now = monotonic();
		while ((next = rig_run(&r)) == r.now || dest_fd(r.d) != -1)
			continue;
		assert_in_range(next - r.now,
		    seconds[i] * NSEC_PER_SEC * 3 / 4 -
			(i == 0 ? MSEC * 500 : 0),
		    seconds[i] * NSEC_PER_SEC);
		put_next(&r, 100);
		r.now = next;
	}
	listener = collector(SOCK_STREAM, "127.0.0.1", &port);
	r.greet = true;
	reconnect(&r, &p, listener);
	rig_run(&r);
	peer_read(&p, SIZE_MAX);
	assert_int_equal(p.greetings, 1);
	assert_int_equal(p.whole, 9);
	teardown(&r, &p, listener);
}

static void
for_a_file_it_must_not_refuse_at_the_start(void **state)
{
	uint16_t port = 0;
	int listener = collector(SOCK_STREAM, "127.0.0.1", &port);
	struct rig r;

	(void)state;
	close(listener);
	rig_init(&r, DEST_TCP, "127.0.0.1", port);
	r.dc.wait = true;
	assert_null(dest_open(&r.dc, rig_connected, &r, &r.counters, r.err,
	    sizeof(r.err)));
	assert_non_null(strstr(r.err, ": connect: "));
}

static void
while_it_is_down_the_newest_are_kept(void **state)
{
	struct rig r;
	int listener = setup(&r, &p), i;

	(void)state;
	close(p.fd);
	assert_true(readable(dest_fd(r.d), 5000));
	rig_run(&r);
	for (i = 0; i < 1000; i++)
		put_next(&r, 100);
	assert_int_equal(r.counters.dropped, 900);
	assert_int_equal(r.counters.queued, 100);
	reconnect(&r, &p, listener);
	while (r.counters.queued > 0)
		rig_run(&r);
	peer_read(&p, SIZE_MAX);
	assert_int_equal(p.first, 900);
	assert_int_equal(p.whole, 100);
	teardown(&r, &p, listener);
}

static void
the_last_messages_are_delivered_at_the_end(void **state)
{
	struct rig r;
	int listener = setup(&r, &p), i;

	(void)state;
	for (i = 0; i < 100; i++)
		put_next(&r, 1400);
	assert_true(dest_drain(r.d, monotonic() + 10 * NSEC_PER_SEC));
	check_sum(&r);
	rig_close(&r);
	while (peer_read(&p, SIZE_MAX))
		assert_true(readable(p.fd, 10000));
	assert_int_equal(p.whole, 100);
	assert_int_equal(p.len, 0);
	close(p.fd);
	close(listener);
}

static void
a_silent_peer_does_not_keep_us_from_ending(void **state)
{
	struct rig r;
	int listener = setup(&r, &p);

	(void)state;
	while (r.counters.queued < 50) {
		put_next(&r, 1400);
		rig_run(&r);
	}
	assert_false(dest_drain(r.d, monotonic() + 50 * MSEC));
	rig_close(&r);
	assert_true(r.counters.dropped >= 49);
	assert_int_equal(r.counters.dropped, r.counters.records_lost);
	close(p.fd);
	close(listener);
}

/* In a process of its own. */
static void
read_slowly(int listener)
{
	peer_accept(&p, listener);
	while (p.whole < 3000) {
		if (!readable(p.fd, 10000) || !peer_read(&p, 100000))
			_exit(1);
		usleep(1000);
	}
	_exit(p.last == 2999 ? 0 : 2);
}

static void
a_queue_that_waits_loses_nothing_to_a_slow_peer(void **state)
{
	uint16_t port = 0;
	int listener = collector(SOCK_STREAM, "127.0.0.1", &port), status;
	struct rig r;
	pid_t pid;

	(void)state;
	if ((pid = fork()) == 0)
		read_slowly(listener);
	rig_init(&r, DEST_TCP, "127.0.0.1", port);
	r.dc.wait = true;
	r.dc.queue = 3;
	rig_open(&r);
	while (r.put < 3000)
		put_next(&r, 10000);
	assert_true(dest_drain(r.d, monotonic() + 20 * NSEC_PER_SEC));
	check_sum(&r);
	assert_int_equal(r.counters.messages, 3000);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rig_close(&r);
	close(listener);
}

/* A peer that closes, reads a little, lets us wait; messages of any size. */
static void
whatever_happens_each_message_is_counted_once(void **state)
{
	struct rig r;
	int listener = setup(&r, &p), step;
	uint32_t whole = 0, connections = 1;

	(void)state;
	srandom(3);
	for (step = 0; step < 30000; step++) {
		r.now += random() % (20 * MSEC);
		switch (random() % 8) {
		case 0:
		case 1:
		case 2:
		case 3:
			put_next(&r,
			    HEADER +
				(size_t)random() %
				    (random() % 9 == 0 ? 60000 : 1400));
			break;
		case 4:
		case 5:
			rig_run(&r);
			break;
		case 6:
			if (p.fd != -1)
				peer_read(&p, (size_t)random() % 20000);
			else if (readable(listener, 0)) {
				peer_accept(&p, listener);
				connections++;
			}
			break;
		default:
			if (random() % 50 != 0 || p.fd == -1)
				break;
			whole += p.whole;
			close(p.fd);
			p.fd = -1;
		}
	}
	assert_in_range(connections, 3, r.counters.connects);
	assert_in_range(whole, 100, r.counters.messages);
	assert_true(r.counters.dropped > 0);
	teardown(&r, &p, listener);
}

/* Where only root may bind a socket to an interface it is used again. */
static void
a_connection_can_be_made_again_on_its_old_socket(void **state)
{
	static struct connection c;
	uint16_t port = 0;
	int listener = collector(SOCK_STREAM, "127.0.0.1", &port), fd, i;
	struct rig r;

	(void)state;
	rig_init(&r, DEST_TCP, "127.0.0.1", port);
	r.dc.interface = "lo";
	assert_int_equal(connection_open(&c, &r.dc, r.err, sizeof(r.err)), 0);
	assert_string_equal(r.err, "");
	fd = c.fd;
	peer_accept(&p, listener);
	close(p.fd);
	assert_true(readable(fd, 5000));
	assert_false(connection_alive(&c));
	connection_lost(&c, r.now);
	assert_int_equal(c.spare, fd);
	assert_int_equal(c.fd, -1);
	assert_int_not_equal(outlet_connect(&c.outlet, c.spare), -1);
	peer_accept(&p, listener);
	for (i = 0; i < 1000 && send(fd, "x", 1, 0) == -1; i++)
		usleep(1000);
	assert_true(readable(p.fd, 5000));
	close(p.fd);
	connection_close(&c);
	close(listener);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages_arrive_in_order),
	    cmocka_unit_test(
		a_peer_that_closes_is_noticed_and_connected_to_again),
	    cmocka_unit_test(a_silent_peer_stops_nobody),
	    cmocka_unit_test(
		a_new_connection_begins_with_templates_and_a_whole_message),
	    cmocka_unit_test(templates_go_again_when_messages_were_dropped),
	    cmocka_unit_test(
		a_destination_that_refuses_is_a_warning_and_tried_again),
	    cmocka_unit_test(for_a_file_it_must_not_refuse_at_the_start),
	    cmocka_unit_test(while_it_is_down_the_newest_are_kept),
	    cmocka_unit_test(the_last_messages_are_delivered_at_the_end),
	    cmocka_unit_test(a_silent_peer_does_not_keep_us_from_ending),
	    cmocka_unit_test(a_queue_that_waits_loses_nothing_to_a_slow_peer),
	    cmocka_unit_test(whatever_happens_each_message_is_counted_once),
	    cmocka_unit_test(a_connection_can_be_made_again_on_its_old_socket),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
