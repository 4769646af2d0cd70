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

#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>

#include "dest.h"
#include "meter/outlet.h"

static void
a_message_arrives_as_it_was_put(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "::1"};
	char name[40];
	struct rig r;
	uint16_t port;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < 2; i++) {
		port = 0;
		fd = collector(SOCK_DGRAM, hosts[i], &port);
		rig_init(&r, DEST_UDP, hosts[i], port);
		rig_open(&r);
		assert_string_equal(r.err, "");
		(void)snprintf(name, sizeof(name), "%s:%u",
		    i == 0 ? "127.0.0.1" : "[::1]", port);
		assert_string_equal(dest_name(r.d), name);
		assert_int_equal(dest_port(r.d), port);
		assert_false(dest_reliable(r.d));
		put_next(&r, 1400);
		assert_int_equal(r.counters.queued, 1);
		assert_true(rig_run(&r) == INT64_MAX);
		assert_int_equal(dest_fd(r.d), -1);
		assert_int_equal(receive(fd), 0);
		assert_int_equal(r.counters.messages, 1);
		assert_int_equal(r.counters.records, 1);
		assert_int_equal(r.counters.octets, 1400);
		assert_int_equal(r.counters.connects, 1);
		assert_int_equal(r.counters.up, 1);
		assert_int_equal(r.counters.queued, 0);
		rig_close(&r);
		close(fd);
	}
}

static void
a_full_queue_loses_its_oldest_and_counts_them(void **state)
{
	uint16_t port = 0;
	int fd = collector(SOCK_DGRAM, "127.0.0.1", &port), i;
	struct rig r;

	(void)state;
	rig_init(&r, DEST_UDP, "127.0.0.1", port);
	r.dc.queue = 10;
	rig_open(&r);
	for (i = 0; i < 25; i++)
		put_next(&r, 100);
	assert_int_equal(r.counters.dropped, 15);
	assert_int_equal(r.counters.records_lost, 15);
	assert_int_equal(r.counters.queued, 10);
	rig_run(&r);
	for (i = 15; i < 25; i++)
		assert_int_equal(receive(fd), i);
	assert_int_equal(receive(fd), -1);
	/* Large ones: bytes are bounded, too. */
	for (i = 0; i < 4; i++)
		put_next(&r, 40000);
	assert_int_equal(r.counters.queued, 1);
	rig_close(&r);
	close(fd);
}

static void
the_pace_is_kept_whatever_waits(void **state)
{
	uint16_t port = 0;
	int fd = collector(SOCK_DGRAM, "127.0.0.1", &port);
	int64_t start, next;
	struct rig r;
	uint32_t got = 0;

	(void)state;
	rig_init(&r, DEST_UDP, "127.0.0.1", port);
	r.dc.queue = 5000;
	r.dc.rate = 10000;
	rig_open(&r);
	while (r.put < 5000)
		put_next(&r, 100);
	start = r.now;
	/* By a clock of its own: nothing here takes time. */
	while ((next = rig_run(&r)) != INT64_MAX) {
		assert_true(next > r.now);
		assert_true(r.counters.messages <=
		    10 + (uint64_t)(r.now - start) / 100000);
		while (receive(fd) == got)
			got++;
		r.now = next;
	}
	while (receive(fd) == got)
		got++;
	assert_int_equal(got, 5000);
	assert_in_range(r.now - start, 498 * MSEC, 500 * MSEC);
	rig_close(&r);
	close(fd);
}

/* The capture goes on meanwhile. */
static void
no_call_sends_without_bound(void **state)
{
	uint16_t port = 0;
	int fd = collector(SOCK_DGRAM, "127.0.0.1", &port);
	struct rig r;

	(void)state;
	rig_init(&r, DEST_UDP, "127.0.0.1", port);
	r.dc.queue = 1000;
	rig_open(&r);
	while (r.put < 1000)
		put_next(&r, 20);
	assert_true(rig_run(&r) == r.now);
	assert_in_range(r.counters.messages, 1, 64);
	rig_close(&r);
	close(fd);
}

