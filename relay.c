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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "relay.h"
#include "store.h"

int
relay_init(struct relay *r)
{
	memset(r, 0, sizeof(*r));
	r->fd = -1;
	return ((r->buf = malloc(RELAY_BUFFER)) == NULL ? -1 : 0);
}

void
relay_clear(struct relay *r)
{
	if (r->fd != -1)
		close(r->fd);
	free(r->buf);
	memset(r, 0, sizeof(*r));
	r->fd = -1;
}

void
relay_set(struct relay *r, int fd)
{
	if (r->fd != -1)
		close(r->fd);
	r->fd = fd;
}

static uint64_t
drop_all(struct relay *r)
{
	uint64_t n = r->waiting;

	r->start = r->end = 0;
	r->waiting = 0;
	return (n);
}

struct relay_done
relay_flush(struct relay *r)
{
	struct relay_done done = {0};
	const uint8_t *rec;
	size_t len;

	while (r->waiting > 0 && r->fd != -1) {
		rec = r->buf + r->start;
		len = STORE_HDRLEN + 4 * (size_t)rec[1];
		if (send(r->fd, rec, len, MSG_DONTWAIT | MSG_NOSIGNAL) == -1) {
			if (errno == EAGAIN || errno == ENOBUFS)
				return (done); /* slow, not gone */
			relay_set(r, -1);
			break;
		}
		r->start += len;
		r->waiting--;
		done.sent++;
	}
	/* Nobody listens, or nothing is left. */
	done.dropped = drop_all(r);
	return (done);
}

struct relay_done
relay_put(struct relay *r, const struct flow *f, uint32_t mask)
{
	struct relay_done done = {0};
	struct wr wr;

	if (r->start > 0 && RELAY_BUFFER - r->end < STORE_WRITEMAX) {
		memmove(r->buf, r->buf + r->start, r->end - r->start);
		r->end -= r->start;
		r->start = 0;
	}
	wr = wr_init(r->buf + r->end, RELAY_BUFFER - r->end);
	if (r->fd == -1 || store_write(&wr, f, mask) != STORE_OK) {
		done.dropped = 1;
		return (done);
	}
	r->end = RELAY_BUFFER - wr.left;
	r->waiting++;
	/* Behind others it waits its turn. */
	return (r->waiting == 1 ? relay_flush(r) : done);
}
