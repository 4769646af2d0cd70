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
#include <string.h>

#include "compat/sockopt.h"
#include "flow.h"
#include "meter/dest-state.h"

#define RUNS_FROM 8192 /* messages that went one by one */
#define GREET_NS (NSEC_PER_SEC / 10)

uint32_t
dest_waiting(const struct dest *d)
{
	return (msgqueue_count(d->queue) + msgqueue_count(d->first) +
	    (d->torn.len != 0));
}

void
dest_count_waiting(struct dest *d)
{
	d->counters->queued = dest_waiting(d);
}

static void
count_sent(struct dest *d, uint32_t len, uint32_t records)
{
	d->counters->messages++;
	d->counters->octets += len;
	d->counters->records += records;
	d->stuck = 0;
}

void
dest_drop(struct dest *d, uint32_t records)
{
	d->counters->dropped++;
	d->counters->records_lost += records;
}

void
dest_drop_oldest(struct dest *d, struct msgqueue *q)
{
	dest_drop(d, msgqueue_at(q, 0).records);
	msgqueue_pop(q);
	d->failed = false;
	d->untold = true;
}

static void
greet(struct dest *d, int64_t now)
{
	d->greeting = true;
	d->connected(d->arg);
	d->greeting = false;
	d->greeted = now;
	d->untold = false;
}

/*
 * Nobody was there, and who comes next knows no templates; or those that were
 * sent may have been dropped.
 */
void
dest_greet_again(struct dest *d, int64_t now)
{
	if (!d->untold || msgqueue_count(d->first) > 0)
		return;
	if (dest_reliable(d) || now - d->greeted >= GREET_NS)
		greet(d, now);
}

void
dest_came_up(struct dest *d, int64_t now)
{
	d->counters->connects++;
	d->counters->up = 1;
	d->full = 0;
	d->runs = d->conn.outlet.transport == DEST_UDP;
	greet(d, now);
}

/* A torn message goes whole on the next connection; greetings are made anew. */
void
dest_lost(struct dest *d, int64_t now)
{
	d->torn.done = d->first_done = 0;
	while (msgqueue_count(d->first) > 0)
		dest_drop_oldest(d, d->first);
	d->counters->up = 0;
	connection_lost(&d->conn, now);
}

/* What goes next. */
static struct msgqueue *
next_queue(const struct dest *d)
{
	return (msgqueue_count(d->first) > 0 ? d->first : d->queue);
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
			d->runs = d->conn.outlet.transport == DEST_UDP;
			return;
		}
}

/*
 * What comes back for one datagram is told on the next, which was not sent:
 * it is tried once more.
 */
static void
datagram_failed(struct dest *d, struct msgqueue *q, int error, int64_t now)
{
	if (error == ECONNREFUSED)
		d->untold = true;
	if (!d->failed) {
		d->failed = true;
		renew(d, error, now);
		dest_greet_again(d, now);
		return;
	}
	d->counters->failures++;
	d->counters->records_lost += msgqueue_at(q, 0).records;
	msgqueue_pop(q);
	d->failed = false;
}

/*
 * Several in one are cut up behind where tcpdump(1) looks, which then has one
 * long datagram.  So only where it pays: in the long row of a large file.
 */
static bool
may_run(const struct dest *d)
{
	return (d->runs && d->wait && d->counters->messages >= RUNS_FROM);
}

/* Messages that the system keeps apart: of UDP and SCTP. */
static uint32_t
send_datagrams(struct dest *d, uint32_t max, int64_t now)
{
	struct udp_message out[DEST_BATCH];
	struct msgqueue *q = next_queue(d);
	struct msg m;
	uint32_t i, n = msgqueue_count(q);
	bool runs = may_run(d), ran = runs;
	int r, error;

	if (n > max)
		n = max;
	for (i = 0; i < n; i++) {
		m = msgqueue_at(q, i);
		out[i].data = m.data;
		out[i].len = m.len;
	}
	r = udp_send(d->conn.fd, out, (int)n, &runs);
	error = errno;
	if (ran && !runs) /* the system does not */
		d->runs = false;
	if (r >= 0)
		sent(d, q, (uint32_t)r);
	else if (no_room(error))
		d->full = error;
	else if (d->conn.outlet.transport == DEST_UDP)
		datagram_failed(d, q, error, now);
	else
		dest_lost(d, now);
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
		dest_lost(d, now);
		return (false);
	}
	d->torn.done += (uint32_t)n;
	if (d->torn.done < d->torn.len) {
		d->full = EAGAIN;
		return (false);
	}
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
	if (n > 0)
		d->full = EAGAIN;
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
	struct iovec iov[DEST_BATCH];
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
		dest_lost(d, now);
	return (0);
}

void
dest_send(struct dest *d, int64_t now)
{
	uint32_t max, n;
	bool again;

	d->full = 0;
	max = dest_waiting(d);
	max = pacer_allows(&d->pacer, now, max < DEST_BATCH ? max : DEST_BATCH);
	do {
		if (max == 0 || dest_waiting(d) == 0)
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