/*
 * What comes back for one datagram is told when the next is sent, and that one
 * is not sent then.
 */
static void
a_collector_that_comes_back_misses_nothing_from_then_on(void **state)
{
	uint16_t port = 0;
	int fd = collector(SOCK_DGRAM, "127.0.0.1", &port), i;
	struct rig r;

	(void)state;
	close(fd);
	rig_init(&r, DEST_UDP, "127.0.0.1", port);
	rig_open(&r);
	for (i = 0; i < 10; i++) {
		put_next(&r, 100);
		rig_run(&r);
	}
	assert_int_equal(r.counters.messages, 10);
	/* The refusal of the last one is pending. */
	fd = collector(SOCK_DGRAM, "127.0.0.1", &port);
	for (i = 10; i < 20; i++) {
		put_next(&r, 100);
		rig_run(&r);
		assert_int_equal(receive(fd), i);
	}
	assert_int_equal(r.counters.failures, 0);
	rig_close(&r);
	close(fd);
}

/* The exporter may be quiet, its templates an hour away. */
static void
a_collector_that_comes_back_gets_templates_first(void **state)
{
	uint16_t port = 0;
	int fd = collector(SOCK_DGRAM, "127.0.0.1", &port), i;
	struct rig r;

	(void)state;
	close(fd);
	rig_init(&r, DEST_UDP, "127.0.0.1", port);
	rig_open(&r);
	r.greet = true;
	for (i = 0; i < 10; i++) {
		put_next(&r, 100);
		rig_run(&r);
		r.now += NSEC_PER_SEC;
	}
	assert_in_range(r.greetings, 5, 11);
	fd = collector(SOCK_DGRAM, "127.0.0.1", &port);
	put_next(&r, 100);
	while (rig_run(&r) != INT64_MAX)
		continue;
	assert_true(receive(fd) >= GREETING);
	while (receive(fd) != (int64_t)r.number - 1)
		assert_true(readable(fd, 0));
	/* Once, and no more for a collector that is there. */
	r.greetings = 0;
	for (i = 0; i < 30; i++) {
		put_next(&r, 100);
		rig_run(&r);
		r.now += NSEC_PER_SEC;
		assert_int_equal(receive(fd), r.number - 1);
	}
	assert_int_equal(r.greetings, 0);
	assert_int_equal(r.counters.failures, 0);
	rig_close(&r);
	close(fd);
}

static void
refusals_call_for_templates_ten_times_a_second_at_most(void **state)
{
	uint16_t port = 0;
	int fd = collector(SOCK_DGRAM, "127.0.0.1", &port), i;
	struct rig r;

	(void)state;
	close(fd);
	rig_init(&r, DEST_UDP, "127.0.0.1", port);
	rig_open(&r);
	r.greetings = 0;
	for (i = 0; i < 1000; i++) {
		put_next(&r, 100);
		rig_run(&r);
		r.now += MSEC;
	}
	assert_in_range(r.greetings, 9, 10);
	rig_close(&r);
}

static void
a_message_that_cannot_go_is_one_failure_and_stops_none(void **state)
{
	uint16_t port = 0;
	int fd = collector(SOCK_DGRAM, "127.0.0.1", &port);
	struct rig r;

	(void)state;
	rig_init(&r, DEST_UDP, "127.0.0.1", port);
	rig_open(&r);
	put_next(&r, 100);
	put_next(&r, 65510); /* longer than UDP can be */
	put_next(&r, 100);
	r.put += 2; /* what is none at all is counted, too */
	dest_put(r.d, (const uint8_t *)"", 0, 0, r.now);
	dest_put(r.d, (const uint8_t *)"", 65536, 3, r.now);
	while (rig_run(&r) != INT64_MAX)
		continue;
	assert_int_equal(receive(fd), 0);
	assert_int_equal(receive(fd), 2);
	assert_int_equal(r.counters.failures, 1);
	assert_int_equal(r.counters.dropped, 2);
	assert_int_equal(r.counters.records_lost, 4);
	rig_close(&r);
	close(fd);
}

