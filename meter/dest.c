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

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flow.h"
#include "meter/clock.h"
#include "meter/dest-state.h"

#define WAITING_MAX                                              \
	(2 * DEST_BATCH) /* of a queue that waits: no more helps \
			  */
#define ROOM 1536	 /* bytes that a message takes, more or less */
#define FIRST 32	 /* messages that go first on a new connection */
#define STUCK_NS (30 * NSEC_PER_SEC)
#define FULL_NS (NSEC_PER_SEC / 10)	/* poll(2) knows earlier */
#define NOBUFS_NS (NSEC_PER_SEC / 1000) /* poll(2) does not */

static int64_t
when(const struct dest *d, int64_t now)
{
	int64_t t;

	if (d->conn.state != CONN_UP)
		return (connection_next(&d->conn));
	if (dest_waiting(d) == 0)
		return (INT64_MAX);
	if (d->full != 0)
		return (now + (d->full == ENOBUFS ? NOBUFS_NS : FULL_NS));
	t = pacer_next(&d->pacer, dest_waiting(d));
	return (t > now ? t : now);
}

int64_t
dest_run(struct dest *d, int64_t now)
{
	if (d->conn.state != CONN_UP) {
		if (connection_run(&d->conn, now))
			dest_came_up(d, now);
	} else if (dest_reliable(d) && !connection_alive(&d->conn)) {
		dest_lost(d, now);
	}
	if (d->conn.state == CONN_UP) {
		dest_greet_again(d, now);
		dest_send(d, now);
	}
	dest_count_waiting(d);
	return (when(d, now));
}

static void
sleep_until(const struct dest *d, int64_t now, int64_t then)
{
	struct pollfd pfd = {.fd = dest_fd(d), .events = dest_events(d)};
	struct timespec ts = {0};

	if (then <= now)
		return;
	/* Times may be wrong, and paces are finer than poll(2). */
	if (then - now > NSEC_PER_SEC)
		then = now + NSEC_PER_SEC;
	ts.tv_nsec = (long)(then - now);
	if (ts.tv_nsec >= NSEC_PER_SEC / 1000 || pfd.fd != -1)
		(void)poll(&pfd, 1, (int)((then - now + 999999) / 1000000));
	else
		(void)nanosleep(&ts, NULL);
}

/* Send until something can be put, or nothing has gone for too long. */
static void
wait_for_room(struct dest *d, size_t len)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC), next;

	if (msgqueue_count(d->queue) >= DEST_BATCH)
		(void)dest_run(d, now);
	while (!msgqueue_fits(d->queue, len) && msgqueue_count(d->queue) > 0) {
		next = dest_run(d, now);
		if (msgqueue_fits(d->queue, len))
			break;
		if (d->stuck == 0)
			d->stuck = now;
		if (now - d->stuck >= STUCK_NS)
			break;
		sleep_until(d, now, next);
		now = clock_ns(CLOCK_MONOTONIC);
	}
}

void
dest_put(struct dest *d, const uint8_t *data, size_t len, uint32_t records,
    int64_t now)
{
	struct msgqueue *q = d->queue;

	(void)now;
	if (len == 0 || len > MSG_LEN_MAX) {
		dest_drop(d, records);
		return;
	}
	if (d->greeting)
		q = d->first;
	else if (d->wait)
		wait_for_room(d, len);
	while (msgqueue_put(q, data, len, records) == -1) {
		if (msgqueue_count(q) == 0) {
			dest_drop(d, records); /* longer than all the room */
			break;
		}
		dest_drop_oldest(d, q);
	}
	dest_count_waiting(d);
}

bool
dest_drain(struct dest *d, int64_t until)
{
	int64_t now, next;

	for (;;) {
		now = clock_ns(CLOCK_MONOTONIC);
		next = dest_run(d, now);
		if (dest_waiting(d) == 0)
			return (true);
		if (now >= until)
			return (false);
		sleep_until(d, now, next < until ? next : until);
	}
}

