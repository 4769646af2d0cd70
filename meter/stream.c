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

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meter/inflater.h"
#include "meter/stream.h"

/* Large enough that a read(2) costs nothing, and the cache still holds it. */
#define PIECE (256 * 1024)

struct stream {
	struct rd rd; /* in buf */
	uint8_t *buf;
	size_t size;
	uint64_t end; /* offset, inflated, behind what is in buf */
	int fd;
	bool file; /* a regular one: never waits */
	bool sniffed;
	bool eof;
	uint64_t bytes; /* of the file */
	uint64_t taken;
	struct inflater *inf; /* NULL: plain */
	uint8_t *raw;	      /* what goes into it */
	struct rd in;	      /* in raw */
	const char *error;
};

struct stream *
stream_open(const char *path)
{
	struct stream *s;
	struct stat st;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	s->fd = STDIN_FILENO;
	if (strcmp(path, "-") != 0)
		s->fd = open(path, O_RDONLY | O_CLOEXEC);
	s->size = 2 * PIECE;
	if (s->fd == -1 || fstat(s->fd, &st) == -1 ||
	    (s->buf = malloc(s->size)) == NULL) {
		stream_free(s);
		return (NULL);
	}
	if (S_ISDIR(st.st_mode)) {
		stream_free(s);
		errno = EISDIR;
		return (NULL);
	}
	s->rd = rd_init(s->buf, 0);
	s->file = S_ISREG(st.st_mode);
	if (s->file && st.st_size > 0)
		s->bytes = (uint64_t)st.st_size;
	return (s);
}

void
stream_free(struct stream *s)
{
	int saved = errno;

	if (s == NULL)
		return;
	if (s->fd > STDERR_FILENO)
		(void)close(s->fd);
	inflater_free(s->inf);
	free(s->raw);
	free(s->buf);
	free(s);
	errno = saved;
}

struct rd *
stream_rd(struct stream *s)
{
	return (&s->rd);
}

static enum stream_state
fail(struct stream *s, const char *why)
{
	s->error = why;
	return (STREAM_FAILED);
}

/* Not O_NONBLOCK: that would be for all who share the pipe. */
static bool
would_wait(const struct stream *s)
{
	struct pollfd pfd = {.fd = s->fd, .events = POLLIN};

	return (!s->file && poll(&pfd, 1, 0) == 0);
}

static enum stream_state
read_some(struct stream *s, struct wr *to)
{
	ssize_t n;

	if (s->eof)
		return (STREAM_END);
	if (would_wait(s))
		return (STREAM_WAIT);
	if ((n = read(s->fd, to->p, to->left)) == -1) {
		if (errno == EAGAIN || errno == EINTR)
			return (STREAM_WAIT);
		return (fail(s, strerror(errno)));
	}
	s->eof = n == 0;
	s->taken += (uint64_t)n;
	*to = wr_init(to->p + n, to->left - (size_t)n);
	return (n == 0 ? STREAM_END : STREAM_READY);
}

static enum stream_state
refill_raw(struct stream *s)
{
	struct wr to = wr_init(s->raw, PIECE);
	enum stream_state state = read_some(s, &to);

	s->in = rd_init(s->raw, PIECE - to.left);
	if (state == STREAM_END && !inflater_done(s->inf))
		return (fail(s, "compressed data is cut short"));
	return (state);
}

static enum stream_state
inflate_some(struct stream *s, struct wr *to)
{
	size_t room = to->left, left;
	enum stream_state state;

	for (;;) {
		left = s->in.left;
		if (inflater_run(s->inf, &s->in, to) == -1)
			return (fail(s, inflater_error(s->inf)));
		if (to->left < room)
			return (STREAM_READY);
		if (s->in.left > 0 && s->in.left == left)
			return (fail(s, "compressed data is damaged"));
		if (s->in.left == 0 && (state = refill_raw(s)) != STREAM_READY)
			return (state);
	}
}

/* Its first bytes are in the buffer: is it compressed? */
static enum stream_state
sniff(struct stream *s)
{
	s->sniffed = true;
	if (s->rd.left < INFLATER_MAGIC)
		return (STREAM_READY);
	switch (inflater_new(s->rd.p, &s->inf)) {
	case 0:
		return (STREAM_READY);
	case -1:
		return (fail(s,
		    errno == ENOTSUP ? "built without Zstandard"
				     : strerror(errno)));
	}
	if ((s->raw = malloc(PIECE + INFLATER_MAGIC)) == NULL)
		return (fail(s, strerror(errno)));
	/* One read behind fewer bytes than the magic has. */
	memcpy(s->raw, s->rd.p, s->rd.left);
	s->in = rd_init(s->raw, s->rd.left);
	s->rd = rd_init(s->buf, 0);
	s->end = 0;
	return (STREAM_READY);
}

/* Room behind what is there. */
static enum stream_state
make_room(struct stream *s, size_t want)
{
	size_t size = s->size;
	uint8_t *buf;

	memmove(s->buf, s->rd.p, s->rd.left);
	s->rd.p = s->buf;
	/* Grows as bytes come, not by what a length says. */
	if (s->rd.left <= size / 2 || want <= s->rd.left)
		return (STREAM_READY);
	size *= 2;
	if ((buf = realloc(s->buf, size)) == NULL)
		return (fail(s, strerror(errno)));
	s->buf = buf;
	s->size = size;
	s->rd.p = buf;
	return (STREAM_READY);
}

static enum stream_state
more(struct stream *s, size_t want)
{
	enum stream_state state;
	struct wr to;
	size_t room;

	if ((state = make_room(s, want)) != STREAM_READY)
		return (state);
	room = s->size - s->rd.left;
	if (room > PIECE)
		room = PIECE;
	to = wr_init(s->buf + s->rd.left, room);
	state = s->inf == NULL ? read_some(s, &to) : inflate_some(s, &to);
	s->rd.left += room - to.left;
	s->end += room - to.left;
	return (state);
}

enum stream_state
stream_fill(struct stream *s, size_t want)
{
	enum stream_state state;

	while (!s->sniffed) {
		if (s->error != NULL)
			return (STREAM_FAILED);
		state = s->rd.left < INFLATER_MAGIC ? more(s, INFLATER_MAGIC)
						    : STREAM_READY;
		if (state == STREAM_WAIT || state == STREAM_FAILED)
			return (state);
		if ((s->rd.left >= INFLATER_MAGIC || state == STREAM_END) &&
		    sniff(s) == STREAM_FAILED)
			return (STREAM_FAILED);
	}
	while (s->rd.left < want) {
		if (s->error != NULL)
			return (STREAM_FAILED);
		state = more(s, want);
		/* What stands before the damage is good. */
		if (state != STREAM_READY && s->rd.left < want)
			return (state);
	}
	return (STREAM_READY);
}

int
stream_fd(const struct stream *s)
{
	return (s->file ? -1 : s->fd);
}

uint64_t
stream_offset(const struct stream *s)
{
	return (s->end - s->rd.left);
}

uint64_t
stream_taken(const struct stream *s)
{
	return (s->taken);
}

uint64_t
stream_size(const struct stream *s)
{
	return (s->bytes);
}

const char *
stream_error(const struct stream *s)
{
	return (s->error == NULL ? "no error" : s->error);
}