static int
join(const char *group, uint16_t *port)
{
	struct ip_mreqn m = {.imr_ifindex = (int)if_nametoindex("lo")};
	int fd = collector(SOCK_DGRAM, "0.0.0.0", port), on = 1;
	struct addr a;

	assert_int_equal(addr_parse(group, &a), 0);
	memcpy(&m.imr_multiaddr, a.b, 4);
	assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m,
			     sizeof(m)),
	    0);
	(void)setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on));
	return (fd);
}

/* What the datagram had left when it came. */
static int
hops_left(int fd)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control;
	uint8_t b[200];
	struct iovec iov = {b, sizeof(b)};
	struct msghdr mh = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control.buf,
	    .msg_controllen = sizeof(control.buf)};
	struct cmsghdr *cm;
	int hops = -1;

	assert_true(readable(fd, 5000));
	assert_true(recvmsg(fd, &mh, 0) > 0);
	cm = CMSG_FIRSTHDR(&mh);
	assert_non_null(cm);
	assert_int_equal(cm->cmsg_type, IP_TTL);
	memcpy(&hops, CMSG_DATA(cm), sizeof(hops));
	return (hops);
}

static const int ttls[] = {-1, 0, 1, 17, 255};

static void
multicasts_go_by_the_interface_with_the_hops_asked_for(void **state)
{
	struct rig r;
	uint16_t port;
	int fd, i;

	(void)state;
	for (i = 0; i < 5; i++) {
		port = 0;
		fd = join("239.255.7.9", &port);
		rig_init(&r, DEST_UDP, "239.255.7.9", port);
		r.dc.interface = "lo";
		r.dc.ttl = ttls[i];
		rig_open(&r);
		assert_string_equal(r.err, "");
		put_next(&r, 100);
		rig_run(&r);
		assert_int_equal(r.counters.messages, 1);
		assert_int_equal(hops_left(fd), ttls[i] == -1 ? 1 : ttls[i]);
		rig_close(&r);
		close(fd);
	}
}

/* The loopback has no route for these: the socket is looked at. */
static void
so_do_multicasts_of_ipv6(void **state)
{
	char err[100];
	const char *what;
	struct outlet o;
	struct rig r;
	int fd, i, got;
	socklen_t len = sizeof(got);

	(void)state;
	for (i = 0; i < 5; i++) {
		rig_init(&r, DEST_UDP, "ff02::9:7", 2055);
		r.dc.interface = "lo";
		r.dc.ttl = ttls[i];
		assert_int_equal(outlet_resolve(&o, &r.dc, err, sizeof(err)),
		    0);
		assert_int_not_equal(fd = outlet_socket(&o, &what), -1);
		assert_int_equal(getsockopt(fd, IPPROTO_IPV6,
				     IPV6_MULTICAST_HOPS, &got, &len),
		    0);
		assert_int_equal(got, ttls[i] == -1 ? 1 : ttls[i]);
		assert_int_equal(getsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF,
				     &got, &len),
		    0);
		assert_int_equal(got, if_nametoindex("lo"));
		close(fd);
	}
}

static void
the_source_address_is_the_one_asked_for(void **state)
{
	uint16_t port = 0;
	int fd = collector(SOCK_DGRAM, "127.0.0.1", &port);
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	uint8_t b[200];
	struct rig r;

	(void)state;
	rig_init(&r, DEST_UDP, "127.0.0.1", port);
	assert_int_equal(addr_parse("127.0.0.77", &r.dc.source), 0);
	rig_open(&r);
	put_next(&r, 100);
	rig_run(&r);
	assert_int_equal(recvfrom(fd, b, sizeof(b), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &len),
	    100);
	assert_int_equal(ntohl(from.sin_addr.s_addr), 0x7f00004d);
	rig_close(&r);
	close(fd);
}

