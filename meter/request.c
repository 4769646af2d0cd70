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

#include "meter/request.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "meter/request.h"

#define ASK_SIZE 12    /* what, id, arg */
#define ANSWER_SIZE 20 /* what, id, number, length of the text */
/* A text and the number behind it. */
#define MESSAGE_MAX (2 * ANSWER_SIZE + REQUEST_TEXT_MAX)
#define BUFFER_SIZE (2 * MESSAGE_MAX)

struct channel {
	int fd;
	size_t in_start, in_end;
	size_t out_start, out_end;
	uint8_t in[BUFFER_SIZE];
	uint8_t out[BUFFER_SIZE];
};

struct channel *
channel_new(int fd)
{
	struct channel *c;
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    (c = malloc(sizeof(*c))) == NULL)
		return (NULL);
	c->fd = fd;
	c->in_start = c->in_end = c->out_start = c->out_end = 0;
	return (c);
}

void
channel_free(struct channel *c)
{
	if (c == NULL)
		return;
	close(c->fd);
	free(c);
}

int
channel_fd(const struct channel *c)
{
	return (c->fd);
}

short
channel_events(const struct channel *c)
{
	return (c->out_end > c->out_start ? POLLIN | POLLOUT : POLLIN);
}

bool
channel_room(const struct channel *c)
{
	return (BUFFER_SIZE - (c->out_end - c->out_start) >= MESSAGE_MAX);
}

/* What waits begins at the front of its buffer. */
static void
compact(uint8_t *buf, size_t *start, size_t *end)
{
	memmove(buf, buf + *start, *end - *start);
	*end -= *start;
	*start = 0;
}

static bool
busy(int error)
{
	return (error == EAGAIN || error == EWOULDBLOCK || error == EINTR ||
	    error == ENOBUFS);
}

int
channel_flush(struct channel *c)
{
	ssize_t n;

	while (c->out_end > c->out_start) {
		n = send(c->fd, c->out + c->out_start,
		    c->out_end - c->out_start, MSG_NOSIGNAL);
		if (n == -1)
			return (busy(errno) ? 0 : -1);
		c->out_start += (size_t)n;
	}
	c->out_start = c->out_end = 0;
	return (0);
}

int
channel_fill(struct channel *c)
{
	ssize_t n;

	compact(c->in, &c->in_start, &c->in_end);
	if (c->in_end == BUFFER_SIZE)
		return (0); /* a whole message waits to be taken */
	n = recv(c->fd, c->in + c->in_end, BUFFER_SIZE - c->in_end, 0);
	if (n == -1)
		return (busy(errno) ? 0 : -1);
	c->in_end += (size_t)n;
	return (n == 0 ? -1 : 0);
}

int
channel_ask(struct channel *c, const struct request_msg *m)
{
	struct wr wr;

	if (!channel_room(c))
		return (-1);
	compact(c->out, &c->out_start, &c->out_end);
	wr = wr_init(c->out + c->out_end, ASK_SIZE);
	if (wr_u32(&wr, m->what) == -1 || wr_u32(&wr, m->id) == -1 ||
	    wr_u32(&wr, m->arg) == -1)
		return (-1);
	c->out_end += ASK_SIZE;
	return (channel_flush(c));
}

int
channel_answer(struct channel *c, const struct answer_msg *m)
{
	size_t size = ANSWER_SIZE + m->len;
	struct wr wr;

	if (m->len > REQUEST_TEXT_MAX ||
	    size > BUFFER_SIZE - (c->out_end - c->out_start))
		return (-1);
	compact(c->out, &c->out_start, &c->out_end);
	wr = wr_init(c->out + c->out_end, size);
	if (wr_u32(&wr, m->what) == -1 || wr_u32(&wr, m->id) == -1 ||
	    wr_u64(&wr, m->number) == -1 ||
	    wr_u32(&wr, (uint32_t)m->len) == -1 ||
	    (m->len > 0 && wr_bytes(&wr, m->text, m->len) == -1))
		return (-1);
	c->out_end += size;
	return (channel_flush(c));
}

int
channel_request(struct channel *c, struct request_msg *m)
{
	struct rd rd = rd_init(c->in + c->in_start, c->in_end - c->in_start);
	uint32_t what, id, arg;

	if (rd_u32(&rd, &what) == -1 || rd_u32(&rd, &id) == -1 ||
	    rd_u32(&rd, &arg) == -1)
		return (0);
	if (what >= REQ_MAX)
		return (-1);
	*m = (struct request_msg){.what = what, .id = id, .arg = arg};
	c->in_start += ASK_SIZE;
	return (1);
}

/* Each kind has what belongs to it, and nothing else. */
static bool
answer_fits(uint32_t what, uint64_t number, uint32_t len)
{
	if (what >= ANS_MAX || len > REQUEST_TEXT_MAX)
		return (false);
	if ((what == ANS_TEXT) != (len > 0))
		return (false);
	return (what == ANS_NUMBER || number == 0);
}

int
channel_reply(struct channel *c, struct answer_msg *m)
{
	struct rd rd = rd_init(c->in + c->in_start, c->in_end - c->in_start);
	struct rd text;
	uint32_t what, id, len;
	uint64_t number;

	if (rd_u32(&rd, &what) == -1 || rd_u32(&rd, &id) == -1 ||
	    rd_u64(&rd, &number) == -1 || rd_u32(&rd, &len) == -1)
		return (0);
	if (!answer_fits(what, number, len))
		return (-1);
	if (rd_sub(&rd, len, &text) == -1)
		return (0);
	*m = (struct answer_msg){.what = what,
	    .id = id,
	    .number = number,
	    .text = (const char *)text.p,
	    .len = len};
	c->in_start += ANSWER_SIZE + len;
	return (1);
}
