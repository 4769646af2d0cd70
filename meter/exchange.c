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
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "meter/exchange.h"

struct reply {
	exchange_line_fn *fn;
	void *arg;
	size_t len;
	char line[EXCHANGE_LINE + 1];
};

static int
say(char *err, size_t errlen, const char *path, const char *what)
{
	snprintf(err, errlen, "%s: %s", path, what);
	return (-1);
}

/* Until it is ready.  -1 with errno. */
static int
await(int fd, short events)
{
	struct pollfd pfd = {.fd = fd, .events = events};
	int n;

	do
		n = poll(&pfd, 1, EXCHANGE_SECONDS * 1000);
	while (n == -1 && errno == EINTR);
	if (n == 0)
		errno = ETIMEDOUT;
	return (n == 1 ? 0 : -1);
}

static int
reach(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd, saved;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	memcpy(sun.sun_path, path, strlen(path) + 1);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return (-1);
	/* A full queue of those who wait is an error, not a wait. */
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == -1) {
		saved = errno;
		close(fd);
		errno = saved;
		return (-1);
	}
	return (fd);
}

static int
send_all(int fd, const char *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		if (await(fd, POLLOUT) == -1)
			return (-1);
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return (-1);
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return (0);
}

static void
end_line(struct reply *r)
{
	r->line[r->len] = '\0';
	r->len = 0;
	r->fn(r->arg, r->line);
}

static void
take(struct reply *r, const char *p, size_t len)
{
	for (; len > 0; p++, len--) {
		if (*p == '\n') {
			end_line(r);
			continue;
		}
		if (r->len == EXCHANGE_LINE)
			end_line(r);
		/* No terminal is to obey it. */
		r->line[r->len++] =
		    *p == '\t' || (*p >= ' ' && *p <= '~') ? *p : '?';
	}
}

static int
receive(int fd, struct reply *r)
{
	char buf[16384];
	ssize_t n;

	for (;;) {
		if (await(fd, POLLIN) == -1)
			return (-1);
		if ((n = recv(fd, buf, sizeof(buf), 0)) == 0)
			break;
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return (-1);
		if (n > 0)
			take(r, buf, (size_t)n);
	}
	if (r->len > 0)
		end_line(r);
	return (0);
}

int
exchange(const char *path, const char *command, exchange_line_fn *fn, void *arg,
    char *err, size_t errlen)
{
	struct reply r = {.fn = fn, .arg = arg};
	int fd, rc = 0;

	if ((fd = reach(path)) == -1)
		return (say(err, errlen, path, strerror(errno)));
	if (send_all(fd, command, strlen(command)) == -1 ||
	    send_all(fd, "\n", 1) == -1 || receive(fd, &r) == -1)
		rc = say(err, errlen, path, strerror(errno));
	close(fd);
	return (rc);
}
