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
 * For the tests of meter/dest.c: numbered messages, a collector for them on
 * the loopback, and the sum that must hold.
 */

#ifndef DEST_H
#define DEST_H

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "addr.h"
#include "flow.h"
#include "meter/dest.h"

#define MSEC (NSEC_PER_SEC / 1000)
#define HEADER 8
#define GREETING 0x80000000U /* numbers of what connected() puts */

struct rig {
	struct dest_config dc;
	struct counters_dest counters;
	struct dest *d;
	char port[8];
	char err[200];
	uint64_t put;
	uint32_t number; /* of the next message */
	uint32_t greetings;
	bool greet; /* put one in connected() */
	int64_t now;
};

static inline int64_t
monotonic(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec);
}

/* Every message that was put is in one place. */
static inline void
check_sum(const struct rig *r)
{
	const struct counters_dest *c = &r->counters;

	assert_int_equal(r->put,
	    c->messages + c->failures + c->dropped + c->queued);
}

static inline void
put_numbered(struct rig *r, uint32_t number, size_t len)
{
	static uint8_t b[70000];
	size_t i;

	for (i = 0; i < 2; i++)
		b[i] = (uint8_t)(len >> (8 - 8 * i));
	for (i = 0; i < 4; i++)
		b[2 + i] = (uint8_t)(number >> (24 - 8 * i));
	b[6] = b[7] = 0x55;
	memset(b + HEADER, (int)(number & 0xff), len - HEADER);
	r->put++;
	dest_put(r->d, b, len, 1, r->now);
}

static inline void
put_next(struct rig *r, size_t len)
{
	put_numbered(r, r->number++, len);
	check_sum(r);
}

static inline void
rig_connected(void *arg)
{
	struct rig *r = arg;

	r->greetings++;
	if (r->greet && r->d != NULL)
		put_numbered(r, GREETING + r->greetings, 100);
}

static inline void
rig_init(struct rig *r, enum dest_transport transport, const char *host,
    uint16_t port)
{
	memset(r, 0, sizeof(*r));
	(void)snprintf(r->port, sizeof(r->port), "%u", port);
	r->dc.transport = transport;
	r->dc.host = host;
	r->dc.port = r->port;
	r->dc.ttl = -1;
	r->dc.queue = 100;
	r->now = monotonic();
}

static inline void
rig_open(struct rig *r)
{
	r->d = dest_open(&r->dc, rig_connected, r, &r->counters, r->err,
	    sizeof(r->err));
	assert_non_null(r->d);
	check_sum(r);
}

static inline int64_t
rig_run(struct rig *r)
{
	int64_t next = dest_run(r->d, r->now);

	check_sum(r);
	return (next);
}

static inline void
rig_close(struct rig *r)
{
	dest_free(r->d);
	r->d = NULL;
	assert_int_equal(r->counters.queued, 0);
	check_sum(r);
}

/* The number of a message that is whole and as it was put. */
static inline uint32_t
number_of(const uint8_t *b, size_t len)
{
	uint32_t n;
	size_t i;

	assert_true(len >= HEADER);
	assert_int_equal(b[0] << 8 | b[1], len);
	assert_int_equal(b[6] << 8 | b[7], 0x5555);
	n = (uint32_t)b[2] << 24 | (uint32_t)b[3] << 16 | (uint32_t)b[4] << 8 |
	    b[5];
	for (i = HEADER; i < len; i++)
		assert_int_equal(b[i], n & 0xff);
	return (n);
}

/* Bound to the loopback; *port is 0 for any, and then which one it is. */
static inline int
collector(int type, const char *address, uint16_t *port)
{
	struct sockaddr_storage ss;
	struct addr a;
	socklen_t len;
	int fd, on = 1;

	assert_int_equal(addr_parse(address, &a), 0);
	len = addr_to_sockaddr(&a, *port, 0, &ss);
	fd = socket(ss.ss_family, type, 0);
	assert_int_not_equal(fd, -1);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	assert_int_equal(addr_from_sockaddr((struct sockaddr *)&ss, &a, port),
	    0);
	return (fd);
}

/* Wait for it, at most some seconds. */
static inline bool
readable(int fd, int ms)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	return (poll(&pfd, 1, ms) == 1);
}

/* The next datagram's number, or -1: there is none. */
static inline int64_t
receive(int fd)
{
	static uint8_t b[70000];
	ssize_t n;

	if ((n = recv(fd, b, sizeof(b), MSG_DONTWAIT)) == -1)
		return (-1);
	return (number_of(b, (size_t)n));
}

#endif /* DEST_H */
