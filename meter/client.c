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
#include <string.h>

#include "meter/client.h"

static void
take_line(struct client *c, size_t len)
{
	if (len > 0 && c->line[len - 1] == '\r')
		len--;
	c->len = len;
	c->spoke = true;
}

int
client_read(struct client *c)
{
	size_t room = sizeof(c->line) - c->len;
	const char *end;
	ssize_t n;

	n = recv(c->fd, c->line + c->len, room, MSG_DONTWAIT);
	if (n == -1)
		return (errno == EAGAIN || errno == EINTR ? 0 : -1);
	if (n == 0 && c->len == 0)
		return (-1);
	end = memchr(c->line + c->len, '\n', (size_t)n);
	c->len += (size_t)n;
	/* softflowd 1.1 takes the end of the stream for that of the line. */
	if (end == NULL && n > 0)
		return (c->len == sizeof(c->line) ? -1 : 0);
	take_line(c, end == NULL ? c->len : (size_t)(end - c->line));
	return (1);
}

int
client_write(struct client *c)
{
	ssize_t n;

	if (c->start == c->end)
		return (0);
	n = send(c->fd, c->out + c->start, c->end - c->start,
	    MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n == -1)
		return (errno == EAGAIN || errno == EINTR || errno == ENOBUFS
			? 0
			: -1);
	c->start += (size_t)n;
	if (c->start == c->end)
		c->start = c->end = 0;
	return (n > 0);
}

bool
client_room(const struct client *c)
{
	return (sizeof(c->out) - (c->end - c->start) >= REQUEST_TEXT_MAX);
}

/* All the room there is becomes one. */
static size_t
gather(struct client *c)
{
	memmove(c->out, c->out + c->start, c->end - c->start);
	c->end -= c->start;
	c->start = 0;
	return (sizeof(c->out) - c->end);
}

FILE *
client_open(struct client *c)
{
	size_t room = gather(c);

	return (room == 0 ? NULL : fmemopen(c->out + c->end, room, "w"));
}

void
client_close(struct client *c, FILE *f)
{
	long n = fflush(f) == 0 ? ftell(f) : 0;

	if (n > 0 && (size_t)n <= sizeof(c->out) - c->end)
		c->end += (size_t)n;
	fclose(f);
}

void
client_put(struct client *c, const char *s, size_t len)
{
	size_t room = gather(c);

	if (len > room)
		len = room;
	memcpy(c->out + c->end, s, len);
	c->end += len;
}
