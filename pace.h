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
 * How fast datagrams come, and how long it is safe to let them wait.
 */

#ifndef PACE_H
#define PACE_H

#include <stdint.h>

#include "ledger.h"

struct pace {
	int64_t gauged;	   /* ns of the monotonic clock */
	uint64_t received; /* L_RECEIVED then */
	uint64_t bytes;	   /* L_RECEIVED_BYTES then */
	uint64_t rate;	   /* datagrams a second, of late */
	uint64_t fill;	   /* bytes of socket buffer that they take */
};

/* Take the rate, each tenth of a second: now is ns of the monotonic clock. */
void pace_gauge(struct pace *, const struct ledger *, int64_t now);

/*
 * Waking up for each datagram costs more than the datagram: when many come,
 * sleep until a batch of them is there.  Never longer than a quarter of the
 * smallest socket buffer, of `room` bytes, lasts at the rate of late.  Returns
 * how long to sleep, in ns; 0: not at all.
 */
int64_t pace_nap(const struct pace *, uint64_t room);

#endif /* PACE_H */
