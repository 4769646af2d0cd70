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
 * How numbers are spread: percentiles of any many of them, in a fixed room.
 * Numbers below 256 are counted each, larger ones in 128 buckets for each
 * power of two; what is told is the middle of a bucket, at most 0.4 % off.
 * The least, the greatest and the mean are exact.
 */

#ifndef PERCENTILE_H
#define PERCENTILE_H

#include <stdint.h>

#define PERCENTILE_BUCKETS (256 + 56 * 128)

struct percentile {
	uint64_t n;
	uint64_t min, max; /* if n is not 0 */
	uint64_t sum[2];   /* low and high half */
	uint64_t count[PERCENTILE_BUCKETS];
};

static inline unsigned int
percentile_bucket(uint64_t v)
{
	int e;

	if (v < 256)
		return ((unsigned int)v);
	e = 63 - __builtin_clzll(v);
	return (256 + (unsigned int)(e - 8) * 128 +
	    (unsigned int)(v >> (e - 7) & 127));
}

/* All zeros is one of no numbers. */
static inline void
percentile_add(struct percentile *p, uint64_t v)
{
	if (p->n++ == 0 || v < p->min)
		p->min = v;
	if (v > p->max)
		p->max = v;
	p->sum[0] += v;
	p->sum[1] += p->sum[0] < v;
	p->count[percentile_bucket(v)]++;
}

/* All that the other one has. */
void percentile_merge(struct percentile *, const struct percentile *);
/* So many of 1000 are not greater; 0 if there are none. */
uint64_t percentile_at(const struct percentile *, unsigned int permille);
double percentile_mean(const struct percentile *);

#endif /* PERCENTILE_H */
