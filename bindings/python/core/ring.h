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

/*
 * Datagrams that wait, in so many bytes: the oldest is taken first, and there
 * is no room for the newest when it is full.  Who uses it locks.
 */

#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

#define RING_LEAST ((size_t)128 << 10) /* one of any size fits */
#define RING_MOST ((size_t)64 << 30)

struct waiting {
	int64_t time;
	struct addr from;
	uint16_t port;
	uint32_t len;
	const uint8_t *data; /* the ring's, until the next ring_drop() */
};

struct ring {
	uint8_t *p;
	size_t size;
	size_t first, end; /* of what waits */
	size_t used;	   /* bytes, those left over at the end too */
	uint64_t count;
};

/* 0, or -1: no memory. */
int ring_init(struct ring *, size_t size);
void ring_clear(struct ring *);
bool ring_put(struct ring *, const struct waiting *);
/* The oldest; false: there is none.  It stays. */
bool ring_peek(const struct ring *, struct waiting *);
void ring_drop(struct ring *);

#endif /* RING_H */
