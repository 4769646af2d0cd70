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
 * How many messages may go now, so that no second has more than its share and
 * no moment more than a few.
 */

#ifndef METER_PACER_H
#define METER_PACER_H

#include <stdint.h>

#define PACER_BURST 24 /* at once; or what a millisecond has, if less */

struct pacer {
	uint32_t rate; /* a second; 0: any */
	uint32_t burst;
	uint32_t odd;  /* of the next one's time: rate-ths of a ns */
	int64_t due;   /* ns: when the next one would go, were they even */
	int64_t slack; /* how much earlier it may go */
};

void pacer_init(struct pacer *, uint32_t rate);
/*
 * How many may go at `now` (monotonic, ns): all `max`, or a burst if that is
 * less, or else none: a few at a time cost more.
 */
uint32_t pacer_allows(const struct pacer *, int64_t now, uint32_t max);
/* So many went. */
void pacer_spend(struct pacer *, int64_t now, uint32_t n);
/* When so many may go, or a burst if that is less. */
int64_t pacer_next(const struct pacer *, uint32_t n);

#endif /* METER_PACER_H */
