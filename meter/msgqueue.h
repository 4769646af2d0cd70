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
 * Messages that wait, in the order they came: copies, in one block of memory
 * that is made once.
 */

#ifndef METER_MSGQUEUE_H
#define METER_MSGQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest: what IPFIX over TCP can say. */
#define MSG_LEN_MAX 65535

struct msg {
	const uint8_t *data; /* borrowed until it is popped */
	uint32_t len;
	uint32_t records;
};

struct msgqueue;

/*
 * At most so many messages, and bytes of them.  NULL with errno: EINVAL for
 * none, or more than 4 GiB.
 */
struct msgqueue *msgqueue_new(uint32_t messages, size_t bytes);
void msgqueue_free(struct msgqueue *);

/* Copy it to the end.  0, or -1: no room, pop some; ever, if it is empty. */
int msgqueue_put(struct msgqueue *, const uint8_t *, size_t len,
    uint32_t records);
/* Would it fit? */
bool msgqueue_fits(const struct msgqueue *, size_t len);
uint32_t msgqueue_count(const struct msgqueue *);
/* Number i from the oldest on, 0; i < count. */
struct msg msgqueue_at(const struct msgqueue *, uint32_t i);
/* Without the oldest; there is one. */
void msgqueue_pop(struct msgqueue *);

#endif /* METER_MSGQUEUE_H */
