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

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "meter/msgqueue.h"

struct slot {
	uint32_t offset;
	uint32_t len;
	uint32_t records;
};

/*
 * A ring of slots, and a ring of bytes.  A message lies in one piece: one that
 * does not fit behind the newest begins at the front.
 */
struct msgqueue {
	struct slot *slots;
	uint8_t *bytes;
	uint32_t nslots;
	uint32_t nbytes;
	uint32_t head; /* the oldest */
	uint32_t count;
	uint32_t end; /* of the newest */
};

struct msgqueue *
msgqueue_new(uint32_t messages, size_t bytes)
{
	struct msgqueue *q;

	if (messages == 0 || bytes == 0 || bytes > UINT32_MAX ||
	    messages > UINT32_MAX / sizeof(struct slot)) {
		errno = EINVAL;
		return (NULL);
	}
	/* One block; what was never used of it takes no memory. */
	q = calloc(1, sizeof(*q) + messages * sizeof(struct slot) + bytes);
	if (q == NULL)
		return (NULL);
	q->slots = (struct slot *)(void *)(q + 1);
	q->bytes = (uint8_t *)(q->slots + messages);
	q->nslots = messages;
	q->nbytes = (uint32_t)bytes;
	return (q);
}

void
msgqueue_free(struct msgqueue *q)
{
	free(q);
}

/* Where it can go; nbytes: nowhere. */
static uint32_t
place(const struct msgqueue *q, size_t len)
{
	uint32_t begin;

	if (q->count == q->nslots || len > q->nbytes)
		return (q->nbytes);
	/* An empty one begins at the front: the memory there is warm. */
	if (q->count == 0)
		return (0);
	begin = q->slots[q->head].offset;
	if (q->end <= begin)
		return (len <= begin - q->end ? q->end : q->nbytes);
	if (len <= q->nbytes - q->end)
		return (q->end);
	return (len <= begin ? 0 : q->nbytes);
}

bool
msgqueue_fits(const struct msgqueue *q, size_t len)
{
	return (place(q, len) != q->nbytes);
}

int
msgqueue_put(struct msgqueue *q, const uint8_t *data, size_t len,
    uint32_t records)
{
	uint32_t at = place(q, len);
	struct slot *s;

	if (at == q->nbytes)
		return (-1);
	s = &q->slots[(q->head + q->count) % q->nslots];
	s->offset = at;
	s->len = (uint32_t)len;
	s->records = records;
	memcpy(q->bytes + at, data, len);
	q->end = at + (uint32_t)len;
	q->count++;
	return (0);
}

uint32_t
msgqueue_count(const struct msgqueue *q)
{
	return (q->count);
}

struct msg
msgqueue_at(const struct msgqueue *q, uint32_t i)
{
	const struct slot *s = &q->slots[(q->head + i) % q->nslots];
	struct msg m = {q->bytes + s->offset, s->len, s->records};

	return (m);
}

void
msgqueue_pop(struct msgqueue *q)
{
	q->head = (q->head + 1) % q->nslots;
	q->count--;
}
