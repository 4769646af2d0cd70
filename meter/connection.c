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
#include <unistd.h>

#include "flow.h"
#include "meter/clock.h"
#include "meter/connection.h"

#define CONNECT_NS (10 * NSEC_PER_SEC)
#define OPEN_MS 1000
#define BACKOFF_MAX 60
#define LASTING_NS (10 * NSEC_PER_SEC) /* a connection that was one */
#define HEARD_MAX 16 /* reads at once from a peer that should be silent */

/* Three quarters of it or more, so that not all meters come at once. */
static int64_t
backoff(struct connection *c)
{
	int64_t full, part;

	if (c->backoff == 0)
		c->backoff = 1;
	else if ((c->backoff *= 2) > BACKOFF_MAX)
		c->backoff = BACKOFF_MAX;
	c->random ^= c->random << 13;
	c->random ^= c->random >> 7;
	c->random ^= c->random << 17;
	full = c->backoff * NSEC_PER_SEC;
	part = (int64_t)(c->random % (uint64_t)(full / 4));
	return (full - part);
}

/*
 * Some systems let only a privileged program bind a socket to an interface:
 * the one that was bound at the start is not closed but disconnected.
 */
static void
put_away(struct connection *c)
{
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};

	if (c->fd == -1)
		return;
	if (c->outlet.ifindex == 0 || c->outlet.transport == DEST_UDP ||
	    connect(c->fd, &nobody, sizeof(nobody)) == -1) {
		close(c->fd);
	} else {
		if (c->spare != -1)
			close(c->spare);
		c->spare = c->fd;
		c->spare_family = c->outlet.addr[c->outlet.at].ss.ss_family;
	}
	c->fd = -1;
}

static int
take_socket(struct connection *c, const char **what)
{
	int fd;

	if ((fd = outlet_socket(&c->outlet, what)) != -1 || c->spare == -1 ||
	    (errno != EPERM && errno != EACCES) ||
	    c->spare_family != c->outlet.addr[c->outlet.at].ss.ss_family)
		return (fd);
	fd = c->spare;
	c->spare = -1;
	return (fd);
}

static void
enter(struct connection *c, enum connection_state state, int64_t now)
{
	c->state = state;
	c->since = now;
}

static void
go_down(struct connection *c, int64_t now)
{
	put_away(c);
	c->outlet.at = 0;
	enter(c, CONN_DOWN, now);
	c->retry = now + backoff(c);
}

/*
 * From the address in use on, until one lets us try.  The errno of the last,
 * or 0; *what is "connect", or what it was before that.
 */
static int
start(struct connection *c, int64_t now, const char **what)
{
	int r, error;

	do {
		put_away(c);
		if ((c->fd = take_socket(c, what)) == -1) {
			error = errno;
			continue;
		}
		*what = "connect";
		if ((r = outlet_connect(&c->outlet, c->fd)) != -1) {
			enter(c, r == 0 ? CONN_UP : CONN_CONNECTING, now);
			return (0);
		}
		error = errno;
	} while (outlet_next(&c->outlet));
	go_down(c, now);
	return (error);
}

/* It was on its way: 0 if it came, or still is; else why it did not. */
static int
finish(struct connection *c, int64_t now)
{
	struct pollfd pfd = {.fd = c->fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int error = 0;

	if (poll(&pfd, 1, 0) != 1)
		return (now - c->since < CONNECT_NS ? 0 : ETIMEDOUT);
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = errno;
	if (error == 0)
		enter(c, CONN_UP, now);
	return (error);
}

/* The next address, or none for a while. */
static void
fail(struct connection *c, int64_t now)
{
	const char *what;

	if (outlet_next(&c->outlet))
		(void)start(c, now, &what);
	else
		go_down(c, now);
}

bool
connection_run(struct connection *c, int64_t now)
{
	enum connection_state was = c->state;
	const char *what;

	if (c->state == CONN_DOWN && now >= c->retry)
		(void)start(c, now, &what);
	else if (c->state == CONN_CONNECTING && finish(c, now) != 0)
		fail(c, now);
	return (c->state == CONN_UP && was != CONN_UP);
}

static void
explain(const struct connection *c, const char *what, int error, char *err,
    size_t errlen)
{
	(void)snprintf(err, errlen, "%s: %s: %s",
	    c->outlet.addr[c->outlet.at].name, what, strerror(error));
}

/* A second for those that refuse; all addresses share it. */
static int
settle(struct connection *c, int64_t now)
{
	struct pollfd pfd = {.events = POLLOUT};
	const char *what;
	int error = 0;

	while (c->state == CONN_CONNECTING) {
		pfd.fd = c->fd;
		if (poll(&pfd, 1, OPEN_MS) != 1)
			return (EINPROGRESS);
		if ((error = finish(c, now)) == 0)
			break;
		if (!outlet_next(&c->outlet)) {
			go_down(c, now);
			break;
		}
		error = start(c, now, &what);
	}
	return (error);
}

int
connection_open(struct connection *c, const struct dest_config *dc, char *err,
    size_t errlen)
{
	const char *what = "";
	int64_t now;
	int error;

	*err = '\0';
	memset(c, 0, sizeof(*c));
	c->fd = c->spare = -1;
	arc4random_buf(&c->random, sizeof(c->random));
	c->random |= 1;
	if (outlet_resolve(&c->outlet, dc, err, errlen) == -1)
		return (-1);
	now = clock_ns(CLOCK_MONOTONIC);
	if ((error = start(c, now, &what)) != 0) {
		explain(c, what, error, err, errlen);
		return (strcmp(what, "connect") == 0 ? 0 : -1);
	}
	if ((error = settle(c, now)) != 0)
		explain(c, "connect", error, err, errlen);
	return (0);
}

void
connection_close(struct connection *c)
{
	if (c->fd != -1) {
		/* What the system still has of ours is to be delivered. */
		if (c->outlet.transport != DEST_UDP)
			(void)shutdown(c->fd, SHUT_WR);
		close(c->fd);
	}
	if (c->spare != -1)
		close(c->spare);
	c->fd = c->spare = -1;
}

bool
connection_alive(const struct connection *c)
{
	char buf[4096];
	ssize_t n;
	int i;

	for (i = 0; i < HEARD_MAX; i++) {
		n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n == 0)
			return (false);
		if (n == -1)
			return (errno == EAGAIN || errno == EWOULDBLOCK ||
			    errno == EINTR);
	}
	return (true);
}

void
connection_lost(struct connection *c, int64_t now)
{
	if (now - c->since >= LASTING_NS)
		c->backoff = 0;
	go_down(c, now);
}

void
connection_renew(struct connection *c)
{
	const char *what;
	int fd;

	if ((fd = outlet_socket(&c->outlet, &what)) == -1)
		return;
	if (outlet_connect(&c->outlet, fd) == -1) {
		close(fd);
		return;
	}
	close(c->fd);
	c->fd = fd;
}

int64_t
connection_next(const struct connection *c)
{
	switch (c->state) {
	case CONN_DOWN:
		return (c->retry);
	case CONN_CONNECTING:
		return (c->since + CONNECT_NS);
	default:
		return (INT64_MAX);
	}
}
