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
#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compat/compat.h"
#include "compat/sockopt.h"
#include "flow.h"
#include "meter/connection.h"
#include "meter/dest.h"
#include "meter/msgqueue.h"
#include "meter/pacer.h"

#define BATCH UDP_BATCH
#define WAITING_MAX (2 * BATCH) /* of a queue that waits: no more helps */
#define ROOM 1536		/* bytes that a message takes, more or less */
#define FIRST 32		/* messages that go first on a new connection */
#define STUCK_NS (30 * NSEC_PER_SEC)
#define FULL_NS (NSEC_PER_SEC / 10)	/* poll(2) knows earlier */
#define NOBUFS_NS (NSEC_PER_SEC / 1000) /* poll(2) does not */

struct dest {
	struct connection conn;
	bool wait;
	struct counters_dest *counters;
	dest_connected_fn *connected;
	void *arg;
	struct msgqueue *queue;
	struct msgqueue *first; /* of streams: what is put on connecting */
	struct pacer pacer;
	/* Written in part: it is not dropped, or the stream would be torn. */
	struct {
		uint8_t *data;
		uint32_t len;
		uint32_t done;
		uint32_t records;
	} torn;
	uint32_t first_done; /* bytes of the oldest of `first` */
	int full;	     /* why the system takes no more: an errno, or 0 */
	bool greeting;	     /* within connected() */
	bool failed;	     /* the oldest datagram did, once */
	bool refused;	     /* since it was greeted */
	int64_t greeted;
	int64_t renewed; /* its socket */
	int64_t stuck;	 /* nothing went since; 0: something did */
};

static int64_t
monotonic(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec);
}

static uint32_t
waiting(const struct dest *d)
{
	uint32_t n = msgqueue_count(d->queue);

	if (d->first != NULL)
		n += msgqueue_count(d->first);
	return (n + (d->torn.len != 0));
}

static void
count_waiting(struct dest *d)
{
	d->counters->queued = waiting(d);
}

static void
count_sent(struct dest *d, uint32_t len, uint32_t records)
{
	d->counters->messages++;
	d->counters->octets += len;
	d->counters->records += records;
	d->stuck = 0;
}

static void
drop(struct dest *d, uint32_t records)
{
	d->counters->dropped++;
	d->counters->records_lost += records;
}

static void
drop_oldest(struct dest *d, struct msgqueue *q)
{
	drop(d, msgqueue_at(q, 0).records);
	msgqueue_pop(q);
	d->failed = false;
}

static void
greet(struct dest *d, int64_t now)
{
	d->greeting = true;
	d->connected(d->arg);
	d->greeting = false;
	d->greeted = now;
	d->refused = false;
}

static void
came_up(struct dest *d, int64_t now)
{
	d->counters->connects++;
	d->counters->up = 1;
	d->full = 0;
	greet(d, now);
}

/* A torn message goes whole on the next connection; greetings are made anew. */
static void
lost(struct dest *d, int64_t now)
{
	d->torn.done = d->first_done = 0;
	while (msgqueue_count(d->first) > 0)
		drop_oldest(d, d->first);
	d->counters->up = 0;
	connection_lost(&d->conn, now);
}

/* What goes next. */
static struct msgqueue *
next_queue(const struct dest *d)
{
	if (d->first != NULL && msgqueue_count(d->first) > 0)
		return (d->first);
	return (d->queue);
}

static bool
no_room(int error)
{
	return (error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS ||
	    error == ENOMEM || error == EINTR);
}

static void
sent(struct dest *d, struct msgqueue *q, uint32_t n)
{
	struct msg m;

	while (n-- > 0) {
		m = msgqueue_at(q, 0);
		count_sent(d, m.len, m.records);
		msgqueue_pop(q);
	}
	d->failed = false;
}

/* The way there may be another one by now, and so our own address. */
static void
renew(struct dest *d, int error, int64_t now)
{
	static const int errors[] = {ENETUNREACH, EHOSTUNREACH, ENETDOWN,
	    EADDRNOTAVAIL, EINVAL, ENODEV};
	size_t i;

	if (now - d->renewed < NSEC_PER_SEC)
		return;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (error == errors[i]) {
			d->renewed = now;
			connection_renew(&d->conn);
			return;
		}
}

