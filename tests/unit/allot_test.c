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

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "allot.h"
#include "compat/compat.h"

#define COUNT 1000
#define WORKERS 5
#define SENDERS 100

static struct addr
address(const char *text)
{
	struct addr a;

	if (addr_parse(text, &a) == -1)
		fail_msg("%s", text);
	return (a);
}

/* The number that begins at a byte, and counts in steps. */
static void
step(struct addr *a, size_t byte, uint32_t by)
{
	uint32_t v;

	for (v = by; v > 0; v >>= 8, byte--) {
		v += a->b[byte];
		a->b[byte] = (uint8_t)v;
	}
}

/* The worst deviation from even shares, in percent, over 2 to 8 workers. */
static unsigned int
worst(const char *first, size_t byte, uint32_t by)
{
	unsigned int share[8], percent, most = 0;
	struct addr a;
	uint32_t n, i;

	for (n = 2; n <= 8; n++) {
		memset(share, 0, sizeof(share));
		for (i = 0, a = address(first); i < COUNT; i++) {
			share[allot_of(&a, n)]++;
			step(&a, byte, by);
		}
		for (i = 0; i < n; i++) {
			percent = share[i] * n > COUNT
			    ? (share[i] * n - COUNT) * 100 / COUNT
			    : (COUNT - share[i] * n) * 100 / COUNT;
			if (percent > most)
				most = percent;
		}
	}
	return (most);
}

static void
addresses_in_a_row_are_spread_evenly(void **state)
{
	/* clang-format off */
	static const struct {
		const char *first;
		size_t byte;
		uint32_t by;
	} rows[] = {
		{ "10.0.0.1", 3, 1 }, { "192.0.2.250", 3, 1 },
		{ "172.16.0.1", 3, 2 }, { "10.255.0.1", 3, 4 },
		{ "10.0.0.1", 3, 16 }, { "10.1.0.1", 2, 1 },
		{ "100.64.7.254", 2, 4 }, { "2001:db8::1", 15, 1 },
		{ "2001:db8::1", 15, 16 }, { "2001:db8::1", 7, 1 },
		{ "2001:db8::1", 5, 1 }, { "fe80::1", 11, 1 },
	};
	/* clang-format on */
	size_t i;
	unsigned int percent;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		percent = worst(rows[i].first, rows[i].byte, rows[i].by);
		if (percent > 20)
			fail_msg("%s, byte %zu, steps of %u: %u %%",
			    rows[i].first, rows[i].byte, rows[i].by, percent);
	}
}

static void
one_worker_has_them_all(void **state)
{
	struct addr a = address("255.255.255.255"), none = {.family = 0};

	(void)state;
	assert_int_equal(allot_of(&a, 1), 0);
	assert_int_equal(allot_of(&none, WORKERS_MAX), 0);
}

static int
udp_socket(const struct addr *a, uint16_t port, bool shared)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(a, port, 0, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM, 0);

	assert_int_not_equal(fd, -1);
	if (shared)
		assert_int_equal(udp_share(fd), 0);
	if (bind(fd, (struct sockaddr *)&ss, len) == -1) {
		close(fd);
		return (-1);
	}
	return (fd);
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct addr a;
	uint16_t port;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	assert_int_equal(addr_from_sockaddr((struct sockaddr *)&ss, &a, &port),
	    0);
	return (port);
}

/* As many sockets on an address as there are workers; its port. */
static uint16_t
listen_on(const struct addr *a, int fd[WORKERS])
{
	uint16_t port;
	int i;

	fd[0] = udp_socket(a, 0, false);
	port = port_of(fd[0]);
	/* Until it is shared, nobody else has it. */
	assert_int_equal(udp_socket(a, port, true), -1);
	assert_int_equal(udp_share(fd[0]), 0);
	for (i = 1; i < WORKERS; i++)
		fd[i] = udp_socket(a, port, true);
	assert_int_equal(udp_allot(fd[WORKERS - 1], WORKERS), 0);
	return (port);
}