static void
what_can_never_be_is_an_error_that_says_what(void **state)
{
	static const struct {
		const char *host;
		const char *port;
		const char *interface;
		const char *source;
		const char *err;
	} bad[] = {
	    {"127.0.0.1", "nosuchservice", NULL, NULL,
		"127.0.0.1:nosuchservice: "},
	    {"256.1.1.1", "1", NULL, NULL, "256.1.1.1:1: "},
	    {"127.0.0.1", "1", "nosuch0", NULL, "nosuch0: no such interface"},
	    {"127.0.0.1", "1", "a-name-that-is-much-too-long", NULL,
		"a-name-that-is-much-too-long: no such interface"},
	    {"127.0.0.1", "1", NULL, "192.0.2.77",
		"127.0.0.1:1: source address: "},
	    {"127.0.0.1", "1", NULL, "::1",
		"127.0.0.1:1 has no address of the family of the source"},
	};
	struct rig r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rig_init(&r, DEST_UDP, bad[i].host, 1);
		r.dc.port = bad[i].port;
		r.dc.interface = bad[i].interface;
		if (bad[i].source != NULL)
			assert_int_equal(addr_parse(bad[i].source,
					     &r.dc.source),
			    0);
		assert_null(dest_open(&r.dc, rig_connected, &r, &r.counters,
		    r.err, sizeof(r.err)));
		if (strncmp(r.err, bad[i].err, strlen(bad[i].err)) != 0)
			assert_string_equal(r.err, bad[i].err);
		assert_int_equal(r.greetings, 0);
	}
}

/* More than the queue holds: the reader of a file has the time. */
static void
a_queue_that_waits_loses_nothing(void **state)
{
	uint16_t port = 0;
	int fd = collector(SOCK_DGRAM, "127.0.0.1", &port);
	int64_t begun = monotonic();
	uint32_t got = 0;
	struct rig r;

	(void)state;
	rig_init(&r, DEST_UDP, "127.0.0.1", port);
	r.dc.queue = 5;
	r.dc.rate = 20000;
	r.dc.wait = true;
	rig_open(&r);
	while (r.put < 2000) {
		put_next(&r, 100);
		while (receive(fd) == got)
			got++;
	}
	assert_true(dest_drain(r.d, monotonic() + 5 * NSEC_PER_SEC));
	while (receive(fd) == got)
		got++;
	assert_int_equal(got, 2000);
	assert_int_equal(r.counters.dropped, 0);
	/* By the pace, 100 ms. */
	assert_true(monotonic() - begun >= 99 * MSEC);
	rig_close(&r);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_message_arrives_as_it_was_put),
	    cmocka_unit_test(a_full_queue_loses_its_oldest_and_counts_them),
	    cmocka_unit_test(the_pace_is_kept_whatever_waits),
	    cmocka_unit_test(no_call_sends_without_bound),
	    cmocka_unit_test(
		a_collector_that_comes_back_misses_nothing_from_then_on),
	    cmocka_unit_test(a_collector_that_comes_back_gets_templates_first),
	    cmocka_unit_test(
		refusals_call_for_templates_ten_times_a_second_at_most),
	    cmocka_unit_test(
		a_message_that_cannot_go_is_one_failure_and_stops_none),
	    cmocka_unit_test(
		multicasts_go_by_the_interface_with_the_hops_asked_for),
	    cmocka_unit_test(so_do_multicasts_of_ipv6),
	    cmocka_unit_test(the_source_address_is_the_one_asked_for),
	    cmocka_unit_test(what_can_never_be_is_an_error_that_says_what),
	    cmocka_unit_test(a_queue_that_waits_loses_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