/*
 * What comes back for one datagram is told on the next, which was not sent:
 * it is tried once more.
 */
static void
datagram_failed(struct dest *d, int error, int64_t now)
{
	if (error == ECONNREFUSED)
		d->refused = true;
	if (!d->failed) {
		d->failed = true;
		renew(d, error, now);
		return;
	}
	d->counters->failures++;
	d->counters->records_lost += msgqueue_at(d->queue, 0).records;
	msgqueue_pop(d->queue);
	d->failed = false;
}

/* Messages that the system keeps apart: of UDP and SCTP. */
static uint32_t
send_datagrams(struct dest *d, uint32_t max, int64_t now)
{
	struct udp_message out[BATCH];
	struct msgqueue *q = next_queue(d);
	struct msg m;
	uint32_t i, n = msgqueue_count(q);
	int r, error;

	if (n > max)
		n = max;
	for (i = 0; i < n; i++) {
		m = msgqueue_at(q, i);
		out[i].data = m.data;
		out[i].len = m.len;
	}
	r = udp_send(d->conn.fd, out, (int)n);
	error = errno;
	if (r >= 0)
		sent(d, q, (uint32_t)r);
	else if (no_room(error))
		d->full = error;
	else if (d->conn.outlet.transport == DEST_UDP)
		datagram_failed(d, error, now);
	else
		lost(d, now);
	return (r > 0 ? (uint32_t)r : 0);
}

/* The rest of a message that was written in part: true if that is all. */
static bool
mend(struct dest *d, int64_t now)
{
	ssize_t n;

	n = send(d->conn.fd, d->torn.data + d->torn.done,
	    d->torn.len - d->torn.done, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n == -1 && no_room(errno)) {
		d->full = errno;
		return (false);
	}
	if (n == -1) {
		lost(d, now);
		return (false);
	}
	d->torn.done += (uint32_t)n;
	if (d->torn.done < d->torn.len)
		return (false);
	count_sent(d, d->torn.len, d->torn.records);
	d->torn.len = 0;
	return (true);
}

/*
 * So many bytes of the queue, of its oldest message on.  A part of one that
 * may be dropped is put aside, whole.
 */
static uint32_t
wrote(struct dest *d, struct msgqueue *q, size_t n)
{
	uint32_t whole = 0;
	struct msg m = {0};

	for (; n > 0; n -= m.len) {
		m = msgqueue_at(q, 0);
		if (n < m.len)
			break;
		sent(d, q, 1);
		whole++;
	}
	if (q == d->first) {
		d->first_done = (uint32_t)n;
	} else if (n > 0) {
		memcpy(d->torn.data, m.data, m.len);
		d->torn.len = m.len;
		d->torn.records = m.records;
		d->torn.done = (uint32_t)n;
		msgqueue_pop(q);
	}
	return (whole);
}