/* From two ports of that address; they are for the same worker. */
static void
send_from(const struct addr *from, const struct addr *to, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(to, port, 0, &ss);
	int fd[2], i;

	for (i = 0; i < 2; i++) {
		if ((fd[i] = udp_socket(from, 0, false)) == -1)
			fail_msg("a source cannot be had");
		assert_int_equal(sendto(fd[i], from->b, sizeof(from->b), 0,
				     (struct sockaddr *)&ss, len),
		    sizeof(from->b));
	}
	close(fd[0]);
	close(fd[1]);
}

static uint32_t
arrived_at(const int fd[WORKERS])
{
	uint8_t buf[64];
	uint32_t i, where = WORKERS;
	int n;

	for (i = 0; i < WORKERS; i++)
		for (n = 0; recv(fd[i], buf, sizeof(buf), MSG_DONTWAIT) > 0;
		     n++) {
			assert_true(where == WORKERS || where == i);
			where = i;
		}
	return (where);
}

static void
each_arrives_where_it_belongs(const struct addr *at, const char *first,
    uint32_t by)
{
	uint32_t i, where, seen[WORKERS] = {0};
	struct addr a = address(first);
	int fd[WORKERS];
	uint16_t port = listen_on(at, fd);

	for (i = 0; i < SENDERS; i++) {
		send_from(&a, at, port);
		where = arrived_at(fd);
		assert_int_equal(where, allot_of(&a, WORKERS));
		seen[where]++;
		step(&a, 15 - (a.family == ADDR_V4 ? 12 : 0), by);
	}
	for (i = 0; i < WORKERS; i++) {
		assert_true(seen[i] > 0);
		close(fd[i]);
	}
}

static bool
can_allot(void)
{
	struct addr a = address("127.0.0.1");
	int fd = udp_socket(&a, 0, false);
	bool can = udp_share(fd) == 0;

	close(fd);
	return (can);
}

static void
datagrams_arrive_where_they_are_allotted(void **state)
{
	struct addr any = address("127.0.0.1");

	(void)state;
	if (!can_allot())
		skip();
	each_arrives_where_it_belongs(&any, "127.1.2.3", 1);
	each_arrives_where_it_belongs(&any, "127.0.0.1", 70000);
}

static void
who_is_deaf_hears_nothing(void **state)
{
	struct addr a = address("127.0.0.1");
	int fd = udp_socket(&a, 0, false), i;
	char buf[64];

	(void)state;
	if (!can_allot())
		skip();
	assert_int_equal(udp_deaf(fd, true), 0);
	for (i = 0; i < 3; i++) {
		send_from(&a, &a, port_of(fd));
		assert_int_equal(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), -1);
	}
	assert_int_equal(udp_deaf(fd, false), 0);
	send_from(&a, &a, port_of(fd));
	assert_int_equal(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), 16);
	close(fd);
}

static void
so_they_do_by_ipv6(void **state)
{
	struct addr any = address("::1");

	(void)state;
	each_arrives_where_it_belongs(&any, "2001:db8::1", 1);
}

/* The addresses are those of a network that is made for it (tests/daemon). */
static bool
has_ipv6(void)
{
	struct addr first = address("2001:db8::1");
	int fd = udp_socket(&first, 0, false);

	if (fd != -1)
		close(fd);
	return (fd != -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_in_a_row_are_spread_evenly),
	    cmocka_unit_test(one_worker_has_them_all),
	    cmocka_unit_test(datagrams_arrive_where_they_are_allotted),
	    cmocka_unit_test(who_is_deaf_hears_nothing),
	};
	const struct CMUnitTest by_ipv6[] = {
	    cmocka_unit_test(so_they_do_by_ipv6),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (has_ipv6())
		return (cmocka_run_group_tests(by_ipv6, NULL, NULL));
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
