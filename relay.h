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
 * The log socket: each record to whoever listens there, as it would stand in
 * the log.  The system queues a few datagrams only, so the rest of a burst
 * waits here; who is too slow for that misses records, and never delays the
 * collector.
 */

#ifndef RELAY_H
#define RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"

#define RELAY_BUFFER (256 * 1024) /* bytes */

struct relay {
	int fd; /* connected, or -1 */
	uint8_t *buf;
	size_t start, end; /* what waits */
	uint64_t waiting;  /* records */
};

/* What became of records; they are neither as long as they wait. */
struct relay_done {
	uint64_t sent;
	uint64_t dropped;
};

int relay_init(struct relay *);
void relay_clear(struct relay *);

/* A descriptor from the parent, or -1.  Closes the old. */
void relay_set(struct relay *, int fd);

/* Send a record, or let it wait. */
struct relay_done relay_put(struct relay *, const struct flow *, uint32_t mask);
/* Send what waits, as far as that goes.  fd is -1 when nobody listens. */
struct relay_done relay_flush(struct relay *);

#endif /* RELAY_H */