/* Greetings go before all but the rest of a message. */
static uint32_t
send_stream(struct dest *d, uint32_t max, int64_t now)
{
	struct msgqueue *q = next_queue(d);
	struct iovec iov[BATCH];
	struct msghdr mh = {.msg_iov = iov};
	uint32_t i, n = msgqueue_count(q), done;
	struct msg m;
	ssize_t r;

	if (d->torn.len != 0 && (d->torn.done > 0 || q == d->queue))
		return (mend(d, now) ? 1 : 0);
	done = q == d->first ? d->first_done : 0;
	if (n > max)
		n = max;
	for (i = 0; i < n; i++) {
		m = msgqueue_at(q, i);
		iov[i].iov_base = unconst(m.data + (i == 0 ? done : 0));
		iov[i].iov_len = m.len - (i == 0 ? done : 0);
	}
	mh.msg_iovlen = n;
	r = sendmsg(d->conn.fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (r != -1)
		return (wrote(d, q, (size_t)r + done));
	if (no_room(errno))
		d->full = errno;
	else
		lost(d, now);
	return (0);
}

static void
send_some(struct dest *d, int64_t now)
{
	uint32_t max, n;
	bool again;

	d->full = 0;
	max = pacer_allows(&d->pacer, now, BATCH);
	do {
		if (max == 0 || waiting(d) == 0)
			break;
		again = d->failed;
		if (d->conn.outlet.transport == DEST_TCP)
			n = send_stream(d, max, now);
		else
			n = send_datagrams(d, max, now);
		pacer_spend(&d->pacer, now, n);
		/* A datagram that failed is tried again at once. */
		again = !again && d->failed;
	} while (again);
}

static int64_t
when(const struct dest *d, int64_t now)
{
	int64_t t;

	if (d->conn.state != CONN_UP)
		return (connection_next(&d->conn));
	if (waiting(d) == 0)
		return (INT64_MAX);
	if (d->full != 0)
		return (now + (d->full == ENOBUFS ? NOBUFS_NS : FULL_NS));
	t = pacer_next(&d->pacer, waiting(d));
	return (t > now ? t : now);
}

int64_t
dest_run(struct dest *d, int64_t now)
{
	if (d->conn.state != CONN_UP) {
		if (connection_run(&d->conn, now))
			came_up(d, now);
	} else if (d->first != NULL && !connection_alive(&d->conn)) {
		lost(d, now);
	}
	if (d->conn.state == CONN_UP)
		send_some(d, now);
	if (d->refused && now - d->greeted >= NSEC_PER_SEC)
		greet(d, now);
	count_waiting(d);
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
	int64_t now = monotonic(), next;

	if (msgqueue_count(d->queue) >= BATCH)
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
		now = monotonic();
	}
}

void
dest_put(struct dest *d, const uint8_t *data, size_t len, uint32_t records,
    int64_t now)
{
	struct msgqueue *q = d->queue;

	(void)now;
	if (len == 0 || len > MSG_LEN_MAX) {
		drop(d, records);
		return;
	}
	if (d->greeting && d->first != NULL)
		q = d->first;
	else if (d->wait && !d->greeting)
		wait_for_room(d, len);
	while (msgqueue_put(q, data, len, records) == -1) {
		if (msgqueue_count(q) == 0) {
			drop(d, records); /* longer than all the room */
			break;
		}
		drop_oldest(d, q);
	}
	count_waiting(d);
}

bool
dest_drain(struct dest *d, int64_t until)
{
	int64_t now, next;

	for (;;) {
		now = monotonic();
		next = dest_run(d, now);
		if (waiting(d) == 0)
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
	if (dc->transport == DEST_UDP)
		return (0);
	d->first = msgqueue_new(FIRST, (size_t)FIRST * ROOM + MSG_LEN_MAX);
	d->torn.data = malloc(MSG_LEN_MAX);
	return (d->first == NULL || d->torn.data == NULL ? -1 : 0);
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
	if (connection_open(&d->conn, dc, err, errlen) == -1) {
		dest_free(d);
		return (NULL);
	}
	if (d->conn.state == CONN_UP)
		came_up(d, INT64_MIN / 2);
	count_waiting(d);
	return (d);
}

void
dest_free(struct dest *d)
{
	if (d == NULL)
		return;
	connection_close(&d->conn);
	if (d->torn.len != 0)
		drop(d, d->torn.records);
	d->torn.len = 0;
	while (d->first != NULL && msgqueue_count(d->first) > 0)
		drop_oldest(d, d->first);
	while (d->queue != NULL && msgqueue_count(d->queue) > 0)
		drop_oldest(d, d->queue);
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
	if (d->first != NULL)
		events = POLLIN;
	if (d->full == EAGAIN || d->full == EWOULDBLOCK)
		events |= POLLOUT;
	return (events);
}

const uint8_t *
dest_oldest(const struct dest *d, size_t *len)
{
	struct msg m;

	if (d->torn.len != 0) {
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
	return (d->first != NULL);
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

uint16_t
dest_port(const struct dest *d)
{
	return (in_use(d)->port);
}