static int
make_queues(struct dest *d, const struct dest_config *dc)
{
	uint32_t n = dc->queue == 0 ? 1 : dc->queue;
	size_t bytes;

	if (dc->wait && n > WAITING_MAX)
		n = WAITING_MAX;
	bytes = (size_t)n * ROOM;
	/* A message of any length has a place. */
	if (bytes < MSG_LEN_MAX)
		bytes = MSG_LEN_MAX;
	if ((d->queue = msgqueue_new(n, bytes)) == NULL)
		return (-1);
	d->first = msgqueue_new(FIRST, (size_t)FIRST * ROOM + MSG_LEN_MAX);
	if (d->first == NULL)
		return (-1);
	if (dc->transport != DEST_TCP)
		return (0);
	d->torn.data = malloc(MSG_LEN_MAX);
	return (d->torn.data == NULL ? -1 : 0);
}

struct dest *
dest_open(const struct dest_config *dc, dest_connected_fn *connected, void *arg,
    struct counters_dest *counters, char *err, size_t errlen)
{
	struct dest *d;

	*err = '\0';
	if ((d = calloc(1, sizeof(*d))) == NULL) {
		(void)snprintf(err, errlen, "%s", strerror(errno));
		return (NULL);
	}
	d->conn.fd = d->conn.spare = -1;
	d->wait = dc->wait;
	d->connected = connected;
	d->arg = arg;
	d->counters = counters;
	d->greeted = d->renewed = INT64_MIN / 2;
	pacer_init(&d->pacer, dc->rate);
	if (make_queues(d, dc) == -1) {
		(void)snprintf(err, errlen, "%s", strerror(errno));
		dest_free(d);
		return (NULL);
	}
	/* A file is read at once: nobody comes back for it. */
	if (connection_open(&d->conn, dc, err, errlen) == -1 ||
	    (d->wait && d->conn.state != CONN_UP)) {
		dest_free(d);
		return (NULL);
	}
	if (d->conn.state == CONN_UP)
		dest_came_up(d, INT64_MIN / 2);
	dest_count_waiting(d);
	return (d);
}

void
dest_free(struct dest *d)
{
	if (d == NULL)
		return;
	connection_close(&d->conn);
	if (d->torn.len != 0)
		dest_drop(d, d->torn.records);
	d->torn.len = 0;
	while (d->first != NULL && msgqueue_count(d->first) > 0)
		dest_drop_oldest(d, d->first);
	while (d->queue != NULL && msgqueue_count(d->queue) > 0)
		dest_drop_oldest(d, d->queue);
	d->counters->up = d->counters->queued = 0;
	msgqueue_free(d->first);
	msgqueue_free(d->queue);
	free(d->torn.data);
	free(d);
}

int
dest_fd(const struct dest *d)
{
	return (dest_events(d) == 0 ? -1 : d->conn.fd);
}

short
dest_events(const struct dest *d)
{
	short events = 0;

	if (d->conn.state == CONN_DOWN)
		return (0);
	if (d->conn.state == CONN_CONNECTING)
		return (POLLOUT);
	if (dest_reliable(d))
		events = POLLIN;
	if (d->full == EAGAIN || d->full == EWOULDBLOCK)
		events |= POLLOUT;
	return (events);
}

const uint8_t *
dest_oldest(const struct dest *d, size_t *len)
{
	struct msg m;

	if (d->torn.len != 0 && d->torn.done == 0) {
		*len = d->torn.len;
		return (d->torn.data);
	}
	if (msgqueue_count(d->queue) == 0)
		return (NULL);
	m = msgqueue_at(d->queue, 0);
	*len = m.len;
	return (m.data);
}

bool
dest_reliable(const struct dest *d)
{
	return (d->conn.outlet.transport != DEST_UDP);
}

static const struct outlet_addr *
in_use(const struct dest *d)
{
	return (&d->conn.outlet.addr[d->conn.outlet.at]);
}

const char *
dest_name(const struct dest *d)
{
	return (in_use(d)->name);
}

const struct addr *
dest_addr(const struct dest *d)
{
	return (&in_use(d)->addr);
}

struct addr
dest_local(const struct dest *d)
{
	return (outlet_local(d->conn.fd));
}

uint16_t
dest_port(const struct dest *d)
{
	return (in_use(d)->port);
}
