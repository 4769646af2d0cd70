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

#include "query/percentile.h"

void
percentile_merge(struct percentile *p, const struct percentile *other)
{
	unsigned int i;

	if (other->n == 0)
		return;
	if (p->n == 0 || other->min < p->min)
		p->min = other->min;
	if (other->max > p->max)
		p->max = other->max;
	p->n += other->n;
	p->sum[0] += other->sum[0];
	p->sum[1] += other->sum[1] + (p->sum[0] < other->sum[0]);
	for (i = 0; i < PERCENTILE_BUCKETS; i++)
		p->count[i] += other->count[i];
}

/* The middle of a bucket. */
static uint64_t
middle(unsigned int bucket)
{
	unsigned int shift;
	uint64_t from;

	if (bucket < 256)
		return (bucket);
	shift = (bucket - 256) / 128 + 1;
	from = (uint64_t)(128 + (bucket - 256) % 128) << shift;
	return (from + ((uint64_t)1 << shift) / 2);
}

uint64_t
percentile_at(const struct percentile *p, unsigned int permille)
{
	/* Round up: of 10 numbers, half are the first 5. */
	uint64_t rank =
	    p->n / 1000 * permille + (p->n % 1000 * permille + 999) / 1000;
	uint64_t seen = 0, v;
	unsigned int i;

	if (p->n == 0)
		return (0);
	for (i = 0; i < PERCENTILE_BUCKETS - 1; i++)
		if ((seen += p->count[i]) >= rank && seen > 0)
			break;
	v = middle(i);
	return (v < p->min ? p->min : v > p->max ? p->max : v);
}

double
percentile_mean(const struct percentile *p)
{
	if (p->n == 0)
		return (0);
	return (
	    ((double)p->sum[1] * 18446744073709551616.0 + (double)p->sum[0]) /
	    (double)p->n);
}
